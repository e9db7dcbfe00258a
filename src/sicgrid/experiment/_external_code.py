"""Code that is not ours, called: whatever goes wrong in it is told in one line."""

import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..storage import UserError

_PACKAGE = Path(__file__).parents[1]
_OTHERS = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))


@contextmanager
def external_code(what: str) -> Iterator[None]:
    """Around a call of an external function or module, whose faults are told in one line.

    The user's own stop passes, and so does want of memory, of which the command line speaks itself.

    Raises
    ------
    UserError
        For all that the call may raise, its own classes and SystemExit included; the line begins with ``what``.

    """
    try:
        yield
    except (UserError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        raise UserError(f"{what}: {told_fault(error)}") from error


def told_fault(error: BaseException) -> str:
    """In one line what went wrong in an external function or module, and where if it was there.

    Where is the deepest line of the user's own files, if there is one: what they call may fail in a library.
    """
    said, trace, places = " ".join(str(error).split()), error.__traceback__, list[tuple[Path, int]]()
    while trace is not None:
        places.append((Path(trace.tb_frame.f_code.co_filename), trace.tb_lineno))
        trace = trace.tb_next
    ours = bool(places) and places[-1][0].is_relative_to(_PACKAGE)
    if type(error) is ValueError and ours:
        return said
    theirs = [place for place in places if not place[0].is_relative_to(_PACKAGE) and "importlib" not in str(place[0])]
    own = [place for place in theirs if not any(place[0].is_relative_to(folder) for folder in _OTHERS)]
    named = own or theirs
    where = f" at {named[-1][0].name}:{named[-1][1]}" if named and not ours else ""
    return f"{type(error).__name__}{f': {said}' if said else ''}{where}"
