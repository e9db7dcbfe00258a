"""Capacity: use as little of the state space as possible."""

from jaxtyping import Float
from torch import Tensor


def capacity(states: Float[Tensor, "*networks batch time units"]) -> Float[Tensor, "*networks"]:
    r"""Minus the squared length of the mean state, -|| (1/BT) sum g ||^2.

    Schaeffer et al. 2023, section 3.2. In [-1, 0] for unit states: -1 when all coincide. The mean stands inside the
    norm in the paper too, so there is no sum variant. A constantly active unit lowers it without coding anything.

    >>> import torch
    >>> capacity(torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]))  # one state everywhere
    tensor(-1.)
    >>> capacity(torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]))  # two that share no unit
    tensor(-0.5000)
    """
    return -states.mean(dim=(-3, -2)).square().sum(dim=-1)
