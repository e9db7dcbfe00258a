"""What recordings come from: the newest checkpoint, or an external file."""

from external_files import write_npz
from sicgrid.experiment import import_recording, start_run, train_run
from sicgrid.experiment._origin import recordings_origin
from sicgrid.storage import newest_checkpoint, read_provenance


def test_of_a_network_the_newest_checkpoint(tmp_path, make_config):
    config = make_config(training__steps=3)
    run = start_run(config, tmp_path / "run")
    assert recordings_origin(run, config) is None
    train_run(run, config, lambda step, changed: None, lambda record: None)
    newest = newest_checkpoint(run, read_provenance(run)["run"])
    assert recordings_origin(run, config) == (newest.sha256, 3)


def test_of_an_external_recording_the_file(tmp_path, make_config):
    config = make_config()
    run = import_recording(write_npz(tmp_path / "a.npz"), tmp_path / "run", config).run
    assert recordings_origin(run, config) == (read_provenance(run)["recording"]["sha256"], None)
