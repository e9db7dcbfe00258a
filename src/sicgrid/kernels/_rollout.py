"""The walk of all trajectories through their states, forward and backward, one trajectory at a time."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numba import prange
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._compile import Array, vectorized
from ._threads import suited_threads


def rollout(
    transitions: Float[Tensor, "*networks time units units"],
    order: Int[Tensor, "*networks batch time"],
    initial_state: Float[Tensor, "*networks units"],
) -> Float[Tensor, "*networks batch time units"]:
    r"""States g_t = NormReLU(g_{t-1} M[order[b, t]]) of every trajectory, differentiable but for the order.

    M is the transpose of the paper's W (states multiply from the left), so that the rows of M that belong to silent
    units are never read: about half of them. Each row of `order` must be a permutation of 0..T-1; then every trajectory
    uses every matrix once and dL/dM[k] = sum over b of g_{t-1}^T dL/dz, one (units x B)(B x units) product for each k.
    An all-zero ReLU output becomes the uniform unit state, without gradient. Several networks lie along a leading axis
    of all three; each has the bits that it has alone. CPU, float32 or float64.
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
        # Torch's own memory is aligned as its matrix products like it; their last bits can depend on that.
        states = transitions.new_empty(*order.shape, transitions.shape[-1])
        with suited_threads(order[0].numel(), len(order)):
            ctx.norms = _forward(transitions.numpy(), order.numpy(), initial_state.numpy(), states.numpy())
        ctx.save_for_backward(transitions, order, initial_state, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx, d_states):  # type: ignore[no-untyped-def]
        transitions, order, initial_state, states = ctx.saved_tensors
        networks, time, units, _ = transitions.shape
        # Grouped by the matrix that each step used, so that dL/dM is one batched product.
        d_inputs, previous = states.new_empty(2, networks * time, order.shape[1], units)
        with suited_threads(order[0].numel(), networks):
            d_initial = _backward(
                transitions.numpy(),
                order.numpy(),
                initial_state.numpy(),
                states.numpy(),
                ctx.norms,
                d_states.contiguous().numpy(),
                d_inputs.view(networks, time, -1, units).numpy(),
                previous.view(networks, time, -1, units).numpy(),
            )
            d_transitions = torch.bmm(previous.transpose(1, 2), d_inputs).view_as(transitions)
        return d_transitions, None, torch.from_numpy(d_initial)


@vectorized
def _forward(transitions: Array, order: Array, initial_state: Array, states: Array) -> Array:
    """Fill in the states (networks, batch, time, units); return the norms of the ReLU outputs (networks, batch, time).

    One row of trajectories after the other, so that threads need not know whose they are.
    """
    networks, batch, time, units = states.shape
    norms = np.empty((networks, batch, time), transitions.dtype)
    uniform = transitions.dtype.type(1 / np.sqrt(units))
    for trajectory in prange(networks * batch):
        k, b = trajectory // batch, trajectory % batch
        state = initial_state[k]
        for t in range(time):
            matrix = transitions[k, order[k, b, t]]
            z = states[k, b, t]
            z[:] = 0
            for j in range(units):
                activity = state[j]
                if activity != 0:
                    row = matrix[j]
                    for i in range(units):
                        z[i] += activity * row[i]
            squared = transitions.dtype.type(0)
            for i in range(units):
                z[i] = z[i] if not z[i] < 0 else transitions.dtype.type(0)
                squared += z[i] * z[i]
            norm = np.sqrt(squared)
            norms[k, b, t] = norm
            if norm == 0:
                z[:] = uniform
            else:
                for i in range(units):
                    z[i] /= norm
            state = z
    return norms


@vectorized
def _backward(
    transitions: Array,
    order: Array,
    initial_state: Array,
    states: Array,
    norms: Array,
    d_states: Array,
    d_inputs: Array,
    previous: Array,
) -> Array:
    """Fill in, for each matrix and trajectory (networks, time, batch, units), the gradient with respect to the input z

    of the step that used the matrix, and the state before that step; return the gradient of the initial states.
    """
    networks, batch, time, units = states.shape
    d_initial = np.zeros((networks, batch, units), states.dtype)
    for trajectory in prange(networks * batch):
        k, b = trajectory // batch, trajectory % batch
        carried = d_initial[k, b]
        for t in range(time - 1, -1, -1):
            used = order[k, b, t]
            state, d_state, d_z = states[k, b, t], d_states[k, b, t], d_inputs[k, used, b]
            before = states[k, b, t - 1] if t > 0 else initial_state[k]
            # Number by number: Numba takes seconds to compile the copy of a slice.
            kept = previous[k, used, b]
            for i in range(units):
                kept[i] = before[i]
            # Through the norm: the gradient along the state does nothing. Through the ReLU: silent units block.
            along = states.dtype.type(0)
            for i in range(units):
                carried[i] += d_state[i]
                along += carried[i] * state[i]
            if norms[k, b, t] > 0:
                scale = 1 / norms[k, b, t]
                for i in range(units):
                    d_z[i] = (carried[i] - state[i] * along) * scale if state[i] > 0 else states.dtype.type(0)
            else:
                d_z[:] = 0
            matrix = transitions[k, used]
            for j in range(units):
                # Through a silent unit nothing passes back, except into the initial state, which may be anything.
                if t > 0 and before[j] == 0:
                    carried[j] = 0
                    continue
                row = matrix[j]
                total = states.dtype.type(0)
                for i in range(units):
                    total += row[i] * d_z[i]
                carried[j] = total
    total_initial = np.zeros((networks, units), states.dtype)
    for k in range(networks):
        for b in range(batch):
            for i in range(units):
                total_initial[k, i] += d_initial[k, b, i]
    return total_initial
