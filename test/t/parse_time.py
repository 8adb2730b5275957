"""A second reader of times for nps_parse_time(): regular expressions, calendar and
clocks of Python.  Run by itself it prints texts in every format, right and wrong, and what they mean."""
import datetime, random, re, sys
from decimal import Decimal, ROUND_HALF_UP
from zoneinfo import ZoneInfo

EPOCH = datetime.datetime(1970, 1, 1)
FORMATS = {"ISO 8601": "ymd-", "YYYY-MM-DD": "ymd-", "YYYY/MM/DD": "ymd/", "DD/MM/YYYY": "dmy/", "DD.MM.YYYY": "dmy.",
           "DD-MM-YYYY": "dmy-", "MM/DD/YYYY": "mdy/", "MM-DD-YYYY": "mdy-", "MM.DD.YYYY": "mdy.",
           "DD/MM/YY": "dmy/", "DD.MM.YY": "dmy.", "MM/DD/YY": "mdy/", "DD Mon YYYY": "dNy", "Mon DD YYYY": "Ndy",
           "epoch": None, "Excel serial": None}
ZONES = ["UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
         "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Asia/Tehran", "Etc/GMT-3"]
FLAGS = re.ASCII | re.IGNORECASE
OFFSET = r"[+-](?:\d{1,2}|\d{1,2}:\d\d|\d{4})"
BLANK = "(?:[ \t\n\v\f\r]|\u202f)"
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
NAMED = "|".join(m for m in MONTHS) + "|" + "|".join(m[:3] for m in MONTHS)


def patterns(name):
    iso = name == "ISO 8601"
    order, separator = FORMATS[name][:3], re.escape(FORMATS[name][3:])
    number = r"\d\d" if iso else r"\d{1,2}"
    part = {"y": r"(?P<y>\d{4})" if name.endswith("YYYY") or order[0] == "y" else r"(?P<y>\d\d)", "m": f"(?P<m>{number})", "d": f"(?P<d>{number})"}
    if "N" not in order:
        dates = [separator.join(part[p] for p in order)]
    else:
        part = {"y": r"(?P<y>\d{4}|\d\d)", "N": f"(?P<m>{NAMED})(?![a-z])", "d": r"(?P<d>\d{1,2})"}
        between = f"(?:[-/.,]?{BLANK}*)"
        # there is something between two numbers
        gap = f"(?:[-/.,]{BLANK}*|{BLANK}+)"
        dates = [f"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*{between})?" + part[order[0]] + between + part[order[1]] + (gap if order[1] == "d" else between) + part[order[2]]]
    marks = "[:.]" if order in ("dmy", "dNy") else ":"
    times = [rf"(?P<h>\d{{1,2}})(?P<mark>{marks})(?P<mi>\d\d)(?:(?P=mark)(?P<s>\d\d)(?P<f>[.,]\d+)?)?"]
    if iso:
        dates.append(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)")
        times.append(r"(?P<h>\d\d)(?P<mi>\d\d)(?:(?P<s>\d\d)(?P<f>[.,]\d+)?)?")
    between = f"(?:,?{BLANK}+" + ("|T)" if order == "ymd" else "|:)" if order == "dNy" else ")")
    half = r"(?:(?P<half>[ap])\.?m(?![a-z])\.?)?"
    clock = rf"(?:(?P<utc>z|utc|gmt)|(?:utc|gmt)?(?P<offset>{OFFSET})|(?P<abbreviation>[a-z]{{2,6}}))?"
    for date in dates:
        yield re.compile(date, FLAGS)
        for time in times:
            yield re.compile(f"{date}{between}{time}{BLANK}*{half}{BLANK}*{clock}", FLAGS)
            if order == "Ndy":
                # the zone once more, in brackets
                yield re.compile(f"{date}{between}{time}{BLANK}*{half}{BLANK}*(?=[^ (]){clock}[ \t\n\v\f\r]+\\(.*\\)", FLAGS | re.DOTALL)


