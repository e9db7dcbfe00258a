import ideal_results as ideal
from figure_words import drawn, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty():
    assert drawn(figures.field_histograms(ideal.fields()))
    assert words(figures.field_histograms(ideal.empty())) == [ideal.REASON]


def test_each_unit_is_counted_once():
    left, right = figures.field_histograms(ideal.fields()).axes
    for axes in (left, right):
        assert sum(patch.get_height() for patch in axes.patches) == 70
    assert {round(patch.get_x() + 0.5) for patch in left.patches if patch.get_height()} == {7, 20}
