"""The nonlinearity that keeps states on the non-negative part of the unit sphere."""

import torch
from jaxtyping import Float
from torch import Tensor


def norm_relu(z: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch units"]:
    r"""ReLU(z) / ||ReLU(z)||_2 along the last axis (Schaeffer et al. 2023, section 3.1).

    Where no unit is active the paper leaves the result open; here it is the uniform unit state 1 / sqrt(units), with a
    zero gradient, so that every state is a non-negative unit vector.

    Its length is 1 to rounding as long as squares do not underflow: where the largest component is below about 1e-19
    in float32 or 1e-154 in float64 it is not.

    >>> import torch
    >>> norm_relu(torch.tensor([3.0, -1.0, 4.0]))
    tensor([0.6000, 0.0000, 0.8000])
    >>> norm_relu(torch.tensor([-1.0, -1.0, -2.0, 0.0]))  # no unit is active
    tensor([0.5000, 0.5000, 0.5000, 0.5000])
    """
    rectified = torch.relu(z)
    norm = torch.linalg.vector_norm(rectified, dim=-1, keepdim=True)
    silent = norm == 0
    uniform = torch.full_like(z, z.shape[-1] ** -0.5)
    # The inner `where` keeps the division, and with it the gradient, finite where its result is not used.
    return torch.where(silent, uniform, rectified / torch.where(silent, torch.ones_like(norm), norm))
