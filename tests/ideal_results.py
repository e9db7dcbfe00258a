"""Results of a known population as the parts of a run's analysis: two ideal modules of 40 and 30 cells."""

from functools import cache

import numpy as np
import xarray as xr

from sicgrid.analysis import (
    RateMaps,
    compare_codes,
    compare_unique_range,
    metric_tensor,
    state_distance_density,
    synthetic_cells,
)
from sicgrid.analysis.lattices._fourier import power_spectrum
from sicgrid.analysis.lattices._phases import lattice_phases
from sicgrid.analysis.lattices._wave_vectors import wave_vectors
from sicgrid.analysis.states import embed_states, principal_components, ring_projections
from sicgrid.analysis.states._topology import TopologyConfig, topology

EDGES = np.linspace(-1, 1, 41)
BASES = np.stack([synthetic_cells.lattice_basis(0.45, 12), synthetic_cells.lattice_basis(0.8, 40)])
SPACINGS = (0.45, 0.8)
COUNTS = (40, 30)
WAVES = ["k1", "k2", "k3"]
REASON = "no module was found, so there is nothing to picture"


def states_at(places):
    """States of unit norm at places (..., 2)."""
    generator = np.random.default_rng(0)
    cells = [
        synthetic_cells.grid_cells(places, basis, generator.random((count, 2)), 0.16 * spacing)
        for basis, spacing, count in zip(BASES, SPACINGS, COUNTS, strict=True)
    ]
    states = np.concatenate([*cells, 0 * cells[0][..., :1]], axis=-1)
    return states / np.linalg.norm(states, axis=-1, keepdims=True)


@cache
def maps(side=2.0):
    """Rate maps of the 71 units (the last is silent) in a box."""
    edges = np.linspace(-side / 2, side / 2, round(side / 0.05) + 1)
    values = np.moveaxis(states_at(synthetic_cells.bin_centers(edges)), -1, 0)
    return RateMaps(values, np.full(values.shape[1:], 9.0), edges, edges)


def members():
    return np.repeat([0, 1, -1], [*COUNTS, 1])


def empty():
    return xr.Dataset(attrs={"reason": REASON})


@cache
def modules():
    return xr.Dataset(
        {
            "members": ("unit", members()),
            "reason": ("unit", np.array([""] * sum(COUNTS) + ["silent"], dtype=object)),
            "spacing_m": ("module", np.array(SPACINGS)),
            "orientation_deg": ("module", np.array([12.0, 40.0])),
            "ellipticity": ("module", np.ones(2)),
            "basis_m": (("module", "vector", "axis"), BASES),
            "dependence": (("module", "other_module"), np.array([[0.98, 0.03], [0.02, 0.97]])),
        },
        attrs={"verdict": "2 modules", "p_value": 0.005},
    )


@cache
def periods():
    """Units of one field per cell, each on its module's lattice: as many periods as modules."""
    of_module = {"spacing": np.array(SPACINGS), "orientation": np.array([12.0, 40.0]), "basis": BASES}
    own = {name: np.where((members() >= 0).reshape(-1, *[1] * (each.ndim - 1)), each[members()], np.nan)
           for name, each in of_module.items()}  # fmt: skip
    index = (members() >= 0).astype(int)
    return xr.Dataset(
        {
            "index": ("unit", index),
            "fields": ("unit", index),
            "ordered": ("unit", np.zeros(len(index), dtype=bool)),
            "own_spacing_m": ("unit", own["spacing"]),
            "own_orientation_deg": ("unit", own["orientation"]),
            "own_basis_m": (("unit", "vector", "axis"), own["basis"]),
            "period": ("unit", members()),
            "period_spacing_m": ("period", np.array(SPACINGS)),
            "period_orientation_deg": ("period", np.array([12.0, 40.0])),
            "period_ellipticity": ("period", np.ones(2)),
            "period_p_value": ("period", np.full(2, 0.005)),
        },
        attrs={"verdict": "2 periods.", "ordered_p_value": np.nan, "several": 0},
    )


@cache
def fourier():
    spectrum = power_spectrum(maps().maps)
    waves = np.stack([wave_vectors(basis) for basis in BASES])
    waves[:, 2] *= -1
    return xr.Dataset(
        {
            "mean_power": (
                ("module", "fx", "fy"),
                np.stack([spectrum.power[members() == k].mean(axis=0) for k in range(2)]),
            ),
            "k": (("module", "wave", "axis"), waves),
            "angles_deg": (("module", "wave"), np.rad2deg(np.arctan2(waves[..., 1], waves[..., 0])) % 180),
            "spacing_m": ("module", np.array(SPACINGS)),
        },
        coords={"fx": spectrum.frequencies, "fy": spectrum.frequencies},
    )


