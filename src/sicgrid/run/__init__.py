"""The front door in Python: one run as one object, whoever made its activity, and several side by side."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._compare import compare as compare
    from ._compare import default_names as default_names
    from ._progress import LINE_EVERY as LINE_EVERY
    from ._progress import AnalysisDisplay as AnalysisDisplay
    from ._progress import PageDisplay as PageDisplay
    from ._progress import WalkingDisplay as WalkingDisplay
    from ._progress import console_for as console_for
    from ._progress import describe_duration as describe_duration
    from ._progress import say as say
    from ._progress import working as working
    from ._run import Run as Run
else:
    __getattr__, __dir__ = lazy_names(__name__)
