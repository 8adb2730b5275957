/*
 * parse_time.c
 *		Times out of text, whatever the session's DateStyle and TimeZone.
 */
#include "nps.h"

#include "datatype/timestamp.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "parse_time.h"

/* What the format and the zone in the arguments mean, remembered from row to row. */
typedef struct Reading
{
	struct varlena *format_name;	/* NULL: nothing is known yet */
	struct varlena *zone_name;
	const NpsTimeFormat *format;
	pg_tz	   *zone;
} Reading;

/* The format of that name; an unknown one is an error. */
static const NpsTimeFormat *
format_from_text(text *name)
{
	const NpsTimeFormat *format = nps_time_format_by_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	if (format == NULL)
	{
		StringInfoData names;

		initStringInfo(&names);
		for (int i = 0; i < NPS_TIME_FORMATS; i++)
			appendStringInfo(&names, "%s%s", i == 0 ? "" : ", ", nps_time_formats[i].name);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown time format \"%s\"", text_to_cstring(name)),
				 errhint("The formats are %s; a time of the day may follow in each.", names.data)));
	}
	return format;
}

static Reading *
reading_of_call(FunctionCallInfo fcinfo)
{
	Reading    *reading = (Reading *) fcinfo->flinfo->fn_extra;
	text	   *format_name = PG_GETARG_TEXT_PP(1);
	text	   *zone_name = PG_GETARG_TEXT_PP(2);

	if (unlikely(reading == NULL))
		fcinfo->flinfo->fn_extra = reading = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Reading));
	if (unlikely(!nps_same_value(reading->format_name, format_name) || !nps_same_value(reading->zone_name, zone_name)))
	{
		const NpsTimeFormat *format = format_from_text(format_name);
		pg_tz	   *zone = nps_zone_from_text(zone_name);

		if (reading->format_name != NULL)
			pfree(reading->format_name);
		if (reading->zone_name != NULL)
			pfree(reading->zone_name);
		reading->format_name = reading->zone_name = NULL;
		reading->format_name = nps_copy_value(fcinfo->flinfo->fn_mcxt, format_name);
		reading->zone_name = nps_copy_value(fcinfo->flinfo->fn_mcxt, zone_name);
		reading->format = format;
		reading->zone = zone;
	}
	return reading;
}

/*
 * nps_parse_time(text, format text, time_zone text) returns timestamptz
 *
 * The time in the text; NULL for what does not fit the format, for dates that are
 * none, and outside the years 1900 to 2200.  STRICT.  The zone's clock is meant
 * unless the text says another; where that clock shows an hour twice, the later
 * one is.  An unknown format or zone is an error.
 */
PG_FUNCTION_INFO_V1(nps_parse_time);
Datum
nps_parse_time(PG_FUNCTION_ARGS)
{
	text	   *string = PG_GETARG_TEXT_PP(0);
	Reading    *reading = reading_of_call(fcinfo);
	NpsTime		time;
	TimestampTz result;

	if (!nps_read_time(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string), reading->format, &time))
		PG_RETURN_NULL();
	if (time.clock == NPS_CLOCK_OFFSET)
		PG_RETURN_TIMESTAMPTZ(time.local - time.offset * USECS_PER_MINUTE);

	result = nps_time_of_local(time.local, reading->zone);
	if (time.clock == NPS_CLOCK_ABBREVIATION)
	{
		pg_time_t	seconds = timestamptz_to_time_t(result);
		long		offset;
		int			is_summer;

		/* the same letters stand for other clocks elsewhere */
		if (!pg_interpret_timezone_abbrev(time.abbreviation, &seconds, &offset, &is_summer, reading->zone))
			PG_RETURN_NULL();
		result = time.local - offset * USECS_PER_SEC;
	}
	PG_RETURN_TIMESTAMPTZ(result);
}

/*
 * nps_time_formats() returns setof text
 *
 * The formats that nps_parse_time() takes.
 */
PG_FUNCTION_INFO_V1(nps_time_formats_text);
Datum
nps_time_formats_text(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < NPS_TIME_FORMATS; i++)
	{
		Datum		value = CStringGetTextDatum(nps_time_formats[i].name);
		bool		is_null = false;

		tuplestore_putvalues(result->setResult, result->setDesc, &value, &is_null);
	}
	return (Datum) 0;
}
