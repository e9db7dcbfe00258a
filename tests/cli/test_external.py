"""`sicgrid analyze --recording` and `sicgrid evaluate --path` as a person types them."""

import pytest

from external_files import ACTIVITY, POSITIONS, write_csvs, write_npz
from sicgrid.experiment import load_run_config
from sicgrid.storage import RunDirectory


def test_from_csv_files_to_a_table(sicgrid, tmp_path):
    path, spikes = write_csvs(tmp_path)
    ended = sicgrid("analyze", "--recording", path, "--spikes", spikes, "--out", "run")
    assert ended.code == 0, ended.err
    assert "note: rate maps of spikes are smoothed by 0.05 m" in ended.out
    assert "next: sicgrid report run" in ended.out
    assert (tmp_path / "run" / "units.csv").read_text().count("\n") == 4
    again = sicgrid("analyze", "run")
    assert again.code == 0, again.err


def test_settings_from_a_file(sicgrid, tmp_path):
    write_npz(tmp_path / "a.npz", activity=ACTIVITY, spike_times=None, spike_units=None)
    (tmp_path / "mine.yaml").write_text("analysis:\n  scorer: sargolini\n  shuffles: 5\n")
    ended = sicgrid("analyze", "--recording", "a.npz", "--out", "run", "--config", "mine.yaml", "--arena", "1.0")
    assert ended.code == 0, ended.err
    config = (tmp_path / "run" / "config.yaml").read_text()
    assert "scorer: sargolini" in config
    assert "shuffles: 5" in config


def test_settings_by_name_stand_over_those_of_the_file(sicgrid, tmp_path):
    write_npz(tmp_path / "a.npz")
    (tmp_path / "mine.yaml").write_text("analysis:\n  scorer: sargolini\n  shuffles: 5\n")
    named = ["--config", "mine.yaml", "--analysis.shuffles", "4", "--only", "units"]
    ended = sicgrid("analyze", "--recording", "a.npz", "--out", "run", *named)
    assert ended.code == 0, ended.err
    config = load_run_config(RunDirectory(tmp_path / "run")).analysis
    assert (config.scorer, config.shuffles) == ("sargolini", 4)
    assert config.smoothing_m == 0.05  # of spikes, since nobody has said anything about it
    bare = ["--analysis.smoothing-m", "0", "--analysis.shuffles", "4", "--only", "units"]
    assert sicgrid("analyze", "--recording", "a.npz", "--out", "bare", *bare).code == 0
    assert load_run_config(RunDirectory(tmp_path / "bare")).analysis.smoothing_m == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--recording", "a.npz"], "give the folder of the run to make"),
        (["run", "--recording", "a.npz", "--out", "b"], "give the folder of the run to make"),
        (["run", "--out", "b"], "--out goes with --recording FILE"),
        (["--recording", "b.npz", "--out", "run"], "no file b.npz"),
        (["--recording", "cm.npz", "--out", "run"], "are they in cm"),
        (["--recording", "a.npz", "--out", "taken"], "taken is not empty"),
        (["--recording", "a.npz", "--out", "run", "--arena", "0.1"], "must be a side that holds the path"),
        (["--recording", "a.npz", "--out", "run", "--box", "0", "1", "2", "3"], "; box must be x0 x1 y0 y1"),
        (["--recording", "a.npz", "--out", "run", "--only", "module"], "did you mean 'modules'?"),
        ([], "which run?"),
    ],
)
def test_faults_are_one_line_and_exit_code_2(sicgrid, tmp_path, disk, words, says):
    write_npz(tmp_path / "a.npz")
    write_npz(tmp_path / "cm.npz", positions=100 * POSITIONS)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    before = disk()
    ended = sicgrid("analyze", *words)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert says in ended.err
    assert disk() == before


def test_a_trained_network_along_a_file_s_path(sicgrid, tmp_path):
    small = ["--kernels", "reference", "--threads", "1", "--training.steps", "3"]
    assert sicgrid("train", "smoke", "--out", "run", *small).code == 0
    write_npz(tmp_path / "a.npz")
    ended = sicgrid("evaluate", "run", "--path", "a.npz", "--scale", "2", "--step", "0.1")
    assert ended.code == 0, ended.err
    assert "0.1 s a step, scale 2" in ended.out
    assert (tmp_path / "run" / "recordings" / "arena-1.6.safetensors").exists()
    assert sicgrid("analyze", "run").code == 0
    for words, says in [
        (["--path", "mouse"], "give a .csv, .npz or .nwb file"),
        (["--path", "a.npz", "--arenas", "1"], "two ways to walk"),
        (["--scale", "2"], "--scale and --step belong to --path"),
    ]:
        ended = sicgrid("evaluate", "run", *words)
        assert (ended.code, ended.err.count("\n")) == (2, 1)
        assert says in ended.err


def test_its_page_needs_no_network(sicgrid, tmp_path):
    assert sicgrid("analyze", "--recording", write_npz(tmp_path / "a.npz"), "--out", "run").code == 0
    ended = sicgrid("report", "run")
    assert ended.code == 0, ended.err
    page = (tmp_path / "run" / "report.html").read_text()
    assert "a.npz" in page
    assert str(tmp_path) not in page
