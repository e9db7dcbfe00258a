"""Overriding settings: one by its dotted name, nested ones, or ``name=value`` words of a command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..storage import UserError
from ._config import RunConfig, checked_config, merged, present_name
from ._yaml import parse_yaml


def put_setting(settings: dict[str, Any], name: str, value: Any) -> None:
    """Set one setting by its dotted name in nested settings; missing groups are added.

    Raises
    ------
    UserError
        If what should be a group has a value.

    """
    *groups, last = present_name(name).split(".")
    for group in groups:
        settings = settings.setdefault(group, {})
        if not isinstance(settings, dict):
            raise UserError(f"there is no setting {name}: {group} has a value and no settings of its own")
    settings[last] = value


def put_over(config: RunConfig, settings: Mapping[str, Any]) -> RunConfig:
    """A config overridden by nested settings; settings that neither sets remain unset (and follow the defaults).

    Raises
    ------
    UserError
        For names or values that are not allowed.

    """
    return checked_config(merged(config.model_dump(mode="json", exclude_unset=True), settings))


def overridden(config: RunConfig, words: Sequence[str]) -> RunConfig:
    """A config overridden by ``name=value`` words, the values in YAML.

    Raises
    ------
    UserError
        For names or values that are not allowed.

    """
    settings = config.settings()
    for word in words:
        name, _, value = word.partition("=")
        put_setting(settings, name, parse_yaml(value, word))
    return checked_config(settings)
