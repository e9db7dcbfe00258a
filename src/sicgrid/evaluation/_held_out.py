"""The loss on batches that training has not seen."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..losses import as_objective, call_by_name
from ..model import Network, Rollout
from ..trajectories import Sampler, network_inputs

STREAM = 0x68656C64  # separates these batches from a training run of the same seed


@torch.no_grad()
def held_out_loss(
    rnn: Network, loss: Callable[..., Any], sampler: Sampler, batches: int, seed: int
) -> dict[str, float]:
    """Mean of the loss and of each of its terms over freshly drawn batches.

    Parameters
    ----------
    rnn, loss, sampler
        As in training; another sampler (a longer T, no permutation) asks how the code generalizes.
    batches
        Number of batches, at least 1. One step's loss scatters by the draw of its T velocities, so take 10 or more.
    seed
        Determines the batches; they differ from those that training draws with the same seed.

    Returns
    -------
    dict
        ``total`` and the terms by name, for `SICLoss` those of `sicgrid.losses.TERMS`; the terms unweighted.

    Raises
    ------
    ValueError
        If ``batches`` is less than 1 or ``seed`` negative.

    """
    if batches < 1:
        raise ValueError(f"batches must be 1 or more, got {batches}")
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed}")
    device = rnn.device
    generator = torch.Generator(device=device)
    generator.manual_seed(int(np.random.SeedSequence((seed, STREAM)).generate_state(1)[0]))
    objective = as_objective(loss)
    sums: dict[str, float] = {}
    for _ in range(batches):
        batch = sampler.sample(generator)
        rollout: Rollout = rnn(*network_inputs(batch))
        terms = call_by_name(objective, {**batch._asdict(), **rollout._asdict()})
        for name, value in terms._asdict().items():
            sums[name] = sums.get(name, 0.0) + float(value)
    return {name: value / batches for name, value in sums.items()}
