import numpy as np

from figure_words import NOTHING, drawn, only_says_why
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.field_histograms(analyzed.parts["fields"]))
    assert only_says_why(figures.field_histograms(NOTHING))


def test_each_unit_is_counted_once(analyzed):
    left, right = figures.field_histograms(analyzed.parts["fields"]).axes
    for axes in (left, right):
        assert sum(patch.get_height() for patch in axes.patches) == 70
    shown = {round(patch.get_x() + 0.5): patch.get_height() for patch in left.patches if patch.get_height()}
    counts, units = np.unique(analyzed.parts["fields"]["field_count"].values[:70], return_counts=True)
    assert shown == dict(zip(counts, units, strict=True))
