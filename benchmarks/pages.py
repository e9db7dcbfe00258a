"""Pages in a browser: their size, how long each takes to open, and the frames of a live page.

Debian's chromium without a window, which draws on the processor, so that a laptop with a graphics unit is faster. Times
go from the navigation to the first thing drawn and to the end of loading. Frames are of a live page while its animal
walks by itself, with the time that the page's own script takes in each: 60 a second leave 16.7 ms.

.venv/bin/python benchmarks/pages.py RUN/report.html RUN/explorer.html [--seconds 10]
"""

import argparse
import statistics
import sys
from pathlib import Path

import floor

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser import BROWSER, Browser, Page  # the one that the tests drive

OPENED = 5  # times
OPENING = """new Promise((done) => {
    const look = () => {
        const [drawn] = performance.getEntriesByName("first-contentful-paint");
        const [{ loadEventEnd: loaded }] = performance.getEntriesByType("navigation");
        if (drawn && loaded) done([drawn.startTime, loaded]);
        else setTimeout(look, 20);
    };
    look();
})"""
FRAMES = """new Promise((done) => {
    const world = globalThis.explorer.world, times = [], own = [];
    const look = (now) => {
        times.push(now);
        own.push(world.timing.frame);
        if (now - times[0] < 1000 * SECONDS) requestAnimationFrame(look);
        else done([1000 * (times.length - 1) / (now - times[0]), own]);
    };
    requestAnimationFrame(look);
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path, help="HTML files")
    parser.add_argument("--seconds", type=float, default=10.0, help="in which frames are counted")
    arguments = parser.parse_args()
    if BROWSER is None:
        parser.error("chromium is needed (Debian: apt-get install chromium)")
    floor.print_machine()
    print("| page | size (MB) | first drawn (s) | loaded (s) | frames a second | script in a frame (ms) |")
    print("|---|---|---|---|---|---|")
    browser = Browser()
    try:
        for path in arguments.pages:
            opened = [opening(browser, path) for _ in range(OPENED)]
            times = " | ".join(f"{statistics.median(times) / 1000:.2f}" for times in zip(*opened, strict=True))
            size = path.stat().st_size / 1e6
            print(f"| {path.name} | {size:.1f} | {times} | {frames(browser, path, arguments.seconds)} |", flush=True)
    finally:
        browser.close()


def opening(browser: Browser, path: Path) -> tuple[float, float]:
    """Milliseconds to the first thing drawn and to the end of loading."""
    page = browser.open(path, ready=False)
    drawn, loaded = page.run(OPENING)
    page.close()
    return drawn, loaded


def frames(browser: Browser, path: Path, seconds: float) -> str:
    """Frames a second, and the median of what the script takes in one, as two cells; empty for a page that is still."""
    page: Page = browser.open(path, ready=False)
    page.run(OPENING)
    cells = " | "
    if page.run("Boolean(globalThis.explorer)"):
        rate, own = page.run(FRAMES.replace("SECONDS", f"{seconds:g}"))
        cells = f"{rate:.1f} | {statistics.median(own):.1f}"
    page.close()
    return cells


if __name__ == "__main__":
    main()
