r"""Ideal codes of several modules, and how much their states at two places overlap. Ours.

States are unit vectors, and of an ideal code the overlap S of two of them depends on the displacement D alone:

    ``S(D) = g(x) . g(x + D) = c + sum_m a_m K_m(D)``, ``c + sum_m a_m = 1``,
    ``K_m(D) = sum_L exp(-|D - L|^2 / (4 w_m^2)) / sum_L exp(-|L|^2 / (4 w_m^2))``

with L the points of module m's lattice, hexagonal or square, w_m the standard deviation of its Gaussian fields, a_m its
share of the squared norm, and c that of a constantly active unit. A module can also be a ring: units whose fields are
stripes, coding the place along one direction modulo one period; then D and L in K_m are numbers along it.

N_m units tile a unit cell of area A_m smoothly only with fields of ``w_m^2 >= tiling A_m / N_m``: with phases on a
hexagonal lattice the squared norm of a module's state, before it is normalized, varies between the factors
``1 - 3 q`` and ``1 + 6 q``, ``q = exp(-2 pi^2 tiling / sqrt(3))``; for a tiling of 0.4 these are 0.97 and 1.06. With
phases on a square lattice it varies between ``1 -+ 4 q``, ``q = exp(-pi^2 tiling)``: 0.92 and 1.08. Those
of a ring tile its period L_m with ``w_m^2 >= tiling (L_m / N_m)^2``, for which the squared norm varies by
``1 +- 2 exp(-pi^2 tiling)``: 0.96 and 1.04.

Limits: hexagonal and square lattices, stripes and Gaussian fields only; units at several phases of a larger cell are a
module of a finer lattice (`best_nested_code`), so the phases lie in order; codes that are the same everywhere; units
are not counted in whole numbers, nor is it asked whether so many phases make a regular pattern in the cell.
"""

from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float, Shaped

from .._repr import brief

_CELL = np.sqrt(3) / 2  # area of a hexagonal unit cell of spacing 1
Kind = Literal["hexagonal", "square", "ring"]
"""What a module's fields make: a lattice of six or of four nearest neighbors, or stripes."""
_REACH = 8.0  # widths beyond which a field is left out: exp(-16)


@brief
class ModularCode(NamedTuple):
    """An ideal code of M modules."""

    spacings_m: Float[np.ndarray, " module"]
    """Of a ring the distance between stripes."""
    orientations_deg: Float[np.ndarray, " module"]
    """Of one lattice vector; of a ring the direction across the stripes."""
    widths_m: Float[np.ndarray, " module"]
    """Standard deviations of the fields."""
    shares: Float[np.ndarray, " module"]
    """Of the squared norm of a state; the rest is constant."""
    units: Float[np.ndarray, " module"]
    """Units of each module, not rounded."""
    kinds: Shaped[np.ndarray, " module"]
    """`Kind` of each module."""

    @property
    def rings(self) -> Bool[np.ndarray, " module"]:
        """Whether a module is a ring and no lattice."""
        return np.asarray(self.kinds == "ring")


class Kernel(NamedTuple):
    """K at some places, and its derivatives."""

    value: Float[np.ndarray, " point"]
    by_log_spacing: Float[np.ndarray, " point"]
    """At a fixed ratio of width and spacing."""
    by_orientation: Float[np.ndarray, " point"]
    """Per radian."""
    by_log_width: Float[np.ndarray, " point"]


def least_widths(code: ModularCode, tiling: float) -> Float[np.ndarray, " module"]:
    """Smallest standard deviation, in meters, of fields with which a module's units tile its unit cell smoothly.

    ``sqrt(tiling sqrt(3)/2 L^2 / N)`` for a hexagonal module, ``sqrt(tiling L^2 / N)`` for a square one,
    ``sqrt(tiling) L / N`` for a ring.

    >>> equal, kinds = np.ones(2), ["hexagonal", "ring"]
    >>> code = ModularCode(0.6 * equal, 0 * equal, 0.1 * equal, 0.4 * equal, 64 * equal, np.array(kinds))
    >>> least_widths(code, tiling=0.4).round(3)  # stripes can be far narrower
    array([0.044, 0.006])
    """
    return np.asarray(code.spacings_m * np.exp(log_least_widths(code.units, code.kinds, tiling)))


def state_overlap(code: ModularCode, displacements_m: npt.ArrayLike) -> Float[np.ndarray, "*place"]:
    """S(D) = g(x) . g(x + D) of an ideal code at displacements (..., 2) in meters; 1 at D = 0.

    Raises
    ------
    ValueError
        For a code whose parts do not match or are out of range, or displacements of another shape.

    >>> ones = np.ones(1)
    >>> code = ModularCode(0.6 * ones, 0 * ones, 0.1 * ones, 0.9 * ones, 127 * ones, np.array(["hexagonal"]))
    >>> state_overlap(code, [[0, 0], [0.3, 0], [0.6, 0]]).round(2)  # one spacing away the state is the same
    array([1.  , 0.29, 1.  ])

    """
    check_code(code)
    places = np.asarray(displacements_m, dtype=np.float64)
    if places.ndim < 1 or places.shape[-1] != 2:
        raise ValueError(f"displacements_m must have shape (..., 2), got {places.shape}")
    kernels = np.array([kernel.value for kernel in module_kernels(code, places.reshape(-1, 2))])
    return np.reshape(1 - code.shares @ (1 - kernels), places.shape[:-1])


