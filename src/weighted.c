/*
 * weighted.c
 *		Aggregates of surveys in which each answer has a weight.
 *
 * The state is a plain array of double precision, as those of the built-in
 * statistical aggregates are, so that any executor can move it about.  Sums of
 * doubles cannot be taken back exactly, so there is no moving form.
 */
#include "nps.h"

#include <float.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "result_row.h"

/* Elements of the state. */
typedef enum StateElement
{
	RESPONSES,
	WEIGHT,						/* three, by NpsCategory */
	SQUARE = WEIGHT + NPS_CATEGORIES,	/* three, by NpsCategory */
	SCALE = SQUARE + NPS_CATEGORIES,	/* NpsScaleId, 0 before the first answer */
	CONFIDENCE,					/* 0 before the first answer */
	METHOD,						/* NpsMethod, likewise */
	STATE_ELEMENTS
} StateElement;

/* Weights and their squares come together, and with answers, and fit. */
static bool
weights_are_sound(const double *numbers)
{
	bool		any = false;

	for (int i = 0; i < NPS_CATEGORIES; i++)
	{
		if ((numbers[WEIGHT + i] > 0) != (numbers[SQUARE + i] > 0))
			return false;
		any |= numbers[WEIGHT + i] > 0;
	}
	return any == (numbers[RESPONSES] > 0) && nps_weights_fit(&numbers[WEIGHT], &numbers[SQUARE]);
}

/* The numbers of a state, which may come from anywhere. */
static double *
state_numbers(ArrayType *state)
{
	double	   *numbers = (double *) ARR_DATA_PTR(state);
	bool		sound = ARR_NDIM(state) == 1 && ARR_DIMS(state)[0] == STATE_ELEMENTS &&
		!ARR_HASNULL(state) && ARR_ELEMTYPE(state) == FLOAT8OID;

	for (int i = 0; sound && i < STATE_ELEMENTS; i++)
		sound = numbers[i] >= 0 && !isinf(numbers[i]);
	if (!sound || !weights_are_sound(numbers) ||
		numbers[SCALE] > NPS_LAST_SCALE || floor(numbers[SCALE]) != numbers[SCALE] ||
		numbers[METHOD] > NPS_METHOD_WALD || floor(numbers[METHOD]) != numbers[METHOD] ||
		numbers[CONFIDENCE] >= 1 ||
		(numbers[RESPONSES] > 0) != (numbers[SCALE] > 0 && numbers[METHOD] > 0 && numbers[CONFIDENCE] > 0) ||
		numbers[RESPONSES] > 9e18 || floor(numbers[RESPONSES]) != numbers[RESPONSES])
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("invalid state of a weighted aggregate")));
	return numbers;
}

/* The state of the call, to be changed: in place in an aggregate, else a copy. */
static ArrayType *
writable_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("state must not be null")));
	return in_aggregate(fcinfo) ? PG_GETARG_ARRAYTYPE_P(0) : PG_GETARG_ARRAYTYPE_P_COPY(0);
}

/* Sets what must be the same for all answers of a state. */
static void
set_once(double *number, double value, const char *what)
{
	if (*number != 0 && *number != value)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same for all answers of a group", what)));
	*number = value;
}

