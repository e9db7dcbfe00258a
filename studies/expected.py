"""What the theory expects of a run's settings: the best codes, with no fitted number."""

from sicgrid.experiment import RunConfig
from sicgrid.theory import CodeSetting, ModularCode, best_code

RESTARTS = 8

SPECTRA = {"hexagonal": [(1,), (1, 3), (1, 4), (1, 3, 9)], "square": [(1,), (1, 2), (1, 2, 4), (1, 2, 4, 8)]}
"""The sets of indices among which the best nested code is sought, by the common lattice."""


def code_setting(config: RunConfig) -> CodeSetting:
    """A run's settings, as far as the theory has them."""
    settings = {**config.model.model_dump(), **config.trajectories.model_dump(), **config.loss.model_dump()}
    return CodeSetting(**{name: settings[name] for name in CodeSetting._fields if name in settings})


def best_lattice(setting: CodeSetting, least_units: float = 8.0) -> ModularCode:
    """The best code of one module."""
    return best_code(setting, 1, restarts=RESTARTS, least_units=least_units).code
