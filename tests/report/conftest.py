"""Known runs, for the tests of this room."""

import pytest

from known_run import rendered, results, run  # noqa: F401
from sicgrid.report import render_page


@pytest.fixture(scope="session")
def analyzed_page(analyzed):
    """The page of a run with two ideal modules."""
    return render_page(analyzed)
