"""An objective with a term of one's own, as a user would write it."""

from sicgrid.losses import SICLoss


class Sparse(SICLoss):
    """A term of one's own beside ours."""

    @property
    def weights(self):
        return {**super().weights, "sparsity": 0.5}

    def terms(self, **tensors):
        return super().terms(**tensors) | {"sparsity": tensors["states"].mean()}
