/*
 * rollup_tally.c
 *		The columns added and removed of a rollup: tallies as arrays, so that every
 *		client can read the table.
 *
 * An array has the counts by score, 0 to 10, whatever the scale is, and if some are
 * known by category only, those of detractors, passives and promoters after them.
 * The scale is that of the survey.  NULL stands for no answers.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "rollup_tally.h"

/* The array for a tally, in the caller's memory context. */
Datum
nps_counts_of_tally(const NpsTally *tally)
{
	Datum		counts[NPS_COUNTERS];
	int			length = NPS_SCORES;

	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		counts[i] = Int64GetDatum(tally->counter[i]);
		if (i >= NPS_SCORES && tally->counter[i] != 0)
			length = NPS_COUNTERS;
	}
	return PointerGetDatum(construct_array(counts, length, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * Adds the counts of an array to a tally.  An array that no tally of the scale can
 * have come from is an error: somebody wrote to the rollup.
 */
void
nps_add_counts(NpsTally *sum, Datum counts, NpsScaleId scale)
{
	ArrayType  *array = DatumGetArrayTypeP(counts);
	NpsTally	tally;
	NpsTallyResult result = NPS_TALLY_DAMAGED;

	nps_tally_clear(&tally);
	if (ARR_ELEMTYPE(array) == INT8OID && ARR_NDIM(array) == 1 && !array_contains_nulls(array) &&
		(ARR_DIMS(array)[0] == NPS_SCORES || ARR_DIMS(array)[0] == NPS_COUNTERS))
	{
		memcpy(tally.counter, ARR_DATA_PTR(array), ARR_DIMS(array)[0] * sizeof(int64));
		tally.scale = scale;
		result = nps_tally_check(&tally);
	}
	if (result != NPS_TALLY_OK)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("the counts in a rollup are not those of answers on the scale \"%s\"", nps_scale_table[scale].name),
				 errhint("CALL nps_materialize() makes the rollup of a survey anew.")));
	result = nps_tally_merge(sum, &tally);
	if (result != NPS_TALLY_OK)
		nps_tally_error(result, sum->scale, scale);
	if ((Pointer) array != DatumGetPointer(counts))
		pfree(array);
}

/*
 * nps_rollup_accum(state nps_tally, counts bigint[], scale text) returns nps_tally
 *
 * Transition function of nps_rollup_tally().  STRICT.  Counts that are no tally of
 * the scale: error 22000; a sum that is too large: 22003.
 */
PG_FUNCTION_INFO_V1(nps_rollup_accum);
Datum
nps_rollup_accum(PG_FUNCTION_ARGS)
{
	NpsTally   *state = PG_GETARG_NPS_TALLY(0);
	NpsScaleId	scale = nps_scale_known_as(PG_GETARG_TEXT_PP(2), state->scale);

	if (!in_aggregate(fcinfo))
		state = memcpy(palloc(sizeof(NpsTally)), state, sizeof(NpsTally));
	nps_add_counts(state, PG_GETARG_DATUM(1), scale);
	PG_RETURN_NPS_TALLY(state);
}

/*
 * nps_rollup_net(added nps_tally, removed nps_tally) returns nps_tally
 *
 * The answers that were added minus those that were removed.  NULL stands for none.
 * Never raises an error, as a view must not fail: if the rollup has lost count,
 * which nps_verify() reports, no counter goes below zero.
 */
PG_FUNCTION_INFO_V1(nps_rollup_net);
Datum
nps_rollup_net(PG_FUNCTION_ARGS)
{
	NpsTally   *net = palloc(sizeof(NpsTally));
	NpsTally	removed;

	nps_tally_clear(net);
	if (!PG_ARGISNULL(0))
		memcpy(net, PG_GETARG_NPS_TALLY(0), sizeof(NpsTally));
	if (!PG_ARGISNULL(1))
	{
		memcpy(&removed, PG_GETARG_NPS_TALLY(1), sizeof(NpsTally));
		nps_tally_cancel_out(net, &removed);
	}
	PG_RETURN_NPS_TALLY(net);
}
