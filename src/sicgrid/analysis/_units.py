"""The table of units: every number the analysis has about each of them, and the summary of a population."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float, Shaped

from .._numbers import plain_numbers, shown
from .._repr import brief
from ._config import AnalysisConfig
from .lattices import lattice
from .maps import RateMaps, rate_maps, smooth_maps
from .scores import (
    Progress,
    check_visited,
    circular_shift_null,
    field_shuffle_null,
    grid_scores,
    scorer_parameters,
    spatial_information,
)


@brief
@dataclass(frozen=True)
class UnitTable:
    """One row a unit. `columns` maps a name to an array over units; in order, ready for a CSV file.

    ``unit`` index; ``name`` as the recording has it; ``active``; ``constant`` (always on, hardly modulated by place);
    ``peak`` and ``modulation`` (standard deviation over mean) of the rate map; ``grid_score`` and its ``scorer``;
    ``null_p99``, the 99th percentile of the unit's own circular-shift scores; ``is_grid``, grid_score above it in a
    unit that is not constant; ``field_shuffle_p99`` and ``beats_field_shuffle``, grid_score above that of field
    shuffles; ``spacing_m``, ``orientation_deg``, ``ellipticity``, ``phase_x``, ``phase_y`` (lattice coordinates) and
    ``lattice_explained``, see :class:`Lattice`; ``spatial_information``, bits; of spikes also ``lattice_peak`` (Hz),
    ``spacing_se_m`` and ``orientation_se_deg``. Of inactive units every number after `modulation` is NaN, every verdict
    False.
    """

    columns: dict[str, Shaped[np.ndarray, " unit"]]
    maps: RateMaps
    """As scored: smoothed by the settings."""
    basis_m: Float[np.ndarray, "unit 2 2"]
    """Lattice vectors of each unit, meters; NaN where no lattice was found."""
    scorer_parameters: dict[str, Any]
    """Formula and ring rule behind grid_score; scores of different scorers are not comparable."""
    raw_maps: RateMaps
    """Not smoothed; what lattices are fitted to."""

    def __getitem__(self, column: str) -> Shaped[np.ndarray, " unit"]:
        """The column of that name."""
        return self.columns[column]

    def __len__(self) -> int:
        """Number of units."""
        return len(self.columns["unit"])


def analyze_units(
    positions: npt.ArrayLike,
    activity: Any,
    arena: float,
    config: AnalysisConfig | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    *,
    seconds: npt.ArrayLike | None = None,
    spikes: bool = False,
    names: Sequence[str] | None = None,
    signed: bool = False,
) -> UnitTable:
    """Rate maps, grid scores with their nulls, lattice and spatial information of every unit.

    Parameters
    ----------
    positions : (animals, time, 2) or (time, 2)
        Meters, the origin at the arena's center; the second form for one animal.
    activity : (animals, time, units) or (time, units)
        Activity, not negative unless `signed`; or a scipy.sparse array (samples, units).
    arena : float
        Side of the square arena, meters; cut into ``round(arena / bin_size)`` bins a side.
    config : AnalysisConfig
        Bins, scorer, nulls and thresholds, as they are: maps of spikes want ``smoothing_m=0.05``, which a run of
        recorded spikes takes by itself.
    seed : int
        Of both nulls. The same seed gives the same table.
    progress : callable
        Called as progress(done, total), counting shuffles and lattices, during the long part.
    seconds : (time,)
        How long each sample of the one animal stands for; by default all equally long.
    spikes : bool
        Whether the activity are spikes over seconds, whose noise lattices are then fitted with; needs `seconds`.
    names : (units,)
        By default the index of each unit.
    signed : bool
        Whether activity may fall below 0. Then ``peak`` is the largest magnitude of a map and ``modulation`` is over
        the mean magnitude; scores and lattices do not depend on the sign; spatial information, a formula for rates, is
        NaN for units that do fall below 0.

    Raises
    ------
    ValueError
        For shapes that do not fit, NaN, negative activity that is not `signed`, an arena of fewer than 10 bins, or a
        path of which more than one sample in twenty lies outside the arena. A population in which no unit is active is
        no error: its table has no number but the peaks.

    >>> import numpy as np
    >>> from sicgrid.analysis import synthetic_cells
    >>> generator = np.random.default_rng(0)
    >>> path = np.cumsum(generator.normal(0, 0.05, (20, 400, 2)), axis=1) % 2 - 1  # 20 animals in a box of 2 m
    >>> cells = synthetic_cells.grid_cells(path, synthetic_cells.lattice_basis(0.5), [[0.0, 0.0], [0.5, 0.2]], 0.08)
    >>> table = analyze_units(path, cells, 2.0, AnalysisConfig(shuffles=5))
    >>> table.columns["is_grid"].tolist(), table.columns["spacing_m"].round(2).tolist()
    ([True, True], [0.5, 0.5])

    """
    config = AnalysisConfig() if config is None else config
    if np.ndim(arena) or np.asarray(arena).dtype.kind not in "fiu" or not 0 < arena < np.inf:
        raise ValueError(f"arena must be a positive number, its side in meters, got {shown(arena)}")
    if spikes and seconds is None:
        raise ValueError("spikes need seconds: how long each sample stands for")
    bins = config.bins_across(arena)
    side = arena / bins
    raw = rate_maps(positions, activity, np.linspace(-arena / 2, arena / 2, bins + 1), seconds)
    if not signed and np.nanmin(raw.maps) < 0:
        raise ValueError(f"activity must not be negative unless signed, a rate map reaches {np.nanmin(raw.maps):g}")
    check_visited(config.scorer, raw.occupancy)
    smoothing = config.smoothing_m / side
    maps = raw._replace(maps=smooth_maps(raw.maps, smoothing, raw.occupancy))
    columns = _activity_columns(maps, config, names)
    active = np.flatnonzero(columns["active"])
    units = len(maps.maps)
    basis_m = np.full((units, 2, 2), np.nan)
    if len(active):
        active_maps = maps._replace(maps=maps.maps[active])
        steps = _Steps(2 * config.shuffles + len(active), progress)
        active_activity = activity
        if len(active) < units:
            if scipy.sparse.issparse(activity):
                active_activity = activity.tocsr()[:, active]
            else:
                # np.take keeps the units last in memory; fancy indexing would not, and every shuffle reads along them.
                active_activity = np.take(plain_numbers("activity", activity), active, axis=-1)
        score_columns = _score_columns(positions, active_activity, active_maps, config, smoothing, seed, steps, seconds)
        time = raw.occupancy if spikes else None
        lattice_columns, basis_m[active] = _lattice_columns(raw.maps[active], side, config.min_overlap, steps, time)
        for name, column in (score_columns | lattice_columns).items():
            all_units = np.zeros(units, dtype=bool) if column.dtype == bool else np.full(units, np.nan)
            all_units[active] = column
            columns[name] = all_units
        # However small its modulation, a unit's map can be a regular lattice and score above its null.
        columns["is_grid"] &= ~columns["constant"]
    columns["scorer"] = np.full(units, config.scorer)
    ordered = {}
    for name in (*UNIT_COLUMNS, *(SPIKE_COLUMNS if spikes else ())):
        missing = np.zeros(units, dtype=bool) if name in _VERDICTS else np.full(units, np.nan)
        ordered[name] = columns.get(name, missing)
    return UnitTable(ordered, maps, basis_m, scorer_parameters(config.scorer, config.min_overlap), raw)


UNIT_COLUMNS = (
    "unit", "name", "active", "constant", "peak", "modulation", "grid_score", "scorer", "null_p99", "is_grid",
    "field_shuffle_p99", "beats_field_shuffle", "spacing_m", "orientation_deg", "ellipticity", "phase_x", "phase_y",
    "lattice_explained", "spatial_information",
)  # fmt: skip
"""Columns of a UnitTable, in order."""

SPIKE_COLUMNS = ("lattice_peak", "spacing_se_m", "orientation_se_deg")
"""Further columns where the activity are spikes."""

_VERDICTS = ("active", "constant", "is_grid", "beats_field_shuffle")


class _Steps:
    """Counts steps of several loops as one, for the caller's progress bar."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.done, self.progress = total, 0, progress

    def __call__(self, _done: int = 0, _total: int = 0) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _activity_columns(maps: RateMaps, config: AnalysisConfig, names: Sequence[str] | None) -> dict[str, np.ndarray]:
    size = np.abs(maps.maps)
    peak = np.nanmax(size, axis=(1, 2))
    mean, spread = np.nanmean(size, axis=(1, 2)), np.nanstd(maps.maps, axis=(1, 2))
    modulation = np.divide(spread, mean, out=np.full_like(mean, np.nan), where=mean > 0)
    active = peak > config.active_threshold
    constant = active & (modulation < config.constant_below)
    unit = np.arange(len(peak))
    labels = np.array([str(name) for name in (unit if names is None else names)])
    if labels.shape != unit.shape:
        raise ValueError(f"names must be one for each of the {len(unit)} units, got {len(labels)}")
    return {
        "unit": unit, "name": labels, "active": active, "constant": constant, "peak": peak, "modulation": modulation,
    }  # fmt: skip


