"""How evenly the code stretches space: its metric tensor."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from ._datasets import numbers, reason, unavailable
from ._style import color_bar, new_figure, style_axes


def metric_maps(geometry: xr.Dataset) -> Figure:
    """Trace and anisotropy of the metric ``G_ij = dg/dx_i . dg/dx_j`` over the box.

    A conformal isometry has one color in the left map (the state moves as fast everywhere) and 1 everywhere in the
    right one (and as fast in every direction). Colors end at the 1st and 99th percentile.
    """
    if sentence := reason(geometry):
        return unavailable(sentence)
    figure = new_figure(8.4, 3.5)
    for place, (name, title, label) in enumerate(
        (
            ("trace", "Trace", "tr G (1/m²)"),
            ("anisotropy", "Anisotropy", "fastest / slowest direction"),
        )
    ):
        values, x, y = numbers(geometry, name, "x", "y"), numbers(geometry, "x"), numbers(geometry, "y")
        finite = values[np.isfinite(values)]
        low, high = np.percentile(finite, [1, 99]) if finite.size else (0.0, 1.0)
        axes = figure.add_subplot(1, 2, place + 1)
        image = axes.pcolormesh(
            x, y, values.T, cmap="cividis", vmin=0.0 if name == "trace" else 1.0, vmax=max(high, low * 1.01, 1.01),
            shading="nearest", rasterized=True,
        )  # fmt: skip
        axes.set_aspect("equal")
        color_bar(figure, image, axes, label)
        style_axes(axes, x="x (m)", y="y (m)", title=title, grid="")
    return figure
