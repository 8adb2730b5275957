/*
 * period.c
 *		Times in a survey's zone, and the day, week, month, quarter or year that
 *		they fall in.
 *
 * A source can hold any time, and no view may fail on one.  A time outside the
 * years 1900 to 2200 is a typo or a placeholder, and has no period: otherwise there
 * would be hundreds of thousands of empty periods between it and the others.
 *
 * Times and dates without a zone get one in the years 1 to 9998.  The margin to the
 * limits of the types leaves room for any zone.
 */
#include "nps.h"

#include "datatype/timestamp.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "parse_time.h"

/*
 * The lengths of periods, the shortest first: either a number of months that
 * divides a year, or a number of days, where one period begins on the anchor, a
 * DateADT.  There are also spans, such as "14 days from 2026-01-05".
 */
typedef struct Grain
{
	const char *name;
	int			months;
	int			days;
	int			anchor;
} Grain;

static const Grain grains[] = {
	{"day", 0, 1, 0},
	{"week", 0, 7, 2},			/* Monday, 2000-01-03 */
	{"month", 1, 0, 0},
	{"quarter", 3, 0, 0},
	{"year", 12, 0, 0}
};

/* The most days of a span: all usable days. */
#define MOST_DAYS ((NPS_LAST_YEAR - NPS_FIRST_YEAR + 1) * 366)

/* What the names in the arguments mean, remembered from row to row. */
typedef struct Names
{
	struct varlena *zone_name;
	pg_tz	   *zone;
	struct varlena *grain_name;
	const Grain *grain;
	Grain		span;			/* what grain points to, if the name is that of a span */
} Names;

static Names *
names_of_call(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Names));
	return (Names *) fcinfo->flinfo->fn_extra;
}

static void
remember(FunctionCallInfo fcinfo, struct varlena **known, const text *name)
{
	if (*known != NULL)
		pfree(*known);
	*known = NULL;
	*known = nps_copy_value(fcinfo->flinfo->fn_mcxt, name);
}

/* The zone in argument n, remembered from call to call. */
pg_tz *
nps_zone_of_call(FunctionCallInfo fcinfo, int n)
{
	Names	   *names = names_of_call(fcinfo);
	text	   *name = PG_GETARG_TEXT_PP(n);

	if (unlikely(!nps_same_value(names->zone_name, name)))
	{
		pg_tz	   *zone = nps_zone_from_text(name);

		remember(fcinfo, &names->zone_name, name);
		names->zone = zone;
	}
	return names->zone;
}

/* Days since 2000-01-01. */
static int64
days_of(int year, int month, int day)
{
	return date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
}

/* "14 days from 2026-01-05": periods of 14 days, one of which begins on that day. */
static bool
parse_span(const char *name, Grain *span)
{
	int			days,
				year,
				month,
				day,
				end = 0;

	if (sscanf(name, "%6d days from %4d-%2d-%2d%n", &days, &year, &month, &day, &end) != 4 || name[end] != '\0'
		|| days < 1 || days > MOST_DAYS || year < NPS_FIRST_YEAR || year > NPS_LAST_YEAR
		|| month < 1 || month > MONTHS_PER_YEAR || day < 1 || day > day_tab[isleap(year)][month - 1])
		return false;
	*span = (Grain) {.days = days, .anchor = (int) days_of(year, month, day)};
	return true;
}

/* The grain in argument n; an unknown name is an error. */
static const Grain *
grain_of_call(FunctionCallInfo fcinfo, int n)
{
	Names	   *names = names_of_call(fcinfo);
	text	   *name = PG_GETARG_TEXT_PP(n);

	if (unlikely(!nps_same_value(names->grain_name, name)))
	{
		char	   *shown = text_to_cstring(name);
		const Grain *grain = NULL;
		Grain		span = {0};

		for (int i = 0; i < (int) lengthof(grains) && grain == NULL; i++)
			if (strcmp(grains[i].name, shown) == 0)
				grain = &grains[i];
		if (grain == NULL && parse_span(shown, &span))
			grain = &names->span;
		if (grain == NULL)
		{
			StringInfoData known;

			initStringInfo(&known);
			for (int i = 0; i < (int) lengthof(grains); i++)
				appendStringInfo(&known, "%s%s", i == 0 ? "" : ", ", grains[i].name);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown grain \"%s\"", shown),
					 errhint("The grains are %s, and spans such as \"14 days from 2026-01-05\".", known.data)));
		}
		remember(fcinfo, &names->grain_name, name);
		names->grain = grain;
		names->span = span;
	}
	return names->grain;
}

/* Is it a local time that can be given any zone? */
static bool
has_room_for_zones(Timestamp local)
{
	return local >= days_of(1, 1, 2) * USECS_PER_DAY && local < days_of(9999, 1, 1) * USECS_PER_DAY;
}

/* Days from 2000 to the beginning of a year, as a constant expression. */
#define DAYS_TO_YEAR(year) \
	(365 * ((year) - 2000) + ((year) - 1) / 4 - ((year) - 1) / 100 + ((year) - 1) / 400 - (1999 / 4 - 1999 / 100 + 1999 / 400))

