"""Several systems under one analysis, side by side on one page."""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, NamedTuple

from ..baselines import BASELINES, is_seed
from ..kernels import use_threads
from ..pretrained import bundled_baselines, pretrained_names
from ..report import write_comparison
from ..storage import RunDirectory, UserError, refuse_file
from ._arguments import Settings, listed, number_of, settings_of
from ._arguments import folder as folder_of
from ._run import Run
from ._systems import SETTINGS, Job, check_existing, check_names, describe, make


class _End(NamedTuple):
    """What became of a job: its folder and the seconds that making it took, or why it was not made."""

    job: int
    made: tuple[Path, float] | None
    error: BaseException | None


def compare(
    names: Sequence[str | os.PathLike[str] | Run],
    out: str | os.PathLike[str],
    *,
    seeds: Sequence[int] = (0,),
    settings: Settings = None,
    whole: bool = False,
    processes: int | None = None,
    weights: str | os.PathLike[str] | None = None,
    on_done: Callable[[str, int, int], None] | None = None,
    on_failed: Callable[[str, str], None] | None = None,
) -> Path:
    """Make a run of each name, analyze all of them alike, and write one page with a row for each; its path.

    A script calls it under ``if __name__ == "__main__":``, since the processes that make the runs read the script anew.

    Parameters
    ----------
    names
        Baselines (`sicgrid.baselines.BASELINES`), bundled networks (`sicgrid pretrained`), runs or their folders.
    out
        Folder of the comparison: ``comparison.html``, the same table as ``comparison.parquet`` (where pyarrow is
        installed) and ``comparison.csv``, and ``runs/NAME``. Made again it resumes: runs that are there are kept.
    seeds
        Of the baselines, a run each; a row gives medians over them.
    settings
        Of walks and analysis, as in a run's config.yaml; by default boxes of 2 and 3 m and 50 shuffles.
    whole
        Compute all parts of the analysis, not those alone that the columns need.
    processes
        Systems made at a time, with a thread each; by default as many as there are cores.
    weights
        Folder of fitted baselines, where the package brings none of that seed; by default ``out/weights``. What is
        fitted is kept there, and not fitted again.
    on_done
        Called as on_done(name, done, total).
    on_failed
        Called as on_failed(name, why) as soon as one cannot be made, while the others continue; a warning by default.

    Raises
    ------
    UserError
        For a name that nothing has, and before anything is made for a folder that holds another run of that name, or
        one made with other settings. At the end where some could not be made; the others are kept, and the same call
        makes what is missing.

    >>> import csv, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> short = {"evaluation": {"arenas": (1.0,), "walk": {"steps": 100}}, "analysis": {"shuffles": 2, "bin_size": 0.1}}
    >>> page = compare(["noise"], folder.name, settings=short, processes=1)
    >>> rows = csv.DictReader(page.with_suffix(".csv").read_text().splitlines())
    >>> page.name, [(row["name"], float(row["modules"])) for row in rows]
    ('comparison.html', [('noise', 0.0)])
    >>> folder.cleanup()

    """
    folder = folder_of("out", out)
    labels = [_name(name) for name in listed("names", names)]
    seeds = [int(seed) if is_seed(seed) else seed for seed in listed("seeds", seeds)]
    comparison_settings = SETTINGS if settings is None else settings_of(settings)
    check_names(labels)
    if not labels:
        raise UserError("nothing to compare; give names, for example: residue twisted-torus noise quick")
    if not len(seeds) or not all(map(is_seed, seeds)) or len(set(seeds)) < len(seeds):
        raise UserError(f"seeds must be numbers from 0 on, each once (whole and below 2**63), got {list(seeds)}")
    if processes is not None:
        number_of("processes", processes, least=1)
    weights_folder = folder / "weights" if weights is None else folder_of("weights", weights)
    for place in (folder, weights_folder):
        refuse_file(place)
    if RunDirectory(folder).config.is_file():
        raise UserError(f"{folder} holds a run; choose another folder")
    jobs = [
        Job(name, seed, folder / "runs" / run_name, comparison_settings, whole, weights_folder)
        for name in labels
        for run_name, seed in _runs_of(name, seeds)
    ]
    for job in jobs:
        check_existing(job)
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    finished: dict[int, tuple[Path, float]] = {}
    failed: dict[str, BaseException] = {}
    for end in _ends(jobs, min(processes or os.cpu_count() or 1, len(jobs))):
        name = jobs[end.job].name
        if end.made is not None:
            finished[end.job] = end.made
            if on_done is not None:
                on_done(name, len(finished), len(jobs))
        elif end.error is not None:
            failed.setdefault(name, end.error)
            (on_failed or _warn)(name, str(end.error) or type(end.error).__name__)
    _raise_for(failed, len(labels))
    systems = []
    for name in labels:
        runs_of_name = [finished[index] for index, job in enumerate(jobs) if job.name == name]
        systems.append(describe(name, runs_of_name))
    return write_comparison(systems, folder)


