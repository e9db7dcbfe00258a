"""The analysis' definitions as plain loops over Python floats, transcribed from the papers' words and nothing else."""

import math

NAN = float("nan")


def rate_map(positions, activity, x_edges, y_edges, seconds=None):
    """Mean activity per bin, NaN where never visited; lower edges belong to a bin, the last upper edge too.

    With seconds: what was fired in a bin (activity times seconds) over the seconds there.
    """
    lasting = [1.0] * len(positions) if seconds is None else seconds
    rates = []
    for i in range(len(x_edges) - 1):
        row = []
        for j in range(len(y_edges) - 1):
            here = []
            for (x, y), value, lasts in zip(positions, activity, lasting, strict=True):
                in_x = x_edges[i] <= x < x_edges[i + 1] or (i == len(x_edges) - 2 and x == x_edges[-1])
                in_y = y_edges[j] <= y < y_edges[j + 1] or (j == len(y_edges) - 2 and y == y_edges[-1])
                if in_x and in_y:
                    here.append((value * lasts, lasts))
            row.append(sum(fired for fired, _ in here) / sum(lasts for _, lasts in here) if here else NAN)
        rates.append(row)
    return rates


def plane_height(rates, sigma, i, j, time=None):
    """Height at bin (i, j) of the plane through the visited bins, by least squares under Gaussian weights around it."""
    normal, right = [[0.0] * 3 for _ in range(3)], [0.0] * 3
    for x, row in enumerate(rates):
        for y, rate in enumerate(row):
            if math.isnan(rate):
                continue
            weight = math.exp(-((x - i) ** 2 + (y - j) ** 2) / (2 * sigma**2)) * (time[x][y] if time else 1.0)
            terms = (1.0, float(x - i), float(y - j))
            for a in range(3):
                right[a] += weight * terms[a] * rate
                for b in range(3):
                    normal[a][b] += weight * terms[a] * terms[b]
    # Gauss's elimination from the last unknown up: what remains is the first, the height.
    for k in (2, 1):
        for a in range(k):
            share = normal[a][k] / normal[k][k]
            right[a] -= share * right[k]
            for b in range(3):
                normal[a][b] -= share * normal[k][b]
    return right[0] / normal[0][0]


def pearson(pairs):
    """Pearson's r of a list of pairs; NaN when one side is constant."""
    n = len(pairs)
    mean_a = sum(a for a, _ in pairs) / n
    mean_b = sum(b for _, b in pairs) / n
    covariance = sum((a - mean_a) * (b - mean_b) for a, b in pairs)
    var_a = sum((a - mean_a) ** 2 for a, _ in pairs)
    var_b = sum((b - mean_b) ** 2 for _, b in pairs)
    if min(var_a, var_b) < 1e-12 * n:
        return NAN
    return covariance / math.sqrt(var_a * var_b)


def autocorrelogram(rates, min_overlap):
    """r between map(x + d) and map(x) for every displacement d, over bins visited in both."""
    nx, ny = len(rates), len(rates[0])
    result = []
    for dx in range(-(nx - 1), nx):
        row = []
        for dy in range(-(ny - 1), ny):
            pairs = []
            for x in range(max(0, -dx), min(nx, nx - dx)):
                for y in range(max(0, -dy), min(ny, ny - dy)):
                    a, b = rates[x + dx][y + dy], rates[x][y]
                    if not (math.isnan(a) or math.isnan(b)):
                        pairs.append((a, b))
            row.append(pearson(pairs) if len(pairs) >= min_overlap else NAN)
        result.append(row)
    return result


def turned(correlogram, dx, dy, angle_deg):
    """Value of the autocorrelogram at displacement (dx, dy) turned by an angle, bilinear; NaN if a corner is."""
    center_x, center_y = (len(correlogram) - 1) // 2, (len(correlogram[0]) - 1) // 2
    angle = math.radians(angle_deg)
    x = center_x + math.cos(angle) * dx - math.sin(angle) * dy
    y = center_y + math.sin(angle) * dx + math.cos(angle) * dy
    total = 0.0
    for i in (math.floor(x), math.floor(x) + 1):
        for j in (math.floor(y), math.floor(y) + 1):
            weight = (1 - abs(x - i)) * (1 - abs(y - j))
            if weight > 1e-9:
                total += weight * correlogram[i][j]
    return total


