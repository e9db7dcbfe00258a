import numpy as np

import ideal_results as ideal
from figure_words import drawn, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty():
    assert drawn(figures.state_distance(ideal.generalization()))
    assert words(figures.state_distance(ideal.empty())) == [ideal.REASON]


def test_the_median_drawn_is_that_of_the_arena_asked_for():
    for index, side in enumerate((2.0, 3.0, 4.0)):
        axes = figures.state_distance(ideal.generalization(), arena=side).axes[0]
        median = ideal.generalization()["median"].values[index]
        assert np.array_equal(axes.lines[0].get_ydata(), median[np.isfinite(median)])
    largest = figures.state_distance(ideal.generalization()).axes[0].lines[0].get_ydata()
    assert np.array_equal(largest, axes.lines[0].get_ydata())
