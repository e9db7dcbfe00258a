"""What a bridge is given is checked at its door."""

import numpy as np
import pytest

from made_recordings import walks
from sicgrid.analysis import rate_maps
from sicgrid.bridges import path_dataset, path_models, to_movement, to_pynapple, tuning_curves
from sicgrid.bridges._arguments import finite, one_each, path, place, positive
from sicgrid.storage import UserError


@pytest.mark.parametrize("number", [np.int64(2), np.float32(2), 2])
def test_numbers_of_any_library_are_numbers(number):
    assert positive("fps", number) == finite("fps", number) == 2.0


@pytest.mark.parametrize("number", [True, "2", None, [2], np.array([1, 2]), float("nan"), np.inf, 2j])
def test_what_is_no_finite_number_is_refused(number):
    with pytest.raises(UserError, match="fps must be a finite number, got "):
        finite("fps", number)
    with pytest.raises(UserError, match="fps must be a positive finite number, got "):
        positive("fps", number)


@pytest.mark.parametrize("number", [0, -1.0])
def test_what_is_not_positive_is_refused(number):
    assert finite("alpha", number) == number
    with pytest.raises(UserError, match="fps must be a positive finite number"):
        positive("fps", number)


def test_places_and_paths():
    assert place("origin", (1, 2)).tolist() == [1, 2]
    assert np.isnan(path("positions", [[1, 2], [np.nan, 3]], missing=True)[1, 0])
    assert one_each("rates", [1, 2], 2, "units").tolist() == [1, 2]
    with pytest.raises(UserError, match="finite, a path of shape"):
        path("positions", [[1, 2], [np.nan, 3]])


@pytest.mark.parametrize("wrong", ["middle", [[1, 2], [3]], object(), (1, "a"), None, 3])
def test_every_bridge_names_the_argument(wrong):
    maps = rate_maps([[0.1, 0.1], [0.9, 0.9]], [[2.0], [1.0]], [0.0, 0.5, 1.0])
    unit = path_models("quick")[0]
    calls = {
        "origin must be a place, two finite numbers": lambda: path_models("quick", origin=wrong),
        "positions must be a path of shape": lambda: path_dataset(wrong),
        "positions must be finite, a path": lambda: unit.firing_rate(wrong),
        "times must be one for each of 2": lambda: unit.firing_rate(np.zeros((2, 2)), wrong or 3),
        "rates must be one for each of 1": lambda: tuning_curves(maps, rates=wrong or 3),
        "fs must be a positive": lambda: tuning_curves(maps, fs=wrong if wrong != 3 else -3),
        "step_s must be a positive": lambda: to_movement(walks(), wrong if wrong != 3 else -3),
        "recording must be a sicgrid.evaluation.Recording": lambda: to_movement(wrong),
    }
    for says, call in calls.items():
        with pytest.raises(UserError, match=f"^{says}.*, got "):
            call()


def test_a_recording_is_needed():
    pytest.importorskip("pynapple", reason="pynapple is not installed (sicgrid[pynapple])")
    with pytest.raises(UserError, match="recording must be a sicgrid"):
        to_pynapple("rat.npz")
