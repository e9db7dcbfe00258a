"""The front door: external network, code and recording as a run, and what is refused at it."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

import own_systems as own
from sicgrid import Run, VelocityRNN
from sicgrid.experiment import load_run_recording
from sicgrid.findings import FINDINGS, read_results
from sicgrid.findings._paths_said import not_walked
from sicgrid.report._cards import is_signed
from sicgrid.storage import UserError, open_run
from small_runs import grid_module

PARTS = ("units", "modules", "generalization", "intrinsic_correction")


def settings(**analysis):
    return {**own.FEW, "analysis": {**own.FEW["analysis"], **analysis}}


@pytest.fixture(scope="module")
def network_run(tmp_path_factory):
    """The twisted torus in two boxes, analyzed."""
    out = tmp_path_factory.mktemp("own") / "torus"
    run = Run.from_network(own.twisted_step, own.TWISTED_START, out, arenas=(1.5, 2.0), name="torus", settings=own.FEW)
    return run.analyze(only=PARTS)


@pytest.fixture(scope="module")
def code_run(tmp_path_factory):
    """Sixteen grid cells as a function of place, analyzed."""
    return Run.from_code(
        own.grid_code, tmp_path_factory.mktemp("own") / "code", arenas=(1.5,), settings=own.FEW
    ).analyze(only=PARTS)


@pytest.fixture(scope="module")
def path():
    """(5000, 2) positions in a box of 1.2 m, the origin at a corner."""
    steps = np.random.default_rng(0).normal(0, 0.06, (5000, 2))
    return 0.6 - np.abs(np.mod(np.cumsum(steps, axis=0), 2.4) - 1.2) + 0.6


# ---- a network of one's own -----------------------------------------------------------------------------------------


def test_a_network_walks_the_boxes_and_is_judged_as_ours_are(network_run):
    summary = network_run.summary
    assert [module["spacing_m"] for module in summary["modules"]] == pytest.approx([own.SPACING], rel=0.02)
    assert list(summary["arenas"]) == ["1.5", "2"]
    evaluation = json.loads((network_run.path / "evaluation.json").read_text())
    here = evaluation["arenas"]["1.5"]
    assert summary["path_integration_error"] == here["path_integration_error"]
    errors = network_run["generalization"]["path_integration_error"]
    assert np.isfinite(errors.sel(kind=["smooth", "iid"])).all()
    assert network_run["intrinsic_correction"].attrs.get("reason") is None
    assert summary["claims"] == {}


def test_what_it_holds_comes_as_the_tools_of_the_field_have_it(network_run):
    units, maps = network_run.units, network_run.maps
    assert isinstance(units, pd.DataFrame)
    assert len(units) == 16
    assert isinstance(maps, xr.DataArray)
    assert maps.dims == ("unit", "x", "y")
    assert maps.sizes["unit"] == 16
    assert float(maps.x[0]) == pytest.approx(-0.7)
    assert isinstance(network_run["modules"], xr.Dataset)
    assert "modules" in network_run
    assert "topology" not in network_run
    assert set(network_run) == set(network_run.parts) >= set(PARTS)
    assert len(repr(network_run).splitlines()) <= 10
    assert "0.50 m" in repr(network_run)


def test_its_page_says_what_it_is_and_judges_no_claim(network_run):
    page = network_run.report().read_text()
    assert "a network of one’s own, of 16 units" in page
    for claimed in ("What the paper claims", "does not hold", 'id="training"', "Schaeffer"):
        assert claimed not in page


def test_opened_again_its_results_stand_and_new_ones_ask_for_the_network(network_run):
    events = []
    again = Run.open(network_run.path)
    again.analyze(only=PARTS, on_part=events.append)
    assert {event.state for event in events if event.part in PARTS} == {"up to date"}
    given = Run.open(network_run.path, own.twisted_step, own.TWISTED_START)
    given.analyze(only=PARTS, on_part=events.append)
    assert {event.state for event in events if event.part in PARTS} == {"up to date"}
    with pytest.raises(UserError, match="not the one"):
        Run.open(network_run.path, lambda states, moves: states, own.TWISTED_START).analyze(only=("units",))


def test_without_its_network_a_part_says_so_and_with_it_is_computed(tmp_path):
    made = Run.from_network(own.twisted_step, own.TWISTED_START, tmp_path / "run", arenas=(1.2,), settings=own.FEW)
    part = "intrinsic_correction"
    alone = Run.open(made.path).analyze(only=(part,))
    assert "Run.from_network" in alone[part].attrs["reason"]
    assert "recovered" in made.analyze(only=(part,))[part]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_torch_steps_of_any_precision_and_signed_states(tmp_path, dtype):
    start = torch.tensor([1.0, 1, 1, 0, 0, 0], dtype=dtype)
    run = Run.from_network(own.torch_step, start, tmp_path / "run", arenas=(1.2,), settings=own.FEW)
    run.analyze(only=("fields",))
    assert run.units["active"].all()
    assert np.isnan(run.units["spatial_information"]).all()
    assert run.maps.min() < -0.5
    assert run["fields"].attrs["reason"].startswith("Not applicable")
    assert is_signed(read_results(run.path))


def test_complex_states_are_kept_as_real_and_imaginary_parts(tmp_path):
    start = np.ones(3, dtype=complex)
    run = Run.from_network(own.phasor_step, start, tmp_path / "run", arenas=(1.2,), settings=own.FEW)
    run.analyze(only=("units",))
    assert list(run.units["name"]) == ["0 re", "1 re", "2 re", "0 im", "1 im", "2 im"]
    np.testing.assert_allclose((run.maps.isel(unit=[0, 3]) ** 2).sum("unit").max(), 1, atol=0.1)
    assert any("real parts" in note for note in run.notes)
    # It integrates exactly, so what states of one bin differ by is the bin's size alone.
    walked = json.loads((run.path / "evaluation.json").read_text())["arenas"]["1.2"]
    assert walked["same_place"] == pytest.approx(walked["floor"], rel=0.1)


def test_the_level_from_which_a_unit_is_active_follows_the_scale(tmp_path):
    def small(positions):
        return 1e-6 * own.grid_code(positions)

    run = Run.from_code(small, tmp_path / "run", arenas=(1.5,), settings=own.FEW).analyze(only=("units",))
    assert run.summary["active_units"] == 16
    peaks = run.maps.max(("x", "y"))
    assert run.config.analysis.active_threshold == pytest.approx(0.02 * np.percentile(peaks, 90), rel=1e-2)


# ---- a code ---------------------------------------------------------------------------------------------------------


def test_a_code_has_no_path_integration(code_run):
    assert code_run.summary["path_integration_error"] is None
    assert "Not applicable" in code_run["intrinsic_correction"].attrs["reason"]
    assert np.isnan(code_run["generalization"]["path_integration_error"]).all()
    results = read_results(code_run.path)
    facts = {fact.name: fact for finding in FINDINGS if finding.facts for fact in finding.facts(results)}
    assert facts["Path-integration error"].value == "not applicable"
    assert [module["spacing_m"] for module in code_run.summary["modules"]] == pytest.approx([own.SPACING], rel=0.02)


def test_two_units_are_too_few_and_no_zero(tmp_path):
    run = Run.from_code(lambda x: own.grid_code(x)[:, :2], tmp_path / "two", arenas=(1.2,), settings=own.FEW)
    run.analyze(only=("modules", "periods", "topology", "phases", "fourier", "state_space"))
    for part in ("modules", "periods", "topology", "phases", "fourier", "state_space"):
        assert run[part].attrs["reason"].startswith("Too few units (2)")
    assert run.summary["modules_verdict"].startswith("Too few units (2)")


# ---- a recording ----------------------------------------------------------------------------------------------------


def test_arrays_of_a_recording(tmp_path, path):
    activity = grid_module(path, 0.4, 5)
    run = Run.from_recording(path, activity, tmp_path / "run", box=(0, 1.2, 0, 1.2), settings=settings())
    run.analyze(only=("units",))
    assert run.units["spacing_m"].to_numpy() == pytest.approx(0.4, rel=0.05)
    assert run.kind == "recording"
    assert not_walked(read_results(run.path)).startswith("Not applicable: it takes the paths of two animals")


def test_trials_stay_trials_and_those_of_other_lengths_are_joined(tmp_path, path):
    activity = grid_module(path, 0.4, 4)
    run = Run.from_recording(
        path.reshape(10, 500, 2),
        activity.reshape(10, 500, 4),
        tmp_path / "equal",
        box=(0, 1.2, 0, 1.2),
        settings=own.FEW,
    )
    run.analyze(only=("generalization",))
    assert np.isfinite(run["generalization"]["path_integration_error"].sel(kind="smooth")).all()
    cuts = [700, 2000]
    joined = Run.from_recording(np.split(path, cuts), np.split(activity, cuts), tmp_path / "unequal", settings=own.FEW)
    assert any("joined into one path" in note for note in joined.notes)
    fewer = [activity[:700], activity[700:2000, :3], activity[2000:]]
    with pytest.raises(UserError, match=r"trial 1 .* same units"):
        Run.from_recording(np.split(path, cuts), fewer, tmp_path / "fewer", settings=own.FEW)


def test_labeled_arrays_and_pynapples_objects(tmp_path, path):
    nap = pytest.importorskip("pynapple")
    activity, times = grid_module(path, 0.4, 4), 0.1 * np.arange(len(path))
    box = (0, 1.2, 0, 1.2)
    whole = {"arrays": Run.from_recording(path, activity, tmp_path / "a", times=times, box=box, settings=own.FEW)}
    labeled = xr.DataArray(activity.T, {"unit": list("abcd"), "time": times}, ("unit", "time"))
    place = xr.DataArray(path, {"time": times}, ("time", "space"))
    whole["xarray"] = Run.from_recording(place, labeled, tmp_path / "x", box=box, settings=own.FEW)
    frame = nap.TsdFrame(t=times, d=activity, columns=list("abcd"))
    tracked = nap.TsdFrame(t=times, d=path, columns=["x", "y"])
    whole["pynapple"] = Run.from_recording(tracked, frame, tmp_path / "p", box=box, settings=own.FEW)
    maps = {name: run.analyze(only=("units",)).maps.values for name, run in whole.items()}
    for found in maps.values():
        np.testing.assert_allclose(found, maps["arrays"], rtol=1e-4)
    assert list(whole["xarray"].units["name"]) == list(whole["pynapple"].units["name"]) == list("abcd")
    spikes = {unit: np.sort(np.random.default_rng(unit).uniform(0, times[-1], 400)) for unit in (3, 7)}
    group = nap.TsGroup({unit: nap.Ts(t=when) for unit, when in spikes.items()})
    of_group = Run.from_recording(tracked, group, tmp_path / "s", box=box, settings=own.FEW).analyze(only=("units",))
    of_dict = Run.from_recording(path, spikes, tmp_path / "d", times=times, box=box, settings=own.FEW)
    np.testing.assert_array_equal(of_group.maps, of_dict.analyze(only=("units",)).maps)
    assert list(of_group.units["name"].astype(str)) == ["3", "7"]


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "start", "says"),
    [
        (lambda s, d: s[:, :2], np.ones(4), r"must return the next states, \(batch, n\) = \(8, 4\)"),
        (lambda s, d: s * np.nan, np.ones(4), "NaN or infinity for 8 of 8"),
        (
            lambda s, d: 1e4 * s,
            np.ones(4),
            r"numbers above 3\.4e\+38, too large for single precision for 8 of 8 states",
        ),
        (lambda s, d: 1e4 * s, torch.ones(4).half(), "NaN or infinity for 8 of 8"),
        (lambda s, d: s.double() + 1e5, torch.ones(4).half(), r"numbers above 6\.6e\+04, too large for half precision"),
        (lambda s, d: s, np.full(4, 1e39), r"initial_state must be finite, got numbers above 3\.4e\+38"),
        (lambda s, d: s.astype(str), np.ones(4), "an array of numbers"),
        (lambda s, d: s * 1j, np.ones(4), "complex"),
        (lambda s, d: s, np.ones((4, 4)), r"initial_state must have shape \(n,\)"),
        (lambda s, d: s, np.ones(1), "2 to 10,000"),
        (lambda s, d: s, np.array([1.0, np.nan]), "finite"),
        (lambda s, d: s, None, "needs initial_state"),
        ("no function", np.ones(4), "callable"),
        (torch.nn.RNNCell, np.ones(4), "the class RNNCell is not one yet; make an instance of it"),
        (
            torch.nn.GRUCell(2, 2),
            torch.ones(2),
            "takes states first, and a GRUCell takes them second; give lambda",
        ),
        (VelocityRNN(units=4, hidden=4), np.ones(4), "must be left out: the network, a VelocityRNN, has its own"),
        (lambda s: s, np.ones(4), r"step must be step\(states, displacements\) -> states: too many positional"),
        (lambda s, d: s @ np.ones((5, 4)), np.ones(4), "ValueError: matmul: .* at test_run.py"),
        (lambda s, d: s @ torch.ones(5, 4), torch.ones(4), "RuntimeError: .* at test_run.py"),
        (lambda s, d: s @ torch.eye(4), torch.ones(4).double(), "RuntimeError: .*same dtype"),
        (lambda s, d: {}["w"], np.ones(4), "KeyError: 'w' at test_run.py"),
        (lambda s, d: None, np.ones(4), "step must return an array of numbers, got NoneType"),
        (lambda s, d: np.ma.masked_less(s, 2), np.ones(4), "step must return an array of numbers, got a masked array"),
        (lambda s, d: np.load("no file"), np.ones(4), "FileNotFoundError: .* at test_run.py"),
        (own.Remembers().step, np.ones(4), "walked twice along one path"),
        (lambda s, d: s + d[:, :1] - d.mean(), np.ones(4), "a step of one animal differs from its step among others"),
        (lambda s, d: (s, s.sum()), np.ones(4), "step must return an array of numbers, got a tuple of 2"),
        (
            lambda s, d: [[1.0, 2.0], [3.0]],
            np.ones(4),
            r"step must return an array of numbers, got \[\[1.0, 2.0\], \[3.0\]\]",
        ),
        (lambda s, d: s, [[1, 2], [3]], r"initial_state must be an array of numbers, got \[\[1, 2\], \[3\]\]"),
    ],
)
def test_a_network_that_does_not_serve_is_refused_in_one_line(tmp_path, step, start, says):
    with pytest.raises(UserError, match=says) as refused:
        Run.from_network(step, start, tmp_path / "run", settings=own.FEW)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_a_module_takes_an_array_as_its_initial_state(tmp_path, dtype):
    class Shift(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("weight", torch.ones(2, 4, dtype=dtype))

        def forward(self, states, displacements):
            return torch.tanh(states + displacements @ self.weight)

    run = Run.from_network(Shift(), [0.5] * 4, tmp_path / "run", arenas=1.5, settings=own.FEW)
    assert load_run_recording(open_run(run.path), 1.5).shape[2] == 4
    with pytest.raises(UserError, match="must be an array of numbers"):
        Run.from_network(Shift(), "abc", tmp_path / "other", settings=own.FEW)


def test_a_start_without_its_network_and_parts_that_are_none_are_told(network_run):
    with pytest.raises(UserError, match="initial_state goes with step"):
        Run.open(network_run.path, initial_state=own.TWISTED_START)
    with pytest.raises(UserError, match="only must be names of parts"):
        network_run.analyze(only=3)
    with pytest.raises(UserError, match="processes must be 0 or more"):
        network_run.analyze(only=("units",), processes=-1)


def test_progress_is_shown_where_it_is_asked_for(code_run, capsys):
    told = []
    code_run.analyze(only=PARTS, on_part=told.append)
    assert capsys.readouterr() == ("", "")  # no person looks on
    code_run.analyze(only=PARTS, on_part=told.append, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "up to date: units" in shown.err
    assert [event.part for event in told[: len(told) // 2]] == [event.part for event in told[len(told) // 2 :]]


def test_the_walks_of_a_network_are_shown_where_it_is_asked_for(tmp_path, capsys):
    Run.from_network(own.twisted_step, own.TWISTED_START, tmp_path / "run", arenas=(1.2, 1.0), settings=own.FEW)
    assert capsys.readouterr() == ("", "")
    Run.from_network(
        own.twisted_step, own.TWISTED_START, tmp_path / "told", arenas=(1.2, 1.0), settings=own.FEW, progress=True
    )
    assert "2 of 2 walked the 1 m arena" in capsys.readouterr().err
    Run.from_code(lambda positions: positions, tmp_path / "asked", arenas=(1.2,), settings=own.FEW, progress=True)
    assert "1 of 1 walked the 1.2 m arena" in capsys.readouterr().err


def test_a_box_too_small_to_be_analyzed_is_refused_before_anything_walks(tmp_path):
    def untouched(*_):
        raise AssertionError("it was asked")

    message = r"the 0\.1 m arena cannot be analyzed: arena must be at least 10 bins wide .*, got 0\.1 m"
    with pytest.raises(UserError, match=message):
        Run.from_network(untouched, np.ones(4), tmp_path / "run", arenas=(0.1,))
    with pytest.raises(UserError, match=message):
        Run.from_code(lambda positions: untouched(), tmp_path / "run", arenas=0.1)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (lambda x: x[:5], r"must return \(k, n\)"),
        (lambda: 1, r"code must be code\(positions\) -> activity: too many positional"),
        (lambda x: x[:, 2], "IndexError: .* at test_run.py"),
        (lambda x: np.full((len(x), 3), np.inf), "NaN or infinity"),
        (lambda x: 1e50 * np.sin(x), r"code returned numbers above 3\.4e\+38, too large for single precision at"),
        (lambda x: 1e50j * np.sin(x), "too large for single precision"),
        (lambda x: np.random.default_rng().random((len(x), 3)), "two activities for one list"),
        (lambda x: np.sin(x) - np.sin(x).mean(axis=0), "gave a position another activity among others"),
        (lambda x: (np.sin(x), 1), "code must return an array of numbers, got .array"),
    ],
)
def test_a_code_that_does_not_serve_is_refused(tmp_path, code, says):
    with pytest.raises(UserError, match=says):
        Run.from_code(code, tmp_path / "run", settings=own.FEW)
    assert not (tmp_path / "run").exists()


def test_maps_that_do_not_fit_into_memory_are_refused_before_anything_walks(tmp_path, monkeypatch):
    monkeypatch.setattr("sicgrid.storage._memory.available_memory", lambda: 10**5)
    with pytest.raises(UserError, match="rate maps of 16 units in 20 x 20 bins and what is made of them"):
        Run.from_code(own.grid_code, tmp_path / "run", arenas=(1.5, 2.0), settings=own.FEW)
    with pytest.raises(UserError, match="units in 40 x 40 bins and what is made of them"):
        Run.from_network(own.twisted_step, own.TWISTED_START, tmp_path / "run", arenas=(2.0, 4.0), settings=own.FEW)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("position", "units", "says"),
    [
        (np.zeros((10, 3)), np.zeros((10, 2)), r"positions must have shape \(time, 2\)"),
        (np.zeros((10, 2)), np.zeros((9, 2)), r"activity must have shape \(10, units\)"),
        (np.zeros((2, 5, 2)), np.zeros((5, 3)), "trials"),
        (np.zeros((10, 2)), {"a": np.zeros(3)}, "spikes need times"),
        (np.zeros((2, 5, 2)), {"a": np.zeros(3)}, "trials need activity"),
        ([np.zeros((5, 2)), np.zeros((4, 2))], {"a": np.zeros(3)}, "trials need activity"),
        (np.zeros((10, 2)), {}, "units holds no unit, got an empty dict"),
        (np.zeros((10, 2)), {1: np.zeros(3), "1": np.ones(3)}, "units names '1' twice"),
        (np.zeros((10, 2)), {"a": ["x"]}, "spikes of 'a' must be times in seconds"),
        (np.random.default_rng(0).random((50, 2)), np.ma.masked_less(np.eye(50), 1), "masked"),
        (np.random.default_rng(0).random((50, 2)), np.full((50, 2), np.nan), "finite"),
        (np.random.default_rng(0).random((50, 2)), np.full((50, 2), 1e39), "activity holds numbers above .* 50 of 50"),
    ],
)
def test_a_recording_that_does_not_serve_is_refused(tmp_path, position, units, says):
    with pytest.raises(UserError, match=says):
        Run.from_recording(position, units, tmp_path / "run", settings=own.FEW)
    assert not (tmp_path / "run").exists()


def test_what_is_masked_or_called_y_and_x_is_taken_for_what_it_is(tmp_path, path):
    nap = pytest.importorskip("pynapple")
    activity, times = grid_module(path, 0.4, 4), 0.1 * np.arange(len(path))
    lost = path.copy()
    lost[300:400] = 0.5
    masked = np.ma.masked_array(lost, np.repeat(np.isin(np.arange(len(path)), np.arange(300, 400))[:, None], 2, 1))
    turned = {"time": times, "space": ["y", "x"]}
    whole = {
        "masked": masked,
        "array": path,
        "xarray": xr.DataArray(path[:, ::-1], turned, ("time", "space")),
        "pynapple": nap.TsdFrame(t=times, d=path[:, ::-1], columns=["y", "x"]),
        "pandas": pd.DataFrame(path[:, ::-1], columns=["y", "x"]),
        "trials": [pd.DataFrame(path[:2000, ::-1], columns=["y", "x"]), path[2000:]],
        "tensor": torch.from_numpy(path),
    }
    kept = {}
    for name, position in whole.items():
        units = [activity[:2000], activity[2000:]] if name == "trials" else activity
        run = Run.from_recording(position, units, tmp_path / name, box=(0, 1.2, 0, 1.2), settings=own.FEW)
        kept[name] = load_run_recording(open_run(run.path), 1.2).positions[0]
        if name == "masked":
            assert "100 of 5,000 samples without a position were dropped" in run.notes
    np.testing.assert_array_equal(kept.pop("masked"), np.delete(kept["array"], np.s_[300:400], axis=0))
    for name, positions in kept.items():
        np.testing.assert_allclose(positions, path - 0.6, atol=1e-6, err_msg=name)


def test_spikes_as_pynapples_times(tmp_path, path):
    nap = pytest.importorskip("pynapple")
    times, when = 0.1 * np.arange(len(path)), np.sort(np.random.default_rng(0).uniform(0, 500, 300))
    trains = {"a": nap.Ts(when), "b": nap.Tsd(t=when, d=np.arange(300.0)), "c": when}
    run = Run.from_recording(path, trains, tmp_path / "run", times=times, box=(0, 1.2, 0, 1.2), settings=own.FEW)
    rates = load_run_recording(open_run(run.path), 1.2).activity.toarray()
    assert (rates.sum(axis=0) > 0).all()
    np.testing.assert_array_equal(rates[:, 0], rates[:, 1])
    np.testing.assert_array_equal(rates[:, 0], rates[:, 2])
    empty = nap.TsGroup({}, time_support=nap.IntervalSet(0, 400))
    with pytest.raises(UserError, match="units holds no unit, got an empty TsGroup"):
        Run.from_recording(path, empty, tmp_path / "empty", times=times)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_functions_of_torch_are_codes_too(tmp_path, dtype):
    waves = torch.tensor([[8.0, 3, 5, -2], [1, 7, -4, 6]], dtype=dtype)
    module = torch.nn.Module()
    module.register_buffer("count", torch.tensor(3))  # no number that positions could have the type of
    module.register_parameter("waves", torch.nn.Parameter(waves))

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.count = torch.nn.Parameter(torch.tensor(3), requires_grad=False)
            self.waves = torch.nn.Parameter(waves)

        def encode(self, positions):
            return torch.cos(positions @ self.waves)

    codes = {
        "function": lambda positions: torch.cos(positions @ waves),
        "closure": lambda positions: torch.cos(positions @ module.waves),
        "method": Encoder().encode,
    }
    for name, code in codes.items():
        run = Run.from_code(code, tmp_path / name, arenas=(1.2,), settings=own.FEW)
        made = load_run_recording(open_run(run.path), 1.2)
        np.testing.assert_allclose(made.activity, np.cos(made.positions @ waves.numpy()), atol=1e-5, err_msg=name)


def test_one_walk_is_refused_before_it_is_walked(tmp_path):
    def untouched(*_):
        raise AssertionError("it was asked")

    one = {"evaluation": {"walk": {"animals": 1, "steps": 60}}}
    with pytest.raises(UserError, match=r"evaluation\.walk\.animals must be at least 2, .* got 1 in the 1\.2 m arena"):
        Run.from_network(untouched, np.ones(4), tmp_path / "run", arenas=(1.2,), settings=one)
    assert not (tmp_path / "run").exists()


def test_a_stop_by_the_user_passes(tmp_path):
    def stopped(states, moves):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run.from_network(stopped, np.ones(4), tmp_path / "run", settings=own.FEW)


def test_a_taken_folder_a_wrong_part_and_no_run_are_told_in_one_line(tmp_path, code_run):
    with pytest.raises(UserError, match="not empty"):
        Run.from_code(own.grid_code, code_run.path)
    with pytest.raises(UserError, match="did you mean 'topology'"):
        code_run["topologie"]
    with pytest.raises(UserError, match="no run in"):
        Run.open(tmp_path / "nothing")
    with pytest.raises(UserError, match="arenas"):
        Run.from_code(own.grid_code, tmp_path / "run", arenas=(-1.0,))


def test_spikes_in_milliseconds_are_told_of_aloud(tmp_path):
    generator = np.random.default_rng(0)
    times = np.arange(0, 120, 0.02)
    position = 0.5 + 0.4 * np.stack([np.sin(0.5 * times), np.cos(0.37 * times)], axis=1)
    spikes = {"a": 1000 * np.sort(generator.uniform(0, 120, 600)), "b": 1000 * np.sort(generator.uniform(0, 120, 600))}
    with pytest.warns(UserWarning, match=r"CHECK THE TIMES: .*multiplied by 0.001 they are seconds") as told:
        run = Run.from_recording(position, spikes, tmp_path / "run", times=times, box=(0, 1, 0, 1))
    assert len(told) == 1
    assert any(note.startswith("CHECK THE TIMES") for note in run.notes)


def test_a_silent_population_has_no_grid_cells_and_no_level_below_0(tmp_path, recwarn):
    run = Run.from_code(lambda x: np.zeros((len(x), 3)), tmp_path / "run", arenas=(1.2,), settings=own.FEW)
    assert any("exceeds 0 (" in note for note in run.notes)
    run.analyze(only=("units", "unique_range"))
    assert "3 units, 0 active, 0 grid cells" in repr(run)
    assert not recwarn.list
