"""sicgrid: train, take apart and picture self-supervised grid-cell networks (Schaeffer et al., NeurIPS 2023).

The public names are loaded at first use, so that ``import sicgrid`` is quick and ``import sicgrid.analysis`` does
without torch.
"""

from typing import TYPE_CHECKING

from ._lazy import lazy_names

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
    from .storage import UserError as UserError
    from .training import StepRecord as StepRecord
    from .training import TrainConfig as TrainConfig
    from .training import TrainState as TrainState
    from .training import train as train
    from .trajectories import PermutedVelocities as PermutedVelocities
    from .trajectories import TrajectoryConfig as TrajectoryConfig
    from .trajectories import VelocityBatch as VelocityBatch

    __version__: str
else:
    _named, _names = lazy_names(__name__)

    def __getattr__(name):
        if name == "__version__":
            from importlib.metadata import version

            return version("sicgrid")
        return _named(name)

    def __dir__():
        return sorted([*_names(), "__version__"])
