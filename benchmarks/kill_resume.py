"""Kill a run with SIGKILL at random moments of all its stages, resume it each time, and compare with one never killed.

    python benchmarks/kill_resume.py [--kills 200] [--steps 200] [--seed 0]

Stages: making the folder, train, evaluate, analyze, report, by the command line's own entry, with the default kernels.
When a run is finished, the next begins, until there were so many kills. Each life is a process forked off this one,
which has imported what a run needs, so that kills fall on work and not on imports.

After each kill every file is read back; training may lose no more than the steps since the last checkpoint, and a part
of the analysis that has its stamp may not be computed again. At the end a run has the same files as the run never
killed, and the same bytes in each: only times (sessions of provenance.json, "seconds" of the stamps and of
summary.json) may differ, and report.html, which shows them. With the other's times put in, a page made anew must have
the other's bytes too. Both runs begin as copies of one folder and in the same place, since a run's identity, drawn at
random, and its path go into its files. A folder of the system's temporary place is used and removed. Exits with 1 if
anything does not hold.
"""

import argparse
import contextlib
import csv
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from numba.core.registry import cpu_target

import sicgrid.cli._commands
import sicgrid.report  # noqa: F401, loaded before the first fork
from sicgrid.cli import main as sicgrid_command
from sicgrid.experiment import load_run_config
from sicgrid.storage import (
    RunDirectory,
    exclusive,
    load_recording,
    newest_checkpoint,
    read_dataset,
    read_json,
    read_maps,
    read_metrics,
    read_provenance,
    recorded_arenas,
    write_json,
)

EVERY = 20
STAGES = ("train", "evaluate", "analyze", "report")
# Of each run. A page is one file, and drawing it takes longer than all else.
MOST_KILLS = {"make": 5, "train": 10, "evaluate": 10, "analyze": 13, "report": 2}
# Of the seconds that a stage takes whole: training and analysis keep what they have done, and need less each time.
LONGEST_LIFE = {"make": 1.0, "train": 0.5, "evaluate": 1.0, "analyze": 0.5, "report": 1.0}


class Broken(Exception):
    """Something that must hold does not."""


def command(stage: str, run: RunDirectory) -> list[str]:
    return ["train", "--resume", "--out", str(run.path)] if stage == "train" else [stage, str(run.path)]


def begin(arguments: Sequence[str], imported: Path | None = None) -> int:
    """Run a command in a process of its own, which may write down at its end what it has imported; its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            code = sicgrid_command(arguments)
            if imported is not None:
                with imported.open("a") as file:
                    file.write("\n".join([*sys.modules, ""]))
        finally:
            os._exit(code)
    return child


def finish(arguments: Sequence[str], imported: Path | None = None) -> float:
    """Run a command to its end; seconds."""
    began = time.monotonic()
    if code := os.waitstatus_to_exitcode(os.waitpid(begin(arguments, imported), 0)[1]):
        raise Broken(f"sicgrid {' '.join(arguments)} ended with {code}")
    return time.monotonic() - began


def import_all(names: Path) -> None:
    """Import here what another process has imported."""
    for name in sorted(set(names.read_text().split())):
        # Some names in sys.modules are no module's.
        with contextlib.suppress(ImportError):
            import_module(name)


def killed(arguments: Sequence[str], after: float) -> bool:
    """Run a command and kill it after so many seconds; whether that came before its end."""
    child = begin(arguments)
    until = time.monotonic() + after
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if status:
                raise Broken(f"sicgrid {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
            return False
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if status and os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        raise Broken(f"sicgrid {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return status != 0


def check_readable(run: RunDirectory) -> tuple[int, int]:
    """Read every file of the run; the step of the checkpoint and that of the last record."""
    with exclusive(run):
        run_id = read_provenance(run)["run"]
        checkpoint = newest_checkpoint(run, run_id)
        load_run_config(run)
        for path in run.path.rglob("*.json"):
            json.loads(path.read_bytes())
        for arena in recorded_arenas(run):
            load_recording(run, run_id, arena)
        for path in run.results.glob("*.nc"):
            read_dataset(path)
        for path in run.path.glob("maps*.npz"):
            read_maps(path)
        for path in run.path.glob("units*.csv"):
            if len({len(row) for row in csv.reader(path.read_text().splitlines())}) != 1:
                raise Broken(f"{path} has rows of unequal length")
        if run.report.exists() and not run.report.read_text().rstrip().endswith("</html>"):
            raise Broken("the page is cut off")
        steps = read_metrics(run.metrics)["step"] if run.metrics.exists() else []
    return checkpoint.step if checkpoint else 0, int(steps[-1]) if len(steps) else 0


class Lives:
    """The lives of one run, stage by stage, and what is counted over all runs."""

    def __init__(self, seconds: dict[str, float], draw: random.Random) -> None:
        self.seconds, self.draw = seconds, draw
        self.kills: Counter[str] = Counter()
        self.recomputed_steps = self.worst = 0

    def make(self, folder: Path, settings: Sequence[str]) -> None:
        """Kill the making of a run's folder: afterward there is a whole run or none, and the place can be used."""
        run = RunDirectory(folder)
        for _ in range(MOST_KILLS["make"]):
            if killed(("train", "--out", str(folder), *settings), self._span("make")):
                self.kills["make"] += 1
            if run.config.exists():
                check_readable(run)
                shutil.rmtree(folder)
        shutil.rmtree(folder, ignore_errors=True)

    def _span(self, stage: str) -> float:
        return self.draw.uniform(0, LONGEST_LIFE[stage] * self.seconds[stage])

    def go_through(self, run: RunDirectory, kills: int) -> None:
        """All stages of a run, killed as long as that makes no more than so many kills in all."""
        before = 0
        for stage in STAGES:
            lives = 1
            stamps: dict[Path, bytes] = {}
            while lives <= MOST_KILLS[stage] and self.kills.total() < kills:
                if not killed(command(stage, run), self._span(stage)):
                    break
                self.kills[stage] += 1
                lives += 1
                kept, reached = check_readable(run)
                if not 0 <= reached - kept <= EVERY or kept < before:
                    raise Broken(f"step {reached} was reached, {before} was kept before, and {kept} is kept")
                self.recomputed_steps += reached - kept
                self.worst, before = max(self.worst, reached - kept), kept
                stamps = self._same_stamps(run, stamps)
            else:
                finish(command(stage, run))
            self._same_stamps(run, stamps)
            self._sessions(run, stage, lives)

    def _same_stamps(self, run: RunDirectory, before: dict[Path, bytes]) -> dict[Path, bytes]:
        """The parts' stamps, with times: one that was there must not have been written again."""
        now = {path: path.read_bytes() for path in run.results.glob("*.json")}
        for path, content in before.items():
            if now.get(path) != content:
                raise Broken(f"the part {path.stem} was computed twice")
        return now

    def _sessions(self, run: RunDirectory, stage: str, lives: int) -> None:
        ended = [session["ended"] for session in read_provenance(run)["sessions"] if session["stage"] == stage]
        if stage != "report" and not (len(ended) <= lives and ended[-1] == "done"):
            raise Broken(f"{lives} lives of {stage} have left the sessions {ended}")


