"""What sets the number of modules on a ring: a sweep over the ranges of couplings and norm (C1b).

.venv/bin/sicgrid sweep ring --out sweeps/ring
.venv/bin/python studies/ring_diagram.py sweeps/ring --picture docs/pictures/ring.png    # or several, of other seeds

Tables over both ranges, medians with the smallest and the largest where there are several seeds: independent modules of
8 units and more in the box that was walked, the share of the active units in one of any size, the largest module, path
error; then what the lab log asked before the run.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from boxes import UNITS
from sicgrid import Run
from sweep_rows import Row, numbered_map, spread, sweep_and_picture

BETWEEN = (6, 10)  # couplings, units to either side, over which the norm's say in the number is asked


class Network(NamedTuple):
    """What is read of a network, with the ranges of its couplings and its norm in units; 0: over all."""

    couplings: int
    norm: float
    modules: int
    share: float
    largest: int
    path_error: float


def main() -> None:
    arguments, rows = sweep_and_picture(__doc__)
    networks = [network(row) for row in rows]
    print(f"{len(networks)} networks")
    for title, value, form in (
        (f"independent modules of {UNITS} units and more", lambda net: net.modules, ".0f"),
        ("share of the active units in a module", lambda net: net.share, ".2f"),
        ("units of the largest module", lambda net: net.largest, ".0f"),
        ("path error", lambda net: net.path_error, ".2f"),
    ):
        table(title, networks, value, form)
    judge(networks)
    if arguments.picture:
        draw(networks).savefig(arguments.picture, dpi=110)


def network(row: Row) -> Network:
    sizes = np.bincount(Run.open(row["folder"])["modules"]["members"].values + 1)[1:]
    return Network(
        int(row["model.coupling_range"]),
        float(row["model.norm_range"]),
        int((sizes >= UNITS).sum()),
        float(sizes.sum() / max(row["active_units"], 1)),
        int(sizes.max(initial=0)),
        float(row["path_integration_error"]),
    )


def axes_of(networks: Sequence[Network]) -> tuple[list[int], list[float]]:
    """Ranges of couplings, and of the norm, that over all units last."""
    norms = sorted({net.norm for net in networks}, key=lambda norm: norm or np.inf)
    return sorted({net.couplings for net in networks}), norms


def at(networks: Sequence[Network], couplings: int, norm: float) -> list[Network]:
    return [net for net in networks if (net.couplings, net.norm) == (couplings, norm)]


def called(norm: float) -> str:
    return f"{norm:g}" if norm else "all"


def table(title: str, networks: Sequence[Network], value: Callable[[Network], float], form: str) -> None:
    reaches, norms = axes_of(networks)
    print(f"\n{title}\n\n| couplings | {' | '.join(f'norm {called(norm)}' for norm in norms)} | median |")
    print(f"|---|{'---|' * (len(norms) + 1)}")
    for reach in reaches:
        cells = [spread((value(net) for net in at(networks, reach, norm)), form) for norm in norms]
        middle = np.median([value(net) for net in networks if net.couplings == reach])
        print(f"| {reach} | {' | '.join(cells)} | {middle:{form}} |")


def judge(networks: Sequence[Network]) -> None:
    """What was asked before the run."""
    low, high = BETWEEN
    some = [net for net in networks if low <= net.couplings <= high]
    shortest = min(net.norm for net in some if net.norm)
    for which, chosen in (("", some), (f" above {shortest:g}", [net for net in some if net.norm != shortest])):
        reach = [net.norm or np.inf for net in chosen]
        for said, name in (("number of modules", "modules"), ("share of the units in one", "share")):
            rank, p_value = spearmanr(reach, [getattr(net, name) for net in chosen])
            print(
                f"\ncouplings of {low} to {high}, the norm's range{which} against the {said}: rank correlation "
                f"{rank:.3f} (p = {p_value:.1g}, {len(chosen)} networks)"
            )
    rank, p_value = spearmanr([net.couplings for net in networks], [net.modules for net in networks])
    print(f"\nrange of couplings against the number of modules: {rank:.2f} (p = {p_value:.1g})")


def draw(networks: Sequence[Network]) -> Figure:
    """Number of modules and share of the units in one, medians over seeds."""
    reaches, norms = axes_of(networks)
    figure = Figure(figsize=(10.5, 4.2), layout="constrained")
    for panel, title, form, value in zip(
        figure.subplots(1, 2),
        (f"independent modules of {UNITS} units and more", "share of the active units in a module"),
        (".0f", ".2f"),
        (lambda net: net.modules, lambda net: net.share),
        strict=True,
    ):
        cells = [[at(networks, reach, norm) for norm in norms] for reach in reaches]
        values = [[np.median([value(net) for net in cell]) if cell else np.nan for cell in row] for row in cells]
        numbered_map(panel, np.array(values), [called(norm) for norm in norms], reaches, form)
        panel.set_title(title, loc="left", fontsize=10)
        panel.set_xlabel("range of the norm (units)")
        panel.set_ylabel("range of the couplings (units)")
    return figure


if __name__ == "__main__":
    main()
