"""One run: its settings, its presets, its recordings and its stages train and evaluate.

The rooms below compute; this one decides what is kept, when, and under which name.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ._analysis_settings import RunAnalysisConfig as RunAnalysisConfig
    from ._build import build as build
    from ._build import take_weights as take_weights
    from ._build import trained as trained
    from ._build import walking_device as walking_device
    from ._build import walking_kernels as walking_kernels
    from ._build import with_weights as with_weights
    from ._checkpoint import is_trained as is_trained
    from ._checkpoint import last_step as last_step
    from ._checkpoint import load_checkpoint as load_checkpoint
    from ._checkpoint import required_checkpoint as required_checkpoint
    from ._config import OWN_ARENAS as OWN_ARENAS
    from ._config import EvaluationConfig as EvaluationConfig
    from ._config import RunConfig as RunConfig
    from ._config import check_arenas as check_arenas
    from ._config import checked_config as checked_config
    from ._config import did_you_mean as did_you_mean
    from ._config import differences as differences
    from ._config import differing as differing
    from ._config import merged as merged
    from ._config import present_name as present_name
    from ._config import setting_names as setting_names
    from ._config import typed_setting as typed_setting
    from ._evaluate import evaluate_run as evaluate_run
    from ._evaluate import load_run_recording as load_run_recording
    from ._external import Imported as Imported
    from ._external import import_recording as import_recording
    from ._external_code import external_code as external_code
    from ._from_arrays import import_arrays as import_arrays
    from ._origin import Origin as Origin
    from ._origin import recordings_origin as recordings_origin
    from ._own_systems import OwnRun as OwnRun
    from ._own_systems import affordable_walk as affordable_walk
    from ._own_systems import check_same_network as check_same_network
    from ._own_systems import import_code as import_code
    from ._own_systems import import_network as import_network
    from ._own_systems import own_network as own_network
    from ._preset_files import DEFAULT_PRESET as DEFAULT_PRESET
    from ._preset_files import preset_comment as preset_comment
    from ._preset_files import preset_names as preset_names
    from ._presets import change_analysis as change_analysis
    from ._presets import check_only_warning as check_only_warning
    from ._presets import load_config as load_config
    from ._presets import load_run_config as load_run_config
    from ._put_over import overridden as overridden
    from ._put_over import put_over as put_over
    from ._put_over import put_setting as put_setting
    from ._real_path import WalkedPath as WalkedPath
    from ._real_path import walk_real_path as walk_real_path
    from ._signals import Interrupted as Interrupted
    from ._signals import StopRequests as StopRequests
    from ._train import Diverged as Diverged
    from ._train import start_run as start_run
    from ._train import train_run as train_run
    from ._train import train_runs as train_runs
    from ._train import training_device as training_device
    from ._yaml import parse_yaml as parse_yaml
    from ._yaml import yaml_text as yaml_text
else:
    from ._moved import MOVED

    __getattr__, __dir__ = lazy_names(__name__, MOVED)
