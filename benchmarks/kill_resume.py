"""Kill a training with SIGKILL at random moments, resume it each time, and compare with one that was never killed.

    python benchmarks/kill_resume.py [--kills 25] [--seed 0]

After each kill every file is read back, and the steps lost must be no more than those since the last checkpoint. At
the end weights, optimiser, generator and metrics must be the same bytes as without kills. A folder of the system's
temporary place is used and removed. Exits with 1 if anything does not hold.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sicgrid.experiment import load_run_config
from sicgrid.storage import RunDirectory, exclusive, newest_checkpoint, read_metrics, read_provenance

EVERY = 20
SETTINGS = ("smoke", "--threads", "1", "--kernels", "reference", "--checkpoint-every", str(EVERY))


def start(run: RunDirectory, *settings: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sicgrid", "train", "--out", str(run.path), *settings]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def lines(run: RunDirectory) -> int:
    return run.metrics.read_bytes().count(b"\n") if run.metrics.exists() else 0


def check_readable(run: RunDirectory) -> tuple[int, int]:
    """Read every file of the run; the step of the checkpoint and that of the last record."""
    with exclusive(run):
        checkpoint = newest_checkpoint(run, read_provenance(run)["run"])
        load_run_config(run)
        for path in run.path.rglob("*.json"):
            json.loads(path.read_bytes())
        steps = read_metrics(run.metrics)["step"] if run.metrics.exists() else []
    return checkpoint.step if checkpoint else 0, int(steps[-1]) if len(steps) else 0


def kill_once(run: RunDirectory, settings: tuple[str, ...], draw: random.Random) -> tuple[int, int]:
    """Train for a random while, then kill; the step kept and the step reached."""
    begun = lines(run)
    process = start(run, *(("--resume",) if run.config.exists() else settings))
    if draw.random() < 0.2:
        # Now and then before or while the first files are made.
        time.sleep(draw.uniform(0.5, 6))
    else:
        # The log is cut back to the checkpoint when training begins, then grows again.
        while process.poll() is None and lines(run) >= begun > 0 and lines(run) % EVERY:
            time.sleep(0.002)
        target = lines(run) + draw.randrange(1, 3 * EVERY)
        while process.poll() is None and lines(run) < target:
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.02))
    process.kill()
    process.wait()
    return check_readable(run) if run.config.exists() else (0, 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    settings = (*SETTINGS, "--training.steps", str(given.kills * 3 * EVERY))
    worst = before = 0
    with tempfile.TemporaryDirectory() as folder:
        whole, run = RunDirectory(Path(folder, "whole")), RunDirectory(Path(folder, "run"))
        if start(whole, *settings).wait():
            return 1
        for kill in range(1, given.kills + 1):
            kept, reached = kill_once(run, settings, draw)
            print(f"kill {kill:2}: reached step {reached:4}, kept {kept:4}, lost {reached - kept:3}", flush=True)
            if not 0 <= reached - kept <= EVERY or kept < before:
                print("more was lost than the steps since the last checkpoint")
                return 1
            worst, before = max(worst, reached - kept), kept
        if start(run, *(("--resume",) if run.config.exists() else settings)).wait():
            return 1
        last = max(path.name for path in whole.checkpoints.glob("*.safetensors"))
        same = whole.metrics.read_bytes() == run.metrics.read_bytes()
        same &= (whole.checkpoints / last).read_bytes() == (run.checkpoints / last).read_bytes()
    print(f"{given.kills} kills, at most {worst} steps lost of {EVERY} between checkpoints; all files readable")
    print(f"weights, optimiser, generator and metrics at the end {'bit-identical' if same else 'DIFFERENT'}")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
