"""Where metrics go beside metrics.jsonl: TensorBoard or Weights & Biases, through their own libraries."""

import contextlib
import importlib
import importlib.util
import math
import os
import time
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from ..storage import RunDirectory, UserError, install_command, read_metrics, read_provenance
from ._config import RunConfig, TrackerName

WRITTEN_AFTER = 20.0  # s, after which Weights & Biases has surely written to its file what it was sent
PROJECT = "sicgrid"  # on Weights & Biases, unless WANDB_PROJECT names another


class Tracker:
    """Sends a run's records to a tracker, each step once; a context manager, entered while the run trains.

    RUN/tracker-NAME.txt has the last step that was sent. A resumed run continues the same tracker run: steps that the
    tracker has are not sent again; those that it lacks, since it was switched on later or a process was killed, come
    from metrics.jsonl. Training's numbers do not depend on it. With "none" it does nothing.

    - "tensorboard" writes event files to RUN/tensorboard: ``tensorboard --logdir RUN``.
    - "wandb" writes to the run of the same name in the project sicgrid, or WANDB_PROJECT, its files in RUN/wandb, or
      WANDB_DIR. With WANDB_MODE=offline nothing is sent until ``wandb sync``; each resumption then has a folder of its
      own, and ``wandb sync`` joins them by their common run id.

    Limits: steps between the last checkpoint and a crash keep the values from before the crash; if training resumes on
    another machine, the repeated steps differ from them in the last bits. Offline, Weights & Biases writes its file
    every 15 s and loses the rest when training is killed; steps of the last 20 s are sent again, so that after a kill
    a few may be there twice, with the same values.

    Parameters
    ----------
    name
        Which tracker.
    run, config
        The run, whose metrics.jsonl ends at step ``first``, and its settings, which are sent to the tracker.
    first
        Step of the checkpoint that training begins from.

    Raises
    ------
    UserError
        When entered: if its library is not installed (see `check_tracker`), or Weights & Biases does not let us in.

    """

    def __init__(self, name: TrackerName, run: RunDirectory, config: RunConfig, first: int) -> None:
        self._name, self._run, self._config, self._first = name, run, config, first
        self._stack = contextlib.ExitStack()
        self._target: _Target | None = None
        self._sent = 0

    def log(self, record: Mapping[str, float]) -> None:
        """Send a record (``step`` and numbers by name) unless the tracker has its step; only finite numbers go out."""
        step = int(record["step"])
        if self._target is None or step <= self._sent:
            return
        numbers = {name: float(value) for name, value in record.items() if name != "step" and math.isfinite(value)}
        self._target.send(step, numbers)
        self._sent = step
        self._note(self._target.kept())

    def __enter__(self) -> Self:
        if self._name == "none":
            return self
        check_tracker(self._name)
        with contextlib.ExitStack() as stack:
            path = self._run.path / f"tracker-{self._name}.txt"
            self._mark = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            stack.callback(os.close, self._mark)
            self._sent = int(os.pread(self._mark, 20, 0) or 0)
            make_target = _TensorBoard if self._name == "tensorboard" else _WeightsAndBiases
            target = make_target(self._run, self._config, self._sent)
            stack.callback(self._close, target)
            self._target, self._sent = target, max(self._sent, target.first)
            self._catch_up()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._target = None
        self._stack.close()

    def _note(self, step: int) -> None:
        # Overwritten in place with the same number of bytes: a kill leaves the old number or the new one.
        os.pwrite(self._mark, f"{step:020d}\n".encode(), 0)

    def _close(self, target: "_Target") -> None:
        target.close()
        self._note(self._sent)

    def _catch_up(self) -> None:
        if self._sent >= self._first or not self._run.metrics.is_file():
            return
        columns = read_metrics(self._run.metrics)
        for row, step in enumerate(columns["step"]):
            if step <= self._first:
                self.log({name: column[row].item() for name, column in columns.items()})


def check_tracker(name: TrackerName) -> None:
    """`UserError` with the command that installs it if the tracker's library is not there."""
    if name != "none" and importlib.util.find_spec(name) is None:
        raise UserError(f"tracker={name!r} needs {name}; install it with {install_command(f'sicgrid[{name}]')}")


class _Target(Protocol):
    first: int
    """Last step that it has from earlier sessions, as far as it knows."""

    def send(self, step: int, numbers: Mapping[str, float]) -> None: ...

    def kept(self) -> int:
        """Last step that would survive a kill."""
        ...

    def close(self) -> None: ...


class _TensorBoard:
    def __init__(self, run: RunDirectory, config: RunConfig, sent: int) -> None:
        library = importlib.import_module("torch.utils.tensorboard")
        # If a kill came between sending a step and noting it, purge_step has readers drop the first copy.
        self._writer: Any = library.SummaryWriter(run.path / "tensorboard", purge_step=sent + 1 if sent else None)
        self.first = self._step = sent
        if not sent:
            # Markdown: a block that is indented by four is shown verbatim.
            self._writer.add_text("settings", "".join(f"    {line}\n" for line in config.to_yaml().splitlines()))

    def send(self, step: int, numbers: Mapping[str, float]) -> None:
        for name, value in numbers.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()
        self._step = step

    def kept(self) -> int:
        return self._step

    def close(self) -> None:
        self._writer.close()


class _WeightsAndBiases:
    def __init__(self, run: RunDirectory, config: RunConfig, sent: int) -> None:
        library = importlib.import_module("wandb")
        # The console is ours, and git's state is in provenance.json.
        quiet = library.Settings(console="off", silent=True, disable_git=True, save_code=False)
        try:
            self._run: Any = library.init(
                project=os.environ.get("WANDB_PROJECT") or PROJECT,
                id=read_provenance(run)["run"],
                name=os.environ.get("WANDB_NAME") or run.path.resolve().name,
                dir=os.environ.get("WANDB_DIR") or str(run.path),
                config=config.settings(),
                resume="allow",
                reinit="create_new",  # several networks may train in one process
                settings=quiet,
            )
        except Exception as error:
            # Its errors have no common class, but all come from its modules.
            if type(error).__module__.partition(".")[0] == "wandb":
                raise UserError(
                    f"Weights & Biases does not open the run: {' '.join(str(error).split())}; log in with `wandb "
                    "login`, or set WANDB_MODE=offline and sync later"
                ) from None
            raise
        # A server knows better than the mark what it has; offline this is 0.
        self.first = max(sent, int(self._run.step) - 1)
        self._kept = sent
        self._unsure: deque[tuple[float, int]] = deque()

    def send(self, step: int, numbers: Mapping[str, float]) -> None:
        self._run.log(dict(numbers), step=step)
        self._unsure.append((time.monotonic(), step))

    def kept(self) -> int:
        while self._unsure and self._unsure[0][0] < time.monotonic() - WRITTEN_AFTER:
            self._kept = self._unsure.popleft()[1]
        return self._kept

    def close(self) -> None:
        self._run.finish()
