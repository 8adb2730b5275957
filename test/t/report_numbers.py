#!/usr/bin/env python3
"""What report_numbers.sh compares the reports with: computed from the rows alone.

usage: report_numbers.py rows          prints the rows of the source as CSV
       report_numbers.py check FOLDER  compares FOLDER/VIEW.csv with them
"""
import csv
import datetime
import math
import random
import statistics
import sys
import zoneinfo
from collections import Counter, defaultdict

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
UTC = datetime.timezone.utc
GRAINS = ("day", "week", "month", "quarter", "year")
FEW = 30
Z = statistics.NormalDist().inv_cdf(0.975)


def rows():
    """(id, who, asked, answered, score, plan): three years, a gap of half a year, teams of very different size."""
    source = random.Random(4711)
    start = datetime.datetime(2022, 11, 17, 8, tzinfo=UTC)
    result = []
    for number in range(1, 6001):
        asked = start + datetime.timedelta(hours=source.randrange(24 * 365 * 3))
        if datetime.datetime(2024, 2, 10, tzinfo=UTC) < asked < datetime.datetime(2024, 8, 10, tzinfo=UTC):
            continue
        who = source.choice((None, f"p{source.randrange(900)}", f"p{source.randrange(900)}", f"p{source.randrange(900)}"))
        answered = asked + datetime.timedelta(minutes=source.randrange(60 * 24 * 20))
        plan = source.choice(("big", "big", "big", "mid", "mid", "small", None))
        # the later the better, and one plan is worse
        luck = source.random() + (asked - start).days / 4000 - (0.08 if plan == "mid" else 0)
        score = source.choice((9, 10)) if luck > 0.55 else source.choice((7, 8)) if luck > 0.3 else source.randrange(7)
        fate = source.randrange(20)
        if fate < 5:
            answered, score = None, None
        elif fate == 5:
            score = 11
        elif fate == 6:
            asked = None
        elif fate == 7:
            asked = asked.replace(year=21)
        elif fate == 8:
            answered = source.choice((None, answered.replace(year=2921)))
        result.append((number, who, asked, answered, score, plan))
    return result


def day(time):
    return time.astimezone(ZONE).date() if time is not None and 1900 <= time.year <= 2200 else None


