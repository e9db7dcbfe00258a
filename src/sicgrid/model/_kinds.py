"""The kinds of networks, and which kind given settings ask for."""

from collections.abc import Callable
from typing import NamedTuple

from ._config import ABOUT_PLACES, ABOUT_POPULATIONS, ModelConfig
from ._network import Network
from ._populations import PopulationRNN
from ._ring import RingRNN
from ._rnn import VelocityRNN


class Kind(NamedTuple):
    """One kind of network: when it is asked for, how it is made, and why several of it are not trained as one stack."""

    asked_for: Callable[[ModelConfig], bool]
    make: Callable[..., Network]
    """Of settings, and ``kernels`` by name."""
    stack_refusal: Callable[[ModelConfig], str] | None
    """What networks would have to be to be trained as one stack, naming the setting; None for a kind that can be."""


_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def _plain(config: ModelConfig, *, kernels: str) -> VelocityRNN:
    return VelocityRNN(**config.model_dump(exclude=ABOUT_POPULATIONS | ABOUT_PLACES), kernels=kernels)


KINDS = (
    Kind(
        lambda config: config.populations > 1,
        PopulationRNN,
        lambda config: f"networks of one population, and model.populations is {config.populations}",
    ),
    Kind(
        lambda config: config.local,
        RingRNN,
        lambda _: "networks without local couplings or norm (model.coupling_range and model.norm_range 0)",
    ),
    Kind(lambda _: True, _plain, None),
)
"""In order: the first kind whose `asked_for` is true is made."""


def make_network(config: ModelConfig, *, kernels: str = "auto") -> Network:
    """The network of these settings: `VelocityRNN`, `PopulationRNN` of several populations or `RingRNN` of places.

    >>> [type(make_network(ModelConfig(units=8, hidden=4, **kind))).__name__ for kind in ({}, {"populations": 2})]
    ['VelocityRNN', 'PopulationRNN']
    """
    return _kind(config).make(config, kernels=kernels)


def is_of_ours(network: Network) -> bool:
    """Whether a network is as `make_network` makes them, and no variant, whose steps may do what they like.

    A variant is a class of one's own, for the network or any part of it, a parametrization, or a hook.

    >>> network = make_network(ModelConfig(units=8, hidden=4))
    >>> is_of_ours(network)
    True
    >>> hook = network.transition.register_forward_hook(lambda *_: None)
    >>> is_of_ours(network)
    False
    """
    if type(network) not in (VelocityRNN, PopulationRNN, RingRNN):
        return False
    return all(
        type(part).__module__.startswith(("sicgrid.model.", "torch.nn.modules."))
        and not any(getattr(part, hooks) for hooks in _HOOKS)
        for part in network.modules()
    )


def stack_refusal(config: ModelConfig) -> str | None:
    """Why networks of these settings cannot be stacked (`RNNStack`), naming the setting; None if they can.

    >>> stack_refusal(ModelConfig(populations=2))
    'networks of one population, and model.populations is 2'
    """
    kind = _kind(config)
    return None if kind.stack_refusal is None else kind.stack_refusal(config)


def _kind(config: ModelConfig) -> Kind:
    return next(kind for kind in KINDS if kind.asked_for(config))
