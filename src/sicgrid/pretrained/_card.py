"""The card of a trained network: what it is, how it was made, what was measured on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..experiment import RunConfig
from ..storage import length_name

FORMAT = "sicgrid card 1"
CLAIMS = {
    "C1": "several modules",
    "C2": "shared lattice, even tiling",
    "C3": "holds in larger boxes",
    "C4": "distance rises, stays, never returns",
    "C5": "six Fourier peaks",
    "C6": "phases fill the squares, lie on planes",
    "C7": "torus, rings",
}
# Of a run's summary; the rest is lists by unit, or of no use without the run.
KEPT = (
    "units", "active_units", "constant_units", "grid_units", "grid_score_median", "fraction_grid",
    "fraction_beats_field_shuffle", "spacing_m", "scorer", "path_integration_error", "decoding_error_m", "arena_m",
    "held_out_loss", "modules_verdict", "scale_ratios", "unique_range_m", "claims",
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """One trained network. All numbers were measured on the weights as they are stored."""

    name: str
    shows: str
    """Why it comes along, a sentence."""
    config: RunConfig
    step: int
    sha256: str
    size: int
    """Bytes of the weights' file."""
    made: Mapping[str, Any]
    """The training: run, created, seconds, versions, platform, cpu, device, threads, kernels, git."""
    measured: Mapping[str, Any]
    """Where the numbers come from: versions, platform, cpu, and when."""
    rounding: Mapping[str, Any]
    """What storing changed: ``before`` and ``after``, each held_out_loss and path_integration_error."""
    summary: Mapping[str, Any]
    """As a run's summary.json, without what is by unit: units, modules (each with its number of units), claims..."""

    def spacings(self) -> list[str]:
        """Spacing and number of units of each module."""
        return [f"{module['spacing_m']:.2f} m ({module['units']})" for module in self.summary["modules"]]

    def verdicts(self) -> dict[str, list[str]]:
        """Verdict -> the claims that it was given on."""
        found: dict[str, list[str]] = {}
        for name, claim in self.summary["claims"].items():
            found.setdefault(claim["verdict"], []).append(name)
        return found


def card_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What a card keeps of the summary of a run."""
    modules = [{**module, "units": len(module["units"])} for module in summary["modules"]]
    for module in modules:
        module.pop("phases_per_cell", None)
    torus = [shape["verdict"] for shape in summary["torus"]]
    fields = {name: value for name, value in summary["parts"]["fields"].items() if name not in ("seconds", "reason")}
    return {name: summary.get(name) for name in KEPT} | {"modules": modules, "torus": torus, "fields": fields}


def card_text(card: Card) -> str:
    """The card as Markdown."""
    return "\n".join([*_head(card), *_measured(card), *_making(card), *_use(card)])


def _head(card: Card) -> list[str]:
    model, summary = card.config.model, card.summary
    score, share = summary["grid_score_median"], summary["fraction_grid"]
    populations = f" in {model.populations} populations" if model.populations > 1 else ""
    return [
        f"# {card.name}",
        "",
        card.shows,
        "",
        "| | |",
        "|---|---|",
        f"| network | {model.units} units{populations}, MLP of {model.layers} layers {model.hidden} wide, "
        f"{model.activation} |",
        f"| active units | {summary['active_units']}, {summary['constant_units']} of them always on |",
        f"| grid cells, of active units | {_percent(share)} |",
        f"| median grid score ({summary['scorer']}) | {_number(score)} |",
        f"| modules (units) | {', '.join(card.spacings()) or 'none'} |",
        f"| units with one field, a whole one | {_fields(summary['fields'])} |",
        f"| torus | {', '.join(card.summary['torus']) or 'not tested'} |",
        f"| path-integration error | {_number(summary['path_integration_error'])} (0: none, 1: the place is lost) |",
        f"| code unique out to | {_number(summary['unique_range_m'], ' m')} |",
        f"| held-out loss | {_number(summary['held_out_loss']['total'], digits=4)} |",
        "",
        f"In the {length_name(summary['arena_m'])} m box, seed {card.config.seed} for walks and shuffles. "
        f"{summary['modules_verdict'] or ''}".rstrip(),
        "",
    ]


def _measured(card: Card) -> list[str]:
    rows = [
        f"| {name} {CLAIMS.get(name, '')} | {it['verdict']} | {_cell(it['sentence'])} |"
        for name, it in card.summary["claims"].items()
    ]
    before, after = card.rounding["before"], card.rounding["after"]
    return [
        "## Claims of the paper",
        "",
        "| claim | verdict | measured |",
        "|---|---|---|",
        *rows,
        "",
        "The rules are in `sicgrid.experiment.claims`.",
        "",
        "## The weights",
        "",
        f"{card.size / 1e6:.1f} MB of safetensors; tensors of more than 65,536 numbers as float16, the others as "
        "float32. Everything here was measured on these rounded weights. Rounding changed the held-out loss from "
        f"{before['held_out_loss']:.5f} to {after['held_out_loss']:.5f} and the path-integration error from "
        f"{before['path_integration_error']:.4f} to {after['path_integration_error']:.4f}.",
        "",
        f"Measured {card.measured['created'][:10]} with {_versions(card.measured)}, {card.measured['cpu']}. "
        f"SHA-256 of the content: `{card.sha256}`.",
        "",
    ]


def _making(card: Card) -> list[str]:
    made = card.made
    git = made.get("git")
    commit = f" at commit {git['commit'][:12]}{' with changes' if git['dirty'] else ''}" if git else ""
    return [
        "## How it was made",
        "",
        f"Trained {made['created'][:10]} for {card.step:,} steps from seed {card.config.seed} in "
        f"{made['seconds'] / 60:.1f} minutes, with {_versions(made)}{commit}; {made['device']} ({made['cpu']}), "
        f"{made['threads']} threads, kernels {made['kernels']['name']}. `sicgrid train --config FILE --out RUN` with "
        "the settings below trains such a network; on another machine rounding differs, and with it the network.",
        "",
        "```yaml",
        card.config.to_yaml().rstrip(),
        "```",
        "",
    ]


def _use(card: Card) -> list[str]:
    return [
        "## How to use it",
        "",
        "```python",
        "from sicgrid import load_pretrained",
        "",
        f'rnn = load_pretrained("{card.name}")',
        "```",
        "",
        f"`sicgrid report --pretrained {card.name}` records it walking, analyzes it and writes its page.",
        "",
    ]


def _versions(record: Mapping[str, Any]) -> str:
    versions = record["versions"]
    return ", ".join(f"{name} {versions[name]}" for name in ("sicgrid", "torch", "numpy"))


def _number(value: float | None, unit: str = "", digits: int = 2) -> str:
    return "none" if value is None else f"{value:.{digits}f}{unit}"


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.0f} %"


def _fields(fields: Mapping[str, Any]) -> str:
    if "single_field_units" not in fields:
        return "not known"
    diameter = _number(fields["field_diameter_m_median"], " m")
    return f"{fields['single_field_units']}; median diameter of all units' fields {diameter}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
