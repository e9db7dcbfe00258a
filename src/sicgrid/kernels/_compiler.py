"""The process that compiles: ``python -m sicgrid.kernels._compiler MODULE KERNEL SIGNATURE``, see `_cache`."""

import sys
from importlib import import_module
from typing import Any

import torch
from numba.core import sigutils, types

from . import _band_rollout, _neighbors, _pairs, _rollout
from ._band_rollout import band_rollout
from ._cache import KernelCache
from ._facade import pair_sums, rollout


def fill_cache(module: str, kernel: str, signature: str) -> None:
    """Compile one kernel for the types in `signature`, and all that go with it in a step of training.

    `signature` is as in ``(float32[:,::1], int64)``. Afterwards this process is of no use for computing.
    """
    KernelCache.compiles = True
    arguments, _ = sigutils.normalize_signature(signature)  # type: ignore[no-untyped-call]
    getattr(import_module(module), kernel).compile(arguments)
    # Asked for one by one, each would cost the start of another process.
    if module in _STEPS:
        _STEPS[module](precision(arguments))


def precision(signature: tuple[Any, ...]) -> torch.dtype:
    """Of the first array in a signature that holds no whole numbers: some kernels begin with an order of steps."""
    floats = (kind.dtype for kind in signature if isinstance(kind, types.Array) and isinstance(kind.dtype, types.Float))
    dtype: torch.dtype = getattr(torch, str(next(floats)))
    return dtype


def _step(dtype: torch.dtype) -> None:
    """The smallest step: two points of one trajectory."""
    transitions = torch.eye(2, dtype=dtype).repeat(2, 1, 1).requires_grad_()
    states = rollout(transitions, torch.arange(2)[None], torch.ones(2, dtype=dtype))
    sums = pair_sums(torch.zeros(1, 2, 2, dtype=dtype), states, 1.0, 1.0)
    (sums.far + sums.near).backward()  # type: ignore[no-untyped-call]


def _ring_step(dtype: torch.dtype) -> None:
    """The smallest walk of a network with local couplings, and its gradient."""
    bands = torch.ones(2, 2, 1, dtype=dtype, requires_grad=True)
    states = band_rollout(bands, torch.arange(2)[None], torch.ones(2, dtype=dtype))
    states.sum().backward()  # type: ignore[no-untyped-call]


# What is compiled together with a kernel, by its module: only networks with local couplings need theirs.
_STEPS = {_band_rollout.__name__: _ring_step} | dict.fromkeys(
    (module.__name__ for module in (_neighbors, _pairs, _rollout)), _step
)

if __name__ == "__main__":
    fill_cache(*sys.argv[1:])
