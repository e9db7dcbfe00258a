"""One gradient step of one network, or of many at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from ..losses import SICLoss, SICLossStack, SICTerms
from ..model import ModelConfig, RNNStack, Rollout, VelocityRNN
from ..trajectories import PermutedVelocities, VelocityBatch
from ._config import TrainConfig
from ._state import TrainState
from ._windows import random_windows


class Trainee(NamedTuple):
    """A network in training and all that its steps need."""

    state: TrainState
    loss: SICLoss
    sampler: PermutedVelocities
    config: TrainConfig


class Measured(NamedTuple):
    """What a step saw, of each network; on the device until someone asks."""

    terms: dict[str, Float[Tensor, " networks"]]
    """The loss and its unweighted terms, mean over the accumulated batches."""
    gradient_norms: Float[Tensor, " networks"]
    """Before clipping."""


def gradient_step(trainees: Sequence[Trainee]) -> Callable[[], Measured]:
    """What leaves the clipped mean gradient of some fresh batches in the parameters of each network.

    One network goes through its own modules, whatever they are, on a GPU only if they are none that can be stacked:
    there a stack of one does not wait for the device as a single network's checks do.
    """
    alone = len(trainees) == 1 and (trainees[0].state.rnn.device.type != "cuda" or not can_be_stacked(trainees[0]))
    return (_Alone(trainees[0]) if alone else _Together(trainees)).gradients


class _Alone:
    """One network, through its own modules."""

    def __init__(self, trainee: Trainee) -> None:
        self._trainee = trainee

    def gradients(self) -> Measured:
        state, loss, sampler, config = self._trainee
        state.optimiser.zero_grad(set_to_none=True)
        apart = _parted(self._trainee)
        seen = [
            _backward(state.rnn, loss, sampler.sample(state.generator), config, apart) for _ in range(config.accumulate)
        ]
        norm = clip_grad_norm_(state.rnn.parameters(), config.gradient_clip)
        return Measured({name: mean[None] for name, mean in _means(seen).items()}, norm[None])


def _parted(trainee: Trainee) -> Callable[[Rollout], list[Rollout]] | None:
    """What the loss is the mean over at the step that comes; None for the rollout as it is.

    The loop looks where this changes, so that the step count is right.
    """
    state, _, _, config = trainee
    if state.step < config.apart_steps:
        return state.rnn.apart
    if state.step < config.window_steps:
        line = state.rnn.config.sheet == "line"
        return lambda rollout: random_windows(rollout, config.window, line, state.generator)
    return None


class _Together:
    """Many networks of one shape, along a leading axis."""

    def __init__(self, trainees: Sequence[Trainee]) -> None:
        first = trainees[0]
        self._generators = [trainee.state.generator for trainee in trainees]
        self._sampler, self._config = first.sampler, first.config
        networks = (trainee.state.rnn for trainee in trainees)
        # All of them are, or `refuse_mixed` had not let them in.
        self._stack = RNNStack([network for network in networks if isinstance(network, VelocityRNN)])
        self._loss = SICLossStack([trainee.loss for trainee in trainees])
        device = first.state.rnn.device
        self._bounds = torch.tensor([trainee.config.gradient_clip for trainee in trainees], device=device)

    def gradients(self) -> Measured:
        self._stack.forget_gradients()
        seen = []
        for _ in range(self._config.accumulate):
            batch = self._sampler.sample_each(self._generators)
            seen.append(_backward(self._stack, self._loss, batch, self._config))
        norms = self._stack.clip_gradients(self._bounds)
        self._stack.hand_out_gradients()
        return Measured(_means(seen), norms)


def refuse_mixed(trainees: Sequence[Trainee]) -> None:
    """ValueError unless networks, batches, `accumulate`, kernels and the loss's reduction are alike."""
    if not trainees:
        raise ValueError("there must be at least one network to train")
    if len(trainees) > 1 and not all(can_be_stacked(trainee) for trainee in trainees):
        raise ValueError(
            "only plain VelocityRNN (one population, nothing local) and SICLoss can be trained together; "
            "train others one by one"
        )
    first = _alike(trainees[0])
    for other in map(_alike, trainees[1:]):
        for name, value in first.items():
            if other[name] != value:
                raise ValueError(f"networks that train together must have equal {name}, got {value} and {other[name]}")


def can_be_stacked(trainee: Trainee) -> bool:
    """Whether it is made of the parts that a stack knows, and of no variants of them."""
    kinds = type(trainee.state.rnn), type(trainee.loss), type(trainee.sampler)
    # A stack of losses does not share its pair terms with other processes.
    plain = kinds == (VelocityRNN, SICLoss, PermutedVelocities) and trainee.loss.group is None
    return plain and refusal(trainee.state.rnn.config, trainee.config) is None


def refusal(model: ModelConfig, training: TrainConfig) -> str | None:
    """Why networks of these settings cannot be trained together, naming the setting; None if they can."""
    if model.populations > 1:
        return f"networks of one population, and model.populations is {model.populations}"
    if model.local:
        return "networks without local couplings or norm (model.coupling_range and model.norm_range 0)"
    if training.window:
        return f"the loss of all units, and training.window is {training.window}"
    return None


def _alike(trainee: Trainee) -> dict[str, object]:
    state, loss, sampler, config = trainee
    return {
        "model": state.rnn.config,
        "kernels": (state.rnn.kernels, loss.kernels),
        "device": (state.rnn.device, state.rnn.dtype, sampler.dtype),
        "trajectories": sampler.config,
        "training.accumulate": config.accumulate,
        "loss.reduction": loss.config.reduction,
    }


def _backward(
    network: torch.nn.Module,
    loss: torch.nn.Module,
    batch: VelocityBatch,
    config: TrainConfig,
    apart: Callable[[Rollout], list[Rollout]] | None = None,
) -> SICTerms:
    """Terms of a batch, their gradient left in the parameters; the mean over those of the rollouts, taken `apart`."""
    rollout: Rollout = network(batch.distinct, batch.order)
    rollouts = [rollout] if apart is None else apart(rollout)
    each: list[SICTerms] = [
        loss(positions=batch.positions, velocities=batch.velocities, states=states, initial_state=initial_state)
        for states, initial_state in rollouts
    ]
    # Most networks have one population, and every step comes by here.
    terms = (
        each[0]
        if len(each) == 1
        else SICTerms(*(torch.stack(values).mean(dim=0) for values in zip(*each, strict=True)))
    )
    # Networks do not touch each other's weights, so the sum's gradient is each one's own.
    (terms.total.sum() / config.accumulate).backward()  # type: ignore[no-untyped-call]
    return SICTerms(*(term.detach() for term in terms))


def _means(seen: Sequence[SICTerms]) -> dict[str, Tensor]:
    # The total last: where it is not finite, the term that did it is named first.
    names = ("separation", "invariance", "capacity", "conformal_isometry", "total")
    return {name: sum(getattr(terms, name) for terms in seen) / len(seen) for name in names}
