#!/bin/bash
# nps_parse_time() against a second reader: regular expressions, calendar and
# clocks of Python, on many thousand texts in every format and in zones with odd
# clocks, most of them right and some with a character too many, too few or another.
# Skipped (77) where there is no Python that knows time zones.
set -uo pipefail

if ! python3 -c 'import zoneinfo; zoneinfo.ZoneInfo("Asia/Kathmandu")' 2> /dev/null; then
    echo "no python3 with time zones"
    exit 77
fi

export PGOPTIONS="-c timezone=UTC -c datestyle=ISO,YMD -c client_min_messages=warning" PGCLIENTENCODING=UTF8
database=nps_parse_time_$$
trap 'psql -Xq -d "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS $database"' EXIT
psql -Xq -d "${PGDATABASE:-postgres}" -c "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'" || exit 1

generate() {
    python3 - << 'PYTHON'
import datetime, random, re, sys
from decimal import Decimal, ROUND_HALF_UP
from zoneinfo import ZoneInfo

random.seed(17)
EPOCH = datetime.datetime(1970, 1, 1)
FORMATS = {"ISO 8601": "ymd-", "YYYY-MM-DD": "ymd-", "YYYY/MM/DD": "ymd/", "DD/MM/YYYY": "dmy/", "DD.MM.YYYY": "dmy.",
           "DD-MM-YYYY": "dmy-", "MM/DD/YYYY": "mdy/", "MM-DD-YYYY": "mdy-", "MM.DD.YYYY": "mdy.", "epoch": None}
ZONES = ["UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
         "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Asia/Tehran", "Etc/GMT-3"]
FLAGS = re.ASCII | re.IGNORECASE
OFFSET = r"[+-](?:\d{1,2}|\d{1,2}:\d\d|\d{4})"
BLANK = "(?:[ \t\n\v\f\r]|\u202f)"


def patterns(name):
    iso = name == "ISO 8601"
    order, separator = FORMATS[name][:3], re.escape(FORMATS[name][3])
    number = r"\d\d" if iso else r"\d{1,2}"
    part = {"y": r"(?P<y>\d{4})", "m": f"(?P<m>{number})", "d": f"(?P<d>{number})"}
    dates = [separator.join(part[p] for p in order)]
    marks = "[:.]" if order == "dmy" else ":"
    times = [rf"(?P<h>\d{{1,2}})(?P<mark>{marks})(?P<mi>\d\d)(?:(?P=mark)(?P<s>\d\d)(?P<f>[.,]\d+)?)?"]
    if iso:
        dates.append(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)")
        times.append(r"(?P<h>\d\d)(?P<mi>\d\d)(?:(?P<s>\d\d)(?P<f>[.,]\d+)?)?")
    between = f"(?:,?{BLANK}+" + ("|T)" if order == "ymd" else ")")
    half = r"(?:(?P<half>[ap])\.?m(?![a-z])\.?)?"
    clock = rf"(?:(?P<utc>z|utc|gmt)|(?:utc|gmt)?(?P<offset>{OFFSET})|(?P<abbreviation>[a-z]{{2,6}}))?"
    for date in dates:
        yield re.compile(date, FLAGS)
        for time in times:
            yield re.compile(f"{date}{between}{time}{BLANK}*{half}{BLANK}*{clock}", FLAGS)


PATTERNS = {name: list(patterns(name)) for name in FORMATS if name != "epoch"}


def microseconds(seconds):
    return int((seconds * 1000000).quantize(Decimal(1), ROUND_HALF_UP))


def local_to_utc(local, zone):
    """The server's choice: before the change where the clock skips an hour, after it where it shows it twice."""
    before = local.replace(tzinfo=zone, fold=0).utcoffset()
    after = local.replace(tzinfo=zone, fold=1).utcoffset()
    return before if before < after else after


def read(text, name, zone):
    """Microseconds since 1970; None: no time; False: not for us to tell."""
    text = text.strip(" \t\n\v\f\r")
    if name == "epoch":
        if not re.fullmatch(r"-?\d+([.,]\d+)?", text, FLAGS):
            return None
        value = Decimal(text.replace(",", "."))
        first, end = -2208988800, 7289654400
        whole = abs(int(value))
        if whole > -first if text[0] == "-" else whole >= end:
            value /= 1000
        value = microseconds(value) if value >= 0 else -microseconds(-value)
        return value if first * 1000000 <= value < end * 1000000 else None
    for pattern in PATTERNS[name]:
        found = pattern.fullmatch(text)
        if found:
            break
    else:
        return None
    found = found.groupdict()
    try:
        local = datetime.datetime(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None
    if not 1900 <= local.year <= 2200:
        return None
    fraction = 0
    if found.get("h"):
        hour, minute, second = int(found["h"]), int(found["mi"]), int(found["s"] or 0)
        exact = Decimal("0" + (found["f"] or ".0").replace(",", "."))
        fraction = microseconds(exact)
        if minute > 59 or second > 59:
            return None
        if found["half"]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if found["half"] in "pP" else 0)
        elif hour > 24 or hour == 24 and (minute or second or fraction):
            return None
        local += datetime.timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)
    zone = ZoneInfo(zone)
    if found.get("utc"):
        offset = datetime.timedelta(0)
    elif found.get("offset"):
        digits = re.sub(r"\D", "", found["offset"])
        hours, minutes = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])
        if int(hours) > 15 or int(minutes) > 59:
            return None
        offset = datetime.timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if found["offset"][0] == "-" else 1)
    elif found.get("abbreviation"):
        # of the time before zones the server knows no name
        if found["abbreviation"].upper() == "LMT":
            return False
        for fold in (0, 1):
            if local.replace(tzinfo=zone, fold=fold).tzname() == found["abbreviation"].upper():
                offset = local.replace(tzinfo=zone, fold=fold).utcoffset()
                break
        else:
            return False
    else:
        offset = local_to_utc(local, zone)
    return (local - offset - EPOCH) // datetime.timedelta(microseconds=1)


