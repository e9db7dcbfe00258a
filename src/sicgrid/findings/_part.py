"""What a part of the analysis is, and what it hands back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import xarray as xr
from pydantic import BaseModel

from ..analysis import UnitTable
from ..experiment import RunConfig
from ..storage import RunDirectory

if TYPE_CHECKING:
    from ._sources import Sources

Progress = Callable[[int, int], None]

WAVES = ["k1", "k2", "k3"]
AXES = ["x", "y"]


class Unavailable(Exception):
    """A part that cannot be computed on this run; the text is one sentence that says why."""


TOO_FEW = "Too few units"
"""How that sentence begins where the population is too small for the part."""


class Result(NamedTuple):
    """What a part found: labeled arrays, the few numbers of it for summary.json, and tables for units.csv."""

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
    model: type[BaseModel] | None = None
    """What they are, under its name in the section ``analysis`` of a run's settings."""
    reads: tuple[str, ...] = ()
    """Other parts that it reads."""
    recordings: Literal["none", "main", "all"] = "none"
    network: bool = False
    """Whether it reads the network itself."""
    fewest: int = 1
    """Units that it takes to tell anything."""
    usual_s: float = 1.0
    """About how long it takes, seconds of one core on the network `quick`: for a guess of the time left alone."""
    usual_bytes: int = 1_000_000
    """About how large its result is, for a guess of a sweep's disk; 0 where that follows from the settings."""
    swept: bool = False
    """Whether a sweep computes it whose plan names no parts."""
    formerly: str = ""
    """What it was called before: a run that has its result under this name is read as it stands."""
    arena: float | None = None
    """Of a part that is about one box other than the main one: its side, meters."""
    of: str = ""
    """Of such a part: the one about the main box."""
    for_box: "Callable[[float], Part] | None" = None
    """Of a part about the main box: makes the same about another. The result comes with a table of the units and their
    maps, and its numbers stand at the top of the summary, and for each box under ``arenas``."""
    plan: "Callable[[Sources], str] | None" = None
    """What it is about to do, for a person to read before it does it."""
    top: Callable[[Mapping[str, Any], str | None], Mapping[str, Any]] | None = None
    """Of a part whose numbers the summary has under names of their own: these, from the numbers and the reason why
    there are none; both are empty for a part that was not computed."""


def result_file(run: RunDirectory, part: Part) -> Path:
    """Where a run has the part's result, or would have it: under its former name if it is there alone."""
    return run.result(_name_in(run, part))


def stamp_file(run: RunDirectory, part: Part) -> Path:
    """The same of the part's stamp."""
    return run.stamp(_name_in(run, part))


def _name_in(run: RunDirectory, part: Part) -> str:
    former = bool(part.formerly) and run.result(part.formerly).is_file() and not run.result(part.name).is_file()
    return part.formerly if former else part.name


def own_settings(section: str, *, seeded: bool = True) -> Callable[[RunConfig], dict[str, Any]]:
    """The settings of a part that depends on its own section of ``analysis`` alone, with the seed if it draws."""

    def settings(config: RunConfig) -> dict[str, Any]:
        chosen: dict[str, Any] = getattr(config.analysis, section).model_dump(mode="json")
        return chosen | ({"seed": config.seed} if seeded else {})

    return settings


def stack_padded(rows: Iterable[np.ndarray]) -> np.ndarray:
    """Arrays of one dimensionality as one, shorter ones filled up with NaN at the end of each axis."""
    arrays = [np.asarray(row, dtype=np.float64) for row in rows]
    shape = tuple(np.max([array.shape for array in arrays], axis=0))
    stacked = np.full((len(arrays), *shape), np.nan)
    for target, array in zip(stacked, arrays, strict=True):
        target[tuple(slice(size) for size in array.shape)] = array
    return stacked


def quantity(dims: str | tuple[str, ...], values: Any, units: str = "1", about: str = "") -> xr.Variable:
    """A labeled array with its unit ("1" for pure numbers) and a description."""
    attributes = {"units": units} | ({"long_name": about} if about else {})
    return xr.Variable(dims, values, attributes)


def json_number(value: float | None) -> float | None:
    """For JSON, which has no NaN: None where there is no number."""
    return float(value) if value is not None and np.isfinite(value) else None


def json_numbers(values: np.ndarray) -> list[float | None]:
    """The same of each number."""
    return [json_number(value) for value in np.atleast_1d(values)]
