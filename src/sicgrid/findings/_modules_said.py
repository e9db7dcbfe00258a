"""What a run's page says of its modules, or of the spacings of its grid cells where there is none."""

from collections.abc import Iterator, Sequence

import numpy as np

from ._finding import Fact, Record
from ._headline import grid_cells, spacings_text
from ._names import MODULES
from ._results import RunResults, has_results
from ._wording import counted_in_words, number, sentence


def say_modules(results: RunResults) -> str:
    """The verdict with the ratios of spacings, and how spacings of grid cells are spread."""
    part = results.parts.get(MODULES)
    said = []
    if part is not None:
        said.append(sentence(str(part.attrs.get("verdict") or results.summary.get("modules_verdict") or "")))
        if ratios := results.summary.get("scale_ratios"):
            said.append(f"Each spacing over the next smaller one: {', '.join(f'{ratio:.2f}' for ratio in ratios)}.")
    verdict = " ".join(filter(None, said))
    return "\n".join(filter(None, [f"**{verdict}**" if verdict else "", _spread(results)]))


def _quartiles(results: RunResults) -> tuple[int, list[float]]:
    """Grid cells with a measured lattice, and the quartiles of their spacing, meters: none without such a cell."""
    spacing = np.asarray(results.units["spacing_m"], dtype=float)
    spacing = spacing[results.grid & np.isfinite(spacing)]
    return spacing.size, np.percentile(spacing, [25, 50, 75]).tolist() if spacing.size else []


def _spread(results: RunResults) -> str:
    cells, quartiles = _quartiles(results)
    if not quartiles:
        return "No grid cell with a measured lattice."
    low, middle, high = map(number, quartiles)
    return f"Median spacing of the {cells} grid cells: **{middle} m**, middle half {low} to {high} m."


def module_facts(results: RunResults) -> Iterator[Fact]:
    """Number and spacings of the modules; without one, spacings of grid cells where they are more than by chance."""
    modules, part = results.module_spacings().tolist(), results.parts.get(MODULES)
    if has_results(part):
        note = "independent of each other: no common cell" if len(modules) > 1 else "a lattice that its units share"
        count = counted_in_words(len(modules), "module")
        yield Fact(count, spacings_text(modules), f"between neighboring fields; {note}")
        return
    cells, quartiles = _quartiles(results)
    sought = "modules have not been looked for" if part is None else "no module was found"
    # Units that are as many as chance gives have a spacing too, which tells nothing of the code.
    if quartiles and grid_cells(results.units, results.config.analysis.shuffles).beyond_chance:
        spread = f"{number(quartiles[0])} to {number(quartiles[-1])} m"
        yield Fact("Spacing", spread, f"between neighboring fields, middle half of the {cells} grid cells; {sought}")
    else:
        yield Fact("Modules", "–" if part is None else "none", f"{sought}: a lattice that enough units share")


def module_line(record: Record) -> tuple[str, str]:
    """Spacing of each module; where none was found, that: units that only chance put together have no spacing."""
    summary = record.summary
    if "modules" not in summary:  # of a version that did not look for any
        return "spacing, by the shift null", _meters(summary.get("spacing_m"))
    if summary["modules"]:
        return "spacing of each module", _meters([module["spacing_m"] for module in summary["modules"]])
    return "modules", "not looked for" if summary.get("modules_verdict") is None else "none"


def _meters(values: Sequence[float] | None) -> str:
    return ", ".join(f"{value:.2f} m" for value in values or ()) or "none"
