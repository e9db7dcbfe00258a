"""The card of a trained network: what it is, how it was made, what was measured on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._repr import brief
from ..experiment import RunConfig
from ..findings import CARD_ROWS, CLAIMS, FINDINGS, stored_claims
from ..storage import length_name

FORMAT = "sicgrid card 1"
# Entries of a run's summary on the card beside those that findings keep; the rest is by unit, or useless without a run.
KEPT = ("arena_m", "held_out_loss", "claims")


@brief
@dataclass(frozen=True)
class Card:
    """One trained network. All numbers were measured on the weights as they are stored."""

    name: str
    shows: str
    """Why it is bundled, a sentence."""
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

    def rows(self) -> dict[str, str]:
        """What the findings say of the network, from the top: what it is -> its value."""
        return dict(row.row(self.summary) for row in CARD_ROWS)

    def cells(self) -> dict[str, str]:
        """The same in short, for a list of networks: head of the column -> value."""
        return {row.head: row.cell(self.summary) for row in CARD_ROWS if row.cell is not None}

    def verdicts(self) -> dict[str, list[str]]:
        """Verdict -> the claims that it was given on."""
        claims: dict[str, list[str]] = {}
        for name, claim in stored_claims(self.summary).items():
            claims.setdefault(claim["verdict"], []).append(name)
        return claims


def card_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a run's summary that its card has."""
    entries = {name: summary.get(name) for name in KEPT}
    for finding in FINDINGS:
        if finding.keep is not None:
            entries |= finding.keep(summary)
    return entries


def card_text(card: Card) -> str:
    """The card as Markdown."""
    return "\n".join([*_head(card), *_measured(card), *_making(card), *_use(card)])


def _head(card: Card) -> list[str]:
    model, summary = card.config.model, card.summary
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
        *(f"| {name} | {value} |" for name, value in card.rows().items()),
        f"| held-out loss | {summary['held_out_loss']['total']:.4f} |",
        "",
        f"In the {length_name(summary['arena_m'])} m box, seed {card.config.seed} for walks and shuffles. "
        f"{summary['modules_verdict'] or ''}".rstrip(),
        "",
    ]


def _measured(card: Card) -> list[str]:
    short = {claim.id: claim.short for claim in CLAIMS}
    rows = [
        f"| {name} {short[name]} | {claim['verdict']} | {_cell(claim['sentence'])} |"
        for name, claim in stored_claims(card.summary).items()
    ]
    before, after = card.rounding["before"], card.rounding["after"]
    return [
        "## Claims of the paper",
        "",
        "| claim | verdict | measured |",
        "|---|---|---|",
        *rows,
        "",
        "The rules are in `sicgrid.findings`, each in the file of its question.",
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


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
