"""The table of a sweep: a row for each trial, in one Parquet file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..experiment import load_run_config, setting_names
from ..storage import RunDirectory, UserError, read_json, write_atomically
from ._directory import SweepDirectory
from ._metrics import METRICS, read_metrics

if TYPE_CHECKING:
    import pyarrow

FIRST = ("name", "variant", "seed", "status")
LAST = ("seconds", "message")


def collect(sweep: Path) -> list[dict[str, Any]]:
    """A row for each trial that the sweep has begun or planned, in its order.

    Columns: name, variant, seed, status; every setting that the plan varies, by its dotted name; every metric of
    `METRICS`; seconds and message. Status is "finished", "diverged", "failed" as trial.json has it, "unfinished" for a
    run without one, "waiting" where there is no run, "damaged" where a file cannot be read (the message says which): a
    row it stays, whatever its files hold. `UserError` if the folder is no sweep.
    """
    place = SweepDirectory(sweep)
    if not place.about.is_file():
        raise UserError(f"{sweep} holds no sweep: {place.about.name} is missing")
    trials = read_json(place.about)["trials"]
    varied = list(dict.fromkeys(name for trial in trials for name in trial["point"] or {}))
    return [_row(place, trial, varied) for trial in trials]


def write_table(sweep: Path) -> Path:
    """Write SWEEP/table.parquet, whole or not at all, with each column's meaning in its metadata; return its path."""
    place = sweep / "table.parquet"
    write_atomically(place, _parquet(collect(sweep)))
    return place


def _row(place: SweepDirectory, trial: Mapping[str, Any], varied: list[str]) -> dict[str, Any]:
    run = place.run(trial["name"])
    row: dict[str, Any] = {name: trial.get(name) for name in ("name", "variant", "seed")}
    row |= {"status": "waiting" if not run.path.exists() else "unfinished", **dict.fromkeys(varied)}
    row |= dict.fromkeys(METRICS) | {"seconds": None, "message": None}
    try:
        record = place.read_record(trial["name"])
        row |= {name: _setting(run, trial, name) for name in varied}
        metrics = record["metrics"] if record and record.get("metrics") else read_metrics(run)
        row |= {name: metrics.get(name) for name in METRICS}
        if record:
            row |= {name: record.get(name) for name in ("status", "seconds", "message")}
    except (UserError, OSError, KeyError, TypeError, AttributeError) as error:
        row |= {"status": "damaged", "message": str(error) or type(error).__name__}
    return row


def _setting(run: RunDirectory, trial: Mapping[str, Any], name: str) -> Any:
    """A setting of the trial: what the plan says of it, else what its run has."""
    point = trial["point"] or {}
    if name in point:
        return point[name]
    if not run.config.is_file():
        return None
    found: Any = load_run_config(run).settings()
    for part in name.split("."):
        found = found[part]
    return found


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    settings = setting_names()
    columns = list(rows[0]) if rows else [*FIRST, *METRICS, *LAST]
    fields, arrays = [], []
    for name in columns:
        values = [row[name] for row in rows]
        kind = _type(name, values, pyarrow)
        array = pyarrow.array([_text(value) for value in values] if kind == pyarrow.string() else values, kind)
        about = {"description": METRICS[name].description, "unit": METRICS[name].unit} if name in METRICS else {}
        about |= {"description": "setting"} if name in settings and name not in FIRST else {}
        fields.append(pyarrow.field(name, array.type, metadata=about or None))
        arrays.append(array)
    table = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _type(name: str, values: list[Any], arrow: Any) -> "pyarrow.DataType":
    """Types that do not depend on which trials happen to be finished."""
    if name in METRICS or name == "seconds":
        return arrow.float64()
    if name == "seed":
        return arrow.int64()
    known = {type(value) for value in values if value is not None}
    if known == {bool}:
        return arrow.bool_()
    return arrow.float64() if known and known <= {int, float} else arrow.string()


def _text(value: Any) -> str | None:
    """Words as they are, anything else as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
