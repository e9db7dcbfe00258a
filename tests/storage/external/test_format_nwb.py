"""Positions, spikes and imaging from NWB files."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest

from external_files import ACTIVITY, POSITIONS, SPIKE_TIMES, TIMES, add_imaging, new_nwb, save_nwb, write_nwb
from sicgrid.storage import UserError
from sicgrid.storage.external._formats import Request, formats


def read_nwb(path, series=None, activity_series=None, **options):
    return formats()[".nwb"].read(Request(path, series=series, activity_series=activity_series, **options))


needs_pynwb = pytest.mark.skipif(find_spec("pynwb") is None, reason="pynwb is not installed (sicgrid[nwb])")
pytestmark = pytest.mark.filterwarnings("ignore")  # pynwb's own, about its dependencies


def trains(found):
    return {label: found.spike_times[found.spike_units == at].tolist() for at, label in enumerate(found.labels)}


@needs_pynwb
def test_what_was_written_is_read(tmp_path):
    path = write_nwb(tmp_path / "a.nwb")
    found = read_nwb(path)
    np.testing.assert_array_equal(found.positions, POSITIONS)
    np.testing.assert_array_equal(found.times, TIMES)
    assert trains(found) == {"4": [10.31, 12.04], "9": [12.0, 20.5], "10": [15.2]}
    assert found.notes == []
    assert read_nwb(path, path_only=True).spike_times is None


@needs_pynwb
def test_rate_conversion_offset_and_unit_are_applied(tmp_path):
    found = read_nwb(write_nwb(tmp_path / "a.nwb", 100 * POSITIONS, rate=10.0, unit="centimeters"))
    np.testing.assert_allclose(found.positions, POSITIONS, rtol=1e-12)
    np.testing.assert_allclose(found.times, TIMES, rtol=1e-12)
    path = write_nwb(tmp_path / "b.nwb", 1000 * POSITIONS - 500, conversion=0.001, offset=0.5)
    np.testing.assert_allclose(read_nwb(path).positions, POSITIONS, atol=1e-12)
    with pytest.raises(UserError, match=r"neither timestamps nor a rate above 0, got 0.0"):
        read_nwb(write_nwb(tmp_path / "c.nwb", rate=0.0))


@needs_pynwb
def test_units_that_were_observed_in_a_part_of_the_path_only_are_told(tmp_path):
    """Seconds of the path without them would lower their rates; the path is from 10 to 29.9 s."""
    for observed, told in (([[0.0, 15.0]], "5 s"), ([[0.0, 12.0], [26.0, 40.0]], "5.9 s"), ([[10.0, 29.5]], "")):
        file = new_nwb(POSITIONS)
        file.add_unit(spike_times=[10.5, 11.0], id=3, obs_intervals=observed)
        file.add_unit(spike_times=[10.5, 29.0], id=4, obs_intervals=[[0.0, 40.0]])
        notes = read_nwb(save_nwb(file, tmp_path / "a.nwb")).notes
        start = f"CHECK THE TIMES: units 3 (1 of 2) were observed for {told} or more of the path's 19.9 s"
        assert notes[0].startswith(start) if told else notes == []


@needs_pynwb
def test_several_series_need_a_choice(tmp_path):
    path = write_nwb(tmp_path / "a.nwb", series=["left_led", "right_led"])
    with pytest.raises(UserError, match=r"several series of positions; choose one of: left_led, right_led$"):
        read_nwb(path)
    np.testing.assert_array_equal(read_nwb(path, "left_led").positions, POSITIONS)
    with pytest.raises(UserError, match="no series of positions 'nose'; there are: left_led, right_led"):
        read_nwb(path, "nose")


@needs_pynwb
def test_series_of_one_name_are_chosen_by_path(tmp_path):
    from pynwb.behavior import Position, SpatialSeries

    def series(shift, name="SpatialSeries"):
        return SpatialSeries(name=name, data=POSITIONS + shift, timestamps=TIMES, reference_frame="corner")

    file = new_nwb()
    module = file.create_processing_module("behavior", "where it was")
    for epoch in (0, 1):
        module.add(Position(name=f"epoch_{epoch}", spatial_series=series(epoch)))
    file.add_acquisition(series(2))
    path = save_nwb(file, tmp_path / "a.nwb")
    listed = "acquisition/SpatialSeries, epoch_0/SpatialSeries, epoch_1/SpatialSeries"
    with pytest.raises(UserError, match=f"'SpatialSeries' means several series of positions; choose one of: {listed}$"):
        read_nwb(path, "SpatialSeries")
    with pytest.raises(UserError, match=r"choose one of: epoch_0/SpatialSeries, epoch_1/SpatialSeries$"):
        read_nwb(path)  # those in the module "behavior"
    for choice, shift in [
        *zip(listed.split(", "), (2, 0, 1), strict=True),
        ("epoch_1", 1),
        ("processing/behavior/epoch_0/SpatialSeries", 0),
    ]:
        np.testing.assert_array_equal(read_nwb(path, choice).positions, POSITIONS + shift)


@needs_pynwb
def test_three_columns_need_a_choice_of_two(tmp_path):
    path = write_nwb(tmp_path / "a.nwb", np.stack([POSITIONS[:, 0], 0 * TIMES, POSITIONS[:, 1]], axis=1))
    with pytest.raises(UserError, match=r"has 3 columns; .* as in the series position\[0,1\]"):
        read_nwb(path)
    np.testing.assert_array_equal(read_nwb(path, "position[0,2]").positions, POSITIONS)
    np.testing.assert_array_equal(read_nwb(path, "behavior/Position/position[2, 0]").positions, POSITIONS[:, ::-1])
    for columns in ("[0,3]", "[1,1]"):
        with pytest.raises(UserError, match="are not two of them"):
            read_nwb(path, f"position{columns}")


@needs_pynwb
@pytest.mark.parametrize(
    ("positions", "options", "says"),
    [
        (POSITIONS, {"unit": "pixels"}, "Position/position are in 'pixels'; they must be in meters"),
        (POSITIONS[:, 0], {}, r"no SpatialSeries of shape.*\(SpatialSeries: processing/behavior/Position/position\)"),
    ],
)
def test_positions_that_do_not_serve(tmp_path, positions, options, says):
    with pytest.raises(UserError, match=says):
        read_nwb(write_nwb(tmp_path / "a.nwb", positions, **options))


@needs_pynwb
def test_no_units(tmp_path):
    found = read_nwb(write_nwb(tmp_path / "a.nwb", spike_times=SPIKE_TIMES[:0], spike_units=np.array([], dtype=int)))
    assert found.spike_times is None
    assert found.activity is None


def two_probes(tmp_path, **columns):
    """Cells 0 and 1 of each of two probes, whose spikes are at 0, 1, 2 and 3 s, the third silent; columns of units."""
    from pynwb.behavior import SpatialSeries

    file = new_nwb()
    file.add_acquisition(SpatialSeries(name="pos", data=POSITIONS, timestamps=TIMES, reference_frame="corner"))
    device = file.create_device("array")
    groups = [file.create_electrode_group(f"shank{at}", "d", "l", device) for at in range(2)]
    for group in groups:
        file.add_electrode(location="l", group=group)
    for name in set(columns) - {"electrode_group", "electrodes"}:
        file.add_unit_column(name, "d")
    for at in range(4):
        given = {name: values[at] for name, values in columns.items()}
        if "electrode_group" in given:
            given["electrode_group"] = groups[given["electrode_group"]]
        file.add_unit(spike_times=np.array([float(at)] * (at != 2)), id=at % 2, **given)
    return read_nwb(save_nwb(file, tmp_path / "a.nwb"))


@needs_pynwb
@pytest.mark.parametrize(
    ("columns", "labels", "note"),
    [
        ({}, ["0 (row 0)", "1 (row 1)", "0 (row 2)", "1 (row 3)"], "4 units that share theirs"),
        (
            {"electrode_group": [0, 0, 1, 1]},
            ["shank0 0", "shank0 1", "shank1 0", "shank1 1"],
            "by electrode_group and id",
        ),
        (
            {"electrodes": [[0], [0], [1], [1, 0]]},
            ["shank0 0", "shank0 1", "shank1 0", "shank1 1"],
            "electrodes and id",
        ),
        ({"probe": [0, 0, 1, 1]}, ["probe0 0", "probe0 1", "probe1 0", "probe1 1"], "by probe and id"),
        ({"tetrode": ["a", "a", "b", "b"]}, ["a 0", "a 1", "b 0", "b 1"], "by tetrode and id"),
        ({"shank": ["0", "0", "1", "1"]}, ["shank0 0", "shank0 1", "shank1 0", "shank1 1"], "by shank and id"),
        (
            {"unit_name": ["sua1", "sua2"] * 2, "group": [0, 0, 1, 1]},
            ["group0 sua1", "group0 sua2", "group1 sua1", "group1 sua2"],
            "the column unit_name of the Units table repeats; units are named by group and unit_name",
        ),
        (
            {"unit_name": ["a", "a", "b", "c"]},
            ["a (row 0)", "a (row 1)", "b", "c"],
            "2 units that share theirs are told apart by their rows",
        ),
        ({"probe": [0, 0, 0, 1]}, ["0 (row 0)", "1 (row 1)", "0 (row 2)", "1 (row 3)"], "4 units"),
        ({"unit_name": ["1_1", "1_12", "11_2", "01"]}, ["1_1", "1_12", "11_2", "01"], "by the column unit_name"),
        ({"label": ["good", "mua", "good", "mua"]}, ["0 (row 0)", "1 (row 1)", "0 (row 2)", "1 (row 3)"], "4 units"),
    ],
)
def test_a_unit_is_a_row(tmp_path, columns, labels, note):
    found = two_probes(tmp_path, **columns)
    assert trains(found) == dict(zip(labels, [[0.0], [1.0], [], [3.0]], strict=True))
    assert note in found.notes[0]


@needs_pynwb
def test_more_spikes_than_a_small_index_holds(tmp_path):
    """pynwb stores where trains end in the least type that holds it: differences of uint8 would wrap around."""
    units = np.repeat([0, 1, 2], [100, 0, 140])
    found = read_nwb(write_nwb(tmp_path / "a.nwb", spike_times=np.arange(240.0), spike_units=units))
    assert trains(found) == {"0": list(np.arange(100.0)), "2": list(np.arange(100.0, 240.0))}


@needs_pynwb
def test_imaging_has_its_own_clock(tmp_path):
    file = new_nwb(positions=POSITIONS)
    add_imaging(file, {"DfOverF": ACTIVITY[:50].astype(np.float32), "Fluorescence": ACTIVITY[:50] + 7})
    path = save_nwb(file, tmp_path / "a.nwb")
    found = read_nwb(path)
    np.testing.assert_array_equal(found.activity, ACTIVITY[:50].astype(np.float32))
    assert found.activity.dtype == np.float32
    np.testing.assert_allclose(found.activity_times, 11.0 + np.arange(50) / 5.0)
    assert found.labels == ["12", "10", "11"]
    assert found.notes == ["activities are those of processing/ophys/DfOverF/traces"]
    found = read_nwb(path, None, "Fluorescence")
    np.testing.assert_array_equal(found.activity, ACTIVITY[:50] + 7)
    with pytest.raises(
        UserError, match="several series of activities; choose one of: DfOverF/traces, Fluorescence/tra"
    ):
        read_nwb(path, None, "traces")
    assert read_nwb(path, path_only=True).activity is None


@needs_pynwb
def test_imaging_beside_spikes_is_taken_where_it_is_chosen(tmp_path):
    file = new_nwb(positions=POSITIONS)
    add_imaging(file, {"Fluorescence": ACTIVITY[:50]}, conversion=2.0, offset=1.0)
    file.add_unit(spike_times=[1.0], id=0)
    path = save_nwb(file, tmp_path / "a.nwb")
    assert read_nwb(path).activity is None
    found = read_nwb(path, activity_series="Fluorescence/traces")
    np.testing.assert_allclose(found.activity, 2 * ACTIVITY[:50] + 1)
    assert found.spike_times is None


@needs_pynwb
def test_memory_is_asked_for_before_the_spikes_are_read(tmp_path, monkeypatch):
    path = write_nwb(tmp_path / "a.nwb", spike_times=np.arange(1e5), spike_units=np.zeros(100_000, dtype=int))
    monkeypatch.setattr("sicgrid.storage._memory.available_memory", lambda: 2_000_000)
    assert read_nwb(path, path_only=True).spike_times is None
    with pytest.raises(UserError, match=r"a.nwb: reading it takes about 2.4 MB of memory and 2 MB are free"):
        read_nwb(path)


@needs_pynwb
def test_what_is_no_nwb(tmp_path):
    (tmp_path / "a.nwb").write_bytes(b"no HDF5")
    with pytest.raises(UserError, match="cannot be read as an NWB file"):
        read_nwb(tmp_path / "a.nwb")


def test_without_pynwb_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "pynwb", raising=False)
    monkeypatch.setattr("sicgrid.storage.external._format_nwb.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs pynwb; install it with `.* -m pip install 'sicgrid\[nwb\]'`"):
        read_nwb(tmp_path / "a.nwb")


@needs_pynwb
def test_a_plain_series_with_a_column_a_unit_serves(tmp_path):
    from pynwb import TimeSeries

    file = new_nwb(POSITIONS)
    file.add_unit_column("unit_name", "name")
    for name in "abc":
        file.add_unit(unit_name=name)
    for name, columns in {"lfp": 2, "activity": 3}.items():
        file.add_acquisition(TimeSeries(name=name, data=ACTIVITY[:, :columns], unit="a.u.", timestamps=TIMES))
    found = read_nwb(save_nwb(file, tmp_path / "a.nwb"))
    np.testing.assert_array_equal(found.activity, ACTIVITY)
    np.testing.assert_array_equal(found.activity_times, TIMES)
    assert found.labels == ["a", "b", "c"]
    assert "activities are those of acquisition/activity" in found.notes
    with pytest.raises(UserError, match="no series of activities 'lfp'; there are: activity"):
        read_nwb(tmp_path / "a.nwb", activity_series="lfp")
