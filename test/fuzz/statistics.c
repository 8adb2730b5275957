/*
 * statistics.c
 *		The formulas on any counts, confidence, population and weights that the SQL
 *		functions let through: results are numbers, in order, within their range, and
 *		the same for answers that are mirrored.
 *
 * What rounding may do is allowed: a few units of the last place of 1.
 */
#include "fuzz.h"

#include <float.h>

#include "../../src/statistics.h"
#include "../../src/tally_math.h"

#define ROUNDING 1e-14

static void
must_be_interval(NpsInterval interval, double bound)
{
	MUST(isfinite(interval.low) && isfinite(interval.high));
	MUST(interval.low <= interval.high + ROUNDING);
	MUST(interval.low >= -bound && interval.high <= bound);
	/* zero has no sign */
	MUST(interval.low != 0 || !signbit(interval.low));
	MUST(interval.high != 0 || !signbit(interval.high));
}

static void
must_be_test(NpsTestResult result)
{
	if (isnan(result.z))
	{
		MUST(isnan(result.p_value));
		return;
	}
	MUST(result.p_value >= 0 && result.p_value <= 1);
}

static bool
contains(NpsInterval outer, NpsInterval inner)
{
	return outer.low <= inner.low + ROUNDING && outer.high >= inner.high - ROUNDING;
}

/* Counts whose sum fits, as a tally has them; at least one. */
static NpsSample
take_sample(Input *input)
{
	int64_t		count[3];
	NpsSample	sample;

	for (int i = 0; i < 3; i++)
		count[i] = take_count(input);
	while (count[0] > INT64_MAX - count[1] || count[0] + count[1] > INT64_MAX - count[2])
	{
		for (int i = 0; i < 3; i++)
			count[i] /= 2;
	}
	if (count[0] + count[1] + count[2] == 0)
		count[take_byte(input) % 3] = 1;
	sample.detractors = (double) count[0];
	sample.passives = (double) count[1];
	sample.promoters = (double) count[2];
	return sample;
}

static void
test_one(NpsSample sample, double confidence, double other, NpsMethod method, double population, double hypothesis)
{
	NpsSample	mirrored = {sample.promoters, sample.passives, sample.detractors};
	double		point = nps_point_estimate(sample);
	double		error = nps_standard_error_of(sample);
	NpsInterval interval = nps_interval_of(sample, confidence, method, population);
	NpsInterval wider = nps_interval_of(sample, fmax(confidence, other), method, population);
	NpsInterval narrower = nps_interval_of(sample, fmin(confidence, other), method, population);
	NpsInterval mirror = nps_interval_of(mirrored, confidence, method, population);
	NpsInterval endless = nps_interval_of(sample, confidence, method, NAN);
	NpsTestResult test = nps_one_sample_test(sample, hypothesis, method);

	MUST(point >= -1 && point <= 1);
	MUST(nps_variance(sample) >= 0 && nps_variance(sample) <= 1 + ROUNDING);
	MUST(error >= 0 && error <= 1 + ROUNDING);
	must_be_interval(interval, 1);
	/* the adjusted method has another centre than the score */
	if (method != NPS_METHOD_ADJUSTED_WALD)
		MUST(interval.low <= point + ROUNDING && interval.high >= point - ROUNDING);
	MUST(contains(wider, narrower));
	MUST(fabs(mirror.low + interval.high) <= ROUNDING && fabs(mirror.high + interval.low) <= ROUNDING);
	if (population > nps_sample_size_of(sample))
		MUST(contains(endless, interval));
	MUST(nps_wald_half_width(sample, method, nps_confidence_z(confidence)) >= 0);
	must_be_test(test);
	/* a hypothesis well within the interval is not refused, and one well outside it is */
	if (method == NPS_METHOD_SCORE && confidence > 0.001 && confidence < 0.999 && !isnan(test.p_value))
	{
		if (hypothesis > endless.low + 1e-6 && hypothesis < endless.high - 1e-6)
			MUST(test.p_value >= 1 - confidence - 1e-6);
		if (hypothesis < endless.low - 1e-6 || hypothesis > endless.high + 1e-6)
			MUST(test.p_value <= 1 - confidence + 1e-6);
	}
}

