import base64
import gzip
import json

import numpy as np
import pytest

from sicgrid.findings.torus import FINDING
from sicgrid.report._torus import drawing_library, torus_data


@pytest.fixture(scope="module")
def clouds(analyzed):
    return list(FINDING.clouds(analyzed))


def test_points_lie_in_the_unit_cube_with_their_phases(clouds, analyzed):
    count = analyzed.parts["state_space"].sizes["point"]
    content = json.loads(torus_data(clouds))
    assert len(content["modules"]) == 2
    for module in content["modules"]:
        points, phases = np.array(module["points"]), np.array(module["phases"])
        assert points.shape == phases.shape == (3, count)
        assert np.abs(points).max() == 1
        assert phases.min() >= 0
        assert phases.max() < 2 * np.pi + 0.01
    first, *_, last = content["colors"]
    assert (first[0], last[0]) == (0, 1)
    assert first[1] == last[1]  # a circle


def test_points_without_a_place_are_left_out_and_no_tag_can_close_the_script(clouds):
    points = clouds[0].points.copy()
    points[0, 0] = np.nan
    text = torus_data([clouds[0]._replace(name="</script>", points=points), clouds[1]])
    assert len(json.loads(text)["modules"][0]["points"][0]) == len(points) - 1
    assert "<" not in text


def test_nothing_to_turn_is_no_text():
    assert torus_data([]) == ""


def test_the_library_is_whole_and_always_the_same_text():
    packed = drawing_library()
    script = gzip.decompress(base64.b64decode(packed)).decode()
    assert "plotly.js" in script[:200]
    assert "scatter3d" in script
    drawing_library.cache_clear()
    assert drawing_library() == packed
