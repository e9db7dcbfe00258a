"""Conventions of tools that speak xarray or plain arrays: movement's datasets, neurospatial's models.

>>> import numpy as np
>>> path = np.cumsum(np.full((5, 2), 0.01), axis=0)
>>> dataset = path_dataset(path, fps=10)
>>> dict(dataset.sizes), dataset.attrs["time_unit"]
({'time': 5, 'space': 2, 'keypoint': 1, 'individual': 1}, 'seconds')
>>> from_movement(dataset)["positions"].shape
(5, 2)
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int, Shaped

from .._axes import x_first
from ..evaluation import Recording
from ..model import Network
from ..storage import UserError
from ._arguments import a_recording, one_each, path, place, positive
from ._follower import Follower
from ._timeline import Timeline, timeline

if TYPE_CHECKING:
    from xarray import Dataset

_DIMS = ("time", "space", "keypoint", "individual")
_PLURAL = {"keypoints": "keypoint", "individuals": "individual"}  # of movement up to 0.15


def to_movement(recording: Recording, step_s: float = 1.0) -> "Dataset":
    """The paths of a recording as a poses dataset of movement: each walk is an individual with one keypoint, center.

    See `path_dataset`; ``step_s`` are the seconds of a step. All walks begin at time 0. Where an animal's tracking had
    a gap, rows are NaN, as many as keep the time to half a frame.

    Raises
    ------
    UserError
        If ``step_s`` is not positive, or the samples of an animal's recording last unequally long: a poses dataset has
        one rate.

    """
    fps = 1 / positive("step_s", step_s)
    recording = a_recording(recording)
    if recording.seconds is not None:
        typical = float(np.median(recording.seconds))
        if not np.allclose(recording.seconds, typical, rtol=0.01, atol=0):
            raise UserError("a poses dataset has one rate, and the samples of this recording last unequally long")
        fps = 1 / typical
    walks = np.moveaxis(np.asarray(recording.positions, dtype=np.float64), 0, -1)
    if recording.stretches is not None:
        walks = _with_gaps(walks, timeline(recording), recording.stretches.first, fps)
    return _poses(walks[:, :, None], [f"walk_{walk}" for walk in range(len(recording.positions))], fps)


def _with_gaps(
    walk: Float[np.ndarray, "time 2 one"], clock: Timeline, first: Int[np.ndarray, " stretches"], fps: float
) -> Float[np.ndarray, "frames 2 one"]:
    """A walk with rows of NaN where its tracking had gaps, which lie before the samples ``first``."""
    missing = np.rint((clock.starts[1:] - clock.ends[:-1]) * fps).astype(np.int64)
    frames = np.arange(len(walk))
    frames += np.repeat(np.cumsum(np.append(0, missing)), np.diff(first, append=len(walk)))
    filled = np.full((frames[-1] + 1, *walk.shape[1:]), np.nan)
    filled[frames] = walk
    return filled


def path_dataset(positions: npt.ArrayLike, fps: float | None = None, individual: str = "animal") -> "Dataset":
    """One path (time, 2) as a poses dataset of movement (as its release 0.17 makes it, dims singular).

    ``position`` (time, space, keypoint, individual) in meters, ``confidence`` (time, keypoint, individual), NaN, for
    nobody estimated it; coordinates x and y, the names, and time in seconds with ``fps``, else in frames; attributes
    source_software, ds_type, time_unit, fps.

    Raises
    ------
    UserError
        For another shape or a rate that is not positive.

    """
    places = path("positions", positions, missing=True)
    return _poses(places[:, :, None, None], [individual], None if fps is None else positive("fps", fps))


def _poses(position: Float[np.ndarray, "time 2 keypoint individual"], names: list[str], fps: float | None) -> "Dataset":
    import xarray

    frames = np.arange(len(position))
    attributes: dict[str, Any] = {"source_software": "sicgrid", "ds_type": "poses"}
    attributes |= {"time_unit": "frames"} if fps is None else {"fps": fps, "time_unit": "seconds"}
    unknown = np.full((len(position), *position.shape[2:]), np.nan, dtype=np.float32)
    return xarray.Dataset(
        {"position": (_DIMS, position), "confidence": (("time", "keypoint", "individual"), unknown)},
        coords={
            "time": frames if fps is None else frames / fps,
            "space": ["x", "y"],
            "keypoint": ["center"],
            "individual": names,
        },
        attrs=attributes,
    )


def from_movement(
    dataset: "Dataset", individual: str | None = None, keypoint: str | None = None
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """One animal's path of a movement dataset, as the arrays ``positions`` and ``times`` of an npz recording.

    Parameters
    ----------
    dataset
        Poses or bounding boxes, ``position`` in meters (scale it before, if it is in pixels), dims and the coordinates
        of space in any order; the plural dims of movement up to 0.15 serve too.
    individual, keypoint
        Which; may be left out where there is one.

    Raises
    ------
    UserError
        If there is no such position, the choice is not one of those there are, or time is in frames.

    """
    import xarray

    if not isinstance(dataset, xarray.Dataset) or "position" not in dataset:
        raise UserError(f"a movement dataset with the variable position is needed, got {type(dataset).__name__}")
    position = dataset["position"].rename({old: new for old, new in _PLURAL.items() if old in dataset["position"].dims})
    for dim, choice in {"individual": individual, "keypoint": keypoint}.items():
        present = [str(name) for name in position[dim].values.tolist()] if dim in position.dims else []
        if choice is None and len(present) > 1:
            raise UserError(f"which {dim}? there are {', '.join(present)}")
        if choice is not None and str(choice) not in present:
            raise UserError(f"no {dim} {choice!r}; there are {', '.join(present) or 'none'}")
        if present:
            position = position.isel({dim: 0 if choice is None else present.index(str(choice))})
    names = [str(name).lower() for name in position["space"].values.tolist()] if "space" in position.dims else []
    if set(position.dims) != {"time", "space"} or not names.count("x") == names.count("y") == 1:
        raise UserError(
            "position must have the dims time and space (with coordinates x and y), beside those chosen; got the dims "
            f"{', '.join(map(str, position.dims))}, space {', '.join(names) or 'without coordinates'}"
        )
    times = position["time"].values
    if "time" not in position.coords or dataset.attrs.get("time_unit", "seconds") != "seconds":
        raise UserError("the dataset's time is in frames; load it with its fps, so that it is in seconds")
    if times.dtype.kind not in "fiu":
        raise UserError(f"the dataset's time must be numbers, seconds, got {times.dtype}")
    places = x_first(position.transpose("time", "space").values.astype(np.float64), names)
    return {"positions": places, "times": times.astype(np.float64)}


class PathModel:
    """One unit of a network as a model of neurospatial: ``firing_rate(positions, times)`` and ``ground_truth``.

    The positions are a path: the network starts at its origin, is led straight to the first of them and follows the
    rest (see `Follower`), so a place has the rate of the way there. Made by `path_models`, a list for all units, which
    share the walk.
    """

    def __init__(self, walk: "_Walk", unit: int, max_rate: float) -> None:
        self._walk, self.unit, self.max_rate = walk, unit, max_rate

    def firing_rate(self, positions: npt.ArrayLike, times: npt.ArrayLike | None = None) -> Float[np.ndarray, " time"]:
        """The rate (Hz) at each position (time, 2) of a path; ``times`` changes nothing, a network knows no time.

        Raises
        ------
        UserError
            For another shape, positions that are not finite, or times that are not one a position.

        """
        places = path("positions", positions)
        if times is not None:
            one_each("times", times, len(places), "positions")
        return np.asarray(self.max_rate * self._walk.along(places)[:, self.unit])

    @property
    def ground_truth(self) -> dict[str, Any]:
        """What the model was made with; where a unit fires is not known beforehand."""
        walk = self._walk
        return {"unit": self.unit, "max_rate": self.max_rate, "scale": walk.scale, "origin": walk.origin.tolist()}


class _Walk:
    """A network along the path that was asked for last."""

    def __init__(self, follower: Follower, scale: float, origin: Float[np.ndarray, " two"]) -> None:
        self.follower, self.scale, self.origin = follower, scale, origin
        self._path: Float[np.ndarray, "time 2"] = np.empty((0, 2))
        self._shares: Float[np.ndarray, "time units"] = np.empty((0, 0))

    def along(self, path: Float[np.ndarray, "time 2"]) -> Float[np.ndarray, "time units"]:
        """Activity of every unit at every position, as a share of the largest."""
        if not np.array_equal(path, self._path):
            shares = np.empty((len(path), self.follower.units))
            self.follower.restart(self.scale * (path[0] - self.origin))
            for row, moved in enumerate(np.diff(path, axis=0, prepend=path[:1])):
                self.follower.move(self.scale * moved)
                shares[row] = self.follower.activity / self.follower.peak
            self._path, self._shares = path.copy(), shares
        return self._shares


def path_models(
    network: Network | str = "quick",
    *,
    max_rate: float = 8.0,
    scale: float = 1.0,
    origin: npt.ArrayLike = (0.0, 0.0),
    step_m: float | None = None,
) -> list[PathModel]:
    """Every unit of a network as a model for neurospatial's simulations.

    Parameters
    ----------
    network, step_m
        As for `Follower`: a bundled network's name or a `Network`, and its step in meters.
    max_rate
        Hz at the largest activity of any unit.
    scale
        The network's meters in a unit of the positions: 0.01 where the environment is in cm.
    origin
        The place of the network's initial state, in units of the positions: best the middle of the environment.

    Raises
    ------
    UserError
        For an unknown network or numbers out of range.

    """
    walk = _Walk(Follower(network, step_m), positive("scale", scale), place("origin", origin))
    return [PathModel(walk, unit, positive("max_rate", max_rate)) for unit in range(walk.follower.units)]
