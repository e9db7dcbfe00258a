"""Two angles for every state of a torus, found without knowing positions, and what they say about position."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from jaxtyping import Float, Int

from ..._repr import brief
from ._barcode import PRIME
from ._landmarks import farthest_points
from ._state_space import check_states
from ._topology import Cloud, TopologyConfig, state_cloud


@brief
@dataclass(frozen=True)
class CircularCoordinates:
    """Coordinates on a torus from the two longest classes of H1.

    coordinates : (points, 2), turns in [0, 1), for every state; angle 0 is arbitrary, so are order and direction
    landmarks : (n,) indices of the states on which they were computed
    bars : (2, 2), birth and death of the two classes, in units of the cloud's size
    next_length : length of the third longest bar; the two stand out if theirs are much longer
    """

    coordinates: Float[np.ndarray, "point 2"]
    landmarks: Int[np.ndarray, " landmark"]
    bars: Float[np.ndarray, "2 2"]
    next_length: float


def circular_coordinates(
    states: npt.ArrayLike, config: TopologyConfig | None = None, seed: int = 0
) -> CircularCoordinates:
    """Angles on a torus from the two longest classes of persistent H1 (de Silva, Morozov & Vejdemo-Johansson 2011).

    Each class is a cocycle modulo 47 on the edges of the landmarks. Lifted to whole numbers ``alpha`` that wind once
    it is smoothed: the ``f`` that makes ``alpha + df`` least in squares (over the edges) makes it harmonic, and ``f``
    modulo 1 is the coordinate. Of all pairs of classes with the same whole-number span the pair with the least energy
    is taken (lattice reduction; Scoccola et al. 2023), so that no coordinate is a sum of two shorter ones. Other
    states take the circular mean of the 8 nearest landmarks, weighted by a Gaussian of the landmarks' spacing.

    Parameters
    ----------
    states : (points, units)
        As for :func:`topology`, with the same preparation; `config.coordinate_points` landmarks (or all states).
    config, seed
        As for :func:`topology`.

    Raises
    ------
    ValueError
        As :func:`topology`; if H1 has fewer than two classes, alive together and independent; if a class does not lift.

    Notes
    -----
    Departures from Gardner et al. 2022: edges up to the middle of the time in which the class is alive, not to 0.99
    of it, because short edges see the manifold and long ones the space around it; equal weights; the lift is
    verified; multiples are taken out and the pair reduced;
    states are placed by landmarks and not by the mean phase of the units.
    Limits: the coordinates exist for any two classes. Whether they mean something is the verdict of :func:`topology`
    and the goodness of :func:`decode_modulo_lattice`.

    >>> # Units tuned to one of two angles: a torus.
    >>> first, second = np.random.default_rng(0).uniform(0, 2 * np.pi, (2, 600))
    >>> ring = [1 + np.cos(angle - shift) for angle in (first, second) for shift in range(6)]
    >>> config = TopologyConfig(points=60, shuffle_points=40, coordinate_points=120, candidates=500, shuffles=20)
    >>> circular_coordinates(np.stack(ring, axis=1), config).coordinates.shape
    (600, 2)

    """
    config = config or TopologyConfig()
    values = check_states(states, 30)
    cloud = state_cloud(values, config, np.random.default_rng(seed))
    landmarks = farthest_points(cloud.points, min(config.coordinate_points, len(cloud.points)))
    distance = scipy.spatial.distance.squareform(scipy.spatial.distance.pdist(cloud.points[landmarks]))
    bars, residues, third = longest_classes(distance)
    born, dead = bars[:, 0].max(), bars[:, 1].min()
    if born >= dead:
        raise ValueError(
            f"the two longest classes of H1 are never alive together (births and deaths {bars.round(3).tolist()}): no "
            "torus; see topology(states).verdict"
        )
    near = (distance <= (born + dead) / 2) & ~np.eye(len(distance), dtype=bool)
    start, end = np.nonzero(np.triu(near))
    lifted = np.stack([lift_cocycle(cocycle, near)[start, end] for cocycle in residues])
    primitive = primitive_pair(lifted, start, end, len(distance))
    turns, harmonic = zip(*(smooth_cocycle(cocycle, start, end, len(distance)) for cocycle in primitive), strict=True)
    angles = np.stack(turns, axis=1) @ reduce_pair(np.stack(harmonic)).T
    return CircularCoordinates(_extend(cloud, landmarks, angles), cloud.indices[landmarks], bars, third)


def longest_classes(distance: Float[np.ndarray, "n n"]) -> tuple[np.ndarray, list[Int[np.ndarray, "n n"]], float]:
    """Bars (2, 2) of the two longest classes of H1, their cocycles (antisymmetric, modulo 47), the third length."""
    # Imported here: ripser loads scikit-learn, over a second, which `import sicgrid.analysis` should not.
    from ripser import ripser

    homology: Any = ripser(distance, distance_matrix=True, maxdim=1, coeff=PRIME, do_cocycles=True)
    h1 = np.asarray(homology["dgms"][1], dtype=np.float64)
    if len(h1) < 2:
        raise ValueError(
            f"circular coordinates of a torus need two classes in H1, found {len(h1)}: the states have no two loops; "
            "see topology(states).verdict"
        )
    order = np.argsort(h1[:, 0] - h1[:, 1], kind="stable")
    cocycles = []
    for index in order[:2]:
        rows, columns, residues = np.asarray(homology["cocycles"][1][index], dtype=np.int64).T
        matrix = np.zeros(distance.shape, dtype=np.int64)
        matrix[rows, columns], matrix[columns, rows] = residues, -residues
        cocycles.append(matrix)
    third = float(h1[order[2], 1] - h1[order[2], 0]) if len(h1) > 2 else 0.0
    return h1[order[:2]], cocycles, third


def lift_cocycle(residues: Int[np.ndarray, "n n"], near: np.ndarray) -> Int[np.ndarray, "n n"]:
    """An integer cocycle that is a multiple of one modulo 47: it adds to 0 around every triangle of `near` edges.

    The multiples 1 to 23 are tried in turn: a class modulo a prime can be a fraction of a whole one (a half is 24),
    as it is for some hexagonal tori, and then only a multiple lifts. :func:`primitive_pair` takes the multiple out
    again.

    Raises
    ------
    ValueError
        If no multiple lifts.

    """
    neighbors = [np.flatnonzero(row) for row in near]
    edges_between = [near[np.ix_(near_i, near_i)] for near_i in neighbors]
    for multiple in range(1, PRIME // 2 + 1):
        lifted = (residues * multiple + PRIME // 2) % PRIME - PRIME // 2
        if all(
            not (lifted[i, near_i][:, None] + lifted[np.ix_(near_i, near_i)] - lifted[i, near_i])[joined].any()
            for i, (near_i, joined) in enumerate(zip(neighbors, edges_between, strict=True))
        ):
            return np.asarray(lifted)
    raise ValueError(
        f"a class of H1 modulo {PRIME} does not lift to whole numbers; take other landmarks (change coordinate_points "
        "or the seed)"
    )


def primitive_pair(
    pair: Int[np.ndarray, "2 edge"], start: Int[np.ndarray, " edge"], end: Int[np.ndarray, " edge"], points: int
) -> Int[np.ndarray, "2 edge"]:
    """Two integer cocycles whose classes wind once, from two whose classes may wind more often.

    Subtracting a coboundary makes each cocycle 0 along a spanning tree; its values on the other edges are its windings
    around loops. The pairs of windings (one from each cocycle) generate a lattice of integers; written in a basis of
    that lattice they generate all pairs of integers. Without this a class that is twice another would halve a period.
    """
    from scipy.sparse import csgraph  # here and below, since these take a while to load

    graph = scipy.sparse.csr_array((np.ones(len(start)), (start, end)), (points, points))
    height = np.zeros((2, points), dtype=np.int64)
    step = {}
    for i, j, value in zip(start.tolist(), end.tolist(), pair.T, strict=True):
        step[i, j], step[j, i] = value, -value
    reached = np.zeros(points, dtype=bool)
    for root in range(points):
        if not reached[root]:
            order, parents = csgraph.breadth_first_order(graph, root, directed=False)
            reached[order] = True
            for child in order[1:].tolist():
                parent = int(parents[child])
                height[:, child] = height[:, parent] + step[parent, child]
    windings = pair - (height[:, end] - height[:, start])
    basis = whole_basis(np.unique(windings, axis=1).T)
    return np.asarray(np.rint(np.linalg.solve(basis.T, windings)), dtype=np.int64)


def whole_basis(vectors: Int[np.ndarray, "vector 2"]) -> Int[np.ndarray, "2 2"]:
    """Two rows that generate the same lattice as all these integer vectors (Euclid's algorithm, column by column).

    Raises
    ------
    ValueError
        If they lie on a line.

    """
    rows = [list(map(int, vector)) for vector in vectors if vector.any()]
    basis = []
    for column in (0, 1):
        while len(heads := [row for row in rows if row[column]]) > 1:
            pivot = min(heads, key=lambda row: abs(row[column]))
            for row in heads:
                if row is not pivot:
                    factor = row[column] // pivot[column]
                    row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        basis += heads
        rows = [row for row in rows if not row[column]]
    if len(basis) < 2:
        raise ValueError(
            "the two longest classes of H1 wind around the same loops: no torus; see topology(states).verdict"
        )
    return np.array(basis)


def smooth_cocycle(
    cocycle: Int[np.ndarray, " edge"], start: Int[np.ndarray, " edge"], end: Int[np.ndarray, " edge"], points: int
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " edge"]]:
    """The f (turns) of each point that minimizes ``|alpha + df|^2`` over the edges, and that harmonic cocycle."""
    from scipy.sparse.linalg import lsqr

    edges, ones = np.arange(len(start)), np.ones(len(start))
    shape = (len(start), points)
    step = scipy.sparse.csr_array((ones, (edges, end)), shape) - scipy.sparse.csr_array((ones, (edges, start)), shape)
    alpha = cocycle.astype(np.float64)
    turns = lsqr(step, -alpha, atol=1e-10, btol=1e-10)[0]
    return turns, alpha + step @ turns


def reduce_pair(pair: Float[np.ndarray, "2 edge"]) -> Float[np.ndarray, "2 2"]:
    """Integer matrix of determinant 1 or -1 whose product with two vectors is their shortest basis (Lagrange-Gauss)."""
    change = np.eye(2)
    gram = pair @ pair.T
    for _ in range(100):
        lengths = np.diag(change @ gram @ change.T)
        if lengths[0] > lengths[1]:
            change = change[::-1]
        product = change @ gram @ change.T
        factor = np.rint(product[0, 1] / product[0, 0]) if product[0, 0] > 0 else 0.0
        if factor == 0:
            break
        change = np.stack([change[0], change[1] - factor * change[0]])
    return np.array(change)


def _extend(
    cloud: Cloud, chosen: Int[np.ndarray, " n"], angles: Float[np.ndarray, "n 2"]
) -> Float[np.ndarray, "point 2"]:
    """Coordinates of all states from those of the landmarks near them."""
    landmarks = cloud.points[chosen]
    tree = scipy.spatial.KDTree(landmarks)
    spacing = float(np.median(tree.query(landmarks, k=2)[0][:, 1]))
    distance, nearest = tree.query(cloud.all_points, k=min(8, len(landmarks)))
    # Relative to the nearest one, so that a state far from all landmarks still has a weight.
    weight = np.exp((distance[:, :1] ** 2 - distance**2) / (2 * spacing**2))
    mean = (weight[..., None] * np.exp(2j * np.pi * angles[nearest])).sum(axis=1)
    return np.asarray(np.angle(mean) / (2 * np.pi) % 1.0)
