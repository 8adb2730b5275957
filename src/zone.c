/*
 * zone.c
 *		The time zones that nps accepts: those with a name in the time zone
 *		database, and none that the server would make up.
 */
#include "nps.h"

#include "datatype/timestamp.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "zone.h"

#define NAMES_HINT "Use a name from pg_timezone_names, such as Europe/Berlin."

/* The zone with that name; NULL if there is none. */
pg_tz *
nps_zone_by_name(const char *name)
{
	size_t		length = strlen(name);
	int32		minutes;
	pg_tz	   *zone;

	if (length > TZ_STRLEN_MAX || nps_zone_kind(name, length, &minutes) != NPS_ZONE_NAME)
		return NULL;
	zone = pg_tzset(name);
	/* a zone with leap seconds would make all times wrong */
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

/* The zone with that name; if there is none, an error that says what to use. */
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
 * Each row of a report needs the local time in a zone.  Computing it from the
 * calendar each time would cost more than everything else.  So the offsets are
 * cached, in one slot for each span of about 25 days; there are enough slots for 17
 * years.
 */
#define SPAN_BITS 41
#define SPANS 256

typedef struct Span
{
	pg_tz	   *zone;			/* NULL: nothing is known; zones are never freed */
	TimestampTz from;
	TimestampTz until;			/* exclusive */
	int64		offset;			/* microseconds ahead of UTC */
} Span;

static Span spans[SPANS];

/* When the zone next changes its offset; DT_NOEND if it never does. */
static TimestampTz
next_change(TimestampTz time, pg_tz *zone)
{
	/* rounded down, before 2000 too */
	int64		second = (time - ((time % USECS_PER_SEC) + USECS_PER_SEC) % USECS_PER_SEC) / USECS_PER_SEC;
	pg_time_t	at = second + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	pg_time_t	boundary;
	long int	offsets[2];
	int			is_dst[2];

	if (pg_next_dst_boundary(&at, &offsets[0], &is_dst[0], &boundary, &offsets[1], &is_dst[1], zone) <= 0)
		return DT_NOEND;
	return time_t_to_timestamptz(boundary);
}

/* How far clocks in the zone are ahead of UTC at a usable time, in microseconds. */
int64
nps_zone_offset(TimestampTz time, pg_tz *zone)
{
	const uint64 size = UINT64CONST(1) << SPAN_BITS;
	Span	   *span = &spans[((uint64) time >> SPAN_BITS) % SPANS];
	struct pg_tm fields;
	fsec_t		fraction;
	int			offset;
	TimestampTz start;

	if (likely(span->zone == zone && span->from <= time && time < span->until))
		return span->offset;
	if (timestamp2tm(time, &offset, &fields, &fraction, NULL, zone) != 0)
		elog(ERROR, "usable time out of range");
	span->zone = NULL;
	start = (TimestampTz) ((uint64) time & ~(size - 1));
	span->from = next_change(start, zone) > time ? start : time;
	span->until = Min(next_change(time, zone), start + (int64) size);
	span->offset = -offset * USECS_PER_SEC;
	span->zone = zone;
	return span->offset;
}

/*
 * nps_zone_name(text) returns text
 *
 * The name of a time zone as the time zone database spells it; an error if there is
 * no such zone.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_zone_name);
Datum
nps_zone_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(pg_get_timezone_name(nps_zone_from_text(PG_GETARG_TEXT_PP(0)))));
}
