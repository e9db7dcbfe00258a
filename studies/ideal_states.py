"""The states of an ideal code of theory at places: what a network would have that held it."""

import numpy as np
import torch
from torch import Tensor

from sicgrid.theory import ModularCode


def states_of(code: ModularCode, positions: Tensor, units: int) -> Tensor:
    """States (..., units) of an ideal hexagonal code at positions (..., 2) in meters."""
    parts = []
    for spacing, angle, width, share, count in zip(
        code.spacings_m, code.orientations_deg, code.widths_m, code.shares, np.floor(code.units + 1e-6), strict=True
    ):
        turns = np.deg2rad(angle + np.array([0.0, 60.0]))
        basis = torch.tensor(spacing * np.stack([np.cos(turns), np.sin(turns)], axis=1), dtype=torch.float32)
        phases = even_phases(int(count)).to(torch.float32)
        cells = positions[..., None, :] @ torch.linalg.inv(basis) - phases
        nearest = cells - cells.round()
        around = torch.cartesian_prod(torch.arange(-1.0, 2.0), torch.arange(-1.0, 2.0))
        squared = ((nearest[..., None, :] + around) @ basis).square().sum(dim=-1)
        fields = torch.exp(-squared / (2 * float(width) ** 2)).sum(dim=-1)
        parts.append(float(share) ** 0.5 * fields / fields.norm(dim=-1, keepdim=True))
    rest = units - sum(part.shape[-1] for part in parts)
    constant = ((1 - float(np.sum(code.shares))) / rest) ** 0.5
    return torch.cat([*parts, positions.new_full((*positions.shape[:-1], rest), constant)], dim=-1)


def even_phases(count: int) -> Tensor:
    """Phases (count, 2) in a hexagonal cell, as fractions of it: of the lattices i (1, k) / count the most even one."""
    cell = torch.tensor([[1.0, 0.0], [0.5, 0.75**0.5]], dtype=torch.float64)
    around = torch.cartesian_prod(torch.arange(-1.0, 2.0), torch.arange(-1.0, 2.0)).double()
    best, most = torch.zeros(count, 2, dtype=torch.float64), -1.0
    for k in range(count):
        steps = torch.arange(count, dtype=torch.float64)
        phases = torch.stack([steps / count, torch.remainder(k * steps / count, 1.0)], dim=1)
        offsets = phases[1:] - phases[1:].round()
        lengths = ((offsets[:, None] + around) @ cell).norm(dim=-1)
        least = float(lengths.min()) if count > 1 else 0.0
        if least > most:
            best, most = phases, least
    return best
