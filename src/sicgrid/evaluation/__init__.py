"""Let a trained network walk: recordings in arenas, how well its code holds along routes, loss on unseen batches."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._config import GeneralizationConfig as GeneralizationConfig
    from ._config import IntrinsicCorrectionConfig as IntrinsicCorrectionConfig
    from ._held_out import held_out_loss as held_out_loss
    from ._intrinsic_correction import DEFAULT_NOISE as DEFAULT_NOISE
    from ._intrinsic_correction import IntrinsicCorrection as IntrinsicCorrection
    from ._intrinsic_correction import intrinsic_correction as intrinsic_correction
    from ._own_network import OwnNetwork as OwnNetwork
    from ._own_network import check_repeats as check_repeats
    from ._own_network import code_activity as code_activity
    from ._own_network import part_labels as part_labels
    from ._path_consistency import PathConsistency as PathConsistency
    from ._path_consistency import path_consistency as path_consistency
    from ._path_consistency import usual_far_distance as usual_far_distance
    from ._path_integration import ErrorByDistance as ErrorByDistance
    from ._path_integration import error_by_distance as error_by_distance
    from ._path_integration import training_distances as training_distances
    from ._recording import Recording as Recording
    from ._recording import record as record
    from ._recording import record_along as record_along
else:
    __getattr__, __dir__ = lazy_names(__name__)
