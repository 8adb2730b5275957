/*
 * tally_math.h
 *		The tally: how many answers there are of each score, and the arithmetic
 *		that keeps it exact.
 *
 * No fmgr, no ereport: what can go wrong comes back as an NpsTallyResult.
 */
#ifndef NPS_TALLY_MATH_H
#define NPS_TALLY_MATH_H

#include "scale.h"

#define NPS_TALLY_VERSION 1
#define NPS_COUNTERS (NPS_SCORES + NPS_CATEGORIES)

/*
 * The SQL type nps_tally, byte for byte, in memory and on disk.  The layout is
 * frozen at release.
 *
 * What always holds (nps_tally_check): the version is known; no counter is
 * below zero; their sum fits an int64; a counter of a score that the scale does
 * not have is zero; the scale is NPS_SCALE_NONE exactly when all counters are
 * zero.  So two equal tallies are equal bytes.
 */
typedef struct NpsTally
{
	uint32_t	version;
	uint32_t	scale;			/* NpsScaleId */

	/*
	 * First the answers by score, 0 to 10; then, by NpsCategory, those of
	 * which only the category is known: health scores, and totals that came
	 * from another tool.
	 */
	int64_t		counter[NPS_COUNTERS];
} NpsTally;

typedef enum NpsTallyResult
{
	NPS_TALLY_OK,
	NPS_TALLY_OVERFLOW,
	NPS_TALLY_BELOW_ZERO,
	NPS_TALLY_OTHER_SCALE,
	NPS_TALLY_DAMAGED
} NpsTallyResult;

/* The numbers that every statistic is made of. */
typedef struct NpsTotals
{
	int64_t		category[NPS_CATEGORIES];
	int64_t		responses;
} NpsTotals;

static inline void
nps_tally_clear(NpsTally *tally)
{
	memset(tally, 0, sizeof(NpsTally));
	tally->version = NPS_TALLY_VERSION;
}

/* Where an answer is counted: by score, or by category if the scale has no scores of its own. */
static inline int
nps_counter_index(int32_t whole, NpsScaleId id)
{
	const NpsScale *scale = &nps_scale_table[id];

	return scale->whole ? whole : NPS_SCORES + (int) nps_category_of(whole, scale);
}

/* Sum of all counters; false if it does not fit. */
static inline bool
nps_tally_sum(const NpsTally *tally, int64_t *sum)
{
	*sum = 0;
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		if (tally->counter[i] > INT64_MAX - *sum)
			return false;
		*sum += tally->counter[i];
	}
	return true;
}

/* A tally whose counters are back at zero has no scale: it merges with any. */
static inline void
nps_tally_forget_scale_if_empty(NpsTally *tally)
{
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		if (tally->counter[i] != 0)
			return;
	}
	tally->scale = NPS_SCALE_NONE;
}

/* Makes the scale of an untrusted tally canonical and tells whether all that must hold does. */
static inline NpsTallyResult
nps_tally_check(NpsTally *tally)
{
	const NpsScale *scale;
	int64_t		sum;

	if (tally->version != NPS_TALLY_VERSION || tally->scale > NPS_LAST_SCALE)
		return NPS_TALLY_DAMAGED;
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		if (tally->counter[i] < 0)
			return NPS_TALLY_BELOW_ZERO;
	}
	if (!nps_tally_sum(tally, &sum))
		return NPS_TALLY_OVERFLOW;
	if (sum == 0)
	{
		tally->scale = NPS_SCALE_NONE;
		return NPS_TALLY_OK;
	}
	if (tally->scale == NPS_SCALE_NONE)
		return NPS_TALLY_DAMAGED;
	scale = &nps_scale_table[tally->scale];
	for (int score = 0; score < NPS_SCORES; score++)
	{
		if (tally->counter[score] != 0 &&
			(!scale->whole || score < scale->min || score > scale->max))
			return NPS_TALLY_DAMAGED;
	}
	return NPS_TALLY_OK;
}

/*
 * Counts one valid score.  The sum of all counters is not checked: no run over
 * rows that starts at the empty tally can reach it, and whatever reads a tally
 * checks it.  Who starts from a tally of somebody else's must check.
 */
