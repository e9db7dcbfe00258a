"""What `train` and `reproduce` share: settings from the command line, the runs to make, and their training."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from .. import experiment, training
from .._seeds import seeds_of
from ..experiment import (
    RunConfig,
    differences,
    differing,
    is_trained,
    load_config,
    load_run_config,
)
from ..run import say
from ..storage import FolderTaken, RunDirectory, UserError, newest_checkpoint, open_run, read_provenance, shell_word
from ._arguments import Reproduce, Train
from ._display import TrainingDisplay
from ._parse import checked_settings, parse, sort_words

Options = TypeVar("Options", bound=Train)

Run = tuple[RunDirectory, RunConfig]

MOST_LISTED = 3  # settings of an existing run that differ, in a message
INTERRUPTED = 128  # and the signal's number: the shell's exit code for it


def training_settings(command: type[Options], arguments: Sequence[str]) -> tuple[Options, RunConfig, Path | None]:
    """Arguments, checked settings and the run's folder; nothing on disk is touched."""
    words = sort_words(command, arguments)
    preset = words.positional[0] if words.positional else None
    file = Path(words.flags["--config"][0]) if words.flags.get("--config") else None
    chosen = load_config(preset, file)
    base = chosen
    out = Path("runs") / (chosen.preset or "run") if command is Reproduce else None
    seeds = words.flags.get("--seeds", []) if not words.help else []
    if seeds and "--seed" in words.flags:
        raise UserError("--seed and --seeds are two ways to say it; give one of them")
    resume = "--resume" in words.flags and not words.help
    if resume:
        out = Path(words.flags["--out"][0]) if words.flags.get("--out") else out
        if out is None:
            raise UserError("which run? give its folder: `sicgrid train --resume --out RUN`")
        base = load_run_config(open_run(out / f"seed-{parse_seeds(seeds)[0]}" if seeds else out))
    options = parse(command, arguments, command(settings=base))
    config = checked_settings(options.settings, base)
    if resume:
        _refuse_changes(config, base, chosen if file is not None else None, preset)
    return options, config, options.out or out


def _refuse_changes(config: RunConfig, base: RunConfig, file: RunConfig | None, preset: str | None) -> None:
    against = differences(config.settings(), base.settings())
    if file is not None:
        against += differences(file.settings(), base.settings())
    elif preset is not None and preset != base.preset:
        against.append(f"preset ({preset!r} against {base.preset!r})")
    if against:
        raise UserError(
            f"--resume takes the run's own settings, and these contradict them: {', '.join(against)}; "
            "leave them out, or start a new run with another --out"
        )


def runs_to_train(options: Train, config: RunConfig, out: Path) -> list[Run]:
    """The runs to train, made or opened, with the settings of each."""
    if not options.seeds:
        return [(open_run(out) if options.resume else _new_run(options, config, out, out), config)]
    seeds = parse_seeds(options.seeds)
    stacked = len(seeds) > 1 and experiment.training_device(config) == "cuda"
    needed = training.refusal(config.model, config.training) if stacked else None
    if needed is not None:
        raise UserError(
            f"--seeds trains networks together, which takes {needed} on a GPU; train them one by one, each with its "
            "--seed, or with --device cpu"
        )
    runs = []
    for seed in seeds:
        path, seed_config = out / f"seed-{seed}", config.model_copy(update={"seed": seed})
        # A group that was killed while its folders were made has only some of them.
        resumed = options.resume and path.exists()
        run = open_run(path) if resumed else _new_run(options, seed_config, path, out, len(seeds))
        if resumed:
            against = differences(seed_config.settings(), load_run_config(run).settings())
            if against:
                raise UserError(f"{path} has other settings: {', '.join(against)}; trained together they must agree")
        runs.append((run, seed_config))
    return runs


def _new_run(options: Train, config: RunConfig, path: Path, out: Path, together: int = 1) -> RunDirectory:
    """A new run in ``path``; `UserError`, with what to do, if another one is there."""
    try:
        return experiment.start_run(config, path, together=together)
    except FolderTaken as error:
        if not error.run:
            raise
        resume = f"with `{resume_command(type(options).__name__.lower(), options, out)}`"
        existing = load_run_config(open_run(path))
        differing = _other_settings(existing, config)
        advice = (
            f"that one has {differing}; choose another --out"
            if differing
            else f"resume it {resume}, or choose another --out"
        )
        if differing and (existing.preset, existing.seed) == (config.preset, config.seed):  # else it is another network
            advice += f", or resume that run as it is {resume}"
        raise UserError(f"{error}: {advice}") from None


