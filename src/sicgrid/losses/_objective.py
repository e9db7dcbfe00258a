"""What training minimizes, whatever it is made of: terms of a rollout, by name, and their weighted sum."""

import functools
import inspect
from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .._repr import brief
from .._settings import config_repr

RESERVED = ("total", "step", "gradient", "gradient_norm", "learning_rate")  # other numbers in a training record


class Objective(nn.Module, ABC):
    """Terms of a rollout and their weights. Its parameters, if it has any, are trained and saved with the network's.

    A subclass must define `terms`, whose arguments are the tensors that it needs, by name: ``positions`` (batch, time,
    2) in meters, ``velocities`` (batch, time, 2) in meters per step, ``states`` (batch, time, units), ``initial_state``
    (units,), and whatever else the sampler's batches hold. Called with all of these by name, an objective gives a named
    tuple: ``total``, the sum of weight times term, and the terms, unweighted.

    >>> import torch
    >>> class Activity(Objective):
    ...     def terms(self, states):
    ...         return {"activity": states.mean()}
    >>> Activity()(states=torch.ones(1, 2, 3), positions=torch.zeros(1, 2, 2))
    Terms(total=tensor(1.), activity=tensor(1.))
    """

    def __repr__(self) -> str:
        return config_repr(self, super().__repr__())

    @property
    def weights(self) -> Mapping[str, float]:
        """Of each term; 1 for one that is not named. A term of weight 0 is reported and does not enter the total.

        A weight of a term that `terms` did not return is refused.
        """
        return {}

    @abstractmethod
    def terms(self, *args: Any, **tensors: Any) -> Mapping[str, Float[Tensor, ""]]:
        """Unweighted terms by name, scalars that can be differentiated."""

    def forward(self, **tensors: Tensor) -> Any:
        """`total` and the terms, as a named tuple."""
        return weighted(call_by_name(self.terms, tensors), self.weights)


class CalledObjective(Objective):
    """Any callable as an objective, for training to treat all alike.

    It is called as `Objective.terms` is, with the tensors that its signature names, and may return a mapping of terms,
    each of weight 1 (or one with the ``total`` already in it), or one scalar.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function  # so that a module is registered, and its parameters with it

    def terms(self, **tensors: Tensor) -> Mapping[str, Any]:
        """What the callable returns, under names."""
        loss = call_by_name(self.function, tensors)
        if isinstance(loss, Tensor):
            return {"total": loss}
        terms = loss._asdict() if hasattr(loss, "_asdict") else loss
        if not isinstance(terms, Mapping):
            raise ValueError(f"a loss must return a tensor or a mapping of tensors by name, got {type(loss).__name__}")
        return dict(terms)

    def forward(self, **tensors: Tensor) -> Any:
        """`total` and the terms, as a named tuple."""
        terms = dict(self.terms(**tensors))
        if "total" in terms:
            return named(terms.pop("total"), terms)
        return weighted(terms, self.weights)


def as_objective(loss: Callable[..., Any]) -> Objective:
    """An `Objective` as it is, any other callable as a `CalledObjective`.

    Raises
    ------
    ValueError
        For what cannot be called.

    >>> import torch
    >>> objective = as_objective(lambda states: {"activity": states.mean(), "square": states.square().sum()})
    >>> objective(states=torch.ones(1, 2, 3), positions=torch.zeros(1, 2, 2))
    Terms(total=tensor(7.), activity=tensor(1.), square=tensor(6.))

    """
    if isinstance(loss, Objective):
        return loss
    if isinstance(loss, type) and issubclass(loss, nn.Module):
        raise ValueError(
            f"objective must be an Objective or callable, got the class {loss.__name__}; make one of it: "
            f"{loss.__name__}()"
        )
    if not callable(loss):
        raise ValueError(f"objective must be an Objective or callable, got {type(loss).__name__}")
    return CalledObjective(loss)


def weighted(terms: Mapping[str, Tensor], weights: Mapping[str, float | Tensor]) -> Any:
    """Named tuple of the total, sum of weight times term, and the terms; see `Objective.weights`.

    A weight may be a tensor, one number for each of many networks. ValueError where there is no term, or a weight is of
    none: misspelt, it would leave a term at 1.
    """
    if not terms:
        raise ValueError("terms must hold at least one term, got none")
    if of_none := weights.keys() - terms.keys():
        raise ValueError(f"weights names {sorted(of_none)[0]!r}, which is no term; terms are {', '.join(terms)}")
    total = torch.zeros_like(torch.as_tensor(next(iter(terms.values()))))
    for name, term in terms.items():
        weight = weights.get(name, 1.0)
        # A weight of 0 switches a term off entirely: 0 * inf would poison the total.
        if isinstance(weight, Tensor) or weight != 0:
            total = total + weight * term
    return named(total, terms)


def named(total: Tensor, terms: Mapping[str, Tensor]) -> Any:
    """Named tuple of the total and the terms, in this order; ValueError for a name or a value that cannot be one."""
    not_tensors = [name for name, term in terms.items() if not isinstance(term, Tensor)]
    if not_tensors:
        raise ValueError(f"terms must be tensors, got {not_tensors[0]} of type {type(terms[not_tensors[0]]).__name__}")
    reserved = sorted(terms.keys() & set(RESERVED))
    if reserved:
        raise ValueError(f"terms must have other names than {', '.join(RESERVED)}, got {', '.join(reserved)}")
    return terms_type(tuple(terms))(total, *terms.values())


@functools.cache
def terms_type(names: tuple[str, ...]) -> Any:
    """The named tuple of a total and terms of these names; ValueError for a name that is no identifier."""
    return brief(namedtuple("Terms", ("total", *names)))


def call_by_name(function: Callable[..., Any], offered: Mapping[str, Any]) -> Any:
    """Call a function with those of the offered arguments that its signature names; with all if it has ``**``.

    Raises
    ------
    ValueError
        If an argument without a default is not offered; it is named.

    >>> call_by_name(lambda states, scale=2: scale * states, {"states": 3, "positions": 4})
    6

    """
    target = function.forward if isinstance(function, nn.Module) else function
    wanted = _asked_for(getattr(target, "__func__", target), hasattr(target, "__func__"))
    if wanted is None:
        return function(**offered)
    missing = [name for name, needed in wanted.items() if needed and name not in offered]
    if missing:
        raise ValueError(f"the loss asks for {', '.join(missing)}, and there is {', '.join(offered)}")
    return function(**{name: offered[name] for name in wanted if name in offered})


@functools.cache
def _asked_for(function: Callable[..., Any], bound: bool) -> dict[str, bool] | None:
    """Argument -> whether it is required; None for a function that takes any. Cached, since every step calls this."""
    parameters = list(inspect.signature(function).parameters.values())[bound:]
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return {parameter.name: parameter.default is parameter.empty for parameter in parameters}
