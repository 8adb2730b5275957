"""Rows with any text in any column, and what is to become of them, from the definitions of the design and without
any code of ours.

  dirt.py rows SEED FIRST NUMBER    rows for COPY, with ids from FIRST on
  dirt.py check FOLDER              the tables that dirt.sh wrote there, against what they are to be
"""
import collections, datetime, os, random, re, sys
from decimal import Decimal
from zoneinfo import ZoneInfo

import parse_time

ZONE = "Europe/Berlin"
FORMATS = ["ISO 8601", "DD/MM/YYYY", "epoch", "Excel serial"]
NO_ANSWER = {"", "na", "n/a", "null", "none", "nan", "-"}
BLANKS = " \t\n\v\f\r"
COLUMNS = ["id", "score", "who", "firm", "at", "asked", "words", "plan", "keeper", "subject", "worth", "calls", "may", "asks", "due", "left_at", "arrived"]
ODD = ["", " ", "\t\n", "NULL", "null", "N/A", "none", "NaN", "-", "\\N", "\\.", "\\", "'", '"', "''", "$1", "%s %I %L", "<<score>>", "{}", "{a,b}", "(1,2)", "[1]", "\\000", "\\x00", "%00", "\\u0000",
       "'; DROP TABLE answers; --", "<script>alert(1)</script>", "&amp;&#0;", "\u202eright to left\u202c", "\u200f\u05d0\u05d1\u05d2", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\ufeff", "\u200b", "\u00a0",
       "\u3000", "\x01\x02\x1b[31m\x7f", "\ufffe\uffff", "\U0001f600" * 5, "e\u0301", "\u00e9", "\uff11\uff10", "\u0663", "true", "yes", "infinity", "-infinity", "now", "today", "epoch", "allballs",
       "0001-01-01 BC", "294276-12-31 23:59:59.999999+00", "4713-11-24 BC", "99999-01-01", "2024-02-30", "2024-13-01", "0000-00-00 00:00:00", "2036,5", "########"]
NUMBERS = ["0", "-0", "+6", "00009", "1e1", "1e400", "-1e400", "0x9", "0b1", "1_000", "1,000", "9,5", "9.", ".9", "9.0", "9.00000000000000000000000000001", "10.5", "8.5", "-0.5", "-1", "11", "99", "100", "7/10", "10-12",
           "10 - 12", "10-Oct", "9 %", "2147483648", "-2147483649", "9223372036854775808", "9" * 40, "9" * 5000, "-" + "9" * 5000, "Infinity", "-Infinity", "inf", "nan", "1" + "0" * 400 + ".5"]


def some_text(longest=300):
    kind = random.random()
    if kind < 0.35:
        return random.choice(ODD)
    if kind < 0.5:
        return random.choice(NUMBERS)
    if kind < 0.85:
        pools = [(1, 0x7f), (0xa0, 0x24f), (0x590, 0x6ff), (0x2000, 0x206f), (0x4e00, 0x4f00), (0x1f300, 0x1f6ff), (1, 0xd7ff), (0xe000, 0x10ffff)]
        low, high = random.choice(pools)
        return "".join(chr(random.randint(low, high)) for _ in range(random.randrange(1, 30)))
    if kind < 0.97:
        return random.choice(["word ", "<a b='c' ", "w", "a-", "\U0001f600", "\u202e"]) * random.randrange(1, longest)
    return random.choice(ODD) + random.choice(NUMBERS) + random.choice(ODD)


def some_score():
    kind = random.random()
    if kind < 0.45:
        return random.choice(["{}", "{}.0", " {} ", "0{}", "{} - Extremely likely", "{}-very", "{}: very", "{}(very)", "{} [very]", "\t{}\n"]).format(random.randrange(0, 11))
    if kind < 0.6:
        return str(random.randrange(-20, 120))
    if kind < 0.75:
        return random.choice(NUMBERS)
    if kind < 0.85:
        text = str(random.randrange(0, 11))
        place = random.randrange(len(text) + 1)
        return text[:place] + random.choice(ODD) + text[place:]
    return some_text()


def some_time():
    kind = random.random()
    if kind < 0.7:
        text = parse_time.write(random.choice(FORMATS), ZONE)
        return parse_time.spoil(text) if random.random() < 0.3 else text
    if kind < 0.8:
        return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=random.randrange(0, 2000))).strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind < 0.9:
        return parse_time.write(random.choice(list(parse_time.FORMATS)), ZONE)
    return some_text()


def perhaps(value, share=0.15):
    return None if random.random() < share else value


def rows(seed, first, number):
    random.seed(seed)
    words = [some_text() for _ in range(12)]
    for n in range(first, first + number):
        row = [str(n) + random.choice(["", "", "", " ", "\n", "'", "\\", "\u202e", "k" * 200]), perhaps(some_score(), 0.1), perhaps(random.choice(words) if random.random() < 0.5 else some_text()),
               perhaps(random.choice(words)), perhaps(some_time()), perhaps(some_time()), perhaps(some_text(3000), 0.4), perhaps(random.choice(words)), perhaps(some_text()), perhaps(random.choice(words), 0.6)]
        row += [perhaps(random.choice([some_score, some_text])()) for _ in range(4)] + [perhaps(some_time(), 0.6) for _ in range(3)]
        yield row


