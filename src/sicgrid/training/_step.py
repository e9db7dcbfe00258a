"""One gradient step of one network, or of many at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from .._repr import brief
from ..losses import Objective, SICLoss, SICLossStack, call_by_name
from ..model import ModelConfig, RNNStack, Rollout, VelocityRNN, is_of_ours, stack_refusal
from ..trajectories import Batch, PermutedVelocities, Sampler, network_inputs
from ._config import TrainConfig, refuse_idle_stop
from ._state import TrainState
from ._windows import random_windows


@brief
class Trainee(NamedTuple):
    """A network in training and all that its steps need."""

    state: TrainState
    objective: Objective
    sampler: Sampler
    config: TrainConfig

    @property
    def ends_at(self) -> int:
        """The step that training ends with, as far as is known: `training.stop` may bring it nearer."""
        return self.state.ends_at or self.config.steps


class Measured(NamedTuple):
    """What a step saw, of each network; on the device until someone asks."""

    terms: dict[str, Float[Tensor, " networks"]]
    """The loss and its unweighted terms, mean over the accumulated batches."""
    gradient_norms: Float[Tensor, " networks"]
    """Before clipping."""


def gradient_step(trainees: Sequence[Trainee]) -> Callable[[], Measured]:
    """The function that draws fresh batches and leaves their clipped mean gradient in each network's parameters.

    A single network is called as it is, whatever its modules are; on a GPU it becomes a stack of one if it can, since a
    stack makes no checks that wait for the device.
    """
    alone = len(trainees) == 1 and (trainees[0].state.rnn.device.type != "cuda" or stackable(trainees[0]) is None)
    return (_Alone(trainees[0]) if alone else Together(trainees)).gradients


class _Alone:
    """One network, through its own modules."""

    def __init__(self, trainee: Trainee) -> None:
        self._trainee = trainee
        self._late = _late_loss(trainee.objective, trainee.config)

    def gradients(self) -> Measured:
        state, objective, sampler, config = self._trainee
        if self._late is not None and state.step >= config.early_steps:
            objective = self._late
        state.optimizer.zero_grad(set_to_none=True)
        split = _split(self._trainee)
        if state.step < config.growth_steps:
            assert isinstance(sampler, PermutedVelocities)  # `refuse_mixed` has seen to it
            sampler = sampler.of_length(config.length_at(state.step, sampler.config.length))
        batches = (sampler.sample(state.generator) for _ in range(config.accumulate))
        losses = [_backward(state.rnn, objective, batch, config, split) for batch in batches]
        norm = clip_grad_norm_(state.parameters, config.gradient_clip)
        wrong = [name for name, term in losses[0].items() if term.ndim]
        if wrong:  # the last of them: the total, which comes first, is no scalar either where a term is none
            raise ValueError(f"terms must be scalars, got {wrong[-1]} of shape {tuple(losses[0][wrong[-1]].shape)}")
        return Measured({name: mean[None] for name, mean in _means(losses).items()}, norm[None])


def _late_loss(objective: Objective, config: TrainConfig) -> SICLoss | None:
    """The loss of the last steps, where it is another one; ValueError for an objective without that weight."""
    if not config.late_invariance:
        return None
    if type(objective) is not SICLoss:
        raise ValueError("training.late_invariance needs the objective SICLoss; another one may change by itself")
    settings = objective.config.model_dump() | {"invariance": config.late_invariance}
    return SICLoss(**settings, kernels=objective.kernels, group=objective.group)


def _split(trainee: Trainee) -> Callable[[Rollout], list[Rollout]] | None:
    """How the next step's rollout is split into those that the loss is averaged over; None: it is not split.

    `state.step` lags within a run of steps; `_until_due` ends the run wherever the answer changes.
    """
    state, _, _, config = trainee
    if state.step < config.apart_steps:
        return state.rnn.by_population
    if state.step < config.window_steps:
        line = state.rnn.sheet == "line"
        return lambda rollout: random_windows(rollout, config.window, line, state.generator)
    return None


class Together:
    """Many networks of one shape, along a leading axis."""

    def __init__(self, trainees: Sequence[Trainee]) -> None:
        # `refuse_mixed` has seen to it that all of them can be stacked.
        parts = [part for trainee in trainees if (part := stackable(trainee)) is not None]
        self._sampler, self._config = parts[0].sampler, trainees[0].config
        self._generators = [trainee.state.generator for trainee in trainees for _ in range(self._config.accumulate)]
        self.stack = RNNStack([part.network for part in parts])
        self._loss = SICLossStack([part.loss for part in parts for _ in range(self._config.accumulate)])
        bounds = [trainee.config.gradient_clip for trainee in trainees]
        self._bounds = torch.tensor(bounds, dtype=parts[0].network.dtype, device=parts[0].network.device)

    def backward(self) -> dict[str, Float[Tensor, " batches"]]:
        """Terms of all batches, the total last; their mean gradients are left in the stack's weights.

        The batches to accumulate lie side by side as if of so many networks: less waiting, and a GPU is filled.
        """
        self.stack.forget_gradients()
        return _total_last(_backward(self.stack, self._loss, self._sampler.sample_each(self._generators), self._config))

    def gradients(self) -> Measured:
        """Draw fresh batches and leave their clipped mean gradient in the networks' own parameters."""
        terms = self.backward()
        norms = self.stack.clip_gradients(self._bounds)
        self.stack.hand_out_gradients()
        return Measured({name: term.view(len(norms), -1).mean(dim=1) for name, term in terms.items()}, norms)


