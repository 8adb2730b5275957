/*
 * tally_math.c
 *		The arithmetic of tallies on three of them, any bytes at first: checked, merged
 *		in every order, taken apart again, counted one by one; with what must come out
 *		computed in 128 bits.
 */
#include "fuzz.h"

#include "../../src/tally_math.h"

typedef __int128 Wide;

static Wide
sum_of(const NpsTally *tally)
{
	Wide		sum = 0;

	for (int i = 0; i < NPS_COUNTERS; i++)
		sum += tally->counter[i];
	return sum;
}

static bool
is_sound(const NpsTally *tally)
{
	const NpsScale *scale = &nps_scale_table[tally->scale <= NPS_LAST_SCALE ? tally->scale : 0];

	if (tally->version != NPS_TALLY_VERSION || tally->scale > NPS_LAST_SCALE)
		return false;
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		if (tally->counter[i] < 0)
			return false;
		if (tally->counter[i] != 0 && i < NPS_SCORES && (!scale->whole || i < scale->min || i > scale->max))
			return false;
	}
	return sum_of(tally) <= INT64_MAX && (sum_of(tally) == 0) == (tally->scale == NPS_SCALE_NONE);
}

static bool
same(const NpsTally *left, const NpsTally *right)
{
	return memcmp(left, right, sizeof(NpsTally)) == 0;
}

/* Most often of the same scale, so that there is something to merge. */
static NpsTally
take_tally(Input *input, uint32_t scale)
{
	NpsTally	tally;
	uint8_t		kind = take_byte(input);

	nps_tally_clear(&tally);
	tally.version = kind % 32 == 31 ? (uint32_t) take_bits(input, 4) : NPS_TALLY_VERSION;
	tally.scale = kind % 8 == 7 ? take_byte(input) : scale;
	for (int filled = kind / 64 * 2; filled >= 0; filled--)
	{
		int			index = take_byte(input) % NPS_COUNTERS;

		tally.counter[index] = kind & 16 ? take_int64(input) : take_count(input) >> (kind & 8);
	}
	return tally;
}

static void
test_order(const NpsTally *a, const NpsTally *b, const NpsTally *c)
{
	MUST(nps_tally_order(a, b) == -nps_tally_order(b, a));
	MUST((nps_tally_order(a, b) == 0) == same(a, b));
	if (nps_tally_order(a, b) <= 0 && nps_tally_order(b, c) <= 0)
		MUST(nps_tally_order(a, c) <= 0);
}

static void
test_pair(const NpsTally *a, const NpsTally *b)
{
	NpsTally	sum = *a;
	NpsTally	mirrored = *b;
	NpsTally	rest;
	NpsTallyResult result = nps_tally_merge(&sum, b);
	NpsTallyResult other = nps_tally_merge(&mirrored, a);
	bool		strangers = a->scale != b->scale && a->scale != 0 && b->scale != 0;
	bool		contained = true;

	MUST(result == other);
	if (strangers)
		MUST(result == NPS_TALLY_OTHER_SCALE);
	else
		MUST((result == NPS_TALLY_OK) == (sum_of(a) + sum_of(b) <= INT64_MAX));
	if (result == NPS_TALLY_OK)
	{
		MUST(is_sound(&sum) && same(&sum, &mirrored) && sum_of(&sum) == sum_of(a) + sum_of(b));
		MUST(nps_tally_subtract_from(&sum, b) == NPS_TALLY_OK && same(&sum, a));
	}

	for (int i = 0; i < NPS_COUNTERS; i++)
		contained &= b->counter[i] <= a->counter[i];
	rest = *a;
	result = nps_tally_subtract_from(&rest, b);
	MUST((result == NPS_TALLY_OK) == (contained && !strangers));
	if (result == NPS_TALLY_OK)
		MUST(is_sound(&rest) && sum_of(&rest) == sum_of(a) - sum_of(b));

	/* what cancels out leaves the difference as it was */
	if (!strangers)
	{
		NpsTally	left = *a;
		NpsTally	right = *b;

		nps_tally_cancel_out(&left, &right);
		MUST(is_sound(&left) && is_sound(&right));
		for (int i = 0; i < NPS_COUNTERS; i++)
		{
			MUST(left.counter[i] == 0 || right.counter[i] == 0);
			MUST(left.counter[i] - right.counter[i] == a->counter[i] - b->counter[i]);
		}
	}
}

