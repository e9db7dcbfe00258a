"""A run as an NWB file: valid, as archives want it, and read back."""

import dataclasses
import sys
import warnings
from importlib.util import find_spec

import numpy as np
import pytest

from external_files import write_npz
from made_recordings import walks
from sicgrid.analysis import rate_maps
from sicgrid.bridges import NwbSubject, export_nwb
from sicgrid.evaluation import Recording
from sicgrid.experiment import RunConfig, import_recording, load_run_recording
from sicgrid.storage import (
    UserError,
    create_run,
    new_provenance,
    read_external_recording,
    read_provenance,
    save_recording,
    write_json,
    write_units,
)

if find_spec("pynwb") is None or find_spec("ndx_rate_maps") is None:
    pytest.skip("pynwb or ndx-rate-maps is not installed (sicgrid[nwb])", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # pynwb's own
COLUMNS = {
    "unit": np.arange(4),
    "grid_score": np.array([1.1, np.nan, -0.2, 0.5]),
    "is_grid": np.array([True, False, False, True]),
    "scorer": np.full(4, "langston"),
}
RAT = NwbSubject("rat-7", "Rattus norvegicus", "M", "P90D")


def make_run(path, recording=None, **over):
    """A run with three recorded walks in a 2 m box, as a network's would be, and a table of its units."""
    provenance = new_provenance(0, "cpu", 1, "reference", "a test")
    run = create_run(path, RunConfig().to_yaml(), provenance)
    recording = recording or walks()
    names = ("positions", "velocities", "states", "initial_state")
    save_recording(run, provenance["run"], 2.0, {name: getattr(recording, name) for name in names}, "c0ffee", {})
    write_json(run.summary, {"arena_m": 2.0})
    write_units(run.units(), COLUMNS | over)
    return run


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nwb")
    return export_nwb(make_run(folder / "run"), folder / "run.nwb", step_s=0.5)


@pytest.fixture(scope="module")
def spikes(tmp_path_factory):
    """A run of spikes, and its file."""
    folder = tmp_path_factory.mktemp("spikes")
    run = import_recording(write_npz(folder / "a.npz"), folder / "run", RunConfig()).run
    return run, export_nwb(run, folder / "run.nwb", subject=RAT)


def opened(path):
    import pynwb

    return pynwb.NWBHDF5IO(str(path), mode="r")


def test_what_is_in_it(exported):
    recording = walks()
    assert exported[1:] == (2.0, 3, 60, 4, ["grid_score", "is_grid", "scorer"])
    with opened(exported.file) as source:
        file = source.read()
        place = file.processing["behavior"]["Position"]["position"]
        assert (place.unit, place.data.shape) == ("meters", (60, 2))
        activity = file.acquisition["activity"]
        np.testing.assert_array_equal(activity.data[:], recording.states.reshape(60, 4))
        np.testing.assert_array_equal(activity.timestamps[:], place.timestamps[:])
        walked = file.intervals["walks"].to_dataframe()
        np.testing.assert_array_equal(walked["start_time"], [0, 15, 30])
        units = file.units.to_dataframe()
        for name in exported.columns:
            np.testing.assert_array_equal(units[name], COLUMNS[name])
        table = file.processing["behavior"]["rate_maps"]
        expected = rate_maps(recording.positions, recording.states, np.linspace(-1, 1, 41))
        np.testing.assert_allclose(table["rate_map"][:], expected.maps)
        np.testing.assert_allclose(table["occupancy_map"][3], 0.5 * expected.occupancy)
        np.testing.assert_array_equal(table.bin_edges_dim0[:], expected.x_edges)
        assert table.time_support.name == "walks"


def test_it_reads_back(exported):
    read, recording = read_external_recording(exported.file), walks()
    np.testing.assert_array_equal(read.positions, recording.positions.reshape(60, 2))
    np.testing.assert_array_equal(read.activity, recording.states.reshape(60, 4))
    np.testing.assert_array_equal(read.times[18:22], [9.0, 9.5, 15.0, 15.5])
    assert read.labels == ["0", "1", "2", "3"]


@pytest.mark.parametrize("step_s", [1.0, 0.001, 3600.0])
def test_a_run_of_both_signs_and_any_clock_reads_back_as_a_run(tmp_path, step_s):
    made = walks()
    # 5 mm a step: of an animal with a sample each second these would be frame numbers.
    slow = Recording(made.positions / 20, made.velocities / 20, made.activity - 0.5, made.initial_state, 2.0)
    file = export_nwb(make_run(tmp_path / "run", slow), tmp_path / "run.nwb", step_s=step_s).file
    run, notes = import_recording(file, tmp_path / "back", RunConfig(), box=(-1, 1, -1, 1))
    assert "sicgrid wrote the file: activity and clock were taken as they are" in notes
    # The box is as large as it was, and such an animal sees little of it.
    assert not any("CHECK THE TIMES" in note or "dropped" in note for note in notes)
    back = load_run_recording(run, 2.0)
    np.testing.assert_allclose(back.positions[0], slow.positions.reshape(60, 2), atol=1e-6)
    np.testing.assert_array_equal(back.activity[0], slow.activity.reshape(60, 4))
    with opened(file) as source:
        assert "of both signs" in source.read().acquisition["activity"].description
    read = read_external_recording(file, rectify=True)
    np.testing.assert_array_equal(read.activity, np.maximum(slow.activity.reshape(60, 4), 0))


def test_spikes_read_back(spikes):
    run, made = spikes
    recording = load_run_recording(run, made.arena)
    read = read_external_recording(made.file)
    np.testing.assert_array_equal(read.positions, recording.positions[0])
    assert read.labels == ["4", "9", "10"]
    counts = np.zeros(recording.shape[1:])
    np.add.at(counts, (np.searchsorted(read.times, read.spike_times - 1e-9), read.spike_units), 1)
    np.testing.assert_allclose(counts, recording.states.toarray() * recording.seconds[:, None], atol=1e-5)


@pytest.mark.skipif(find_spec("nwbinspector") is None, reason="nwbinspector is not installed")
def test_it_is_valid_and_the_inspector_has_little_to_say(exported, spikes):
    import pynwb
    from nwbinspector import Importance, inspect_nwbfile

    # A network is no animal and fires no spikes; spikes have the times of the path's samples, here 0.1 s apart, which
    # the inspector takes for a mistake.
    expected = {"check_subject_exists", "check_units_table_has_spikes"}
    for path, known in ((exported.file, expected), (spikes[1].file, {"check_units_resolution_is_valid"})):
        outcome = pynwb.validate(path=str(path))
        assert (outcome[0] if isinstance(outcome, tuple) else outcome) == []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = list(inspect_nwbfile(nwbfile_path=str(path), skip_validate=True))
        loud = {one.check_function_name for one in said if one.importance is not Importance.BEST_PRACTICE_SUGGESTION}
        assert loud <= known


def test_the_animal_of_a_recording_is_its_subject(exported, spikes):
    with opened(spikes[1].file) as source:
        subject = source.read().subject
        assert (subject.subject_id, subject.species, subject.sex, subject.age) == RAT
    with opened(exported.file) as source:
        file = source.read()
        assert file.subject is None
        assert "there is no subject" in file.session_description


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"id": "a/b"}, "id must be a name without slashes, got 'a/b'"),
        ({"id": ""}, "id must be a name"),
        ({"species": "rat"}, "species must be a Latin name such as Rattus norvegicus"),
        ({"sex": "male"}, "sex must be M, F, O"),
        ({"age": "90 days"}, "age must be an ISO 8601 duration such as P90D"),
    ],
)
def test_a_subject_that_archives_refuse_is_refused(wrong, says, spikes, tmp_path):
    with pytest.raises(UserError, match=says):
        export_nwb(spikes[0], tmp_path / "a.nwb", subject=RAT._replace(**wrong))