static void
check_not_null(FunctionCallInfo fcinfo, int n, const char *what)
{
	if (PG_NARGS() > n && PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", what)));
}

/* Sums that no longer fit a double would make the state invalid. */
static void
check_sums(const double *numbers)
{
	if (!nps_weights_fit(&numbers[WEIGHT], &numbers[SQUARE]))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights is out of range")));
}

/*
 * nps_weighted_accum(state, score, weight [, scale [, confidence, method]])
 *
 * Counts one answer.  NULL score or NULL or zero weight: the row is skipped.  A
 * weight below zero, NaN or infinite, or an invalid score: error 22003.
 */
PG_FUNCTION_INFO_V1(nps_weighted_accum);
Datum
nps_weighted_accum(PG_FUNCTION_ARGS)
{
	ArrayType  *state = writable_state(fcinfo);
	double	   *numbers = state_numbers(state);
	NpsScaleId	id = NPS_SCALE_NPS;
	double		confidence = 0.95;
	NpsMethod	method = NPS_METHOD_SCORE;
	NpsVerdict	verdict;
	NpsValue	value;
	NpsCategory category;
	double		weight;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_ARRAYTYPE_P(state);
	weight = PG_GETARG_FLOAT8(2);
	if (!(weight >= 0) || isinf(weight))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("weight must be finite and not below zero, not \"%g\"", weight)));
	if (weight == 0)
		PG_RETURN_ARRAYTYPE_P(state);
	/* its square would lose digits, or all of them */
	if (weight * weight < DBL_MIN)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of weights is out of range")));

	check_not_null(fcinfo, 3, "scale");
	check_not_null(fcinfo, 4, "confidence");
	check_not_null(fcinfo, 5, "method");
	if (PG_NARGS() > 3)
		id = nps_scale_from_text(PG_GETARG_TEXT_PP(3));
	if (PG_NARGS() > 4)
	{
		confidence = nps_check_confidence(PG_GETARG_FLOAT8(4));
		method = nps_method_from_text(PG_GETARG_TEXT_PP(5));
	}
	value = nps_value_from_double(PG_GETARG_FLOAT8(1));
	verdict = nps_judge(value, &nps_scale_table[id]);
	if (verdict != NPS_VALID)
		nps_score_error(PG_GETARG_DATUM(1), FLOAT8OID, verdict, id);

	category = nps_category_of(value.whole, &nps_scale_table[id]);
	set_once(&numbers[SCALE], id, "scale");
	set_once(&numbers[CONFIDENCE], confidence, "confidence");
	set_once(&numbers[METHOD], method, "method");
	numbers[RESPONSES] += 1;
	numbers[WEIGHT + category] += weight;
	numbers[SQUARE + category] += weight * weight;
	check_sums(numbers);
	PG_RETURN_ARRAYTYPE_P(state);
}

/* nps_weighted_combine(state, state): the answers of both. */
PG_FUNCTION_INFO_V1(nps_weighted_combine);
Datum
nps_weighted_combine(PG_FUNCTION_ARGS)
{
	ArrayType  *state = writable_state(fcinfo);
	double	   *into = state_numbers(state);
	double	   *from;

	check_not_null(fcinfo, 1, "state");
	from = state_numbers(PG_GETARG_ARRAYTYPE_P(1));
	if (from[RESPONSES] > 0)
	{
		set_once(&into[SCALE], from[SCALE], "scale");
		set_once(&into[CONFIDENCE], from[CONFIDENCE], "confidence");
		set_once(&into[METHOD], from[METHOD], "method");
		for (int i = 0; i < SCALE; i++)
			into[i] += from[i];
		check_sums(into);
	}
	PG_RETURN_ARRAYTYPE_P(state);
}

/* What a state with answers tells. */
static NpsWeightedResult
result_of_state(const double *numbers)
{
	NpsWeights	sums;

	sums.responses = numbers[RESPONSES];
	memcpy(sums.weight, &numbers[WEIGHT], sizeof(sums.weight));
	memcpy(sums.square, &numbers[SQUARE], sizeof(sums.square));
	return nps_weighted_result(&sums);
}

/* nps_weighted_score_final(state): the weighted score in points; NULL without answers.  STRICT. */
PG_FUNCTION_INFO_V1(nps_weighted_score_final);
Datum
nps_weighted_score_final(PG_FUNCTION_ARGS)
{
	double	   *numbers = state_numbers(PG_GETARG_ARRAYTYPE_P(0));

	if (numbers[RESPONSES] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result_of_state(numbers).points);
}

/* nps_weighted_summary_final(state): a row of type nps_weighted_result.  STRICT. */
PG_FUNCTION_INFO_V1(nps_weighted_summary_final);
Datum
nps_weighted_summary_final(PG_FUNCTION_ARGS)
{
	double	   *numbers = state_numbers(PG_GETARG_ARRAYTYPE_P(0));
	NpsWeightedResult result;
	ResultRow	row;

	begin_row(fcinfo, &row);
	put_int64(&row, (int64) numbers[RESPONSES]);
	if (numbers[RESPONSES] > 0)
	{
		result = result_of_state(numbers);
		put_float8(&row, result.weight);
		for (int i = 0; i < NPS_CATEGORIES; i++)
			put_float8(&row, result.share[i]);
		put_float8(&row, result.points);
		put_interval(&row, nps_weighted_interval(&result, numbers[CONFIDENCE], (NpsMethod) numbers[METHOD]));
		put_float8(&row, 100.0 * result.standard_error);
		put_float8(&row, result.n_kish);
		put_float8(&row, result.n_effective);
		put_float8(&row, result.design_effect);
	}
	PG_RETURN_DATUM(finish_row(&row));
}
