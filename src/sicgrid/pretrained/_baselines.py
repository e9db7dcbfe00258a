"""Trained baselines: bundled ones, and those that were fitted and stored by the user."""

import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from .._repr import brief
from ..baselines import BASELINES, Baseline, Progress, Weights
from ..storage import UserError, read_json, write_json
from ._weights import Weights as Stored
from ._weights import pack, read_weights, write_weights

CARD_FORMAT = "sicgrid baseline card 1"


@brief
class FittedBaseline(NamedTuple):
    """What a fit gave, with the values that its file holds: tensors of more than 65,536 numbers rounded to float16."""

    weights: Weights
    seconds: float
    """That fitting took."""
    losses: tuple[float, ...]
    """Of the first and of the last batch."""
    sha256: str


def bundled_baselines(folder: Path | None = None) -> dict[str, list[int]]:
    """Bundled trained baselines (or those in ``folder``): name -> seeds."""
    seeds: dict[str, list[int]] = {}
    for path in sorted(_folder(folder).glob("*.safetensors")):
        name, _, seed = path.stem.rpartition("-")
        seeds.setdefault(name, []).append(int(seed))
    return seeds


def fitted_baseline(entry: Baseline, seed: int, folder: Path | None = None) -> FittedBaseline | None:
    """The stored fit of a baseline by its present defaults, from the package or from ``folder``; None if there is none.

    A fit by other settings is not returned, so that a comparison never shows what nobody asked for.

    Raises
    ------
    UserError
        If the file is damaged.

    """
    path = _folder(folder) / f"{entry.name}-{seed}.safetensors"
    if not path.is_file():
        return None
    stored = read_weights(path)
    if stored.name != entry.name or stored.settings.get("settings") != _settings(entry):
        return None
    return _fitted(stored)


def fit_baseline(entry: Baseline, seed: int, folder: Path, progress: Progress | None = None) -> FittedBaseline:
    """Fit a baseline by its defaults, store it in ``folder``, which is made if need be, and return it as stored.

    Raises
    ------
    UserError
        If the loss is not finite, or weights are too large for float16.

    """
    losses: list[float] = []

    def on_step(done: int, total: int, loss: float) -> None:
        losses.append(loss)
        if progress is not None:
            progress(done, total, loss)

    began = time.perf_counter()
    try:
        weights = entry.fit(entry.config(), seed, on_step)
    except FloatingPointError as error:
        raise UserError(f"{entry.name}, seed {seed}, cannot be trained: {error}") from None
    return keep_baseline(entry, seed, weights, time.perf_counter() - began, losses, folder)


def keep_baseline(
    entry: Baseline, seed: int, weights: Weights, seconds: float, losses: Sequence[float], folder: Path
) -> FittedBaseline:
    """Store the weights of a fit by the defaults, how long it took and its first and last loss; as `fit_baseline`."""
    first_and_last = [losses[0], losses[-1]] if losses else []
    settings = {"seed": seed, "seconds": round(seconds, 1), "losses": first_and_last, "settings": _settings(entry)}
    stored, content = pack(entry.name, settings, int(_settings(entry).get("steps", 0)), weights)
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(folder / f"{entry.name}-{seed}.safetensors", content)
    return _fitted(stored)


def export_baseline(
    entry: Baseline, seed: int, fit: FittedBaseline, card: Mapping[str, Any], folder: Path | None = None
) -> str:
    """Bundle a fit with its card and return the card's text.

    Only the weights that a walk reads (`Baseline.walks_with`) are stored. ``card`` holds ``made`` (a command, a
    machine), ``measured`` (name -> what was measured on these weights), ``measured_by`` (a command) and ``outcome``, a
    sentence beside the published one.
    """
    target = _folder(folder)
    walking_weights = {name: array for name, array in fit.weights.items() if name.startswith(entry.walks_with or ("",))}
    stored = keep_baseline(entry, seed, walking_weights, fit.seconds, fit.losses, target)
    write_json(target / f"{entry.name}-{seed}.card.json", {"format": CARD_FORMAT, "weights": stored.sha256, **card})
    text = baseline_card(entry.name, seed, target)
    (target / f"{entry.name}-{seed}.card.md").write_text(text, encoding="utf-8")
    return text


def baseline_card(name: str, seed: int = 0, folder: Path | None = None) -> str:
    """What is known of a bundled baseline, as Markdown.

    Raises
    ------
    UserError
        If there is none, or its card is of others.

    """
    if seed not in bundled_baselines(folder).get(name, []):
        raise UserError(f"no weights of {name}, seed {seed}, are bundled")
    entry, source = BASELINES[name], _folder(folder)
    card = read_json(source / f"{name}-{seed}.card.json")
    stored = read_weights(source / f"{name}-{seed}.safetensors")
    if card.get("format") != CARD_FORMAT or card.get("weights") != stored.sha256:
        raise UserError(f"the card of {name}, seed {seed}, is not of the weights beside it; export them anew")
    made, (first, last) = card["made"], stored.settings["losses"]
    versions = ", ".join(f"{package} {made['versions'][package]}" for package in ("sicgrid", "torch", "numpy"))
    rows = [f"| {what} | {value} |" for what, value in card["measured"].items()]
    settings = "\n".join(f"{key}: {value}" for key, value in stored.settings["settings"].items())
    size = (source / f"{name}-{seed}.safetensors").stat().st_size
    return f"""# {name}, seed {seed}

{entry.title}: {entry.citation}.

Put in by hand: {entry.put_in_by_hand}.

Published: {entry.published}.

Here: {card["outcome"]}

| | |
|---|---|
{chr(10).join(rows)}

Measured on these weights as they are stored ({size / 1e6:.2f} MB; tensors of more than 65,536 numbers as float16), by
`{card["measured_by"]}`.

## How it was made

`{made["command"]}`: {stored.step:,} steps in {stored.settings["seconds"] / 60:.0f} minutes by the
clock ({made["cpu"]}), with {versions}. The loss was {first:.4f} at first and {last:.4f} at the end.

```yaml
{settings}
```

SHA-256 of the content: `{stored.sha256}`.
"""


def _fitted(stored: Stored) -> FittedBaseline:
    about = stored.settings
    return FittedBaseline(stored.arrays, float(about["seconds"]), tuple(about["losses"]), stored.sha256)


def _settings(entry: Baseline) -> dict[str, Any]:
    return entry.config().model_dump(mode="json")


def _folder(folder: Path | None) -> Path:
    return Path(str(files(__package__))) / "baselines" if folder is None else folder
