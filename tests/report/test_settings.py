from sicgrid.experiment import RunConfig, setting_names
from sicgrid.report._settings import provenance_rows, setting_groups


def test_every_setting_has_a_row_with_what_it_is():
    rows = [(title, row) for title, group in setting_groups(RunConfig(), RunConfig()) for row in group]
    names = {row.name if title == "run" else f"{title}.{row.name}" for title, row in rows}
    assert names == set(setting_names())
    assert all(row.description and not row.changed for _, row in rows)


def test_what_differs_from_the_default_is_marked():
    config = RunConfig.model_validate({"loss": {"sigma_g": 0.3}})
    changed = [(title, row) for title, group in setting_groups(config, RunConfig()) for row in group if row.changed]
    assert [(title, row.name, row.value, row.default) for title, row in changed] == [("loss", "sigma_g", "0.3", "0.4")]


def test_provenance_is_flattened_without_sessions():
    record = {"seed": 3, "kernels": {"name": "numba"}, "git": None, "clean": True, "sessions": [{}], "points": 12_000}
    expected = [("seed", "3"), ("kernels name", "numba"), ("git", "–"), ("clean", "yes"), ("points", "12,000")]
    assert provenance_rows(record) == expected
