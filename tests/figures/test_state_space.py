import numpy as np
import pytest

import ideal_results as ideal
from figure_words import drawn, words
from sicgrid import figures


@pytest.mark.parametrize("draw", [figures.torus_embedding, figures.rings, figures.variance_explained])
def test_they_can_be_drawn_and_say_why_when_they_are_empty(draw):
    assert drawn(draw(ideal.state_space()))
    assert words(draw(ideal.empty())) == [ideal.REASON]


def test_rings_say_how_well_the_angle_is_the_phase():
    said = words(figures.rings(ideal.state_space()))
    for wave, value in enumerate(ideal.state_space()["coherence"].values[0]):
        assert f"φ{wave + 1}\n{value:.2f}" in said


def test_the_flat_cell_is_the_lattice_s_own_and_holds_every_state():
    """Its area is that of the lattice's cell, and states lie where phases 1 and 2 say, between its edges."""
    figure = figures.unit_cell(ideal.state_space(), ideal.BASES[1], module=1)
    assert drawn(figure)
    assert [text for text in words(figure) if text] == ["color: φ1", "color: φ2", "color: φ3"]
    axes = figure.axes[0]
    corners = np.stack(axes.lines[0].get_data(), axis=1)
    edges = np.array([corners[1] - corners[0], corners[3] - corners[0]])
    assert abs(np.linalg.det(edges)) == pytest.approx(abs(np.linalg.det(ideal.BASES[1])))
    multiples = edges @ np.linalg.inv(ideal.BASES[1])
    np.testing.assert_allclose(multiples, np.rint(multiples), atol=1e-9)
    inside = np.asarray(axes.collections[0].get_offsets()) @ np.linalg.inv(edges)
    assert (inside >= 0).all()
    assert (inside <= 1).all()
    phases = ideal.state_space()["point_phase"].values[1] / (2 * np.pi) % 1
    np.testing.assert_allclose(inside, phases[:, :2], atol=1e-9)
    assert words(figures.unit_cell(ideal.empty(), ideal.BASES[1])) == [ideal.REASON]


def test_the_picture_of_a_module_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="module must be one of 0 to 1, got 2"):
        figures.torus_embedding(ideal.state_space(), module=2)


def test_phase_colors_close_the_circle_and_differ_across_it():
    colors = figures.phase_colormap().colors
    step = np.linalg.norm(np.diff([*colors, colors[0]], axis=0), axis=1)
    assert step.max() < 0.05
    assert np.linalg.norm(colors - np.roll(colors, 128, axis=0), axis=1).min() > 0.3
