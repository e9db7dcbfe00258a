"""Do the phases tile the unit cell? Where in its module's unit cell each unit has its field."""

from collections.abc import Iterator

import numpy as np
import scipy
import xarray as xr

from ..analysis import PhasesConfig, lattice_phases, tiling
from ._finding import Drawing, Finding, View
from ._names import MODULES, PHASES, UNITS
from ._part import WAVES, Part, Progress, Result, Unavailable, json_number, json_numbers, own_settings, quantity
from ._results import RunResults
from ._sources import Sources, members_by_module
from ._verdict import (
    ALPHA,
    FAILS,
    HOLDS,
    NO_PHASES,
    OPEN,
    Claim,
    Judgment,
    Results,
    digits,
    percents,
    required_result,
)
from ._wording import listed


def _compute(sources: Sources, progress: Progress) -> Result:
    modules = sources.required(MODULES)
    maps, bin_size = sources.measured_maps().maps, sources.bin_size()
    groups = members_by_module(modules)
    phase, single = np.full((len(maps), 3), np.nan), np.zeros(len(maps), dtype=bool)
    columns: dict[str, list[float]] = {
        name: [] for name in ("units", "p_value", "p_even", "statistic", "sum", "phase_sum_spread", "sum_p_value")
    }
    verdicts = []
    for module, members in enumerate(groups):
        phases = lattice_phases(maps[members], modules["basis_m"].values[module], bin_size)
        single[members] = phases.single
        phase[members] = np.where(phases.single[:, None], phases.phi, np.nan)
        try:
            test = tiling(phases, sources.config.analysis.phases.null_draws, sources.seed)
        except ValueError as error:
            values = [float(phases.single.sum()), *[float("nan")] * 6]
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
    descriptions = {"p_value": "small: the phases cluster", "p_even": "small: more even than random phases"}
    dataset = xr.Dataset(
        {
            "phase": quantity(("unit", "wave"), phase, "rad", "NaN for units without one definite phase in a module"),
            "single": quantity("unit", single, about="one field per unit cell"),
        }
        | {
            name: quantity("module", numbers, units.get(name, "1"), descriptions.get(name, ""))
            for name, numbers in columns.items()
        }
        | {"verdict": quantity("module", np.array(verdicts, dtype=object))},
        coords={"wave": WAVES, "unit": modules["unit"].values},
    )
    summary = {name: [json_number(value) for value in numbers] for name, numbers in columns.items()}
    return Result(dataset, summary | {"verdict": verdicts})


def shared_lattice_and_tiling(results: Results, sigma_x: float) -> Judgment:
    """C2, one period and orientation within a module, phases tile its unit cell uniformly.

    The first half is what makes a module (see C1b), and its spread is given. The second holds if the phases are more
    even than as many random ones: p <= 0.05, of all modules together (Fisher's combination). It does not if those of a
    module cluster (p <= 0.05 / m); what is neither cannot be told. Modules of fewer than 5 units with one definite
    phase are not tested. Null: each module's p of more even phases.
    """
    modules, phases = required_result(results, MODULES), required_result(results, PHASES)
    verdict, p_even = _evenness(phases)
    spread = modules["spacing_sd_m"].values / modules["spacing_m"].values
    number = {
        "spacing_spread": json_numbers(spread),
        "orientation_sd_deg": json_numbers(modules["orientation_sd_deg"].values),
    }
    tilings = "; ".join(map(str, phases["verdict"].values))
    sentence = f"Spacings within a module vary by {percents(spread)} (one standard deviation), and {tilings}."
    return Judgment(verdict, number, {"p_of_more_even": json_numbers(p_even)}, sentence)


def even_squares_on_planes(results: Results, sigma_x: float) -> Judgment:
    """C6, phases along k1, k2, k3 fill each square evenly and lie on planes.

    Holds if the phases are more even than random ones (as C2; two phases determine the third, so that one test is of
    all squares) and their sums are not uniform in any module that can be tested: p <= 0.05 / m (Rayleigh). Null: p.
    """
    required_result(results, MODULES)
    part = required_result(results, PHASES)
    verdict, p_even = _evenness(part)
    sums, spread = part["sum_p_value"].values, part["phase_sum_spread"].values
    finite = np.isfinite(p_even)
    if not (sums[finite] <= ALPHA / finite.sum()).all():
        verdict = FAILS
    sentence = (
        f"The sum of the three phases varies over a module's units by {digits(spread[finite])} degrees (unrelated "
        f"phases: 80 and more); random phases are as even as the units' with p = {digits(p_even[finite])}."
    )
    null = {"p_of_more_even": json_numbers(p_even), "p_of_planes": json_numbers(sums)}
    return Judgment(verdict, {"sum_spread_deg": json_numbers(spread)}, null, sentence)


def _evenness(part: xr.Dataset) -> tuple[str, np.ndarray]:
    """Verdict on even phases, and each module's p of phases as even by chance; `Unavailable` without any."""
    clustered, even = part["p_value"].values, part["p_even"].values
    finite = np.isfinite(clustered)
    if not finite.any():
        raise Unavailable(NO_PHASES)
    if (clustered[finite] <= ALPHA / finite.sum()).any():
        return FAILS, even
    # Fisher's method; scipy.stats.combine_pvalues would take longer to import than all claims to judge.
    combined = scipy.special.chdtrc(2 * finite.sum(), -2 * np.log(even[finite]).sum())
    return HOLDS if combined <= ALPHA else OPEN, even


def _say(part: xr.Dataset) -> str:
    sentences = []
    if "p_even" in part and np.isfinite(part["p_even"]).any():
        sentences.append(f"More even than as many random phases at p = {listed(part['p_even'], 2)}.")
    if "phase_sum_spread" in part and np.isfinite(part["phase_sum_spread"]).any():
        sentences.append(f"Spread of φ1 + φ2 + φ3 over units: {listed(part['phase_sum_spread'], 2)}°.")
    return " ".join(sentences)


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
    lead="Units of one module differ in phase only: the place of their field within the unit cell, given as phases "
    "φ1, φ2, φ3 along its three plane waves k1, k2, k3. An even code uses all phases alike. Two of the three phases "
    "determine the third.",
    place=500,
    advanced=True,
    parts=(
        Part(
            PHASES,
            2,
            _compute,
            own_settings(PHASES),
            model=PhasesConfig,
            reads=(UNITS, MODULES),
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
