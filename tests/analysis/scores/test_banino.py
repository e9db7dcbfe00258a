"""The scorer of the network papers, against scipy's own rotation."""

import numpy as np
import pytest
import scipy.ndimage

from sicgrid.analysis import autocorrelogram, grid_score


def published(rates):
    """Best ring score by the published recipe: rotate the picture, mask, compare."""
    bins = len(rates)
    correlogram = np.nan_to_num(autocorrelogram(np.nan_to_num(rates), min_overlap=2))
    distance = np.hypot(*np.meshgrid(np.arange(1 - bins, bins), np.arange(1 - bins, bins)))
    scores = []
    for outer in np.linspace(0.4, 1.0, 10):
        ring = (distance <= outer * bins) & ~(distance <= 0.2 * bins)
        mean = correlogram[ring].mean()
        variance = ((correlogram[ring] - mean) ** 2).mean() + 1e-5
        c = {}
        for angle in (30, 60, 90, 120, 150):
            picture = scipy.ndimage.rotate(correlogram, angle, reshape=False)
            c[angle] = ((correlogram[ring] - mean) * (picture[ring] - mean)).mean() / variance
        scores.append((c[60] + c[120]) / 2 - (c[30] + c[90] + c[150]) / 3)
    return max(scores)


@pytest.mark.parametrize("name", ["hexagonal", "sheared", "square", "place", "noise"])
def test_equals_the_published_recipe(known, name):
    for rates in known[name][:2]:
        assert grid_score(rates, "banino").score == pytest.approx(published(rates), abs=1e-6)


def test_unvisited_bins_count_as_silent(known):
    rates = known["hexagonal"][3].copy()
    rates[5:9, 30:] = np.nan
    assert grid_score(rates, "banino").score == pytest.approx(published(rates), abs=1e-6)
