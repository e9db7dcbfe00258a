"""What a part of the analysis is, what it may read, and what it hands back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from ..analysis import RateMaps, UnitTable
from ..evaluation import Recording
from ..experiment import Origin, RunConfig, build, load_checkpoint, load_run_recording
from ..model import Network
from ..storage import RunDirectory, foreign_source, read_dataset, read_maps

Progress = Callable[[int, int], None]

WAVES = ["k1", "k2", "k3"]
AXES = ["x", "y"]


class Unavailable(Exception):
    """A part that cannot be computed on this run; the text is one sentence that says why."""


class Result(NamedTuple):
    """What a part found: labelled arrays, the few numbers of it for summary.json, and tables for units.csv."""

    dataset: xr.Dataset
    summary: Mapping[str, Any]
    table: UnitTable | None = None


@dataclass(frozen=True)
class Part:
    """One part of the analysis. It is up to date as long as what it reads, its settings and its version stay."""

    name: str
    version: int
    compute: "Callable[[Sources, Progress], Result]"
    settings: Callable[[RunConfig], Mapping[str, Any]]
    """Those that its result depends on, JSON-able."""
    parts: tuple[str, ...] = ()
    """Other parts that it reads."""
    recordings: Literal["none", "main", "all"] = "none"
    network: bool = False
    """Whether it reads the network itself."""
    arena: float | None = None
    """Of a part that is about one box other than the main one: its side, metres."""
    plan: "Callable[[Sources], str] | None" = None
    """What it is about to do, for a person to read before it does it."""


class Sources:
    """What the parts of one run read: settings, recordings, the network, other parts."""

    def __init__(self, run: RunDirectory, config: RunConfig, origin: Origin, arenas: Sequence[float], main: float):
        self.run = run
        self.config = config
        self.origin = origin
        self.arenas = tuple(sorted(arenas))
        self.main = main
        """The box that the numbers at the top of the summary are about."""
        self._recording: Recording | None = None
        self._parts: dict[str, xr.Dataset] = {}
        self._network: Network | None = None

    @property
    def seed(self) -> int:
        """Of every random draw."""
        return self.config.seed

    def label(self, arena: float) -> float | None:
        """The arena in names of files: None for the main one."""
        return None if arena == self.main else arena

    def recording(self, arena: float) -> Recording:
        """The recording in one box; the last one read is kept, since they are large."""
        if self._recording is None or self._recording.arena != arena:
            self._recording = None
            self._recording = load_run_recording(self.run, arena, self.origin.sha256)
        return self._recording

    def maps(self, arena: float | None = None) -> RateMaps:
        """Rate maps of one box (default: the main one), as the part ``units`` of that box made them."""
        stored = read_maps(self.run.maps(None if arena is None else self.label(arena)))
        return RateMaps(stored.maps, stored.occupancy, stored.x_edges, stored.y_edges)

    def names(self, units: int) -> list[str]:
        """What the units are called: by the recording's file, or by their index in a network."""
        source = foreign_source(self.run) or {}
        return list(source.get("units") or map(str, range(units)))

    def bin_size(self) -> float:
        """Side of a bin of the main box's maps, metres."""
        edges = self.maps().x_edges
        return float(edges[1] - edges[0])

    def part(self, name: str) -> xr.Dataset:
        """Another part's result."""
        if name not in self._parts:
            self._parts[name] = read_dataset(self.run.result(name))
        return self._parts[name]

    def keep(self, name: str, dataset: xr.Dataset) -> None:
        """Have `part` answer with this."""
        self._parts[name] = dataset

    def usable(self, name: str) -> xr.Dataset:
        """Another part's result; `Unavailable`, with that part's reason, if it has none."""
        found = self.part(name)
        if reason := found.attrs.get("reason"):
            raise Unavailable(str(reason))
        return found

    def network(self) -> Network:
        """The network of the newest checkpoint; `Unavailable` for somebody's recording."""
        if self.origin.step is None:
            raise Unavailable("The run holds a recording and no network that could be made to walk.")
        if self._network is None:
            checkpoint = load_checkpoint(self.run, self.config)
            assert checkpoint is not None  # the origin has its step
            self._network = build(self.config, checkpoint).rnn
        return self._network


def members_by_module(modules: xr.Dataset) -> list[np.ndarray]:
    """Unit indices of each module."""
    of_unit = modules["members"].values
    return [np.flatnonzero(of_unit == module) for module in range(modules.sizes["module"])]


def stack_padded(rows: Iterable[np.ndarray]) -> np.ndarray:
    """Arrays of one dimensionality as one, shorter ones filled up with NaN at the end of each axis."""
    arrays = [np.asarray(row, dtype=np.float64) for row in rows]
    shape = tuple(np.max([array.shape for array in arrays], axis=0))
    stacked = np.full((len(arrays), *shape), np.nan)
    for target, array in zip(stacked, arrays, strict=True):
        target[tuple(slice(size) for size in array.shape)] = array
    return stacked


def quantity(dims: str | tuple[str, ...], values: Any, units: str = "1", about: str = "") -> xr.Variable:
    """A labelled array with its unit ("1" for pure numbers) and a description."""
    attributes = {"units": units} | ({"long_name": about} if about else {})
    return xr.Variable(dims, values, attributes)


def number(value: float) -> float | None:
    """For JSON: None where there is no number."""
    return float(value) if np.isfinite(value) else None
