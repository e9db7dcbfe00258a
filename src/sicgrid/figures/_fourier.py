"""Mean Fourier power of each module (claim C5)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from ..analysis import angles_between_waves
from ._datasets import numbers, reason, spacings, unavailable
from ._style import MUTED, SURFACE, bare, module_color, module_name, new_figure, scale_bar_length

_POWER_COLORS = "magma"


def fourier_power(fourier: xr.Dataset, *, columns: int = 4) -> Figure:
    """Mean power of each module's rate maps over spatial frequency, with the waves k1, k2, k3 found between its bins.

    A hexagonal lattice has six peaks, at k1, k2, k3 and their negatives, 60 degrees apart. Square root of the power,
    from 0 to the highest peak, so that weaker waves can be seen; frequency 0 in the middle; the bar is in cycles per
    meter.
    """
    if sentence := reason(fourier):
        return unavailable(sentence)
    power = numbers(fourier, "mean_power", "module", "fx", "fy")
    waves = numbers(fourier, "k", "module", "wave", "axis")
    fx, fy = numbers(fourier, "fx"), numbers(fourier, "fy")
    meters = spacings(fourier, len(power))
    columns = min(columns, len(power))
    rows = -(-len(power) // columns)
    figure = new_figure(3.5 * columns + 0.3, 3.75 * rows)
    for module in range(len(power)):
        axes = figure.add_subplot(rows, columns, module + 1)
        length = np.linalg.norm(waves[module], axis=1)
        reach = min(2.6 * float(np.nanmax(length)) if np.isfinite(length).any() else fx[-1], float(fx[-1]))
        axes.imshow(
            np.sqrt(power[module] / (np.nanmax(power[module]) or 1.0)).T, origin="lower", cmap=_POWER_COLORS, vmin=0,
            vmax=1, aspect="equal", extent=_extent(fx, fy), interpolation="nearest", rasterized=True,
        )  # fmt: skip
        for index, wave in enumerate(waves[module]):
            if np.isfinite(wave).all():
                axes.add_patch(
                    FancyArrowPatch(
                        (0, 0),
                        tuple(wave),
                        color=SURFACE,
                        arrowstyle="-|>",
                        mutation_scale=9,
                        shrinkA=0,
                        shrinkB=0,
                        linewidth=1.1,
                    )
                )
                x, y = wave * (1 + 0.26 * reach / np.linalg.norm(wave) / 1.3)
                axes.text(x, y, f"k{index + 1}", color=SURFACE, fontsize=9, fontweight="bold", ha="center", va="center")
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-reach, reach)
        bare(axes)
        bar = scale_bar_length(2 * reach)
        axes.plot([-0.92 * reach, -0.92 * reach + bar], [-0.88 * reach] * 2, color=SURFACE, linewidth=2)
        axes.text(-0.92 * reach, -0.84 * reach, f"{bar:g} / m", color=SURFACE, fontsize=8, va="bottom")
        axes.set_title(
            module_name(module, meters[module]), color=module_color(module), fontsize=10, fontweight="bold", loc="left"
        )
        axes.set_xlabel(_angles(waves[module]), color=MUTED, fontsize=8.5)
    return figure


def _angles(waves: np.ndarray) -> str:
    """Angles between the three waves, a wave and its negative being one."""
    if not np.isfinite(waves).all():
        return "no three waves found"
    between = angles_between_waves(np.rad2deg(np.arctan2(waves[:, 1], waves[:, 0])))
    return "between waves: " + ", ".join(f"{angle:.0f}°" for angle in between)


def _extent(fx: np.ndarray, fy: np.ndarray) -> tuple[float, float, float, float]:
    """Edges of the picture, half a step beyond the outer frequencies."""
    half_x, half_y = (fx[1] - fx[0]) / 2, (fy[1] - fy[0]) / 2
    return (float(fx[0] - half_x), float(fx[-1] + half_x), float(fy[0] - half_y), float(fy[-1] + half_y))
