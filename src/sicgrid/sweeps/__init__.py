"""Many runs: a plan, its trials, and the engine that works them on one machine or many.

A trial is an ordinary run in ``SWEEP/runs/NAME`` with a trial.json beside its files once it has ended. Ray and Optuna
are the extra ``sicgrid[sweep]``, imported when a sweep begins.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._engine import Outcome as Outcome
    from ._engine import Stopped as Stopped
    from ._engine import SweepEvent as SweepEvent
    from ._engine import run_sweep as run_sweep
    from ._metrics import METRICS as METRICS
    from ._metrics import Metric as Metric
    from ._metrics import run_metrics as run_metrics
    from ._mirror import is_url as is_url
    from ._mirror import local_copy as local_copy
    from ._mirror import reading_copy as reading_copy
    from ._pilot import Estimate as Estimate
    from ._pilot import check_disk as check_disk
    from ._pilot import estimate as estimate
    from ._pilot import size_text as size_text
    from ._pilot import trial_count as trial_count
    from ._plan import Plan as Plan
    from ._plan import load_plan as load_plan
    from ._plan import plan_names as plan_names
    from ._progress import Progress as Progress
    from ._table import collect as collect
    from ._table import write_table as write_table
    from ._trials import Trial as Trial
    from ._trials import changed as changed
    from ._trials import trials_of as trials_of
else:
    from ._moved import MOVED

    __getattr__, __dir__ = lazy_names(__name__, MOVED)
