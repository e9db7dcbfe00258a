import numpy as np
import pytest

from figure_words import NOTHING, drawn, only_says_why, words
from sicgrid import figures


def test_it_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(figures.box_stability(analyzed.parts["generalization"]))
    assert only_says_why(figures.box_stability(NOTHING))


def test_one_box_has_nothing_to_compare(analyzed):
    alone = analyzed.parts["generalization"].isel(arena=[0])
    assert words(figures.box_stability(alone))[:2] == ["only one box was recorded"] * 2


def test_boxes_are_drawn_to_one_scale(analyzed):
    boxes = {side: analyzed.boxes[side] for side in (2.0, 3.0)}
    figure = figures.box_rate_maps(boxes, np.array([0, 50]))
    widths = {tuple(axes.get_xlim()) for axes in figure.axes if axes.images}
    assert widths == {(-1.5, 1.5)}
    assert {"2 m", "3 m", "unit 0", "unit 50", "0.5 m"} <= set(words(figure))
    with pytest.raises(ValueError, match="units must be"):
        figures.box_rate_maps(boxes, np.array([71]))
    with pytest.raises(ValueError, match="at least one box"):
        figures.box_rate_maps({}, np.array([0]))
