"""Where the animals have been."""

import numpy as np
from jaxtyping import Real
from matplotlib.figure import Figure

from ._style import color_bar, new_figure, style_axes


def occupancy_map(
    occupancy: Real[np.ndarray, "x y"],
    x_edges: Real[np.ndarray, " x_edges"],
    y_edges: Real[np.ndarray, " y_edges"],
) -> Figure:
    """Samples per bin of the arena; bins never visited are left blank.

    Rate maps are only as good as their coverage: even coverage shows one color. Edges are in meters.

    Raises
    ------
    ValueError
        If the shape does not fit the edges.

    """
    occupancy = np.asarray(occupancy, dtype=float)
    if occupancy.shape != (len(x_edges) - 1, len(y_edges) - 1):
        raise ValueError(
            f"occupancy must be ({len(x_edges) - 1}, {len(y_edges) - 1}) to fit the bin edges, got {occupancy.shape}"
        )
    figure = new_figure()
    axes = figure.add_subplot()
    extent = (float(x_edges[0]), float(x_edges[-1]), float(y_edges[0]), float(y_edges[-1]))
    image = axes.imshow(
        np.where(occupancy > 0, occupancy, np.nan).T,
        origin="lower", extent=extent, cmap="cividis", vmin=0, vmax=occupancy.max() or 1.0, aspect="equal",
        interpolation="nearest",
    )  # fmt: skip
    color_bar(figure, image, axes, "samples in bin")
    style_axes(axes, x="x (m)", y="y (m)", grid="")
    return figure
