"""How notes begin that say that times are hardly seconds; the check stands beside the readers, in storage."""

from ..storage import DOUBT as DOUBT
