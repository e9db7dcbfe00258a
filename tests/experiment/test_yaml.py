"""One strict reader of YAML 1.2, and a writer that it reads back."""

import itertools
import math
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sicgrid.experiment import checked_config, load_config, load_run_config, parse_yaml, preset_names, yaml_text
from sicgrid.storage import RunDirectory, UserError

# Scalars that readers of other YAMLs disagree about.
# fmt: off
ODD = [
    "on", "ON", "yes", "y", "no", "n", "off", "null", "~", "1e-3", "1e3", ".5", ".5e3", "5.", "1.e5", "010", "0o10",
    "0x1F", "0b1", "1_000", "3_60", "1:30", "190:20:30", "007", "1.0e-05", ".inf", "-.inf", "+.INF", ".nan",
    "2026-11-24", "2026-11-24T10:00:00Z", "<<", "=", "-", "?", "---", "...", "*x", "&x", "!x", "@x", "`x", "%x", "[",
    "]", "{", "}", "#", ":", ",", "|", ">", "'", '"', "\\", "a:b", "true", "True", "tRUE", "Null", "-0", "+1", "1.",
    "e5",
]
# fmt: on


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((word, word) for word in ("on", "off", "yes", "no", "y", "n", "tRUE", "nULL", "1_000", "3_60", "190:20:30")),
        *((word, word) for word in ("2026-11-24", "2026-11-24T10:00:00Z", "0b1", "1.2.3", "e5", "-0o7", "a b")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, None) for word in ("null", "~", "")),
        ("1e-3", 0.001),
        ("1.0e-05", 1e-5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("010", 10),
        ("007", 7),
        ("0o10", 8),
        ("0x1F", 31),
        ("-3", -3),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("'on'", "on"),
        ('"1e-3"', "1e-3"),
        ("'2.0'", "2.0"),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_what_a_scalar_means(written, meant):
    found = parse_yaml(f"a: {written}\nb: [{written}]\n", "given")
    assert repr(found) == repr({"a": meant, "b": [meant] if written else []})
    assert type(found["a"]) is type(meant)


def test_nan():
    assert math.isnan(parse_yaml("a: .nan", "given")["a"])


@pytest.mark.parametrize(
    "name", ["on", "no", "off", "y", "3_60", "1e3", "007", "1", "1.0", "null", "true", "2026-11-24"]
)
def test_a_name_is_the_text_that_stands_there(name):
    for written in (name, f"'{name}'", f'"{name}"', f"? {name}\n"):
        assert parse_yaml(f"{written}: 1", "given") == {name: 1}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\na: 2", 2, "a is given twice, first in line 1"),
        ("a:\n  b: 1\n  c: 2\n  b: 3", 4, "a.b is given twice, first in line 2"),
        ("a:\n- b: {c: 1, 'c': 2}", 2, "a[0].b.c is given twice"),
        ("1: a\n'1': b", 2, "1 is given twice"),
        ("a: 1\n? a\n", 2, "a is given twice"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys (<<)"),
        ("a: !!str 3", 1, "tags are not taken"),
        ("a: !!python/object/apply:os.getcwd []", 1, "tags"),
        ("a: ! b", 1, "tags"),
        ("!!map {a: 1}", 1, "tags"),
        ("!!str a: 1", 1, "a name must be text"),
        ("? [a, b]\n: c", 1, "a name must be text"),
        ("{a: {? {b: c} : d}}", 1, "a name in a must be text"),
        ("a: &x b\n*x : c", 2, "a name must be text"),
        ("a: &x [*x]", 1, "*x stands for nothing"),
        ("a: *x", 1, "*x stands for nothing"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("%YAML 1.1\n---\na: on", 2, "another version of YAML"),
        ("a: 1e999", 1, "no float holds"),
        (f"a: {'9' * 5000}", 1, "no float holds"),
        (f"a: 0x{'f' * 5000}", 1, "no float holds"),
        ('a: "\\ud800"', 1, "surrogate"),
        ("a: [1", 1, "not valid YAML"),
        ("a:\n\t- 1", 2, "not valid YAML"),
        ("[" * 100, 1, "more than 40 levels"),
        ("a: 1\n  b: 2", 2, "not valid YAML"),
    ],
)
def test_faults_are_told_in_one_line_with_their_place(text, line, says):
    with pytest.raises(UserError) as caught:
        parse_yaml(text, "mine.yaml")
    message = str(caught.value)
    assert message.startswith(f"mine.yaml, line {line}: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfea\x00", "not a text file"),
        (b"a: \xe9", "not a text file"),
        (b"a: \x00", "not valid YAML"),
        (b'a: "\\Uffffffff"', "not valid YAML"),
        (b"#" * (2**20 + 1), "more than 1,048,576 characters"),
    ],
)
def test_content_that_is_no_text_of_settings(content, says):
    with pytest.raises(UserError, match=says):
        parse_yaml(content, "mine.yaml")


