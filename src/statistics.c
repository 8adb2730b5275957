/*
 * statistics.c
 *		What a tally tells: the score, its interval, tests, sample sizes.
 *
 * The formulas are in statistics.h; here are arguments, units (points, -100 to
 * 100) and NULL.  A tally without answers gives NULL.
 */
#include "nps.h"

#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "result_row.h"
#include "window.h"

/* The confidence, if it is strictly between 0 and 1. */
double
nps_check_confidence(double confidence)
{
	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence must be between 0 and 1, not \"%g\"", confidence),
				 confidence >= 1 ? errhint("Write 95 percent as 0.95, not 95.") : 0));
	return confidence;
}

/* The method of that name; an unknown name is an error that lists the known ones. */
NpsMethod
nps_method_from_text(text *name)
{
	NpsMethod	method = nps_method_by_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	if (method == NPS_METHOD_UNKNOWN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown method \"%s\"", text_to_cstring(name)),
				 errhint("The methods are score, adjusted_wald, wald.")));
	return method;
}

/* -100 to 100: whole counts are subtracted exactly, then one division. */
static double
score_of(const NpsTotals *totals)
{
	int64		balance = totals->category[NPS_PROMOTER] - totals->category[NPS_DETRACTOR];

	return (100.0 * (double) balance) / (double) totals->responses;
}

/* The mean answer; false where some answers are known by category only. */
static bool
mean_of(const NpsTally *tally, const NpsTotals *totals, double *mean)
{
	double		sum = 0;

	if (totals->responses == 0 || nps_tally_has_categories_only(tally))
		return false;
	for (int score = 1; score < NPS_SCORES; score++)
		sum += (double) score * (double) tally->counter[score];
	*mean = sum / (double) totals->responses;
	return true;
}

/* A population, as an argument that may be NULL: NaN for endless; at least the answers. */
static double
population_of(FunctionCallInfo fcinfo, int n, double responses)
{
	double		population;

	if (PG_ARGISNULL(n))
		return NAN;
	population = PG_GETARG_FLOAT8(n);
	if (!(population >= 1) || isinf(population) || floor(population) != population)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population must be a whole number of at least 1, not \"%s\"", float8out_internal(population))));
	if (population < responses)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("population \"%s\" is smaller than the number of answers, %s",
						float8out_internal(population), float8out_internal(responses)),
				 errhint("Pass how many people could have been asked.")));
	return population;
}

/*
 * nps_score(nps_tally) returns double precision
 *
 * The Net Promoter Score in points: 100 (promoters - detractors) / answers.
 */
PG_FUNCTION_INFO_V1(nps_score);
Datum
nps_score(PG_FUNCTION_ARGS)
{
	NpsTotals	totals = nps_totals(PG_GETARG_NPS_TALLY(0));

	if (totals.responses == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score_of(&totals));
}

/* The 95 % interval by the score method, which nps_low() and nps_high() give. */
#define DEFINE_LIMIT(name, side) \
PG_FUNCTION_INFO_V1(name); \
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	NpsTotals	totals = nps_totals(PG_GETARG_NPS_TALLY(0)); \
\
	if (totals.responses == 0) \
		PG_RETURN_NULL(); \
	PG_RETURN_FLOAT8(100.0 * nps_interval_of(nps_sample(&totals), 0.95, NPS_METHOD_SCORE, NAN).side); \
}

DEFINE_LIMIT(nps_low, low)
DEFINE_LIMIT(nps_high, high)

/* nps_mean_score(nps_tally): the mean answer on its own scale; NULL where it cannot be known. */
PG_FUNCTION_INFO_V1(nps_mean_score);
Datum
nps_mean_score(PG_FUNCTION_ARGS)
{
	NpsTally   *tally = PG_GETARG_NPS_TALLY(0);
	NpsTotals	totals = nps_totals(tally);
	double		mean;

	if (!mean_of(tally, &totals, &mean))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(mean);
}

