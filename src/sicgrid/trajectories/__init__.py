"""Paths: permuted velocity sequences to train on, bounded walks in arenas to evaluate on."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._arena import WalkConfig as WalkConfig
    from ._arena import Walks as Walks
    from ._arena import arena_walks as arena_walks
    from ._config import TrajectoryConfig as TrajectoryConfig
    from ._permuted import PermutedVelocities as PermutedVelocities
    from ._permuted import VelocityBatch as VelocityBatch
    from ._real_paths import RealWalk as RealWalk
    from ._real_paths import real_walk as real_walk
    from ._sampler import Batch as Batch
    from ._sampler import Sampler as Sampler
    from ._sampler import network_inputs as network_inputs
else:
    __getattr__, __dir__ = lazy_names(__name__)
