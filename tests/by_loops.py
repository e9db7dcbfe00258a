"""The paper's formulas as plain loops over Python floats: slow, and with nothing in common with the code they test.

Schaeffer et al. 2023, section 3. A point is a pair (trajectory, time); pairs are ordered pairs of two different points.
"""

import math


def norm_relu(z):
    positive = [max(value, 0.0) for value in z]
    norm = math.sqrt(sum(value * value for value in positive))
    if norm == 0.0:  # unsaid in the paper; the package's choice
        return [1.0 / math.sqrt(len(z))] * len(z)
    return [value / norm for value in positive]


def rollout(matrix, velocities, initial_state):
    """g_t = NormReLU(W(v_t) g_{t-1}) for each trajectory; `matrix(b, t)` is W(v_t) of trajectory b, rows of outputs."""
    states = []
    for b, trajectory in enumerate(velocities):
        state, walked = list(initial_state), []
        for t in range(len(trajectory)):
            state = norm_relu([sum(w * g for w, g in zip(row, state, strict=True)) for row in matrix(b, t)])
            walked.append(state)
        states.append(walked)
    return states


def rollout_of_populations(matrices, velocities, initial_states):
    """g^p_t = NormReLU(W^p(v_t) g^p_{t-1}) / sqrt(M), one after the other; ``matrices[p](b, t)`` is W^p(v_t).

    The initial states are unit vectors. Not in the paper; the package's own, for M > 1.
    """
    share = 1.0 / math.sqrt(len(matrices))
    states = []
    for b, trajectory in enumerate(velocities):
        parts, walked = [[share * g for g in start] for start in initial_states], []
        for t in range(len(trajectory)):
            for p, matrix in enumerate(matrices):
                z = [sum(w * g for w, g in zip(row, parts[p], strict=True)) for row in matrix(b, t)]
                parts[p] = [share * g for g in norm_relu(z)]
            walked.append([g for part in parts for g in part])
        states.append(walked)
    return states


def local_norm_relu(z, norm_range, line=False):
    """h / |h| with h_i = r_i / sqrt(sum_j K_ij r_j^2), K a Gaussian of the places between, its rows of sum 1; ours."""
    units = range(len(z))
    positive = [max(value, 0.0) for value in z]
    local = []
    for i in units:
        apart = [abs(i - j) if line else min(abs(i - j), len(z) - abs(i - j)) for j in units]
        weights = [math.exp(-(places**2) / (2 * norm_range**2)) for places in apart]
        around = sum(k * r * r for k, r in zip(weights, positive, strict=True)) / math.fsum(weights)
        local.append(positive[i] / math.sqrt(around) if around else 0.0)
    return norm_relu(local)


def rollout_on_a_sheet(band, velocities, initial_state, reach, norm=norm_relu, line=False):
    """z_i = sum over j within `reach` places of g_j M[j, i - j + reach]; ``band(b, t)`` is M, rows of 2 reach + 1."""
    units = len(initial_state)
    states = []
    for b, trajectory in enumerate(velocities):
        state, walked = list(initial_state), []
        for t in range(len(trajectory)):
            z = [0.0] * units
            for j, row in enumerate(band(b, t)):
                for d, entry in enumerate(row):
                    i = j + d - reach
                    if 0 <= i < units or not line:
                        z[i % units] += state[j] * entry
            state = norm(z)
            walked.append(state)
        states.append(walked)
    return states


def positions(velocities):
    """x_b(t), the sum of the first t velocities of trajectory b, t counted from 1."""
    result = []
    for trajectory in velocities:
        x, y, walked = 0.0, 0.0, []
        for vx, vy in trajectory:
            x, y = x + vx, y + vy
            walked.append([x, y])
        result.append(walked)
    return result


def squared_distance(a, b):
    return sum((p - q) ** 2 for p, q in zip(a, b, strict=True))


def pairs(positions, states):
    """(distance in space, squared distance of states) of every ordered pair of different points."""
    points = [(b, t) for b in range(len(positions)) for t in range(len(positions[b]))]
    for b, t in points:
        for c, s in points:
            if (b, t) != (c, s):
                x, y = positions[b][t], positions[c][s]
                yield math.hypot(x[0] - y[0], x[1] - y[1]), squared_distance(states[b][t], states[c][s])


def reduce(values, reduction):
    if reduction == "sum" or not values:
        return math.fsum(values)
    return math.fsum(values) / len(values)


def separation(positions, states, sigma_x, sigma_g, reduction="mean"):
    far = [math.exp(-dg2 / (2 * sigma_g**2)) for dx, dg2 in pairs(positions, states) if dx > sigma_x]
    return reduce(far, reduction)


def invariance(positions, states, sigma_x, reduction="mean"):
    return reduce([dg2 for dx, dg2 in pairs(positions, states) if dx < sigma_x], reduction)


def capacity(states):
    points = [state for trajectory in states for state in trajectory]
    mean = [math.fsum(column) / len(points) for column in zip(*points, strict=True)]
    return -math.fsum(value**2 for value in mean)


def conformal_isometry(velocities, states, initial_state, sigma_x):
    ratios = []
    for b in range(len(velocities)):
        previous = initial_state
        for t in range(len(velocities[b])):
            speed = math.hypot(*velocities[b][t])
            if 0 < speed < sigma_x:
                ratios.append(math.sqrt(squared_distance(states[b][t], previous)) / speed)
            previous = states[b][t]
    if not ratios:
        return 0.0
    mean = math.fsum(ratios) / len(ratios)
    return math.fsum((ratio - mean) ** 2 for ratio in ratios) / len(ratios)