PATTERNS = {name: list(patterns(name)) for name in FORMATS if FORMATS[name]}


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
        if abs(value) > 10 ** 15:
            return None
        first, end = -2208988800, 7289654400
        whole = abs(int(value))
        if whole > -first if text[0] == "-" else whole >= end:
            value /= 1000
        value = microseconds(value) if value >= 0 else -microseconds(-value)
        return value if first * 1000000 <= value < end * 1000000 else None
    if name == "Excel serial":
        if not re.fullmatch(r"\d{1,6}([.,]\d+)?", text, FLAGS):
            return None
        days = Decimal(text.replace(",", ".")).quantize(Decimal("1e-10"), ROUND_HALF_UP)
        whole = int(text.replace(",", ".").split(".")[0])
        if whole < 61 or datetime.date(1899, 12, 30).toordinal() + whole > datetime.date(2200, 12, 31).toordinal():
            return None
        # whole hundredths of microseconds, cut off, then whole milliseconds
        thousandths = (int((days - whole) * 10 ** 10) * 864 // 100 + 500) // 1000
        local = datetime.datetime(1899, 12, 30) + datetime.timedelta(days=whole, milliseconds=thousandths)
        return (local - local_to_utc(local, ZoneInfo(zone)) - EPOCH) // datetime.timedelta(microseconds=1)
    for pattern in PATTERNS[name]:
        found = pattern.fullmatch(text)
        if found:
            break
    else:
        return None
    found = found.groupdict()
    if not found["m"].isdigit():
        found["m"] = [m[:3] for m in MONTHS].index(found["m"][:3].lower()) + 1
    if len(found["y"]) == 2:
        found["y"] = "20" + found["y"]
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
    if name == "Excel serial":
        days = Decimal((local - datetime.datetime(1899, 12, 30)) // datetime.timedelta(seconds=1)) / 86400
        return random.choice([f"{days:.0f}", f"{days:.4f}", f"{days:.9f}", f"{days:.14f}", f"{days:.10f}".replace(".", ",")])
    order, separator = FORMATS[name][:3], FORMATS[name][3:]
    short = random.random() < 0.5 and name != "ISO 8601"
    month = MONTHS[local.month - 1].title()
    number = {"y": f"{local.year:04d}" if name.endswith("YYYY") and (random.random() < 0.8 or "N" not in order) or order[0] == "y" else f"{local.year % 100:02d}",
              "m": str(local.month) if short else f"{local.month:02d}", "d": str(local.day) if short else f"{local.day:02d}",
              "N": random.choice([month, month[:3], month[:3].upper(), month[:3].lower()])}
    if "N" in order:
        separator = random.choice(["-", " ", "/", ", ", ". ", "  "] + ([""] if order == "dNy" else []))
    text = separator.join(number[p] for p in order)
    if "N" in order and random.random() < 0.2:
        text = random.choice(["Fri ", "Mon, ", "Wednesday, "]) + text
    if name == "ISO 8601" and random.random() < 0.2:
        text = text.replace("-", "")
    if random.random() < 0.1:
        return text
    text += random.choice([" ", " ", "T" if order == "ymd" else ":" if order == "dNy" else ", ", "  "])
    half = random.random() < 0.3
    hour = (local.hour % 12 or 12) if half else local.hour
    mark = random.choice(":::.") if order in ("dmy", "dNy") else ":"
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
    elif clock < 0.35 and order == "Ndy":
        text += " GMT+0200" + random.choice([" (CEST)", " (Central European Summer Time)", " (x", "(y)"])
    elif clock < 0.4:
        text += " " + (local.replace(tzinfo=ZoneInfo(zone)).tzname() or "")
    return text


def spoil(text):
    place = random.randrange(len(text) + 1)
    other = random.choice("0123456789 -/.,:TZ+apmUTC\t\u202f\u00e9")
    return text[:place] + random.choice([other, ""]) + text[place + random.choice([0, 1]):]


def main():
    random.seed(17)
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


if __name__ == "__main__":
    main()
