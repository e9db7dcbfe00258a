"""The names that files of this room ask for each other's results by."""

from sicgrid.findings import PART_NAMES, _names


def test_each_is_that_of_a_part_and_stands_once():
    names = [value for name, value in vars(_names).items() if name.isupper()]
    assert names
    assert set(names) <= set(PART_NAMES)
    assert len(set(names)) == len(names)
