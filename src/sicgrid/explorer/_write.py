"""From a run, or the name of a bundled network, to the file of its page."""

from collections.abc import Sequence
from pathlib import Path

from ..experiment import RunConfig, load_run_config, required_checkpoint, trained
from ..findings import read_results
from ..model import Network
from ..storage import RunDirectory, UserError, external_source, write_atomically
from ._page import render_explorer
from ._recording import recording_subject
from ._snapshots import training_maps
from ._subject import Subject, network_subject
from ._survey import Survey, survey_network, survey_results


def run_subject(run: RunDirectory) -> Subject:
    """A run's network with what its analysis says; where there is none yet, with a short survey made now.

    Of the run of an external recording the recording itself, which must have been analyzed.

    Raises
    ------
    UserError
        If the run has no checkpoint yet, or it or a result is damaged.

    """
    if external_source(run) is not None:
        return recording_subject(run)
    config = load_run_config(run)
    checkpoint = required_checkpoint(run, config)
    network = trained(config, checkpoint).rnn
    survey = _survey(run, network, config)
    subject = network_subject(run.path.resolve().name, network, config, survey)
    about, arrays = training_maps(run, config, network, survey, checkpoint.step)
    return Subject(subject.name, {**subject.about, **about}, {**subject.arrays, **arrays})


def pretrained_subject(name: str, network: Network, config: RunConfig, shows: str) -> Subject:
    """A bundled network, surveyed now."""
    return network_subject(name, network, config, survey_network(network, config), shows)


def write_explorer(subjects: Sequence[Subject], page: Path) -> Path:
    """Write the page of one or two subjects and return its path.

    Raises
    ------
    UserError
        If ``page`` is a folder or its folder is missing; for more than two subjects.
    OSError
        If it cannot be written; an older page is then untouched.

    """
    check_page(page)
    write_atomically(page, render_explorer(subjects).encode())
    return page


def check_page(page: Path) -> None:
    """Check that a page can be there.

    Raises
    ------
    UserError
        If it is a folder, or its folder is missing.

    """
    if page.is_dir() or not page.resolve().parent.is_dir():
        wrong = "is a folder" if page.is_dir() else "is in a folder that does not exist"
        raise UserError(f"{page} {wrong}; give the page a file's name, as explorer.html")


def _survey(run: RunDirectory, network: Network, config: RunConfig) -> Survey:
    analyzed = all(file.is_file() for file in (run.units(), run.maps(), run.summary, run.evaluation))
    return survey_results(read_results(run.path)) if analyzed else survey_network(network, config)
