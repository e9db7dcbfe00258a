"""Which nested code does the loss prefer, and what does it cost to be nested? Over units, walked area and capacity.

.venv/bin/python studies/nested_theory.py                                        # the table of docs/results.md
.venv/bin/python studies/nested_theory.py --units 32 --capacity 0.5 2 --length 40

No network is trained: `sicgrid.theory.best_nested_code` finds the best code of each set of indices, with the number and
share of units of each index free, and `best_code` the best one of as many independent modules, started from the nested
one too. A row for each setting: the least loss of one hexagonal and one square lattice, of nested ones (with the units
of each index and the spacing of the common cell), and of two and three free modules.
"""

import argparse
import itertools

import numpy as np

from expected import SPECTRA
from sicgrid.theory import CodeSetting, NestedCode, best_code, best_nested_code, displacements


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", nargs="+", type=int, default=[16, 32, 64, 128])
    parser.add_argument("--length", nargs="+", type=int, default=[40], help="steps of a trajectory: the walked area")
    parser.add_argument("--capacity", nargs="+", type=float, default=[0.25, 0.5, 1.0, 2.0])
    parser.add_argument("--sigma-g", nargs="+", type=float, default=[0.4], help="width of separation")
    parser.add_argument("--invariance", nargs="+", type=float, default=[0.1], help="its weight")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--restarts", type=int, default=6)
    arguments = parser.parse_args()
    print(
        "| units | steps | capacity | sigma_g | invariance | one hexagonal | one square | nested hexagonal "
        "| nested square | 2 / 3 free |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for units, length, capacity, sigma_g, invariance in itertools.product(
        arguments.units, arguments.length, arguments.capacity, arguments.sigma_g, arguments.invariance
    ):
        setting = CodeSetting(
            units=units,
            length=length,
            capacity=capacity,
            sigma_g=sigma_g,
            invariance=invariance,
            batch_size=arguments.batch_size,
        )
        print(row(setting, arguments.restarts), flush=True)


def row(setting: CodeSetting, restarts: int) -> str:
    """The codes of one setting."""
    places = displacements(setting)
    codes = {
        kind: [best_nested_code(setting, indices, kind, restarts=restarts, places=places) for indices in spectra]
        for kind, spectra in SPECTRA.items()
    }
    nested = {kind: min(several[1:], key=lambda code: code.loss) for kind, several in codes.items()}
    free = []
    for modules in (2, 3):
        tied = next((code for code in codes["hexagonal"] if len(code.indices) == modules), None)
        start = None if tied is None else tied.code
        best = best_code(setting, modules, least_units=3.0, restarts=restarts, start=start, places=places)
        free.append(best.loss)
    single = " | ".join(f"{several[0].loss:.4f} ({several[0].spacing_m:.2f} m)" for several in codes.values())
    described = " | ".join(describe(code) for code in nested.values())
    return (
        f"| {setting.units} | {setting.length} | {setting.capacity:g} | {setting.sigma_g:g} | {setting.invariance:g} "
        f"| {single} | {described} | {free[0]:.4f} / {free[1]:.4f} |"
    )


def describe(code: NestedCode) -> str:
    """Loss, spacing of the common cell, units of each index."""
    units = ", ".join(f"{index}: {count:.0f}" for index, count in zip(code.indices, code.code.units, strict=True))
    return f"{code.loss:.4f} ({code.spacing_m:.2f} m; {units}; constant {1 - np.sum(code.code.shares):.2f})"


if __name__ == "__main__":
    main()
