r"""Dynamical systems: one bump of activity on a twisted torus (Guanella, Kiper and Verschure 2007).

Int. J. Neural Syst. 17:231, with the parameters of its table. N_x times N_y cells lie in the unit cell of a hexagonal
lattice, ``c = ((i - 1/2) / N_x, sqrt(3)/2 (j - 1/2) / N_y)``, whose opposite sides are joined with a shift of half a
cell, so that distance is to the nearest of the copies at (0, 0), (+-1, 0) and (+-1/2, +-sqrt(3)/2):

    ``w_ij = I exp(-|c_i - c_j - alpha R v|^2 / sigma^2) - T``,
    ``B = W A``,  ``A <- max(0, (1 - tau) B + tau B / sum(A))``.

v is the displacement of a step; it moves the weights, and they the bump, by alpha R v, R a turn. So the maps repeat on
one hexagonal lattice of spacing 1 / alpha, whose orientation is minus the turn. The form of the update is that of Zilli
2012 (Front. Neural Circuits 6:16), who ran this model beside others.

Ours: the gain is given as the spacing; a step of any length is one update; the bump is formed by updates without
movement before the walk. Copies are taken of the whole lattice near by, which are the paper's seven where the walk's
step is shorter than a cell.
"""

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights

_LATTICE = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])


class TwistedTorusConfig(Settings):
    """Cells, couplings and gain."""

    columns: int = Field(10, ge=4, multiple_of=2, description="N_x, even. Source: Guanella et al. 2007.")
    rows: int = Field(9, ge=4, description="N_y. Source: Guanella et al. 2007.")
    spacing_m: float = Field(
        0.6, gt=0, allow_inf_nan=False, description="1 / alpha, the spacing of the maps, m. Source: ours."
    )
    turn_deg: float = Field(
        0.0,
        allow_inf_nan=False,
        description="Turn R of the displacement, degrees. Source: Guanella et al. 2007 (free).",
    )
    strength: float = Field(0.3, gt=0, description="I. Source: Guanella et al. 2007.")
    width: float = Field(0.24, gt=0, description="sigma, in sides of the cell. Source: Guanella et al. 2007.")
    inhibition: float = Field(0.05, ge=0, description="T. Source: Guanella et al. 2007.")
    stabilization: float = Field(0.8, ge=0, le=1, description="tau. Source: Guanella et al. 2007.")
    settle: int = Field(100, ge=0, description="Updates that form the bump. Source: ours.")


def torus_weights(
    config: TwistedTorusConfig, shift: Float[np.ndarray, "batch 2"]
) -> Float[np.ndarray, "batch cell cell"]:
    """w_ij that move a bump by `shift` (batch, 2), in sides of the unit cell; [b, i, j] is to cell i from cell j."""
    # The cells are a group: w_ij depends on the difference of their rows and columns, modulo the twisted torus.
    columns, rows = config.columns, config.rows
    row, column = np.divmod(np.arange(rows * columns), columns)
    places = np.stack([column / columns, row / rows * np.sqrt(3) / 2], axis=1)
    offset = places - shift[:, None]
    # To the nearest lattice point: round in lattice coordinates, then try its neighbors.
    offset = offset - np.rint(offset @ np.linalg.inv(_LATTICE)) @ _LATTICE
    copies = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]) @ _LATTICE
    squared = ((offset[:, :, None] - copies) ** 2).sum(axis=-1).min(axis=-1)
    of_difference = config.strength * np.exp(-squared / config.width**2) - config.inhibition
    rows_apart = row[:, None] - row
    # Going once around the rows is going half around the columns.
    columns_apart = column[:, None] - column - (rows_apart < 0) * (columns // 2)
    difference = np.mod(rows_apart, rows) * columns + np.mod(columns_apart, columns)
    return np.asarray(of_difference[:, difference])


def _update(
    config: TwistedTorusConfig, states: Float[np.ndarray, "batch cell"], shift: Float[np.ndarray, "batch 2"]
) -> Float[np.ndarray, "batch cell"]:
    driven = (torus_weights(config, shift) @ states[..., None])[..., 0]
    tau = config.stabilization
    return np.asarray(np.maximum((1 - tau) * driven + tau * driven / states.sum(axis=1, keepdims=True), 0.0))


def _fit(config: TwistedTorusConfig, seed: int, progress: Progress | None = None) -> Weights:
    cells = config.columns * config.rows
    state = np.random.default_rng(seed).uniform(0, 1 / np.sqrt(cells), (1, cells))
    for _ in range(config.settle):
        state = _update(config, state, np.zeros((1, 2)))
    return {"initial_state": state[0]}


def _build(config: TwistedTorusConfig, weights: Weights) -> Network:
    angle = np.deg2rad(config.turn_deg)
    gain = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / config.spacing_m

    def step(
        states: Float[np.ndarray, "batch cell"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch cell"]:
        return _update(config, states, displacements @ gain.T)

    return Network(step, weights["initial_state"])


TWISTED_TORUS = Baseline(
    name="twisted-torus",
    family="dynamical systems",
    title="Twisted torus",
    citation="Guanella, Kiper and Verschure 2007, Int. J. Neural Syst. 17:231",
    put_in_by_hand="couplings on a hexagonal torus, and the gain, which is the spacing",
    published="one hexagonal lattice whose spacing is set by the velocity gain; a torus",
    config=TwistedTorusConfig,
    fit=_fit,
    build=_build,
)
