"""State of the training steps of many networks that stays on the device between the host's reads."""

from typing import NamedTuple

from torch import Tensor

from .._repr import brief


@brief
class Ledger(NamedTuple):
    """Schedule and outcome of the steps of many networks; the last axis of each tensor is the network."""

    rates: Tensor
    """Learning rates of the steps to come, (steps, networks), float64."""
    at: Tensor
    """Index of the next row of ``rates``, int64."""
    stopped: Tensor
    """1 from the first step whose loss or gradient was not finite, 0 before."""
    made: Tensor
    """Number of steps applied."""
    loss_sums: Tensor
    """Sum of the total loss over these steps, float64."""
    table: Tensor
    """Terms of the loss, their total and the gradient's norm, of the last step or of the one that was not finite."""


@brief
class Update(NamedTuple):
    """AdamW's settings and counters; the last axis of each tensor is the network."""

    settings: Tensor
    """beta1, beta2, epsilon, weight decay and the largest norm of the gradient, (5, networks), float64."""
    counts: Tensor
    """Number of steps in its moments (t below), float32 as in torch."""
    numbers: Tensor
    """Factors of the current step, (8, networks), with the weights' dtype.

    Those are, in this order: the factor that clips the gradient, rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t),
    1 - rate * decay, beta1, 1 - beta1, beta2, 1 - beta2.
    """
