"""Callbacks of long work."""


def ignore(*_told: object) -> None:
    """What stands in for a callback that nobody has given."""
