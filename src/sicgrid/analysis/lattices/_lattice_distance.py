"""How far two lattices are from each other, whatever bases describe them, and the sublattices of a lattice."""

import itertools
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

# Changes of basis with determinant 1 and entries -1, 0, 1: enough to bring reduced bases of near lattices together.
_CHANGES = np.array(
    [m for m in itertools.product((-1, 0, 1), repeat=4) if m[0] * m[3] - m[1] * m[2] == 1], dtype=np.float64
).reshape(-1, 2, 2)

# The three axes of a lattice from its conventional basis. Displacements of all three count, so that it does not
# matter which two of them are called the basis.
_AXES = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])

# A hexagonal lattice of spacing 1 has a unit cell of area sqrt(3)/2; distances are in units of the spacing.
_SCALE = np.sqrt(3) / 2 / 3


class PairTerms(NamedTuple):
    """Squared distance of lattices i and j as a function of their sizes: ``same exp(-t) + other exp(t) - inner``.

    ``t = size_j - size_i`` with size = log sqrt(area of the unit cell). Kept apart from the sizes so that a null that
    changes sizes only needs no new search for the best change of basis.
    """

    same: Float[np.ndarray, "lattice lattice"]
    other: Float[np.ndarray, "lattice lattice"]
    inner: Float[np.ndarray, "lattice lattice"]

    def squared(self, sizes: Float[np.ndarray, " lattice"]) -> Float[np.ndarray, "lattice lattice"]:
        """Squared distances of all pairs for lattices of these sizes (log meters)."""
        grown = np.exp(sizes[None, :] - sizes[:, None])
        return np.asarray(np.maximum(self.same / grown + self.other * grown - self.inner, 0.0))


def log_size(bases: Float[np.ndarray, "*lattices 2 2"]) -> Float[np.ndarray, "*lattices"]:
    """Half the logarithm of the unit cell's area: log spacing up to a constant, for any shape of cell."""
    return np.asarray(0.5 * np.log(np.abs(np.linalg.det(bases))))


def pair_terms(bases: Float[np.ndarray, "lattice 2 2"]) -> PairTerms:
    """The parts of all pairwise distances; bases as :func:`lattice_shape` gives them (reduced, counterclockwise)."""
    shapes = bases / np.exp(log_size(bases))[:, None, None]
    axes = _AXES @ shapes
    changed = np.einsum("ak,mkl,ilx->imax", _AXES, _CHANGES, shapes)
    products = np.einsum("imax,jax->ijm", changed, axes)
    lengths = (changed**2).sum(axis=(2, 3))
    best = (lengths[:, None, :] - 2 * products).argmin(axis=2)
    same = np.take_along_axis(lengths, best, axis=1)
    inner = 2 * np.take_along_axis(products, best[:, :, None], axis=2)[:, :, 0]
    other = np.broadcast_to((axes**2).sum(axis=(1, 2)), same.shape)
    return PairTerms(same * _SCALE, other * _SCALE, inner * _SCALE)


def aligned(
    bases: Float[np.ndarray, "lattice 2 2"], target: Float[np.ndarray, "2 2"]
) -> Float[np.ndarray, "lattice 2 2"]:
    """The basis of each lattice that lies nearest to the target basis: only such bases can be averaged."""
    changed = np.einsum("mkl,ilx->imkx", _CHANGES, bases)
    best = ((_AXES @ (changed - target)) ** 2).sum(axis=(2, 3)).argmin(axis=1)
    return np.asarray(changed[np.arange(len(bases)), best])


def lattice_distance(
    bases: Float[np.ndarray, "lattice 2 2"], target: Float[np.ndarray, "2 2"]
) -> Float[np.ndarray, " lattice"]:
    """Root mean square displacement of the three axes between lattices, as a share of the spacing.

    ``d^2 = min over bases of (|a - a'|^2 + |b - b'|^2 + |c - c'|^2) / (3 s s')``, c = b - a, s = spacing of the
    hexagonal lattice of the same area. Lattices of one shape and orientation with spacings s and s exp(t): d = |t|;
    one turned by a small angle: d = the angle in radians. Meant for near lattices (d < 0.5), of which `target` is in
    its conventional basis (:func:`lattice_shape`).
    """
    offset = _AXES @ (aligned(bases, target) - target)
    area = np.sqrt(np.abs(np.linalg.det(bases) * np.linalg.det(target)))
    return np.asarray(np.sqrt((offset**2).sum(axis=(1, 2)) * _SCALE / area))


def hermite_forms(index: int) -> list[Float[np.ndarray, "2 2"]]:
    """The sublattices of this index of any lattice in the plane, each once: Hermite normal forms.

    ``[[a, b], [0, index / a]]`` for each divisor a and 0 <= b < index / a; in number the sum of the divisors. Times a
    basis they are the basis of a sublattice, whose cell is `index` times as large; times a reciprocal basis, that of
    the waves of a finer lattice, whose cell is so many times smaller.

    >>> [form.tolist() for form in hermite_forms(2)]
    [[[1.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [0.0, 2.0]], [[2.0, 0.0], [0.0, 1.0]]]
    """
    divisors = [divisor for divisor in range(1, index + 1) if index % divisor == 0]
    return [np.array([[a, b], [0, index // a]], dtype=np.float64) for a in divisors for b in range(index // a)]


def sublattices(basis: Float[np.ndarray, "2 2"], most: int = 4) -> list[tuple[int, Float[np.ndarray, "2 2"]]]:
    """All proper sublattices of index 2 to `most` (:func:`hermite_forms`), each as (index, basis).

    A unit with `index` equally strong fields per cell, placed as evenly as the lattice allows, has a lattice of which
    the network's lattice is such a sublattice.
    """
    return [(index, rows @ basis) for index in range(2, most + 1) for rows in hermite_forms(index)]