/* nps_standard_error(nps_tally): in points; plug-in variance, not n - 1. */
PG_FUNCTION_INFO_V1(nps_standard_error);
Datum
nps_standard_error(PG_FUNCTION_ARGS)
{
	NpsTotals	totals = nps_totals(PG_GETARG_NPS_TALLY(0));

	if (totals.responses == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(100.0 * nps_standard_error_of(nps_sample(&totals)));
}

/* The arguments (tally, confidence, method, population) that several functions share. */
typedef struct IntervalArguments
{
	NpsTally   *tally;
	NpsTotals	totals;
	NpsSample	sample;
	double		confidence;
	NpsMethod	method;
	double		population;
} IntervalArguments;

/* Reads and checks them; false if one but the population is NULL. */
static bool
get_interval_arguments(FunctionCallInfo fcinfo, IntervalArguments *arguments)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return false;
	arguments->tally = PG_GETARG_NPS_TALLY(0);
	arguments->totals = nps_totals(arguments->tally);
	arguments->sample = nps_sample(&arguments->totals);
	arguments->confidence = nps_check_confidence(PG_GETARG_FLOAT8(1));
	arguments->method = nps_method_from_text(PG_GETARG_TEXT_PP(2));
	arguments->population = population_of(fcinfo, 3, (double) arguments->totals.responses);
	return true;
}

/* On the scale -1 to 1. */
static NpsInterval
interval_of_arguments(const IntervalArguments *arguments)
{
	return nps_interval_of(arguments->sample, arguments->confidence, arguments->method, arguments->population);
}

/*
 * What stands behind the plus-minus sign: z times the standard error, which may
 * reach beyond the ends of the scale; for the score method, whose interval is
 * not symmetric, half its width.
 */
static double
margin_of_arguments(const IntervalArguments *arguments)
{
	NpsInterval interval;

	if (arguments->method == NPS_METHOD_SCORE)
	{
		interval = interval_of_arguments(arguments);
		return (interval.high - interval.low) / 2;
	}
	return nps_wald_half_width(arguments->sample, arguments->method, nps_confidence_z(arguments->confidence)) *
		nps_finite_population_factor((double) arguments->totals.responses, arguments->population);
}

/* The interval in points; if everybody was asked it is the score itself, to the last bit. */
static void
put_interval_of_arguments(ResultRow *row, const IntervalArguments *arguments)
{
	if (arguments->population == (double) arguments->totals.responses)
	{
		put_float8(row, score_of(&arguments->totals));
		put_float8(row, score_of(&arguments->totals));
	}
	else
		put_interval(row, interval_of_arguments(arguments));
}

/*
 * nps_interval(tally, confidence DEFAULT 0.95, method DEFAULT 'score', population DEFAULT NULL)
 * returns (low, high double precision)
 *
 * Confidence interval of the score, in points.
 */
PG_FUNCTION_INFO_V1(nps_interval);
Datum
nps_interval(PG_FUNCTION_ARGS)
{
	IntervalArguments arguments;
	ResultRow	row;

	begin_row(fcinfo, &row);
	if (get_interval_arguments(fcinfo, &arguments) && arguments.totals.responses > 0)
		put_interval_of_arguments(&row, &arguments);
	PG_RETURN_DATUM(finish_row(&row));
}

