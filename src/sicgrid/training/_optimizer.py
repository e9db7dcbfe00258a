"""AdamW and its learning rate."""

import math
from collections.abc import Iterable

import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from ._config import TrainConfig


def make_optimizer(modules: Iterable[nn.Module], config: TrainConfig) -> torch.optim.AdamW:
    """AdamW over the trainable parameters of all modules, each once; one fused pass over the weights.

    The learning rate is a tensor on their device, where the training loop sets it; CUDA's kernel takes only float32.
    """
    trainable = (parameter for module in modules for parameter in module.parameters() if parameter.requires_grad)
    parameters = list(dict.fromkeys(trainable))  # an objective may hold the network, or a part of it
    if not parameters:
        raise ValueError("neither the network nor the objective has a parameter that could be trained")
    device = parameters[0].device
    gpu = device.type == "cuda"
    rate = torch.tensor(config.learning_rate, dtype=torch.float32 if gpu else torch.float64, device=device)
    return torch.optim.AdamW(
        parameters, lr=rate, betas=config.betas, weight_decay=config.weight_decay, fused=True, capturable=gpu
    )


def make_plateau(optimizer: torch.optim.Optimizer, config: TrainConfig) -> ReduceLROnPlateau | None:
    """The plateau schedule, or None for the schedules that `scheduled_rate` knows in closed form."""
    if config.schedule != "plateau":
        return None
    return ReduceLROnPlateau(optimizer, factor=config.plateau_factor, patience=config.plateau_patience)


def scheduled_rate(config: TrainConfig, step: int, ends_at: int) -> float | None:
    """Learning rate of step `step` (from 0): linear warm-up, then constant or a half cosine that is 0 at `ends_at`.

    With `training.stop` it is constant until that cosine begins. None where the plateau schedule is in charge.
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    if config.schedule == "plateau":
        return config.learning_rate if step == config.warmup_steps else None
    if config.schedule == "constant":
        return config.learning_rate
    begins_at = config.fall_from(ends_at)
    progress = (step - begins_at) / max(ends_at - begins_at, 1)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))
