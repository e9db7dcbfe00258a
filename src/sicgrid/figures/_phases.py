"""How the phases of a module's units cover the unit cell (claims C2, C6)."""

from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d.art3d import Poly3DCollection  # type: ignore[import-untyped]

from ._datasets import array, numbers, reason, unavailable
from ._style import FAINT, MUTED, module_color, module_name, new_figure, say_empty, style_axes, style_space

_PAIRS = ((0, 1), (1, 2), (2, 0))
_TICKS = ([0, np.pi, 2 * np.pi], ["0", "π", "2π"])


def phase_squares(phases: xr.Dataset, modules: xr.Dataset) -> Figure:
    """Phases along k1, k2, k3 in pairs, a dot a unit, a row a module; the statement under it is the test's.

    Each square is a torus: its opposite edges are one.
    """
    if sentence := reason(phases) or reason(modules):
        return unavailable(sentence)
    groups = _by_module(phases, modules)
    figure = new_figure(7.2, 2.55 * len(groups) + 0.1)
    grid = figure.subplots(len(groups), 3, squeeze=False)
    for row, (module, title, points) in enumerate(groups):
        for column, (first, second) in enumerate(_PAIRS):
            axes = grid[row, column]
            if len(points):
                axes.scatter(
                    points[:, first], points[:, second], s=16, color=module_color(module), alpha=0.8, linewidths=0
                )
            else:
                say_empty(axes, "no unit with a phase")
            axes.set_xlim(0, 2 * np.pi)
            axes.set_ylim(0, 2 * np.pi)
            axes.set_aspect("equal")
            axes.set_xticks(*_TICKS)
            axes.set_yticks(*_TICKS)
            style_axes(axes, x=f"φ{first + 1}", y=f"φ{second + 1}", grid="both", title=title if column == 0 else "")
            axes.set_title(
                axes.get_title("left"), loc="left", color=module_color(module), fontsize=10, fontweight="bold"
            )
    return figure


def phase_planes(phases: xr.Dataset, modules: xr.Dataset, *, columns: int = 3) -> Figure:
    """Phases along k1, k2, k3 in a cube, a panel for each module: their sum is constant, so they lie on planes (C6).

    The planes drawn are those of the units' circular mean sum; phases of unrelated waves would fill the cube.
    """
    if sentence := reason(phases) or reason(modules):
        return unavailable(sentence)
    groups = _by_module(phases, modules)
    columns = min(columns, len(groups))
    rows = -(-len(groups) // columns)
    figure = new_figure(3.5 * columns, 3.4 * rows)
    for place, (module, title, points) in enumerate(groups):
        axes: Any = figure.add_subplot(rows, columns, place + 1, projection="3d")
        if len(points):
            mean = float(np.angle(np.exp(1j * points.sum(axis=1)).mean())) % (2 * np.pi)
            for turn in range(3):
                corners = plane_in_cube(mean + 2 * np.pi * turn)
                if len(corners):
                    axes.add_collection3d(
                        Poly3DCollection([corners], facecolor=FAINT, edgecolor=MUTED, alpha=0.45, linewidth=0.6)
                    )
            axes.scatter(*points.T, s=15, color=module_color(module), depthshade=False, linewidths=0)
        for name in ("x", "y", "z"):
            getattr(axes, f"set_{name}lim")(0, 2 * np.pi)
            getattr(axes, f"set_{name}ticks")(*_TICKS)
        axes.view_init(elev=16, azim=-40)
        axes.set_box_aspect((1, 1, 1), zoom=0.84)
        style_space(axes, ("φ1", "φ2", "φ3"))
        axes.set_title(title, color=module_color(module), fontsize=10, fontweight="bold", loc="left")
    return figure


def plane_in_cube(total: float) -> Float[np.ndarray, "corner 3"]:
    """Corners, in order around it, of the plane ``phi1 + phi2 + phi3 = total`` within the cube [0, 2 pi]^3."""
    corners = []
    for axis, (a, b) in product(range(3), product((0.0, 2 * np.pi), repeat=2)):
        rest = total - a - b
        if 0 <= rest <= 2 * np.pi:
            corners.append(np.insert([a, b], axis, rest))
    if len(corners) < 3:
        return np.zeros((0, 3))
    vertices = np.unique(np.round(corners, 9), axis=0)
    center = vertices - vertices.mean(axis=0)
    x, y = center @ np.array([1.0, -1.0, 0.0]), center @ np.array([1.0, 1.0, -2.0]) / np.sqrt(3)
    return np.asarray(vertices[np.argsort(np.arctan2(y, x))])


def _by_module(phases: xr.Dataset, modules: xr.Dataset) -> list[tuple[int, str, np.ndarray]]:
    """Index, title and phases (unit, wave) of each module, units without a phase left out."""
    phase, members = numbers(phases, "phase", "unit", "wave"), array(modules, "members", "unit").astype(int)
    meters = numbers(modules, "spacing_m", "module")
    finite = np.isfinite(phase).all(axis=1)
    return [
        (k, module_name(k, float(spacing)), np.mod(phase[finite & (members == k)], 2 * np.pi))
        for k, spacing in enumerate(meters)
    ]
