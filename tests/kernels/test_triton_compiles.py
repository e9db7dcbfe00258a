"""The GPU kernels go through Triton's compiler, for an H100, as they are launched: this needs no GPU.

The interpreter accepts what the compiler does not. The kernels are launched on CPU tensors, but a recorder takes their
places and compiles them for the kinds of arguments that it is given; in a process where nothing is interpreted.
"""

import json
import subprocess
import sys

import pytest

SHARED_MEMORY = 227 * 1024  # that a program may have on an H100
SCRIPT = """
import json, re, sys
import torch, triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from sicgrid.kernels import Ledger, Update
from sicgrid.kernels import _triton_adamw, _triton_factors, _triton_far, _triton_moves, _triton_near
from sicgrid.kernels import _triton_order, _triton_pairs, _triton_rollout, _triton_sic

POINTERS = {
    torch.int8: "*i8", torch.int16: "*i16", torch.int32: "*i32", torch.int64: "*i64",
    torch.float16: "*fp16", torch.float32: "*fp32", torch.float64: "*fp64",
}
found = {}

class Recorder:
    def __init__(self, function):
        self.function = function
    def __getitem__(self, grid):
        return self.launch
    def launch(self, *arguments, **options):
        names = self.function.arg_names
        given = dict(zip(names, arguments)) | {name: options.pop(name) for name in names if name in options}
        signature, constants, aligned = {}, {}, {}
        for index, (name, value) in enumerate(given.items()):
            if isinstance(value, torch.Tensor):
                signature[name] = POINTERS[value.dtype]
                aligned[(index,)] = [["tt.divisibility", 16]]
            elif name.isupper() or value == 1:  # as the launcher does
                signature[name], constants[(index,)] = "constexpr", value
            else:
                signature[name] = "i32"
                if value and value % 16 == 0:
                    aligned[(index,)] = [["tt.divisibility", 16]]
        source = ASTSource(fn=self.function, signature=signature, constexprs=constants, attrs=aligned)
        made = compile(source, target=GPUTarget("cuda", 90, 32), options=options)
        ptx = made.asm["ptx"]
        found[self.function.__name__] = {
            "shared": made.metadata.shared,
            "tensor cores": "wgmma.mma_async" in ptx or "mma.sync" in ptx,
            "fused": "fma.rn" in ptx,
            "atomic": re.search(r"\\b(atom|red)\\.", ptx) is not None,
            "machine code": len(made.asm["cubin"]) > 0,
        }

for module, name in (
    (_triton_order, "_keys"), (_triton_order, "_boxes"), (_triton_factors, "_factors"), (_triton_far, "_far"),
    (_triton_order, "_neighbors"), (_triton_near, "_near"), (_triton_pairs, "_add_up"),
    (_triton_rollout, "_forward"), (_triton_rollout, "_backward"), (_triton_rollout, "_initial"),
    (_triton_moves, "_moves"), (_triton_sic, "_finish"), (_triton_sic, "_gradient"),
    (_triton_adamw, "_squares"), (_triton_adamw, "_account"), (_triton_adamw, "_adamw"),
):
    setattr(module, name, Recorder(getattr(module, name)))
made_for = []
for units, dtype, precision in json.loads(sys.argv[1]):
    dtype = getattr(torch, dtype)
    states = torch.zeros(2, 5, 20, units, dtype=dtype, requires_grad=True)
    sums = _triton_pairs.pair_sums(torch.zeros(2, 5, 20, 2, dtype=dtype), states, 0.05, 0.4, precision=precision)
    (sums.far + sums.near).sum().backward()
    start, two = torch.zeros(2, units, dtype=dtype), torch.ones(2, dtype=dtype)
    scales = _triton_factors.Scales.of(two, two)
    walks = torch.zeros(2, 5, 20, 2, dtype=dtype)
    _triton_sic.sic_terms(walks, walks, states, start, scales, True, precision).sum().backward()
    _triton_rollout.initial_states(start, 2)
    many = torch.zeros(8, 2, dtype=torch.float64)
    ledger = Ledger(many, many[0].long(), many[1].float(), many[2].float(), many[3], many[:6].to(dtype))
    update = Update(many[:5], many[5].float(), many.to(dtype))
    weights = torch.zeros(2, 30, units, dtype=dtype)
    _triton_adamw.account(torch.zeros(5, 4, dtype=dtype), [weights], ledger, update)
    _triton_adamw.adamw(weights, weights, (weights, weights), update, ledger.stopped)
    order = torch.arange(20).expand(2, 5, 20).contiguous()
    matrices = torch.zeros(2, 20, units, units, dtype=dtype, requires_grad=True)
    _triton_rollout.rollout(matrices, order, torch.zeros(2, units, dtype=dtype)).sum().backward()
    made_for.append(dict(found))
    found.clear()
print(json.dumps(made_for))
"""


CASES = [(128, "float32", "fp16"), (50, "float32", "ieee")]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """What the compiler made of each kernel, for each of the cases; all in one process."""
    folder = tmp_path_factory.mktemp("triton")
    command = [sys.executable, "-W", "error", "-c", SCRIPT, json.dumps(CASES)]
    environment = {"HOME": str(folder), "TRITON_CACHE_DIR": str(folder), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))
def test_kernels_compile_for_an_h100(case, compiled):
    found = compiled[case]
    assert set(found) == {
        *("_keys", "_boxes", "_factors", "_far", "_neighbors", "_near", "_add_up"),
        *("_forward", "_backward", "_initial", "_moves", "_finish", "_gradient", "_squares", "_account", "_adamw"),
    }
    for name, made in found.items():
        assert made["machine code"]
        assert made["shared"] <= SHARED_MEMORY, name
        assert not made["atomic"], name  # sums in the order of arrival would make every run another
    for name in ("_far", "_near"):
        assert found[name]["tensor cores"] == (case[2] == "fp16")
        assert case[2] != "fp16" or not found[name]["fused"]  # a distance would round otherwise than the reference's