def test_aliases_stand_for_copies_and_a_bomb_of_them_is_refused():
    found = parse_yaml("a: &x {b: [1]}\nc: *x", "given")
    assert found == {"a": {"b": [1]}, "c": {"b": [1]}}
    assert found["a"] is not found["c"]
    names = "abcdefghij"
    rows = [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in itertools.pairwise(names)]
    with pytest.raises(UserError, match="more than 50,000 values"):
        parse_yaml("\n".join(["a: &a [0, 0, 0, 0, 0, 0, 0, 0, 0]", *rows]), "given")


def test_a_byte_order_mark_is_no_letter():
    assert parse_yaml(b"\xef\xbb\xbfa: 1", "given") == {"a": 1}
    assert parse_yaml("\ufeffa: 1", "given") == {"a": 1}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "---\n...\n"])
def test_nothing(text):
    assert parse_yaml(text, "given") is None


TEXT = st.text(max_size=12) | st.sampled_from(ODD) | st.text(string.punctuation + " \n\t0123456789eE", max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(
    SCALARS, lambda of: st.lists(of, max_size=3) | st.dictionaries(TEXT, of, max_size=3), max_leaves=8
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_is_written_is_read_back(value):
    assert repr(parse_yaml(yaml_text(value), "written")) == repr(value)


@example("*\u2028")
@example('a\\n: 1\n"a\\n": 2')
@example('"a\\nb": 1\n"a\\nb": 2')
@given(st.text(max_size=40) | st.text(string.punctuation + " \n\tabe019", max_size=30))
def test_any_text_is_read_or_refused(text):
    refusal = ""
    try:
        parse_yaml(text, "given")
    except UserError as error:
        refusal = str(error)
    assert len(refusal.splitlines()) <= 1


def test_settings_are_written_in_order_and_so_that_yaml_1_1_reads_the_same():
    assert yaml_text({"b": 1e-5, "a": ["on", "1_000", 2.0], "c": {"d": math.inf, "e": []}}) == (
        "b: 1.0e-05\na:\n- 'on'\n- '1_000'\n- 2.0\nc:\n  d: .inf\n  e: []\n"
    )


OLD_CONFIG = """\
preset: quick
seed: 7
tracker: none
trajectories:
  permute: true
training:
  steps: 6000
  learning_rate: 2.0e-05
  betas:
  - 0.9
  - 0.999
  gradient_clip: .inf
  schedule: 'cosine'
evaluation:
  arenas:
  - 2.0
  - 1.5
analysis:
  scorer: langston
"""


def test_a_config_that_pyyaml_wrote_is_read_as_before(tmp_path):
    (tmp_path / "config.yaml").write_text(OLD_CONFIG)
    config = load_run_config(RunDirectory(tmp_path))
    assert (config.seed, config.training.learning_rate, config.training.betas) == (7, 2e-5, (0.9, 0.999))
    assert (config.training.gradient_clip, config.training.schedule) == (math.inf, "cosine")
    assert config.evaluation.arenas == (2.0, 1.5)
    assert config.trajectories.permute is True


@pytest.mark.parametrize("name", preset_names())
def test_presets_round_trip(name):
    config = load_config(name)
    assert checked_config(parse_yaml(config.to_yaml(), "written")) == config
