"""The real rat's path that ratinabox ships."""

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from sicgrid.storage import UserError, read_rat_path


@pytest.mark.skipif(find_spec("ratinabox") is None, reason="ratinabox is not installed (sicgrid[rat])")
def test_ten_minutes_in_a_box_of_one_meter():
    path = read_rat_path("sargolini")
    assert path.times[-1] - path.times[0] == pytest.approx(600, abs=1)
    assert (np.diff(path.times) > 0).all()
    assert path.positions.min() > 0
    assert path.positions.max() < path.box == 1.0
    assert "Sargolini et al. 2006" in path.citation
    assert path.files[0]["name"] == "sargolini.npz"


@pytest.mark.skipif(find_spec("ratinabox") is None, reason="ratinabox is not installed (sicgrid[rat])")
def test_ratinabox_itself_is_not_imported():
    """Its import would load much that nobody needs. In a process of its own: other tests here do import it."""
    code = (
        "import sys; from sicgrid.storage import read_rat_path as r; r('sargolini'); print('ratinabox' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"


def test_without_ratinabox_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("sicgrid.storage._rat_paths.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"install it with `.* -m pip install 'sicgrid\[rat\]'`"):
        read_rat_path()


def test_unknown_path():
    with pytest.raises(UserError, match="no path 'mouse'; known: sargolini"):
        read_rat_path("mouse")