def _score_columns(
    positions: npt.ArrayLike,
    activity: Any,
    maps: RateMaps,
    config: AnalysisConfig,
    smoothing: float,
    seed: int,
    steps: _Steps,
    seconds: npt.ArrayLike | None,
) -> dict[str, np.ndarray]:
    """Scores, nulls, verdicts and spatial information of the active units."""
    score = grid_scores(maps.maps, config.scorer, config.min_overlap).score
    shift_seed, field_seed = np.random.default_rng(seed).spawn(2)
    shifted = circular_shift_null(
        positions,
        activity,
        (maps.x_edges, maps.y_edges),
        config.shuffles,
        config.scorer,
        seconds=seconds,
        seed=shift_seed,
        min_shift=config.min_shift,
        smoothing=smoothing,
        min_overlap=config.min_overlap,
        progress=steps,
    )
    # A field is where a map is high against silence, which in a signed map is its lowest value. Scores do not change.
    lowest = np.nanmin(maps.maps, axis=(1, 2))
    non_negative = np.where((lowest < 0)[:, None, None], maps.maps - lowest[:, None, None], maps.maps)
    field_shuffled = field_shuffle_null(
        non_negative, config.shuffles, config.scorer, seed=field_seed, min_overlap=config.min_overlap, progress=steps
    )
    null, field_null = _percentile_99(shifted), _percentile_99(field_shuffled)
    information = np.full(len(maps.maps), np.nan)
    information[lowest >= 0] = spatial_information(maps.maps[lowest >= 0], maps.occupancy)
    return {
        "grid_score": score,
        "null_p99": null,
        "is_grid": score > null,  # False when either is NaN
        "field_shuffle_p99": field_null,
        "beats_field_shuffle": score > field_null,
        "spatial_information": information,
    }


