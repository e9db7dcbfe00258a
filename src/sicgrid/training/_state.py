"""Everything that training changes, in one object."""

from collections.abc import Callable, Collection
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..losses import as_objective
from ..model import Network
from ._config import TrainConfig
from ._optimizer import make_optimizer, make_plateau


class TrainState:
    """Network, what the objective has learned, optimizer, schedule, random generator and step count.

    ``load(arrays(), meta())`` into a fresh state continues as if never interrupted, bit for bit on the same machine
    and number of threads. `arrays` are tensors, `meta` plain JSON values: neither needs pickle.

    >>> from sicgrid import VelocityRNN
    >>> state = TrainState.start(VelocityRNN(units=8, hidden=4), TrainConfig(), seed=3)
    >>> state.step, sorted(state.arrays())[:2]
    (0, ['generator', 'rnn.start'])
    """

    def __init__(self, rnn: Network, config: TrainConfig, seed: int, objective: nn.Module | None = None) -> None:
        self.rnn = rnn
        self.objective = nn.Module() if objective is None else objective
        self.step = 0
        self.ends_at: int | None = None
        """The step that training ends with, where `training.stop` has brought it nearer."""
        self.optimizer = make_optimizer((rnn, self.objective), config)
        self.plateau = make_plateau(self.optimizer, config)
        self.window_loss = 0.0
        """Sum of the losses since the last reading of their mean, for the plateau schedule or `training.stop`."""
        self.last_reading: float | None = None
        """That mean, for `training.stop`."""
        self.generator = torch.Generator(device=rnn.device).manual_seed(seed)

    def __repr__(self) -> str:
        return f"TrainState at step {self.step:,} of {self.rnn!r}"

    @classmethod
    def start(
        cls, rnn: Network, config: TrainConfig, seed: int = 0, objective: Callable[..., Any] | None = None
    ) -> "TrainState":
        """The state before the first step; `seed` decides all batches.

        `objective` is what `train` will be given, needed where it has parameters: they are optimized and saved too, and
        so are its buffers.

        Raises
        ------
        ValueError
            Where windows do not suit the network (wider than it, or of several populations), or where the objective's
            parameters are not on the network's device.

        """
        if config.window:
            units = rnn.initial_state.shape[-1]
            if config.window > units:
                raise ValueError(f"training.window must be at most the number of units, {units}, got {config.window}")
            if rnn.window_refusal:
                raise ValueError(f"training.window {rnn.window_refusal}, got {config.window}")
        module = None if objective is None else as_objective(objective)
        elsewhere = (
            {str(parameter.device) for parameter in module.parameters()} - {str(rnn.device)} if module else set()
        )
        if elsewhere:
            raise ValueError(
                f"the objective's parameters must be on the network's device, {rnn.device}, got {', '.join(elsewhere)}"
            )
        return cls(rnn, config, seed, module)

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All that are optimized: the network's, then the objective's."""
        return list(self.optimizer.param_groups[0]["params"])

    def arrays(self) -> dict[str, Tensor]:
        """All tensors of the state, by name, sharing memory with it."""
        arrays = self._learned()
        for index, slots in self.optimizer.state_dict()["state"].items():
            arrays |= {f"optimiser.{index}.{slot}": tensor for slot, tensor in slots.items()}
        arrays["generator"] = self.generator.get_state()
        return arrays

    def meta(self) -> dict[str, Any]:
        """All numbers of the state, as JSON values."""
        return {
            "step": self.step,
            "learning_rate": self.learning_rate,
            "window_loss": self.window_loss,
            "last_reading": self.last_reading,
            "ends_at": self.ends_at,
            "plateau": _plain(self.plateau.state_dict()) if self.plateau else None,
        }

    def load(self, arrays: dict[str, Tensor], meta: dict[str, Any]) -> None:
        """Take over a saved state.

        Raises
        ------
        ValueError
            If it is not of this network and schedule; nothing is changed then.

        """
        expected = {name: tuple(tensor.shape) for name, tensor in self._learned().items()}
        stored = {name: tuple(tensor.shape) for name, tensor in arrays.items() if name != "generator"}
        if meta["step"] > 0:
            expected |= self._optimizer_shapes(stored)
        wrong = sorted(name for name in expected.keys() | stored.keys() if expected.get(name) != stored.get(name))
        if wrong or "generator" not in arrays or (meta["plateau"] is None) != (self.plateau is None):
            reason = ", ".join(wrong) or "generator or schedule"
            raise ValueError(f"the saved state is not of this network and schedule: {reason} do not fit")
        slots = {name: tensor for name, tensor in arrays.items() if name.startswith("optimiser.")}
        for prefix, module in self._modules():
            module.load_state_dict({name: arrays[prefix + name] for name in module.state_dict()})
        packed = self.optimizer.state_dict()
        packed["state"] = {}
        for name, tensor in slots.items():
            _, index, slot = name.split(".")
            packed["state"].setdefault(int(index), {})[slot] = tensor.clone()
        self.optimizer.load_state_dict(packed)
        self.take_learning_rate(torch.tensor(meta["learning_rate"], dtype=torch.float64))
        if self.plateau:
            self.plateau.load_state_dict(meta["plateau"])
        self.step, self.window_loss = meta["step"], meta["window_loss"]
        # Missing in states that were saved before there was an early end.
        self.last_reading, self.ends_at = meta.get("last_reading"), meta.get("ends_at")
        self.generator.set_state(arrays["generator"])

    @property
    def learning_rate(self) -> float:
        """The rate of the last step, or of the next where the plateau schedule has changed it since."""
        return float(self.optimizer.param_groups[0]["lr"])

    def take_learning_rate(self, rate: Float[Tensor, ""]) -> None:
        """Set the rate of all parameters, on the device."""
        for group in self.optimizer.param_groups:
            group["lr"].copy_(rate)

    def _modules(self) -> list[tuple[str, nn.Module]]:
        """What learns, by the prefix of its tensors' names; of the network `sicgrid.storage.NETWORK`."""
        return [("rnn.", self.rnn), ("objective.", self.objective)]

    def _learned(self) -> dict[str, Tensor]:
        """Parameters and buffers of all modules, under the names that they are saved by."""
        return {
            prefix + name: tensor for prefix, module in self._modules() for name, tensor in module.state_dict().items()
        }

    def _optimizer_shapes(self, stored: Collection[str]) -> dict[str, tuple[int, ...]]:
        """Shapes of what AdamW holds for each parameter that has had a gradient, under the names they are saved by."""
        shapes: dict[str, tuple[int, ...]] = {}
        for index, parameter in enumerate(self.parameters):
            moments = dict.fromkeys(("exp_avg", "exp_avg_sq"), tuple(parameter.shape))
            slots = {f"optimiser.{index}.{slot}": shape for slot, shape in {"step": (), **moments}.items()}
            # AdamW holds nothing for a parameter that no term has used so far.
            shapes |= slots if slots.keys() & set(stored) else {}
        return shapes


def _plain(numbers: dict[str, Any]) -> dict[str, Any]:
    """State of the plateau schedule with its learning rates as floats instead of tensors."""
    return numbers | {"_last_lr": [float(rate) for rate in numbers["_last_lr"]]}
