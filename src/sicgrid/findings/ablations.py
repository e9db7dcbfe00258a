"""What is lost without each part of the loss? The paper's claims C8 to C12, judged from the ablations of a sweep."""

import math
from collections.abc import Sequence

import numpy as np
import scipy

from ._finding import Finding
from ._group import Group
from ._intervals import Interval, differences, interval, ratios
from ._rule import Condition, Rule

SEVERAL = 1.5  # modules: a median above is two or more
MOST = 0.5  # of the active units
CHANCE = 0.05  # of units above shifts in time: more than what 99th percentiles of own nulls let through (1 to 2 %)
LOST, KEPT = 0.1, 0.5  # of what the baseline has: less is lost, more is not


def one_period_left(variant: Group, baseline: Group, smaller: Sequence[Group]) -> list[Condition]:
    """C8, without capacity one module instead of several, as the field counts modules (C1a).

    Conditions: the median number of periods is 1 (between 0.5 and 1.5), that of the baseline above 1.5.
    """
    return _single_left("periods", variant, baseline)


def one_module_left(variant: Group, baseline: Group, smaller: Sequence[Group]) -> list[Condition]:
    """C8, without capacity one module instead of several, by independent modules (C1b).

    Conditions: the median number of modules is 1 (between 0.5 and 1.5), that of the baseline above 1.5.
    """
    return _single_left("modules", variant, baseline)


def _single_left(metric: str, variant: Group, baseline: Group) -> list[Condition]:
    """The median of a count is 1 in the variant, and several in the baseline."""
    count = interval(variant.by_seed(metric).values())
    above = count.above(0.5), count.above(SEVERAL)
    met = True if above == (True, False) else False if above[0] is False or above[1] is True else None
    return [Condition(met, f"{metric} {_text(count)}", count.seeds), _several(baseline, metric)]


def place_like_units(variant: Group, baseline: Group, smaller: Sequence[Group]) -> list[Condition]:
    """C9, with a smaller sigma_g place-cell-like units, whose field size follows sigma_g.

    Judged on the smallest sigma_g. Conditions: most active units (above 0.5) have exactly one field, a whole one; more
    than in the baseline; and field diameter rises with sigma_g over the baseline and all smaller ones: the rank
    correlation (Kendall's tau-b), taken for each seed, is above 0.
    """
    share, baseline_share = (_share_single(group) for group in (variant, baseline))
    median_share, increase = interval(share.values()), interval(differences(share, baseline_share))
    diameters = [(float(group.settings["loss.sigma_g"]), group.by_seed("field_diameter_m")) for group in smaller]
    diameters.append((float(baseline.settings["loss.sigma_g"]), baseline.by_seed("field_diameter_m")))
    trends = []
    for seed in share:
        points = [(sigma, by_seed[seed]) for sigma, by_seed in diameters if seed in by_seed]
        if len(points) > 1:
            level = len({diameter for _, diameter in points}) == 1  # undefined there, but certainly no trend
            trends.append(0.0 if level else float(scipy.stats.kendalltau(*zip(*points, strict=True)).statistic))
    follows = interval(trends)
    return [
        Condition(
            median_share.above(MOST),
            f"share of active units with a single field {_text(median_share, 100)}",
            median_share.seeds,
        ),
        Condition(increase.above(0.0), f"against the baseline {_text(increase, 100, signed=True)}", increase.seeds),
        Condition(follows.above(0.0), f"rank correlation of field diameter with σg {_text(follows)}", follows.seeds),
    ]


def tuning_lost(variant: Group, baseline: Group, smaller: Sequence[Group]) -> list[Condition]:
    """C10, without permutations spatial tuning is lost.

    Condition: of the median spatial information of the baseline's active units less than 0.1 is left, taken for each
    seed; refuted if more than 0.5 is left; in between it is less, but not lost. No active unit counts as 0.
    """
    remaining = interval(
        ratios(_by_seed_or_zero(variant, "spatial_information"), baseline.by_seed("spatial_information"))
    )
    return [
        Condition(
            _lost(remaining, remaining, LOST),
            f"of the spatial information {_text(remaining, 100)} is left",
            remaining.seeds,
        )
    ]


def grid_lost(variant: Group, baseline: Group, smaller: Sequence[Group]) -> list[Condition]:
    """C11, without separation, or without invariance, grid structure is lost.

    Conditions: of the active units at most 0.05 are above shifts in time, the first null of a grid cell (chance gives
    0.01 to 0.02), refuted if more than 0.5 of the baseline's share is left; and of the baseline's units more than 0.05
    are. No active unit counts as 0.
    """
    share, baseline_share = _by_seed_or_zero(variant, "fraction_grid"), baseline.by_seed("fraction_grid")
    grid_share, remaining, baseline_interval = (
        interval(share.values()),
        interval(ratios(share, baseline_share)),
        interval(baseline_share.values()),
    )
    had_grid_cells = baseline_interval.above(CHANCE) or None
    return [
        Condition(
            _lost(grid_share, remaining, CHANCE), f"above shifts in time {_text(grid_share, 100)}", grid_share.seeds
        ),
        Condition(had_grid_cells, f"in the baseline {_text(baseline_interval, 100)}", baseline_interval.seeds),
    ]