/* Is the time, in UTC, in the years 1900 to 2200? */
bool
nps_is_usable_time(int64 time)
{
	return time >= DAYS_TO_YEAR(NPS_FIRST_YEAR) * USECS_PER_DAY && time < DAYS_TO_YEAR(NPS_LAST_YEAR + 1) * USECS_PER_DAY;
}

/* The day of a local time, rounded down before 2000 too. */
static DateADT
day_of_local(Timestamp local)
{
	DateADT		day = local / USECS_PER_DAY;

	return local < day * USECS_PER_DAY ? day - 1 : day;
}

/* A usable local time as a point in time. */
TimestampTz
nps_time_of_local(Timestamp local, pg_tz *zone)
{
	struct pg_tm fields;
	fsec_t		fraction;
	int			offset;
	TimestampTz result;

	if (timestamp2tm(local, NULL, &fields, &fraction, NULL, NULL) != 0)
		elog(ERROR, "usable time out of range");
	offset = DetermineTimeZoneOffset(&fields, zone);
	if (tm2timestamp(&fields, fraction, &offset, &result) != 0)
		elog(ERROR, "usable time out of range");
	return result;
}

/*
 * nps_time(timestamp, zone text) and nps_time(date, zone text) return timestamptz
 *
 * The time that a clock in the zone shows, or the beginning of the day; NULL
 * outside the years 1 to 9998.  STRICT.  An unknown zone is an error.
 */
PG_FUNCTION_INFO_V1(nps_time);
Datum
nps_time(PG_FUNCTION_ARGS)
{
	Timestamp	local = PG_GETARG_TIMESTAMP(0);
	pg_tz	   *zone = nps_zone_of_call(fcinfo, 1);

	if (!has_room_for_zones(local))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(nps_time_of_local(local, zone));
}

PG_FUNCTION_INFO_V1(nps_time_date);
Datum
nps_time_date(PG_FUNCTION_ARGS)
{
	DateADT		day = PG_GETARG_DATEADT(0);
	pg_tz	   *zone = nps_zone_of_call(fcinfo, 1);

	if (DATE_NOT_FINITE(day) || !has_room_for_zones((Timestamp) day * USECS_PER_DAY))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(nps_time_of_local((Timestamp) day * USECS_PER_DAY, zone));
}

/*
 * nps_local_time(timestamptz, zone text) returns timestamp
 *
 * What a clock in the zone shows; NULL outside the years 1900 to 2200.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_local_time);
Datum
nps_local_time(PG_FUNCTION_ARGS)
{
	TimestampTz time = PG_GETARG_TIMESTAMPTZ(0);
	pg_tz	   *zone = nps_zone_of_call(fcinfo, 1);

	if (!nps_is_usable_time(time))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMP(time + nps_zone_offset(time, zone));
}

/* The first day of the period that the day falls in. */
static DateADT
first_day(DateADT date, const Grain *grain)
{
	int			year,
				month,
				day;

	if (grain->months == 0)
	{
		int			within = (date - grain->anchor) % grain->days;

		return date - (within < 0 ? within + grain->days : within);
	}
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return date2j(year, month - (month - 1) % grain->months, 1) - POSTGRES_EPOCH_JDATE;
}

/* The day that the time falls on in the zone; false outside the years 1900 to 2200. */
bool
nps_day_of(TimestampTz time, pg_tz *zone, DateADT *day)
{
	if (!nps_is_usable_time(time))
		return false;
	*day = day_of_local(time + nps_zone_offset(time, zone));
	return true;
}

/*
 * nps_period(timestamptz, zone text, grain text) returns date
 *
 * The first day of the day, week (ISO, from Monday), month, quarter, year or span
 * that the time falls in, in the zone; NULL outside the years 1900 to 2200.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_period);
Datum
nps_period(PG_FUNCTION_ARGS)
{
	TimestampTz time = PG_GETARG_TIMESTAMPTZ(0);
	pg_tz	   *zone = nps_zone_of_call(fcinfo, 1);
	const Grain *grain = grain_of_call(fcinfo, 2);

	if (!nps_is_usable_time(time))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(first_day(day_of_local(time + nps_zone_offset(time, zone)), grain));
}

/*
 * nps_period(date, grain text) returns date
 *
 * The same for a day; NULL if it is infinite, or if the first day is out of range.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_period_date);
Datum
nps_period_date(PG_FUNCTION_ARGS)
{
	DateADT		date = PG_GETARG_DATEADT(0);
	const Grain *grain = grain_of_call(fcinfo, 1);
	DateADT		first;

	if (DATE_NOT_FINITE(date))
		PG_RETURN_NULL();
	first = first_day(date, grain);
	if (!IS_VALID_DATE(first))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(first);
}

/*
 * nps_grains() returns setof (grain text, step interval)
 *
 * The lengths of periods, the shortest first.
 */
PG_FUNCTION_INFO_V1(nps_grains);
Datum
nps_grains(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(grains); i++)
	{
		Interval	step = {.day = grains[i].days, .month = grains[i].months};
		Datum		values[2] = {CStringGetTextDatum(grains[i].name), IntervalPGetDatum(&step)};
		bool		nulls[2] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
