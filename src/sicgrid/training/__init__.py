"""Make the network learn: optimizer and schedule, the state of the training, and the loop."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._config import TrainConfig as TrainConfig
    from ._config import refuse_idle_stop as refuse_idle_stop
    from ._loop import NonFiniteLoss as NonFiniteLoss
    from ._loop import StepRecord as StepRecord
    from ._loop import train as train
    from ._loop import train_together as train_together
    from ._state import TrainState as TrainState
    from ._step import Trainee as Trainee
    from ._step import refusal as refusal
    from ._step import refuse_growth as refuse_growth
    from ._windows import random_windows as random_windows
else:
    __getattr__, __dir__ = lazy_names(__name__)
