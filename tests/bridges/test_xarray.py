"""Datasets as movement makes them, models as neurospatial asks for them."""

import dataclasses

import numpy as np
import pytest
import torch
import xarray as xr

from made_recordings import spiking, walks
from sicgrid._clock import Stretches
from sicgrid.bridges import from_movement, path_dataset, path_models, to_movement
from sicgrid.model import ModelConfig, make_network
from sicgrid.storage import UserError


def test_each_walk_is_an_individual():
    recording = walks()
    dataset = to_movement(recording, step_s=0.5)
    assert dataset["position"].dims == ("time", "space", "keypoint", "individual")
    assert dataset["confidence"].dims == ("time", "keypoint", "individual")
    assert dict(dataset.sizes) == {"time": 20, "space": 2, "keypoint": 1, "individual": 3}
    assert dataset.attrs == {"source_software": "sicgrid", "ds_type": "poses", "fps": 2.0, "time_unit": "seconds"}
    np.testing.assert_array_equal(dataset["time"], 0.5 * np.arange(20))
    second = dataset["position"].sel(individual="walk_1", keypoint="center")
    np.testing.assert_array_equal(second, recording.positions[1])
    assert to_movement(spiking()).attrs["fps"] == pytest.approx(50)


def test_a_gap_in_the_tracking_is_rows_of_nan():
    stretches = Stretches(np.array([0, 10]), np.array([0.0, 0.5]))  # 0.3 s without tracking, 15 frames
    recording = dataclasses.replace(spiking(), stretches=stretches)
    dataset = to_movement(recording)
    path = dataset["position"].values[:, :, 0, 0]
    assert len(path) == 45
    assert np.isnan(path[10:25]).all()
    np.testing.assert_allclose(np.delete(path, np.arange(10, 25), axis=0), recording.positions[0], rtol=1e-6)
    np.testing.assert_allclose(dataset["time"].values[[9, 25]], [0.18, 0.5])


def test_movement_itself_makes_the_same():
    validators = pytest.importorskip("movement.validators.datasets", reason="movement is not installed")
    if "individual" not in validators.ValidPosesInputs.DIM_NAMES:
        pytest.skip("this release of movement has dims in the plural")
    recording = walks()
    theirs = validators.ValidPosesInputs(
        position_array=np.moveaxis(recording.positions.astype(float), 0, -1)[:, :, None],
        fps=2.0,
        individual_names=["walk_0", "walk_1", "walk_2"],
        keypoint_names=["center"],
        source_software="sicgrid",
    ).to_dataset()
    xr.testing.assert_identical(to_movement(recording, step_s=0.5), theirs)


def test_a_path_comes_back():
    path = walks().positions[0]
    arrays = from_movement(path_dataset(path, fps=4))
    np.testing.assert_array_equal(arrays["positions"], path)
    np.testing.assert_array_equal(arrays["times"], np.arange(20) / 4)


def test_plural_dims_and_choices_serve():
    dataset = to_movement(walks(), 0.5)
    plural = dataset.rename({"individual": "individuals", "keypoint": "keypoints"})
    np.testing.assert_array_equal(from_movement(plural, "walk_2")["positions"], walks().positions[2])
    with pytest.raises(UserError, match=r"which individual\? there are walk_0, walk_1, walk_2"):
        from_movement(dataset)
    with pytest.raises(UserError, match="no keypoint 'nose'; there are center"):
        from_movement(dataset, "walk_0", "nose")


def turned(dataset, *, dims=None, space=None, **changed):
    """The dataset with its dims in another order, or the coordinates of space."""
    dataset = dataset if space is None else dataset.sel(space=space)
    return (dataset if dims is None else dataset.transpose(*dims)).assign_attrs(changed)


@pytest.mark.parametrize("dims", [None, ("individual", "space", "keypoint", "time"), ("space", "time", ...)])
@pytest.mark.parametrize("space", [["x", "y"], ["y", "x"]])
def test_dims_and_space_in_any_order(dims, space):
    dataset = turned(to_movement(walks(), 0.5), dims=dims, space=space)
    np.testing.assert_array_equal(from_movement(dataset, "walk_1", "center")["positions"], walks().positions[1])


