"""Conformal isometry: equal short steps in space are equal steps in state space, everywhere and in every direction."""

import torch
from jaxtyping import Float
from torch import Tensor


def conformal_isometry(
    velocities: Float[Tensor, "*networks batch time 2"],
    states: Float[Tensor, "*networks batch time units"],
    initial_state: Float[Tensor, "*networks units"],
    sigma_x: float | Float[Tensor, "*networks"],
) -> Float[Tensor, "*networks"]:
    r"""Variance (1/n) of ||g_t - g_{t-1}|| / ||v_t|| over the steps with 0 < ||v_t|| < sigma_x, g_0 the initial state.

    Schaeffer et al. 2023, section 3.2. Velocities and `sigma_x` in meters, so the value is in 1/m^2. No such step gives
    0. A state that does not move has ratio 0 and, the norm having no derivative there, a zero gradient. Other steps are
    masked instead of selected, since a selection's size would have to be known on the host.

    >>> import torch
    >>> velocities = torch.tensor([[[1 / 32, 0.0], [1 / 64, 0.0]]])  # the second step is half as long
    >>> start = torch.tensor([1.0, 0.0])
    >>> conformal_isometry(velocities, torch.tensor([[[1.0, 0.5], [1.0, 0.75]]]), start, sigma_x=0.05)
    tensor(0.)
    >>> conformal_isometry(velocities, torch.tensor([[[1.0, 0.5], [1.0, 1.0]]]), start, sigma_x=0.05)  # 16, 32
    tensor(64.)
    """
    return variance_of_ratio(velocities, squared_moves(states, initial_state), sigma_x)


def squared_moves(
    states: Float[Tensor, "*networks batch time units"], initial_state: Float[Tensor, "*networks units"]
) -> Float[Tensor, "*networks batch time"]:
    """||g_t - g_{t-1}||^2 of every step, g_0 the initial state."""
    started = initial_state[..., None, None, :].expand(*states.shape[:-2], 1, -1)
    previous = torch.cat([started, states[..., :-1, :]], dim=-2)
    return (states - previous).square().sum(dim=-1)


def variance_of_ratio(
    velocities: Float[Tensor, "*networks batch time 2"],
    moved_squared: Float[Tensor, "*networks batch time"],
    sigma_x: float | Float[Tensor, "*networks"],
) -> Float[Tensor, "*networks"]:
    """Variance of ||g_t - g_{t-1}|| / ||v_t|| over the steps with 0 < ||v_t|| < sigma_x, in 1/m^2; 0 of no such step.

    `moved_squared` is ||g_t - g_{t-1}||^2.
    """
    speed_squared = velocities.square().sum(dim=-1)
    threshold = torch.as_tensor(sigma_x, dtype=velocities.dtype, device=velocities.device)[..., None, None] ** 2
    short = (speed_squared > 0) & (speed_squared < threshold)
    # sqrt has an infinite slope at 0; the inner `where` keeps its gradient finite, the outer one makes it 0.
    moving = short & (moved_squared > 0)
    moved = torch.where(moving, torch.where(moving, moved_squared, 1.0).sqrt(), 0.0)
    ratio = moved / torch.where(short, speed_squared, 1.0).sqrt()
    count = short.sum(dim=(-2, -1)).clamp(min=1)
    mean = ratio.sum(dim=(-2, -1)) / count
    return torch.where(short, ratio - mean[..., None, None], 0.0).square().sum(dim=(-2, -1)) / count
