"""A trained network as a run's folder, so that everything that applies to a run applies to it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped

from ..experiment import RunConfig, build, checked_config, take_weights, walking_device, walking_kernels
from ..kernels import choose
from ..storage import (
    RunDirectory,
    UserError,
    create_run,
    exclusive,
    new_provenance,
    newest_checkpoint,
    read_provenance,
    save_checkpoint,
    write_atomically,
)
from ._catalog import metrics_of, read_card, weights_of
from ._weights import Weights


def pretrained_run(name: str, out: Path, folder: Path | None = None) -> RunDirectory:
    """Make ``out`` the folder of a run that ended with a trained network; if it is that already, return it unchanged.

    It holds config.yaml, a checkpoint, metrics.jsonl with some of the records, and provenance.json, which says under
    ``pretrained`` where the network is from. Evaluate, analyze and report then apply. The optimizer's moments are not
    known and are stored as zeros; training is over, so nothing reads them.

    Parameters
    ----------
    name, folder
        As for `load_pretrained`.
    out
        A new or empty folder, or one that this function made for the same network.

    Raises
    ------
    UserError
        For an unknown name, a damaged file, or a folder that holds anything else.
    OSError
        If the files cannot be written.

    """
    weights, card = weights_of(name, folder), read_card(name, folder)
    return make_run(weights, metrics_of(name, folder), card.made, out)


def make_run(weights: Weights, metrics: bytes, made: Mapping[str, Any], out: Path) -> RunDirectory:
    """The run of these weights in ``out``; ``made`` tells of their training. Raises as `pretrained_run`."""
    config = checked_config(weights.settings, f"the network {weights.name}")
    # Before anything is on the disk, since weights may not fit their settings.
    arrays, meta = _state(weights, config)
    run = _existing_run(weights, out) or create_run(out, config.to_yaml(), _provenance(weights, config, made))
    with exclusive(run):
        run_id = read_provenance(run)["run"]
        # The checkpoint is written last; it is missing if an earlier call was killed.
        if newest_checkpoint(run, run_id) is None:
            write_atomically(run.metrics, metrics)
            save_checkpoint(run, run_id, weights.step, arrays, meta, config.settings())
    return run


def _existing_run(weights: Weights, out: Path) -> RunDirectory | None:
    """The run of these weights in ``out``, None if no run is there; `UserError` if it is of anything else."""
    run = RunDirectory(out)
    if not run.config.is_file():
        return None
    origin = read_provenance(run).get("pretrained")
    if not isinstance(origin, dict):
        raise UserError(f"{out} holds another run; choose another folder")
    if origin.get("sha256") != weights.sha256:
        raise UserError(f"{out} holds another network, or another version of {weights.name}; choose another folder")
    return run


def _provenance(weights: Weights, config: RunConfig, made: Mapping[str, Any]) -> dict[str, Any]:
    device = walking_device(config)
    record = new_provenance(config.seed, device, config.threads, *choose(device, walking_kernels(config)))
    return record | {"pretrained": {"name": weights.name, "sha256": weights.sha256, "trained": dict(made)}}


def _state(weights: Weights, config: RunConfig) -> tuple[dict[str, Shaped[np.ndarray, "..."]], dict[str, Any]]:
    """Arrays and metadata of the checkpoint of a training that ended with these weights."""
    parts = build(config, None)
    take_weights(parts.rnn, weights.arrays, f"the weights of {weights.name}")
    state = parts.state
    # A step with zero gradients at rate 0 changes no weight and creates the moments that a checkpoint holds.
    state.take_learning_rate(torch.tensor(0.0, dtype=torch.float64))
    for parameter in parts.rnn.parameters():
        parameter.grad = torch.zeros_like(parameter) if parameter.requires_grad else None
    state.optimizer.step()
    state.step = weights.step
    state.ends_at = weights.step if weights.step < config.training.steps else None
    return {key: tensor.detach().cpu().numpy() for key, tensor in state.arrays().items()}, state.meta()
