"""From the file of a recorded session to its page: two hours, 500 units, by the command line as a laboratory has it.

python benchmarks/session.py [--minutes 120] [--units 500] [--only units modules ...]

Ideal grid cells of two modules, 0.42 and 0.6 m, 4 Hz at a field's peak, in a box of 1 m at 50 Hz, in an npz. What is
timed is `sicgrid analyze --recording` with all its parts and settings as they are, and `sicgrid report`, each a process
of its own that finds its compiled kernels: wall and CPU seconds, and the largest resident memory. Target: 60 s in all
on two cores.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import floor
from made_recordings import grid_rates, spikes_along, walk
from memory_peak import peak_mib

BOX, SPACINGS, TURNS, PEAK = 1.0, (0.42, 0.6), (10.0, 25.0), 4.0
TARGET = 60.0  # s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--only", nargs="+", default=[], help="parts of the analysis, in place of all")
    asked = parser.parse_args()
    floor.print_machine()
    with tempfile.TemporaryDirectory() as place:
        session = Path(place) / "session.npz"
        spikes = write_session(session, asked.minutes, asked.units)
        print(f"  {asked.minutes:g} minutes, {asked.units} units, {spikes:,} spikes, {os.cpu_count()} cores")
        small = Path(place) / "small.npz"
        write_session(small, 5, 20)
        command = [sys.executable, "-m", "sicgrid"]
        run(
            "to compile",
            [*command, "analyze", "--recording", small, "--out", Path(place) / "small", "--only", "modules"],
        )
        only = ["--only", *asked.only] if asked.only else []
        out = Path(place) / "run"
        seconds = run("analyze", [*command, "analyze", "--recording", session, "--out", out, *only])
        seconds += run("report", [*command, "report", out])
        peak = peak_mib(resource.RUSAGE_CHILDREN)
        print(f"file to page: {seconds:.0f} s (target {TARGET:.0f}); peak of the largest process {peak:.0f} MiB")


def write_session(file: Path, minutes: float, units: int) -> int:
    """The number of spikes written."""
    generator = np.random.default_rng(0)
    times, path = walk(BOX, minutes, True, generator)
    rate_at = []
    for unit in range(units):
        spacing, turn = SPACINGS[unit % 2], TURNS[unit % 2]
        phase = generator.uniform(-spacing, spacing, 2)
        rate_at.append(lambda places, s=spacing, t=turn, p=phase: grid_rates(places, s, t, p))
    fired, owners = spikes_along(times, path, PEAK, rate_at, generator)
    np.savez(file, times=times, positions=path, spike_times=fired, spike_units=owners)
    return len(fired)


def run(name: str, command: list) -> float:
    """Wall seconds of a command, told with its CPU's."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"  {name}: {wall:.1f} s, {cpu:.1f} s of CPU", flush=True)
    return wall


if __name__ == "__main__":
    main()
