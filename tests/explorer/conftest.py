"""One browser for this room, and pages of a known code."""

import numpy as np
import pytest

from browser import BROWSER, Browser
from known_code import ODD, known_survey
from sicgrid.explorer import Subject, network_subject, render_explorer
from sicgrid.pretrained import load_pretrained, read_card


@pytest.fixture(scope="session")
def survey():
    return known_survey()


@pytest.fixture(scope="session")
def quick():
    """The bundled network, its settings, and what is known of its code: made up, so that the answers are known."""
    return load_pretrained("quick"), read_card("quick").config


@pytest.fixture(scope="session")
def subject(quick, survey):
    made = network_subject(ODD, *quick, survey, "A sentence.")
    learned = {"steps": [0, 10, 20], "units": ["3", "9"], "scores": [None, 0.5, 1.2], "loss": [None, -0.1, -0.2]}
    maps = np.random.default_rng(0).integers(0, 256, (3, 2, 10, 10)).astype(np.uint8)
    return Subject(made.name, {**made.about, "snapshots": learned}, {**made.arrays, "snapshots": maps})


@pytest.fixture(scope="session")
def browser():
    if BROWSER is None:
        pytest.skip("no chromium installed (apt-get install chromium)")
    made = Browser()
    yield made
    made.close()


@pytest.fixture(scope="session")
def file(subject, tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    path.write_text(render_explorer([subject]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def page(browser, file):
    """The page of one network, its clock stopped."""
    opened = browser.open(file)
    opened.run("explorer.world.play(false)")
    yield opened
    opened.close()
