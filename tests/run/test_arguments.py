"""What a run is made with, as users give it."""

from pathlib import Path

import numpy as np
import pytest

from sicgrid.experiment import EvaluationConfig, RunConfig
from sicgrid.run._arguments import folder, listed, number_of, part_names, run_config, settings_of
from sicgrid.storage import UserError


@pytest.mark.parametrize("value", ["runs/a", Path("runs/a")])
def test_a_folder_is_a_path(value):
    assert folder("out", value) == Path("runs/a")


@pytest.mark.parametrize("value", [None, 3, "", b"runs", ["a"]])
def test_what_is_no_path_is_told_by_its_name(value):
    with pytest.raises(UserError, match="out must be a folder, as text or a Path, got "):
        folder("out", value)


@pytest.mark.parametrize(
    "arenas", [2, 2.0, (2,), [2.0], np.float32(2), np.int64(2), np.array([2.0]), np.array(2.0)], ids=repr
)
def test_one_box_or_several(arenas):
    assert run_config(None, arenas, (3.0,)).evaluation.arenas == (2.0,)


@pytest.mark.parametrize("arenas", [(), "a", {2.0}, 2j, [[2, 3]], True, float("nan"), [2, 2], object()])
def test_boxes_that_are_none_are_refused(arenas):
    with pytest.raises(UserError, match=r"evaluation\.arenas"):
        run_config(None, arenas, (3.0,))


def test_boxes_of_the_settings_stand_where_none_are_given():
    assert run_config({}, None, (3.0,)).evaluation.arenas == (3.0,)
    assert run_config({"evaluation": {"arenas": [1.5]}}, None, (3.0,)).evaluation.arenas == (1.5,)
    assert run_config({"evaluation": {"arenas": [1.5]}}, 2, (3.0,)).evaluation.arenas == (2.0,)


def test_configs_are_settings_by_what_was_set_in_them():
    config = run_config(RunConfig(seed=3, evaluation={"walk": {"steps": 50}}), None, (3.0,))
    assert (config.seed, config.evaluation.walk.steps, config.evaluation.arenas) == (3, 50, (3.0,))
    assert run_config({"evaluation": EvaluationConfig(arenas=(1.5,))}, None, (3.0,)).evaluation.arenas == (1.5,)
    assert settings_of(RunConfig(seed=3)) == {"seed": 3}


@pytest.mark.parametrize("settings", ["a", 3, [1]])
def test_settings_are_a_dict(settings):
    with pytest.raises(UserError, match=r"settings must be a dict, as of a run's config\.yaml, got "):
        run_config(settings, None, (3.0,))


def test_parts_lists_and_numbers():
    assert part_names(None) == ()
    assert part_names("units") == ("units",)
    assert part_names(["units", "modules"]) == ("units", "modules")
    assert listed("seeds", np.arange(2)) == [0, 1]
    assert number_of("processes", np.int64(2)) == 2
    for only in (3, [3]):
        with pytest.raises(UserError, match="only must be names of parts"):
            part_names(only)
    for names in ("noise", 3, None, {"noise": 1}):
        with pytest.raises(UserError, match="names must be a list"):
            listed("names", names)
    for processes in (-1, "x", 1.5, True, None):
        with pytest.raises(UserError, match="processes must be 0 or more, a whole number"):
            number_of("processes", processes)
