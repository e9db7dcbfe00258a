"""Settings over settings: one by its dotted name, nested ones, words of a command line."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..storage import UserError
from ._config import RunConfig, checked_config, merged, present_name
from ._yaml import parse_yaml


def put_setting(settings: dict[str, Any], name: str, value: Any) -> None:
    """Set one setting by its dotted name in nested settings; groups that they lack are made.

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
    """A config with nested settings over it; those that nobody has set stay so.

    Raises
    ------
    UserError
        For names or values that are not allowed.

    """
    return checked_config(merged(config.model_dump(mode="json", exclude_unset=True), settings))


def overridden(config: RunConfig, words: Sequence[str]) -> RunConfig:
    """The settings with ``name=value`` words put over them, the values in YAML.

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
