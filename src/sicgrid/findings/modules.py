"""One lattice or several? Groups of units that share spacing and orientation."""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ..analysis import Modules, ModulesConfig, find_modules
from ..experiment import RunConfig
from ._finding import CardRow, Column, Drawing, Fact, Finding, Measure, Metric, Record, ResultLine, View
from ._modules_compared import MODULES_COMPARED, median_ellipticity
from ._modules_said import module_facts, module_line, say_modules
from ._names import MODULES, UNITS
from ._part import AXES, Part, Progress, Result, Unavailable, json_number, quantity
from ._results import RunResults, has_results
from ._sources import Sources
from ._verdict import FAILS, HOLDS, Claim, Judgment, Results, why_missing


def _modules_settings(config: RunConfig) -> dict[str, object]:
    shared = ("min_overlap", "active_threshold", "constant_below")
    of_units = {name: getattr(config.analysis, name) for name in shared}
    return config.analysis.modules.model_dump(mode="json") | of_units | {"seed": config.seed}


def _compute(sources: Sources, progress: Progress) -> Result:
    units = sources.required(UNITS)
    settings = _modules_settings(sources.config)
    split = find_modules(sources.measured_maps(), bases_m=units["basis_m"].values, **settings)  # type: ignore[arg-type]
    labels = split.labels()
    phases_per_cell, dependence = np.full(len(labels), -1), np.full(len(labels), np.nan)
    for module in split.modules:
        phases_per_cell[module.members] = module.phases_per_cell
        dependence[module.members] = module.dependence
    reasons = [split.unassigned.get(unit, "") for unit in range(len(labels))]
    of_units = {
        "members": quantity("unit", labels, about="index of the unit's module, -1 for none"),
        "reason": quantity("unit", np.array(reasons, dtype=object), about="why the unit belongs to no module"),
    }
    attrs = {"verdict": split.verdict, "p_value": _p_value(split), "rest_p_value": split.rest_p_value}
    coords = {"unit": units["unit"].values}
    summary = split.summary()
    if not split.modules:
        return Result(xr.Dataset(of_units, coords, attrs | {"reason": split.verdict}), summary)
    each = split.modules
    dataset = xr.Dataset(
        of_units
        | {
            "phases_per_cell": quantity(
                "unit", phases_per_cell, about="fields per unit cell of the module; -1 unknown"
            ),
            "unit_dependence": quantity("unit", dependence, about="1: a function of the phase in the module"),
            "spacing_m": quantity("module", [module.spacing_m for module in each], "m"),
            "spacing_sd_m": quantity("module", [module.spacing_sd_m for module in each], "m"),
            "orientation_deg": quantity("module", [module.orientation_deg for module in each], "degrees"),
            "orientation_sd_deg": quantity("module", [module.orientation_sd_deg for module in each], "degrees"),
            "ellipticity": quantity("module", [module.ellipticity for module in each]),
            "basis_m": quantity(("module", "vector", "axis"), np.stack([module.basis_m for module in each]), "m"),
            "dependence": quantity(("module", "other_module"), split.dependence),
            "module_p_value": quantity("module", [module.p_value for module in each], about="against a continuum"),
        },
        coords | {"vector": ["b1", "b2"], "axis": AXES},
        attrs,
    )
    return Result(dataset, summary)


def _p_value(split: Modules) -> float:
    """Of the best founded module, or of the densest group where there is none."""
    return min((module.p_value for module in split.modules), default=split.rest_p_value)


def _top(summary: Mapping[str, Any], reason: str | None) -> dict[str, Any]:
    return {
        "modules": summary.get("modules", []),
        "modules_verdict": summary.get("verdict") or reason,
        "scale_ratios": summary.get("scale_ratios", []),
    }


def lattice_bases(sources: Sources) -> np.ndarray | None:
    """Lattice vectors of the modules (module, 2, 2), meters; None where there is no module."""
    modules = sources.part(MODULES)
    return None if modules.attrs.get("reason") else np.asarray(modules["basis_m"].values)


