"""What the units of a population do in space: rate maps, grid scores with their nulls, lattices. No torch needed.

Axes are (unit, x, y) with bin edges in meters; unvisited bins are NaN, silent bins 0; angles in degrees; spacing is the
distance between neighboring fields.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from . import synthetic_cells as synthetic_cells
    from ._config import FEWEST_BINS as FEWEST_BINS
    from ._config import AnalysisConfig as AnalysisConfig
    from ._summary import spacing_peaks as spacing_peaks
    from ._summary import summarize as summarize
    from ._units import SPIKE_COLUMNS as SPIKE_COLUMNS
    from ._units import UNIT_COLUMNS as UNIT_COLUMNS
    from ._units import UnitTable as UnitTable
    from ._units import analyze_units as analyze_units
    from .codes import CodeSize as CodeSize
    from .codes import DecodingCurve as DecodingCurve
    from .codes import ErrorCorrectionConfig as ErrorCorrectionConfig
    from .codes import IdealCode as IdealCode
    from .codes import ReferenceCodes as ReferenceCodes
    from .codes import UniqueRange as UniqueRange
    from .codes import UniqueRangeComparison as UniqueRangeComparison
    from .codes import UniqueRangeConfig as UniqueRangeConfig
    from .codes import code_size as code_size
    from .codes import compare_unique_range as compare_unique_range
    from .codes import decoding_curve as decoding_curve
    from .codes import decoding_curves as decoding_curves
    from .codes import modular_code as modular_code
    from .codes import place_code as place_code
    from .codes import reference_codes as reference_codes
    from .codes import unique_range as unique_range
    from .lattices import FourierConfig as FourierConfig
    from .lattices import Lattice as Lattice
    from .lattices import LatticeShape as LatticeShape
    from .lattices import Phases as Phases
    from .lattices import PhasesConfig as PhasesConfig
    from .lattices import PlaneWaves as PlaneWaves
    from .lattices import Spectrum as Spectrum
    from .lattices import Tiling as Tiling
    from .lattices import angles_between_waves as angles_between_waves
    from .lattices import has_six_peaks as has_six_peaks
    from .lattices import hexagonal_deviation as hexagonal_deviation
    from .lattices import hexagonal_p as hexagonal_p
    from .lattices import lattice as lattice
    from .lattices import lattice_phases as lattice_phases
    from .lattices import lattice_shape as lattice_shape
    from .lattices import ordered_waves as ordered_waves
    from .lattices import plane_waves as plane_waves
    from .lattices import power_spectrum as power_spectrum
    from .lattices import tiling as tiling
    from .lattices import wave_vectors as wave_vectors
    from .lattices import waves_spacing as waves_spacing
    from .maps import FASTEST as FASTEST
    from .maps import BinnedSpikes as BinnedSpikes
    from .maps import BoxedPath as BoxedPath
    from .maps import BoxStability as BoxStability
    from .maps import Fields as Fields
    from .maps import RateMaps as RateMaps
    from .maps import autocorrelogram as autocorrelogram
    from .maps import bin_spikes as bin_spikes
    from .maps import box_stability as box_stability
    from .maps import find_fields as find_fields
    from .maps import glitches as glitches
    from .maps import jump_share as jump_share
    from .maps import lattice_deformation as lattice_deformation
    from .maps import rate_maps as rate_maps
    from .maps import smooth_maps as smooth_maps
    from .maps import square_box as square_box
    from .maps import unmoved as unmoved
    from .modules import IndexSpectrum as IndexSpectrum
    from .modules import Module as Module
    from .modules import Modules as Modules
    from .modules import ModulesConfig as ModulesConfig
    from .modules import Period as Period
    from .modules import PeriodsConfig as PeriodsConfig
    from .modules import find_modules as find_modules
    from .modules import index_spectrum as index_spectrum
    from .modules import index_spectrum_of as index_spectrum_of
    from .modules import periods as periods
    from .scores import SCORERS as SCORERS
    from .scores import GridScore as GridScore
    from .scores import GridScores as GridScores
    from .scores import PlaceFields as PlaceFields
    from .scores import circular_shift_null as circular_shift_null
    from .scores import field_shuffle_null as field_shuffle_null
    from .scores import grid_score as grid_score
    from .scores import grid_scores as grid_scores
    from .scores import place_fields as place_fields
    from .scores import scorer_parameters as scorer_parameters
    from .scores import shuffle_fields as shuffle_fields
    from .scores import spatial_information as spatial_information
    from .states import CircularCoordinates as CircularCoordinates
    from .states import Embedding as Embedding
    from .states import LatticeDecoding as LatticeDecoding
    from .states import MetricTensor as MetricTensor
    from .states import PrincipalComponents as PrincipalComponents
    from .states import Rings as Rings
    from .states import StateDistanceDensity as StateDistanceDensity
    from .states import StateSpaceConfig as StateSpaceConfig
    from .states import Topology as Topology
    from .states import TopologyConfig as TopologyConfig
    from .states import TopologyPlan as TopologyPlan
    from .states import circular_coordinates as circular_coordinates
    from .states import decode_modulo_lattice as decode_modulo_lattice
    from .states import embed_states as embed_states
    from .states import metric_tensor as metric_tensor
    from .states import principal_components as principal_components
    from .states import ring_projections as ring_projections
    from .states import state_distance_density as state_distance_density
    from .states import state_distances as state_distances
    from .states import topology as topology
    from .states import topology_plan as topology_plan
else:
    __getattr__, __dir__ = lazy_names(__name__)
