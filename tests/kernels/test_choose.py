import pytest

from sicgrid.kernels import choose


def test_auto_takes_the_compiled_loops_on_a_cpu_and_says_why():
    name, reason = choose("cpu", "auto")
    assert name == "numba"
    assert "cpu" in reason


def test_auto_takes_the_reference_elsewhere():
    assert choose("cuda", "auto")[0] == "reference"


@pytest.mark.parametrize("name", ["reference", "numba"])
def test_a_request_is_granted(name):
    assert choose("cpu", name) == (name, "requested")


def test_request_that_cannot_run_is_refused():
    with pytest.raises(ValueError, match="cuda"):
        choose("cuda", "numba")


def test_unknown_name_is_refused():
    with pytest.raises(ValueError, match="'fast'"):
        choose("cpu", "fast")
