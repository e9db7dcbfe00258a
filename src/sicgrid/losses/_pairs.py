"""All pairs of the points of a batch: who is near, who is far, and how far apart their states are."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor


class OrderedPairs(NamedTuple):
    """Masks over the (B*T)^2 ordered pairs, never true on the diagonal, and squared distances of their states."""

    near: Bool[Tensor, "point point"]
    far: Bool[Tensor, "point point"]
    state_distance_squared: Float[Tensor, "point point"]


def ordered_pairs(
    positions: Float[Tensor, "batch time 2"], states: Float[Tensor, "batch time units"], sigma_x: float
) -> OrderedPairs:
    """Near means strictly below sigma_x, far strictly above; a pair exactly at sigma_x is neither."""
    x = positions.reshape(-1, 2)
    g = states.reshape(-1, states.shape[-1])
    offset = x[:, None] - x[None, :]
    # Squares and sigma_x^2 in the tensors' own precision, so that a pair exactly at sigma_x compares as equal.
    distance_squared = offset[..., 0] * offset[..., 0] + offset[..., 1] * offset[..., 1]
    threshold = torch.as_tensor(sigma_x, dtype=x.dtype, device=x.device) ** 2
    distinct = ~torch.eye(len(x), dtype=torch.bool, device=x.device)
    state_distance_squared = (g[:, None] - g[None, :]).square().sum(dim=-1)
    return OrderedPairs(
        (distance_squared < threshold) & distinct, (distance_squared > threshold) & distinct, state_distance_squared
    )


def reduce_pairs(
    values: Float[Tensor, "point point"], mask: Bool[Tensor, "point point"], reduction: str
) -> Float[Tensor, ""]:
    """Sum of `values` where `mask` holds, divided by the number of such pairs for "mean"; 0 when there are none."""
    total = torch.where(mask, values, torch.zeros_like(values)).sum()
    return total / mask.sum().clamp(min=1) if reduction == "mean" else total
