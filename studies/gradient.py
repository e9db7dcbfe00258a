"""Does a smooth gradient along a line of units part it into modules in order, as peak selection predicts (C1b)?

.venv/bin/python studies/gradient.py --set model.coupling_range=16 --ratios 1 2 4 --boxes 4

Units lie on a line, else the preset. The loss is read in windows of `training.window` neighbors as there, and each
window's places are multiplied by a gain that rises along the line by equal factors a unit, `ratio` in all: what each
part of the line is paid for is the same code of space, on a scale that changes smoothly. A row for each network: its
independent modules of 8 units and more in order of place; the rank correlation of the units' own spacings with place
(-1: they follow the gradient); and how steep spacing is within the modules against all along the line (0: plateaus, 1:
no steps). The positive control of that measure is `studies/peak_selection.py`. Results: docs/lab_log.md.
"""

import math

import numpy as np
import torch
from scipy.stats import mannwhitneyu, spearmanr
from torch import Tensor

from boxes import UNITS, share_in_modules
from plateaus import slope_within
from sicgrid.analysis import lattice_shape
from sicgrid.losses import Objective
from sicgrid.model import norm_relu
from trained import Trained, study_parser
from windowed import mean_terms, trained_by

WINDOWS = 2  # in a batch, as in training
ROWS = (
    "\n| ratio | seed | modules in a {side:g} m box (units: spacing; places) | in one "
    "| spacing with place | slope within | path error |\n|---|---|---|---|---|---|---|"
)


class GradedWindows(Objective):
    """The mean of a loss over windows of neighbors on a line, to each of which the world is larger or smaller."""

    def __init__(self, loss: Objective, width: int, ratio: float, seed: int) -> None:
        super().__init__()
        self.loss, self.width, self.ratio = loss, width, ratio
        self.generator = torch.Generator().manual_seed(seed)

    @property
    def weights(self):
        return self.loss.weights

    def gain(self, middle: float) -> float:
        """Of a window with its middle there, from 0 to 1 along the line."""
        return self.ratio ** (middle - 0.5)

    def terms(self, positions: Tensor, velocities: Tensor, states: Tensor, initial_state: Tensor) -> dict[str, Tensor]:
        units = states.shape[-1]
        parts = []
        for first in torch.randint(units - self.width + 1, (WINDOWS,), generator=self.generator).tolist():
            gain = self.gain((first + (self.width - 1) / 2) / (units - 1))
            window = slice(first, first + self.width)
            parts.append(
                self.loss.terms(
                    positions=gain * positions,
                    velocities=gain * velocities,
                    states=norm_relu(states[..., window]),
                    initial_state=norm_relu(initial_state[window]),
                )
            )
        return mean_terms(parts)


def main() -> None:
    parser = study_parser(__doc__, "emergent")
    parser.add_argument("--ratios", nargs="+", type=float, default=[1.0, 2.0, 4.0], help="of the gains at the ends")
    arguments = parser.parse_args()
    side = arguments.boxes[-1]
    print(ROWS.format(side=side))
    ranks: dict[float, list[float]] = {}
    for ratio in arguments.ratios:
        for seed in arguments.seeds:
            trained = network(arguments, ratio, seed)
            spacing = spacings(trained.bases(side))
            ranks.setdefault(ratio, []).append(with_place(spacing))
            print(row(trained, side, spacing, ranks[ratio][-1], f"| {ratio:g} | {seed} |"), flush=True)
    compared(ranks)


def compared(ranks: dict[float, list[float]]) -> None:
    """Say of each ratio whether spacing goes with place otherwise than with the first."""
    first, *others = ranks
    for ratio in others:
        p = mannwhitneyu(ranks[first], ranks[ratio]).pvalue
        medians = f"{np.median(ranks[first]):.2f} and {np.median(ranks[ratio]):.2f}"
        print(f"spacing with place, {first:g} against {ratio:g}: medians {medians}, p = {p:.2g} (Mann-Whitney)")


def network(arguments, ratio: float, seed: int) -> Trained:
    return trained_by(
        lambda _, loss, width: GradedWindows(loss, width, ratio, seed),
        arguments,
        ["model.sheet=line"],
        seed,
        f"graded {ratio:g}",
    )


def row(network: Trained, side: float, spacing: np.ndarray, rank: float, begin: str) -> str:
    modules = network.modules(side).modules
    large = sorted((module for module in modules if len(module) >= UNITS), key=lambda module: np.median(module.members))
    said = [
        f"{len(module)}: {module.spacing_m:.2f} m; "
        f"{' to '.join(f'{p:.0f}' for p in np.quantile(module.members, (0.05, 0.95)))}"
        for module in large
    ]
    place = np.linspace(0, 1, len(spacing))
    has = np.isfinite(spacing)
    members = [np.array([unit for unit in module.members if has[unit]], dtype=int) for module in large]
    inside = np.concatenate(members) if members else np.array([], dtype=int)
    labels = np.repeat(np.arange(len(members)), [len(units) for units in members])
    slope = slope_within(place[inside], np.log(spacing[inside]), labels) if len(large) > 1 else math.nan
    active = network.active(side)
    return (
        f"{begin} {'; '.join(said) or 'none'} | {share_in_modules(modules, active):.2f} of {active} "
        f"| {rank:.2f} | {slope:.2f} | {network.path_error(side):.2f} |"
    )


def with_place(spacing: np.ndarray) -> float:
    """Rank correlation of the units' own spacings with their places; NaN for fewer than three."""
    has = np.isfinite(spacing)
    return float(spearmanr(np.flatnonzero(has), spacing[has]).statistic) if has.sum() > 2 else math.nan


def spacings(bases: np.ndarray) -> np.ndarray:
    """Of each unit's own lattice in meters, NaN where it has none."""
    return np.array([lattice_shape(basis).spacing_m if np.isfinite(basis).all() else np.nan for basis in bases])


if __name__ == "__main__":
    main()
