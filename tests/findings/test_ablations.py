"""Ablations whose verdicts are known."""

import pytest

from sicgrid.findings import Group, judge_ablations

USUAL = {
    "loss.capacity": 0.5,
    "loss.sigma_g": 0.4,
    "trajectories.permute": True,
    "loss.separation": 1.0,
    "loss.invariance": 0.1,
    "loss.conformal_isometry": 0.01,
}
VARIANTS = {
    "baseline": {},
    "no_capacity": {"loss.capacity": 0.0},
    "no_permutation": {"trajectories.permute": False},
    "no_separation": {"loss.separation": 0.0},
    "no_invariance": {"loss.invariance": 0.0},
    "no_conformal_isometry": {"loss.conformal_isometry": 0.0},
    "sigma_g_0.1": {"loss.sigma_g": 0.1},
    "sigma_g_0.2": {"loss.sigma_g": 0.2},
    "sigma_g_0.6": {"loss.sigma_g": 0.6},
}
GRID = {"fraction_grid": 0.9, "active_units": 100, "modules": 3, "periods": 3, "ellipticity_median": 1.05,
        "spatial_information": 2.0, "single_field_units": 2, "field_diameter_m": 0.4}  # fmt: skip
# As the paper claims it.
CLAIMED = {
    "baseline": GRID,
    "no_capacity": GRID | {"modules": 1, "periods": 1},
    "no_permutation": GRID | {"spatial_information": 0.05, "fraction_grid": 0.0, "modules": 0},
    "no_separation": GRID | {"active_units": 0, "fraction_grid": None, "modules": 0},
    "no_invariance": GRID | {"fraction_grid": 0.01, "modules": 0},
    "no_conformal_isometry": GRID | {"ellipticity_median": 1.4, "modules": 2},
    "sigma_g_0.1": GRID | {"single_field_units": 80, "field_diameter_m": 0.1},
    "sigma_g_0.2": GRID | {"single_field_units": 30, "field_diameter_m": 0.2},
    "sigma_g_0.6": GRID | {"field_diameter_m": 0.1},
}


def judge(numbers, seeds=5, jitter=0.01, variants=VARIANTS):
    """Claim and variant -> verdict; each seed's numbers are a little larger than the last one's, counts excepted."""
    groups = []
    for name in variants:
        rows = []
        for seed in range(seeds):
            grown = {
                key: value * (1 + jitter * seed) if isinstance(value, float) else value
                for key, value in numbers[name].items()
            }
            rows.append({"name": f"{name}-seed-{seed}", "seed": seed, "status": "finished", **grown})
        groups.append(Group(name, USUAL | variants[name], rows))
    return judge_ablations(groups, variants)


def verdicts(numbers, **more):
    return {(one.claim, one.variant): one.verdict for one in judge(numbers, **more) if "one period" not in one.says}


def by_periods(numbers):
    """Verdict on C8 as the field counts modules."""
    return next(one for one in judge(numbers) if "one period" in one.says)


def test_what_the_paper_claims_holds_when_it_is_so():
    found = verdicts(CLAIMED)
    assert set(found.values()) == {"holds"}
    assert {claim for claim, _ in found} == {"C8", "C9", "C10", "C11", "C12"}
    assert ("C9", "sigma_g_0.1") in found  # the smallest, and no other
    assert {variant for claim, variant in found if claim == "C11"} == {"no_separation", "no_invariance"}


@pytest.mark.parametrize(
    ("more", "judged"),
    [
        ({"training.late_invariance": 0.0}, True),
        ({}, False),
        ({"training.late_invariance": 0.5}, False),
        ({"training.steps": 9}, False),
        ({"loss.separation": 0.0}, False),
    ],
)
def test_a_late_weight_of_the_term_goes_with_it_and_no_other_setting(more, judged):
    """A network whose invariance has a weight of its own at the end has none of it only if both are taken away."""
    variants = VARIANTS | {"no_invariance": {"loss.invariance": 0.0, **more}}
    groups = [
        Group(name, USUAL | {"training.late_invariance": 1.0, "training.steps": 8} | changed, rows)
        for name, changed in variants.items()
        for rows in [[{"name": f"{name}-{k}", "seed": k, "status": "finished", **CLAIMED[name]} for k in range(5)]]
    ]
    found = {one.variant for one in judge_ablations(groups, variants) if one.claim == "C11"}
    assert ("no_invariance" in found) == judged
    assert "no_separation" in found


def test_ablations_without_any_effect_refute_the_claims():
    found = verdicts(dict.fromkeys(VARIANTS, GRID))
    assert set(found.values()) == {"does not hold"}