/* nps_margin_of_error(tally, confidence, method, population): half the width of the interval, in points. */
PG_FUNCTION_INFO_V1(nps_margin_of_error);
Datum
nps_margin_of_error(PG_FUNCTION_ARGS)
{
	IntervalArguments arguments;

	if (!get_interval_arguments(fcinfo, &arguments) || arguments.totals.responses == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(100.0 * margin_of_arguments(&arguments));
}

/*
 * nps_test(tally, hypothesis DEFAULT 0, method DEFAULT 'score') returns (z, p_value)
 *
 * Is the score different from the hypothesis (points)?  Two-sided.  NULL where
 * the method has no answer (Wald, when all answers are of one category).  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_test);
Datum
nps_test(PG_FUNCTION_ARGS)
{
	NpsTotals	totals = nps_totals(PG_GETARG_NPS_TALLY(0));
	double		hypothesis = PG_GETARG_FLOAT8(1);
	NpsMethod	method = nps_method_from_text(PG_GETARG_TEXT_PP(2));
	NpsTestResult result;
	ResultRow	row;

	if (!(hypothesis >= -100 && hypothesis <= 100))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("hypothesis must be a score from -100 to 100, not \"%g\"", hypothesis)));
	begin_row(fcinfo, &row);
	if (totals.responses > 0)
	{
		result = nps_one_sample_test(nps_sample(&totals), hypothesis / 100.0, method);
		put_float8(&row, result.z);
		put_float8(&row, result.p_value);
	}
	PG_RETURN_DATUM(finish_row(&row));
}

/*
 * nps_compare(before, after, confidence DEFAULT 0.95, method DEFAULT 'adjusted_wald')
 * returns (change, low, high, z, p_value)
 *
 * Change of the score from one group of people to another, in points (after
 * minus before), with its interval and the test of no change.  The interval of
 * the adjusted method is centred on the adjusted change.  The score method gives
 * no test.  The groups must be different people.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_compare);
Datum
nps_compare(PG_FUNCTION_ARGS)
{
	NpsTally   *before = PG_GETARG_NPS_TALLY(0);
	NpsTally   *after = PG_GETARG_NPS_TALLY(1);
	NpsTotals	before_totals = nps_totals(before);
	NpsTotals	after_totals = nps_totals(after);
	double		confidence = nps_check_confidence(PG_GETARG_FLOAT8(2));
	NpsMethod	method = nps_method_from_text(PG_GETARG_TEXT_PP(3));
	NpsComparison comparison;
	ResultRow	row;

	begin_row(fcinfo, &row);
	if (before_totals.responses > 0 && after_totals.responses > 0)
	{
		if (before->scale != after->scale)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("tallies of scales \"%s\" and \"%s\" cannot be compared",
							nps_scale_table[before->scale].name, nps_scale_table[after->scale].name)));
		comparison = nps_two_sample_test(nps_sample(&before_totals), nps_sample(&after_totals), confidence, method);
		put_float8(&row, score_of(&after_totals) - score_of(&before_totals));
		put_interval(&row, comparison.interval);
		put_float8(&row, comparison.test.z);
		put_float8(&row, comparison.test.p_value);
	}
	PG_RETURN_DATUM(finish_row(&row));
}

/*
 * nps_compare_pairs(pairs bigint, changes double precision, squares double precision,
 * confidence DEFAULT 0.95) returns (change, low, high, z, p_value)
 *
 * Change of the score of the same people, in points, from the sum of the changes
 * of their points and the sum of the squares of these, with its interval and the
 * test of no change.  The interval is centred on the adjusted change.  NULL
 * without a pair.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_compare_pairs);
Datum
nps_compare_pairs(PG_FUNCTION_ARGS)
{
	double		pairs = (double) PG_GETARG_INT64(0);
	double		changes = PG_GETARG_FLOAT8(1) / 100.0;
	double		squares = PG_GETARG_FLOAT8(2) / 10000.0;
	double		confidence = nps_check_confidence(PG_GETARG_FLOAT8(3));
	NpsComparison comparison;
	ResultRow	row;

	/* 1e-9: what was added up as points may miss the limits by its last digits */
	if (!(pairs >= 0 && squares >= 0 && squares <= 4 * pairs * (1 + 1e-9) && changes * changes <= squares * pairs * (1 + 1e-9)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("changes cannot sum to %g, and their squares to %g, in %.0f pairs", changes * 100.0, squares * 10000.0, pairs),
				 errhint("Pass count(*), sum(after - before) and sum((after - before) ^ 2) of the points of people who answered twice.")));
	begin_row(fcinfo, &row);
	if (pairs > 0)
	{
		comparison = nps_paired_test(pairs, changes, squares, confidence);
		put_float8(&row, 100.0 * changes / pairs + 0.0);
		put_interval(&row, comparison.interval);
		put_float8(&row, comparison.test.z);
		put_float8(&row, comparison.test.p_value);
	}
	PG_RETURN_DATUM(finish_row(&row));
}

/*
 * nps_summary(tally, confidence, method, population) returns a row
 *
 * All of it at once: the columns that every report view has, then standard
 * error and margin.  Without answers: counts of 0, the rest NULL.
 */
