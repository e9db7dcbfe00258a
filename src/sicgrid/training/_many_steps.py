"""Several steps in a row with nothing fetched from the device until all of them are made."""

import sys
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import torch

from ..kernels import FEW, Ledger, Pace, same_bits_on_two, suited_threads
from ..trajectories import PermutedVelocities
from ._fused_steps import FusedSteps, can_be_fused
from ._optimizer import scheduled_rate
from ._step import Trainee, gradient_step, is_plain, stackable

UNROLLED = 10  # steps in one launch of a CUDA graph
EAGER = 3  # steps before the first capture, as CUDA graphs ask for: libraries and optimizer make their memory in them


class StepsMade(NamedTuple):
    """What is fetched of one network after a run of steps."""

    made: int
    """Number of steps; fewer than asked for where a loss was not finite: that update was not applied."""
    terms: dict[str, float]
    """Terms of the last step, or of the one that was not finite; the gradient's norm under "gradient"."""
    rate: float
    """Learning rate of the last step made."""
    loss_sum: float
    """Sum of the losses of the steps made."""


class ManySteps:
    """Steps of some networks whose optimizers, schedules and checks for finite losses all run on the device.

    A network whose loss or gradient is not finite makes no further step: the flag goes to PyTorch's optimizer as
    `found_inf`, as a gradient scaler's does, or to our kernels. On a GPU the steps of networks that can be stacked take
    few launches (`FusedSteps`), which are captured in CUDA graphs, of `UNROLLED` steps and of one, and replayed;
    elsewhere, and with other networks, whose own checks may wait for the device or whose loss may change with the step,
    they run one by one, to the same effect.
    """

    def __init__(self, trainees: Sequence[Trainee]) -> None:
        self._trainees = trainees
        self._fused = FusedSteps(trainees) if can_be_fused(trainees) else None
        self._gradient_step = None if self._fused else gradient_step(trainees)
        self._device = trainees[0].state.rnn.device
        self._in_graphs = all(stackable(trainee) is not None for trainee in trainees)
        self._points = _points(trainees[0])
        # A step made twice, to see its bits, must change nothing of a user's own.
        paced = self._device.type == "cpu" and len(trainees) == 1 and self._points <= FEW and is_plain(trainees[0])
        self._pace = Pace() if paced else None
        self._eager_left = EAGER
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        count = len(trainees)
        zeros = torch.zeros(4, count, dtype=torch.float64, device=self._device)
        self._ledger = Ledger(
            rates=zeros[:0],
            at=zeros[0].long(),
            stopped=zeros[1].float(),
            made=zeros[2].float(),
            loss_sums=zeros[3],
            table=zeros[:0],  # made when the terms' names are known
        )
        self._names: list[str] = []
        for trainee, stopped in zip(trainees, self._ledger.stopped, strict=True):
            trainee.state.optimizer.found_inf = stopped  # type: ignore[attr-defined]

    def advance(self, steps: int) -> list[StepsMade]:
        """Make so many steps of each network, and only then fetch what they gave."""
        planned = [[_rate(trainee, ahead) for trainee in self._trainees] for ahead in range(steps)]
        self._plan(planned)
        if self._pace is not None:
            for _ in range(steps):
                self._pace.run(lambda: self._launch(1), self._same_bits, self._kind_of_step())
        else:
            remaining = steps
            with suited_threads(self._points, len(self._trainees)):
                while remaining:
                    remaining -= self._launch(remaining)
        if self._fused:
            self._fused.update_optimizers(planned[-1])
        ledger = self._ledger
        numbers, sums, steps_made = ledger.table.T.tolist(), ledger.loss_sums.tolist(), ledger.made.int().tolist()
        return [
            StepsMade(made, dict(zip(self._names, row, strict=True)), planned[max(made - 1, 0)][k], total)
            for k, (made, row, total) in enumerate(zip(steps_made, numbers, sums, strict=True))
        ]

    def _kind_of_step(self) -> Hashable:
        """What the next step's arrays and sums have their shapes from: on these hangs if two threads give its bits."""
        trainee = self._trainees[0]
        config, step = trainee.config, trainee.state.step
        assert isinstance(trainee.sampler, PermutedVelocities)  # `is_plain` has seen to it
        return config.length_at(step, trainee.sampler.config.length), *(step >= change for change in config.changes)

    def _same_bits(self) -> bool:
        """Whether two threads give the next step's loss and gradients bit for bit as one does; nothing is changed."""
        state = self._trainees[0].state
        drawn, before = state.generator.get_state(), [weights.grad for weights in state.parameters]

        def made() -> list[torch.Tensor]:
            assert self._gradient_step is not None
            state.generator.set_state(drawn)
            measured = self._gradient_step()
            gradients = (weights.grad for weights in state.parameters if weights.grad is not None)
            return [measured.gradient_norms, *measured.terms.values(), *gradients]

        same = same_bits_on_two(made)
        state.generator.set_state(drawn)
        for weights, gradient in zip(state.parameters, before, strict=True):
            weights.grad = gradient
        return same

    def _plan(self, rates: list[list[float]]) -> None:
        """Copy the learning rates of all the steps into the memory on the device that the captured graphs read."""
        if len(rates) > len(self._ledger.rates):
            memory = torch.zeros(len(rates), len(self._trainees), dtype=torch.float64, device=self._device)
            self._ledger = self._ledger._replace(rates=memory)
            self._graphs.clear()
        self._ledger.rates[: len(rates)].copy_(torch.tensor(rates, dtype=torch.float64))
        for counter in (self._ledger.at, self._ledger.made, self._ledger.loss_sums):
            counter.zero_()

    def _launch(self, remaining: int) -> int:
        """Make one of the remaining steps, or several that were captured as one graph; return how many."""
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
        count = UNROLLED if remaining >= UNROLLED else 1
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
        if self._fused:
            terms = self._fused.terms()
            self._check_names([*terms, "gradient"], terms["total"].dtype)
            self._fused.apply(terms, self._ledger)
        else:
            self._step_by_operators()

    def _step_by_operators(self) -> None:
        assert self._gradient_step is not None
        at, rates = self._ledger.at, self._ledger.rates
        for trainee, rate in zip(self._trainees, rates.gather(0, at[None])[0], strict=True):
            trainee.state.take_learning_rate(rate)
        measured = self._gradient_step()
        total, norms = measured.terms["total"], measured.gradient_norms
        numbers = torch.stack([*measured.terms.values(), norms])
        self._check_names([*measured.terms, "gradient"], numbers.dtype)
        _, _, stopped, made, loss_sums, table = self._ledger
        # A stopped network still takes part in the computation; its row stays that of the step that stopped it.
        table.copy_(torch.where(stopped > 0, table, numbers))
        stopped.copy_(torch.maximum(stopped, (~torch.isfinite(total + norms)).to(stopped.dtype)))
        active = stopped == 0
        loss_sums.add_(torch.where(active, total, 0.0))
        made.add_(active)
        for trainee in self._trainees:
            trainee.state.optimizer.step()
        at.add_(1)

    def _check_names(self, names: list[str], dtype: torch.dtype) -> None:
        """Take the names of the first step's numbers and make room for them; ValueError if a later step has others."""
        if not self._names:
            memory = torch.zeros(len(names), len(self._trainees), dtype=dtype, device=self._device)
            self._names, self._ledger = names, self._ledger._replace(table=memory)
        if self._names != names:
            raise ValueError(
                f"the objective must give the same terms at every step, got {', '.join(names[:-1])} "
                f"after {', '.join(self._names[:-1])}"
            )


def _points(trainee: Trainee) -> int:
    """Points of a batch; of a sampler that is not ours, which may make any number, the largest there is."""
    sampler = trainee.sampler
    return sampler.config.batch_size * sampler.config.length if isinstance(sampler, PermutedVelocities) else sys.maxsize


def _rate(trainee: Trainee, ahead: int) -> float:
    """Learning rate of the step that comes after `ahead` more."""
    rate = scheduled_rate(trainee.config, trainee.state.step + ahead, trainee.ends_at)
    return trainee.state.learning_rate if rate is None else rate
