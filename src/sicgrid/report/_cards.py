"""One card a unit: its rate map, its autocorrelogram, its numbers."""

import math
from dataclasses import dataclass

import numpy as np

from ..analysis import autocorrelogram
from ..findings import RunResults
from ._pictures import autocorrelogram_png, rate_map_png, signed_map_png

SILENT = "silent"
CONSTANT = "always on"
GRID = "grid cell"
OTHER = "other"
MOST_CARDS = 1000  # some 5 kB each; of more units those of the highest scores are shown


@dataclass(frozen=True)
class UnitCard:
    """What the gallery shows of a unit; NaN where a number is undefined."""

    unit: int
    name: str  # as the recording calls it; the index of a network's unit
    rank: int  # place in the gallery's first order, typical units first
    kind: str
    active: bool
    grid: bool
    rate_map: str  # data URI
    autocorrelogram: str
    peak: float
    score: float
    null_p99: float
    spacing_m: float
    orientation_deg: float
    ellipticity: float
    information: float
    module: int = -1  # index, -1 for none

    @property
    def description(self) -> str:
        """The pictures in words."""
        words = f"Rate map of unit {self.name}, {self.kind}, peak {self.peak:.2g}"
        if math.isfinite(self.score):
            words += f", grid score {self.score:.2f}"
        if math.isfinite(self.spacing_m):
            words += f", spacing {self.spacing_m:.2f} m"
        return words


def is_signed(results: RunResults) -> bool:
    """Whether activity falls below zero."""
    maps = results.maps.maps
    return bool(np.isfinite(maps).any() and np.nanmin(maps) < 0)


def unit_cards(results: RunResults) -> list[UnitCard]:
    """Cards of all units (of `MOST_CARDS` at most), typical ones first, silent ones last."""
    units, maps = results.units, results.maps.maps
    count = len(maps)
    active = np.asarray(units["active"], dtype=bool)
    grid = results.grid
    constant = np.asarray(units.get("constant", np.zeros(count)), dtype=bool)

    def column(name: str) -> np.ndarray:
        return np.asarray(units.get(name, np.full(count, np.nan)), dtype=float)

    names = [str(name) for name in units.get("name", units["unit"])]
    members = results.module_of_unit()
    score, spacing = column("grid_score"), column("spacing_m")
    order = _typical_first(results, members, score, constant)
    if count > MOST_CARDS:
        best = np.argsort(-np.nan_to_num(np.where(active, score, -np.inf), nan=-np.inf), kind="stable")[:MOST_CARDS]
        kept = set(best.tolist())
        order = [unit for unit in order if unit in kept]
    signed = is_signed(results)
    cards = []
    for rank, k in enumerate(order):
        peak = float(np.nanmax(np.abs(maps[k]))) if np.isfinite(maps[k]).any() else math.nan
        kind = SILENT if not active[k] else GRID if grid[k] else CONSTANT if constant[k] else OTHER
        cards.append(
            UnitCard(
                unit=int(units["unit"][k]),
                name=names[k],
                rank=rank,
                kind=kind,
                active=bool(active[k]),
                grid=bool(grid[k]),
                rate_map=signed_map_png(maps[k]) if signed else rate_map_png(maps[k]),
                autocorrelogram=autocorrelogram_png(autocorrelogram(maps[k])),
                peak=peak,
                score=float(score[k]),
                null_p99=float(column("null_p99")[k]),
                spacing_m=float(spacing[k]),
                orientation_deg=float(column("orientation_deg")[k]),
                ellipticity=float(column("ellipticity")[k]),
                information=float(column("spatial_information")[k]),
                module=int(members[k]),
            )
        )
    return cards


def _typical_first(results: RunResults, members: np.ndarray, score: np.ndarray, constant: np.ndarray) -> list[int]:
    """Units of each module in turn, those with the lattice of the module and a middling score before others.

    Without modules the grid cells count as one. Then other active units, those always on, and the silent ones.
    """
    active = results.active
    group = members if (members >= 0).any() else np.where(results.grid, 0, -1)
    group = np.where(active & ~constant, group, -1)
    finer = results.finer_units()
    place = np.zeros(len(score), dtype=int)
    for each in np.unique(group[group >= 0]):
        units = np.flatnonzero(group == each)
        finite = np.isfinite(score[units])
        middle = np.median(score[units][finite]) if finite.any() else 0.0
        away = np.where(finite, np.round(np.abs(score[units] - middle), 9), np.inf)
        place[units[np.lexsort((away, finer[units]))]] = np.arange(len(units))
    tier = np.select([~active, constant, group < 0], [3, 2, 1], 0)
    return [int(unit) for unit in np.lexsort((np.arange(len(score)), group, place, tier))]
