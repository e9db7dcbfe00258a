"""Do the phases tile the unit cell? Where in its module's unit cell each unit has its field."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from ..analysis import PhasesConfig, lattice_phases, tiling
from ._finding import Drawing, Finding, View
from ._part import WAVES, Part, Progress, Result, Unavailable, number, own_settings, quantity
from ._results import RunResults
from ._sources import Sources, members_by_module
from ._verdict import (
    ALPHA,
    FAILS,
    HOLDS,
    NO_PHASES,
    Claim,
    Judgement,
    Results,
    digits,
    known_numbers,
    percents,
    usable_result,
)
from ._wording import listed
from .modules import MODULES
from .units import UNITS

PHASES = "phases"


def _compute(sources: Sources, progress: Progress) -> Result:
    modules = sources.usable(MODULES)
    maps, bin_size = sources.measured_maps().maps, sources.bin_size()
    groups = members_by_module(modules)
    phase, single = np.full((len(maps), 3), np.nan), np.zeros(len(maps), dtype=bool)
    columns: dict[str, list[float]] = {
        name: [] for name in ("units", "p_value", "p_even", "statistic", "sum", "phase_sum_spread", "sum_p_value")
    }
    verdicts = []
    for module, members in enumerate(groups):
        found = lattice_phases(maps[members], modules["basis_m"].values[module], bin_size)
        single[members] = found.single
        phase[members] = np.where(found.single[:, None], found.phi, np.nan)
        try:
            test = tiling(found, sources.config.analysis.phases.null_draws, sources.seed)
        except ValueError as error:
            values = [float(found.single.sum()), *[float("nan")] * 6]
            verdicts.append(str(error))
        else:
            spread = test.closure_spread_deg
            # Rayleigh's test of the sums, to first order: exp(-n R^2), R = exp(-spread^2 / 2).
            rayleigh = float(np.exp(-test.units * np.exp(-(np.deg2rad(spread) ** 2))))
            values = [test.units, test.p_clustered, test.p_even, test.statistic, test.closure_deg, spread, rayleigh]
            verdicts.append(test.verdict)
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    if not single.any():
        raise Unavailable("No unit of a module has one definite phase (one field per unit cell).")
    units = {"sum": "degrees", "phase_sum_spread": "degrees"}
    about = {"p_value": "small: the phases cluster", "p_even": "small: more even than random phases"}
    dataset = xr.Dataset(
        {
            "phase": quantity(("unit", "wave"), phase, "rad", "NaN for units without one definite phase in a module"),
            "single": quantity("unit", single, about="one field per unit cell"),
        }
        | {name: quantity("module", each, units.get(name, "1"), about.get(name, "")) for name, each in columns.items()}
        | {"verdict": quantity("module", np.array(verdicts, dtype=object))},
        coords={"wave": WAVES, "unit": modules["unit"].values},
    )
    summary = {name: [number(value) for value in each] for name, each in columns.items()}
    return Result(dataset, summary | {"verdict": verdicts})


def shared_lattice_and_tiling(results: Results, sigma_x: float) -> Judgement:
    """C2, one period and orientation within a module, phases tile its unit cell uniformly.

    The first half is what makes a module (see C1), and its spread is given. The second holds unless the phases of a
    module's units cluster: p <= 0.05 / m against as many random phases. Modules of fewer than 5 units with one
    definite phase are not tested.
    """
    modules, phases = usable_result(results, "modules"), usable_result(results, "phases")
    p_value = phases["p_value"].values
    if not np.isfinite(p_value).any():
        raise Unavailable(NO_PHASES)
    spread = modules["spacing_sd_m"].values / modules["spacing_m"].values
    clustered = p_value <= ALPHA / np.isfinite(p_value).sum()
    number = {
        "spacing_spread": known_numbers(spread),
        "orientation_sd_deg": known_numbers(modules["orientation_sd_deg"].values),
    }
    said = "; ".join(map(str, phases["verdict"].values))
    sentence = f"Spacings within a module vary by {percents(spread)} (one standard deviation), and {said}."
    return Judgement(FAILS if clustered.any() else HOLDS, number, {"p": known_numbers(p_value)}, sentence)


def even_squares_on_planes(results: Results, sigma_x: float) -> Judgement:
    """C6, phases along k1, k2, k3 fill each square evenly and lie on planes.

    Holds if in every module that can be tested the phases do not cluster (as C2; two phases determine the third, so
    that one test is of all squares) and their sums are not uniform: p <= 0.05 / m (Rayleigh). Null: the p values.
    """
    usable_result(results, "modules")
    part = usable_result(results, "phases")
    clustered, sums, spread = (part[name].values for name in ("p_value", "sum_p_value", "phase_sum_spread"))
    known = np.isfinite(clustered)
    if not known.any():
        raise Unavailable(NO_PHASES)
    level = ALPHA / known.sum()
    good = (clustered[known] > level) & (sums[known] <= level)
    sentence = (
        f"The sum of the three phases varies over a module's units by {digits(spread[known])} degrees (unrelated "
        f"phases: 80 and more), and evenness against random phases gives p = {digits(clustered[known])}."
    )
    null = {"p_clustered": known_numbers(clustered), "p_sum": known_numbers(sums)}
    return Judgement(HOLDS if good.all() else FAILS, {"sum_spread_deg": known_numbers(spread)}, null, sentence)


def _say(part: xr.Dataset) -> str:
    said = []
    if "p_value" in part:
        said.append(f"Against as many random phases: p = {listed(part['p_value'], 2)} (small: they cluster).")
    if "phase_sum_spread" in part:
        spread = part["phase_sum_spread"]
        unit = {"degrees": "°", "rad": " rad"}.get(str(spread.attrs.get("units", "")), "")
        said.append(f"Spread of φ1 + φ2 + φ3 over units: {listed(spread, 2)}{unit}.")
    return " ".join(said)


def _draw(results: RunResults) -> Iterator[Drawing]:
    """Coverage of the unit cell in pairs of phases, and the planes in space."""
    from .. import figures

    phases, modules = results.parts[PHASES], results.parts[MODULES]
    yield Drawing(
        "phase-squares",
        lambda: figures.phase_squares(phases, modules),
        "Phases of the units along each pair of the three axes",
        "One dot a unit with one field per unit cell. Opposite edges of a square are the same.",
    )
    yield Drawing(
        "phase-planes",
        lambda: figures.phase_planes(phases, modules),
        "Phases of the units in three dimensions, on planes",
        "The same in space. The planes drawn are those on which φ1 + φ2 + φ3 has the units’ mean value.",
    )


FINDING = Finding(
    name="phases",
    short="Phases",
    question="Do the phases tile the unit cell?",
    lead="Units of one module differ in phase only: the place of their field within the unit cell, given as "
    "phases along the three axes. An even code uses all phases alike. Two of the three phases determine the "
    "third.",
    place=500,
    parts=(
        Part(
            PHASES,
            2,
            _compute,
            own_settings(PHASES),
            model=PhasesConfig,
            parts=(UNITS, MODULES),
        ),
    ),
    claims=(
        Claim(
            "C2",
            "Within a module units share period and orientation, and their phases tile the unit cell uniformly.",
            "shared lattice, even tiling",
            shared_lattice_and_tiling,
        ),
        Claim(
            "C6",
            "Phases along the three axes fill each square evenly and lie on planes.",
            "phases fill the squares, lie on planes",
            even_squares_on_planes,
        ),
    ),
    views=(View(PHASES, _say, _draw, also=(MODULES,)),),
)
