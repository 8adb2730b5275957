#!/usr/bin/env python3
"""Writes further_*.csv: reference values beyond reference_*.csv.

usage: python3 test/data/further.py        (about two minutes; no test needs it)

Independent of the C code: 50 decimal digits, and where there is a choice another
way to the number.  The share of detractors under a hypothesis is found by
bisection of the likelihood's derivative, not from a quadratic; the quantile by
Newton's method on erfc.  All scores are on the scale -1 to 1; blank is undefined.
"""
import csv
import os
from decimal import Decimal as D, getcontext

getcontext().prec = 60
HALF, ONE, TWO = D("0.5"), D(1), D(2)
PI = D("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")


def erfc(x):
    """By the Taylor series of erf up to 5, by the continued fraction above."""
    if x < 5:
        term, total, k = x, x, 0
        while abs(term) > D(10) ** -55:
            k += 1
            term = -term * x * x / k
            total += term / (2 * k + 1)
        return ONE - 2 * total / PI.sqrt()
    tail = x
    for k in range(400, 0, -1):
        tail = x + (D(k) / 2) / tail
    return (-x * x).exp() / (tail * PI.sqrt())


def upper_quantile(tail):
    """z with P(Z > z) = tail."""
    z = D(1)
    for _ in range(200):
        error = erfc(z / TWO.sqrt()) / 2 - tail if z >= 0 else ONE - erfc(-z / TWO.sqrt()) / 2 - tail
        step = error * (TWO * PI).sqrt() * (z * z / 2).exp()
        z += max(min(step, ONE), -ONE)
        if abs(step) < D(10) ** -45:
            break
    return z


def z_of(confidence):
    return upper_quantile((ONE - D(confidence)) / 2)


def p_value(z):
    return erfc(abs(z) / TWO.sqrt())


def estimate(s):
    return (s[2] - s[0]) / sum(s)


def variance(s):
    return (s[2] + s[0]) / sum(s) - estimate(s) ** 2


def error(s):
    return (variance(s) / sum(s)).sqrt()


def adjusted(s):
    return (s[0] + D("0.75"), s[1] + D("1.5"), s[2] + D("0.75"))


def detractors_under(s, theta):
    """Maximises D log q + M log(1 - 2q - theta) + P log(q + theta)."""
    low, high = max(D(0), -theta), (ONE - theta) / 2
    for _ in range(180):
        q = (low + high) / 2
        slope = D(0)
        if s[0]:
            slope += s[0] / q
        if s[2]:
            slope += s[2] / (q + theta)
        if s[1]:
            slope -= 2 * s[1] / (ONE - 2 * q - theta)
        if slope > 0:
            low = q
        else:
            high = q
    return (low + high) / 2


def score_statistic(s, theta):
    """None where the data are impossible under the hypothesis (infinite)."""
    n = sum(s)
    above = s[2] - s[0] - n * theta
    if abs(theta) == 1:
        return D(0) if above == 0 else None
    q = detractors_under(s, theta)
    p = q + theta
    spread = n * (p + q - (p - q) ** 2)
    return above / spread.sqrt()


def score_limits(s, z):
    nps = estimate(s)
    if z == 0:
        return nps, nps
    limits = []
    for sign in (1, -1):
        end = D(-sign)
        if nps == end:
            limits.append(end)
            continue
        outside, inside = end, nps
        for _ in range(75):
            middle = (outside + inside) / 2
            if sign * score_statistic(s, middle) > z:
                outside = middle
            else:
                inside = middle
        limits.append((outside + inside) / 2)
    return tuple(limits)


def clipped(centre, half, bound):
    return max(centre - half, -D(bound)), min(centre + half, D(bound))


def interval(s, confidence, method, population=None):
    factor = ONE
    if population is not None:
        factor = D(0) if population == 1 else ((population - sum(s)) / (D(population) - 1)).sqrt()
    z = z_of(confidence) * factor
    if method == "score":
        return score_limits(s, z)
    if method == "adjusted_wald" and factor:
        s = adjusted(s)
    return clipped(estimate(s), z * error(s) if factor else D(0), 1)


