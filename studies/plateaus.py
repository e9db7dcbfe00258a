"""Whether a quantity rises along a line in steps or smoothly."""

import numpy as np


def slope_within(self) -> float:
    return slope_within(self.place, np.log(self.period), self.stretch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ratios", nargs="+", type=float, default=[1, 2, 4], help="of the widths at the line's ends")
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    print("| widths | fixed distance | stretches: period (bumps) | slope within |\n|---|---|---|---|")
    found = [(ratio, fixed, periods_along(ratio, fixed)) for fixed in (FIXED, 0.0) for ratio in arguments.ratios]
    for ratio, fixed, periods in found:
        stretches = [periods.period[periods.stretch == one] for one in np.unique(periods.stretch)]
        said = ", ".join(f"{np.median(one):.0f} ({len(one)})" for one in stretches)
        print(f"| 1 : {ratio:g} | {'yes' if fixed else 'no'} | {said} | {periods.slope_within:.2f} |")
    if arguments.picture:
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        for ratio, fixed, periods in found:
            axes.plot(periods.place, periods.period, "." if fixed else "-", label=f"1 : {ratio:g}, fixed {fixed:g}")
        axes.set(xlabel="place", ylabel="period (units)", yscale="log")
        axes.legend()
        figure.savefig(arguments.picture, dpi=110)


def periods_along(ratio: float, fixed: float = FIXED, seed: int = 0) -> Periods:
    """The steady activity's bumps, from weak noise, where widths rise by `ratio` along the line."""
    places = np.arange(UNITS)
    width = PERIOD * ratio ** (places / (UNITS - 1) - 0.5)
    reach = int(max(2 * width.max(), 1.5 * DISTANCE))
    offset = np.arange(-reach, reach + 1)
    graded = -_box(offset, 0.715 * width[:, None], 0.05 * width[:, None]) / width[:, None]
    strange = np.exp(-0.5 * ((np.abs(offset) - DISTANCE) / 4.0) ** 2) / (2 * 4.0 * np.sqrt(2 * np.pi))
    target = places[:, None] + offset
    inside = (target >= 0) & (target < UNITS)
    values = (graded - fixed * strange)[inside]
    rows = np.broadcast_to(places[:, None], target.shape)[inside]
    coupling = 6.0 * csr_array((values, (rows, target[inside])), shape=(UNITS, UNITS))
    rates = 0.1 + 0.01 * np.random.default_rng(seed).standard_normal(UNITS)
    for _ in range(STEPS):
        rates += RATE * (np.maximum(coupling @ rates + 1.0, 0.0) - rates)
    bumps, _ = find_peaks(rates, prominence=0.05 * rates.max())
    period = np.diff(bumps).astype(float)
    changes = np.abs(np.diff(np.log(period))) > JUMP
    return Periods((bumps[1:] + bumps[:-1]) / (2 * UNITS), period, np.concatenate([[0], np.cumsum(changes)]))


def slope_within(place: np.ndarray, value: np.ndarray, group: np.ndarray) -> float:
    """Least-squares slope of value over place within the groups, all of them together, against that without groups."""
    centered = [
        (place[group == one] - place[group == one].mean(), value[group == one] - value[group == one].mean())
        for one in np.unique(group)
    ]
    within = sum(float(x @ y) for x, y in centered) / max(sum(float(x @ x) for x, _ in centered), 1e-12)
    along = float((place - place.mean()) @ (value - value.mean())) / float(np.square(place - place.mean()).sum())
    return within / along
