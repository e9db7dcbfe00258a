"""The commands: each reads its arguments, locks the run, works its stages and says what came out."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import torch
from rich.console import Console

from ..experiment import (
    DEVICE,
    Interrupted,
    RunConfig,
    analyze_run,
    differences,
    evaluate_run,
    import_recording,
    load_config,
    load_run_config,
    preset_comment,
    preset_names,
    start_run,
    train_run,
    walk_real_path,
)
from ..kernels import choose
from ..storage import RunDirectory, UserError, exclusive, machine, open_run, read_json
from ._arguments import Analyze, Evaluate, Info, Report, Reproduce, Train, checked_settings, parse, sort_words
from ._display import AnalysisDisplay, ArenaDisplay, TrainingDisplay, results_table

Given = TypeVar("Given", bound=Train)


def train(arguments: Sequence[str]) -> int:
    """Train a network into a run's folder."""
    console = Console()
    given, config, out = _settings(Train, arguments)
    if out is None:
        raise UserError("where to? give the run's folder: `sicgrid train --out RUN`")
    run = open_run(out) if given.resume else start_run(config, out)
    with exclusive(run):
        code = _train(run, config, "train", console)
    if code == 0:
        _say(console, f"next: sicgrid evaluate {_quoted(run)}")
    return code


def reproduce(arguments: Sequence[str]) -> int:
    """Train, evaluate, analyze and report."""
    console = Console()
    given, config, out = _settings(Reproduce, arguments)
    assert out is not None  # _settings gives it a default
    run = open_run(out) if given.resume else start_run(config, out)
    _say(console, f"run: {run.path}, preset {config.preset or 'none'}, seed {config.seed}")
    with exclusive(run):
        code = _train(run, config, "reproduce", console)
        if code == 0:
            _evaluate(run, config, config.evaluation.arenas, console)
            _analyze(run, config, console)
            _report(run, console)
    return code


def evaluate(arguments: Sequence[str]) -> int:
    """Record a trained network walking."""
    console = Console()
    given = parse(Evaluate, arguments)
    run = open_run(given.run)
    config = load_run_config(run)
    if given.path is not None:
        return _evaluate_path(run, config, given, console)
    if given.scale is not None or given.step is not None:
        raise UserError("--scale and --step belong to --path; arenas have neither")
    if given.arenas:
        # Through the settings' own rules for arenas.
        changed = config.evaluation.model_copy(update={"arenas": given.arenas})
        config = checked_settings(config.model_copy(update={"evaluation": changed}), config)
    with exclusive(run):
        _evaluate(run, load_run_config(run), config.evaluation.arenas, console)
    _say(console, f"next: sicgrid analyze {_quoted(run)}")
    return 0


def analyze(arguments: Sequence[str]) -> int:
    """Bring the analysis of a run's recordings up to date."""
    console = Console()
    given = parse(Analyze, arguments)
    run = _recording(given, console)
    config = load_run_config(run)
    with exclusive(run):
        _analyze(run, config, console, given.only)
    console.print(results_table(read_json(run.summary)))
    _say(console, f"next: sicgrid report {_quoted(run)}")
    return 0


def report(arguments: Sequence[str]) -> int:
    """Write a run's page."""
    console = Console()
    given = parse(Report, arguments)
    run = open_run(given.run)
    load_run_config(run)
    with exclusive(run):
        _report(run, console)
        if given.pdf_figures is not None:
            from ..report import write_figures

            written = write_figures(run.path, given.pdf_figures)
            _say(console, f"figures: {len(written)} files in {given.pdf_figures.resolve()}")
    return 0


def info(arguments: Sequence[str]) -> int:
    """Show versions, device, kernels and presets."""
    console = Console()
    parse(Info, arguments)
    about = machine()
    kernel, reason = choose(DEVICE, "auto")
    lines = [f"{name} {found}" for name, found in about["versions"].items()]
    lines += [
        f"platform {about['platform']}",
        f"device {DEVICE}: {about['cpu']}, {torch.get_num_threads()} threads",
        f"kernels {kernel}: {reason}",
        "presets",
        *(f"  {name:<8}{preset_comment(name)}" for name in preset_names()),
    ]
    for line in lines:
        _say(console, line)
    return 0


