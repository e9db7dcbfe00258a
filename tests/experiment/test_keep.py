"""What training leaves on the disk, written by this thread or by another."""

import errno

import pytest

from sicgrid.experiment import start_run
from sicgrid.experiment._keep import RunKeeper
from sicgrid.experiment._train import build
from sicgrid.storage import newest_checkpoint, read_metrics, read_provenance
from sicgrid.training import train


def newest(run):
    return newest_checkpoint(run, read_provenance(run)["run"])


def keep_all(run, config, background, at_step=lambda record, keeper: None):
    parts = build(config, None)
    with RunKeeper(run, config, 0, config.training.steps, background=background) as keeper:
        for record in train(parts.rnn, parts.loss, parts.sampler, config.training, state=parts.state):
            keeper.keep(record, save=False)
            at_step(record, keeper)


def test_a_checkpoint_written_behind_the_loop_holds_the_step_it_is_of(tmp_path, make_config):
    """The weights go on changing while it is written; what is written must not."""
    config = make_config(training__steps=30, keep_checkpoints=3)
    runs = {}
    for background in (False, True):
        runs[background] = start_run(config, tmp_path / str(background))
        keep_all(runs[background], config, background)
    files = [sorted(run.checkpoints.glob("*.safetensors")) for run in runs.values()]
    assert [path.name for path in files[0]] == [f"step-000000{step}.safetensors" for step in (10, 20, 30)]
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_leaving_waits_for_the_checkpoint_on_its_way(tmp_path, make_config):
    class Crash(Exception):
        pass

    def crash(record, keeper):
        if record.step == 10:
            raise Crash

    config = make_config()
    run = start_run(config, tmp_path / "run")
    with pytest.raises(Crash):
        keep_all(run, config, True, crash)
    assert newest(run).step == 10
    assert read_provenance(run)["sessions"][0]["ended"] == "Crash"


def test_an_error_behind_the_loop_comes_up(tmp_path, make_config, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    config = make_config(training__steps=20)
    run = start_run(config, tmp_path / "run")
    monkeypatch.setattr("sicgrid.experiment._keep.save_checkpoint", full)
    with pytest.raises(OSError, match="No space left"):
        keep_all(run, config, True)
    assert read_metrics(run.metrics)["step"][-1] in (10, 20)  # at the next save, or at the end
    assert read_provenance(run)["sessions"][0]["ended"] == "OSError"
