"""Does the code hold along a walk, and in other boxes?"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..storage import length_name
from ._finding import CardRow, Column, ComparedNumber, Drawing, Finding, Measure, Metric, Record, ResultLine
from ._generalization import PART
from ._names import GENERALIZATION
from ._part import Unavailable
from ._paths_said import exact_error, path_facts, path_say, path_tables
from ._results import RunResults, has_results
from ._verdict import FAILS, HOLDS, Claim, Judgment, Results, required_result
from ._wording import NOT_APPLICABLE, card_number, number

NEIGHBOR_RATIO = np.sqrt(2)  # between spacings of neighboring modules in rats, Stensola et al. 2012
BOX_UNITS = 8


def holds_in_larger_boxes(results: Results, sigma_x: float) -> Judgment:
    """C3, the code holds in larger boxes on smooth paths.

    A unit with a lattice in the main box keeps its code in a larger one if its map correlates with its own of the main
    box more than 95 % of pairs of different units do, and its lattice is deformed by less than sqrt(sqrt 2) - 1 = 19 %
    (farther away it would be nearer to the lattice of a neighboring module, whose spacings differ by sqrt 2: Stensola
    et al. 2012). Holds if more than half of these units keep it in every larger box. Null: 5 %.
    """
    part = required_result(results, GENERALIZATION)
    arenas, reference = part["arena"].values, float(part.attrs["reference_m"])
    larger = np.flatnonzero(arenas > reference)
    if not len(larger):
        boxes = ", ".join(f"{arena:g}" for arena in arenas)
        raise Unavailable(f"Only boxes of {boxes} m were recorded; `sicgrid evaluate --arenas 2 3 4` adds larger ones.")
    strain, correlation = part["strain"].values, part["correlation"].values
    with_lattice = np.isfinite(strain[np.flatnonzero(arenas == reference)[0]])
    if not with_lattice.any():
        raise Unavailable(f"No unit has a lattice in the {reference:g} m box that a larger one could keep.")
    largest_strain = np.sqrt(NEIGHBOR_RATIO) - 1
    keeps = (correlation > part["null_p95"].values[:, None]) & (strain <= largest_strain)  # False where either is NaN
    share = {length_name(arenas[row]): float(keeps[row, with_lattice].mean()) for row in larger}
    smooth = part["path_integration_error"].values[:, 0]
    shares = ", ".join(f"{100 * value:.0f} % in the {side} m box" for side, value in share.items())
    errors = ", ".join(f"{smooth[row]:.2f}" for row in larger)
    sentence = (
        f"Of the {int(with_lattice.sum())} units that a lattice was fitted to in the {reference:g} m box, {shares} "
        f"keep map and lattice; the path-integration error there is {errors} (0: none, 1: the place is lost)."
    )
    return Judgment(HOLDS if min(share.values()) > 0.5 else FAILS, share, {"share by chance": 0.05}, sentence)


def _draw(results: RunResults) -> Iterator[Drawing]:
    yield from _draw_boxes(results)
    yield from _draw_walk(results)


def _draw_boxes(results: RunResults) -> Iterator[Drawing]:
    """The same units in every box that was recorded, and how much of their maps and lattices is kept."""
    from .. import figures

    boxes = results.boxes
    if len(boxes) > 1:
        chosen = _spread_units(results)
        yield Drawing(
            "boxes",
            lambda: figures.box_rate_maps(boxes, chosen),
            "The same units in boxes of several sizes",
            "The same units in each box, at one scale; the dashed square is the smallest box.",
        )
    part = results.parts.get(GENERALIZATION)
    if has_results(part):
        if "correlation" in part and part.sizes.get("arena", 0) > 1:
            yield Drawing(
                "box-stability",
                lambda: figures.box_stability(part),
                "How much of each unit's map and lattice is kept in larger boxes",
                "Left: likeness of each unit’s maps where the boxes overlap (dashed: what different units reach). "
                "Right: the largest relative change of its lattice.",
            )
        if "path_error" in part and bool(part["path_error"].notnull().any()):
            yield Drawing(
                "path-error",
                lambda: figures.path_error_by_box(part),
                "Path-integration error against distance walked, by box",
                "Solid: smooth walks; dashed: jerky ones, as in training. 0: the place alone; 1: no trace of it.",
            )


def _spread_units(results: RunResults) -> np.ndarray:
    """A few active units: from each module in turn the one with the highest score, and so on."""
    score = np.nan_to_num(np.asarray(results.units["grid_score"], dtype=float), nan=-np.inf)
    active = np.flatnonzero(np.asarray(results.units["active"], dtype=bool))
    members = results.module_of_unit()
    ranked: list[tuple[int, int, int]] = []
    for module in np.unique(members[active]):
        units = active[members[active] == module]
        order = units[np.argsort(-score[units], kind="stable")]
        ranked += [(rank + (10_000 if module < 0 else 0), int(module), int(unit)) for rank, unit in enumerate(order)]
    chosen = sorted(ranked)[:BOX_UNITS]
    return np.array([unit for _, _, unit in sorted(chosen, key=lambda each: (each[1] < 0, each[1], each[0]))])


def _draw_walk(results: RunResults) -> Iterator[Drawing]:
    """How the code holds along the walk in the main arena, and where that walk has been."""
    from .. import figures

    paths = results.paths
    walked = _column(paths, "window_end")
    for key, chance, name, label, caption in (
        (
            "error_by_window",
            1.0,
            "route",
            "path-integration error",
            "Distance between states at equal places reached by different routes, relative to far places.",
        ),
        (
            "decoding_error_by_window",
            paths.get("decoding_chance"),
            "decoding",
            "decoding error (m)",
            "Median distance from the place read off the state to the true one. A single module confuses places a "
            "lattice vector apart, so that this says little of it; see the error modulo the lattice below.",
        ),
    ):
        error = _column(paths, key)
        if len(error) and len(error) == len(walked):
            draw = partial(figures.path_integration_error, walked, error, chance=chance, error_label=label)
            yield Drawing(name, draw, f"{label} against steps walked", caption)
    visited = float(np.mean(results.maps.occupancy > 0))
    yield Drawing(
        "occupancy",
        lambda: figures.occupancy_map(results.maps.occupancy, results.maps.x_edges, results.maps.y_edges),
        "Map of how often each bin was visited",
        f"Coverage: {100 * visited:.1f} % of the bins were visited. Rate maps are means over these samples.",
    )


def _column(table: Mapping[str, Any], name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in table.get(name, [])], dtype=float)


def _walked(side: int, measure: Callable[[Mapping[str, Any]], Any]) -> Callable[[Record], float | None]:
    """A measure of the walks in the smallest box (0) or, where there are several, the largest (-1)."""

    def read(record: Record) -> float | None:
        boxes = record.evaluation.get("arenas") or {}
        if not boxes or (side == -1 and len(boxes) < 2):
            return None
        value = measure(boxes[sorted(boxes, key=float)[side]])
        return None if value is None else float(value)

    return read


def _error(box: Mapping[str, Any]) -> Any:
    return box.get("path_integration_error")


def _compared_text(exact_of: str) -> Callable[[Any, Mapping[str, Any]], str]:
    def text(value: Any, numbers: Mapping[str, Any]) -> str:
        if value is not None:
            exact = numbers[exact_of]
            return number(value) + ("" if exact is None else f"|exact {number(exact)}")
        return NOT_APPLICABLE + "|no step" if numbers["kind"] in ("code", "recording") else "–"

    return text


def _line(record: Record) -> tuple[str, str] | None:
    error = record.summary.get("path_integration_error")  # a recording of one animal has none
    return None if error is None else ("path-integration error", card_number(error))


FINDING = Finding(
    name="paths",
    short="Paths",
    question="Does the code hold along a walk?",
    lead="The network knows only its velocities, so errors could add up from step to step. A code that holds has "
    "a flat, low curve.",
    lead_elsewhere="Whoever integrates its path and sees no landmark adds up errors from step to step. A code that "
    "holds has a flat, low curve.",
    place=700,
    parts=(PART,),
    claims=(
        Claim(
            "C3",
            "The code holds in larger boxes than it was trained in, and on smooth paths.",
            "holds in larger boxes",
            holds_in_larger_boxes,
        ),
    ),
    draw=_draw,
    say=path_say,
    facts=path_facts,
    tables=path_tables,
    metrics=(
        Metric(
            "path_integration_error",
            "States at equal places over states at far places: 0 place alone, 1 lost",
            unit="",
            place=150,
            read=lambda record: record.summary.get("path_integration_error"),
            column=Column(place=200, head="path error"),
            measure=Measure(place=800, label="path error", title="Path-integration error", drawn=True),
        ),
        Metric(
            "decoding_error_m",
            "Median distance from the decoded to the true place",
            unit="m",
            place=160,
            read=lambda record: record.summary.get("decoding_error_m"),
            column=Column(place=800, head="decoding error (m)"),
        ),
    ),
    keep=lambda summary: {name: summary.get(name) for name in ("path_integration_error", "decoding_error_m")},
    card=(
        CardRow(
            place=600,
            row=lambda kept: (
                "path-integration error",
                f"{card_number(kept['path_integration_error'])} (0: none, 1: the place is lost)",
            ),
        ),
    ),
    lines=(ResultLine(place=600, line=_line),),
    compared=(
        ComparedNumber(
            "path_error_inside",
            place=600,
            read=_walked(0, _error),
            head="path error inside",
            about="How far states of one place differ by the route that led there, over those of far places: 0 the "
            "place alone, 1 no trace of it. In the smallest box. Below it that of an exact integrator, which is not 0, "
            "since one place is a small bin, within which states differ already.",
            text=_compared_text("path_error_exact_inside"),
        ),
        ComparedNumber(
            "path_error_outside",
            place=610,
            read=_walked(-1, _error),
            head="path error outside",
            about="The same in the largest box, where there are several.",
            text=_compared_text("path_error_exact_outside"),
        ),
        ComparedNumber("path_error_exact_inside", place=910, read=_walked(0, exact_error)),
        ComparedNumber("path_error_exact_outside", place=920, read=_walked(-1, exact_error)),
    ),
)
