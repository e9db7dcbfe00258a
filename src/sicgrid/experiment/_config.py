"""RunConfig: all settings of a run in one object, which is YAML, command line and checkpoint at once."""

import difflib
import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator

from .._settings import Renamed, Settings, cut_repr, fault_rule, number_fault
from ..losses import LossConfig
from ..model import ModelConfig
from ..storage import UserError
from ..training import TrainConfig
from ..trajectories import TrajectoryConfig, WalkConfig
from ._analysis_settings import RunAnalysisConfig
from ._yaml import parse_yaml, yaml_text

LARGEST_ARENA = 20.0

Arena = Annotated[float, Field(gt=0, le=LARGEST_ARENA, allow_inf_nan=False)]


TrackerName = Literal["none", "tensorboard", "wandb"]
OWN_ARENAS = (2.0, 3.0)
"""Boxes of a network of one's own, unless told otherwise, meters: the main one, and a larger one to compare with."""


class EvaluationConfig(Settings):
    """How the trained network is evaluated."""

    arenas: tuple[Arena, ...] = Field(
        (2.0,),
        description="Sides of the square arenas walked in, meters; the summary is about the first. "
        "Source: paper (2; 3 and 4 for generalization).",
    )
    walk: WalkConfig = Field(WalkConfig(), description="The animals' paths.")
    held_out_batches: int = Field(
        20, ge=1, description="Unseen training-like batches that the held-out loss is averaged over. Source: ours."
    )

    @field_validator("arenas")
    @classmethod
    def _distinct(cls, arenas: tuple[float, ...]) -> tuple[float, ...]:
        if not arenas:
            raise ValueError("must name at least one arena")
        if len(set(arenas)) < len(arenas):
            raise ValueError("each arena must be given once")
        return arenas

    def main_arena(self, recorded: Sequence[float]) -> float:
        """Of the boxes that were walked in, sorted, the one that a run's main numbers are of: the first of `arenas`.

        Where that was not walked in, the smallest.

        >>> EvaluationConfig(arenas=(2.0, 3.0)).main_arena([1.0, 3.0])
        1.0
        """
        return self.arenas[0] if self.arenas[0] in recorded else recorded[0]


class RunConfig(Settings):
    """All settings of a run, composed of the rooms' own.

    Frozen and closed: an unknown name is an error. `to_yaml` and `parse_config` are each other's inverse.
    """

    preset: str = Field("", description="The preset that the settings began from; empty for none.")
    seed: int = Field(
        0, ge=0, lt=2**63, description="Seed of weights, training batches, walks and shuffles. Source: ours."
    )
    threads: int = Field(
        0,
        ge=0,
        description="Threads of training and walks; 0: as many as suit the work, for a small network one or two, "
        "whichever is faster at the time, else one a core. Source: ours.",
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        "auto",
        description="Where to train and walk: cpu, cuda (an NVIDIA GPU), or auto: train on a GPU, if there is one, a "
        "network of one population whose loss stays the same; all else on the cpu. Source: ours.",
    )
    kernels: Literal["auto", "reference", "numba", "triton"] = Field(
        "auto",
        description="Implementation of the rollout and the pair terms: reference is plain torch, numba and triton are "
        "its fast twins on cpu and GPU, auto the fastest that runs here. Source: ours.",
    )
    checkpoint_every: int = Field(
        1000, ge=1, description="Steps between checkpoints, the most that a crash can cost. Source: ours."
    )
    keep_checkpoints: int = Field(2, ge=1, description="Checkpoints kept, the newest. Source: ours.")
    snapshots: int = Field(
        0,
        ge=0,
        description="Weights kept on the way, so many times, for `sicgrid explore` to show it learning; denser at the "
        "start. 0 keeps none. Source: ours.",
    )
    tracker: TrackerName = Field(
        "none",
        description="Where metrics go beside metrics.jsonl: tensorboard (files in the run's folder) or wandb "
        "(Weights & Biases). Source: ours.",
    )
    trajectories: TrajectoryConfig = Field(TrajectoryConfig(), description="The training batches.")
    model: ModelConfig = Field(ModelConfig(), description="The network.")
    loss: LossConfig = Field(LossConfig(), description="The loss: scales and weights.")
    training: TrainConfig = Field(TrainConfig(), description="The optimization.")
    evaluation: EvaluationConfig = Field(EvaluationConfig(), description="Recording the trained network.")
    analysis: RunAnalysisConfig = Field(
        RunAnalysisConfig(), description="Rate maps, scores and null models, and the further parts of the analysis."
    )

    def settings(self) -> dict[str, Any]:
        """As nested dict of JSON's types."""
        return self.model_dump(mode="json")

    def to_yaml(self) -> str:
        """As YAML, every setting written out."""
        return yaml_text(self.settings())


def checked_config(settings: Mapping[str, Any], source: str = "") -> RunConfig:
    """Settings, sparse or complete, as a RunConfig.

    Raises
    ------
    UserError
        In one line for all faults: unknown names with the nearest known one, values out of range with the rule and
        the value found. ``source`` (a file's name) is put in front.

    """
    try:
        return RunConfig.model_validate(settings)
    except ValidationError as error:
        faults = "; ".join(_fault(fault) for fault in error.errors(include_url=False))
        raise UserError(f"{source}: {faults}" if source else faults) from None


