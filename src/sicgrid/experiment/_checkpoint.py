"""The checkpoint that a run resumes from: its newest, if that is the run's own."""

from ..storage import Checkpoint, RunDirectory, UserError, newest_checkpoint, read_provenance, shell_word
from ._config import RunConfig, checked_config, differences
from ._external import refuse_recording

# What may differ between a run's config.yaml and its checkpoint: it does not touch training's numbers.
HARMLESS = (
    "preset",
    "device",
    "threads",
    "checkpoint_every",
    "keep_checkpoints",
    "snapshots",
    "tracker",
    "evaluation",
    "analysis",
)


def last_step(config: RunConfig, checkpoint: Checkpoint | None = None) -> int:
    """The step that training ends with, as far as a checkpoint knows: `training.stop` may have brought it nearer."""
    ends_at = None if checkpoint is None else checkpoint.meta.get("ends_at")
    return int(ends_at or config.training.steps)


def is_trained(config: RunConfig, checkpoint: Checkpoint | None) -> bool:
    """Whether a run's newest checkpoint is of the last step of its training."""
    return checkpoint is not None and checkpoint.step >= last_step(config, checkpoint)


def load_checkpoint(run: RunDirectory, config: RunConfig) -> Checkpoint | None:
    """The run's newest checkpoint; None where there is none yet.

    Raises
    ------
    UserError
        If it is damaged, of another run or of other settings, or the run has no network.

    """
    refuse_recording(run, "trained or evaluated")
    checkpoint = newest_checkpoint(run, read_provenance(run)["run"])
    if checkpoint is None:
        return None
    # A setting that did not exist then was at what is now its default; one that had another name is the same.
    now, then = config.settings(), checked_config(checkpoint.config, f"checkpoint {checkpoint.step}").settings()
    for name in HARMLESS:
        now.pop(name, None)
        then.pop(name, None)
    changed = differences(now, then)
    if changed:
        raise UserError(
            f"{run.config} has changed since the checkpoint of step {checkpoint.step} was made: {', '.join(changed)}; "
            "put it back, or start a new run in another folder"
        )
    return checkpoint


def required_checkpoint(run: RunDirectory, config: RunConfig) -> Checkpoint:
    """The run's newest checkpoint, where it must have one.

    Raises
    ------
    UserError
        As `load_checkpoint`, and if there is none yet.

    """
    checkpoint = load_checkpoint(run, config)
    if checkpoint is None:
        train = f"sicgrid train --resume --out {shell_word(run.path)}"
        raise UserError(f"the run {run.path} has no checkpoint yet; train it with `{train}`")
    return checkpoint
