"""NormReLU made local: each unit is divided by the activity of its neighborhood and not by that of all units."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from ._norm_relu import norm_relu


def neighborhood(
    units: int, norm_range: float, sheet: Literal["ring", "line"] = "ring"
) -> Float[Tensor, "units units"]:
    r"""How much unit j counts in the neighborhood of unit i: K_ij ~ exp(-d_ij^2 / (2 norm_range^2)), rows sum to 1.

    d_ij is the number of places between them, on a ring the shorter way round. Double precision.

    >>> neighborhood(4, 1.0)[0]  # the last unit is as near as the second
    tensor([0.4258, 0.2583, 0.0576, 0.2583], dtype=torch.float64)
    """
    distance = (torch.arange(units)[:, None] - torch.arange(units)).abs()
    if sheet == "ring":
        distance = torch.minimum(distance, units - distance)
    weights = torch.exp(-0.5 * (distance.double() / norm_range) ** 2)
    return weights / weights.sum(dim=1, keepdim=True)


def local_norm_relu(
    z: Float[Tensor, "*batch units"], weights: Float[Tensor, "units units"]
) -> Float[Tensor, "*batch units"]:
    r"""Unit vector h / ||h||_2 with h_i = r_i / sqrt(sum_j K_ij r_j^2) and r = ReLU(z), along the last axis.

    K is a :func:`neighborhood`. Ours; with equal weights, as for a very large range, it is NormReLU (Schaeffer et al.
    2023). h does not change when all activity in a part of the sheet is multiplied by one number, but for the part's
    edges: parts compete within reach of K only, where under NormReLU all units share one norm. The result is a
    non-negative unit vector; where no unit is active it is the uniform one, as in `norm_relu`.

    >>> z = torch.tensor([3.0, -1.0, 4.0])
    >>> local_norm_relu(z, neighborhood(3, 1e6))  # one neighborhood for all: NormReLU
    tensor([0.6000, 0.0000, 0.8000])
    >>> local_norm_relu(z, neighborhood(3, 1e-3))  # each alone: every active unit counts as much
    tensor([0.7071, 0.0000, 0.7071])
    """
    rectified = torch.relu(z)
    local_power = rectified.square() @ weights.to(z).T
    silent = local_power == 0
    # The inner `where` keeps the division, and with it the gradient, finite where its result is not used.
    local = torch.where(silent, 0.0, rectified / torch.where(silent, 1.0, local_power).sqrt())
    return norm_relu(local)
