"""Pages to look at: a comparison and the report of each of its systems, made when the site is built, and in no commit.

`python docs/pages.py KEPT SITE` makes them in KEPT, or brings up to date what an earlier build left there, and copies
them to SITE.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from sicgrid.experiment import RunConfig
from sicgrid.run import compare

NAMES = ("twisted-torus", "noise", "modules")
# Fewer walks and draws of some nulls than by default: the site is built often.
SETTINGS = {
    "evaluation": {"arenas": (2.0, 3.0), "walk": {"animals": 60}},
    "analysis": {"shuffles": 50, "other_boxes_shuffles": 2, "topology": {"shuffles": 20, "points": 120}},
}


def make_pages(kept: Path, site: Path) -> None:
    """Make them, and put them into the site, where the links between them lead as they did."""
    # Runs are of the settings that they were made with, defaults among them: of others there is a folder of its own.
    kept /= hashlib.sha256(repr((NAMES, SETTINGS, RunConfig().settings())).encode()).hexdigest()[:8]
    kept.mkdir(parents=True, exist_ok=True)
    compare(NAMES, kept, settings=SETTINGS, processes=1)
    for page in (kept / "comparison.html", kept / "comparison.csv", *sorted(kept.glob("runs/*/report.html"))):
        there = site / page.relative_to(kept)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, there)


if __name__ == "__main__":
    make_pages(Path(sys.argv[1]), Path(sys.argv[2]))
