"""Durations in words for a person: as a clock shows them, and about."""

import math


def describe_duration(seconds: float | None) -> str:
    """Hours, minutes and seconds, as 1:02:03 or 2:03; a dash where nobody knows.

    >>> describe_duration(123.4), describe_duration(3723)
    ('2:03', '1:02:03')
    """
    if seconds is None:
        return "–"
    minutes, remainder = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{remainder:02d}" if hours else f"{minutes}:{remainder:02d}"


def rough_duration(seconds: float) -> str:
    """One number in the unit that suits it, for costs to be compared; a dash for 0 and what was not measured.

    >>> [rough_duration(value) for value in (0.2, 40, 600, 9000)]
    ['< 1 s', '40 s', '10 min', '2.5 h']
    """
    if not math.isfinite(seconds) or seconds <= 0:
        return "–"
    if seconds < 1:
        return "< 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
