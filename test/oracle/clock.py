"""Time: the survey's zone, its working hours and holidays, and the periods of its calendar."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
GRAINS = ("day", "week", "month", "quarter", "year")


def hours(number):
    return timedelta(hours=number)


def days(number):
    """A day is 24 hours, also where the clocks change."""
    return timedelta(hours=24 * number)


def hours_between(start, end):
    return (end - start).total_seconds() / 3600


class Calendar:
    def __init__(self, settings, holidays):
        self.zone = ZoneInfo(settings["time_zone"])
        self.holidays = set(holidays)
        self.work_from = settings.get("work_from")
        self.work_until = settings.get("work_until")
        named = settings.get("work_days")
        self.work_days = set(named.split()) if named else None

    def instant(self, day, at=time(0)):
        """A local time as an instant.  One that does not exist is read with the offset before the change of the clocks,
        one that exists twice is the second, as PostgreSQL does."""
        local = datetime.combine(day, at)
        first = local.replace(tzinfo=self.zone, fold=0).astimezone(timezone.utc)
        second = local.replace(tzinfo=self.zone, fold=1).astimezone(timezone.utc)
        exists = first.astimezone(self.zone).replace(tzinfo=None) == local
        return second if exists else first

    def day(self, instant):
        return instant.astimezone(self.zone).date()

    def end_of_day(self, day):
        return self.instant(day + timedelta(days=1))

    def works_on(self, day):
        return day not in self.holidays and (self.work_days is None or DAY_NAMES[day.weekday()] in self.work_days)

    def work_span(self, day):
        """The working hours of a day as two local times, or None: what the clock shows counts, not what passes where the
        clocks change."""
        if not self.works_on(day):
            return None
        start = datetime.combine(day, self.work_from or time(0))
        end = datetime.combine(day, self.work_until) if self.work_until else datetime.combine(day + timedelta(days=1), time(0))
        return (start, end) if start < end else None

    def local(self, instant):
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def in_working_time(self):
        return bool(self.work_days or self.work_from or self.work_until)

    def add(self, start, number):
        """A deadline: working hours after an instant where working time is set, around the clock where not."""
        if start is None or number is None:
            return None
        if not self.in_working_time() or number <= 0:
            return start + hours(number)
        left, start = hours(number), self.local(start)
        day = start.date()
        for _ in range(4000):
            span = self.work_span(day)
            if span:
                begin, end = max(span[0], start), span[1]
                if begin < end:
                    if left <= end - begin:
                        found = begin + left
                        return self.instant(found.date(), found.time())
                    left -= end - begin
            day += timedelta(days=1)
        return None

    def between(self, start, end):
        """The hours between two instants that count for a deadline."""
        if end <= start:
            return 0.0
        if not self.in_working_time():
            return hours_between(start, end)
        start, end = self.local(start), self.local(end)
        total, day = timedelta(0), start.date()
        while day <= end.date():
            span = self.work_span(day)
            if span and min(span[1], end) > max(span[0], start):
                total += min(span[1], end) - max(span[0], start)
            day += timedelta(days=1)
        return total.total_seconds() / 3600

    def period(self, instant, grain):
        day = self.day(instant)
        if grain == "week":
            return day - timedelta(days=day.weekday())
        if grain == "month":
            return day.replace(day=1)
        if grain == "quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        if grain == "year":
            return date(day.year, 1, 1)
        return day


def next_period(start, grain):
    if grain == "day":
        return start + timedelta(days=1)
    if grain == "week":
        return start + timedelta(days=7)
    return add_months(start, {"month": 1, "quarter": 3, "year": 12}[grain])


def add_months(day, number):
    """The same day of a later month, or the last of that month, as PostgreSQL adds months."""
    month = day.month - 1 + number
    year, month = day.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
