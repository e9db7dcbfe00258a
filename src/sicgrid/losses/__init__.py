"""The SIC loss: plain functions, one a term (the reference), and `SICLoss`, which puts them together."""

from ._capacity import capacity as capacity
from ._config import LossConfig as LossConfig
from ._conformal_isometry import conformal_isometry as conformal_isometry
from ._invariance import invariance as invariance
from ._separation import separation as separation
from ._sic import SICLoss as SICLoss
from ._sic import SICTerms as SICTerms
from ._split import split_pair_sums as split_pair_sums
from ._stack import SICLossStack as SICLossStack
