/*
 * work_time.c
 *		Working time: on any calendar, for any times, against a clerk who walks from
 *		day to day; and that it is additive, never falls, and undoes itself.
 */
#include "fuzz.h"

#include "../../src/work_time.h"

#define MAX_HOLIDAYS 24
#define WALK 120				/* days that the clerk is ready to walk */

static unsigned weekdays;
static int32_t listed[MAX_HOLIDAYS];	/* as they came */
static int	listed_count;
static int64_t from;
static int64_t until;

/* The clerk's day, told from what came in and not from the calendar. */
static bool
is_work_day(int64_t day)
{
	int64_t		weekday = ((day - NPS_WORK_MONDAY) % 7 + 7) % 7;

	if (!(weekdays >> weekday & 1))
		return false;
	for (int i = 0; i < listed_count; i++)
	{
		if (listed[i] == day)
			return false;
	}
	return true;
}

static int64_t
day_of(int64_t local)
{
	return local / NPS_WORK_DAY - (local % NPS_WORK_DAY < 0);
}

static int64_t
within(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int64_t
walked_between(int64_t start, int64_t end)
{
	int64_t		sum = 0;

	for (int64_t day = day_of(start); day <= day_of(end); day++)
	{
		if (is_work_day(day))
			sum += within(end, day * NPS_WORK_DAY + from, day * NPS_WORK_DAY + until) -
				within(start, day * NPS_WORK_DAY + from, day * NPS_WORK_DAY + until);
	}
	return sum;
}

/* Times near 2000, near the limit, and any. */
static int64_t
take_time(Input *input)
{
	int64_t		distance;

	switch (take_byte(input) % 4)
	{
		case 0:
			return take_int64(input);
		case 1:
			distance = NPS_WORK_LIMIT - (int64_t) take_bits(input, 3) * 1000000;
			return take_byte(input) & 1 ? distance : -distance;
		default:
			distance = (int64_t) (int16_t) take_bits(input, 2) * INT64_C(600000000);
			return distance + (int8_t) take_byte(input);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	int32_t		holidays[MAX_HOLIDAYS];
	NpsWorkCalendar calendar;
	int64_t		t[3];
	int64_t		between[3][3];
	bool		known[3][3];
	int64_t		work;
	int64_t		due;
	int64_t		check;

	/* the list of days is a text, or bits */
	if (size > 0 && data[0] & 128)
	{
		size_t		length = take_byte(&input) % 64;

		if (length > input.left)
			length = input.left;
		weekdays = nps_weekdays_from_text((const char *) input.at, length);
		input.at += length;
		input.left -= length;
		MUST(weekdays <= 0x7f);
	}
	else
		weekdays = take_byte(&input) & 0x7f;
	listed_count = take_byte(&input) % (MAX_HOLIDAYS + 1);
	for (int i = 0; i < listed_count; i++)
		listed[i] = take_byte(&input) & 1 ? (int32_t) take_bits(&input, 4) : (int8_t) take_byte(&input);
	memcpy(holidays, listed, sizeof(listed));
	from = take_byte(&input) & 1 ? take_int64(&input) : take_byte(&input) % 24 * INT64_C(3600000000);
	until = take_byte(&input) & 1 ? take_int64(&input) : from / 2 + take_byte(&input) % 25 * INT64_C(3600000000);
	if (take_byte(&input) % 8 == 0 && from < NPS_WORK_DAY)
		until = from + 1 + take_byte(&input);

	if (!nps_work_set_days(&calendar, weekdays, holidays, listed_count))
	{
		MUST(weekdays == 0);
		return 0;
	}
	if (!nps_work_set_hours(&calendar, from, until))
	{
		MUST(from < 0 || until > NPS_WORK_DAY || from >= until);
		return 0;
	}

	for (int i = 0; i < 3; i++)
		t[i] = take_time(&input);
	for (int i = 0; i < 3; i++)
	{
		for (int j = 0; j < 3; j++)
		{
			known[i][j] = nps_work_between(&calendar, t[i], t[j], &between[i][j]);
			MUST(known[i][j] == (nps_work_within_limit(t[i]) && nps_work_within_limit(t[j])));
			if (!known[i][j])
				continue;
			if (t[i] <= t[j])
				MUST(between[i][j] >= 0 && between[i][j] <= t[j] - t[i]);
			if (t[i] <= t[j] && t[j] - t[i] < WALK * NPS_WORK_DAY)
				MUST(between[i][j] == walked_between(t[i], t[j]));
		}
	}
	for (int i = 0; i < 3; i++)
	{
		for (int j = 0; j < 3; j++)
		{
			if (!known[i][j])
				continue;
			MUST(between[i][j] == -between[j][i]);
			for (int k = 0; k < 3; k++)
			{
				if (known[j][k])
					MUST(between[i][j] + between[j][k] == between[i][k]);
			}
		}
	}

	/* so much work from a time on ends at a time until which so much was done, and not before */
	work = take_byte(&input) & 1 ? take_int64(&input) : (int64_t) (int32_t) take_bits(&input, 4) * 1000;
	if (!nps_work_after(&calendar, t[0], work, &due))
	{
		if (llabs(t[0] / 2) < NPS_WORK_LIMIT / 4)
			MUST(work / (until - from) > 1000000 || work / (until - from) < -1000000);
		return 0;
	}
	MUST(nps_work_within_limit(t[0]));
	if (work == 0)
		MUST(due == t[0]);
	if (!nps_work_within_limit(due))
		return 0;
	MUST(nps_work_between(&calendar, t[0], due, &check) && check == work);
	MUST(work >= 0 ? due >= t[0] : due <= t[0]);
	if (work > 0)
		MUST(nps_work_between(&calendar, t[0], due - 1, &check) && check < work);
	if (work < 0)
		MUST(nps_work_between(&calendar, t[0], due + 1, &check) && check > work);
	return 0;
}
