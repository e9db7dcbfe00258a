"""What training minimizes: `Objective`, and `SICLoss`, whose terms are plain functions (the reference)."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._capacity import capacity as capacity
    from ._config import TERM_LABELS as TERM_LABELS
    from ._config import LossConfig as LossConfig
    from ._conformal_isometry import conformal_isometry as conformal_isometry
    from ._invariance import invariance as invariance
    from ._objective import Objective as Objective
    from ._objective import as_objective as as_objective
    from ._objective import call_by_name as call_by_name
    from ._separation import separation as separation
    from ._sic import TERMS as TERMS
    from ._sic import SICLoss as SICLoss
    from ._sic import SICTerms as SICTerms
    from ._split import split_pair_sums as split_pair_sums
    from ._stack import SICLossStack as SICLossStack
else:
    __getattr__, __dir__ = lazy_names(__name__)
