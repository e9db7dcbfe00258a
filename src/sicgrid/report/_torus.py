"""The torus that can be turned: points and colors for the browser, and the library that draws them."""

import base64
import gzip
import json
from functools import lru_cache
from typing import Any

import numpy as np
import xarray as xr
from markupsafe import Markup
from matplotlib.colors import to_hex

from ..figures import module_name, phase_colormap
from ._drawings import usable

COLOR_STEPS = 32


def torus_data(state_space: xr.Dataset | None) -> Markup:
    """Points, phases and colors as JSON for the page's script; empty text if there is no embedding.

    Coordinates are scaled to [-1, 1], which keeps the numbers short.
    """
    if not usable(state_space) or state_space is None or "embedding" not in state_space:
        return Markup("")
    clouds = state_space["embedding"].transpose("module", "point", "dim3").values.astype(float)
    phases = state_space["point_phase"].transpose("module", "point", "wave").values.astype(float)
    modules = [
        _module(module, clouds[module], phases[module], _spacing(state_space, module)) for module in range(len(clouds))
    ]
    colors = phase_colormap()(np.linspace(0, 1, COLOR_STEPS + 1) % 1.0)
    scale = [[round(k / COLOR_STEPS, 4), to_hex(color)] for k, color in enumerate(colors)]
    content = json.dumps({"modules": modules, "colors": scale}, separators=(",", ":"), allow_nan=False)
    # "</script>" cannot occur in it, whatever the names hold.
    return Markup(content.replace("<", "\\u003c"))


@lru_cache
def drawing_library() -> Markup:
    """Plotly's script, compressed, as base64 text (2 MB instead of 5); the page's script unpacks it when it is needed.

    As text of an unknown type the browser neither runs nor reads it before that.
    """
    # Imported here: only a page with a torus needs it.
    from plotly.offline import get_plotlyjs

    return Markup(base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode())


def _module(index: int, cloud: np.ndarray, phase: np.ndarray, spacing: float | None) -> dict[str, Any]:
    known = np.isfinite(cloud).all(axis=1) & np.isfinite(phase).all(axis=1)
    points = cloud[known] - (cloud[known].max(axis=0) + cloud[known].min(axis=0)) / 2
    points /= np.abs(points).max() or 1.0
    return {
        "name": module_name(index, spacing),
        "points": np.round(points.T, 3).tolist(),
        "phases": np.round(np.mod(phase[known], 2 * np.pi).T, 2).tolist(),
    }


def _spacing(part: xr.Dataset, module: int) -> float | None:
    return float(part["spacing_m"].values[module]) if "spacing_m" in part else None
