"""Memory that is free, from files laid out as the kernel does, and refusals before anything is read."""

import resource
import sys

import pytest

from sicgrid.storage import UserError, available_memory
from sicgrid.storage._memory import require_memory, require_memory_of_maps


@pytest.fixture(autouse=True)
def no_limit_of_addresses(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def lay_out(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root / "proc", root / "cgroup"


def test_unknown_is_large(tmp_path):
    assert available_memory(tmp_path / "proc", tmp_path / "cgroup") == sys.maxsize


def test_the_machine(tmp_path):
    assert available_memory(*lay_out(tmp_path, {"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:   8 kB\n"})) == 8192


@pytest.mark.parametrize(
    ("files", "free"),
    [
        (  # the tighter limit is the parent's; cached files count as free
            {
                "proc/self/cgroup": "0::/a/b\n",
                "cgroup/a/b/memory.max": "max\n",
                "cgroup/a/b/memory.current": "100\n",
                "cgroup/a/memory.max": "1000\n",
                "cgroup/a/memory.current": "700\n",
                "cgroup/a/memory.stat": "anon 400\ninactive_file 300\n",
            },
            600,
        ),
        (
            {
                "proc/self/cgroup": "5:cpu:/x\n4:memory:/x\n",
                "cgroup/memory/x/memory.limit_in_bytes": "500\n",
                "cgroup/memory/x/memory.usage_in_bytes": "450\n",
                "cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
                "cgroup/memory/memory.usage_in_bytes": "450\n",
            },
            50,
        ),
        (
            {
                "proc/self/cgroup": "0::/\n",
                "cgroup/memory.max": "10\n",
                "cgroup/memory.current": "12\n",
            },
            0,
        ),
    ],
)
def test_control_groups(tmp_path, files, free):
    assert available_memory(*lay_out(tmp_path, {"proc/meminfo": "MemAvailable: 8 kB\n"} | files)) == free


def test_limit_of_addresses(tmp_path, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10 * resource.getpagesize(), 0))
    assert available_memory(*lay_out(tmp_path, {"proc/self/statm": "7 3 1\n"})) == 3 * resource.getpagesize()


def test_what_does_not_fit_is_refused_in_one_line(tmp_path):
    require_memory(tmp_path / "a.npz", 100, available=100)
    with pytest.raises(UserError, match=r"a.npz: reading it takes about 3 GB of memory and 100 MB are free"):
        require_memory(tmp_path / "a.npz", 3 * 10**9, available=10**8)


def test_maps_that_do_not_fit_are_told_before_a_run_is_made():
    require_memory_of_maps(500, 40, available=10**8)
    with pytest.raises(UserError, match=r"5,000 units in 196 x 196 bins .* about 21.5 GB of memory and 3 GB are free"):
        require_memory_of_maps(5000, 196, available=3 * 10**9)
