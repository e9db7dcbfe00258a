"""What stands beside each other in a comparison: bundled networks, baselines, runs."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..baselines import BASELINES, Baseline, Code, shuffled_weights
from ..experiment import (
    RunConfig,
    checked_config,
    evaluate_run,
    import_code,
    import_network,
    load_run_config,
    nearest,
    own_network,
)
from ..findings import analyze_run
from ..losses import TERMS
from ..model import Network
from ..pretrained import load_pretrained, pretrained_names, pretrained_run, read_card
from ..report import ComparedSystem, write_report
from ..storage import (
    RunDirectory,
    UserError,
    exclusive,
    external_source,
    open_run,
    read_json,
    read_provenance,
    recording_file,
    write_atomically,
    write_json,
)

COMPARED = ("units", "modules", "periods", "topology", "generalization", "unique_range", "error_correction", "fields")
"""Parts that the columns are read from."""
ARENAS = (2.0, 3.0)
SETTINGS: Mapping[str, Any] = {
    "evaluation": {"arenas": ARENAS},
    # Fewer than a run's own page has: a comparison is to take minutes. By chance 3 % of units then count as grid cells.
    "analysis": {"shuffles": 50, "other_boxes_shuffles": 10},
}
FITTED = "fitted.json"  # in the folder of a baseline's run: what making it took


class Job(NamedTuple):
    """What is to be made of one name and seed, in a folder."""

    name: str
    seed: int
    out: Path
    settings: Mapping[str, Any]
    whole: bool
    """Whether all parts of the analysis are wanted."""


def known_names() -> list[str]:
    """Baselines and bundled networks."""
    return [*BASELINES, *pretrained_names()]


def check_names(names: Sequence[str]) -> None:
    """`UserError` for a name that is no baseline, no bundled network and no run's folder, or stands there twice."""
    for name in names:
        if name not in known_names() and not (Path(name) / "config.yaml").is_file():
            known = known_names()
            raise UserError(
                f"nothing to compare is called {name!r}{nearest(name, known)} (there are: {', '.join(known)}; or give "
                "the folder of a run)"
            )
    if repeated := {name for name in names if names.count(name) > 1}:
        raise UserError(f"{', '.join(sorted(repeated))}: give each name once")


def make(job: Job) -> tuple[Path, float]:
    """Make, record and analyze what a job asks for, as far as that is not done, and write its page; its folder, and
    the seconds that making it took.
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
                evaluate_run(run, config, missing, lambda arena: None)
        analyze_run(run, config, lambda news: None, lambda done, total: None, () if job.whole else COMPARED, network)
        write_report(run.path)
    return run.path, seconds


def describe(name: str, made: Sequence[tuple[Path, float]]) -> ComparedSystem:
    """The row of a name and its runs, before its numbers."""
    paths, seconds = tuple(path for path, _ in made), tuple(spent for _, spent in made)
    if name in BASELINES:
        entry = BASELINES[name]
        words = (entry.family, entry.title, entry.citation, entry.put_in_by_hand, entry.published)
        return ComparedSystem(name, *words, paths, seconds)
    run = open_run(paths[0])
    source = external_source(run)
    if source is not None:
        title = source["name"] or ", ".join(file["name"] for file in source["files"]) or Path(name).name
        return ComparedSystem(name, "yours", title, "", "not known here", "", paths, seconds)
    config = load_run_config(run)
    known = read_card(name).shows.rstrip(".") if name in pretrained_names() else ""
    return ComparedSystem(
        name, "this paper", Path(name).name, "Schaeffer et al. 2023", _by_hand(config), known, paths, seconds
    )


def _by_hand(config: RunConfig) -> str:
    """What the settings put into a network of ours."""
    weights = config.loss.model_dump()
    terms = [name.replace("_", " ") for name in TERMS if weights.get(name)]
    said = f"a loss: {', '.join(terms)}; velocities in many orders"
    if config.model.populations > 1:
        said += f"; {config.model.populations} populations without couplings"
    return said


def _of_baseline(entry: Baseline, job: Job) -> tuple[RunDirectory, Network | None, float]:
    run = RunDirectory(job.out)
    there = run.config.is_file()
    if there:  # before anything is fitted
        source = external_source(run) or {}
        if source.get("name") != entry.title or load_run_config(run).seed != job.seed:
            raise UserError(f"{job.out} holds another run; choose another --out")
    began = time.perf_counter()
    weights = None
    if entry.name == "shuffled":  # of a trained network: the fairer control
        trained = {key: tensor.numpy() for key, tensor in load_pretrained("quick").state_dict().items()}
        weights = shuffled_weights(trained, job.seed)
    model = entry.make(job.seed, weights=weights)
    seconds = round(time.perf_counter() - began, 3)
    network = None if isinstance(model, Code) else own_network(model.step, model.initial_state)
    if there:
        fitted = job.out / FITTED
        return run, network, float(read_json(fitted)["seconds"]) if fitted.is_file() else seconds
    config = checked_config({**job.settings, "seed": job.seed})
    if network is None:
        assert isinstance(model, Code)
        run = import_code(model.code, job.out, config, entry.title).run
    else:
        run = import_network(network, job.out, config, entry.title).run
    write_json(job.out / FITTED, {"seconds": seconds})
    return run, network, seconds


def _bundled(job: Job) -> tuple[RunDirectory, None, float]:
    """A bundled network's run, analyzed by the settings of the comparison."""
    fresh = not RunDirectory(job.out).config.is_file()
    run = pretrained_run(job.name, job.out)
    if fresh:
        own = load_run_config(run).settings()
        for part, settings in job.settings.items():
            own[part] = own[part] | dict(settings) if isinstance(own.get(part), dict) else settings
        write_atomically(run.config, checked_config(own).to_yaml().encode())
    return run, None, float(read_card(job.name).made.get("seconds") or 0.0)
