"""Calling code that is not ours: whatever goes wrong in it is reported in one line."""

import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..storage import UserError

_PACKAGE = Path(__file__).parents[1]
_LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))


@contextmanager
def external_code(what: str) -> Iterator[None]:
    """Wrap a call of an external function or module, so that its faults are reported in one line.

    KeyboardInterrupt and MemoryError pass unchanged; the command line has its own messages for them.

    Raises
    ------
    UserError
        For whatever else the call raises, SystemExit included; the line begins with ``what``.

    """
    try:
        yield
    except (UserError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        raise UserError(f"{what}: {_describe_fault(error)}") from error


def _describe_fault(error: BaseException) -> str:
    """One line: class and message of the error, and the file and line where it was raised, unless that is ours.

    The place is the deepest line of the user's own files; only if there is none, of a library.
    """
    message, trace, places = " ".join(str(error).split()), error.__traceback__, list[tuple[Path, int]]()
    while trace is not None:
        places.append((Path(trace.tb_frame.f_code.co_filename), trace.tb_lineno))
        trace = trace.tb_next
    raised_by_us = bool(places) and places[-1][0].is_relative_to(_PACKAGE)
    if type(error) is ValueError and raised_by_us:
        return message
    outside = [place for place in places if not place[0].is_relative_to(_PACKAGE) and "importlib" not in str(place[0])]
    users = [place for place in outside if not any(place[0].is_relative_to(folder) for folder in _LIBRARIES)]
    candidates = users or outside
    place = f" at {candidates[-1][0].name}:{candidates[-1][1]}" if candidates and not raised_by_us else ""
    return f"{type(error).__name__}{f': {message}' if message else ''}{place}"
