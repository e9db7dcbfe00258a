"""Positions and spikes from NWB files."""

import sys

import numpy as np
import pytest

from foreign_files import POSITIONS, SPIKE_TIMES, TIMES, write_nwb
from sicgrid.storage import UserError
from sicgrid.storage._foreign_nwb import read_nwb

needs_pynwb = pytest.mark.skipif(
    __import__("importlib.util").util.find_spec("pynwb") is None, reason="pynwb is not installed (sicgrid[nwb])"
)
pytestmark = pytest.mark.filterwarnings("ignore")  # pynwb's own, about its dependencies


@needs_pynwb
def test_what_was_written_is_read(tmp_path):
    found = read_nwb(write_nwb(tmp_path / "a.nwb"))
    np.testing.assert_array_equal(found["positions"], POSITIONS)
    np.testing.assert_array_equal(found["times"], TIMES)
    assert sorted(zip(found["spike_units"].tolist(), found["spike_times"].tolist(), strict=True)) == [
        (4, 10.31), (4, 12.04), (9, 12.0), (9, 20.5), (10, 15.2),
    ]  # fmt: skip
    assert found["units"].tolist() == [4, 9, 10]


@needs_pynwb
def test_rate_conversion_and_unit_are_applied(tmp_path):
    found = read_nwb(write_nwb(tmp_path / "a.nwb", 100 * POSITIONS, rate=10.0, unit="centimeters"))
    np.testing.assert_allclose(found["positions"], POSITIONS, rtol=1e-12)
    np.testing.assert_allclose(found["times"], TIMES, rtol=1e-12)
    found = read_nwb(write_nwb(tmp_path / "b.nwb", 1000 * POSITIONS, conversion=0.001))
    np.testing.assert_allclose(found["positions"], POSITIONS, rtol=1e-12)


@needs_pynwb
def test_several_series_need_a_choice(tmp_path):
    path = write_nwb(tmp_path / "a.nwb", series=["left_led", "right_led"])
    with pytest.raises(UserError, match=r"several series of positions \(left_led, right_led\).*--series"):
        read_nwb(path)
    np.testing.assert_array_equal(read_nwb(path, "left_led")["positions"], POSITIONS)
    with pytest.raises(UserError, match="no SpatialSeries 'nose'"):
        read_nwb(path, "nose")


@needs_pynwb
@pytest.mark.parametrize(
    ("positions", "options", "says"),
    [
        (POSITIONS, {"unit": "pixels"}, "are in 'pixels'; they must be in metres"),
        (POSITIONS[:, 0], {}, "no SpatialSeries of shape"),
    ],
)
def test_positions_that_do_not_serve(tmp_path, positions, options, says):
    with pytest.raises(UserError, match=says):
        read_nwb(write_nwb(tmp_path / "a.nwb", positions, **options))


@needs_pynwb
def test_no_units(tmp_path):
    found = read_nwb(write_nwb(tmp_path / "a.nwb", spike_times=SPIKE_TIMES[:0], spike_units=np.array([], dtype=int)))
    assert set(found) == {"positions", "times"}


@needs_pynwb
def test_what_is_no_nwb(tmp_path):
    (tmp_path / "a.nwb").write_bytes(b"no HDF5")
    with pytest.raises(UserError, match="cannot be read as a NWB file"):
        read_nwb(tmp_path / "a.nwb")


def test_without_pynwb_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "pynwb", raising=False)
    monkeypatch.setattr("sicgrid.storage._foreign_nwb.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs pynwb; install it with `pip install 'sicgrid\[nwb\]'`"):
        read_nwb(tmp_path / "a.nwb")
