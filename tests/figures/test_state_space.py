import numpy as np
import pytest

from figure_words import NOTHING, drawn, only_says_why, words
from sicgrid import figures
from two_modules import BASES


@pytest.mark.parametrize("draw", [figures.torus_embedding, figures.rings, figures.variance_explained])
def test_they_can_be_drawn_and_say_why_when_they_are_empty(draw, analyzed):
    assert drawn(draw(analyzed.parts["state_space"]))
    assert only_says_why(draw(NOTHING))


def test_rings_say_how_well_the_angle_is_the_phase(analyzed):
    part = analyzed.parts["state_space"]
    said = words(figures.rings(part))
    for wave, value in enumerate(part["coherence"].values[0]):
        assert value > 0.95
        assert f"φ{wave + 1}\n{value:.2f}" in said


def test_the_flat_cell_is_the_lattice_s_own_and_holds_every_state(analyzed):
    """Its area is that of the lattice's cell, and states lie where phases 1 and 2 say, between its edges."""
    part, basis = analyzed.parts["state_space"], analyzed.parts["modules"]["basis_m"].values[1]
    figure = figures.unit_cell(part, basis, module=1)
    assert drawn(figure)
    assert [text for text in words(figure) if text] == ["color: φ1", "color: φ2", "color: φ3"]
    axes = figure.axes[0]
    corners = np.stack(axes.lines[0].get_data(), axis=1)
    edges = np.array([corners[1] - corners[0], corners[3] - corners[0]])
    assert abs(np.linalg.det(edges)) == pytest.approx(abs(np.linalg.det(basis)))
    assert abs(np.linalg.det(edges)) == pytest.approx(abs(np.linalg.det(BASES[1])), rel=0.02)
    multiples = edges @ np.linalg.inv(basis)
    np.testing.assert_allclose(multiples, np.rint(multiples), atol=1e-9)
    inside = np.asarray(axes.collections[0].get_offsets()) @ np.linalg.inv(edges)
    assert (inside >= 0).all()
    assert (inside <= 1).all()
    phases = part["point_phase"].values[1] / (2 * np.pi) % 1
    np.testing.assert_allclose(inside, phases[:, :2], atol=1e-9)
    assert only_says_why(figures.unit_cell(NOTHING, basis))


def test_the_picture_of_a_module_that_is_not_there_is_refused(analyzed):
    with pytest.raises(ValueError, match="module must be one of 0 to 1, got 2"):
        figures.torus_embedding(analyzed.parts["state_space"], module=2)


def test_phase_colors_close_the_circle_and_differ_across_it():
    colors = figures.phase_colormap().colors
    step = np.linalg.norm(np.diff([*colors, colors[0]], axis=0), axis=1)
    assert step.max() < 0.05
    assert np.linalg.norm(colors - np.roll(colors, 128, axis=0), axis=1).min() > 0.3
