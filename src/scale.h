/*
 * scale.h
 *		The scales of NPS, CSAT, CES and health scores, and the one place that
 *		tells which score is a detractor, a passive or a promoter.
 *
 * No fmgr, no ereport: everything here can be compiled, tested and fuzzed
 * without a server.
 */
#ifndef NPS_SCALE_H
#define NPS_SCALE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef enum NpsCategory
{
	NPS_DETRACTOR = 0,
	NPS_PASSIVE = 1,
	NPS_PROMOTER = 2
} NpsCategory;

#define NPS_CATEGORIES 3

/* Identifiers are stored in tallies on disk: never renumber, only append. */
typedef enum NpsScaleId
{
	NPS_SCALE_NONE = 0,			/* the empty tally: no answer, so no scale */
	NPS_SCALE_NPS = 1,
	NPS_SCALE_CSAT5 = 2,
	NPS_SCALE_CSAT7 = 3,
	NPS_SCALE_CES5 = 4,
	NPS_SCALE_CES7 = 5,
	NPS_SCALE_CES5_REVERSED = 6,
	NPS_SCALE_HEALTH = 7
} NpsScaleId;

#define NPS_FIRST_SCALE NPS_SCALE_NPS
#define NPS_LAST_SCALE NPS_SCALE_HEALTH

/* Scores that are counted one by one run from 0 to 10 on every scale. */
#define NPS_SCORES 11

/*
 * A scale is cut into three bands: scores below middle_from, scores from there
 * to below high_from, and the rest.  The bounds are whole numbers on every
 * scale, so the whole part of a score decides its band.
 */
typedef struct NpsScale
{
	const char *name;
	int32_t		min;
	int32_t		max;
	int32_t		middle_from;
	int32_t		high_from;
	bool		reversed;		/* low is good */
	bool		whole;			/* only whole scores are valid */
	bool		satisfaction;	/* a promoter is a satisfied customer */
} NpsScale;

static const NpsScale nps_scale_table[NPS_LAST_SCALE + 1] = {
	[NPS_SCALE_NONE] = {"", 0, -1, 0, 0, false, true, false},
	[NPS_SCALE_NPS] = {"nps", 0, 10, 7, 9, false, true, false},
	[NPS_SCALE_CSAT5] = {"csat5", 1, 5, 3, 4, false, true, true},
	[NPS_SCALE_CSAT7] = {"csat7", 1, 7, 4, 5, false, true, true},
	[NPS_SCALE_CES5] = {"ces5", 1, 5, 3, 4, false, true, true},
	[NPS_SCALE_CES7] = {"ces7", 1, 7, 4, 5, false, true, true},
	[NPS_SCALE_CES5_REVERSED] = {"ces5_reversed", 1, 5, 3, 4, true, true, true},
	[NPS_SCALE_HEALTH] = {"health", 0, 100, 35, 70, false, false, false},
};

/*
 * A score as it came in, whatever its type: the largest whole number that is
 * not above it, and whether something is left over.  Nothing is rounded, so
 * 34.99999999999999999999 stays below 35.  Whole parts outside the range of
 * int32 are saturated; no scale reaches that far.
 */
typedef struct NpsValue
{
	int32_t		whole;
	bool		fraction;
	bool		is_number;
} NpsValue;

typedef enum NpsVerdict
{
	NPS_VALID,
	NPS_NOT_A_NUMBER,
	NPS_NOT_WHOLE,
	NPS_OUT_OF_RANGE
} NpsVerdict;

/* The value of a whole number. */
static inline NpsValue
nps_value_from_int64(int64_t number)
{
	NpsValue	value = {0, false, true};

	if (number > INT32_MAX)
		value.whole = INT32_MAX;
	else if (number < INT32_MIN)
		value.whole = INT32_MIN;
	else
		value.whole = (int32_t) number;
	return value;
}

/* The value of a floating-point number; NaN is not a number, infinities are out of range. */
static inline NpsValue
nps_value_from_double(double number)
{
	NpsValue	value = {0, false, true};

	if (isnan(number))
		value.is_number = false;
	else if (number >= (double) INT32_MAX)
		value.whole = INT32_MAX;
	else if (number <= (double) INT32_MIN)
		value.whole = INT32_MIN;
	else
	{
		double		below = floor(number);

		value.whole = (int32_t) below;
		value.fraction = (number != below);
	}
	return value;
}

/* Whether the value is a score of the scale, and if not, why. */
static inline NpsVerdict
nps_judge(NpsValue value, const NpsScale *scale)
{
	if (!value.is_number)
		return NPS_NOT_A_NUMBER;
	if (value.whole < scale->min || value.whole > scale->max ||
		(value.whole == scale->max && value.fraction))
		return NPS_OUT_OF_RANGE;
	if (value.fraction && scale->whole)
		return NPS_NOT_WHOLE;
	return NPS_VALID;
}

/*
 * The category of a valid score, given its whole part.  The bounds that it has
 * reached are added up, as scores come in no order and a branch on them would
 * be guessed wrongly every other time.
 */
static inline NpsCategory
nps_category_of(int32_t whole, const NpsScale *scale)
{
	int			reached = (whole >= scale->middle_from) + (whole >= scale->high_from);

	return (NpsCategory) (scale->reversed ? NPS_PROMOTER - reached : reached);
}

/* The scale of that name (not terminated by NUL), or NPS_SCALE_NONE. */
static inline NpsScaleId
nps_scale_by_name(const char *name, size_t length)
{
	for (int id = NPS_FIRST_SCALE; id <= NPS_LAST_SCALE; id++)
	{
		const char *candidate = nps_scale_table[id].name;

		if (strlen(candidate) == length && memcmp(candidate, name, length) == 0)
			return (NpsScaleId) id;
	}
	return NPS_SCALE_NONE;
}

#endif							/* NPS_SCALE_H */
