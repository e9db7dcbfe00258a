"""Parts about the lattices that units share: modules, their plane waves, the phases of their units."""

import numpy as np
import xarray as xr

from ..analysis import (
    Modules,
    find_modules,
    lattice_phases,
    lattice_shape,
    plane_waves,
    power_spectrum,
    tiling,
    wave_vectors,
)
from ..experiment import RunConfig
from ._part import AXES, WAVES, Part, Progress, Result, Sources, Unavailable, members_by_module, number, quantity
from ._parts_units import UNITS

MODULES = "modules"


def _modules_settings(config: RunConfig) -> dict[str, object]:
    shared = ("min_overlap", "active_threshold", "constant_below")
    of_units = {name: getattr(config.analysis, name) for name in shared}
    return config.analysis.modules.model_dump(mode="json") | of_units | {"seed": config.seed}


def _modules(sources: Sources, progress: Progress) -> Result:
    units = sources.usable(UNITS)
    settings = _modules_settings(sources.config)
    found = find_modules(sources.maps(), bases_m=units["basis_m"].values, **settings)  # type: ignore[arg-type]
    labels = found.labels()
    phases_per_cell, dependence = np.full(len(labels), -1), np.full(len(labels), np.nan)
    for module in found.modules:
        phases_per_cell[module.members] = module.phases_per_cell
        dependence[module.members] = module.dependence
    reasons = [found.unassigned.get(unit, "") for unit in range(len(labels))]
    of_units = {
        "members": quantity("unit", labels, about="index of the unit's module, -1 for none"),
        "reason": quantity("unit", np.array(reasons, dtype=object), about="why the unit belongs to no module"),
    }
    attrs = {"verdict": found.verdict, "p_value": _p_value(found), "rest_p_value": found.rest_p_value}
    coords = {"unit": units["unit"].values}
    summary = found.summary()
    if not found.modules:
        return Result(xr.Dataset(of_units, coords, attrs | {"reason": found.verdict}), summary)
    each = found.modules
    dataset = xr.Dataset(
        of_units
        | {
            "phases_per_cell": quantity(
                "unit", phases_per_cell, about="fields per unit cell of the module; -1 unknown"
            ),
            "unit_dependence": quantity("unit", dependence, about="1: a function of the phase in the module"),
            "spacing_m": quantity("module", [one.spacing_m for one in each], "m"),
            "spacing_sd_m": quantity("module", [one.spacing_sd_m for one in each], "m"),
            "orientation_deg": quantity("module", [one.orientation_deg for one in each], "degrees"),
            "orientation_sd_deg": quantity("module", [one.orientation_sd_deg for one in each], "degrees"),
            "ellipticity": quantity("module", [one.ellipticity for one in each]),
            "basis_m": quantity(("module", "vector", "axis"), np.stack([one.basis_m for one in each]), "m"),
            "dependence": quantity(("module", "other_module"), found.dependence),
            "module_p_value": quantity("module", [one.p_value for one in each], about="against a continuum"),
        },
        coords | {"vector": ["b1", "b2"], "axis": AXES},
        attrs,
    )
    return Result(dataset, summary)


def _p_value(found: Modules) -> float:
    """Of the best founded module, or of the densest group where there is none."""
    return min((module.p_value for module in found.modules), default=found.rest_p_value)


def _fourier(sources: Sources, progress: Progress) -> Result:
    modules = sources.usable(MODULES)
    maps, bin_size = sources.maps().maps, sources.bin_size()
    settings = sources.config.analysis.fourier
    own = modules["phases_per_cell"].values == 1
    power, waves, mean_waves, frequencies = [], np.full((len(maps), 3, 2), np.nan), [], np.empty(0)
    groups = members_by_module(modules)
    for module, members in enumerate(groups):
        # Units at several phases of the cell have the power of their own, finer lattice.
        chosen = members[own[members]] if own[members].any() else members
        spectrum = power_spectrum(maps[chosen], bin_size, settings.pad)
        kept = np.abs(spectrum.frequencies) <= settings.highest
        frequencies = spectrum.frequencies[kept]
        power.append(spectrum.power.mean(axis=0)[np.ix_(kept, kept)])
        expected = wave_vectors(modules["basis_m"].values[module])
        for unit in chosen:
            waves[unit] = _in_order(plane_waves(maps[unit], bin_size).k, expected)
            progress(int(np.isfinite(waves[:, 0, 0]).sum()), int(own.sum()))
        found = waves[chosen][np.isfinite(waves[chosen]).all(axis=(1, 2))]
        mean_waves.append(np.median(found, axis=0) if len(found) else np.full((3, 2), np.nan))
    k = np.stack(mean_waves)
    angles = np.mod(np.rad2deg(np.arctan2(k[..., 1], k[..., 0])), 180.0)
    spacing = np.array([_spacing(one) for one in k])
    resolution = 1 / (min(maps.shape[1:]) * bin_size)
    dataset = xr.Dataset(
        {
            "mean_power": quantity(
                ("module", "fx", "fy"), np.stack(power), about="mean over units of one field a cell"
            ),
            "k": quantity(("module", "wave", "axis"), k, "1/m", "median over units, each measured by itself"),
            "unit_k": quantity(("unit", "wave", "axis"), waves, "1/m", "of every unit of one field a cell"),
            "angles_deg": quantity(("module", "wave"), angles, "degrees"),
            "spacing_m": quantity("module", spacing, "m", "from the waves; see modules for that of the lattice"),
            "six_peaks": quantity(
                "module",
                [_six_peaks(one, frequencies, waves, resolution) for one, waves in zip(power, k, strict=True)],
                about="the six highest peaks of the mean power are the waves and their negatives",
            ),
            "angle_p_value": quantity(
                "module", [_hexagonal_p(one) for one in k], about="share of random lattices as near to 60 degrees"
            ),
        },
        coords={
            "fx": quantity("fx", frequencies, "1/m"),
            "fy": quantity("fy", frequencies, "1/m"),
            "wave": WAVES,
            "axis": AXES,
        },
    )
    return Result(dataset, {"spacing_m": spacing.tolist(), "angles_deg": angles.tolist()})


