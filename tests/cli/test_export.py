"""The command that writes a run in another format."""

from importlib.util import find_spec

import pytest

from external_files import write_npz
from sicgrid.cli import main
from sicgrid.experiment import RunConfig, import_recording
from sicgrid.storage import read_external_recording

pytestmark = pytest.mark.filterwarnings("ignore")  # pynwb's own


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    return import_recording(write_npz(folder / "a.npz"), folder / "run", RunConfig()).run.path


@pytest.mark.skipif(find_spec("ndx_rate_maps") is None, reason="ndx-rate-maps is not installed (sicgrid[nwb])")
def test_a_run_becomes_a_file(run, tmp_path, capsys):
    file = tmp_path / "run.nwb"
    assert main(["export", str(run), "--nwb", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "1 walks in a 0.8 m box, 200 samples of 3 units" in told
    assert "note: without columns of the analysis" in told
    assert len(read_external_recording(file).spike_times) == 5
    assert main(["export", str(run), "--nwb", str(file)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_it_asks_for_what_it_needs(run, capsys):
    for arguments, message in (
        ([], "which run? give its folder: `sicgrid export RUN`"),
        ([str(run)], "where to? give the file: `sicgrid export RUN --nwb FILE`"),
        ([str(run), "--nwb", "a.nwb", "--arena", "x"], "--arena"),
        ([str(run / "no"), "--nwb", "a.nwb"], "no"),
    ):
        assert main(["export", *arguments]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert message in error
