"""Arguments of each command."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from tyro.conf import Positional

from ..baselines import BASELINES
from ..experiment import RunConfig, preset_names
from ..findings import PART_NAMES
from ..pretrained import pretrained_names
from ..sweeps import plan_names
from ._help import arg
from ._parse import FLAGS

ONLY = f"Only these parts and what they read: {', '.join(PART_NAMES)}."
PRESETS = f"The settings to start from: {', '.join(preset_names())}. --config changes them, then single settings do."
SYSTEMS = (
    f"Baselines ({', '.join(BASELINES)}), bundled networks ({', '.join(pretrained_names())}), folders of runs. "
    "Default: all bundled networks, and the baselines that take no training or whose weights are bundled."
)
PLANS = f"YAML file of the plan, or the name of a bundled one: {', '.join(plan_names())}."
# Texts of more than a line stand here: of those in a class tyro keeps the line breaks.
SEEDS = (
    "Train a network for each of these seeds, all at once: 0..15 for a range, 0 3 7 for some. Each gets a run of its "
    "own, RUN/seed-N, and is what it would be alone, up to rounding."
)
NETWORK = (
    "A network of your own to walk instead, package.module:name, from the current folder too: a pair (step, "
    "initial_state), an object that has both, or a function that makes one. Needs --out."
)
PATH = (
    "Walk along a real path instead: sargolini (600 s of a rat in a 1 m box, Sargolini et al. 2006; needs "
    "sicgrid[rat]), or an npz, CSV or NWB file of positions and times."
)
RECORDING = (
    "A recording from elsewhere: npz (positions, times, activity or spike_times and spike_units), CSV (columns t, x, "
    "y) or NWB (needs sicgrid[nwb]). Positions in meters, times in seconds. Needs --out."
)
SPIKES = (
    "With --recording of a CSV: the spikes, a CSV with columns unit, t; or activities on a clock of their own, with a "
    "column t and one for each unit."
)
SERIES = (
    "With --recording of an NWB file that has several: the SpatialSeries of the positions, by name or path "
    "(epoch_1/SpatialSeries)."
)
ARENA = (
    "With --recording: side of the box, meters, its corner at (0, 0) or its center, as the path fits. Default: the "
    "path's extent in whole bins."
)
TIME_SCALE = (
    "With --recording: seconds in a unit of the path's times (0.02 for frames at 50 a second). Giving it also confirms "
    "that the times are meant so."
)
WEIGHTS = (
    "Folder where baselines that were fitted here are kept and found, of seeds that are not bundled. Default: "
    "DIR/weights in the folder of the comparison."
)
SWEEP = (
    "Folder of the sweep; new or empty, or one of the same plan to resume. Or a URL that fsspec knows (s3://...). "
    "Required, except with --dry-run."
)
EXPORT = (
    "Round the weights of this finished run, evaluate and analyze the rounded network, and write weights and card. "
    "Needs NAME, --shows and --folder."
)

Settings = Annotated[RunConfig, arg(name="")]


@dataclass(frozen=True)
class Train:
    """Train a network."""

    settings: Settings
    preset: Annotated[Positional[str], arg(metavar="PRESET", help=PRESETS)] = "quick"
    out: Annotated[Path | None, arg(metavar="RUN")] = None
    """Folder of the run; must be new or empty, except with --resume. Required."""
    config: Annotated[Path | None, arg(metavar="FILE")] = None
    """YAML file of all settings or of some, like the config.yaml of a run."""
    seeds: Annotated[tuple[str, ...], arg(metavar="SEED [SEED ...]", help=SEEDS)] = ()
    resume: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Resume the run in --out from its newest checkpoint, with its own settings."""


@dataclass(frozen=True)
class Reproduce(Train):
    """Train a network, record it walking, analyze its units and write the page."""

    out: Annotated[Path | None, arg(metavar="RUN")] = None
    """Folder of the run; must be new or empty, except with --resume. Default: runs/PRESET."""
    open: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Open the page in the browser when it is written."""


@dataclass(frozen=True)
class Evaluate:
    """Record a trained network walking in square arenas, and measure how well its code holds along routes.

    With --network or --code a run is made of a network or code of your own.
    """

    run: Annotated[Positional[Path | None], arg(metavar="RUN")] = None
    """Folder of the run; not with --network or --code."""
    network: Annotated[str | None, arg(metavar="MODULE:NAME", help=NETWORK)] = None
    code: Annotated[str | None, arg(metavar="MODULE:NAME")] = None
    """A code of your own, code(positions) -> activity, in place of a network. Needs --out."""
    out: Annotated[Path | None, arg(metavar="RUN")] = None
    """With --network or --code: folder of the run to make; must be new or empty."""
    config: Annotated[Path | None, arg(metavar="FILE")] = None
    """With --network or --code: YAML file of settings, of which seed, evaluation and analysis count."""
    arenas: Annotated[tuple[float, ...], arg(metavar="SIDE [SIDE ...]")] = ()
    """Sides of the arenas, meters. Default: evaluation.arenas of the run's settings."""
    path: Annotated[str | None, arg(metavar="sargolini|FILE", help=PATH)] = None
    scale: Annotated[float | None, arg(metavar="FACTOR")] = None
    """With --path: the network's meters per meter of the path. Default: 1."""
    step: Annotated[float | None, arg(metavar="SECONDS")] = None
    """With --path: seconds of a step. Default: the longest at which no step exceeds trajectories.max_speed."""
    series: Annotated[str | None, arg(metavar="NAME")] = None
    """With --path of an NWB file that has several: the SpatialSeries of the positions, by name or path."""
    time_scale: Annotated[float | None, arg(metavar="SECONDS")] = None
    """With --path of a file: seconds in a unit of its times (0.02 for frames at 50 a second)."""
    box: Annotated[tuple[float, ...], arg(metavar="X0 X1 Y0 Y1")] = ()
    """With --path of a file: where its box is, meters. Default: the path's extent in whole bins."""


