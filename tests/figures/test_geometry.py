import numpy as np

import ideal_results as ideal
from figure_words import drawn, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty():
    assert drawn(figures.metric_maps(ideal.geometry()))
    assert words(figures.metric_maps(ideal.empty())) == [ideal.REASON]


def test_x_points_right_and_y_up():
    slope = ideal.geometry().assign(trace=ideal.geometry()["x"] + 0 * ideal.geometry()["y"])
    shown = np.asarray(figures.metric_maps(slope).axes[0].collections[0].get_array())
    assert (np.diff(shown, axis=1) > 0).all()
    assert np.ptp(shown, axis=0).max() == 0
