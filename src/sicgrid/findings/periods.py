"""How many periods? The lattice of each unit's own: as the field counts modules, and as an index in its module's."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import scipy
import xarray as xr

from ..analysis import IndexSpectrum, Period, PeriodsConfig, index_spectrum_of, lattice_shape, periods
from ..experiment import RunConfig
from ._finding import CardRow, Column, Drawing, Fact, Finding, Measure, Metric, Record, ResultLine, Table, View
from ._names import MODULES, PERIODS, UNITS
from ._part import AXES, Part, Progress, Result, Unavailable, json_number, quantity
from ._periods_compared import PERIODS_COMPARED
from ._results import RunResults, has_results
from ._sources import Sources
from ._verdict import ALPHA, FAILS, HOLDS, Claim, Judgment, Results, why_missing
from ._wording import counted, number, p_text

FEWEST = 3  # units of an index that make a period in the spectrum, as many as make a module


def _settings(config: RunConfig) -> dict[str, object]:
    modules = config.analysis.modules.model_dump(mode="json")
    return config.analysis.periods.model_dump(mode="json") | {"modules": modules, "seed": config.seed}


def _compute(sources: Sources, progress: Progress) -> Result:
    units, modules = sources.required(UNITS), sources.part(MODULES)
    periods_config, modules_config = sources.config.analysis.periods, sources.config.analysis.modules
    spectrum = index_spectrum_of(
        sources.measured_maps().maps,
        modules["members"].values,
        modules["basis_m"].values if "basis_m" in modules else np.empty((0, 2, 2)),
        sources.bin_size(),
        **periods_config.model_dump(),
        seed=sources.seed,
    )
    modulated = units["active"].values.astype(bool) & ~units["constant"].values.astype(bool)
    bases = np.where(modulated[:, None, None], units["basis_m"].values, np.nan)
    groups = periods(bases, **modules_config.model_dump(), seed=sources.seed)
    dataset = _dataset(spectrum, groups, units["unit"].values)
    count = modules.sizes.get("module", 0)
    summary = {
        "periods": [
            {
                "spacing_m": period.spacing_m,
                "orientation_deg": period.orientation_deg,
                "ellipticity": period.ellipticity,
                "units": period.members.tolist(),
                "p_value": period.p_value,
            }
            for period in groups
        ],
        "verdict": dataset.attrs["verdict"],
        "by_index": [{str(k): n for k, n in spectrum.counts(module).items()} for module in range(count)],
        "ordered_units": int(spectrum.ordered.sum()),
        "unordered_units": int(spectrum.unordered.sum()),
        "striped_units": int(spectrum.striped.sum()),
        "ordered_p_value": json_number(dataset.attrs["ordered_p_value"]),
    }
    return Result(dataset, summary)


def _dataset(spectrum: IndexSpectrum, groups: tuple[Period, ...], unit: np.ndarray) -> xr.Dataset:
    label = np.full(len(unit), -1)
    for index, period in enumerate(groups):
        label[period.members] = index
    no_shape = (float("nan"), float("nan"))
    shapes = [lattice_shape(basis)[:2] if np.isfinite(basis).all() else no_shape for basis in spectrum.basis_m]
    spacing, orientation = np.array(shapes).reshape(-1, 2).T
    tested = np.isfinite(spectrum.p_value)  # those with several fields in a cell
    ordered = int(spectrum.ordered.sum())
    # Each ordered unit is rare by itself (5 %); whether so many of the tested ones are is binomial. As
    # scipy.stats.binom.sf, whose import would take half of this part's time.
    ordered_p_value = scipy.special.bdtrc(ordered - 1, tested.sum(), ALPHA) if tested.any() else np.nan
    return xr.Dataset(
        {
            "index": quantity("unit", spectrum.index, about="own cells in one of the module's; 0 without a module"),
            "fields": quantity("unit", spectrum.fields, about="fields in a cell of the module's lattice"),
            "ordered": quantity("unit", spectrum.ordered, about="index above 1 and rare by chance"),
            "striped": quantity("unit", spectrum.striped, about="nearly stripes: no finer lattice can be told"),
            "unchanged": quantity("unit", spectrum.unchanged, about="least correlation over its lattice's shifts"),
            "index_p_value": quantity("unit", spectrum.p_value, about="of fields at random phases, as ordered"),
            "own_basis_m": quantity(("unit", "vector", "axis"), spectrum.basis_m, "m"),
            "own_spacing_m": quantity("unit", spacing, "m"),
            "own_orientation_deg": quantity("unit", orientation, "degrees"),
            "period": quantity("unit", label, about="index of the unit's period, -1 for none"),
            "period_spacing_m": quantity("period", [period.spacing_m for period in groups], "m"),
            "period_orientation_deg": quantity("period", [period.orientation_deg for period in groups], "degrees"),
            "period_ellipticity": quantity("period", [period.ellipticity for period in groups]),
            "period_p_value": quantity("period", [period.p_value for period in groups], about="against a continuum"),
        },
        coords={"unit": unit, "vector": ["b1", "b2"], "axis": AXES},
        attrs={"verdict": _verdict(groups), "ordered_p_value": float(ordered_p_value), "several": int(tested.sum())},
    )


def _verdict(groups: tuple[Period, ...]) -> str:
    if not groups:
        return "No discrete period: no group of units has a lattice denser than a continuum of spacings explains."
    sizes = ", ".join(f"{period.spacing_m:.2f} m ({counted(len(period.members), 'unit')})" for period in groups)
    each = "each denser" if len(groups) > 1 else "denser"
    return f"{counted(len(groups), 'period')}: {sizes}; {each} than a continuum of spacings explains."


def several_periods(results: Results, sigma_x: float) -> Judgment:
    """C1a, several discrete periods: holds with two or more, as the field counts modules.

    A period is a group of three units or more whose own lattices (spacing, orientation, ellipticity) are denser than a
    continuum of spacings explains, p <= 0.01 (`sicgrid.analysis.periods`). Periods may lie in one another, as those of
    the published figure do; C1b asks whether modules are independent. Number: periods. Null: the largest of their p.
    """
    part = results.get(PERIODS)
    if part is None or "period_p_value" not in part:
        raise Unavailable(why_missing(results, PERIODS))
    p_value = part["period_p_value"].values
    text = f"{part.attrs['verdict']} {_nested(part)}".rstrip()
    null = {"p": json_number(p_value.max()) if len(p_value) else None}
    return Judgment(HOLDS if len(p_value) >= 2 else FAILS, {"periods": len(p_value)}, null, text)


def _nested(part: xr.Dataset) -> str:
    """What the index spectrum says of units with several fields in a cell; empty where there are none."""
    tested, striped = int(part.attrs["several"]), int(_striped(part).sum())
    ordered, p_value = int(part["ordered"].values.sum()), float(part.attrs["ordered_p_value"])
    verb = "fires" if ordered == 1 else "fire"
    text = (
        f"{ordered} of {counted(tested, 'unit')} with several fields in a cell of their module {verb} on a finer "
        f"lattice of it; at random phases {number(ALPHA * tested, 1)} would ({p_text(p_value)})."
    )
    of_stripes = f"Of {counted(striped, 'unit')}, nearly stripes, no finer lattice can be told."
    return " ".join([text] * (tested > 0) + [of_stripes] * (striped > 0))


def _striped(part: xr.Dataset) -> np.ndarray:
    """Units whose finer lattice cannot be told; a result of an earlier version has none."""
    return part["striped"].values.astype(bool) if "striped" in part else np.zeros(part.sizes["unit"], dtype=bool)


def _by_index(part: xr.Dataset, members: np.ndarray) -> dict[int, int]:
    """Index -> units of one module; an index above 1 counts where it is rare by chance, else as 1."""
    index = np.where(part["ordered"].values.astype(bool), part["index"].values, 1)[members]
    return {int(k): int((index == k).sum()) for k in np.unique(index)}


def _say(part: xr.Dataset) -> str:
    return f"**{part.attrs['verdict']}** {_nested(part)}".rstrip() if "period_p_value" in part else ""


def _draw(results: RunResults) -> Iterator[Drawing]:
    """Units of each module by index; of the largest module alone where none has a unit of another index."""
    from .. import figures

    part, of_modules = results.parts[PERIODS], results.parts[MODULES]
    members, maps = results.module_of_unit(), results.maps
    if "index" not in part or not (members >= 0).any():
        return
    counts = [_by_index(part, members == module) for module in range(members.max() + 1)]
    nested = [module for module, by_index in enumerate(counts) if len(by_index) > 1]
    index = np.where(part["ordered"].values.astype(bool), part["index"].values, 1)
    of_module, p_value = members.clip(0), float(part.attrs["ordered_p_value"])
    chance = f" So few with another are to be expected by chance ({p_text(p_value)})." if p_value > ALPHA else ""
    # A unit that counts as 1 has its module's lattice, whatever finer one was nearest.
    spacing = np.where(index == 1, results.module_spacings()[of_module], part["own_spacing_m"].values)
    turned = np.where(index == 1, of_modules["orientation_deg"].values[of_module], part["own_orientation_deg"].values)
    for module in nested or [int(np.argmax([sum(by_index.values()) for by_index in counts]))]:
        yield Drawing(
            f"ladder-{module + 1}",
            partial(
                figures.index_ladder,
                maps.maps,
                maps.x_edges,
                maps.y_edges,
                index=np.where(members == module, index, 0),
                spacing_m=spacing,
                orientation_deg=turned,
            ),
            f"Units of module {module + 1} by the index of their lattice, and the ladder of spacings",
            f"Module {module + 1}: units by index, that is by how many cells of their own lattice fill one of the "
            "module’s; beside them each unit’s spacing with the direction of its lattice. Dotted: a lattice of the "
            "module’s own shape, 1/√index of its spacing. Units whose fields lie in no order that is rare by chance "
            f"stand with index 1.{chance}",
        )


def _tables(results: RunResults) -> Iterator[Table]:
    part = results.parts.get(PERIODS)
    if not has_results(part) or "period_p_value" not in part:
        return
    label, members = part["period"].values, results.module_of_unit()
    rows = [
        [
            f"{spacing:.2f} m", f"{turn:.0f}°", f"{ellipticity:.2f}", str(int((label == k).sum())),
            ", ".join(str(m + 1) for m in np.unique(members[label == k]) if m >= 0) or "none", f"{p_value:.2g}",
        ]
        for k, (spacing, turn, ellipticity, p_value) in enumerate(
            zip(*(part[f"period_{name}"].values
                  for name in ("spacing_m", "orientation_deg", "ellipticity", "p_value")), strict=True)
        )
    ]  # fmt: skip
    if rows:
        heads = ("spacing", "orientation", "ellipticity", "units", "in module", "p, against a continuum")
        yield Table("Periods, as the field counts modules", heads, rows)
    if (members >= 0).any():
        of_module = [_by_index(part, members == module) for module in range(members.max() + 1)]
        indices = sorted(set().union(*of_module))
        striped = _striped(part)
        unordered = (part["fields"].values > part["index"].values) & ~striped
        others = {"several fields in no order": unordered, "nearly stripes, of index 1": striped}
        yield Table(
            "Units of each module by index, that is by how many cells of their own lattice fill one of the module’s",
            ("module", *(f"index {k}" for k in indices), *others),
            [
                [str(m + 1), *(str(by_index.get(k, 0)) for k in indices),
                 *(str(int((units & (members == m)).sum())) for units in others.values())]
                for m, by_index in enumerate(of_module)
            ],
        )  # fmt: skip


def _facts(results: RunResults) -> Iterator[Fact]:
    part = results.parts.get(PERIODS)
    if part is None or "period_p_value" not in part:
        return
    spacing = part["period_spacing_m"].values
    spacings = ", ".join(f"{value:.2f}" for value in spacing) + " m; " if len(spacing) else ""
    note = f"{spacings}groups of units with one lattice of their own, as the field counts modules; they may be nested"
    yield Fact("Periods", str(len(spacing)), note)


def _of_part(record: Record, name: str) -> Any:
    return record.part(PERIODS).get(name)


def _count(record: Record) -> int | None:
    entries = _of_part(record, "periods")
    return None if entries is None else len(entries)


def _nested_count(record: Record) -> int | None:
    """Periods in the spectrum of the module that has most of them."""
    counts = _of_part(record, "by_index")
    return None if counts is None else max((sum(n >= FEWEST for n in module.values()) for module in counts), default=0)


def _card_numbers(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The periods each with the number of its units in place of a list of them."""
    numbers = Record(summary, {}).part(PERIODS)
    entries = [{**period, "units": len(period["units"])} for period in numbers.get("periods") or ()]
    return {PERIODS: entries, "by_index": numbers.get("by_index")} if numbers else {}


