"""The columns of a comparison: how each number is read from a run's summary, and what the page says of it."""

import statistics
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..findings import exact_error, number, percent

NOT_APPLICABLE = "not applicable"
REASONS = "reasons"  # beside the numbers: part -> why it has no result, None where it has one; absent if not computed


class Column(NamedTuple):
    """A number of the table: how its value is read from a run's summary, and what a page says of it."""

    name: str
    head: str
    about: str
    read: Callable[[Mapping[str, Any]], Any]
    text: Callable[[Any, Mapping[str, Any]], str]


def _modules(summary: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """None where none could be sought."""
    part = (summary.get("parts") or {}).get("modules") or {}
    modules = summary.get("modules") or []
    return None if not modules and str(part.get("reason") or "").startswith("Too few") else list(modules)


def _spacings(summary: Mapping[str, Any]) -> list[float] | None:
    modules = _modules(summary)
    return None if modules is None else sorted(float(module["spacing_m"]) for module in modules)


def _periods(summary: Mapping[str, Any]) -> list[float] | None:
    periods = ((summary.get("parts") or {}).get("periods") or {}).get("periods")
    return None if periods is None else sorted(float(period["spacing_m"]) for period in periods)


def _tori(summary: Mapping[str, Any]) -> int | None:
    tori = summary.get("torus") or []
    return sum(list(torus["betti"]) == [1, 2, 1] for torus in tori) if tori else None


def _ellipticity(summary: Mapping[str, Any]) -> float | None:
    values = [float(module["ellipticity"]) for module in _modules(summary) or []]
    return statistics.median(values) if values else None


def _walked(side: int, measure: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any]], float | None]:
    """A measure of the walks in the smallest box (0) or, where there are several, the largest (-1)."""

    def read(summary: Mapping[str, Any]) -> float | None:
        boxes = summary.get("evaluated") or {}
        if not boxes or (side == -1 and len(boxes) < 2):
            return None
        value = measure(boxes[sorted(boxes, key=float)[side]])
        return None if value is None else float(value)

    return read


def _path_error(box: Mapping[str, Any]) -> Any:
    return box.get("path_integration_error")


