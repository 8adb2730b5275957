/*
 * work_time.h
 *		Working time: some days of the week, from one time of the day until
 *		another, but not on holidays.
 *
 * Times are local, as a clock on the wall shows them, in microseconds; days are
 * numbers.  Both count from 2000-01-01, as PostgreSQL does.  A day has 24 hours
 * here: what zones make of it is for the caller.
 *
 * No fmgr, no ereport, no memory of its own: what can go wrong comes back as
 * false.  Nothing overflows, whatever the arguments, and nothing walks from day
 * to day: whole weeks are counted, and holidays are found by bisection.
 */
#ifndef NPS_WORK_TIME_H
#define NPS_WORK_TIME_H

#include <stdlib.h>

#include "text.h"

#define NPS_WORK_DAY INT64_C(86400000000)

/* The first Monday; weekdays count from 0 for Monday to 6 for Sunday. */
#define NPS_WORK_MONDAY 2

/* Local times must be within this, some 73,000 years, of 2000-01-01. */
#define NPS_WORK_LIMIT (INT64_C(1) << 61)
#define NPS_WORK_LIMIT_DAYS (NPS_WORK_LIMIT / NPS_WORK_DAY)

/*
 * What always holds, once nps_work_set_days and nps_work_set_hours have been
 * true: at least one weekday is a work day; 0 <= from < until <= 24 hours; the
 * holidays are in order, each once, and all on weekdays that are work days.
 */
typedef struct NpsWorkCalendar
{
	unsigned	weekdays;		/* bit 0 is Monday */
	int			in_week;		/* work days of a week ... */
	int			before[7];		/* ... of which before this weekday */
	int			nth[7];			/* the weekdays that are work days */
	const int32_t *holidays;
	int64_t		holiday_count;
	int64_t		from;			/* when the working day begins and ends */
	int64_t		until;
} NpsWorkCalendar;

/* Work days that are over, counted from some day on, and work done on the next one. */
typedef struct NpsWorkDone
{
	int64_t		days;
	int64_t		time;
} NpsWorkDone;

/*
 * The weekdays that a text lists, as bits: names of three letters, in upper or
 * lower case, with blanks or commas between them; 0 if it is not such a list.
 */
