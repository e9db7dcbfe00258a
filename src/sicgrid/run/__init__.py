"""The front door in Python: one run as one object, whoever made its activity."""

from ._run import Run as Run
