/*
 * statistics.h
 *		Formulas over counts of detractors, passives and promoters.
 *
 * No fmgr, no ereport.  Everything is on the scale -1 to 1; the SQL functions
 * multiply by 100.  Counts are doubles, because effective counts of weighted
 * surveys are not whole.  Undefined results are NaN.
 *
 * Sources: Reichheld 2003; Rocks 2016 (arXiv:1601.07235); Tango 1998 (score
 * interval); Zou and Donner 2008 (MOVER); Wilson 1927; Wichura 1988 (AS 241);
 * Kitagawa 1955; Holm 1979; Bonett and Price 2012 (pairs).
 */
#ifndef NPS_STATISTICS_H
#define NPS_STATISTICS_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef enum NpsMethod
{
	NPS_METHOD_UNKNOWN = 0,
	NPS_METHOD_SCORE,
	NPS_METHOD_ADJUSTED_WALD,
	NPS_METHOD_WALD
} NpsMethod;

typedef struct NpsSample
{
	double		detractors;
	double		passives;
	double		promoters;
} NpsSample;

typedef struct NpsInterval
{
	double		low;
	double		high;
} NpsInterval;

typedef struct NpsTestResult
{
	double		z;
	double		p_value;
} NpsTestResult;

typedef struct NpsComparison
{
	NpsInterval interval;
	NpsTestResult test;
} NpsComparison;

/* The method of that name (not terminated by NUL), or NPS_METHOD_UNKNOWN. */
static inline NpsMethod
nps_method_by_name(const char *name, size_t length)
{
	static const char *const names[] = {
		[NPS_METHOD_SCORE] = "score",
		[NPS_METHOD_ADJUSTED_WALD] = "adjusted_wald",
		[NPS_METHOD_WALD] = "wald",
	};

	for (int method = NPS_METHOD_SCORE; method <= NPS_METHOD_WALD; method++)
	{
		if (strlen(names[method]) == length && memcmp(names[method], name, length) == 0)
			return (NpsMethod) method;
	}
	return NPS_METHOD_UNKNOWN;
}

static inline double
nps_sample_size_of(NpsSample sample)
{
	return sample.detractors + sample.passives + sample.promoters;
}

/* (P - D) / n, in one division; adding 0 turns -0 into 0. */
static inline double
nps_point_estimate(NpsSample sample)
{
	return (sample.promoters - sample.detractors) / nps_sample_size_of(sample) + 0.0;
}

/*
 * Variance of one answer, 0 to 1: (P + D) / n - nps^2, written as
 * (M(P + D) + 4PD) / n^2, in which nothing cancels.
 */
static inline double
nps_variance(NpsSample sample)
{
	double		n = nps_sample_size_of(sample);
	double		decided = sample.promoters + sample.detractors;

	return (sample.passives / n) * (decided / n) +
		4 * (sample.promoters / n) * (sample.detractors / n);
}

static inline double
nps_standard_error_of(NpsSample sample)
{
	return sqrt(nps_variance(sample) / nps_sample_size_of(sample));
}

/* The sample of the adjusted Wald method: 3/4, 3/2 and 3/4 of an answer more. */
static inline NpsSample
nps_adjusted_sample(NpsSample sample)
{
	sample.detractors += 0.75;
	sample.passives += 1.5;
	sample.promoters += 0.75;
	return sample;
}

/* z such that a standard normal variable lies above it with this probability (AS 241). */
static inline double
nps_normal_upper_quantile(double tail)
{
	double		q = 0.5 - tail;
	double		r;
	double		z;

	if (fabs(q) <= 0.425)
	{
		r = 0.180625 - q * q;
		return q *
			(((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
				 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r +
			  133.14166789178437745) * r + 3.387132872796366608) /
			(((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r +
				 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r +
			  42.313330701600911252) * r + 1.0);
	}
	r = sqrt(-log(q > 0 ? tail : 1.0 - tail));
	if (r <= 5.0)
	{
		r -= 1.6;
		z = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r +
				1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r +
			 4.6303378461565452959) * r + 1.42343711074968357734) /
			(((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r +
				0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r +
			 2.05319162663775882187) * r + 1.0);
	}
	else
	{
		r -= 5.0;
		z = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r +
				0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r +
			 5.4637849111641143699) * r + 6.6579046435011037772) /
			(((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r +
				7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r +
			 0.59983220655588793769) * r + 1.0);
	}
	return q > 0 ? z : -z;
}

