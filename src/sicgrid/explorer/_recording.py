"""A recording as the page replays it: an animal's path in short steps, and what each unit did in each of them.

The user's own networks and codes, which the page cannot run, are replayed as well: of their many recorded walks as many
as fit, one after the other.
"""

from typing import Any

import numpy as np
import scipy
from jaxtyping import Float, Int, Shaped

from ..evaluation import Recording
from ..experiment import load_run_recording
from ..findings import read_results
from ..storage import RunDirectory, UserError, external_source
from ._subject import Subject, describe_survey
from ._survey import survey_results

STEP_S = 0.1  # seconds of a step, at least
MOST_STEPS = 30_000  # longer recordings have longer steps
MOST_NUMBERS = 1_500_000  # of activities that are not spikes, for a page that can be sent
FINEST = 32_767  # steps of a position from the middle of the box to its wall


def recording_subject(run: RunDirectory) -> Subject:
    """The run of an external recording, or of a network or code of one's own, analyzed, as the page replays it.

    `UserError` if it has not been analyzed yet, or is damaged.
    """
    results = read_results(run.path)
    survey = survey_results(results)
    recording = load_run_recording(run, results.arena)
    path, replayed = replay(recording)
    described, measured = describe_survey(survey)
    source = (external_source(run) or {}).get("kind", "recording")
    about = {"name": results.name, "kind": "recording", "of": source, "shows": "", **described, **path}
    return Subject(results.name, about, measured | replayed)


def replay(recording: Recording) -> tuple[dict[str, Any], dict[str, Shaped[np.ndarray, "..."]]]:
    """Path and activity in steps of equally many samples: mean positions, mean activities (of spikes counts).

    Of several walks as many as fit; no step spans two walks.
    """
    walks, samples, units = recording.shape
    if not recording.spikes and float(np.min(recording.activity)) < 0:
        raise UserError(
            "the live page shows activity that is not negative, and some of this is negative; `sicgrid report` draws "
            "activity of both signs"
        )
    seconds = None if recording.seconds is None else float(np.median(recording.seconds))
    samples_per_step = max(1 if seconds is None else round(STEP_S / seconds), -(-samples // MOST_STEPS), 1)
    if not recording.spikes:
        samples_per_step = max(samples_per_step, -(-samples * units // MOST_NUMBERS))
    step = np.arange(samples) // samples_per_step
    count = int(step[-1]) + 1
    fitting = MOST_STEPS // count if recording.spikes else min(MOST_STEPS // count, MOST_NUMBERS // (count * units))
    walks_shown = min(walks, max(1, fitting))
    sizes = np.bincount(step)
    places = np.concatenate([_means(walk, step, sizes) for walk in recording.positions[:walks_shown]])
    half = recording.arena / 2
    arrays: dict[str, Shaped[np.ndarray, ...]] = {
        "path": np.rint(FINEST * np.clip(places / half, -1, 1)).astype(np.int16)
    }
    if recording.spikes:
        arrays |= _spikes(recording, step)
    else:
        arrays |= _activity(recording.activity[:walks_shown], step, sizes)
    about = {
        "side": recording.arena,
        "step_s": None if seconds is None else round(seconds * samples_per_step, 4),
        "spikes": recording.spikes,
        "walk_steps": count,
        "walks": walks_shown,
        "of_walks": walks,
    }
    return about, arrays


def _means(
    values: Float[np.ndarray, "sample axes"], step: Int[np.ndarray, " sample"], sizes: Int[np.ndarray, " step"]
) -> Float[np.ndarray, "step axes"]:
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, step, values)
    return sums / sizes[:, None]  # type: ignore[no-any-return]


def _spikes(recording: Recording, step: Int[np.ndarray, " sample"]) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Step and unit of the spikes, in the order of the steps, and how many the unit fired in that step."""
    assert recording.seconds is not None  # spikes are rates over the seconds of their samples
    rates = scipy.sparse.coo_array(recording.activity)
    counts = np.rint(rates.data * recording.seconds[rates.row]).astype(np.int64)
    key, inverse = np.unique(step[rates.row] * recording.shape[2] + rates.col, return_inverse=True)
    spikes = np.bincount(inverse, counts, minlength=len(key))
    return {
        "spike_step": (key // recording.shape[2]).astype(np.uint16),
        "spike_unit": (key % recording.shape[2]).astype(np.uint16),
        "spike_count": np.clip(spikes, 0, 255).astype(np.uint8),
    }


def _activity(
    walks: Float[np.ndarray, "walk sample units"], step: Int[np.ndarray, " sample"], sizes: Int[np.ndarray, " step"]
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Mean of each step and unit, in 255 parts of the unit's largest; one walk after the other."""
    means = np.concatenate([_means(walk, step, sizes) for walk in walks])
    largest = means.max(axis=0)
    levels = np.rint(255 * np.clip(means / np.where(largest > 0, largest, 1), 0, 1))
    return {"activity": levels.astype(np.uint8), "largest": largest.astype(np.float32)}
