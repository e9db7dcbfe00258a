"""Do modules come on a ring of densely coupled units, if couplings cost more the farther they reach (C1b)?

.venv/bin/python studies/wiring.py --costs 0.003 0.01 --boxes 4

The preset `emergent` with all units coupled (`model.coupling_range=0`), where all share one lattice, and a wiring cost
beside the loss of windows: `cost` times the sum over a unit's couplings of their size |M_ij(v)| times their length, as
a share of half the ring, averaged over units and velocities. So what the preset cuts off has to be given up. A row for
each network: its independent modules of 8 units and more, the share of the couplings' size within 8 places to either
side, which is all of the preset's band, and the mean length of a coupling in places, each weighed by its size.
Results: docs/lab_log.md.
"""

import numpy as np
import torch
from torch import Tensor

from boxes import UNITS, count, share_in_modules
from sicgrid.losses import Objective
from sicgrid.model import RingRNN, Rollout
from sicgrid.training import random_windows
from trained import Trained, study_parser
from windowed import mean_terms, trained_by

BAND = 8  # places to either side in the preset


class CostlyWiring(Objective):
    """The mean of a loss over two windows of neighbors, and what the couplings cost."""

    def __init__(self, loss: Objective, network: RingRNN, width: int, cost: float, seed: int) -> None:
        super().__init__()
        self.loss, self.width, self.cost = loss, width, cost
        self.couplings = [network.transition]  # in a list: its weights are the network's, not the objective's
        self.lengths = lengths(network.config.units)
        self.generator = torch.Generator().manual_seed(seed)

    @property
    def weights(self):
        return {**self.loss.weights, "wiring": self.cost}

    def terms(self, positions: Tensor, velocities: Tensor, states: Tensor, initial_state: Tensor) -> dict[str, Tensor]:
        windows = random_windows(Rollout(states, initial_state), self.width, line=False, generator=self.generator)
        parts = [self.loss.terms(positions=positions, velocities=velocities, **window._asdict()) for window in windows]
        means = mean_terms(parts)
        # All trajectories are permutations of the same velocities: those of one are all.
        sizes = self.couplings[0](velocities[0]).abs()
        means["wiring"] = (sizes * self.lengths).sum(dim=-1).mean() / self.lengths.max()
        return means


def lengths(units: int) -> Tensor:
    """Places between the units of each coupling of a full band."""
    return (torch.arange(units) - units // 2).abs().float()


def main() -> None:
    parser = study_parser(__doc__, "emergent")
    parser.add_argument("--costs", nargs="+", type=float, default=[0.003, 0.01])
    arguments = parser.parse_args()
    side = arguments.boxes[-1]
    print(
        f"\n| cost | seed | modules in a {side:g} m box (units: spacing, ellipticity) | in one | counts "
        f"| within {BAND} places | mean length | path error |\n|---|---|---|---|---|---|---|---|"
    )
    for cost in arguments.costs:
        for seed in arguments.seeds:
            print(row(network(arguments, cost, seed), side, f"| {cost:g} | {seed} |"), flush=True)


def network(arguments, cost: float, seed: int) -> Trained:
    return trained_by(
        lambda rnn, loss, width: CostlyWiring(loss, rnn, width, cost, seed),
        arguments,
        ["model.coupling_range=0"],
        seed,
        f"wiring {cost:g}",
    )


def row(trained: Trained, side: float, begin: str) -> str:
    modules, active = trained.modules(side).modules, trained.active(side)
    large = [
        f"{len(module)}: {module.spacing_m:.2f} m, {module.ellipticity:.2f}"
        for module in modules
        if len(module) >= UNITS
    ]
    speed = trained.config.trajectories.max_speed
    velocities = speed * (2 * torch.rand(1000, 2, generator=torch.Generator().manual_seed(0)) - 1)
    with torch.no_grad():
        sizes = trained.network.transition(velocities).abs().mean(dim=(0, 1)).numpy()
    places = lengths(len(sizes)).numpy()
    return (
        f"{begin} {'; '.join(large) or 'none'} | {share_in_modules(modules, active):.2f} of {active} "
        f"| {'yes' if count(modules, active) else 'no'} | {sizes[places <= BAND].sum() / sizes.sum():.2f} "
        f"| {np.average(places, weights=sizes):.1f} | {trained.path_error(side):.2f} |"
    )


if __name__ == "__main__":
    main()
