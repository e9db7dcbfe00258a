"""The walk of all trajectories through their states, forward and backward, one trajectory at a time."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numba import prange
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._compile import Array, vectorised


def rollout(
    transitions: Float[Tensor, "time units units"],
    order: Int[Tensor, "batch time"],
    initial_state: Float[Tensor, " units"],
) -> Float[Tensor, "batch time units"]:
    r"""States g_t = NormReLU(g_{t-1} M[order[b, t]]) of every trajectory, differentiable but for the order.

    M is the transpose of the paper's W (states multiply from the left), so that the rows of M that belong to silent
    units are never read: about half of them. Each row of `order` must be a permutation of 0..T-1; then every trajectory
    uses every matrix once and dL/dM[k] = sum over b of g_{t-1}^T dL/dz, one (units x B)(B x units) product for each k.
    An all-zero ReLU output becomes the uniform unit state, without gradient. CPU, float32 or float64.
    """
    return _Rollout.apply(transitions, order, initial_state)  # type: ignore[no-untyped-call,no-any-return]


class _Rollout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, transitions, order, initial_state):  # type: ignore[no-untyped-def]
        transitions, initial_state = transitions.detach().contiguous(), initial_state.detach().contiguous()
        # Torch's own memory is aligned as its matrix products like it; their last bits can depend on that.
        states = transitions.new_empty(*order.shape, len(initial_state))
        norms = _forward(transitions.numpy(), order.contiguous().numpy(), initial_state.numpy(), states.numpy())
        ctx.norms = norms
        ctx.save_for_backward(transitions, order, initial_state, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx, d_states):  # type: ignore[no-untyped-def]
        transitions, order, initial_state, states = ctx.saved_tensors
        d_inputs = torch.empty_like(states)
        d_initial = _backward(
            transitions.numpy(),
            order.contiguous().numpy(),
            states.numpy(),
            ctx.norms,
            d_states.contiguous().numpy(),
            d_inputs.numpy(),
        )
        previous = torch.cat([initial_state.expand(states.shape[0], 1, -1), states[:, :-1]], dim=1)
        # The step at which trajectory b used matrix k; grouping by k makes dL/dM one batched product.
        step = order.argsort(dim=1)
        trajectory = torch.arange(len(order))[:, None]
        by_matrix = (d_inputs[trajectory, step], previous[trajectory, step])
        d_inputs_of, previous_of = (values.transpose(0, 1) for values in by_matrix)
        return torch.bmm(previous_of.transpose(1, 2), d_inputs_of), None, torch.from_numpy(d_initial)


@vectorised
def _forward(transitions: Array, order: Array, initial_state: Array, states: Array) -> Array:
    """Fill in the states (batch, time, units) and return the norms of the ReLU outputs (batch, time)."""
    batch, time = order.shape
    units = len(initial_state)
    norms = np.empty((batch, time), transitions.dtype)
    uniform = transitions.dtype.type(1 / np.sqrt(units))
    for b in prange(batch):
        state = initial_state
        for t in range(time):
            matrix = transitions[order[b, t]]
            z = states[b, t]
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
            norms[b, t] = norm
            if norm == 0:
                z[:] = uniform
            else:
                for i in range(units):
                    z[i] /= norm
            state = z
    return norms


@vectorised
def _backward(transitions: Array, order: Array, states: Array, norms: Array, d_states: Array, d_inputs: Array) -> Array:
    """Fill in the gradient with respect to each step's input z and return that of the initial state (units,)."""
    batch, time, units = states.shape
    d_initial = np.zeros((batch, units), states.dtype)
    for b in prange(batch):
        carried = np.zeros(units, states.dtype)
        for t in range(time - 1, -1, -1):
            state, d_z = states[b, t], d_inputs[b, t]
            # Through the norm: the gradient along the state does nothing. Through the ReLU: silent units block.
            along = states.dtype.type(0)
            for i in range(units):
                carried[i] += d_states[b, t, i]
                along += carried[i] * state[i]
            if norms[b, t] > 0:
                scale = 1 / norms[b, t]
                for i in range(units):
                    d_z[i] = (carried[i] - state[i] * along) * scale if state[i] > 0 else states.dtype.type(0)
            else:
                d_z[:] = 0
            matrix = transitions[order[b, t]]
            for j in range(units):
                # Through a silent unit nothing passes back, except into the initial state, which may be anything.
                if t > 0 and states[b, t - 1, j] == 0:
                    carried[j] = 0
                    continue
                row = matrix[j]
                total = states.dtype.type(0)
                for i in range(units):
                    total += row[i] * d_z[i]
                carried[j] = total
        d_initial[b] = carried
    total_initial = np.zeros(units, states.dtype)
    for b in range(batch):
        total_initial += d_initial[b]
    return total_initial
