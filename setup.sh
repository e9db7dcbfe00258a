#!/bin/sh
# Makes .venv with sicgrid in it. Run it as often as you like: it does nothing when .venv is up to date, and makes a
# half-made one anew.
#
#   ./setup.sh        sicgrid and what it needs
#   ./setup.sh docs   the same, and what the documentation site is built with
#   ./setup.sh dev    all of that, all extras, and the tools for its tests and checks
#
# PYTHON=/path/to/python3.12 ./setup.sh chooses the interpreter; pip listens to its own PIP_* variables.
set -eu
cd "$(dirname "$0")"

form=${1:-user}
venv=.venv
mark=$venv/.sicgrid-setup # "making", or the form and the checksum that .venv was made from
log=$venv/setup.log

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
    say "$@"
    exit 1
}

case $form in
user | docs | dev) ;;
*) die "unknown argument '$form': use ./setup.sh, ./setup.sh docs or ./setup.sh dev" ;;
esac

# The path is part of it: a virtual environment does not survive being moved.
wanted=$({ cat pyproject.toml setup.sh && pwd -P; } | cksum | tr ' ' -)

# "dev" holds all that "docs" holds, and that all that "user" holds.
up_to_date() {
    [ -f "$mark" ] && "$venv/bin/python" -c '' 2>/dev/null || return 1
    found=$(cat "$mark")
    [ "$found" = "dev $wanted" ] || [ "$found" = "$form $wanted" ] ||
        { [ "$form" = user ] && [ "$found" = "docs $wanted" ]; }
}

suitable() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        suitable "$PYTHON" || die "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13"
        echo "$PYTHON"
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if suitable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    die "no Python 3.11, 3.12 or 3.13 found (python3 is: $(python3 --version 2>&1 || echo none)).
       Install one, for instance: sudo apt-get update && sudo apt-get install -y python3 python3-venv"
}

# Debian and Ubuntu keep ensurepip, without which venv cannot make an environment with pip, in a package of its own.
install_ensurepip() {
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    by_hand="apt-get update && apt-get install -y $package"
    command -v apt-get >/dev/null || die "$python lacks the module ensurepip; install your system's package for it"
    if [ "$(id -u)" = 0 ]; then
        root=
    elif sudo -n true 2>/dev/null; then
        root="sudo -n"
    else
        die "$python lacks the module ensurepip. Run this once, then the same command again:
       sudo sh -c '$by_hand'"
    fi
    say "installing $package, which $python needs to make an environment"
    # shellcheck disable=SC2086 # an empty $root must vanish
    $root env DEBIAN_FRONTEND=noninteractive sh -c "$by_hand" >"$log" 2>&1 </dev/null || {
        tail -n 5 "$log" >&2
        die "could not install $package; by hand: sudo sh -c '$by_hand'"
    }
}

# What pip is at, by the last telling line of its output: "Collecting numpy", "Downloading numpy-2.4.whl", "Installing".
pip_step() {
    sed -n -e 's|^ *\(Collecting [A-Za-z0-9._-]*\).*|\1|p' \
        -e 's|^ *Downloading [^ ]*/\([^ /]*\).*|Downloading \1|p' \
        -e 's|^ *\(Downloading [^ /]*\) .*|\1|p' \
        -e 's|^Installing .*|Installing|p' "$log" | tail -n 1
}

# pip in the background with its output in a file, and one line of progress here: rewritten on a terminal, else every
# 30 s.
install() {
    "$venv/bin/python" -m pip install --no-input "$@" >"$log" 2>&1 </dev/null &
    pip=$!
    trap 'kill "$pip" 2>/dev/null; say "interrupted; the same command starts afresh"; exit 130' INT TERM HUP
    seconds=0
    while kill -0 "$pip" 2>/dev/null; do
        doing=$(pip_step)
        if [ -t 2 ]; then
            printf '\r\033[Ksetup: %3d s  %.60s' "$seconds" "$doing" >&2
        elif [ $((seconds % 30)) = 29 ]; then
            say "$seconds s  $doing"
        fi
        sleep 1
        seconds=$((seconds + 1))
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
    trap - INT TERM HUP
    wait "$pip" || {
        tail -n 15 "$log" >&2
        die "pip failed; its whole output is in $log"
    }
}

