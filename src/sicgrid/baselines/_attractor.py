r"""Dynamical systems: a sheet of bumps formed by lateral inhibition (Burak and Fiete 2009).

PLoS Comput. Biol. 5:e1000291, the periodic network. n times n cells, each with a preferred direction e_i (left,
right, up, down in every 2 x 2 block):

    ``tau ds_i/dt = -s_i + gain max(0, sum_j W_0(x_i - x_j - l e_j) s_j + 1 + alpha e_i . v)``,
    ``W_0(x) = a exp(-gamma |x|^2) - exp(-beta |x|^2)``.

Cells that prefer the direction of the movement get more input, and their output is shifted by l cells in that
direction: the bumps flow over the sheet as the animal moves. They are about one and a half lambda apart, and the maps'
spacing is that distance over the flow per meter.

The gain: with the published numbers and a gain of 1 the uniform state is stable here (the largest eigenvalue of the
couplings, over the four shifts, is 0.97; a test holds it), so that no bumps form. The authors' own programs multiply
the rectified input by 5, and so does this one; `gain=1` gives the equation as printed.

Ours: W_0 is wrapped around the torus by summing its copies, and convolved in the few plane waves that it holds (the
rest is below 1e-6 of it); the first state settles from noise, is moved along in three directions to heal the lattice,
as the paper does, and comes to rest; a step of the walk lasts `step_seconds`, in which the velocity is the
displacement over it. Measured here (`studies/baselines.py flow`): at 40 x 40 the flow is 41 to 42 cells per meter
from 0.2 to 2 m/s; at 0.05 m/s it is wrong by more than half, because the cells are few and hold the bumps, and that
is drift. 56 x 56 and 68 x 68 are within 3 % from 0.05 m/s on. The torus is square, so that the bumps' lattice is a
hexagonal one only as nearly as it fits in.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights

_LEAST_WAVE = 1e-6  # of the largest
_HEALING = (0.0, np.pi / 5, np.pi / 2 - np.pi / 5)  # directions, radians
_HEALING_SPEED = 0.8  # m/s
_SILENT = 1e-20  # decaying activity below this is set to 0: denormal numbers make a processor slow


class AttractorConfig(Settings):
    """Sheet, couplings and clock."""

    side: int = Field(40, ge=8, multiple_of=2, description="n, cells along a side. Source: Burak and Fiete 2009.")
    tau_s: float = Field(0.01, gt=0, description="Time constant, s. Source: Burak and Fiete 2009.")
    dt_s: float = Field(0.0005, gt=0, description="Step of the integration, s. Source: Burak and Fiete 2009.")
    period: float = Field(
        13.0,
        gt=0,
        allow_inf_nan=False,
        description="lambda, cells; beta is 3 / lambda^2. Source: Burak and Fiete 2009.",
    )
    excitation: float = Field(1.0, gt=0, description="a. Source: Burak and Fiete 2009.")
    narrower: float = Field(1.05, gt=1, description="gamma / beta. Source: Burak and Fiete 2009.")
    offset: int = Field(
        2,
        ge=0,
        multiple_of=2,
        description="l, cells, even: then it leads to cells of the same direction. Source: Burak and Fiete 2009.",
    )
    velocity_gain: float = Field(0.103, gt=0, description="alpha, s/m. Source: Burak and Fiete 2009.")
    gain: float = Field(5.0, gt=0, description="Of the rectified input. Source: the authors' programs (printed: 1).")
    step_seconds: float = Field(
        0.1, gt=0, description="Duration of one step of a walk, s; a step of 0.15 m is then 1.5 m/s. Source: ours."
    )


class Sheet(NamedTuple):
    """Couplings and preferred directions, as one step of the integration needs them."""

    waves: Float[np.ndarray, "wave side"]
    """Constant, cosines and sines along one side, orthonormal."""
    spectrum: Float[np.ndarray, "wave wave"]
    """Eigenvalue of the couplings, without the offset, of each product of two."""
    shifted: Int[np.ndarray, " cell"]
    """Cell whose activity arrives at each place after the offset."""
    preferred: Float[np.ndarray, "cell 2"]


def sheet(config: AttractorConfig) -> Sheet:
    """Couplings and preferred directions of the sheet, cell (i, j) at x = i, y = j."""
    side, beta = config.side, 3 / config.period**2
    gamma = config.narrower * beta

    def eigenvalue(squared: np.ndarray) -> np.ndarray:
        # The couplings are summed over all copies on the torus: eigenvalues are the Fourier transform of W_0.
        return np.pi * (
            config.excitation / gamma * np.exp(-squared / (4 * gamma)) - np.exp(-squared / (4 * beta)) / beta
        )

    numbers = np.arange(1, side // 2)
    strength = np.abs(eigenvalue((2 * np.pi * numbers / side) ** 2))
    strong = numbers[strength > _LEAST_WAVE * np.abs(eigenvalue(np.zeros(1)))]
    angle = 2 * np.pi * strong[:, None] * np.arange(side) / side
    waves = np.concatenate([np.full((1, side), np.sqrt(0.5)), np.cos(angle), np.sin(angle)]) * np.sqrt(2 / side)
    frequency = 2 * np.pi * np.concatenate([[0], strong, strong]) / side
    spectrum = eigenvalue(frequency[:, None] ** 2 + frequency**2)
    shifted, preferred = np.empty((side, side), dtype=int), np.empty((side, side, 2))
    cells = np.arange(side * side).reshape(side, side)
    for (i, j), direction in {(0, 0): (-1, 0), (1, 1): (1, 0), (0, 1): (0, 1), (1, 0): (0, -1)}.items():
        move = tuple(config.offset // 2 * component for component in direction)
        shifted[i::2, j::2] = np.roll(cells[i::2, j::2], move, axis=(0, 1))
        preferred[i::2, j::2] = direction
    return Sheet(
        waves.astype(np.float32),
        spectrum.astype(np.float32),
        shifted.ravel(),
        preferred.reshape(-1, 2).astype(np.float32),
    )


def inhibition(parts: Sheet, states: Float[np.ndarray, "batch cell"]) -> Float[np.ndarray, "batch cell"]:
    """sum_j W_0(x_i - x_j - l e_j) s_j."""
    side = parts.waves.shape[1]
    arriving = states[:, parts.shifted].reshape(-1, side, side)
    amplitudes = parts.waves @ arriving @ parts.waves.T
    return np.asarray((parts.waves.T @ (amplitudes * parts.spectrum) @ parts.waves).reshape(states.shape))


def _flow(
    config: AttractorConfig,
    parts: Sheet,
    states: Float[np.ndarray, "batch cell"],
    velocity: Float[np.ndarray, "batch 2"],
    seconds: float,
) -> Float[np.ndarray, "batch cell"]:
    """The states after so many seconds at one velocity, m/s."""
    states = np.where(states > _SILENT, states, 0).astype(np.float32)
    drive = (1 + config.velocity_gain * (velocity @ parts.preferred.T)).astype(np.float32)
    rate = np.float32(config.dt_s / config.tau_s)
    for _ in range(round(seconds / config.dt_s)):
        target = np.maximum(inhibition(parts, states) + drive, 0) * np.float32(config.gain)
        states = states + rate * (target - states)
    return states


def _fit(config: AttractorConfig, seed: int, progress: Progress | None = None) -> Weights:
    parts, at_rest = sheet(config), np.zeros((1, 2))
    state = np.random.default_rng(seed).uniform(0, 0.1, (1, config.side**2))
    state = _flow(config, parts, state, at_rest, 1.0)
    for angle in _HEALING:
        state = _flow(config, parts, state, _HEALING_SPEED * np.array([[np.cos(angle), np.sin(angle)]]), 0.25)
    return {"initial_state": _flow(config, parts, state, at_rest, 0.5)[0]}


def _build(config: AttractorConfig, weights: Weights) -> Network:
    parts = sheet(config)

    def step(
        states: Float[np.ndarray, "batch cell"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch cell"]:
        return _flow(config, parts, states, displacements / config.step_seconds, config.step_seconds)

    return Network(step, weights["initial_state"])


ATTRACTOR = Baseline(
    name="attractor",
    family="dynamical systems",
    title="Continuous attractor",
    citation="Burak and Fiete 2009, PLoS Comput. Biol. 5:e1000291",
    put_in_by_hand="the sheet, its couplings, the preferred directions, and the velocity gain, which sets the spacing",
    published="one lattice, a torus; spacing set by the velocity gain; integrates paths with little drift",
    config=AttractorConfig,
    fit=_fit,
    build=_build,
)