def _settings(command: type[Given], arguments: Sequence[str]) -> tuple[Given, RunConfig, Path | None]:
    """Arguments, checked settings and the run's folder; nothing on disk is touched."""
    words = sort_words(command, arguments)
    preset = words.positional[0] if words.positional else None
    file = Path(words.flags["--config"][0]) if words.flags.get("--config") else None
    asked = load_config(preset, file)
    base, out = asked, Path("runs") / (asked.preset or "run") if command is Reproduce else None
    resume = "--resume" in words.flags and not words.help
    if resume:
        out = Path(words.flags["--out"][0]) if words.flags.get("--out") else out
        if out is None:
            raise UserError("which run? give its folder: `sicgrid train --resume --out RUN`")
        base = load_run_config(open_run(out))
    given = parse(command, arguments, command(settings=base))
    config = checked_settings(given.settings, base)
    if resume:
        _refuse_changes(config, base, asked if file is not None else None, preset)
    return given, config, given.out or out


def _refuse_changes(config: RunConfig, base: RunConfig, file: RunConfig | None, preset: str | None) -> None:
    against = differences(config.settings(), base.settings())
    if file is not None:
        against += differences(file.settings(), base.settings())
    elif preset is not None and preset != base.preset:
        against.append(f"preset ({preset!r} against {base.preset!r})")
    if against:
        raise UserError(
            f"--resume goes on with the run's own settings, and these contradict them: {', '.join(against)}; "
            "leave them out, or start a new run with another --out"
        )


def _train(run: RunDirectory, config: RunConfig, command: str, console: Console) -> int:
    go_on = f"sicgrid {command} --resume --out {_quoted(run)}"
    try:
        with TrainingDisplay(config.training.steps, console) as display:
            done = train_run(run, config, display.start, display.step)
    except Interrupted as stop:
        _say(console, f"stopped and saved after step {stop.step:,}; go on with: {go_on}")
        return 128 + stop.signal_number
    if not done:
        _say(console, f"the training of {run.path} is already finished ({config.training.steps:,} steps)")
    return 0


def _evaluate(run: RunDirectory, config: RunConfig, arenas: Sequence[float], console: Console) -> None:
    with ArenaDisplay("walking in", console) as display:
        step = evaluate_run(run, config, arenas, display.arena)
    if step < config.training.steps:
        _say(console, f"note: trained for {step:,} of {config.training.steps:,} steps so far")


def _analyze(run: RunDirectory, config: RunConfig, console: Console, only: Sequence[str] = ()) -> None:
    with AnalysisDisplay(console) as display:
        analyze_run(run, config, display.part, display.progress, only)


def _evaluate_path(run: RunDirectory, config: RunConfig, given: Evaluate, console: Console) -> int:
    if given.path is None or given.arenas:
        raise UserError("--arenas and --path are two ways to walk; give one of them")
    scale = 1.0 if given.scale is None else given.scale
    with exclusive(run):
        walked = walk_real_path(run, config, given.path, scale=scale, step_s=given.step)
    _say(
        console,
        f"walked {given.path} in a {walked.arena:g} m box: {walked.stretches} stretches of {walked.steps} steps, "
        f"{walked.step_s:g} s a step, scale {walked.scale:g}",
    )
    for note in walked.notes:
        _say(console, f"note: {note}")
    if walked.citation:
        _say(console, f"cite: {walked.citation}")
    _say(console, f"next: sicgrid analyze {_quoted(run)}")
    return 0


def _recording(given: Analyze, console: Console) -> RunDirectory:
    """The run to analyze; with --recording made now."""
    if given.recording is None:
        alone = {"--out", "--spikes", "--series", "--arena", "--config"}
        used = [flag for flag in sorted(alone) if getattr(given, flag.removeprefix("--")) is not None]
        if used or given.run is None:
            raise UserError(f"{', '.join(used)} goes with --recording FILE; a run has its own settings")
        return open_run(given.run)
    if given.run is not None or given.out is None:
        raise UserError("where to? give the folder of the run to make: `sicgrid analyze --recording FILE --out RUN`")
    config = RunConfig() if given.config is None else load_config(file=given.config)
    made = import_recording(
        given.recording, given.out, config, spikes=given.spikes, series=given.series, arena=given.arena
    )
    for note in made.notes:
        _say(console, f"note: {note}")
    return made.run


def _report(run: RunDirectory, console: Console) -> None:
    # Imported here: it loads matplotlib.
    from ..report import write_report

    page = write_report(run.path)
    console.print(results_table(read_json(run.summary)))
    _say(console, f"page: {page.resolve()}")


def _say(console: Console, line: str) -> None:
    # Unwrapped and without markup: a path is copied from here, and may hold brackets.
    console.print(line, highlight=False, soft_wrap=True, markup=False)


def _quoted(run: RunDirectory) -> str:
    return shlex.quote(str(run.path))
