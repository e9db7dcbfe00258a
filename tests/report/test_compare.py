"""The page that has several systems side by side, on really analyzed codes."""

import re

import pandas as pd
import pytest

import own_systems as own
from sicgrid import Run
from sicgrid.report import ComparedSystem, write_comparison


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A comparison of a grid code, in two seeds that are alike, and of a code of two units; its path and text."""
    folder = tmp_path_factory.mktemp("compared")
    codes = {"grid": own.grid_code, "again": own.grid_code, "two": lambda places: own.grid_code(places)[:, :2]}
    for name, code in codes.items():
        Run.from_code(code, folder / "runs" / name, arenas=(1.2,), settings=own.FEW).analyze(
            only=("modules", "periods", "fields")
        )
    about = ("coding theory", "A <grid>", "Someone 2007", "the lattice", "grid cells")
    runs = folder / "runs"
    systems = [
        ComparedSystem("grid", *about, (runs / "grid", runs / "again"), (2.0, 4.0)),
        ComparedSystem("two", "chance", "Two units", "ours", "nothing", "", (runs / "two",), (0.01,)),
    ]
    written = write_comparison(systems, folder)
    return written, written.read_text()


def test_a_row_a_system_with_its_picture_and_its_own_page(page):
    _, text = page
    assert re.findall(r'<th scope="row"><a href="([^"]+)">', text) == ["runs/grid/report.html", "runs/two/report.html"]
    assert "A &lt;grid&gt;" in text
    assert text.count('class="thumbs"') == 2
    assert "data:image/png" in text


def test_what_cannot_be_told_says_so(page):
    rows = page[1].split("<tr>")[2:]
    assert "not applicable" in rows[0]
    assert "100 %" in rows[0]
    assert "0.50 m" in rows[0]
    assert "3 s" in rows[0]
    assert "too few units" in rows[1]
    assert "&lt; 1 s" in rows[1]


def test_it_says_what_each_row_was_measured_by(page, tmp_path):
    assert page[1].count("2 shuffles, 20 walks or more of 120 steps") == 2
    assert "Rows differ" not in page[1]
    other = Run.from_code(own.grid_code, tmp_path / "other", arenas=(1.0, 1.5), settings=own.FEW)
    other.analyze(only=("modules",))
    about = ("yours", "a grid", "ours", "the lattice", "")
    compared = [
        ComparedSystem("grid", *about, (page[0].parent / "runs/grid",), (1.0,)),
        ComparedSystem("other", *about, (other.path,), (1.0,)),
    ]
    text = write_comparison(compared, tmp_path).read_text()
    assert ">1 and 1.5 m<" in text
    assert "Rows differ in boxes" in text
    assert "same boxes" not in text


def test_nothing_outside_is_loaded(page):
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page[1])
    assert "<script" not in page[1]


def test_the_table_holds_the_same(page):
    folder = page[0].parent
    table = pd.read_csv(folder / "comparison.csv").set_index("name")
    assert table.loc["grid", "seeds"] == 2
    assert table.loc["grid", "grid_cells"] == 1
    assert table.loc["grid", "seconds_to_make"] == 3
    assert pd.isna(table.loc["two", "modules"])
    assert pd.isna(table.loc["grid", "path_error_inside"])
    pytest.importorskip("pyarrow")
    stored = pd.read_parquet(folder / "comparison.parquet").set_index("name")
    assert list(stored.loc["grid", "spacings_m"]) == pytest.approx([own.SPACING], rel=0.02)