# Bytecode of what sicgrid imports anywhere. pip would write that of all that is installed, four times as many files.
compile_imported() {
    say "compiling what sicgrid imports"
    "$venv/bin/python" - >"$log" 2>&1 <<'PY' || say "note: could not compile all of it; the first start will be slower"
import ast, contextlib, importlib, pathlib, sys

sys.dont_write_bytecode = False
for file in sorted(pathlib.Path("src/sicgrid").rglob("*.py")):
    if file.stem == "__main__":
        continue
    names = [".".join(file.relative_to("src").with_suffix("").parts).removesuffix(".__init__")]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.append(node.module)
    for name in names:
        with contextlib.suppress(ImportError):  # of what an extra brings, or the other system has
            importlib.import_module(name)
PY
}

make_venv() {
    python=$(find_python)
    say "$("$python" --version) -> $venv"
    rm -rf "$venv-old" # moved aside first, so that a deletion cut short leaves no folder without its mark
    [ ! -e "$venv" ] || mv "$venv" "$venv-old"
    rm -rf "$venv-old"
    mkdir "$venv"
    echo making >"$mark"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_ensurepip
    "$python" -m venv "$venv" >"$log" 2>&1 || {
        cat "$log" >&2
        die "could not make $venv"
    }
}

# One set-up at a time. pip inherits the lock, so that the pip of a killed set-up is waited for and not written over.
if command -v flock >/dev/null; then
    exec 9<setup.sh
    flock -n 9 || {
        say "waiting for another setup in this folder to end"
        flock 9
    }
fi

if up_to_date; then
    exit 0
fi

if [ -d "$venv" ] && [ ! -f "$mark" ] && [ -n "$(ls -A "$venv")" ]; then
    die "$venv is not of this script's making: move it away, then run this again"
fi
smaller=$(cat "$mark" 2>/dev/null || true)
if { [ "$smaller" = "user $wanted" ] || [ "$smaller" = "docs $wanted" ]; } && "$venv/bin/python" -c '' 2>/dev/null; then
    say "adding to $venv what $form needs beside"
    echo making >"$mark"
    [ "$smaller" = "docs $wanted" ] || "$venv/bin/python" -m compileall -qq "$venv/lib" >"$log" 2>&1 || true
else
    make_venv
    # A new pip takes less time than the one that Python 3.11 comes with, which will do where no other can be had.
    (install --no-compile --upgrade pip) || [ $? != 130 ] || exit 130
fi

if [ "$form" = dev ]; then
    # pip reads dependency groups only since 25.1; the standard library reads them always.
    "$venv/bin/python" - >"$venv/dev.txt" <<'PY'
import pathlib, tomllib
print("\n".join(tomllib.loads(pathlib.Path("pyproject.toml").read_text())["dependency-groups"]["dev"]))
PY
    install --editable '.[docs,nwb,pynapple,ratinabox,sweep,tensorboard,wandb]' --requirement "$venv/dev.txt"
elif [ "$form" = docs ]; then
    install --editable '.[docs]'
else
    install --no-compile --editable .
    compile_imported
fi

if ls "$venv"/lib/python3.*/site-packages/nvidia >/dev/null 2>&1 && [ ! -e /proc/driver/nvidia ]; then
    say "note: pip chose a GPU build of PyTorch, and this machine shows no GPU; docs/guides/install.md says how to get the CPU build"
fi

printf '%s %s\n' "$form" "$wanted" >"$mark.new"
mv "$mark.new" "$mark"
say "done"
