"""Some steps in a row without the host looking on: nothing is fetched from the device until they are made."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ..kernels import suited_threads
from ..trajectories import PermutedVelocities
from ._optimizer import scheduled_rate
from ._step import Trainee, can_be_stacked, gradient_step

UNROLLED = 10  # steps in one launch of a CUDA graph
EAGER = 3  # steps before the first capture, as CUDA graphs ask for: libraries and optimizer make their memory in them


class Seen(NamedTuple):
    """What the host is told of one network after some steps."""

    made: int
    """Steps made; fewer than asked for where a loss was not finite, and that one was not applied."""
    terms: dict[str, float]
    """Terms of the last step, or of the one that was not finite; the gradient's norm under "gradient"."""
    rate: float
    """Learning rate of the last step made."""
    loss_sum: float
    """Over the steps made."""


class ManySteps:
    """Steps of some networks whose optimizers, schedules and checks for finite losses all run on the device.

    A network whose loss or gradient is not finite makes no further step: the flag goes to the fused optimizer as
    `found_inf`, as a gradient scaler's does. On a GPU the steps of networks that can be stacked are captured in CUDA
    graphs, of `UNROLLED` steps and of one, and replayed; elsewhere, and with other networks, whose own checks may wait
    for the device or whose loss may change with the step, they run one by one, to the same effect.
    """

    def __init__(self, trainees: Sequence[Trainee]) -> None:
        self._trainees = trainees
        self._gradient_step = gradient_step(trainees)
        self._device = trainees[0].state.rnn.device
        self._in_graphs = all(map(can_be_stacked, trainees))
        self._points = _points(trainees[0])
        self._eager_left = EAGER
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        count = len(trainees)
        self._rates = torch.zeros(0, count, device=self._device)
        self._at = torch.zeros((), dtype=torch.int64, device=self._device)
        self._stopped, self._made = torch.zeros(2, count, device=self._device)
        self._loss_sums = torch.zeros(count, dtype=torch.float64, device=self._device)
        self._names: list[str] = []
        self._table: Tensor | None = None  # the last step's numbers, a row each; made when their names are known
        for trainee, stopped in zip(trainees, self._stopped, strict=True):
            trainee.state.optimizer.found_inf = stopped  # type: ignore[attr-defined]

    def advance(self, steps: int) -> list[Seen]:
        """Make so many steps of each network, and only then look."""
        planned = [[_rate(trainee, ahead) for trainee in self._trainees] for ahead in range(steps)]
        self._plan(planned)
        left = steps
        with suited_threads(self._points, len(self._trainees)):
            while left:
                left -= self._launch(left)
        assert self._table is not None
        numbers, sums = self._table.T.tolist(), self._loss_sums.tolist()
        return [
            Seen(made, dict(zip(self._names, row, strict=True)), planned[max(made - 1, 0)][k], total)
            for k, (made, row, total) in enumerate(zip(self._made.int().tolist(), numbers, sums, strict=True))
        ]

    def _plan(self, rates: list[list[float]]) -> None:
        """Bring the learning rates of all the steps to the device, into memory that the graphs know."""
        if len(rates) > len(self._rates):
            self._rates = torch.zeros(len(rates), len(self._trainees), dtype=torch.float64, device=self._device)
            self._graphs.clear()
        self._rates[: len(rates)].copy_(torch.tensor(rates, dtype=torch.float64))
        for counter in (self._at, self._made, self._loss_sums):
            counter.zero_()

    def _launch(self, left: int) -> int:
        """Make some of the steps that are left; return how many."""
        if self._device.type != "cuda" or not self._in_graphs:
            self._step()
            return 1
        if self._eager_left:
            self._eager_left -= 1
            stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                self._step()
            torch.cuda.current_stream().wait_stream(stream)
            return 1
        count = UNROLLED if left >= UNROLLED else 1
        if count not in self._graphs:
            self._graphs[count] = self._capture(count)
        self._graphs[count].replay()
        return count

    def _capture(self, count: int) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        for trainee in self._trainees:
            graph.register_generator_state(trainee.state.generator)
        with torch.cuda.graph(graph):
            for _ in range(count):
                self._step()
        return graph

    def _step(self) -> None:
        """One step of each network; nothing in here may wait for the device."""
        for trainee, rate in zip(self._trainees, self._rates.index_select(0, self._at[None])[0], strict=True):
            trainee.state.take_learning_rate(rate)
        measured = self._gradient_step()
        total, norms = measured.terms["total"], measured.gradient_norms
        numbers = torch.stack([*measured.terms.values(), norms])
        if self._table is None:
            self._names, self._table = [*measured.terms, "gradient"], torch.zeros_like(numbers)
        if self._names[:-1] != list(measured.terms):
            raise ValueError(
                f"the objective must give the same terms at every step, got {', '.join(measured.terms)} "
                f"after {', '.join(self._names[:-1])}"
            )
        # What a stopped network goes on computing is not looked at.
        self._table.copy_(torch.where(self._stopped > 0, self._table, numbers))
        self._stopped.copy_(torch.maximum(self._stopped, (~torch.isfinite(total + norms)).to(self._stopped.dtype)))
        going = self._stopped == 0
        self._loss_sums.add_(torch.where(going, total, 0.0))
        self._made.add_(going)
        for trainee in self._trainees:
            trainee.state.optimizer.step()
        self._at.add_(1)


def _points(trainee: Trainee) -> int:
    """Of a batch; a sampler of one's own may make any number, so that no few are counted on."""
    sampler = trainee.sampler
    return sampler.config.batch_size * sampler.config.length if isinstance(sampler, PermutedVelocities) else sys.maxsize


def _rate(trainee: Trainee, ahead: int) -> float:
    rate = scheduled_rate(trainee.config, trainee.state.step + ahead, trainee.ends_at)
    return trainee.state.learning_rate if rate is None else rate
