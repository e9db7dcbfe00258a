"""The paper's claims about ablations, judged on the variants of a sweep."""

from collections.abc import Mapping, Sequence
from typing import Any

from ._group import Group
from ._registry import RULES
from ._rule import Verdict, judge


def judge_ablations(groups: Sequence[Group], variants: Mapping[str, Mapping[str, Any]]) -> list[Verdict]:
    """Judge C8 to C12 of Schaeffer et al. 2023 on the variants of a sweep; a claim without its variant is left out.

    The variant of a claim is the one that differs from the baseline in that setting and nothing else; the baseline is
    the variant that changes nothing, or else the one of that name. The rules are in the docstrings of the functions
    of `ablations`, one a claim. The paper gives no criterion: they are ours, from the words of the claim, from chance,
    or from a plain majority; none was chosen by looking at a network's results.

    Parameters
    ----------
    groups
        Trials by variant.
    variants
        Variant -> dotted settings that it changes, as in the plan.

    """
    by_name = {group.name: group for group in groups}
    plain = [name for name, settings in variants.items() if not settings and name in by_name]
    baseline = by_name.get(plain[0] if plain else "baseline")
    if baseline is None:
        return []
    changes = {
        name: {key: value for key, value in settings.items() if value != baseline.settings.get(key)}
        for name, settings in variants.items()
        if name in by_name and name != baseline.name
    }
    smaller = _smaller(changes, by_name, baseline)
    judged = []
    for rule in RULES:
        if rule.change == {"loss.sigma_g": "smaller"}:
            chosen = smaller[:1]
        else:
            chosen = [by_name[name] for name, change in changes.items() if rule.fits(change, baseline.settings)]
        judged += [judge(rule, variant, baseline, smaller) for variant in chosen]
    return judged


def _smaller(
    changes: Mapping[str, Mapping[str, Any]], by_name: Mapping[str, Group], baseline: Group
) -> list[Group]:  # smallest sigma_g first
    usual = baseline.settings.get("loss.sigma_g")
    variants = [by_name[name] for name, change in changes.items() if list(change) == ["loss.sigma_g"]]
    with_value = [group for group in variants if group.settings.get("loss.sigma_g") is not None and usual is not None]
    below = [group for group in with_value if group.settings["loss.sigma_g"] < usual]
    return sorted(below, key=lambda group: float(group.settings["loss.sigma_g"]))
