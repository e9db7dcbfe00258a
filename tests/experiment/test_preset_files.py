"""The files of presets, without their settings."""

import pytest

from sicgrid.experiment import preset_comment, preset_names
from sicgrid.experiment._preset_files import check_only_sentence, preset_text


def test_the_quickest_comes_first():
    assert preset_names() == ["smoke", "quick", "modules", "nested", "periods", "emergent", "places", "long", "paper"]


@pytest.mark.parametrize("name", preset_names())
def test_each_says_what_it_is_for(name):
    comment = preset_comment(name)
    assert len(comment) > 20
    assert "#" not in comment
    assert preset_text(name).startswith(f"# {comment[:15]}")


def test_a_preset_that_is_for_no_science_says_so():
    says = {name: check_only_sentence(name) for name in preset_names()}
    assert says.pop("smoke").startswith("Only checks that the installation works")
    assert set(says.values()) == {""}
