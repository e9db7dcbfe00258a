"""How many modules does the loss prefer? The best expected loss of ideal codes of 1 to 4 modules, by setting.

.venv/bin/python studies/code_theory.py                                   # the settings below, a minute or two
.venv/bin/python studies/code_theory.py --set units=64 --set sigma_g=0.3  # one setting, over the paper's
.venv/bin/python studies/code_theory.py --rings                           # modules of stripes instead of hexagons
.venv/bin/python studies/code_theory.py --least-units 3                   # allow modules of fewer units than 8

No network is trained: `sicgrid.theory.best_code` minimizes the expected loss over spacings, orientations, widths,
shares and units of the modules. Each number of modules starts from drawn codes and from the best code of fewer, its
largest module divided.
"""

import argparse
import time

import numpy as np

from sicgrid.theory import CodeSetting, ModularCode, best_code, displacements

SETTINGS = (
    {"length": 40},
    {},
    {"sigma_g": 0.2},
    {"length": 80, "sigma_g": 0.2},
    {"length": 100, "max_speed": 0.25},
    {"length": 100, "max_speed": 0.25, "sigma_g": 0.3},
    {"max_speed": 0.3, "sigma_g": 0.3},
    {"units": 64},
    {"units": 32},
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a field of CodeSetting")
    parser.add_argument("--modules", nargs="+", type=int, default=[1, 2, 3, 4])
    parser.add_argument("--rings", action="store_true", help="all modules are rings")
    parser.add_argument("--least-units", type=float, default=8.0, help="of a module, 3 or more")
    parser.add_argument("--restarts", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print("| T, max speed, N, sigma_g | modules | best loss | spacings (m) | units | shares | constant | CPU (s) |")
    print("|---|---|---|---|---|---|---|---|")
    for changes in [chosen(arguments.set)] if arguments.set else SETTINGS:
        rows(CodeSetting(**changes), arguments)


def chosen(assignments: list[str]) -> dict[str, int | float]:
    """Settings as they are typed."""
    settings = {}
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        if name not in CodeSetting._fields:
            raise SystemExit(f"--set: {name} is none of {', '.join(CodeSetting._fields)}")
        settings[name] = type(CodeSetting._field_defaults[name])(value)
    return settings


def rows(setting: CodeSetting, arguments: argparse.Namespace) -> None:
    """Prints one line for each number of modules."""
    places = displacements(setting)
    code = None
    for modules in sorted(arguments.modules):
        if 1 + arguments.least_units * modules > setting.units:
            continue
        begun = time.process_time()
        code, loss = best_code(
            setting,
            modules,
            rings=modules if arguments.rings else 0,
            least_units=arguments.least_units,
            restarts=arguments.restarts,
            seed=arguments.seed,
            start=extended(code, modules) if code else None,
            places=places,
        )
        order = np.argsort(code.spacings_m)
        name = f"{setting.length}, {setting.max_speed:g}, {setting.units}, {setting.sigma_g:g}"
        spacings, units, shares = (listed(part[order]) for part in (code.spacings_m, code.units, code.shares))
        constant, seconds = 1 - code.shares.sum(), time.process_time() - begun
        print(
            f"| {name} | {modules} | {loss:.4f} | {spacings} | {units} | {shares} | {constant:.2f} | {seconds:.1f} |",
            flush=True,
        )


def extended(code: ModularCode, modules: int) -> ModularCode:
    """The code with its module of the largest share divided, until there are as many as asked for."""
    while len(code.shares) < modules:
        largest = int(code.shares.argmax())
        code = ModularCode(*(np.append(part, part[largest]) for part in code))
        code.shares[[largest, -1]] /= 2
        code.spacings_m[-1] *= 0.9
        code.orientations_deg[-1] += 15
    return code


def listed(values: np.ndarray) -> str:
    return " / ".join(f"{value:.3g}" for value in values)


if __name__ == "__main__":
    main()
