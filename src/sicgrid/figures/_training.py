"""The course of learning."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Real
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from ._style import BLUE, GREEN, MUTED, ORANGE, PURPLE, RED, TEAL, new_figure, style_axes

# key in the metrics -> title, color; terms that are not here have their name for a title
TRAINING_CURVES: dict[str, tuple[str, str]] = {
    "total": ("Total loss", BLUE),
    "separation": ("Separation", ORANGE),
    "invariance": ("Path invariance", GREEN),
    "capacity": ("Capacity", PURPLE),
    "conformal_isometry": ("Conformal isometry", RED),
    "learning_rate": ("Learning rate", TEAL),
}


def curves_of(metrics: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Title and color of each curve that metrics hold, by name: the loss, its terms, the learning rate.

    Whatever training reports is a term, but for the step and the gradient's norm.
    """
    first, *terms, last = TRAINING_CURVES
    others = [name for name in metrics if name not in {*TRAINING_CURVES, "step", "gradient_norm"}]
    titled = {name: (name.replace("_", " ").capitalize(), MUTED) for name in others} | TRAINING_CURVES
    return {name: titled[name] for name in (first, *terms, *others, last) if name in set(metrics)}


def training_curves(
    metrics: Mapping[str, Real[np.ndarray, " records"]],
    *,
    curves: Sequence[str] | None = None,
    points: int = 240,
    log_steps: bool = False,
    columns: int = 3,
) -> Figure:
    """Loss terms and learning rate against gradient steps, one panel each.

    Every batch is a new draw of velocities, so single losses scatter widely. Steps are cut into ``points`` stretches of
    equal length (equal ratio with ``log_steps``); the line is the median of a stretch, the band holds its middle 80 %.

    Parameters
    ----------
    metrics
        Columns of equal length: ``step`` and the curves by name. Terms are unweighted.
    curves
        Which panels, in which order; default all terms and the learning rate, see `curves_of`.
    points
        Number of stretches, at least 2.
    log_steps
        Steps on a logarithmic axis: early learning is as wide as late.
    columns
        Panels in a row.

    Raises
    ------
    ValueError
        If ``step`` or a curve is missing, there is no record, or an argument is out of range.

    """
    if points < 2 or columns < 1:
        raise ValueError(f"points must be 2 or more and columns 1 or more, got {points} and {columns}")
    styles = curves_of(metrics)
    shown = list(styles) if curves is None else list(curves)
    missing = [name for name in ("step", *shown) if name not in metrics]
    if missing or not shown:
        raise ValueError(f"metrics lack {missing or 'every known curve'}; they hold {sorted(metrics)}")
    steps = np.asarray(metrics["step"], dtype=float)
    if steps.size == 0:
        raise ValueError("metrics hold no record; train for at least one step")
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(4.2 * columns, 2.9 * rows)
    for k, name in enumerate(shown):
        title, color = styles.get(name, (name, MUTED))
        axes = figure.add_subplot(rows, columns, k + 1)
        _draw(axes, steps, np.asarray(metrics[name], dtype=float), color, points, log_steps)
        axes.xaxis.set_major_locator(LogLocator(numticks=6) if log_steps else MaxNLocator(4))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter("{x:,.0f}")
        style_axes(axes, x="gradient steps", title=title)
        if name == "learning_rate":
            axes.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3), useMathText=False)
    return figure


def _draw(
    axes: Axes,
    steps: Float[np.ndarray, " records"],
    values: Float[np.ndarray, " records"],
    color: str,
    points: int,
    log_steps: bool,
) -> None:
    if values.shape != steps.shape:
        raise ValueError(f"a curve must be as long as step, {steps.shape}, got {values.shape}")
    if log_steps:
        axes.set_xscale("log")
    at, low, middle, high = _stretches(steps, values, points, log_steps)
    axes.fill_between(at, low, high, color=color, alpha=0.22, linewidth=0)
    axes.plot(at, middle, color=color, linewidth=1.6)


def _stretches(
    steps: Float[np.ndarray, " records"], values: Float[np.ndarray, " records"], points: int, log_steps: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Middle step, 10th, 50th and 90th percentile of each stretch that holds a finite record."""
    usable = np.isfinite(values) & ((steps > 0) | (not log_steps))
    steps, values = steps[usable], values[usable]
    if steps.size == 0:
        return steps, values, values, values
    scale = np.log(steps) if log_steps else steps
    span = np.ptp(scale) or 1.0
    stretch = np.minimum(((scale - scale.min()) / span * points).astype(int), points - 1)
    rows = [
        (np.median(steps[stretch == k]), *np.percentile(values[stretch == k], [10, 50, 90])) for k in np.unique(stretch)
    ]
    at, low, middle, high = np.array(rows).T
    return at, low, middle, high
