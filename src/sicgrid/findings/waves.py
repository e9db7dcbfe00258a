"""Are the lattices hexagonal? The three plane waves that a module's lattice is made of."""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Float

from ..analysis import FourierConfig, Spectrum, lattice_shape, plane_waves, power_spectrum, wave_vectors
from ._finding import Drawing, Finding, View
from ._names import FOURIER, MODULES, UNITS
from ._part import AXES, WAVES, Part, Progress, Result, Unavailable, json_numbers, own_settings, quantity
from ._results import RunResults
from ._sources import Sources, members_by_module
from ._verdict import (
    ALPHA,
    FAILS,
    HOLDS,
    OPEN,
    Claim,
    Judgment,
    Results,
    digits,
    percents,
    required_result,
)
from ._wording import counted

_CHUNK = 8  # maps whose padded spectra are held at once


def _compute(sources: Sources, progress: Progress) -> Result:
    modules = sources.required(MODULES)
    maps, bin_size = sources.maps().maps, sources.bin_size()
    settings = sources.config.analysis.fourier
    single_phase = modules["phases_per_cell"].values == 1
    power, waves, mean_waves, frequencies = [], np.full((len(maps), 3, 2), np.nan), [], np.empty(0)
    groups = members_by_module(modules)
    for module, members in enumerate(groups):
        # Units at several phases of the cell have the power of their own, finer lattice.
        averaged = members[single_phase[members]] if single_phase[members].any() else members
        mean = _mean_power(maps[averaged], bin_size, settings)
        frequencies = mean.frequencies
        power.append(mean.power)
        expected = wave_vectors(modules["basis_m"].values[module])
        for unit in averaged:
            waves[unit] = _in_order(plane_waves(maps[unit], bin_size).k, expected)
            progress(int(np.isfinite(waves[:, 0, 0]).sum()), int(single_phase.sum()))
        finite = waves[averaged][np.isfinite(waves[averaged]).all(axis=(1, 2))]
        # Waves of which a box holds too few periods are not measured: the few units that have some then have others.
        most_have_waves = 2 * len(finite) >= len(averaged)
        mean_waves.append(np.median(finite, axis=0) if most_have_waves else np.full((3, 2), np.nan))
    k = np.stack(mean_waves)
    angles = np.mod(np.rad2deg(np.arctan2(k[..., 1], k[..., 0])), 180.0)
    spacing = np.array([_spacing(vectors) for vectors in k])
    resolution = 1 / (min(maps.shape[1:]) * bin_size)
    dataset = xr.Dataset(
        {
            "mean_power": quantity(
                ("module", "fx", "fy"), np.stack(power), about="mean over units of one field a cell"
            ),
            "k": quantity(("module", "wave", "axis"), k, "1/m", "median over units, if half of them have waves"),
            "unit_k": quantity(("unit", "wave", "axis"), waves, "1/m", "of every unit of one field a cell"),
            "angles_deg": quantity(("module", "wave"), angles, "degrees"),
            "spacing_m": quantity("module", spacing, "m", "from the waves; see modules for that of the lattice"),
            "six_peaks": quantity(
                "module",
                [
                    _six_peaks(module_power, frequencies, waves, resolution)
                    for module_power, waves in zip(power, k, strict=True)
                ],
                about="the six highest peaks of the mean power are the waves and their negatives",
            ),
            "angle_p_value": quantity(
                "module",
                [_hexagonal_p(vectors) for vectors in k],
                about="share of random lattices as near to 60 degrees",
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


def _mean_power(maps: Float[np.ndarray, "unit x y"], bin_size: float, settings: FourierConfig) -> Spectrum:
    """Mean power of maps up to `settings.highest`, in chunks: a padded spectrum takes as much memory as 200 maps."""
    total: np.ndarray | float = 0.0
    for start in range(0, len(maps), _CHUNK):
        spectrum = power_spectrum(maps[start : start + _CHUNK], bin_size, settings.pad)
        in_range = np.abs(spectrum.frequencies) <= settings.highest
        total = total + spectrum.power[:, in_range][:, :, in_range].sum(axis=0)
    return Spectrum(np.asarray(total / len(maps)), spectrum.frequencies[in_range])


def _in_order(k: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """A unit's waves in the order and with the signs of the module's, to which they are nearest.

    NaN where two of the module's waves have the same nearest one.
    """
    if not np.isfinite(k).all():
        return np.full((3, 2), np.nan)
    signed_waves = np.concatenate([k, -k])
    nearest = ((signed_waves - expected[:, None]) ** 2).sum(axis=2).argmin(axis=1)
    return signed_waves[nearest] if len(set(nearest % 3)) == 3 else np.full((3, 2), np.nan)


def _spacing(k: np.ndarray) -> float:
    """Distance between neighboring fields of the lattice with these waves, meters."""
    if not np.isfinite(k).all():
        return float("nan")
    # Least squares for two waves a, b such that the three are a, b and -a - b.
    pair = np.linalg.lstsq(np.array([[1.0, 0], [0, 1], [-1, -1]]), k, rcond=None)[0]
    return lattice_shape(np.linalg.inv(pair).T).spacing_m


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
    distance = np.linalg.norm(peaks[:, None] - np.concatenate([k, -k]), axis=2)
    return (
        len(peaks) == 6 and len(set(distance.argmin(axis=1))) == 6 and bool((distance.min(axis=1) < resolution).all())
    )


def _hexagonal_p(k: np.ndarray, null_draws: int = 100_000) -> float:
    """Share of random lattices whose three waves are as near to 60 degrees apart as these.

    The shape of a random lattice is a point tau of the fundamental domain ``|tau| >= 1, |Re tau| <= 1/2`` with density
    1 / Im(tau)^2, the only one that does not change with the choice of basis (Siegel 1945).
    """
    if not np.isfinite(k).all():
        return float("nan")
    generator = np.random.default_rng(0)
    x, y = generator.uniform(-0.5, 0.5, null_draws), np.sqrt(0.75) / (1 - generator.random(null_draws))
    inside = x**2 + y**2 >= 1
    first = np.zeros(inside.sum(), dtype=complex) + 1
    second = x[inside] + 1j * y[inside]
    # The shortest waves of a lattice are the reduced basis of its dual, which has the same shape, and their difference.
    third = np.where(second.real > 0, second - first, second + first)
    null = _largest_deviation(np.rad2deg(np.angle(np.stack([first, second, third], axis=1))))
    observed = _largest_deviation(np.rad2deg(np.angle((k[:, 0] + 1j * k[:, 1])[None])))[0]
    return float((1 + (null <= observed).sum()) / (1 + len(null)))


def _largest_deviation(angles_deg: np.ndarray) -> np.ndarray:
    """Largest deviation from 60 degrees of the angles between neighboring waves of each lattice; NaN with a NaN.

    ``angles_deg`` (lattice, wave): directions of the waves, which are the same modulo 180 degrees.
    """
    ordered = np.sort(np.mod(angles_deg, 180.0), axis=1)
    between = np.diff(np.concatenate([ordered, ordered[:, :1] + 180.0], axis=1), axis=1)
    return np.asarray(np.abs(between - 60.0).max(axis=1))


def six_peaks(results: Results, sigma_x: float) -> Judgment:
    """C5, six peaks of the mean power at 60 degrees, single sharp bars of orientation and period.

    Holds if in every module the six highest peaks of the mean power are three waves and their negatives (each within
    the resolution of the box, 1 / side), and their angles are nearer to 60 degrees than those of 1 - 0.05 / m of random
    lattices (Siegel's measure, the null). A module of whose units fewer than half have three waves, as where the box
    holds too few periods of them, cannot be told. The sharpness of the bars is the test that makes a module (C1b).
    """
    modules, part = required_result(results, MODULES), required_result(results, FOURIER)
    deviation = _largest_deviation(part["angles_deg"].values)
    p_value, peaks = part["angle_p_value"].values, part["six_peaks"].values.astype(bool)
    measured = np.isfinite(deviation)
    if not measured.any():
        raise Unavailable("In no module do half of the units have three waves that the box holds two periods of.")
    with np.errstate(invalid="ignore"):
        holds = peaks & (p_value <= ALPHA / len(p_value))
    verdict = FAILS if (measured & ~holds).any() else HOLDS if measured.all() else OPEN
    relative_sd = modules["spacing_sd_m"].values / modules["spacing_m"].values
    unknown = "" if measured.all() else f"; of {int((~measured).sum())} the box holds too few periods to tell"
    sentence = (
        f"The six highest peaks are three waves and their negatives in {int((peaks & measured).sum())} of "
        f"{counted(int(measured.sum()), 'module')}{unknown}; angles between waves differ from 60 degrees by at most "
        f"{digits(deviation[measured])} degrees; spacings spread by {percents(relative_sd)}."
    )
    number = {"off_60_deg": json_numbers(deviation), "six_peaks": peaks.tolist()}
    return Judgment(verdict, number, {"p": json_numbers(p_value)}, sentence)


def _say(part: xr.Dataset) -> str:
    if "angles_deg" not in part:
        return ""
    deviation = _largest_deviation(np.asarray(part["angles_deg"].transpose("module", "wave").values, dtype=float))
    deviation = deviation[np.isfinite(deviation)]
    return (
        f"Angles between neighboring waves differ from 60° by at most {deviation.max():.1f}°." if len(deviation) else ""
    )


def _draw(results: RunResults) -> Iterator[Drawing]:
    """Mean power of each module."""
    from .. import figures

    part = results.parts[FOURIER]
    yield Drawing(
        "fourier",
        lambda: figures.fourier_power(part),
        "Mean Fourier power of each module with its three waves",
        "Square root of the mean power of a module’s rate maps over spatial frequency, 0 in the middle. Arrows: the "
        "three waves, located between the bins of the spectrum.",
    )


FINDING = Finding(
    name="waves",
    short="Waves",
    question="Are the lattices hexagonal?",
    lead="A hexagonal lattice is made of three plane waves 60° apart, called k1, k2 and k3, so the power of its maps "
    "over spatial frequency has six peaks: the three waves and their negatives. The spacing of fields is 2/√3 of a "
    "wave’s length.",
    place=400,
    advanced=True,
    parts=(
        Part(
            FOURIER,
            2,
            _compute,
            own_settings(FOURIER, seeded=False),
            model=FourierConfig,
            reads=(UNITS, MODULES),
            usual_s=4,
        ),
    ),
    claims=(
        Claim(
            "C5",
            "A module’s mean Fourier power has six peaks, its three waves 60° apart.",
            "six Fourier peaks",
            six_peaks,
        ),
    ),
    views=(View(FOURIER, _say, _draw),),
)
