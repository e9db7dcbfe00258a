"""Do lattices that were learned apart stay apart? Networks trained alone, then joined into one and trained together.

.venv/bin/python studies/joined_lattices.py --speeds 0.8 1 1.25                   # one NormReLU, all couplings free
.venv/bin/python studies/joined_lattices.py --speeds 0.9 1.1 1.35 --steady --held  # couplings between them stay 0
.venv/bin/python studies/joined_lattices.py --populations                         # a NormReLU each: PopulationRNN
.venv/bin/python studies/joined_lattices.py --populations --alone 0 --together 6000 --rate 3e-3  # from the start

Some 5 minutes each on one core. Modules are sought before, after a third, and after training together, in a 2 m box,
and at the end in a 4 m box, where a common cell that the small box is too small for shows. Results: docs/lab_log.md.
"""

import argparse
import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from sicgrid.analysis import find_modules
from sicgrid.evaluation import held_out_loss, record
from sicgrid.experiment import RunConfig, build, load_config, overridden
from sicgrid.kernels import use_threads
from sicgrid.losses import SICLoss
from sicgrid.model import ModelConfig, Network, PopulationRNN, VelocityRNN
from sicgrid.training import TrainState, train
from sicgrid.trajectories import PermutedVelocities
from trained import recorded_units

