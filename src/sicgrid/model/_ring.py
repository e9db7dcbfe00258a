"""Units that have places: one population on a ring or a line, with couplings and normalization that are local."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from .. import kernels as fast
from ._config import ModelConfig
from ._local_norm import local_norm_relu, neighborhood
from ._network import Network, Rollout, check_inputs
from ._norm_relu import norm_relu
from ._rnn import rows_are_permutations
from ._transition import add_to_bias, make_mlp


class RingRNN(Network):
    r"""g_t = LocalNormReLU(W(v_t) g_{t-1}), W_ij(v) = 0 for units i and j that lie more than `coupling_range` apart.

    The recurrence of `VelocityRNN` (Schaeffer et al. 2023) with two changes of ours, after the anatomy of entorhinal
    cortex: the MLP makes only the entries of a band, so that W(v) costs what its band costs; and each unit is divided
    by the activity around it (:func:`local_norm_relu`) where `norm_range` is not 0. A `coupling_range` of 0, or of half
    of the units or more, couples all. Nothing in the network marks a place on the sheet.

    Arguments are those of `ModelConfig`, for one population; `kernels` is one of the names in
    `sicgrid.kernels.choose`. The GPU has no kernel for it and runs the reference.

    Raises
    ------
    ValueError
        For several populations.

    >>> rnn = RingRNN(ModelConfig(units=12, hidden=4, coupling_range=2))
    >>> rnn.transition(torch.zeros(1, 2)).shape  # of each unit's couplings those to five units
    torch.Size([1, 12, 5])

    """

    config: ModelConfig

    def __init__(self, config: ModelConfig, *, kernels: str = "auto") -> None:
        super().__init__()
        if config.populations > 1:
            raise ValueError(f"config must be of one population, got {config.populations}")
        self.config = config
        self.sheet = config.sheet
        self.kernels = kernels
        self.transition = BandMLP(config)
        self.start = nn.Parameter(torch.randn(config.units), requires_grad=config.train_initial_state)
        weights = None if config.norm_range == 0 else neighborhood(config.units, config.norm_range, config.sheet)
        self.weights: Tensor | None
        self.register_buffer("weights", weights, persistent=False)

    @property
    def initial_state(self) -> Float[Tensor, " units"]:
        """g_0, the state at position 0."""
        return self._normalized(self.start)

    def forward(
        self, velocities: Float[Tensor, "*leading steps 2"], order: Int[Tensor, "batch time"] | None = None
    ) -> Rollout:
        """Roll out a batch, as `VelocityRNN.forward` does."""
        check_inputs(velocities, order)
        initial_state = self.initial_state
        batch, time = velocities.shape[:2] if order is None else order.shape
        bands = None if order is None else self.transition(velocities)
        if bands is not None and order is not None:
            name, _ = fast.choose(velocities.device.type, self.kernels)
            if name == "numba" and time == len(velocities) and rows_are_permutations(order):
                return Rollout(fast.band_rollout(bands, order, initial_state, self.weights), initial_state)
        state, states = initial_state.expand(batch, -1), []
        for t in range(time):
            band = self.transition(velocities[:, t]) if bands is None or order is None else bands[order[:, t]]
            state = self._normalized(banded_product(state, band))
            states.append(state)
        return Rollout(torch.stack(states, dim=1), initial_state)

    def project(self, vectors: Float[Tensor, "*batch units"]) -> Float[Tensor, "*batch units"]:
        """NormReLU, which leaves states as they are; the local one, taken twice, would change them."""
        return norm_relu(vectors)

    def step(
        self, state: Float[Tensor, "*many batch units"], velocity: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "*many batch units"]:
        """One step of every trajectory, as `VelocityRNN.step` makes it."""
        return self._normalized(banded_product(state, self.transition(velocity)))

    def _normalized(self, z: Tensor) -> Tensor:
        return norm_relu(z) if self.weights is None else local_norm_relu(z, self.weights)


class BandMLP(nn.Module):
    """MLP from a velocity in meters per step to the entries of W(v)'s band, (units, width).

    Entry [j, d] couples unit j to unit j + d - reach, on a ring modulo the number of units; width = 2 reach + 1, or the
    number of units if that is less. On a line the entries that lead off its ends are 0.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        units = config.units
        self.velocity_scale = config.velocity_scale
        self.reach, self.width = band_shape(units, config.coupling_range)
        self.mlp = make_mlp(2, config.hidden, config.layers, units * self.width, config.activation)
        if config.initialization == "identity":
            start = torch.zeros(units, self.width)
            start[:, self.reach] = 1.0
            add_to_bias(self.mlp, start)
        target = torch.arange(units)[:, None] + torch.arange(self.width) - self.reach
        outside = (target < 0) | (target >= units)
        self.outside: Tensor | None
        self.register_buffer("outside", outside if config.sheet == "line" else None, persistent=False)

    def forward(self, velocities: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch units width"]:
        """The band for each velocity."""
        entries: Tensor = self.mlp(velocities / self.velocity_scale)
        band = entries.view(*velocities.shape[:-1], -1, self.width)
        return band if self.outside is None else band.masked_fill(self.outside, 0.0)


def band_shape(units: int, coupling_range: int) -> tuple[int, int]:
    """Reach to lower places and width of the band, in units; a range of 0 couples all units, each pair once."""
    if coupling_range == 0 or 2 * coupling_range + 1 >= units:
        return units // 2, units
    return coupling_range, 2 * coupling_range + 1


def banded_product(
    state: Float[Tensor, "*many batch units"], band: Float[Tensor, "batch units width"]
) -> Float[Tensor, "*many batch units"]:
    """z_i = sum over d of g_j M[j, d] with j = i - d + reach, modulo the number of units; reach = width // 2."""
    units, width = band.shape[-2:]
    offset = torch.arange(width, device=band.device)
    source = torch.remainder(torch.arange(units, device=band.device)[:, None] - offset + width // 2, units)
    products = (state[..., None] * band).flatten(-2)
    arriving = products.index_select(-1, (source * width + offset).flatten())
    return arriving.view(*products.shape[:-1], units, width).sum(dim=-1)


def dense(band: Float[Tensor, "*batch units width"]) -> Float[Tensor, "*batch units units"]:
    """The matrix M of a band, [j, i] from unit j to unit i: what `TransitionMLP` makes for all units."""
    units, width = band.shape[-2:]
    target = torch.remainder(torch.arange(units)[:, None] + torch.arange(width) - width // 2, units)
    return torch.zeros(*band.shape[:-2], units, units, dtype=band.dtype).scatter(-1, target.expand_as(band), band)
