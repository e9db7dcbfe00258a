"""Plane waves fitted to a map: amplitudes by least squares, wave vectors by Newton steps."""

import numpy as np
from jaxtyping import Complex, Float


def wave_amplitudes(
    values: Float[np.ndarray, "x y"], weight: Float[np.ndarray, "x y"], waves: Float[np.ndarray, "wave 2"]
) -> tuple[Complex[np.ndarray, " wave"], Float[np.ndarray, "wave x y"]]:
    """Weighted least squares for ``map(x) = constant + sum over k of 2 Re(a_k exp(2 pi i k.x))``, x from the center.

    Returns the amplitudes a, and for each wave the weight times (the wave plus the residual of the whole fit).
    """
    x, y = (
        np.exp(2j * np.pi * of_axis[:, None] * _places(size))
        for size, of_axis in zip(values.shape, waves.T, strict=True)
    )
    count, root_weight = len(waves), np.sqrt(weight)
    # In one piece of memory, which becomes what is returned: new pages would take longer than the products.
    scaled = np.empty((1 + 2 * count, *values.shape))
    scaled[0] = 1
    along_y = np.stack([y.real, y.imag], axis=-2)
    np.matmul(2 * np.stack([x.real, -x.imag], axis=-1), along_y, out=scaled[1 : 1 + count])
    np.matmul(-2 * np.stack([x.imag, x.real], axis=-1), along_y, out=scaled[1 + count :])
    scaled *= root_weight
    rows = scaled.reshape(len(scaled), -1)
    gram = rows @ rows.T
    gram[np.diag_indices_from(gram)] += 1e-9 * weight.sum()
    solution = np.linalg.solve(gram, rows @ (root_weight * values).ravel())
    residual = root_weight * values - (solution @ rows).reshape(values.shape)
    scaled *= solution[:, None, None]
    each_with_residual = scaled[1 : 1 + count]
    each_with_residual += scaled[1 + count :]
    each_with_residual += residual
    each_with_residual *= root_weight
    return solution[1 : 1 + count] + 1j * solution[1 + count :], each_with_residual


def newton_steps(
    weighted: Float[np.ndarray, "wave x y"], waves: Float[np.ndarray, "wave 2"]
) -> Float[np.ndarray, "wave 2"]:
    """One Newton step of each wave k toward the maximum of ``|sum over x of weighted(x) exp(-2 pi i k.x)|^2``.

    At most a quarter of the resolution, 1 over the shorter side; 0 where the Hessian is not negative definite.
    """
    # The sum and its derivatives are moments of the map in x and y, each a sum along one axis and then the other.
    x, y = (
        (-2j * np.pi * _places(size)) ** np.arange(3)[:, None]
        * np.exp(-2j * np.pi * of_axis[:, None, None] * _places(size))
        for size, of_axis in zip(weighted.shape[1:], waves.T, strict=True)
    )
    along_x = x.real @ weighted + 1j * (x.imag @ weighted)
    moments = along_x @ y.transpose(0, 2, 1)
    value, slope = moments[:, 0, 0], np.stack([moments[:, 1, 0], moments[:, 0, 1]], axis=-1)
    bend = moments[:, [[2, 1], [1, 0]], [[0, 1], [1, 2]]]
    gradient = 2 * np.real(np.conj(value)[:, None] * slope)
    hessian = 2 * np.real(np.conj(value)[:, None, None] * bend + np.conj(slope)[:, :, None] * slope[:, None, :])
    at_top = np.linalg.eigvalsh(hessian)[:, -1] < 0
    steps = np.zeros(waves.shape)
    longest = 0.25 / min(weighted.shape[1:])
    steps[at_top] = np.clip(-np.linalg.solve(hessian[at_top], gradient[at_top][..., None])[..., 0], -longest, longest)
    return steps


def _places(size: int) -> Float[np.ndarray, " bin"]:
    """Bins from the center along one axis."""
    return np.arange(size) - (size - 1) / 2
