"""One gradient step of one network, or of many at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from ..losses import SICLoss, SICLossStack, SICTerms
from ..model import RNNStack, VelocityRNN
from ..trajectories import PermutedVelocities, VelocityBatch
from ._config import TrainConfig
from ._state import TrainState


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
    alone = len(trainees) == 1 and (trainees[0].state.rnn.start.device.type != "cuda" or not _plain(trainees[0]))
    return (_Alone(trainees[0]) if alone else _Together(trainees)).gradients


class _Alone:
    """One network, through its own modules."""

    def __init__(self, trainee: Trainee) -> None:
        self._trainee = trainee

    def gradients(self) -> Measured:
        state, loss, sampler, config = self._trainee
        state.optimiser.zero_grad(set_to_none=True)
        seen = [_backward(state.rnn, loss, sampler.sample(state.generator), config) for _ in range(config.accumulate)]
        norm = clip_grad_norm_(state.rnn.parameters(), config.gradient_clip)
        return Measured({name: mean[None] for name, mean in _means(seen).items()}, norm[None])


class _Together:
    """Many networks of one shape, along a leading axis."""

    def __init__(self, trainees: Sequence[Trainee]) -> None:
        first = trainees[0]
        self._generators = [trainee.state.generator for trainee in trainees]
        self._sampler, self._config = first.sampler, first.config
        self._stack = RNNStack([trainee.state.rnn for trainee in trainees])
        self._loss = SICLossStack([trainee.loss for trainee in trainees])
        device = first.state.rnn.start.device
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
    if len(trainees) > 1 and not all(_plain(trainee) for trainee in trainees):
        raise ValueError(
            "only plain VelocityRNN and SICLoss can be trained together; train variants of them one by one"
        )
    first = _alike(trainees[0])
    for other in map(_alike, trainees[1:]):
        for name, value in first.items():
            if other[name] != value:
                raise ValueError(f"networks that train together must have equal {name}, got {value} and {other[name]}")


def _plain(trainee: Trainee) -> bool:
    kinds = type(trainee.state.rnn), type(trainee.loss), type(trainee.sampler)
    # A stack of losses does not share its pair terms with other processes.
    return kinds == (VelocityRNN, SICLoss, PermutedVelocities) and trainee.loss.group is None


def _alike(trainee: Trainee) -> dict[str, object]:
    state, loss, sampler, config = trainee
    return {
        "model": state.rnn.config,
        "kernels": (state.rnn.kernels, loss.kernels),
        "device": (state.rnn.start.device, state.rnn.start.dtype, sampler.dtype),
        "trajectories": sampler.config,
        "training.accumulate": config.accumulate,
        "loss.reduction": loss.config.reduction,
    }


def _backward(network: torch.nn.Module, loss: torch.nn.Module, batch: VelocityBatch, config: TrainConfig) -> SICTerms:
    rollout = network(batch.distinct, batch.order)
    terms: SICTerms = loss(
        positions=batch.positions,
        velocities=batch.velocities,
        states=rollout.states,
        initial_state=rollout.initial_state,
    )
    # Networks do not touch each other's weights, so the sum's gradient is each one's own.
    (terms.total.sum() / config.accumulate).backward()  # type: ignore[no-untyped-call]
    return SICTerms(*(term.detach() for term in terms))


def _means(seen: Sequence[SICTerms]) -> dict[str, Tensor]:
    # The total last: where it is not finite, the term that did it is named first.
    names = ("separation", "invariance", "capacity", "conformal_isometry", "total")
    return {name: sum(getattr(terms, name) for terms in seen) / len(seen) for name in names}
