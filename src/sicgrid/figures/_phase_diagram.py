"""A number over two settings, as a map with the numbers in it."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from ._style import INK, MUTED, RATE_COLORS, SURFACE, style_axes

# Not the house's ink, which the page turns to white on dark paper: these stand on the map's own colors.
_ON_BRIGHT, _ON_DARK = "#101010", "#ffffff"


def phase_diagram(
    values: Float[np.ndarray, "y x"], x: Sequence[str], y: Sequence[str], *, x_label: str, y_label: str, title: str,
    digits: int = 2,
) -> Figure:  # fmt: skip
    """A heat map with a cell for each pair of settings, its number written in; NaN stays blank with a dash.

    Colors run from the smallest to the largest value (viridis). Rows are drawn upwards, in the order given.

    Raises
    ------
    ValueError
        If the values are not one a cell.

    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(y), len(x)) or values.size == 0:
        raise ValueError(f"values must be (y, x) = ({len(y)}, {len(x)}), at least one, got shape {values.shape}")
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    span = high - low or 1.0
    figure = Figure(
        figsize=(max(3.4, 1.3 + 0.62 * len(x)), max(2.6, 1.1 + 0.46 * len(y))), layout="constrained", facecolor=SURFACE
    )
    axes = figure.add_subplot()
    # Edges between the cells: the settings' own distances may differ by powers of ten.
    axes.pcolormesh(
        np.arange(len(x) + 1) - 0.5, np.arange(len(y) + 1) - 0.5, np.ma.masked_invalid(values), cmap=RATE_COLORS,
        vmin=low, vmax=low + span, edgecolors="face", linewidth=0.3,
    )  # fmt: skip
    colors = matplotlib.colormaps[RATE_COLORS]
    for row, column in np.ndindex(values.shape):
        value = values[row, column]
        if np.isfinite(value):
            red, green, blue, _ = colors((value - low) / span)
            on = _ON_BRIGHT if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45 else _ON_DARK
            said = f"{value:.{digits}f}"
        else:
            on, said = MUTED, "–"
        axes.text(column, row, said.replace("-", "−"), color=on, fontsize=9, ha="center", va="center")
    axes.set_xticks(range(len(x)), list(x))
    axes.set_yticks(range(len(y)), list(y))
    style_axes(axes, x=x_label, y=y_label, title=title, grid="")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelcolor=INK)
    return figure
