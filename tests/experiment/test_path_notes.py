"""What is said of a recording's path and of its box."""

import numpy as np
import pytest

from sicgrid.analysis import square_box
from sicgrid.experiment._path_notes import box_notes, walked_samples

TIMES = np.arange(0, 600, 0.02)
PATH = 0.5 * np.stack([np.sin(0.31 * TIMES), np.cos(0.47 * TIMES)], axis=1)


def noted(path):
    notes = []
    return walked_samples(TIMES, path, notes), notes


def test_a_place_that_is_held_for_long_is_told():
    assert noted(PATH)[1] == []
    path = PATH.copy()
    path[5000:7000] = path[5000]
    path[7000:] = path[5000] + PATH[7000:] - PATH[7000]  # no jump: it may have slept
    walked, notes = noted(path)
    assert walked.all()
    (note,) = notes
    assert note.startswith("CHECK THE PATH: for 40 s positions stay the same to the last digit")


@pytest.mark.parametrize("told", [{"arena": 3.0}, {"box": (-5, 5, -5, 5)}, {"arena": 10.0, "center": (0, 0)}])
def test_a_box_that_the_path_fills_a_corner_of_is_told(told):
    boxed = square_box(PATH, **told)
    notes = box_notes(boxed, place_given="arena" not in told or "center" in told, side_given="arena" in told)
    assert f"CHECK THE BOX: the path spans 1 m of the box of {boxed.arena:g} m that was given" in notes[-1]


def test_boxes_that_are_walked_in_are_not():
    for told in ({"arena": 1.0}, {"box": (-0.8, 0.8, -0.8, 0.8)}, {"box": (-0.5, 0.5, -0.8, 0.8)}):
        boxed = square_box(PATH, **told)
        assert not any("CHECK" in note for note in box_notes(boxed, place_given=True, side_given=False))
