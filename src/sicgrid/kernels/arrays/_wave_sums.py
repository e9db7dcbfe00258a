"""Sums over all bins of a map of waves, products of waves and places: what a periodic fit needs of them."""

import numpy as np

from .._compile import Array, serial

_MOMENTS = np.array([[0, 2, 5], [1, 4, -1], [3, -1, -1]])
"""Where x^i y^j stands among 1, x, y, x^2, x y and y^2; -1: nowhere."""


@serial
def grid_sums(rate_map: Array, reciprocal: Array, harmonics: Array, grams: Array, values: Array) -> None:
    """Sums of products of a constant, cosines and sines of ``h.K x``, x the places from the middle of the map.

    ``grams`` (6, term, term): each bin times 1, x, y, x^2, x y and y^2; ``values`` (3, term): the map's times 1, x, y.
    The sum and the difference of two harmonics are waves of the lattice again, of which there are few, and each is a
    product of a wave along x and one along y. Places are symmetric, so that half of all sums are 0.
    """
    most = 2 * np.abs(harmonics).max()
    powers_x = _powers(rate_map.shape[0], reciprocal[:, 0], most)
    powers_y = _powers(rate_map.shape[1], reciprocal[:, 1], most)
    x, y = _moments(powers_x), _moments(powers_y)
    count = len(harmonics)
    grams[:] = 0
    # The number of the wave, of the constant 0, and of its conjugate.
    for wave in range(-1, count):
        h, k = (harmonics[wave, 0], harmonics[wave, 1]) if wave >= 0 else (0, 0)
        for other in range(wave, count):
            i, j = (harmonics[other, 0], harmonics[other, 1]) if other >= 0 else (0, 0)
            a, b = most + h + i, most + k + j
            c, d = most + h - i, most + k - j
            _enter(grams, wave + 1, other + 1, x[:, a, b], y[:, a, b], x[:, c, d], y[:, c, d])
    _against(rate_map, powers_x, powers_y, harmonics, most, values)


@serial
def weighted_sums(
    weights: Array, values: Array, reciprocal: Array, harmonics: Array, grams: Array, sums: Array
) -> None:
    """As `grid_sums` of bins that weigh unequally, not at all where the weight is 0.

    ``grams`` (6, term, term): the weights times 1, x, y, x^2, x y and y^2; ``sums`` (3, term): the values times 1, x,
    y. Weights and values are (x, y). Each wave is summed along y first, for each x.
    """
    most = 2 * np.abs(harmonics).max()
    powers_x = _powers(weights.shape[0], reciprocal[:, 0], most)
    powers_y = _powers(weights.shape[1], reciprocal[:, 1], most)
    count = len(harmonics)
    terms = np.zeros((count + 1, 2), np.int64)  # the constant is number 0
    terms[1:] = harmonics
    waves, number, sign = _waves_of_products(terms, most)
    cosines, sines = _weighted_moments(weights, powers_x, powers_y, waves, most)
    for first in range(count + 1):
        h, k = terms[first]
        for other in range(first, count + 1):
            i, j = terms[other]
            plus, minus = number[most + h + i, most + k + j], number[most + h - i, most + k - j]
            plus_sign, minus_sign = sign[most + h + i, most + k + j], sign[most + h - i, most + k - j]
            for m in range(6):
                gram = grams[m]
                gram[first, other] = gram[other, first] = (cosines[m, minus] + cosines[m, plus]) / 2
                sine_plus, sine_minus = plus_sign * sines[m, plus], minus_sign * sines[m, minus]
                if other > 0:
                    gram[first, count + other] = gram[count + other, first] = (sine_plus - sine_minus) / 2
                if first > 0:
                    gram[other, count + first] = gram[count + first, other] = (sine_plus + sine_minus) / 2
                    difference = (cosines[m, minus] - cosines[m, plus]) / 2
                    gram[count + first, count + other] = gram[count + other, count + first] = difference
    _against(values, powers_x, powers_y, harmonics, most, sums)


