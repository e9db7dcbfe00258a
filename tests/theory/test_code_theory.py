import math

import numpy as np
import pytest

from sicgrid.theory import _code_theory
from sicgrid.theory._code_overlap import ModularCode, least_widths
from sicgrid.theory._code_theory import Search, best_code, expected_loss
from sicgrid.theory._training_displacements import CodeSetting, displacements

SMALL = CodeSetting(units=40, length=16, batch_size=4, sigma_x=0.1)
PLACES = displacements(SMALL)
TWO = ModularCode(
    *(
        np.array(part)
        for part in ([0.5, 0.8], [5.0, 30.0], [0.1, 0.12], [0.2, 0.3], [15.0, 24.0], ["hexagonal", "ring"])
    )
)


def batch(generator, setting):
    """Places (B * T, 2) of one batch."""
    velocities = generator.uniform(-setting.max_speed, setting.max_speed, (setting.length, 2))
    return np.concatenate([generator.permutation(velocities).cumsum(axis=0) for _ in range(setting.batch_size)])


def overlap_of_two(offset):
    """S of the code above, its fields one by one."""
    lattice = [
        0.5 * np.array([i * math.cos(a) + j * math.cos(b), i * math.sin(a) + j * math.sin(b)])
        for a, b in [(math.radians(5), math.radians(65))]
        for i in range(-8, 9)
        for j in range(-8, 9)
    ]
    fields = sum(np.exp(-((offset - point) ** 2).sum(axis=-1) / 0.04) for point in lattice)
    along = offset @ [math.cos(math.radians(30)), math.sin(math.radians(30))]
    stripes = sum(np.exp(-((along - 0.8 * n) ** 2) / (4 * 0.12**2)) for n in range(-8, 9))
    top = sum(math.exp(-(point @ point) / 0.04) for point in lattice)
    middle = sum(math.exp(-((0.8 * n) ** 2) / (4 * 0.12**2)) for n in range(-8, 9))
    return 0.5 + 0.2 * fields / top + 0.3 * stripes / middle


def test_expected_loss_equals_that_of_sampled_batches():
    generator, offsets = np.random.default_rng(5), []
    for _ in range(500):
        x = batch(generator, SMALL)
        one, other = generator.integers(len(x), size=(2, 200))
        offsets.append((x[one] - x[other])[one != other])
    offset, points = np.concatenate(offsets), SMALL.batch_size * SMALL.length
    s, distance = overlap_of_two(offset), np.sqrt((offset**2).sum(axis=1))
    far = np.exp((s[distance > SMALL.sigma_x] - 1) / SMALL.sigma_g**2).mean()
    near = 2 * (1 - s[distance < SMALL.sigma_x]).mean()
    every = 1 / points + (1 - 1 / points) * s.mean()
    assert expected_loss(TWO, SMALL, PLACES) == pytest.approx(far + 0.1 * near - 0.5 * every, abs=3e-3)


@pytest.mark.parametrize("weights", [(1.0, 0.1, 0.5), (2.0, 0.3, 0.7)])
def test_a_constant_code_pays_separation_and_gains_capacity(weights):
    separation, invariance, capacity = weights
    setting = SMALL._replace(separation=separation, invariance=invariance, capacity=capacity)
    constant = TWO._replace(shares=np.zeros(2))
    assert expected_loss(constant, setting, PLACES) == pytest.approx(separation - capacity, abs=2e-3)


def test_loss_of_a_narrow_place_code_in_closed_form():
    """S is 0 for far pairs; near ones fill the disc evenly, so their mean K is 4 w^2 / sigma_x^2."""
    fine, w = displacements(SMALL, 0.02), 0.02
    place = ModularCode(*(np.array([part]) for part in (60.0, 0.0, w, 1.0, 30.0)), np.array(["hexagonal"]))
    near, kernel = fine.near.sum(), 4 * w**2 / SMALL.sigma_x**2
    alone = 1 / (SMALL.batch_size * SMALL.length)
    every = fine.same + (1 - alone) * fine.near_share * near * kernel
    closed = math.exp(-1 / SMALL.sigma_g**2) + 0.1 * 2 * near * (1 - kernel) - 0.5 * every
    assert expected_loss(place, SMALL, fine) == pytest.approx(closed, abs=2e-3)


def test_loss_depends_on_lengths_only_by_their_ratios():
    double = SMALL._replace(max_speed=2 * SMALL.max_speed, sigma_x=2 * SMALL.sigma_x)
    wide = TWO._replace(spacings_m=2 * TWO.spacings_m, widths_m=2 * TWO.widths_m)
    assert expected_loss(wide, double, displacements(double)) == pytest.approx(
        expected_loss(TWO, SMALL, PLACES), abs=1e-9
    )