PG_FUNCTION_INFO_V1(nps_summary);
Datum
nps_summary(PG_FUNCTION_ARGS)
{
	IntervalArguments arguments;
	ResultRow	row;
	double		responses;
	double		mean;

	begin_row(fcinfo, &row);
	if (get_interval_arguments(fcinfo, &arguments))
	{
		responses = (double) arguments.totals.responses;
		put_int64(&row, arguments.totals.responses);
		for (int i = 0; i < NPS_CATEGORIES; i++)
			put_int64(&row, arguments.totals.category[i]);
		if (responses > 0)
		{
			for (int i = 0; i < NPS_CATEGORIES; i++)
				put_float8(&row, (double) arguments.totals.category[i] / responses);
			put_float8(&row, score_of(&arguments.totals));
			put_interval_of_arguments(&row, &arguments);
			put_float8(&row, mean_of(arguments.tally, &arguments.totals, &mean) ? mean : NAN);
			put_float8(&row, 100.0 * nps_standard_error_of(arguments.sample));
			put_float8(&row, 100.0 * margin_of_arguments(&arguments));
		}
	}
	PG_RETURN_DATUM(finish_row(&row));
}

/* A number of points that must be above 0 and not beyond a limit, as a share. */
static double
check_points(double points, double limit, const char *what)
{
	if (!(points > 0 && points <= limit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be above 0 and at most %g points, not \"%g\"", what, limit, points)));
	return points / 100.0;
}

/* Variance of one answer, given the expected shares. */
static double
check_shares(double detractor_share, double promoter_share)
{
	/* 1e-9: shares that were computed may miss 1 by their last digits */
	if (!(detractor_share >= 0 && promoter_share >= 0 && detractor_share + promoter_share <= 1 + 1e-9))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shares must be between 0 and 1 and sum to at most 1, not \"%g\" and \"%g\"",
						detractor_share, promoter_share)));
	return nps_variance_of_shares(detractor_share, promoter_share);
}

/* Sample sizes have no score method: it has no closed form for them. */
static NpsMethod
sample_size_method(text *name)
{
	NpsMethod	method = nps_method_from_text(name);

	if (method == NPS_METHOD_SCORE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("method \"score\" has no sample size"),
				 errhint("Use adjusted_wald or wald.")));
	return method;
}

static Datum
answers_datum(double answers)
{
	if (answers >= -(double) PG_INT64_MIN)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sample size is out of range")));
	return Int64GetDatum((int64) answers);
}

/*
 * nps_sample_size(margin, confidence DEFAULT 0.95, detractor_share DEFAULT 0.5,
 * promoter_share DEFAULT 0.5, population DEFAULT NULL, method DEFAULT 'adjusted_wald')
 * returns bigint
 *
 * Answers needed for a margin of error, in points.  The default shares are the
 * worst case.
 */
PG_FUNCTION_INFO_V1(nps_sample_size);
Datum
nps_sample_size(PG_FUNCTION_ARGS)
{
	double		margin;
	double		confidence;
	double		variance;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(5))
		PG_RETURN_NULL();
	margin = check_points(PG_GETARG_FLOAT8(0), 100, "margin");
	confidence = nps_check_confidence(PG_GETARG_FLOAT8(1));
	variance = check_shares(PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3));
	PG_RETURN_DATUM(answers_datum(nps_answers_for_margin(margin, confidence, variance,
														 sample_size_method(PG_GETARG_TEXT_PP(5)),
														 population_of(fcinfo, 4, 0))));
}

/*
 * nps_compare_sample_size(difference, confidence DEFAULT 0.95, power DEFAULT 0.8,
 * detractor_share DEFAULT 0.5, promoter_share DEFAULT 0.5,
 * detractor_share_after DEFAULT NULL, promoter_share_after DEFAULT NULL,
 * method DEFAULT 'adjusted_wald') returns bigint
 *
 * Answers needed in each of two groups so that a difference, in points, is found
 * with this power.  The shares of the second group are those of the first unless
 * given.
 */
