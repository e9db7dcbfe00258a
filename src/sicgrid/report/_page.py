"""From a run's results to the text of the page."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..figures import (
    AUTOCORRELOGRAM_COLORS,
    RATE_COLORS,
    curves_of,
    module_color,
    module_name,
    scale_bar_length,
)
from ..storage import length_name
from ._cards import UnitCard, unit_cards
from ._claims import claims
from ._drawings import box_drawings
from ._findings import NOT_COMPUTED, SECTIONS, findings
from ._numbers import module_number
from ._panels import lattice_drawings, panel, path_drawings, score_drawings, training_drawings
from ._pictures import gradient, phase_gradient
from ._results import RunResults
from ._settings import provenance_rows, setting_groups
from ._template import render
from ._torus import drawing_library, torus_data

HERO_UNITS = 6


class Fact(NamedTuple):
    """A headline number: ``value`` as printed, ``note`` says against what it is to be read."""

    name: str
    value: str
    note: str


def render_page(results: RunResults) -> str:
    """The page as one HTML text that refers to nothing outside itself."""
    # Files of somebody's recording, which no network of ours made; empty for a network's run.
    files = (results.provenance.get("recording") or {}).get("files", [])
    recording = ", ".join(file["name"] for file in files)
    notes = (results.provenance.get("recording") or {}).get("notes", [])
    inlined = {"css": "page.css", "js": "page.js", "torus_js": "page.torus.js"}
    content = {"recording": recording, "notes": notes, **page_content(results)}
    return render("page.html.jinja", inlined, content, {"number": number, "percent": percent})


def page_content(results: RunResults) -> dict[str, Any]:
    """What the template is filled with."""
    cards = unit_cards(results)
    scorer = scorer_name(results)
    main = results.summary.get("arena_m") or results.config.evaluation.arenas[0]
    arenas = results.evaluation.get("arenas") or {}
    paths = arenas.get(length_name(main)) or {}
    side = float(results.maps.x_edges[-1] - results.maps.x_edges[0])
    bar = scale_bar_length(side)
    judged = claims(results.summary)
    torus = torus_data(results.parts.get("state_space"))
    steps = results.metrics["step"]
    return {
        "name": results.name,
        "headline": _headline(cards),
        "config": results.config,
        "steps": int(steps[-1]) if len(steps) else 0,
        "arena": length_name(main),
        "facts": _facts(results, cards, paths, scorer),
        "scorer": scorer,
        "cards": cards,
        "hero": sorted((card for card in cards if card.grid), key=lambda card: -card.score)[:HERO_UNITS],
        "counts": _counts(cards),
        "colors": {
            "rate": gradient(RATE_COLORS),
            "autocorrelogram": gradient(AUTOCORRELOGRAM_COLORS),
            "phase": phase_gradient(),
        },
        "scale_bar": {"label": f"{bar:g} m", "percent": round(100 * bar / side, 2)},
        "spread": _spread(cards),
        "claims": judged,
        "claim_section": {"C1": "lattices", "C3": "paths"}
        | {claim: section.id for section in SECTIONS for claim in section.claims},
        "findings": findings(results, judged),
        "modules": _modules(results, cards),
        "modules_missing": _modules_missing(results),
        "module_number": module_number(results),
        "torus_data": torus,
        "drawing_library": drawing_library() if torus else "",
        "score_panels": [panel(drawing) for drawing in score_drawings(results, scorer)],
        "lattice_panels": [panel(drawing) for drawing in lattice_drawings(results)],
        "path_panels": [panel(drawing) for drawing in [*box_drawings(results), *path_drawings(results, paths)]],
        "training_panels": {
            scale: [panel(drawing) for drawing in drawings] for scale, drawings in training_drawings(results).items()
        },
        "arenas": _by_arena(arenas, results.summary.get("arenas") or {}),
        "beats_field_shuffle": results.summary.get("fraction_beats_field_shuffle"),
        "scorer_parameters": results.summary.get("scorer_parameters") or {},
        "shuffles": results.config.analysis.shuffles,
        "chance": chance_of_grid(results.config.analysis.shuffles),
        "held_out": [
            (title, (results.evaluation.get("held_out") or {}).get(key))
            for key, (title, _) in curves_of(results.evaluation.get("held_out") or {}).items()
        ],
        "settings": setting_groups(results.config, type(results.config)()),
        "provenance": provenance_rows(results.provenance),
        "sessions": results.provenance.get("sessions", []),
        "version": (results.provenance.get("versions") or {}).get("sicgrid") or "",
    }


def number(value: float | None, digits: int = 2, unit: str = "") -> str:
    """A number as text with a real minus sign, a dash where it is undefined."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}".replace("-", "−") + unit