def test_fields_narrower_than_the_points_are_refused():
    with pytest.raises(ValueError, match="smaller step_m"):
        expected_loss(TWO._replace(widths_m=np.array([0.05, 0.1])), SMALL, PLACES)


@pytest.mark.parametrize("kinds", [["hexagonal"], ["square", "ring", "hexagonal"], ["ring", "ring"]])
def test_gradient_equals_finite_differences(kinds):
    search = Search(SMALL, PLACES, np.array(kinds), 3.0)
    generator = np.random.default_rng(2)
    for _ in range(4):
        point, h = search.draw(generator), 1e-6
        numeric = [
            (search.value(point + h * axis)[0] - search.value(point - h * axis)[0]) / (2 * h)
            for axis in np.eye(len(point))
        ]
        np.testing.assert_allclose(search.value(point)[1], numeric, atol=1e-7)


def test_value_of_the_search_is_the_expected_loss_of_its_code():
    search = Search(SMALL, PLACES, np.array(["hexagonal", "ring"]), 3.0)
    point = search.draw(np.random.default_rng(4))
    code = search.decode(point)
    assert search.value(point)[0] == pytest.approx(expected_loss(code, SMALL, PLACES), abs=1e-12)
    np.testing.assert_allclose(search.value(search.encode(code))[0], search.value(point)[0], atol=1e-12)


def test_value_and_gradient_do_not_depend_on_the_blocks(monkeypatch):
    whole = Search(SMALL, PLACES, np.array(["hexagonal", "ring"]), 3.0)
    monkeypatch.setattr(_code_theory, "_BLOCK", 100)
    parts = Search(SMALL, PLACES, np.array(["hexagonal", "ring"]), 3.0)
    assert len(parts.blocks) > 3
    point = whole.draw(np.random.default_rng(1))
    assert parts.value(point)[0] == pytest.approx(whole.value(point)[0], abs=1e-12)
    np.testing.assert_allclose(parts.value(point)[1], whole.value(point)[1], atol=1e-12)


def test_best_code_keeps_its_limits_and_is_reproducible():
    code, loss = best_code(SMALL, 2, rings=1, restarts=3, places=PLACES)
    assert loss == pytest.approx(expected_loss(code, SMALL, PLACES), abs=1e-12)
    assert code.units.sum() == pytest.approx(SMALL.units - 1)
    assert code.units.min() >= 3
    assert code.rings.tolist() == [False, True]
    assert 0 < code.shares.sum() < 1
    assert (code.widths_m >= least_widths(code, SMALL.tiling) * (1 - 1e-9)).all()
    assert (code.widths_m <= 0.4 * code.spacings_m * (1 + 1e-9)).all()
    assert best_code(SMALL, 2, rings=1, restarts=3).loss == loss


def test_best_code_is_never_worse_than_its_start():
    start = best_code(SMALL, 2, restarts=6, seed=1, places=PLACES)
    for seed in range(3):
        found = best_code(SMALL, 2, restarts=1, seed=seed, start=start.code, places=PLACES)
        assert found.loss <= start.loss + 1e-9


def test_more_modules_or_units_are_never_worse():
    losses = [best_code(SMALL, modules, restarts=6, places=PLACES).loss for modules in (1, 2, 3)]
    assert losses[1] <= losses[0] + 2e-4
    assert losses[2] <= losses[1] + 2e-4
    assert best_code(SMALL._replace(units=80), 1, restarts=6, places=PLACES).loss < losses[0]


def test_a_single_module_needs_as_many_units_as_places_to_tell_apart():
    """More units allow a larger spacing at the same width of the fields."""
    few, many = (best_code(SMALL._replace(units=units), 1, restarts=6, places=PLACES).code for units in (20, 80))
    assert many.spacings_m[0] > few.spacings_m[0]
    assert best_code(SMALL, 2, least_units=12, restarts=2, places=PLACES).code.units.min() >= 12


@pytest.mark.parametrize(
    ("modules", "options", "message"),
    [
        (0, {}, "modules and restarts must be at least 1"),
        (1, {"restarts": 0}, "modules and restarts must be at least 1"),
        (1, {"rings": 2}, "rings between 0 and modules"),
        (14, {}, "least_units must"),
        (1, {"least_units": 2}, "least_units must be at least 3"),
        (2, {"start": TWO}, "start must have kinds"),
    ],
)
def test_impossible_searches_are_refused(modules, options, message):
    with pytest.raises(ValueError, match=message):
        best_code(SMALL, modules, places=PLACES, **options)
