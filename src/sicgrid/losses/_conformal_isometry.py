"""Conformal isometry: equal short steps in space are equal steps in state space, everywhere and in every direction."""

import torch
from jaxtyping import Float
from torch import Tensor


def conformal_isometry(
    velocities: Float[Tensor, "batch time 2"],
    states: Float[Tensor, "batch time units"],
    initial_state: Float[Tensor, " units"],
    sigma_x: float,
) -> Float[Tensor, ""]:
    r"""Variance (1/n) of ||g_t - g_{t-1}|| / ||v_t|| over the steps with 0 < ||v_t|| < sigma_x, g_0 the initial state.

    Schaeffer et al. 2023, section 3.2. Velocities and `sigma_x` in metres, so the value is in 1/m^2. No such step gives
    0. A state that does not move has ratio 0 and, the norm having no derivative there, a zero gradient.
    """
    previous = torch.cat([initial_state.expand(states.shape[0], 1, -1), states[:, :-1]], dim=1)
    speed_squared = velocities.square().sum(dim=-1)
    threshold = torch.as_tensor(sigma_x, dtype=velocities.dtype, device=velocities.device) ** 2
    short = (speed_squared > 0) & (speed_squared < threshold)
    if not bool(short.any()):
        return states.sum() * 0
    moved_squared = (states[short] - previous[short]).square().sum(dim=-1)
    # sqrt has an infinite slope at 0; the inner `where` keeps its gradient finite, the outer one makes it 0.
    moving = moved_squared > 0
    moved = torch.where(moving, torch.where(moving, moved_squared, 1.0).sqrt(), 0.0)
    return (moved / speed_squared[short].sqrt()).var(correction=0)
