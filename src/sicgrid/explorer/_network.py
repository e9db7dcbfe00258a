"""A network as the page runs it: what kind, and its weights in eight bits."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from ..model import Network, PopulationRNN, RingRNN, VelocityRNN
from ..storage import UserError
from ._packing import fitted

Described = tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]

SMALL = 4096  # numbers; smaller matrices, and all vectors, stay float32: they cost nothing
VELOCITIES = 41  # along each axis, at which large layers are fitted
BEYOND = 1.5  # the largest of them, in units of the training's max_speed: the page's velocity gain goes as far


def describe_network(network: Network, max_speed: float) -> Described:
    """What the page must know of a network, as JSON, and its arrays.

    A population is its MLP, layer by layer, with the number of its units; of units that have places also the band, the
    sheet and the range of the norm. Weights of large matrices are rounded to eight bits, a scale a row, so that W(v)
    stays as it is for velocities around the training's ``max_speed`` (meters per step, each axis).

    Raises
    ------
    UserError
        For a network that is not one of this package's kinds: the page has its own arithmetic, and knows only theirs.

    """
    if isinstance(network, PopulationRNN):
        members = [member for member in network.populations if isinstance(member, VelocityRNN)]
    elif isinstance(network, VelocityRNN | RingRNN):
        members = [network]  # type: ignore[list-item]
    else:
        raise UserError(
            f"a page cannot run a {type(network).__name__}; it knows VelocityRNN, PopulationRNN and RingRNN"
        )
    arrays: dict[str, Shaped[np.ndarray, ...]] = {}
    populations = [_population(member, f"p{index}", arrays, max_speed) for index, member in enumerate(members)]
    return {"populations": populations}, arrays


def _population(
    member: VelocityRNN | RingRNN, name: str, arrays: dict[str, Shaped[np.ndarray, "..."]], max_speed: float
) -> dict[str, Any]:
    config = member.config
    arrays[f"{name}.start"] = _numbers(member.start)
    layers = [(at, layer) for at, layer in enumerate(member.transition.mlp) if isinstance(layer, nn.Linear)]
    for index, (at, layer) in enumerate(layers):
        weight, bias = _numbers(layer.weight), _numbers(layer.bias)
        if weight.size > SMALL:
            eight_bit, bias = fitted(weight, bias, _inputs(member, at, max_speed))
            arrays[f"{name}.weight{index}"], arrays[f"{name}.scale{index}"] = eight_bit.values, eight_bit.scale
        else:
            arrays[f"{name}.weight{index}"] = weight
        arrays[f"{name}.bias{index}"] = bias
    local = isinstance(member, RingRNN)
    return {
        "units": config.units,
        "layers": len(layers),
        "activation": config.activation,
        "velocity_scale": config.velocity_scale,
        # 0: a whole matrix; else the entries of a band that leads so many places down and up.
        "reach": member.transition.reach if isinstance(member, RingRNN) else 0,
        "width": member.transition.width if isinstance(member, RingRNN) else 0,
        "norm_range": config.norm_range if local else 0.0,
        "sheet": config.sheet if local else "ring",
    }


@torch.no_grad()
def _inputs(member: VelocityRNN | RingRNN, layer: int, max_speed: float) -> Float[np.ndarray, "velocity columns"]:
    """Inputs of this layer of the MLP at velocities on a grid over all that the page can ask for."""
    along = torch.linspace(-BEYOND * max_speed, BEYOND * max_speed, VELOCITIES)
    velocities = torch.cartesian_prod(along, along).to(member.start) / member.config.velocity_scale
    return _numbers(member.transition.mlp[:layer](velocities))


def _numbers(tensor: Tensor) -> Float[np.ndarray, "..."]:
    # A copy: the network may be given other weights before the page is written.
    return np.array(tensor.detach().cpu().float().numpy())
