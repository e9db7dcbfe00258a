"""Plane waves fitted to a map: amplitudes by least squares, wave vectors by Newton steps."""

import numpy as np
from jaxtyping import Complex, Float


def along_axes(shape: tuple[int, ...], k: np.ndarray) -> list[Complex[np.ndarray, " bin"]]:
    """Of ``exp(2 pi i k.x)``, places from the map's center: its factors along x and along y."""
    return [
        np.exp(2j * np.pi * (np.arange(size) - (size - 1) / 2) * of_axis)
        for size, of_axis in zip(shape, k, strict=True)
    ]


def wave_amplitudes(
    values: Float[np.ndarray, "x y"], weight: Float[np.ndarray, "x y"], waves: Float[np.ndarray, "wave 2"]
) -> tuple[Complex[np.ndarray, " wave"], Float[np.ndarray, "x y"]]:
    """Weighted least squares: map = constant + sum of 2 Re(a exp(2 pi i k.x)); and what is left of the map."""
    x, y = (np.stack(parts, axis=1) for parts in zip(*(along_axes(values.shape, k) for k in waves), strict=True))
    phases = (x[:, None] * y).reshape(-1, len(waves))
    design = np.hstack([np.ones((values.size, 1)), 2 * phases.real, -2 * phases.imag])
    weighted = design * weight.reshape(-1, 1)
    gram = design.T @ weighted
    gram[np.diag_indices_from(gram)] += 1e-9 * weight.sum()
    solution = np.linalg.solve(gram, weighted.T @ values.ravel())
    count = len(waves)
    rest = values - (design @ solution).reshape(values.shape)
    return solution[1 : 1 + count] + 1j * solution[1 + count :], rest


def newton_step(weighted: Float[np.ndarray, "x y"], k: np.ndarray) -> Float[np.ndarray, " 2"]:
    """One Newton step to the top of |sum over x of weighted(x) exp(-2 pi i k.x)|^2, at most a quarter of the
    resolution.
    """
    # The sum and its derivatives are moments of the map in x and y, each a sum along one axis and then the other.
    x, y = (
        wave.conj() * (-2j * np.pi * (np.arange(len(wave)) - (len(wave) - 1) / 2)) ** np.arange(3)[:, None]
        for wave in along_axes(weighted.shape, k)
    )
    moments = x @ weighted @ y.T
    value, slope = moments[0, 0], np.array([moments[1, 0], moments[0, 1]])
    bend = np.array([[moments[2, 0], moments[1, 1]], [moments[1, 1], moments[0, 2]]])
    gradient = 2 * np.real(np.conj(value) * slope)
    hessian = 2 * np.real(np.conj(value) * bend + np.outer(np.conj(slope), slope))
    if np.linalg.eigvalsh(hessian)[-1] >= 0:
        return np.zeros(2)
    most = 0.25 / min(weighted.shape)
    return np.asarray(np.clip(-np.linalg.solve(hessian, gradient), -most, most))
