"""A run's folder without a training."""

import pytest

from sicgrid.storage import create_run, new_provenance


@pytest.fixture
def run(tmp_path):
    return create_run(tmp_path / "run", "seed: 0\n", new_provenance(0, "cpu", 1, "reference", "requested"))
