import json

import numpy as np

from sicgrid.analysis.modules._module import Module, Modules


def _module(members, spacing):
    members = np.array(members)
    ones = np.ones(len(members), dtype=int)
    return Module(members, spacing, 10.0, 1.0, spacing * np.eye(2), float("nan"), 1.0, ones, ones.astype(float), 0.005)


def test_labels_and_summary() -> None:
    modules = Modules(
        (_module([1, 4], 0.5), _module([0, 3], 0.75)),
        {2: "silent"},
        np.eye(2),
        np.array([1.5]),
        float("nan"),
        "2 modules",
    )
    np.testing.assert_array_equal(modules.labels(), [1, 0, -1, 1, 0])
    summary = json.loads(json.dumps(modules.summary(), allow_nan=False))
    assert [one["units"] for one in summary["modules"]] == [[1, 4], [0, 3]]
    assert summary["modules"][0]["spacing_sd_m"] is None
    assert summary["scale_ratios"] == [1.5]
    assert summary["unassigned"] == {"2": "silent"}
