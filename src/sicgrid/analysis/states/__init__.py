"""The population as a point cloud: components, topology, circular coordinates, geometry, decoding."""

from ._circular_coordinates import CircularCoordinates as CircularCoordinates
from ._circular_coordinates import circular_coordinates as circular_coordinates
from ._geometry import MetricTensor as MetricTensor
from ._geometry import gradients as gradients
from ._geometry import metric_tensor as metric_tensor
from ._lattice_decoding import LatticeDecoding as LatticeDecoding
from ._lattice_decoding import decode_modulo_lattice as decode_modulo_lattice
from ._rings import Rings as Rings
from ._rings import ring_projections as ring_projections
from ._state_distance import StateDistanceDensity as StateDistanceDensity
from ._state_distance import state_distance_density as state_distance_density
from ._state_distance import state_distances as state_distances
from ._state_space import Embedding as Embedding
from ._state_space import PrincipalComponents as PrincipalComponents
from ._state_space import StateSpaceConfig as StateSpaceConfig
from ._state_space import embed_states as embed_states
from ._state_space import principal_components as principal_components
from ._topology import Topology as Topology
from ._topology import TopologyConfig as TopologyConfig
from ._topology import TopologyPlan as TopologyPlan
from ._topology import topology as topology
from ._topology import topology_plan as topology_plan
