"""Systems made for a comparison: by name, kept, and refused."""

import dataclasses
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pandas as pd
import pytest

import own_systems as own
from sicgrid import Run
from sicgrid.baselines import BASELINES, LstmConfig
from sicgrid.experiment import load_config
from sicgrid.run import compare, default_names
from sicgrid.run._systems import Job, by_hand, known_names, make
from sicgrid.storage import UserError

FEW = {**own.FEW, "evaluation": {**own.FEW["evaluation"], "arenas": (1.2,)}}


@pytest.fixture
def few_parts(monkeypatch):
    """Two parts of the analysis in place of seven, and no page of each: those are tested elsewhere."""
    monkeypatch.setattr("sicgrid.run._systems.COMPARED", ("units", "fields"))
    monkeypatch.setattr("sicgrid.run._systems.write_report", lambda path, **_: path)


def test_a_code_a_network_and_a_run_stand_side_by_side(tmp_path, few_parts):
    mine = Run.from_code(own.grid_code, tmp_path / "mine", arenas=(1.2,), settings=FEW, name="my code")
    done = []
    names = ["residue", "twisted-torus", str(mine.path)]
    page = compare(
        [*names[:2], mine],
        tmp_path / "side",
        settings=FEW,
        processes=1,
        on_done=lambda name, number, total: done.append(number),
    )
    assert done == [1, 2, 3]
    assert "my code" in page.read_text()
    table = pd.read_csv(tmp_path / "side" / "comparison.csv").set_index("name")
    assert list(table.index) == names
    assert table["kind"].tolist() == ["code", "network", "code"]
    assert table.loc["twisted-torus", "path_error_inside"] < 0.5


def test_made_again_no_page_is_drawn_that_is_up_to_date(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("sicgrid.run._systems.COMPARED", ("units", "fields"))
    monkeypatch.setattr("sicgrid.report._write.render_page", lambda results, **_: drawn.append(results.name) or "page")
    for names in (["noise"], ["noise", "residue"], ["residue", "noise"]):
        compare(names, tmp_path / "side", settings=FEW, processes=1)
    assert drawn == ["noise", "residue"]
    run = Run.open(tmp_path / "side" / "runs" / "noise").analyze(only=("units", "fourier"))
    compare(["noise"], tmp_path / "side", settings=FEW, processes=1)
    assert drawn == ["noise", "residue", "noise"]
    run.path.joinpath("report.html").unlink()
    compare(["noise"], tmp_path / "side", settings=FEW, processes=1)
    assert drawn == ["noise", "residue", "noise", "noise"]


@pytest.fixture
def not_analyzed(monkeypatch):
    """Runs are made and recorded, and that is all."""
    monkeypatch.setattr("sicgrid.run._systems.analyze_run", lambda *_, **__: {})
    monkeypatch.setattr("sicgrid.run._systems.write_report", lambda path, **_: path)
    monkeypatch.setattr("sicgrid.run._compare.write_comparison", lambda systems, out: systems)


def job_of(name, folder, seed=0, settings=FEW):
    return Job(name, seed, folder / name, settings, False, folder / "weights")


def test_a_bundled_network_is_analyzed_like_the_others(tmp_path, few_parts):
    path, seconds = make(job_of("quick", tmp_path / "runs"))
    run = Run.open(path)
    assert seconds > 1
    assert run.config.evaluation.arenas == (1.2,)
    assert run.config.analysis.shuffles == 2
    assert run.kind == "trained"
    with pytest.raises(UserError, match=r"quick was made with analysis\.shuffles 2, and 3 is asked for"):
        compare(["quick"], tmp_path, settings={**FEW, "analysis": {"shuffles": 3, "bin_size": 0.1}})


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("quick", ()),
        ("modules", ("3 populations without couplings",)),
        ("emergent", ("couplings of 8 units to either side on a ring", "a norm of 5 units around", "windows of 28")),
        ("nested", ("trajectories that grow from 10 steps",)),
        ("long", ("3 populations without couplings", "a weight of invariance that goes to 1")),
    ],
)
def test_what_the_settings_put_in_is_said(preset, said):
    words = by_hand(load_config(preset))
    assert words.startswith("a loss: separation, invariance, capacity")
    assert len(words.split("; ")) == 2 + len(said)
    assert all(one in words for one in said)


def test_made_again_runs_are_kept_and_others_are_not_taken_for_them(tmp_path, not_analyzed):
    job = job_of("noise", tmp_path / "runs", 3)
    path, _ = make(job)
    before = (path / "provenance.json").read_bytes()
    assert make(job)[0] == path
    assert (path / "provenance.json").read_bytes() == before
    with pytest.raises(UserError, match="another run"):
        make(job._replace(seed=4))
    asked = {**FEW, "evaluation": {**FEW["evaluation"], "walk": {"animals": 20, "steps": 60}}}
    with pytest.raises(UserError, match=r"evaluation\.walk\.steps 120, and 60 is asked for; choose another folder"):
        compare(["residue", "noise"], tmp_path, seeds=(3,), settings=asked)
    assert [folder.name for folder in (tmp_path / "runs").iterdir()] == ["noise"]  # refused before any was made