def several_and_sheared(variant: Group, baseline: Group, smaller: Sequence[Group]) -> list[Condition]:
    """C12, without conformal isometry still several modules, with lattices more sheared, closer to square.

    Conditions: the median number of modules is above 1.5, and so is the baseline's (else nothing is "still"); the
    lattices' ellipticity (1 for a hexagon, 1.73 for a square) is larger than the baseline's, taken for each seed.
    """
    count = interval(variant.by_seed("modules").values())
    baseline_several = _several(baseline)
    sheared = interval(differences(variant.by_seed("ellipticity_median"), baseline.by_seed("ellipticity_median")))
    return [
        Condition(count.above(SEVERAL) if baseline_several.met else None, f"modules {_text(count)}", count.seeds),
        baseline_several,
        Condition(sheared.above(0.0), f"ellipticity against the baseline {_text(sheared, signed=True)}", sheared.seeds),
    ]


def _several(baseline: Group, metric: str = "modules") -> Condition:
    """The baseline has several modules, or periods; if it has not, this refutes nothing."""
    count = interval(baseline.by_seed(metric).values())
    return Condition(count.above(SEVERAL) or None, f"in the baseline {_text(count)}", count.seeds)


def _lost(share: Interval, remaining: Interval, bound: float) -> bool | None:
    """True if the share is at most the bound, False if more than `KEPT` of the baseline's remains, else None."""
    return True if share.high <= bound else False if remaining.low > KEPT else None


def _by_seed_or_zero(group: Group, metric: str) -> dict[int, float]:
    """Seed -> value; 0 for a finished trial without any active unit."""
    silent = {row["seed"]: 0.0 for row in group.finished if row.get("active_units") == 0}
    return silent | group.by_seed(metric)


def _share_single(group: Group) -> dict[int, float]:
    """Seed -> share of the active units with a single field; 0 without an active unit."""
    active = group.by_seed("active_units")
    single = group.by_seed("single_field_units")
    return {seed: single[seed] / count if count else 0.0 for seed, count in active.items() if seed in single}


def _text(estimate: Interval, times: float = 1.0, *, signed: bool = False) -> str:
    """``12 % [3 %, 20 %]``, median and interval."""
    unit = " %" if times == 100 else ""
    numbers = []
    for value in estimate[:3]:
        if not math.isfinite(value):
            numbers.append("–")
            continue
        scaled = float(np.round(times * value, 1 if times == 100 else 2)) + 0.0
        numbers.append(f"{scaled:{'+' if signed and scaled else ''}g}{unit}".replace("-", "−"))
    return f"{numbers[0]} [{numbers[1]}, {numbers[2]}]"


RULES = (
    Rule("C8", {"loss.capacity": 0}, "Without capacity: one period instead of several.",
         "Periods, as the field counts modules: the median is 1, and that of the baseline 2 or more.", one_period_left),
    Rule("C8", {"loss.capacity": 0}, "Without capacity: one independent module instead of several.",
         "Independent modules: the median is 1, and that of the baseline 2 or more.", one_module_left),
    Rule("C9", {"loss.sigma_g": "smaller"}, "With smaller σg: place-like units, whose field size follows σg.",
         "At the smallest σg more than half of the active units have exactly one field, more than in the baseline, and "
         "over all σg up to the baseline’s the field diameter rises with it (Kendall’s rank correlation above 0).",
         place_like_units),
    Rule("C10", {"trajectories.permute": False}, "Without permutations: spatial tuning is lost.",
         "Less than 10 % of the baseline’s spatial information is left; more than 50 % refutes it.", tuning_lost),
    Rule("C11", {"loss.separation": 0}, "Without separation: grid structure is lost.",
         "At most 5 % of the active units score above shifts in time (chance: 1 to 2 %), and more do in the baseline; "
         "more than half of the baseline’s share refutes it.", grid_lost),
    Rule("C11", {"loss.invariance": 0}, "Without invariance: grid structure is lost.",
         "As without separation.", grid_lost, {"training.late_invariance": 0}),
    Rule("C12", {"loss.conformal_isometry": 0},
         "Without conformal isometry: still several modules, lattices more sheared, closer to square.",
         "Modules: the median is 2 or more, as in the baseline, and the lattices’ ellipticity is larger than the "
         "baseline’s.", several_and_sheared),
)  # fmt: skip

FINDING = Finding(
    name="ablations",
    short="Ablations",
    question="What is lost without each part of the loss?",
    lead="Networks that differ in one setting and nothing else, several seeds of each. A claim holds if the whole "
    "interval of the medians lies on one side of a bound that was stated beforehand.",
    place=1300,
    rules=RULES,
)
