"""What a page holds of a network: JSON that has no NaN, maps in eight bits from 0 to the peak."""

import json

import numpy as np


def test_the_description_is_json(subject):
    about = json.loads(json.dumps(subject.about, allow_nan=False))
    assert about["units"][-1] == {
        "name": "127", "module": -1, "phase": None, "score": None, "spacing": None, "active": False,
    }  # fmt: skip
    assert [one["spacing"] for one in about["modules"]] == [0.5, 0.8]
    assert about["trained"]["reach"] == 40 * 0.15


def test_maps_are_their_peak_in_255_steps(subject, survey):
    maps, peak = subject.arrays["maps"], subject.arrays["peak"]
    back = maps * peak[:, None, None] / 255
    known = np.isfinite(survey.maps)
    assert np.abs(back - survey.maps)[known].max() <= 0.51 * peak.max() / 255
    assert maps[~known].max() == 0
    assert subject.arrays["visited"].sum() == 40 * 40 - 1
