"""Where do lattices nest in one population? A sweep over units, walked area and capacity, beside the theory.

.venv/bin/sicgrid sweep nested --out sweeps/nested
.venv/bin/python studies/nested_diagram.py sweeps/nested --picture docs/pictures/nested.png

Looks at each network's largest module: the share of its units whose own lattice is finer than the module's (in order
that is rare by chance), the share of those at several phases in no order, the indices of at least 3 units, its spacing
and its shape: how far it is stretched from a hexagonal lattice (its ellipticity) and from a square one. Theory is
`sicgrid.theory.best_nested_code` at the same settings, no number fitted: the gain is the loss of the best single
lattice, hexagonal or square, less that of the best code of several indices; the hexagon is ahead by the loss of the
best square code, of one index or several, less that of the best hexagonal one. Prints tables and what the lab log asked
before it was computed. Some five minutes.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import fisher_exact, spearmanr

from expected import SPECTRA, code_setting
from sicgrid import Run
from sicgrid.experiment import load_run_config
from sicgrid.storage import open_run
from sicgrid.theory import CodeSetting, NestedCode, best_nested_code, displacements
from sweep_rows import LENGTHS, Row, numbered_map, spread, sweep_and_picture

FEWEST = 3  # units of an index that make a period, in a network as in theory
RESTARTS = 3
PAYS = 0.002  # difference in the loss, of nesting or of the basis, below which theory hardly has an opinion
NEAR = 3**0.25  # stretch up to which a lattice counts as hexagonal or square: half of the way from one to the other


class Expected(NamedTuple):
    """The best codes of a setting."""

    single: NestedCode
    nested: NestedCode | None  # None where units are too few for two indices
    hexagon_ahead: float  # in the loss, of the best codes of one index or several

    @property
    def best(self) -> NestedCode:
        return self.nested if self.nested is not None and self.gain > 0 else self.single

    @property
    def gain(self) -> float:
        return np.nan if self.nested is None else self.single.loss - self.nested.loss

    @property
    def finer(self) -> float:
        """Share of the units on lattices that are finer than the common one."""
        return float(1 - self.best.code.units[0] / np.sum(self.best.code.units))


class Network(NamedTuple):
    """A network of the sweep; what is said of its largest module is NaN where it has none."""

    setting: CodeSetting
    loss: float
    finer: float
    unordered: float
    indices: int
    spacing_m: float
    from_hexagon: float
    from_square: float
    theory: Expected

    @property
    def has_module(self) -> bool:
        return bool(np.isfinite(self.spacing_m))


def main() -> None:
    arguments, rows = sweep_and_picture(__doc__)
    networks = [network(row) for row in rows]
    print(f"{len(networks)} networks, {sum(net.has_module for net in networks)} with a module")
    for title, value, form in (
        ("share of the module's units on a finer lattice", lambda net: net.finer, ".2f"),
        ("theory: share of the units on a finer lattice", lambda net: net.theory.finer, ".2f"),
        ("theory: gain from nesting", lambda net: net.theory.gain, ".3f"),
        ("share of the module's units at several phases in no order", lambda net: net.unordered, ".2f"),
        ("spacing of the module (m)", lambda net: net.spacing_m, ".2f"),
        ("theory: spacing of the common cell (m)", lambda net: net.theory.best.spacing_m, ".2f"),
        ("held-out loss less theory's least", lambda net: net.loss - net.theory.best.loss, ".3f"),
    ):
        table(title, networks, value, form)
    judge([net for net in networks if net.has_module])
    for title, value, form in (
        ("theory: the hexagon is ahead of the square by", lambda net: net.theory.hexagon_ahead, ".4f"),
        ("stretch of the module from a hexagon", lambda net: net.from_hexagon, ".2f"),
        ("stretch of the module from a square", lambda net: net.from_square, ".2f"),
    ):
        table(title, networks, value, form)
    judge_shape([net for net in networks if net.has_module])
    if arguments.picture:
        draw(networks).savefig(arguments.picture, dpi=110)


def network(row: Row) -> Network:
    run = Run.open(row["folder"])
    setting = code_setting(load_run_config(open_run(row["folder"])))
    loss, theory = float(row["held_out_total"]), expected(setting)
    modules = run["modules"]
    sizes = np.bincount(modules["members"].values + 1)[1:]
    if not sizes.size:
        return Network(setting, loss, np.nan, np.nan, 0, np.nan, np.nan, np.nan, theory)
    largest = int(np.argmax(sizes))
    spectrum = run["periods"].isel(unit=modules["members"].values == largest)
    index = np.where(spectrum["ordered"].values, spectrum["index"].values, 1)
    unordered = (spectrum["fields"].values > 1) & (index == 1) & ~spectrum["striped"].values
    return Network(
        setting,
        loss,
        float((index > 1).mean()),
        float(unordered.mean()),
        int((np.unique(index, return_counts=True)[1] >= FEWEST).sum()),
        float(modules["spacing_m"].values[largest]),
        float(modules["ellipticity"].values[largest]),
        stretch_from_square(modules["basis_m"].values[largest]),
        theory,
    )


def stretch_from_square(basis_m: np.ndarray) -> float:
    """Long over short axis of the ellipse that the map from a square lattice makes of a circle: 1.73 for a hexagon.

    The basis is a conventional one (`sicgrid.analysis.lattice_shape`); the two shortest axes have the least stretch.
    """
    axes = np.vstack([basis_m, basis_m[1] - basis_m[0]])
    return float(np.linalg.cond(axes[np.argsort(np.linalg.norm(axes, axis=1))[:2]]))


@cache
def expected(setting: CodeSetting) -> Expected:
    places = displacements(setting)
    codes = [
        best_nested_code(setting, indices, kind, restarts=RESTARTS, places=places)
        for kind, spectra in SPECTRA.items()
        for indices in spectra
        if 1 + FEWEST * len(indices) <= setting.units
    ]
    single, nested = ([code for code in codes if (len(code.indices) > 1) is several] for several in (False, True))
    least = {kind: min(code.loss for code in codes if code.code.kinds[0] == kind) for kind in SPECTRA}
    best = (min(some, key=lambda code: code.loss, default=None) for some in (single, nested))
    return Expected(*best, least["square"] - least["hexagonal"])


def axes_of(networks: Sequence[Network]) -> tuple[list[int], list[int], list[float]]:
    """Numbers of units, lengths and weights of capacity, as they come in the sweep."""
    settings = [net.setting for net in networks]
    return tuple(sorted({getattr(s, name) for s in settings}) for name in ("units", "length", "capacity"))


def table(title: str, networks: Sequence[Network], value: Callable[[Network], float], form: str) -> None:
    """Medians over the weights of capacity, with the smallest and the largest."""
    counts, lengths, _ = axes_of(networks)
    print(f"\n{title}\n\n| units | {' | '.join(f'T={t}' for t in lengths)} |\n|---|{'---|' * len(lengths)}")
    for units in counts:
        cells = [[value(net) for net in networks if net.setting[:2] == (units, t)] for t in lengths]
        print(f"| {units} | {' | '.join(spread((v for v in cell if np.isfinite(v)), form) for cell in cells)} |")


def judge(networks: Sequence[Network]) -> None:
    """What was asked before the run, of the networks with a module."""

    def median(name: str, some: Sequence[Network]) -> str:
        return f"{np.median([getattr(net, name) for net in some]):.2f} ({len(some)} networks)" if some else "none"

    judged = [net for net in networks if np.isfinite(net.theory.gain)]
    for said, of_network in (("of the module's units", "finer"), ("of units in no order", "unordered")):
        rank, p_value = spearmanr([net.theory.gain for net in judged], [getattr(net, of_network) for net in judged])
        print(f"\ntheory's gain against the share {said}: rank correlation {rank:.2f} (p = {p_value:.1g})")
    without, withit = ([net for net in judged if (net.theory.gain > PAYS) is pays] for pays in (False, True))
    print(f"share on a finer lattice where nesting gains at most {PAYS}: {median('finer', without)}")
    print(f"and where it gains more: {median('finer', withit)}")
    for capacity in axes_of(networks)[2]:
        some = [net for net in networks if net.setting.capacity == capacity]
        shares = f"on a finer lattice {median('finer', some)}, in no order {median('unordered', some)}"
        print(f"capacity {capacity:g}: {shares}")
    for name, values in zip(("units", "length", "capacity"), axes_of(networks), strict=True):
        with_two = []
        for value in values:
            some = [net for net in networks if getattr(net.setting, name) == value]
            with_two.append(f"{value:g}: {sum(net.indices > 1 for net in some)} of {len(some)}")
        print(f"two indices or more, by {name}: {', '.join(with_two)}")
    large = [net for net in networks if net.setting.units >= 32]
    ratios = [net.spacing_m / net.theory.best.spacing_m for net in large]
    print(f"spacing over theory's, 32 units and more: {spread(ratios, '.2f')} ({len(ratios)} networks)")
    for several in (1, 2, 3, 4):
        some = [net for net in judged if len(net.theory.best.indices) == several]
        by_indices = [f"{k}: {sum(net.indices == k for net in some)}" for k in sorted({net.indices for net in some})]
        print(f"theory prefers {several} indices: networks by number of indices {', '.join(by_indices) or 'none'}")


def judge_shape(networks: Sequence[Network]) -> None:
    """What was asked of the basis, of the networks with a module."""

    def counts(some: Sequence[Network], near: float = NEAR) -> tuple[int, int]:
        return sum(net.from_hexagon <= near for net in some), sum(net.from_square <= near for net in some)

    def shapes(some: Sequence[Network]) -> str:
        hexagonal, square = counts(some)
        return f"{hexagonal} hexagonal, {square} square, {len(some) - hexagonal - square} neither"

    ahead = np.array([net.theory.hexagon_ahead for net in networks])
    left = np.array([net.loss - net.theory.best.loss for net in networks])
    print(f"\nlargest modules: {shapes(networks)}")
    print(
        "of these, within a stretch of {:.2f}: {} hexagonal, {} square".format(NEAR**0.5, *counts(networks, NEAR**0.5))
    )
    print(
        f"theory prefers the hexagon at the settings of {(ahead > 0).sum()} of {len(ahead)}, by more than {PAYS} at "
        f"those of {(ahead > PAYS).sum()}; by less than the network's loss is above theory's least in "
        f"{(abs(ahead) < left).sum()}"
    )
    agree = sum(
        net.from_hexagon <= NEAR if net.theory.hexagon_ahead > 0 else net.from_square <= NEAR for net in networks
    )
    print(f"of theory's basis: {agree} of the {sum(counts(networks))} that are hexagonal or square")
    rank, p_value = spearmanr(ahead, [np.log(net.from_square / net.from_hexagon) for net in networks])
    print(f"hexagon ahead against log(stretch from a square / from a hexagon): {rank:.2f} (p = {p_value:.1g})")
    sides = [[net for net in networks if (net.indices > 1) is several] for several in (False, True)]
    p_value = fisher_exact([counts(side) for side in sides], alternative="greater").pvalue
    print(f"one index: {shapes(sides[0])}; two or more: {shapes(sides[1])} (Fisher's p = {p_value:.1g})")
    for name, values in zip(("units", "length", "capacity"), axes_of(networks), strict=True):
        for value in values:
            print(f"{name} {value:g}: {shapes([net for net in networks if getattr(net.setting, name) == value])}")


def draw(networks: Sequence[Network]) -> Figure:
    """Shares on a finer lattice, networks above and theory below, a column for each weight of capacity."""
    counts, lengths, capacities = axes_of(networks)
    figure = Figure(figsize=(4.6 * len(capacities), 6.6), layout="constrained")
    panels = figure.subplots(2, len(capacities), squeeze=False)
    by_setting = {(net.setting.units, net.setting.length, net.setting.capacity): net for net in networks}
    for column, capacity in enumerate(capacities):
        for panel, whose, share in (
            (panels[0, column], "networks", lambda net: net.finer),
            (panels[1, column], "theory", lambda net: net.theory.finer),
        ):
            values = [[share(by_setting[n, t, capacity]) for t in lengths] for n in counts]
            numbered_map(panel, np.array(values), lengths, counts, ".2f", (0.0, 1.0))
            panel.set_title(f"{whose}, capacity {capacity:g}", loc="left", fontsize=10)
            panel.set(xlabel=LENGTHS, ylabel="units")
    return figure


if __name__ == "__main__":
    main()
