"""How long one waits for a command: its first output, its end, and the CPU seconds that it and its children take.

Help, the import of the analysis, the analysis of a run that is up to date (RUN, a copy if it must not be touched), and
the main job, which takes minutes. Each is a process of its own, in turn, so that a machine that is shared is so to all
of them. A first round does not count: it finds the files on the disk and brings the run up to date.

.venv/bin/python benchmarks/startup.py [--rounds 9] [--run RUN]
.venv/bin/python benchmarks/startup.py --main-job     # and `sicgrid reproduce quick`, three rounds at most
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import floor

SICGRID = (sys.executable, "-m", "sicgrid")
MAIN_JOBS = 3  # at most
Reading = tuple[float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="that count")
    parser.add_argument("--run", type=Path, help="an analyzed run")
    parser.add_argument("--main-job", action="store_true")
    arguments = parser.parse_args()
    rows = {
        ("`sicgrid --help`", "0.5 s"): [*SICGRID, "--help"],
        ("`import sicgrid.analysis`", "0.3 s"): [sys.executable, "-c", "import sicgrid.analysis"],
    }
    if arguments.run:
        up_to_date = "`sicgrid analyze RUN`, up to date", "1.5 s to the first output"
        rows[up_to_date] = [*SICGRID, "analyze", str(arguments.run)]
    floor.print_machine()
    print("  seconds: median of the rounds (smallest to largest)")
    print("| command, rounds | first output | end | CPU | aim |\n|---|---|---|---|---|")
    rounds = [[timed(command) for command in rows.values()] for _ in range(arguments.rounds + 1)][1:]
    for (name, aim), *readings in zip(rows, *rounds, strict=True):
        print_row(name, readings, aim)
    if arguments.main_job:
        print_row("`sicgrid reproduce quick`", [main_job() for _ in range(min(arguments.rounds, MAIN_JOBS))], "60 s")


def main_job() -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        return timed([*SICGRID, "reproduce", "quick", "--seed", "0", "--out", str(Path(folder, "run"))])


def timed(command: list[str]) -> Reading:
    """Seconds to the first output (NaN: there is none) and to the end, and of CPU."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
    assert child.stdout is not None
    printed = child.stdout.read(1)
    first = time.perf_counter() - began if printed else float("nan")
    printed += child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    end = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}: {printed.decode()}")
    return first, end, used.ru_utime + used.ru_stime


def print_row(name: str, readings: list[Reading], aim: str) -> None:
    columns = [f"{statistics.median(s):.2f} ({min(s):.2f} to {max(s):.2f})" for s in zip(*readings, strict=True)]
    print(f"| {name}, {len(readings)} |", " | ".join([*columns, aim]).replace("nan (nan to nan)", ""), "|", flush=True)


if __name__ == "__main__":
    main()
