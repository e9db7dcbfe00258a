"""Systems made for a comparison: by name, kept, and refused."""

import pandas as pd
import pytest

import own_systems as own
from sicgrid import Run
from sicgrid.run import compare, default_names
from sicgrid.run._systems import Job, known_names, make
from sicgrid.storage import UserError

FEW = {**own.FEW, "evaluation": {**own.FEW["evaluation"], "arenas": (1.2,)}}


@pytest.fixture
def few_parts(monkeypatch):
    """Two parts of the analysis in place of seven, and no page of each: those are tested elsewhere."""
    monkeypatch.setattr("sicgrid.run._systems.COMPARED", ("units", "fields"))
    monkeypatch.setattr("sicgrid.run._systems.write_report", lambda path: path)


def test_a_code_a_network_and_a_run_stand_side_by_side(tmp_path, few_parts):
    mine = Run.from_code(own.grid_code, tmp_path / "mine", arenas=(1.2,), settings=FEW, name="my code")
    done = []
    names = ["residue", "twisted-torus", str(mine.path)]
    page = compare(
        names, tmp_path / "side", settings=FEW, processes=1, on_done=lambda name, number, total: done.append(number)
    )
    assert done == [1, 2, 3]
    assert "my code" in page.read_text()
    table = pd.read_csv(tmp_path / "side" / "comparison.csv").set_index("name")
    assert list(table.index) == names
    assert table["kind"].tolist() == ["code", "network", "code"]
    assert table.loc["twisted-torus", "path_error_inside"] < 0.5


def test_a_bundled_network_is_analyzed_like_the_others(tmp_path, few_parts):
    path, seconds = make(Job("quick", 0, tmp_path / "quick", FEW, False))
    run = Run.open(path)
    assert seconds > 1
    assert run.config.evaluation.arenas == (1.2,)
    assert run.config.analysis.shuffles == 2
    assert run.kind == "trained"


def test_made_again_runs_are_kept_and_others_are_not_taken_for_them(tmp_path, few_parts):
    job = Job("noise", 3, tmp_path / "noise", FEW, False)
    first = make(job)
    assert make(job) == first
    (job.out / "fitted.json").unlink()  # as if stopped before it was written
    assert make(job)[0] == first[0]
    with pytest.raises(UserError, match="another run"):
        make(job._replace(seed=4))


def test_names_are_checked_before_anything_is_made(tmp_path):
    with pytest.raises(UserError, match="did you mean 'residue'"):
        compare(["residu"], tmp_path / "out")
    with pytest.raises(UserError, match="once"):
        compare(["noise", "noise"], tmp_path / "out")
    with pytest.raises(UserError, match="seeds must be numbers from 0 on, each once"):
        compare(["noise"], tmp_path / "out", seeds=())
    with pytest.raises(UserError, match="processes must be 1 or more"):
        compare(["noise"], tmp_path / "out", processes=0)
    with pytest.raises(UserError, match="nothing to compare"):
        compare([], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert set(default_names()) <= set(known_names())
