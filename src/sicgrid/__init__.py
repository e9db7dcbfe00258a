"""sicgrid: train, take apart and picture self-supervised grid-cell networks (Schaeffer et al., NeurIPS 2023).

The public names are loaded at first use, so that ``import sicgrid`` is quick and ``import sicgrid.analysis`` does
without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .losses import LossConfig as LossConfig
    from .losses import Objective as Objective
    from .losses import SICLoss as SICLoss
    from .losses import SICTerms as SICTerms
    from .model import ModelConfig as ModelConfig
    from .model import Network as Network
    from .model import Rollout as Rollout
    from .model import VelocityRNN as VelocityRNN
    from .pretrained import load_pretrained as load_pretrained
    from .run import Run as Run
    from .run import compare as compare
    from .training import StepRecord as StepRecord
    from .training import TrainConfig as TrainConfig
    from .training import TrainState as TrainState
    from .training import train as train
    from .trajectories import PermutedVelocities as PermutedVelocities
    from .trajectories import TrajectoryConfig as TrajectoryConfig
    from .trajectories import VelocityBatch as VelocityBatch

    __version__: str

_HOMES = {
    "LossConfig": "losses",
    "Objective": "losses",
    "SICLoss": "losses",
    "SICTerms": "losses",
    "ModelConfig": "model",
    "Network": "model",
    "Rollout": "model",
    "VelocityRNN": "model",
    "load_pretrained": "pretrained",
    "Run": "run",
    "compare": "run",
    "StepRecord": "training",
    "TrainConfig": "training",
    "TrainState": "training",
    "train": "training",
    "PermutedVelocities": "trajectories",
    "TrajectoryConfig": "trajectories",
    "VelocityBatch": "trajectories",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("sicgrid")
    if name not in _HOMES:
        raise AttributeError(f"module 'sicgrid' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value  # asked once
    return value


def __dir__() -> list[str]:
    return sorted([*_HOMES, "__version__"])
