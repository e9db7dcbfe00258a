"""The plan of a sweep: which networks, over which settings, and what is asked of them. One YAML file."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from .._seeds import seeds_of
from .._settings import Renamed, cut_repr, fault_rule, number_fault
from ..experiment import (
    DEFAULT_PRESET,
    did_you_mean,
    parse_yaml,
    present_name,
    preset_names,
    setting_names,
    typed_setting,
    yaml_text,
)
from ..findings import FORMER_PARTS, PART_NAMES, SWEPT_PARTS
from ..storage import UserError
from ._metrics import METRICS, PART_OF
from ._range import Range

OWN_FIELDS = {"seed": "seeds", "preset": "preset"}  # settings that a plan names elsewhere -> where
HARMLESS = ("about", "pack", "memory_gb", "gpus")  # may change between two starts of a sweep

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")

Dotted = dict[str, Any]


class Plan(Renamed):
    """A sweep's plan. Frozen and closed; settings are kept by dotted name."""

    FORMER = {"maximise": "maximize", "minimise": "minimize"}

    about: str = Field("", description="What it is for.")
    preset: str = Field(DEFAULT_PRESET, description="Where the settings of every network begin.")
    settings: Dotted = Field({}, description="Settings of every network, on top of the preset.")
    seeds: tuple[Annotated[int, Field(ge=0, lt=2**63)], ...] = Field(
        (0,), description="Seeds, each for every variant or point: a list, or '0..4'."
    )
    variants: dict[str, Dotted] | None = Field(None, description="Name -> settings on top (ablations).")
    grid: dict[str, tuple[Any, ...]] | None = Field(None, description="Setting -> its values; all combinations.")
    search: dict[str, Range] | None = Field(None, description="Setting -> the range searched.")
    samples: int | None = Field(None, ge=1, description="Points that a search tries.")
    maximize: str | None = Field(None, description="Metric that a search makes large (median over seeds).")
    minimize: str | None = Field(None, description="Metric that a search makes small.")
    record: tuple[str, ...] = Field((), description="Metrics kept in the table; empty keeps all that there are.")
    parts: tuple[str, ...] = Field(SWEPT_PARTS, description="Parts of the analysis.")
    pack: int = Field(1, ge=1, description="Networks of one shape given to a worker at a time.")
    memory_gb: float = Field(1.0, gt=0, allow_inf_nan=False, description="Memory set aside for a worker, GiB.")
    gpus: float = Field(0.0, ge=0, allow_inf_nan=False, description="GPUs set aside for a worker; 0.25 shares one.")

    @field_validator("seeds", mode="before")
    @classmethod
    def _range_of_seeds(cls, seeds: Any) -> Any:
        if isinstance(seeds, int) and not isinstance(seeds, bool):
            return (seeds,)
        return seeds_of(seeds) if isinstance(seeds, str) else seeds

    @field_validator("seeds")
    @classmethod
    def _distinct(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if not seeds:
            raise ValueError("must name at least one seed")
        if len(set(seeds)) < len(seeds):
            raise ValueError("must name each seed once")
        return seeds

    @field_validator("settings", mode="before")
    @classmethod
    def _by_dotted_name(cls, settings: Any) -> Any:
        return _dotted(settings) if isinstance(settings, Mapping) else settings

    @field_validator("grid", "search", mode="before")
    @classmethod
    def _by_present_name(cls, ranges: Any) -> Any:
        return {present_name(str(name)): raw for name, raw in ranges.items()} if isinstance(ranges, Mapping) else ranges

    @field_validator("parts")
    @classmethod
    def _parts_by_present_name(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(FORMER_PARTS.get(part, part) for part in parts)

    @field_validator("variants", mode="before")
    @classmethod
    def _each_by_dotted_name(cls, variants: Any) -> Any:
        if not isinstance(variants, Mapping):
            return variants
        for name, settings in variants.items():
            if not (isinstance(settings, Mapping) or settings is None):
                raise ValueError(f"must map names to settings, and {name!r} has {settings!r} in their place")
        return {str(name): _dotted(settings or {}) for name, settings in variants.items()}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        kinds = [name for name in ("variants", "grid", "search") if getattr(self, name) is not None]
        if len(kinds) > 1:
            raise ValueError(f"{' and '.join(kinds)} exclude each other; keep one of them")
        for kind in kinds:
            if not getattr(self, kind):
                raise ValueError(f"{kind} is empty; name at least one, or leave it out for the seeds alone")
        for name, values in (self.grid or {}).items():
            if not values:
                raise ValueError(f"grid.{name} is empty; list at least one value")
            if len({repr(value) for value in values}) < len(values):
                raise ValueError(f"grid.{name} names a value twice")
        for name in self.variants or {}:
            if not _NAME.fullmatch(name):
                raise ValueError(f"variant {name!r} cannot be a folder's name; use letters, digits, - _ and .")
        self._check_search()
        self._check_names()
        return self

    def _check_search(self) -> None:
        aims = [aim for aim in (self.maximize, self.minimize) if aim is not None]
        if self.search is None and (self.samples is not None or aims):
            raise ValueError("samples, maximize and minimize belong to a search; name ranges under search")
        if self.search is not None and (self.samples is None or len(aims) != 1):
            raise ValueError("a search needs samples (how many points) and one of maximize and minimize (a metric)")

    def _check_names(self) -> None:
        if self.preset not in preset_names():
            names = preset_names()
            raise ValueError(
                f"unknown preset {self.preset!r}{did_you_mean(self.preset, names)} (presets: {', '.join(names)})"
            )
        for part in self.parts:
            if part not in PART_NAMES:
                raise ValueError(
                    f"unknown part {part!r}{did_you_mean(part, list(PART_NAMES))} (parts: {', '.join(PART_NAMES)})"
                )
        for metric in (*self.record, *filter(None, (self.maximize, self.minimize))):
            if metric not in METRICS:
                raise ValueError(
                    f"unknown metric {metric!r}{did_you_mean(metric, list(METRICS))} (metrics: {', '.join(METRICS)})"
                )
        places: dict[str, Mapping[str, Any]] = {"settings": self.settings, "grid": self.grid or {}}
        places |= {"search": self.search or {}}
        places |= {f"variants.{name}": settings for name, settings in (self.variants or {}).items()}
        for place, settings in places.items():
            for name, value in settings.items():
                _check_setting(name, place)
                values = list(value.choices) if isinstance(value, Range) else value
                if fault := number_fault(setting_names()[name], values):
                    raise ValueError(f"{place}.{name} {fault}")

    @property
    def kind(self) -> Literal["seeds", "variants", "grid", "search"]:
        """What the trials differ in beside their seeds."""
        if self.variants is not None:
            return "variants"
        if self.grid is not None:
            return "grid"
        return "seeds" if self.search is None else "search"

    def needed_parts(self) -> tuple[str, ...]:
        """Parts of the analysis: those that are asked for and those that an asked metric needs."""
        asked = (*self.record, *filter(None, (self.maximize, self.minimize)))
        more = [PART_OF[metric] for metric in asked if metric in PART_OF]
        return tuple(dict.fromkeys((*self.parts, *more)))

    def typed(self) -> dict[str, Any]:
        """As JSON, its settings' values as a run has them: what two plans are compared by, however they are written."""
        plan = self.model_dump(mode="json")
        plan["settings"] = _typed(plan["settings"])
        if self.variants is not None:
            plan["variants"] = {name: _typed(settings) for name, settings in plan["variants"].items()}
        if self.grid is not None:
            plan["grid"] = {name: [typed_setting(name, raw) for raw in values] for name, values in self.grid.items()}
        if self.search is not None:
            for name, chosen in plan["search"].items():
                chosen["choices"] = [typed_setting(name, choice) for choice in chosen["choices"]]
        return plan

    def to_yaml(self) -> str:
        """As YAML; `load_plan` reads it back."""
        return yaml_text(self.model_dump(mode="json"))


def plan_names() -> list[str]:
    """Names of the bundled plans."""
    return sorted(entry.name.removesuffix(".yaml") for entry in _folder().iterdir() if entry.name.endswith(".yaml"))


def load_plan(file: str | Path, size: str | None = None) -> Plan:
    """A plan from a YAML file, or a bundled one by name.

    A file may hold ``sizes``: name -> fields put over the others (settings under settings). The first is the default.

    Raises
    ------
    UserError
        In one line, for a file that cannot be read, an unknown size, field, setting, metric, part or preset (with the
        nearest known), an empty grid, or fields that do not fit together.

    """
    path = Path(file)
    if not path.exists() and str(file) in plan_names():
        path = _folder() / f"{file}.yaml"
    fields = _read(path)
    fields = _sized(fields, size, str(path))
    try:
        return Plan.model_validate(fields)
    except ValidationError as error:
        faults = "; ".join(_fault(fault) for fault in error.errors(include_url=False))
        raise UserError(f"{path}: {faults}") from None


def _sized(fields: dict[str, Any], size: str | None, source: str) -> dict[str, Any]:
    """The fields of the plan with those of one of its sizes put over them."""
    fields = dict(fields)
    sizes = fields.pop("sizes", None) or {}
    if not (isinstance(sizes, dict) and all(isinstance(entry, dict) for entry in sizes.values())):
        raise UserError(f"{source}: sizes must map names to fields of the plan")
    if size is None and not sizes:
        return fields
    names = list(sizes)
    chosen = names[0] if size is None else size
    if chosen not in sizes:
        listed = f" (sizes: {', '.join(names)})" if names else "; the plan has no sizes"
        raise UserError(f"{source}: unknown size {chosen!r}{did_you_mean(chosen, names)}{listed}")
    over = dict(sizes[chosen])
    if isinstance(fields.get("settings"), Mapping) and isinstance(over.get("settings"), Mapping):
        try:
            over["settings"] = {**_dotted(fields["settings"]), **_dotted(over["settings"])}
        except ValueError as error:
            raise UserError(f"{source}: settings {error}") from None
    return fields | over


def _read(path: Path) -> dict[str, Any]:
    try:
        fields = parse_yaml(path.read_bytes(), str(path))
    except (FileNotFoundError, IsADirectoryError):
        names = plan_names()
        hint = did_you_mean(str(path), names)
        raise UserError(f"no plan {path}{hint} (bundled plans: {', '.join(names)})") from None
    if not isinstance(fields, dict):
        raise UserError(f"{path}: must hold a plan as `field: value` lines, found a {type(fields).__name__}")
    return fields


def _dotted(settings: Mapping[Any, Any], prefix: str = "") -> Dotted:
    """Nested settings, whose names may be dotted too, by dotted name; ValueError if two spellings name the same one."""
    flat: Dotted = {}
    for name, value in settings.items():
        dotted = f"{prefix}{name}"
        entries = _dotted(value, f"{dotted}.") if isinstance(value, Mapping) else {present_name(dotted): value}
        if twice := sorted(entries.keys() & flat.keys()):
            raise ValueError(f"name {twice[0]} twice, nested and by its dotted name; keep one of them")
        flat |= entries
    return flat


def _typed(settings: Dotted) -> Dotted:
    return {name: typed_setting(name, value) for name, value in settings.items()}


def _check_setting(name: str, place: str) -> None:
    if name in OWN_FIELDS:
        raise ValueError(f"{name} does not belong under {place}; a plan has its own field {OWN_FIELDS[name]!r} for it")
    names = setting_names()
    if name not in names:
        leaves = [setting for setting in names if setting.rpartition(".")[2] == name]
        hint = f"; did you mean {leaves[0]!r}?" if leaves else did_you_mean(name, list(names))
        raise ValueError(f"unknown setting {name!r} under {place}{hint}")


def _fault(fault: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"unknown field {name!r}{did_you_mean(name, [*Plan.model_fields, 'sizes'])}"
    if not name:  # of the plan as a whole: the message says all
        return str(fault["msg"]).removeprefix("Value error, ")
    return f"{name} {fault_rule(fault)}, found {cut_repr(fault['input'])}"


def _folder() -> Path:
    return Path(str(files(__package__))) / "plans"
