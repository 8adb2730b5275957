/*
 * day_counts.c
 *		Answers counted by day: the aggregate that the reports over time read the
 *		source with.
 *
 * One pass of GROUP BY day would look each row up in the server's hash table and
 * run five aggregates on it, each with its own look at the score.  Here a row is
 * one call.  The state is plain bytes, which parallel workers and other servers
 * can send; it may come from anybody, so its shape is checked in each call.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "day_counts.h"

/* The arguments of nps_day_counts_accum(). */
enum
{
	ARG_STATE,
	ARG_GIVEN,
	ARG_ASKED,
	ARG_ZONE,
	ARG_SCORE,
	ARG_IS_UNANSWERED,
	ARG_HAS_COMMENT,
	ARG_SCALE
};

pg_attribute_cold static void
refuse_state(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid counts by day"),
			 errhint("Only nps_day_counts_agg() makes them.")));
}

/* Why an answer could not be counted: what came with the state may not even be a scale. */
pg_attribute_cold static void
refuse_tally(NpsTallyResult result, uint32 left, uint32 right)
{
	if (left > NPS_LAST_SCALE || right > NPS_LAST_SCALE || result == NPS_TALLY_DAMAGED)
		refuse_state();
	nps_tally_error(result, left, right);
}

static NpsDayCounts *
new_counts(uint32 slots)
{
	NpsDayCounts *counts = palloc(nps_day_counts_size(slots));

	nps_clear_day_counts(counts, slots);
	SET_VARSIZE(counts, nps_day_counts_size(slots));
	return counts;
}

/*
 * A state as it came, of a shape that can be worked with; a copy unless it is our own
 * to change where it is.  To look at a tally is to change it (nps_tally_check), and
 * what came may lie in a table's page.
 */
static NpsDayCounts *
counts_of_argument(FunctionCallInfo fcinfo, int n, bool in_place)
{
	Datum		value = PG_GETARG_DATUM(n);
	struct varlena *plain = PG_DETOAST_DATUM(value);

	if (PointerGetDatum(plain) == value && (!in_place || value % MAXIMUM_ALIGNOF != 0))
		plain = PG_DETOAST_DATUM_COPY(value);
	if (unlikely(!nps_are_day_counts((NpsDayCounts *) plain, VARSIZE(plain))))
		refuse_state();
	return (NpsDayCounts *) plain;
}

/* The slot of the day, in counts that have grown if there were too many days. */
static inline NpsDayCount *
count_of(NpsDayCounts **counts, int32 day)
{
	NpsDayCount *count;

	if (unlikely(nps_day_counts_are_full(*counts) && (*counts)->slots < NPS_MOST_DAY_SLOTS))
	{
		NpsDayCounts *larger = new_counts(2 * (*counts)->slots);

		nps_move_day_counts(*counts, larger);
		*counts = larger;
	}
	count = nps_day_count(*counts, day);
	if (unlikely(count == NULL))
		refuse_state();
	return count;
}

static inline void
add(int64 *into, int64 from)
{
	if (unlikely(!nps_add_count(into, from)))
		refuse_state();
}

static inline int32
day_of_argument(FunctionCallInfo fcinfo, int n, pg_tz *zone)
{
	DateADT		day;

	return !PG_ARGISNULL(n) && nps_day_of(PG_GETARG_TIMESTAMPTZ(n), zone, &day) ? day : NPS_NO_DAY;
}

/*
 * nps_day_counts_accum(state bytea, given, asked timestamptz, zone text, score integer,
 *		is_unanswered, has_comment boolean, scale text) returns bytea
 *
 * Counts a row: its answer on the day it was given, and that it was answered, or
 * not, or rejected, on the day the customer was asked, or else on that it was given.
 * The score is a valid one, rounded down; NULL: there is none.
 */
