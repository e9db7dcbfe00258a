"""Which trained networks there are, and how one is loaded."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from .. import model
from ..experiment import checked_config, did_you_mean
from ..storage import UserError, read_json
from ._card import FORMAT, Card
from ._weights import Weights, read_weights


def pretrained_names(folder: Path | None = None) -> list[str]:
    """Names of the networks in ``folder``; without it of the bundled ones."""
    return sorted(path.stem for path in _folder(folder).glob("*.safetensors"))


def load_pretrained(name: str, folder: Path | None = None) -> model.Network:
    """A trained network, float32 on the CPU: exactly the one that its card's numbers were measured on.

    Parameters
    ----------
    name
        One of `pretrained_names`.
    folder
        Where `export_pretrained` wrote it; without it, the package's own.

    Raises
    ------
    UserError
        For an unknown name (the nearest one is named), or a damaged file.

    >>> import torch
    >>> network = load_pretrained("long")
    >>> there = torch.full((1, 10, 2), 0.02)  # ten steps, each 2 cm along both axes
    >>> states = network(torch.cat([there, -there], dim=1)).states[0].detach()
    >>> (states[[9, 19]] @ network.initial_state).numpy().round(1)  # overlap with the start: far from it, and back
    array([0.5, 1. ], dtype=float32)

    """
    import torch  # here, since names and cards need none

    weights = weights_of(name, folder)
    config = checked_config(weights.settings, f"the network {name}")
    with torch.random.fork_rng(devices=[]):  # whoever loads a network does not expect torch's generator to move
        rnn = model.make_network(config.model)
    rnn.load_state_dict({key: torch.from_numpy(array) for key, array in weights.arrays.items()})
    return rnn


def read_card(name: str, folder: Path | None = None) -> Card:
    """What is known of a trained network.

    Raises
    ------
    UserError
        As `load_pretrained`, or if the card is missing or of another network.

    """
    weights = weights_of(name, folder)
    path = card_file(_folder(folder), name)
    if not path.is_file():
        raise UserError(f"the network {name} has no card {path}; export it anew")
    content = read_json(path)
    if content.pop("format", None) != FORMAT or content.pop("weights", None) != weights.sha256:
        raise UserError(f"{path} is not the card of the network beside it; export it anew")
    return Card(
        name=name,
        config=checked_config(weights.settings, f"the network {name}"),
        step=weights.step,
        sha256=weights.sha256,
        size=weights_file(_folder(folder), name).stat().st_size,
        **content,
    )


def weights_of(name: str, folder: Path | None) -> Weights:
    """The file of a network; raises as `load_pretrained`."""
    names = pretrained_names(folder)
    if name not in names:
        place = f" in {folder}" if folder is not None else ""
        raise UserError(
            f"no pretrained network {name!r}{place}{did_you_mean(name, names)} (there are: {', '.join(names)})"
        )
    return read_weights(weights_file(_folder(folder), name))


def metrics_of(name: str, folder: Path | None) -> bytes:
    """Records of the network's training, as lines of a metrics.jsonl."""
    return metrics_file(_folder(folder), name).read_bytes()


def weights_file(folder: Path, name: str) -> Path:
    """Its presence makes the network one of the folder's."""
    return folder / f"{name}.safetensors"


def card_file(folder: Path, name: str) -> Path:
    """What was measured, as JSON."""
    return folder / f"{name}.card.json"


def text_file(folder: Path, name: str) -> Path:
    """The card to read, made from the other."""
    return folder / f"{name}.card.md"


def metrics_file(folder: Path, name: str) -> Path:
    """Some records of the training."""
    return folder / f"{name}.metrics.jsonl"


def _folder(folder: Path | None) -> Path:
    return Path(str(files(__package__))) / "networks" if folder is None else folder
