"""CPU seconds of each part of the analysis of a bundled network, beside another commit's in the same run.

.venv/bin/python benchmarks/analysis.py                       # quick: three boxes, one thread
.venv/bin/python benchmarks/analysis.py --against HEAD~5      # and a row a part: before, now, ratio
.venv/bin/python benchmarks/analysis.py --run runs/my-run     # a run that is recorded already

Both analyze copies of one run in processes of their own, one after the other, so that a machine that is shared is so to
both. Whether they find the same stands below the table: the largest relative difference of a number of summary.json,
and which verdicts and sentences differ. The floor of the scores is what they cannot do without: the matrix products
that transform each scored map and back, and one look at each pixel for each of the five rotations. What other processes
take to compile a kernel that is not in the cache does not count.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
NO_RESULTS = ("seconds", "run", "checkpoint")  # of summary.json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pretrained", default="quick")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--against", metavar="COMMIT")
    parser.add_argument("--walk", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.walk:
        walk(arguments.pretrained, arguments.walk)
    elif arguments.worker:
        print(json.dumps(analyzed(arguments.worker)))
    else:
        compare(arguments.run, arguments.pretrained, arguments.against)


def compare(run: Path | None, name: str, commit: str | None) -> None:
    """Analyze a run, or one made of a bundled network, by this sicgrid and by that of a commit; print the tables."""
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as at_the_end:
        folder, sources = Path(scratch), [ROOT / "src"]
        if commit:
            tree, git = folder / "before", ["git", "-C", str(ROOT), "worktree"]
            subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
            at_the_end.callback(subprocess.run, [*git, "remove", "--force", str(tree)], check=True)
            sources.insert(0, tree / "src")
        if run is None:
            run = folder / "run"
            # By the older one, since a run may have settings that it does not know yet; the newer one opens its runs.
            in_process(sources[0], "--pretrained", name, "--walk", str(run))
        seconds, results = [], []
        for source in sources:
            shutil.rmtree(folder / "copy", ignore_errors=True)
            shutil.copytree(run, folder / "copy", ignore=shutil.ignore_patterns("results"))
            seconds.append(json.loads(in_process(source, "--worker", str(folder / "copy"))))
            results.append(dict(leaves(json.loads((folder / "copy" / "summary.json").read_text(encoding="utf-8")))))
        print_table(seconds[-1], seconds[0] if commit else None, commit)
        if commit:
            print_differences(*results)
        print_floor(folder / "copy")


def walk(name: str, folder: Path) -> None:
    """A run of the bundled network, walked through its boxes."""
    from sicgrid.experiment import evaluate_run, load_run_config
    from sicgrid.pretrained import pretrained_run

    run = pretrained_run(name, folder)
    config = load_run_config(run)
    evaluate_run(run, config, config.evaluation.arenas, lambda arena: print(f"walking in {arena:g} m", file=sys.stderr))


def in_process(source: Path, *words: str) -> str:
    """The last line that this script prints with the sicgrid in ``source``, on one thread."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    environment = os.environ | threads | {"PYTHONPATH": str(source)}
    done = subprocess.run(
        [sys.executable, __file__, *words], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip().rpartition("\n")[2]


def analyzed(folder: Path) -> dict[str, float]:
    """Analyze the run; CPU seconds of each part."""
    from sicgrid.experiment import load_run_config
    from sicgrid.findings import PartEvent, analyze_run
    from sicgrid.storage import RunDirectory

    run, seconds, began = RunDirectory(folder), dict[str, float](), 0.0

    def on_part(event: PartEvent) -> None:
        nonlocal began
        if event.state == "done":
            seconds[event.part] = time.process_time() - began
        began = time.process_time()

    analyze_run(run, load_run_config(run), on_part)
    return seconds


def print_table(now: dict[str, float], before: dict[str, float] | None, commit: str | None) -> None:
    """A row a part, the costliest first, and the sum."""
    rows = sorted(now, key=lambda part: -now[part])
    print("| part | CPU s |" if before is None else f"| part | {commit}, CPU s | now, CPU s | ratio |")
    print("|---|---|" if before is None else "|---|---|---|---|")
    total = {"all": sum(now.values())}
    for part, seconds in [(part, now[part]) for part in rows] + list(total.items()):
        if before is None:
            print(f"| {part} | {seconds:.2f} |")
        else:
            old = sum(before.values()) if part == "all" else before.get(part, float("nan"))
            print(f"| {part} | {old:.2f} | {seconds:.2f} | {old / max(seconds, 1e-3):.1f} |")


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """What a summary holds, by dotted names, without times and what names the run."""
    if not isinstance(value, dict | list):
        yield name, value
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if key not in NO_RESULTS:
            yield from leaves(item, f"{name}.{key}".lstrip("."))


def print_differences(before: dict[str, Any], now: dict[str, Any]) -> None:
    """The largest difference of a number by the larger of the two, numbers of one side alone, and what is said."""
    old, new = ({name: x for name, x in side.items() if type(x) in (int, float)} for side in (before, now))
    apart = {name: abs(old[name] - new[name]) / (max(abs(old[name]), abs(new[name])) or 1) for name in old.keys() & new}
    most, name = max(((x, name) for name, x in apart.items()), default=(0, ""))
    print(f"largest relative difference of {len(apart):,} numbers: {most:.2g}", f"({name})" if most else "")
    for side, only in (("before", old.keys() - new), ("now", new.keys() - old)):
        if only:  # of arrays without the place in them
            print(f"numbers {side} only: {', '.join(sorted({re.sub(r'([.][0-9]+)+$', '', name) for name in only}))}")
    said = [name for name in {**before, **now} if {type(before.get(name)), type(now.get(name))} & {str, bool}]
    differ = [name for name in said if before.get(name) != now.get(name)]
    print(f"verdicts and sentences, {len(said)}: {'differ in ' + ', '.join(differ) if differ else 'all agree'}")


def print_floor(folder: Path) -> None:
    """The scores' matrix products, and one look at each pixel an angle, for as many maps as were scored in each box."""
    from sicgrid.experiment import load_run_config
    from sicgrid.storage import RunDirectory, read_dataset

    run = RunDirectory(folder)
    settings, total = load_run_config(run).analysis, 0.0
    for part in ("units", *sorted(path.stem for path in run.results.glob("units-*.nc"))):
        table = read_dataset(run.result(part))
        shuffles = settings.shuffles if part == "units" else min(settings.other_boxes_shuffles, settings.shuffles)
        bins = table.sizes["x"]
        maps = np.random.default_rng(0).random((bins, bins * 32), dtype=np.float32)
        wave, product = np.ones((bins, bins), dtype=np.float32), np.empty_like(maps)
        lags = np.ones((bins * (2 * bins - 1), 32), dtype=np.float32)
        pixels = int(0.5 * np.pi * (0.9 * bins) ** 2)
        took = []
        for _ in range(10):
            began = time.process_time()
            for _ in range(10):  # two waves along x, four along both, two of them back along both
                np.matmul(wave, maps, out=product)
            for _ in range(5):  # each pixel of half the disc is read once an angle
                lags[:pixels].sum(axis=0)
            took.append(time.process_time() - began)
        scored = 2 * shuffles * int(table["active"].values.sum())
        total += min(took) * scored / 32
        print(f"floor of the scores of {part}: {min(took) / 32 * 1e6:.0f} us a map, {scored:,} maps")
    print(f"floor of all scores: {total:.2f} s of CPU")


if __name__ == "__main__":
    main()
