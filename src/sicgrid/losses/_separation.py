"""Separation: places that are far apart must have different states."""

import torch
from jaxtyping import Float
from torch import Tensor

from ._pairs import ordered_pairs, reduce_pairs


def separation(
    positions: Float[Tensor, "batch time 2"],
    states: Float[Tensor, "batch time units"],
    sigma_x: float,
    sigma_g: float,
    reduction: str = "mean",
) -> Float[Tensor, ""]:
    r"""Mean (or sum) over pairs with ||x - x'|| > sigma_x of exp(-||g - g'||^2 / (2 sigma_g^2)).

    Schaeffer et al. 2023, section 3.2. Positions and `sigma_x` in meters; the value is unitless, in [0, 1] for the
    mean. Pairs are the ordered pairs of distinct points among all B*T, across trajectories and times. No far pair
    gives 0. This is the readable reference: it holds all (B*T)^2 pairs at once.

    >>> import torch
    >>> places = torch.tensor([[[0.0, 0.0], [1.0, 0.0]]])  # a meter apart
    >>> separation(places, torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]), sigma_x=0.05, sigma_g=0.4)  # in one state
    tensor(1.)
    >>> separation(places, torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]), sigma_x=0.05, sigma_g=0.4)
    tensor(0.0019)
    """
    pairs = ordered_pairs(positions, states, sigma_x)
    overlap = torch.exp(-pairs.state_distance_squared / (2 * sigma_g**2))
    return reduce_pairs(overlap, pairs.far, reduction)
