"""Plans small enough to be worked in a test."""

import pytest

from sicgrid.experiment import yaml_text
from sicgrid.sweeps import load_plan

# A second's worth of work: few steps, few animals, units alone with the fewest shuffles and large bins.
TINY = {
    "training.steps": 40,
    "checkpoint_every": 5,
    "kernels": "reference",
    "evaluation.arenas": [2.0],
    "evaluation.walk.animals": 20,
    "evaluation.walk.steps": 100,
    "evaluation.held_out_batches": 1,
    "analysis.shuffles": 2,
    "analysis.bin_size": 0.1,
}


@pytest.fixture(scope="session")
def tiny():
    """Settings of a tiny run, on top of smoke."""
    return TINY


@pytest.fixture
def make_plan(tmp_path):
    """Maker of plans of tiny smoke runs; settings go on top, other fields beside."""

    def make(settings=None, **fields):
        file = tmp_path / "plan.yaml"
        whole = {"preset": "smoke", "settings": TINY | (settings or {}), "parts": ["units"], **fields}
        file.write_text(yaml_text(whole))
        return load_plan(file)

    return make


@pytest.fixture
def write_plan(tmp_path):
    """Writer of a plan's file from text."""

    def write(text):
        file = tmp_path / "plan.yaml"
        file.write_text(text)
        return file

    return write