def percent(share: float | None) -> str:
    """A share as whole percent, a dash where it is undefined."""
    return number(None if share is None else 100 * share, 0, " %")


def chance_of_grid(shuffles: int) -> float:
    """Share of units that chance alone puts above the 99th percentile of their own null of so many shuffles.

    The score of such a unit is one more draw from its null, equally likely at each of shuffles + 1 ranks; the
    percentile lies 0.99 (shuffles - 1) ranks above the lowest. More than 1 % for few shuffles: 2 % for 100, 17 % for 5.
    """
    return (shuffles - 0.99 * (shuffles - 1)) / (shuffles + 1)


def _headline(cards: list[UnitCard]) -> str:
    active, grid = sum(card.active for card in cards), sum(card.grid for card in cards)
    if not active:
        return "No unit is active"
    if not grid:
        return f"None of the {active} active units is a grid cell"
    return f"{grid} of {active} active units {'are grid cells' if grid > 1 else 'is a grid cell'}"


def _facts(results: RunResults, cards: list[UnitCard], paths: Mapping[str, Any], scorer: str) -> list[Fact]:
    summary = results.summary
    share = summary.get("fraction_grid")
    chance = chance_of_grid(results.config.analysis.shuffles)
    error = summary.get("path_integration_error", paths.get("path_integration_error"))
    return [
        Fact(
            "Active units",
            f"{summary.get('active_units', sum(card.active for card in cards))} of {summary.get('units', len(cards))}",
            "the others are silent along the whole walk",
        ),
        Fact(
            "Grid cells",
            percent(share),
            f"of active units beat the 99th percentile of their own null; by chance about {percent(chance)}",
        ),
        Fact(
            "Median grid score",
            number(summary.get("grid_score_median")),
            f"over active units, scorer {scorer}; other scorers' numbers cannot be compared",
        ),
        Fact("Spacing", _spacings(summary.get("spacing_m")), "between neighboring fields of grid cells"),
        Fact(
            "Path-integration error",
            number(error, 3),
            "0: the state depends on the place alone; 1: it keeps no trace of the place",
        ),
    ]


def _counts(cards: list[UnitCard]) -> dict[str, int]:
    """Units of each kind, for the gallery's filter."""
    return {
        "all": len(cards),
        "active": sum(card.active for card in cards),
        "grid": sum(card.grid for card in cards),
        "constant": sum(card.kind == "always on" for card in cards),
    }


def _modules(results: RunResults, cards: list[UnitCard]) -> list[dict[str, Any]]:
    """Name, color and size of each module, for the gallery's filter and its tags."""
    part = results.parts.get("modules")
    spacing: np.ndarray | list[float] = part["spacing_m"].values if part is not None and "spacing_m" in part else []
    return [
        {
            "name": module_name(k, float(value)),
            "color": module_color(k),
            "count": sum(card.module == k for card in cards),
        }
        for k, value in enumerate(spacing)
    ]


def _modules_missing(results: RunResults) -> str:
    """Why there are no modules to show; empty if there are."""
    part = results.parts.get("modules")
    return NOT_COMPUTED if part is None else str(part.attrs.get("reason", ""))


def _spacings(values: object) -> str:
    known = [float(value) for value in values if value is not None] if isinstance(values, list | tuple) else []
    if not known:
        return "–"
    if len(known) > 4:
        return f"{min(known):.2f} – {max(known):.2f} m"
    return " · ".join(f"{value:.2f}" for value in known) + "\N{NO-BREAK SPACE}m"


def _by_arena(evaluated: Mapping[str, Any], summarized: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Side and numbers of each arena: how the code holds there, and what the units look like."""
    return [
        (side, {**(summarized.get(side) or {}), **(evaluated.get(side) or {})})
        for side in sorted({*evaluated, *summarized}, key=float)
    ]


def scorer_name(results: RunResults) -> str:
    """The scorer's name: of the summary, where it may stand with its parameters, or of the table."""
    stated = results.summary.get("scorer")
    if isinstance(stated, Mapping):
        stated = stated.get("method") or stated.get("name")
    if not stated and "scorer" in results.units and len(results.units["scorer"]):
        stated = results.units["scorer"][0]
    return str(stated or "unnamed")


def _spread(cards: list[UnitCard]) -> dict[str, float]:
    """Quartiles of the grid cells' spacing, for the sentence under the histograms."""
    spacing = np.array([card.spacing_m for card in cards if card.grid and math.isfinite(card.spacing_m)])
    if spacing.size == 0:
        return {}
    low, middle, high = np.percentile(spacing, [25, 50, 75])
    return {"low": float(low), "median": float(middle), "high": float(high), "units": float(spacing.size)}