def refuse_mixed(trainees: Sequence[Trainee]) -> None:
    """ValueError for what cannot be trained side by side.

    Also where a state was started without the parameters of its objective, or sampler or objective cannot change
    as asked.
    """
    if not trainees:
        raise ValueError("there must be at least one network to train")
    for state, objective, sampler, config in trainees:
        refuse_growth(sampler, config)
        refuse_idle_stop(config)
        _late_loss(objective, config)
        optimized = set(map(id, state.parameters))
        if any(parameter.requires_grad and id(parameter) not in optimized for parameter in objective.parameters()):
            raise ValueError(
                "the state must know the parameters of the objective; start it with "
                "TrainState.start(network, config, seed, objective)"
            )
    if len(trainees) == 1:
        return
    if all(trainee.state.rnn.device.type == "cpu" for trainee in trainees):
        refuse_shared(trainees)
    else:
        refuse_unstackable(trainees)


def refuse_shared(trainees: Sequence[Trainee]) -> None:
    """ValueError for what several threads could change at once: a network, an objective or a sampler of one's own."""
    kinds = {(type(trainee.objective), type(trainee.sampler)) for trainee in trainees}
    if kinds != {(SICLoss, PermutedVelocities)}:
        raise ValueError("only SICLoss and PermutedVelocities can be trained together; train others one by one")
    if len({id(trainee.state.rnn) for trainee in trainees}) < len(trainees):
        raise ValueError("each network can be trained once at a time; one is there twice")


def refuse_unstackable(trainees: Sequence[Trainee]) -> None:
    """ValueError unless networks, batches, `accumulate`, kernels and the loss's reduction are alike."""
    parts = [part for trainee in trainees if (part := stackable(trainee)) is not None]
    if len(parts) < len(trainees):
        raise ValueError(
            "only plain VelocityRNN (one population, nothing local) and SICLoss can be trained together; "
            "train others one by one"
        )
    first, *others = (_must_agree(part, trainee.config) for part, trainee in zip(parts, trainees, strict=True))
    for other in others:
        for name, value in first.items():
            if other[name] != value:
                raise ValueError(f"networks that train together must have equal {name}, got {value} and {other[name]}")


