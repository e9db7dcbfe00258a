import numpy as np
import pytest

from figure_words import drawn, words
from sicgrid.figures import index_ladder

EDGES = np.linspace(-1, 1, 21)
INDEX = np.array([1, 1, 3, 9, 0, 3])
SPACING = np.array([1.2, 1.2, 0.69, 0.4, np.nan, 0.69])
ANGLE = np.array([10.0, 10.0, 40.0, 10.0, np.nan, 40.0])


def figure(**changed):
    maps = np.random.default_rng(0).random((6, 20, 20))
    given = {"index": INDEX, "spacing_m": SPACING, "orientation_deg": ANGLE} | changed
    return index_ladder(maps, EDGES, EDGES, **given)


def test_a_row_for_each_index_and_a_rung_with_its_angle():
    one = figure()
    assert drawn(one)
    said = words(one)
    for expected in ("Index 1", "Index 3", "Index 9", "1.20 m\n2 units", "0.69 m\n2 units", "0.40 m\n1 unit"):
        assert expected in said
    assert [text for text in said if text.endswith("°")] == ["10°", "40°", "10°"]


def test_the_ladder_holds_every_unit_of_the_module_once():
    ladder = next(axes for axes in figure().axes if axes.get_ylabel() == "spacing (m)")
    line, *rungs = ladder.lines
    assert sorted(np.concatenate([rung.get_xdata() for rung in rungs])) == [1, 1, 3, 3, 9]
    x, y = line.get_data()
    np.testing.assert_allclose(y, 1.2 / np.sqrt(x))


def test_angles_are_averaged_on_their_circle():
    said = words(figure(orientation_deg=np.array([58.0, 4.0, 40.0, 10.0, np.nan, 40.0])))
    assert [text for text in said if text.endswith("°")] == ["1°", "40°", "10°"]


def test_no_unit_with_an_index_and_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        figure(index=np.zeros(6, dtype=int))
    with pytest.raises(ValueError, match="equally long"):
        figure(index=INDEX[:5])
    with pytest.raises(ValueError, match="shown be 1 or more"):
        figure(shown=0)
