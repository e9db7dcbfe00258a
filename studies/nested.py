"""Do nested lattices emerge in one population (C1a), and what makes them?

.venv/bin/python studies/nested.py --set model.units=32 --set training.learning_rate=1e-3 --set training.steps=20000

A row for each network and box: the units at 1, 2, 3, ... fields per cell of the largest module, as `find_modules`
counts them (-1: a function of the module's phase without a lattice of their own). Results: docs/lab_log.md.
"""

from collections import Counter

from trained import arguments, trained


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="words")
    given = parser.parse_args()
    print("| settings | seed | training (s) | loss | invariance | box (m) | modules | units by fields per cell |")
    print("|---|---|---|---|---|---|---|---|")
    for seed in given.seeds:
        one = trained(given.preset, given.words, seed, given.keep)
        for side in given.boxes:
            modules = one.modules(side).modules
            sizes = ", ".join(
                f"{len(m)} at {m.spacing_m:.2f} m (ellipticity {m.ellipticity:.2f})"
                for m in sorted(modules, key=len, reverse=True)
            )
            largest = max(modules, key=len, default=None)
            counts = sorted(Counter(largest.phases_per_cell.tolist()).items()) if largest else []
            by_index = ", ".join(f"{index}: {count}" for index, count in counts)
            print(
                f"| {' '.join(given.words)} | {seed} | {one.about['seconds']:.0f} | {one.about['total']:.4f} "
                f"| {one.about['invariance']:.3f} | {side:g} | {sizes or 'none'} | {by_index} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
