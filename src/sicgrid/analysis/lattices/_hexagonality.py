"""How near the three waves of a lattice are to a hexagonal one's: their angles, their six peaks, random lattices."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from ..._numbers import plain_numbers
from ._wave_vectors import three_waves


def angles_between_waves(angles_deg: npt.ArrayLike) -> Float[np.ndarray, "*lattice wave"]:
    """Angles between neighboring waves, degrees: those of a lattice sum to 180, and a hexagonal one's are 60.

    ``angles_deg`` (..., wave): directions of the waves of one lattice or of many, in any order; a wave and its negative
    are one, so that directions count modulo 180. NaN with a NaN.

    Raises
    ------
    ValueError
        For anything but numbers, or a single number.

    >>> import numpy as np
    >>> angles_between_waves(np.array([[10.0, 70.0, 130.0], [0.0, 90.0, 225.0]])).tolist()  # hexagonal, square
    [[60.0, 60.0, 60.0], [45.0, 45.0, 90.0]]

    """
    angles = plain_numbers("angles_deg", angles_deg, np.float64)
    if not angles.ndim or not angles.shape[-1]:
        raise ValueError(f"angles_deg must be directions of waves, (..., wave), got shape {angles.shape}")
    ordered = np.sort(np.mod(angles, 180.0), axis=-1)
    return np.asarray(np.diff(np.concatenate([ordered, ordered[..., :1] + 180.0], axis=-1), axis=-1))


def hexagonal_deviation(angles_deg: npt.ArrayLike) -> Float[np.ndarray, "*lattice"]:
    """Largest deviation from 60 degrees of the angles between neighboring waves of each lattice; NaN with a NaN.

    ``angles_deg`` as :func:`angles_between_waves` takes them. The number that C5 of Schaeffer et al. 2023 is judged by,
    with :func:`hexagonal_p` for its null.

    >>> import numpy as np
    >>> hexagonal_deviation(np.array([[10.0, 70.0, 130.0], [0.0, 90.0, 225.0]])).tolist()  # hexagonal, square
    [0.0, 30.0]
    """
    return np.asarray(np.abs(angles_between_waves(angles_deg) - 60.0).max(axis=-1))


def hexagonal_p(k: npt.ArrayLike, null_draws: int = 100_000) -> float:
    """Share of random lattices whose three waves are as near to 60 degrees apart as these (cycles per meter).

    ``p = (1 + number of random lattices that deviate no more) / (1 + number of random lattices)``, the deviation being
    that of :func:`hexagonal_deviation`; NaN with a NaN.

    The shape of a random lattice is a point tau of the fundamental domain ``|tau| >= 1, |Re tau| <= 1/2`` with density
    1 / Im(tau)^2, the only one that does not change with the choice of basis (Siegel 1945). Of `null_draws` points of
    the strip above ``Im tau = sqrt(3)/2``, always the same ones, those in the domain count: nine in ten.

    Raises
    ------
    ValueError
        For another shape, or waves of a single direction.

    >>> from sicgrid.analysis import synthetic_cells, wave_vectors
    >>> square = wave_vectors(synthetic_cells.lattice_basis(0.5, angle_deg=90))
    >>> nearly_hexagonal = wave_vectors(synthetic_cells.lattice_basis(0.5, angle_deg=62))
    >>> hexagonal_p(square) > 0.3, hexagonal_p(nearly_hexagonal) < 0.01
    (True, True)

    """
    k = three_waves("k", k)
    if not np.isfinite(k).all():
        return float("nan")
    generator = np.random.default_rng(0)
    x, y = generator.uniform(-0.5, 0.5, null_draws), np.sqrt(0.75) / (1 - generator.random(null_draws))
    inside = x**2 + y**2 >= 1
    first = np.zeros(inside.sum(), dtype=complex) + 1
    second = x[inside] + 1j * y[inside]
    # The shortest waves of a lattice are the reduced basis of its dual, which has the same shape, and their difference.
    third = np.where(second.real > 0, second - first, second + first)
    null = hexagonal_deviation(np.rad2deg(np.angle(np.stack([first, second, third], axis=1))))
    observed = hexagonal_deviation(np.rad2deg(np.angle(k[:, 0] + 1j * k[:, 1])))
    return float((1 + (null <= observed).sum()) / (1 + len(null)))


def has_six_peaks(
    power: Float[np.ndarray, "f f"],
    frequencies: Float[np.ndarray, " f"],
    k: npt.ArrayLike,
    resolution: float,
) -> bool:
    """Whether the six highest local maxima of a power spectrum are the three waves k and their negatives, one at each.

    A peak is at a wave if it lies within `resolution`, usually the box's, 1 / side. Power over both frequencies as in
    :class:`Spectrum`; frequencies, waves and resolution in cycles per meter. False with a NaN in k. C5 of Schaeffer et
    al. 2023 asks it of the mean power of a module's units.

    Raises
    ------
    ValueError
        For shapes that do not fit, or waves of a single direction.

    >>> import numpy as np
    >>> from sicgrid.analysis import power_spectrum, synthetic_cells, wave_vectors
    >>> centers = synthetic_cells.bin_centers(np.linspace(-1, 1, 41))  # of a 2 m box
    >>> basis = synthetic_cells.lattice_basis(0.5, 10)
    >>> grid = power_spectrum(synthetic_cells.grid_cells(centers, basis, [[0.2, 0.3]], 0.08)[..., 0])
    >>> stripes = power_spectrum(synthetic_cells.stripe_cells(centers, 0.43, 40.0, [0.3])[..., 0])
    >>> k = wave_vectors(basis)
    >>> [has_six_peaks(spectrum.power, spectrum.frequencies, k, 1 / 2) for spectrum in (grid, stripes)]
    [True, False]

    """
    k = three_waves("k", k)
    if np.shape(power) != (len(frequencies),) * 2 or len(frequencies) < 3:
        raise ValueError(f"power must be of {len(frequencies)} frequencies along both axes, got {np.shape(power)}")
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
