"""Entry point: which command, and how its errors end."""

import atexit
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from ..storage import FolderTaken, UserError, describe_os_error
from ._announce import announcement
from ._memory import keep_freed_memory

COMMANDS = {
    "reproduce": "the whole job: train, evaluate, analyze, report",
    "train": "train a network, or resume a run that was stopped (--resume)",
    "evaluate": "record a trained network walking in arenas",
    "analyze": "score the units of the recordings: grid score, spacing, orientation, null models",
    "report": "write the run's page of pictures",
    "explore": "write a page in which the network runs live",
    "sweep": "train the networks of a plan: seeds, ablations, grids, searches",
    "compare": "several systems side by side: networks, baselines, runs",
    "pretrained": "list the bundled networks, print a card, export a network",
    "export": "write a run's recording and units as an NWB file",
    "info": "show versions, device, kernels and presets",
    "completion": "print a script by which bash, zsh or fish complete all of this",
}

# Turns that a thread of libgomp waits before it sleeps: some ten microseconds, and some milliseconds. The latter are
# its own default; set in so many words, they tell `sicgrid.kernels._waiting` to leave them.
FEW_SPINS, MANY_SPINS = "2000", "300000"

STAGES = ("reproduce", "train", "evaluate", "analyze", "report", "info")  # in _commands; others have a file, _NAME.py


def run() -> int:
    """`main` as a process of its own, which ends at once with the exit code.

    What the command has registered for the end of the process is done; but the interpreter does not take itself apart,
    object by object, for which it needs a second where torch has trained. It does where something was registered
    before, which would come later and be lost.
    """
    if atexit._ncallbacks():
        return main()
    codes: list[int] = []
    atexit.register(_end, codes)  # the first that is registered is the last that is called
    codes.append(main())
    return codes[0]


def _end(codes: list[int]) -> None:
    if not codes:
        return  # an exception, which the interpreter reports
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # it is where there was none from the start
                stream.flush()
    except (OSError, ValueError):
        return  # which the interpreter reports, too
    os._exit(codes[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code.

    0: done. 1: training stopped at a loss that is not finite, or trials of a sweep failed. 2: something for the user to
    put right, in one line on stderr. 130, 143: stopped by Ctrl-C or SIGTERM, in training with the state saved. 141:
    whoever read the output had enough of it.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        # A name that the terminal has no letters for is no failure, nor is one that is no text; stderr never fails.
        sys.stdout.reconfigure(errors="backslashreplace" if "utf" in sys.stdout.encoding.lower() else "replace")
    try:
        return _run(arguments)
    except FolderTaken as error:
        return _fail(f"{error}: choose another --out", error.exit_code)
    except UserError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of our output, such as `head`, has closed it; the interpreter would complain as it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        return _fail(describe_os_error(error), 2)
    except MemoryError as error:
        return _fail(f"not enough memory ({error or 'an allocation failed'}); take fewer units, samples or boxes", 2)
    except KeyboardInterrupt:
        return _fail("stopped; what was done by then is kept, and the same command makes the rest", 128 + signal.SIGINT)


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0 if arguments else 2
    if arguments[0] in ("--version", "-V"):
        from .. import __version__

        print(f"sicgrid {__version__}")
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        import difflib

        near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UserError(f"unknown command {name!r}{hint} (commands: {', '.join(COMMANDS)})")
    if name not in STAGES and {"-h", "--help", "--help-all"} & set(rest):
        # Help is printed before the command's own module, and with it torch, is loaded. The help of STAGES holds the
        # settings of a run, and is printed by the commands themselves.
        from ._arguments import arguments_of
        from ._parse import parse

        parse(arguments_of(name), rest)  # which ends here, unless the word is an option's value
    if not {"-h", "--help", "--help-all"} & set(rest):
        line = announcement(name, rest).line
        if line:
            print(line, flush=True)
    if name != "sweep":  # whose workers inherit what it says
        _choose_waiting(threads_asked=any(word.partition("=")[0] == "--threads" for word in rest))
    keep_freed_memory()
    home = "._commands" if name in STAGES else f"._{name}"
    # Imported here: these load torch, which takes seconds, and `sicgrid --help` should not.
    command: Callable[[list[str]], int] = getattr(import_module(home, __package__), name)
    return command(rest)


def _choose_waiting(*, threads_asked: bool) -> None:
    """Say how long threads that wait for each other spin; read when PyTorch's and Numba's OpenMP load.

    Threads that are asked for stay when another process needs their core, and must sleep soon. A second thread of
    `Pace` is given up then, and works faster if it spins.
    """
    if "OMP_WAIT_POLICY" in os.environ or os.environ.get("GOMP_SPINCOUNT", MANY_SPINS) != MANY_SPINS:
        return  # somebody has said it
    if threads_asked:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ["GOMP_SPINCOUNT"] = FEW_SPINS if threads_asked else MANY_SPINS


def _overview() -> str:
    lines = ["usage: sicgrid COMMAND ...", "", "Self-supervised grid cells: train, take apart and picture.", ""]
    lines += [f"  {name:<11}{what}" for name, what in COMMANDS.items()]
    return "\n".join([*lines, "", "`sicgrid COMMAND --help` explains a command, --help-all its settings too."])


def _fail(message: str, code: int) -> int:
    print("sicgrid:", " ".join(message.split()), file=sys.stderr)
    return code