/* z of a two-sided confidence strictly between 0 and 1. */
static inline double
nps_confidence_z(double confidence)
{
	return nps_normal_upper_quantile((1.0 - confidence) / 2.0);
}

/* Two-sided p-value; erfc keeps its digits where 1 - (2 Phi - 1) gives 0. */
static inline NpsTestResult
nps_test_result(double z)
{
	NpsTestResult result = {z + 0.0, erfc(fabs(z) / sqrt(2.0))};

	return result;
}

static inline NpsTestResult
nps_no_test(void)
{
	NpsTestResult result = {NAN, NAN};

	return result;
}

/* n (nps - theta), written so that nothing cancels when theta is near an end of the scale. */
static inline double
nps_excess_over(NpsSample sample, double theta)
{
	return sample.promoters * (1 - theta) - sample.detractors * (1 + theta) - sample.passives * theta;
}

/*
 * The score statistic of H0: nps = theta (Tango 1998), which falls as theta
 * grows.  The share of detractors under H0 is its constrained maximum
 * likelihood estimate q, the larger root of A q^2 + B q + C.
 */
static inline double
nps_score_statistic(NpsSample sample, double theta)
{
	double		n = nps_sample_size_of(sample);
	double		detractors = sample.detractors;
	double		promoters = sample.promoters;
	double		numerator = nps_excess_over(sample, theta);
	double		a = 2 * n;
	double		b = -detractors - promoters + (2 * n - promoters + detractors) * theta;
	double		c = -detractors * theta * (1 - theta);
	double		root = sqrt(fmax(b * b - 4 * a * c, 0.0));
	double		q;
	double		variance;

	/* of the two ways to write the root, the one in which nothing cancels */
	if (b <= 0)
		q = (root - b) / (2 * a);
	else
		q = -2 * c / (b + root);
	variance = n * (2 * q + theta * (1 - theta));
	if (variance <= 0)
		return numerator == 0 ? 0.0 : (numerator > 0 ? INFINITY : -INFINITY);
	return numerator / sqrt(variance);
}

/* The lower limit {theta : T(theta) = z}, by bisection to the last bit that counts. */
static inline double
nps_score_lower_limit(NpsSample sample, double z)
{
	double		estimate = nps_point_estimate(sample);
	double		low = -1.0;
	double		high = estimate;

	if (z <= 0)
		return estimate;
	if (sample.passives == 0 && sample.promoters == 0)
		return -1.0;
	for (int step = 0; step < 64; step++)
	{
		double		middle = low + (high - low) / 2;

		if (nps_score_statistic(sample, middle) > z)
			low = middle;
		else
			high = middle;
	}
	return low + (high - low) / 2 + 0.0;
}

/* Score interval; the upper limit is the lower one of the mirrored answers. */
static inline NpsInterval
nps_score_interval(NpsSample sample, double z)
{
	NpsSample	mirrored = {sample.promoters, sample.passives, sample.detractors};
	NpsInterval interval;

	interval.low = nps_score_lower_limit(sample, z);
	interval.high = 0.0 - nps_score_lower_limit(mirrored, z);
	return interval;
}

static inline NpsInterval
nps_clipped(double centre, double half_width, double bound)
{
	NpsInterval interval;

	interval.low = fmax(centre - half_width, -bound) + 0.0;
	interval.high = fmin(centre + half_width, bound) + 0.0;
	return interval;
}

/* sqrt((N - n) / (N - 1)) for a population of N; 1 for an endless one (NaN). */
static inline double
nps_finite_population_factor(double n, double population)
{
	if (isnan(population))
		return 1.0;
	if (population <= 1 || n >= population)
		return 0.0;
	return sqrt((population - n) / (population - 1));
}

