import pytest

pyarrow_parquet = pytest.importorskip("pyarrow.parquet")
pyarrow = pytest.importorskip("pyarrow")

from sicgrid.report import read_sweep  # noqa: E402
from sicgrid.storage import UserError  # noqa: E402
from sicgrid.sweeps import write_table  # noqa: E402
from sweep_directories import make_sweep  # noqa: E402


@pytest.fixture
def grid(tmp_path):
    fields = {"grid": {"loss.sigma_g": [0.2, 0.4], "trajectories.permute": [True, False]}, "seeds": [3, 4]}
    place = make_sweep(
        tmp_path / "sweep", fields, lambda trial: {"modules": trial.seed} if trial.seed == 3 else "diverged"
    )
    write_table(place.path)
    return place.path


def test_groups_are_trials_that_differ_in_their_seeds(grid):
    results = read_sweep(grid)
    assert (results.kind, results.plan["trials"], len(results.rows)) == ("grid", 8, 8)
    assert results.varied == ["loss.sigma_g", "trajectories.permute"]
    groups = results.groups()
    assert [tuple(group.settings.values()) for group in groups] == [
        (0.2, True), (0.2, False), (0.4, True), (0.4, False)]  # fmt: skip
    assert all([row["seed"] for row in group.rows] == [3, 4] for group in groups)
    assert [group.by_seed("modules") for group in groups] == [{3: 3.0}] * 4
    assert (results.count("finished"), results.count("diverged")) == (4, 4)


def test_columns_say_what_they_are(grid):
    columns = read_sweep(grid).columns
    assert columns["field_diameter_m"].unit == "m"
    assert columns["loss.sigma_g"].description == "Setting"


def test_what_is_no_table_is_refused(grid):
    (grid / "table.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match="is damaged"):
        read_sweep(grid)
    pyarrow_parquet.write_table(pyarrow.table({"a": [1]}), grid / "table.parquet")
    with pytest.raises(UserError, match="no table of a sweep"):
        read_sweep(grid)
    (grid / "table.parquet").unlink()
    with pytest.raises(UserError, match="has no table"):
        read_sweep(grid)
