"""The network: NormReLU, the MLP that makes W(v), and the recurrence that they form."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._config import ModelConfig as ModelConfig
    from ._kinds import is_of_ours as is_of_ours
    from ._kinds import make_network as make_network
    from ._kinds import stack_refusal as stack_refusal
    from ._local_norm import local_norm_relu as local_norm_relu
    from ._local_norm import neighborhood as neighborhood
    from ._network import Network as Network
    from ._network import Rollout as Rollout
    from ._norm_relu import norm_relu as norm_relu
    from ._populations import PopulationRNN as PopulationRNN
    from ._ring import RingRNN as RingRNN
    from ._rnn import VelocityRNN as VelocityRNN
    from ._stack import RNNStack as RNNStack
    from ._transition import TransitionMLP as TransitionMLP
else:
    __getattr__, __dir__ = lazy_names(__name__)