def period(date, grain):
    if date is None:
        return None
    if grain == "week":
        return date - datetime.timedelta(days=date.weekday())
    month = {"day": date.month, "month": date.month, "quarter": (date.month - 1) // 3 * 3 + 1, "year": 1}[grain]
    return datetime.date(date.year, month, date.day if grain == "day" else 1)


def after(start, grain):
    if grain in ("day", "week"):
        return start + datetime.timedelta(days=7 if grain == "week" else 1)
    months = start.year * 12 + start.month - 1 + {"month": 1, "quarter": 3, "year": 12}[grain]
    return datetime.date(months // 12, months % 12 + 1, 1)


def year_before(start, grain):
    if start is None:
        return None
    if grain == "week":
        return start - datetime.timedelta(days=364)
    return datetime.date(start.year - 1, start.month, min(start.day, 28) if start.month == 2 else start.day)


def points(score):
    return 100 if score >= 9 else -100 if score <= 6 else 0


def nps(scores):
    return sum(map(points, scores)) / len(scores) if scores else None


def compare(before, after_it):
    """change, low, high, p: adjusted Wald, 3/4, 3/2 and 3/4 answers added to each side."""
    if not before or not after_it:
        return None, None, None, None
    means, variances = [], []
    for scores in (before, after_it):
        counts = [0.75, 1.5, 0.75]
        for score in scores:
            counts[points(score) // 100 + 1] += 1
        n = sum(counts)
        mean = (counts[2] - counts[0]) / n
        means.append(mean)
        variances.append(sum(c * (x - mean) ** 2 for c, x in zip(counts, (-1, 0, 1))) / n / n)
    change, error = means[1] - means[0], math.sqrt(sum(variances))
    return (nps(after_it) - nps(before), 100 * max(change - Z * error, -2), 100 * min(change + Z * error, 2),
            math.erfc(abs(change / error) / math.sqrt(2)))


def compare_pairs(pairs):
    """The same for pairs of points of the same people, one pair up and one down added."""
    changes = [(new - old) / 100 for old, new in pairs] + [1, -1]
    n = len(changes)
    mean = sum(changes) / n
    error = math.sqrt(sum((c - mean) ** 2 for c in changes) / n / n)
    return (sum(new - old for old, new in pairs) / len(pairs), 100 * max(mean - Z * error, -2), 100 * min(mean + Z * error, 2),
            math.erfc(abs(mean / error) / math.sqrt(2)))


def holm(p_values):
    """By stepping down: {key: p} to {key: adjusted}."""
    result, least = {}, 0
    known = sorted((p, str(key), key) for key, p in p_values.items() if p is not None)
    for i, (p, _, key) in enumerate(known):
        least = max(least, min(1, (len(known) - i) * p))
        result[key] = least
    return result


class Check:
    def __init__(self, folder):
        self.folder = folder
        self.values = 0
        self.wrong = []

    def view(self, name, key, expected):
        """Each row of a view, by its key, against {key: {column: value}}; both have the same rows."""
        with open(f"{self.folder}/{name}.csv", newline="") as file:
            got = {tuple(row[k] for k in key): row for row in csv.DictReader(file)}
        expected = {tuple("" if k is None else str(k) for k in keys): row for keys, row in expected.items()}
        for keys in sorted(got.keys() ^ expected.keys()):
            self.wrong.append(f"{name} {keys}: only {'in the view' if keys in got else 'computed'}")
        for keys in got.keys() & expected.keys():
            for column, value in expected[keys].items():
                text = got[keys][column]
                self.values += 1
                if value is None:
                    fits = text == ""
                elif isinstance(value, float):
                    fits = text != "" and abs(float(text) - value) <= 1e-9 * max(1, abs(value))
                elif isinstance(value, bool):
                    fits = text == ("t" if value else "f")
                else:
                    fits = text == str(value)
                if not fits:
                    self.wrong.append(f"{name} {keys} {column}: {text or 'NULL'}, not {value}")


def check(folder):
    source = rows()
    today = datetime.datetime.now(UTC).astimezone(ZONE).date()
    valid = [r for r in source if r[4] is not None and 0 <= r[4] <= 10]
    first_day = min(day(r[3]) for r in valid if day(r[3]))
    result = Check(folder)
    trend, distribution, paired, segment_trend = {}, {}, {}, {}

    def partial(start, grain):
        end = after(start, grain)
        return start <= today < end or start < first_day < end

    for grain in GRAINS:
        scores, asked = defaultdict(list), defaultdict(Counter)
        for _, _, at, answered, score, _ in source:
            cohort = period(day(at) or day(answered), grain)
            kind = "unanswered" if score is None else "answered" if 0 <= score <= 10 else "rejected"
            asked[cohort][kind] += 1
            if kind == "answered":
                scores[period(day(answered), grain)].append(score)
        there = sorted(k for k in scores.keys() | asked.keys() if k is not None)
        every = [there[0]]
        while every[-1] < there[-1]:
            every.append(after(every[-1], grain))
        before, p_values = None, {}
        for start in every + ([None] if None in scores or None in asked else []):
            now, rates = scores.get(start, []), asked.get(start, Counter())
            old = scores[before] if now and start is not None and before is not None else []
            year = scores.get(year_before(start, grain), []) if start is not None else []
            change, low, high, p = compare(old, now)
            year_change, year_low, year_high, year_p = compare(year, now)
            everybody = sum(rates.values())
            trend[grain, start] = {
                "is_partial": None if start is None else partial(start, grain), "responses": len(now), "nps": None if not now else float(nps(now)),
                "unanswered": rates["unanswered"], "rejected": rates["rejected"], "response_rate": rates["answered"] / everybody if everybody else None,
                "change_from": before if old else None, "change": change, "change_low": low, "change_high": high, "change_p_value": p,
                "year_change": year_change, "year_change_low": year_low, "year_change_high": year_high, "year_change_p_value": year_p}
            p_values[start] = p if min(len(old), len(now)) >= FEW else None
            for score in range(11):
                distribution[grain, start, score] = {
                    "responses": now.count(score), "share": now.count(score) / len(now) if now else None,
                    "category": "detractor" if score < 7 else "passive" if score < 9 else "promoter"}
            if now and start is not None:
                before = start
        adjusted = holm(p_values)
        for start in p_values:
            trend[grain, start]["change_p_adjusted"] = adjusted.get(start)

        # pairs: the newest answer of each respondent in a period
        newest = defaultdict(dict)
        for number, who, _, answered, score, _ in sorted((r for r in valid if day(r[3])), key=lambda r: (r[3], r[0])):
            if who is not None:
                newest[period(day(answered), grain)][who] = points(score)
        with_answers = sorted(k for k in scores if k is not None)
        for before, start in zip(with_answers, with_answers[1:]):
            pairs = [(newest[before][w], newest[start][w]) for w in newest[start] if w in newest[before]]
            if pairs:
                change, low, high, p = compare_pairs(pairs)
                paired[grain, start] = {
                    "responses": len(pairs), "change_from": before, "nps": sum(new for _, new in pairs) / len(pairs),
                    "nps_before": sum(old for old, _ in pairs) / len(pairs), "paired_change": change, "paired_change_low": low,
                    "paired_change_high": high, "paired_change_p_value": p, "is_partial": start <= today < after(start, grain)}

        # the plans by period
        cells = defaultdict(lambda: defaultdict(list))
        for _, _, _, answered, score, plan in valid:
            cells[period(day(answered), grain)][plan].append(score)
        before = None
        for start in with_answers + ([None] if None in cells else []):
            previous = cells[before] if start is not None and before is not None else {}
            differences, changes = {}, {}
            for plan in cells[start].keys() | previous.keys():
                now, old = cells[start].get(plan, []), previous.get(plan, [])
                rest = [s for other, values in cells[start].items() if other != plan for s in values]
                year = cells[year_before(start, grain)].get(plan, []) if start is not None and year_before(start, grain) in cells else []
                difference, change, since = compare(rest, now), compare(old, now), compare(year, now)
                segment_trend[grain, start, plan] = {
                    "is_partial": None if start is None else partial(start, grain), "responses": len(now), "difference": difference[0],
                    "difference_p_value": difference[3], "change_from": before if previous else None, "change": change[0], "change_p_value": change[3],
                    "year_change": since[0], "year_change_low": since[1], "year_change_high": since[2], "year_change_p_value": since[3]}
                differences[plan] = difference[3]
                changes[plan] = change[3] if min(len(old), len(now)) >= FEW else None
            for column, values in (("difference_p_adjusted", differences), ("change_p_adjusted", changes)):
                adjusted = holm(values)
                for plan in values:
                    segment_trend[grain, start, plan][column] = adjusted.get(plan)
            before = start

    plans = defaultdict(list)
    for _, _, _, _, score, plan in valid:
        plans[plan].append(score)
    compared = {plan: compare([s for other in plans if other != plan for s in plans[other]], plans[plan]) for plan in plans}
    adjusted = holm({plan: c[3] for plan, c in compared.items()})

    result.view("trend", ("grain", "period_start"), trend)
    result.view("distribution_trend", ("grain", "period_start", "score"), distribution)
    result.view("paired_trend", ("grain", "period_start"), paired)
    result.view("segment_trend", ("grain", "period_start", "value"), segment_trend)
    result.view("segment", ("value",), {(plan,): {"responses": len(plans[plan]), "difference": c[0], "difference_low": c[1], "difference_high": c[2],
                                                  "difference_p_value": c[3], "difference_p_adjusted": adjusted.get(plan)} for plan, c in compared.items()})
    known = sum(row["change_p_adjusted"] is not None for row in trend.values())
    print(f"{result.values} numbers compared, {known} changes adjusted, {len(paired)} periods with pairs, {len(result.wrong)} wrong")
    for line in result.wrong[:20]:
        print("  " + line)
    return 1 if result.wrong or not result.values or not known or not paired else 0


if sys.argv[1] == "rows":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for row in rows():
        # PostgreSQL wants four digits of a year
        writer.writerow(["" if v is None else v.strftime(f"{v.year:04d}-%m-%d %H:%M+00") if isinstance(v, datetime.datetime) else v for v in row])
else:
    sys.exit(check(sys.argv[2]))
