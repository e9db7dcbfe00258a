"""A run as one object: made of a network, a code or a recording of one's own, or opened; analyzed, read, shown."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import xarray as xr

from .. import experiment
from .._bins import bin_middles
from .._repr import BriefDict, first_lines
from ..experiment import RunConfig, load_run_config
from ..findings import PART_NAMES, PartEvent, analyze_run
from ..model import Network
from ..storage import (
    RunDirectory,
    UserError,
    activity_kind,
    exclusive,
    external_source,
    length_name,
    open_run,
    read_dataset,
    read_json,
    read_maps,
    read_provenance,
    read_units,
    recorded_arenas,
)
from ._arguments import Folder, Settings, folder, number_of, part_names, run_config
from ._progress import AnalysisDisplay, PageDisplay, WalkingDisplay, console_for

if TYPE_CHECKING:
    import pandas as pd

_KINDS = {
    "trained": "a network trained here",
    "network": "a network of one's own",
    "code": "a code, a function of place",
    "recording": "a recording",
}


class Run:
    """A run's folder as one object.

    Made by `from_network`, `from_code` or `from_recording`, or opened with `open`. Everything lies in the folder, in
    the same files as the command line's; the object reads them when it is asked. Only the network of `from_network` is
    held by the object alone: `analyze` asks it.

    >>> import numpy as np, tempfile
    >>> def code(positions):  # four stripes of 0.5 m along each axis
    ...     turns = 2 * np.pi * positions[:, :, None] / 0.5 + np.arange(4) * np.pi / 2
    ...     return 1 + np.cos(turns.reshape(len(positions), 8))
    >>> folder = tempfile.TemporaryDirectory()
    >>> run = Run.from_code(code, folder.name + "/stripes", arenas=(1.0,), settings={"analysis": {"shuffles": 2}})
    >>> len(run.analyze(only=("units",)).units)
    8
    >>> run.maps.dims
    ('unit', 'x', 'y')
    >>> folder.cleanup()

    """

    def __init__(self, path: Folder, network: Network | None = None) -> None:
        self._run: RunDirectory = open_run(folder("path", path))
        self._network = network

    @classmethod
    def open(cls, path: Folder, step: Any = None, initial_state: Any = None) -> Self:
        """The run in a folder.

        A run made by `from_network` does not hold its network: ``step`` and ``initial_state`` give it one. The analysis
        checks that it is the same.

        Raises
        ------
        UserError
            If there is no run, or ``step`` and ``initial_state`` do not make a network.

        """
        if step is None and initial_state is not None:
            raise UserError("initial_state goes with step, the network that it is the start of; give both")
        return cls(path, None if step is None else experiment.own_network(step, initial_state))

    @classmethod
    def from_network(
        cls,
        step: Callable[[Any, Any], Any] | Network,
        initial_state: Any,
        out: Folder,
        *,
        arenas: Sequence[float] | None = None,
        name: str = "",
        settings: Settings = None,
        progress: bool | None = None,
    ) -> Self:
        """Walk a network of one's own through boxes.

        Parameters
        ----------
        step
            ``step(states (batch, n), displacements (batch, 2) in meters) -> states (batch, n)``: any callable, of numpy
            arrays or torch tensors as ``initial_state`` is one; a `torch.nn.Module` (of tensors as its weights are) or
            a `sicgrid.Network` too. Each row goes by itself and depends on nothing else: no state kept between calls,
            no noise.
        initial_state
            (n,), the activity that every walk starts from at the center of the box; 2 to 10,000 units, of any sign or
            complex (kept as real and imaginary parts). Displacements have its dtype and device. None for a
            `sicgrid.Network`, which has one.
        out
            Folder of the run; new or empty.
        arenas
            Sides of the square boxes, meters; the first is the one that the numbers at the top are about.
        name
            What to call it on its page.
        settings
            Of the walks and the analysis, as in a run's config.yaml: ``{"seed": 1, "evaluation": {"walk": {"max_speed":
            0.05}}, "analysis": {"shuffles": 20}}``. Steps are up to 0.15 m by default, as in the paper's training.
        progress
            Whether to show how far it is; by default at a terminal or in a notebook.

        Raises
        ------
        UserError
            For shapes that do not fit, NaN, states that differ when a path is walked twice, a folder that is taken.

        """
        network = experiment.own_network(step, initial_state)
        config = run_config(settings, arenas, experiment.OWN_ARENAS)
        with WalkingDisplay(config.evaluation.arenas, console_for(progress)) as display:
            imported = experiment.import_network(
                network, folder("out", out), config, name, display.arena, display.progress
            )
        return cls(imported.run.path, network)

    @classmethod
    def from_code(
        cls,
        code: Callable[[Any], Any],
        out: Folder,
        *,
        arenas: Sequence[float] | None = None,
        name: str = "",
        settings: Settings = None,
        progress: bool | None = None,
    ) -> Self:
        """Ask a code, ``code(positions (k, 2) in meters) -> activity (k, n)``, for its activity in boxes.

        It has no step, so nothing integrates a path; all else as `from_network`. Positions have their
        origin at the center of the box; they are numpy's, or torch's where ``code`` is a module or takes no others.
        """
        config = run_config(settings, arenas, (2.0,))
        with WalkingDisplay(config.evaluation.arenas, console_for(progress)) as display:
            imported = experiment.import_code(code, folder("out", out), config, name, display.arena)
        return cls(imported.run.path)

    @classmethod
    def from_recording(
        cls,
        position: Any,
        units: Any,
        out: Folder,
        *,
        times: Any = None,
        box: tuple[float, float, float, float] | None = None,
        settings: Settings = None,
    ) -> Self:
        """Make a run of positions with activity or spikes from memory.

        ``position`` (time, 2), meters, and ``units`` (time, n), or (trials, time, 2) and (trials, time, n): arrays,
        lists of trials, xarray DataArrays, pynapple TsdFrames; or spikes as a TsGroup or a mapping from names to
        seconds. See `sicgrid.experiment.import_arrays`, also for what is raised.
        """
        config = run_config(settings, None, RunConfig().evaluation.arenas)
        imported = experiment.import_arrays(position, units, folder("out", out), config, times=times, box=box)
        return cls(imported.run.path)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._run.path

    @property
    def config(self) -> RunConfig:
        """The settings that the run was made with."""
        return load_run_config(self._run)

    @property
    def kind(self) -> str:
        """Who made the activity: "trained", a network trained here; "network", one's own; "code"; "recording"."""
        return activity_kind(read_provenance(self._run))

    @property
    def notes(self) -> list[str]:
        """What was decided, changed or left out when the activity came in, a sentence each."""
        return list((external_source(self._run) or {}).get("notes", []))

    def analyze(
        self,
        only: Sequence[str] = (),
        on_part: Callable[[PartEvent], None] | None = None,
        *,
        processes: int = 0,
        progress: bool | None = None,
    ) -> Self:
        """Compute what is missing or out of date, of all parts or of ``only`` some and what they read; the run itself.

        ``on_part`` is told what becomes of each part, from one thread at a time but not always from the same. At most
        ``processes`` compute at once (0: one a core); small recordings take one. ``progress`` shows how far it is, by
        default at a terminal or in a notebook, unless ``on_part`` is given.

        Raises
        ------
        UserError
            For an unknown part or a damaged file.

        """
        chosen = part_names(only)
        number_of("processes", processes)
        shown = progress if on_part is None else bool(progress)
        with exclusive(self._run), AnalysisDisplay(console_for(shown), on_part) as display:
            analyze_run(self._run, self.config, display.part, display.progress, chosen, self._network, processes)
        return self

    def report(self, *, progress: bool | None = None) -> Path:
        """Write the page, report.html, of what is computed (else of all parts); its path. ``progress`` as `analyze`."""
        from ..report import write_report  # loads matplotlib

        if not self._run.summary.exists():
            self.analyze(progress=progress)
        with exclusive(self._run), PageDisplay(console_for(progress)) as display:
            return write_report(self._run.path, display.section)

    @property
    def units(self) -> "pd.DataFrame":
        """The table of units of the main box, a row a unit: score, null, verdict, lattice, information."""
        import pandas as pd

        columns = read_units(self._existing(self._run.units()))
        return pd.DataFrame(columns).set_index("unit")

    @property
    def maps(self) -> xr.DataArray:
        """Rate maps of the main box, (unit, x, y), NaN where unvisited."""
        stored = read_maps(self._existing(self._run.maps()))
        coords: dict[str, Any] = {"unit": np.arange(len(stored.maps))}
        for axis, edges in (("x", stored.x_edges), ("y", stored.y_edges)):
            coords[axis] = (axis, bin_middles(edges), {"units": "m"})
        if stored.names is not None:
            coords["name"] = ("unit", np.asarray(stored.names))
        return xr.DataArray(
            stored.maps, coords, ("unit", "x", "y"), name="activity", attrs={"long_name": "mean activity"}
        )

    @property
    def summary(self) -> dict[str, Any]:
        """The headline numbers, as in summary.json; None where there is no number."""
        return BriefDict(read_json(self._existing(self._run.summary)))

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts of the analysis that have been computed; ``run[name]`` is each one's Dataset."""
        return tuple(name for name in PART_NAMES if self._run.result(name).is_file())

    def __getitem__(self, part: str) -> xr.Dataset:
        """The labeled arrays of a part; one that could not be computed has only a ``reason`` in its attributes."""
        if part not in PART_NAMES:
            hint = experiment.did_you_mean(str(part), list(PART_NAMES))
            raise UserError(f"unknown part {part!r}{hint} (parts: {', '.join(PART_NAMES)})")
        return read_dataset(self._existing(self._run.result(part), f"the part {part}"))

    def __contains__(self, part: object) -> bool:
        return part in self.parts

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __repr__(self) -> str:
        arenas = ", ".join(length_name(arena) for arena in recorded_arenas(self._run)) or "no"
        lines = wrap(f"Run({str(self.path)!r}): {_KINDS[self.kind]}, boxes of {arenas} m", 110, subsequent_indent="  ")
        if not self._run.summary.is_file():
            return "\n".join([*lines, "  not analyzed yet: run.analyze()"])
        summary = self.summary
        cells = f"{summary.get('grid_units')} above shifts in time"  # of an earlier version
        if "fraction_beats_both" in summary:  # None where no unit is active
            cells = f"{round((summary['fraction_beats_both'] or 0) * summary['active_units'])} grid cells"
        lines.append(f"  {summary.get('units')} units, {summary.get('active_units')} active, {cells}")
        if verdict := summary.get("modules_verdict"):
            lines.append(f"  {shorten(str(verdict), 110, placeholder=' ...')}")
        lines += wrap(f"parts: {', '.join(self.parts)}", 110, initial_indent="  ", subsequent_indent="    ")
        return first_lines("\n".join(lines))

    def _existing(self, file: Path, what: str = "the analysis") -> Path:
        """The file; `UserError` with the command that makes it if it does not exist."""
        if not file.is_file():
            raise UserError(f"the run {self.path} has no {file.name} yet, {what} was not made: call analyze()")
        return file
