/*
 * aggregate.c
 *		Transition and inverse transition functions of the aggregates over scores.
 *
 * All these aggregates have the same transition functions, state and initial
 * value, so that several of them in one query share one state.  What they give
 * back are the accessors of nps_tally.
 *
 * Nothing is cached between rows and the call site is not looked at: a
 * distributed executor may call with a fresh FmgrInfo for each row.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* The state to change: itself in an aggregate; a checked copy when called by hand. */
static inline NpsTally *
writable_state(FunctionCallInfo fcinfo)
{
	NpsTally   *copy;

	if (likely(in_aggregate(fcinfo)))
		return PG_GETARG_NPS_TALLY(0);

	copy = palloc(sizeof(NpsTally));
	memcpy(copy, PG_GETARG_POINTER(0), sizeof(NpsTally));
	return copy;
}

/* Counts one score into the state of the call. */
static inline Datum
accumulate(FunctionCallInfo fcinfo, NpsValue value, NpsScaleId id, Oid type)
{
	NpsTally   *state = writable_state(fcinfo);
	NpsVerdict	verdict = nps_judge(value, &nps_scale_table[id]);
	NpsTallyResult result;

	if (unlikely(verdict != NPS_VALID))
		nps_score_error(PG_GETARG_DATUM(1), type, verdict, id);
	result = nps_tally_count(state, id, value.whole);
	if (unlikely(result != NPS_TALLY_OK))
		nps_tally_error(result, state->scale, id);

	/* a state passed by hand may be as full as a tally can be */
	if (unlikely(!in_aggregate(fcinfo)))
		(void) nps_totals(state);
	PG_RETURN_NPS_TALLY(state);
}

/* Takes one score back out of the state of the call. */
static inline Datum
remove_score(FunctionCallInfo fcinfo, NpsValue value, NpsScaleId id, Oid type)
{
	NpsTally   *state = writable_state(fcinfo);
	NpsVerdict	verdict = nps_judge(value, &nps_scale_table[id]);
	NpsTallyResult result;

	if (unlikely(verdict != NPS_VALID))
		nps_score_error(PG_GETARG_DATUM(1), type, verdict, id);
	result = nps_tally_uncount(state, id, value.whole);
	if (unlikely(result != NPS_TALLY_OK))
		nps_tally_error(result, state->scale, id);
	PG_RETURN_NPS_TALLY(state);
}

/*
 * With a scale as argument the functions cannot be STRICT, as a row with a
 * score but without a scale must not be lost.  False: no score, nothing to do.
 */
static inline bool
have_score_and_scale(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("state must not be null")));
	if (PG_ARGISNULL(1))
		return false;
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("scale must not be null"),
				 errhint("Name the scale of the score, such as 'nps' or 'csat5'.")));
	return true;
}

/* The scale of the call, most often that of the state. */
static inline NpsScaleId
scale_of_call(FunctionCallInfo fcinfo)
{
	return nps_scale_known_as(PG_GETARG_TEXT_PP(2), PG_GETARG_NPS_TALLY(0)->scale);
}

/*
 * nps_tally_accum(nps_tally, T) and nps_tally_remove(nps_tally, T): STRICT.
 * nps_tally_accum(nps_tally, T, scale text), nps_tally_remove(...): NULL scores are skipped.
 *
 * A score outside the scale: error 22003; text that is not a number: 22P02; a NULL
 * scale: 22004; another scale than that of the state: 22023.
 */
#define DEFINE_TRANSITIONS(suffix, type, value_of_n) \
PG_FUNCTION_INFO_V1(nps_tally_accum_##suffix); \
Datum \
nps_tally_accum_##suffix(PG_FUNCTION_ARGS) \
{ \
	const int	n = 1; \
\
	return accumulate(fcinfo, value_of_n, NPS_SCALE_NPS, type); \
} \
\
PG_FUNCTION_INFO_V1(nps_tally_remove_##suffix); \
Datum \
nps_tally_remove_##suffix(PG_FUNCTION_ARGS) \
{ \
	const int	n = 1; \
\
	return remove_score(fcinfo, value_of_n, NPS_SCALE_NPS, type); \
} \
\
PG_FUNCTION_INFO_V1(nps_tally_accum_##suffix##_scale); \
Datum \
nps_tally_accum_##suffix##_scale(PG_FUNCTION_ARGS) \
{ \
	const int	n = 1; \
\
	if (!have_score_and_scale(fcinfo)) \
		PG_RETURN_DATUM(PG_GETARG_DATUM(0)); \
	return accumulate(fcinfo, value_of_n, scale_of_call(fcinfo), type); \
} \
\
PG_FUNCTION_INFO_V1(nps_tally_remove_##suffix##_scale); \
Datum \
nps_tally_remove_##suffix##_scale(PG_FUNCTION_ARGS) \
{ \
	const int	n = 1; \
\
	if (!have_score_and_scale(fcinfo)) \
		PG_RETURN_DATUM(PG_GETARG_DATUM(0)); \
	return remove_score(fcinfo, value_of_n, scale_of_call(fcinfo), type); \
}

NPS_FOR_EACH_SCORE_TYPE(DEFINE_TRANSITIONS)