/* What a method adds and takes away from its centre, unclipped: z times the standard error. */
static inline double
nps_wald_half_width(NpsSample sample, NpsMethod method, double z)
{
	if (method == NPS_METHOD_ADJUSTED_WALD)
		sample = nps_adjusted_sample(sample);
	return z * nps_standard_error_of(sample);
}

/* Interval of a sample with at least one answer.  Population: NaN for endless. */
static inline NpsInterval
nps_interval_of(NpsSample sample, double confidence, NpsMethod method, double population)
{
	double		factor = nps_finite_population_factor(nps_sample_size_of(sample), population);
	double		z = nps_confidence_z(confidence) * factor;
	NpsSample	centre = sample;

	if (method == NPS_METHOD_SCORE)
		return nps_score_interval(sample, z);
	/* everybody was asked: nothing is left to estimate, nor to adjust */
	if (method == NPS_METHOD_ADJUSTED_WALD && factor > 0)
		centre = nps_adjusted_sample(sample);
	return nps_clipped(nps_point_estimate(centre), nps_wald_half_width(sample, method, z), 1.0);
}

/* Test of H0: nps = hypothesis. */
static inline NpsTestResult
nps_one_sample_test(NpsSample sample, double hypothesis, NpsMethod method)
{
	double		error;

	if (method == NPS_METHOD_SCORE)
		return nps_test_result(nps_score_statistic(sample, hypothesis));
	if (method == NPS_METHOD_ADJUSTED_WALD)
		sample = nps_adjusted_sample(sample);
	error = nps_standard_error_of(sample);
	if (error == 0)
		return nps_no_test();
	return nps_test_result(nps_excess_over(sample, hypothesis) / nps_sample_size_of(sample) / error);
}

/* Change from one independent sample to another; for the score method (MOVER) an interval only. */
static inline NpsComparison
nps_two_sample_test(NpsSample before, NpsSample after, double confidence, NpsMethod method)
{
	NpsComparison result;
	double		z = nps_confidence_z(confidence);
	double		change;
	double		error;

	if (method == NPS_METHOD_SCORE)
	{
		double		first = nps_point_estimate(before);
		double		second = nps_point_estimate(after);
		NpsInterval one = nps_score_interval(before, z);
		NpsInterval two = nps_score_interval(after, z);

		change = second - first;
		result.interval.low = change - hypot(second - two.low, one.high - first) + 0.0;
		result.interval.high = change + hypot(two.high - second, first - one.low) + 0.0;
		result.test = nps_no_test();
		return result;
	}
	if (method == NPS_METHOD_ADJUSTED_WALD)
	{
		before = nps_adjusted_sample(before);
		after = nps_adjusted_sample(after);
	}
	change = nps_point_estimate(after) - nps_point_estimate(before);
	error = hypot(nps_standard_error_of(before), nps_standard_error_of(after));
	result.interval = nps_clipped(change, z * error, 2.0);
	result.test = error == 0 ? nps_no_test() : nps_test_result(change / error);
	return result;
}

/*
 * Change of the same people from one time to another, from the sum of their
 * changes, -2 to 2 each, and the sum of the squares of these.  Two people are
 * added, one who went up by a category and one who went down: without them the
 * interval is far too narrow where few changed, and has no width where nobody did.
 */
static inline NpsComparison
nps_paired_test(double pairs, double changes, double squares, double confidence)
{
	NpsComparison result;
	double		n = pairs + 2;
	double		change = changes / n;
	double		error = sqrt(fmax((squares + 2) / n - change * change, 0.0) / n);

	result.interval = nps_clipped(change, nps_confidence_z(confidence) * error, 2.0);
	result.test = nps_test_result(change / error);
	return result;
}

/*
 * Segments.  With w = n_s / n the share of a segment in all answers, N_s its
 * score and N that of all: contribution w (N_s - N), which sums to 0 over the
 * segments of a whole; impact N - N_without_s.
 */
