"""The walk of all trajectories through their states on a GPU, forward and backward, one program a trajectory."""

import torch
import triton
import triton.language as tl
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._triton_compile import kernel

# What a program holds of a matrix at a time: all of 128 x 128, spread over 4 warps in 128 registers of each thread. On
# an H200 that takes half as long as 8 warps and a third of 16, since fewer wait for each other.
TILE = 128 * 128
WARPS = 4


def rollout(
    transitions: Float[Tensor, "*networks time units units"],
    order: Int[Tensor, "*networks batch time"],
    initial_state: Float[Tensor, "*networks units"],
) -> Float[Tensor, "*networks batch time units"]:
    r"""States g_t = NormReLU(g_{t-1} M[order[b, t]]) of every trajectory, differentiable but for the order.

    The GPU's twin of `sicgrid.kernels.rollout`, with the same meaning. A program walks all steps of one trajectory, its
    state in registers; the matrices come from the L2 cache, which holds them all (T N^2 floats, 4 MB for one network at
    paper scale), and that is what the walk waits for: hence a row of M is read only where its unit is active, about
    half of them. Each row of `order` must be a permutation of 0..T-1; dL/dM is then one batched product.
    No atomics: the same input gives the same bits. CUDA (or CPU, in Triton's interpreter), float32 or float64.
    """
    if order.ndim == 3:
        return _Rollout.apply(transitions, order, initial_state)  # type: ignore[no-untyped-call,no-any-return]
    states = _Rollout.apply(transitions[None], order[None], initial_state[None])  # type: ignore[no-untyped-call]
    return states.squeeze(0)  # type: ignore[no-any-return]


class _Rollout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, transitions, order, initial_state):  # type: ignore[no-untyped-def]
        transitions, initial_state = transitions.detach().contiguous(), initial_state.detach().contiguous()
        order = order.contiguous()
        networks, batch, time = order.shape
        units = transitions.shape[-1]
        states = transitions.new_empty(networks, batch, time, units)
        norms = transitions.new_empty(networks, batch, time)
        _forward[(networks * batch,)](
            transitions, order, initial_state, states, norms, batch, time, units, **_launch(units)
        )
        ctx.save_for_backward(transitions, order, initial_state, states, norms)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx, d_states):  # type: ignore[no-untyped-def]
        transitions, order, initial_state, states, norms = ctx.saved_tensors
        networks, batch, time, units = states.shape
        # Grouped by the matrix that each step used, so that dL/dM is one batched product.
        d_inputs, previous = states.new_empty(2, networks * time, batch, units)
        d_initial = states.new_empty(networks, batch, units)
        _backward[(networks * batch,)](
            transitions,
            order,
            initial_state,
            states,
            norms,
            d_states.contiguous(),
            d_inputs,
            previous,
            d_initial,
            batch,
            time,
            units,
            **_launch(units),
        )
        d_transitions = torch.bmm(previous.transpose(1, 2), d_inputs).view_as(transitions)
        return d_transitions, None, d_initial.sum(dim=1) if ctx.needs_input_grad[2] else None


def initial_states(start: Float[Tensor, "networks units"], batches: int) -> Float[Tensor, "rows units"]:
    """NormReLU of each row, so many times: the GPU's twin of what `sicgrid.model.RNNStack` starts from; no gradient."""
    networks, units = start.shape
    states = start.new_empty(networks * batches, units)
    width = triton.next_power_of_2(units)
    _initial[(networks * batches,)](
        start.detach().contiguous(), states, batches, units, UNITS=width, enable_fp_fusion=True
    )
    return states


@kernel
def _uniform(inside, KIND: tl.constexpr):  # type: ignore[no-untyped-def]
    """The state of a network in which no unit is active."""
    counted = inside.to(KIND)
    return counted / tl.sqrt(tl.sum(counted, axis=0))


@kernel
def _norm_relu(z, uniform):  # type: ignore[no-untyped-def]
    """The state, and the norm that it was divided by."""
    # Written so that not-a-number stays: a diverged network must show up in the loss.
    z = tl.where(z < 0.0, 0.0, z)
    norm = tl.sqrt(tl.sum(z * z, axis=0))
    return tl.where(norm == 0.0, uniform, z / tl.where(norm == 0.0, 1.0, norm)), norm


