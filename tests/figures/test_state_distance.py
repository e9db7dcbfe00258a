import numpy as np

from figure_words import NOTHING, drawn, only_says_why
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.state_distance(analyzed.parts["generalization"]))
    assert only_says_why(figures.state_distance(NOTHING))


def test_without_a_training_nothing_is_said_of_its_reach(analyzed):
    part = analyzed.parts["generalization"]
    assert "training_cumulative" not in part
    trained = part.assign(training_cumulative=("distance", np.linspace(0, 1, part.sizes["distance"])))
    without, beside = ([axes.get_ylabel() for axes in figures.state_distance(each).axes] for each in (part, trained))
    assert without == ["d(g(0), g(x))", "density / column's peak"]
    assert "% of training\nwithin" in beside


def test_the_median_drawn_is_that_of_the_arena_asked_for(analyzed):
    part = analyzed.parts["generalization"]
    assert part["arena"].values.tolist() == [2.0, 2.4, 3.0]
    for side, median in zip(part["arena"].values, part["median"].values, strict=True):
        axes = figures.state_distance(part, arena=side).axes[0]
        assert np.array_equal(axes.lines[0].get_ydata(), median[np.isfinite(median)])
    largest = figures.state_distance(part).axes[0].lines[0].get_ydata()
    assert np.array_equal(largest, axes.lines[0].get_ydata())
