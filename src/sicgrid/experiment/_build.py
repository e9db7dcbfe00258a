"""From settings to objects: a network, its loss, the sampler of its trajectories, and its training state."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch

from ..kernels import choose, leave_threads, use_threads
from ..losses import SICLoss
from ..model import Network, make_network
from ..storage import Checkpoint, UserError, network_arrays
from ..training import TrainState, refuse_growth, refuse_idle_stop
from ..trajectories import PermutedVelocities
from ._config import RunConfig

_NO_ROOM = ("memory", "overflow")  # in the messages of torch, which has no error of its own for it


class Trained(NamedTuple):
    """A network, its loss and its sampler: all that walking and judging need, without a training state."""

    rnn: Network
    loss: SICLoss
    sampler: PermutedVelocities


class Built(NamedTuple):
    """What a run is made of, built from its settings."""

    rnn: Network
    loss: SICLoss
    sampler: PermutedVelocities
    state: TrainState


def walking_device(config: RunConfig) -> str:
    """The device on which a trained network walks: a GPU only if ``config.device`` is "cuda".

    Raises
    ------
    UserError
        If it is and there is none.

    """
    if config.device == "cuda" and not torch.cuda.is_available():
        raise UserError("device='cuda' needs an NVIDIA GPU and a CUDA build of PyTorch, and none is seen; use 'cpu'")
    return "cuda" if config.device == "cuda" else "cpu"


def walking_kernels(config: RunConfig) -> str:
    """Kernels with which a trained network walks: those asked for, or "auto" if they run on another device.

    A network that was trained by the GPU's kernels walks on CPUs, too: kernels are equal up to rounding.
    """
    try:
        choose(walking_device(config), config.kernels)
    except ValueError:
        return "auto"
    return config.kernels


def build(config: RunConfig, checkpoint: Checkpoint | None, device: str | None = None) -> Built:
    """The network and its training state, as new or as in a checkpoint; by default on its `walking_device`.

    Raises
    ------
    UserError
        If the settings do not fit together or ask for threads or a GPU that this machine lacks, or the checkpoint does
        not fit the run.

    """
    rnn, loss, sampler = _untrained(config, device)
    try:
        refuse_growth(sampler, config.training)
        refuse_idle_stop(config.training)
        state = TrainState.start(rnn, config.training, config.seed, loss)
    except ValueError as error:
        raise UserError(f"the settings do not fit together: {error}") from None
    if checkpoint is not None:
        arrays = {name: torch.from_numpy(array) for name, array in checkpoint.arrays.items()}
        try:
            state.load(arrays, checkpoint.meta)
        except (ValueError, KeyError) as error:
            raise UserError(f"the checkpoint of step {checkpoint.step} does not fit the run: {error}") from None
    return Built(rnn, loss, sampler, state)


def trained(config: RunConfig, checkpoint: Checkpoint) -> Trained:
    """The network of a checkpoint, to walk and to be judged.

    Raises
    ------
    UserError
        If its weights are not of these settings, or these do not serve here, as in `build`.

    """
    return with_weights(
        config, network_arrays(checkpoint.arrays), f"the weights of the checkpoint of step {checkpoint.step}"
    )


def with_weights(config: RunConfig, weights: Mapping[str, np.ndarray], whose: str) -> Trained:
    """The network of these settings with these weights, without a training state (importing optimizers takes a second).

    Raises
    ------
    UserError
        If their names or shapes are not the network's (the line begins with ``whose``), or the settings do not serve
        here, as in `build`.

    """
    built = _untrained(config)
    take_weights(built.rnn, weights, whose)
    return built


def take_weights(rnn: Network, weights: Mapping[str, np.ndarray], whose: str) -> None:
    """Load weights into a network.

    Raises
    ------
    UserError
        If their names or shapes are not its own; the line begins with ``whose``.

    """
    expected = {name: tuple(tensor.shape) for name, tensor in rnn.state_dict().items()}
    shapes = {name: tuple(array.shape) for name, array in weights.items()}
    if wrong := sorted(name for name in expected.keys() | shapes.keys() if expected.get(name) != shapes.get(name)):
        raise UserError(f"{whose} are not of this run's settings: {', '.join(wrong)} do not fit")
    rnn.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in weights.items()})


def set_threads(threads: int) -> int:
    """Use as many threads as a setting says, 0: as many as suit the work; return the most there can be."""
    return use_threads(threads, by_setting=True) if threads else leave_threads()


def _untrained(config: RunConfig, device: str | None = None) -> Trained:
    try:
        set_threads(config.threads)
        if device is not None:
            choose(device, config.kernels)
    except ValueError as error:
        raise UserError(str(error)) from None
    kernels = config.kernels if device is not None else walking_kernels(config)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            rnn = _drawn(config, kernels)
        rnn.to(device or walking_device(config))  # drawn on the cpu: the same start on every device
        loss = SICLoss(**config.loss.model_dump(), kernels=kernels)
        return Trained(rnn, loss, PermutedVelocities(**config.trajectories.model_dump()))
    except ValueError as error:
        raise UserError(f"the settings do not fit together: {error}") from None


def _drawn(config: RunConfig, kernels: str) -> Network:
    try:
        return make_network(config.model, kernels=kernels)
    except (MemoryError, RuntimeError, TypeError) as error:  # more weights than have room, or than torch can count
        if not isinstance(error, MemoryError) and not any(word in str(error).lower() for word in _NO_ROOM):
            raise
        raise UserError(
            f"the weights of a network of {config.model.units:,} units do not fit into memory; take fewer model.units"
        ) from None
