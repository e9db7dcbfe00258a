"""The files of the bundled presets: their names, what each says of itself, and their text.

Apart from what checks settings, which takes a second to load: the command line names presets before that.
"""

import re
from pathlib import Path

DEFAULT_PRESET = "quick"

_FOLDER = Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """Names of the presets, the quickest first."""
    names = {file.stem for file in _FOLDER.glob("*.yaml")}
    order = ["smoke", "quick", "modules", "nested", "periods", "emergent", "places", "long", "paper"]
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def preset_comment(name: str) -> str:
    """The comment at the head of a preset's file."""
    lines = preset_text(name).splitlines()
    head = lines[: next((index for index, line in enumerate(lines) if not line.startswith("#")), len(lines))]
    return " ".join(line.removeprefix("#").strip() for line in head)


def check_only_sentence(name: str) -> str:
    """The sentence, "Only checks ...", by which a preset says that it is for no science; of all others empty."""
    sentence = re.search(r"Only checks .*?\.(?= |$)", preset_comment(name))
    return sentence[0] if sentence else ""


def preset_text(name: str) -> str:
    """A preset's file."""
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