def one_sample(s, theta, method):
    if method == "score":
        return score_statistic(s, theta)
    if method == "adjusted_wald":
        s = adjusted(s)
    return (estimate(s) - theta) / error(s) if error(s) else None


def two_sample(before, after, confidence, method):
    """change, low, high, z"""
    z = z_of(confidence)
    change = estimate(after) - estimate(before)
    if method == "score":
        one, two = score_limits(before, z), score_limits(after, z)
        low = change - ((estimate(after) - two[0]) ** 2 + (one[1] - estimate(before)) ** 2).sqrt()
        high = change + ((two[1] - estimate(after)) ** 2 + (estimate(before) - one[0]) ** 2).sqrt()
        return change, low, high, None
    if method == "adjusted_wald":
        before, after = adjusted(before), adjusted(after)
    moved = estimate(after) - estimate(before)
    spread = (error(before) ** 2 + error(after) ** 2).sqrt()
    return (change, *clipped(moved, z * spread, 2), moved / spread if spread else None)


def up(answers):
    whole = answers.to_integral_value(rounding="ROUND_CEILING")
    return max(whole, ONE)


def sample_size(margin, confidence, d, p, population, method):
    n = z_of(confidence) ** 2 * (p + d - (p - d) ** 2) / margin ** 2
    if method == "adjusted_wald":
        n -= 3
    if population is not None and n > 0:
        n = n / (1 + (n - 1) / population)
    return up(n)


def compare_sample_size(difference, confidence, power, d1, p1, d2, p2, method):
    z = z_of(confidence) + upper_quantile(ONE - power)
    n = z ** 2 * (p1 + d1 - (p1 - d1) ** 2 + p2 + d2 - (p2 - d2) ** 2) / difference ** 2
    return up(n - 3 if method == "adjusted_wald" else n)


def shown(value):
    if value is None or isinstance(value, str):
        return value
    if value == value.to_integral_value() and abs(value) < 10 ** 30:
        return str(int(value))
    return f"{value:.20e}" if abs(value) < D("1e-4") else f"{value:.22f}"


def write(name, header, rows):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"further_{name}.csv")
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([shown(D(v) if isinstance(v, int) else v) for v in row])


METHODS = ("score", "adjusted_wald", "wald")


def tables(n):
    return [(D(d), D(n - d - p), D(p)) for d in range(n + 1) for p in range(n - d + 1)]


BIG = [tuple(map(D, t)) for t in (
    (10 ** 9, 2 * 10 ** 9, 3 * 10 ** 9), (0, 1, 10 ** 15), (10 ** 18, 10 ** 18, 10 ** 18),
    (1, 0, 10 ** 18), (3 * 10 ** 18, 0, 6 * 10 ** 18), (0, 10 ** 18, 0), (2 * 10 ** 18, 4 * 10 ** 18 + 4096, 0))]


def intervals():
    for n in range(1, 5):
        for s in tables(n):
            for confidence in ("0.5", "0.8", "0.95", "0.99", "0.999", "0.999999999"):
                for method in METHODS:
                    yield (*s, confidence, method, None, *interval(s, confidence, method))
    for s in BIG:
        for confidence in ("0.5", "0.95", "0.999", "0.999999999"):
            for method in METHODS:
                yield (*s, confidence, method, None, *interval(s, confidence, method))
    for s, sizes in (((2, 3, 5), (10, 11, 20, 100, 10 ** 6, 10 ** 15)), ((1, 0, 0), (1, 2, 1000)),
                     ((0, 0, 3), (3, 4, 1000)), ((0, 4, 0), (4, 5, 50)), ((9, 0, 16), (25, 26, 50)),
                     ((17, 33, 50), (100, 101, 200, 12345))):
        for population in sizes:
            for confidence in ("0.8", "0.95", "0.999"):
                for method in METHODS:
                    s = tuple(map(D, s))
                    yield (*s, confidence, method, population, *interval(s, confidence, method, population))


def tests():
    for s in tables(1) + tables(2) + tables(3) + BIG[:5]:
        for theta in ("-1", "-0.75", "0", "0.25", "1"):
            for method in METHODS:
                z = one_sample(s, D(theta), method)
                yield (*s, theta, method, z, None if z is None else p_value(z))