static inline double
nps_contribution_of(NpsSample part, NpsSample whole)
{
	return nps_sample_size_of(part) / nps_sample_size_of(whole) *
		(nps_point_estimate(part) - nps_point_estimate(whole)) + 0.0;
}

static inline double
nps_impact_of(NpsSample part, NpsSample whole)
{
	NpsSample	rest = {
		whole.detractors - part.detractors,
		whole.passives - part.passives,
		whole.promoters - part.promoters
	};

	return nps_point_estimate(whole) - nps_point_estimate(rest);
}

/*
 * What a segment did to the change of the whole (Kitagawa): by a change of its
 * own score (rate), and by a change of its share (mix), against the mean R of
 * the two scores of the whole.  Rates and mixes of all segments sum to the change
 * of the whole.  A segment that is missing on one side has no score of its own
 * there: the other side's is taken, so that all of its effect is mix.
 */
typedef struct NpsEffects
{
	double		rate;
	double		mix;
} NpsEffects;

static inline NpsEffects
nps_effects_of(NpsSample before, NpsSample all_before, NpsSample after, NpsSample all_after)
{
	double		size_before = nps_sample_size_of(before);
	double		size_after = nps_sample_size_of(after);
	double		share_before = size_before / nps_sample_size_of(all_before);
	double		share_after = size_after / nps_sample_size_of(all_after);
	double		score_before = nps_point_estimate(size_before > 0 ? before : after);
	double		score_after = nps_point_estimate(size_after > 0 ? after : before);
	double		reference = (nps_point_estimate(all_before) + nps_point_estimate(all_after)) / 2;
	NpsEffects	effects;

	effects.rate = (share_before + share_after) / 2 * (score_after - score_before) + 0.0;
	effects.mix = (share_after - share_before) * ((score_before + score_after) / 2 - reference) + 0.0;
	return effects;
}

/* Wilson's interval of a share, 0 to 1. */
static inline NpsInterval
nps_wilson_interval(double successes, double total, double confidence)
{
	double		z = nps_confidence_z(confidence);
	double		failures = total - successes;
	double		half = z * sqrt(successes / total * failures + z * z / 4);
	NpsInterval interval;

	/* the upper root; the lower one from their product, in which nothing cancels */
	interval.high = failures == 0 ? 1.0 : (successes + z * z / 2 + half) / (total + z * z);
	interval.low = successes == 0 ? 0.0 : successes / total * successes / (total + z * z) / interval.high;
	return interval;
}

/* A p-value and where it came from. */
typedef struct NpsRanked
{
	double		p_value;
	int64_t		place;
} NpsRanked;

static inline int
nps_compare_ranked(const void *left, const void *right)
{
	double		one = ((const NpsRanked *) left)->p_value;
	double		two = ((const NpsRanked *) right)->p_value;

	return one < two ? -1 : one > two;
}

/*
 * Adjusts p-values for being looked at together (Holm): the chance that any true
 * hypothesis of theirs is refused stays below the level.  The smallest is
 * multiplied by their number, the next by one less, and none gets below the one
 * before it.  Afterwards they are in order.
 */
static inline void
nps_adjust_by_holm(NpsRanked *values, size_t count)
{
	double		least = 0.0;

	qsort(values, count, sizeof(NpsRanked), nps_compare_ranked);
	for (size_t i = 0; i < count; i++)
	{
		least = fmax(least, fmin((double) (count - i) * values[i].p_value, 1.0));
		values[i].p_value = least;
	}
}

/* Variance of one answer, given the shares of detractors and promoters. */
static inline double
nps_variance_of_shares(double detractor_share, double promoter_share)
{
	double		nps = promoter_share - detractor_share;

	return promoter_share + detractor_share - nps * nps;
}

/* Rounds a sample size up; what is whole but for rounding noise stays.  At least 1. */
static inline double
nps_round_up(double answers)
{
	return fmax(ceil(answers - 1e-9), 1.0);
}

