"""What figures ask of a labeled result."""

import numpy as np
import xarray as xr
from jaxtyping import Shaped
from matplotlib.figure import Figure

from ._style import new_figure, say_empty


def array(results: xr.Dataset, name: str, *dims: str) -> Shaped[np.ndarray, "..."]:
    """A variable's values, its axes in the order of ``dims`` where it is given.

    Raises ``ValueError`` if the variable is not there or has other axes.
    """
    if name not in results:
        raise ValueError(f"results lack the variable {name!r}; they hold {sorted(map(str, results.variables))}")
    variable = results[name]
    if dims:
        if set(variable.dims) != set(dims):
            raise ValueError(f"{name} must have the axes {dims}, got {tuple(map(str, variable.dims))}")
        variable = variable.transpose(*dims)
    return np.asarray(variable.values)


def numbers(results: xr.Dataset, name: str, *dims: str) -> Shaped[np.ndarray, "..."]:
    """As :func:`array`, as floats."""
    return array(results, name, *dims).astype(float)


def spacings(results: xr.Dataset, count: int) -> list[float]:
    """Spacing of each of ``count`` modules in meters, NaN where the results do not say."""
    if "spacing_m" not in results or results["spacing_m"].dims != ("module",):
        return [float("nan")] * count
    return [float(value) for value in results["spacing_m"].values]


def reason(results: xr.Dataset) -> str:
    """Why the results hold nothing; empty if they do."""
    return str(results.attrs.get("reason", ""))


def unavailable(sentence: str) -> Figure:
    """A figure that says why there is none."""
    figure = new_figure()
    axes = figure.add_subplot()
    axes.set_axis_off()
    say_empty(axes, sentence)
    return figure