@dataclass(frozen=True)
class Analyze:
    """Analyze the recordings of a run: rate maps, grid scores, modules, tori, other boxes, capacity, claims.

    Computes what is missing or out of date, a line each with its time. With --recording the run is made first, from a
    file of positions with activities or spike times.

    Settings of the analysis, such as --analysis.shuffles 50, replace the run's own (with --recording those of --config)
    and are kept with it; `sicgrid train --help-all` explains them.
    """

    run: Annotated[Positional[Path | None], arg(metavar="RUN")] = None
    """Folder of the run; not with --recording."""
    network: Annotated[str | None, arg(metavar="MODULE:NAME")] = None
    """The network of a run that `sicgrid evaluate --network` made, for the parts that make it walk."""
    only: Annotated[tuple[str, ...], arg(metavar="PART [PART ...]", help=ONLY)] = ()
    recording: Annotated[Path | None, arg(metavar="FILE", help=RECORDING)] = None
    out: Annotated[Path | None, arg(metavar="RUN")] = None
    """With --recording: folder of the run to make; must be new or empty."""
    spikes: Annotated[Path | None, arg(metavar="FILE", help=SPIKES)] = None
    series: Annotated[str | None, arg(metavar="NAME", help=SERIES)] = None
    activity_series: Annotated[str | None, arg(metavar="NAME")] = None
    """With --recording of an NWB file: activities (imaging) from this RoiResponseSeries, by name or path."""
    arena: Annotated[float | None, arg(metavar="SIDE", help=ARENA)] = None
    center: Annotated[tuple[float, ...], arg(metavar="X Y")] = ()
    """With --arena: the box's center in the file's coordinates, meters."""
    box: Annotated[tuple[float, ...], arg(metavar="X0 X1 Y0 Y1")] = ()
    """With --recording: the box in the file's coordinates, meters, in place of --arena. Samples outside are dropped."""
    time_scale: Annotated[float | None, arg(metavar="SECONDS", help=TIME_SCALE)] = None
    spike_time_scale: Annotated[float | None, arg(metavar="SECONDS")] = None
    """The same for the times of spikes, or of activities with a clock of their own (0.001 for milliseconds)."""
    activity_offset: Annotated[str | None, arg(metavar="auto|VALUE")] = None
    """With --recording of activities below 0 (dF/F): what to add to every unit's; auto: minus its least value."""
    rectify: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """With --recording of activities below 0 (dF/F): set them to 0."""
    config: Annotated[Path | None, arg(metavar="FILE")] = None
    """With --recording: YAML file of settings, of which seed and analysis count."""


