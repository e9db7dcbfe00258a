"""What a run leaves on the disk while it trains: its session, its metrics, its checkpoints."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import numpy as np
from jaxtyping import Shaped

from ..storage import (
    NETWORK,
    MetricsLog,
    RunDirectory,
    cut_metrics,
    read_provenance,
    save_checkpoint,
    save_snapshot,
    session,
)
from ..training import StepRecord
from ._config import RunConfig
from ._trackers import Tracker


class RunKeeper:
    """Keeps the records of one run's training; entered while it trains.

    ``first`` is the step done before, ``steps`` the last one as far as is known, ``saved`` that of the newest
    checkpoint. With ``background`` a checkpoint is written by another thread, from a copy, while training goes on, so
    that a GPU need not wait. At most one is being written; leaving the block waits for it, and its error, if any, is
    raised there or at the next save.
    """

    def __init__(
        self, run: RunDirectory, config: RunConfig, first: int, steps: int, *, background: bool = False
    ) -> None:
        self.saved = self.done = first
        self._steps = steps
        self._run, self._config, self._background = run, config, background
        self._snapshots = snapshot_steps(config.snapshots, config.training.steps)
        self._run_id: str = read_provenance(run)["run"]
        cut_metrics(run.metrics, first)
        self._tracker = Tracker(config.tracker, run, config, first)
        self._session = session(run, "train")
        self._notes: dict[str, Any] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._pending: Future[None] | None = None

    def keep(self, record: StepRecord, *, save: bool) -> None:
        """Log a record, and write a checkpoint if one is due or ``save`` asks for it."""
        before, self.done, self._steps = self.done, record.step, record.steps
        self._notes["last_step"] = record.step
        # The last network is one of the snapshots, wherever training ends.
        if any(before < min(step, record.steps) <= record.step for step in self._snapshots):
            weights = {name: array for name, array in _arrays(record, copy=False).items() if name.startswith(NETWORK)}
            save_snapshot(self._run, record.step, weights)
        numbers = {"learning_rate": record.learning_rate, "gradient_norm": record.gradient_norm}
        entry = {"step": record.step, **record.terms, **numbers}
        self._log.append(entry)
        self._tracker.log(entry)
        interval = self._config.checkpoint_every
        due = record.step // interval > self.saved // interval
        if due or save or not self.going:
            self._log.flush_to_disk()
            self._save(record)
        if not self.going:
            self.note_end("done")  # even if the runs trained together with it are interrupted later

    @property
    def going(self) -> bool:
        """Whether steps are left to do."""
        return self.done < self._steps

    def finish(self) -> None:
        """Wait for the checkpoint that is being written, if one is."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def note_end(self, how: str) -> None:
        """Have the session say how it ended, if not with "done"."""
        self._notes["ended"] = how

    def _save(self, record: StepRecord) -> None:
        self.finish()
        arrays, meta, step = _arrays(record, copy=self._background), record.state.meta(), record.step
        config, keep = self._config.settings(), self._config.keep_checkpoints
        self._write(lambda: save_checkpoint(self._run, self._run_id, step, arrays, meta, config, keep))
        self.saved = step

    def _write(self, save: Callable[[], None]) -> None:
        if self._background:
            self._pending = self._writer.submit(save)
        else:
            save()

    def __enter__(self) -> Self:
        self._tracker.__enter__()  # first, since it may raise, and nothing else must be open then
        self._notes = self._session.__enter__()
        self._notes["first_step"] = self.saved
        self._log = MetricsLog(self._run.metrics)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.finish()
        except OSError as late:
            if error is None:
                kind, error, trace = type(late), late, late.__traceback__
                raise
        finally:
            self._writer.shutdown()
            self._log.close()
            try:
                self._tracker.__exit__(kind, error, trace)
            finally:
                self._session.__exit__(kind, error, trace)


def snapshot_steps(count: int, steps: int) -> list[int]:
    """Steps from 1 to ``steps``, the i-th of ``count`` at ``steps`` (i / (count - 1))^2; fewer where they coincide.

    >>> snapshot_steps(5, 1000)
    [1, 62, 250, 562, 1000]
    """
    shares = [index / max(1, count - 1) for index in range(count)] if count != 1 else [1.0]
    return sorted({max(1, round(steps * share**2)) for share in shares})


def _arrays(record: StepRecord, *, copy: bool) -> dict[str, Shaped[np.ndarray, "..."]]:
    on_cpu = {name: tensor.detach().cpu() for name, tensor in record.state.arrays().items()}
    return {name: (tensor.clone() if copy else tensor).numpy() for name, tensor in on_cpu.items()}
