"""The training stage: from settings to checkpoints and metrics, resumable bit for bit."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Shaped

from ..kernels import choose, use_threads
from ..losses import SICLoss
from ..model import VelocityRNN
from ..storage import (
    Checkpoint,
    MetricsLog,
    RunDirectory,
    UserError,
    create_run,
    cut_metrics,
    machine,
    new_provenance,
    newest_checkpoint,
    read_provenance,
    save_checkpoint,
    session,
)
from ..training import NonFiniteLoss, StepRecord, TrainState, train
from ..trajectories import PermutedVelocities
from ._config import RunConfig, differences
from ._foreign import refuse_foreign
from ._signals import Interrupted, StopRequests

DEVICE = "cpu"

# What may differ between a run's config.yaml and its checkpoint: it does not touch training's numbers.
HARMLESS = ("preset", "threads", "checkpoint_every", "keep_checkpoints", "evaluation", "analysis")


class Diverged(UserError):
    """Training stopped at a loss that is not finite; the last checkpoint stays."""

    exit_code = 1


class Parts(NamedTuple):
    """What a run is made of, built from its settings."""

    rnn: VelocityRNN
    loss: SICLoss
    sampler: PermutedVelocities
    state: TrainState


def start_run(config: RunConfig, path: Path) -> RunDirectory:
    """Make the folder of a new run; `UserError` if the place is taken or a part refuses its settings."""
    # Built once for nothing: what a part refuses must be known before anything is on the disk.
    build(config, None)
    kernel, reason = choose(DEVICE, config.kernels)
    provenance = new_provenance(config.seed, DEVICE, _threads(config), kernel, reason)
    return create_run(path, config.to_yaml(), provenance)


def build(config: RunConfig, checkpoint: Checkpoint | None) -> Parts:
    """The network and its training state, as new or as in a checkpoint; `UserError` if they cannot be built."""
    _threads(config)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            rnn = VelocityRNN(**config.model.model_dump(), kernels=config.kernels)
        loss = SICLoss(**config.loss.model_dump(), kernels=config.kernels)
        sampler = PermutedVelocities(**config.trajectories.model_dump())
        state = TrainState.start(rnn, config.training, config.seed)
    except ValueError as error:
        raise UserError(f"the settings do not fit together: {error}") from None
    if checkpoint is not None:
        arrays = {name: torch.from_numpy(array) for name, array in checkpoint.arrays.items()}
        try:
            state.load(arrays, checkpoint.meta)
        except (ValueError, KeyError) as error:
            raise UserError(f"the checkpoint of step {checkpoint.step} does not fit the run: {error}") from None
    return Parts(rnn, loss, sampler, state)


def load_checkpoint(run: RunDirectory, config: RunConfig) -> Checkpoint | None:
    """The run's newest checkpoint; `UserError` if it is damaged, foreign, of other settings, or there is no network."""
    refuse_foreign(run, "trained or evaluated")
    checkpoint = newest_checkpoint(run, read_provenance(run)["run"])
    if checkpoint is None:
        return None
    now, then = config.settings(), dict(checkpoint.config)
    for name in HARMLESS:
        now.pop(name, None)
        then.pop(name, None)
    changed = differences(now, then)
    if changed:
        raise UserError(
            f"{run.config} has changed since the checkpoint of step {checkpoint.step} was made: {', '.join(changed)}; "
            "put it back, or start a new run with another --out"
        )
    return checkpoint


def train_run(
    run: RunDirectory,
    config: RunConfig,
    on_start: Callable[[int, list[str]], None],
    on_step: Callable[[StepRecord], None],
) -> int:
    """Train from the newest checkpoint, or from the start, to ``config.training.steps``; return the steps done here.

    ``on_start`` is told the step begun from and what differs from where the run began (versions, threads, processor;
    then the numbers may differ in their last bits), ``on_step`` every record. The caller holds the run's lock.

    Raises
    ------
    Interrupted
        After Ctrl-C or SIGTERM, once the step is finished and saved.
    Diverged
        If a term of the loss is not finite.
    UserError
        If the checkpoint cannot be used.
    OSError
        If the disk is full; the last checkpoint and the metrics up to it are intact.

    """
    checkpoint = load_checkpoint(run, config)
    first = checkpoint.step if checkpoint else 0
    if first >= config.training.steps:
        return 0
    parts = build(config, checkpoint)
    begun = read_provenance(run)
    run_id = begun["run"]
    cut_metrics(run.metrics, first)
    here = {"threads": _threads(config), **machine()}
    decisive = ("threads", "versions", "cpu")
    on_start(first, differences({name: here[name] for name in decisive}, {name: begun.get(name) for name in decisive}))
    saved = first
    with session(run, "train") as notes, MetricsLog(run.metrics) as log, StopRequests() as requests:
        notes["first_step"] = first
        records = train(parts.rnn, parts.loss, parts.sampler, config.training, seed=config.seed, state=parts.state)
        try:
            for record in records:
                notes["last_step"] = record.step
                log.append(
                    {
                        "step": record.step,
                        **record.terms,
                        "learning_rate": record.learning_rate,
                        "gradient_norm": record.gradient_norm,
                    }
                )
                # Asked once a step: a request that comes while saving would else be obeyed with nothing saved.
                stop = requests.received
                due = record.step // config.checkpoint_every > saved // config.checkpoint_every
                if due or record.step >= config.training.steps or stop is not None:
                    log.flush_to_disk()
                    meta = record.state.meta()
                    save_checkpoint(
                        run, run_id, record.step, _arrays(record), meta, config.settings(), config.keep_checkpoints
                    )
                    saved = record.step
                on_step(record)
                if stop is not None:
                    notes["ended"] = "interrupted"
                    raise Interrupted(stop, record.step)
        except NonFiniteLoss as error:
            kept = f"the checkpoint of step {saved} is kept" if saved else "there is no checkpoint yet"
            raise Diverged(
                f"training stopped: the {error.term} term is not finite at step {error.step}; {kept}. "
                "A lower training.learning_rate or training.gradient_clip may help"
            ) from error
    return config.training.steps - first


def _threads(config: RunConfig) -> int:
    """Set the number of threads and return it."""
    try:
        return use_threads(config.threads)
    except ValueError as error:
        raise UserError(str(error)) from None


def _arrays(record: StepRecord) -> dict[str, Shaped[np.ndarray, "..."]]:
    return {name: tensor.detach().cpu().numpy() for name, tensor in record.state.arrays().items()}
