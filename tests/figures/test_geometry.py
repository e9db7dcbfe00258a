import numpy as np

from figure_words import NOTHING, drawn, only_says_why
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.metric_maps(analyzed.parts["geometry"]))
    assert only_says_why(figures.metric_maps(NOTHING))


def test_x_points_right_and_y_up(analyzed):
    part = analyzed.parts["geometry"]
    slope = part.assign(trace=part["x"] + 0 * part["y"])
    shown = np.asarray(figures.metric_maps(slope).axes[0].collections[0].get_array())
    assert (np.diff(shown, axis=1) > 0).all()
    assert np.ptp(shown, axis=0).max() == 0
