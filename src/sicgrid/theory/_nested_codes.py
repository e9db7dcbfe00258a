r"""What the loss prefers of nested codes: units on several lattices of one common cell. Ours.

A unit that fires at k ordered phases of a common cell of spacing L fires on a lattice of its own, k of whose cells
fill the common one. Of the lattices similar to a hexagonal one these are k = 1, 3, 4, 7, 9, ..., with spacings
L / sqrt(k); of a square one k = 1, 2, 4, 5, 8, 9, .... All repeat on the common cell: by `find_modules` one module.

As the overlap of two states is a sum over units, the units of one index are a module of `ModularCode`, and a nested
code is a code of several modules whose spacings and orientations are tied: so it can never be better than the best
free code of as many modules (`best_code`), and what it costs to be nested is a number.

Limits: those of `state_overlap`; units with fields at phases in no order, and lattices that are not similar to the
common one (index 2 of a hexagonal one, say), have no place here.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from .._repr import brief
from ._code_overlap import ModularCode
from ._code_theory import LEAST_UNITS, Search, best_from
from ._training_displacements import CodeSetting, Displacements, check_setting, displacements


@brief
class NestedCode(NamedTuple):
    """The best nested code that was found: one module of `code` for each index."""

    indices: tuple[int, ...]
    spacing_m: float
    """Of the common cell."""
    code: ModularCode
    loss: float


def similar_lattices(kind: Literal["hexagonal", "square"], most: int) -> dict[int, float]:
    """Index -> angle in degrees, for the finer lattices similar to a common one that contain it, up to index `most`.

    A basis vector of the common lattice is a vector (a, b) of the finer one. In spacings of the finer lattice its
    squared length is ``a^2 + a b + b^2`` (hexagonal) or ``a^2 + b^2`` (square), which is the index; its direction is
    the angle. Where two lattices are mirror images (7, 5, ...), the one turned counterclockwise is given; where one
    index has several (25 of a square lattice, 49 of a hexagonal one), one of them.

    >>> {index: round(angle) for index, angle in similar_lattices("hexagonal", 9).items()}
    {1: 0, 3: 30, 4: 0, 7: 19, 9: 0}
    >>> {index: round(angle) for index, angle in similar_lattices("square", 8).items()}
    {1: 0, 2: 45, 4: 0, 5: 27, 8: 45}
    """
    second = {"hexagonal": np.exp(1j * np.pi / 3), "square": 1j}[kind]
    angles: dict[int, float] = {}
    for a in range(1, int(np.sqrt(most)) + 2):
        for b in range(a + 1):
            vector = a + b * second
            index = round(abs(vector) ** 2)
            if index <= most:
                angles.setdefault(index, float(np.rad2deg(np.angle(vector))))
    return dict(sorted(angles.items()))


def best_nested_code(
    setting: CodeSetting,
    indices: Sequence[int],
    kind: Literal["hexagonal", "square"] = "hexagonal",
    *,
    least_units: float = LEAST_UNITS,
    restarts: int = 10,
    seed: int = 0,
    places: Displacements | None = None,
) -> NestedCode:
    """The nested code of these indices with the least expected loss (`expected_loss`) that was found.

    Spacing and orientation of the common cell, and width, share and units of each index are optimized together, as in
    `best_code`. A search over sets of indices says which spectrum the loss prefers.

    Parameters
    ----------
    setting
        Of training.
    indices
        Distinct indices of `similar_lattices`.
    kind
        Of the common lattice.
    least_units
        Units that each index has at least, 3 or more.
    restarts, seed
        How many starts are drawn, at least 1, and the seed of their generator.
    places
        ``displacements(setting)``, if at hand.

    Raises
    ------
    ValueError
        For an index that no similar lattice has, more indices than the units allow, or numbers out of range.

    >>> best = best_nested_code(CodeSetting(units=40), indices=(1, 3), restarts=1)
    >>> round(float(best.code.spacings_m[0] / best.code.spacings_m[1]), 3)  # sqrt(3): a cell, and a third of it
    1.732

    """
    check_setting(setting)
    if restarts < 1 or len(indices) == 0 or len(set(indices)) < len(indices):
        raise ValueError(f"restarts must be at least 1 and indices distinct, got {restarts} and {list(indices)}")
    possible = similar_lattices(kind, max(indices))
    if not set(indices) <= set(possible):
        raise ValueError(f"indices of a {kind} lattice must be of {list(possible)}, got {list(indices)}")
    if not (least_units >= LEAST_UNITS and 1 + least_units * len(indices) <= setting.units):
        raise ValueError(
            f"least_units must be at least {LEAST_UNITS:g} and leave one unit of {setting.units} constant, got "
            f"{least_units:g} for each of {len(indices)} indices"
        )
    pairs = displacements(setting) if places is None else places
    search = _TiedSearch(setting, pairs, kind, {index: possible[index] for index in indices}, least_units)
    generator = np.random.default_rng(seed)
    code, loss = best_from(search, [search.draw(generator) for _ in range(restarts)])
    return NestedCode(tuple(indices), float(code.spacings_m[0] * np.sqrt(indices[0])), code, loss)


class _TiedSearch:
    """`Search` with the lattices tied: one log spacing and one orientation for all, then three numbers an index."""

    def __init__(
        self,
        setting: CodeSetting,
        places: Displacements,
        kind: Literal["hexagonal", "square"],
        angles_deg: dict[int, float],
        least_units: float,
    ) -> None:
        self.count = len(angles_deg)
        self.free = Search(setting, places, np.repeat(np.array([kind]), self.count), least_units)
        self.finer = -0.5 * np.log(np.array(list(angles_deg)))
        self.turned = np.deg2rad(np.array(list(angles_deg.values())))
        self.low, self.high = self.gather(self.free.low), self.gather(self.free.high)
        self.low[0] -= self.finer.min()  # the finest lattice is resolved too

    def gather(self, point: Float[np.ndarray, " parameter"]) -> Float[np.ndarray, " tied"]:
        """A point of `Search`, reduced to the first lattice's spacing and orientation and the other numbers of all."""
        return np.concatenate([point[:1], point[self.count : self.count + 1], point[2 * self.count :]])

    def spread(self, point: Float[np.ndarray, " tied"]) -> Float[np.ndarray, " parameter"]:
        """The point of `Search` that a tied point stands for."""
        return np.concatenate([point[0] + self.finer, point[1] + self.turned, point[2:]])

    def draw(self, generator: np.random.Generator) -> Float[np.ndarray, " tied"]:
        """A random start within the box."""
        return np.asarray(np.clip(self.gather(self.free.draw(generator)), self.low, self.high))

    def decode(self, point: Float[np.ndarray, " tied"]) -> ModularCode:
        """The code of a point."""
        return self.free.decode(self.spread(point))

    def value(self, point: Float[np.ndarray, " tied"]) -> tuple[float, Float[np.ndarray, " tied"]]:
        """Expected loss and gradient."""
        loss, slope = self.free.value(self.spread(point))
        common = [slope[: self.count].sum(), slope[self.count : 2 * self.count].sum()]
        return loss, np.concatenate([common, slope[2 * self.count :]])
