import numpy as np
import pytest

from sicgrid.analysis import RateMaps, metric_tensor
from sicgrid.analysis import synthetic_cells as cells
from sicgrid.analysis.states._geometry import gradients

EDGES = np.linspace(-1, 1, 41)
CENTERS = cells.bin_centers(EDGES)


def maps_of(states):
    return RateMaps(np.moveaxis(states, -1, 0), np.ones(states.shape[:2]), EDGES, EDGES)


def flat_torus(x_wave=2.0, y_wave=2.0):
    """Cosine and sine along each axis: |dg|^2 = ((a dx)^2 + (b dy)^2) / 2 exactly."""
    phase = CENTERS * np.array([x_wave, y_wave])
    return np.concatenate([np.cos(phase), np.sin(phase)], axis=-1) / np.sqrt(2)


def test_a_flat_torus_has_one_metric_everywhere():
    metric = metric_tensor(maps_of(flat_torus()))
    damped = (2 * np.sinc(2 * 0.05 / np.pi)) ** 2 / 2  # of a central difference over 2 h
    inside = metric.tensor[1:-1, 1:-1]
    np.testing.assert_allclose(inside, np.broadcast_to(damped * np.eye(2), inside.shape), atol=1e-12)
    assert metric.median_anisotropy == pytest.approx(1.0)
    assert metric.trace_spread == pytest.approx(0.0, abs=1e-10)
    assert metric.anisotropy_spread == pytest.approx(0.0, abs=1e-6)
    assert metric.speed == pytest.approx(np.sqrt(damped))
    assert metric.degenerate_share == 0.0


def test_a_stretched_torus_is_anisotropic_along_its_fast_axis():
    metric = metric_tensor(maps_of(flat_torus(1.0, 3.0)))
    assert metric.median_anisotropy == pytest.approx(3.0, rel=0.01)
    assert metric.mean_tensor_anisotropy == pytest.approx(3.0, rel=0.01)
    np.testing.assert_allclose(metric.direction_deg[1:-1, 1:-1], 90.0)
    assert metric.trace_spread == pytest.approx(0.0, abs=1e-10)


def test_turning_the_animal_changes_neither_scale_nor_anisotropy():
    code = np.moveaxis(flat_torus(1.0, 3.0), 0, 1)  # x and y swapped
    metric = metric_tensor(maps_of(code))
    assert metric.median_anisotropy == pytest.approx(3.0, rel=0.01)
    np.testing.assert_allclose(np.sin(np.deg2rad(metric.direction_deg[1:-1, 1:-1])), 0.0, atol=1e-9)


def test_a_scale_that_grows_over_space_shows_in_the_spread_of_the_trace():
    metric = metric_tensor(maps_of(np.exp(CENTERS[..., :1]) * flat_torus()))
    assert metric.trace_spread > 0.5
    assert metric.trace[35, 20] > 2 * metric.trace[5, 20]


def test_stripes_have_no_anisotropy_but_a_metric():
    metric = metric_tensor(maps_of(cells.stripe_cells(CENTERS, 0.5, 0.0, np.arange(8) / 8)))
    assert metric.degenerate_share == 1.0
    assert np.isnan(metric.median_anisotropy)
    assert np.isnan(metric.mean_tensor_anisotropy)
    assert metric.speed > 0


def test_independent_maps_cancel_the_noise_that_one_set_adds():
    generator = np.random.default_rng(0)
    one, other = (maps_of(flat_torus() + 0.05 * generator.normal(size=(40, 40, 4))) for _ in range(2))
    true = metric_tensor(maps_of(flat_torus())).speed
    added = 0.05**2 * 4 / (2 * 0.05**2)  # units * variance / 2 h^2, to each diagonal element
    assert metric_tensor(one).speed ** 2 == pytest.approx(true**2 + added, rel=0.1)
    assert metric_tensor(one, other).speed == pytest.approx(true, rel=0.05)


def test_bins_next_to_unvisited_ones_have_no_metric():
    states = flat_torus()
    states[10, 10] = np.nan
    metric = metric_tensor(maps_of(states))
    missing = np.argwhere(np.isnan(metric.trace[1:-1, 1:-1])) + 1
    assert {tuple(bin_) for bin_ in missing} == {(10, 10), (9, 10), (11, 10), (10, 9), (10, 11)}


def test_gradients_of_a_plane_are_its_slopes():
    plane = CENTERS @ np.array([2.0, -3.0])
    slopes = gradients(plane[None], 0.05)
    np.testing.assert_allclose(slopes[:, 0, 1:-1, 1:-1], np.broadcast_to([[[2.0]], [[-3.0]]], (2, 38, 38)))
    assert np.isnan(slopes[0, 0, 0]).all()
    assert np.isnan(slopes[1, 0, :, -1]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m._replace(maps=m.maps[:, :-1]), "state_maps must hold maps"),
        (lambda m: m._replace(maps=np.full_like(m.maps, np.nan)), "at least two visited bins"),
        (lambda m: m._replace(maps=np.where(np.arange(4)[:, None, None] == 2, np.nan, m.maps)), r"units \[2\] are NaN"),
        (lambda m: m._replace(maps=m.maps / 0), "must be finite"),
        (lambda m: m._replace(x_edges=EDGES**3), "square bins of one size"),
        (lambda m: m._replace(y_edges=EDGES * 2), "square bins of one size"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_maps_that_are_no_code_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        metric_tensor(change(maps_of(flat_torus())))


def test_visited_bins_without_neighbors_are_refused():
    states = np.where((np.indices((40, 40)).sum(axis=0) % 2 == 0)[..., None], flat_torus(), np.nan)
    with pytest.raises(ValueError, match="whose four neighbors were visited"):
        metric_tensor(maps_of(states))


def test_independent_maps_of_other_bins_are_refused():
    first = maps_of(flat_torus())
    with pytest.raises(ValueError, match="independent must have the units and bins"):
        metric_tensor(first, first._replace(maps=first.maps[:3]))
