"""The training loop."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from torch.nn.utils import clip_grad_norm_

from ..losses import SICLoss, SICTerms
from ..model import VelocityRNN
from ..trajectories import PermutedVelocities
from ._config import TrainConfig
from ._optimiser import scheduled_rate
from ._state import TrainState


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


class NonFiniteLoss(ArithmeticError):
    """The loss, or its gradient, stopped being finite; the update of that step was not applied."""

    def __init__(self, step: int, term: str) -> None:
        super().__init__(f"{term} is not finite at step {step}")
        self.step = step
        self.term = term


def train(
    rnn: VelocityRNN,
    loss: SICLoss,
    sampler: PermutedVelocities,
    config: TrainConfig,
    *,
    seed: int = 0,
    state: TrainState | None = None,
) -> Iterator[StepRecord]:
    """Train `rnn` in place, yielding a record every ``config.log_every`` steps and at the last.

    A `state` that was loaded continues where it was saved; else one is started from `seed`. Printing, saving and
    stopping early belong to the caller. Raises `NonFiniteLoss` before a bad update would be applied.
    """
    state = state or TrainState.start(rnn, config, seed)
    while state.step < config.steps:
        rate = scheduled_rate(config, state.step)
        if rate is not None:
            state.set_learning_rate(rate)
        terms = _gradient(state, loss, sampler, config.accumulate)
        norm = float(clip_grad_norm_(state.rnn.parameters(), config.gradient_clip))
        if not math.isfinite(terms["total"] + norm):
            # The term that did it comes before the total; a term of weight 0 alone does no harm.
            named = {**terms, "gradient": norm}
            raise NonFiniteLoss(state.step + 1, next(name for name, value in named.items() if not math.isfinite(value)))
        used_rate = state.optimiser.param_groups[0]["lr"]
        state.optimiser.step()
        state.step += 1
        _tell_plateau(state, terms["total"], config)
        if state.step % config.log_every == 0 or state.step == config.steps:
            yield StepRecord(state.step, terms, used_rate, norm, state)


def _gradient(state: TrainState, loss: SICLoss, sampler: PermutedVelocities, batches: int) -> dict[str, float]:
    """Leave the mean gradient of some fresh batches in the parameters and return the mean terms."""
    state.optimiser.zero_grad(set_to_none=True)
    means = dict.fromkeys(("separation", "invariance", "capacity", "conformal_isometry", "total"), 0.0)
    for _ in range(batches):
        batch = sampler.sample(state.generator)
        rollout = state.rnn(batch.distinct, batch.order)
        terms: SICTerms = loss(
            positions=batch.positions,
            velocities=batch.velocities,
            states=rollout.states,
            initial_state=rollout.initial_state,
        )
        (terms.total / batches).backward()  # type: ignore[no-untyped-call]
        for name in means:
            means[name] += getattr(terms, name).item() / batches
    return means


def _tell_plateau(state: TrainState, loss: float, config: TrainConfig) -> None:
    if state.plateau is None or state.step <= config.warmup_steps:
        return
    state.window_loss += loss
    if (state.step - config.warmup_steps) % config.plateau_window == 0:
        state.plateau.step(state.window_loss / config.plateau_window)
        state.window_loss = 0.0
