"""The analysis stage: from recordings to a table of units, rate maps and a summary."""

from collections.abc import Callable

from ..analysis import analyze_units, summarize
from ..storage import (
    RunDirectory,
    StoredMaps,
    UserError,
    read_json,
    read_provenance,
    recorded_arenas,
    session,
    write_json,
    write_maps,
    write_units,
)
from ._config import RunConfig
from ._evaluate import load_run_recording
from ._origin import recordings_origin


def analyze_run(
    run: RunDirectory,
    config: RunConfig,
    on_arena: Callable[[float], None],
    on_part: Callable[[int, int], None],
) -> dict[str, object]:
    """Analyze every recording of the run and return the summary. The caller holds the run's lock.

    Writes units.csv and maps.npz for the main arena (the first of the settings, else the smallest recorded),
    units-ARENA.csv and maps-ARENA.npz for the others, and summary.json: the main arena's numbers at the top, each
    arena's under ``arenas``. ``on_arena`` is called as each arena's turn comes, ``on_part`` with how much of it is done
    and of how much.

    Raises
    ------
    UserError
        If there is no recording, or one is damaged, of another run or of an older checkpoint, or cannot be analyzed
        (no unit is active, the arena has too few bins).

    """
    origin = recordings_origin(run, config)
    arenas = recorded_arenas(run)
    evaluation = read_json(run.evaluation) if run.evaluation.exists() else {}
    # Somebody's recording has no evaluation: there is no network to evaluate.
    if origin is None or not arenas or (not evaluation and origin.step is not None):
        raise UserError(f"the run {run.path} has no recordings; make them with `sicgrid evaluate {run.path}`")
    recordings = {arena: load_run_recording(run, arena, origin.sha256) for arena in arenas}
    main = config.evaluation.arenas[0] if config.evaluation.arenas[0] in arenas else arenas[0]
    summaries: dict[str, dict[str, object]] = {}
    with session(run, "analyze"):
        for arena, recording in recordings.items():
            on_arena(arena)
            try:
                table = analyze_units(
                    recording.positions, recording.states, arena, config.analysis, config.seed, progress=on_part
                )
            except ValueError as error:
                raise UserError(f"the {arena:g} m arena cannot be analyzed: {error}") from None
            label = None if arena == main else arena
            write_units(run.units(label), table.columns)
            maps = table.maps
            write_maps(run.maps(label), StoredMaps(maps.maps, maps.occupancy, maps.x_edges, maps.y_edges))
            consistency = evaluation.get("arenas", {}).get(f"{arena:g}", {})
            summaries[f"{arena:g}"] = {
                **summarize(table),
                "path_integration_error": consistency.get("path_integration_error"),
                "decoding_error_m": consistency.get("decoding_error"),
            }
        summary: dict[str, object] = {
            **summaries[f"{main:g}"],
            "arena_m": main,
            "step": origin.step,
            "seed": config.seed,
            "preset": config.preset,
            "held_out_loss": evaluation.get("held_out"),
            "run": read_provenance(run)["run"],
            "checkpoint": origin.sha256,
            "arenas": summaries,
        }
        write_json(run.summary, summary)
    return summary