def refuse_growth(sampler: Sampler, config: TrainConfig) -> None:
    """Check that the sampler's trajectories can grow as `training.first_length` asks.

    Raises
    ------
    ValueError
        If they cannot.

    >>> refuse_growth(PermutedVelocities(length=40), TrainConfig(first_length=60))
    Traceback (most recent call last):
    ValueError: training.first_length must be at most trajectories.length, 40, got 60

    """
    if not config.first_length:
        return
    if not isinstance(sampler, PermutedVelocities):
        raise ValueError("training.first_length needs the sampler PermutedVelocities; another one may grow by itself")
    if config.first_length > (last := sampler.config.length):
        raise ValueError(
            f"training.first_length must be at most trajectories.length, {last}, got {config.first_length}"
        )


def is_plain(trainee: Trainee) -> bool:
    """Whether network, loss and sampler are ours and no subclasses, which may do anything; nor shared by processes."""
    loss = trainee.objective
    ours = type(loss) is SICLoss and type(trainee.sampler) is PermutedVelocities and is_of_ours(trainee.state.rnn)
    return ours and loss.group is None


class _Parts(NamedTuple):
    network: VelocityRNN
    loss: SICLoss
    sampler: PermutedVelocities


def stackable(trainee: Trainee) -> _Parts | None:
    """Network, loss and sampler if a stack can replace all three; else None."""
    network, loss, sampler = trainee.state.rnn, trainee.objective, trainee.sampler
    if not is_plain(trainee) or not isinstance(network, VelocityRNN):
        return None
    assert isinstance(loss, SICLoss)
    assert isinstance(sampler, PermutedVelocities)
    return _Parts(network, loss, sampler) if refusal(network.config, trainee.config) is None else None


def refusal(model: ModelConfig, training: TrainConfig) -> str | None:
    """Why networks of these settings cannot be trained together, naming the setting; None if they can.

    >>> refusal(ModelConfig(populations=2), TrainConfig())
    'networks of one population, and model.populations is 2'
    """
    if because := stack_refusal(model):
        return because
    if training.window:
        return f"the loss of all units, and training.window is {training.window}"
    if training.first_length:
        return f"trajectories of one length, and training.first_length is {training.first_length}"
    if training.late_invariance:
        return f"the same loss throughout, and training.late_invariance is {training.late_invariance:g}"
    return None


def _must_agree(parts: _Parts, config: TrainConfig) -> dict[str, object]:
    """What networks must have in common to be stacked, by the name that an error gives it."""
    network, loss, sampler = parts
    return {
        "model": network.config,
        "kernels": (network.kernels, loss.kernels),
        "device": (network.device, network.dtype, sampler.dtype),
        "trajectories": sampler.config,
        "training.accumulate": config.accumulate,
        "loss.reduction": loss.config.reduction,
    }


def _backward(
    network: torch.nn.Module,
    objective: torch.nn.Module,
    batch: Batch,
    config: TrainConfig,
    split: Callable[[Rollout], list[Rollout]] | None = None,
) -> dict[str, Tensor]:
    """Terms of a batch, their gradient left in the parameters; the mean over the rollouts that `split` makes."""
    rollout: Rollout = network(*network_inputs(batch))
    rollouts = [rollout] if split is None else split(rollout)
    of_batch = batch._asdict()
    terms_of_rollouts = [call_by_name(objective, {**of_batch, **part._asdict()})._asdict() for part in rollouts]
    # Without a split there is one rollout, and nothing to stack.
    terms = (
        terms_of_rollouts[0]
        if len(terms_of_rollouts) == 1
        else {name: torch.stack([row[name] for row in terms_of_rollouts]).mean(dim=0) for name in terms_of_rollouts[0]}
    )
    # No network's loss depends on another's weights: the gradient of the sum of their losses is each one's own.
    terms["total"].backward(torch.full_like(terms["total"], 1 / config.accumulate))
    return {name: term.detach() for name, term in terms.items()}


def _means(losses: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Each term's mean over the accumulated batches."""
    return _total_last(
        {
            name: sum((terms[name] for terms in losses[1:]), start=first) / len(losses)
            for name, first in losses[0].items()
        }
    )


def _total_last(terms: dict[str, Tensor]) -> dict[str, Tensor]:
    """The terms with the total at the end: the first one that is not finite is then a cause, not the sum."""
    return {**{name: term for name, term in terms.items() if name != "total"}, "total": terms["total"]}
