"""What the units of a population do in space: rate maps, grid scores with their nulls, lattices. No torch needed.

Axes are (unit, x, y) with bin edges in metres; unvisited bins are NaN, silent bins 0; angles in degrees; spacing is the
distance between neighboring fields.
"""

from . import _synthetic_cells as synthetic_cells
from ._autocorrelogram import autocorrelogram as autocorrelogram
from ._circular_coordinates import CircularCoordinates as CircularCoordinates
from ._circular_coordinates import LatticeDecoding as LatticeDecoding
from ._circular_coordinates import circular_coordinates as circular_coordinates
from ._circular_coordinates import decode_modulo_lattice as decode_modulo_lattice
from ._config import AnalysisConfig as AnalysisConfig
from ._error_correction import DecodingCurve as DecodingCurve
from ._error_correction import compare_codes as compare_codes
from ._error_correction import decoding_curve as decoding_curve
from ._fields import Fields as Fields
from ._fields import find_fields as find_fields
from ._fourier import PlaneWaves as PlaneWaves
from ._fourier import Spectrum as Spectrum
from ._fourier import plane_waves as plane_waves
from ._fourier import power_spectrum as power_spectrum
from ._fourier import wave_vectors as wave_vectors
from ._generalisation import BoxStability as BoxStability
from ._generalisation import StateDistanceDensity as StateDistanceDensity
from ._generalisation import box_stability as box_stability
from ._generalisation import lattice_deformation as lattice_deformation
from ._generalisation import state_distance_density as state_distance_density
from ._geometry import MetricTensor as MetricTensor
from ._geometry import metric_tensor as metric_tensor
from ._grid_score import SCORERS as SCORERS
from ._grid_score import GridScore as GridScore
from ._grid_score import GridScores as GridScores
from ._grid_score import grid_score as grid_score
from ._grid_score import grid_scores as grid_scores
from ._grid_score import scorer_parameters as scorer_parameters
from ._ideal_codes import CodeSize as CodeSize
from ._ideal_codes import IdealCode as IdealCode
from ._ideal_codes import code_size as code_size
from ._ideal_codes import modular_code as modular_code
from ._ideal_codes import place_code as place_code
from ._information import spatial_information as spatial_information
from ._lattice import Lattice as Lattice
from ._lattice import LatticeShape as LatticeShape
from ._lattice import lattice as lattice
from ._lattice import lattice_shape as lattice_shape
from ._module import Module as Module
from ._module import Modules as Modules
from ._modules import find_modules as find_modules
from ._nulls import circular_shift_null as circular_shift_null
from ._nulls import field_shuffle_null as field_shuffle_null
from ._nulls import shuffle_fields as shuffle_fields
from ._phases import Phases as Phases
from ._phases import Tiling as Tiling
from ._phases import lattice_phases as lattice_phases
from ._phases import tiling as tiling
from ._place_fields import PlaceFields as PlaceFields
from ._place_fields import place_fields as place_fields
from ._rate_maps import RateMaps as RateMaps
from ._rate_maps import rate_maps as rate_maps
from ._rate_maps import smooth_maps as smooth_maps
from ._state_space import Embedding as Embedding
from ._state_space import PrincipalComponents as PrincipalComponents
from ._state_space import Rings as Rings
from ._state_space import embed_states as embed_states
from ._state_space import phase_axes as phase_axes
from ._state_space import principal_components as principal_components
from ._state_space import ring_projections as ring_projections
from ._topology import Topology as Topology
from ._topology import TopologyConfig as TopologyConfig
from ._topology import TopologyPlan as TopologyPlan
from ._topology import topology as topology
from ._topology import topology_plan as topology_plan
from ._unique_range import UniqueRange as UniqueRange
from ._unique_range import UniqueRangeComparison as UniqueRangeComparison
from ._unique_range import compare_unique_range as compare_unique_range
from ._unique_range import unique_range as unique_range
from ._units import UNIT_COLUMNS as UNIT_COLUMNS
from ._units import UnitTable as UnitTable
from ._units import analyze_units as analyze_units
from ._units import spacing_peaks as spacing_peaks
from ._units import summarize as summarize

__all__ = [
    "SCORERS",
    "UNIT_COLUMNS",
    "AnalysisConfig",
    "BoxStability",
    "CircularCoordinates",
    "CodeSize",
    "DecodingCurve",
    "Embedding",
    "Fields",
    "GridScore",
    "GridScores",
    "IdealCode",
    "Lattice",
    "LatticeDecoding",
    "LatticeShape",
    "MetricTensor",
    "Module",
    "Modules",
    "Phases",
    "PlaceFields",
    "PlaneWaves",
    "PrincipalComponents",
    "RateMaps",
    "Rings",
    "Spectrum",
    "StateDistanceDensity",
    "Tiling",
    "Topology",
    "TopologyConfig",
    "TopologyPlan",
    "UniqueRange",
    "UniqueRangeComparison",
    "UnitTable",
    "analyze_units",
    "autocorrelogram",
    "box_stability",
    "circular_coordinates",
    "circular_shift_null",
    "code_size",
    "compare_codes",
    "compare_unique_range",
    "decode_modulo_lattice",
    "decoding_curve",
    "embed_states",
    "field_shuffle_null",
    "find_fields",
    "find_modules",
    "grid_score",
    "grid_scores",
    "lattice",
    "lattice_deformation",
    "lattice_phases",
    "lattice_shape",
    "metric_tensor",
    "modular_code",
    "phase_axes",
    "place_code",
    "place_fields",
    "plane_waves",
    "power_spectrum",
    "principal_components",
    "rate_maps",
    "ring_projections",
    "scorer_parameters",
    "shuffle_fields",
    "smooth_maps",
    "spacing_peaks",
    "spatial_information",
    "state_distance_density",
    "summarize",
    "synthetic_cells",
    "tiling",
    "topology",
    "topology_plan",
    "unique_range",
    "wave_vectors",
]
