import numpy as np

from figure_words import NOTHING, drawn, only_says_why
from sicgrid import figures


def test_they_can_be_drawn_and_say_why_when_they_are_empty(analyzed):
    assert drawn(figures.error_correction_curves(analyzed.parts["error_correction"]))
    assert drawn(figures.intrinsic_correction_curves(analyzed.parts["intrinsic_correction"]))
    for draw in (figures.error_correction_curves, figures.intrinsic_correction_curves):
        assert only_says_why(draw(NOTHING))


def test_each_channel_has_its_own_levels(analyzed):
    part = analyzed.parts["error_correction"]
    row = figures.error_correction_curves(part).axes[:3]
    for axes, levels in zip(row, part["levels"].values, strict=True):
        assert np.array_equal(axes.lines[0].get_xdata(), levels[np.isfinite(levels)])
    assert [axes.get_title("left") for axes in row] == ["Noise", "Units lost", "Coarse values"]


def test_a_disturbance_is_followed_at_every_level(analyzed):
    axes = figures.intrinsic_correction_curves(analyzed.parts["intrinsic_correction"]).axes[0]
    assert [line.get_label() for line in axes.lines] == ["0.02", "0.05", "0.1", "0.2", "none"]
