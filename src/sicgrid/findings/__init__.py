"""Questions about a code and their answers: computed, judged against the paper's claims, said and drawn."""

from ._analyze import PartNews as PartNews
from ._analyze import analyze_run as analyze_run
from ._claims import claims as claims
from ._parts import PART_NAMES as PART_NAMES
