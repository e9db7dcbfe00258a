"""The torus that can be turned: points and colors for the browser, and the library that draws them."""

import base64
import gzip
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.colors import to_hex

from ..figures import phase_colormap
from ..findings import Cloud

COLOR_STEPS = 32


def torus_data(clouds: Sequence[Cloud]) -> Markup:
    """Points, phases and colors as JSON for the page's script; empty text if there are no points.

    Coordinates are scaled to [-1, 1], which keeps the numbers short.
    """
    if not clouds:
        return Markup("")
    colors = phase_colormap()(np.linspace(0, 1, COLOR_STEPS + 1) % 1.0)
    scale = [[round(k / COLOR_STEPS, 4), to_hex(color)] for k, color in enumerate(colors)]
    modules = [_module(cloud) for cloud in clouds]
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


def _module(cloud: Cloud) -> dict[str, Any]:
    finite = np.isfinite(cloud.points).all(axis=1) & np.isfinite(cloud.phases).all(axis=1)
    points = cloud.points[finite] - (cloud.points[finite].max(axis=0) + cloud.points[finite].min(axis=0)) / 2
    points /= np.abs(points).max() or 1.0
    return {
        "name": cloud.name,
        "points": np.round(points.T, 3).tolist(),
        "phases": np.round(np.mod(cloud.phases[finite], 2 * np.pi).T, 2).tolist(),
    }
