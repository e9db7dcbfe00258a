"""Where do domains of a ring network end, and what stands at their borders (C1b)?

.venv/bin/python studies/borders.py --preset emergent --boxes 4

A line of letters for each network: the module of each unit on the ring, `-` for a unit that is always on, `|` for one
whose map is stripes, `.` for other units of no module. Then: how often two neighbors that are both of a module are of
the same one, against shuffled labels; how wide borders are: the places from the last of four units of one module in a
row (others passed over) to the first of four of another; how near to a border (the middle between the last unit of one
module and the first of the next) units are that are always on, against the same units turned around the ring; and
whether borders fall on the same places in all networks, against rings turned at random. Results: docs/lab_log.md.
"""

import numpy as np

from sicgrid.analysis import find_modules, lattice
from trained import ACTIVE, BIN, Trained, study_parser, trained

MIN_UNITS = 8  # units of a module that counts as a domain
NULL_DRAWS = 9999
NEAR = 3  # places from a border
SOLID = 4  # units of one module in a row, beyond which its neighbor is none of a border's


def main() -> None:
    parser = study_parser(__doc__, "emergent")
    arguments = parser.parse_args()
    side, generator = arguments.boxes[-1], np.random.default_rng(0)
    rings, alike, by_chance, across, near, constant = [], [], [], [], [], 0
    for seed in arguments.seeds:
        network = trained(arguments.preset, arguments.words, seed, arguments.keep)
        labels, letters = looked_at(network, side)
        print(f"seed {seed}  {letters}")
        rings.append(borders(labels))
        alike.append(same_neighbors(labels))
        by_chance.append(np.mean([same_neighbors(generator.permutation(labels)) for _ in range(200)]))
        across += widths(labels)
        at_border = np.array([distance(place, rings[-1], len(labels)) <= NEAR for place in range(len(labels))])
        always = np.array([letter == "-" for letter in letters])
        near.append([(at_border & np.roll(always, turn)).sum() for turn in range(len(labels))])  # the first as it is
        constant += int(always.sum())
    print(f"\nborders: {', '.join(str(len(ring)) for ring in rings)}")
    print(f"neighbors of one module: {np.mean(alike):.2f}, labels shuffled {np.mean(by_chance):.2f}")
    print(f"width of a border: {np.median(across):.0f} places ({min(across)} to {max(across)}, {len(across)} borders)")
    units_near = sum(turns[0] for turns in near)
    by_turns = sum(generator.choice(turns, NULL_DRAWS) for turns in near)
    p_value = (1 + (by_turns >= units_near).sum()) / (1 + NULL_DRAWS)
    print(
        f"units always on: {constant}, within {NEAR} places of a border {units_near}, by chance {by_turns.mean():.1f}, "
        f"p = {p_value:.3f}"
    )
    units = len(labels)
    mean_distance = together(rings, units)
    turned = np.array([together(at_random(rings, units, generator), units) for _ in range(NULL_DRAWS)])
    p_value = (1 + (turned <= mean_distance).sum()) / (1 + NULL_DRAWS)
    print(
        f"from a border to the nearest of another network: {mean_distance:.1f} places, by chance {turned.mean():.1f}, "
        f"p = {p_value:.3f}"
    )


def looked_at(network: Trained, side: float) -> tuple[np.ndarray, str]:
    """Module of each unit, -1 for none or a small one; and the line of letters."""
    maps, bases = network.maps(side), network.bases(side)
    modules = find_modules(maps, bases_m=bases, active_threshold=ACTIVE)
    labels = modules.labels()
    large = [index for index, module in enumerate(modules.modules) if len(module) >= MIN_UNITS]
    labels = np.array([large.index(label) if label in large else -1 for label in labels])
    letters = []
    for unit, label in enumerate(labels):
        reason = modules.unassigned.get(unit, "")
        stripes = reason.startswith("no lattice") and "stripes" in lattice(maps.maps[unit], BIN).reason
        letters.append(
            chr(65 + label) if label >= 0 else "-" if reason.startswith("constant") else "|" if stripes else "."
        )
    return labels, "".join(letters)


def borders(labels: np.ndarray) -> np.ndarray:
    """Middles between neighboring units of different modules, those of none passed over."""
    places = np.flatnonzero(labels >= 0)
    following = np.roll(places, -1)
    differ = labels[places] != labels[following]
    gaps = np.mod(following - places, len(labels))
    return np.asarray(np.mod(places[differ] + gaps[differ] / 2, len(labels)))


def widths(labels: np.ndarray) -> list[int]:
    """Places between a stretch of one module and the next one of another."""
    places = np.flatnonzero(labels >= 0)
    # From the beginning of a stretch on, so that none lies on both sides of the ring's end.
    starts = np.flatnonzero(labels[places] != labels[np.roll(places, 1)])
    if not len(starts):
        return []
    stretches = [run for run in np.split(np.roll(places, -starts[0]), (starts - starts[0])[1:]) if len(run) >= SOLID]
    pairs = zip(stretches, stretches[1:] + stretches[:1], strict=True)
    return [
        int((following[0] - stretch[-1]) % len(labels)) - 1
        for stretch, following in pairs
        if labels[stretch[0]] != labels[following[0]]
    ]


def same_neighbors(labels: np.ndarray) -> float:
    """Share of neighbors, both of a module, that are of the same one."""
    both = (labels >= 0) & (np.roll(labels, -1) >= 0)
    return float((labels == np.roll(labels, -1))[both].mean())


def distance(place: float, ring: np.ndarray, units: int) -> float:
    apart = np.abs(ring - place)
    return float(np.minimum(apart, units - apart).min(initial=np.inf))


def at_random(rings: list[np.ndarray], units: int, generator: np.random.Generator) -> list[np.ndarray]:
    return [np.mod(ring + generator.uniform(0, units), units) for ring in rings]


def together(rings: list[np.ndarray], units: int) -> float:
    """Mean distance from a border to the nearest one of each other network."""
    pairs = [(ring, other) for ring in rings for other in rings if ring is not other and len(ring) and len(other)]
    return float(np.mean([distance(place, other, units) for ring, other in pairs for place in ring]))


if __name__ == "__main__":
    main()
