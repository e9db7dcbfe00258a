"""From a run's results to the text of the page."""

import shlex
from typing import Any

import numpy as np

from .._callbacks import ignore
from ..experiment import check_only_warning, load_config, preset_names
from ..figures import (
    AUTOCORRELOGRAM_COLORS,
    RATE_COLORS,
    curves_of,
    module_color,
    module_name,
    scale_bar_length,
)
from ..findings import FINDINGS, RunResults, headline, number, percent
from ..storage import length_name
from ._cards import UnitCard, is_signed, unit_cards
from ._claims import claims
from ._panels import panel, training_drawings, weighted_terms
from ._pictures import gradient, phase_gradient
from ._sections import OnSection, chapters, sections
from ._settings import Setting, provenance_rows, setting_groups
from ._template import render
from ._torus import drawing_library, torus_data

HERO_UNITS = 6


def render_page(results: RunResults, *, live: bool = False, on_section: OnSection = ignore) -> str:
    """The page as one HTML text that refers to nothing outside itself but, if it is there, the live page beside it."""
    inlined = {"css": "page.css", "js": "page.js", "torus_js": "page.torus.js"}
    content = {"origin": results.kind, "live": live, **_source(results), **page_content(results, on_section)}
    return render("page.html.jinja", inlined, content, {"number": number, "percent": percent})


def _source(results: RunResults) -> dict[str, Any]:
    """Name of imported activity and the notes of its import; empty for a network trained here."""
    source = results.provenance.get("recording") or {}
    name = source.get("name") or ", ".join(file["name"] for file in source.get("files", []))
    return {"source": name, "notes": source.get("notes", [])}


def page_content(results: RunResults, on_section: OnSection = ignore) -> dict[str, Any]:
    """What the template is filled with."""
    cards = unit_cards(results)
    side = float(results.maps.x_edges[-1] - results.maps.x_edges[0])
    bar = scale_bar_length(side)
    check = check_only_warning(results.config) if results.kind == "trained" else ""
    judged = claims(results.summary, results.kind) if not check else []
    shown = sections(results, judged, lambda name, drawn, of: on_section(name, drawn, of + 1))
    torus = torus_data([cloud for section in shown for cloud in section.clouds])
    steps = results.metrics["step"]
    on_section("Training", len(shown), len(shown) + 1)
    training = {
        scale: [panel(drawing) for drawing in drawings] for scale, drawings in training_drawings(results).items()
    }
    return {
        "name": results.name,
        "headline": headline(results.units, results.module_spacings().tolist(), results.config.analysis.shuffles),
        "config": results.config,
        "check": check,
        "steps": int(steps[-1]) if len(steps) else 0,
        "arena": length_name(results.arena),
        "facts": [fact for finding in FINDINGS if finding.facts is not None for fact in finding.facts(results)],
        "cards": cards,
        "hero": sorted((card for card in cards if card.grid), key=lambda card: -card.score)[:HERO_UNITS],
        "counts": _counts(results),
        "shown_of": (len(cards), len(results.active)),
        "signed": is_signed(results),
        "colors": {
            "rate": gradient(RATE_COLORS),
            "autocorrelogram": gradient(AUTOCORRELOGRAM_COLORS),
            "phase": phase_gradient(),
        },
        "scale_bar": {"label": f"{bar:g} m", "percent": round(100 * bar / side, 2)},
        "claims": judged,
        "claim_section": {claim.id: section.id for section in shown for claim in section.claims},
        "chapters": chapters(shown),
        "modules": _modules(results, cards),
        "torus_data": torus,
        "drawing_library": drawing_library() if torus else "",
        "training_panels": training,
        "held_out": [
            (title, (results.evaluation.get("held_out") or {}).get(key))
            for key, (title, _) in curves_of(weighted_terms(results, results.evaluation.get("held_out") or {})).items()
        ],
        "command": _command(results),
        "settings": _settings(results),
        "provenance": provenance_rows(results.provenance),
        "sessions": results.provenance.get("sessions", []),
        "version": (results.provenance.get("versions") or {}).get("sicgrid") or "",
    }


def _command(results: RunResults) -> str:
    """The command that repeats this run, as far as its folder tells."""
    config, provenance = results.config, results.provenance
    if results.kind in ("network", "code"):
        return f"sicgrid evaluate --{results.kind} MODULE:NAME --config config.yaml --out RUN"
    if files := (provenance.get("recording") or {}).get("files"):
        names = shlex.join(file["name"] for file in files)
        return f"sicgrid analyze --recording {names} --config config.yaml --out RUN"
    if "name" in (provenance.get("pretrained") or {}):
        return f"sicgrid report --pretrained {provenance['pretrained']['name']} --out RUN"
    if config.preset and config.preset in preset_names():
        preset = load_config(config.preset)
        if preset.model_copy(update={"seed": config.seed}) == config:
            return f"sicgrid reproduce {config.preset} --seed {config.seed} --out RUN"
    return "sicgrid reproduce --config config.yaml --out RUN"


def _counts(results: RunResults) -> dict[str, int]:
    """Units of each kind, for the gallery's filter."""
    active, grid = results.active, results.grid
    constant = np.asarray(results.units.get("constant", np.zeros(len(active))), dtype=bool)
    return {
        "all": len(active),
        "active": int(active.sum()),
        "grid": int((active & grid).sum()),
        "constant": int((active & constant & ~grid).sum()),
    }


def _settings(results: RunResults) -> list[tuple[str, list[Setting]]]:
    """All settings by part; of imported activity only those that were used."""
    groups = setting_groups(results.config, type(results.config)())
    if results.kind == "trained":
        return groups
    used = ("evaluation", "analysis") if results.kind != "recording" else ("analysis",)
    return [(title, rows) for title, rows in groups if title.partition(".")[0] in used]


def _modules(results: RunResults, cards: list[UnitCard]) -> list[dict[str, Any]]:
    """Name, color and size of each module, for the gallery's filter and its tags."""
    return [
        {
            "name": module_name(k, float(value)),
            "color": module_color(k),
            "count": sum(card.module == k for card in cards),
        }
        for k, value in enumerate(results.module_spacings())
    ]