static void
test_two(NpsSample before, NpsSample after, double confidence, NpsMethod method)
{
	NpsComparison there = nps_two_sample_test(before, after, confidence, method);
	NpsComparison back = nps_two_sample_test(after, before, confidence, method);
	double		change = nps_point_estimate(after) - nps_point_estimate(before);

	must_be_interval(there.interval, 2 + ROUNDING);
	if (method != NPS_METHOD_ADJUSTED_WALD)
		MUST(there.interval.low <= change + ROUNDING && there.interval.high >= change - ROUNDING);
	MUST(fabs(there.interval.low + back.interval.high) <= ROUNDING);
	must_be_test(there.test);
	MUST(isnan(there.test.z) == isnan(back.test.z));
	if (!isnan(there.test.z))
		MUST(there.test.z == -back.test.z && there.test.p_value == back.test.p_value);
}

/* So many people by what their score changed by, -2 to 2. */
static void
test_pairs(Input *input, double confidence)
{
	double		pairs = 0;
	double		changes = 0;
	double		squares = 0;
	NpsComparison there;
	NpsComparison back;

	for (int change = -2; change <= 2; change++)
	{
		double		count = (double) (take_count(input) >> 3);

		pairs += count;
		changes += change * count;
		squares += change * change * count;
	}
	if (pairs == 0)
		return;
	there = nps_paired_test(pairs, changes, squares, confidence);
	back = nps_paired_test(pairs, -changes, squares, confidence);
	must_be_interval(there.interval, 2);
	must_be_test(there.test);
	MUST(!isnan(there.test.z));
	MUST(fabs(there.interval.low + back.interval.high) <= ROUNDING);
	MUST(there.test.p_value == back.test.p_value);
}

/* Two segments that make up the whole, before and after. */
static void
test_segments(NpsSample one, NpsSample two, NpsSample three, NpsSample four)
{
	NpsSample	before = {one.detractors + two.detractors, one.passives + two.passives, one.promoters + two.promoters};
	NpsSample	after = {three.detractors + four.detractors, three.passives + four.passives, three.promoters + four.promoters};
	double		contributions = nps_contribution_of(one, before) + nps_contribution_of(two, before);
	NpsEffects	first = nps_effects_of(one, before, three, after);
	NpsEffects	second = nps_effects_of(two, before, four, after);
	double		change = nps_point_estimate(after) - nps_point_estimate(before);

	MUST(fabs(contributions) <= 1e-12);
	MUST(fabs(first.rate + first.mix + second.rate + second.mix - change) <= 1e-12);
	/* what is left is a difference: of counts that a double holds */
	if (nps_sample_size_of(before) < 0x1p53)
		MUST(fabs(nps_impact_of(one, before)) <= 2 + ROUNDING);
}

static void
test_share(double successes, double total, double confidence)
{
	NpsInterval interval;

	/* farther out than any count or sum of weights, the numbers themselves lose their digits */
	if (!(successes >= 0 && total >= successes && total >= 1e-100 && total <= 1e100) || (successes > 0 && successes < 1e-100))
		return;
	interval = nps_wilson_interval(successes, total, confidence);
	MUST(interval.low >= 0 && interval.high <= 1 + ROUNDING);
	MUST(interval.low <= successes / total + ROUNDING && interval.high >= successes / total - ROUNDING);
}

