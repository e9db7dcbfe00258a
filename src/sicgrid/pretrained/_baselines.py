"""Trained baselines: those that come with the package, and those that somebody has fitted and kept."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from ..baselines import BASELINES, Baseline, Weights
from ..storage import UserError, read_json, write_json
from ._weights import pack, read_weights, write_weights

CARD_FORMAT = "sicgrid baseline card 1"


class FittedBaseline(NamedTuple):
    """What a fit gave, with the values that its file holds: tensors of more than 65,536 numbers rounded to float16."""

    weights: Weights
    seconds: float
    """That fitting took."""
    sha256: str


def bundled_baselines(folder: Path | None = None) -> dict[str, list[int]]:
    """Trained baselines that come with the package (or lie in ``folder``): name -> seeds."""
    seeds: dict[str, list[int]] = {}
    for path in sorted(_folder(folder).glob("*.safetensors")):
        name, _, seed = path.stem.rpartition("-")
        seeds.setdefault(name, []).append(int(seed))
    return seeds


def fitted_baseline(entry: Baseline, seed: int, folder: Path | None = None) -> FittedBaseline | None:
    """The kept fit of a baseline by its present defaults; of the package, or of ``folder``. None where there is none.

    A fit of other settings is not taken for it, so that a comparison never shows what nobody asked for. `UserError`
    if the file is damaged.
    """
    path = _folder(folder) / f"{entry.name}-{seed}.safetensors"
    if not path.is_file():
        return None
    stored = read_weights(path)
    if stored.name != entry.name or stored.settings.get("settings") != _settings(entry):
        return None
    return FittedBaseline(stored.arrays, float(stored.settings["seconds"]), stored.sha256)


def keep_baseline(entry: Baseline, seed: int, weights: Weights, seconds: float, folder: Path) -> FittedBaseline:
    """Keep a fit by the baseline's defaults in ``folder``, which is made if need be; as it will be read."""
    settings = {"seed": seed, "seconds": round(seconds, 1), "settings": _settings(entry)}
    stored, content = pack(entry.name, settings, int(settings["settings"].get("steps", 0)), weights)
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(folder / f"{entry.name}-{seed}.safetensors", content)
    return FittedBaseline(stored.arrays, settings["seconds"], stored.sha256)


def export_baseline(
    entry: Baseline, seed: int, fit: FittedBaseline, card: Mapping[str, Any], folder: Path | None = None
) -> str:
    """Bundle a fit with its card; the card's text.

    Of the weights those stay that a walk reads (`Baseline.walks_with`). ``card`` holds ``made`` (a command, a machine),
    ``loss`` (first and last), ``measured`` (name -> what was measured on these weights) and ``outcome``, a sentence
    beside the published one.
    """
    into = _folder(folder)
    kept = {name: array for name, array in fit.weights.items() if name.startswith(entry.walks_with or ("",))}
    stored = keep_baseline(entry, seed, kept, fit.seconds, into)
    write_json(into / f"{entry.name}-{seed}.card.json", {"format": CARD_FORMAT, "weights": stored.sha256, **card})
    text = baseline_card(entry.name, seed, into)
    (into / f"{entry.name}-{seed}.card.md").write_text(text, encoding="utf-8")
    return text


def baseline_card(name: str, seed: int = 0, folder: Path | None = None) -> str:
    """What is known of a bundled baseline, as Markdown; `UserError` if there is none, or its card is of others."""
    if seed not in bundled_baselines(folder).get(name, []):
        raise UserError(f"no weights of {name}, seed {seed}, are bundled")
    entry, into = BASELINES[name], _folder(folder)
    card = read_json(into / f"{name}-{seed}.card.json")
    stored = read_weights(into / f"{name}-{seed}.safetensors")
    if card.get("format") != CARD_FORMAT or card.get("weights") != stored.sha256:
        raise UserError(f"the card of {name}, seed {seed}, is not of the weights beside it; export them anew")
    made, loss = card["made"], card["loss"]
    versions = ", ".join(f"{package} {made['versions'][package]}" for package in ("sicgrid", "torch", "numpy"))
    rows = [f"| {what} | {value} |" for what, value in card["measured"].items()]
    settings = "\n".join(f"{key}: {value}" for key, value in stored.settings["settings"].items())
    size = (into / f"{name}-{seed}.safetensors").stat().st_size
    return f"""# {name}, seed {seed}

{entry.title}: {entry.citation}.

Put in by hand: {entry.put_in_by_hand}.

Published: {entry.published}.

Here: {card["outcome"]}

| | |
|---|---|
{chr(10).join(rows)}

Measured on these rounded weights ({size / 1e6:.2f} MB; tensors of more than 65,536 numbers as float16), by the settings
of `sicgrid compare {name} --out DIR`.

## How it was made

`{made["command"]}`: {stored.step:,} steps in {stored.settings["seconds"] / 60:.0f} minutes on one core
({made["cpu"]}), with {versions}. The loss fell from {loss["first"]:.4f} to {loss["last"]:.4f}.

```yaml
{settings}
```

SHA-256 of the content: `{stored.sha256}`.
"""


def _settings(entry: Baseline) -> dict[str, Any]:
    return entry.config().model_dump(mode="json")


def _folder(folder: Path | None) -> Path:
    return Path(str(files(__package__))) / "baselines" if folder is None else folder
