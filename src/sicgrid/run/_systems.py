"""The systems of a comparison: bundled networks, baselines, runs."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..baselines import BASELINES, Baseline, Code, Weights, shuffled_weights
from ..experiment import (
    OWN_ARENAS,
    RunConfig,
    affordable_walk,
    checked_config,
    did_you_mean,
    evaluate_run,
    import_code,
    import_network,
    load_run_config,
    merged,
    own_network,
)
from ..findings import COMPARED_NUMBERS, analyze_run
from ..losses import TERMS
from ..model import Network
from ..pretrained import (
    fit_baseline,
    fitted_baseline,
    load_pretrained,
    pretrained_names,
    pretrained_run,
    read_card,
)
from ..report import ComparedSystem, write_report
from ..storage import (
    RunDirectory,
    UserError,
    exclusive,
    external_source,
    open_run,
    read_provenance,
    recorded_arenas,
    recording_file,
    write_atomically,
)

COMPARED = tuple(dict.fromkeys(number.part for number in COMPARED_NUMBERS if number.part))
"""Parts that the columns are read from, beside the units of the main box, which all parts read."""
SETTINGS: Mapping[str, Any] = {
    "evaluation": {"arenas": OWN_ARENAS, "walk": {"animals": 100}},
    # Less than a run's own page has: a comparison is to take minutes. A bin of 5 cm is visited some 25 times; by chance
    # 3 % of units count as grid cells, and no column reads the null of another box.
    "analysis": {"shuffles": 50, "other_boxes_shuffles": 2, "topology": {"shuffles": 20}},
}
PARTS = ("evaluation", "analysis")  # of the settings, those that decide the numbers of a row


class Job(NamedTuple):
    """What is to be made of one name and seed, in a folder."""

    name: str
    seed: int
    out: Path
    settings: Mapping[str, Any]
    whole: bool
    """Whether all parts of the analysis are wanted."""
    weights: Path
    """Folder of fitted baselines."""


def known_names() -> list[str]:
    """Baselines and bundled networks."""
    return [*BASELINES, *pretrained_names()]


def check_names(names: Sequence[str]) -> None:
    """`UserError` for a name that is no baseline, no bundled network and no run's folder, or stands there twice."""
    choices = known_names()
    for name in names:
        if name not in choices and not (Path(name) / "config.yaml").is_file():
            raise UserError(
                f"nothing to compare is called {name!r}{did_you_mean(name, choices)} "
                f"(there are: {', '.join(choices)}; or give the folder of a run)"
            )
    systems = [name if name in choices else str(Path(name).resolve()) for name in names]  # runs/a and runs/a/ are one
    if repeated := {name for name, system in zip(names, systems, strict=True) if systems.count(system) > 1}:
        raise UserError(f"{', '.join(sorted(repeated))}: give each name once")


def check_existing(job: Job) -> None:
    """`UserError` if a job's folder holds another system, or the same one made with other settings.

    A run without recordings was stopped early; it is not compared.
    """
    run = RunDirectory(job.out)
    if job.name not in known_names() or not run.config.is_file():  # a user's run is compared as it is
        return
    existing, source, requested = load_run_config(run), external_source(run), _requested(job)
    if job.name in BASELINES:
        if (source or {}).get("name") != BASELINES[job.name].title or existing.seed != job.seed:
            raise UserError(f"{job.out} holds another run; choose another folder")
        if not _is_complete(run, existing):
            return
        assert source is not None
        walk = affordable_walk(requested.evaluation.walk, requested.evaluation.arenas, len(source["units"]))
        requested = requested.model_copy(update={"evaluation": requested.evaluation.model_copy(update={"walk": walk})})
    elif not recorded_arenas(run):
        return
    before, now = (dict(_flat({part: config.settings()[part] for part in PARTS})) for config in (existing, requested))
    if source is not None and "active_threshold" not in requested.analysis.model_fields_set:
        before.pop("analysis.active_threshold")  # then it is set by the activity
    for name, value in before.items():
        if now[name] != value:
            raise UserError(
                f"{job.out} was made with {name} {value}, and {now[name]} is asked for; choose another folder, or "
                "remove that one to make it anew"
            )


def make(job: Job) -> tuple[Path, float]:
    """Make, record and analyze a job's system and write its page, as far as that is not done.

    Returns the run's folder, and the seconds that training or fitting took.
    """
    if job.name in BASELINES:
        run, network, seconds = _of_baseline(BASELINES[job.name], job)
    elif job.name in pretrained_names():
        run, network, seconds = _bundled(job)
    else:
        run, network = open_run(Path(job.name)), None
        sessions = read_provenance(run)["sessions"]
        seconds = sum(entry.get("seconds") or 0.0 for entry in sessions if entry.get("stage") == "train")
    config = load_run_config(run)
    with exclusive(run):
        if external_source(run) is None:
            missing = [side for side in config.evaluation.arenas if not recording_file(run, side).exists()]
            if missing:
                evaluate_run(run, config, missing)
        analyze_run(run, config, only=() if job.whole else COMPARED, network=network)
        write_report(run.path, keep=True)
    return run.path, seconds


