/*
 * work_time.c
 *		Deadlines, and the hours between two times: around the clock, or in the
 *		working time of a survey.
 *
 * Working time follows the wall clock of the survey's zone: an hour that this clock
 * skips or shows twice counts like any other.  Around the clock, time is counted as
 * it passes.
 *
 * As in period.c, no time in the data is an error: times outside the years 1900 to
 * 2200 give NULL.  Working time that makes no sense is an error.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "work_time.h"

/* Both functions have the same arguments for the working time. */
#define ARG_ZONE 2
#define ARG_WORK_DAYS 3
#define ARG_WORK_FROM 4
#define ARG_WORK_UNTIL 5
#define ARG_HOLIDAYS 6

/* What the arguments mean, with a copy of them; kept from row to row. */
typedef struct WorkTime
{
	MemoryContext context;		/* of everything below */
	struct varlena *zone_name;	/* NULL: nothing known yet */
	struct varlena *work_days;
	struct varlena *holidays;	/* NULL: none */
	pg_tz	   *zone;
	NpsWorkCalendar calendar;
} WorkTime;

/*
 * Sets the work days; infinities and NULLs are not holidays.  It is an error if the
 * text does not list days.
 */
static void
set_days(WorkTime *work, text *work_days, Datum holidays)
{
	unsigned	weekdays = nps_weekdays_from_text(VARDATA_ANY(work_days), VARSIZE_ANY_EXHDR(work_days));
	Datum	   *dates = NULL;
	bool	   *nulls = NULL;
	int			length = 0;
	int32	   *days;
	int			count = 0;

	if (weekdays == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid list of work days: \"%s\"", text_to_cstring(work_days)),
				 errhint("List days by their first three letters in English, such as Mon Tue Wed Thu Fri.")));
	if (holidays != (Datum) 0)
		deconstruct_array(DatumGetArrayTypeP(holidays), DATEOID, sizeof(DateADT), true, TYPALIGN_INT,
						  &dates, &nulls, &length);
	days = MemoryContextAlloc(work->context, (length + 1) * sizeof(int32));
	for (int i = 0; i < length; i++)
	{
		if (!nulls[i] && !DATE_NOT_FINITE(DatumGetDateADT(dates[i])))
			days[count++] = DatumGetDateADT(dates[i]);
	}
	if (!nps_work_set_days(&work->calendar, weekdays, days, count))
		elog(ERROR, "invalid work days");
}

/*
 * The working time that the arguments describe; only the holidays may be NULL.  If
 * it makes no sense, that is an error.
 */
static WorkTime *
work_time_of_call(FunctionCallInfo fcinfo)
{
	WorkTime   *work = (WorkTime *) fcinfo->flinfo->fn_extra;
	struct varlena *zone_name = PG_GETARG_VARLENA_PP(ARG_ZONE);
	struct varlena *work_days = PG_GETARG_VARLENA_PP(ARG_WORK_DAYS);
	struct varlena *holidays = PG_ARGISNULL(ARG_HOLIDAYS) ? NULL : PG_GETARG_VARLENA_PP(ARG_HOLIDAYS);
	TimeADT		from = PG_GETARG_TIMEADT(ARG_WORK_FROM);
	TimeADT		until = PG_GETARG_TIMEADT(ARG_WORK_UNTIL);

	if (unlikely(work == NULL))
	{
		work = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(WorkTime));
		work->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "nps working time", ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = work;
	}
	if (unlikely(!nps_same_value(work->zone_name, zone_name) ||
				 !nps_same_value(work->work_days, work_days) ||
				 !nps_same_value(work->holidays, holidays)))
	{
		/* after an error nothing is known: so the zone's name is set last */
		work->zone_name = work->work_days = work->holidays = NULL;
		MemoryContextReset(work->context);
		work->zone = nps_zone_from_text((text *) zone_name);
		set_days(work, (text *) work_days, PointerGetDatum(holidays));
		work->work_days = nps_copy_value(work->context, work_days);
		work->holidays = nps_copy_value(work->context, holidays);
		work->zone_name = nps_copy_value(work->context, zone_name);
	}
	if (!nps_work_set_hours(&work->calendar, from, until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("working day must begin before it ends, not last from \"%s\" to \"%s\"",
						DatumGetCString(DirectFunctionCall1(time_out, TimeADTGetDatum(from))),
						DatumGetCString(DirectFunctionCall1(time_out, TimeADTGetDatum(until)))),
				 errhint("Working hours are within one day, such as from 09:00 to 17:00, or at most from 00:00 to 24:00.")));
	return work;
}

