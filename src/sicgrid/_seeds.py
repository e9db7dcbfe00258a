"""Seeds as people write them, on the command line and in the plans of sweeps."""

import re
from collections import Counter

MOST = 10_000
"""Seeds at once: more is a slip of the keyboard, and each is a run."""


def seeds_of(text: str) -> tuple[int, ...]:
    """Seeds written as numbers and ranges, with commas or spaces between them, in that order.

    Raises
    ------
    ValueError
        For anything else, more than `MOST`, or a seed that comes twice; the message goes on after their name.

    >>> seeds_of("0..3"), seeds_of("0 3,7")
    ((0, 1, 2, 3), (0, 3, 7))
    >>> seeds_of("0..3 2")
    Traceback (most recent call last):
        ...
    ValueError: must name each seed once, and 2 comes twice

    """
    ranges = [_range(word) for word in re.sub(r"\s*\.\.\s*", "..", text.replace(",", " ")).split()]
    if not ranges or not all(ranges):
        raise ValueError("must be numbers from 0 or ranges of them, as 0 3 7 or 0..15")
    if sum(seeds[-1] - seeds[0] + 1 for seeds in ranges) > MOST:
        raise ValueError(f"must be {MOST:,} seeds or fewer")
    seeds = [seed for some in ranges for seed in some]
    seed, times = Counter(seeds).most_common(1)[0]
    if times > 1:
        raise ValueError(f"must name each seed once, and {seed} comes {'twice' if times == 2 else f'{times} times'}")
    return tuple(seeds)


def _range(word: str) -> range:
    """Of one number or of first..last; empty for anything else."""
    first, dots, last = word.partition("..")
    fits = first.isdecimal() and (last.isdecimal() if dots else not last)
    return range(int(first), int(last or first) + 1) if fits else range(0)
