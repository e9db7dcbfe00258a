"""From a finished run to a network that can be bundled: rounded weights, and a card measured on them."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from .._callbacks import ignore
from ..evaluation import held_out_loss, path_consistency, record
from ..experiment import (
    RunConfig,
    checked_config,
    evaluate_run,
    is_trained,
    last_step,
    load_checkpoint,
    load_run_config,
    with_weights,
)
from ..findings import PartEvent, analyze_run
from ..storage import (
    RunDirectory,
    UserError,
    exclusive,
    network_arrays,
    read_provenance,
    refuse_file,
    shell_word,
    write_atomically,
    write_json,
)
from ._card import FORMAT, Card, card_summary, card_text
from ._catalog import card_file, metrics_file, read_card, text_file, weights_file
from ._run import make_run
from ._weights import pack, write_weights

RECORDS = 300  # of the training, kept at most
MACHINE = ("device", "threads", "kernels", "tracker")  # settings that another machine may not have
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_MADE = ("run", "created", "device", "threads", "kernels", "versions", "platform", "cpu", "git")
_MEASURED = ("created", "versions", "platform", "cpu")


def export_pretrained(
    run: RunDirectory,
    name: str,
    shows: str,
    out: Path,
    on_arena: Callable[[float], None] = ignore,
    on_part: Callable[[PartEvent], None] = ignore,
    on_progress: Callable[[int, int], None] = ignore,
    arenas: Sequence[float] = (),
) -> Card:
    """Write the network of a finished run, with its card, into the folder ``out``, which is made if need be.

    The weights are rounded first; the rounded network is then evaluated and analyzed in a temporary run, with the
    run's settings, and the card has those results. The run itself is only read. Settings of its machine (device,
    threads, kernels, tracker) are left out.

    Parameters
    ----------
    run
        Trained to the end; it need not have been evaluated or analyzed.
    name
        Small letters, digits and hyphens; of NAME.safetensors, NAME.card.json, NAME.card.md and NAME.metrics.jsonl.
    shows
        Why it is bundled, in a sentence.
    out
        Folder of the files.
    on_arena, on_part, on_progress
        As for `evaluate_run` and `analyze_run`.
    arenas
        Sides of the boxes to evaluate in, meters, the main one first; default: those of the run's settings.

    Raises
    ------
    UserError
        If the run has no network or is not finished, ``name`` or ``shows`` does not serve, or the name is taken.

    """
    _check(name, shows, out)
    run_config = load_run_config(run)
    checkpoint = load_checkpoint(run, run_config)
    if checkpoint is None or not is_trained(run_config, checkpoint):
        done = 0 if checkpoint is None else checkpoint.step
        raise UserError(
            f"the run {run.path} is trained for {done:,} of its {last_step(run_config, checkpoint):,} steps; finish it "
            f"with `sicgrid train --resume --out {shell_word(run.path)}`"
        )
    config = _portable(run_config, arenas)
    arrays = network_arrays(checkpoint.arrays)
    settings = {key: value for key, value in config.settings().items() if key not in MACHINE}
    weights, content = pack(name, settings, checkpoint.step, arrays)
    made, metrics = _made(run), thinned(run.metrics.read_bytes())
    with tempfile.TemporaryDirectory() as temporary:
        rounded = make_run(weights, metrics, made, Path(temporary) / name)
        with exclusive(rounded):
            evaluate_run(rounded, config, config.evaluation.arenas, on_arena)
            summary = card_summary(analyze_run(rounded, config, on_part, on_progress))
        measured = read_provenance(rounded)
    card_content = {
        "format": FORMAT,
        "weights": weights.sha256,
        "shows": " ".join(shows.split()),
        "made": made,
        "measured": {key: measured[key] for key in _MEASURED},
        "rounding": {"before": _in_short(config, arrays), "after": _in_short(config, weights.arrays)},
        "summary": summary,
    }
    out.mkdir(parents=True, exist_ok=True)
    write_json(card_file(out, name), card_content)
    write_atomically(metrics_file(out, name), metrics)
    # After the two files above: with its weights' file the network counts as present. The text is made from all three.
    write_weights(weights_file(out, name), content)
    card = read_card(name, out)
    write_atomically(text_file(out, name), card_text(card).encode())
    return card


def thinned(metrics: bytes, most: int = RECORDS) -> bytes:
    """At most ``most`` lines of a metrics.jsonl, evenly spread, the last one among them, each as it was."""
    lines = [line for line in metrics.splitlines(keepends=True) if line.endswith(b"\n")]
    if len(lines) <= most:
        return b"".join(lines)
    return b"".join(lines[index] for index in np.linspace(0, len(lines) - 1, most).round().astype(int))


def _check(name: str, shows: str, out: Path) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(f"a network's name is of small letters, digits and hyphens, as in quick-2; found {name!r}")
    if not shows.strip():
        raise UserError("say in a sentence what the network shows; it stands on its card")
    refuse_file(out)
    if weights_file(out, name).exists():
        raise UserError(f"{weights_file(out, name)} exists; delete it first, or choose another name")


def _portable(config: RunConfig, arenas: Sequence[float]) -> RunConfig:
    """The settings without those of one machine (`MACHINE`); with other boxes if ``arenas`` names some."""
    settings = {key: value for key, value in config.settings().items() if key not in MACHINE}
    if arenas:
        settings["evaluation"]["arenas"] = list(arenas)
    return checked_config(settings)


def _made(run: RunDirectory) -> dict[str, Any]:
    record = read_provenance(run)
    seconds = [entry["seconds"] for entry in record["sessions"] if entry["stage"] == "train"]
    # A session that was killed has no seconds; the steps that it did not save were repeated by the next.
    return {name: record.get(name) for name in _MADE} | {"seconds": sum(filter(None, seconds))}


def _in_short(config: RunConfig, arrays: Mapping[str, Float[np.ndarray, "..."]]) -> dict[str, float]:
    """Held-out loss, and path-integration error in the main box."""
    parts = with_weights(config, arrays, "the exported weights")
    batches, walk = config.evaluation.held_out_batches, config.evaluation.walk
    loss = held_out_loss(parts.rnn, parts.loss, parts.sampler, batches, config.seed)
    consistency = path_consistency(record(parts.rnn, config.evaluation.arenas[0], walk, config.seed), seed=config.seed)
    return {"held_out_loss": loss["total"], "path_integration_error": consistency.path_integration_error}
