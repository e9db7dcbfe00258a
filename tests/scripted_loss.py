"""A loss whose values are written down, for tests of what training makes of them."""

from collections.abc import Sequence

from sicgrid.losses import SICLoss


class ScriptedLoss(SICLoss):
    """Losses by script, the last one for ever; the gradient is none."""

    def __init__(self, losses: Sequence[float]) -> None:
        super().__init__(kernels="reference")
        self.losses = list(losses)

    def forward(self, **arguments):
        terms = super().forward(**arguments)
        loss = self.losses.pop(0) if len(self.losses) > 1 else self.losses[0]
        return terms._replace(total=terms.total * 0.0 + loss)
