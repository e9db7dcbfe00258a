"""Arrays from npz files, and files that are none."""

import pickle

import numpy as np
import pytest

from sicgrid.storage import UserError
from sicgrid.storage._foreign_npz import read_npz


def test_known_arrays_are_read_and_others_left(tmp_path):
    np.savez(tmp_path / "a.npz", positions=np.eye(2), other=np.array([{}], dtype=object))
    found = read_npz(tmp_path / "a.npz")
    assert list(found) == ["positions"]
    np.testing.assert_array_equal(found["positions"], np.eye(2))


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cut.npz", b"PK\x03\x04 cut", "not a npz file, or it is damaged"),
        ("text.npz", b"t,x,y\n", "not a npz file"),
        ("empty.npz", b"", "not a npz file"),
        ("pickle.npz", pickle.dumps(Trap()), "not a npz file"),
    ],
)
def test_what_is_no_npz(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=says):
        read_npz(tmp_path / name)


def test_ragged_spike_times_are_not_unpickled(tmp_path):
    ragged = np.empty(2, dtype=object)
    ragged[:] = [Trap(), Trap()]
    np.savez(tmp_path / "a.npz", positions=np.eye(2), spike_times=ragged)
    with pytest.raises(UserError, match="spike_times cannot be read without unpickling"):
        read_npz(tmp_path / "a.npz")


def test_a_single_array(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.eye(2))
    with pytest.raises(UserError, match="holds a single array"):
        read_npz(tmp_path / "a.npz")
