"""A name on the disk holds the old content or the new one, whatever goes wrong in between."""

import errno
import os
import resource
import subprocess
from pathlib import Path

import pytest

from sicgrid.storage import remove_leftovers, write_atomically


def fail_at(monkeypatch, call):
    """Let the operation of this name in `os` or `Path` fail as on a full disk."""

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*call, full)


def test_content_arrives_and_nothing_else_stays(tmp_path):
    write_atomically(tmp_path / "a", b"one")
    write_atomically(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("call", [(os, "fsync"), (Path, "replace"), (Path, "open")])
def test_a_failure_leaves_the_old_content_and_names_the_file(tmp_path, monkeypatch, call):
    path = tmp_path / "a"
    write_atomically(path, b"old")
    fail_at(monkeypatch, call)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_write_cut_short_by_the_kernel_leaves_the_old_content(tmp_path):
    path = tmp_path / "a"
    write_atomically(path, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            write_atomically(path, bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_really_full_disk(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs to be root")
    try:
        path = tmp_path / "a"
        write_atomically(path, b"old")
        with pytest.raises(OSError, match="No space left") as caught:
            write_atomically(path, bytes(200_000))
        assert caught.value.errno == errno.ENOSPC
        assert path.read_bytes() == b"old"
        assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_leftovers_are_removed_wherever_they_are_and_nothing_else_is(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    for name in (".config.yaml.17.tmp", "checkpoints/.step-00000001.json.9.tmp"):
        (tmp_path / name).write_bytes(b"half")
    kept = [tmp_path / "notes.tmp", tmp_path / ".hidden"]
    for path in kept:
        path.write_bytes(b"mine")
    remove_leftovers(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)
