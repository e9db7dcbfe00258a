"""The page's text: complete, the same each time, only its own script, names that cannot break it."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from known_code import ODD, known_survey
from sicgrid.explorer import network_subject, render_explorer
from sicgrid.explorer._page import SCRIPTS
from sicgrid.storage import UserError


@pytest.fixture(scope="module")
def text(file):
    return file.read_text(encoding="utf-8")


def test_the_same_subject_gives_the_same_bytes(text, subject):
    assert render_explorer([subject]) == text


def test_only_the_script_of_the_page_may_run(text):
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', text)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    nothing = "default-src 'none'; base-uri 'none'; form-action 'none'"
    assert policy == f"{nothing}; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def test_nothing_in_it_leads_elsewhere(text):
    found = []

    class Links(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.extend(value for name, value in attributes if name in ("src", "href"))

    Links().feed(text)
    assert set(found) == {"#lab", "data:,"}


def test_names_are_data(text):
    assert ODD not in text
    assert text.count("</script>") == 3


def test_every_source_is_in_it(text):
    for name in SCRIPTS:
        assert f"// ---- {name}: " in text, name
    assert "{{" not in text


def test_two_at_most(subject):
    with pytest.raises(UserError, match="not 3"):
        render_explorer([subject] * 3)


def test_a_network_of_the_size_of_quick_takes_two_megabytes_at_most(quick):
    """With maps that are as noisy as recorded ones."""
    assert len(render_explorer([network_subject("quick", *quick, known_survey(noise=0.05))]).encode()) < 2e6
