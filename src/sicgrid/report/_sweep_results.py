"""What a sweep's folder holds, read for its page: the table, and how its rows belong together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .._repr import brief
from ..findings import Group, label_of
from ..storage import RunDirectory, UserError, install_command, shell_word


class Column(NamedTuple):
    """What a column of the table says; ``unit`` is empty for a pure number."""

    description: str
    unit: str


@brief
@dataclass(frozen=True)
class SweepResults:
    """A sweep as its page shows it."""

    path: Path
    name: str
    plan: Mapping[str, Any]
    """Of table.parquet: about, kind, preset, settings, seeds, variants, grid, search, aim, number of trials."""
    columns: Mapping[str, Column]
    rows: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def kind(self) -> str:
        """seeds, variants, grid or search."""
        return str(self.plan["kind"])

    @property
    def varied(self) -> list[str]:
        """Settings that differ between trials, in the table's order."""
        return [name for name, column in self.columns.items() if column.description == "Setting"]

    def count(self, status: str) -> int:
        """Trials with this status."""
        return sum(row["status"] == status for row in self.rows)

    def run(self, row: Mapping[str, Any]) -> RunDirectory:
        """The run of a trial."""
        return RunDirectory(self.path / "runs" / row["name"])

    def groups(self) -> list[Group]:
        """Trials that differ in their seeds alone, in the table's order."""
        rows: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.rows:
            rows.setdefault(label_of(row["name"]), []).append(row)
        return [
            Group(name or "all seeds", {setting: _first(trials, setting) for setting in self.varied}, trials)
            for name, trials in rows.items()
        ]


def read_sweep(sweep: Path) -> SweepResults:
    """Read SWEEP/table.parquet, which `sicgrid.sweeps.write_table` makes.

    Raises
    ------
    UserError
        If it is not there, or damaged, or pyarrow is not installed.

    """
    table = _read_table(sweep / "table.parquet")
    try:
        plan = json.loads(table.schema.metadata[b"sicgrid"])
    except (TypeError, KeyError, ValueError):
        raise UserError(f"{sweep / 'table.parquet'} says nothing of its plan; it is no table of a sweep") from None
    columns = {}
    for column in table.schema:
        about = {key.decode(): value.decode() for key, value in (column.metadata or {}).items()}
        columns[column.name] = Column(about.get("description", column.name), about.get("unit", ""))
    return SweepResults(sweep, sweep.resolve().name, plan, columns, table.to_pylist())


def _read_table(path: Path) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise UserError(
            f"the page of a sweep needs pyarrow; install it with {install_command('sicgrid[sweep]')}"
        ) from None
    if not path.is_file():
        raise UserError(f"{path.parent} has no {path.name} yet; `sicgrid report {shell_word(path.parent)}` makes it")
    try:
        return pyarrow.parquet.read_table(path)
    except pyarrow.ArrowInvalid:
        raise UserError(f"{path} is damaged; `sicgrid report {shell_word(path.parent)}` makes it anew") from None


def _first(rows: Sequence[Mapping[str, Any]], name: str) -> Any:
    return next((row[name] for row in rows if row.get(name) is not None), None)
