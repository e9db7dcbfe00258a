"""The network: NormReLU, the MLP that makes W(v), and the recurrence that they form."""

from ._config import ModelConfig as ModelConfig
from ._norm_relu import norm_relu as norm_relu
from ._rnn import Rollout as Rollout
from ._rnn import VelocityRNN as VelocityRNN
from ._stack import RNNStack as RNNStack
from ._transition import TransitionMLP as TransitionMLP
