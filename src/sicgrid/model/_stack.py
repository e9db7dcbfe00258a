"""Many networks of one shape as one: their weights along a leading axis, a batch of each in one forward pass."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from .. import kernels as fast
from ._network import Rollout
from ._norm_relu import norm_relu
from ._rnn import VelocityRNN, walk_shared


class RNNStack(nn.Module):
    """K `VelocityRNN` of equal settings that are rolled out together, each on velocities of its own.

    The weights lie in one tensor of shape (K, ...) for each parameter, and the members' own parameters become views of
    it: what is learned here is in them at once, and each can be saved and used by itself. Members keep their own
    forward pass; this one knows only plain `VelocityRNN`.

    Raises
    ------
    ValueError
        For an empty list, settings that differ, or members on different devices or of different dtype.

    >>> stack = RNNStack([VelocityRNN(units=8, hidden=4) for _ in range(3)])
    >>> stack.initial_state.shape
    torch.Size([3, 8])

    """

    def __init__(self, members: Sequence[VelocityRNN]) -> None:
        super().__init__()
        first = _checked_first(members)
        self.members = list(members)  # a plain list: their parameters are views, not parameters of this module
        self.config, self.kernels = first.config, first.kernels
        self.weights: dict[str, Tensor] = {}
        for name, parameter in first.named_parameters():
            parameters = [member.get_parameter(name) for member in self.members]
            stacked = torch.stack([weight.detach() for weight in parameters]).requires_grad_(parameter.requires_grad)
            self.weights[name] = stacked
            for weight, view in zip(parameters, stacked.detach(), strict=True):
                weight.data = view
                weight.grad = None

    @property
    def initial_state(self) -> Float[Tensor, "networks units"]:
        """g_0 of each network."""
        start: Tensor = norm_relu(self.weights["start"])
        return start

    def forward(
        self, velocities: Float[Tensor, "networks time 2"], order: Int[Tensor, "networks batch time"]
    ) -> Rollout:
        """States (networks, batch, time, units) of all, as `VelocityRNN.forward` with an order gives them for one.

        Each row of `order` must be a permutation of 0..T-1, as the sampler's are. Velocities in meters per step.
        Each network may have several batches, one after the other along the leading axis: states are of each batch,
        and so is `initial_state` then.
        """
        networks, time, _ = velocities.shape
        matrices = self._transitions(velocities)
        batches = networks // len(self.members)
        name, _ = fast.choose(velocities.device.type, self.kernels)
        if name == "triton" and not self.weights["start"].requires_grad:
            initial_state = fast.initial_states(self.weights["start"], batches)
        else:
            initial_state = self.initial_state.repeat_interleave(batches, dim=0)
        if name != "reference":
            return Rollout(fast.rollout(matrices, order, initial_state), initial_state)
        # `walk_shared` takes one list of matrices: all networks' end to end, each network's order shifted to its own.
        offsets = time * torch.arange(networks, device=order.device)[:, None, None]
        starts = initial_state[:, None].expand(-1, order.shape[1], -1)
        states = walk_shared(matrices.flatten(0, 1), (order + offsets).flatten(0, 1), starts.flatten(0, 1))
        return Rollout(states.view(*order.shape, -1), initial_state)

    def hand_out_gradients(self) -> None:
        """Give each member's parameters their share of the gradients, as views."""
        for name, stacked in self.weights.items():
            if stacked.grad is not None:
                for member, share in zip(self.members, stacked.grad, strict=True):
                    member.get_parameter(name).grad = share

    def forget_gradients(self) -> None:
        """Drop all gradients, here and in the members."""
        for name, stacked in self.weights.items():
            stacked.grad = None
            for member in self.members:
                member.get_parameter(name).grad = None

    def clip_gradients(self, bounds: Float[Tensor, " networks"]) -> Float[Tensor, " networks"]:
        """Shorten each network's whole gradient to its bound, as `clip_grad_norm_` does; the norms before that."""
        gradients = [stacked.grad for stacked in self.weights.values() if stacked.grad is not None]
        parts = [torch.linalg.vector_norm(gradient.flatten(1), dim=1) for gradient in gradients]
        norms: Tensor = torch.linalg.vector_norm(torch.stack(parts), dim=0)
        factors = (bounds / (norms + 1e-6)).clamp(max=1.0)  # 1e-6 as in torch
        for gradient in gradients:
            gradient.mul_(factors.view(-1, *[1] * (gradient.ndim - 1)))
        return norms

    def _transitions(self, velocities: Tensor) -> Float[Tensor, "networks time units units"]:
        """M(v) of each network at its own velocities: the members' MLP, layer by layer for all."""
        # Several batches of one network go through its weights as one.
        values: Tensor = velocities.view(len(self.members), -1, 2)
        if self.config.velocity_scale != 1:
            values = values / self.config.velocity_scale
        for index, layer in enumerate(self.members[0].transition.mlp):
            if isinstance(layer, nn.Linear):
                weight, bias = (self.weights[f"transition.mlp.{index}.{name}"] for name in ("weight", "bias"))
                values = _Linear.apply(values, weight, bias)  # type: ignore[no-untyped-call]
            else:
                values = layer(values)
        matrices: Tensor = values.view(*velocities.shape[:-1], self.config.units, self.config.units)
        return matrices


def _checked_first(members: Sequence[VelocityRNN]) -> VelocityRNN:
    """The first member; ValueError unless there is one and the others can be stacked with it."""
    if not members:
        raise ValueError("members must hold at least one network")
    first, *others = members
    for other in others:
        for setting, value, expected in (
            ("settings", other.config, first.config),
            ("kernels", other.kernels, first.kernels),
            ("device", other.start.device, first.start.device),
            ("dtype", other.start.dtype, first.start.dtype),
        ):
            if value != expected:
                raise ValueError(f"members must have equal {setting} to be stacked, got {expected} and {value}")
    return first


class _Linear(torch.autograd.Function):
    """A linear layer of each network, whose weights' gradient has their memory layout: autograd's would be copied."""

    @staticmethod
    def forward(ctx, values, weight, bias):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(values, weight)
        return torch.baddbmm(bias[:, None], values, weight.transpose(1, 2))

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        values, weight = ctx.saved_tensors
        back = torch.bmm(gradient, weight) if ctx.needs_input_grad[0] else None
        return back, torch.bmm(gradient.transpose(1, 2), values), gradient.sum(dim=1)
