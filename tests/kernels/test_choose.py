import pytest

from sicgrid.kernels import choose


def test_auto_takes_the_compiled_loops_on_a_cpu_and_says_why():
    name, reason = choose("cpu", "auto")
    assert name == "numba"
    assert "cpu" in reason


def test_auto_takes_triton_on_a_gpu_and_else_the_reference(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    assert choose("cuda", "auto")[0] == "triton"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert choose("cuda", "auto")[0] == "reference"
    with pytest.raises(ValueError, match="package triton"):
        choose("cuda", "triton")
    assert choose("mps", "auto")[0] == "reference"


@pytest.mark.parametrize("name", ["reference", "numba"])
def test_a_request_is_granted(name):
    assert choose("cpu", name) == (name, "requested")


def test_request_that_cannot_run_is_refused():
    with pytest.raises(ValueError, match="numba' runs on cpu, the tensors are on cuda"):
        choose("cuda", "numba")
    with pytest.raises(ValueError, match="triton' runs on cuda, the tensors are on cpu"):
        choose("cpu", "triton")


def test_unknown_name_is_refused():
    with pytest.raises(ValueError, match="'fast'"):
        choose("cpu", "fast")
