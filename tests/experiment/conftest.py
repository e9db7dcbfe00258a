"""A run small enough to be trained in a test."""

import pytest

from sicgrid.experiment import checked_config, load_config


@pytest.fixture
def make_config():
    """Maker of small settings: 40 steps of well under a millisecond's worth of arithmetic, a checkpoint every 10."""

    def make(**over):
        settings = load_config("smoke").settings()
        settings |= {"kernels": "reference", "threads": 1}
        settings["evaluation"]["walk"] |= {"animals": 30, "steps": 150}
        for name, value in over.items():
            group, _, field = name.rpartition("__")
            (settings[group] if group else settings)[field] = value
        return checked_config(settings)

    return make
