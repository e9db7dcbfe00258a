"""Modules and spacings along a line of units: rows of the tables of `gradient.py` and `graded_parts.py`."""

import argparse
import math
from collections.abc import Callable

import numpy as np
from scipy.stats import mannwhitneyu, spearmanr

from boxes import UNITS, share_in_modules
from plateaus import slope_within
from sicgrid.analysis import lattice_shape
from trained import Trained

ROWS = (
    "\n| ratio | seed | modules in a {side:g} m box (units: spacing; places) | in one "
    "| spacing with place | slope within | path error |\n|---|---|---|---|---|---|---|"
)


def print_table(arguments: argparse.Namespace, network: Callable[[float, int], Trained]) -> None:
    """A row for each ratio and seed of the arguments, in the largest of their boxes, and how the ratios compare."""
    side = arguments.boxes[-1]
    print(ROWS.format(side=side))
    ranks: dict[float, list[float]] = {}
    for ratio in arguments.ratios:
        for seed in arguments.seeds:
            trained = network(ratio, seed)
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
