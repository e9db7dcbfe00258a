"""Which groups of units live on one torus: a group whose states are a function of the phase in another's lattice."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ..lattices import NEIGHBOR_RATIO, LatticeGroup, aligned, lattice_distance, lattice_shape, sublattices
from ._phase_dependence import FUNCTION, PhaseDependence

_MOST_PHASES = 4
_SAME_LATTICE = 0.05
_CHANCE_DRAWS = 400


class Verdict(NamedTuple):
    """How far a population's states are a function of the phase in a lattice."""

    dependence: float
    """Mean over units of the dependence (see :class:`PhaseDependence`); NaN when no map can tell."""
    chance: float
    """Share of lattices of the same shape, turned and scaled at random, whose phase says as much."""

    def is_function(self, alpha: float) -> bool:
        """More than half of the way from independent to a function, and rarely so by chance."""
        return self.dependence > FUNCTION and self.chance <= alpha


@dataclass(frozen=True)
class Torus:
    """A lattice and the groups of units that live on its unit cell."""

    basis: Float[np.ndarray, "2 2"]
    """Bins, conventional (see :func:`lattice_shape`)."""
    own: Int[np.ndarray, " unit"]
    """Units whose own lattice this is."""
    finer: Int[np.ndarray, " unit"]
    """Units of groups with a lattice of which this is a sublattice."""
    groups: tuple[LatticeGroup, ...]


def population_dependence(
    maps: PhaseDependence,
    units: Int[np.ndarray, " unit"],
    basis: Float[np.ndarray, "2 2"],
    generator: np.random.Generator,
) -> Verdict:
    """Are the states of these units a function of the phase in the lattice?

    The chance level comes from lattices of the same shape turned by any angle and scaled by 1/sqrt(2) to sqrt(2): a
    coarse lattice meets the fields of a fine one now and then, and such an accident must not count.
    """
    chosen = maps.subset(units)
    value = _mean(chosen.of(basis))
    if not np.isfinite(value):
        return Verdict(value, float("nan"))
    null = chosen.by_chance(basis, NEIGHBOR_RATIO, _CHANCE_DRAWS, generator)
    means = np.array([_mean(draw) for draw in null])
    means = means[np.isfinite(means)]
    return Verdict(value, float((1 + (means >= value).sum()) / (1 + len(means))))


def shared_tori(
    groups: tuple[LatticeGroup, ...], maps: PhaseDependence, alpha: float, generator: np.random.Generator
) -> list[Torus]:
    """Merge groups until no group's states are a function of the phase in another's lattice; bases in bins.

    From the coarsest lattice to the finest: a group joins the torus on whose phase its states depend most. If there is
    none, a common sublattice is looked for: units with 3 and units with 4 fields per cell have different lattices,
    and the states of one are no function of the other's phase, yet both are functions of the phase in the large cell.
    Such a cell counts when it holds at most 4 cells of either group, when the two sublattices agree within 5 %, and
    when both populations pass the test of :func:`population_dependence`.
    """
    tori: list[Torus] = []
    for group in sorted(groups, key=lambda lattice: -abs(float(np.linalg.det(lattice.basis)))):
        verdicts = [population_dependence(maps, group.members, torus.basis, generator) for torus in tori]
        hosts = [index for index, verdict in enumerate(verdicts) if verdict.is_function(alpha)]
        if hosts:
            host = max(hosts, key=lambda index: verdicts[index].dependence)
            tori[host] = _join(tori[host], group)
            continue
        for index, torus in enumerate(tori):
            common = _common_sublattice(torus, group, maps, alpha, generator)
            if common is not None:
                tori[index] = common
                break
        else:
            basis = lattice_shape(group.basis).basis_m
            tori.append(Torus(basis, group.members, np.array([], dtype=int), (group,)))
    return tori


def _join(torus: Torus, group: LatticeGroup) -> Torus:
    """The torus with one more group, which either has the same lattice or a finer one."""
    groups = (*torus.groups, group)
    distance = float(lattice_distance(group.basis[None], torus.basis)[0])
    if distance > 2 * _SAME_LATTICE:
        return replace(torus, finer=np.union1d(torus.finer, group.members), groups=groups)
    # One jittered module can come out of the scan in two pieces; the mean is over all its units.
    weights = np.array([len(torus.own), len(group.members)], dtype=np.float64)
    pair = np.stack([torus.basis, aligned(group.basis[None], torus.basis)[0]])
    basis = lattice_shape(np.average(pair, axis=0, weights=weights)).basis_m
    return replace(torus, basis=basis, own=np.union1d(torus.own, group.members), groups=groups)


def _common_sublattice(
    torus: Torus, group: LatticeGroup, maps: PhaseDependence, alpha: float, generator: np.random.Generator
) -> Torus | None:
    """The torus of both on the smallest large cell that they share, or None."""
    group_bases = np.array([lattice_shape(basis).basis_m for _, basis in sublattices(group.basis, _MOST_PHASES)])
    for _, basis in sublattices(torus.basis, _MOST_PHASES):
        torus_basis = lattice_shape(basis).basis_m
        distance = lattice_distance(group_bases, torus_basis)
        nearest = int(distance.argmin())
        if distance[nearest] > _SAME_LATTICE:
            continue
        shared = lattice_shape((torus_basis + aligned(group_bases[nearest][None], torus_basis)[0]) / 2).basis_m
        populations = (np.union1d(torus.own, torus.finer), group.members)
        if all(population_dependence(maps, units, shared, generator).is_function(alpha) for units in populations):
            finer = np.union1d(*populations)
            return Torus(shared, np.array([], dtype=int), finer, (*torus.groups, group))
    return None


def _mean(values: Float[np.ndarray, " unit"]) -> float:
    """Mean over the units that can tell; NaN when none can."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")
