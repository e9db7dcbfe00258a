"""Settings from presets, named and sparse, that are bundled with the package, from files and from runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..storage import RunDirectory, UserError, recorded_arenas, write_atomically
from ._config import RunConfig, check_arenas, checked_config, did_you_mean, merged, parse_config
from ._preset_files import DEFAULT_PRESET, check_only_sentence, preset_names, preset_text
from ._put_over import put_over
from ._yaml import yaml_text


def load_config(preset: str | None = None, file: Path | None = None) -> RunConfig:
    """The defaults, overridden by a preset, overridden by a YAML file of settings; preset and file may be sparse.

    Without ``preset`` it is the one that the file names, else "quick".

    Raises
    ------
    UserError
        For an unknown preset or setting, a value out of range, or a file that cannot be read.

    """
    from_file = {} if file is None else _read(file)
    name = preset if preset is not None else from_file.get("preset", DEFAULT_PRESET)
    if name == "" and preset is None:
        settings = {"preset": ""}  # a file of settings that began from no preset
    elif name not in preset_names():
        names = preset_names()
        raise UserError(f"unknown preset {name!r}{did_you_mean(str(name), names)} (presets: {', '.join(names)})")
    else:
        settings = parse_config(preset_text(name), f"preset {name}") | {"preset": name}
    if file is None:
        return checked_config(settings, f"preset {name}")
    return checked_config(merged(settings, from_file | {"preset": name}), str(file))


def check_only_warning(config: RunConfig) -> str:
    """The warning of a preset whose networks show nothing ("Only checks ..."); empty for the runs of all others.

    It is not for a network that was trained longer than the preset does.
    """
    sentence = check_only_sentence(config.preset) if config.preset in preset_names() else ""
    applies = bool(sentence) and config.training.steps <= load_config(config.preset).training.steps
    return sentence if applies else ""


def load_run_config(run: RunDirectory) -> RunConfig:
    """The settings that a run was started with.

    Raises
    ------
    UserError
        If its config.yaml is missing or damaged.

    """
    return checked_config(_of_run(run), str(run.config))


def change_analysis(run: RunDirectory, settings: Mapping[str, Any]) -> RunConfig:
    """Override settings of the analysis (``{"analysis": {"shuffles": 50}}``) in a run's config.yaml.

    Results that were computed with others are out of date then. The caller holds the run's lock.

    Raises
    ------
    UserError
        For settings that are not allowed, or bins with which a recorded box cannot be analyzed; nothing is changed
        then.

    """
    stored = _of_run(run)
    config = put_over(checked_config(stored, str(run.config)), settings)
    check_arenas(config, recorded_arenas(run))
    # Only that section is replaced: the file of a run whose network was not trained here lacks some of the others.
    write_atomically(run.config, yaml_text({**stored, "analysis": config.settings()["analysis"]}).encode())
    return config


def _of_run(run: RunDirectory) -> dict[str, object]:
    """What a run's config.yaml holds, which is never nothing: that would be read as all defaults."""
    if stored := _read(run.config):
        return stored
    raise UserError(f"{run.config} is damaged: it is empty")


def _read(file: Path) -> dict[str, object]:
    try:
        return parse_config(file.read_bytes(), str(file))
    except FileNotFoundError:
        raise UserError(f"no file of settings {file}") from None