def _sizes(kept: Mapping[str, Any], joint: str) -> str:
    """Spacing and number of units of each period."""
    if PERIODS not in kept:  # a card of an earlier version
        return "not counted"
    return joint.join(f"{period['spacing_m']:.2f} m ({period['units']})" for period in kept[PERIODS]) or "none"


def _line(record: Record) -> tuple[str, str] | None:
    entries = _of_part(record, "periods")
    return None if entries is None else ("periods", ", ".join(f"{row['spacing_m']:.2f} m" for row in entries) or "none")


FINDING = Finding(
    name=PERIODS,
    short="Periods",
    question="How many periods, and are they nested?",
    lead="The field counts modules by the lattice of each cell: spacing and orientation. In one module cells can have "
    "several fields in each of its unit cells, in order, and so a finer lattice of their own that lies within the "
    "module’s: a period more, and no further module. The index of a cell says how many cells of its own lattice "
    "fill one of its module’s.",
    place=350,
    parts=(Part(PERIODS, 2, _compute, _settings, model=PeriodsConfig, reads=(UNITS, MODULES), fewest=3, usual_s=3),),
    claims=(Claim("C1a", "One network holds several discrete periods.", "several periods", several_periods),),
    views=(View(PERIODS, _say, _draw, also=(MODULES,)),),
    facts=_facts,
    tables=_tables,
    metrics=(
        Metric("periods", "Discrete periods, as the field counts modules", unit="", place=360, read=_count,
               part=PERIODS, column=Column(place=125, head="periods"),
               measure=Measure(place=310, label="periods", title="Periods", digits=1, drawn=True, mapped=5)),
        Metric("nested_periods", f"Indices that {FEWEST} units or more of one module have", unit="", place=370,
               read=_nested_count, part=PERIODS, listed=False),
        Metric("ordered_units", "Units on a finer lattice of their module", unit="", place=380,
               read=lambda record: _of_part(record, "ordered_units"), part=PERIODS, listed=False),
        Metric("unordered_units", "Units with several fields per cell in no order", unit="", place=390,
               read=lambda record: _of_part(record, "unordered_units"), part=PERIODS, listed=False),
    ),
    keep=_card_numbers,
    card=(
        CardRow(place=310, row=lambda kept: ("periods (units)", _sizes(kept, ", ")), head="periods",
                cell=lambda kept: _sizes(kept, "\n")),
    ),
    lines=(ResultLine(place=310, line=_line),),
    compared=PERIODS_COMPARED,
)  # fmt: skip
