"""How ordered units with fields at random phases of a lattice's cell are by chance, for the index spectrum."""

import numpy as np
from jaxtyping import Float

from ._folded import shift_groups, unchanged, wave_numbers, waves


class IndexChance:
    """Units with fields at random phases of a lattice's cell; drawn once for each number of fields and width."""

    def __init__(
        self, basis: Float[np.ndarray, "2 2"], most: int, null_draws: int, generator: np.random.Generator
    ) -> None:
        self._basis, self._most, self._null_draws, self._generator = basis, most, null_draws, generator
        self._indices = np.array([group.index for group in shift_groups(most)])
        self._area = abs(float(np.linalg.det(basis)))
        self._nulls: dict[tuple[int, int], np.ndarray] = {}

    def p_value(self, folded: Float[np.ndarray, "SIDE SIDE"], fields: int, index: int, value: float) -> float:
        """Share of units with so many fields at random phases that are as unchanged under a group as large."""
        height = folded - folded.min()
        covered = float((height >= 0.5 * height.max()).mean()) / fields  # of the cell, by one field
        width = max(1, round(100 * np.sqrt(covered / (2 * np.pi * np.log(2)))))  # hundredths of sqrt(area)
        null_values = self._null(fields, width)
        tested = self._indices >= max(index, 2)
        return float((1 + (null_values[:, tested].max(axis=1) >= value).sum()) / (1 + self._null_draws))

    def _null(self, fields: int, width: int) -> Float[np.ndarray, "draw group"]:
        """`unchanged` of units with so many fields of one width, in hundredths of the root of the cell's area."""
        if (fields, width) not in self._nulls:
            cycles = waves() @ np.linalg.inv(self._basis).T  # per meter
            sigma = width / 100 * np.sqrt(self._area)
            envelope = np.exp(-2 * (np.pi * sigma) ** 2 * (cycles**2).sum(axis=-1))
            phases = self._separate_phases(fields, 2 * sigma)
            # A wave of the cell is the product of one along each vector, so a matrix product sums all over the fields.
            along = np.exp(-2j * np.pi * phases[..., None] * wave_numbers())
            waved = np.matmul(along[:, :, 0].swapaxes(1, 2), along[:, :, 1])
            power = np.abs(waved * envelope) ** 2
            power[:, 0, 0] = 0.0
            self._nulls[fields, width] = unchanged(power, self._most)
        return self._nulls[fields, width]

    def _separate_phases(self, fields: int, least_m: float) -> Float[np.ndarray, "draw field 2"]:
        """Random phases of fields at least `least_m` apart; where too few draws are, those that come nearest to it."""
        drawn = self._generator.random((8 * self._null_draws, fields, 2))
        nearest = np.full(len(drawn), np.inf)
        for field in range(fields):
            for other in range(field):
                offset = drawn[:, field] - drawn[:, other]
                separation = np.linalg.norm((offset - np.rint(offset)) @ self._basis, axis=1)
                nearest = np.minimum(nearest, separation)
        order = np.argsort(-np.minimum(nearest, least_m), kind="stable")
        return np.asarray(drawn[order[: self._null_draws]])
