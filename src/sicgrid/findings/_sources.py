"""What the parts of one run's analysis read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import xarray as xr

from .. import evaluation, experiment, model
from ..analysis import RateMaps
from ..experiment import Origin, RunConfig
from ..storage import RunDirectory, UserError, external_source, read_dataset, read_maps
from ._names import UNITS
from ._part import TOO_FEW, Unavailable

_SHORT_VISIT = 0.2  # of the median time in a visited bin
_NO_NETWORK = {
    "recording": "Not applicable: a recording has no network that could be made to walk.",
    "code": "Not applicable: a code is a function of place and has no step that could be made to walk.",
    "network": "The run holds the walks of a network of its maker’s own and not the network; give it to the analysis "
    "(in Python the run that `Run.from_network` returned, in a shell `sicgrid analyze RUN --network MODULE:NAME`).",
}


class Sources:
    """What the parts of one run read: settings, recordings, the network, other parts."""

    def __init__(
        self,
        run: RunDirectory,
        config: RunConfig,
        origin: Origin,
        arenas: Sequence[float],
        main: float,
        network: model.Network | None = None,
    ) -> None:
        self.run = run
        self.config = config
        self.origin = origin
        self.arenas = tuple(sorted(arenas))
        self.main = main
        """The box that the numbers at the top of the summary are about."""
        self._recording: evaluation.Recording | None = None
        self._parts: dict[str, xr.Dataset] = {}
        self._network = network
        external = external_source(run)
        self.kind: str = "trained" if external is None else external["kind"]
        """Who made the activity: "trained", a network of this run; or as `external_source` says."""
        self._labels = [] if external is None else list(external.get("units") or [])

    @property
    def seed(self) -> int:
        """Seed of every random draw."""
        return self.config.seed

    def label(self, arena: float) -> float | None:
        """The arena in names of files: None for the main one."""
        return None if arena == self.main else arena

    def recording(self, arena: float) -> evaluation.Recording:
        """The recording in one box; the last one read is kept, since they are large."""
        if self._recording is None or self._recording.arena != arena:
            self._recording = None
            self._recording = experiment.load_run_recording(self.run, arena, self.origin.sha256)
        return self._recording

    def maps(self, arena: float | None = None) -> RateMaps:
        """Rate maps of one box (default: the main one), as the part ``units`` of that box made them."""
        return read_maps(self.run.maps(None if arena is None else self.label(arena)))

    def measured_maps(self) -> RateMaps:
        """Maps of the main box to measure on: not smoothed, and without the bins of hardly any time.

        Smoothing correlates the noise of neighboring bins, which would pass for structure.
        """
        shown, units = self.maps(), self.part(UNITS)
        if "raw_maps" not in units:
            return shown
        visited = shown.occupancy >= _SHORT_VISIT * np.median(shown.occupancy[shown.occupancy > 0])
        return shown._replace(maps=np.where(visited, units["raw_maps"].values, np.nan))

    @cached_property  # or each part would read the main box's recording for it
    def units(self) -> int:
        """Number of units of the population."""
        return len(self._labels) or self.recording(self.main).shape[2]

    def check_units(self, fewest: int) -> None:
        """`Unavailable` for a population of fewer units."""
        if self.units < fewest:
            raise Unavailable(f"{TOO_FEW} ({self.units}): it takes at least {fewest}.")

    def names(self, units: int) -> list[str]:
        """What the units are called: by the recording's file, or by their index in a network."""
        return self._labels or [str(unit) for unit in range(units)]

    def length(self, maps: RateMaps) -> float:
        """Length of a typical state, the unit of noise: 1 for a network of ours, whose states are unit vectors.

        For all others the root of the mean over bins of the squared length of the mean state.
        """
        if self.kind == "trained":
            return 1.0
        return mean_state_length(maps)

    def check_network(self, network: model.Network) -> None:
        """`UserError` unless a network that is given is the one that the recordings are of."""
        if self.kind != "network":
            raise UserError(f"the run {self.run.path} is not of a network of your own; leave out network")
        experiment.check_same_network(network, self.recording(self.main))

    @property
    def has_network(self) -> bool:
        """Whether `network` has one to give."""
        return self.kind == "trained" or self._network is not None

    def bin_size(self) -> float:
        """Side of a bin of the main box's maps, meters."""
        edges = self.maps().x_edges
        return float(edges[1] - edges[0])

    def part(self, name: str) -> xr.Dataset:
        """Another part's result."""
        if name not in self._parts:
            self._parts[name] = read_dataset(self.run.result(name))
        return self._parts[name]

    def parts(self, names: Sequence[str]) -> Mapping[str, xr.Dataset]:
        """These parts' results, each read when it is first asked for."""
        return _Parts(self, names)

    def keep(self, name: str, dataset: xr.Dataset) -> None:
        """Let `part` return this dataset from now on, without reading a file."""
        self._parts[name] = dataset

    def required(self, name: str) -> xr.Dataset:
        """Another part's result; `Unavailable`, with that part's reason, if it has none."""
        part = self.part(name)
        if reason := part.attrs.get("reason"):
            raise Unavailable(str(reason))
        return part

    def network(self) -> model.Network:
        """The network of the newest checkpoint, or the one that was given; `Unavailable` where there is none."""
        if self._network is None and self.origin.step is None:
            raise Unavailable(_NO_NETWORK[self.kind])
        if self._network is None:
            self._network = experiment.trained(self.config, experiment.required_checkpoint(self.run, self.config)).rnn
        return self._network


def members_by_module(modules: xr.Dataset) -> list[np.ndarray]:
    """Unit indices of each module."""
    of_unit = modules["members"].values
    return [np.flatnonzero(of_unit == module) for module in range(modules.sizes["module"])]


class _Parts(Mapping[str, xr.Dataset]):
    """Results of parts by name, read when they are first used."""

    def __init__(self, sources: Sources, names: Sequence[str]) -> None:
        self._sources, self._names = sources, dict.fromkeys(names)

    def __getitem__(self, name: str) -> xr.Dataset:
        if name not in self._names:
            raise KeyError(name)
        return self._sources.part(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def mean_state_length(maps: RateMaps) -> float:
    """Root of the mean over bins of the squared length of the mean state: below 1 where unit vectors drift."""
    return float(np.sqrt(np.nanmean((maps.maps**2).sum(axis=0))))