def _in_order(k: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """A unit's waves named and turned as the module's, to which they are nearest; NaN if two are near to the same."""
    if not np.isfinite(k).all():
        return np.full((3, 2), np.nan)
    both = np.concatenate([k, -k])
    nearest = ((both - expected[:, None]) ** 2).sum(axis=2).argmin(axis=1)
    return both[nearest] if len(set(nearest % 3)) == 3 else np.full((3, 2), np.nan)


def _spacing(k: np.ndarray) -> float:
    """Distance between neighboring fields of the lattice with these waves, metres."""
    if not np.isfinite(k).all():
        return float("nan")
    # The two waves that best make all three, which sum to zero.
    two = np.linalg.lstsq(np.array([[1.0, 0], [0, 1], [-1, -1]]), k, rcond=None)[0]
    return lattice_shape(np.linalg.inv(two).T).spacing_m


def _six_peaks(power: np.ndarray, frequencies: np.ndarray, k: np.ndarray, resolution: float) -> bool:
    """Whether the six highest local maxima lie within the box's resolution (1 / side) of the waves, one at each."""
    if not np.isfinite(k).all():
        return False
    middle = power[1:-1, 1:-1]
    shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
    n, m = middle.shape
    highest = np.all([middle >= power[1 + i : 1 + i + n, 1 + j : 1 + j + m] for i, j in shifts], axis=0)
    bins = np.argwhere(highest)
    bins = bins[np.argsort(-middle[tuple(bins.T)], kind="stable")][:6] + 1
    peaks = frequencies[bins]
    apart = np.linalg.norm(peaks[:, None] - np.concatenate([k, -k]), axis=2)
    return len(peaks) == 6 and len(set(apart.argmin(axis=1))) == 6 and bool((apart.min(axis=1) < resolution).all())


def _hexagonal_p(k: np.ndarray, draws: int = 100_000) -> float:
    """Share of random lattices whose three waves are as near to 60 degrees apart as these.

    The shape of a random lattice is a point tau of the fundamental domain ``|tau| >= 1, |Re tau| <= 1/2`` with density
    1 / Im(tau)^2, the only one that does not change with the choice of basis (Siegel 1945).
    """
    if not np.isfinite(k).all():
        return float("nan")
    generator = np.random.default_rng(0)
    x, y = generator.uniform(-0.5, 0.5, draws), np.sqrt(0.75) / (1 - generator.random(draws))
    inside = x**2 + y**2 >= 1
    first = np.zeros(inside.sum(), dtype=complex) + 1
    second = x[inside] + 1j * y[inside]
    # The shortest waves of a lattice are the reduced basis of its dual, which has the same shape, and their difference.
    third = np.where(second.real > 0, second - first, second + first)
    null = _largest_deviation(np.stack([first, second, third], axis=1))
    observed = _largest_deviation((k[:, 0] + 1j * k[:, 1])[None])[0]
    return float((1 + (null <= observed).sum()) / (1 + len(null)))


def _largest_deviation(waves: np.ndarray) -> np.ndarray:
    """Largest deviation from 60 degrees of the angles between neighboring waves (lattice, wave), degrees."""
    turns = np.sort(np.mod(np.rad2deg(np.angle(waves)), 180.0), axis=1)
    between = np.diff(np.concatenate([turns, turns[:, :1] + 180.0], axis=1), axis=1)
    return np.asarray(np.abs(between - 60.0).max(axis=1))


def _phases(sources: Sources, progress: Progress) -> Result:
    modules = sources.usable(MODULES)
    maps, bin_size = sources.maps().maps, sources.bin_size()
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
            test = tiling(found, sources.config.analysis.phases.draws, sources.seed)
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


PARTS = (
    Part(MODULES, 1, _modules, _modules_settings, (UNITS,)),
    Part("fourier", 1, _fourier, lambda config: config.analysis.fourier.model_dump(mode="json"), (UNITS, MODULES)),
    Part(
        "phases",
        1,
        _phases,
        lambda config: config.analysis.phases.model_dump(mode="json") | {"seed": config.seed},
        (UNITS, MODULES),
    ),
)
