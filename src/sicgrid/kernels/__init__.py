"""Fast twins of the rollout and of the pair terms, behind one choice.

Each twin equals the readable reference (`sicgrid.losses`, `sicgrid.model`) in value and gradient.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._band_rollout import band_rollout as band_rollout
    from ._carry import carry as carry
    from ._choose import choose as choose
    from ._facade import account as account
    from ._facade import adamw as adamw
    from ._facade import initial_states as initial_states
    from ._facade import pair_sums as pair_sums
    from ._facade import rollout as rollout
    from ._facade import sic_scales as sic_scales
    from ._facade import sic_terms as sic_terms
    from ._ledger import Ledger as Ledger
    from ._ledger import Update as Update
    from ._linear import linear as linear
    from ._networks import of_each_network as of_each_network
    from ._pace import Pace as Pace
    from ._pace import same_bits_on_two as same_bits_on_two
    from ._pairs import PairSums as PairSums
    from ._threads import FEW as FEW
    from ._threads import leave_threads as leave_threads
    from ._threads import limited_threads as limited_threads
    from ._threads import suited_threads as suited_threads
    from ._threads import use_threads as use_threads
else:
    __getattr__, __dir__ = lazy_names(__name__)
