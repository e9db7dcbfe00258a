"""Packages of other people, imported where they are used and nowhere else."""

from importlib import import_module
from typing import Any

from ..storage import UserError, install_command


def other_package(name: str, extra: str) -> Any:
    """A module of a package that comes with an extra of this one; `UserError` names the extra if it is not there."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != name.partition(".")[0]:
            raise  # it is there, and one of its own dependencies is not
        package = name.partition(".")[0].replace("_", "-")
        raise UserError(f"this needs {package}; install it with {install_command(f'sicgrid[{extra}]')}") from None
