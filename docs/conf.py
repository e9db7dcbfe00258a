"""Settings of the documentation site; `.venv/bin/sphinx-build -W docs build/docs` makes it, tutorials executed."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))
# Tutorials call `sicgrid` as a person does in an environment that is switched on.
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))

import from_code  # noqa: E402 # in this folder

PROJECT = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "sicgrid"
author = "sicgrid contributors"
release = version = PROJECT["version"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["slurm"]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
suppress_warnings = [
    "myst.header",  # the lab log skips levels
    "ref.python",  # a shape (units, 2) may be the name of several attributes
]

# Tutorials run at the build, once for each version of their text; what they print and draw is the page.
nb_execution_mode = "cache"
nb_execution_cache_path = str(DOCS.parent / "build" / "tutorials")
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_merge_streams = True

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

highlight_language = "text"  # of fenced blocks that name none
default_role = "code"  # docstrings name things in single backticks
add_module_names = False
autodoc_typehints = "description"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_title = "sicgrid"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "show_prev_next": True,
}
html_sidebars = {"index": []}
copyright = "the sicgrid contributors, MIT license"


def write_pages(app: Sphinx, error: Exception | None) -> None:
    """The explorer of the front page, beside it, and the pages to look at."""
    if error is None and app.builder.format == "html":
        site = Path(app.outdir)
        subprocess.run(["sicgrid", "explore", "--pretrained", "quick", "--out", str(site / "live.html")], check=True)
        kept = DOCS.parent / "build" / "pages"
        subprocess.run([sys.executable, str(DOCS / "pages.py"), str(kept), str(site / "pages")], check=True)


def setup(app: Sphinx) -> None:
    """Fill in what the code says: settings, help texts, and the reference of every room."""
    app.connect("builder-inited", lambda app: from_code.write_reference(DOCS / "reference"))
    # What the code says may change, and pages come and go, while the page that asks stays as it is.
    app.connect("env-get-outdated", lambda *_: from_code.pages_that_ask(DOCS))
    app.connect("source-read", lambda app, name, source: from_code.fill_in(DOCS, name, source))
    app.connect("autodoc-skip-member", from_code.skip_member)
    app.connect("autodoc-process-docstring", from_code.head_examples, priority=100)  # before napoleon
    app.connect("autodoc-process-docstring", from_code.escape_bars, priority=900)  # after napoleon
    app.connect("build-finished", write_pages)