def _other_settings(existing: RunConfig, requested: RunConfig) -> str:
    """Settings in which an existing run differs from those requested: ``seed 0 and not 4``.

    Of another preset the preset alone is named.
    """
    if existing.preset != requested.preset:
        return f"preset {existing.preset or 'none'} and not {requested.preset or 'none'}"
    pairs = differing(existing.settings(), requested.settings())
    against = [f"{name} {value} and not {other}" for name, value, other in pairs]
    rest = f", and {len(against) - MOST_LISTED} more differ" if len(against) > MOST_LISTED else ""
    return ", ".join(against[:MOST_LISTED]) + rest


def report_if_finished(options: Train, config: RunConfig, out: Path, console: Console) -> bool:
    """Whether an earlier call of this command has finished the runs already; if so, print where they are."""
    runs = _finished_before(options, config, out)
    for run in runs:
        page = f"; page: {run.report.resolve()}" if isinstance(options, Reproduce) else ", trained to the end"
        say(console, f"{run.path} is there already, made with these settings{page}")
    return bool(runs)


def _finished_before(options: Train, config: RunConfig, out: Path) -> list[RunDirectory]:
    """Runs that an earlier call of this command made; empty unless all exist, have these settings and are finished."""
    seeds = parse_seeds(options.seeds) if options.seeds else []
    places = [(out / f"seed-{seed}", config.model_copy(update={"seed": seed})) for seed in seeds] or [(out, config)]
    runs = [RunDirectory(path) for path, _ in places]
    if options.resume or not all(run.config.is_file() for run in runs):
        return []
    for run, (_, run_config) in zip(runs, places, strict=True):
        if differences(run_config.settings(), load_run_config(run).settings()):
            return []
        newest = newest_checkpoint(run, read_provenance(run)["run"])
        if not is_trained(run_config, newest):
            return []
        if isinstance(options, Reproduce) and not run.report.is_file():
            return []
    return runs


def train_all(runs: Sequence[Run], resume: str, console: Console) -> tuple[int, list[Run]]:
    """Train; return the exit code and the runs that are trained to the end."""
    config = runs[0][1]
    try:
        with TrainingDisplay(config.training.steps, console, len(runs), config.loss.model_dump()) as display:
            outcomes = experiment.train_runs(runs, display.start, display.step, display.leave_out)
    except experiment.Interrupted as stop:
        say(console, f"stopped and saved after step {stop.step:,}; resume with: {resume}")
        return INTERRUPTED + stop.signal_number, []
    trained = [run for run, outcome in zip(runs, outcomes, strict=True) if not isinstance(outcome, experiment.Diverged)]
    diverged = [
        (run, outcome) for run, outcome in zip(runs, outcomes, strict=True) if isinstance(outcome, experiment.Diverged)
    ]
    if len(runs) == 1 and diverged:
        raise diverged[0][1]
    for (run, _), error in diverged:
        say(console, f"{run.path}: {error}")
    if not any(outcomes):
        newest = experiment.load_checkpoint(*runs[0])
        assert newest is not None  # else there would have been steps to make
        say(console, f"the training of {runs[0][0].path} is already finished ({newest.step:,} steps)")
    return (experiment.Diverged.exit_code if diverged else 0), trained


def resume_command(command: str, options: Train, out: Path) -> str:
    """The command line that resumes the runs that `command` (train or reproduce) began in the folder `out`."""
    seeds = f" --seeds {' '.join(options.seeds)}" if options.seeds else ""
    return f"sicgrid {command} --resume{seeds} --out {shell_word(out)}"


def parse_seeds(words: Sequence[str]) -> list[int]:
    """Seeds as `seeds_of` reads them; `UserError` for anything else."""
    try:
        return list(seeds_of(" ".join(words)))
    except ValueError as error:
        raise UserError(f"--seeds {error}; found {' '.join(words)!r}") from None