@cache
def phases():
    phase = np.full((sum(COUNTS) + 1, 3), np.nan)
    for k, basis in enumerate(BASES):
        phase[members() == k] = lattice_phases(maps().maps[members() == k], basis).phi
    return xr.Dataset(
        {
            "phase": (("unit", "wave"), phase),
            "p_value": ("module", np.array([0.99, 0.98])),
            "p_even": ("module", np.array([0.01, 0.02])),
            "statistic": ("module", np.array([0.1, 0.1])),
            "phase_sum_spread": ("module", np.array([1.0, 1.2])),
        }
    )


def fields():
    count = np.r_[np.full(40, 20.0), np.full(30, 7.0), np.nan]
    diameter = np.r_[np.linspace(0.14, 0.18, 40), np.linspace(0.28, 0.32, 30), np.nan]
    return xr.Dataset({"field_count": ("unit", count), "field_diameter_m": ("unit", diameter)})


def _module_states(k):
    return maps().maps[members() == k].reshape(COUNTS[k], -1).T


@cache
def state_space():
    places = synthetic_cells.bin_centers(EDGES).reshape(-1, 2)
    found = {name: [] for name in ("ratio", "cloud", "phase", "ring", "coherence")}
    for k, basis in enumerate(BASES):
        components = principal_components(_module_states(k))
        embedding = embed_states(_module_states(k), max_points=600)
        turns = places @ wave_vectors(basis).T % 1.0
        ring = ring_projections(components.scores, turns)
        found["ratio"].append(components.variance_ratio[:12])
        found["cloud"].append(embedding.coordinates)
        found["phase"].append(2 * np.pi * turns[embedding.points])
        found["ring"].append(ring.projections[:, embedding.points])
        found["coherence"].append(ring.coherence)
    return xr.Dataset(
        {
            "variance_ratio": (("module", "component"), np.stack(found["ratio"])),
            "embedding": (("module", "point", "dim3"), np.stack(found["cloud"])),
            "point_phase": (("module", "point", "wave"), np.stack(found["phase"])),
            "ring": (("module", "wave", "point", "dim2"), np.stack(found["ring"])),
            "coherence": (("module", "wave"), np.stack(found["coherence"])),
        },
        attrs={"method": "spectral"},
    )


def _padded(bars, most):
    return np.pad(bars, ((0, most - len(bars)), (0, 0)), constant_values=np.nan)


@cache
def barcode():
    config = TopologyConfig(points=150, shuffle_points=80, coordinate_points=100, candidates=800, shuffles=20)
    found = [topology(_module_states(k), config) for k in range(2)]
    most = [max(len(each.bars[degree]) for each in found) for degree in range(3)]
    bars = {
        f"bars_h{degree}": (
            ("module", f"bar{degree}", "birth_death"),
            np.stack([_padded(each.bars[degree], most[degree]) for each in found]),
        )
        for degree in range(3)
    }
    return xr.Dataset(
        bars
        | {
            "null_longest": (("module", "shuffle", "degree"), np.stack([each.null_longest for each in found])),
            "threshold": (("module", "degree"), np.stack([each.thresholds for each in found])),
            "betti": (("module", "degree"), np.array([each.betti for each in found])),
            "verdict": ("module", np.array([each.verdict for each in found], dtype=object)),
            "decoded_error": ("module", np.array([0.02, 0.03])),
        }
    )