static void
test_three(const NpsTally *a, const NpsTally *b, const NpsTally *c)
{
	NpsTally	left = *a;
	NpsTally	right = *b;
	NpsTally	whole = *a;
	bool		left_fits = nps_tally_merge(&left, b) == NPS_TALLY_OK && nps_tally_merge(&left, c) == NPS_TALLY_OK;
	bool		right_fits = nps_tally_merge(&right, c) == NPS_TALLY_OK && nps_tally_merge(&whole, &right) == NPS_TALLY_OK;

	MUST(left_fits == right_fits);
	if (left_fits)
		MUST(same(&left, &whole));
}

/* Counting is the same as merging with a tally of one. */
static void
test_counting(const NpsTally *a, Input *input)
{
	int			any = NPS_FIRST_SCALE + take_byte(input) % NPS_LAST_SCALE;
	NpsScaleId	id = a->scale != NPS_SCALE_NONE ? a->scale : (NpsScaleId) any;
	const NpsScale *scale = &nps_scale_table[id];
	int32_t		score = scale->min + take_byte(input) % (scale->max - scale->min + 1);
	int			index = nps_counter_index(score, id);
	NpsTally	tally = *a;
	NpsTotals	before;
	NpsTotals	after;

	MUST(index >= 0 && index < NPS_COUNTERS);
	if (sum_of(a) == INT64_MAX)
	{
		MUST(nps_tally_count(&tally, id, score) == (a->counter[index] == INT64_MAX ? NPS_TALLY_OVERFLOW : NPS_TALLY_OK));
		return;
	}
	MUST(nps_tally_count(&tally, id, score) == NPS_TALLY_OK && is_sound(&tally));
	MUST(tally.counter[index] == a->counter[index] + 1);
	MUST(nps_tally_totals(a, &before) && nps_tally_totals(&tally, &after));
	MUST(before.category[0] + before.category[1] + before.category[2] == before.responses);
	MUST(after.responses == before.responses + 1);
	MUST(after.category[nps_category_of(score, scale)] == before.category[nps_category_of(score, scale)] + 1);
	MUST(nps_tally_uncount(&tally, id, score) == NPS_TALLY_OK && same(&tally, a));
	tally = *a;
	MUST((nps_tally_uncount(&tally, id, score) == NPS_TALLY_OK) == (a->counter[index] > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	uint32_t	scale = take_byte(&input) % (NPS_LAST_SCALE + 1);
	NpsTally	tally[3];
	bool		sound[3];

	for (int i = 0; i < 3; i++)
	{
		NpsTally	checked = tally[i] = take_tally(&input, scale);
		bool		was_sound = is_sound(&tally[i]);

		sound[i] = nps_tally_check(&checked) == NPS_TALLY_OK;
		if (sound[i])
			MUST(is_sound(&checked));
		/* only the scale of an empty one is put right */
		if (was_sound)
			MUST(sound[i] && same(&checked, &tally[i]));
		else if (sound[i])
			MUST(sum_of(&tally[i]) == 0);
		tally[i] = checked;
	}
	for (int i = 0; i < 3; i++)
	{
		if (sound[i])
			test_counting(&tally[i], &input);
		if (sound[i] && sound[(i + 1) % 3])
			test_pair(&tally[i], &tally[(i + 1) % 3]);
	}
	if (sound[0] && sound[1] && sound[2])
	{
		test_three(&tally[0], &tally[1], &tally[2]);
		test_order(&tally[0], &tally[1], &tally[2]);
		test_order(&tally[2], &tally[0], &tally[1]);
	}
	return 0;
}
