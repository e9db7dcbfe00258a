"""Targets: distributions over place cells."""

import numpy as np
import torch

from sicgrid.baselines._place_targets import cross_entropy, dog_targets, gaussian_targets


def test_targets_are_those_of_the_loops() -> None:
    generator = np.random.default_rng(0)
    places, centers = generator.uniform(-1, 1, (3, 2)), generator.uniform(-1, 1, (5, 2))
    found = dog_targets(torch.tensor(places), torch.tensor(centers), 0.3, 2.0).numpy()
    for row, place in enumerate(places):
        squared = [float(((place - center) ** 2).sum()) for center in centers]
        narrow, wide = ([np.exp(-each / (2 * scale * 0.09)) for each in squared] for scale in (1.0, 2.0))
        values = [a / sum(narrow) - b / sum(wide) for a, b in zip(narrow, wide, strict=True)]
        shifted = [each - min(values) for each in values]
        np.testing.assert_allclose(found[row], [each / sum(shifted) for each in shifted], rtol=1e-6, atol=1e-9)
    center = gaussian_targets(torch.tensor(places), torch.tensor(centers), 0.3)
    torch.testing.assert_close(center.sum(dim=-1), torch.ones(3, dtype=torch.float64))


def test_cross_entropy_of_the_targets_themselves_is_their_entropy() -> None:
    targets = torch.tensor([[0.5, 0.5], [0.25, 0.75]])
    expected = -(targets * targets.log()).sum(dim=-1).mean()
    torch.testing.assert_close(cross_entropy(targets.log(), targets), expected)
    assert cross_entropy(torch.zeros(2, 2), targets) >= expected