def ring_correlation(correlogram, inner, outer, angle_deg):
    """r of the autocorrelogram and itself turned, over inner < distance <= outer."""
    center_x, center_y = (len(correlogram) - 1) // 2, (len(correlogram[0]) - 1) // 2
    reach = math.ceil(outer)
    pairs = []
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            if inner < math.hypot(dx, dy) <= outer + 1e-9:
                a, b = correlogram[center_x + dx][center_y + dy], turned(correlogram, dx, dy, angle_deg)
                if not (math.isnan(a) or math.isnan(b)):
                    pairs.append((a, b))
    return pearson(pairs)


def central_radius(correlogram, largest):
    """First local minimum of the radial mean, or first radius where it is below 0.2."""
    center_x, center_y = (len(correlogram) - 1) // 2, (len(correlogram[0]) - 1) // 2
    means = []
    for radius in range(1, largest + 1):
        values = []
        for dx in range(-largest, largest + 1):
            for dy in range(-largest, largest + 1):
                distance = math.hypot(dx, dy)
                if distance <= largest and round(distance) == radius:
                    value = correlogram[center_x + dx][center_y + dy]
                    if not math.isnan(value):
                        values.append(value)
        means.append(sum(values) / len(values) if values else NAN)
    for radius in range(1, largest):
        if means[radius - 1] < 0.2 or means[radius] > means[radius - 1]:
            return radius
    return largest


def min_max_score(correlogram, inner, outer):
    """Min(r60, r120) - max(r30, r90, r150) in a ring."""
    r = {angle: ring_correlation(correlogram, inner, outer, angle) for angle in (30, 60, 90, 120, 150)}
    if any(math.isnan(value) for value in r.values()):
        return NAN
    return min(r[60], r[120]) - max(r[30], r[90], r[150])


def langston(correlogram, side):
    """Largest min-max score over growing rings (10 to 90 cm of a 1 m box: a tenth to nine tenths of the side)."""
    largest = int(0.9 * side)
    inner = central_radius(correlogram, largest)
    scores = [min_max_score(correlogram, inner, outer) for outer in range(inner + round(0.1 * side), largest + 1)]
    return max(score for score in scores if not math.isnan(score))


def spatial_information(rates, occupancy):
    """Skaggs: sum of p (rate / mean) log2(rate / mean)."""
    total = sum(sum(row) for row in occupancy)
    p = [[time / total for time in row] for row in occupancy]
    visited = [(i, j) for i, row in enumerate(p) for j, share in enumerate(row) if share > 0]
    mean = sum(p[i][j] * rates[i][j] for i, j in visited)
    information = 0.0
    for i, j in visited:
        if rates[i][j] > 0:
            information += p[i][j] * rates[i][j] / mean * math.log2(rates[i][j] / mean)
    return information


def axes(basis):
    """The three shortest vectors of a lattice in different directions, by looking at all small combinations."""
    vectors = []
    for m in range(-6, 7):
        for n in range(-6, 7):
            if (m, n) != (0, 0):
                vectors.append((m * basis[0][0] + n * basis[1][0], m * basis[0][1] + n * basis[1][1]))
    chosen = []
    for x, y in sorted(vectors, key=lambda vector: math.hypot(*vector)):
        if all(abs(x * v - y * u) > 1e-9 for u, v in chosen):
            chosen.append((x, y))
        if len(chosen) == 3:
            return chosen
    raise AssertionError("not a lattice")


def spacing_and_orientation(basis):
    """Mean length of the axes; angle of the one nearest to the x direction, modulo 60."""
    three = axes(basis)
    angles = [(math.degrees(math.atan2(y, x)) + 90) % 180 - 90 for x, y in three]
    return sum(math.hypot(x, y) for x, y in three) / 3, min(angles, key=abs) % 60
