"""How much memory this process can still allocate, to be checked before something large is read."""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from ._errors import UserError

_COPIES_OF_MAPS = 14
"""Of all maps at once in an analysis: raw, smoothed, autocorrelograms, fields, lattices.

The peak (ru_maxrss) of `sicgrid analyze --recording --only units` was 527 MB for 100 units in 40 x 40 bins, 592 MB in
80 x 80 and 718 MB for 300 units there: 13.6 copies more than the first. Of other parts generalization took most, 725
MB. tracemalloc saw 12.5 copies in `analyze_units` of 200 units in 80 x 80 bins.
"""
UNKNOWN = sys.maxsize  # bytes: where nothing limits, nothing is refused


def available_memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes that can still be allocated; `sys.maxsize` where nothing is known to limit them.

    The smallest of: MemAvailable of /proc/meminfo; the limit less the use of every control group (version 1 or 2) above
    this process, cached files not counted as used; RLIMIT_AS less what is mapped.
    """
    return max(0, min([UNKNOWN, *_machine(proc), *_groups(proc, cgroups), *_process(proc)]))


def require_memory(path: Path, needed: int, available: int | None = None) -> None:
    """`UserError` if reading the file takes more bytes than are free (``available``, asked for if not given)."""
    free = available_memory() if available is None else available
    if needed > free:
        raise UserError(
            f"{path}: reading it takes about {_size(needed)} of memory and {_size(free)} are free; cut the recording, "
            "leave units out, or store activities as float32"
        )


def require_memory_of_maps(units: int, bins: int, available: int | None = None) -> None:
    """Check that there is memory for an analysis of so many units in bins x bins.

    Raises
    ------
    UserError
        If it takes more bytes than are free.

    """
    free = available_memory() if available is None else available
    needed = _COPIES_OF_MAPS * 8 * units * bins**2
    if needed > free:
        raise UserError(
            f"rate maps of {units:,} units in {bins} x {bins} bins and what is made of them take about {_size(needed)} "
            f"of memory and {_size(free)} are free; leave units out, or take wider bins (analysis.bin_size)"
        )


def _size(count: int) -> str:
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"


def _machine(proc: Path) -> Iterator[int]:
    """Bytes available on this machine, if it says so."""
    for line in _lines(proc / "meminfo"):
        if line.startswith("MemAvailable:"):
            yield 1024 * int(line.split()[1])


def _groups(proc: Path, cgroups: Path) -> Iterator[int]:
    """Bytes left in each control group from this process's own to the root."""
    for line in _lines(proc / "self" / "cgroup"):
        _, controllers, inside = line.split(":", 2)
        if controllers == "":
            root, limit, use, cache = cgroups, "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            root, limit, use = cgroups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
            cache = "total_inactive_file"
        else:
            continue
        group = root / inside.strip("/")
        for folder in (group, *group.parents):
            if not folder.is_relative_to(root):
                break
            limit_bytes, used = _number(folder / limit), _number(folder / use)
            if limit_bytes is not None and used is not None:
                stat = dict(line.split() for line in _lines(folder / "memory.stat") if len(line.split()) == 2)
                yield limit_bytes - max(0, used - int(stat.get(cache, 0)))


def _process(proc: Path) -> Iterator[int]:
    """Bytes left under the limit of this process's address space, if it has one."""
    limit_bytes = resource.getrlimit(resource.RLIMIT_AS)[0]
    mapped = next(iter(_lines(proc / "self" / "statm")), "")
    if limit_bytes != resource.RLIM_INFINITY and mapped:
        yield limit_bytes - int(mapped.split()[0]) * resource.getpagesize()


def _number(path: Path) -> int | None:
    text = next(iter(_lines(path)), "")
    return int(text) if text.isdigit() else None  # "max" where there is no limit


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
