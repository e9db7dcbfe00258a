"""Results in, matplotlib Figure out. Nothing here writes a file, needs torch or touches pyplot's global state.

Figures of modules, phases, topology and so on take the labeled Datasets of a run's ``results`` folder. A Dataset that
says why it is empty (``attrs["reason"]``) gives a figure with that sentence.
"""

from ._ablations import seeds_by_variant as seeds_by_variant
from ._box_stability import box_rate_maps as box_rate_maps
from ._box_stability import box_stability as box_stability
from ._error_correction import error_correction_curves as error_correction_curves
from ._error_correction import intrinsic_correction_curves as intrinsic_correction_curves
from ._fields import field_histograms as field_histograms
from ._fourier import fourier_power as fourier_power
from ._gallery import gallery_order as gallery_order
from ._gallery import rate_map_gallery as rate_map_gallery
from ._geometry import metric_maps as metric_maps
from ._index_spectrum import index_ladder as index_ladder
from ._lattices import orientation_histogram as orientation_histogram
from ._lattices import spacing_histogram as spacing_histogram
from ._lattices import spacing_orientation as spacing_orientation
from ._module_maps import module_rate_maps as module_rate_maps
from ._modules import module_histograms as module_histograms
from ._occupancy import occupancy_map as occupancy_map
from ._path_integration import path_error_by_box as path_error_by_box
from ._path_integration import path_integration_error as path_integration_error
from ._phase_diagram import phase_diagram as phase_diagram
from ._phases import phase_planes as phase_planes
from ._phases import phase_squares as phase_squares
from ._phases import plane_in_cube as plane_in_cube
from ._scores import score_against_null as score_against_null
from ._scores import score_histogram as score_histogram
from ._state_distance import state_distance as state_distance
from ._state_space import rings as rings
from ._state_space import torus_embedding as torus_embedding
from ._state_space import unit_cell as unit_cell
from ._state_space import variance_explained as variance_explained
from ._style import AUTOCORRELOGRAM_COLORS as AUTOCORRELOGRAM_COLORS
from ._style import FAINT as FAINT
from ._style import INK as INK
from ._style import MUTED as MUTED
from ._style import RATE_COLORS as RATE_COLORS
from ._style import SURFACE as SURFACE
from ._style import module_color as module_color
from ._style import module_name as module_name
from ._style import phase_colormap as phase_colormap
from ._style import scale_bar_length as scale_bar_length
from ._topology import barcodes as barcodes
from ._training import TRAINING_CURVES as TRAINING_CURVES
from ._training import curves_of as curves_of
from ._training import training_curves as training_curves
from ._unique_range import unique_range_curves as unique_range_curves
