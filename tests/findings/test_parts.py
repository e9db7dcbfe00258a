"""Every part on runs of known populations: ideal modules, two units, silence, somebody's recording."""

import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells
from sicgrid.experiment import evaluate_run, load_run_recording, start_run, train_run
from sicgrid.findings import PART_NAMES, analyze_run
from sicgrid.findings._parts import needed_parts, parts_of
from sicgrid.storage import UserError, read_dataset, read_json, read_provenance, recording_description, save_recording

VERDICTS = {"holds", "does not hold", "not testable here"}


def quiet(*_):
    pass


def grid_module(positions, spacing, count, seed=0):
    phases = np.random.default_rng(seed).random((count, 2))
    return synthetic_cells.grid_cells(positions, synthetic_cells.lattice_basis(spacing, 11), phases, 0.16 * spacing)


def fill(run, make_states):
    """Put ideal activity in place of what the network did on each recorded walk."""
    run_id = read_provenance(run)["run"]
    for path in run.recordings.glob("*.safetensors"):
        arena = float(path.stem.removeprefix("arena-"))
        recording = load_run_recording(run, arena)
        states = np.asarray(make_states(recording.positions), dtype=np.float32)
        arrays = {
            "positions": recording.positions,
            "velocities": recording.velocities,
            "states": states,
            "initial_state": states.mean(axis=(0, 1)),
        }
        described = recording_description(run, run_id, arena)
        save_recording(run, run_id, arena, arrays, described["checkpoint"], {})


@pytest.fixture
def make_run(tmp_path, make_config):
    """Maker of an evaluated run of so many units whose recordings hold ideal activity."""

    def make(make_states, units=24, arenas=(2.0,)):
        config = make_config(training__steps=2, analysis__shuffles=2, model__units=units)
        run = start_run(config, tmp_path / f"run-{units}")
        train_run(run, config, quiet, quiet)
        evaluate_run(run, config, arenas, quiet)
        fill(run, make_states)
        return run, config

    return make


def reasons(run):
    return {name: read_dataset(run.result(name)).attrs.get("reason") for name in PART_NAMES}


def test_one_ideal_module_in_two_boxes(make_run):
    def states(positions):
        cells = grid_module(positions, 0.5, 24)
        return cells / np.linalg.norm(cells, axis=-1, keepdims=True)

    run, config = make_run(states, arenas=(2.0, 3.0))
    summary = analyze_run(run, config, quiet, quiet)
    assert set(reasons(run).values()) == {None}
    (module,) = summary["modules"]
    assert module["spacing_m"] == pytest.approx(0.5, rel=0.02)
    assert len(module["units"]) == 24
    assert summary["scale_ratios"] == []
    (torus,) = summary["torus"]
    assert torus["decoded_error_m"] < 0.3 * torus["decoded_chance_m"]
    assert summary["unique_range_m"] == pytest.approx(0.5, abs=0.15)
    verdicts = {name: claim["verdict"] for name, claim in summary["claims"].items()}
    # One module is not several, and comes back to the start's state at each of its lattice points.
    assert verdicts["C1"] == verdicts["C4"] == "does not hold"
    assert verdicts["C2"] == verdicts["C3"] == verdicts["C5"] == verdicts["C6"] == "holds"
    assert set(verdicts) == {f"C{number}" for number in range(1, 8)}
    fourier = read_dataset(run.result("fourier"))
    assert float(fourier["spacing_m"][0]) == pytest.approx(0.5, rel=0.02)
    assert np.isfinite(read_dataset(run.result("generalisation"))["path_error"].values).any()
    assert read_json(run.summary)["claims"].keys() == summary["claims"].keys()


@pytest.mark.parametrize(
    ("make_states", "units", "said"),
    [
        (lambda positions: np.zeros((*positions.shape[:2], 5)), 5, "No unit is active"),
        (lambda positions: grid_module(positions, 0.5, 2), 2, "No modules: 2 of 2 usable units"),
        (
            lambda positions: synthetic_cells.place_cells(positions, np.linspace(-0.8, 0.8, 12).reshape(6, 2), 0.15),
            6,
            "No modules",
        ),
    ],
    ids=["silent", "two units", "place cells"],
)
def test_without_modules_every_part_says_why_or_has_its_numbers(make_run, make_states, units, said):
    run, config = make_run(make_states, units)
    summary = analyze_run(run, config, quiet, quiet)
    found = reasons(run)
    assert said in found["modules"]
    for name in ("fourier", "phases", "state_space", "topology"):
        assert said in found[name]
        assert len(read_dataset(run.result(name)).variables) == 0
    assert all(reason is None or reason.endswith(".") for reason in found.values())
    assert summary["modules"] == []
    assert said in summary["modules_verdict"]
    for claim in summary["claims"].values():
        assert claim["verdict"] in VERDICTS
        assert claim["sentence"]
    assert {summary["claims"][name]["verdict"] for name in ("C2", "C5", "C6", "C7")} == {"not testable here"}


def test_names_and_what_they_need():
    parts = parts_of((2.0, 3.0), 2.0)
    assert needed_parts(["topology"], parts) == {"units", "modules", "topology"}
    assert needed_parts(["units"], parts) == {"units", "units-3"}
    assert "units-3" in needed_parts(["generalisation"], parts)
    assert needed_parts([], parts) == set(parts)
    order = list(parts)
    assert all(order.index(read) < order.index(name) for name, part in parts.items() for read in part.parts)
    with pytest.raises(UserError, match="unknown part 'topolgy'; did you mean 'topology'"):
        needed_parts(["topolgy"], parts)
