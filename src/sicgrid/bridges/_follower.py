"""A network that follows a path, whatever the portions in which the path arrives."""

import math

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float

from .._numbers import shown
from ..evaluation import record
from ..model import Network
from ..pretrained import load_pretrained, read_card
from ..storage import UserError
from ..trajectories import TrajectoryConfig, WalkConfig
from ._arguments import place, positive

_TRIAL_ARENA = 2.0  # m
_TRIAL = WalkConfig(animals=16, steps=50)  # enough states to know the largest activity within some percent
_SLACK = 1e-6  # of a step; a shorter displacement is a rounding error of the sum


class Follower:
    """A network's state along a path, moved by displacements of any length.

    Displacements are added up, and whenever their sum is ``step_m`` long the network takes a step of that length along
    it. The rest, shorter than a step, is applied to a copy of the state whenever ``activity`` is read: that is always
    of the last position, yet errors grow with the length of the path and not with the rate at which it is sampled.

    Parameters
    ----------
    network : Network or str
        A network whose activity is not negative, or the name of a bundled one (`pretrained_names`).
    step_m : float
        The step, meters of the network. By default the longest speed of a bundled network's training, else 0.15 m.

    Raises
    ------
    UserError
        For an unknown name, a network that is none, a step that is not positive, or activity below 0.

    """

    def __init__(self, network: Network | str, step_m: float | None = None) -> None:
        if isinstance(network, str):
            known_step = read_card(network).config.trajectories.max_speed
            network = load_pretrained(network)
        else:
            known_step = TrajectoryConfig().max_speed
        if not isinstance(network, Network):
            raise UserError(f"network must be a sicgrid Network or the name of a bundled one, got {shown(network)}")
        self.network = network
        self.step_m = positive("step_m", known_step if step_m is None else step_m)
        self.peak = largest_activity(network)
        self.restart()

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self._state.shape[-1])

    @property
    def activity(self) -> Float[np.ndarray, " units"]:
        """Activity of every unit at the place to which the displacements lead."""
        left_over = math.hypot(*self._pending) > _SLACK * self.step_m
        state = self._step(self._pending) if left_over else self._state
        return np.asarray(state[0].double().cpu().numpy())

    def restart(self, displacement: npt.ArrayLike = (0.0, 0.0)) -> None:
        """Return to the initial state, that of the origin, and move straight by ``displacement``."""
        with torch.no_grad():
            self._state = self.network.initial_state[None]
        self._pending = np.zeros(2)
        self.move(displacement)

    def move(self, displacement: npt.ArrayLike) -> None:
        """Follow one displacement, meters of the network; `UserError` unless it is two finite numbers."""
        self._pending = self._pending + place("displacement", displacement)
        length = math.hypot(*self._pending)
        steps = int(length / self.step_m + _SLACK)
        step = self._pending * (self.step_m / length) if steps else np.zeros(2)
        for _ in range(steps):
            self._state = self._step(step)
            self._pending = self._pending - step

    @torch.no_grad()
    def _step(self, displacement: Float[np.ndarray, " two"]) -> torch.Tensor:
        velocity = torch.as_tensor(displacement, dtype=self.network.dtype, device=self.network.device)
        return self.network.step(self._state, velocity[None])


def largest_activity(network: Network) -> float:
    """The largest activity of any unit along some walks; `UserError` if that is not positive, or some is negative."""
    states = record(network, _TRIAL_ARENA, _TRIAL, seed=0).activity
    lowest, highest = float(states.min()), float(states.max())
    if not (math.isfinite(lowest) and math.isfinite(highest) and lowest >= 0 and highest > 0):
        raise UserError(
            f"rates need activity that is finite and not negative, and the network's is from {lowest:g} to {highest:g}"
        )
    return highest