def check_arenas(config: RunConfig, arenas: Sequence[float] | None = None) -> None:
    """Check that boxes (default: those of the settings) can be analyzed with the settings' bins.

    RunConfig itself does not check it: of a recording the settings name boxes in which nothing is walked.

    Raises
    ------
    UserError
        If a box is too small.

    """
    for arena in config.evaluation.arenas if arenas is None else arenas:
        try:
            config.analysis.bins_across(arena)
        except ValueError as error:
            raise UserError(f"the {arena:g} m arena cannot be analyzed: {error}") from None


def parse_config(text: str | bytes, source: str) -> dict[str, Any]:
    """YAML of settings as a nested dict, not yet checked against RunConfig; `UserError` if it is no YAML mapping."""
    settings = parse_yaml(text, source)
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise UserError(f"{source}: must hold settings as `name: value` lines, found a {type(settings).__name__}")
    return settings


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Nested dict ``below`` overridden by the entries of ``above``."""
    result = dict(below)
    for name, value in above.items():
        old = result.get(name)
        result[name] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def differing(
    settings: Mapping[str, Any], others: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Dotted names of the settings in which two nested dicts differ, each with both values as text.

    >>> list(differing({"seed": 0, "loss": {"sigma_x": 0.05}}, {"seed": 0, "loss": {"sigma_x": 0.1}}))
    [('loss.sigma_x', '0.05', '0.1')]
    """
    for name in dict.fromkeys((*settings, *others)):
        value, other_value = settings.get(name), others.get(name)
        if isinstance(value, Mapping) and isinstance(other_value, Mapping):
            yield from differing(value, other_value, f"{prefix}{name}.")
        elif value != other_value:
            yield f"{prefix}{name}", cut_repr(value), cut_repr(other_value)


def differences(settings: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """The same in words: ``seed (0 against 1)``."""
    return [f"{name} ({value} against {other})" for name, value, other in differing(settings, others)]


def did_you_mean(name: str, names: list[str]) -> str:
    """``; did you mean 'x'?`` for the known name most like ``name``, or an empty string.

    A dotted name is also matched by its last word (``units``) and by the initials of that (``lr``); of several such
    matches up to three are named.

    >>> did_you_mean("--lr", ["--training.learning-rate", "--loss.sigma-g"])
    "; did you mean '--training.learning-rate'?"
    """
    word = _plain(name)
    by_last_word = [other for other in names if _plain(other).rpartition(".")[2] == word]
    by_initials = [other for other in names if len(word) > 1 and _initials(other) == word]
    matches = by_last_word[:3] or by_initials[:3] or _closest(name, names)
    return f"; did you mean {' or '.join(repr(match) for match in matches)}?" if matches else ""


def _plain(name: str) -> str:
    return name.lstrip("-").replace("_", "-")


def _initials(name: str) -> str:
    return "".join(part[:1] for part in _plain(name).rpartition(".")[2].split("-"))


def _closest(name: str, names: list[str]) -> list[str]:
    """The name most similar to ``name``, as a whole or by its last word; none if the similarity is below 0.5."""

    def similarity(other: str) -> float:
        last = _plain(other).rpartition(".")[2]
        pairs = ((name, other), (_plain(name), last))
        return max(difflib.SequenceMatcher(None, *pair).ratio() for pair in pairs)

    best = max(names, key=similarity, default="")
    return [best] if best and similarity(best) >= 0.5 else []


def setting_names(model: type[BaseModel] = RunConfig, prefix: str = "") -> dict[str, Any]:
    """Dotted name -> type of every setting."""
    names: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= setting_names(kind, f"{prefix}{name}.")
        else:
            names[prefix + name] = kind
    return names


def present_name(name: str, model: type[BaseModel] = RunConfig) -> str:
    """The present dotted name of a setting, given that or a former one; unknown names stay as they are."""
    first, _, rest = name.partition(".")
    if issubclass(model, Renamed):
        first = model.FORMER.get(first, first)
    field = model.model_fields.get(first)
    kind = field.annotation if field is not None else None
    if rest and isinstance(kind, type) and issubclass(kind, BaseModel):
        rest = present_name(rest, kind)
    return f"{first}.{rest}" if rest else first


def typed_setting(name: str, value: Any) -> Any:
    """A setting's value with the type of the setting: for one that is a float, 0.001 for "1e-3" and 2.0 for 2.

    A value that cannot be converted is returned unchanged: `checked_config` says what is wrong with it.
    """
    if number_fault(setting_names()[name], value):
        return value
    kind = _kind(name)
    try:
        return kind.dump_python(kind.validate_python(value), mode="json")
    except ValidationError:
        return value


@functools.cache
def _kind(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(setting_names()[name])


def _fault(fault: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        if name in setting_names():
            group, _, last = name.rpartition(".")
            return f"the setting {name!r} is given by its dotted name; write `{last}:` in a block `{group}:`"
        return f"unknown setting {name!r}{did_you_mean(name, [*setting_names(), *RunConfig.model_fields])}"
    return " ".join(f"{name or 'settings'} {fault_rule(fault)}, found {cut_repr(fault['input'])}".split())