def module_kernels(code: ModularCode, places_m: Float[np.ndarray, "point 2"]) -> list[Kernel]:
    """The kernel of each module."""
    return [
        _kernel(places_m / spacing, np.deg2rad(orientation), width / spacing, kind)
        for spacing, orientation, width, kind in zip(
            code.spacings_m, code.orientations_deg, code.widths_m, code.kinds, strict=True
        )
    ]


def _kernel(places: Float[np.ndarray, "point 2"], orientation: float, width: float, kind: Kind) -> Kernel:
    """K of one module and its derivatives; places and width in spacings, orientation in radians.

    A hexagonal lattice is two rectangular ones, 1 by sqrt(3), one of them in the middle of the other's cells, and a
    Gaussian on a rectangular lattice, or a square one, is a product of sums along one axis.
    """
    cos, sin = np.cos(orientation), np.sin(orientation)
    # The origin, appended, gives the normalizer and its derivative.
    x = np.append(places @ [cos, sin], 0.0)
    y = np.append(places @ [-sin, cos], 0.0)
    if kind == "ring":
        total, by_x, by_width = _comb(x, 1.0, width)
        by_y = np.zeros_like(by_x)
    else:
        total, by_x, by_y, by_width = np.zeros((4, len(x)))
        shifts, height = ((0.0,), 1.0) if kind == "square" else ((0.0, 0.5), 2 * _CELL)
        for shift in shifts:
            across, across_x, across_width = _comb(x - shift, 1.0, width)
            along, along_y, along_width = _comb(y - shift * height, height, width)
            total += across * along
            by_x += across_x * along
            by_y += across * along_y
            by_width += across_width * along + across * along_width
    value, norm = total / total[-1], total[-1]
    return Kernel(
        value[:-1],
        (-(x * by_x + y * by_y) / norm)[:-1],
        ((y * by_x - x * by_y) / norm)[:-1],
        ((by_width - value * by_width[-1]) / norm)[:-1],
    )


def _comb(x: Float[np.ndarray, " point"], period: float, width: float) -> Float[np.ndarray, "3 point"]:
    """Sum over n of ``e = exp(-d^2 / (4 width^2))``, d = x - n period, and its derivatives by x and by log width."""
    folded = x - period * np.rint(x / period)
    total, by_x, by_width = np.zeros((3, len(x)))
    reach = int(_REACH * width / period + 0.5)
    for n in range(-reach, reach + 1):
        d = (folded - n * period) / (2 * width)
        term = np.exp(-d * d)
        slope = d * term
        total += term
        by_x -= slope
        by_width += d * slope
    return np.stack([total, by_x / width, 2 * by_width])


def log_least_widths(
    units: Float[np.ndarray, " module"], kinds: Shaped[np.ndarray, " module"], tiling: float
) -> Float[np.ndarray, " module"]:
    """Logarithm of the width in spacings with which units tile a unit cell."""
    cell = np.where(kinds == "hexagonal", _CELL, 1.0)
    return np.asarray(0.5 * np.log(tiling * np.where(kinds == "ring", 1 / units**2, cell / units)))


def check_code(code: ModularCode) -> None:
    """ValueError for a code whose parts do not match or are out of range."""
    shapes = {np.shape(part) for part in code}
    if len(shapes) > 1 or len(next(iter(shapes))) != 1 or len(code.shares) == 0:
        raise ValueError(
            f"code must have parts of one shape and at least one module, got {[np.shape(part) for part in code]}"
        )
    for name, part in zip(
        ("spacings_m", "widths_m", "units"), (code.spacings_m, code.widths_m, code.units), strict=True
    ):
        if not (np.isfinite(part).all() and (part > 0).all()):
            raise ValueError(f"{name} must be positive and finite, got {part.tolist()}")
    if not np.isin(code.kinds, get_args(Kind)).all():
        raise ValueError(f"kinds must be of {', '.join(get_args(Kind))}, got {np.asarray(code.kinds).tolist()}")
    if not np.isfinite(code.orientations_deg).all():
        raise ValueError(f"orientations_deg must be finite, got {code.orientations_deg.tolist()}")
    if (code.shares < 0).any() or not code.shares.sum() <= 1 + 1e-9:
        raise ValueError(f"shares must not be negative and sum to at most 1, got {code.shares.tolist()}")
