"""The process that compiles: ``python -m sicgrid.kernels._compiler MODULE KERNEL SIGNATURE``, see `_cache`."""

import sys
from importlib import import_module
from typing import Any

import numpy as np
import torch
from numba.core import sigutils, types

from . import _band_rollout, _carry, _neighbors, _pairs, _rollout
from ._band_rollout import band_rollout
from ._cache import KernelCache
from ._carry import carry
from ._facade import pair_sums, rollout
from .arrays import (
    bin_sums,
    count_spikes,
    farthest,
    grid_sums,
    half_correlations,
    in_time,
    new_places,
    ring_correlations,
    samples_at,
    set_down,
    spike_sums,
    sums_up_to,
    wave_power,
    weighted_sums,
)


def fill_cache(module: str, kernel: str, signature: str) -> None:
    """Compile one kernel for the types in `signature`, and all that go with it in a step of training or in an analysis.

    `signature` is as in ``(float32[:,::1], int64)``. Afterward this process is of no use for computing.
    """
    KernelCache.compiles = True
    arguments, _ = sigutils.normalize_signature(signature)  # type: ignore[no-untyped-call]
    getattr(import_module(module), kernel).compile(arguments)
    # Asked for one by one, each would cost the start of another process.
    if module in _STEPS:
        _STEPS[module](precision(arguments))


def precision(signature: tuple[Any, ...]) -> torch.dtype:
    """Of the first array in a signature that holds no whole numbers: some kernels begin with an order of steps.

    PyTorch's default where all are whole numbers.
    """
    for kind in signature:
        if isinstance(kind, types.Array) and isinstance(kind.dtype, types.Float):
            dtype: torch.dtype = getattr(torch, str(kind.dtype))
            return dtype
    return torch.get_default_dtype()


def _step(dtype: torch.dtype) -> None:
    """The smallest step of training, two points of one trajectory, and of a walk."""
    transitions = torch.eye(2, dtype=dtype).repeat(2, 1, 1).requires_grad_()
    states = rollout(transitions, torch.arange(2)[None], torch.ones(2, dtype=dtype))
    sums = pair_sums(torch.zeros(1, 2, 2, dtype=dtype), states, 1.0, 1.0)
    (sums.far + sums.near).backward()  # type: ignore[no-untyped-call]
    ones = torch.ones(1, 1, 1, dtype=dtype)
    carry(ones[0], ones[0], ones, ones[0])


def _ring_step(dtype: torch.dtype) -> None:
    """The smallest walk of a network with local couplings, and its gradient."""
    bands = torch.ones(2, 2, 1, dtype=dtype, requires_grad=True)
    states = band_rollout(bands, torch.arange(2)[None], torch.ones(2, dtype=dtype))
    states.sum().backward()  # type: ignore[no-untyped-call]


def _scores(_dtype: torch.dtype) -> None:
    """The smallest analysis of units: their scores in double precision, those of the nulls in single."""
    index, one, visited = np.zeros(1, np.int64), np.ones(1, np.int64), np.ones((1, 1, 1), np.bool_)
    for kind in (np.float32, np.float64):
        values = np.zeros((1, 1, 1), kind)
        wave_power(np.zeros((4, 1, 1, 1), kind))
        sums_up_to(values, *np.zeros((2, 2, 2, 1), kind))
        half_correlations(values, values, *np.zeros((2, 2, 2, 1), kind), 2, kind(0), values)
        places = np.zeros((1, 1, 2), np.int64)
        new_places(places[..., :1], index[None], np.zeros((1, 1)), one, np.zeros((1, 1)), places)
        rank = index.astype(np.int32)
        set_down(places, one, places, np.arange(2), index, index, index, rank, visited, values[0], values)
        bin_sums(values[0], index, index, index, values[0, 0], values[0])
    corners = np.zeros((1, 1, 4), np.int64)
    flat, weights = np.zeros((1, 1), np.float32), np.zeros((1, 1, 4), np.float32)
    ring_correlations(flat, one, index, one.astype(np.int32), corners, weights)
    fit = np.eye(2), np.ones((1, 2), np.int64), np.zeros((6, 3, 3)), np.zeros((3, 3))
    grid_sums(np.zeros((1, 1)), *fit)
    weighted_sums(*np.zeros((2, 1, 1)), *fit)
    farthest(np.zeros((1, 1)), 0, index)


def _spikes(_dtype: torch.dtype) -> None:
    """The smallest recording of spikes: put in order, its maps in double precision, those of the nulls in single."""
    few, index = np.zeros(1, np.int32), np.zeros(1, np.int64)
    samples_at(np.zeros(1), np.zeros(1), np.ones(1), few)
    count_spikes(few, index.copy())
    in_time(few, few, index.copy())
    for kind in (np.float32, np.float64):
        values = np.zeros((1, 1), kind)
        spike_sums(np.zeros(2, np.int32), few, values[0], index, index, index, values[0], values)


# What is compiled together with a kernel, by its module: only networks with local couplings need theirs.
_STEPS = (
    {_band_rollout.__name__: _ring_step}
    | dict.fromkeys((module.__name__ for module in (_carry, _neighbors, _pairs, _rollout)), _step)
    | dict.fromkeys(
        (
            function.__module__
            for function in (bin_sums, farthest, grid_sums, wave_power, new_places, ring_correlations)
        ),
        _scores,
    )
    | {in_time.__module__: _spikes}
)

if __name__ == "__main__":
    fill_cache(*sys.argv[1:])