static bool
is_around_the_clock(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(ARG_WORK_DAYS) || PG_ARGISNULL(ARG_WORK_FROM) || PG_ARGISNULL(ARG_WORK_UNTIL);
}

/* What a clock in the zone shows at a usable time. */
static Timestamp
local_of_time(TimestampTz time, pg_tz *zone)
{
	return time + nps_zone_offset(time, zone);
}

/* A local time as a point in time; false if it is too far off. */
static bool
time_of_local(Timestamp local, pg_tz *zone, TimestampTz *time)
{
	struct pg_tm fields;
	fsec_t		fraction;

	if (!IS_VALID_TIMESTAMP(local) || timestamp2tm(local, NULL, &fields, &fraction, NULL, NULL) != 0)
		return false;
	*time = local + DetermineTimeZoneOffset(&fields, zone) * USECS_PER_SEC;
	return nps_is_usable_time(*time);
}

/*
 * nps_due(start timestamptz, hours double precision, zone text, work_days text,
 * work_from time, work_until time, holidays date[]) returns timestamptz
 *
 * The time at which that many hours have passed since the start: of working time,
 * or around the clock if the days or hours of work are NULL.  The end of a working
 * day still belongs to that day.  Negative hours go back, and zero hours give the
 * start itself.  NULL if the start or the hours are NULL, if working time has no
 * zone, or if the start or the result is outside the years 1900 to 2200.
 */
PG_FUNCTION_INFO_V1(nps_due);
Datum
nps_due(PG_FUNCTION_ARGS)
{
	TimestampTz start;
	double		time;
	WorkTime   *work = NULL;
	TimestampTz result;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start = PG_GETARG_TIMESTAMPTZ(0);
	time = rint(PG_GETARG_FLOAT8(1) * (double) USECS_PER_HOUR);
	if (!is_around_the_clock(fcinfo))
	{
		if (PG_ARGISNULL(ARG_ZONE))
			PG_RETURN_NULL();
		work = work_time_of_call(fcinfo);
	}

	/* written this way for NaN */
	if (!nps_is_usable_time(start) || !(fabs(time) < (double) NPS_WORK_LIMIT))
		PG_RETURN_NULL();
	if (work == NULL || time == 0)
	{
		result = start + (int64) time;
		if (!nps_is_usable_time(result))
			PG_RETURN_NULL();
	}
	else
	{
		int64		local;

		if (!nps_work_after(&work->calendar, local_of_time(start, work->zone), (int64) time, &local) ||
			!time_of_local(local, work->zone, &result))
			PG_RETURN_NULL();
		/* a time shown twice counts as the later one, unless that goes the wrong way */
		if (time < 0 && result > start)
			result = start;
	}
	PG_RETURN_TIMESTAMPTZ(result);
}

/*
 * nps_hours_between(start timestamptz, until timestamptz, zone text, work_days
 * text, work_from time, work_until time, holidays date[]) returns double precision
 *
 * The hours between two times: of working time, or around the clock if the days or
 * hours of work are NULL.  Negative if the second time is before the first.  NULL
 * if a time is NULL, if working time has no zone, or if a time is outside the years
 * 1900 to 2200.
 */
PG_FUNCTION_INFO_V1(nps_hours_between);
Datum
nps_hours_between(PG_FUNCTION_ARGS)
{
	TimestampTz start;
	TimestampTz until;
	WorkTime   *work = NULL;
	int64		time;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start = PG_GETARG_TIMESTAMPTZ(0);
	until = PG_GETARG_TIMESTAMPTZ(1);
	if (!is_around_the_clock(fcinfo))
	{
		if (PG_ARGISNULL(ARG_ZONE))
			PG_RETURN_NULL();
		work = work_time_of_call(fcinfo);
	}

	if (!nps_is_usable_time(start) || !nps_is_usable_time(until))
		PG_RETURN_NULL();
	if (work == NULL)
		time = until - start;
	else
	{
		if (!nps_work_between(&work->calendar, local_of_time(start, work->zone),
							  local_of_time(until, work->zone), &time))
			elog(ERROR, "usable time out of range");
		/* while the clock repeats an hour, it is behind what it has already shown */
		if ((time > 0) != (until > start))
			time = 0;
	}
	PG_RETURN_FLOAT8((double) time / (double) USECS_PER_HOUR);
}

/*
 * nps_is_work_days(days text) returns boolean
 *
 * Whether the text lists days of the week as nps_due takes them.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_is_work_days);
Datum
nps_is_work_days(PG_FUNCTION_ARGS)
{
	text	   *days = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(nps_weekdays_from_text(VARDATA_ANY(days), VARSIZE_ANY_EXHDR(days)) != 0);
}
