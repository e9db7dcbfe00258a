"""The table of a sweep: a row for each trial, in one Parquet file that explains itself."""

import functools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..experiment import load_run_config, setting_names, typed_setting
from ..storage import RunDirectory, UserError, read_json, write_atomically
from ._cluster import require
from ._directory import SweepDirectory
from ._metrics import KINDS, METRICS, MORE, Metric, read_more, run_metrics
from ._plan import load_plan

if TYPE_CHECKING:
    import pyarrow

FIRST = ("name", "variant", "seed", "status")
LAST = ("seconds", "message")

ABOUT = {
    "name": Metric("Folder under runs", ""),
    "variant": Metric("Variant of the plan; empty in a plan without", ""),
    "seed": Metric("Seed", ""),
    "status": Metric("finished, diverged, failed, unfinished, waiting or damaged", ""),
    "seconds": Metric("Time worked, without attempts that were killed", "s"),
    "message": Metric("Why it did not finish", ""),
}


def collect(sweep: Path) -> list[dict[str, Any]]:
    """A row for each trial that the sweep has begun or planned, in its order.

    Columns: name, variant, seed, status; every setting that the plan varies, by its dotted name; every metric of
    `METRICS`; what `MORE` has beside them; seconds and message. Status is
    "finished", "diverged", "failed" as trial.json has it, "unfinished" for a run without one, "waiting" where there is
    no run, "damaged" where a file cannot be read (the message says which): a row it stays, whatever its files hold.

    Raises
    ------
    UserError
        If the folder is no sweep, or its list of trials is damaged.

    """
    place = SweepDirectory(sweep)
    if not place.about.is_file():
        raise UserError(f"{sweep} holds no sweep: {place.about.name} is missing")
    trials = read_json(place.about).get("trials")
    if not (isinstance(trials, list) and all(isinstance(trial, dict) and "name" in trial for trial in trials)):
        raise UserError(f"{place.about} is damaged: it does not list the trials by name")
    varied = list(dict.fromkeys(name for trial in trials for name in trial.get("point") or {}))
    return [_row(place, trial, varied) for trial in trials]


def write_table(sweep: Path) -> Path:
    """Write SWEEP/table.parquet, whole or not at all; return its path.

    Each column's metadata hold its ``description`` and ``unit``; those of the table hold under ``sicgrid`` what the
    plan is, as JSON: about, kind, preset, settings, seeds, variants, grid, search, maximize, minimize, and ``trials``,
    how many there will be.

    Raises
    ------
    UserError
        As `collect`, or if pyarrow is not installed or the plan damaged.

    """
    require("pyarrow")
    place = sweep / "table.parquet"
    rows = collect(sweep)
    write_atomically(place, _parquet(rows, _of_plan(sweep, len(rows))))
    return place


def _row(place: SweepDirectory, trial: Mapping[str, Any], varied: list[str]) -> dict[str, Any]:
    run = place.run(trial["name"])
    row: dict[str, Any] = {name: trial.get(name) for name in ("name", "variant", "seed")}
    row |= {"status": "waiting" if not run.path.exists() else "unfinished", **dict.fromkeys(varied)}
    row |= dict.fromkeys((*METRICS, *MORE)) | {"seconds": None, "message": None}
    try:
        record = place.read_record(trial["name"])
        row |= {name: _setting(run, trial, name) for name in varied}
        metrics = record["metrics"] if record and record.get("metrics") else run_metrics(run)
        row |= {name: _number(metrics.get(name)) for name in METRICS}
        if record:
            row |= {name: record[name] for name in ("status", "message") if isinstance(record.get(name), str)}
            row |= {"seconds": _number(record.get("seconds"))}
        if row["status"] == "finished" and run.summary.is_file():
            row |= _more(run, run.summary.stat().st_mtime_ns)
    except (UserError, OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        row |= {"status": "damaged", "message": str(error) or type(error).__name__}
    return row


@functools.cache
def _more(run: RunDirectory, changed: int) -> dict[str, Any]:
    """The columns of `MORE`. Kept, since a driver writes its table every minute and finished runs seldom change."""
    return read_more(run)


def _setting(run: RunDirectory, trial: Mapping[str, Any], name: str) -> Any:
    """A setting of the trial: what the plan says of it, else what its run has."""
    point = trial.get("point") or {}
    if name in point:
        return typed_setting(name, point[name])
    if not run.config.is_file():
        return None
    setting: Any = load_run_config(run).settings()
    for part in name.split("."):
        setting = setting[part]
    return setting


def _number(value: object) -> float | None:
    finite = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if finite else None  # type: ignore[return-value]


def _of_plan(sweep: Path, listed: int) -> dict[str, Any]:
    """What a reader of the table alone must know of the plan."""
    plan = load_plan(SweepDirectory(sweep).plan)
    fields = ("about", "preset", "settings", "seeds", "variants", "grid", "search", "maximize", "minimize")
    fields_of_plan = plan.typed()
    # A search lists its trials as it goes, all others list them before they begin.
    trials = listed if plan.samples is None else plan.samples * len(plan.seeds)
    return {name: fields_of_plan[name] for name in fields} | {"kind": plan.kind, "trials": trials}


def _parquet(rows: list[dict[str, Any]], plan: Mapping[str, Any]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    described = ABOUT | METRICS | MORE
    settings = setting_names()
    columns = list(rows[0]) if rows else [*FIRST, *METRICS, *MORE, *LAST]
    fields, arrays = [], []
    for name in columns:
        values = [row[name] for row in rows]
        kind = _type(name, values, pyarrow)
        array = pyarrow.array([_text(value) for value in values] if kind == pyarrow.string() else values, kind)
        about = {"description": "Setting", "unit": ""} if name not in described and name in settings else {}
        about |= described[name]._asdict() if name in described else {}
        fields.append(pyarrow.field(name, array.type, metadata=about or None))
        arrays.append(array)
    schema = pyarrow.schema(fields, metadata={"sicgrid": json.dumps(plan)})
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _type(name: str, values: list[Any], arrow: Any) -> "pyarrow.DataType":
    """Types that do not depend on which trials happen to be finished."""
    if name in METRICS or name == "seconds":
        return arrow.float64()
    if name in MORE:
        return {float: arrow.float64(), list: arrow.list_(arrow.float64()), str: arrow.string()}[KINDS[name]]
    if name == "seed":
        return arrow.int64()
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return arrow.bool_()
    if kinds == {int}:
        return arrow.int64()
    return arrow.float64() if kinds and kinds <= {int, float} else arrow.string()


def _text(value: Any) -> str | None:
    """Words as they are, anything else as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
