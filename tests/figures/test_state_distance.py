import numpy as np

from figure_words import NOTHING, drawn, only_says_why
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.state_distance(analyzed.parts["generalization"]))
    assert only_says_why(figures.state_distance(NOTHING))


def test_the_median_drawn_is_that_of_the_arena_asked_for(analyzed):
    part = analyzed.parts["generalization"]
    assert part["arena"].values.tolist() == [2.0, 2.4, 3.0]
    for side, median in zip(part["arena"].values, part["median"].values, strict=True):
        axes = figures.state_distance(part, arena=side).axes[0]
        assert np.array_equal(axes.lines[0].get_ydata(), median[np.isfinite(median)])
    largest = figures.state_distance(part).axes[0].lines[0].get_ydata()
    assert np.array_equal(largest, axes.lines[0].get_ydata())
