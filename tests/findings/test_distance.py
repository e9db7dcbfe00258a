"""What is said under the picture of how far the state moves away."""

from dataclasses import replace

import numpy as np
import xarray as xr

from sicgrid.findings.distance import FINDING

PART = xr.Dataset(
    {
        "density": (("arena", "distance", "state_distance"), np.ones((1, 2, 2))),
        "training_cumulative": ("distance", [0.5, 1.0]),
    },
    coords={"arena": [1.0], "distance": [0.1, 0.2], "state_distance": [0.1, 0.2]},
)


def caption(results, part):
    (view,) = FINDING.views
    (drawing,) = view.draw(replace(results, parts={"generalization": part}))
    return drawing.caption


def test_the_caption_speaks_of_a_training_only_where_there_was_one(results):
    assert "how much of training" in caption(results, PART)
    assert caption(results, PART.drop_vars("training_cumulative")).endswith("scaled to its peak.")
