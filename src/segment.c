/*
 * segment.c
 *		What a part of the answers does to the whole, in points.
 */
#include "nps.h"

#include "result_row.h"

/* A segment must not have more answers of a category than the whole has. */
static void
check_part(const NpsTally *part, const NpsTotals *of_part, const NpsTally *whole, const NpsTotals *of_whole)
{
	bool		contained = part->scale == NPS_SCALE_NONE || part->scale == whole->scale;

	for (int i = 0; i < NPS_CATEGORIES; i++)
		contained &= of_part->category[i] <= of_whole->category[i];
	if (!contained)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the first tally is not a part of the second")));
}

/*
 * nps_contribution(part nps_tally, whole nps_tally) returns double precision
 *
 * How far a segment pulls the score of the whole up or down, in points: its
 * share times its difference from the whole.  Over all segments it sums to 0.
 * NULL where the part has no answers.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_contribution);
Datum
nps_contribution(PG_FUNCTION_ARGS)
{
	NpsTally   *part = PG_GETARG_NPS_TALLY(0);
	NpsTally   *whole = PG_GETARG_NPS_TALLY(1);
	NpsTotals	of_part = nps_totals(part);
	NpsTotals	of_whole = nps_totals(whole);

	check_part(part, &of_part, whole, &of_whole);
	if (of_part.responses == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(100.0 * nps_contribution_of(nps_sample(&of_part), nps_sample(&of_whole)));
}

/*
 * nps_impact(part nps_tally, whole nps_tally) returns double precision
 *
 * What the score of the whole would lose without the segment, in points.  NULL
 * where the part has no answers, or all of them.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_impact);
Datum
nps_impact(PG_FUNCTION_ARGS)
{
	NpsTally   *part = PG_GETARG_NPS_TALLY(0);
	NpsTally   *whole = PG_GETARG_NPS_TALLY(1);
	NpsTotals	of_part = nps_totals(part);
	NpsTotals	of_whole = nps_totals(whole);

	check_part(part, &of_part, whole, &of_whole);
	if (of_part.responses == 0 || of_part.responses == of_whole.responses)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(100.0 * nps_impact_of(nps_sample(&of_part), nps_sample(&of_whole)));
}

/*
 * nps_effects(before, all_before, after, all_after nps_tally)
 * returns (rate_effect, mix_effect double precision)
 *
 * What a segment did to the change of the whole between two periods, in points:
 * by a change of its own score, and by a change of its share.  Both, summed over
 * all segments, are the change of the whole.  NULL where a whole has no answers,
 * or the segment has none on both sides.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_effects);
Datum
nps_effects(PG_FUNCTION_ARGS)
{
	NpsTally   *before = PG_GETARG_NPS_TALLY(0);
	NpsTally   *all_before = PG_GETARG_NPS_TALLY(1);
	NpsTally   *after = PG_GETARG_NPS_TALLY(2);
	NpsTally   *all_after = PG_GETARG_NPS_TALLY(3);
	NpsTotals	of_before = nps_totals(before);
	NpsTotals	of_all_before = nps_totals(all_before);
	NpsTotals	of_after = nps_totals(after);
	NpsTotals	of_all_after = nps_totals(all_after);
	NpsEffects	effects;
	ResultRow	row;

	check_part(before, &of_before, all_before, &of_all_before);
	check_part(after, &of_after, all_after, &of_all_after);
	begin_row(fcinfo, &row);
	if (of_all_before.responses > 0 && of_all_after.responses > 0 &&
		(of_before.responses > 0 || of_after.responses > 0))
	{
		effects = nps_effects_of(nps_sample(&of_before), nps_sample(&of_all_before),
								 nps_sample(&of_after), nps_sample(&of_all_after));
		put_float8(&row, 100.0 * effects.rate);
		put_float8(&row, 100.0 * effects.mix);
	}
	PG_RETURN_DATUM(finish_row(&row));
}
