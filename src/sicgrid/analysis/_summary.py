"""A table of units in a few numbers."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ._units import UnitTable

# Spacings nearer than this share are one peak of their distribution; modules of rats differ by 1.4 (Stensola 2012).
_SPACING_BANDWIDTH = 0.05


def summarize(table: UnitTable) -> dict[str, Any]:
    """The population in a few JSON-able numbers; None where there is no number.

    ``units``; ``active_units``; ``constant_units`` (among the active); ``grid_units``, those above shifts in time;
    ``grid_score_median`` over active units; ``fraction_grid`` (above shifts in time) and
    ``fraction_beats_field_shuffle`` of active units; ``spacing_m``, the peaks of the distribution of the
    ``grid_units``' spacings (see :func:`spacing_peaks`), sorted; ``scorer`` and ``scorer_parameters``.

    >>> import numpy as np
    >>> from sicgrid.analysis import AnalysisConfig, analyze_units, synthetic_cells
    >>> path = np.cumsum(np.random.default_rng(0).normal(0, 0.05, (20, 400, 2)), axis=1) % 2 - 1  # in a 2 m box
    >>> cells = synthetic_cells.grid_cells(path, synthetic_cells.lattice_basis(0.5), [[0.0, 0.0], [0.5, 0.2]], 0.08)
    >>> summary = summarize(analyze_units(path, cells, 2.0, AnalysisConfig(shuffles=5)))
    >>> summary["units"], summary["grid_units"], summary["fraction_grid"]
    (2, 2, 1.0)
    """
    active, is_grid = table["active"].astype(bool), table["is_grid"].astype(bool)
    scores = table["grid_score"][active]
    scores = scores[np.isfinite(scores)]
    return {
        "units": len(table),
        "active_units": int(active.sum()),
        "constant_units": int(table["constant"].sum()),
        "grid_units": int(is_grid.sum()),
        "grid_score_median": float(np.median(scores)) if len(scores) else None,
        "fraction_grid": float(is_grid[active].mean()) if active.any() else None,
        "fraction_beats_field_shuffle": float(table["beats_field_shuffle"][active].mean()) if active.any() else None,
        "spacing_m": spacing_peaks(table["spacing_m"][is_grid]),
        "scorer": str(table["scorer"][0]),
        "scorer_parameters": table.scorer_parameters,
    }


def spacing_peaks(spacings_m: npt.ArrayLike) -> list[float]:
    """Spacings around which a population gathers, meters, sorted: a first look, not yet a search for modules.

    The density of log spacing, estimated with a Gaussian kernel of standard deviation 0.05 (5 %), is cut at its minima;
    each piece with at least a twentieth of the cells (and two, or all when there is one) gives its median.

    >>> [round(peak, 3) for peak in spacing_peaks([0.49, 0.5, 0.51, 0.79, 0.8, 0.82])]
    [0.5, 0.8]
    """
    values = np.asarray(spacings_m, dtype=np.float64)
    values = np.sort(values[np.isfinite(values) & (values > 0)])
    if len(values) == 0:
        return []
    logs = np.log(values)
    grid = np.arange(logs[0] - 0.2, logs[-1] + 0.2, _SPACING_BANDWIDTH / 10)
    density = np.exp(-0.5 * ((grid[:, None] - logs) / _SPACING_BANDWIDTH) ** 2).sum(axis=1)
    minima = grid[1:-1][(density[1:-1] <= density[:-2]) & (density[1:-1] < density[2:])]
    fewest = min(max(2.0, len(values) / 20), len(values))
    pieces = np.split(values, np.searchsorted(logs, minima))
    return [float(np.median(piece)) for piece in pieces if len(piece) >= fewest]