def test_a_run_whose_recordings_were_cut_short_is_made_anew(tmp_path, not_analyzed):
    job = job_of("noise", tmp_path)
    path, _ = make(job)
    recordings = sorted((path / "recordings").iterdir())
    for recording in recordings:
        recording.unlink()
    make(job)
    assert sorted((path / "recordings").iterdir()) == recordings


def test_a_fit_is_kept_and_not_made_again(tmp_path, not_analyzed, monkeypatch):
    fits, lstm = [], BASELINES["lstm"]

    def fit(config, seed, progress):
        fits.append(seed)
        return lstm.fit(LstmConfig(units=4, batch=2, steps=1), seed, progress)

    monkeypatch.setitem(BASELINES, "lstm", dataclasses.replace(lstm, fit=fit))
    job = job_of("lstm", tmp_path / "a", 123)
    make(job)
    path, seconds = make(job._replace(out=tmp_path / "b"))
    assert fits == [123]
    assert seconds >= 0
    assert Run.open(path).kind == "network"


class InThreads(ThreadPoolExecutor):
    """Stands for the pool of processes, which take seconds to start."""

    def __init__(self, workers, **spawned):
        super().__init__(workers)


def test_one_that_fails_is_told_at_once_and_the_others_are_kept(tmp_path, not_analyzed, monkeypatch):
    monkeypatch.setattr("sicgrid.run._compare.ProcessPoolExecutor", InThreads)

    def no_fit(config, seed, progress):
        raise FloatingPointError("the loss is nan at step 3")

    broken = dataclasses.replace(BASELINES["lstm"], fit=no_fit)
    told = []
    with monkeypatch.context() as patched:
        patched.setitem(BASELINES, "lstm", broken)
        with pytest.raises(UserError, match=r"1 of 2 could not be made \(lstm: .*nan at step 3\); the others are kept"):
            compare(
                ["lstm", "noise"],
                tmp_path,
                seeds=(5,),
                settings=FEW,
                processes=2,
                on_done=lambda name, *_: told.append(name),
                on_failed=lambda name, why: told.append(why),
            )
    assert told == ["lstm, seed 5, cannot be trained: the loss is nan at step 3", "noise"]
    assert Run.open(tmp_path / "runs" / "noise").kind == "code"
    monkeypatch.setitem(BASELINES, "lstm", broken)
    with pytest.raises(UserError, match="1 of 1"), pytest.warns(UserWarning, match="lstm .*; the others continue"):
        compare(["lstm"], tmp_path, seeds=(5,), settings=FEW)


class Broken(InThreads):
    """A pool whose processes end as they begin."""

    def submit(self, *_):
        future = Future()
        future.set_exception(BrokenProcessPool("terminated abruptly"))
        return future


class Read(InThreads):
    """The pool in a process that reads the script anew."""

    def submit(self, *_):
        raise RuntimeError("an attempt has been made to start a new process")


def test_a_script_without_a_main_guard_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr("sicgrid.run._compare.ProcessPoolExecutor", Broken)
    with pytest.raises(UserError, match='a script must call compare under `if __name__ == "__main__":`'):
        compare(["noise", "residue"], tmp_path, settings=FEW, processes=2)
    monkeypatch.setattr("sicgrid.run._compare.ProcessPoolExecutor", Read)
    monkeypatch.setattr("multiprocessing.parent_process", lambda: object())
    with pytest.raises(SystemExit):  # and not once more what its parent says
        compare(["noise", "residue"], tmp_path, settings=FEW, processes=2)


def test_names_are_checked_before_anything_is_made(tmp_path):
    with pytest.raises(UserError, match="did you mean 'residue'"):
        compare(["residu"], tmp_path / "out")
    with pytest.raises(UserError, match="once"):
        compare(["noise", "noise"], tmp_path / "out")
    with pytest.raises(UserError, match="seeds must be numbers from 0 on, each once"):
        compare(["noise"], tmp_path / "out", seeds=())
    for seed in (1.5, 2**63, True, "a"):
        with pytest.raises(UserError, match="seeds must be numbers from 0 on"):
            compare(["noise"], tmp_path / "out", seeds=[seed])
    for names, seeds in (("noise", (0,)), (["noise"], 3)):
        with pytest.raises(UserError, match=r"(names|seeds) must be a list"):
            compare(names, tmp_path / "out", seeds=seeds)
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.yaml").write_text("seed: 0\n")
    with pytest.raises(UserError, match="once"):
        compare([f"{own}", f"{own}/"], tmp_path / "out")
    with pytest.raises(UserError, match="processes must be 1 or more"):
        compare(["noise"], tmp_path / "out", processes=0)
    with pytest.raises(UserError, match="nothing to compare"):
        compare([], tmp_path / "out")
    with pytest.raises(UserError, match="holds a run; choose another folder"):
        compare(["noise"], own)
    with pytest.raises(UserError, match="out must be a folder"):
        compare(["noise"], None)
    with pytest.raises(UserError, match="names must be a folder"):
        compare([3], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert set(default_names()) <= set(known_names())
