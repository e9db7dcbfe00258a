"""Fast twins of the rollout and of the pair terms, behind one choice.

Each twin equals the readable reference (`sicgrid.losses`, `sicgrid.model`) in value and gradient.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._band_rollout import band_rollout as band_rollout
    from ._choose import choose as choose
    from ._facade import pair_sums as pair_sums
    from ._facade import rollout as rollout
    from ._facade import squared_moves as squared_moves
    from ._networks import of_each_network as of_each_network
    from ._pairs import PairSums as PairSums
    from ._threads import limited_threads as limited_threads
    from ._threads import suited_threads as suited_threads
    from ._threads import use_threads as use_threads
else:
    __getattr__, __dir__ = lazy_names(__name__)
