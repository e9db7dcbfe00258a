"""Lattices of units: fits, distances between lattices, plane waves and phases."""

from ._fourier import FourierConfig as FourierConfig
from ._fourier import PlaneWaves as PlaneWaves
from ._fourier import Spectrum as Spectrum
from ._fourier import plane_waves as plane_waves
from ._fourier import power_spectrum as power_spectrum
from ._lattice import Lattice as Lattice
from ._lattice import LatticeShape as LatticeShape
from ._lattice import lattice as lattice
from ._lattice import lattice_shape as lattice_shape
from ._lattice_distance import aligned as aligned
from ._lattice_distance import lattice_distance as lattice_distance
from ._lattice_distance import sublattices as sublattices
from ._lattice_scan import NEIGHBOR_RATIO as NEIGHBOR_RATIO
from ._lattice_scan import LatticeGroup as LatticeGroup
from ._lattice_scan import scan_lattices as scan_lattices
from ._phases import Phases as Phases
from ._phases import PhasesConfig as PhasesConfig
from ._phases import Tiling as Tiling
from ._phases import lattice_phases as lattice_phases
from ._phases import tiling as tiling
from ._wave_vectors import wave_vectors as wave_vectors
