"""Let a trained network walk: recordings in arenas, how well its code holds along routes, loss on unseen batches."""

from ._held_out import held_out_loss as held_out_loss
from ._path_consistency import PathConsistency as PathConsistency
from ._path_consistency import path_consistency as path_consistency
from ._recording import Recording as Recording
from ._recording import record as record