LENGTH_ALONE, HIDDEN = 40, 32
STEADY_STEPS, STEADY_RATE, STEADY_WEIGHT, STEADY_SPEED = 1500, 1e-3, 0.1, 0.195


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, nargs="+", default=[43, 43, 42])
    parser.add_argument("--speeds", type=float, nargs="+", default=[1.0, 1.0, 1.0], help="factors on the velocities")
    parser.add_argument("--alone", type=int, default=6000, help="steps of each network by itself")
    parser.add_argument("--together", type=int, default=2400, help="steps of the joined network")
    parser.add_argument("--length", type=int, default=60, help="T of the joined training")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--steady", action="store_true", help="train the stretch of each to 1 before joining")
    parser.add_argument("--held", action="store_true", help="keep the couplings between the networks at 0")
    parser.add_argument("--populations", action="store_true", help="a NormReLU for each network, no couplings")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if len(arguments.units) != len(arguments.speeds):
        parser.error(f"--units and --speeds must be as many, got {len(arguments.units)} and {len(arguments.speeds)}")
    if arguments.populations and arguments.held:
        parser.error("--held is for one NormReLU: populations are never coupled")
    use_threads(1)
    members = []
    for index, units in enumerate(arguments.units):
        words = [f"model.units={units}", f"model.hidden={HIDDEN}", f"training.steps={max(arguments.alone, 1)}"]
        config = overridden(load_config("quick"), [*words, f"seed={10 * arguments.seed + index}"])
        rnn, loss, sampler, state = build(config, None)
        assert isinstance(rnn, VelocityRNN)
        if arguments.alone:
            for _ in train(rnn, loss, sampler, config.training, seed=config.seed, state=state):
                pass
        if arguments.steady:
            steady(rnn, loss, config.seed)
        members.append(rnn)
    words = [f"trajectories.length={arguments.length}", f"training.steps={arguments.together}"]
    config = overridden(
        load_config("quick"), [*words, f"training.learning_rate={arguments.rate}", f"seed={arguments.seed}"]
    )
    _, loss, sampler, _ = build(config, None)
    joined = (
        populations(members, arguments.speeds) if arguments.populations else join(members, arguments.speeds, sampler)
    )
    tell("at joining", joined, loss, sampler, config)
    state = TrainState.start(joined, config.training, arguments.seed)
    if arguments.held:
        hold(joined, arguments.units, state)
    third = config.training.model_copy(update={"log_every": max(arguments.together // 3, 1)})
    for step in train(joined, loss, sampler, third, seed=arguments.seed, state=state):
        if step.step == third.log_every:
            tell(f"{step.step} steps", joined, loss, sampler, config)
    tell("at the end", joined, loss, sampler, config)
    tell("at the end", joined, loss, sampler, config, arena=4.0)


def steady(rnn: VelocityRNN, loss: SICLoss, seed: int) -> None:
    """Train on, at higher speeds, with a price on the squared logarithm of the stretch |ReLU(z)|."""
    sampler = PermutedVelocities(16, LENGTH_ALONE, STEADY_SPEED)
    rescale(rnn, 1.0, sampler)
    optimizer = torch.optim.AdamW(rnn.parameters(), lr=STEADY_RATE, weight_decay=0.0)
    generator = torch.Generator().manual_seed(seed)
    for step in range(STEADY_STEPS):
        warm, down = min(1.0, (step + 1) / 100), 0.5 * (1 + math.cos(math.pi * step / STEADY_STEPS))
        optimizer.param_groups[0]["lr"] = STEADY_RATE * warm * down
        batch = sampler.sample(generator)
        rollout = rnn(batch.distinct, batch.order)
        terms = loss(
            positions=batch.positions,
            velocities=batch.velocities,
            states=rollout.states,
            initial_state=rollout.initial_state,
        )
        first = rollout.initial_state.expand(len(batch.order), 1, -1)
        before = torch.cat([first, rollout.states[:, :-1]], dim=1).detach()
        by_velocity = torch.take_along_dim(before, batch.order.argsort(-1)[..., None], 1).transpose(0, 1)
        reached = torch.relu(torch.bmm(by_velocity, rnn.transition(batch.distinct)))
        stretch = reached.norm(dim=-1).clamp(min=1e-6).log().square().mean()
        optimizer.zero_grad()
        (terms.total + STEADY_WEIGHT * stretch).backward()
        torch.nn.utils.clip_grad_norm_(rnn.parameters(), 0.1)
        optimizer.step()


@torch.no_grad()
def rescale(rnn: VelocityRNN, speed: float, sampler: PermutedVelocities) -> None:
    """Scale W so that the mean logarithm of the stretch is 0 along training's walks at `speed` times their velocity."""
    generator, logs = torch.Generator().manual_seed(0), []
    for _ in range(8):
        batch = sampler.sample(generator)
        matrices = rnn.transition(batch.distinct * speed)
        state = rnn.initial_state.expand(len(batch.order), -1)
        for velocity in batch.order.T:
            reached = torch.relu(torch.bmm(state[:, None], matrices[velocity])[:, 0])
            length = reached.norm(dim=-1, keepdim=True)
            logs.append(length.log())
            state = reached / length
    stretch = torch.stack(logs).mean().exp()
    last = list(linear_layers(rnn))[-1]
    last.weight.div_(stretch)
    last.bias.div_(stretch)


@torch.no_grad()
def join(members: Sequence[VelocityRNN], speeds: Sequence[float], sampler: PermutedVelocities) -> VelocityRNN:
    """One network whose W(v) has the members' along its diagonal, and nothing yet beside them."""
    units, hidden = sum(member.config.units for member in members), sum(member.config.hidden for member in members)
    config = members[0].config.model_copy(update={"units": units, "hidden": hidden})
    joined = VelocityRNN(**config.model_dump(exclude={"populations"}))
    layers = list(linear_layers(joined))
    for layer in layers:
        layer.weight.zero_()
        layer.bias.zero_()
    weight, bias = layers[-1].weight.view(units, units, hidden), layers[-1].bias.view(units, units)
    unit = feature = 0
    for member, speed in zip(members, speeds, strict=True):
        rescale(member, speed, sampler)
        first, *middle, last = linear_layers(member)
        n, h = member.config.units, member.config.hidden
        mine, own = slice(unit, unit + n), slice(feature, feature + h)
        layers[0].weight[own], layers[0].bias[own] = speed * first.weight, first.bias
        for large, small in zip(layers[1:-1], middle, strict=True):
            large.weight[own, own], large.bias[own] = small.weight, small.bias
        weight[mine, mine, own], bias[mine, mine] = last.weight.view(n, n, h), last.bias.view(n, n)
        joined.start[mine] = member.initial_state
        unit, feature = unit + n, feature + h
    return joined


@torch.no_grad()
def populations(members: Sequence[VelocityRNN], speeds: Sequence[float]) -> PopulationRNN:
    """The members as the populations of one network."""
    units = sum(member.config.units for member in members)
    settings = members[0].config.model_dump() | {"units": units, "populations": len(members)}
    joined = PopulationRNN(ModelConfig(**settings))
    for place, member, speed in zip(joined.populations, members, speeds, strict=True):
        place.load_state_dict(member.state_dict())
        next(linear_layers(place)).weight.mul_(speed)
    return joined


def hold(joined: Network, units: Sequence[int], state: TrainState) -> None:
    """Put the couplings between members back to 0 after every step."""
    block = torch.repeat_interleave(torch.arange(len(units)), torch.tensor(units))
    within = (block[:, None] == block).flatten()
    last = list(linear_layers(joined))[-1]

    @torch.no_grad()
    def back(*_: object) -> None:
        last.weight.mul_(within[:, None])
        last.bias.mul_(within)

    state.optimizer.register_step_post_hook(back)


def linear_layers(network: torch.nn.Module) -> Iterator[torch.nn.Linear]:
    return (module for module in network.modules() if isinstance(module, torch.nn.Linear))


def tell(
    when: str, rnn: Network, loss: SICLoss, sampler: PermutedVelocities, config: RunConfig, arena: float = 2.0
) -> None:
    terms = held_out_loss(rnn, loss, sampler, 20, seed=config.seed)
    recording = record(rnn, arena, config.evaluation.walk, config.seed)
    table = recorded_units(recording, config)
    modules = find_modules(table.maps, bases_m=table.basis_m).modules
    said = ", ".join(
        f"{len(module)} at {module.spacing_m:.2f} m, {module.orientation_deg:.0f} degrees" for module in modules
    )
    shares = Tensor(recording.activity).square().mean(dim=(0, 1))
    print(
        f"{when}, {arena:g} m: loss {terms['total']:.3f}, invariance {terms['invariance']:.3f}, "
        f"{int((shares > 1e-6).sum())} units in use; modules: {said or 'none'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
