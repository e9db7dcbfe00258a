"""The command compare: its words, and what it refuses."""

import pytest


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["noise"], "--out DIR"),
        (["nois", "--out", "side"], "did you mean 'noise'"),
        (["noise", "--out", "side", "--cpus", "0"], "--cpus must be 1 or more"),
        (["noise", "--out", "side", "--seeds", "1", "1"], "each once"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(sicgrid, disk, words, says):
    ended = sicgrid("compare", *words)
    assert ended.code == 2
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert disk() == {}


def test_names_seeds_and_folder_reach_the_comparison(sicgrid, tmp_path, monkeypatch):
    asked = {}

    def compare(names, out, **options):
        asked.update(options, names=tuple(names), out=out)
        options["on_done"]("noise", 1, 2)
        return tmp_path / "side" / "comparison.html"

    monkeypatch.setattr("sicgrid.cli._compare.compare_systems", compare)
    ended = sicgrid("compare", "residue", "noise", "--out", "side", "--seeds", 0, 1, 2, "--whole")
    assert ended.code == 0, ended.err
    assert asked["names"] == ("residue", "noise")
    assert asked["seeds"] == (0, 1, 2)
    assert asked["whole"] is True
    assert "1 of 2: noise" in ended.out
    assert "comparison.html" in ended.out
