"""Does a network pull a disturbed state back to the states that places have, and how fast? Of finished runs.

for name in quick modules long; do .venv/bin/sicgrid report --pretrained $name --out runs/$name; done
.venv/bin/python studies/returns.py runs/quick runs/modules runs/long

A row for each run and size of the disturbance (standard deviation in each unit of states of length 1): the share of
states that are as near to the manifold as undisturbed ones, and what is left of the distance from it, after 1, 2, 5 and
20 steps of the walk. `sicgrid.evaluation.intrinsic_correction` has the definitions.
"""

import argparse
from pathlib import Path

from sicgrid import Run

STEPS = (1, 2, 5, 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run directories, analyzed")
    parser.add_argument("--drive", default="walk", choices=("walk", "zero"), help="the velocities after it")
    arguments = parser.parse_args()
    steps = ", ".join(map(str, STEPS))
    print(f"| run | noise in a unit | back after {steps} steps | left of the distance | shift along it (m) |")
    print("|---|---|---|---|---|")
    for path in arguments.runs:
        measured = Run.open(path)["intrinsic_correction"].sel(drive=arguments.drive)
        for noise in measured.noise.values:
            at = measured.sel(noise=noise)
            back, left = (
                ", ".join(f"{value:.2f}" for value in at[name].values[list(STEPS)])
                for name in ("recovered", "remaining")
            )
            shift = f"{float(at.local_error[-1]):.2f}, {float(measured.local_floor[-1]):.2f} undisturbed"
            print(f"| {path.name} | {noise:g} | {back} | {left} | {shift} |")


if __name__ == "__main__":
    main()
