import numpy as np
import pytest

from sicgrid.analysis import synthetic_cells, wave_vectors
from sicgrid.analysis.states import embed_states, principal_components, ring_projections

POSITIONS = synthetic_cells.bin_centers(np.linspace(-1, 1, 41)).reshape(-1, 2)
BASIS = synthetic_cells.lattice_basis(0.7, 12)


@pytest.fixture(scope="module")
def module_states():
    phases = np.random.default_rng(0).random((40, 2))
    return synthetic_cells.grid_cells(POSITIONS, BASIS, phases, 0.7 * 0.16)


def test_principal_components_are_the_singular_vectors(module_states):
    found = principal_components(module_states, components=4, standardize=False)
    centered = module_states - module_states.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centered, full_matrices=False)
    np.testing.assert_allclose(np.abs(found.scores), np.abs(left[:, :4] * sizes[:4]), atol=1e-8)
    np.testing.assert_allclose(found.variance_ratio, sizes**2 / (sizes**2).sum(), atol=1e-10)
    assert found.explained == pytest.approx((sizes[:4] ** 2).sum() / (sizes**2).sum())


def test_more_units_than_states_have_the_same_components():
    rng = np.random.default_rng(0)
    few = rng.random((12, 9)) @ rng.random((9, 9))
    many = np.hstack([few, few, few])  # each unit three times: the same scores but for their size
    found, expected = principal_components(many), principal_components(few)
    np.testing.assert_allclose(np.abs(found.scores), np.sqrt(3) * np.abs(expected.scores), atol=1e-9)
    np.testing.assert_allclose(found.variance_ratio[:9], expected.variance_ratio, atol=1e-12)
    np.testing.assert_allclose(found.variance_ratio[9:], 0, atol=1e-12)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(6), atol=1e-9)


def test_standardized_components_do_not_care_about_gain_or_constant_units(module_states):
    gains = np.random.default_rng(1).uniform(0.1, 10, 40)
    plain = principal_components(module_states)
    louder = principal_components(np.column_stack([np.full(len(module_states), 3.0), module_states * gains]))
    assert louder.units.tolist() == list(range(1, 41))
    np.testing.assert_allclose(np.abs(louder.scores), np.abs(plain.scores), atol=1e-6)


def test_six_components_hold_a_hexagonal_module_and_not_place_cells(module_states):
    # Three plane waves, a cosine and a sine each, carry a hexagonal lattice of broad fields.
    ratio = principal_components(module_states).variance_ratio
    assert ratio[5] > 3 * ratio[6]
    centers = np.random.default_rng(2).uniform(-1, 1, (40, 2))
    place = principal_components(synthetic_cells.place_cells(POSITIONS, centers, 0.2)).variance_ratio
    assert place[5] < 2 * place[6]


def phases(basis):
    return POSITIONS @ wave_vectors(basis).T % 1.0


def test_a_module_is_a_ring_along_each_phase_axis(module_states):
    scores = principal_components(module_states).scores
    rings = ring_projections(scores, phases(BASIS))
    assert rings.projections.shape == (3, len(POSITIONS), 2)
    assert (rings.explained > 0.9).all()
    assert (rings.coherence > 0.95).all()
    assert (rings.hole > 0.4).all()


def test_an_exact_ring_is_found_exactly():
    turns = np.linspace(0, 1, 60, endpoint=False)
    cloud = np.column_stack([3 + np.cos(2 * np.pi * turns), 0.5 * np.sin(2 * np.pi * turns), turns * 0])
    rings = ring_projections(cloud, turns[:, None])
    np.testing.assert_allclose([rings.explained[0], rings.coherence[0], rings.hole[0]], 1, atol=1e-9)
    np.testing.assert_allclose(rings.radius_spread, 0, atol=1e-9)


def test_phases_of_another_lattice_are_no_rings(module_states):
    scores = principal_components(module_states).scores
    other = phases(synthetic_cells.lattice_basis(0.43, 40))
    rings = ring_projections(scores, other)
    assert (rings.explained < 0.1).all()
    assert (rings.coherence < 0.3).all()


@pytest.mark.parametrize("method", ["spectral", "isomap"])
def test_embedding_keeps_neighbors_on_a_ring(method):
    generator = np.random.default_rng(3)
    turns = np.sort(generator.random(300))
    states = synthetic_cells.stripe_cells(np.column_stack([turns, turns * 0]), 1.0, 0.0, generator.random(20))
    found = embed_states(states, method, components=4, dimensions=2)
    angle = np.unwrap(np.angle(found.coordinates @ [1, 1j]))
    # Once around the plane, in order: the unwrapped angle runs through one turn either way.
    assert abs(np.corrcoef(angle, turns)[0, 1]) > 0.99
    assert abs(angle[-1] - angle[0]) == pytest.approx(2 * np.pi, abs=0.3)


def test_embedding_joins_separate_pieces_and_draws_points():
    generator = np.random.default_rng(4)
    states = np.concatenate([generator.normal(size=(150, 5)), generator.normal(size=(150, 5)) + 50])
    found = embed_states(states, "isomap", components=3, neighbors=10, max_points=120)
    assert found.neighbors > 10
    assert found.coordinates.shape == (120, 3)
    assert len(np.unique(found.points)) == 120


@pytest.mark.parametrize(
    "states, sentence",
    [
        (np.ones((50, 0)), "at least 3 units, got 0"),
        (np.random.default_rng(0).random((50, 2)), "at least 3 units, got 2"),
        (np.ones((50, 8)), "units that vary, found 0 of 8"),
        (np.full((50, 8), np.nan), "leave unvisited bins"),
        (np.ones((8, 5, 5)), r"shape \(points, units\)"),
        (np.random.default_rng(0).random((3, 8)), "at least 4 points"),
    ],
)
def test_bad_states_get_a_sentence(states, sentence):
    with pytest.raises(ValueError, match=sentence):
        principal_components(states)


def test_bad_arguments_get_a_sentence(module_states):
    with pytest.raises(ValueError, match='"spectral" or "isomap"'):
        embed_states(module_states, "umap")
    with pytest.raises(ValueError, match="at least 16 points, got 10"):
        embed_states(module_states[:10])
    with pytest.raises(ValueError, match="components must be at least 1"):
        principal_components(module_states, 0)
    with pytest.raises(ValueError, match="the same points"):
        ring_projections(module_states, np.zeros((3, 3)))
