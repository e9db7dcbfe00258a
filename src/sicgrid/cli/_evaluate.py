"""What the command evaluate does beside boxes and a run's own network: external networks and codes, real paths."""

import shlex

from rich.console import Console

from .. import experiment
from ..experiment import RunConfig, load_config
from ..storage import RunDirectory, UserError, exclusive
from ._arguments import Evaluate
from ._display import say
from ._parse import checked_settings

OWN_ARENAS = (2.0, 3.0)  # m, of an external network: the second is a larger one to hold the code against


def evaluate_own(given: Evaluate, console: Console) -> int:
    """Make the run of an external network or code."""
    # Imported here: it loads torch.
    from ._named import named_code, named_network

    word = given.network or given.code
    if given.network is not None and given.code is not None:
        raise UserError("--network and --code are two kinds of systems; give one of them")
    if given.out is None or given.run is not None or given.path is not None:
        raise UserError(f"where to? give the folder of the run to make: `sicgrid evaluate --network {word} --out RUN`")
    config = RunConfig() if given.config is None else load_config(file=given.config)
    default = OWN_ARENAS if given.network is not None else config.evaluation.arenas
    if given.arenas or given.config is None:
        changed = config.evaluation.model_copy(update={"arenas": given.arenas or default})
        config = checked_settings(config.model_copy(update={"evaluation": changed}), config)
    if given.network is not None:
        made = experiment.import_network(named_network(given.network), given.out, config, given.network)
    else:
        assert given.code is not None
        made = experiment.import_code(named_code(given.code), given.out, config, given.code)
    for note in made.notes:
        say(console, f"note: {note}")
    again = f" --network {shlex.quote(given.network)}" if given.network is not None else ""
    say(console, f"next: sicgrid analyze {shlex.quote(str(made.run.path))}{again}")
    return 0


def evaluate_path(run: RunDirectory, config: RunConfig, given: Evaluate, console: Console) -> int:
    """Record a run's network along a real path."""
    if given.path is None or given.arenas:
        raise UserError("--arenas and --path are two ways to walk; give one of them")
    scale = 1.0 if given.scale is None else given.scale
    with exclusive(run):
        walked = experiment.walk_real_path(
            run,
            config,
            given.path,
            scale=scale,
            step_s=given.step,
            series=given.series,
            time_scale=given.time_scale,
            box=given.box or None,
        )
    say(
        console,
        f"walked {given.path} in a {walked.arena:g} m box: {walked.stretches} stretches of {walked.steps} steps, "
        f"{walked.step_s:g} s a step, scale {walked.scale:g}",
    )
    for note in walked.notes:
        say(console, f"note: {note}")
    if walked.citation:
        say(console, f"cite: {walked.citation}")
    say(console, f"next: sicgrid analyze {shlex.quote(str(run.path))}")
    return 0
