"""Which units have a lattice of their own, and why the others have none."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from ..lattices import lattice, lattice_shape
from ._phase_dependence import FUNCTION, PhaseDependence


def not_usable(maps: Float[np.ndarray, "unit x y"], active_threshold: float, constant_below: float) -> dict[int, str]:
    """Unit -> reason, for units whose maps say nothing about place."""
    reasons = {}
    for unit, rate_map in enumerate(maps):
        values = rate_map[np.isfinite(rate_map)]
        if len(values) == 0:
            reasons[unit] = "no bin of its map was visited"
        elif (peak := np.abs(values).max()) <= active_threshold and (active_threshold > 0 or np.ptp(values) == 0):
            reasons[unit] = f"silent: the peak of its map is {peak:.3g}"
        elif values.std() < constant_below * abs(values.mean()):
            reasons[unit] = f"constant: its map varies by {values.std() / abs(values.mean()):.2f} of its mean"
    return reasons


def own_lattices(
    maps: Float[np.ndarray, "unit x y"],
    bin_size: float,
    bases_m: npt.ArrayLike | None,
    usable: Int[np.ndarray, " unit"],
    min_overlap: int,
    phase: PhaseDependence,
    reasons: dict[int, str],
) -> Float[np.ndarray, "unit 2 2"]:
    """Each unit's lattice in bins, NaN without; fills in the reasons of those without."""
    bases = np.full((len(maps), 2, 2), np.nan)
    own_m = None if bases_m is None else np.asarray(bases_m, dtype=np.float64)
    if own_m is not None and own_m.shape != bases.shape:
        raise ValueError(f"bases_m must have shape (units, 2, 2) = {bases.shape}, got {own_m.shape}")
    if own_m is not None:
        stated = np.flatnonzero(np.isfinite(own_m).all(axis=(1, 2)))
        flat = stated[np.linalg.det(own_m[stated]) == 0]
        if len(flat):
            raise ValueError(
                f"bases_m must be two independent vectors a unit; those of units {flat[:5].tolist()} are none"
            )
    for unit in usable:
        if own_m is None:
            fit = lattice(maps[unit], bin_size, min_overlap=min_overlap)
            basis, reason = fit.basis_m, fit.reason
        else:
            basis, reason = own_m[unit], "none given in bases_m"
        if not np.isfinite(basis).all():
            reasons[int(unit)] = f"no lattice: {reason}"
            continue
        basis = lattice_shape(basis / bin_size).basis_m
        repeats = float(phase.subset(np.array([unit])).of(basis)[0])
        if repeats > FUNCTION:
            bases[unit] = basis
        elif np.isnan(repeats):
            reasons[int(unit)] = (
                "neighboring bins differ as much as distant ones (noise or a few single bins), or all are alike"
            )
        else:
            reasons[int(unit)] = (
                f"its map does not repeat on its best lattice (dependence {repeats:.2f} of at least {FUNCTION})"
            )
    return bases
