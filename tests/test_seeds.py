"""Seeds as people write them, and what is none."""

import pytest

from sicgrid._seeds import MOST, seeds_of


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("0..3", (0, 1, 2, 3)), ("4 0..1", (4, 0, 1)), ("2,5,7..8", (2, 5, 7, 8)), (" 1 .. 2 ", (1, 2)), ("9", (9,))],
)
def test_numbers_and_ranges_in_the_order_given(text, seeds):
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["x", "3..1", "-1", "1.5", "1..", "..3", "0..2..4", "1_0", "", " , "])
def test_other_words_are_refused(text):
    with pytest.raises(ValueError, match="must be numbers from 0 or ranges of them"):
        seeds_of(text)


def test_a_seed_that_comes_again_is_named():
    with pytest.raises(ValueError, match="and 2 comes 3 times"):
        seeds_of("0..3 2 2")


@pytest.mark.parametrize("last", [MOST, 10**30])
def test_more_than_anybody_means_are_refused_before_they_are_listed(last):
    with pytest.raises(ValueError, match="must be 10,000 seeds or fewer"):
        seeds_of(f"0..{last}")
    assert len(seeds_of(f"1..{MOST}")) == MOST
