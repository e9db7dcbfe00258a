"""Other people's tools: our networks and recordings in their forms and theirs in ours, a file a tool.

Each tool is an extra of this package and is imported where it is used.
"""

from .ratinabox import __getattr__ as __getattr__
from .ratinabox import from_ratinabox as from_ratinabox
