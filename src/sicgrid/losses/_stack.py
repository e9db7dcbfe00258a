"""The SIC loss of many networks at once, each with scales and weights of its own."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..kernels import choose, pair_sums
from ._capacity import capacity
from ._conformal_isometry import conformal_isometry
from ._sic import SICLoss, SICTerms


class SICLossStack(nn.Module):
    """K `SICLoss` as one; they may differ in all but `reduction` and `kernels`. ValueError if they differ there.

    What `SICLoss.forward` gives for one network this gives for K along a leading axis, equal up to rounding. It knows
    only plain `SICLoss`. A term whose weight is 0 for every network does not enter the total at all; where only some
    have weight 0, the others' weight decides that it is computed, and 0 times it is added.
    """

    def __init__(self, members: Sequence[SICLoss]) -> None:
        super().__init__()
        if not members:
            raise ValueError("members must hold at least one loss")
        for what, found in (
            ("reduction", {member.config.reduction for member in members}),
            ("kernels", {member.kernels for member in members}),
        ):
            if len(found) > 1:
                raise ValueError(f"members must have equal {what} to be stacked, got {' and '.join(sorted(found))}")
        self.members = list(members)
        self._constants: dict[tuple[str, torch.device, torch.dtype], Tensor] = {}

    def forward(
        self,
        *,
        positions: Float[Tensor, "networks batch time 2"],
        velocities: Float[Tensor, "networks batch time 2"],
        states: Float[Tensor, "networks batch time units"],
        initial_state: Float[Tensor, "networks units"],
    ) -> SICTerms:
        """Terms of each network's batch, tensors of shape (networks,)."""
        name, _ = choose(states.device.type, self.members[0].kernels)
        if name == "reference":
            batches = zip(self.members, positions, velocities, states, initial_state, strict=True)
            each = [m(positions=x, velocities=v, states=g, initial_state=g0) for m, x, v, g, g0 in batches]
            return SICTerms(*(torch.stack(values) for values in zip(*each, strict=True)))
        sigma_x = self._constant("sigma_x", states)
        sums = pair_sums(positions, states, sigma_x, self._constant("sigma_g", states))
        means = self.members[0].config.reduction == "mean"
        terms = {
            "separation": sums.far / sums.far_count.clamp(min=1) if means else sums.far,
            "invariance": sums.near / sums.near_count.clamp(min=1) if means else sums.near,
            "capacity": capacity(states),
            "conformal_isometry": conformal_isometry(velocities, states, initial_state, sigma_x),
        }
        used = [term for term in terms if any(getattr(member.config, term) > 0 for member in self.members)]
        weighted = [self._constant(term, states) * terms[term] for term in used]
        return SICTerms(total=sum(weighted, start=states.new_zeros(len(states))), **terms)

    def _constant(self, name: str, like: Tensor) -> Float[Tensor, " networks"]:
        """A setting of all members; kept on the device, since bringing it there each time would wait for it."""
        key = (name, like.device, like.dtype)
        if key not in self._constants:
            values = [getattr(member.config, name) for member in self.members]
            self._constants[key] = torch.tensor(values, dtype=like.dtype, device=like.device)
        return self._constants[key]