def comparisons():
    for before in tables(1) + tables(2):
        for after in tables(1) + tables(2):
            for confidence in ("0.8", "0.999"):
                for method in METHODS:
                    change, low, high, z = two_sample(before, after, confidence, method)
                    yield (*before, *after, confidence, method, change, low, high, z, None if z is None else p_value(z))


def sample_sizes():
    for method in ("adjusted_wald", "wald"):
        for margin in ("0.01", "0.05", "0.2", "1"):
            for confidence in ("0.5", "0.95", "0.999"):
                for d, p in (("0.5", "0.5"), ("0.2", "0.5"), ("0", "0.75"), ("0", "1"), ("0", "0")):
                    for population in (None, 1, 50, 10 ** 4, 10 ** 9):
                        yield ("margin", method, margin, confidence, None, d, p, None, None, population,
                               sample_size(D(margin), confidence, D(d), D(p), population, method))
        for difference in ("0.02", "0.1", "2"):
            for confidence in ("0.8", "0.95"):
                for power in ("0.5", "0.8", "0.99"):
                    for d1, p1, d2, p2 in (("0.5", "0.5", "0.5", "0.5"), ("0.2", "0.5", "0.1", "0.6"), ("0", "1", "0.3", "0.3")):
                        yield ("difference", method, difference, confidence, power, d1, p1, d2, p2, None,
                               compare_sample_size(D(difference), confidence, D(power), D(d1), D(p1), D(d2), D(p2), method))


def families():
    """Each p-value by Holm from the definition: the largest, over those not above it, of itself times how many are not below."""
    seed = 1
    for family, (size, digits) in enumerate(((1, 3), (2, 3), (3, 2), (5, 8), (12, 2), (40, 1), (50, 12), (200, 4))):
        values = []
        for i in range(size):
            seed = seed * 6364136223846793005 % 2 ** 64 + 1442695040888963407
            # mostly small ones, with ties where there are few digits; some are missing
            value = (D(seed % 10 ** digits) / D(10) ** digits) ** (1 + i % 3)
            values.append(None if seed >> 60 == 3 else ONE if seed >> 60 == 5 else D(0) if seed >> 59 == 9 else value)
        known = [v for v in values if v is not None]
        for value in values:
            yield family, value, None if value is None else max(
                min(ONE, other * sum(1 for k in known if k >= other)) for other in known if other <= value)


def pairs():
    """People by how far they moved, and one up and one down: mean and variance of the list itself."""
    for counts in ((0, 0, 1, 0, 0), (1, 0, 0, 0, 0), (0, 0, 0, 0, 2), (0, 3, 5, 4, 0), (2, 10, 40, 20, 3), (0, 0, 50, 0, 0), (9, 0, 1, 0, 8), (100, 400, 3000, 600, 90)):
        people = [D(change) for change, count in zip(range(-2, 3), counts) for _ in range(count)]
        for confidence in ("0.5", "0.95", "0.999"):
            moved = people + [ONE, -ONE]
            mean = sum(moved) / len(moved)
            spread = (sum((m - mean) ** 2 for m in moved) / len(moved) / len(moved)).sqrt()
            half = z_of(confidence) * spread
            z = mean / spread
            yield (len(people), sum(people), sum(m * m for m in people), confidence, sum(people) / len(people),
                   max(mean - half, -TWO), min(mean + half, TWO), z, p_value(z))


if __name__ == "__main__":
    write("intervals", ["detractors", "passives", "promoters", "confidence", "method", "population", "low", "high"], intervals())
    write("tests", ["detractors", "passives", "promoters", "theta0", "method", "z", "p_value"], tests())
    write("comparisons", ["d_before", "m_before", "p_before", "d_after", "m_after", "p_after", "confidence", "method",
                          "change", "low", "high", "z", "p_value"], comparisons())
    write("sample_sizes", ["kind", "method", "points", "confidence", "power", "d", "p", "d_after", "p_after", "population", "answers"], sample_sizes())
    write("pairs", ["pairs", "changes", "squares", "confidence", "change", "low", "high", "z", "p_value"], pairs())
    write("families", ["family", "p_value", "adjusted"], families())
