"""Windows of neighboring units, each taken as if it were a network of its own."""

import torch

from ..model import Rollout, norm_relu

WINDOWS = 2
"""In one batch."""


def random_windows(rollout: Rollout, width: int, line: bool, generator: torch.Generator | None = None) -> list[Rollout]:
    """The states of `WINDOWS` windows of `width` neighboring units at random places, each scaled to length 1.

    On a ring a window may begin at any unit and goes on with the first after the last; on a line it lies within it. A
    silent window has the uniform unit state. States (batch, time, units); all randomness comes from `generator`, on its
    device.

    Raises
    ------
    ValueError
        For a width of less than 1 or more than all units.

    >>> rollout = Rollout(torch.ones(1, 2, 6), torch.ones(6))
    >>> random_windows(rollout, width=4, line=False)[0].states[0, 0]
    tensor([0.5000, 0.5000, 0.5000, 0.5000])

    """
    units = rollout.states.shape[-1]
    if not 1 <= width <= units:
        raise ValueError(f"width must be between 1 and the number of units, {units}, got {width}")
    places = units - width + 1 if line else units
    device = rollout.states.device if generator is None else generator.device
    first = torch.randint(places, (WINDOWS, 1), generator=generator, device=device)
    inside = torch.remainder(first + torch.arange(width, device=device), units)
    # States are not negative, so that NormReLU only scales.
    return [Rollout(*(norm_relu(part.index_select(-1, window)) for part in rollout)) for window in inside]
