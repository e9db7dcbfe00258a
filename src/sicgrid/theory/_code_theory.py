r"""What the loss of Schaeffer et al. 2023 prefers: the expected loss of ideal codes of 1, 2, ... modules. Ours.

States are unit vectors, so the loss depends on the overlaps S of pairs of states alone, and in an ideal code S depends
on the displacement D of the places alone (`sicgrid.theory.state_overlap`). With conformal isometry left out it is

    ``separation E_far[exp((S - 1) / sigma_g^2)] + invariance E_near[2 (1 - S)] - capacity E[S]``

over the pairs of points of a training batch (`sicgrid.theory.displacements`), near within sigma_x.

Limits: those of `state_overlap`, and nothing about what gradient descent finds.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from jaxtyping import Float, Shaped
from scipy.optimize import minimize

from .._repr import brief
from ._code_overlap import ModularCode, check_code, log_least_widths, module_kernels, state_overlap
from ._training_displacements import CodeSetting, Displacements, check_setting, displacements

_FLAT = 0.4  # fields this wide, in spacings, overlap so much that K > 0.99 everywhere
LEAST_UNITS = 3.0  # of a module: fewer tile no unit cell
_LOGIT = 9.0  # shares of 1e-4 to 1e4 of the constant one
_SHORT, _LONG = 40, 400  # iterations of each start (after only 12, ranks did not predict the outcome), and of the best
_FINISHED = 3  # starts that are continued
_BLOCK = 3000  # places at a time: temporary arrays that stay in the cache


@brief
class BestCode(NamedTuple):
    """A code and its expected loss."""

    code: ModularCode
    loss: float


def expected_loss(code: ModularCode, setting: CodeSetting, places: Displacements) -> float:
    """The loss that an ideal code is expected to have on training batches.

    ``separation E_far[exp((S - 1) / sigma_g^2)] + invariance E_near[2 (1 - S)] - capacity E[S]``, S(D) by
    `state_overlap`, D the displacement between two points of a batch. In the units of the loss, at least -capacity.
    `places` are the setting's `displacements`. Conformal isometry is left out, and so is the width limit of a code with
    few units.

    Raises
    ------
    ValueError
        For a setting or a code out of range, or fields narrower than the distance of the points.

    >>> setting, ones = CodeSetting(), np.ones(1)
    >>> grid = ModularCode(0.6 * ones, 0 * ones, 0.1 * ones, 0.5 * ones, 127 * ones, np.array(["hexagonal"]))
    >>> constant = grid._replace(shares=0 * ones)  # the least volume, but all places look alike
    >>> places = displacements(setting)
    >>> round(expected_loss(grid, setting, places), 2), round(expected_loss(constant, setting, places), 2)
    (-0.14, 0.5)

    """
    check_setting(setting)
    check_code(code)
    if code.widths_m.min() < 0.999 * places.step_m:
        raise ValueError(
            f"places must be closer together than the narrowest fields, {code.widths_m.min():g} m, got "
            f"{places.step_m:g} m: ask displacements for a smaller step_m"
        )
    return _loss(state_overlap(code, places.places_m), setting, places)[0]


def best_code(
    setting: CodeSetting,
    modules: int,
    *,
    rings: int = 0,
    least_units: float = 8.0,
    restarts: int = 20,
    seed: int = 0,
    start: ModularCode | None = None,
    places: Displacements | None = None,
) -> BestCode:
    """The code of `modules` modules with the least expected loss that was found.

    Spacings, orientations, widths, shares and units of the modules are optimized together (L-BFGS-B with exact
    gradients), one unit being kept for the constant share. Widths lie between those that `least_widths` allows (and
    that `places` resolves) and 0.4 spacings, where a kernel is flat. The loss has many local minima: from `restarts`
    drawn starts, and `start` if given, come short runs, of which the best are finished.

    Parameters
    ----------
    setting
        Of training; its units are shared by the modules.
    modules
        How many, at least 1.
    rings
        How many of them, the last ones, are rings.
    least_units
        Units that each module has at least, 3 or more. The best codes of several modules have some of as few units as
        they may, with wide fields and a large share, in place of the constant unit. The norm of a few units ripples,
        which the theory neglects; how much it does for 10 and for 64 units is in tests/theory/test_code_overlap.py.
    restarts, seed
        How many starts are drawn, at least 1, and the seed of their generator.
    start
        A code from which to start too, with as many modules and rings; brought within the limits above.
    places
        ``displacements(setting)``, if at hand.

    Raises
    ------
    ValueError
        For numbers out of range, or a start of other modules.

    >>> best = best_code(CodeSetting(units=40), modules=1, restarts=2)
    >>> round(best.loss, 3), round(float(best.code.spacings_m[0]), 2)
    (-0.189, 0.91)

    """
    check_setting(setting)
    if modules < 1 or not 0 <= rings <= modules or restarts < 1:
        raise ValueError(
            "modules and restarts must be at least 1 and rings between 0 and modules, got "
            f"{modules}, {restarts} and {rings}"
        )
    if not (least_units >= LEAST_UNITS and 1 + least_units * modules <= setting.units):
        raise ValueError(
            f"least_units must be at least {LEAST_UNITS:g} and leave one unit of {setting.units} constant, got "
            f"{least_units:g} for each of {modules} modules"
        )
    pairs = displacements(setting) if places is None else places
    kinds = np.where(np.arange(modules) >= modules - rings, "ring", "hexagonal")
    search = Search(setting, pairs, kinds, least_units)
    generator = np.random.default_rng(seed)
    starts = [search.draw(generator) for _ in range(restarts)]
    if start is not None:
        check_code(start)
        if not np.array_equal(start.kinds, kinds):
            raise ValueError(f"start must have kinds {kinds.tolist()}, got {np.asarray(start.kinds).tolist()}")
        starts.append(search.encode(start))
    return best_from(search, starts)


class Search:
    """Loss and gradient as functions of one vector within a box.

    Five numbers a module: log spacing, orientation (radians), width (0: the least that is allowed, 1: flat, even in its
    logarithm), logit of the share (of the constant share: 0) and logit of the units beyond the least.
    """

    def __init__(
        self, setting: CodeSetting, places: Displacements, kinds: Shaped[np.ndarray, " module"], least_units: float
    ) -> None:
        self.setting, self.step, self.kinds, self.least_units = setting, places.step_m, kinds, least_units
        self.blocks = [_block(places, first) for first in range(0, len(places.far), _BLOCK)]
        self.free_units = setting.units - 1 - least_units * len(kinds)
        reach = float(np.abs(places.places_m).max())
        spacings = np.log(places.step_m / _FLAT), np.log(2 * reach)
        box = [spacings, (-np.inf, np.inf), (0.0, 1.0), (-_LOGIT, _LOGIT), (-_LOGIT, _LOGIT)]
        self.low, self.high = np.repeat(np.array(box), len(kinds), axis=0).T

    def draw(self, generator: np.random.Generator) -> Float[np.ndarray, " parameter"]:
        """A random start whose constant overlap has the value that would be best if it were the only free number.

        Modules have narrow fields, except a random half of those beside one: these are broad, have few units and share
        the constant overlap. Such codes are among the best, and descents from equal modules reach them only after
        hundreds of iterations.
        """
        count, s = len(self.kinds), self.setting
        optimum = 1 + s.sigma_g**2 * np.log(max(s.capacity * s.sigma_g**2 / max(s.separation, 1e-9), 1e-9))
        baseline = float(np.clip(optimum, 0.05, 0.95))
        broad = generator.random(count) < 0.5
        broad[generator.integers(count)] = False
        constant = 0.1 * baseline if broad.any() else baseline
        share = np.where(broad, (baseline - constant) / max(broad.sum(), 1), (1 - baseline) / (~broad).sum())
        lowest = np.clip(np.log(5 * s.sigma_x), self.low[0], self.high[0])
        point = [
            generator.uniform(lowest, self.high[0], count),
            generator.uniform(0, np.pi, count),
            np.where(broad, 0.0, generator.uniform(0, 0.5, count)),
            np.log(share / constant),
            np.where(broad, -4.0, generator.normal(0, 1.0, count)),
        ]
        return np.concatenate(point)

    def decode(self, point: Float[np.ndarray, " parameter"]) -> ModularCode:
        """The code of a point."""
        log_spacing, angle, width, share, units = point.reshape(5, -1)
        spacing = np.exp(log_spacing)
        exponentials = np.exp(units - units.max())
        counts = self.least_units + self.free_units * exponentials / exponentials.sum()
        least, _ = self.log_least(log_spacing, counts)
        widths = spacing * np.exp((1 - width) * least + width * np.log(_FLAT))
        shares = np.exp(share) / (1 + np.exp(share).sum())
        turn = np.select([self.kinds == "ring", self.kinds == "square"], [180.0, 90.0], 60.0)
        return ModularCode(spacing, np.rad2deg(angle) % turn, widths, shares, counts, self.kinds)

    def encode(self, code: ModularCode) -> Float[np.ndarray, " parameter"]:
        """The point of a code, or the nearest one in the box."""
        log_spacing = np.clip(np.log(code.spacings_m), self.low[0], self.high[0])
        least, _ = self.log_least(log_spacing, code.units)
        log_range = np.log(_FLAT) - least
        width = np.where(
            log_range > 0, (np.log(code.widths_m / code.spacings_m) - least) / np.maximum(log_range, 1e-9), 0.0
        )
        constant = max(1 - code.shares.sum(), 1e-9)
        share = np.log(np.maximum(code.shares, 1e-9) / constant)
        units = np.log(np.maximum(code.units - self.least_units, 1e-9) / max(self.free_units, 1e-9))
        point = np.concatenate([log_spacing, np.deg2rad(code.orientations_deg), width, share, units])
        return np.asarray(np.clip(point, self.low, self.high))

    def log_least(
        self, log_spacing: Float[np.ndarray, " module"], counts: Float[np.ndarray, " module"]
    ) -> tuple[Float[np.ndarray, " module"], Float[np.ndarray, "2 module"]]:
        """Logarithm of the least width in spacings, and its derivatives by log spacing and by units."""
        tiled = log_least_widths(counts, self.kinds, self.setting.tiling)
        resolved = np.log(self.step) - log_spacing
        least = np.minimum(np.maximum(tiled, resolved), np.log(_FLAT))
        by_units = np.where(self.kinds == "ring", -1.0, -0.5) / counts
        return least, np.stack([-1.0 * (least == resolved), by_units * (least == tiled)])

    def value(self, point: Float[np.ndarray, " parameter"]) -> tuple[float, Float[np.ndarray, " parameter"]]:
        """Expected loss and gradient."""
        code = self.decode(point)
        loss, by_share, by_spacing, by_angle, by_ratio = 0.0, *np.zeros((4, len(self.kinds)))
        for block in self.blocks:
            kernels = module_kernels(code, block.places_m)
            overlap = 1 - sum(share * (1 - kernel.value) for share, kernel in zip(code.shares, kernels, strict=True))
            part, by_overlap = _loss(overlap, self.setting, block)
            loss += part
            by_share += [by_overlap @ (kernel.value - 1) for kernel in kernels]
            by_spacing += [by_overlap @ kernel.by_log_spacing for kernel in kernels]
            by_angle += [by_overlap @ kernel.by_orientation for kernel in kernels]
            by_ratio += [by_overlap @ kernel.by_log_width for kernel in kernels]
        log_spacing, _, width, _, _ = point.reshape(5, -1)
        least, (least_by_spacing, least_by_units) = self.log_least(log_spacing, code.units)
        by_least = code.shares * by_ratio * (1 - width)
        fraction = (code.units - self.least_units) / max(self.free_units, 1e-9)
        by_units = self.free_units * by_least * least_by_units
        gradient = [
            code.shares * by_spacing + by_least * least_by_spacing,
            code.shares * by_angle,
            code.shares * by_ratio * (np.log(_FLAT) - least),
            code.shares * (by_share - by_share @ code.shares),
            fraction * (by_units - by_units @ fraction),
        ]
        return loss, np.concatenate(gradient)


class Searchable(Protocol):
    """A loss over a box of points, each of which is a code."""

    low: np.ndarray
    high: np.ndarray

    def value(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Loss and gradient at a point."""

    def decode(self, point: np.ndarray) -> ModularCode:
        """The code of a point."""


