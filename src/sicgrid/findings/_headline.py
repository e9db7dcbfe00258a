"""What leads a run: its modules, or how many of its units are grid cells beyond chance."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy
from jaxtyping import Bool

from .._repr import brief
from ._wording import counted_in_words

_BEYOND = 0.01  # p of as many units by chance, as for modules
_MOST_LISTED = 5


@brief
class GridCells(NamedTuple):
    """Units above their nulls, and what chance gives."""

    beating: int
    """Active units above the 99th percentile of both nulls."""
    active: int
    share_by_chance: float
    """Of units without any structure, at most."""
    p_value: float
    """Probability of as many by chance (binomial); NaN without an active unit."""
    nulls: int
    """2, or 1 in a table that does not hold the second."""

    @property
    def beyond_chance(self) -> bool:
        """Whether so many are rare by chance (p <= 0.01)."""
        return bool(self.p_value <= _BEYOND)


def chance_of_grid(shuffles: int) -> float:
    """Share of units that chance alone puts above the 99th percentile of their own null of so many shuffles.

    The score of such a unit is one more draw from its null, equally likely at each of shuffles + 1 ranks; the
    percentile lies 0.99 (shuffles - 1) ranks above the lowest. More than 1 % for few shuffles: 2 % for 100, 17 % for 5.
    """
    return (shuffles - 0.99 * (shuffles - 1)) / (shuffles + 1)


def beat_both(units: Mapping[str, Any]) -> Bool[np.ndarray, " unit"]:
    """Which active units beat both nulls of their own, or the one that there is.

    ``units`` are columns of units.csv: ``active``, ``is_grid`` (above the circular shifts) and ``beats_field_shuffle``,
    which an old table may lack.
    """
    names = ("active", "is_grid", "beats_field_shuffle")
    return np.asarray(np.all([np.asarray(units[name], dtype=bool) for name in names if name in units], axis=0))


def share_beyond(units: Mapping[str, Any]) -> float | None:
    """Share of the active units that beat both nulls (`beat_both`); None without an active unit."""
    active = np.count_nonzero(units["active"])
    return np.count_nonzero(beat_both(units)) / active if active else None


def grid_cells(units: Mapping[str, Any], shuffles: int) -> GridCells:
    """Active units that beat both nulls (`beat_both`), against binomial chance.

    A unit that beats both has beaten the first, so that `chance_of_grid` bounds the share by chance from above.
    """
    total, share = int(np.asarray(units["active"], dtype=bool).sum()), chance_of_grid(shuffles)
    count = int(beat_both(units).sum())
    # Binomial, as scipy.stats.binom.sf, whose import takes as long as the rest of an analysis that is up to date.
    p_value = float(scipy.special.bdtrc(count - 1, total, share)) if total else float("nan")
    return GridCells(count, total, share, p_value, 1 + ("beats_field_shuffle" in units))


def spacings_text(spacings_m: Sequence[float]) -> str:
    """``0.75, 0.85, 0.88 m``; of more than five the smallest and the largest."""
    spacings = sorted(float(value) for value in spacings_m)
    if len(spacings) > _MOST_LISTED:
        return f"{spacings[0]:.2f} to {spacings[-1]:.2f} m"
    return ", ".join(f"{value:.2f}" for value in spacings) + (" m" if spacings else "")


def headline(units: Mapping[str, Any], spacings_m: Sequence[float], shuffles: int) -> str:
    """``Three modules: 0.75, 0.85, 0.88 m``; without a module how many units are grid cells, if more than by chance."""
    cells = grid_cells(units, shuffles)
    if not cells.active:
        return "No unit is active"
    if len(spacings_m):
        return f"{counted_in_words(len(spacings_m), 'module')}: {spacings_text(spacings_m)}"
    if not cells.beating:
        return "No grid cells beyond chance"
    are = "are grid cells" if cells.beating > 1 else "is a grid cell"
    no_more = "" if cells.beyond_chance else ", no more than by chance"
    return f"{cells.beating} of {cells.active} active units {are}{no_more}"
