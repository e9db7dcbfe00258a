"""Kill nodes and drivers of a sweep while they work, and compare with a sweep that was left alone.

    python benchmarks/kill_sweep.py [--nodes 10] [--drivers 10] [--trials 6] [--steps 3000] [--seed 0]

Nodes: a Ray cluster of a head and two nodes of one core on this machine; while trials train on both, one node is killed
(SIGKILL to its raylet) and a new one is added. Drivers: `sicgrid sweep` as a process of its own, killed with SIGKILL at
random moments and started again. At the end of each, every trial must stand exactly once in the table, finished, and
weights, optimizer and generator must be the same bytes as without kills. Needs sicgrid[sweep]. A folder of the
system's temporary place is used and removed. Exits with 1 if anything does not hold.
"""

import argparse
import functools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet

from sicgrid.experiment import yaml_text
from sicgrid.storage import RunDirectory, newest_checkpoint, read_json, read_provenance
from sicgrid.sweeps import SweepEvent, load_plan, run_sweep

CORE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
SETTINGS = {
    "checkpoint_every": 100,
    "kernels": "reference",
    "evaluation.arenas": [2.0],
    "evaluation.walk.animals": 20,
    "evaluation.walk.steps": 100,
    "analysis.shuffles": 2,
}


def final_state(sweep: Path) -> dict[str, dict[str, bytes]]:
    """Of each trial: weights, optimizer, generator."""
    states = {}
    for path in sorted((sweep / "runs").iterdir()):
        run = RunDirectory(path)
        checkpoint = newest_checkpoint(run, read_provenance(run)["run"])
        assert checkpoint is not None
        states[path.name] = {name: array.tobytes() for name, array in checkpoint.arrays.items()}
    return states


def compare(sweep: Path, whole: Path) -> bool:
    """Say whether all trials are in the table once, finished, and the same as in the sweep left alone."""
    rows = pyarrow.parquet.read_table(sweep / "table.parquet").to_pylist()
    expected = sorted(path.name for path in (whole / "runs").iterdir())
    once = sorted(row["name"] for row in rows) == expected
    finished = all(row["status"] == "finished" for row in rows)
    same = final_state(sweep) == final_state(whole)
    again = sum(
        session["stage"] == "train" for run in (sweep / "runs").iterdir() for session in sessions(RunDirectory(run))
    ) - len(expected)
    print(
        f"  table: {len(rows)} rows, each trial {'once' if once else 'NOT ONCE'}, {'all' if finished else 'NOT ALL'} "
        f"finished; {again} resumptions; final states {'bit-identical' if same else 'DIFFERENT'}"
    )
    return once and finished and same


def sessions(run: RunDirectory) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read_json(run.provenance)["sessions"]
    return entries


def kill_nodes(file: Path, out: Path, kills: int, draw: random.Random) -> bool:
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={**CORE, "num_cpus": 0, "include_dashboard": False})
    nodes = [cluster.add_node(**CORE), cluster.add_node(**CORE)]
    ray.init(address=cluster.address, log_to_driver=False, configure_logging=False)
    done, due, before = 0, 0.0, dict[str, float]()

    def on_event(event: SweepEvent) -> None:
        nonlocal done, due, before
        if "resumes" in event.note:
            print(f"  {event.note}", flush=True)
        if event.progress is None:
            return
        now = event.progress.running
        # Those that wait for a node have steps too; those that train have more than at the last look.
        training = sum(before.get(name, share) < share < 1 for name, share in now.items())
        before = dict(now)
        if done >= kills or training < 2:
            return
        due = due or time.monotonic() + draw.uniform(0, 3)
        if time.monotonic() >= due:
            cluster.remove_node(nodes.pop(draw.randrange(2)), allow_graceful=False)
            nodes.append(cluster.add_node(**CORE))
            done, due = done + 1, 0.0
            print(f"node kill {done}", flush=True)

    try:
        run_sweep(load_plan(file), out, on_event)
    finally:
        ray.shutdown()
        cluster.shutdown()
    if done < kills:
        print(f"only {done} nodes were killed before the sweep ended; give more --trials or --steps")
    return done == kills


def kill_drivers(file: Path, out: Path, kills: int, draw: random.Random) -> bool:
    command = [sys.executable, "-m", "sicgrid", "sweep", str(file), "--out", str(out)]
    for kill in range(1, kills + 1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        before = trained(out)
        # Mostly while it trains, now and then while Ray starts.
        waited = draw.random() < 0.2 or wait_for(functools.partial(goes_on, process, out, before))
        time.sleep(draw.uniform(0, 3))
        process.kill()
        process.wait()
        print(f"driver kill {kill}: {trained(out)} steps on the disk", flush=True)
        if not waited:
            print("nothing was trained within two minutes")
            return False
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0


def goes_on(process: subprocess.Popen[bytes], out: Path, before: int) -> bool:
    return trained(out) != before or process.poll() is not None


def trained(out: Path) -> int:
    """Lines of all metrics files."""
    return sum(path.read_bytes().count(b"\n") for path in out.glob("runs/*/metrics.jsonl"))


def wait_for(happened: Callable[[], bool], seconds: float = 120.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return True
        time.sleep(0.05)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=10, help="nodes to kill")
    parser.add_argument("--drivers", type=int, default=10, help="drivers to kill")
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.yaml")
        settings = {**SETTINGS, "training.steps": arguments.steps}
        plan = {"preset": "smoke", "settings": settings, "seeds": f"0..{arguments.trials - 1}", "parts": ["units"]}
        file.write_text(yaml_text(plan))
        whole, nodes, drivers = (Path(folder, name) for name in ("whole", "nodes", "drivers"))
        run_sweep(load_plan(file), whole)
        print(f"a sweep of {arguments.trials} trials of {arguments.steps} steps, left alone: done", flush=True)
        held = True
        if arguments.nodes:
            held &= kill_nodes(file, nodes, arguments.nodes, draw) and compare(nodes, whole)
        if arguments.drivers:
            held &= kill_drivers(file, drivers, arguments.drivers, draw) and compare(drivers, whole)
    print("all holds" if held else "SOMETHING DOES NOT HOLD")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
