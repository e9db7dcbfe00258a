"""How far is the code unique? The distance to the nearest place that noise could mistake for this one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ..analysis import UniqueRange, UniqueRangeConfig, compare_unique_range, unique_range
from ._finding import REASONS, CardRow, Column, ComparedNumber, Drawing, Finding, Metric, Record, View
from ._names import MODULES, UNIQUE_RANGE, UNITS
from ._part import Part, Progress, Result, json_number, own_settings, quantity
from ._results import RunResults
from ._sources import Sources, mean_state_length
from ._wording import card_number, meters, sentence
from .modules import lattice_bases


def _compute(sources: Sources, progress: Progress) -> Result:
    settings = sources.config.analysis.unique_range
    # In the largest box: no range beyond a box's side can be seen in it.
    arena = max(sources.arenas)
    maps, bases = sources.maps(arena), lattice_bases(sources)
    maps = maps._replace(maps=maps.maps / (mean_state_length(maps) or 1.0))  # noise is of states of length 1; 0: silent
    options: dict[str, Any] = {
        "confusion": settings.confusion, "references": settings.references, "seed": sources.seed,
    }  # fmt: skip
    ideal: UniqueRange | None = None
    note = "" if bases is not None else "no module, so there is no ideal modular code of the same spacings"
    largest = float("nan")
    if bases is None:
        measured = unique_range(maps, **options)
    else:
        largest = float(np.max(sources.part(MODULES)["spacing_m"].values))
        try:
            comparison = compare_unique_range(maps, bases, **options)
            measured, ideal = comparison.measured, comparison.ideal
        except ValueError as error:  # no ideal code has as many units and the same overlap
            measured, note = unique_range(maps, **options), str(error)
    variables = _range_variables(measured, "") | (_range_variables(ideal, "ideal_") if ideal is not None else {})
    if np.isfinite(largest):
        variables["largest_spacing_m"] = quantity((), largest, "m")
    coords: dict[str, Any] = {
        "noise": quantity("noise", measured.noise, about="standard deviation per unit"),
        "ring": quantity("ring", measured.distance_m, "m"),
    }
    level = int(np.abs(np.log(measured.noise / settings.at_noise)).argmin())
    at_noise = float(measured.noise[level])
    attributes = {"arena_m": arena, "reach_m": measured.reach_m, "note": note, "at_noise": at_noise}
    dataset = xr.Dataset(variables, coords, attributes)
    summary = {
        "unique_range_m": json_number(measured.range_m[level]),
        "at_least": bool(measured.at_least[level]),
        "noise": at_noise,
        "typical_range_m": json_number(measured.typical_range_m[level]),
        "ideal_range_m": json_number(ideal.range_m[level]) if ideal is not None else None,
        "largest_spacing_m": json_number(largest),
        "arena_m": arena,
    }
    return Result(dataset, summary)


def _range_variables(result: UniqueRange, prefix: str) -> dict[str, xr.Variable]:
    return {
        f"{prefix}range_m": quantity("noise", result.range_m, "m", "worst place; NaN where some place is not resolved"),
        f"{prefix}at_least": quantity("noise", result.at_least, about="no alias within the box"),
        f"{prefix}typical_range_m": quantity("noise", result.typical_range_m, "m", "half of the places"),
        f"{prefix}typical_at_least": quantity("noise", result.typical_at_least),
        f"{prefix}resolution_m": quantity("noise", result.resolution_m, "m"),
        f"{prefix}unresolved_share": quantity("noise", result.unresolved_share),
        f"{prefix}closest": quantity("ring", result.closest, about="smallest state distance of places so far apart"),
        f"{prefix}typical_closest": quantity("ring", result.typical_closest),
    }


def _top(summary: Mapping[str, Any], reason: str | None) -> dict[str, Any]:
    return {"unique_range_m": summary.get("unique_range_m"), UNIQUE_RANGE: summary or None}


def _say(part: xr.Dataset) -> str:
    if "range_m" not in part:
        return ""
    noise, range_m = part["noise"].values.astype(float), part["range_m"].values.astype(float)
    at_least = part["at_least"].values.astype(bool)
    if not np.isfinite(range_m).any():
        return "At every level of noise some place cannot be told from its neighbors."
    # The level of the summary; a result of an earlier version does not say which that is: the least noise.
    level = int(np.abs(noise - float(part.attrs.get("at_noise", noise[0]))).argmin())
    at_noise = f"at noise {noise[level]:g} per unit"
    if np.isfinite(range_m[level]):
        text = f"{'At least ' if at_least[level] else ''}{range_m[level]:.2f} m {at_noise}"
    else:
        text = f"{at_noise} some place cannot be told from its neighbors"
    if "largest_spacing_m" in part:
        text += f"; the largest spacing is {float(part['largest_spacing_m']):.2f} m"
    return sentence(text)


def _draw(results: RunResults) -> Iterator[Drawing]:
    """Unique range."""
    from .. import figures

    part = results.parts[UNIQUE_RANGE]
    yield Drawing(
        "unique-range",
        lambda: figures.unique_range_curves(part),
        "Unique range against noise for the learned and the ideal code",
        "Distance of the nearest place that noise could mistake for this one (the worst place counts). Open dots "
        "with an arrow: none within the box, so the range is at least that.",
    )


def _of_summary(name: str) -> Callable[[Record], float | None]:
    def read(record: Record) -> float | None:
        value = (record.summary.get(UNIQUE_RANGE) or {}).get(name)
        return None if value is None else float(value)

    return read


def _compared_text(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None and numbers[REASONS].get(UNIQUE_RANGE, "not computed"):
        return "–"
    if value is None:
        return "not resolved|some place is like its neighbors"
    ideal, bound = numbers["ideal_range_m"], "≥ " if numbers["range_at_least"] else ""
    return f"{bound}{meters([value])}" + (f"|ideal {meters([ideal])}" if ideal is not None else "|no module, no ideal")


FINDING = Finding(
    name="range",
    short="Range",
    question="How far is the code unique?",
    lead="Coding theory promises of several modules a range far beyond the largest spacing, which the paper "
    "states but does not measure. Here: the distance to the nearest place whose state noise could mistake for "
    "this one.",
    lead_elsewhere="Coding theory promises of several modules a range far beyond the largest spacing. Here: the "
    "distance to the nearest place whose activity noise could mistake for this one, with noise measured in activity of "
    "length 1.",
    place=900,
    advanced=True,
    parts=(
        Part(
            UNIQUE_RANGE,
            2,
            _compute,
            own_settings(UNIQUE_RANGE),
            model=UniqueRangeConfig,
            reads=(UNITS, MODULES),
            recordings="all",
            top=_top,
            usual_s=2,
        ),
    ),
    views=(View(UNIQUE_RANGE, _say, _draw),),
    metrics=(
        Metric(
            "unique_range_m",
            "Distance to the nearest place that noise could mistake for this one, at worst",
            unit="m",
            place=600,
            read=lambda record: record.summary.get("unique_range_m"),
            part=UNIQUE_RANGE,
            column=Column(place=810, head="unique range (m)"),
        ),
    ),
    keep=lambda summary: {"unique_range_m": summary.get("unique_range_m")},
    card=(CardRow(place=700, row=lambda kept: ("code unique out to", card_number(kept["unique_range_m"], unit=" m"))),),
    compared=(
        ComparedNumber(
            "unique_range_m",
            place=700,
            read=_of_summary("unique_range_m"),
            part=UNIQUE_RANGE,
            head="unique range",
            about="Distance of the nearest place that noise (0.05 a unit, states of length 1) could mistake for this "
            "one; below it that of an ideal code of the same lattices and size.",
            text=_compared_text,
        ),
        ComparedNumber("ideal_range_m", place=940, read=_of_summary("ideal_range_m"), part=UNIQUE_RANGE),
        ComparedNumber(
            "range_at_least",
            place=950,
            read=lambda record: bool((record.summary.get(UNIQUE_RANGE) or {}).get("at_least")),
            part=UNIQUE_RANGE,
        ),
    ),
)
