"""Are the lattices hexagonal? The three plane waves that a module's lattice is made of."""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Float

from ..analysis import (
    FourierConfig,
    Spectrum,
    has_six_peaks,
    hexagonal_deviation,
    hexagonal_p,
    ordered_waves,
    plane_waves,
    power_spectrum,
    wave_vectors,
    waves_spacing,
)
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
            waves[unit] = ordered_waves(plane_waves(maps[unit], bin_size).k, expected)
            progress(int(np.isfinite(waves[:, 0, 0]).sum()), int(single_phase.sum()))
        finite = waves[averaged][np.isfinite(waves[averaged]).all(axis=(1, 2))]
        # Waves of which a box holds too few periods are not measured: the few units that have some then have others.
        most_have_waves = 2 * len(finite) >= len(averaged)
        mean_waves.append(np.median(finite, axis=0) if most_have_waves else np.full((3, 2), np.nan))
    k = np.stack(mean_waves)
    angles = np.mod(np.rad2deg(np.arctan2(k[..., 1], k[..., 0])), 180.0)
    spacing = np.array([waves_spacing(vectors) for vectors in k])
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
                    has_six_peaks(module_power, frequencies, vectors, resolution)
                    for module_power, vectors in zip(power, k, strict=True)
                ],
                about="the six highest peaks of the mean power are the waves and their negatives",
            ),
            "angle_p_value": quantity(
                "module",
                [hexagonal_p(vectors) for vectors in k],
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


def six_peaks(results: Results, sigma_x: float) -> Judgment:
    """C5, six peaks of the mean power at 60 degrees, single sharp bars of orientation and period.

    Holds if in every module the six highest peaks of the mean power are three waves and their negatives (each within
    the resolution of the box, 1 / side), and their angles are nearer to 60 degrees than those of 1 - 0.05 / m of random
    lattices (Siegel's measure, the null). A module of whose units fewer than half have three waves, as where the box
    holds too few periods of them, cannot be told. The sharpness of the bars is the test that makes a module (C1b).
    """
    modules, part = required_result(results, MODULES), required_result(results, FOURIER)
    deviation = hexagonal_deviation(part["angles_deg"].values)
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
    deviation = hexagonal_deviation(np.asarray(part["angles_deg"].transpose("module", "wave").values, dtype=float))
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
