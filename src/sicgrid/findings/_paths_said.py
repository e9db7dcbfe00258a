"""What is said of the code along a walk: numbers, verdicts and the table of boxes of the finding `paths`."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ._finding import Fact, Table
from ._headline import chance_of_grid
from ._loops import read_off_loops
from ._names import GENERALIZATION, TOPOLOGY
from ._results import RunResults, has_results
from ._wording import number, percent
from .units import box_settings

UNKNOWN = number(None)
KEPT = 0.5  # of the path-integration error: nearer to the place alone than to no trace of it


def path_tables(results: RunResults) -> Iterator[Table]:
    """How the code holds in each arena, and what the units look like there."""
    evaluated, summarized = results.evaluation.get("arenas") or {}, results.summary.get("arenas") or {}
    rows = []
    for side in sorted({*evaluated, *summarized}, key=float):
        box = {**(summarized.get(side) or {}), **(evaluated.get(side) or {})}
        rows.append(
            [
                f"{side} m",
                number(box.get("path_integration_error"), 3),
                number(exact_error(box), 3),
                number(box.get("same_place"), 3),
                number(box.get("far_place"), 3),
                number(box.get("decoding_error"), 3, " m"),
                number(box.get("decoding_chance"), 2, " m"),
                percent(box.get("fraction_grid")),
                number(box.get("grid_score_median")),
            ]
        )
    if rows:
        heads = (
            "box side",
            "path-integration error",
            "of an exact integrator",
            "states at equal places",
            "states at far places",
            "decoding error",
            "chance",
            f"units above shifts in time ({_chance(results)})",
            "median score",
        )
        columns = [column for column in range(len(heads)) if any(row[column] != UNKNOWN for row in rows)]
        cells = [[row[column] for column in columns] for row in rows]
        yield Table("By arena", [heads[column] for column in columns], cells)


def _chance(results: RunResults) -> str:
    """Share above shifts in time by chance, larger where fewer shuffles make the null."""
    main, others = (percent(chance_of_grid(box_settings(results.config, main).shuffles)) for main in (True, False))
    return f"chance: {main}" + ("" if main == others else f", in other boxes than the main one {others}")


def not_walked(results: RunResults) -> str:
    """Why there is no path-integration error, in a sentence; empty where there is one."""
    if results.kind == "code":
        return "Not applicable: a code is a function of place, so that nothing integrates a path."
    part = results.parts.get(GENERALIZATION)
    errors = None if part is None else part.get("path_integration_error")
    if results.kind == "recording" and (errors is None or not bool(errors.notnull().any())):
        return "Not applicable: it takes the paths of two animals, or trials, that cross in one place."
    return ""


def _path_error(results: RunResults) -> float | None:
    error = results.summary.get("path_integration_error", results.paths.get("path_integration_error"))
    part = results.parts.get(GENERALIZATION)
    if error is None and results.kind == "recording" and part is not None and not not_walked(results):
        row = int(abs(part["arena"].values - results.arena).argmin())
        error = part["path_integration_error"].transpose("arena", "kind").values[row, 0]
    return None if error is None else float(error)


def exact_error(box: Mapping[str, Any]) -> float | None:
    """The path-integration error of an exact integrator in a box: states of places within one bin differ already."""
    floor, far = box.get("floor"), box.get("far_place")
    return float(floor / far) if floor is not None and far and np.isfinite(floor) else None


def _path_verdict(error: float) -> str:
    return "mostly kept along the walk" if error < KEPT else "mostly lost along the walk: errors of the steps add up"


def path_facts(results: RunResults) -> Iterator[Fact]:
    """The path-integration error, and how it is read."""
    if reason := not_walked(results):
        yield Fact("Path-integration error", "not applicable", reason.partition(": ")[2].rstrip("."))
        return
    error, exact = _path_error(results), exact_error(results.paths)
    verdict = "" if error is None else f"{_path_verdict(error)}; "
    ideal = "0: the state depends" if exact is None else f"{number(exact)}: the state depends"
    yield Fact(
        "Path-integration error",
        number(error, 3),
        f"{verdict}{ideal} on the place alone; 1: it keeps no trace of the place",
    )


def path_say(results: RunResults) -> str:
    """A line of verdict for each number that is read as good or bad."""
    lines, error, paths = [], _path_error(results), results.paths
    if error is not None:
        lines.append(
            f"**Path-integration error {number(error)}**: states of one place that was reached by different routes "
            f"differ {number(error)} times as much as those of far places; the place is {_path_verdict(error)}."
            f"{_least_error(paths)}"
        )
    if paths.get("decoding_error") is not None:
        line = f"Place read off the state: {number(paths['decoding_error'])} m off in the median"
        line += f" ({number(paths.get('decoding_chance'))} m by chance)."
        lines.append(f"{line} {_modulo_lattice(results)}".rstrip())
    return "\n".join(lines)


def _least_error(paths: Mapping[str, Any]) -> str:
    """How much of the error is no fault of the integrator's."""
    exact = exact_error(paths)
    if exact is None:
        return ""
    return (
        f" An exact integrator of such states would show {number(exact)}, since one place is a bin of "
        f"{100 * paths['bin_size']:.0f} cm, within which states differ already."
    )


def _modulo_lattice(results: RunResults) -> str:
    """The same where a periodic code can do it at all."""
    part = results.parts.get(TOPOLOGY)
    errors = read_off_loops(part) if has_results(part) else []
    if not errors:
        return ""
    return (
        "A module repeats from cell to cell and can only tell places within one apart: modulo its lattice the place "
        f"that its mean states give is {', '.join(errors)} off."
    )
