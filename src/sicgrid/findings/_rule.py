"""What a claim is that takes a sweep to judge, and how its verdict comes of several conditions.

A rule is one or more conditions on medians over seeds. A condition is met, or refuted, if the whole bootstrap interval
lies on one side of its bound; an interval that holds the bound decides nothing, nor do fewer than three seeds. A claim
holds if all its conditions are met, does not hold if one is refuted, and else cannot be told.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._repr import brief
from ._group import Group
from ._intervals import confidence
from ._verdict import FAILS, HOLDS

UNDECIDED = "cannot tell"
MARKS = {HOLDS: "yes", FAILS: "no", UNDECIDED: "untested"}
"""Verdict -> its mark on a page."""
FEWEST_SEEDS = 3


class Condition(NamedTuple):
    """Part of a claim: met, refuted or undecided, and the number that says so."""

    met: bool | None
    text: str
    seeds: int


@brief
class Verdict(NamedTuple):
    """A claim judged on one variant."""

    claim: str
    variant: str
    says: str
    verdict: str
    sentence: str
    seeds: int

    @property
    def mark(self) -> str:
        """Class of the page's tags."""
        return MARKS[self.verdict]


class Rule(NamedTuple):
    """How a claim is judged: ``change`` is what its variant has against the baseline; ``bound`` says it in words."""

    claim: str
    change: Mapping[str, Any]
    says: str
    bound: str
    conditions: Callable[[Group, Group, Sequence[Group]], list[Condition]]
    besides: Mapping[str, Any] = {}
    """What the variant must have as well, changed or as the baseline: other settings of the same term of the loss."""

    def fits(self, change: Mapping[str, Any], baseline: Mapping[str, Any]) -> bool:
        """Whether a variant that changes this, of a baseline's settings, is the rule's."""
        settings = {**baseline, **change}
        has = all(settings.get(name, value) == value for name, value in self.besides.items())
        return has and self.change.items() <= change.items() <= {**self.change, **self.besides}.items()


def judge(rule: Rule, variant: Group, baseline: Group, smaller: Sequence[Group]) -> Verdict:
    """The verdict of a rule on one variant; ``smaller`` are those with a smaller sigma_g, the smallest first."""
    conditions = rule.conditions(variant, baseline, smaller)
    text = "; ".join(condition.text for condition in conditions)
    sentence = f"{text[:1].upper()}{text[1:]}."
    decidable = [condition for condition in conditions if condition.seeds >= FEWEST_SEEDS]
    if len(decidable) < len(conditions):
        sentence += f" Not all of it in the {FEWEST_SEEDS} seeds that it takes to tell."
    refuted = [condition.seeds for condition in decidable if condition.met is False]
    if refuted:
        verdict, seeds = FAILS, max(refuted)
    else:
        met = len(decidable) == len(conditions) and all(condition.met for condition in decidable)
        verdict, seeds = HOLDS if met else UNDECIDED, min(condition.seeds for condition in conditions)
    if seeds >= FEWEST_SEEDS:
        sentence += f" {seeds} seeds: such an interval is right in at most {100 * confidence(seeds):.0f} % of sweeps."
    return Verdict(rule.claim, variant.name, rule.says, verdict, sentence, seeds)
