"""Known runs, for the tests of this room."""

from known_run import results, run  # noqa: F401
