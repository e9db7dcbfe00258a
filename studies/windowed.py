"""Networks whose objective reads the loss of windows in its own way, in place of training's."""

import argparse
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from sicgrid.experiment import build, load_config, overridden
from sicgrid.losses import Objective
from sicgrid.model import Network
from trained import Trained, learned


def trained_by(
    objective: Callable[[Network, Objective, int], Objective],
    arguments: argparse.Namespace,
    words: list[str],
    seed: int,
    name: str,
) -> Trained:
    """The network of a study's arguments with `words` beneath them, trained by ``objective(network, loss, width)``.

    `loss` is that of the settings, `width` their window's. Networks are kept by the width and `name` too.
    """
    config = overridden(load_config(arguments.preset), [*words, *arguments.words, f"seed={seed}"])
    width, without = config.training.window, overridden(config, ["training.window=0"])
    network, loss, sampler, _ = build(without, None)
    trained = objective(network, loss, width)
    return learned(network, trained, sampler, without, arguments.keep, f"{width} {name}")


def mean_terms(windows: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Each term's mean over windows."""
    return {name: torch.stack([terms[name] for terms in windows]).mean() for name in windows[0]}
