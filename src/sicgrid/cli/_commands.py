"""The commands: each reads its arguments, locks the run, works its stages and says what came out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from .. import experiment, model
from ..experiment import RunConfig, load_run_config, preset_comment, preset_names
from ..findings import analyze_run, check_parts
from ..kernels import choose
from ..run import AnalysisDisplay, PageDisplay, WalkingDisplay, say
from ..storage import (
    RunDirectory,
    UserError,
    by_length_name,
    exclusive,
    length_name,
    machine,
    open_run,
    read_json,
    recording_file,
    shell_word,
)
from ..sweeps import is_url, reading_copy, write_table
from ._analysis_settings import split_settings
from ._announce import announcement
from ._arguments import Analyze, Evaluate, Info, Report, Reproduce, Train
from ._display import make_console, open_page, results_table
from ._evaluate import evaluate_own, evaluate_path
from ._parse import checked_settings, parse
from ._recording import recording_run
from ._training import (
    INTERRUPTED,
    parse_seeds,
    report_if_finished,
    resume_command,
    runs_to_train,
    train_all,
    training_settings,
)


def train(arguments: Sequence[str]) -> int:
    """Train a network, or one for each of some seeds, into a run's folder each."""
    console = make_console()
    options, config, out = training_settings(Train, arguments)
    if out is None:
        raise UserError("where to? give the run's folder: `sicgrid train --out RUN`")
    if report_if_finished(options, config, out, console):
        return 0
    runs = runs_to_train(options, config, out)
    with contextlib.ExitStack() as locks:
        for run, _ in runs:
            locks.enter_context(exclusive(run))
        code, trained = train_all(runs, resume_command("train", options, out), console)
    for run, _ in trained if code == 0 else ():
        say(console, f"next: sicgrid evaluate {shell_word(run.path)}")
    return code


def reproduce(arguments: Sequence[str]) -> int:
    """Train, evaluate, analyze, and write the live page and the report."""
    # Imported here: it loads matplotlib.
    from ._explore import write_live_page

    console = make_console()
    options, config, out = training_settings(Reproduce, arguments)
    assert out is not None  # training_settings gives it a default
    first = out / f"seed-{parse_seeds(options.seeds)[0]}" if options.seeds else out
    if report_if_finished(options, config, out, console):
        if options.open:
            open_page(RunDirectory(first).report, console)
        return 0
    runs = runs_to_train(options, config, out)
    if not announcement("reproduce", arguments).full:
        for run, run_config in runs:
            say(console, f"run: {run.path}, preset {run_config.preset or 'none'}, seed {run_config.seed}")
    with contextlib.ExitStack() as locks:
        for run, _ in runs:
            locks.enter_context(exclusive(run))
        code, trained = train_all(runs, resume_command("reproduce", options, out), console)
        for run, run_config in trained if code < INTERRUPTED else ():
            _evaluate(run, run_config, run_config.evaluation.arenas, console)
            _analyze(run, run_config, console)
            write_live_page(run, console)
            _report(run, console)
    if options.open and code == 0:
        open_page(RunDirectory(first).report, console)
    return code


def evaluate(arguments: Sequence[str]) -> int:
    """Record a trained network walking."""
    console = make_console()
    options = parse(Evaluate, arguments)
    if options.network is not None or options.code is not None:
        return evaluate_own(options, console)
    if options.run is None or options.out is not None or options.config is not None:
        raise UserError("--out and --config go with --network or --code; a run's folder is given as it is")
    run = open_run(options.run)
    config = load_run_config(run)
    if options.path is not None:
        return evaluate_path(run, config, options, console)
    if options.scale is not None or options.step is not None:
        raise UserError("--scale and --step belong to --path; arenas have neither")
    if options.arenas:
        # Through the settings' own rules for arenas.
        changed = config.evaluation.model_copy(update={"arenas": options.arenas})
        config = checked_settings(config.model_copy(update={"evaluation": changed}), config)
    with exclusive(run):
        _evaluate(run, load_run_config(run), config.evaluation.arenas, console)
    say(console, f"next: sicgrid analyze {shell_word(run.path)}")
    return 0


def analyze(arguments: Sequence[str]) -> int:
    """Bring the analysis of a run's recordings up to date."""
    console = make_console()
    words, settings = split_settings(arguments)
    options = parse(Analyze, words)
    check_parts(options.only)
    run = recording_run(options, settings, console)
    with exclusive(run):
        changed = settings and options.recording is None
        config = experiment.change_analysis(run, settings) if changed else load_run_config(run)
        network = None
        if options.network is not None:
            # Imported here: it loads torch.
            from ._named import named_network

            network = named_network(options.network)
        _analyze(run, config, console, options.only, network)
    console.print(results_table(read_json(run.summary)))
    say(console, f"next: sicgrid report {shell_word(run.path)}")
    return 0


