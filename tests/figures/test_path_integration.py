import numpy as np
import pytest

from figure_words import NOTHING, drawn, only_says_why
from sicgrid.figures import path_error_by_box, path_integration_error


def test_error_is_drawn_against_the_walk_with_the_line_of_chance():
    (axes,) = path_integration_error(np.array([50, 100, 150]), np.array([0.1, np.nan, 0.3]), chance=1.0).axes
    curve, chance = axes.lines
    assert curve.get_xydata().tolist() == [[50, 0.1], [150, 0.3]]
    assert chance.get_ydata()[0] == 1.0
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > 1.0


def test_axes_carry_the_names_given():
    figure = path_integration_error(
        np.ones(1), np.ones(1), walked_label="meters walked", error_label="decoding error (m)"
    )
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("meters walked", "decoding error (m)")


def test_without_a_comparison_the_figure_says_so():
    (axes,) = path_integration_error(np.array([1.0, 2.0]), np.full(2, np.nan)).axes
    assert "no equal places" in axes.texts[0].get_text()


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="equally long"):
        path_integration_error(np.ones(2), np.ones(3))


def test_error_by_box_can_be_drawn_and_says_why_when_it_is_empty(analyzed):
    assert drawn(path_error_by_box(analyzed.parts["generalization"]))
    assert only_says_why(path_error_by_box(NOTHING))