def test_the_main_box_is_the_one_of_the_summary(exported, tmp_path):
    """The first of the settings' boxes is recorded nowhere here, so it is the smallest that is, as for the summary."""
    run = make_run(tmp_path / "run")
    run.config.write_text(RunConfig(evaluation={"arenas": (3.0, 4.0)}).to_yaml())
    larger = dataclasses.replace(walks(), arena=4.0)
    names = ("positions", "velocities", "states", "initial_state")
    arrays = {name: getattr(larger, name) for name in names}
    save_recording(run, read_provenance(run)["run"], 4.0, arrays, "c0ffee", {})
    assert export_nwb(run, tmp_path / "run.nwb").arena == 2.0


def test_what_it_refuses_leaves_nothing(exported, tmp_path):
    run = make_run(tmp_path / "run", grid_score=np.zeros(4))
    for file, arena, message in (
        (tmp_path / "a.h5", None, r"ends in \.nwb, got .*a\.h5"),
        (exported.file, None, "is there already"),
        (tmp_path / "no" / "a.nwb", None, "there is no folder .*no to write a.nwb into"),
        (tmp_path / "a.nwb", 3.0, "no recording in a 3 m box; there are 2 m"),
    ):
        with pytest.raises(UserError, match=message):
            export_nwb(run, file, arena)
    with pytest.raises(UserError, match="is a simulation, which has no subject; leave it out"):
        export_nwb(run, tmp_path / "a.nwb", subject=RAT)
    with pytest.raises(UserError, match="step_s must be a positive finite number, got 0"):
        export_nwb(run, tmp_path / "a.nwb", step_s=0)
    write_units(run.units(), {name: column[:3] for name, column in COLUMNS.items()})
    with pytest.raises(UserError, match="is not of the 4 recorded units; bring it up to date"):
        export_nwb(run, tmp_path / "a.nwb")
    bare = create_run(tmp_path / "bare", RunConfig().to_yaml(), new_provenance(0, "cpu", 1, "reference", ""))
    with pytest.raises(UserError, match="has no recording; make one with `sicgrid evaluate"):
        export_nwb(bare, tmp_path / "a.nwb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bare", "run"]


def test_a_run_that_was_not_analyzed_has_maps_all_the_same(tmp_path):
    run = make_run(tmp_path / "run")
    run.units().unlink()
    run.summary.unlink()
    assert export_nwb(run, tmp_path / "a.nwb").columns == []


@pytest.mark.parametrize("package", ["pynwb", "ndx_rate_maps"])
def test_without_the_packages_the_extra_is_named(package, monkeypatch, tmp_path):
    run = make_run(tmp_path / "run")
    monkeypatch.setitem(sys.modules, package, None)
    named = package.replace("_", "-")
    with pytest.raises(UserError, match=rf"this needs {named}; install it with `.* -m pip install 'sicgrid\[nwb\]'`"):
        export_nwb(run, tmp_path / "a.nwb")
