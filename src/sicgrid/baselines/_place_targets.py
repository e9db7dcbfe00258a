r"""Targets of the supervised baselines: a population of place cells as a distribution over its cells.

``gaussian``: ``p_i(x) = softmax_i(-|x - c_i|^2 / 2 s^2)`` (Banino et al. 2018). ``dog``: that minus the same with
``surround s^2`` in place of s^2, shifted so that its smallest entry is 0, over its sum (Sorscher et al. 2019). It is
the surround, put in by hand, that singles out a band of spatial frequencies.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def gaussian_targets(
    places: Float[Tensor, "*many 2"], centers: Float[Tensor, "cell 2"], width_m: float
) -> Float[Tensor, "*many cell"]:
    """The softmax of place cells of one width; rows sum to 1."""
    return torch.softmax(-_squared(places, centers) / (2 * width_m**2), dim=-1)


def dog_targets(
    places: Float[Tensor, "*many 2"], centers: Float[Tensor, "cell 2"], width_m: float, surround: float
) -> Float[Tensor, "*many cell"]:
    """Center minus surround, shifted to be non-negative; rows sum to 1."""
    squared = _squared(places, centers)
    difference = torch.softmax(-squared / (2 * width_m**2), dim=-1) - torch.softmax(
        -squared / (2 * surround * width_m**2), dim=-1
    )
    shifted = difference - difference.min(dim=-1, keepdim=True).values
    return shifted / shifted.sum(dim=-1, keepdim=True)


def cross_entropy(logits: Float[Tensor, "*many cell"], targets: Float[Tensor, "*many cell"]) -> Float[Tensor, ""]:
    """Mean over all rows of ``-sum_i p_i ln softmax(logits)_i``."""
    return -(targets * torch.log_softmax(logits, dim=-1)).sum(dim=-1).mean()


def _squared(places: Float[Tensor, "*many 2"], centers: Float[Tensor, "cell 2"]) -> Float[Tensor, "*many cell"]:
    return ((places[..., None, :] - centers) ** 2).sum(dim=-1)