@cache
def generalization():
    generator = np.random.default_rng(1)
    sides = np.array([2.0, 3.0, 4.0])
    edges, state_edges = np.linspace(0, 2.8, 57), np.linspace(0, 1.4, 57)
    density, median = [], []
    for side in sides:
        places = generator.uniform(-side / 2, side / 2, (4000, 2))
        found = state_distance_density(
            places, states_at(places), states_at(np.zeros(2)), distance_edges=edges, state_edges=state_edges
        )
        density.append(found.density)
        median.append(found.median)
    walked = np.linspace(0.5, 12, 8)
    error = 0.05 + 0.02 * sides[:, None, None] * np.array([1.0, 1.4])[:, None] * np.sqrt(walked)
    correlation = np.stack([np.full(71, 1.0), generator.normal(0.9, 0.03, 71), generator.normal(0.8, 0.06, 71)])
    return xr.Dataset(
        {
            "correlation": (("arena", "unit"), np.clip(correlation, -1, 1)),
            "null_p95": ("arena", np.array([np.nan, 0.3, 0.35])),
            "strain": (("arena", "unit"), np.abs(generator.normal(0, [[0.0], [0.02], [0.05]], (3, 71)))),
            "density": (("arena", "distance", "state_distance"), np.stack(density)),
            "median": (("arena", "distance"), np.stack(median)),
            "training_cumulative": ("distance", np.clip(edges[1:] / 1.1, 0, 1)),
            "path_error": (("arena", "kind", "walked"), error),
        },
        coords={
            "arena": sides,
            "kind": ["smooth", "iid"],
            "walked": ("walked", walked, {"units": "m"}),
            "distance": (edges[1:] + edges[:-1]) / 2,
            "state_distance": (state_edges[1:] + state_edges[:-1]) / 2,
        },
    )


@cache
def geometry():
    metric = metric_tensor(maps())
    middle = (EDGES[1:] + EDGES[:-1]) / 2
    return xr.Dataset(
        {
            "trace": (("x", "y"), metric.trace),
            "anisotropy": (("x", "y"), metric.anisotropy),
            "speed": metric.speed,
            "trace_spread": metric.trace_spread,
            "median_anisotropy": metric.median_anisotropy,
        },
        coords={"x": middle, "y": middle},
    )


@cache
def unique_range():
    found = compare_unique_range(maps(), BASES, references=100)
    return xr.Dataset(
        {
            "range_m": ("noise", found.measured.range_m),
            "ideal_range_m": ("noise", found.ideal.range_m),
            "at_least": ("noise", found.measured.at_least),
            "ideal_at_least": ("noise", found.ideal.at_least),
            "largest_spacing_m": found.largest_spacing_m,
        },
        coords={"noise": found.measured.noise},
    )


@cache
def error_correction():
    channels, codes = ("gaussian", "loss", "quantization"), ("learned", "place", "grid")
    curves = [compare_codes(maps(), BASES, channel, samples=40) for channel in channels]
    most = max(len(each["place"].levels) for each in curves)

    def padded(values):
        return np.pad(np.asarray(values, dtype=float), (0, most - len(values)), constant_values=np.nan)

    error = [[padded(each["measured" if code == "learned" else code].median_m) for each in curves] for code in codes]
    return xr.Dataset(
        {
            "error_m": (("code", "channel", "level"), np.array(error)),
            "local_error_m": (("code", "channel", "level"), np.array(error) / 10),
            "levels": (("channel", "level"), np.array([padded(each["place"].levels) for each in curves])),
            "chance_m": ("channel", np.array([each["place"].chance_m for each in curves])),
        },
        coords={"code": list(codes), "channel": list(channels), "level": np.arange(most)},
    )


def intrinsic_correction():
    noise, step = np.array([0.02, 0.05, 0.1, 0.2]), np.arange(21)
    falling = 0.1 + 6 * noise[:, None] * np.exp(-step / 4)
    error = 0.05 + 2 * noise[:, None] + 0 * step
    return xr.Dataset(
        {
            "to_manifold": (("drive", "noise", "step"), np.stack([falling, 1.1 * falling])),
            "floor": (("drive", "step"), np.full((2, 21), 0.1)),
            "recovered": (("drive", "noise", "step"), np.stack([0 * falling + 0.95, 0 * falling + 0.5])),
            "local_error": (("drive", "noise", "step"), np.stack([error, error]) / 3),
            "local_floor": (("drive", "step"), np.full((2, 21), 0.02)),
            "position_error": (("drive", "noise", "step"), np.stack([error, 1.2 * error])),
            "position_floor": (("drive", "step"), np.full((2, 21), 0.05)),
        },
        coords={"drive": ["zero", "walk"], "noise": noise, "step": step},
    )


def parts():
    """All parts by their names in a run's ``results`` folder."""
    return {
        "modules": modules(),
        "periods": periods(),
        "fourier": fourier(),
        "phases": phases(),
        "fields": fields(),
        "state_space": state_space(),
        "topology": barcode(),
        "generalization": generalization(),
        "geometry": geometry(),
        "unique_range": unique_range(),
        "error_correction": error_correction(),
        "intrinsic_correction": intrinsic_correction(),
    }
