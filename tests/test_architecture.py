"""The rules of docs/architecture.md, held to: who imports whom, how long a thing may be, what is documented."""

import ast
import builtins
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "sicgrid"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}

VAGUE = {"found", "given", "known", "one", "seen"}  # no names of variables: they say nothing of what they hold
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60  # without the docstring
LONG_FILES: dict[str, str] = {  # path in the package -> why it is long
}
LONG_FUNCTIONS: dict[str, str] = {  # path in the package::name -> why it is long
    "kernels/_triton_near.py::_near": "a GPU kernel: one tiled pass, whose registers no function call may split",
    "kernels/_band_rollout.py::_backward": "one pass for Numba, which compiles slices for seconds",
}
UNMIRRORED = {  # path in the package -> where it is tested instead
    "analysis/codes/_channels.py": "tests/analysis/codes/test_error_correction.py, which sends states through them",
    "analysis/states/_rings.py": "tests/analysis/states/test_state_space.py, whose clouds are seen along them",
    "analysis/maps/_annuli.py": "tests/analysis/scores/test_grid_score.py, where every ring counts",
    "analysis/modules/_index_chance.py": "tests/analysis/modules/test_index_spectrum.py, whose p it makes",
    "analysis/_config.py": "tests/analysis/test_units.py",
    "analysis/_summary.py": "tests/analysis/test_units.py, whose tables it sums up",
    "analysis/maps/_smoothing.py": "tests/analysis/maps/test_rate_maps.py",
    "bridges/_nwb_subject.py": "tests/bridges/test_nwb.py, which exports animals and refuses some",
    "cli/_arguments.py": "tests/cli/test_parse.py and test_help.py",
    "cli/_recording.py": "tests/cli/test_external.py",
    "cli/_evaluate.py": "tests/cli/test_named.py and test_external.py",
    "experiment/_activity_level.py": "tests/run/test_run.py, with populations of other scales",
    "experiment/_external_code.py": "tests/cli/test_named.py and tests/run/test_run.py, whose functions fail",
    "experiment/_own_systems.py": "tests/run/test_run.py, whose networks and codes it keeps",
    "evaluation/_own_network.py": "tests/run/test_run.py, which hands it networks of every kind",
    "run/_systems.py": "tests/run/test_compare.py, which makes them",
    "storage/external/_tracked.py": "tests/storage/external/test_read.py",
    "storage/external/_source.py": "tests/storage/external/test_read.py",
    "bridges/_extras.py": "tests/bridges, where each bridge names its extra",
    "experiment/_checkpoint.py": "tests/experiment/test_train.py, which resumes from them",
    "losses/_config.py": "tests/losses/test_sic.py",
    "trajectories/_config.py": "tests/trajectories/test_permuted.py",
    "evaluation/_config.py": "tests/evaluation and tests/experiment/test_config.py, which take the settings",
    "experiment/_analysis_settings.py": "tests/experiment/test_config.py and tests/findings/test_incremental.py",
    "findings/_compute.py": "tests/findings/test_part.py, with every part",
    "findings/_finding.py": "tests/findings/test_contract.py, with every finding",
    "findings/_generalization.py": "tests/findings/test_part.py",
    "findings/_group.py": "tests/report/test_sweep_results.py and tests/findings/test_ablations.py",
    "findings/_modules_compared.py": "tests/report/test_compare.py and tests/findings/test_contract.py",
    "findings/_periods_compared.py": "tests/report/test_compare.py and tests/findings/test_contract.py",
    "findings/_rule.py": "tests/findings/test_ablations.py",
    "findings/_sources.py": "tests/findings/test_part.py, with every part",
    "findings/_stamps.py": "tests/findings/test_incremental.py, by what is computed anew",
    "findings/_state_space.py": "tests/findings/test_contract.py and test_claims.py",
    "findings/_sweep_verdicts.py": "tests/findings/test_ablations.py",
    "findings/_torus_compared.py": "tests/findings/test_contract.py",
    "findings/_verdict.py": "tests/findings/test_claims.py",
    "findings/_worker.py": "tests/findings/test_processes.py, which starts some",
    "findings/_wording.py": "tests/report/test_page.py and tests/findings/test_contract.py",
    "findings/chance.py": "tests/findings/test_contract.py",
    "findings/correction.py": "tests/findings/test_contract.py",
    "findings/fields.py": "tests/findings/test_contract.py",
    "findings/geometry.py": "tests/findings/test_contract.py",
    "findings/modules.py": "tests/findings/test_contract.py and test_claims.py",
    "findings/paths.py": "tests/findings/test_contract.py and test_claims.py",
    "findings/phases.py": "tests/findings/test_contract.py and test_claims.py",
    "findings/torus.py": "tests/findings/test_contract.py and test_claims.py",
    "findings/units.py": "tests/findings/test_contract.py",
    "kernels/arrays/_bin_sums.py": "tests/analysis/maps/test_rate_maps.py, whose sparse products are its reference",
    "kernels/arrays/_farthest.py": "tests/analysis/states/test_landmarks.py, by a numpy pass a point",
    "kernels/arrays/_spikes.py": "tests/analysis/maps/test_rate_maps.py and test_spikes.py",
    "kernels/arrays/_edge_collapse.py": "tests/analysis/states/test_barcode.py, against the bars of all edges",
    "kernels/arrays/_field_shuffle.py": "tests/analysis/scores/test_field_shuffle.py, by loops",
    "kernels/arrays/_half.py": "tests/analysis/maps/test_whole_maps.py, by loops and against the general way",
    "kernels/arrays/_lowest.py": "tests/evaluation/test_intrinsic_correction.py, by all distances in double precision",
    "kernels/arrays/_rings.py": "tests/analysis/scores/test_grid_score.py, whose sparse products are its reference",
    "kernels/arrays/_wave_sums.py": "tests/analysis/lattices/test_design.py, against sums over rows",
    "kernels/_compile.py": "three decorators, which every kernel's test goes through",
    "kernels/_compiler.py": "tests/kernels/test_cache.py, which compiles by it",
    "kernels/_facade.py": "tests/kernels/test_pairs.py and test_rollout.py, which call it",
    "kernels/_triton_compile.py": "a decorator, which every GPU kernel's test goes through",
    "kernels/_triton_factors.py": "tests/kernels/test_triton_pairs.py",
    "kernels/_triton_far.py": "tests/kernels/test_triton_pairs.py and test_triton_compiles.py",
    "kernels/_ledger.py": "tests/kernels/test_triton_adamw.py, whose kernels fill it",
    "kernels/_triton_moves.py": "tests/kernels/test_triton_sic.py, whose fourth term is made of them",
    "kernels/_triton_near.py": "tests/kernels/test_triton_pairs.py",
    "kernels/_triton_sums.py": "tests/kernels/test_triton_adamw.py and test_triton_sic.py, whose kernels add up by it",
    "kernels/_triton_order.py": "tests/kernels/test_triton_pairs.py",
    "losses/_pairs.py": "tests/losses/test_separation.py and test_invariance.py, whose reference it is",
    "model/_config.py": "tests/model/test_rnn.py",
    "report/_panels.py": "tests/report/test_page.py",
    "report/_template.py": "tests/report/test_page.py and test_sweep_page.py, whose pages it makes",
    "sweeps/_range.py": "tests/sweeps/test_plan.py, with the plans that hold ranges",
    "training/_config.py": "tests/training/test_schedule.py",
    "training/_optimizer.py": "tests/training/test_schedule.py",
}

