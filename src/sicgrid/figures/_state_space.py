"""The states of a module as a cloud: torus, rings, principal components (claim C7)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from ..analysis import wave_vectors
from ._datasets import numbers, reason, spacings, unavailable
from ._style import (
    FAINT,
    INK,
    MUTED,
    legend,
    module_color,
    module_name,
    new_figure,
    phase_colormap,
    style_axes,
    style_space,
)


def torus_embedding(state_space: xr.Dataset, *, module: int = 0, elevation: float = 25, azimuth: float = -60) -> Figure:
    """One module's states in three dimensions, three times, colored by the phase along k1, k2 and k3.

    On a torus each phase runs once around it, without a jump: colors that go around smoothly in all three pictures say
    that the cloud is that of the module's phases. The picture is bent (a flat torus does not fit into space); the
    verdict on its shape is that of the barcode.
    """
    if sentence := reason(state_space):
        return unavailable(sentence)
    points = numbers(state_space, "embedding", "module", "point", "dim3")
    phases = numbers(state_space, "point_phase", "module", "point", "wave")
    _check(module, len(points))
    finite = np.isfinite(points[module]).all(axis=1)
    cloud, phase = points[module][finite], phases[module][finite]
    figure = new_figure(9.2, 3.1)
    grid = figure.add_gridspec(1, 4, width_ratios=[0.24, 1, 1, 1])  # the colors' key lies beside the clouds
    for wave in range(3):
        axes: Any = figure.add_subplot(grid[wave + 1], projection="3d")
        axes.scatter(
            *cloud.T, c=phase[:, wave] % (2 * np.pi), cmap=phase_colormap(), vmin=0, vmax=2 * np.pi, s=9, linewidths=0,
            depthshade=False, rasterized=True,
        )  # fmt: skip
        axes.view_init(elev=elevation, azim=azimuth)
        axes.set_axis_off()
        middle, half = (cloud.max(axis=0) + cloud.min(axis=0)) / 2, np.ptp(cloud, axis=0).max() / 2
        for name, at in zip("xyz", middle, strict=True):
            getattr(axes, f"set_{name}lim")(at - half, at + half)
        axes.set_box_aspect((1, 1, 1), zoom=1.35)
        style_space(axes)
        axes.set_title(f"color: φ{wave + 1}", color=INK, fontsize=9.5, y=0.97)
    _phase_key(figure)
    return figure


def unit_cell(state_space: xr.Dataset, basis_m: np.ndarray, *, module: int = 0) -> Figure:
    """One module's states at their places modulo its lattice, three times, colored as in :func:`torus_embedding`.

    The cell is the parallelogram between the lattice vectors that are dual to k1 and k2, in meters. ``basis_m`` are
    the module's lattice vectors, rows.
    """
    if sentence := reason(state_space):
        return unavailable(sentence)
    phases = numbers(state_space, "point_phase", "module", "point", "wave")
    _check(module, len(phases))
    phase = phases[module][np.isfinite(phases[module]).all(axis=1)] % (2 * np.pi)
    edges = np.linalg.inv(wave_vectors(np.asarray(basis_m, dtype=float))[:2]).T  # rows, of phases (1, 0) and (0, 1)
    places = phase[:, :2] / (2 * np.pi) @ edges
    outline = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) @ edges
    figure = new_figure(5.4, 2.3)
    for wave, axes in enumerate(figure.subplots(1, 3)):
        axes.plot(*outline.T, color=MUTED, linewidth=1)
        axes.scatter(
            *places.T, c=phase[:, wave], cmap=phase_colormap(), vmin=0, vmax=2 * np.pi, s=6, linewidths=0,
            rasterized=True,
        )  # fmt: skip
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_title(f"color: φ{wave + 1}", color=INK, fontsize=9.5)
    return figure


def rings(state_space: xr.Dataset) -> Figure:
    """Each module's states in the plane in which a phase is an angle: three rings if it holds its three phases.

    Colored by the phase; the number is the coherence ``|mean exp(i (angle - phase))|``, 1 when the angle is the phase.
    The circle has radius 1.
    """
    if sentence := reason(state_space):
        return unavailable(sentence)
    projections = numbers(state_space, "ring", "module", "wave", "point", "dim2")
    phases = numbers(state_space, "point_phase", "module", "point", "wave")
    coherence = numbers(state_space, "coherence", "module", "wave")
    meters = spacings(state_space, len(projections))
    figure = new_figure(7.6, 2.5 * len(projections) + 0.15)
    panels: list[Axes] = figure.subplots(len(projections), 3, squeeze=False).ravel().tolist()
    turn = np.linspace(0, 2 * np.pi, 200)
    for module, wave in np.ndindex(len(projections), 3):
        axes, plane = panels[3 * module + wave], projections[module, wave]
        axes.plot(np.cos(turn), np.sin(turn), color=FAINT, linewidth=1, zorder=0)
        axes.scatter(
            plane[:, 0], plane[:, 1], c=phases[module, :, wave] % (2 * np.pi), cmap=phase_colormap(), vmin=0,
            vmax=2 * np.pi, s=5, linewidths=0, rasterized=True,
        )  # fmt: skip
        axes.set_aspect("equal")
        axes.set_xlim(-1.35, 1.35)
        axes.set_ylim(-1.35, 1.35)
        axes.set_axis_off()
        axes.text(
            0,
            0,
            f"φ{wave + 1}\n{coherence[module, wave]:.2f}",
            color=INK,
            fontsize=9.5,
            ha="center",
            va="center",
            linespacing=1.3,
        )
        if wave == 0:
            axes.set_title(
                module_name(module, meters[module]),
                color=module_color(module),
                fontsize=10,
                fontweight="bold",
                loc="left",
            )
    return figure


def variance_explained(state_space: xr.Dataset, *, shown: int = 12, kept: int = 6) -> Figure:
    """Share of each module's variance along its principal components; the first ``kept`` go into the torus.

    A hexagonal lattice has three plane waves of one length, each with a cosine and a sine: six components, then a drop.
    """
    if sentence := reason(state_space):
        return unavailable(sentence)
    ratio = numbers(state_space, "variance_ratio", "module", "component")[:, :shown]
    meters = spacings(state_space, len(ratio))
    figure = new_figure(4.2, 3.0)
    axes = figure.add_subplot()
    axes.axvspan(0.5, kept + 0.5, color=FAINT, alpha=0.5, linewidth=0)
    for module, shares in enumerate(ratio):
        label = f"{module_name(module, meters[module])}: {100 * np.nansum(shares[:kept]):.0f} % in {kept}"
        axes.plot(
            np.arange(1, len(shares) + 1),
            100 * shares,
            color=module_color(module),
            marker="o",
            markersize=4,
            linewidth=1.4,
            label=label,
        )
    axes.set_xlim(0.5, ratio.shape[1] + 0.5)
    axes.set_ylim(0, None)
    style_axes(axes, x="principal component", y="% of variance")
    if len(ratio) == 1:
        legend(axes)
    else:
        axes.legend(frameon=False, fontsize=8.5, labelcolor=INK)
    return figure


def _phase_key(figure: Figure) -> None:
    """A small ring of the phase's colors."""
    axes = figure.add_axes((0.018, 0.38, 0.07, 0.2), projection="polar")
    assert isinstance(axes, PolarAxes)
    angle = np.linspace(0, 2 * np.pi, 181)
    axes.pcolormesh(
        angle,
        [0.62, 1.0],
        [(angle[:-1] + angle[1:]) / 2],
        cmap=phase_colormap(),
        vmin=0,
        vmax=2 * np.pi,
        rasterized=True,
    )
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    axes.text(0, 0, "φ", color=MUTED, fontsize=9, ha="center", va="center")
    axes.text(0, 1.12, "0", color=MUTED, fontsize=7, ha="left", va="center")
    axes.text(np.pi, 1.12, "π", color=MUTED, fontsize=7, ha="right", va="center")


def _check(module: int, count: int) -> None:
    if not 0 <= module < count:
        raise ValueError(f"module must be one of 0 to {count - 1}, got {module}")