def describe(name: str, made: Sequence[tuple[Path, float]]) -> ComparedSystem:
    """The row of a name and its runs, before its numbers."""
    paths, seconds = tuple(path for path, _ in made), tuple(spent for _, spent in made)
    if name in BASELINES:
        entry = BASELINES[name]
        about = (entry.family, entry.title, entry.citation, entry.put_in_by_hand, entry.published)
        return ComparedSystem(name, *about, paths, seconds)
    run = open_run(paths[0])
    source = external_source(run)
    if source is not None:
        title = source["name"] or ", ".join(file["name"] for file in source["files"]) or Path(name).name
        return ComparedSystem(name, "yours", title, "", "not known here", "", paths, seconds)
    config = load_run_config(run)
    shows = read_card(name).shows.rstrip(".") if name in pretrained_names() else ""
    return ComparedSystem(
        name, "this paper", Path(name).name, "Schaeffer et al. 2023", by_hand(config), shows, paths, seconds
    )


def by_hand(config: RunConfig) -> str:
    """What was put in by hand where a network of ours has these settings, as a row of the comparison says it."""
    weights = config.loss.model_dump()
    terms = [name.replace("_", " ") for name in TERMS if weights.get(name)]
    model, training = config.model, config.training
    always = [f"a loss: {', '.join(terms)}", "velocities in many orders"]
    by_setting = [
        (f"{model.populations} populations without couplings", model.populations > 1),
        (f"couplings of {model.coupling_range} units to either side on a {model.sheet}", model.coupling_range > 0),
        (f"a norm of {model.norm_range:g} units around", model.norm_range > 0),
        (f"the loss of windows of {training.window} neighbors", training.window > 0),
        (f"trajectories that grow from {training.first_length} steps", training.first_length > 0),
        (f"a weight of invariance that goes to {training.late_invariance:g}", training.late_invariance > 0),
    ]
    return "; ".join(always + [words for words, put_in in by_setting if put_in])


def _of_baseline(entry: Baseline, job: Job) -> tuple[RunDirectory, Network | None, float]:
    run = RunDirectory(job.out)
    weights, seconds = _weights(entry, job)
    model = entry.make(job.seed, weights=weights)
    network = None if isinstance(model, Code) else own_network(model.step, model.initial_state)
    if run.config.is_file():
        check_existing(job)
        if _is_complete(run, load_run_config(run)):
            return run, network, seconds
        shutil.rmtree(job.out)  # stopped while its recordings were written
    config = _requested(job)
    if network is None:
        assert isinstance(model, Code)
        return import_code(model.code, job.out, config, entry.title).run, network, seconds
    return import_network(network, job.out, config, entry.title).run, network, seconds


def _weights(entry: Baseline, job: Job) -> tuple[Weights, float]:
    """A baseline's weights and the seconds that fitting them took.

    Of a trained one those of the package or of an earlier fit, else fitted now and kept.
    """
    if entry.trained:
        kept = fitted_baseline(entry, job.seed) or fitted_baseline(entry, job.seed, job.weights)
        fit = kept or fit_baseline(entry, job.seed, job.weights)
        return fit.weights, fit.seconds
    began = time.perf_counter()
    if entry.name == "shuffled":  # of a trained network: the fairer control
        trained = {key: tensor.numpy() for key, tensor in load_pretrained("quick").state_dict().items()}
        weights = shuffled_weights(trained, job.seed)
    else:
        weights = entry.fit(entry.config(), job.seed, None)
    return weights, round(time.perf_counter() - began, 3)


def _bundled(job: Job) -> tuple[RunDirectory, None, float]:
    """A bundled network's run, analyzed by the settings of the comparison."""
    run = pretrained_run(job.name, job.out)
    if not recorded_arenas(run):
        write_atomically(run.config, _requested(job).to_yaml().encode())
    return run, None, float(read_card(job.name).made.get("seconds") or 0.0)


def _requested(job: Job) -> RunConfig:
    """The settings that a job's run is to have: of a bundled network its own where the comparison sets none."""
    if job.name in BASELINES:
        return checked_config({**job.settings, "seed": job.seed})
    return checked_config(merged(read_card(job.name).config.settings(), job.settings))


def _is_complete(run: RunDirectory, config: RunConfig) -> bool:
    """Whether the import of a system was completed; the last file that it writes for a network is evaluation.json."""
    if set(recorded_arenas(run)) != set(config.evaluation.arenas):
        return False
    source = external_source(run)
    return source is None or source["kind"] == "code" or run.evaluation.is_file()


def _flat(settings: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    """Settings within settings by their whole names, as analysis.shuffles."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{head}{name}.")
        else:
            yield f"{head}{name}", value