/* Answers for a margin (both on -1 to 1 scale); NaN population: endless. */
static inline double
nps_answers_for_margin(double margin, double confidence, double variance,
					   NpsMethod method, double population)
{
	double		z = nps_confidence_z(confidence);
	double		answers = z * z * variance / (margin * margin);

	if (method == NPS_METHOD_ADJUSTED_WALD)
		answers -= 3;
	/* a margin too small for a double: everybody must be asked */
	if (!isnan(population) && isinf(answers))
		answers = population;
	else if (!isnan(population) && answers > 0)
		answers = answers / (1 + (answers - 1) / population);
	return nps_round_up(answers);
}

/* Answers in each of two groups for a difference to be found with this power. */
static inline double
nps_answers_for_difference(double difference, double confidence, double power,
						   double variance_before, double variance_after, NpsMethod method)
{
	double		z = nps_confidence_z(confidence) - nps_normal_upper_quantile(power);
	double		answers = z * z * (variance_before + variance_after) / (difference * difference);

	if (method == NPS_METHOD_ADJUSTED_WALD)
		answers -= 3;
	return nps_round_up(answers);
}

/* A weighted survey: sums of weights and of squared weights by category. */
typedef struct NpsWeights
{
	double		responses;
	double		weight[3];		/* by NpsCategory */
	double		square[3];
} NpsWeights;

typedef struct NpsWeightedResult
{
	double		weight;
	double		share[3];
	double		nps;
	double		points;			/* 100 nps, in one division as nps_score() does it */
	double		standard_error; /* linearised, without n / (n - 1) */
	double		n_kish;
	double		n_effective;	/* min(n_kish, n_linear) */
	double		design_effect;
} NpsWeightedResult;

/* Are the sums of weights and of squares, 3 each, so far from the limit of a double that no result of theirs meets it? */
static inline bool
nps_weights_fit(const double *weight, const double *square)
{
	return weight[0] + weight[1] + weight[2] <= DBL_MAX / 1024 && square[0] + square[1] + square[2] <= DBL_MAX / 1024;
}

/* What a weighted survey with at least one answer, whose sums fit, tells, on the scale -1 to 1. */
static inline NpsWeightedResult
nps_weighted_result(const NpsWeights *sums)
{
	NpsWeightedResult result;
	double		square = sums->square[0] + sums->square[1] + sums->square[2];
	double		detractors;
	double		promoters;
	double		variance;
	double		linear;

	result.weight = sums->weight[0] + sums->weight[1] + sums->weight[2];
	for (int i = 0; i < 3; i++)
		result.share[i] = sums->weight[i] / result.weight;
	detractors = result.share[0];
	promoters = result.share[2];
	result.nps = (sums->weight[2] - sums->weight[0]) / result.weight + 0.0;
	result.points = 100.0 * (sums->weight[2] - sums->weight[0]) / result.weight + 0.0;
	variance = result.share[1] * (promoters + detractors) + 4 * promoters * detractors;
	linear = (sums->square[0] * (1 + result.nps) * (1 + result.nps) +
			  sums->square[1] * result.nps * result.nps +
			  sums->square[2] * (1 - result.nps) * (1 - result.nps)) / result.weight / result.weight;
	result.standard_error = sqrt(linear);
	result.n_kish = result.weight / square * result.weight;
	result.design_effect = sums->responses / result.n_kish;
	result.n_effective = result.n_kish;
	if (variance > 0 && linear > 0)
		result.n_effective = fmin(result.n_kish, fmin(variance / linear, sums->responses));
	return result;
}

/* Interval of a weighted survey: Wald on the linearised error, else the method on effective counts. */
static inline NpsInterval
nps_weighted_interval(const NpsWeightedResult *result, double confidence, NpsMethod method)
{
	NpsSample	effective = {
		result->share[0] * result->n_effective,
		result->share[1] * result->n_effective,
		result->share[2] * result->n_effective
	};

	if (method == NPS_METHOD_WALD)
		return nps_clipped(result->nps, nps_confidence_z(confidence) * result->standard_error, 1.0);
	return nps_interval_of(effective, confidence, method, NAN);
}

#endif							/* NPS_STATISTICS_H */
