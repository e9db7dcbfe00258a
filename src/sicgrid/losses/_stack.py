"""The SIC loss of many networks at once, each with scales and weights of its own."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..kernels import choose, pair_sums, sic_scales, sic_terms
from ._objective import call_by_name, named, weighted
from ._sic import TERMS, SICLoss, reduced


class SICLossStack(nn.Module):
    """K `SICLoss` as one; they may differ in all but `reduction` and `kernels`.

    What `SICLoss` gives for one network this gives for K along a leading axis, equal up to rounding. It takes
    only plain `SICLoss`, no subclasses. A term whose weight is 0 for every network does not enter the total at all;
    where only some have weight 0, theirs gets 0 times the term.

    Raises
    ------
    ValueError
        For no members, or members that differ in `reduction` or `kernels`.

    >>> import torch
    >>> stack = SICLossStack([SICLoss(capacity=weight, kernels="reference") for weight in (0.0, 0.5)])
    >>> places = torch.tensor([[0.0, 0.0], [1.0, 0.0]]).expand(2, 1, 2, 2)
    >>> states = torch.tensor([1.0, 0.0]).expand(2, 1, 2, 2)
    >>> stack(positions=places, velocities=places, states=states, initial_state=states[:, 0, 0]).total
    tensor([1.0000, 0.5000])

    """

    def __init__(self, members: Sequence[SICLoss]) -> None:
        super().__init__()
        if not members:
            raise ValueError("members must hold at least one loss")
        for setting, values in (
            ("reduction", {member.config.reduction for member in members}),
            ("kernels", {member.kernels for member in members}),
        ):
            if len(values) > 1:
                raise ValueError(f"members must have equal {setting} to be stacked, got {' and '.join(sorted(values))}")
        self.members = list(members)
        self._constants: dict[tuple[torch.device, torch.dtype], dict[str, Any]] = {}

    def forward(
        self,
        *,
        positions: Float[Tensor, "networks batch time 2"],
        velocities: Float[Tensor, "networks batch time 2"],
        states: Float[Tensor, "networks batch time units"],
        initial_state: Float[Tensor, "networks units"],
    ) -> Any:
        """`SICTerms` of each network's batch, tensors of shape (networks,)."""
        name, _ = choose(states.device.type, self.members[0].kernels)
        if name == "reference":
            batches = zip(self.members, positions, velocities, states, initial_state, strict=True)
            terms_of_members = [m(positions=x, velocities=v, states=g, initial_state=g0) for m, x, v, g, g0 in batches]
            return type(terms_of_members[0])(*(torch.stack(values) for values in zip(*terms_of_members, strict=True)))
        if name == "triton":
            return self._by_kernel(positions, velocities, states, initial_state)
        settings = self._settings(states)
        terms = reduced(
            pair_sums(positions, states, settings["sigma_x"], settings["sigma_g"]), self.members[0].config.reduction
        )
        tensors = {
            "positions": positions,
            "velocities": velocities,
            "states": states,
            "initial_state": initial_state,
        }
        for term in TERMS:
            if term not in terms:
                terms[term] = call_by_name(TERMS[term], {**tensors, **settings})
        weights = {term: settings[term] if self._used(term) else 0.0 for term in TERMS}
        return weighted({term: terms[term] for term in TERMS}, weights)

    def _by_kernel(self, positions: Tensor, velocities: Tensor, states: Tensor, initial_state: Tensor) -> Any:
        """`forward` on a GPU in few launches: all terms by one kernel, the total by one product."""
        settings = self._settings(states)
        if "scales" not in settings:
            entering = [index for index, term in enumerate(TERMS) if self._used(term)]
            settings["scales"] = sic_scales(settings["sigma_x"], settings["sigma_g"])
            settings["entering"] = torch.tensor(entering, dtype=torch.int64, device=states.device)
            settings["weights"] = torch.stack([settings[term] for term in TERMS])[entering]
        means = self.members[0].config.reduction == "mean"
        terms = sic_terms(positions, velocities, states, initial_state, settings["scales"], means)
        weights = settings["weights"]
        chosen = terms if len(weights) == len(terms) else terms.index_select(0, settings["entering"])
        return named((weights * chosen).sum(dim=0), dict(zip(TERMS, terms, strict=True)))

    def _used(self, term: str) -> bool:
        return any(member.weights[term] > 0 for member in self.members)

    def _settings(self, like: Tensor) -> dict[str, Any]:
        """Settings of all members as tensors (networks,), cached: copying them to a GPU makes the host wait."""
        key = (like.device, like.dtype)
        if key not in self._constants:
            configs = [member.config.model_dump() for member in self.members]
            self._constants[key] = {
                name: torch.tensor([settings[name] for settings in configs], dtype=like.dtype, device=like.device)
                if isinstance(value, int | float)
                else value
                for name, value in configs[0].items()
            }
        return self._constants[key]