@pytest.mark.parametrize("seeds", [1, 2])
def test_two_seeds_tell_nothing(seeds):
    found = judge(CLAIMED, seeds=seeds)
    assert {one.verdict for one in found} == {"cannot tell"}
    assert all("the 3 seeds that it takes" in one.sentence for one in found)


def test_what_is_refuted_stays_so_when_another_number_is_missing():
    """Without modules there is no ellipticity, but several modules there are not."""
    found = judge(CLAIMED | {"no_conformal_isometry": GRID | {"modules": 0, "ellipticity_median": None}})
    assert [one.verdict for one in found if one.claim == "C12"] == ["does not hold"]
    found = judge(CLAIMED | {"no_conformal_isometry": GRID | {"ellipticity_median": None}})
    assert [one.verdict for one in found if one.claim == "C12"] == ["cannot tell"]


def test_a_baseline_of_one_module_has_none_to_lose():
    single = {name: numbers | {"modules": min(numbers["modules"], 1)} for name, numbers in CLAIMED.items()}
    found = verdicts(single)
    assert found["C8", "no_capacity"] == found["C12", "no_conformal_isometry"] == "cannot tell"
    single["no_capacity"] = GRID | {"modules": 3}
    assert verdicts(single)["C8", "no_capacity"] == "does not hold"  # whatever the baseline has
    single["no_conformal_isometry"] = GRID | {"modules": 1, "ellipticity_median": 1.01}
    assert verdicts(single)["C12", "no_conformal_isometry"] == "does not hold"  # not more sheared


def test_capacity_is_judged_by_periods_and_by_independent_modules():
    """One module throughout, in which several phases of the cell are used only with capacity."""
    nested = {name: numbers | {"modules": 1} for name, numbers in CLAIMED.items()}
    assert verdicts(nested)["C8", "no_capacity"] == "cannot tell"
    assert by_periods(nested).verdict == "holds"
    assert by_periods(dict.fromkeys(VARIANTS, GRID)).verdict == "does not hold"


def test_a_table_without_periods_is_judged_by_modules_alone():
    old = {name: {key: numbers[key] for key in numbers if key != "periods"} for name, numbers in CLAIMED.items()}
    assert verdicts(old)["C8", "no_capacity"] == "holds"
    assert by_periods(old).verdict == "cannot tell"


def test_without_grid_cells_in_the_baseline_none_can_be_lost():
    found = verdicts(CLAIMED | {"baseline": GRID | {"fraction_grid": 0.01}})
    assert found["C11", "no_invariance"] == "cannot tell"


@pytest.mark.parametrize(
    ("variant", "change", "claim", "verdict"),
    [
        ("no_permutation", {"spatial_information": 0.6}, "C10", "cannot tell"),  # 30 % left: less, not lost
        ("no_permutation", {"spatial_information": 1.5}, "C10", "does not hold"),
        ("no_invariance", {"fraction_grid": 0.3}, "C11", "cannot tell"),
        ("no_capacity", {"modules": 0}, "C8", "does not hold"),  # none is not one
        ("sigma_g_0.1", {"single_field_units": 40}, "C9", "does not hold"),  # not most of them
        ("sigma_g_0.1", {"field_diameter_m": 0.9}, "C9", "does not hold"),  # size does not follow
        ("no_conformal_isometry", {"modules": 1}, "C12", "does not hold"),
    ],
)
def test_each_bound_decides(variant, change, claim, verdict):
    found = verdicts(CLAIMED | {variant: CLAIMED[variant] | change})
    assert found[claim, variant] == verdict


def test_seeds_that_disagree_cannot_tell():
    numbers = judge(CLAIMED)[0]
    assert numbers.verdict == "holds"
    groups = {}
    for name in ("baseline", "no_capacity"):
        modules = [3, 3, 3] if name == "baseline" else [1, 1, 3]
        rows = [{"name": name, "seed": k, "status": "finished", "modules": count} for k, count in enumerate(modules)]
        groups[name] = Group(name, USUAL | VARIANTS[name], rows)
    _, found = judge_ablations(list(groups.values()), {name: VARIANTS[name] for name in groups})
    assert found.verdict == "cannot tell"
    assert "[1, 3]" in found.sentence
    assert "at most 75 % of sweeps" in found.sentence


def test_without_a_baseline_nothing_is_judged_and_other_variants_are_no_claims():
    assert judge(CLAIMED, variants={"no_capacity": VARIANTS["no_capacity"]}) == []
    both = {"baseline": {}, "both": {"loss.capacity": 0.0, "loss.separation": 0.0}}
    assert judge(CLAIMED | {"both": GRID}, variants=both) == []
