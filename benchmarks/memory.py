"""Peak memory of a paper-scale gradient step beyond torch itself, and how it grows with T.

Each length runs in a process of its own, which reports its peak resident memory three times: with torch imported and
used, with sicgrid imported and a tiny step done (kernels compiled or loaded), and after steps at full size. This
process imports neither, because a child's peak starts at its parent's.

python benchmarks/memory.py [--threads 0]
"""

import argparse
import json
import subprocess
import sys

from memory_peak import peak_mib

LIMIT = 1024  # MiB beyond torch
LENGTHS = (60, 120, 240)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=0, help="threads of torch and of the kernels; 0: all")
    parser.add_argument("--length", type=int, help=argparse.SUPPRESS)  # the child's
    arguments = parser.parse_args()
    if arguments.length is not None:
        print(json.dumps(peaks(arguments.length, arguments.threads)))
        return
    print("peak resident memory of a gradient step, MiB; B=130, N=128, float32", flush=True)
    rows = {}
    for length in LENGTHS:
        machine, rows[length] = in_a_process_of_its_own(length, arguments.threads)
    print(machine)
    print(
        f"  {'T':>4} {'torch':>8} {'+ sicgrid':>10} {'+ full step':>12} {'beyond torch':>13} {'of which the step':>18}"
    )
    for length, (torch_only, tiny, full) in rows.items():
        print(f"  {length:4} {torch_only:8.0f} {tiny:10.0f} {full:12.0f} {full - torch_only:13.0f} {full - tiny:18.0f}")
    first = rows[LENGTHS[0]]
    print(f"  at paper scale {first[2] - first[0]:.0f} MiB beyond torch (target below {LIMIT})")
    for length in LENGTHS[1:]:
        half = rows[length // 2]
        ratio = (rows[length][2] - rows[length][1]) / (half[2] - half[1])
        print(f"  from T={length // 2} to T={length} the step's share grows {ratio:.2f} times (linear 2, quadratic 4)")


def in_a_process_of_its_own(length: int, threads: int) -> tuple[str, tuple[float, float, float]]:
    """The lines about the machine that it prints, and what `peaks` measures there."""
    command = [sys.executable, __file__, "--length", str(length), "--threads", str(threads)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    machine, _, measured = printed.rstrip().rpartition("\n")
    torch_only, tiny, full = json.loads(measured)
    return machine, (torch_only, tiny, full)


def peaks(length: int, threads: int) -> tuple[float, float, float]:
    """Peak of this process, MiB: torch used, sicgrid used on a tiny batch, sicgrid used at full size."""
    import torch

    layer = torch.nn.Linear(256, 256)
    layer(torch.rand(512, 256)).square().mean().backward()
    torch.optim.AdamW(layer.parameters()).step()
    torch_only = peak_mib()

    import floor
    from sicgrid.kernels import use_threads
    from sicgrid.losses import SICLoss
    from sicgrid.model import VelocityRNN
    from sicgrid.trajectories import PermutedVelocities

    use_threads(threads)
    floor.print_machine()
    generator = torch.Generator().manual_seed(0)

    def steps(sampler: PermutedVelocities, rnn: VelocityRNN, number: int) -> None:
        optimizer, loss = torch.optim.AdamW(rnn.parameters(), lr=2e-5), SICLoss()
        for _ in range(number):
            batch = sampler.sample(generator)
            states, initial_state = rnn(batch.distinct, batch.order)
            terms = loss(
                positions=batch.positions, velocities=batch.velocities, states=states, initial_state=initial_state
            )
            optimizer.zero_grad()
            terms.total.backward()
            torch.nn.utils.clip_grad_norm_(rnn.parameters(), 0.1)
            optimizer.step()

    steps(PermutedVelocities(batch_size=4, length=4), VelocityRNN(units=8, hidden=8), 2)
    tiny = peak_mib()
    steps(PermutedVelocities(length=length), VelocityRNN(), 2)
    return torch_only, tiny, peak_mib()


if __name__ == "__main__":
    main()
