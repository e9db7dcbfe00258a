import numpy as np
import pytest
from ripser import ripser
from scipy.spatial.distance import pdist, squareform

from sicgrid.analysis.states._barcode import barcode, settled_scale


def cloud(name):
    generator = np.random.default_rng(4)
    if name == "noise":
        return generator.normal(size=(60, 6))
    first, second = generator.uniform(0, 2 * np.pi, (2, 70))
    torus = np.stack([np.cos(first), np.sin(first), np.cos(second), np.sin(second)], axis=1)
    sphere = generator.normal(size=(60, 3))
    return {"circle": torus[:40, :2], "torus": torus, "sphere": sphere / np.linalg.norm(sphere, axis=1)[:, None]}[name]


@pytest.mark.parametrize("name", ["noise", "circle", "torus", "sphere"])
def test_bars_are_those_of_all_edges(name):
    points = cloud(name)
    expected = ripser(points, maxdim=2, coeff=47)["dgms"]
    for bars, all_bars in zip(barcode(points), expected, strict=True):
        assert sorted(map(tuple, bars)) == sorted(map(tuple, all_bars.astype(float)))


def test_noise_has_seen_all_of_its_bars_before_its_enclosing_radius():
    distance = squareform(pdist(cloud("noise")))
    assert settled_scale(distance) < 0.95 * distance.max(axis=1).min()


def test_a_circle_is_none_until_one_point_sees_all():
    turns = np.arange(24) / 24 * 2 * np.pi
    distance = squareform(pdist(np.stack([np.cos(turns), np.sin(turns)], axis=1)))
    assert settled_scale(distance) == np.inf  # from each point the others look alike, so none is dominated
