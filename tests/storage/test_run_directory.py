"""Making a run's folder, and being alone in it."""

import errno
import os
import subprocess
import sys

import pytest

from sicgrid.storage import FolderTaken, RunDirectory, UserError, create_run, exclusive, open_run

PROVENANCE = {"run": "r", "sessions": []}


def everything(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_run_has_settings_and_provenance(tmp_path):
    run = create_run(tmp_path / "deep" / "run", "seed: 3\n", PROVENANCE)
    assert run.config.read_text() == "seed: 3\n"
    assert open_run(run.path) == run
    assert open_run(str(run.path)) == RunDirectory(str(run.path)) == run


def test_an_empty_folder_may_become_a_run(tmp_path):
    create_run(tmp_path, "seed: 3\n", PROVENANCE)
    assert (tmp_path / "config.yaml").exists()


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        create_run(tmp_path, "", PROVENANCE)
    assert everything(tmp_path).keys() == {(tmp_path / "thesis.tex").relative_to(tmp_path)}


def test_a_run_is_not_overwritten_and_named_as_one(run):
    before = everything(run.path)
    with pytest.raises(FolderTaken, match=r"not empty \(it holds a run\)") as caught:
        create_run(run.path, "", PROVENANCE)
    assert caught.value.run
    assert everything(run.path) == before


def test_what_a_killed_creation_left_does_not_block_the_next(tmp_path):
    (tmp_path / "provenance.json").write_text("{}")
    (tmp_path / ".config.yaml.12.tmp").write_text("half")
    create_run(tmp_path, "seed: 3\n", PROVENANCE)


@pytest.mark.parametrize("folder", ["taken", "taken/run", "taken/runs/run"])
def test_a_file_is_no_folder_nor_holds_one(tmp_path, folder):
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="taken is a file, not a folder"):
        create_run(tmp_path / folder, "", PROVENANCE)


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_a_full_disk_leaves_no_folder_behind(tmp_path, monkeypatch, failing):
    calls = []
    fsync = os.fsync

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        create_run(tmp_path / "deep" / "run", "seed: 3\n", PROVENANCE)
    assert list(tmp_path.iterdir()) == []


def test_no_run_says_how_to_make_one(tmp_path):
    with pytest.raises(UserError, match="sicgrid train --out"):
        open_run(tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        open_run(tmp_path / "none")
    with pytest.raises(UserError, match=r"sicgrid train --out '.*my runs/none'`"):
        open_run(tmp_path / "my runs" / "none")


def test_a_file_is_no_run(run):
    with pytest.raises(UserError, match=r"config\.yaml: it is a file; give the folder of a run$"):
        open_run(run.config)


def test_only_one_process_at_a_time(run):
    code = f"""
from pathlib import Path
from sicgrid.storage import RunDirectory, UserError, exclusive
try:
    with exclusive(RunDirectory(Path({str(run.path)!r}))):
        print("alone")
except UserError as error:
    print("refused")
"""
    ask = [sys.executable, "-c", code]
    with exclusive(run):
        assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "refused\n"
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "alone\n"


def test_the_lock_cleans_up_after_killed_processes(run):
    (run.path / ".summary.json.99.tmp").write_text("half")
    with exclusive(run):
        assert not (run.path / ".summary.json.99.tmp").exists()


def test_names_of_files(tmp_path):
    run = RunDirectory(tmp_path)
    assert run.recording(2.0).name == "arena-2.safetensors"
    assert run.recording(1.5).name == "arena-1.5.safetensors"
    assert run.recording(1.41421356).name == "arena-1.41421356.safetensors"
    assert (run.units(1.2345678).name, run.maps(1.2345678).name) == ("units-1.2345678.csv", "maps-1.2345678.npz")
    assert (run.units().name, run.units(3.0).name) == ("units.csv", "units-3.csv")
    assert (run.maps().name, run.maps(3.0).name) == ("maps.npz", "maps-3.npz")
