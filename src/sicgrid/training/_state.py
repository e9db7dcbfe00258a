"""Everything that training changes, in one object."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..model import Network
from ._config import TrainConfig
from ._optimiser import make_optimiser, make_plateau


class TrainState:
    """Network, optimiser, schedule, random generator and step count.

    ``load(arrays(), meta())`` into a fresh state continues as if never interrupted, bit for bit on the same machine
    and number of threads. `arrays` are tensors, `meta` plain JSON values: neither needs pickle.
    """

    def __init__(self, rnn: Network, config: TrainConfig, seed: int) -> None:
        self.rnn = rnn
        self.step = 0
        self.optimiser = make_optimiser(rnn, config)
        self.plateau = make_plateau(self.optimiser, config)
        self.window_loss = 0.0
        """Sum of the losses since the plateau schedule was last told one."""
        self.generator = torch.Generator(device=rnn.device).manual_seed(seed)

    @classmethod
    def start(cls, rnn: Network, config: TrainConfig, seed: int = 0) -> "TrainState":
        """The state before the first step; `seed` decides all batches.

        ValueError where windows do not suit the network: wider than it, or of several populations.
        """
        units, populations = rnn.config.units, rnn.config.populations
        if config.window > units:
            raise ValueError(f"training.window must be at most the number of units, {units}, got {config.window}")
        if config.window and populations > 1:
            raise ValueError(f"training.window must be 0 with several populations ({populations}), got {config.window}")
        return cls(rnn, config, seed)

    def arrays(self) -> dict[str, Tensor]:
        """All tensors of the state, by name, sharing memory with it."""
        arrays = {f"rnn.{name}": tensor for name, tensor in self.rnn.state_dict().items()}
        for index, slots in self.optimiser.state_dict()["state"].items():
            arrays |= {f"optimiser.{index}.{slot}": tensor for slot, tensor in slots.items()}
        arrays["generator"] = self.generator.get_state()
        return arrays

    def meta(self) -> dict[str, Any]:
        """All numbers of the state, as JSON values."""
        return {
            "step": self.step,
            "learning_rate": self.learning_rate,
            "window_loss": self.window_loss,
            "plateau": _plain(self.plateau.state_dict()) if self.plateau else None,
        }

    def load(self, arrays: dict[str, Tensor], meta: dict[str, Any]) -> None:
        """Take over a saved state. ValueError, and nothing changed, when its names or shapes are not this network's."""
        own = {f"rnn.{name}": tuple(tensor.shape) for name, tensor in self.rnn.state_dict().items()}
        if meta["step"] > 0:
            own |= self._optimiser_shapes()
        found = {name: tuple(tensor.shape) for name, tensor in arrays.items() if name != "generator"}
        wrong = sorted(name for name in own.keys() | found.keys() if own.get(name) != found.get(name))
        if wrong or "generator" not in arrays or (meta["plateau"] is None) != (self.plateau is None):
            reason = ", ".join(wrong) or "generator or schedule"
            raise ValueError(f"the saved state is not of this network and schedule: {reason} do not fit")
        saved = {name: tensor for name, tensor in arrays.items() if name.startswith("rnn.")}
        slots = {name: tensor for name, tensor in arrays.items() if name.startswith("optimiser.")}
        self.rnn.load_state_dict({name.removeprefix("rnn."): tensor for name, tensor in saved.items()})
        packed = self.optimiser.state_dict()
        packed["state"] = {}
        for name, tensor in slots.items():
            _, index, slot = name.split(".")
            packed["state"].setdefault(int(index), {})[slot] = tensor.clone()
        self.optimiser.load_state_dict(packed)
        self.take_learning_rate(torch.tensor(meta["learning_rate"], dtype=torch.float64))
        if self.plateau:
            self.plateau.load_state_dict(meta["plateau"])
        self.step, self.window_loss = meta["step"], meta["window_loss"]
        self.generator.set_state(arrays["generator"])

    @property
    def learning_rate(self) -> float:
        """The rate of the last step, or of the next where the plateau schedule has changed it since."""
        return float(self.optimiser.param_groups[0]["lr"])

    def take_learning_rate(self, rate: Float[Tensor, ""]) -> None:
        """Set the rate of all parameters, on the device."""
        for group in self.optimiser.param_groups:
            group["lr"].copy_(rate)

    def _optimiser_shapes(self) -> dict[str, tuple[int, ...]]:
        """What AdamW keeps for each of its parameters once it has made a step."""
        shapes: dict[str, tuple[int, ...]] = {}
        for index, parameter in enumerate(self.optimiser.param_groups[0]["params"]):
            moments = dict.fromkeys(("exp_avg", "exp_avg_sq"), tuple(parameter.shape))
            shapes |= {f"optimiser.{index}.{slot}": shape for slot, shape in {"step": (), **moments}.items()}
        return shapes


def _plain(numbers: dict[str, Any]) -> dict[str, Any]:
    """The plateau schedule's numbers, the learning rates among them no longer as tensors."""
    return numbers | {"_last_lr": [float(rate) for rate in numbers["_last_lr"]]}