def _percentile_99(scores: Float[np.ndarray, "shuffle unit"]) -> Float[np.ndarray, " unit"]:
    """99th percentile of each unit's finite null scores; NaN when fewer than half are finite."""
    result = np.full(scores.shape[1], np.nan)
    for unit, column in enumerate(scores.T):
        finite = column[np.isfinite(column)]
        if 2 * len(finite) >= len(column):
            result[unit] = np.percentile(finite, 99)
    return result


def _lattice_columns(
    maps: Float[np.ndarray, "unit x y"],
    bin_size: float,
    min_overlap: int,
    steps: _Steps,
    seconds: Float[np.ndarray, "x y"] | None,
) -> tuple[dict[str, np.ndarray], Float[np.ndarray, "unit 2 2"]]:
    """Lattice numbers of the active units, and their bases."""
    fits = []
    for rate_map in maps:
        fits.append(lattice(rate_map, bin_size, min_overlap=min_overlap, seconds=seconds))
        steps()
    columns = {
        "spacing_m": np.array([fit.spacing_m for fit in fits]),
        "orientation_deg": np.array([fit.orientation_deg for fit in fits]),
        "ellipticity": np.array([fit.ellipticity for fit in fits]),
        "phase_x": np.array([fit.phase[0] for fit in fits]),
        "phase_y": np.array([fit.phase[1] for fit in fits]),
        "lattice_explained": np.array([fit.explained for fit in fits]),
        "lattice_peak": np.array([fit.peak for fit in fits]),
        "spacing_se_m": np.array([fit.spacing_se_m for fit in fits]),
        "orientation_se_deg": np.array([fit.orientation_se_deg for fit in fits]),
    }
    return columns, np.array([fit.basis_m for fit in fits])
