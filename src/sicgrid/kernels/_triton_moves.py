"""How far the state moves in each step, on a GPU: the states are read once there and once back."""

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._triton_compile import kernel

ROWS = 16  # states of a program


def squared_moves(
    states: Float[Tensor, "networks batch time units"], initial_state: Float[Tensor, "networks units"]
) -> Float[Tensor, "networks batch time"]:
    """||g_t - g_{t-1}||^2 of every step, g_0 the initial state; differentiable.

    The GPU's twin of `sicgrid.losses.squared_moves`. CUDA (or CPU, in Triton's interpreter), float32 or float64.
    """
    return _SquaredMoves.apply(states, initial_state)  # type: ignore[no-untyped-call,no-any-return]


class _SquaredMoves(torch.autograd.Function):
    @staticmethod
    def forward(ctx, states, initial_state):  # type: ignore[no-untyped-def]
        states, initial_state = states.detach().contiguous(), initial_state.detach().contiguous()
        networks, batch, time, units = states.shape
        moves = states.new_empty(networks, batch, time)
        _moves[(triton.cdiv(batch * time, ROWS), networks)](
            states, initial_state, moves, batch * time, time, units, **_launch(units)
        )
        ctx.save_for_backward(states, initial_state)
        return moves

    @staticmethod
    @once_differentiable
    def backward(ctx, d_moves):  # type: ignore[no-untyped-def]
        states, initial_state = ctx.saved_tensors
        networks, batch, time, units = states.shape
        gradient = torch.empty_like(states)
        _moves_back[(triton.cdiv(batch * time, ROWS), networks)](
            states, initial_state, d_moves.contiguous(), gradient, batch * time, time, units, **_launch(units)
        )
        first = states[:, :, 0] - initial_state[:, None]
        return gradient, (-2 * d_moves[:, :, 0, None] * first).sum(dim=1)


def _launch(units: int) -> dict[str, int | bool]:
    return {"ROWS": ROWS, "UNITS": triton.next_power_of_2(units), "enable_fp_fusion": True}


@kernel
def _steps(states, initial_state, network, i, steps, time, units, UNITS: tl.constexpr):  # type: ignore[no-untyped-def]
    """Of steps i: where their states lie, which of these there are, the states and those before."""
    unit = tl.arange(0, UNITS)
    used = unit < units
    mask = (i < steps)[:, None] & used[None, :]
    place = (network * steps + i)[:, None] * units + unit[None, :]
    start = tl.load(initial_state + network * units + unit, mask=used, other=0.0)
    first = (i % time == 0)[:, None]
    earlier = tl.load(states + place - units, mask=mask & (first == 0), other=0.0)
    return place, mask, tl.load(states + place, mask=mask, other=0.0), tl.where(first, start[None, :], earlier)


@kernel
def _moves(  # type: ignore[no-untyped-def]
    states, initial_state, moves, steps, time, units, ROWS: tl.constexpr, UNITS: tl.constexpr
):
    network = tl.program_id(1).to(tl.int64)
    i = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    _, _, state, before = _steps(states, initial_state, network, i, steps, time, units, UNITS)
    moved = state - before
    tl.store(moves + network * steps + i, tl.sum(moved * moved, axis=1), mask=i < steps)


@kernel
def _moves_back(  # type: ignore[no-untyped-def]
    states, initial_state, d_moves, gradient, steps, time, units, ROWS: tl.constexpr, UNITS: tl.constexpr
):
    """2 d_t (g_t - g_{t-1}) - 2 d_{t+1} (g_{t+1} - g_t), the latter not after the last step."""
    network = tl.program_id(1).to(tl.int64)
    i = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    place, mask, state, before = _steps(states, initial_state, network, i, steps, time, units, UNITS)
    going_on = i % time != time - 1
    after = tl.load(states + place + units, mask=mask & going_on[:, None], other=0.0)
    d = tl.load(d_moves + network * steps + i, mask=i < steps, other=0.0)
    d_next = tl.load(d_moves + network * steps + i + 1, mask=(i < steps) & going_on, other=0.0)
    onward = tl.where(going_on[:, None], after - state, 0.0)
    tl.store(gradient + place, 2.0 * (d[:, None] * (state - before) - d_next[:, None] * onward), mask=mask)