@kernel
def _initial(start, states, batches, units, UNITS: tl.constexpr):  # type: ignore[no-untyped-def]
    row, i = tl.program_id(0), tl.arange(0, UNITS)
    inside = i < units
    z = tl.load(start + (row // batches) * units + i, mask=inside, other=0.0)
    z = tl.where(z < 0.0, 0.0, z)
    norm = tl.sqrt(tl.sum(z * z, axis=0))
    uniform = _uniform(inside, states.dtype.element_ty)
    tl.store(
        states + row * units + i, tl.where(norm == 0.0, uniform, z / tl.where(norm == 0.0, 1.0, norm)), mask=inside
    )


def _launch(units: int) -> dict[str, int | bool]:
    width = triton.next_power_of_2(units)
    return {"ROWS": max(1, min(width, TILE // width)), "UNITS": width, "num_warps": WARPS, "enable_fp_fusion": True}


@kernel
def _piece(vector, index, PIECES: tl.constexpr, ROWS: tl.constexpr):  # type: ignore[no-untyped-def]
    """Elements index * ROWS ... of a vector in registers, which cannot be sliced."""
    chosen = tl.arange(0, PIECES)[:, None] == index
    return tl.sum(tl.where(chosen, tl.reshape(vector, (PIECES, ROWS)), 0.0), axis=0)


@kernel
def _forward(  # type: ignore[no-untyped-def]
    transitions, order, initial_state, states, norms, batch, time, units, ROWS: tl.constexpr, UNITS: tl.constexpr
):
    """Fill in the states (networks, batch, time, units) and the norms of the ReLU outputs (networks, batch, time)."""
    PIECES: tl.constexpr = UNITS // ROWS
    trajectory = tl.program_id(0).to(tl.int64)
    network = trajectory // batch
    i = tl.arange(0, UNITS)
    inside = i < units
    uniform = _uniform(inside, states.dtype.element_ty)
    state = tl.load(initial_state + network * units + i, mask=inside, other=0.0)
    next_k = tl.load(order + trajectory * time)
    for t in range(time):
        # Which matrix comes next does not depend on the state, so it is asked for a step ahead.
        k = next_k
        next_k = tl.load(order + trajectory * time + tl.minimum(t + 1, time - 1))
        matrix = transitions + (network * time + k) * units * units
        z = tl.zeros((UNITS,), states.dtype.element_ty)
        for piece in tl.static_range(PIECES):
            activity = _piece(state, piece, PIECES, ROWS)
            j = piece * ROWS + tl.arange(0, ROWS)
            read = (activity != 0.0)[:, None] & (j < units)[:, None] & inside[None, :]
            rows = tl.load(matrix + j[:, None] * units + i[None, :], mask=read, other=0.0)
            z += tl.sum(activity[:, None] * rows, axis=0)
        state, norm = _norm_relu(z, uniform)
        tl.store(norms + trajectory * time + t, norm)
        tl.store(states + (trajectory * time + t) * units + i, state, mask=inside)


@kernel
def _backward(  # type: ignore[no-untyped-def]
    transitions,
    order,
    initial_state,
    states,
    norms,
    d_states,
    d_inputs,
    previous,
    d_initial,
    batch,
    time,
    units,
    ROWS: tl.constexpr,
    UNITS: tl.constexpr,
):
    """Fill in, for each matrix (networks * time, batch, units), the states it met and the gradients of what it made."""
    PIECES: tl.constexpr = UNITS // ROWS
    trajectory = tl.program_id(0).to(tl.int64)
    network, b = trajectory // batch, trajectory % batch
    i = tl.arange(0, UNITS)
    inside = i < units
    carried = tl.zeros((UNITS,), states.dtype.element_ty)
    first = initial_state + network * units
    step = trajectory * time + time - 1
    state = tl.load(states + step * units + i, mask=inside, other=0.0)
    next_k, next_norm = tl.load(order + step), tl.load(norms + step)
    next_d = tl.load(d_states + step * units + i, mask=inside, other=0.0)
    for back in range(time):
        t = time - 1 - back
        step = trajectory * time + t
        k, norm = next_k, next_norm
        carried += next_d
        before = tl.load(tl.where(t > 0, states + (step - 1) * units, first) + i, mask=inside, other=0.0)
        # What the next step needs and this one does not make is asked for ahead.
        ahead = tl.maximum(step - 1, 0)
        next_k, next_norm = tl.load(order + ahead), tl.load(norms + ahead)
        next_d = tl.load(d_states + ahead * units + i, mask=inside, other=0.0)
        matrix = transitions + (network * time + k) * units * units
        # Through the norm: the gradient along the state does nothing. Through the ReLU: silent units block.
        along = tl.sum(carried * state, axis=0)
        d_z = (carried - state * along) / tl.where(norm == 0.0, 1.0, norm)
        d_z = tl.where(state <= 0.0, 0.0, tl.where(norm == 0.0, 0.0, d_z))
        met = ((network * time + k) * batch + b) * units + i
        tl.store(previous + met, before, mask=inside)
        tl.store(d_inputs + met, d_z, mask=inside)
        # Through a silent unit nothing passes back, except into the initial state, which may be anything.
        passes = (tl.abs(before) > tl.where(t == 0, -1.0, 0.0)).to(tl.float32)
        pieces = tl.zeros((PIECES, ROWS), states.dtype.element_ty)
        for piece in tl.static_range(PIECES):
            j = piece * ROWS + tl.arange(0, ROWS)
            read = (_piece(passes, piece, PIECES, ROWS) != 0.0)[:, None] & (j < units)[:, None] & inside[None, :]
            rows = tl.load(matrix + j[:, None] * units + i[None, :], mask=read, other=0.0)
            back_through = tl.sum(rows * d_z[None, :], axis=1)
            pieces = tl.where(tl.arange(0, PIECES)[:, None] == piece, back_through[None, :], pieces)
        carried = tl.reshape(pieces, (UNITS,))
        state = before
    tl.store(d_initial + trajectory * units + i, carried, mask=inside)
