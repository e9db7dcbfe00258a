"""Units that share a lattice: modules, the torus they live on, and their index in it."""

from ._index_spectrum import IndexSpectrum as IndexSpectrum
from ._index_spectrum import Period as Period
from ._index_spectrum import PeriodsConfig as PeriodsConfig
from ._index_spectrum import index_spectrum as index_spectrum
from ._index_spectrum import index_spectrum_of as index_spectrum_of
from ._index_spectrum import periods as periods
from ._module import Module as Module
from ._module import Modules as Modules
from ._modules import ModulesConfig as ModulesConfig
from ._modules import find_modules as find_modules
