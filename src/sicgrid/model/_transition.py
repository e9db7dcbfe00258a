"""W(v): the matrix that takes the state over one step at velocity v."""

import copy
from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .. import kernels as fast
from .._repr import first_lines

MANY, LARGE = 128, 4096
"""From how many states, and from how many weights of a unit (hidden ones times units), leaving out silent units pays in
a trained network; where all units are active it costs up to twice the time."""
PRECISIONS = (torch.float32, torch.float64)  # of the compiled kernels

_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh, "silu": nn.SiLU}


class TransitionMLP(nn.Module):
    """MLP from a velocity (2,) in meters per step to a units x units matrix (Schaeffer et al. 2023, section 3.1).

    The result is the transpose of the paper's W, for states that multiply from the left: z = g @ M(v). The settings are
    those of `ModelConfig`, where each is explained.

    >>> TransitionMLP(units=3, hidden=4)(torch.zeros(5, 2)).shape  # a matrix for each of five velocities
    torch.Size([5, 3, 3])
    """

    def __repr__(self) -> str:
        return first_lines(super().__repr__())

    def __init__(
        self,
        units: int,
        hidden: int = 256,
        layers: int = 3,
        activation: str = "relu",
        initialization: Literal["default", "identity"] = "default",
        velocity_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.units = units
        self.velocity_scale = velocity_scale
        self.mlp = make_mlp(2, hidden, layers, units * units, activation)
        if initialization == "identity":
            add_to_bias(self.mlp, torch.eye(units))

    def forward(self, velocities: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch units units"]:
        """M(v) for each velocity."""
        matrices: Tensor = self.mlp(velocities / self.velocity_scale)
        return matrices.reshape(*velocities.shape[:-1], self.units, self.units)

    def leaves_out_silent(self, states: int) -> bool:
        """Whether products of silent units are left out of steps of so many states, where kernels are compiled."""
        last = self.mlp[-1]
        assert isinstance(last, nn.Linear)
        return states >= MANY and last.in_features * self.units >= LARGE and last.weight.dtype in PRECISIONS

    @torch.no_grad()
    def carrier(self, kernels: str = "auto") -> Callable[[Tensor, Tensor], Tensor]:
        """The function (states (batch, units), velocities (batch, 2)) -> g @ M(v), with the weights as they are now.

        No M(v) is made: with h(v) what the last layer reads and A its weights, g @ M(v) is (g x h(v)) @ A + g @ bias,
        as many products as M(v) takes, without writing and reading a matrix for each state. Of many states at once a
        kernel leaves out those with silent units (`sicgrid.kernels.carry`). No gradients.
        """
        *layers, last = copy.deepcopy(self.mlp)
        assert isinstance(last, nn.Linear)
        size = self.units
        weights = last.weight.reshape(size, size, -1).transpose(1, 2).contiguous()
        bias = last.bias.reshape(size, size)
        compiled = fast.choose(weights.device.type, kernels).name == "numba" and self.leaves_out_silent(MANY)

        @torch.no_grad()
        def carry(states: Tensor, velocities: Tensor) -> Tensor:
            hidden = velocities / self.velocity_scale
            for layer in layers:
                hidden = layer(hidden)
            if compiled and len(states) >= MANY and not torch.is_autocast_enabled("cpu"):
                return fast.carry(states, hidden.expand(len(states), -1), weights, bias)
            outer = (states[:, :, None] * hidden[:, None, :]).reshape(len(states), -1)
            return torch.addmm(states @ bias, outer, weights.view(-1, size))

        return carry


def make_mlp(inputs: int, hidden: int, layers: int, outputs: int, activation: str) -> nn.Sequential:
    """MLP of `layers` linear layers, all but the last of width `hidden` and followed by the nonlinearity."""
    widths = [inputs, *[hidden] * (layers - 1)]
    parts: list[nn.Module] = []
    for before, after in pairwise(widths):
        parts += [nn.Linear(before, after), _ACTIVATIONS[activation]()]
    return nn.Sequential(*parts, _Last(widths[-1], outputs))


class _Last(nn.Linear):
    """The layer with an output for each number of W(v): as `nn.Linear`, by products that suit so many outputs."""

    def forward(self, input: Float[Tensor, "*batch inputs"]) -> Float[Tensor, "*batch outputs"]:
        return fast.linear(input, self.weight, self.bias)


def add_to_bias(mlp: nn.Sequential, start: Float[Tensor, "*shape"]) -> None:
    """Add `start`, flattened, to the last layer's bias."""
    last = mlp[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        last.bias.add_(start.flatten())
