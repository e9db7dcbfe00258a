"""W(v): the matrix by which one step at velocity v carries the state on."""

from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh, "silu": nn.SiLU}


class TransitionMLP(nn.Module):
    """MLP from a velocity (2,) in metres per step to a units x units matrix (Schaeffer et al. 2023, section 3.1).

    The result is the transpose of the paper's W, for states that multiply from the left: z = g @ M(v). The settings are
    those of `ModelConfig`, where each is explained.
    """

    def __init__(
        self,
        units: int,
        hidden: int = 256,
        layers: int = 3,
        activation: str = "relu",
        initialisation: Literal["default", "identity"] = "default",
        velocity_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.units = units
        self.velocity_scale = velocity_scale
        widths = [2, *[hidden] * (layers - 1), units * units]
        parts: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            parts += [nn.Linear(inputs, outputs), _ACTIVATIONS[activation]()]
        self.mlp = nn.Sequential(*parts[:-1])
        if initialisation == "identity":
            with torch.no_grad():
                last = self.mlp[-1]
                assert isinstance(last, nn.Linear)
                last.bias.add_(torch.eye(units).flatten())

    def forward(self, velocities: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch units units"]:
        """M(v) for each velocity."""
        matrices: Tensor = self.mlp(velocities / self.velocity_scale)
        return matrices.reshape(*velocities.shape[:-1], self.units, self.units)