PICKLERS = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
SILENT_ROOMS = {
    "trajectories", "model", "losses", "kernels", "training", "evaluation", "baselines", "analysis", "theory",
    "figures",
}  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def python(code: str, cwd: Path) -> dict[str, object]:
    """What a fresh interpreter in an empty folder and an empty home prints, as JSON, after running the code."""
    environment = {"HOME": str(cwd), "MPLCONFIGDIR": str(cwd.parent), "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


# ---- who imports whom -----------------------------------------------------------------------------------------------


def test_no_room_but_findings_asks_for_a_part_by_name():
    asked = [
        f"{name_of(path)}:{node.lineno}"
        for path, tree in TREES.items()
        if not name_of(path).startswith("findings/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript | ast.Call)
        for of, name in [_asked(node)]
        if of == "parts" and isinstance(name, str)
    ]
    assert not asked, "results of a part are properties of RunResults"


def _asked(node: ast.Subscript | ast.Call) -> tuple[str, object]:
    """Name of what is read, and the key: of ``results.parts["modules"]`` and ``parts.get("modules")``."""
    if isinstance(node, ast.Subscript):
        source, key = node.value, node.slice
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        source, key = node.func.value, node.args[0]
    else:
        return "", None
    name = source.attr if isinstance(source, ast.Attribute) else source.id if isinstance(source, ast.Name) else ""
    return name, key.value if isinstance(key, ast.Constant) else None


def test_import_contracts_hold() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_stands_in_the_layers() -> None:
    """A room that the layers do not name would be free to import anything."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    named = {room.strip() for line in settings["contracts"][0]["layers"] for room in line.split("|")}
    rooms = {
        f"sicgrid.{path.stem}"
        for path in PACKAGE.iterdir()
        if not path.name.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").is_file())
    }
    assert rooms == named


LIGHT = {"torch", "numba", "matplotlib", "ruamel"}
PLAIN = {"scipy", "numpy", "pydantic", "tyro", "rich", "jinja2"}
SCIPY = {f"scipy.{part}" for part in ("fft", "ndimage", "optimize", "sparse", "spatial", "special", "stats")}
# What each statement must not bring, one after the other in one process where those before have brought none of it.
STATEMENTS = [
    [
        ("import sicgrid", LIGHT | PLAIN),
        ("main(['--help'])", LIGHT | PLAIN),
        ("import sicgrid.storage", LIGHT | PLAIN),
        ("import sicgrid.analysis", LIGHT | PLAIN),
        ("from sicgrid.experiment import RunConfig", {"torch", "numba", "matplotlib", "xarray", "pandas"} | SCIPY),
        ("main(['train', '--help'])", {"torch", "numba", "matplotlib"} | SCIPY),
        ("main(['analyze', '--help'])", {"torch", "numba", "matplotlib"} | SCIPY),
        ("main(['explore', '--help'])", {"torch", "numba", "matplotlib"} | SCIPY),
        ("main(['compare', '--help'])", {"torch", "numba", "matplotlib"} | SCIPY),
        ("main(['pretrained'])", {"torch", "numba", "matplotlib"} | SCIPY),
        (
            "sicgrid.analysis.rate_maps, sicgrid.analysis.topology",
            {"torch", "numba", "matplotlib", "sklearn", "ripser"},
        ),
        ("import sicgrid.baselines", {"torch", "numba", "matplotlib"}),
        ("sicgrid.SICLoss, sicgrid.train", {"matplotlib", "jinja2"}),
    ],
    [("import sicgrid.figures", {"torch", "numba", "ruamel"})],
]


@pytest.mark.parametrize("statements", STATEMENTS, ids=lambda statements: statements[-1][0])
def test_nothing_brings_more_than_it_needs(statements: list[tuple[str, set[str]]], empty_home: Path) -> None:
    """What makes ``--help`` and the first output come soon, without a clock."""
    code = f"""
import contextlib, io, json, sys
def main(words):
    from sicgrid.cli import main
    with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.suppress(SystemExit):
        main(words)
    assert told.getvalue(), words
loaded = {{}}
for statement in {[statement for statement, _ in statements]}:
    exec(statement)
    loaded[statement] = list(sys.modules)
print(json.dumps(loaded))
"""
    loaded = python(code, empty_home)
    for statement, absent in statements:
        assert set(loaded[statement]) & absent == set(), statement


def test_importing_all_of_it_has_no_effects_and_lazy_names_are_all_there(empty_home: Path) -> None:
    """No logging set-up, no GPU query, no threads, no change to torch's or numpy's state, no files."""
    code = """
import importlib, json, logging, os, pkgutil, signal, sys, threading, warnings
import matplotlib, numpy, torch
def state():
    return {
        "handlers": len(logging.getLogger().handlers),
        "level": logging.getLogger().level,
        "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)],
        "threads": threading.active_count(),
        "torch threads": torch.get_num_threads(),
        "torch dtype": str(torch.get_default_dtype()),
        "torch seed": torch.random.get_rng_state().sum().item(),
        "numpy seed": int(numpy.random.get_state()[1].sum()),
        "numpy errors": numpy.geterr(),
        "cuda": torch.cuda.is_initialized(),
        "environment": dict(os.environ),
        "matplotlib": {key: str(value) for key, value in matplotlib.rcParams.items()},
    }
before = state()
import sicgrid
for module in pkgutil.walk_packages(sicgrid.__path__, "sicgrid."):
    importlib.import_module(module.name)
after = state()
public = [name for name in dir(sicgrid) if name[0].isupper() or name == "train"]
print(json.dumps({
    "changed": {key: [before[key], after[key]] for key in before if before[key] != after[key]},
    "names": {name: getattr(sicgrid, name).__module__ for name in public},
}))
"""
    found = python(code, empty_home)
    assert found["changed"] == {}
    assert list(empty_home.iterdir()) == []
    names = found["names"]
    assert isinstance(names, dict)
    assert {"VelocityRNN", "SICLoss", "PermutedVelocities", "train"} <= set(names)


def test_rooms_import_from_each_other_only_what_is_public() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} {node.module}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module and node.module.startswith("sicgrid.")
        if any(part.startswith("_") for part in node.module.split("."))
    ]
    assert wrong == []


# ---- how a file reads -----------------------------------------------------------------------------------------------


def test_files_are_short_or_say_why() -> None:
    long = {name_of(path) for path in SOURCES if path.read_text(encoding="utf-8").count("\n") > MAX_FILE_LINES}
    assert long == set(LONG_FILES), "split the file, give a reason in LONG_FILES, or drop a reason no longer needed"


def test_functions_are_short_or_say_why() -> None:
    long = set()
    for path, tree in TREES.items():
        for node in functions(tree):
            documentation = ast.get_docstring(node, clean=False)
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1 - (documentation.count("\n") + 1 if documentation else 0)
            if lines > MAX_FUNCTION_LINES:
                long.add(f"{name_of(path)}::{node.name}")
    assert long == set(LONG_FUNCTIONS), "split it, give a reason in LONG_FUNCTIONS, or drop a reason no longer needed"


def test_variables_are_named_for_what_they_hold() -> None:
    """Whatever is assigned, and arguments; in kernels `one` is the 1 of a type."""
    vague = []
    for path in [*SOURCES, *sorted((ROOT / "studies").glob("*.py")), *sorted((ROOT / "benchmarks").glob("*.py"))]:
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        names |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        vague += [f"{path.name}: {name}" for name in names & VAGUE if name != "one" or "kernels" not in path.parts]
    assert vague == []


def test_every_file_has_a_room_with_a_name() -> None:
    forbidden = {"util", "utils", "common", "helper", "helpers", "misc", "ext"}
    assert [name_of(path) for path in SOURCES if forbidden & set(path.stem.strip("_").split("_"))] == []


def test_doors_hold_explicit_re_exports_only() -> None:
    """A room's __init__ says its public names one by one, `from ._x import Name as Name`, and does nothing else.

    Lazy ones say them under `if TYPE_CHECKING`, as `sicgrid._lazy` does.
    """
    wrong = []
    for path in PACKAGE.glob("*/**/__init__.py"):
        assert ast.get_docstring(TREES[path]), f"{name_of(path)} does not say what the room is"
        for node in re_exports(TREES[path])[1:]:
            explicit = (
                isinstance(node, ast.ImportFrom)
                and (node.level == 1 or node.module == "_maps")  # what analysis makes and storage keeps is one record
                and all(alias.asname == alias.name and is_public(alias.name) for alias in node.names)
            )
            if not explicit and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                wrong.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")
    assert wrong == []


LAZY = re.compile(
    r"""from typing import TYPE_CHECKING

from \.+_lazy import lazy_names

if TYPE_CHECKING:
(    from .*\n)+else:
(    from \._moved import MOVED

)?    __getattr__, __dir__ = lazy_names\(__name__(, MOVED)?\)
$"""
)


def re_exports(door: ast.Module) -> list[ast.stmt]:
    """The statements of a door, in a lazy one those that it shows to type checkers."""
    choices = [node for node in door.body if isinstance(node, ast.If)]
    return [door.body[0], *choices[0].body] if choices else door.body


def test_lazy_doors_are_all_alike() -> None:
    doors = [path.read_text(encoding="utf-8") for path in PACKAGE.glob("*/**/__init__.py")]
    lazy = [text for text in doors if "_lazy" in text]
    assert lazy
    assert [text for text in lazy if not LAZY.search(text)] == []


def is_public(name: str) -> bool:
    """A module's own `__getattr__` counts: by it a door still answers to names that have moved to another room."""
    return not name.startswith("_") or name == "__getattr__"


def test_no_all_and_no_star_imports() -> None:
    wrong = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == "__all__":
                wrong.append(f"{name_of(path)}:{node.lineno} __all__")
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                wrong.append(f"{name_of(path)}:{node.lineno} import *")
    assert wrong == []


def test_nothing_is_pickled() -> None:
    """torch.save and torch.load pickle; numpy does when told to."""
    wrong = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    modules = {alias.name.split(".")[0] for alias in names}
                case ast.ImportFrom(module=str(module), level=0):
                    modules = {module.split(".")[0]}
                case _:
                    modules = set()
            saves = isinstance(node, ast.Call) and ast.unparse(node.func) in {"torch.save", "torch.load"}
            allowed = (
                isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False"
            )
            if modules & PICKLERS or saves or allowed:
                wrong.append(f"{name_of(path)}: {ast.unparse(node)}")
    assert wrong == []


def test_nothing_swallows_every_error() -> None:
    """Cleaning up on any error is fine where the handler ends by raising it again; around code that is not ours, in the
    one file that is about it, where it ends by raising another from it.
    """
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        if node.type is None or {"Exception", "BaseException"} & names_in(node.type)
        if not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
        if not (name_of(path) == "experiment/_external_code.py" and isinstance(node.body[-1], ast.Raise))
    ]
    assert wrong == []


def names_in(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


DISK_AND_TERMINAL = {"print", "open", "Path", "pathlib.Path"}


def test_the_core_neither_prints_nor_touches_the_disk() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path, tree in TREES.items()
        if name_of(path).split("/")[0] in SILENT_ROOMS
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        if ast.unparse(node.func) in {"print", "open", "Path", "pathlib.Path"}
        or ast.unparse(node.func).endswith(".savefig")
    ]
    assert wrong == []


def test_nothing_imports_from_a_script() -> None:
    """What two scripts share is a module of its own: who runs one should not have to read another."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for folder in ("benchmarks", "studies")
        for path in sorted((ROOT / folder).glob("*.py"))
    }
    scripts = {path.stem for path, tree in trees.items() if any(is_guard(statement) for statement in tree.body)}
    wrong = [
        f"{path.parent.name}/{path.name}:{node.lineno} {name}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name in scripts
    ]
    assert scripts
    assert wrong == []


def is_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in names_in(statement.test)


# ---- what is documented and tested ----------------------------------------------------------------------------------


def exported() -> Iterator[tuple[str, ast.AST]]:
    """Every public function and class of every room, with the node that defines it."""
    for door in PACKAGE.glob("*/**/__init__.py"):
        for statement in re_exports(TREES[door]):
            if not (isinstance(statement, ast.ImportFrom) and statement.level == 1 and statement.module):
                continue
            module = door.parent / f"{statement.module}.py"
            if module not in TREES:
                continue  # a folder within the room, whose own door says its names
            tree = TREES[module]
            defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            for alias in statement.names:
                if alias.name in defined:
                    yield f"{door.parent.name}.{alias.name}", defined[alias.name]


def test_every_module_says_what_it_is() -> None:
    assert [name_of(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_every_public_name_is_documented() -> None:
    undocumented = []
    for name, node in exported():
        assert isinstance(node, ast.FunctionDef | ast.ClassDef)
        if not ast.get_docstring(node):
            undocumented.append(name)
        if isinstance(node, ast.ClassDef):
            undocumented += [
                f"{name}.{method.name}"
                for method in node.body
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
                if not ast.get_docstring(method) and not is_overload(method)
            ]
    assert undocumented == []


def is_overload(method: ast.FunctionDef) -> bool:
    return any("overload" in ast.unparse(decorator) for decorator in method.decorator_list)


ENTRY = r"[A-Z]\w+\n {4}[A-Z](?:.|\n {4})*\."
AFTER = r"\n\n(?:>>>|\w[\w ]*\n---)|\Z"  # an example, another section or the end: prose would be read as a type
RAISES = re.compile(rf"^Raises\n------\n{ENTRY}(?:\n{ENTRY})*(?={AFTER})", re.MULTILINE)
PROSE = r"\w+Error`* (?:if|unless|for|when|where)\b"


def test_what_is_raised_is_told_in_one_style() -> None:
    """As numpydoc has it: a heading with a line below, the type alone on its line, then a sentence, set in."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    told = [
        (f"{name_of(path)}: {getattr(node, 'name', 'the file')}", ast.get_docstring(node) or "")
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, documented)
    ]
    assert any(RAISES.search(text) for _, text in told)
    headings = re.compile(r"^ *:?raises?(?: \w+)?:?$", re.MULTILINE | re.IGNORECASE)
    assert [where for where, text in told if len(headings.findall(text)) != len(RAISES.findall(text))] == []


