"""Does a smooth gradient in what units are made of part a line into modules in order, as peak selection predicts (C1b)?

.venv/bin/python studies/graded_parts.py --of gain --ratios 1 2 4 --boxes 4

Units lie on a line, else the preset, and one property of the units changes along it, `ratio` from one end to the other:

- gain: the couplings of unit j are made from the velocity g_j v, with g rising by equal factors about a mean of 1;
- leak: g_t = NormReLU(l_i g_{t-1} + (1 - l_i) LocalNormReLU(W(v_t) g_{t-1})), with a time constant 1 / (1 - l_i) that
  rises by equal factors from 1 to `ratio`;
- threshold: what reaches unit i is lessened by t_i of the mean of the positive part of all, t rising evenly from 0 to
  `ratio` - 1, which should narrow fields.

Rows as in `studies/gradient.py`, whose gradient is one of what units are paid for. Results: docs/lab_log.md.
"""

from functools import partial

import torch
from torch import Tensor, nn

from along_a_line import print_table
from sicgrid.experiment import build, load_config, overridden
from sicgrid.model import Network, RingRNN, Rollout, norm_relu
from sicgrid.model._ring import BandMLP, banded_product
from trained import Trained, learned, study_parser


class GradedGain(nn.Module):
    """A band of couplings, those of each unit made from the velocity times the unit's gain."""

    def __init__(self, band: BandMLP, gains: Tensor) -> None:
        super().__init__()
        self.band = band
        self.register_buffer("gains", gains, persistent=False)

    def forward(self, velocities: Tensor) -> Tensor:
        *layers, last = self.band.mlp
        hidden = self.gains[:, None] * velocities[..., None, :] / self.band.velocity_scale
        for layer in layers:
            hidden = layer(hidden)
        weights = last.weight.view(len(self.gains), self.band.width, -1)
        # As one product for each unit: (units, velocities, hidden) @ (units, hidden, width).
        many = hidden.flatten(0, -3).transpose(0, 1) @ weights.transpose(1, 2)
        entries = many.transpose(0, 1).reshape(*velocities.shape[:-1], *weights.shape[:2])
        entries = entries + last.bias.view(len(self.gains), self.band.width)
        return entries if self.band.outside is None else entries.masked_fill(self.band.outside, 0.0)


class OtherUnits(RingRNN):
    """Units with a leak and a threshold, each its own."""

    leaks: Tensor | float = 0.0
    thresholds: Tensor | float = 0.0

    def forward(self, velocities, order=None):
        if order is None:
            return Network.forward(self, velocities)
        bands, initial_state = self.transition(velocities), self.initial_state
        state, states = initial_state.expand(len(order), -1), []
        for choice in order.T:
            state = self._next(state, bands[choice])
            states.append(state)
        return Rollout(torch.stack(states, dim=1), initial_state)

    def step(self, state: Tensor, velocity: Tensor) -> Tensor:
        return self._next(state, self.transition(velocity))

    def _next(self, state: Tensor, band: Tensor) -> Tensor:
        arriving = banded_product(state, band)
        fresh = self._normalized(arriving - self.thresholds * torch.relu(arriving).mean(dim=-1, keepdim=True))
        return norm_relu(self.leaks * state + (1 - self.leaks) * fresh)


def graded(ring: RingRNN, of: str, ratio: float) -> None:
    """Give the units of a network the property, in place."""
    along = torch.linspace(0, 1, ring.config.units)
    if of == "gain":
        ring.transition = GradedGain(ring.transition, ratio ** (along - 0.5))
        return
    ring.__class__ = OtherUnits
    if of == "leak":
        ring.leaks = 1 - ratio**-along
    else:
        ring.thresholds = (ratio - 1) * along


def network(arguments, ratio: float, seed: int) -> Trained:
    words = ["model.sheet=line", *arguments.words, f"seed={seed}"]
    config = overridden(load_config(arguments.preset), words)
    ring, loss, sampler, _ = build(config, None)
    graded(ring, arguments.of, ratio)
    return learned(ring, loss, sampler, config, arguments.keep, f"{arguments.of} {ratio:g}")


def main() -> None:
    parser = study_parser(__doc__, "emergent")
    parser.add_argument("--of", choices=["gain", "leak", "threshold"], default="gain")
    parser.add_argument("--ratios", nargs="+", type=float, default=[1.0, 2.0, 4.0], help="of the ends")
    arguments = parser.parse_args()
    print_table(arguments, partial(network, arguments))


if __name__ == "__main__":
    main()