def write(name, zone):
    local = datetime.datetime(1900, 1, 1) + datetime.timedelta(microseconds=random.randrange(0, 301 * 365 * 86400 * 1000000))
    if random.random() < 0.5:
        local = local.replace(year=random.randrange(2010, 2040), day=min(local.day, 28))
    if random.random() < 0.3:
        # where clocks change
        local = local.replace(month=random.choice([3, 4, 10, 11]), day=random.randrange(1, 31), hour=random.randrange(0, 4))
    if name == "epoch":
        value = (local - EPOCH) / datetime.timedelta(seconds=1)
        return random.choice([f"{value:.0f}", f"{value * 1000:.0f}", f"{value:.3f}", f"{value * 1000:.1f}", f"{value:.7f}"])
    order, separator = FORMATS[name][:3], FORMATS[name][3]
    short = random.random() < 0.5 and name != "ISO 8601"
    number = {"y": f"{local.year:04d}", "m": str(local.month) if short else f"{local.month:02d}", "d": str(local.day) if short else f"{local.day:02d}"}
    text = separator.join(number[p] for p in order)
    if name == "ISO 8601" and random.random() < 0.2:
        text = text.replace("-", "")
    if random.random() < 0.1:
        return text
    text += random.choice([" ", " ", "T" if order == "ymd" else ", ", "  "])
    half = random.random() < 0.3
    hour = (local.hour % 12 or 12) if half else local.hour
    mark = random.choice(":::.") if order == "dmy" else ":"
    text += f"{hour:02d}" if random.random() < 0.7 else str(hour)
    text += f"{mark}{local.minute:02d}"
    if random.random() < 0.7:
        text += f"{mark}{local.second:02d}"
        if random.random() < 0.4:
            text += random.choice(".,") + str(random.randrange(10 ** random.randrange(1, 10)))
    if half:
        text += random.choice(["", " ", "\u202f"]) + random.choice(["AM", "am", "a.m."] if local.hour < 12 else ["PM", "pm", "p.m."])
    clock = random.random()
    if clock < 0.3:
        text += random.choice(["Z", " UTC", "+02:00", " -0330", "+5", " GMT+2", " utc-03:30", "+14:00"])
    elif clock < 0.4:
        text += " " + (local.replace(tzinfo=ZoneInfo(zone)).tzname() or "")
    return text


def spoil(text):
    place = random.randrange(len(text) + 1)
    other = random.choice("0123456789 -/.,:TZ+apmUTC\t\u202f\u00e9")
    return text[:place] + random.choice([other, ""]) + text[place + random.choice([0, 1]):]


for _ in range(40000):
    name, zone = random.choice(list(FORMATS)), random.choice(ZONES)
    text = write(name, zone)
    while random.random() < 0.3:
        text = spoil(text)
    expected = read(text, name, zone)
    if expected is not False:
        cells = [name, zone, text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r"),
                 "\\N" if expected is None else str(expected)]
        sys.stdout.write("\t".join(cells) + "\n")
PYTHON
}

set -e
psql -Xq -v ON_ERROR_STOP=1 -d "$database" -c "CREATE EXTENSION nps" -c "CREATE TABLE sample (format text, zone text, answered_at text, meant bigint)"
PYTHONIOENCODING=utf-8 generate | psql -Xq -v ON_ERROR_STOP=1 -d "$database" -c "\copy sample FROM STDIN"
result=$(psql -XqAt -F ' ' -d "$database" -c "
    SELECT count(*), count(meant), count(*) FILTER (WHERE (extract(epoch FROM nps_parse_time(answered_at, format, zone)) * 1000000)::bigint IS DISTINCT FROM meant)
    FROM sample")
read -r samples times wrong <<< "$result"
if [ "$wrong" != 0 ]; then
    psql -X -d "$database" -c "
        SELECT format, zone, quote_literal(answered_at) AS answered_at, to_timestamp(meant / 1000000.0) AS meant, nps_parse_time(answered_at, format, zone) AS read
        FROM sample WHERE (extract(epoch FROM nps_parse_time(answered_at, format, zone)) * 1000000)::bigint IS DISTINCT FROM meant LIMIT 20"
    echo "$wrong of $samples texts are read in another way"
    exit 1
fi
[ "$samples" -gt 35000 ] && [ "$times" -gt 15000 ] && [ $((samples - times)) -gt 5000 ] || {
    echo "$samples texts with $times times are not what should be tried"
    exit 1
}
echo "$samples texts, $times of them times: read alike"
