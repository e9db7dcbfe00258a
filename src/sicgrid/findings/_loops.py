"""The place modulo the lattice that the two loops of a module's torus tell, where there is a torus."""

import numpy as np
import xarray as xr

TORUS = [1, 2, 1]  # its Betti numbers


def read_off_loops(part: xr.Dataset) -> list[str]:
    """``0.04 m (0.39 m by chance)`` of each module that is a torus, from the part `topology`.

    States of any other shape get angles as well, of loops that noise has made: the place read off them means nothing.
    """
    if not {"betti", "decoded_error", "decoded_chance"} <= set(part):
        return []
    torus_modules = (part["betti"].transpose("module", "degree").values.astype(int) == TORUS).all(axis=1)
    errors = zip(part["decoded_error"].values.astype(float), part["decoded_chance"].values.astype(float), strict=True)
    return [
        f"{error:.2f} m ({chance:.2f} m by chance)"
        for (error, chance), is_torus in zip(errors, torus_modules, strict=True)
        if is_torus and np.isfinite(error)
    ]
