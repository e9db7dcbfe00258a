import pytest
import torch

import by_loops
from sicgrid.losses import (
    TERM_LABELS,
    TERMS,
    SICLoss,
    SICTerms,
    capacity,
    conformal_isometry,
    invariance,
    separation,
)

WEIGHTS = {"separation": 0.7, "invariance": 0.2, "capacity": 0.3, "conformal_isometry": 0.05}
KERNELS = ["reference", "numba"]


def terms_of(points, **settings):
    return SICLoss(**settings)(**points._asdict())


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.float64, 1e-10)])
def test_terms_equal_the_loops(make_points, kernels, reduction, dtype, tolerance):
    points = make_points(5, 6, 7, dtype=dtype)
    terms = terms_of(points, **WEIGHTS, reduction=reduction, kernels=kernels)
    x, v, g, g0 = (part.tolist() for part in points)
    expected = {
        "separation": by_loops.separation(x, g, 0.05, 0.4, reduction),
        "invariance": by_loops.invariance(x, g, 0.05, reduction),
        "capacity": by_loops.capacity(g),
        "conformal_isometry": by_loops.conformal_isometry(v, g, g0, 0.05),
    }
    for name, value in expected.items():
        assert getattr(terms, name).item() == pytest.approx(value, rel=tolerance), name
    assert terms.total.item() == pytest.approx(sum(WEIGHTS[name] * expected[name] for name in WEIGHTS), rel=tolerance)
    assert all(term.shape == () and term.dtype == dtype for term in terms)


def test_terms_in_this_order():
    assert SICTerms._fields == ("total", "separation", "invariance", "capacity", "conformal_isometry")


def test_published_settings_are_the_default():
    config = SICLoss().config
    assert (config.sigma_x, config.sigma_g, config.reduction) == (0.05, 0.4, "mean")
    assert (config.separation, config.invariance, config.capacity) == (1.0, 0.1, 0.5)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_gradient_is_that_of_the_weighted_plain_functions(make_points, kernels, reduction):
    points = make_points(5, 6, 7)
    states, start = (points.states.clone().requires_grad_(), points.initial_state.clone().requires_grad_())
    loss = SICLoss(**WEIGHTS, reduction=reduction, kernels=kernels)
    terms = loss(positions=points.positions, velocities=points.velocities, states=states, initial_state=start)
    found = torch.autograd.grad(2.0 * terms.total, (states, start))
    plain = (
        WEIGHTS["separation"] * separation(points.positions, states, 0.05, 0.4, reduction)
        + WEIGHTS["invariance"] * invariance(points.positions, states, 0.05, reduction)
        + WEIGHTS["capacity"] * capacity(states)
        + WEIGHTS["conformal_isometry"] * conformal_isometry(points.velocities, states, start, 0.05)
    )
    expected = torch.autograd.grad(2.0 * plain, (states, start))
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("name", list(WEIGHTS))
def test_each_term_can_be_differentiated_alone(make_points, kernels, name):
    points = make_points(3, 4, 3)
    loss = SICLoss(kernels=kernels)

    def term(states):
        return getattr(loss(**points._replace(states=states)._asdict()), name)

    assert torch.autograd.gradcheck(term, points.states.clone().requires_grad_(), fast_mode=True)


@pytest.mark.parametrize("kernels", KERNELS)
def test_weight_of_zero_switches_a_term_off(make_points, kernels):
    # A step so short that its ratio's square overflows float32.
    points = make_points(2, 3, 4, dtype=torch.float32)
    points.velocities[0, 0] = torch.tensor([1e-20, 0.0])
    states = points.states.requires_grad_()
    terms = terms_of(points, conformal_isometry=0.0, kernels=kernels)
    assert not terms.conformal_isometry.isfinite()
    assert terms.total.isfinite()
    terms.total.backward()
    assert states.grad.isfinite().all()


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("shape", [(1, 5, 3), (5, 1, 3), (1, 1, 1)])
def test_smallest_batches(make_points, kernels, shape):
    points = make_points(*shape)
    states = points.states.clone().requires_grad_()
    terms = terms_of(points._replace(states=states), **WEIGHTS, kernels=kernels)
    terms.total.backward()
    assert all(term.isfinite() for term in terms)
    assert states.grad.isfinite().all()


@pytest.mark.parametrize(
    ("name", "shape"),
    [("positions", (2, 3, 3)), ("velocities", (2, 4, 2)), ("states", (6, 4)), ("initial_state", (5,))],
)
@pytest.mark.usefixtures("unchecked")
def test_shapes_that_do_not_fit_are_refused_by_name(make_points, name, shape):
    points = make_points(2, 3, 4)._replace(**{name: torch.zeros(shape, dtype=torch.float64)})
    with pytest.raises(ValueError, match=name):
        terms_of(points)


@pytest.mark.parametrize("name", ["positions", "velocities", "initial_state"])
def test_mixed_dtypes_are_refused_by_name(make_points, name):
    points = make_points(2, 3, 4)
    with pytest.raises(ValueError, match=f"{name} must have the dtype of states"):
        terms_of(points._replace(**{name: getattr(points, name).float()}))


@pytest.mark.parametrize(
    "setting",
    [
        {"sigma_x": 0.0},
        {"sigma_g": -0.4},
        {"sigma_g": float("nan")},
        {"capacity": -1.0},
        {"reduction": "median"},
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_impossible_settings_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=name):
        SICLoss(**setting)


def test_each_term_has_its_label():
    assert list(TERMS) == list(TERM_LABELS)
