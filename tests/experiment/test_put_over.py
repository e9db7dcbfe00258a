"""Settings put over others: words of a command line, with the values of YAML."""

import pytest

from sicgrid.experiment import RunConfig, overridden
from sicgrid.storage import UserError


def test_words_are_put_over_settings_with_the_values_of_yaml():
    config = overridden(RunConfig(), ["loss.capacity=1e-1", "training.steps=7", "seed=3", "evaluation.arenas=[1, 2]"])
    assert (config.loss.capacity, config.training.steps, config.seed) == (0.1, 7, 3)
    assert config.evaluation.arenas == (1.0, 2.0)
    with pytest.raises(UserError, match=r"loss\.capacity"):
        overridden(RunConfig(), ["loss.capacity=no"])
    with pytest.raises(UserError, match=r"there is no setting seed\.x: seed has a value and no settings of its own"):
        overridden(RunConfig(), ["seed.x=1"])
