"""How far the state moves away from that at the start (claim C4)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ._datasets import numbers, reason, unavailable
from ._style import FAINT, INK, MUTED, ORANGE, color_bar, new_figure, style_axes

_DENSITY_COLORS = "Blues"


def state_distance(
    generalization: xr.Dataset, *, arena: float | None = None, lattice_m: tuple[float, ...] = ()
) -> Figure:
    """Density of d(g(0), g(x)) at each distance |x| from the start, its median, and training's distances below.

    Each column of the density is scaled to its own peak, for far away there are more places than near. The lower panel,
    of a network that was trained here, is the share of training's points within that distance of the start: right of
    where it reaches 1 the network has never been. ``arena`` in meters, default the largest; ``lattice_m`` marks the
    modules' spacings, where C4 expects dips.
    """
    if sentence := reason(generalization):
        return unavailable(sentence)
    sides = numbers(generalization, "arena")
    index = int(np.argmax(sides)) if arena is None else int(np.argmin(np.abs(sides - arena)))
    density = numbers(generalization, "density", "arena", "distance", "state_distance")[index]
    median = numbers(generalization, "median", "arena", "distance")[index]
    distance, state = numbers(generalization, "distance"), numbers(generalization, "state_distance")
    finite = np.isfinite(median)
    peak = np.nanmax(np.where(np.isfinite(density), density, 0.0), axis=1, keepdims=True)
    trained = "training_cumulative" in generalization
    figure = new_figure(7.8, 4.4 if trained else 3.4)
    panels = figure.subplots(1 + trained, 1, height_ratios=[3.2, 1][: 1 + trained], sharex=True, squeeze=False)[:, 0]
    upper = panels[0]
    image = upper.pcolormesh(
        distance, state, np.divide(density, peak, out=np.full_like(density, np.nan), where=peak > 0).T,
        cmap=_DENSITY_COLORS, vmin=0, vmax=1, shading="nearest", rasterized=True,
    )  # fmt: skip
    upper.plot(distance[finite], median[finite], color=ORANGE, linewidth=1.6, label="median")
    for spacing in lattice_m:
        upper.axvline(spacing, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    upper.legend(loc="lower right", frameon=False, fontsize=8.5, labelcolor=INK)
    color_bar(figure, image, upper, "density / column's peak")
    if trained:
        lower = panels[1]
        share = numbers(generalization, "training_cumulative")
        at = distance if len(share) == len(distance) else numbers(generalization, "distance_edge")
        lower.fill_between(at, 100 * share, color=FAINT, linewidth=0)
        lower.plot(at, 100 * share, color=INK, linewidth=1.2)
        lower.set_ylim(0, 105)
        lower.set_yticks([0, 50, 100])
        style_axes(lower, y="% of training\nwithin")
    if finite.any():
        upper.set_xlim(0, distance[finite].max())
    upper.set_ylim(0, None)
    style_axes(upper, y="d(g(0), g(x))", grid="")
    panels[-1].set_xlabel("distance from the start |x| (m)", color=INK, fontsize=9.5)
    return figure