def write_cell(value):
    if value is None:
        return "\\N"
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def read_cell(text):
    if text == "\\N":
        return None
    known = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[1]), text, flags=re.DOTALL)


def table(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8", newline="\n") as file:
        return [[read_cell(cell) for cell in line.rstrip("\n").split("\t")] for line in file.read().split("\n")[:-1]]


def score_of(text, lowest, highest):
    """(score, reason): one of them is None; a list of both instead of a reason where the design leaves it open; None: open."""
    if text is None or text.strip(BLANKS).lower() in NO_ANSWER:
        return None, ["no answer"]
    text = text.strip(BLANKS)
    number = re.fullmatch(r"(-?[0-9]+)(?:\.([0-9]+))?", text)
    # the words may not begin like another number
    label = re.fullmatch(r"(-?[0-9]+) *(?:[-:(\[]|\u2013|\u2014) *([A-Za-z][^\n]*)", text)
    if label and not re.match("(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", label[2], re.IGNORECASE):
        number = re.fullmatch(r"(-?[0-9]+)()", label[1])
    elif not number:
        return (None, ["not a number"]) if not re.match("[-0-9]", text) else None
    fraction = number[2] is not None and number[2].strip("0") != ""
    whole = int(number[1][:50])
    if fraction:
        return None, ["not whole"] if lowest <= whole < highest and text[0] != "-" else ["not whole", "out of range"]
    return (whole, None) if lowest <= whole <= highest else (None, ["out of range"])


def time_of(text):
    """Microseconds from 1970; None: no time; False: open."""
    if text is None:
        return None
    for name in FORMATS:
        time = parse_time.read(text, name, ZONE)
        if time is not None:
            return time
    return None


def check(folder):
    failures = []

    def must(holds, *what):
        if not holds and len(failures) < 20:
            failures.append(" ".join(str(w)[:300] for w in what))

    source = {row[0]: dict(zip(COLUMNS, row)) for row in table(folder, "source")}
    for survey, lowest, highest, detractor, promoter in [("dirt", 0, 10, 6, 9), ("stars", 1, 5, 2, 4)]:
        mine = {key: row for key, row in source.items() if survey == "dirt" or row["plan"] is not None}
        listed, others = table(folder, survey + ".counted"), table(folder, survey + ".not_counted")
        counted = {row[0]: row[1:] for row in listed}
        refused = {row[0]: row[1] for row in others}
        must(len(counted) + len(refused) == len(listed) + len(others), survey, "has rows twice")
        must(not counted.keys() & refused.keys() and counted.keys() | refused.keys() == mine.keys(), survey, "does not have each row once:",
             sorted(mine.keys() ^ (counted.keys() | refused.keys()))[:5])
        open_texts = 0
        for key, row in mine.items():
            meant = score_of(row["score"], lowest, highest)
            if meant is None:
                open_texts += 1
            elif meant[1] is None:
                must(key in counted and Decimal(counted[key][0]) == meant[0], survey, repr(row["score"]), "should be", meant[0], "is", counted.get(key), refused.get(key))
            else:
                must(key in refused and refused[key] in meant[1], survey, repr(row["score"]), "should be", meant[1], "is", counted.get(key), refused.get(key))
            if key in counted:
                time = time_of(row["at"])
                must(time is False or str(time) == str(counted[key][1]), survey, repr(row["at"]), "should be", time, "is", counted[key][1])
                comment = (row["words"] or "").strip(BLANKS).lower() not in NO_ANSWER
                must((counted[key][2] == "t") == comment, survey, repr(row["words"]), "is a comment:", counted[key][2])
        must(open_texts < 0.2 * len(mine), survey, "leaves too much open:", open_texts, "of", len(mine))

        # the reports, of the rows as they were counted
        scores = {key: Decimal(row[0]) for key, row in counted.items()}
        promoters = sum(s >= promoter for s in scores.values())
        detractors = sum(s <= detractor for s in scores.values())
        unanswered = sum(reason == "no answer" for reason in refused.values())
        summary = table(folder, survey + ".summary")[0]
        must([int(n) for n in summary[:5]] == [len(scores), detractors, promoters, unanswered, len(refused) - unanswered], survey, "summary is", summary)
        must(not scores or abs(float(summary[5]) - 100.0 * (promoters - detractors) / len(scores)) < 1e-9, survey, "nps is", summary[5])
        for name, part in [("segment", lambda key: mine[key]["plan"]), ("month", lambda key: month(counted[key][1])), ("people", lambda key: mine[key]["who"])]:
            wanted = collections.Counter(part(key) for key in counted)
            if name == "people":
                wanted.pop(None, None)
            got = {row[0]: int(row[1]) for row in table(folder, f"{survey}.{name}")}
            must(got == dict(wanted), survey, name, "differs:", sorted(set(got.items()) ^ set(wanted.items()), key=str)[:5])
    if failures:
        print("\n".join(failures))
        sys.exit(1)


def month(time):
    if time is None:
        return None
    local = (datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=int(time))).astimezone(ZoneInfo(ZONE))
    return local.strftime("%Y-%m-01")


if __name__ == "__main__":
    if sys.argv[1] == "rows":
        for row in rows(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])):
            sys.stdout.write("\t".join(write_cell(cell) for cell in row) + "\n")
    else:
        check(sys.argv[2])
