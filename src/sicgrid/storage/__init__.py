"""The run directory on disk: what is in it, written so that no crash leaves a file that cannot be read.

Arrays are numpy's and files are text, npz or safetensors: nothing here imports torch, nothing is pickled.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .._maps import RateMaps as RateMaps
    from ._atomic import remove_leftovers as remove_leftovers
    from ._atomic import write_atomically as write_atomically
    from ._checkpoints import NETWORK as NETWORK
    from ._checkpoints import Checkpoint as Checkpoint
    from ._checkpoints import network_arrays as network_arrays
    from ._checkpoints import newest_checkpoint as newest_checkpoint
    from ._checkpoints import save_checkpoint as save_checkpoint
    from ._datasets import dataset_digest as dataset_digest
    from ._datasets import read_dataset as read_dataset
    from ._datasets import write_dataset as write_dataset
    from ._errors import FolderTaken as FolderTaken
    from ._errors import UserError as UserError
    from ._errors import describe_os_error as describe_os_error
    from ._errors import install_command as install_command
    from ._errors import shell_word as shell_word
    from ._lengths import by_length_name as by_length_name
    from ._lengths import length_name as length_name
    from ._memory import available_memory as available_memory
    from ._memory import require_memory_of_maps as require_memory_of_maps
    from ._metrics import MetricsLog as MetricsLog
    from ._metrics import cut_metrics as cut_metrics
    from ._metrics import read_metrics as read_metrics
    from ._provenance import machine as machine
    from ._provenance import new_provenance as new_provenance
    from ._provenance import read_provenance as read_provenance
    from ._provenance import session as session
    from ._rat_paths import RAT_PATHS as RAT_PATHS
    from ._rat_paths import RatPath as RatPath
    from ._rat_paths import read_rat_path as read_rat_path
    from ._recordings import load_recording as load_recording
    from ._recordings import recorded_arenas as recorded_arenas
    from ._recordings import recording_description as recording_description
    from ._recordings import recording_digest as recording_digest
    from ._recordings import recording_file as recording_file
    from ._recordings import save_recording as save_recording
    from ._run_directory import RunDirectory as RunDirectory
    from ._run_directory import check_unused as check_unused
    from ._run_directory import create_run as create_run
    from ._run_directory import exclusive as exclusive
    from ._run_directory import open_run as open_run
    from ._run_directory import refuse_file as refuse_file
    from ._snapshots import load_snapshots as load_snapshots
    from ._snapshots import save_snapshot as save_snapshot
    from ._snapshots import shortened as shortened
    from ._tables import read_json as read_json
    from ._tables import read_maps as read_maps
    from ._tables import read_units as read_units
    from ._tables import write_json as write_json
    from ._tables import write_maps as write_maps
    from ._tables import write_units as write_units
    from .external import DOUBT as DOUBT
    from .external import WRITTEN_HERE as WRITTEN_HERE
    from .external import ExternalPath as ExternalPath
    from .external import ExternalRecording as ExternalRecording
    from .external import Scales as Scales
    from .external import StoredRecording as StoredRecording
    from .external import activity_kind as activity_kind
    from .external import check_time_units as check_time_units
    from .external import external_arrays as external_arrays
    from .external import external_source as external_source
    from .external import formats as formats
    from .external import read_external_path as read_external_path
    from .external import read_external_recording as read_external_recording
    from .external import read_foreign_path as read_foreign_path
    from .external import read_foreign_recording as read_foreign_recording
else:
    __getattr__, __dir__ = lazy_names(__name__)
