"""Several systems under one analysis, side by side on one page."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from ..baselines import BASELINES
from ..pretrained import pretrained_names
from ..report import write_comparison
from ..storage import UserError
from ._systems import SETTINGS, Job, check_names, describe, make


def compare(
    names: Sequence[str],
    out: str | os.PathLike[str],
    *,
    seeds: Sequence[int] = (0,),
    settings: dict[str, Any] | None = None,
    whole: bool = False,
    processes: int | None = None,
    on_done: Callable[[str, int, int], None] | None = None,
) -> Path:
    """Make a run of each name, analyze all of them alike, and write one page with a row for each; its path.

    Parameters
    ----------
    names
        Baselines (`sicgrid.baselines.BASELINES`), bundled networks (`sicgrid pretrained`), folders of runs.
    out
        Folder of the comparison: ``comparison.html``, the same table as ``comparison.parquet`` (where pyarrow is
        installed) and ``comparison.csv``, and ``runs/NAME``. Made again it goes on: runs that are there are kept.
    seeds
        Of the baselines, a run each; a row gives medians over them.
    settings
        Of walks and analysis, as in a run's config.yaml; by default boxes of 2 and 3 m and 50 shuffles.
    whole
        Compute all parts of the analysis, not those alone that the columns need.
    processes
        Systems made at a time; by default as many as there are cores.
    on_done
        Called as on_done(name, done, total).

    Raises
    ------
    UserError
        For a name that nothing has, and as the stages of a run.

    """
    folder = Path(out)
    check_names(names)
    if not names:
        raise UserError("nothing to compare; give names, for example: residue twisted-torus noise quick")
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise UserError(f"seeds must be numbers from 0 on, each once, got {list(seeds)}")
    if processes is not None and processes < 1:
        raise UserError(f"processes must be 1 or more, got {processes}")
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file, not a folder; choose another --out")
    jobs = [
        Job(name, seed, folder / "runs" / (name if len(chosen) == 1 else f"{name}-{seed}"), settings or SETTINGS, whole)
        for name in names
        for chosen in (seeds if name in BASELINES else seeds[:1],)
        for seed in chosen
    ]
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    made: dict[int, tuple[Path, float]] = {}

    def note(index: int, result: tuple[Path, float]) -> None:
        made[index] = result
        if on_done is not None:
            on_done(jobs[index].name, len(made), len(jobs))

    workers = min(processes or os.cpu_count() or 1, len(jobs))
    if workers == 1:
        for index, job in enumerate(jobs):
            note(index, make(job))
    else:
        # Spawned: torch's threads do not survive a fork.
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            waiting = {pool.submit(make, job): index for index, job in enumerate(jobs)}
            for future in as_completed(waiting):
                note(waiting[future], future.result())
    systems = []
    for name in names:
        of_name = [made[index] for index, job in enumerate(jobs) if job.name == name]
        systems.append(describe(name, of_name))
    return write_comparison(systems, folder)


def default_names() -> list[str]:
    """What is compared where nothing is named: the baselines that take no training, and all bundled networks."""
    return [*(name for name, entry in BASELINES.items() if not entry.trained), *pretrained_names()]
