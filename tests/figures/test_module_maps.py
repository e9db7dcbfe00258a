import numpy as np
import pytest

from sicgrid.figures import module_rate_maps


def texts(figure):
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    return found + [axes.get_title() for axes in figure.axes]


def drawn(results, **changed):
    maps = results.maps
    modules = {"module_of_unit": results.module_of_unit(), "spacing_m": results.module_spacings()} | changed
    return module_rate_maps(maps.maps, maps.x_edges, maps.y_edges, **modules)


def test_a_row_a_module_with_its_spacing_and_size(analyzed):
    said = texts(drawn(analyzed))
    for expected in ("Module 1", "0.45 m\n40 units", "Module 2", "0.80 m\n30 units", "0.5 m"):
        assert expected in said
    assert "No module" not in said  # the one unit of no module is silent


def test_active_units_of_no_module_have_a_row_of_their_own(analyzed):
    members = analyzed.module_of_unit().copy()
    members[:3] = -1
    assert "No module" in texts(drawn(analyzed, module_of_unit=members))


def test_a_row_goes_from_the_highest_score_to_the_lowest(analyzed):
    score = np.arange(71) / 100
    titles = [axes.get_title() for axes in drawn(analyzed, grid_score=score, shown=6).axes if axes.get_title()]
    assert titles == ["0.39", "0.31", "0.23", "0.16", "0.08", "0.00", "0.69", "0.63", "0.57", "0.52", "0.46", "0.40"]


def test_nothing_active_is_refused(analyzed):
    maps = analyzed.maps
    with pytest.raises(ValueError, match="no active unit"):
        module_rate_maps(
            0 * maps.maps, maps.x_edges, maps.y_edges, module_of_unit=np.full(71, -1), spacing_m=np.zeros(0)
        )
