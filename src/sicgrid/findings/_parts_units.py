"""Parts about single units: maps, scores and lattices in each box, and fields."""

import numpy as np
import xarray as xr

from ..analysis import (
    AnalysisConfig,
    UnitTable,
    analyze_units,
    place_fields,
    summarize,
)
from ..experiment import RunConfig
from ..storage import UserError, length_name
from ._part import AXES, Part, Progress, Result, Sources, number, quantity

_UNITS = {
    "spacing_m": "m", "spacing_se_m": "m", "orientation_deg": "degrees", "orientation_se_deg": "degrees",
    "spatial_information": "bit", "lattice_peak": "Hz",
}  # fmt: skip
UNITS = "units"


def unit_part(arena: float | None) -> Part:
    """The part ``units`` of the main box (None), or ``units-3`` of one 3 m a side."""

    def settings(config: RunConfig) -> dict[str, object]:
        return _settings(config, arena is None).model_dump(mode="json") | {"seed": config.seed}

    def compute(sources: Sources, progress: Progress) -> Result:
        return _units(sources, sources.main if arena is None else arena, progress)

    name = UNITS if arena is None else f"{UNITS}-{length_name(arena)}"
    return Part(name, 2, compute, settings, recordings="main" if arena is None else "none", arena=arena)


def _settings(config: RunConfig, main: bool) -> AnalysisConfig:
    settings = config.analysis.units_only()
    fewer = min(config.analysis.other_boxes_shuffles, settings.shuffles)
    return settings if main else settings.model_copy(update={"shuffles": fewer})


def _units(sources: Sources, arena: float, progress: Progress) -> Result:
    recording = sources.recording(arena)
    config = _settings(sources.config, arena == sources.main)
    positions = recording.positions[0] if recording.spikes else recording.positions
    try:
        table = analyze_units(
            positions,
            recording.states,
            arena,
            config,
            sources.seed,
            progress,
            seconds=recording.seconds,
            spikes=recording.spikes,
            names=sources.names(recording.shape[2]),
        )
    except ValueError as error:
        raise UserError(f"the {arena:g} m arena cannot be analyzed: {error}") from None
    if not table["active"].any():
        peak = float(np.nanmax(table["peak"]))
        reason = (
            f"No unit is active in the {arena:g} m box: the highest peak of {len(table)} rate maps is {peak:.3g}, and "
            f"analysis.active_threshold is {config.active_threshold:g}."
        )
        return Result(xr.Dataset(attrs={"reason": reason}), summarize(table), table)
    return Result(_dataset(table, arena, recording.seconds is not None), summarize(table), table)


def _dataset(table: UnitTable, arena: float, timed: bool) -> xr.Dataset:
    maps = table.maps
    middles = [(edges[1:] + edges[:-1]) / 2 for edges in (maps.x_edges, maps.y_edges)]
    columns = {
        name: quantity("unit", column, _UNITS.get(name, "1"))
        for name, column in table.columns.items()
        if name not in ("unit", "name", "scorer")
    }
    if table.raw_maps is not table.maps and not np.array_equal(table.raw_maps.maps, maps.maps, equal_nan=True):
        columns["raw_maps"] = quantity(
            ("unit", "x", "y"), table.raw_maps.maps, about="not smoothed, NaN where unvisited"
        )
    return xr.Dataset(
        columns
        | {
            "basis_m": quantity(("unit", "vector", "axis"), table.basis_m, "m", "lattice vectors"),
            "maps": quantity(("unit", "x", "y"), maps.maps, about="mean activity, NaN where unvisited"),
            "occupancy": quantity(("x", "y"), maps.occupancy, "s" if timed else "samples"),
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
        attrs={"arena_m": arena, "scorer": str(table["scorer"][0]), "samples_outside": maps.outside},
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
