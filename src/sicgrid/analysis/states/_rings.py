"""The states seen along each phase of a lattice: three rings for a hexagonal module (claim C7)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..._numbers import plain_numbers
from ..._repr import brief


@brief
@dataclass(frozen=True)
class Rings:
    """The states seen along each phase axis, as a ring if the population holds that phase.

    projections : (axes, points, 2), of which the angle should be the phase and the length 1
    explained : (axes,) share of variance of (cos, sin) of the phase which the projection reaches (R squared); 1: a
    perfect ring
    coherence : (axes,) ``|mean exp(i (angle - phase))|``, 1 if the angle is the phase
    radius_spread : (axes,) standard deviation over mean of the distance from the center, 0: a thin ring
    hole : (axes,) the 1st percentile of that distance over its median; 0: a filled disc
    """

    projections: Float[np.ndarray, "axis point 2"]
    explained: Float[np.ndarray, " axis"]
    coherence: Float[np.ndarray, " axis"]
    radius_spread: Float[np.ndarray, " axis"]
    hole: Float[np.ndarray, " axis"]


def ring_projections(scores: npt.ArrayLike, phases: npt.ArrayLike) -> Rings:
    """Project states onto the plane in which each phase is an angle: three rings for a hexagonal module (C7).

    For each axis j the plane is the linear regression of ``(cos 2 pi phi_j, sin 2 pi phi_j)`` on the scores.

    Parameters
    ----------
    scores : (points, components)
        :attr:`PrincipalComponents.scores` (or an embedding's coordinates).
    phases : (points, axes), turns
        Of places, ``positions @ wave_vectors(basis_m).T`` modulo 1; or the coordinates of :func:`circular_coordinates`.

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, or the points are fewer than three times the components.

    Notes
    -----
    The paper does not say how it projects; a regression is ours. It has components + 1 parameters per coordinate, so by
    chance, with phases that have nothing to do with the states, `explained` is about components / points and
    `coherence` about ``sqrt(pi (components + 1) / (4 points))``.

    >>> import numpy as np
    >>> from sicgrid.analysis import principal_components, synthetic_cells, wave_vectors
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> places = centers.reshape(-1, 2)
    >>> phases = np.random.default_rng(0).random((12, 2))
    >>> states = synthetic_cells.grid_cells(places, basis, phases, 0.08)
    >>> turns = places @ wave_vectors(basis).T % 1
    >>> ring_projections(principal_components(states).scores, turns).coherence.round(1).tolist()
    [1.0, 1.0, 1.0]

    """
    cloud = plain_numbers("scores", scores, np.float64)
    turns = plain_numbers("phases", phases, np.float64)
    if cloud.ndim != 2 or turns.ndim != 2 or len(cloud) != len(turns):
        raise ValueError(
            f"scores (points, components) and phases (points, axes) must have the same points, got {cloud.shape} "
            f"and {turns.shape}"
        )
    if not (np.isfinite(cloud).all() and np.isfinite(turns).all()):
        raise ValueError("scores and phases must be finite; leave points with NaN out of both")
    if len(cloud) < 3 * cloud.shape[1]:
        raise ValueError(
            f"rings need at least three points per component, got {len(cloud)} points for {cloud.shape[1]} components"
        )
    wave = np.exp(2j * np.pi * turns)
    design = np.column_stack([cloud, np.ones(len(cloud))])
    fitted = design @ np.linalg.lstsq(design.astype(np.complex128), wave, rcond=None)[0]
    total = (np.abs(wave - wave.mean(axis=0)) ** 2).sum(axis=0)
    residual = (np.abs(wave - fitted) ** 2).sum(axis=0)
    explained = 1 - np.divide(residual, total, out=np.ones_like(residual), where=total > 1e-12)
    radius = np.abs(fitted)
    coherence = np.abs(np.mean(np.exp(1j * (np.angle(fitted) - 2 * np.pi * turns)), axis=0))
    return Rings(
        projections=np.stack([fitted.real, fitted.imag], axis=-1).transpose(1, 0, 2),
        explained=explained,
        coherence=coherence,
        radius_spread=radius.std(axis=0) / radius.mean(axis=0),
        hole=np.percentile(radius, 1, axis=0) / np.median(radius, axis=0),
    )