def test_whoever_raises_says_so() -> None:
    """What a public function, method or constructor raises by itself stands under its Raises, by the name of the type.

    What it leaves to others to raise it need not repeat; a constructor's errors stand with its class. None stand in the
    prose.
    """
    without, in_prose = [], []
    for name, node, text in public_functions():
        section = RAISES.search(text)
        types = set(re.findall(r"^\w+$", section[0], re.MULTILINE)) if section else set()
        without += [f"{name} {error}" for error in sorted(raised_by(node.body) - types) if is_told(error)]
        in_prose += [f"{name}: {told}" for told in re.findall(PROSE, RAISES.sub("", text))]
    assert without == []
    assert in_prose == []


def test_errors_are_found_where_they_leave_a_function() -> None:
    code = """
def function():
    try:
        raise ValueError("caught here")
    except (ValueError, KeyError):
        raise UserError("instead") from None
    finally:
        raise
    for outcome in outcomes:
        if outcome:
            raise outcome
        raise TypeError
    def inner():
        raise OSError
    """
    raised = raised_by(ast.parse(code).body[0].body)  # type: ignore[attr-defined]
    assert raised == {"UserError", "outcome", "TypeError"}
    assert {error for error in raised if is_told(error)} == {"UserError", "TypeError"}


def public_functions() -> Iterator[tuple[str, ast.FunctionDef, str]]:
    """Public functions, methods and constructors of every room, each with the docstring that is to tell its errors."""
    public = dict(exported())
    for path in SOURCES:
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if not any(part.startswith("_") for part in parts):
            nodes = [node for node in TREES[path].body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
            public |= {".".join((*parts, node.name)): node for node in nodes}
    for name, node in public.items():
        if name.rpartition(".")[2].startswith("_"):
            continue
        if isinstance(node, ast.FunctionDef):
            yield name, node, ast.get_docstring(node) or ""
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    makes = method.name in {"__init__", "__post_init__", "__new__"}
                    if makes or not method.name.startswith("_"):
                        yield f"{name}.{method.name}", method, ast.get_docstring(node if makes else method) or ""


def raised_by(statements: Iterable[ast.AST]) -> set[str]:
    """What these statements raise by name and do not catch themselves, but for the functions defined among them."""
    raised: set[str] = set()
    for node in statements:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                pass
            case ast.Raise(exc=ast.Call(func=ast.Name(id=error)) | ast.Name(id=error)):
                raised.add(error)
            case ast.Try():
                caught = {name for handler in node.handlers if handler.type for name in names_in(handler.type)}
                raised |= raised_by(node.body) - caught
                raised |= raised_by([*node.handlers, *node.orelse, *node.finalbody])
            case _:
                raised |= raised_by(ast.iter_child_nodes(node))
    return raised


def is_told(error: str) -> bool:
    """Whether it is the user's error or one of Python's, but for what marks a method that is yet to be written."""
    kind = getattr(builtins, error, None)
    python = isinstance(kind, type) and issubclass(kind, Exception) and kind is not NotImplementedError
    return python or error == "UserError"


def test_every_setting_is_described() -> None:
    """The description is what --help shows, so a setting without one is a setting that nobody can use."""
    bare = [
        f"{name_of(path)}:{field.lineno} {node.name}.{ast.unparse(field.target)}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Config")
        for field in node.body
        if isinstance(field, ast.AnnAssign)
        if "description=" not in ast.unparse(field)
    ]
    assert bare == []


def test_tests_mirror_the_source() -> None:
    without = set()
    for path in PACKAGE.glob("*/**/*.py"):
        test = ROOT / "tests" / path.relative_to(PACKAGE).with_name(f"test_{path.stem.strip('_')}.py")
        if path.stem != "__init__" and not test.is_file():
            without.add(name_of(path))
    assert without == set(UNMIRRORED), "write its test file, say in UNMIRRORED where it is tested, or drop the entry"