@dataclass(frozen=True)
class Report:
    """Write the page of a run or of a sweep, report.html, from its results."""

    run: Annotated[Positional[str | None], arg(metavar="RUN")] = None
    """Folder of the run, or of the sweep, or the sweep's URL; not with --pretrained."""
    pretrained: Annotated[str | None, arg(metavar="NAME")] = None
    """Make a run of this bundled network, record and analyze it as far as that is not done, then its page."""
    out: Annotated[Path | None, arg(metavar="RUN")] = None
    """With --pretrained: folder of that run. Default: runs/pretrained-NAME."""
    pdf_figures: Annotated[Path | None, arg(metavar="DIR")] = None
    """Also write each figure of the page as PDF and SVG into this folder."""
    open: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Open the page in the browser."""


@dataclass(frozen=True)
class Compare:
    """Analyze several systems in the same way and write one page with a row for each, comparison.html, and its table.

    Started again, it resumes: runs that have been made are kept.
    """

    names: Annotated[Positional[tuple[str, ...]], arg(metavar="NAME [NAME ...]", help=SYSTEMS)] = ()
    out: Annotated[Path | None, arg(metavar="DIR")] = None
    """Folder of the comparison. Required."""
    seeds: Annotated[tuple[int, ...], arg(metavar="SEED [SEED ...]")] = (0,)
    """Of the baselines, a run each; the page gives medians."""
    whole: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Compute all parts of the analysis for each system's own page, not only those that the comparison needs."""
    cpus: Annotated[int | None, arg(metavar="N")] = None
    """Systems to work on at a time, each on one core. Default: as many as there are cores."""
    weights: Annotated[Path | None, arg(metavar="DIR", help=WEIGHTS)] = None
    open: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Open the page in the browser when it is written."""


@dataclass(frozen=True)
class Sweep:
    """Train, evaluate and analyze the networks of a plan, as many at a time as there are cores.

    Started again, it resumes: what has finished is left as it is. Needs sicgrid[sweep].
    """

    plan: Annotated[Positional[str], arg(metavar="PLAN", help=PLANS)]
    out: Annotated[str | None, arg(metavar="SWEEP", help=SWEEP)] = None
    size: Annotated[str | None, arg(metavar="NAME")] = None
    """Which of the plan's sizes, such as full or paper in the bundled ones. Default: the plan's first, the shortest."""
    dry_run: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Say what would run, and what time and disk it would take, from a short pilot."""
    address: Annotated[str | None, arg(metavar="ADDRESS")] = None
    """Join the Ray cluster there ("auto": the one on this machine) instead of starting one."""
    cpus: Annotated[int | None, arg(metavar="N")] = None
    """Cores that the sweep may use on this machine. Default: all."""
    dashboard: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Start Ray's dashboard too; needs ray[default]."""


@dataclass(frozen=True)
class Info:
    """Show versions, device, kernels and presets."""


@dataclass(frozen=True)
class Explore:
    """Write one page in which a network runs live: steer the animal, watch all units, break things.

    It opens from disk in any browser, needs no network, and can be sent to anyone. Of a run that has been
    analyzed it shows the maps, modules and scores; of any other network they are measured now, in half a minute.
    """

    run: Annotated[Positional[Path | None], arg(metavar="RUN")] = None
    """Folder of the run; not with --pretrained."""
    pretrained: Annotated[str | None, arg(metavar="NAME")] = None
    """Show this bundled network."""
    beside: Annotated[str | None, arg(name=FLAGS["beside"], metavar="NAME|RUN")] = None
    """A second network, bundled or a run's, that walks the same path beside the first."""
    out: Annotated[Path | None, arg(metavar="FILE")] = None
    """The page. Default: explorer.html, in the run's folder or with --pretrained in the current one."""
    open: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Open the page in the browser."""


@dataclass(frozen=True)
class Export:
    """Write a run's recording, and what the analysis says of its units, as an NWB file; needs sicgrid[nwb]."""

    run: Annotated[Positional[Path], arg(metavar="RUN")]
    """Folder of the run, evaluated or made of a recording."""
    nwb: Annotated[Path | None, arg(metavar="FILE")] = None
    """The file to write, .nwb; must not exist. Required."""
    arena: Annotated[float | None, arg(metavar="SIDE")] = None
    """Side of the box whose recording it is, meters. Default: the run's main one."""
    step: Annotated[float, arg(metavar="SECONDS")] = 1.0
    """How many seconds a step of a network stands for: it sets the file's clock."""
    subject: Annotated[str | None, arg(metavar="ID")] = None
    """The animal of a recording, which archives ask for; a simulation has none."""
    species: Annotated[str, arg(metavar="NAME")] = ""
    """With --subject: its Latin name, such as "Rattus norvegicus"."""
    sex: Annotated[str, arg(metavar="M|F|O|U")] = "U"
    """With --subject: male, female, other or unknown."""
    age: Annotated[str, arg(metavar="DURATION")] = ""
    """With --subject: its age by ISO 8601, such as P90D."""


@dataclass(frozen=True)
class Pretrained:
    """List the bundled networks; with NAME print the card of one; with --export make one more."""

    network: Annotated[Positional[str | None], arg(metavar="NAME")] = None
    """Print this network's card. With --export: the name to give."""
    export: Annotated[Path | None, arg(metavar="RUN", help=EXPORT)] = None
    shows: Annotated[str | None, arg(metavar="TEXT")] = None
    """With --export: what the network shows, in a sentence."""
    folder: Annotated[Path | None, arg(metavar="DIR")] = None
    """Where the networks are, in place of the package's own folder. With --export: where to write."""
    arenas: Annotated[tuple[float, ...], arg(metavar="SIDE [SIDE ...]")] = ()
    """With --export: sides of the arenas to evaluate in, meters, the main one first. Default: those of the run."""


@dataclass(frozen=True)
class Completion:
    """Print the script by which a shell completes commands, settings, presets, plans and bundled networks."""

    shell: Annotated[Positional[str], arg(metavar="bash|zsh|fish")]
    """Which shell."""


def arguments_of(command: str) -> type:
    """The class of a command's arguments, which has its name."""
    of_command: type = globals()[command.capitalize()]
    return of_command
