"""The walk of `_rollout` where couplings reach a few neighbors only and the norm is, if wanted, local."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numba import prange
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._compile import Array, vectorized
from ._threads import suited_threads


def band_rollout(
    bands: Float[Tensor, "time units width"],
    order: Int[Tensor, "batch time"],
    initial_state: Float[Tensor, " units"],
    weights: Float[Tensor, "units units"] | None = None,
) -> Float[Tensor, "batch time units"]:
    r"""States g_t of every trajectory, differentiable but for the order and the weights.

    z_i = sum over d of g_{t-1, j} M[order[b, t], j, d] with j = i - d + width // 2 modulo the number of units, r =
    ReLU(z), h_i = r_i / sqrt(sum_j K_ij r_j^2) with K the weights, or h = r without them; g_t = h / ||h||. Rows of
    silent units are not read. Each row of `order` must be a permutation of 0..T-1. An all-zero h becomes the uniform
    unit state, without gradient. CPU, float32 or float64. The readable reference is `sicgrid.model.RingRNN`.
    """
    if weights is None:
        weights = initial_state.new_empty(0, 0)
    return _BandRollout.apply(bands, order, initial_state, weights.to(bands))  # type: ignore[no-untyped-call,no-any-return]


class _BandRollout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, bands, order, initial_state, weights):  # type: ignore[no-untyped-def]
        bands, initial_state = bands.detach().contiguous(), initial_state.detach().contiguous()
        order, weights = order.contiguous(), weights.detach().contiguous()
        states = bands.new_empty(*order.shape, bands.shape[1])
        with suited_threads(order.numel()):
            ctx.norms, ctx.around = _forward(
                bands.numpy(), order.numpy(), initial_state.numpy(), weights.T.contiguous().numpy(), states.numpy()
            )
        ctx.save_for_backward(bands, order, initial_state, weights, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx, d_states):  # type: ignore[no-untyped-def]
        bands, order, initial_state, weights, states = (tensor.numpy() for tensor in ctx.saved_tensors)
        time, units, width = bands.shape
        # By the band that each step used, and with room at both ends, so that no loop has to look where a ring closes.
        d_inputs = np.zeros((time, order.shape[0], units + width), bands.dtype)
        with suited_threads(order.size):
            d_initial = _backward(
                bands, order, weights, states, ctx.norms, ctx.around, d_states.contiguous().numpy(), d_inputs
            )
            d_bands = _outer(states, d_inputs, order, initial_state, width)
        return torch.from_numpy(d_bands), None, torch.from_numpy(d_initial), None


@vectorized
def _forward(bands: Array, order: Array, initial_state: Array, columns: Array, states: Array) -> tuple[Array, Array]:
    """Fill in the states; return ||h|| (batch, time) and, where the norm is local, its sums (batch, time, units).

    `columns` are those of the weights, as rows.
    """
    batch, time, units = states.shape
    width, reach, kind = bands.shape[2], bands.shape[2] // 2, bands.dtype.type
    local = columns.shape[0] > 0
    norms = np.empty((batch, time), bands.dtype)
    around = np.empty((batch, time, units if local else 0), bands.dtype)
    uniform = kind(1 / np.sqrt(units))
    for b in prange(batch):
        wide = np.empty(units + width, bands.dtype)  # entry p is unit p - reach modulo units
        state = initial_state
        for t in range(time):
            band, g = bands[order[b, t]], states[b, t]
            wide[:] = 0
            for j in range(units):
                activity = state[j]
                if activity != 0:
                    row = band[j]
                    for d in range(width):
                        wide[j + d] += activity * row[d]
            # The ends that stand out on either side belong to the units at the other one.
            for i in range(reach):
                wide[units + i] += wide[i]
            for i in range(width - 1 - reach):
                wide[reach + i] += wide[units + reach + i]
            for i in range(units):
                z = wide[reach + i]
                g[i] = z if not z < 0 else kind(0)
            if local:
                sums = around[b, t]
                sums[:] = 0
                for j in range(units):
                    squared = g[j] * g[j]
                    if squared != 0:
                        column = columns[j]
                        for i in range(units):
                            sums[i] += column[i] * squared
                for i in range(units):
                    g[i] = g[i] / np.sqrt(sums[i]) if sums[i] != 0 else kind(0)
            total = kind(0)
            for i in range(units):
                total += g[i] * g[i]
            norm = np.sqrt(total)
            norms[b, t] = norm
            if norm == 0:
                g[:] = uniform
            else:
                for i in range(units):
                    g[i] /= norm
            state = g
    return norms, around


@vectorized
def _backward(
    bands: Array,
    order: Array,
    weights: Array,
    states: Array,
    norms: Array,
    around: Array,
    d_states: Array,
    wide_d: Array,
) -> Array:
    """Fill in the gradient of the inputs z, by the band that the step used; return that of the initial state."""
    batch, time, units = states.shape
    width, reach, kind = bands.shape[2], bands.shape[2] // 2, bands.dtype.type
    local = weights.shape[0] > 0
    carried_all = np.zeros((batch, units), states.dtype)
    for b in prange(batch):
        carried = carried_all[b]
        shares = np.empty(units, states.dtype)
        d_z = np.empty(units, states.dtype)
        for t in range(time - 1, -1, -1):
            used, state, norm = order[b, t], states[b, t], norms[b, t]
            wide = wide_d[used, b]
            along = kind(0)
            for i in range(units):
                carried[i] += d_states[b, t, i]
                along += carried[i] * state[i]
            # Through ||h||: the gradient along the state does nothing. Through the ReLU: silent units block.
            scale = 1 / norm if norm > 0 else kind(0)
            for i in range(units):
                d_z[i] = (carried[i] - state[i] * along) * scale if state[i] > 0 else kind(0)
            if local and norm > 0:
                # dL/dr_k = dL/dh_k / sqrt(q_k) - r_k sum_i K_ik dL/dh_i h_i / q_i, with r_k = h_k sqrt(q_k)
                sums = around[b, t]
                shares[:] = 0
                for i in range(units):
                    if d_z[i] != 0:
                        share = d_z[i] * state[i] * norm / sums[i]
                        row = weights[i]
                        for k in range(units):
                            shares[k] += row[k] * share
                for k in range(units):
                    if state[k] > 0:
                        root = np.sqrt(sums[k])
                        d_z[k] = d_z[k] / root - state[k] * norm * root * shares[k]
            # Number by number, as in `_rollout`: Numba takes seconds to compile the copy of a slice.
            for i in range(units):
                wide[reach + i] = d_z[i]
            for i in range(reach):
                wide[i] = wide[units + i]
            for i in range(width - 1 - reach):
                wide[units + reach + i] = wide[reach + i]
            for j in range(units):
                # Through a silent unit nothing passes back, except into the initial state, which may be anything.
                if t > 0 and states[b, t - 1, j] == 0:
                    carried[j] = 0
                    continue
                row = bands[used, j]
                total = kind(0)
                for d in range(width):
                    total += row[d] * wide[j + d]
                carried[j] = total
    d_initial = np.zeros(units, states.dtype)
    for b in range(batch):
        for i in range(units):
            d_initial[i] += carried_all[b, i]
    return d_initial


@vectorized
def _outer(states: Array, d_inputs: Array, order: Array, initial_state: Array, width: int) -> Array:
    """dL/dM[k, j, d] = sum over trajectories of the state before the step that used M[k], times the gradient of z."""
    batch, time, units = states.shape
    d_bands = np.zeros((time, units, width), states.dtype)
    step = np.empty((time, batch), np.int64)
    for b in range(batch):
        for t in range(time):
            step[order[b, t], b] = t
    for k in prange(time):
        for b in range(batch):
            t = step[k, b]
            before = states[b, t - 1] if t > 0 else initial_state
            wide = d_inputs[k, b]
            for j in range(units):
                activity = before[j]
                if activity != 0:
                    row = d_bands[k, j]
                    for d in range(width):
                        row[d] += activity * wide[j + d]
    return d_bands
