from figure_words import NOTHING, drawn, only_says_why
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.unique_range_curves(analyzed.parts["unique_range"]))
    assert only_says_why(figures.unique_range_curves(NOTHING))


def test_a_range_beyond_the_box_is_marked_as_open(analyzed):
    part = analyzed.parts["unique_range"]
    figure = figures.unique_range_curves(part)
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]
    beyond = part["at_least"].values.sum() + part["ideal_at_least"].values.sum()
    assert len(arrows) == beyond > 0
