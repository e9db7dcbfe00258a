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


def test_the_picture_of_a_module_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="module must be one of 0 to 1, got 2"):
        figures.torus_embedding(ideal.state_space(), module=2)


def test_phase_colors_close_the_circle_and_differ_across_it():
    colors = figures.phase_colormap().colors
    step = np.linalg.norm(np.diff([*colors, colors[0]], axis=0), axis=1)
    assert step.max() < 0.05
    assert np.linalg.norm(colors - np.roll(colors, 128, axis=0), axis=1).min() > 0.3