PG_FUNCTION_INFO_V1(nps_compare_sample_size);
Datum
nps_compare_sample_size(PG_FUNCTION_ARGS)
{
	double		difference;
	double		confidence;
	double		power;
	double		before;
	double		after;

	for (int n = 0; n < 8; n++)
	{
		if (PG_ARGISNULL(n) && n != 5 && n != 6)
			PG_RETURN_NULL();
	}
	difference = check_points(PG_GETARG_FLOAT8(0), 200, "difference");
	confidence = nps_check_confidence(PG_GETARG_FLOAT8(1));
	power = PG_GETARG_FLOAT8(2);
	if (!(power > 0 && power < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("power must be between 0 and 1, not \"%g\"", power)));
	before = check_shares(PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4));
	after = check_shares(PG_GETARG_FLOAT8(PG_ARGISNULL(5) ? 3 : 5), PG_GETARG_FLOAT8(PG_ARGISNULL(6) ? 4 : 6));
	PG_RETURN_DATUM(answers_datum(nps_answers_for_difference(difference, confidence, power, before, after,
															 sample_size_method(PG_GETARG_TEXT_PP(7)))));
}

/*
 * nps_share_interval(successes, total, confidence DEFAULT 0.95) returns (low, high)
 *
 * Wilson's interval of a share such as CSAT, 0 to 1.  NULL for a total of 0.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_share_interval);
Datum
nps_share_interval(PG_FUNCTION_ARGS)
{
	double		successes = PG_GETARG_FLOAT8(0);
	double		total = PG_GETARG_FLOAT8(1);
	double		confidence = nps_check_confidence(PG_GETARG_FLOAT8(2));
	NpsInterval interval;
	ResultRow	row;

	if (!(successes >= 0 && total >= successes) || isinf(total))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("successes must be from 0 to the total, not \"%g\" of \"%g\"", successes, total)));
	begin_row(fcinfo, &row);
	if (total > 0)
	{
		interval = nps_wilson_interval(successes, total, confidence);
		put_float8(&row, interval.low);
		put_float8(&row, interval.high);
	}
	PG_RETURN_DATUM(finish_row(&row));
}

/*
 * What nps_holm() keeps from the first row of a partition to the last: the
 * adjusted p-value of each row, NaN for NULL.
 */
typedef struct AdjustedPartition
{
	bool		is_adjusted;
	double		p_value[FLEXIBLE_ARRAY_MEMBER];
} AdjustedPartition;

static void
adjust_partition(WindowObject window, AdjustedPartition *partition, int64 rows)
{
	NpsRanked  *ranked = MemoryContextAllocHuge(CurrentMemoryContext, rows * sizeof(NpsRanked));
	int64		count = 0;

	for (int64 place = 0; place < rows; place++)
	{
		bool		is_null;
		bool		is_out;
		double		p_value = DatumGetFloat8(WinGetFuncArgInPartition(window, 0, (int) place, WINDOW_SEEK_HEAD, false, &is_null, &is_out));

		partition->p_value[place] = NAN;
		if (is_null)
			continue;
		if (!(p_value >= 0 && p_value <= 1))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a p-value must be between 0 and 1, not \"%g\"", p_value)));
		ranked[count].p_value = p_value;
		ranked[count++].place = place;
	}
	nps_adjust_by_holm(ranked, (size_t) count);
	for (int64 i = 0; i < count; i++)
		partition->p_value[ranked[i].place] = ranked[i].p_value;
	pfree(ranked);
	partition->is_adjusted = true;
}

/*
 * nps_holm(p_value double precision) returns double precision, a window function
 *
 * The p-value adjusted for all of the partition being looked at together.  NULL
 * is none of them, and stays NULL.
 */
PG_FUNCTION_INFO_V1(nps_holm);
Datum
nps_holm(PG_FUNCTION_ARGS)
{
	WindowObject window = nps_window_of_call(fcinfo);
	int64		rows = WinGetPartitionRowCount(window);
	AdjustedPartition *partition;
	double		p_value;

	if (rows > (int64) ((MaxAllocSize - offsetof(AdjustedPartition, p_value)) / sizeof(double)))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many p-values to be adjusted together")));
	partition = WinGetPartitionLocalMemory(window, offsetof(AdjustedPartition, p_value) + rows * sizeof(double));
	if (!partition->is_adjusted)
		adjust_partition(window, partition, rows);
	p_value = partition->p_value[WinGetCurrentPosition(window)];
	if (isnan(p_value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(p_value);
}
