import numpy as np
import pytest

from figure_words import NOTHING, drawn, only_says_why
from sicgrid import figures


@pytest.mark.parametrize("draw", [figures.phase_squares, figures.phase_planes])
def test_they_can_be_drawn_and_say_why_when_they_are_empty(draw, analyzed):
    phases, modules = analyzed.parts["phases"], analyzed.parts["modules"]
    assert drawn(draw(phases, modules))
    assert only_says_why(draw(NOTHING, modules))
    assert only_says_why(draw(phases, NOTHING))


def test_every_unit_with_a_phase_is_a_dot_in_its_modules_row(analyzed):
    figure = figures.phase_squares(analyzed.parts["phases"], analyzed.parts["modules"])
    assert [len(axes.collections[0].get_offsets()) for axes in figure.axes] == [40] * 3 + [30] * 3


def test_phases_in_space_lie_on_the_planes_drawn(analyzed):
    phase = analyzed.parts["phases"]["phase"].values
    total = phase[analyzed.module_of_unit() == 0].sum(axis=1)
    assert np.abs(np.angle(np.exp(1j * total))).max() < 0.1
    corners = figures.plane_in_cube(2 * np.pi)
    assert np.allclose(np.sort(corners, axis=1), [[0, 0, 2 * np.pi]] * 3)
    hexagon = figures.plane_in_cube(3 * np.pi)
    assert len(hexagon) == 6
    assert np.allclose(hexagon.sum(axis=1), 3 * np.pi)
    sides = np.linalg.norm(hexagon - np.roll(hexagon, 1, axis=0), axis=1)
    assert np.allclose(sides, sides[0])  # corners are in order around it
    assert len(figures.plane_in_cube(7 * np.pi)) == 0