def _runs_of(name: str, seeds: Sequence[int]) -> Iterator[tuple[str, int]]:
    """What the runs of a system are called, and their seeds: of what is no baseline there is one."""
    chosen = seeds if name in BASELINES else seeds[:1]
    for seed in chosen:
        yield (name if len(chosen) == 1 else f"{name}-{seed}"), seed


def _name(name: Any) -> str:
    """Of a system: a name as it is, a run's or its folder's path."""
    return str(name.path if isinstance(name, Run) else name if isinstance(name, str) else folder_of("names", name))


def _ends(jobs: Sequence[Job], workers: int) -> Iterator[_End]:
    """What becomes of each job, as soon as it is known; in this process where one at a time is to be made."""
    if workers == 1:
        for index, job in enumerate(jobs):
            try:
                end = _End(index, make(job), None)
            except UserError as error:
                end = _End(index, None, error)
            yield end
        return
    # Spawned: torch's threads do not survive a fork.
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawned, initializer=_one_thread) as pool:
        waiting: dict[Future[tuple[Path, float]], int] = {}
        try:
            waiting = {pool.submit(make, job): index for index, job in enumerate(jobs)}
        except RuntimeError:
            if multiprocessing.parent_process() is None:
                raise
            # The script that asked for the comparison is being read anew, outside of its main guard. Whoever waits for
            # this process says so, once.
            raise SystemExit(1) from None
        any_done = False
        for future in as_completed(waiting):
            fault = future.exception()
            if isinstance(fault, BrokenProcessPool):
                raise UserError(_ended_early(any_done)) from None
            any_done = True
            yield _End(waiting[future], None if fault else future.result(), fault)


def _one_thread() -> None:
    """As many processes as cores, with a thread on each core, would be in each other's way."""
    from threadpoolctl import threadpool_limits  # here, since importing it sets an environment variable

    use_threads(1)
    threadpool_limits(1, user_api="blas")


def _ended_early(begun: bool) -> str:
    if begun:
        return (
            "a process that made a system was ended, as happens where memory is short; what is done is kept: give "
            "fewer processes and start again"
        )
    return (
        "the processes that make the systems ended as they began: a script must call compare under "
        '`if __name__ == "__main__":`, since each of them reads it anew (or memory is short: give processes=1)'
    )


def _warn(name: str, why: str) -> None:
    warnings.warn(f"{name} could not be made: {why}; the others continue", stacklevel=3)


def _raise_for(failed: dict[str, BaseException], total: int) -> None:
    """The first error that is no `UserError`, which is a fault of ours; else one line for all of them."""
    for error in failed.values():
        if not isinstance(error, UserError):
            raise error
    if failed:
        faults = "; ".join(f"{name}: {error}" for name, error in failed.items())
        raise UserError(
            f"{len(failed)} of {total} could not be made ({faults}); the others are kept, and the same call makes what "
            "is missing"
        )


def default_names() -> list[str]:
    """What is compared where nothing is named: baselines that take no training or are bundled, all bundled networks.

    >>> default_names()[:4], "quick" in default_names()
    (['residue', 'place-code', 'twisted-torus', 'attractor'], True)
    """
    bundled = bundled_baselines()
    return [*(name for name, entry in BASELINES.items() if not entry.trained or name in bundled), *pretrained_names()]