static inline NpsTallyResult
nps_tally_count(NpsTally *tally, NpsScaleId scale, int32_t whole)
{
	int64_t    *counter;

	if (tally->scale != (uint32_t) scale)
	{
		if (tally->scale != NPS_SCALE_NONE)
			return NPS_TALLY_OTHER_SCALE;
		tally->scale = scale;
	}
	counter = &tally->counter[nps_counter_index(whole, scale)];
	if (*counter == INT64_MAX)
		return NPS_TALLY_OVERFLOW;
	(*counter)++;
	return NPS_TALLY_OK;
}

/* Takes one valid score back out. */
static inline NpsTallyResult
nps_tally_uncount(NpsTally *tally, NpsScaleId scale, int32_t whole)
{
	int64_t    *counter;

	if (tally->scale != (uint32_t) scale)
		return tally->scale == NPS_SCALE_NONE ? NPS_TALLY_BELOW_ZERO : NPS_TALLY_OTHER_SCALE;
	counter = &tally->counter[nps_counter_index(whole, scale)];
	if (*counter <= 0)
		return NPS_TALLY_BELOW_ZERO;
	(*counter)--;
	if (*counter == 0)
		nps_tally_forget_scale_if_empty(tally);
	return NPS_TALLY_OK;
}

/* into += from.  On failure into is not to be used any more. */
static inline NpsTallyResult
nps_tally_merge(NpsTally *into, const NpsTally *from)
{
	int64_t		sum;

	if (from->scale == NPS_SCALE_NONE)
		return NPS_TALLY_OK;
	if (into->scale == NPS_SCALE_NONE)
		into->scale = from->scale;
	else if (into->scale != from->scale)
		return NPS_TALLY_OTHER_SCALE;
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		if (from->counter[i] > INT64_MAX - into->counter[i])
			return NPS_TALLY_OVERFLOW;
		into->counter[i] += from->counter[i];
	}
	return nps_tally_sum(into, &sum) ? NPS_TALLY_OK : NPS_TALLY_OVERFLOW;
}

/* into -= from.  On failure into is not to be used any more. */
static inline NpsTallyResult
nps_tally_subtract_from(NpsTally *into, const NpsTally *from)
{
	if (from->scale == NPS_SCALE_NONE)
		return NPS_TALLY_OK;
	if (into->scale != NPS_SCALE_NONE && into->scale != from->scale)
		return NPS_TALLY_OTHER_SCALE;
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		if (into->counter[i] < from->counter[i])
			return NPS_TALLY_BELOW_ZERO;
		into->counter[i] -= from->counter[i];
	}
	nps_tally_forget_scale_if_empty(into);
	return NPS_TALLY_OK;
}

/* What is in both is in neither. */
static inline void
nps_tally_cancel_out(NpsTally *left, NpsTally *right)
{
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		int64_t		both = left->counter[i] < right->counter[i] ? left->counter[i] : right->counter[i];

		left->counter[i] -= both;
		right->counter[i] -= both;
	}
	nps_tally_forget_scale_if_empty(left);
	nps_tally_forget_scale_if_empty(right);
}

/* Answers by category, and all of them; false if the sum does not fit. */
static inline bool
nps_tally_totals(const NpsTally *tally, NpsTotals *totals)
{
	const NpsScale *scale = &nps_scale_table[tally->scale];

	if (!nps_tally_sum(tally, &totals->responses))
		return false;
	for (int i = 0; i < NPS_CATEGORIES; i++)
		totals->category[i] = tally->counter[NPS_SCORES + i];
	if (scale->whole)
	{
		for (int score = scale->min; score <= scale->max; score++)
			totals->category[nps_category_of(score, scale)] += tally->counter[score];
	}
	return true;
}

/* Whether some answers are known by category only, so that scores cannot be told. */
static inline bool
nps_tally_has_categories_only(const NpsTally *tally)
{
	return tally->counter[NPS_SCORES + NPS_DETRACTOR] != 0 ||
		tally->counter[NPS_SCORES + NPS_PASSIVE] != 0 ||
		tally->counter[NPS_SCORES + NPS_PROMOTER] != 0;
}

/* Total order: by scale, then by counters from the lowest score on. */
static inline int
nps_tally_order(const NpsTally *left, const NpsTally *right)
{
	if (left->scale != right->scale)
		return left->scale < right->scale ? -1 : 1;
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		if (left->counter[i] != right->counter[i])
			return left->counter[i] < right->counter[i] ? -1 : 1;
	}
	return 0;
}

#endif							/* NPS_TALLY_MATH_H */
