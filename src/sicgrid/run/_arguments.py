"""What a run is made with, as a user may give it: folders, settings, boxes."""

import os
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from .._numbers import shown
from ..experiment import RunConfig, checked_config
from ..storage import UserError

Folder = str | PathLike[str]
Settings = Mapping[str, Any] | RunConfig | None


def folder(name: str, value: Any) -> Path:
    """The folder; `UserError` for what is no path."""
    if not isinstance(value, str | os.PathLike) or not str(value):
        raise UserError(f"{name} must be a folder, as text or a Path, got {shown(value)}")
    return Path(value)


def part_names(only: Any) -> tuple[str, ...]:
    """Names of parts of the analysis, of one or several or None; `UserError` for what is no text."""
    names = () if only is None else (only,) if isinstance(only, str) else only
    if not isinstance(names, Iterable) or not all(isinstance(name, str) for name in names):
        raise UserError(f"only must be names of parts, as only=('units', 'modules'), got {shown(only)}")
    return tuple(names)


def listed(name: str, values: Any) -> list[Any]:
    """One after the other; `UserError` for what holds none, or is text."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise UserError(f"{name} must be a list, as compare(['noise'], out, seeds=(0, 1)), got {shown(values)}")
    return list(values)


def number_of(name: str, value: Any, least: int = 0) -> int:
    """The number; `UserError` unless it is whole and large enough."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise UserError(f"{name} must be {least} or more, a whole number, got {shown(value)}")
    return int(value)


def settings_of(settings: Settings) -> dict[str, Any]:
    """As a dict what was set; `UserError` for what holds no settings."""
    mapping = _as_mapping({} if settings is None else settings)
    if not isinstance(mapping, Mapping):
        raise UserError(f"settings must be a dict, as of a run's config.yaml, got {shown(settings)}")
    return dict(mapping)


def run_config(settings: Settings, arenas: Sequence[float] | float | None, otherwise: Sequence[float]) -> RunConfig:
    """Settings with these boxes, else with their own, else with the last; `UserError` for what is wrong with them."""
    merged = settings_of(settings)
    evaluation = _as_mapping(merged.get("evaluation") or {})
    if not isinstance(evaluation, Mapping):
        return checked_config(merged)
    sides = (
        evaluation.get("arenas", otherwise) if arenas is None else np.atleast_1d(np.asarray(arenas, object)).tolist()
    )
    return checked_config({**merged, "evaluation": {**evaluation, "arenas": sides}})


def _as_mapping(settings: Any) -> Any:
    """A config as what was set in it; anything else as it is."""
    return settings.model_dump(exclude_unset=True) if isinstance(settings, BaseModel) else settings