@serial
def _waves_of_products(terms: Array, most: int) -> tuple[Array, Array, Array]:
    """The waves that products of two terms are made of (wave, 2), of each pair of opposite ones the first.

    With the number of each and its sign, (power, power): a sine of the opposite wave is the sine less.
    """
    size = 2 * most + 1
    number, sign = np.full((size, size), -1), np.ones((size, size))
    waves = np.empty((size * size, 2), np.int64)
    listed = 0
    for first in range(len(terms)):
        h, k = terms[first]
        for other in range(first, len(terms)):
            i, j = terms[other]
            for a, b in ((h + i, k + j), (h - i, k - j)):
                if number[most + a, most + b] < 0:
                    waves[listed, 0], waves[listed, 1] = a, b
                    number[most + a, most + b] = number[most - a, most - b] = listed
                    sign[most - a, most - b], sign[most + a, most + b] = -1, 1  # of the constant 1
                    listed += 1
    return waves[:listed], number, sign


@serial
def _weighted_moments(weights: Array, powers_x: Array, powers_y: Array, waves: Array, most: int) -> tuple[Array, Array]:
    """Sums of the weights times 1, x, y, x^2, x y, y^2 times each wave's cosine and sine, (6, wave) each."""
    nx, ny = weights.shape
    count = len(waves)
    along_y = np.empty((ny, 2, count))
    for place in range(ny):
        for w in range(count):
            wave = powers_y[0, place, most + waves[w, 0]] * powers_y[1, place, most + waves[w, 1]]
            along_y[place, 0, w], along_y[place, 1, w] = wave.real, wave.imag
    cosines, sines = np.zeros((6, count)), np.zeros((6, count))
    sums = np.empty((6, count))
    for i in range(nx):
        sums[:] = 0
        for j in range(ny):
            weight = weights[i, j]
            if weight == 0:
                continue
            y = j - (ny - 1) / 2
            once, twice = weight * y, weight * y * y
            for w in range(count):
                cosine, sine = along_y[j, 0, w], along_y[j, 1, w]
                sums[0, w] += weight * cosine
                sums[1, w] += weight * sine
                sums[2, w] += once * cosine
                sums[3, w] += once * sine
                sums[4, w] += twice * cosine
                sums[5, w] += twice * sine
        x = i - (nx - 1) / 2
        for w in range(count):
            wave = powers_x[0, i, most + waves[w, 0]] * powers_x[1, i, most + waves[w, 1]]
            for power in range(3):
                cosine = wave.real * sums[2 * power, w] - wave.imag * sums[2 * power + 1, w]
                sine = wave.real * sums[2 * power + 1, w] + wave.imag * sums[2 * power, w]
                times = 1.0
                for power_of_x in range(3 - power):
                    m = _MOMENTS[power_of_x, power]
                    cosines[m, w] += times * cosine
                    sines[m, w] += times * sine
                    times *= x
    return cosines, sines


@serial
def _powers(size: int, frequencies: Array, most: int) -> Array:
    """(2, place, power from -most to most): the waves of two frequencies to all these powers."""
    powers = np.empty((2, size, 2 * most + 1), np.complex128)
    for number in range(2):
        for place in range(size):
            turn = 2 * np.pi * frequencies[number] * (place - (size - 1) / 2)
            wave, power = complex(np.cos(turn), np.sin(turn)), complex(1.0, 0.0)
            for n in range(most + 1):
                powers[number, place, most + n], powers[number, place, most - n] = power, power.conjugate()
                power *= wave
    return powers