/* Weights as nps_weighted_accum() lets them through, some of each category. */
static void
test_weights(Input *input, double confidence, NpsMethod method)
{
	NpsWeights	sums = {0};
	int			count = 1 + take_byte(input) % 6;
	NpsWeightedResult result;

	for (int i = 0; i < count; i++)
	{
		int			category = take_byte(input) % 3;
		double		weight = take_byte(input) & 1 ? fabs(take_double(input)) : take_byte(input) / 16.0;
		int64_t		times = take_byte(input) & 1 ? 1 : 1 + take_byte(input);

		if (!(weight > 0) || isinf(weight) || weight * weight < DBL_MIN)
			continue;
		sums.responses += (double) times;
		sums.weight[category] += weight * (double) times;
		sums.square[category] += weight * weight * (double) times;
	}
	if (sums.responses == 0 || !nps_weights_fit(sums.weight, sums.square))
		return;
	result = nps_weighted_result(&sums);
	MUST(isfinite(result.weight) && result.weight > 0);
	for (int i = 0; i < 3; i++)
		MUST(result.share[i] >= 0 && result.share[i] <= 1 + ROUNDING);
	MUST(fabs(result.share[0] + result.share[1] + result.share[2] - 1) <= ROUNDING);
	MUST(fabs(result.nps) <= 1 + ROUNDING && fabs(result.points - 100 * result.nps) <= 1e-11);
	MUST(result.standard_error >= 0 && result.standard_error <= 2);
	MUST(result.n_kish > 0 && result.n_kish <= sums.responses * (1 + 1e-9));
	MUST(result.n_effective > 0 && result.n_effective <= result.n_kish);
	MUST(result.design_effect >= 1 - 1e-9 && isfinite(result.design_effect));
	must_be_interval(nps_weighted_interval(&result, confidence, method), 1);
}

/* What is adjusted keeps its order, is not below what it was, and is within the bounds of Bonferroni. */
static void
test_adjustment(Input *input)
{
	NpsRanked	values[16];
	double		before[16];
	size_t		count = take_byte(input) % 17;

	for (size_t i = 0; i < count; i++)
	{
		values[i].place = (int64_t) i;
		/* ties too */
		values[i].p_value = before[i] = i > 0 && (take_byte(input) & 3) == 0 ? before[i - 1] : take_share(input);
	}
	nps_adjust_by_holm(values, count);
	for (size_t i = 0; i < count; i++)
	{
		double		p_value = before[values[i].place];

		MUST(values[i].p_value >= p_value && values[i].p_value <= fmin((double) count * p_value, 1.0));
		MUST(i > 0 || values[i].p_value == fmin((double) count * p_value, 1.0));
		MUST(i == 0 || (values[i].p_value >= values[i - 1].p_value && p_value >= before[values[i - 1].place]));
		MUST(i == 0 || p_value > before[values[i - 1].place] || values[i].p_value == values[i - 1].p_value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	uint8_t		how = take_byte(&input);
	NpsMethod	method = NPS_METHOD_SCORE + how % 3;
	double		confidence = take_share(&input);
	double		other = take_share(&input);
	NpsSample	sample = take_sample(&input);
	double		z = nps_confidence_z(confidence);
	double		population = NAN;
	double		answers;

	MUST(isfinite(z) && z >= 0 && z < 39);
	MUST((confidence <= other) == (z <= nps_confidence_z(other)) || fabs(z - nps_confidence_z(other)) < 1e-9);
	switch (how / 4 % 4)
	{
		case 0:
			population = nps_sample_size_of(sample) + (double) take_count(&input);
			test_one(sample, confidence, other, method, population, take_share(&input) * 2 - 1);
			answers = nps_answers_for_margin(2 * take_share(&input), confidence, nps_variance(sample), method, population);
			MUST(answers >= 1);
			break;
		case 1:
			test_one(sample, confidence, other, method, population, how & 128 ? 1 : -1);
			test_two(sample, take_sample(&input), confidence, method);
			break;
		case 2:
			{
				NpsSample	two = take_sample(&input);
				NpsSample	three = take_sample(&input);

				test_segments(sample, two, three, take_sample(&input));
			}
			answers = nps_answers_for_difference(2 * take_share(&input), confidence, fmax(other, 0.5), 1, nps_variance(sample), method);
			MUST(answers >= 1);
			break;
		default:
			answers = how & 128 ? fabs(take_double(&input)) : (double) take_count(&input);
			test_share(answers * (how & 64 ? take_share(&input) : how & 32 ? 1 : 0), answers, confidence);
			test_share(answers, fabs(take_double(&input)), confidence);
			test_weights(&input, confidence, method);
			test_adjustment(&input);
			test_pairs(&input, confidence);
	}
	return 0;
}
