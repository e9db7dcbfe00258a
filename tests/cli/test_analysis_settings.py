"""Settings of the analysis that `analyze` takes, and what becomes of them."""

import pytest

from sicgrid.cli._analysis_settings import split_settings
from sicgrid.experiment import load_config, load_run_config
from sicgrid.storage import RunDirectory, UserError


def test_settings_are_taken_out_of_the_words():
    words = "run --analysis.shuffles 50 --only units --analysis.topology.shuffle-points=40 --analysis.scorer banino"
    assert split_settings(words.split()) == (
        ["run", "--only", "units"],
        {"analysis": {"shuffles": 50, "topology": {"shuffle_points": 40}, "scorer": "banino"}},
    )
    former = split_settings(["run", "--analysis.generalisation.jerky_steps", "20"])
    assert former.settings == {"analysis": {"generalization": {"jerky_steps": 20}}}
    assert split_settings(["run", "--only", "units"]).settings == {}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--analysis.shufles", "5"], "did you mean '--analysis.shuffles'"),
        (["--scorer", "banino"], "did you mean '--analysis.scorer'"),
        (["--onyl", "units"], "did you mean '--only'"),
        (["--analysis.shuffles"], "needs a value"),
        (["--analysis.shuffles", "--only", "units"], "needs a value"),
    ],
)
def test_faults_are_told(words, says):
    with pytest.raises(UserError, match=says):
        split_settings(["run", *words])


def test_they_are_kept_and_what_they_concern_is_computed_anew(sicgrid, small_run, disk):
    assert sicgrid("evaluate", "run").code == 0
    assert sicgrid("analyze", "run", "--only", "fields").code == 0
    before = disk()
    for words, says in (
        (["--analysis.shuffles", "1"], "analysis.shuffles"),
        (["--analysis.bin-size", "0.5"], "the 2 m arena cannot be analyzed"),
        (["--only", "field", "--analysis.shuffles", "3"], "unknown part 'field'"),
        (["--recording", "rat.npz", "--out", "new", "--analysis.shuffles", "1"], "analysis.shuffles"),
    ):
        refused = sicgrid("analyze", *([] if "--recording" in words else ["run"]), *words)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert says in refused.err
    assert disk() == before
    first = load_run_config(RunDirectory(small_run))
    ended = sicgrid("analyze", "run", "--only", "fields", "--analysis.shuffles", "3")
    assert ended.code == 0, ended.err
    assert "units: " in ended.out
    assert "(changed: settings)" in ended.out
    kept = load_run_config(RunDirectory(small_run))
    assert kept == first.model_copy(update={"analysis": first.analysis.model_copy(update={"shuffles": 3})})
    assert load_config(file=small_run / "config.yaml") == kept
    assert "up to date: units, fields" in sicgrid("analyze", "run", "--only", "fields").out


def test_a_setting_of_another_command_is_known():
    with pytest.raises(UserError, match=r"^--evaluation\.walk\.animals is a setting of a new run"):
        split_settings(["runs/quick", "--evaluation.walk.animals", "20"])
