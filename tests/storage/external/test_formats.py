"""A format is one file that registers itself."""

from pathlib import Path

import numpy as np
import pytest

from sicgrid.storage import UserError, formats, read_external_path
from sicgrid.storage.external import _formats
from sicgrid.storage.external._arrays import StoredRecording


def test_every_format_file_registers_an_ending_of_its_own():
    files = sorted(path.stem for path in Path(_formats.__file__).parent.glob("_format_*.py"))
    found = formats()
    assert list(found) == sorted(found)
    assert sorted(one.read.__module__.rpartition(".")[2] for one in found.values()) == files
    assert all(ending == one.ending and one.about for ending, one in found.items())


def test_a_new_format_is_read_like_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(_formats, "_REGISTERED", dict(formats()))

    @_formats.recording_format(".txt", "two columns")
    def read_text(request):
        return StoredRecording(positions=np.loadtxt(request.path))

    assert read_text is formats()[".txt"].read
    np.savetxt(tmp_path / "a.txt", [[0.0, 0.1], [0.2, 0.3]])
    np.testing.assert_allclose(read_external_path(tmp_path / "a.txt").positions, [[0.0, 0.1], [0.2, 0.3]])
    with pytest.raises(UserError, match="a series is chosen within an NWB file"):
        read_external_path(tmp_path / "a.txt", "position")
    with pytest.raises(UserError, match=r"give a \.csv, \.npz, \.nwb or \.txt file"):
        read_external_path(tmp_path / "a.mat")