def best_from(search: Searchable, starts: Sequence[Float[np.ndarray, " parameter"]]) -> BestCode:
    """The best code found by short descents from all starts and long ones from the best of their ends."""

    def descend(point: np.ndarray, iterations: int) -> tuple[float, np.ndarray]:
        end = minimize(
            search.value,
            point,
            jac=True,
            method="L-BFGS-B",
            bounds=np.stack([search.low, search.high], axis=1),
            options={"maxiter": iterations, "maxcor": 20, "ftol": 1e-8, "gtol": 1e-7},
        )
        return float(end.fun), np.asarray(end.x)

    short = sorted((descend(point, _SHORT) for point in starts), key=lambda ended: ended[0])
    loss, best = min((descend(point, _LONG) for _, point in short[:_FINISHED]), key=lambda ended: ended[0])
    return BestCode(search.decode(best), loss)


def _block(places: Displacements, first: int) -> Displacements:
    """One block of the places; the pairs at one place (`same`) are counted with the first block."""
    chunk = slice(first, first + _BLOCK)
    return places._replace(
        places_m=places.places_m[chunk],
        every=places.every[chunk],
        far=places.far[chunk],
        near=places.near[chunk],
        same=places.same if first == 0 else 0.0,
    )


def _loss(
    overlap: Float[np.ndarray, " point"], setting: CodeSetting, places: Displacements
) -> tuple[float, Float[np.ndarray, " point"]]:
    """The loss of S at the places, and its derivative by S at each."""
    separation = setting.separation * places.far * np.exp((overlap - 1) / setting.sigma_g**2)
    invariance = 2 * setting.invariance * places.near
    capacity = setting.capacity * places.every
    loss = separation.sum() + invariance @ (1 - overlap) - setting.capacity * places.same - capacity @ overlap
    return float(loss), separation / setting.sigma_g**2 - invariance - capacity
