"""What steps of many networks leave on the device, until the host looks."""

from typing import NamedTuple

from torch import Tensor

from .._repr import brief


@brief
class Ledger(NamedTuple):
    """What steps leave behind, and what they go by; an entry for each network, last axis."""

    rates: Tensor
    """Learning rates of the steps to come, (steps, networks), float64."""
    at: Tensor
    """Which of them comes next, int64."""
    stopped: Tensor
    """1 from the step on whose loss or gradient was not finite."""
    made: Tensor
    """Steps applied."""
    loss_sums: Tensor
    """Over these, float64."""
    table: Tensor
    """The last step's terms, the total last of them, and the gradient's norm; or of the step that was not finite."""


@brief
class Update(NamedTuple):
    """AdamW's settings and what it counts; an entry for each network, last axis."""

    settings: Tensor
    """Both betas, epsilon, weight decay and the bound of the gradient's norm, (5, networks), float64."""
    counts: Tensor
    """Steps that its moments have seen, float32 as torch's."""
    numbers: Tensor
    """What the step at hand multiplies by, (8, networks), of the weights' type.

    The gradient's shortening, the rate over 1 - beta1^t, 1 / sqrt(1 - beta2^t), what the decay leaves of a weight,
    beta1, 1 - beta1, beta2, 1 - beta2.
    """
