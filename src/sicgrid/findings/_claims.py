"""The paper's claims C1 to C7, each judged from the results of the parts by a rule that is stated beforehand."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from ..storage import length_name

HOLDS, FAILS, OPEN = "holds", "does not hold", "not testable here"
ALPHA = 0.05
NEIGHBOR_RATIO = np.sqrt(2)  # between spacings of neighboring modules in rats, Stensola et al. 2012
PLATEAU = 0.8  # of d(g(0), g(x)) in the paper's figure
SQUARE_ROOT_OF_2 = float(np.sqrt(2))  # the largest distance between non-negative unit vectors


class Judgement(NamedTuple):
    """A verdict with the measured number, its null (what chance gives), and one sentence."""

    verdict: str
    number: Any
    null: Any
    sentence: str


class _Missing(Exception):
    """A result that a claim needs and that is not there; the text says why."""


def claims(results: Mapping[str, xr.Dataset], sigma_x: float = 0.05) -> dict[str, dict[str, Any]]:
    """Judge C1 to C7 of Schaeffer et al. 2023 from the Datasets of the parts, by name; parts may be missing.

    Each entry has ``verdict`` ("holds", "does not hold", "not testable here"), ``number``, ``null`` and ``sentence``.
    The rules are in the docstrings of the functions below, one a claim. Where the paper gives no criterion the rule is
    ours and takes its bounds from a null, from a symmetry, or from the literature; none was chosen by looking at a
    network's results. With m modules a test is made at 0.05 / m (Bonferroni).

    Parameters
    ----------
    results
        Part -> Dataset, as in a run's ``results`` folder; one with ``reason`` in its attributes counts as missing.
    sigma_x
        Of the network's loss, metres (C4).

    """
    judged = {}
    for name, judge in _RULES.items():
        try:
            found = judge(results, sigma_x)
        except _Missing as missing:
            found = Judgement(OPEN, None, None, str(missing))
        judged[name] = found._asdict()
    return judged


def several_modules(results: Mapping[str, xr.Dataset], sigma_x: float) -> Judgement:
    """C1, several discrete modules: holds with two or more.

    Number: modules. Null: p of the best founded one against a continuum of spacings, which decides what counts as one
    (`sicgrid.analysis.find_modules`: p <= 0.01; commensurate lattices are one module).
    """
    part = results.get("modules")
    if part is None or "members" not in part:
        raise _Missing(_why(results, "modules"))
    verdict, count = str(part.attrs["verdict"]), part.sizes.get("module", 0)
    return Judgement(HOLDS if count >= 2 else FAILS, count, {"p": _number(part.attrs.get("p_value"))}, verdict)


def shared_lattice_and_tiling(results: Mapping[str, xr.Dataset], sigma_x: float) -> Judgement:
    """C2, one period and orientation within a module, phases tile its unit cell uniformly.

    The first half is what makes a module (see C1), and its spread is given. The second holds unless the phases of a
    module's units cluster: p <= 0.05 / m against as many random phases. Modules of fewer than 5 units with one
    definite phase are not tested.
    """
    modules, phases = _usable(results, "modules"), _usable(results, "phases")
    p_value = phases["p_value"].values
    if not np.isfinite(p_value).any():
        raise _Missing("No module has the 5 units of one definite phase that a test of the tiling needs.")
    spread = modules["spacing_sd_m"].values / modules["spacing_m"].values
    clustered = p_value <= ALPHA / np.isfinite(p_value).sum()
    number = {"spacing_spread": _list(spread), "orientation_sd_deg": _list(modules["orientation_sd_deg"].values)}
    said = "; ".join(map(str, phases["verdict"].values))
    sentence = f"Spacings within a module vary by {_percent(spread)} (one standard deviation), and {said}."
    return Judgement(FAILS if clustered.any() else HOLDS, number, {"p": _list(p_value)}, sentence)


def holds_in_larger_boxes(results: Mapping[str, xr.Dataset], sigma_x: float) -> Judgement:
    """C3, the code holds in larger boxes on smooth paths.

    A unit with a lattice in the main box keeps its code in a larger one if its map correlates with its own of the main
    box more than 95 % of pairs of different units do, and its lattice is deformed by less than sqrt(sqrt 2) - 1 = 19 %
    (farther away it would be nearer to the lattice of a neighboring module, whose spacings differ by sqrt 2: Stensola
    et al. 2012). Holds if more than half of these units keep it in every larger box. Null: 5 %.
    """
    part = _usable(results, "generalisation")
    arenas, reference = part["arena"].values, float(part.attrs["reference_m"])
    larger = np.flatnonzero(arenas > reference)
    if not len(larger):
        boxes = ", ".join(f"{arena:g}" for arena in arenas)
        raise _Missing(f"Only boxes of {boxes} m were recorded; `sicgrid evaluate --arenas 2 3 4` adds larger ones.")
    strain, correlation = part["strain"].values, part["correlation"].values
    with_lattice = np.isfinite(strain[np.flatnonzero(arenas == reference)[0]])
    if not with_lattice.any():
        raise _Missing(f"No unit has a lattice in the {reference:g} m box that a larger one could keep.")
    most = np.sqrt(NEIGHBOR_RATIO) - 1
    kept = (correlation > part["null_p95"].values[:, None]) & (strain <= most)  # False where either is NaN
    share = {length_name(arenas[row]): float(kept[row, with_lattice].mean()) for row in larger}
    smooth = part["path_integration_error"].values[:, 0]
    said = ", ".join(f"{100 * value:.0f} % in the {side} m box" for side, value in share.items())
    errors = ", ".join(f"{smooth[row]:.2f}" for row in larger)
    sentence = (
        f"Of the {int(with_lattice.sum())} units with a lattice in the {reference:g} m box, {said} keep map and "
        f"lattice; the path-integration error there is {errors} (0: none, 1: the place is lost)."
    )
    return Judgement(HOLDS if min(share.values()) > 0.5 else FAILS, share, {"share by chance": 0.05}, sentence)


def rises_and_stays_away(results: Mapping[str, xr.Dataset], sigma_x: float) -> Judgement:
    """C4, d(g(0), g(x)) rises within about sigma_x to a plateau near 0.8 and stays there, never back to 0.

    From the largest box. The plateau is the median over distance of the median distance, beyond the training's reach
    (the distance within which 99 % of its places lie). Holds if (a) half of the plateau is reached within
    2 sigma_x; (b) beyond the training's reach the median is always nearer to 0.8 than to the ends of the possible,
    0 and sqrt 2; (c) beyond sigma_x its 5th percentile is always larger than the median distance of states at equal
    places, which is the null: what "0" comes to with the drift of path integration. Distances with fewer than 100
    samples are left out.
    """
    part = _usable(results, "generalisation")
    if "training_cumulative" not in part:
        raise _Missing("Without a network there is no training's reach to go beyond.")
    row = int(part["arena"].values.argmax())
    distance, median, low = part["distance"].values, part["median"].values[row], part["low"].values[row]
    known = np.isfinite(median) & (part["samples"].values[row] >= 100)
    beyond = known & (part["training_cumulative"].values >= 0.99)
    if not beyond.any():
        raise _Missing(
            f"The largest box, {part['arena'].values[row]:g} m, ends within the training's reach; record a larger one."
        )
    plateau = float(np.median(median[beyond]))
    rise = float(distance[known & (median >= plateau / 2)].min(initial=np.inf))
    same = float(part["same_place"].values[row, 0])
    lowest = float(low[known & (distance > sigma_x)].min())
    near = (median[beyond] > PLATEAU / 2) & (median[beyond] < (PLATEAU + SQUARE_ROOT_OF_2) / 2)
    holds = rise <= 2 * sigma_x and bool(near.all()) and lowest > same
    sentence = (
        f"Half of the plateau of {plateau:.2f} is reached at {rise:.2f} m (sigma_x is {sigma_x:g} m); out to "
        f"{distance[known].max():.1f} m the 5th percentile falls to {lowest:.2f} at the least, while states of equal "
        f"places differ by {same:.2f}; training's places lie within {distance[beyond].min():.1f} m."
    )
    number = {"plateau": plateau, "half_at_m": rise, "lowest_5_percent": lowest}
    return Judgement(HOLDS if holds else FAILS, number, {"same_place": same}, sentence)


def six_peaks(results: Mapping[str, xr.Dataset], sigma_x: float) -> Judgement:
    """C5, six peaks of the mean power at 60 degrees, single sharp bars of orientation and period.

    Holds if in every module the six highest peaks of the mean power are three waves and their negatives (each within
    the resolution of the box, 1 / side), and their angles are nearer to 60 degrees than those of 1 - 0.05 / m of random
    lattices (Siegel's measure, the null). The sharpness of the bars is the test that makes a module (C1).
    """
    modules, part = _usable(results, "modules"), _usable(results, "fourier")
    turns = np.sort(np.mod(part["angles_deg"].values, 180.0), axis=1)
    off = np.abs(np.diff(np.concatenate([turns, turns[:, :1] + 180.0], axis=1), axis=1) - 60.0).max(axis=1)
    p_value, peaks = part["angle_p_value"].values, part["six_peaks"].values.astype(bool)
    with np.errstate(invalid="ignore"):
        good = peaks & (p_value <= ALPHA / len(p_value))
    bars = modules["spacing_sd_m"].values / modules["spacing_m"].values
    sentence = (
        f"{int(peaks.sum())} of {len(peaks)} modules have six highest peaks at three waves; their angles differ from "
        f"60 degrees by at most {_text(off)} degrees, and spacings spread by {_percent(bars)}."
    )
    number = {"off_60_deg": _list(off), "six_peaks": peaks.tolist()}
    return Judgement(HOLDS if good.all() else FAILS, number, {"p": _list(p_value)}, sentence)


def even_squares_on_planes(results: Mapping[str, xr.Dataset], sigma_x: float) -> Judgement:
    """C6, phases along k1, k2, k3 fill each square evenly and lie on planes.

    Holds if in every module that can be tested the phases do not cluster (as C2; two phases determine the third, so
    that one test is of all squares) and their sums are not uniform: p <= 0.05 / m (Rayleigh). Null: the p values.
    """
    _usable(results, "modules")
    part = _usable(results, "phases")
    clustered, sums, spread = (part[name].values for name in ("p_value", "sum_p_value", "phase_sum_spread"))
    known = np.isfinite(clustered)
    if not known.any():
        raise _Missing("No module has the 5 units of one definite phase that a test of the tiling needs.")
    level = ALPHA / known.sum()
    good = (clustered[known] > level) & (sums[known] <= level)
    sentence = (
        f"The sum of the three phases varies over a module's units by {_text(spread[known])} degrees (unrelated "
        f"phases: 80 and more), and evenness against random phases gives p = {_text(clustered[known])}."
    )
    null = {"p_clustered": _list(clustered), "p_sum": _list(sums)}
    return Judgement(HOLDS if good.all() else FAILS, {"sum_spread_deg": _list(spread)}, null, sentence)


def torus_and_rings(results: Mapping[str, xr.Dataset], sigma_x: float) -> Judgement:
    """C7, a module's states are a torus, seen as a ring along each phase axis.

    Holds if every module has the Betti numbers (1, 2, 1), counted against shuffles as in Gardner et al. 2022 (see
    `sicgrid.analysis.topology`); the picture has no vote. The coherence of the rings is given where it was computed.
    """
    _usable(results, "modules")
    part = _usable(results, "topology")
    betti = part["betti"].values.astype(int)
    torus = (betti == [1, 2, 1]).all(axis=1)
    said = ", ".join(f"({', '.join(map(str, row))})" for row in betti)
    rings = ""
    space = results.get("state_space")
    if space is not None and "coherence" in space:
        rings = f"; the rings' coherence with the phase is at least {float(space['coherence'].min()):.2f}"
    sentence = f"{int(torus.sum())} of {len(torus)} modules are a torus: Betti numbers {said}{rings}."
    null = {"longest bar of shuffles": [_list(row) for row in part["threshold"].values]}
    return Judgement(HOLDS if torus.all() else FAILS, {"betti": betti.tolist()}, null, sentence)


_RULES: dict[str, Callable[[Mapping[str, xr.Dataset], float], Judgement]] = {
    "C1": several_modules,
    "C2": shared_lattice_and_tiling,
    "C3": holds_in_larger_boxes,
    "C4": rises_and_stays_away,
    "C5": six_peaks,
    "C6": even_squares_on_planes,
    "C7": torus_and_rings,
}


def _usable(results: Mapping[str, xr.Dataset], name: str) -> xr.Dataset:
    if name not in results or results[name].attrs.get("reason"):
        raise _Missing(_why(results, name))
    return results[name]


def _why(results: Mapping[str, xr.Dataset], name: str) -> str:
    part = results.get(name)
    if part is None:
        return f"The part {name} has not been computed; `sicgrid analyze` does so."
    return str(part.attrs.get("reason") or f"The part {name} holds no result.")


def _number(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _list(values: np.ndarray) -> list[float | None]:
    return [_number(value) for value in np.atleast_1d(values)]


def _text(values: np.ndarray) -> str:
    return ", ".join(f"{value:.2g}" for value in np.atleast_1d(values))


def _percent(values: np.ndarray) -> str:
    return ", ".join(f"{100 * value:.2g} %" if np.isfinite(value) else "an unknown share" for value in values)
