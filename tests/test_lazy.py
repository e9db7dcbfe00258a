import pytest

import sicgrid
import sicgrid.analysis
from sicgrid._lazy import lazy_names


def test_a_name_is_the_one_of_its_file_and_asked_for_once():
    from sicgrid.analysis.maps import rate_maps

    assert sicgrid.analysis.rate_maps is rate_maps
    assert vars(sicgrid.analysis)["rate_maps"] is rate_maps
    assert sicgrid.analysis.synthetic_cells.__name__ == "sicgrid.analysis.synthetic_cells"


def test_a_door_lists_its_names_and_no_others():
    assert {"RateMaps", "rate_maps", "synthetic_cells"} <= set(dir(sicgrid.analysis))
    assert {"TYPE_CHECKING", "lazy_names"}.isdisjoint(dir(sicgrid.analysis))
    assert {"VelocityRNN", "UserError", "train", "__version__", "analysis", "losses"} <= set(dir(sicgrid))


def test_other_names_are_told_as_python_does():
    with pytest.raises(AttributeError, match=r"module 'sicgrid.analysis' has no attribute 'rate_map'"):
        sicgrid.analysis.rate_map  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'rate_map'"):
        from sicgrid.analysis import rate_map  # noqa: F401


def test_names_that_have_left_are_answered_and_not_listed():
    asked, listed = lazy_names("sicgrid.analysis", {"SICLoss": "..losses", "Loss": "..losses:SICLoss"})
    try:
        assert asked("SICLoss") is asked("Loss") is sicgrid.SICLoss
        assert {"SICLoss", "Loss"}.isdisjoint(listed())
    finally:
        del sicgrid.analysis.SICLoss, sicgrid.analysis.Loss


def test_a_star_brings_all_names_and_a_wing_is_there_unasked():
    brought = {}
    exec("from sicgrid.analysis import *", brought)
    assert {"RateMaps", "rate_maps", "synthetic_cells"} <= set(brought)
    assert "lazy_names" not in brought
    assert lazy_names("sicgrid.analysis")[0]("maps").__name__ == "sicgrid.analysis.maps"
