"""Path invariance: one place, one state, whichever way one came."""

from jaxtyping import Float
from torch import Tensor

from ._pairs import ordered_pairs, reduce_pairs


def invariance(
    positions: Float[Tensor, "batch time 2"],
    states: Float[Tensor, "batch time units"],
    sigma_x: float,
    reduction: str = "mean",
) -> Float[Tensor, ""]:
    r"""Mean (or sum) over pairs with ||x - x'|| < sigma_x of ||g - g'||^2.

    Schaeffer et al. 2023, section 3.2. Positions and `sigma_x` in meters; the mean lies in [0, 2] for non-negative
    unit states. Pairs as in `separation`; no near pair gives 0, and coincident states have a zero, finite gradient.

    >>> import torch
    >>> places = torch.tensor([[[0.0, 0.0], [0.01, 0.0]]])  # a centimeter apart: one place
    >>> invariance(places, torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]), sigma_x=0.05)
    tensor(0.)
    >>> invariance(places, torch.tensor([[[1.0, 0.0], [0.0, 1.0]]]), sigma_x=0.05)
    tensor(2.)
    """
    pairs = ordered_pairs(positions, states, sigma_x)
    return reduce_pairs(pairs.state_distance_squared, pairs.near, reduction)
