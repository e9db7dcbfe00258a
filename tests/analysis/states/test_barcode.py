import numpy as np
import pytest
from ripser import ripser
from scipy.spatial.distance import pdist, squareform

from sicgrid.analysis.states._barcode import barcode, needed_edges


def cloud(name):
    generator = np.random.default_rng(4)
    if name == "noise":
        return generator.normal(size=(60, 6))
    first, second = generator.uniform(0, 2 * np.pi, (2, 70))
    torus = np.stack([np.cos(first), np.sin(first), np.cos(second), np.sin(second)], axis=1)
    sphere = generator.normal(size=(60, 3))
    return {"circle": torus[:40, :2], "torus": torus, "sphere": sphere / np.linalg.norm(sphere, axis=1)[:, None]}[name]


@pytest.mark.parametrize("name", ["noise", "circle", "torus", "sphere"])  # the last three need nearly all edges
def test_bars_are_those_of_all_edges(name):
    points = cloud(name)
    expected = ripser(points, maxdim=2, coeff=47)["dgms"]
    for bars, all_bars in zip(barcode(points), expected, strict=True):
        assert sorted(map(tuple, bars)) == sorted(map(tuple, all_bars.astype(float)))


def test_bars_are_those_of_all_edges_where_many_are_equally_long():
    grid = np.stack(np.meshgrid(np.arange(6.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
    turns = np.arange(24) / 24 * 2 * np.pi
    for points in (grid, np.stack([np.cos(turns), np.sin(turns)], axis=1)):
        expected = ripser(points, maxdim=2, coeff=47)["dgms"]
        for bars, all_bars in zip(barcode(points), expected, strict=True):
            assert sorted(map(tuple, bars)) == sorted(map(tuple, all_bars.astype(float)))


def test_an_edge_that_a_point_sees_whole_is_not_needed():
    """Of four corners of a square and its middle: the diagonals, and the sides once the middle sees their ends."""
    points = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5]])
    edges = needed_edges(squareform(pdist(points)))
    # From each corner to the middle; a side comes later than these and is dominated by the middle from then on.
    assert list(zip(edges.row.tolist(), edges.col.tolist(), strict=True)) == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_of_noise_most_edges_are_not_needed_and_others_later():
    distance = squareform(pdist(cloud("noise")))
    edges = needed_edges(distance)
    assert edges.nnz < 0.5 * 60 * 59 / 2
    later = edges.data > distance[edges.row, edges.col]
    assert later.any()
    assert (edges.data[~later] == distance[edges.row, edges.col][~later]).all()
