"""Other people's tools: our networks and recordings in their forms and theirs in ours, a file a tool.

Each tool is an extra of this package and is imported where it is used.
"""

from ._nwb_subject import NwbSubject as NwbSubject
from .nwb import ExportedNwb as ExportedNwb
from .nwb import export_nwb as export_nwb
from .pynapple import Pynapple as Pynapple
from .pynapple import from_pynapple as from_pynapple
from .pynapple import to_pynapple as to_pynapple
from .pynapple import tuning_curves as tuning_curves
from .ratinabox import __getattr__ as __getattr__
from .ratinabox import from_ratinabox as from_ratinabox
from .xarray import PathModel as PathModel
from .xarray import from_movement as from_movement
from .xarray import path_dataset as path_dataset
from .xarray import path_models as path_models
from .xarray import to_movement as to_movement