static inline unsigned
nps_weekdays_from_text(const char *text, size_t length)
{
	static const char names[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	unsigned	weekdays = 0;
	size_t		at = 0;

	while (at < length)
	{
		int			weekday = 0;

		if (nps_is_blank(text[at]) || text[at] == ',')
		{
			at++;
			continue;
		}
		if (length - at < 3 ||
			(length - at > 3 && !nps_is_blank(text[at + 3]) && text[at + 3] != ','))
			return 0;
		/* of ASCII, only the two cases of a letter differ by this bit from the lower one */
		while (weekday < 7 &&
			   ((text[at] | 0x20) != names[weekday][0] ||
				(text[at + 1] | 0x20) != names[weekday][1] ||
				(text[at + 2] | 0x20) != names[weekday][2]))
			weekday++;
		if (weekday == 7)
			return 0;
		weekdays |= 1u << weekday;
		at += 3;
	}
	return weekdays;
}

static inline int
nps_work_weekday(int64_t day)
{
	int			weekday = (int) ((day - NPS_WORK_MONDAY) % 7);

	return weekday < 0 ? weekday + 7 : weekday;
}

static inline int
nps_compare_days(const void *left, const void *right)
{
	int32_t		a = *(const int32_t *) left;
	int32_t		b = *(const int32_t *) right;

	return (a > b) - (a < b);
}

/*
 * Sets the work days.  The holidays, in any order, are put in order and rid of
 * what makes no difference; they must live as long as the calendar.
 */
static inline bool
nps_work_set_days(NpsWorkCalendar *calendar, unsigned weekdays, int32_t *holidays, int64_t holiday_count)
{
	int64_t		kept = 0;

	if (weekdays == 0 || weekdays > 0x7f)
		return false;
	calendar->weekdays = weekdays;
	calendar->in_week = 0;
	for (int weekday = 0; weekday < 7; weekday++)
	{
		calendar->before[weekday] = calendar->in_week;
		if (weekdays >> weekday & 1)
			calendar->nth[calendar->in_week++] = weekday;
	}

	if (holiday_count > 1)
		qsort(holidays, (size_t) holiday_count, sizeof(int32_t), nps_compare_days);
	for (int64_t i = 0; i < holiday_count; i++)
	{
		if ((weekdays >> nps_work_weekday(holidays[i]) & 1) &&
			(kept == 0 || holidays[kept - 1] != holidays[i]))
			holidays[kept++] = holidays[i];
	}
	calendar->holidays = holidays;
	calendar->holiday_count = kept;
	return true;
}

/* Sets when the working day begins and ends, in microseconds from midnight. */
static inline bool
nps_work_set_hours(NpsWorkCalendar *calendar, int64_t from, int64_t until)
{
	if (from < 0 || from >= until || until > NPS_WORK_DAY)
		return false;
	calendar->from = from;
	calendar->until = until;
	return true;
}

/* Work days before the day, from the first Monday on, as if there were no holidays. */
static inline int64_t
nps_weekdays_before(const NpsWorkCalendar *calendar, int64_t day)
{
	int			weekday = nps_work_weekday(day);

	return (day - NPS_WORK_MONDAY - weekday) / 7 * calendar->in_week + calendar->before[weekday];
}

/* Number of holidays before the day. */
static inline int64_t
nps_holidays_before(const NpsWorkCalendar *calendar, int64_t day)
{
	int64_t		low = 0;
	int64_t		high = calendar->holiday_count;

	while (low < high)
	{
		int64_t		middle = low + (high - low) / 2;

		if (calendar->holidays[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The work done until a local time within the limit. */
static inline NpsWorkDone
nps_work_done(const NpsWorkCalendar *calendar, int64_t local)
{
	int64_t		time_of_day = local % NPS_WORK_DAY;
	int64_t		day = local / NPS_WORK_DAY;
	int64_t		holidays;
	NpsWorkDone done;

	if (time_of_day < 0)
	{
		time_of_day += NPS_WORK_DAY;
		day--;
	}
	holidays = nps_holidays_before(calendar, day);
	done.days = nps_weekdays_before(calendar, day) - holidays;
	if (time_of_day <= calendar->from || !(calendar->weekdays >> nps_work_weekday(day) & 1) ||
		(holidays < calendar->holiday_count && calendar->holidays[holidays] == day))
		done.time = 0;
	else
		done.time = (time_of_day < calendar->until ? time_of_day : calendar->until) - calendar->from;
	return done;
}

/* The day on which work begins when this many work days are over. */
static inline int64_t
nps_nth_work_day(const NpsWorkCalendar *calendar, int64_t days)
{
	int64_t		low = 0;
	int64_t		high = calendar->holiday_count;
	int			rest;

	/* the holidays before it are those before which no more work days are over */
	while (low < high)
	{
		int64_t		middle = low + (high - low) / 2;

		if (nps_weekdays_before(calendar, calendar->holidays[middle]) - middle <= days)
			low = middle + 1;
		else
			high = middle;
	}
	days += low;
	rest = (int) (days % calendar->in_week);
	if (rest < 0)
		rest += calendar->in_week;
	return NPS_WORK_MONDAY + (days - rest) / calendar->in_week * 7 + calendar->nth[rest];
}

static inline bool
nps_work_within_limit(int64_t local)
{
	return local > -NPS_WORK_LIMIT && local < NPS_WORK_LIMIT;
}

/*
 * The local time at which that much work has been done since the start: the
 * first such time, so what is done at the end of a working day is due on that
 * day and not on the next.  If work is below zero it goes back, to the last time
 * from which on that much is done until the start; 0 is the start itself, be it
 * in working time or not.  False if the start or the result is out of range.
 */
static inline bool
nps_work_after(const NpsWorkCalendar *calendar, int64_t start, int64_t work, int64_t *result)
{
	int64_t		length = calendar->until - calendar->from;
	NpsWorkDone done;
	int64_t		day;

	if (!nps_work_within_limit(start))
		return false;
	*result = start;
	if (work == 0)
		return true;

	/* farther than from one end of the range to the other, even if each day were a work day */
	if (work / length > 2 * NPS_WORK_LIMIT_DAYS || work / length < -2 * NPS_WORK_LIMIT_DAYS)
		return false;
	done = nps_work_done(calendar, start);
	done.days += work / length;
	done.time += work % length;
	/* the end of a work day and the beginning of the next are the same work, but not the same time */
	if (done.time < 0 || (done.time == 0 && work > 0))
	{
		done.days--;
		done.time += length;
	}
	else if (done.time > length || (done.time == length && work < 0))
	{
		done.days++;
		done.time -= length;
	}
	day = nps_nth_work_day(calendar, done.days);
	if (day >= NPS_WORK_LIMIT_DAYS || day <= -NPS_WORK_LIMIT_DAYS)
		return false;
	*result = day * NPS_WORK_DAY + calendar->from + done.time;
	return true;
}

/*
 * The working time between two local times, below zero if the second is before
 * the first.  False if one is out of range.
 */
static inline bool
nps_work_between(const NpsWorkCalendar *calendar, int64_t start, int64_t until, int64_t *result)
{
	NpsWorkDone first;
	NpsWorkDone last;

	if (!nps_work_within_limit(start) || !nps_work_within_limit(until))
		return false;
	first = nps_work_done(calendar, start);
	last = nps_work_done(calendar, until);
	*result = (last.days - first.days) * (calendar->until - calendar->from) + (last.time - first.time);
	return true;
}

#endif							/* NPS_WORK_TIME_H */
