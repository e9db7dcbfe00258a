"""Series chosen by path: every choice that a message lists works."""

import pytest

from sicgrid.storage.external._nwb_series import matching, shortest_choices

PATHS = [
    "processing/behavior/epoch_0/SpatialSeries",
    "processing/behavior/epoch_1/SpatialSeries",
    "processing/behavior/Position/left",
    "processing/behavior/Position/right",
    "acquisition/left",
    "acquisition/Position",
]


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        ("processing/behavior/epoch_0/SpatialSeries", [0]),
        ("/processing/behavior/epoch_1/SpatialSeries", [1]),
        ("epoch_1/SpatialSeries", [1]),
        ("epoch_0", [0]),
        ("behavior/epoch_0", [0]),
        ("SpatialSeries", [0, 1]),
        ("left", [2, 4]),
        ("Position/left", [2]),
        ("right", [3]),
        ("Position", [5]),  # a series of this name comes before what lies in a container of it
        ("behavior", [0, 1, 2, 3]),
        ("Series", []),
        ("poch_0/SpatialSeries", []),
    ],
)
def test_what_a_choice_means(choice, chosen):
    assert matching(PATHS, choice) == chosen


def test_the_shortest_choices_work():
    choices = shortest_choices(PATHS)
    assert choices == [
        "epoch_0/SpatialSeries",
        "epoch_1/SpatialSeries",
        "Position/left",
        "right",
        "acquisition/left",
        "Position",
    ]
    assert [matching(PATHS, choice) for choice in choices] == [[at] for at in range(len(PATHS))]
