"""Chance: a network with the weights of another, shuffled.

Within each tensor of weights the entries change places at random, so that every layer keeps its distribution of weights
and loses what they had learned. The network of the same sizes then walks as the trained one does, and whatever its maps
show comes from the architecture: an MLP that makes W(v), NormReLU, and the walk's own statistics.

`fit` starts from a network as `VelocityRNN` draws it. `shuffled_weights` takes any other, a trained one: the fairer
control, since training widens the weights. (This room cannot import the bundled networks; the caller passes one.)
"""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from pydantic import Field

from .._settings import Settings
from ._baseline import Baseline, Network, Progress, Weights

if TYPE_CHECKING:  # torch is loaded when a network is wanted
    from ..model import VelocityRNN


class ShuffledConfig(Settings):
    """Sizes of the network that is drawn where none is given; the defaults are those of the preset `quick`."""

    units: int = Field(128, ge=1, description="Units. Source: paper (128).")
    hidden: int = Field(64, ge=1, description="Width of the MLP's hidden layers. Source: ours (quick).")
    layers: int = Field(3, ge=1, description="Linear layers of the MLP. Source: paper (3).")
    velocity_scale: float = Field(
        0.15,
        gt=0,
        allow_inf_nan=False,
        description="The MLP sees v / velocity_scale, m per step. Source: ours (quick).",
    )
    activation: str = Field("silu", description="Nonlinearity of the MLP. Source: ours (quick).")


def shuffled_weights(weights: Weights, seed: int) -> Weights:
    """The weights of any network by name, the entries of each tensor in another order.

    >>> import numpy as np
    >>> sorted(shuffled_weights({"w": np.array([3.0, 1.0, 2.0])}, seed=0)["w"].tolist())
    [1.0, 2.0, 3.0]
    """
    generator = np.random.default_rng(seed)
    return {name: generator.permuted(array.ravel()).reshape(array.shape) for name, array in weights.items()}


def _fit(config: ShuffledConfig, seed: int, progress: Progress | None = None) -> Weights:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        state = _network(config).state_dict()
    return shuffled_weights({name: tensor.numpy() for name, tensor in state.items()}, seed)


def _network(config: ShuffledConfig) -> "VelocityRNN":
    from ..model import VelocityRNN

    return VelocityRNN(**config.model_dump(), initialization="identity")


def _build(config: ShuffledConfig, weights: Weights) -> Network:
    import torch

    rnn = _network(config)
    if set(weights) != set(rnn.state_dict()):
        raise KeyError(next(iter(set(rnn.state_dict()) ^ set(weights))))
    rnn.load_state_dict({name: torch.from_numpy(np.asarray(array)) for name, array in weights.items()})

    @torch.no_grad()
    def step(
        states: Float[np.ndarray, "batch unit"], displacements: Float[np.ndarray, "batch 2"]
    ) -> Float[np.ndarray, "batch unit"]:
        velocity = torch.from_numpy(np.asarray(displacements, dtype=np.float32))
        return np.asarray(rnn.step(torch.from_numpy(np.asarray(states, dtype=np.float32)), velocity).numpy())

    return Network(step, rnn.initial_state.detach().numpy())


SHUFFLED = Baseline(
    name="shuffled",
    family="chance",
    title="Shuffled weights",
    citation="ours",
    put_in_by_hand="the architecture, and the distribution of the weights",
    published="no grid cells beyond chance, no modules, no torus, no path integration",
    config=ShuffledConfig,
    fit=_fit,
    build=_build,
)
