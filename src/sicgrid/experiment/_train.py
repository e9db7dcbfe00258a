"""The training stage: from settings to checkpoints and metrics, resumable bit for bit."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import torch

from .._callbacks import ignore
from ..kernels import choose, use_threads
from ..storage import (
    RunDirectory,
    UserError,
    create_run,
    machine,
    new_provenance,
    read_provenance,
)
from ..training import (
    NonFiniteLoss,
    StepRecord,
    Trainee,
    refusal,
    train_together,
)
from ._build import Built, build, set_threads, walking_device
from ._checkpoint import is_trained, load_checkpoint
from ._config import RunConfig, check_arenas, differences
from ._keep import RunKeeper
from ._signals import Interrupted, StopRequests
from ._trackers import check_tracker


class Diverged(UserError):
    """Training stopped at a loss that is not finite; the last checkpoint stays."""

    exit_code = 1


def training_device(config: RunConfig) -> str:
    """Where to train.

    "auto" is a GPU, if there is one, for what it trains in CUDA graphs: a network of one population whose loss does not
    change. Others are launched kernel by kernel, and wait for the host more than they compute.

    Raises
    ------
    UserError
        If a GPU is asked for and there is none.

    """
    if config.device != "auto":
        return walking_device(config)
    return "cuda" if torch.cuda.is_available() and refusal(config.model, config.training) is None else "cpu"


def start_run(config: RunConfig, path: Path, together: int = 1) -> RunDirectory:
    """Make the folder of a new run, one of so many to be trained together.

    Raises
    ------
    UserError
        If the place is taken, a part refuses its settings, or a box is too small to be analyzed.

    """
    check_arenas(config)
    # Built once for nothing: what a part refuses must be known before anything is on the disk.
    device = training_device(config)
    build(config, None, device)
    check_tracker(config.tracker)
    kernel, reason = choose(device, config.kernels)
    provenance = new_provenance(config.seed, device, _share_threads([config] * together), kernel, reason)
    return create_run(path, config.to_yaml(), provenance)


def train_run(
    run: RunDirectory,
    config: RunConfig,
    on_start: Callable[[int, list[str]], None] = ignore,
    on_step: Callable[[StepRecord], None] = ignore,
) -> int:
    """Train from the newest checkpoint, or from the start, to its last step; return the steps done here.

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
    (outcome,) = train_runs(
        [(run, config)], lambda _, first, changed: on_start(first, changed), lambda _, record: on_step(record)
    )
    if isinstance(outcome, Diverged):
        raise outcome
    return outcome


def train_runs(
    runs: Sequence[tuple[RunDirectory, RunConfig]],
    on_start: Callable[[int, int, list[str]], None] = ignore,
    on_step: Callable[[int, StepRecord], None] = ignore,
    on_divergence: Callable[[int], None] = ignore,
) -> list[int | Diverged]:
    """Train several runs at once, as `train_run` does one; on a GPU all must have one shape. Return each one's steps.

    A run that diverges has its error in place of its steps, and the others continue. The first argument of each
    callback is the run's index. The number of threads is the sum of the runs' settings, at most one a core, and left
    open where one of them leaves it open.

    Raises
    ------
    Interrupted
        After Ctrl-C or SIGTERM, once all runs are saved.
    UserError
        If a checkpoint cannot be used, or networks cannot be trained together, before anything is trained.

    """
    outcomes: list[int | Diverged] = [0] * len(runs)
    to_train: dict[int, Built] = {}
    for index, (run, config) in enumerate(runs):
        checkpoint = load_checkpoint(run, config)
        if not is_trained(config, checkpoint):
            to_train[index] = build(config, checkpoint, training_device(config))
    if not to_train:
        return outcomes
    # Runs that are already finished count as well: without an interruption the others would have had as many threads.
    threads = _share_threads([config for _, config in runs])
    trainees = [
        Trainee(built.state, built.loss, built.sampler, runs[index][1].training) for index, built in to_train.items()
    ]
    try:
        records = train_together(trainees)
    except ValueError as error:
        raise UserError(str(error)) from None
    with contextlib.ExitStack() as stack:
        keepers: dict[int, RunKeeper] = {}
        for (index, built), trainee in zip(to_train.items(), trainees, strict=True):
            (run, config), device = runs[index], built.rnn.device.type
            on_start(index, built.state.step, _changed(run, device, threads))
            background = device != "cpu"
            keeper = RunKeeper(run, config, built.state.step, trainee.ends_at, background=background)
            keepers[index] = stack.enter_context(keeper)
        firsts = {index: keeper.saved for index, keeper in keepers.items()}
        requests = stack.enter_context(StopRequests())
        for index, diverged in _keep_all(records, keepers, requests, on_step, on_divergence).items():
            outcomes[index] = diverged or keepers[index].done - firsts[index]
    return outcomes


def _keep_all(
    records: Iterable[tuple[int, StepRecord | NonFiniteLoss]],
    keepers: Mapping[int, RunKeeper],
    requests: StopRequests,
    on_step: Callable[[int, StepRecord], None],
    on_divergence: Callable[[int], None],
) -> dict[int, Diverged | None]:
    """Keep records until they end, or until every run has obeyed a request to stop; the errors of those that diverged.

    Raises
    ------
    Interrupted
        If a request to stop was obeyed; all runs are saved then.

    """
    indices = going = list(keepers)
    outcomes: dict[int, Diverged | None] = dict.fromkeys(indices)
    stopped: dict[int, int] = {}
    stop = None
    for position, outcome in records:
        index = indices[position]
        keeper = keepers[index]
        if isinstance(outcome, NonFiniteLoss):
            keeper.finish()
            outcomes[index] = _diverged(outcome, keeper.saved)
            keeper.note_end("Diverged")
            on_divergence(index)
        else:
            # Read once a step, so that all runs are saved at the same step; and before saving, since a request that
            # arrives during a save would otherwise be obeyed without one.
            if index == going[0]:
                stop = requests.received
            keeper.keep(outcome, save=stop is not None)
            on_step(index, outcome)
            if stop is not None and keeper.going:
                stopped[index] = outcome.step
        going = [index for index in going if outcomes[index] is None and keepers[index].going]
        if stopped and all(index in stopped for index in going):
            for index in stopped:
                keepers[index].note_end("interrupted")
            assert stop is not None  # else none would have been stopped
            raise Interrupted(stop, max(stopped.values()))
    return outcomes


def _diverged(error: NonFiniteLoss, saved: int) -> Diverged:
    checkpoint = f"the checkpoint of step {saved} is kept" if saved else "there is no checkpoint yet"
    return Diverged(
        f"training stopped: the {error.term} term is not finite at step {error.step}; {checkpoint}. "
        "A lower training.learning_rate or training.gradient_clip may help"
    )


def _changed(run: RunDirectory, device: str, threads: int) -> list[str]:
    """What decides the last bits and differs from where the run began."""
    at_start, now = read_provenance(run), {"device": device, "threads": threads, **machine()}
    decisive = ("device", "threads", "versions", "cpu")
    return differences({name: now[name] for name in decisive}, {name: at_start.get(name) for name in decisive})


def _share_threads(configs: Sequence[RunConfig]) -> int:
    """Set the threads for training these together, the sum of their settings, at most the cores; return it.

    Where one of them leaves the choice, as many are used as suit the work; then what is returned are the cores.
    """
    if any(config.threads == 0 for config in configs):
        return set_threads(0)
    cores = use_threads(0, by_setting=True)
    return set_threads(min(sum(config.threads for config in configs), cores))