PG_FUNCTION_INFO_V1(nps_day_counts_accum);
Datum
nps_day_counts_accum(PG_FUNCTION_ARGS)
{
	NpsDayCounts *counts = PG_ARGISNULL(ARG_STATE) ? new_counts(NPS_FIRST_DAY_SLOTS) : counts_of_argument(fcinfo, ARG_STATE, in_aggregate(fcinfo));
	pg_tz	   *zone;
	int32		day;
	int32		day_asked;
	bool		counts_answer = !PG_ARGISNULL(ARG_SCORE);
	NpsDayCount *count;

	if (PG_ARGISNULL(ARG_ZONE) || PG_ARGISNULL(ARG_SCALE))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("zone and scale must not be null")));
	zone = nps_zone_of_call(fcinfo, ARG_ZONE);
	day = day_of_argument(fcinfo, ARG_GIVEN, zone);
	day_asked = day_of_argument(fcinfo, ARG_ASKED, zone);
	if (day_asked == NPS_NO_DAY)
		day_asked = day;
	if (counts_answer)
	{
		int32		whole = PG_GETARG_INT32(ARG_SCORE);
		NpsScaleId	scale;
		NpsTallyResult counted;

		count = count_of(&counts, day);
		scale = nps_scale_known_as(PG_GETARG_TEXT_PP(ARG_SCALE), count->tally.scale);
		if (unlikely(whole < nps_scale_table[scale].min || whole > nps_scale_table[scale].max))
			nps_score_error(PG_GETARG_DATUM(ARG_SCORE), INT4OID, NPS_OUT_OF_RANGE, scale);
		counted = nps_tally_count(&count->tally, scale, whole);
		if (unlikely(counted != NPS_TALLY_OK))
			refuse_tally(counted, count->tally.scale, scale);
		if (!PG_ARGISNULL(ARG_HAS_COMMENT) && PG_GETARG_BOOL(ARG_HAS_COMMENT))
			add(&count->comments, 1);
		if (day_asked != day)
			count = count_of(&counts, day_asked);
		add(&count->answered, 1);
	}
	else
	{
		count = count_of(&counts, day_asked);
		add(!PG_ARGISNULL(ARG_IS_UNANSWERED) && PG_GETARG_BOOL(ARG_IS_UNANSWERED) ? &count->unanswered : &count->rejected, 1);
	}
	PG_RETURN_POINTER(counts);
}

/*
 * nps_day_counts_combine(bytea, bytea) returns bytea
 *
 * The counts of both.  NULL is none.
 */
PG_FUNCTION_INFO_V1(nps_day_counts_combine);
Datum
nps_day_counts_combine(PG_FUNCTION_ARGS)
{
	NpsDayCounts *into;
	NpsDayCounts *from;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	into = PG_ARGISNULL(0) ? new_counts(NPS_FIRST_DAY_SLOTS) : counts_of_argument(fcinfo, 0, in_aggregate(fcinfo));
	from = counts_of_argument(fcinfo, 1, false);
	for (uint32 i = 0; i < from->slots; i++)
	{
		NpsDayCount *one = &from->slot[i];
		NpsDayCount *sum;
		NpsTallyResult merged;

		if (!one->is_used)
			continue;
		sum = count_of(&into, one->day);
		if (nps_tally_check(&one->tally) != NPS_TALLY_OK || nps_tally_check(&sum->tally) != NPS_TALLY_OK)
			refuse_state();
		merged = nps_tally_merge(&sum->tally, &one->tally);
		if (merged != NPS_TALLY_OK)
			refuse_tally(merged, sum->tally.scale, one->tally.scale);
		add(&sum->comments, one->comments);
		add(&sum->unanswered, one->unanswered);
		add(&sum->rejected, one->rejected);
		add(&sum->answered, one->answered);
	}
	PG_RETURN_POINTER(into);
}

/*
 * nps_day_counts(bytea) returns setof (day date, tally nps_tally, comments, unanswered, rejected, answered bigint)
 *
 * The counts as rows, in no order.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_day_counts);
Datum
nps_day_counts(PG_FUNCTION_ARGS)
{
	NpsDayCounts *counts = counts_of_argument(fcinfo, 0, false);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (uint32 i = 0; i < counts->slots; i++)
	{
		NpsDayCount *count = &counts->slot[i];
		Datum		values[6] = {DateADTGetDatum(count->day), PointerGetDatum(&count->tally), Int64GetDatum(count->comments),
		Int64GetDatum(count->unanswered), Int64GetDatum(count->rejected), Int64GetDatum(count->answered)};
		bool		nulls[6] = {count->day == NPS_NO_DAY};

		if (!count->is_used)
			continue;
		if (nps_tally_check(&count->tally) != NPS_TALLY_OK || (count->day != NPS_NO_DAY && !IS_VALID_DATE(count->day)) ||
			count->comments < 0 || count->unanswered < 0 || count->rejected < 0 || count->answered < 0)
			refuse_state();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
