"""Barcodes of the modules' state spaces against shuffles (claim C7)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._datasets import array, numbers, reason, spacings, unavailable
from ._style import FAINT, INK, MUTED, module_color, module_name, new_figure, style_axes

_MEANING = ("pieces", "loops", "cavities")


def barcodes(topology: xr.Dataset, *, shown: int = 20) -> Figure:
    """Persistent homology of each module's states: bars from birth to death for pieces (H0), loops (H1), cavities (H2).

    The longest ``shown`` bars of each degree, longest on top. The step line is where a bar would have to end to be as
    long as the shuffles' (its birth plus the threshold): bars that pass it are drawn in the module's color. A torus has
    one piece, two loops and one cavity.
    """
    if sentence := reason(topology):
        return unavailable(sentence)
    bars = [array(topology, f"bars_h{degree}").astype(float) for degree in range(3)]
    threshold = numbers(topology, "threshold", "module", "degree")
    betti = numbers(topology, "betti", "module", "degree")
    verdict = [str(word) for word in array(topology, "verdict", "module")]
    meters = spacings(topology, len(betti))
    figure = new_figure(4.3 * len(betti) if len(betti) > 1 else 5.4, 4.6)
    grid = figure.subplots(3, len(betti), squeeze=False, sharex="col", height_ratios=[1.0, 1.35, 1.0])
    for module in range(len(betti)):
        end = 1.05 * max([0.1, *(float(np.max(b[module][np.isfinite(b[module])], initial=0.0)) for b in bars)])
        for degree in range(3):
            axes = grid[degree, module]
            _draw(axes, bars[degree][module], float(threshold[module, degree]), module_color(module), shown, end)
            axes.set_xlim(0, end)
            style_axes(axes, x="scale" if degree == 2 else "", grid="x")
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            if module == 0:
                axes.set_ylabel(
                    f"H{degree}\n{_MEANING[degree]}", color=INK, fontsize=9.5, rotation=0, ha="right", va="center"
                )
        numbers_found = ", ".join(f"{value:.0f}" for value in betti[module])
        grid[0, module].set_title(
            f"{module_name(module, meters[module])} — Betti ({numbers_found}): {verdict[module]}",
            color=module_color(module), fontsize=10, fontweight="bold", loc="left",
        )  # fmt: skip
    return figure


def _draw(axes: Axes, bars: np.ndarray, threshold: float, color: str, shown: int, end: float) -> None:
    complete = bars[~np.isnan(bars).any(axis=1)]
    length = complete[:, 1] - complete[:, 0]
    complete = complete[np.argsort(-length, kind="stable")][:shown]
    rows = np.arange(len(complete))
    death = np.minimum(complete[:, 1], end)
    passed = complete[:, 1] - complete[:, 0] > threshold
    for chosen, ink, width in ((~passed, MUTED, 1.6), (passed, color, 3.0)):
        axes.hlines(rows[chosen], complete[chosen, 0], death[chosen], color=ink, linewidth=width, capstyle="butt")
    if len(complete):
        at = np.repeat(complete[:, 0] + threshold, 2)
        axes.plot(
            at, np.stack([rows - 0.5, rows + 0.5], axis=1).ravel(), color=INK, linewidth=0.9, linestyle=(0, (2, 1.5))
        )
    else:
        axes.text(0.5, 0.5, "no bar", color=FAINT, transform=axes.transAxes, ha="center", va="center")
    axes.set_ylim(max(len(complete), 4) - 0.2, -0.8)
