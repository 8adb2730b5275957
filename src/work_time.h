/*
 * work_time.h
 *		Working time: on some days of the week, from one time of day until another,
 *		except on holidays.
 *
 * Times are local, as a wall clock shows them, in microseconds; days are numbers.
 * Both count from 2000-01-01, as in PostgreSQL.  A day has 24 hours here: time
 * zones are up to the caller.
 *
 * No fmgr, no ereport, no memory of its own: failures are returned as false.
 * Nothing overflows, whatever the arguments are, and nothing iterates over days:
 * whole weeks are counted, and holidays are found by binary search.
 */
#ifndef NPS_WORK_TIME_H
#define NPS_WORK_TIME_H

#include <stdlib.h>

#include "text.h"

#define NPS_WORK_DAY INT64_C(86400000000)

/* The first Monday; weekdays count from 0 for Monday to 6 for Sunday. */
#define NPS_WORK_MONDAY 2

/* Local times must be less than this, some 73,000 years, away from 2000-01-01. */
#define NPS_WORK_LIMIT (INT64_C(1) << 61)
#define NPS_WORK_LIMIT_DAYS (NPS_WORK_LIMIT / NPS_WORK_DAY)

/*
 * What always holds once nps_work_set_days and nps_work_set_hours have returned
 * true: at least one weekday is a work day; 0 <= from < until <= 24 hours; the
 * holidays are sorted and unique, and all on weekdays that are work days.
 */
typedef struct NpsWorkCalendar
{
	unsigned	weekdays;		/* bit 0 is Monday */
	int			in_week;		/* work days per week */
	int			before[7];		/* of these, those before this weekday */
	int			nth[7];			/* the weekdays that are work days */
	const int32_t *holidays;
	int64_t		holiday_count;
	int64_t		from;			/* when the working day begins and ends */
	int64_t		until;
} NpsWorkCalendar;

/* Completed work days, counted from some day on, and the work done on the next one. */
typedef struct NpsWorkDone
{
	int64_t		days;
	int64_t		time;
} NpsWorkDone;

/*
 * The weekdays that a text lists, as bits: three-letter names in any case,
 * separated by blanks or commas; 0 if it is not such a list.
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
		/* in ASCII, with this bit set only the two cases of a letter give the lower-case letter */
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
 * Sets the work days.  The holidays, in any order, are sorted, and those that make
 * no difference removed; the array must live as long as the calendar.
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

/* Sets when the working day begins and ends, in microseconds since midnight. */
static inline bool
nps_work_set_hours(NpsWorkCalendar *calendar, int64_t from, int64_t until)
{
	if (from < 0 || from >= until || until > NPS_WORK_DAY)
		return false;
	calendar->from = from;
	calendar->until = until;
	return true;
}

/* The number of work days from the first Monday until before the day, ignoring holidays. */
static inline int64_t
nps_weekdays_before(const NpsWorkCalendar *calendar, int64_t day)
{
	int			weekday = nps_work_weekday(day);

	return (day - NPS_WORK_MONDAY - weekday) / 7 * calendar->in_week + calendar->before[weekday];
}

/* The number of holidays before the day. */
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

/* The day on which work begins after this many completed work days. */
static inline int64_t
nps_nth_work_day(const NpsWorkCalendar *calendar, int64_t days)
{
	int64_t		low = 0;
	int64_t		high = calendar->holiday_count;
	int			rest;

	/* the holidays before it are those preceded by at most that many work days */
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
 * The local time at which that much work has been done since the start.  It is the
 * first such time, so what is done at the end of a working day is due on that day
 * and not on the next.  Negative work goes back, to the last time from which that
 * much is done until the start; 0 gives the start itself, whether in working time
 * or not.  False if the start or the result is out of range.
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

	/* farther than the whole range, even if each day were a work day */
	if (work / length > 2 * NPS_WORK_LIMIT_DAYS || work / length < -2 * NPS_WORK_LIMIT_DAYS)
		return false;
	done = nps_work_done(calendar, start);
	done.days += work / length;
	done.time += work % length;
	/* the end of a work day and the start of the next: the same work done, but different times */
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
 * The working time between two local times, negative if the second is before the
 * first.  False if one is out of range.
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
