"""Known runs, for the tests of this room."""

from known_run import analyzed, analyzed_page, rendered, results, run  # noqa: F401
