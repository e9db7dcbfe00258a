import ideal_results as ideal
from figure_words import drawn, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty():
    assert drawn(figures.unique_range_curves(ideal.unique_range()))
    assert words(figures.unique_range_curves(ideal.empty())) == [ideal.REASON]


def test_a_range_beyond_the_box_is_marked_as_open():
    figure = figures.unique_range_curves(ideal.unique_range())
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]
    beyond = ideal.unique_range()["at_least"].values.sum() + ideal.unique_range()["ideal_at_least"].values.sum()
    assert len(arrows) == beyond > 0
