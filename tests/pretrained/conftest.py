"""A finished run and its network, exported once."""

import pytest

from sicgrid.experiment import checked_config, load_config, start_run, train_run
from sicgrid.pretrained import export_pretrained
from sicgrid.storage import _snapshots


def train(path, **over):
    settings = load_config("smoke").settings()
    settings |= {"preset": "", "kernels": "reference", "threads": 1, **over}
    settings["training"]["steps"] = 10
    settings["evaluation"]["walk"] |= {"animals": 30, "steps": 150}
    config = checked_config(settings)
    run = start_run(config, path)
    train_run(run, config, lambda first, changed: None, lambda record: None)
    return run


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A run of 10 steps; not to be written to."""
    return train(tmp_path_factory.mktemp("finished") / "run")


@pytest.fixture(scope="session")
def exported(finished, tmp_path_factory):
    """A folder with the network of that run, called small, its larger tensors as float16."""
    folder = tmp_path_factory.mktemp("exported") / "networks"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_snapshots, "LARGE", 1000)
        export_pretrained(finished, "small", "Nothing: ten steps.", folder, arenas=(1.5, 2.0))
    return folder
