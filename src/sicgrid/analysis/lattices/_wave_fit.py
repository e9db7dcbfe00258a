"""Plane waves fitted to a map: amplitudes by least squares, wave vectors by Newton steps."""

import numpy as np
from jaxtyping import Complex, Float


def wave_amplitudes(
    values: Float[np.ndarray, "x y"], weight: Float[np.ndarray, "x y"], waves: Float[np.ndarray, "wave 2"]
) -> tuple[Complex[np.ndarray, " wave"], Float[np.ndarray, "wave x y"]]:
    """Weighted least squares: map = constant + sum of 2 Re(a exp(2 pi i k.x)); and each wave with what is left over,
    times the weight. Places are from the map's center.
    """
    x, y = (
        np.exp(2j * np.pi * of_axis[:, None] * _places(size))
        for size, of_axis in zip(values.shape, waves.T, strict=True)
    )
    count, root = len(waves), np.sqrt(weight)
    # In one piece of memory, which becomes what is returned: new pages would take longer than the products.
    scaled = np.empty((1 + 2 * count, *values.shape))
    scaled[0] = 1
    along_y = np.stack([y.real, y.imag], axis=-2)
    np.matmul(2 * np.stack([x.real, -x.imag], axis=-1), along_y, out=scaled[1 : 1 + count])
    np.matmul(-2 * np.stack([x.imag, x.real], axis=-1), along_y, out=scaled[1 + count :])
    scaled *= root
    rows = scaled.reshape(len(scaled), -1)
    gram = rows @ rows.T
    gram[np.diag_indices_from(gram)] += 1e-9 * weight.sum()
    solution = np.linalg.solve(gram, rows @ (root * values).ravel())
    rest = root * values - (solution @ rows).reshape(values.shape)
    scaled *= solution[:, None, None]
    alone = scaled[1 : 1 + count]
    alone += scaled[1 + count :]
    alone += rest
    alone *= root
    return solution[1 : 1 + count] + 1j * solution[1 + count :], alone


def newton_steps(
    weighted: Float[np.ndarray, "wave x y"], waves: Float[np.ndarray, "wave 2"]
) -> Float[np.ndarray, "wave 2"]:
    """For each map and wave k one Newton step to the top of |sum over x of weighted(x) exp(-2 pi i k.x)|^2, at most a
    quarter of the resolution; 0 where there is no top.
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
    top = np.linalg.eigvalsh(hessian)[:, -1] < 0
    steps = np.zeros(waves.shape)
    most = 0.25 / min(weighted.shape[1:])
    steps[top] = np.clip(-np.linalg.solve(hessian[top], gradient[top][..., None])[..., 0], -most, most)
    return steps


def _places(size: int) -> Float[np.ndarray, " bin"]:
    return np.arange(size) - (size - 1) / 2