def several_modules(results: Results, sigma_x: float) -> Judgment:
    """C1b, several independent modules: holds with two or more.

    Number: modules. Null: p of the best founded one against a continuum of spacings, which decides what counts as one
    (`sicgrid.analysis.find_modules`: p <= 0.01; lattices with a common cell are one module, see C1a for periods).
    """
    part = results.get(MODULES)
    if part is None or "members" not in part:
        raise Unavailable(why_missing(results, MODULES))
    verdict, count = str(part.attrs["verdict"]), part.sizes.get("module", 0)
    return Judgment(HOLDS if count >= 2 else FAILS, count, {"p": json_number(part.attrs.get("p_value"))}, verdict)


def _draw(results: RunResults) -> Iterator[Drawing]:
    """Spacing and orientation of the active units; by module where there are modules."""
    from .. import figures

    active = results.active
    spacing, orientation = (np.asarray(results.units[name])[active] for name in ("spacing_m", "orientation_deg"))
    grid = results.grid[active]
    if has_results(results.parts.get(MODULES)):
        yield from _by_module(results)
    else:
        yield Drawing(
            "spacing",
            lambda: figures.spacing_histogram(spacing, is_grid=grid),
            "Histogram of grid spacings",
            "Distance between neighboring fields. Modules are separate bars; a hill is a continuum.",
        )
        yield Drawing(
            "orientation",
            lambda: figures.orientation_histogram(orientation, is_grid=grid),
            "Histogram of orientations",
            "Direction of the lattice. Units of one module share it; 0 and 60 degrees are the same.",
        )
    yield Drawing(
        "lattices",
        lambda: figures.spacing_orientation(spacing, orientation, is_grid=grid),
        "Orientation of each unit against its spacing",
        "Both at once, one dot a unit: a module is one cloud.",
    )


def _by_module(results: RunResults) -> Iterator[Drawing]:
    """Rate maps by module, and period and orientation by module."""
    from .. import figures

    units, maps, active = results.units, results.maps, results.active
    members, spacing = results.module_of_unit(), results.module_spacings()
    yield Drawing(
        "modules",
        lambda: figures.module_rate_maps(
            np.where(active[:, None, None], maps.maps, 0.0),
            maps.x_edges,
            maps.y_edges,
            module_of_unit=members,
            spacing_m=spacing,
            grid_score=np.asarray(units["grid_score"], dtype=float),
        ),
        "Rate maps of each module's units in a row",
        "Rate maps by module, grid score above each; drawn evenly from a module's highest score to its lowest.",
    )
    yield Drawing(
        "module-histograms",
        lambda: figures.module_histograms(
            np.asarray(units["spacing_m"], dtype=float)[active],
            np.asarray(units["orientation_deg"], dtype=float)[active],
            module_of_unit=members[active],
            module_spacing_m=spacing,
        ),
        "Histograms of spacings and orientations by module",
        "Spacing and orientation of every unit’s own lattice, in its module’s color. Units that fire at 3 or 4 "
        "phases of a module’s lattice have a finer lattice of their own, 1/√3 or 1/2 of its spacing, and belong to it "
        "all the same.",
    )


def _listed(record: Record) -> list[Mapping[str, Any]] | None:
    """The modules of the summary; None where none were sought."""
    return list(record.summary.get("modules") or ()) if record.has(MODULES) else None


def _count(record: Record) -> int | None:
    modules = _listed(record)
    return None if modules is None else len(modules)


def _largest(record: Record) -> int | None:
    modules = _listed(record)
    return None if modules is None else max((len(module["units"]) for module in modules), default=0)


def _each(record: Record, name: str) -> list[float]:
    return [float(module[name]) for module in _listed(record) or ()]


def _spacing_peaks(record: Record) -> float | None:
    peaks = [value for value in record.summary.get("spacing_m") or () if value is not None and math.isfinite(value)]
    return statistics.median(peaks) if peaks else None


