"""What a baseline is: where it comes from, what was put into it, and how one is made of a seed and settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Shaped
from pydantic import BaseModel

from .._repr import brief

Weights = Mapping[str, Shaped[np.ndarray, "..."]]
"""All that is drawn or learned, by name; plain arrays, so that any baseline can be kept in one safetensors file."""

Progress = Callable[[int, int, float], None]
"""Called as progress(done, total, loss) during training; the loss is NaN where there is none to speak of."""

Family = Literal["coding theory", "dynamical systems", "optimization", "supervised", "chance"]


def is_seed(value: object) -> bool:
    """Whether it can be a seed, as settings have it: a whole number from 0 on, below 2**63.

    >>> is_seed(3), is_seed(-1), is_seed(1.5), is_seed(True)
    (True, False, False, False)

    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= int(value) < 2**63


@brief
@dataclass(frozen=True)
class Network:
    """Units whose state is updated by displacements, from an initial state; numpy in, numpy out."""

    step: Callable[[Float[np.ndarray, "batch unit"], Float[np.ndarray, "batch 2"]], Float[np.ndarray, "batch unit"]]
    """step(states, displacements in meters) -> states."""
    initial_state: Float[np.ndarray, " unit"]
    """The state at position 0."""

    def walk(self, displacements: Float[np.ndarray, "animal time 2"]) -> Float[np.ndarray, "animal time unit"]:
        """The states after each step of many animals, all from `initial_state`."""
        animals, steps, _ = displacements.shape
        state = np.repeat(self.initial_state[None], animals, axis=0)
        states = np.empty((animals, steps, state.shape[1]), dtype=np.float32)
        for step in range(steps):
            state = self.step(state, displacements[:, step])
            states[:, step] = state
        return states


@brief
@dataclass(frozen=True)
class Code:
    """Units whose activity is a function of the place alone: nothing is integrated, so nothing can drift."""

    code: Callable[[Float[np.ndarray, "place 2"]], Float[np.ndarray, "place unit"]]
    """code(positions in meters, the origin at the box's center) -> activity."""


@brief
@dataclass(frozen=True)
class Baseline:
    """One model of the literature, or a control.

    Its weights come from `fit(settings, seed, progress)`: drawn at once for a designed model, trained for a learned
    one. `build(settings, weights)` makes a `Network` or a `Code` of them.
    """

    name: str
    """For the command line."""
    family: Family
    title: str
    citation: str
    put_in_by_hand: str
    """Everything that the model did not have to find by itself, to be weighed against the outcome."""
    published: str
    """The outcome that its authors report, or that is known."""
    config: type[BaseModel]
    fit: Callable[[Any, int, Progress | None], Weights]
    build: Callable[[Any, Weights], Network | Code]
    trained: bool = False
    """Whether `fit` takes minutes."""
    walks_with: tuple[str, ...] = ()
    """Prefixes of the names of the weights that `build` needs, if not all: no step needs the readouts."""

    def make(
        self,
        seed: int = 0,
        settings: BaseModel | None = None,
        *,
        weights: Weights | None = None,
        progress: Progress | None = None,
    ) -> Network | Code:
        """The model of a seed; with `weights` of an earlier `fit` nothing is drawn or trained.

        Raises
        ------
        ValueError
            For a seed that is negative or no whole number below 2**63, for settings of another model, or for weights
            that are not those of this one.

        >>> from sicgrid.baselines import baseline
        >>> import numpy as np
        >>> baseline("residue").make(seed=1).code(np.zeros((5, 2))).shape
        (5, 96)

        """
        settings = self.config() if settings is None else settings
        if not isinstance(settings, self.config):
            raise ValueError(f"settings must be a {self.config.__name__}, got a {type(settings).__name__}")
        if not is_seed(seed):
            raise ValueError(f"seed must be 0 or more, a whole number below 2**63, got {seed!r}")
        if weights is None:
            weights = self.fit(settings, seed, progress)
        try:
            return self.build(settings, weights)
        except KeyError as missing:
            raise ValueError(f"weights must be those of {self.name}; they hold no {missing}") from None
