"""Results in, matplotlib Figure out. Nothing here writes a file, needs torch or touches pyplot's global state."""

from ._gallery import gallery_order as gallery_order
from ._gallery import rate_map_gallery as rate_map_gallery
from ._lattices import orientation_histogram as orientation_histogram
from ._lattices import spacing_histogram as spacing_histogram
from ._lattices import spacing_orientation as spacing_orientation
from ._occupancy import occupancy_map as occupancy_map
from ._path_integration import path_integration_error as path_integration_error
from ._scores import score_against_null as score_against_null
from ._scores import score_histogram as score_histogram
from ._style import AUTOCORRELOGRAM_COLORS as AUTOCORRELOGRAM_COLORS
from ._style import FAINT as FAINT
from ._style import INK as INK
from ._style import MUTED as MUTED
from ._style import RATE_COLORS as RATE_COLORS
from ._style import SURFACE as SURFACE
from ._style import scale_bar_length as scale_bar_length
from ._training import TRAINING_CURVES as TRAINING_CURVES
from ._training import training_curves as training_curves
