"""The front door in Python: one run as one object, whoever made its activity, and several side by side."""

from ._compare import compare as compare
from ._compare import default_names as default_names
from ._run import Run as Run