def report(arguments: Sequence[str]) -> int:
    """Write the page of a run or of a sweep."""
    console = make_console()
    options = parse(Report, arguments)
    named = options.run if options.pretrained is None else None
    if named is not None and (is_url(named) or Path(named, "sweep.json").is_file()):
        return _report_sweep(named, options, console)
    run = _run_to_report(options, console)
    config = load_run_config(run)
    with exclusive(run):
        if options.pretrained is not None:
            # Imported here: it loads matplotlib.
            from ._explore import write_live_page

            _evaluate_missing(run, config, console)
            _analyze(run, config, console)
            write_live_page(run, console)
        _report(run, console)
        if options.pdf_figures is not None:
            from ..report import write_figures

            written = write_figures(run.path, options.pdf_figures)
            say(console, f"figures: {len(written)} files in {options.pdf_figures.resolve()}")
    if options.open:
        open_page(run.report, console)
    return 0


def info(arguments: Sequence[str]) -> int:
    """Show versions, device, kernels and presets."""
    # Imported here: it takes seconds.
    import torch

    console = make_console()
    parse(Info, arguments)
    about, threads = machine(), torch.get_num_threads()
    device = experiment.training_device(RunConfig())
    kernel, reason = choose(device, "auto")
    width = max(map(len, preset_names())) + 1
    lines = [f"{name} {version}" for name, version in about["versions"].items()]
    lines += [
        f"platform {about['platform']}",
        f"device {device}: {about['cpu']}, {threads} {'thread' if threads == 1 else 'threads'}",
        f"kernels {kernel}: {reason}",
        "presets",
        *(f"  {name:<{width}}{preset_comment(name)}" for name in preset_names()),
    ]
    say(console, "\n".join(lines))
    return 0


def _evaluate(run: RunDirectory, config: RunConfig, arenas: Sequence[float], console: Console) -> None:
    with WalkingDisplay(arenas, console) as display:
        checkpoint = experiment.evaluate_run(run, config, arenas, display.arena, display.progress)
    if not experiment.is_trained(config, checkpoint):
        steps = experiment.last_step(config, checkpoint)
        say(console, f"note: trained for {checkpoint.step:,} of {steps:,} steps so far")


def _analyze(
    run: RunDirectory,
    config: RunConfig,
    console: Console,
    only: Sequence[str] = (),
    network: model.Network | None = None,
) -> None:
    with AnalysisDisplay(console) as display:
        analyze_run(run, config, display.part, display.progress, only, network, processes=0)


def _run_to_report(options: Report, console: Console) -> RunDirectory:
    """The run of the page; with --pretrained made now, or as an earlier call left it."""
    if options.pretrained is None:
        if options.run is None or options.out is not None:
            raise UserError("--out goes with --pretrained NAME; a run's page is written into its folder")
        return open_run(Path(options.run))
    if options.run is not None:
        raise UserError(
            f"give {options.run} or --pretrained {options.pretrained}, not both; --out names the folder of its run"
        )
    # Imported here: it loads torch.
    from ..pretrained import pretrained_run

    run = pretrained_run(options.pretrained, options.out or Path("runs") / f"pretrained-{options.pretrained}")
    say(console, f"run: {run.path}")
    return run


def _evaluate_missing(run: RunDirectory, config: RunConfig, console: Console) -> None:
    done = read_json(run.evaluation).get("arenas", {}) if run.evaluation.exists() else {}
    sides = config.evaluation.arenas
    named = by_length_name(done, sides)
    missing = [side for side in sides if length_name(side) not in named or not recording_file(run, side).exists()]
    if missing:
        _evaluate(run, config, missing, console)


def _report_sweep(place: str, options: Report, console: Console) -> int:
    if options.out is not None:
        raise UserError("--out goes with --pretrained NAME; a sweep's page is written into its folder")
    if options.pdf_figures is not None:
        raise UserError("--pdf-figures is for a run; give one of the sweep's: `sicgrid report SWEEP/runs/NAME`")
    # Imported here: it loads matplotlib.
    from ..report import write_sweep_report

    with reading_copy(place) as sweep:
        write_table(sweep)
        page = write_sweep_report(sweep).resolve()
    there = f", and {place.rstrip('/')}/{page.name}" if is_url(place) else ""
    say(console, f"page: {page}{there}")
    if options.open:
        open_page(page, console)
    return 0


def _report(run: RunDirectory, console: Console) -> None:
    # Imported here: it loads matplotlib.
    from ..report import write_report

    with PageDisplay(console) as display:
        page = write_report(run.path, display.section)
    console.print(results_table(read_json(run.summary)))
    say(console, f"page: {page.resolve()}")
