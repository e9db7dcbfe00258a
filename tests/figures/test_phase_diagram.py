import numpy as np
import pytest

from figure_words import drawn, words
from sicgrid import figures


def draw(values, **more):
    labels = {"x": ["0.2", "0.4", "0.6"], "y": ["0", "1"], "x_label": "sigma", "y_label": "weight", "title": "Modules"}
    return figures.phase_diagram(np.array(values), **(labels | more))


def test_every_cell_holds_its_number_where_its_settings_are():
    figure = draw([[1.0, 2.0, 3.0], [np.nan, -5.0, 6.0]], digits=1)
    assert drawn(figure)
    cells = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert cells == {(0, 0): "1.0", (1, 0): "2.0", (2, 0): "3.0", (0, 1): "–", (1, 1): "−5.0", (2, 1): "6.0"}
    assert {"sigma", "weight", "Modules"} <= set(words(figure))
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["0.2", "0.4", "0.6"]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["0", "1"]


def test_numbers_are_light_on_dark_cells_and_dark_on_bright_ones():
    low, high = (draw([[0.0, 1.0, 0.0]], y=["0"]).axes[0].texts[k].get_color() for k in (0, 1))
    assert (low, high) == ("#ffffff", "#101010")


@pytest.mark.parametrize("values", [np.full((2, 3), np.nan), np.full((2, 3), 4.0)])
def test_nothing_known_and_all_the_same_can_be_drawn(values):
    assert drawn(draw(values))


def test_values_must_be_one_a_cell():
    with pytest.raises(ValueError, match=r"\(2, 3\).*got shape \(3, 2\)"):
        draw(np.ones((3, 2)))
