"""Questions about a code, a file each: what is computed, judged against the paper's claims, said and drawn.

A public file of this room holds one `Finding` under the name ``FINDING`` and is registered by being there.
"""

from ._analyze import analyze_run as analyze_run
from ._claims import claims as claims
from ._claims import stored_claims as stored_claims
from ._events import NO_RESULT as NO_RESULT
from ._events import PartEvent as PartEvent
from ._finding import REASONS as REASONS
from ._finding import Cloud as Cloud
from ._finding import ComparedNumber as ComparedNumber
from ._finding import Details as Details
from ._finding import Drawing as Drawing
from ._finding import Fact as Fact
from ._finding import Finding as Finding
from ._finding import Metric as Metric
from ._finding import Record as Record
from ._finding import Table as Table
from ._group import Group as Group
from ._group import label_of as label_of
from ._group import trial_name as trial_name
from ._headline import GridCells as GridCells
from ._headline import beat_both as beat_both
from ._headline import chance_of_grid as chance_of_grid
from ._headline import grid_cells as grid_cells
from ._headline import headline as headline
from ._intervals import LEVEL as LEVEL
from ._intervals import Interval as Interval
from ._intervals import confidence as confidence
from ._intervals import interval as interval
from ._read import read_results as read_results
from ._registry import CARD_ROWS as CARD_ROWS
from ._registry import CLAIMS as CLAIMS
from ._registry import COMPARED_NUMBERS as COMPARED_NUMBERS
from ._registry import FINDINGS as FINDINGS
from ._registry import FORMER_PARTS as FORMER_PARTS
from ._registry import METRICS as METRICS
from ._registry import PART_NAMES as PART_NAMES
from ._registry import RESULT_LINES as RESULT_LINES
from ._registry import RULES as RULES
from ._registry import SWEPT_PARTS as SWEPT_PARTS
from ._registry import USUAL_BYTES as USUAL_BYTES
from ._registry import check_parts as check_parts
from ._results import RunResults as RunResults
from ._rule import MARKS as MARKS
from ._rule import Verdict as Verdict
from ._stamps import NEW as NEW
from ._sweep_verdicts import judge_ablations as judge_ablations
from ._wording import number as number
from ._wording import percent as percent