def test_x_and_y_are_taken_of_three_dimensions_and_names_that_are_numbers_found():
    dataset = to_movement(walks(), 0.5)
    deep = dataset.isel(space=[0, 0, 1]).assign_coords(space=["z", "x", "y"])
    np.testing.assert_array_equal(from_movement(deep, "walk_0")["positions"], walks().positions[0])
    numbered = dataset.assign_coords(individual=[7, 8, 9])
    np.testing.assert_array_equal(from_movement(numbered, 8)["positions"], walks().positions[1])


def test_what_is_chosen_must_be_there_and_time_be_seconds():
    path = path_dataset(walks().positions[0], fps=4)
    with pytest.raises(UserError, match="no keypoint 'nose'; there are none"):
        from_movement(path.isel(keypoint=0, drop=True), keypoint="nose")  # bounding boxes have none
    with pytest.raises(UserError, match="time is in frames"):
        from_movement(path.drop_vars("time"))
    with pytest.raises(UserError, match="time must be numbers, seconds, got timedelta64"):
        from_movement(path.assign_coords(time=np.arange(20).astype("timedelta64[s]")))
    with pytest.raises(UserError, match="space 0, 1"):
        from_movement(path.drop_vars("space"))


def test_what_it_refuses():
    with pytest.raises(UserError, match="time is in frames"):
        from_movement(path_dataset(np.zeros((3, 2))))
    with pytest.raises(UserError, match="variable position is needed"):
        from_movement(xr.Dataset())
    with pytest.raises(UserError, match="dims time and space"):
        from_movement(xr.Dataset({"position": (("time",), np.zeros(3))}))
    with pytest.raises(UserError, match=r"positions must be a path of shape \(time, 2\)"):
        path_dataset(np.zeros((3, 3)))
    with pytest.raises(UserError, match="step_s must be a positive finite number"):
        to_movement(walks(), step_s=-1)
    uneven = spiking()
    uneven.seconds[3] = 0.5
    with pytest.raises(UserError, match="last unequally long"):
        to_movement(uneven)


@pytest.fixture(scope="module")
def models():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = make_network(ModelConfig(units=6, hidden=8, layers=2))
    return network, path_models(network, max_rate=10.0, scale=0.01, origin=(50.0, 50.0), step_m=0.1)


def test_a_unit_answers_as_neurospatial_asks(models):
    network, units = models
    path = np.array([[50.0, 50.0], [60.0, 50.0], [60.0, 55.0]])  # cm
    rates = np.stack([unit.firing_rate(path, times=np.arange(3.0)) for unit in units], axis=1)
    with torch.no_grad():
        first = network.initial_state[None]
        second = network.step(first, torch.tensor([[0.1, 0.0]]))
        third = network.step(second, torch.tensor([[0.0, 0.05]]))
    states = torch.cat([first, second, third]).numpy()
    np.testing.assert_allclose(rates, 10 * states / units[0]._walk.follower.peak, atol=1e-4)
    assert units[2].ground_truth == {"unit": 2, "max_rate": 10.0, "scale": 0.01, "origin": [50.0, 50.0]}


def test_it_is_a_model_of_neurospatial(models):
    base = pytest.importorskip("neurospatial.simulation.models.base", reason="neurospatial is not installed")
    assert isinstance(models[1][0], base.NeuralModel)


def test_models_refuse_what_is_no_path(models):
    unit = models[1][0]
    with pytest.raises(UserError, match="a path of shape"):
        unit.firing_rate(np.zeros((3, 3)))
    with pytest.raises(UserError, match="times must be one for each of 3 positions"):
        unit.firing_rate(np.zeros((3, 2)), np.zeros(2))
    with pytest.raises(UserError, match="origin must be a place"):
        path_models(models[0], origin=(1.0,))
    with pytest.raises(UserError, match="max_rate must be"):
        path_models(models[0], max_rate=float("inf"))
