"""The examples of docs/bridges.md run, on shorter recordings, and draw their pictures."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "bridges.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^<!-- (\w+) -->\n```python\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL))
NEEDS = {"ratinabox": "ratinabox", "pynapple": "pynapple", "nwb": "ndx_rate_maps", "xarray": "xarray"}
SHORTER = {"minutes": "0.2", "animals": "5"}


@pytest.mark.parametrize("name", NEEDS)
@pytest.mark.filterwarnings("ignore")  # the other packages' own
def test_example_of(name, tmp_path, monkeypatch):
    if find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed")
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    pictures = tmp_path / "docs" / "pictures"
    pictures.mkdir(parents=True)
    script = EXAMPLES[name]
    for setting, value in SHORTER.items():
        script = re.sub(rf"^{setting} = \d+$", f"{setting} = {value}", script, flags=re.MULTILINE)
    exec(compile(script, f"docs/bridges.md, {name}", "exec"), {})
    plt.close("all")
    drawn = [picture.name for picture in pictures.iterdir()]
    assert drawn == [f"bridge-{name}.png"]
    assert f"(pictures/{drawn[0]})" in TEXT
    assert (ROOT / "docs" / "pictures" / drawn[0]).is_file()


def test_every_example_is_run():
    assert EXAMPLES.keys() == NEEDS.keys()
