"""The ``sicgrid`` command."""

from ._main import main as main
