"""Other ways to a code of space: models of the four families that the paper builds on, and controls.

Each is one file, written from its paper's equations: what it is, what was put into it by hand, what its authors report.
`BASELINES` lists them; `baseline(name).make(seed)` gives a `Network` that displacements drive, or a `Code` that
is a function of the place.
"""

from ._attractor import AttractorConfig as AttractorConfig
from ._banino import BaninoConfig as BaninoConfig
from ._baseline import Baseline as Baseline
from ._baseline import Code as Code
from ._baseline import Network as Network
from ._baseline import Progress as Progress
from ._baseline import Weights as Weights
from ._baseline import is_seed as is_seed
from ._dorrell import DorrellConfig as DorrellConfig
from ._isometry import IsometryConfig as IsometryConfig
from ._lstm import LstmConfig as LstmConfig
from ._noise import NoiseConfig as NoiseConfig
from ._npca import NpcaConfig as NpcaConfig
from ._place_code import PlaceCodeConfig as PlaceCodeConfig
from ._registry import BASELINES as BASELINES
from ._registry import baseline as baseline
from ._residue import ResidueConfig as ResidueConfig
from ._residue import residue_bases as residue_bases
from ._shuffled import ShuffledConfig as ShuffledConfig
from ._shuffled import shuffled_weights as shuffled_weights
from ._sorscher import SorscherConfig as SorscherConfig
from ._twisted_torus import TwistedTorusConfig as TwistedTorusConfig
