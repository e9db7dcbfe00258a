"""The training loop."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from .._repr import brief
from ..kernels import of_each_network
from ..losses import as_objective
from ..model import Network
from ..trajectories import Sampler
from ._config import TrainConfig
from ._many_steps import ManySteps, StepsMade
from ._state import TrainState
from ._step import Trainee, refuse_mixed


@brief
class StepRecord(NamedTuple):
    """What one gradient step saw. `state` may be saved while the record is at hand: nothing runs meanwhile."""

    step: int
    """Steps completed, from 1."""
    terms: dict[str, float]
    """The loss and its unweighted terms, mean over the accumulated batches, before the update."""
    learning_rate: float
    gradient_norm: float
    """Euclidean norm of the whole gradient before clipping."""
    state: TrainState
    steps: int
    """The step that training ends with, as far as is known: `training.stop` may bring it nearer."""


class NonFiniteLoss(ArithmeticError):
    """The loss, or its gradient, stopped being finite; the update of that step was not applied."""

    def __init__(self, step: int, term: str) -> None:
        super().__init__(f"{term} is not finite at step {step}")
        self.step = step
        self.term = term


def train(
    network: Network,
    objective: Callable[..., Any],
    sampler: Sampler,
    config: TrainConfig,
    *,
    seed: int = 0,
    state: TrainState | None = None,
) -> Iterator[StepRecord]:
    """Train `network` in place, yielding a record every ``config.log_every`` steps and at the last.

    `objective` is a `sicgrid.losses.Objective`, such as `SICLoss`, or any callable of the tensors of a batch and its
    rollout that returns a mapping of terms, whose sum is the loss; its parameters, if it is a module that has some, are
    trained too. A `state` that was loaded continues where it was saved; else one is started from `seed`. Printing and
    saving belong to the caller, who may stop at any record.

    Raises
    ------
    NonFiniteLoss
        Before a bad update would be applied.
    ValueError
        For a state that was started without the objective's parameters, or settings that sampler or objective cannot
        follow.

    >>> from sicgrid import PermutedVelocities, SICLoss, TrainConfig, VelocityRNN
    >>> rnn, loss = VelocityRNN(units=8, hidden=4, kernels="reference"), SICLoss(kernels="reference")
    >>> sampler, config = PermutedVelocities(batch_size=2, length=5), TrainConfig(steps=3, log_every=1)
    >>> [record.step for record in train(rnn, loss, sampler, config)]
    [1, 2, 3]

    """
    wrapped = as_objective(objective)
    state = state or TrainState.start(network, config, seed, wrapped)
    for _, outcome in train_together([Trainee(state, wrapped, sampler, config)]):
        if isinstance(outcome, NonFiniteLoss):
            raise outcome
        yield outcome


def train_together(trainees: Sequence[Trainee]) -> Iterator[tuple[int, StepRecord | NonFiniteLoss]]:
    """Train several networks side by side, each as if alone up to rounding.

    Yields (index into `trainees`, record) whenever a network has one due, as `train` does, and (index, NonFiniteLoss)
    when one stops being finite: that one is left as it was before the bad update, and the others continue. On a CPU
    each has a thread of its own, and all settings may differ; on a GPU they are stacked, and seeds, loss settings,
    learning rates, schedules and numbers of steps may.

    Raises
    ------
    ValueError
        At once, for what cannot be trained so (see `refuse_mixed`).

    >>> from sicgrid import PermutedVelocities, SICLoss, TrainConfig, TrainState, VelocityRNN
    >>> sampler, config = PermutedVelocities(batch_size=2, length=5), TrainConfig(steps=1)
    >>> trainees = []
    >>> for seed in range(2):
    ...     rnn = VelocityRNN(units=8, hidden=4, kernels="reference")
    ...     state = TrainState.start(rnn, config, seed)
    ...     trainees.append(Trainee(state, SICLoss(kernels="reference"), sampler, config))
    >>> [(index, record.step) for index, record in train_together(trainees)]
    [(0, 1), (1, 1)]

    """
    wrapped = [trainee._replace(objective=as_objective(trainee.objective)) for trainee in trainees]
    refuse_mixed(wrapped)
    return _train_together(wrapped)


def _train_together(trainees: Sequence[Trainee]) -> Iterator[tuple[int, StepRecord | NonFiniteLoss]]:
    active = [index for index, trainee in enumerate(trainees) if trainee.state.step < trainee.ends_at]
    while active:
        stacks = _stacks([trainees[index] for index in active])
        stopped: set[int] = set()
        while not stopped:
            count = min(_until_due(trainees[index]) for index in active)
            for index, measured in zip(active, _advance(stacks, count), strict=True):
                trainee = trainees[index]
                outcome = _account(trainee, measured, count)
                if outcome is not None:
                    yield index, outcome
                if isinstance(outcome, NonFiniteLoss) or trainee.state.step == trainee.ends_at:
                    stopped.add(index)
        active = [index for index in active if index not in stopped]


def _stacks(trainees: Sequence[Trainee]) -> list[ManySteps]:
    """One stack of all networks on a GPU; on a CPU each by itself, since there each has a thread and its cache."""
    on_cpu = trainees[0].state.rnn.device.type == "cpu"
    return [ManySteps([trainee]) for trainee in trainees] if on_cpu else [ManySteps(trainees)]


def _advance(stacks: Sequence[ManySteps], steps: int) -> list[StepsMade]:
    """Make so many steps of all networks; what each gave, in order."""
    return list(itertools.chain.from_iterable(of_each_network(lambda k: stacks[k].advance(steps), len(stacks))))


def _until_due(trainee: Trainee) -> int:
    """Steps until a record is due, training ends, the loss changes, or the mean loss is read by schedule or stop."""
    state, _, _, config = trainee
    due_in = [trainee.ends_at - state.step, config.log_every - state.step % config.log_every]
    due_in += [change - state.step for change in config.changes if state.step < change]
    if state.step < config.growth_steps:
        due_in.append(1)  # the length of a trajectory may change with each
    if state.plateau is not None:
        after_warmup = state.step - config.warmup_steps
        due_in.append(
            -after_warmup if after_warmup < 0 else config.plateau_window - after_warmup % config.plateau_window
        )
    if _stop_asked(trainee):
        due_in.append(config.stop_window - state.step % config.stop_window)
    return min(due_in)


def _stop_asked(trainee: Trainee) -> bool:
    """Whether the loss may still bring the end nearer."""
    state, config = trainee.state, trainee.config
    return config.stop > 0 and state.step < config.fall_from(trainee.ends_at)


def _read_loss(trainee: Trainee, losses: float) -> None:
    """Bring the end nearer where the loss has stopped falling; `losses` is the sum of those since the last call."""
    state, config = trainee.state, trainee.config
    state.window_loss += losses
    if state.step % config.stop_window:
        return
    reading, before = state.window_loss / config.stop_window, state.last_reading
    state.window_loss, state.last_reading = 0.0, reading
    if before is not None and state.step >= config.stop_acts_from and before - reading < config.stop:
        state.ends_at = config.end_after(state.step)


def _account(trainee: Trainee, measured: StepsMade, count: int) -> StepRecord | NonFiniteLoss | None:
    """Bring the state up to the steps made; a record if one is due."""
    state, _, _, config = trainee
    warming_up, may_stop = state.step < config.warmup_steps, _stop_asked(trainee)
    state.step += measured.made
    if measured.made < count:
        # Terms come before total and gradient, so that a cause is named. One of weight 0 alone stops nothing.
        culprit = next(name for name, value in measured.terms.items() if not math.isfinite(value))
        return NonFiniteLoss(state.step + 1, culprit)
    if state.plateau is not None and not warming_up:
        state.window_loss += measured.loss_sum
        if (state.step - config.warmup_steps) % config.plateau_window == 0:
            state.plateau.step(state.window_loss / config.plateau_window)
            state.window_loss = 0.0
            if any(state.step - config.plateau_window < change <= state.step for change in config.changes if change):
                # From here on the loss is another one, with which the best of the earlier loss cannot be compared.
                state.plateau.best, state.plateau.num_bad_epochs = math.inf, 0
    if may_stop:
        _read_loss(trainee, measured.loss_sum)
    if state.step % config.log_every and state.step < trainee.ends_at:
        return None
    norm = measured.terms.pop("gradient")
    return StepRecord(state.step, measured.terms, measured.rate, norm, state, trainee.ends_at)
