"""Durations as they are shown, at the limits between two ways of writing them."""

import pytest

from sicgrid._durations import describe_duration, rough_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (61.4, "1:01"), (3599.6, "1:00:00"), (3723, "1:02:03")],
)
def test_durations_as_clocks_show_them(seconds, text):
    assert describe_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "–"),
        (-1, "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (0.99, "< 1 s"),
        (1, "1 s"),
        (89, "89 s"),
        (90, "2 min"),
        (5399, "90 min"),
        (5400, "1.5 h"),
    ],
)
def test_rough_durations_have_one_number(seconds, text):
    assert rough_duration(seconds) == text
