import numpy as np
import pytest

from sicgrid.kernels._neighbors import neighbors


def by_all_pairs(x, sigma_x):
    """(i, j, strictly near) of all ordered pairs that are not far, in the positions' own precision."""
    sigma = x.dtype.type(sigma_x)
    found = set()
    for i, a in enumerate(x):
        for j, b in enumerate(x):
            squared = (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])
            if i != j and squared <= sigma * sigma:
                found.add((i, j, bool(squared < sigma * sigma)))
    return found


def listed(x, sigma_x):
    start, others, near = neighbors(x, sigma_x)
    pairs = [(i, int(others[k]), bool(near[k])) for i in range(len(x)) for k in range(start[i], start[i + 1])]
    assert len(pairs) == len(set(pairs)) == len(others)
    return set(pairs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sigma_x", [0.01, 0.05, 0.4, 3.0])
def test_all_pairs_are_found_once_from_each_side(dtype, sigma_x):
    x = np.random.default_rng(0).uniform(-0.7, 0.5, (150, 2)).astype(dtype)
    assert listed(x, sigma_x) == by_all_pairs(x, sigma_x)


def test_points_on_a_lattice_of_sigma_x():
    # All nearest neighbors sit at sigma_x up to rounding, on the borders of the cells.
    x = np.stack(np.meshgrid(np.arange(9), np.arange(7)), axis=-1).reshape(-1, 2).astype(np.float32) * np.float32(0.05)
    assert listed(x, 0.05) == by_all_pairs(x, 0.05)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_points_for_a_pair(count):
    assert listed(np.zeros((count, 2), np.float32), 0.05) == set()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e9])
def test_positions_that_no_cell_can_hold_are_refused(bad):
    with pytest.raises(ValueError, match="positions must be finite"):
        neighbors(np.array([[0, 0], [bad, 0]], np.float32), 0.05)
