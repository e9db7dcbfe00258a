"""Number and size of the fields of each unit (claim C9)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ._datasets import numbers, reason, unavailable
from ._style import ORANGE, TEAL, new_figure, say_empty, style_axes


def field_histograms(fields: xr.Dataset) -> Figure:
    """How many fields each unit has, and how wide they are: a place cell has one, a grid cell many of one size."""
    if sentence := reason(fields):
        return unavailable(sentence)
    count, diameter = numbers(fields, "field_count"), numbers(fields, "field_diameter_m")
    figure = new_figure(8.4, 3.0)
    left, right = figure.subplots(1, 2)
    count, diameter = count[np.isfinite(count)], diameter[np.isfinite(diameter)]
    if count.size:
        left.hist(count, list(np.arange(-0.5, count.max() + 1.5)), color=TEAL)
        left.xaxis.set_major_locator(MaxNLocator(integer=True))
    if diameter.size:
        right.hist(diameter, list(np.linspace(0, 1.05 * diameter.max(), 25)), color=ORANGE)
        right.set_xlim(0, None)
    else:
        say_empty(right, "no unit has a field with an edge")
    for axes in (left, right):
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    style_axes(left, x="fields in the box", y="units")
    style_axes(right, x="median diameter of a unit's fields (m)", y="units")
    return figure
