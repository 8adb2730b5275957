/*
 * zone.c
 *		The time zones that nps takes: those that have a name in the time zone
 *		database, and no others that the server would make up.
 */
#include "nps.h"

#include "utils/builtins.h"
#include "utils/datetime.h"

#include "zone.h"

#define NAMES_HINT "Use a name from pg_timezone_names, such as Europe/Berlin."

/* The zone of that name; NULL if there is none. */
pg_tz *
nps_zone_by_name(const char *name)
{
	size_t		length = strlen(name);
	int32		minutes;
	pg_tz	   *zone;

	if (length > TZ_STRLEN_MAX || nps_zone_kind(name, length, &minutes) != NPS_ZONE_NAME)
		return NULL;
	zone = pg_tzset(name);
	/* with leap seconds no time is what the server thinks */
	return zone != NULL && pg_tz_acceptable(zone) ? zone : NULL;
}

/* What to pass instead of an offset from UTC. */
static const char *
offset_hint(int32 minutes)
{
	int32		hours = abs(minutes) / 60;

	if (minutes % 60 != 0 || minutes > 14 * 60 || minutes < -12 * 60)
		return NAMES_HINT;
	if (minutes == 0)
		return "Use UTC.";
	return psprintf("For %d %s %s UTC all year use Etc/GMT%c%d, whose sign is the other way round, or write %c%02d:00 behind each time.  "
					"A name such as Europe/Berlin knows summer time too.",
					hours, hours == 1 ? "hour" : "hours", minutes > 0 ? "ahead of" : "behind",
					minutes > 0 ? '-' : '+', hours, minutes > 0 ? '+' : '-', hours);
}

/* The zone of that name; what is none is an error that says what to use. */
pg_tz *
nps_zone_from_text(text *name)
{
	char	   *shown = text_to_cstring(name);
	pg_tz	   *zone = nps_zone_by_name(shown);
	int32		minutes = 0;

	if (zone != NULL)
		return zone;
	switch (nps_zone_kind(shown, strlen(shown), &minutes))
	{
		case NPS_ZONE_NAME:
			break;
		case NPS_ZONE_OFFSET:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not the name of a time zone", shown),
					 errhint("%s", offset_hint(minutes))));
			break;
		case NPS_ZONE_RULE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not the name of a time zone", shown),
					 errdetail("A POSIX rule counts the hours to the west and is easily mistaken for its opposite."),
					 errhint(NAMES_HINT)));
			break;
		case NPS_ZONE_ABBREVIATION:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not the name of a time zone", shown),
					 errdetail("It is an abbreviation, which stands for winter only, or for the clock of one country."),
					 errhint(NAMES_HINT)));
			break;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown time zone \"%s\"", shown),
			 errhint(NAMES_HINT)));
}

/*
 * nps_zone_name(text) returns text
 *
 * The name of a time zone as the time zone database has it.  STRICT.  What is none
 * is an error.
 */
PG_FUNCTION_INFO_V1(nps_zone_name);
Datum
nps_zone_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(pg_get_timezone_name(nps_zone_from_text(PG_GETARG_TEXT_PP(0)))));
}
