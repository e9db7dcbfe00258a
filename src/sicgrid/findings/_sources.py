"""What the parts of one run's analysis read."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from ..analysis import Module, Modules, RateMaps
from ..evaluation import Recording
from ..experiment import Origin, RunConfig, build, load_checkpoint, load_run_recording
from ..model import Network
from ..storage import RunDirectory, external_source, read_dataset, read_maps
from ._part import Unavailable

_SHORT_VISIT = 0.2  # of the median time in a visited bin


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
        return read_maps(self.run.maps(None if arena is None else self.label(arena)))

    def measured_maps(self) -> RateMaps:
        """Maps of the main box to measure on: not smoothed, and without the bins of hardly any time.

        What is smoothed to be shown has noise that is alike in neighboring bins, which passes for structure.
        """
        shown, units = self.maps(), self.part("units")
        if "raw_maps" not in units:
            return shown
        known = shown.occupancy >= _SHORT_VISIT * np.median(shown.occupancy[shown.occupancy > 0])
        return shown._replace(maps=np.where(known, units["raw_maps"].values, np.nan))

    def names(self, units: int) -> list[str]:
        """What the units are called: by the recording's file, or by their index in a network."""
        source = external_source(self.run) or {}
        return list(source.get("units") or map(str, range(units)))

    def bin_size(self) -> float:
        """Side of a bin of the main box's maps, meters."""
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
        """The network of the newest checkpoint; `Unavailable` for an external recording."""
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


def stored_modules(part: xr.Dataset) -> Modules:
    """The modules as the part of that name stored them."""
    labels = part["members"].values
    each = []
    for module, members in enumerate(members_by_module(part) if "spacing_m" in part else []):
        here = part.isel(module=module)
        numbers = {name: float(here[name]) for name in ("spacing_m", "orientation_deg", "ellipticity")}
        spread = {name: float(here[name]) for name in ("spacing_sd_m", "orientation_sd_deg")}
        each.append(
            Module(
                members=members,
                **numbers,
                basis_m=here["basis_m"].values,
                **spread,
                phases_per_cell=part["phases_per_cell"].values[members],
                dependence=part["unit_dependence"].values[members],
                p_value=float(here["module_p_value"]),
            )
        )
    left = {int(unit): str(part["reason"].values[unit]) for unit in np.flatnonzero(labels < 0)}
    return Modules(tuple(each), left, np.eye(len(each)), np.empty(0), float("nan"), "")