def _of_range(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    def read(summary: Mapping[str, Any]) -> float | None:
        value = (summary.get("unique_range") or {}).get(name)
        return None if value is None else float(value)

    return read


def _decoded(code: str) -> Callable[[Mapping[str, Any]], float | None]:
    def read(summary: Mapping[str, Any]) -> float | None:
        part = (summary.get("parts") or {}).get("error_correction") or {}
        value = (part.get("error_m") or {}).get(code)
        return None if value is None else float(value)

    return read


def _single(summary: Mapping[str, Any]) -> float | None:
    count = ((summary.get("parts") or {}).get("fields") or {}).get("single_field_units")
    active = summary.get("active_units")
    return None if count is None or not active else count / active


def _meters(values: Any) -> str:
    return " · ".join(number(value) for value in values) + " m"


def _text_periods(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "too few units" if numbers["modules"] is None else "–"
    return _meters(value) if len(value) else "none"


def _text_modules(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "too few units"
    return f"{value:g}" + (f"|{_meters(numbers['spacings_m'])}" if value else "")


def _text_torus(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "not tested|no module" if "topology" in numbers[REASONS] and not numbers["modules"] else "–"
    return f"{value:g} of {numbers['modules']:g}"


def _text_path(exact_of: str) -> Callable[[Any, Mapping[str, Any]], str]:
    def text(value: Any, numbers: Mapping[str, Any]) -> str:
        if value is not None:
            exact = numbers[exact_of]
            return number(value) + ("" if exact is None else f"|exact {number(exact)}")
        return NOT_APPLICABLE + "|no step" if numbers["kind"] in ("code", "recording") else "–"

    return text


def _text_measured(value: Any, numbers: Mapping[str, Any]) -> str:
    return str(value).replace("; ", "|", 1)


def _text_range(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None and numbers[REASONS].get("unique_range", "not computed"):
        return "–"
    if value is None:
        return "not resolved|some place is like its neighbors"
    ideal = numbers["ideal_range_m"]
    bound = "≥ " if numbers["range_at_least"] else ""
    return f"{bound}{number(value)} m" + (f"|ideal {number(ideal)} m" if ideal is not None else "|no module, no ideal")


def _text_decoded(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is None:
        return "–"
    ideal = numbers["decoding_ideal_m"]
    return f"{number(value)} m" + (f"|ideal {number(ideal)} m" if ideal is not None else "")


def _text_share(value: Any, numbers: Mapping[str, Any]) -> str:
    return "–" if value is None else percent(value)


def _text_fields(value: Any, numbers: Mapping[str, Any]) -> str:
    if value is not None:
        return percent(value)
    return NOT_APPLICABLE if str(numbers[REASONS].get("fields") or "").startswith("Not applicable") else "–"


def _text_number(value: Any, numbers: Mapping[str, Any]) -> str:
    return "–" if value is None else number(value)


def _hidden(value: Any, numbers: Mapping[str, Any]) -> str:
    return ""


COLUMNS = (
    Column(
        "grid_cells",
        "grid cells",
        "Of the active units those whose grid score exceeds the 99th percentile of both their nulls, shifts in time "
        "and shuffled fields. By chance 2 % at most do with 100 shuffles, 3 % with 50.",
        lambda summary: summary.get("fraction_beats_both"),
        _text_share,
    ),
    Column(
        "periods_m",
        "periods",
        "Spacings that stand out among the units’ own lattices, as the field counts modules; several may belong to one "
        "module.",
        _periods,
        _text_periods,
    ),
    Column(
        "modules",
        "modules",
        "Groups of units on one lattice, independent of each other: lattices that stand out from a continuum of "
        "spacings.",
        lambda summary: None if _modules(summary) is None else len(_modules(summary) or []),
        _text_modules,
    ),
    Column(
        "torus_modules",
        "torus",
        "Modules whose states have the Betti numbers of a torus, (1, 2, 1), by persistent homology against shuffles.",
        _tori,
        _text_torus,
    ),
    Column(
        "ellipticity",
        "ellipticity",
        "Of the modules’ lattices, the median: 1 a hexagon, 1.73 a square.",
        _ellipticity,
        _text_number,
    ),
    Column(
        "path_error_inside",
        "path error inside",
        "How far states of one place differ by the route that led there, over those of far places: 0 the place alone, "
        "1 no trace of it. In the smallest box. Below it that of an exact integrator, which is not 0, since one place "
        "is a small bin, within which states differ already.",
        _walked(0, _path_error),
        _text_path("path_error_exact_inside"),
    ),
    Column(
        "path_error_outside",
        "path error outside",
        "The same in the largest box, where there are several.",
        _walked(-1, _path_error),
        _text_path("path_error_exact_outside"),
    ),
    Column(
        "unique_range_m",
        "unique range",
        "Distance of the nearest place that noise (0.05 a unit, states of length 1) could mistake for this one; below "
        "it that of an ideal code of the same lattices and size.",
        _of_range("unique_range_m"),
        _text_range,
    ),
    Column(
        "decoding_error_m",
        "error under noise",
        "Median error of the place read off states with noise of 0.1 a unit; below it that of an ideal code of the "
        "same lattices and size, or of place cells where there is no lattice.",
        _decoded("learned"),
        _text_decoded,
    ),
    Column(
        "place_cells",
        "place cells",
        "Of the active units those with exactly one field in the box, a whole one.",
        _single,
        _text_fields,
    ),
    Column(
        "measured_by",
        "measured by",
        "The boxes that the numbers are of, the walks in them, and how many shuffles of each unit stand for chance.",
        lambda summary: summary["measured_by"],
        _text_measured,
    ),
    Column("path_error_exact_inside", "", "", _walked(0, exact_error), _hidden),
    Column("path_error_exact_outside", "", "", _walked(-1, exact_error), _hidden),
    Column("spacings_m", "", "", _spacings, _hidden),
    Column("ideal_range_m", "", "", _of_range("ideal_range_m"), _hidden),
    Column(
        "range_at_least", "", "", lambda summary: bool((summary.get("unique_range") or {}).get("at_least")), _hidden
    ),
    Column(
        "decoding_ideal_m", "", "", lambda summary: _decoded("grid")(summary) or _decoded("place")(summary), _hidden
    ),
    Column("active_units", "", "", lambda summary: summary.get("active_units"), _hidden),
)
"""Of the table, from the left; those without a head stand in the table alone."""