def without_times(name: str, content: bytes) -> Any:
    """A file's content but for the times in it."""
    if name == "provenance.json":
        return {key: value for key, value in json.loads(content).items() if key != "sessions"}
    if name.startswith("results/") and name.endswith(".json"):
        return {key: value for key, value in json.loads(content).items() if key != "seconds"}
    if name == "summary.json":
        summary = json.loads(content)
        for part in summary["parts"].values():
            del part["seconds"]
        return summary
    return content


def files(run: RunDirectory) -> dict[str, bytes]:
    return {str(path.relative_to(run.path)): path.read_bytes() for path in run.path.rglob("*") if path.is_file()}


def compare(run: RunDirectory, whole: RunDirectory) -> int:
    """Compare a finished run with the one never killed; the number of files that are the same to the byte."""
    mine, others = files(run), files(whole)
    if mine.keys() != others.keys():
        raise Broken(f"these files are in one run only: {sorted(mine.keys() ^ others.keys())}")
    names = [name for name in mine if name != "report.html"]
    different = [name for name in names if without_times(name, mine[name]) != without_times(name, others[name])]
    if different:
        raise Broken(f"these files differ: {different}")
    for name in names:
        if mine[name] != others[name]:
            (run.path / name).write_bytes(others[name])
    finish(command("report", run))
    if run.report.read_bytes() != whole.report.read_bytes():
        raise Broken("with the same times the pages differ")
    return sum(mine[name] == others[name] for name in names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    settings = ("smoke", "--threads", "1", "--checkpoint-every", str(EVERY), "--training.steps", str(arguments.steps))
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    cpu_target.target_context.refresh()  # Numba's own start, which every kernel would wait for
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        whole, run = RunDirectory(place / "whole"), RunDirectory(place / "run")
        try:
            new = RunDirectory(place / "new")
            make_new(new, settings)
            for _ in range(2):  # the first to know what to import, the second, with all imported, to know how long
                shutil.rmtree(run.path, ignore_errors=True)
                shutil.copytree(new.path, run.path)
                seconds = {stage: finish(command(stage, run), place / "imported") for stage in STAGES}
                import_all(place / "imported")
            run.path.rename(whole.path)
            seconds["make"] = make_new(RunDirectory(place / "again"), settings)
            print("never killed:", ", ".join(f"{stage} {taken:.1f} s" for stage, taken in seconds.items()), flush=True)
            lives, runs = Lives(seconds, random.Random(arguments.seed)), 0
            while lives.kills.total() < arguments.kills:
                lives.make(place / "made", settings)
                shutil.copytree(new.path, run.path)
                lives.go_through(run, arguments.kills)
                same = compare(run, whole)
                runs += 1
                print(f"run {runs}: {lives.kills.total()} kills so far, {same} files the same to the byte", flush=True)
                shutil.rmtree(run.path)
        except Broken as error:
            print(f"DOES NOT HOLD: {error}")
            return 1
    by_stage = ", ".join(f"{number} in {stage}" for stage, number in lives.kills.items())
    print(f"{lives.kills.total()} kills of {runs} runs: {by_stage}; all files readable after each")
    print(f"at most {lives.worst} steps lost of {EVERY} between checkpoints, {lives.recomputed_steps} in all")
    print("no part of an analysis done twice; every run ended in the bytes of the run never killed, but for times")
    return 0


def make_new(run: RunDirectory, settings: Sequence[str]) -> float:
    """Make a run that has not begun to train; seconds until its folder was there."""
    began = time.monotonic()
    child = begin(("train", "--out", str(run.path), *settings))
    while not run.config.exists():
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    taken = time.monotonic() - began
    with exclusive(run):
        record = read_json(run.provenance)
    write_json(run.provenance, {**record, "sessions": []})
    return taken


if __name__ == "__main__":
    sys.exit(main())
