"""Arrays from npz files, and files that are none."""

import pickle

import numpy as np
import pytest

from sicgrid.storage import UserError
from sicgrid.storage.external._formats import Request, formats


def read_npz(path, **options):
    return formats()[".npz"].read(Request(path, **options))


def test_known_arrays_are_read_and_others_left(tmp_path):
    np.savez(tmp_path / "a.npz", positions=np.eye(2), other=np.array([{}], dtype=object))
    found = read_npz(tmp_path / "a.npz")
    np.testing.assert_array_equal(found.positions, np.eye(2))
    assert [found.times, found.activity, found.spike_times, found.labels] == [None] * 4


def test_activities_stay_in_float32(tmp_path):
    np.savez(tmp_path / "a.npz", positions=np.eye(2), activity=np.ones((2, 3), np.float32), units=[3, 3, 4])
    found = read_npz(tmp_path / "a.npz")
    assert found.activity.dtype == np.float32
    assert found.labels == ["3", "3", "4"]
    assert read_npz(tmp_path / "a.npz", path_only=True).activity is None


@pytest.mark.parametrize(
    ("units", "labels"),
    [
        ([3.0, 10.0, 3.0], ["3", "10"]),
        (["1_12", "11_2", "1_12"], ["1_12", "11_2"]),
        ([b"01", b"1", b"01"], ["01", "1"]),
        ([-1, 5, -1], ["-1", "5"]),
    ],
)
def test_a_unit_is_its_name(tmp_path, units, labels):
    np.savez(tmp_path / "a.npz", positions=np.eye(2), spike_times=np.arange(3.0), spike_units=np.array(units))
    found = read_npz(tmp_path / "a.npz")
    assert found.labels == labels
    assert found.spike_units.tolist() == [0, 1, 0]


def test_a_silent_unit_is_missed_unless_all_are_listed(tmp_path):
    arrays = {"positions": np.eye(2), "spike_times": np.arange(3.0), "spike_units": np.array([0, 1, 3])}
    np.savez(tmp_path / "some.npz", **arrays)
    np.savez(tmp_path / "all.npz", **arrays, units=np.arange(4))
    some, whole = (read_npz(tmp_path / f"{name}.npz") for name in ("some", "all"))
    assert (len(some.labels), len(whole.labels)) == (3, 4)
    assert some.notes[0].startswith("no spike of unit 2, which is left out")
    assert whole.notes == []


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cut.npz", b"PK\x03\x04 cut", "not an npz file, or it is damaged"),
        ("text.npz", b"t,x,y\n", "not an npz file"),
        ("empty.npz", b"", "not an npz file"),
        ("pickle.npz", pickle.dumps(Trap()), "not an npz file"),
    ],
)
def test_what_is_no_npz(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=says):
        read_npz(tmp_path / name)


@pytest.mark.parametrize("name", ["spike_times", "spike_units", "units"])
def test_object_arrays_are_not_unpickled(tmp_path, name):
    ragged = np.empty(2, dtype=object)
    ragged[:] = [Trap(), Trap()]
    np.savez(tmp_path / "a.npz", positions=np.eye(2), **{name: ragged})
    with pytest.raises(UserError, match=f"{name} cannot be read without unpickling"):
        read_npz(tmp_path / "a.npz")


def test_a_single_array(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.eye(2))
    with pytest.raises(UserError, match="holds a single array"):
        read_npz(tmp_path / "a.npz")


def test_x_and_y_apart(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(3), y=np.zeros(3))
    with pytest.raises(UserError, match=r"x and y in place of positions; save positions=np.stack\(\[x, y\], axis=1\)"):
        read_npz(tmp_path / "a.npz")


@pytest.mark.parametrize("kind", [np.float32, np.uint8, np.int16])  # each becomes numbers of 4 bytes
def test_memory_is_asked_for_before_anything_is_read(tmp_path, monkeypatch, kind):
    np.savez_compressed(tmp_path / "a.npz", positions=np.eye(2), activity=np.zeros((1000, 1000), kind))
    monkeypatch.setattr(np.lib.npyio.NpzFile, "__getitem__", lambda *_: pytest.fail("read"))
    monkeypatch.setattr("sicgrid.storage._memory.available_memory", lambda: 7_900_000)
    with pytest.raises(UserError, match=r"a.npz: reading it takes about 8 MB of memory and 7.9 MB are free"):
        read_npz(tmp_path / "a.npz")
