"""Is space stretched evenly? The metric tensor of the code."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from .._bins import bin_middles
from ..analysis import metric_tensor, rate_maps
from ._finding import Drawing, Finding, View
from ._names import GEOMETRY, UNITS
from ._part import Part, Progress, Result, json_number, quantity
from ._results import RunResults
from ._sources import Sources


def _compute(sources: Sources, progress: Progress) -> Result:
    recording = sources.recording(sources.main)
    state_maps = sources.maps()
    edges = (state_maps.x_edges, state_maps.y_edges)
    animals = len(recording.positions)
    # Two halves of the animals, whose noise then cancels instead of adding to the metric.
    halves = [slice(0, None, 2), slice(1, None, 2)] if animals > 1 else [slice(None)]
    if recording.spikes:
        maps = [rate_maps(recording.positions[0], recording.activity, edges, recording.seconds)]
    else:
        maps = [
            rate_maps(recording.positions[half], recording.activity[half], edges, recording.seconds) for half in halves
        ]
    metric = metric_tensor(*maps)
    x, y = (bin_middles(axis_edges) for axis_edges in edges)
    scalars = {
        "speed": quantity((), metric.speed, "1/m", "state distance per meter"),
        "trace_spread": quantity((), metric.trace_spread, about="standard deviation over mean; 0 for an isometry"),
        "median_anisotropy": quantity((), metric.median_anisotropy, about="1 for an isometry"),
        "anisotropy_spread": quantity((), metric.anisotropy_spread, about="distance between quartiles"),
        "degenerate_share": quantity((), metric.degenerate_share),
        "mean_tensor_anisotropy": quantity((), metric.mean_tensor_anisotropy),
    }
    dataset = xr.Dataset(
        {
            "trace": quantity(("x", "y"), metric.trace, "1/m2"),
            "anisotropy": quantity(("x", "y"), metric.anisotropy),
            "direction_deg": quantity(
                ("x", "y"), metric.direction_deg, "degrees", "along which the state moves fastest"
            ),
        }
        | scalars,
        coords={"x": quantity("x", x, "m"), "y": quantity("y", y, "m")},
        attrs={"halves": len(halves)},
    )
    return Result(dataset, {name: json_number(float(dataset[name])) for name in scalars})


def _say(part: xr.Dataset) -> str:
    trace, anisotropy = (np.asarray(part[name].values, dtype=float) for name in ("trace", "anisotropy"))
    trace, anisotropy = trace[np.isfinite(trace)], anisotropy[np.isfinite(anisotropy)]
    if not (trace.size and anisotropy.size):
        return ""
    return (
        f"Over space the trace varies by {100 * trace.std() / trace.mean():.0f} % (standard deviation over mean); the "
        f"median anisotropy is {np.median(anisotropy):.2f}. A conformal isometry has 0 % and 1."
    )


def _draw(results: RunResults) -> Iterator[Drawing]:
    """Metric tensor."""
    from .. import figures

    part = results.parts[GEOMETRY]
    yield Drawing(
        "metric",
        lambda: figures.metric_maps(part),
        "Maps of the metric's trace and anisotropy",
        "How fast the state moves at each place (left), and how much faster in one direction than across it (right).",
    )


FINDING = Finding(
    name=GEOMETRY,
    short="Geometry",
    question="Is space stretched evenly?",
    lead="A conformal isometry moves the state equally far for every small step, wherever and in whatever "
    "direction. The metric tensor of the code says by how much it does so at each place.",
    place=1100,
    advanced=True,
    parts=(Part(GEOMETRY, 1, _compute, lambda config: {}, reads=(UNITS,), recordings="main"),),
    views=(View(GEOMETRY, _say, _draw),),
)