@serial
def _moments(powers: Array) -> Array:
    """Of each wave of the lattice (3, power, power): the sums of its cosine, x times its sine, x^2 times its cosine."""
    _, size, number = powers.shape
    sums, half = np.zeros((3, number, number)), number // 2
    for place in range(size):
        x = place - (size - 1) / 2
        for a in range(half, number):  # the others are mirror images
            first = powers[0, place, a]
            for b in range(number):
                second = powers[1, place, b]
                cosine = first.real * second.real - first.imag * second.imag
                sine = first.real * second.imag + first.imag * second.real
                sums[0, a, b] += cosine
                sums[1, a, b] += x * sine
                sums[2, a, b] += x * x * cosine
    for a in range(half):
        for b in range(number):
            sums[0, a, b] = sums[0, number - 1 - a, number - 1 - b]
            sums[1, a, b] = -sums[1, number - 1 - a, number - 1 - b]
            sums[2, a, b] = sums[2, number - 1 - a, number - 1 - b]
    return sums


@serial
def _enter(grams: Array, first: int, other: int, x: Array, y: Array, minus_x: Array, minus_y: Array) -> None:
    """Cosines and sines of two waves, from the moments of their sum and of their difference along x and y."""
    waves = (grams.shape[1] + 1) // 2
    sine, other_sine = waves - 1 + first, waves - 1 + other
    for k in range(6):
        if k == 0:
            plus, minus = x[0] * y[0], minus_x[0] * minus_y[0]
        elif k == 1:
            plus, minus = x[1] * y[0], minus_x[1] * minus_y[0]
        elif k == 2:
            plus, minus = x[0] * y[1], minus_x[0] * minus_y[1]
        elif k == 3:
            plus, minus = x[2] * y[0], minus_x[2] * minus_y[0]
        elif k == 4:
            plus, minus = -x[1] * y[1], -minus_x[1] * minus_y[1]
        else:
            plus, minus = x[0] * y[2], minus_x[0] * minus_y[2]
        gram = grams[k]
        if k == 1 or k == 2:  # odd: a cosine with a sine
            if other > 0:
                gram[first, other_sine] = gram[other_sine, first] = (plus - minus) / 2
            if first > 0:
                gram[other, sine] = gram[sine, other] = (plus + minus) / 2
        else:
            gram[first, other] = gram[other, first] = (minus + plus) / 2
            if first > 0 and other > 0:
                gram[sine, other_sine] = gram[other_sine, sine] = (minus - plus) / 2


@serial
def _against(rate_map: Array, powers_x: Array, powers_y: Array, harmonics: Array, most: int, values: Array) -> None:
    """The map's sums with the constant, all cosines and all sines, with each bin times 1, x and y."""
    nx, ny = rate_map.shape
    count = len(harmonics)
    cosines, sines = np.empty((ny, count + 1)), np.empty((ny, count + 1))
    for place in range(ny):
        cosines[place, 0], sines[place, 0] = 1, 0
        for w in range(count):
            wave = powers_y[0, place, most + harmonics[w, 0]] * powers_y[1, place, most + harmonics[w, 1]]
            cosines[place, w + 1], sines[place, w + 1] = wave.real, wave.imag
    values[:] = 0
    along = np.empty((4, count + 1))
    for i in range(nx):
        along[:] = 0
        for j in range(ny):
            value = rate_map[i, j]
            moved = value * (j - (ny - 1) / 2)
            for w in range(count + 1):
                along[0, w] += value * cosines[j, w]
                along[1, w] += value * sines[j, w]
                along[2, w] += moved * cosines[j, w]
                along[3, w] += moved * sines[j, w]
        x = i - (nx - 1) / 2
        for w in range(count + 1):
            wave = complex(1.0, 0.0)
            if w > 0:
                wave = powers_x[0, i, most + harmonics[w - 1, 0]] * powers_x[1, i, most + harmonics[w - 1, 1]]
            cosine = wave.real * along[0, w] - wave.imag * along[1, w]
            sine = wave.real * along[1, w] + wave.imag * along[0, w]
            values[0, w] += cosine
            values[1, w] += x * cosine
            values[2, w] += wave.real * along[2, w] - wave.imag * along[3, w]
            if w > 0:
                values[0, count + w] += sine
                values[1, count + w] += x * sine
                values[2, count + w] += wave.real * along[3, w] + wave.imag * along[2, w]