def _sorted_spacings(record: Record) -> list[float] | None:
    return sorted(_each(record, "spacing_m")) if record.has(MODULES) else None


def _kept(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The modules each with the number of its units in place of a list of them."""
    modules = [{**module, "units": len(module["units"])} for module in summary["modules"]]
    for module in modules:
        module.pop("phases_per_cell", None)
    kept = {name: summary.get(name) for name in ("spacing_m", "modules_verdict", "scale_ratios")}
    return kept | {"modules": modules}


def _sweep_facts(rows: Sequence[Mapping[str, Any]], whose: str) -> Iterator[Fact]:
    counts = [row["modules"] for row in rows if row["modules"] is not None]
    several = f"{sum(count > 1 for count in counts)} of {len(counts)}" if counts else "–"
    yield Fact("Several modules", several, f"runs with more than one module, {whose}")


def _sizes(kept: Mapping[str, Any], joint: str) -> str:
    """Spacing and number of units of each module."""
    return joint.join(f"{module['spacing_m']:.2f} m ({module['units']})" for module in kept["modules"]) or "none"


FINDING = Finding(
    name=MODULES,
    short="Modules",
    question="One lattice or several?",
    lead="A module is a group of units that share spacing and orientation. Units with two, three or four fields "
    "in each cell of one lattice show a shorter spacing and another orientation without being a module of their "
    "own.",
    place=300,
    anchor="lattices",
    parts=(
        Part(
            MODULES, 2, _compute, _modules_settings, ModulesConfig, (UNITS,), top=_top, fewest=3, usual_s=3,
            usual_bytes=0, swept=True,
        ),
    ),
    claims=(
        Claim(
            "C1b", "One network holds several independent modules.", "several modules", several_modules, formerly="C1"
        ),
    ),
    views=(View(MODULES),),
    say=say_modules,
    draw=_draw,
    facts=module_facts,
    sweep_facts=_sweep_facts,
    metrics=(
        Metric("modules", "Modules", unit="", place=300, read=_count, part=MODULES,
               column=Column(place=120, head="modules", always=True),
               measure=Measure(place=300, label="modules", title="Modules", digits=1, drawn=True, mapped=1)),
        Metric("largest_module_units", "Units of the largest module", unit="", place=310, read=_largest,
               part=MODULES, listed=False),
        Metric("spacing_smallest_m", "Spacing of the finest module", unit="m", place=320,
               read=lambda record: min(_each(record, "spacing_m"), default=None), part=MODULES, listed=False),
        Metric("spacing_largest_m", "Spacing of the coarsest module", unit="m", place=330,
               read=lambda record: max(_each(record, "spacing_m"), default=None), part=MODULES, listed=False,
               measure=Measure(place=400, label="spacing (m)", title="Spacing of the coarsest module (m)", drawn=True,
                               mapped=2)),
        Metric("spacing_median_m", "Median of the spacing peaks of the grid cells", unit="m", place=340,
               read=_spacing_peaks, listed=False),
        Metric("ellipticity_median", "Median ellipticity of the modules' lattices", unit="", place=350,
               read=lambda record: median_ellipticity(_listed(record) or ()), part=MODULES,
               column=Column(place=300, head="ellipticity"),
               measure=Measure(place=500, label="ellipticity", title="Ellipticity (1 hexagon, 1.73 square)",
                               drawn=True)),
        Metric("spacings_m", "Spacing of each module, the finest first", unit="m", place=910,
               read=_sorted_spacings, aim=False, kind=list, column=Column(place=130, head="spacings (m)", always=True)),
    ),
    keep=_kept,
    card=(
        CardRow(
            place=300,
            row=lambda kept: ("modules (units)", _sizes(kept, ", ")),
            head="modules",
            cell=lambda kept: _sizes(kept, "\n"),
        ),
    ),
    lines=(ResultLine(place=300, line=module_line),),
    compared=MODULES_COMPARED,
)  # fmt: skip
