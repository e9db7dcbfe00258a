"""The page: template, style and scripts of this package put together, with the subjects as data in it."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files

from ..storage import UserError
from ._packing import packed
from ._subject import Subject

MOST = 2  # subjects beside each other
# In the order in which each builds on those before it; together they are one script.
SCRIPTS = (
    "data", "color", "model", "walk", "maps", "code", "brain", "arena", "units", "torus", "experiments", "learn",
    "replay", "share", "tour", "main",
)  # fmt: skip


def render_explorer(subjects: Sequence[Subject]) -> str:
    """The page as one HTML text that refers to nothing outside itself; the same subjects give the same bytes.

    Only its own script runs in it: the policy names the script's hash.

    Raises
    ------
    UserError
        For none or more than two subjects, or two that replay a recording.

    """
    if not 1 <= len(subjects) <= MOST:
        raise UserError(f"a page shows one network or two beside each other, not {len(subjects)}")
    if sum(map(_is_replayed, subjects)) > 1:
        raise UserError("a page replays one recording; put a network beside it")
    subjects = sorted(subjects, key=_is_replayed, reverse=True)  # both walk the animal's path
    script = '"use strict";\n(() => {\n' + "".join(_source(f"{name}.js") for name in SCRIPTS) + "})();\n"
    names = " and ".join(subject.name for subject in subjects)
    filled = {
        "policy": _policy(script),
        "version": version("sicgrid"),
        "title": escape(f"{names} · live grid cells · sicgrid"),
        "style": _source("style.css"),
        "data": "".join(map(_data, subjects)),
        "script": script,
    }
    # In one pass, so that nothing in the data is taken for a place to fill.
    return re.sub(r"\{\{ (\w+) \}\}", lambda place: filled[place[1]], _source("page.html"))


def _is_replayed(subject: Subject) -> bool:
    return subject.about.get("kind") == "recording"


def _data(subject: Subject) -> str:
    """A subject as two elements that the browser neither runs nor reads by itself."""
    # "</script>" cannot occur in it, whatever the names hold.
    about = json.dumps(subject.about, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return (
        f'<script type="application/json" class="about">{about}</script>\n'
        f'<script type="application/octet-stream" class="arrays">{packed(subject.arrays)}</script>\n'
    )


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    strict = "default-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{strict}; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def _source(name: str) -> str:
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")
