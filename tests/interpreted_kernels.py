"""The GPU kernels, to be imported from here: on a GPU if there is one, else as Triton's interpreter runs them.

Triton reads the variable when it is imported, so it is set before, by whoever imports this first.
"""

import functools
import os

import torch

THERE = "cuda" if torch.cuda.is_available() else "cpu"
if THERE == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"

from sicgrid.kernels import _triton_adamw as adamw  # noqa: E402, F401
from sicgrid.kernels import _triton_far as far  # noqa: E402, F401
from sicgrid.kernels import _triton_pairs as pairs  # noqa: E402
from sicgrid.kernels import _triton_rollout as rollouts  # noqa: E402
from sicgrid.kernels import _triton_sic as sic  # noqa: E402


def _there(function):
    """The function of tensors on the CPU, done there; gradients find their way back."""

    @functools.wraps(function)
    def moved(*arguments, **options):
        result = function(*(one.to(THERE) if torch.is_tensor(one) else one for one in arguments), **options)
        return result.cpu() if torch.is_tensor(result) else type(result)(*(one.cpu() for one in result))

    return moved


pair_sums, rollout, sic_terms = map(_there, (pairs.pair_sums, rollouts.rollout, sic.sic_terms))
