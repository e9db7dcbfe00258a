"""Are there place-like units? Number and size of each unit's fields."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ..analysis import place_fields
from ._finding import REASONS, CardRow, Column, ComparedNumber, Drawing, Finding, Measure, Metric, Record, View
from ._names import FIELDS, UNITS
from ._part import Part, Progress, Result, Unavailable, json_number, quantity
from ._results import RunResults
from ._sources import Sources
from ._wording import NOT_APPLICABLE, card_number, counted, percent

_INAPPLICABLE = NOT_APPLICABLE.capitalize()  # how the reason begins where the question does not apply


def _compute(sources: Sources, progress: Progress) -> Result:
    units = sources.required(UNITS)
    maps = sources.maps()
    if np.nanmin(maps.maps) < 0:
        raise Unavailable(
            f"{_INAPPLICABLE}: activity falls below zero, and a field is where a rate is high against silence."
        )
    fields = place_fields(maps.maps, sources.bin_size())
    active = units["active"].values.astype(bool)
    count = np.where(active, fields.number, np.nan)
    diameter = np.where(active, fields.diameter_m, np.nan)
    dataset = xr.Dataset(
        {
            "field_count": quantity("unit", count, about="fields in the box; NaN for an inactive unit"),
            "field_diameter_m": quantity(
                "unit", diameter, "m", "median diameter of whole fields at half of the peak, smoothed by a bin more"
            ),
            "coverage": quantity(
                "unit", np.where(active, fields.coverage, np.nan), about="share of the box in a field"
            ),
            "single": quantity("unit", fields.single & active, about="exactly one field, and that a whole one"),
        },
        coords={"unit": units["unit"].values},
    )
    finite = diameter[np.isfinite(diameter)]
    summary = {
        "single_field_units": int((fields.single & active).sum()),
        "field_count_median": json_number(np.nanmedian(count)),
        "field_diameter_m_median": json_number(np.median(finite)) if len(finite) else None,
    }
    return Result(dataset, summary)


def _say(part: xr.Dataset) -> str:
    count = np.asarray(part["field_count"].values, dtype=float)
    count = count[np.isfinite(count)]
    single = int(part["single"].values.sum())
    verb = "has" if single == 1 else "have"
    return f"{single} of {counted(count.size, 'active unit')} {verb} a single field." if count.size else ""


def _draw(results: RunResults) -> Iterator[Drawing]:
    """Number and size of fields."""
    from .. import figures

    part = results.parts[FIELDS]
    yield Drawing(
        "fields",
        lambda: figures.field_histograms(part),
        "Histograms of the number and the size of fields",
        "A place cell has one field in the box, a grid cell several of one size.",
    )


def _card_numbers(summary: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: value for name, value in summary["parts"][FIELDS].items() if name not in ("seconds", "reason")}
    return {FIELDS: numbers}


def _card_row(kept: Mapping[str, Any]) -> tuple[str, str]:
    numbers = kept[FIELDS]
    if "single_field_units" not in numbers:
        return "units with one field, a whole one", "not known"
    diameter = card_number(numbers["field_diameter_m_median"], unit=" m")
    text = f"{numbers['single_field_units']}; median diameter of all units' fields {diameter}"
    return "units with one field, a whole one", text


def _of_part(record: Record, name: str) -> Any:
    return record.part(FIELDS).get(name)


def _single(record: Record) -> float | None:
    count, active = _of_part(record, "single_field_units"), record.summary.get("active_units")
    return None if count is None or not active else count / active


def _compared_text(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is not None:
        return percent(value)
    return NOT_APPLICABLE if str(numbers[REASONS].get(FIELDS) or "").startswith(_INAPPLICABLE) else "–"


FINDING = Finding(
    name=FIELDS,
    short="Fields",
    question="Are there place-like units?",
    lead="The paper finds place-like units for a narrower separation (smaller σg). They have one field in the box.",
    lead_elsewhere="A place cell has one field in the box, a grid cell several of one size.",
    place=1200,
    advanced=True,
    parts=(Part(FIELDS, 1, _compute, lambda config: {}, reads=(UNITS,)),),
    views=(View(FIELDS, _say, _draw),),
    metrics=(
        Metric(
            "single_field_units",
            "Units with exactly one field, a whole one",
            unit="",
            place=500,
            read=lambda record: _of_part(record, "single_field_units"),
            part=FIELDS,
            column=Column(place=500, head="single-field units"),
        ),
        Metric(
            "field_diameter_m",
            "Median diameter of whole fields",
            unit="m",
            place=510,
            read=lambda record: _of_part(record, "field_diameter_m_median"),
            part=FIELDS,
            column=Column(place=400, head="field (m)"),
            measure=Measure(place=600, label="field (m)", title="Field diameter (m)", drawn=True, mapped=3),
        ),
    ),
    keep=_card_numbers,
    card=(CardRow(place=400, row=_card_row),),
    compared=(
        ComparedNumber(
            "place_cells",
            place=900,
            read=_single,
            part=FIELDS,
            head="place cells",
            about="Of the active units those with exactly one field in the box, a whole one.",
            text=_compared_text,
        ),
    ),
)
