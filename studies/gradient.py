"""Does a smooth gradient along a line of units part it into modules in order, as peak selection predicts (C1b)?

.venv/bin/python studies/gradient.py --set model.coupling_range=16 --ratios 1 2 4 --boxes 4

Units lie on a line, else the preset. The loss is read in windows of `training.window` neighbors as there, and each
window's places are multiplied by a gain that rises along the line by equal factors a unit, `ratio` in all: what each
part of the line is paid for is the same code of space, on a scale that changes smoothly. A row for each network: its
independent modules of 8 units and more in order of place; the rank correlation of the units' own spacings with place
(-1: they follow the gradient); and how steep spacing is within the modules against all along the line (0: plateaus, 1:
no steps). The positive control of that measure is `studies/peak_selection.py`. Results: docs/lab_log.md.
"""

from functools import partial

import torch
from torch import Tensor

from along_a_line import print_table
from sicgrid.losses import Objective
from sicgrid.model import norm_relu
from trained import Trained, study_parser
from windowed import mean_terms, trained_by

WINDOWS = 2  # in a batch, as in training


class GradedWindows(Objective):
    """The mean of a loss over windows of neighbors on a line, to each of which the world is larger or smaller."""

    def __init__(self, loss: Objective, width: int, ratio: float, seed: int) -> None:
        super().__init__()
        self.loss, self.width, self.ratio = loss, width, ratio
        self.generator = torch.Generator().manual_seed(seed)

    @property
    def weights(self):
        return self.loss.weights

    def gain(self, middle: float) -> float:
        """Of a window with its middle there, from 0 to 1 along the line."""
        return self.ratio ** (middle - 0.5)

    def terms(self, positions: Tensor, velocities: Tensor, states: Tensor, initial_state: Tensor) -> dict[str, Tensor]:
        units = states.shape[-1]
        parts = []
        for first in torch.randint(units - self.width + 1, (WINDOWS,), generator=self.generator).tolist():
            gain = self.gain((first + (self.width - 1) / 2) / (units - 1))
            window = slice(first, first + self.width)
            parts.append(
                self.loss.terms(
                    positions=gain * positions,
                    velocities=gain * velocities,
                    states=norm_relu(states[..., window]),
                    initial_state=norm_relu(initial_state[window]),
                )
            )
        return mean_terms(parts)


def main() -> None:
    parser = study_parser(__doc__, "emergent")
    parser.add_argument("--ratios", nargs="+", type=float, default=[1.0, 2.0, 4.0], help="of the gains at the ends")
    arguments = parser.parse_args()
    print_table(arguments, partial(network, arguments))


def network(arguments, ratio: float, seed: int) -> Trained:
    return trained_by(
        lambda _, loss, width: GradedWindows(loss, width, ratio, seed),
        arguments,
        ["model.sheet=line"],
        seed,
        f"graded {ratio:g}",
    )


if __name__ == "__main__":
    main()
