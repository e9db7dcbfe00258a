"""pynapple (Viejo et al. 2023): recordings as its time series, its time series as recordings, rate maps as its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from jaxtyping import Shaped

from .._axes import x_first
from .._bins import bin_middles
from .._repr import brief
from ..analysis import RateMaps
from ..evaluation import Recording
from ..storage import UserError
from ._arguments import one_each, positive
from ._extras import other_package
from ._timeline import spikes_of, timeline

if TYPE_CHECKING:
    from xarray import DataArray


@brief
class Pynapple(NamedTuple):
    """A recording in pynapple's objects, all of one time support, ``epochs``: an interval for each walk.

    ``position`` is a TsdFrame with the columns x and y in meters; ``activity`` a TsdFrame with a column for each unit,
    or, of a recording of spikes, a TsGroup.
    """

    position: Any
    activity: Any
    epochs: Any


def to_pynapple(recording: Recording, step_s: float = 1.0, units: Sequence[Any] | None = None) -> Pynapple:
    """A recording as pynapple's objects; walks follow each other, an epoch each.

    Of an animal's recording an epoch is a stretch without a gap in the tracking, on the recording's own clock.

    Parameters
    ----------
    recording
        Of a network (`sicgrid.evaluation.record`, `load_run_recording`) or of an animal.
    step_s
        Seconds of a network's step, which has none of its own. A recording that knows the seconds of its samples keeps
        them.
    units
        What to call the units; numbers from 0 by default. A TsGroup takes numbers only.

    Raises
    ------
    UserError
        If pynapple is not installed (``sicgrid[pynapple]``), ``step_s`` is not positive or the names do not fit.

    """
    nap = other_package("pynapple", "pynapple")
    clock = timeline(recording, step_s)
    count = recording.shape[2]
    names = list(range(count)) if units is None else list(units)
    if len(set(names)) != count or len(names) != count:
        raise UserError(f"units must be {count} different names, a unit each, got {len(names)}")
    epochs = nap.IntervalSet(start=clock.starts, end=clock.ends)
    places = np.asarray(recording.positions, dtype=np.float64).reshape(-1, 2)
    position = nap.TsdFrame(t=clock.times, d=places, columns=["x", "y"], time_support=epochs)
    if not recording.spikes:
        activity = nap.TsdFrame(
            t=clock.times, d=recording.activity.reshape(-1, count), columns=names, time_support=epochs
        )
        return Pynapple(position, activity, epochs)
    if not all(isinstance(name, int | np.integer) for name in names):
        raise UserError("pynapple's TsGroup numbers its units: leave units out, or give whole numbers")
    fired = spikes_of(recording, clock.times)
    trains = {}
    for unit, name in enumerate(names):
        trains[name] = nap.Ts(fired.times[fired.units == unit], time_support=epochs)
    return Pynapple(position, nap.TsGroup(trains, time_support=epochs), epochs)


def from_pynapple(units: Any, position: Any) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Units and positions under the names of an npz recording's arrays; `numpy.savez` makes a file that is read.

    ``positions`` (time, 2) meters, ``times`` (time,) seconds, ``units`` the names, and of a TsGroup ``spike_times``
    with ``spike_units``, of a TsdFrame (or Tsd, one unit) ``activity`` (frames, units) with ``activity_times``. As in
    pynapple's ``compute_tuning_curves`` units are restricted to the time support of the position.

    Parameters
    ----------
    units
        A TsGroup of spikes, or a TsdFrame or Tsd of activities that are not negative.
    position
        A TsdFrame of two columns, x and y in meters, or with columns of these names, in any order and beside others;
        NaN where tracking was lost.

    Raises
    ------
    UserError
        If pynapple is not installed, an argument is something else, or nothing is left within the time support.

    """
    nap = other_package("pynapple", "pynapple")
    if not isinstance(position, nap.TsdFrame):
        raise UserError(f"position must be a TsdFrame of two columns, x and y in meters, got {type(position).__name__}")
    places = x_first(np.asarray(position.values, dtype=np.float64), position.columns)
    if places.shape[1] != 2:
        raise UserError(
            f"position must be a TsdFrame of two columns, x and y in meters, got one of {places.shape[1]} columns"
        )
    if not isinstance(units, nap.TsGroup | nap.TsdFrame | nap.Tsd):
        raise UserError(f"units must be a TsGroup, or a TsdFrame or Tsd of activities, got {type(units).__name__}")
    within_support = units.restrict(position.time_support)
    arrays = {"positions": places, "times": np.asarray(position.t)}
    if isinstance(within_support, nap.TsGroup):
        names = np.array([str(key) for key in within_support])
        trains = [np.asarray(within_support[key].t) for key in within_support]
        if not any(map(len, trains)):
            raise UserError("no spike lies within the time support of the position; are both on one clock, in seconds?")
        times, spike_units = np.concatenate(trains), np.repeat(names, [len(train) for train in trains])
        order = np.argsort(times, kind="stable")
        return arrays | {"spike_times": times[order], "spike_units": spike_units[order], "units": names}
    if len(within_support) == 0:
        raise UserError("no activity lies within the time support of the position; are both on one clock, in seconds?")
    values = np.asarray(within_support.values).reshape(len(within_support), -1)
    names = np.array(
        [str(name) for name in (within_support.columns if isinstance(within_support, nap.TsdFrame) else [0])]
    )
    return arrays | {"activity": values, "activity_times": np.asarray(within_support.t), "units": names}


def tuning_curves(
    maps: RateMaps, *, units: npt.ArrayLike | None = None, fs: float = 1.0, rates: npt.ArrayLike | None = None
) -> "DataArray":
    """Rate maps as pynapple's ``compute_tuning_curves`` gives them, for all that takes these.

    A DataArray of the dims (unit, x, y), coordinates the centers of the bins in meters, and the attributes occupancy
    (x, y), bin_edges and fs (and rates, as of a TsGroup). Needs no pynapple. ``to_netcdf`` (h5netcdf) writes it where
    there are as many bins along x as along y, as in all maps of a run; else netCDF cannot hold the attribute bin_edges.

    Parameters
    ----------
    maps
        Of `rate_maps`. Occupancy that is in seconds stays so only with ``fs`` 1: pynapple's counts samples.
    units
        Names of the units; numbers from 0 by default.
    fs
        Samples a second, or 1 where a step has no duration.
    rates
        The mean rate of each unit, Hz.

    Raises
    ------
    UserError
        If names or rates are not one a unit, or ``fs`` is not positive.

    >>> from sicgrid.analysis import rate_maps
    >>> maps = rate_maps([[0.1, 0.1], [0.9, 0.9]], [[2.0], [1.0]], [0.0, 0.5, 1.0])
    >>> tuning_curves(maps).sel(unit=0, x=0.75, y=0.75).item()
    1.0

    """
    import xarray

    count = len(maps.maps)
    names = np.arange(count) if units is None else np.asarray(units)
    attributes: dict[str, Any] = {
        "occupancy": np.asarray(maps.occupancy, dtype=np.float64),
        "bin_edges": [maps.x_edges, maps.y_edges],
        "fs": positive("fs", fs),
    }
    if rates is not None:
        attributes["rates"] = one_each("rates", rates, count, "units")
    if names.shape != (count,):
        raise UserError(f"units must be one for each of {count} units, got the shape {names.shape}")
    centers = {"x": bin_middles(maps.x_edges), "y": bin_middles(maps.y_edges)}
    return xarray.DataArray(maps.maps, dims=("unit", "x", "y"), coords={"unit": names, **centers}, attrs=attributes)
