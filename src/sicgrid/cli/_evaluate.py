"""What the command evaluate does beside boxes and a run's own network: external networks and codes, real paths."""

from rich.console import Console

from .. import experiment
from ..experiment import OWN_ARENAS, RunConfig, load_config
from ..run import WalkingDisplay, say
from ..storage import RunDirectory, UserError, exclusive, shell_word
from ._arguments import Evaluate
from ._parse import checked_settings


def evaluate_own(options: Evaluate, console: Console) -> int:
    """Make the run of an external network or code."""
    # Imported here: it loads torch.
    from ._named import named_code, named_network

    word = options.network or options.code
    if options.network is not None and options.code is not None:
        raise UserError("--network and --code are two kinds of systems; give one of them")
    if options.out is None or options.run is not None or options.path is not None:
        flag = f"--{'network' if options.network is not None else 'code'} {shell_word(word or '')}"
        raise UserError(f"where to? give the folder of the run to make: `sicgrid evaluate {flag} --out RUN`")
    config = RunConfig() if options.config is None else load_config(file=options.config)
    default = OWN_ARENAS if options.network is not None else config.evaluation.arenas
    if options.arenas or options.config is None:
        changed = config.evaluation.model_copy(update={"arenas": options.arenas or default})
        config = checked_settings(config.model_copy(update={"evaluation": changed}), config)
    with WalkingDisplay(config.evaluation.arenas, console) as display:
        if options.network is not None:
            network = named_network(options.network)
            imported = experiment.import_network(
                network, options.out, config, options.network, display.arena, display.progress
            )
        else:
            assert options.code is not None
            code = named_code(options.code)
            imported = experiment.import_code(code, options.out, config, options.code, display.arena)
    for note in imported.notes:
        say(console, f"note: {note}")
    network_option = f" --network {shell_word(options.network)}" if options.network is not None else ""
    say(console, f"next: sicgrid analyze {shell_word(imported.run.path)}{network_option}")
    return 0


def evaluate_path(run: RunDirectory, config: RunConfig, options: Evaluate, console: Console) -> int:
    """Record a run's network along a real path."""
    if options.path is None or options.arenas:
        raise UserError("--arenas and --path are two ways to walk; give one of them")
    scale = 1.0 if options.scale is None else options.scale
    with exclusive(run):
        walked = experiment.walk_real_path(
            run,
            config,
            options.path,
            scale=scale,
            step_s=options.step,
            series=options.series,
            time_scale=options.time_scale,
            box=options.box or None,
        )
    say(
        console,
        f"walked {options.path} in a {walked.arena:g} m box: {walked.stretches} stretches of {walked.steps} steps, "
        f"{walked.step_s:g} s a step, scale {walked.scale:g}",
    )
    for note in walked.notes:
        say(console, f"note: {note}")
    if walked.citation:
        say(console, f"cite: {walked.citation}")
    say(console, f"next: sicgrid analyze {shell_word(run.path)}")
    return 0
