"""Parts about single units: maps, scores and lattices in each box, and fields."""

import numpy as np
import xarray as xr

from ..analysis import (
    UNIT_COLUMNS,
    AnalysisConfig,
    UnitTable,
    analyze_units,
    place_fields,
    rate_maps,
    scorer_parameters,
    summarize,
)
from ..storage import UserError, length_name
from ._config import RunConfig
from ._part import AXES, Part, Progress, Result, Sources, number, quantity

_UNITS = {"spacing_m": "m", "orientation_deg": "degrees", "spatial_information": "bit"}
UNITS = "units"


def unit_part(arena: float | None) -> Part:
    """The part ``units`` of the main box (None), or ``units-3`` of one 3 m a side."""

    def settings(config: RunConfig) -> dict[str, object]:
        return _settings(config, arena is None).model_dump(mode="json") | {"seed": config.seed}

    def compute(sources: Sources, progress: Progress) -> Result:
        return _units(sources, sources.main if arena is None else arena, progress)

    name = UNITS if arena is None else f"{UNITS}-{length_name(arena)}"
    return Part(name, 1, compute, settings, recordings="main" if arena is None else "none", arena=arena)


def _settings(config: RunConfig, main: bool) -> AnalysisConfig:
    settings = config.analysis.units_only()
    fewer = min(config.analysis.other_boxes_shuffles, settings.shuffles)
    return settings if main else settings.model_copy(update={"shuffles": fewer})


def _units(sources: Sources, arena: float, progress: Progress) -> Result:
    recording = sources.recording(arena)
    config = _settings(sources.config, arena == sources.main)
    try:
        silent = _silent(recording.positions, recording.states, arena, config)
        if silent is None:
            table = analyze_units(recording.positions, recording.states, arena, config, sources.seed, progress)
        else:
            table = silent
    except ValueError as error:
        raise UserError(f"the {arena:g} m arena cannot be analyzed: {error}") from None
    if silent is not None:
        peak = float(np.nanmax(table.maps.maps))
        reason = (
            f"No unit is active in the {arena:g} m box: the highest peak of {len(table)} rate maps is {peak:.3g}, and "
            f"analysis.active_threshold is {config.active_threshold:g}."
        )
        return Result(xr.Dataset(attrs={"reason": reason}), summarize(table), table)
    return Result(_dataset(table, arena), summarize(table), table)


def _silent(positions: np.ndarray, states: np.ndarray, arena: float, config: AnalysisConfig) -> UnitTable | None:
    """The table of a population in which no unit is active: no number but the peaks; None if there is one."""
    bins = round(arena / config.bin_size)
    if bins < 10:
        return None  # what is wrong then is the box, and analyze_units says so
    maps = rate_maps(positions, states, np.linspace(-arena / 2, arena / 2, bins + 1))
    peak = np.nanmax(maps.maps, axis=(1, 2))
    if (peak > config.active_threshold).any():
        return None
    count = len(peak)
    columns = dict.fromkeys(UNIT_COLUMNS, np.full(count, np.nan)) | {
        "unit": np.arange(count),
        "peak": peak,
        "scorer": np.full(count, config.scorer),
    }
    columns |= dict.fromkeys(("active", "constant", "is_grid", "beats_field_shuffle"), np.zeros(count, dtype=bool))
    parameters = scorer_parameters(config.scorer, config.min_overlap)
    return UnitTable(columns, maps, np.full((count, 2, 2), np.nan), parameters)


def _dataset(table: UnitTable, arena: float) -> xr.Dataset:
    maps = table.maps
    middles = [(edges[1:] + edges[:-1]) / 2 for edges in (maps.x_edges, maps.y_edges)]
    columns = {
        name: quantity("unit", column, _UNITS.get(name, "1"))
        for name, column in table.columns.items()
        if name not in ("unit", "scorer")
    }
    return xr.Dataset(
        columns
        | {
            "basis_m": quantity(("unit", "vector", "axis"), table.basis_m, "m", "lattice vectors"),
            "maps": quantity(("unit", "x", "y"), maps.maps, about="mean activity, NaN where unvisited"),
            "occupancy": quantity(("x", "y"), maps.occupancy, "samples"),
            "x_edge": quantity("x_edge", maps.x_edges, "m"),
            "y_edge": quantity("y_edge", maps.y_edges, "m"),
        },
        coords={
            "unit": table["unit"],
            "vector": ["b1", "b2"],
            "axis": AXES,
            "x": quantity("x", middles[0], "m"),
            "y": quantity("y", middles[1], "m"),
        },
        attrs={"arena_m": arena, "scorer": str(table["scorer"][0])},
    )


def _fields(sources: Sources, progress: Progress) -> Result:
    units = sources.usable(UNITS)
    maps = sources.maps()
    found = place_fields(maps.maps, sources.bin_size())
    active = units["active"].values.astype(bool)
    count = np.where(active, found.number, np.nan)
    diameter = np.where(active, found.diameter_m, np.nan)
    dataset = xr.Dataset(
        {
            "field_count": quantity("unit", count, about="fields in the box; NaN for an inactive unit"),
            "field_diameter_m": quantity("unit", diameter, "m", "median diameter of whole fields at half of the peak"),
            "coverage": quantity("unit", np.where(active, found.coverage, np.nan), about="share of the box in a field"),
            "single": quantity("unit", found.single & active, about="exactly one field, and that a whole one"),
        },
        coords={"unit": units["unit"].values},
    )
    known = diameter[np.isfinite(diameter)]
    summary = {
        "single_field_units": int((found.single & active).sum()),
        "field_count_median": number(np.nanmedian(count)),
        "field_diameter_m_median": number(np.median(known)) if len(known) else None,
    }
    return Result(dataset, summary)


FIELDS = Part("fields", 1, _fields, lambda config: {}, (UNITS,))
