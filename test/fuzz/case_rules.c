/*
 * case_rules.c
 *		Steps of a follow-up case, one after another, each with anything set: what is
 *		let through is a case as one must be, nothing that was recorded got lost, and
 *		the same step once more changes nothing.
 */
#include "fuzz.h"

#include "../../src/case_rules.h"

/* The others only the rules set. */
static const NpsCaseTime settable[] = {
	NPS_AT_CONTACTED, NPS_AT_RESOLVED, NPS_AT_INFORMED, NPS_AT_CLOSED, NPS_AT_ACKNOWLEDGED, NPS_AT_ASKED, NPS_AT_ATTEMPTED
};

static bool
has(const NpsCase *it, NpsCaseTime time)
{
	return it->at[time] != NPS_NO_TIME;
}

/* What holds of every case that is stored. */
static void
must_be_sound(const NpsCase *it)
{
	int64_t		last = NPS_NO_TIME;

	MUST(it->status >= NPS_NEW && it->status < NPS_REOPENED);
	for (int time = 0; time < NPS_ORDERED_TIMES; time++)
	{
		if (!has(it, time))
			continue;
		MUST(it->at[time] >= last);
		last = it->at[time];
	}
	if (it->status >= NPS_CONTACTED && it->status <= NPS_CLOSED)
		MUST(has(it, NPS_AT_CONTACTED) && it->has_channel);
	if (it->status == NPS_RESOLVED || it->status == NPS_CLOSED)
		MUST(has(it, NPS_AT_RESOLVED) && it->has_cause);
	if (it->status == NPS_CLOSED)
		MUST(has(it, NPS_AT_CLOSED) && has(it, NPS_AT_INFORMED));
	if (it->status == NPS_UNREACHABLE)
		MUST(has(it, NPS_AT_UNREACHABLE));
	MUST((it->status == NPS_DISMISSED) == it->has_dismiss_reason);
	if (it->status == NPS_DISMISSED)
		MUST(has(it, NPS_AT_DISMISSED));
	/* an open case has no time of an end */
	if (!nps_is_finished(it->status))
		MUST(!has(it, NPS_AT_CLOSED) && !has(it, NPS_AT_UNREACHABLE) && !has(it, NPS_AT_DISMISSED));
	if (it->status == NPS_NEW || it->status == NPS_CONTACTED)
		MUST(!has(it, NPS_AT_RESOLVED) && !has(it, NPS_AT_INFORMED));
	if (has(it, NPS_AT_RESOLVED) && has(it, NPS_AT_REOPENED))
		MUST(it->at[NPS_AT_RESOLVED] >= it->at[NPS_AT_REOPENED]);
}

static bool
same(const NpsCase *left, const NpsCase *right)
{
	return left->status == right->status && left->opened_at == right->opened_at && left->attempts == right->attempts &&
		memcmp(left->at, right->at, sizeof(left->at)) == 0 && left->has_channel == right->has_channel &&
		left->has_cause == right->has_cause && left->has_dismiss_reason == right->has_dismiss_reason;
}

/* A time some minutes around now, or far away. */
static int64_t
take_time(Input *input, int64_t now)
{
	uint8_t		kind = take_byte(input);

	if (kind % 16 == 15)
		return NPS_NO_TIME;
	if (kind % 16 == 14)
		return take_int64(input);
	return now + (int8_t) take_byte(input) * INT64_C(10000000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	/* a time that a timestamptz can have, so that a minute more is one too */
	int64_t		now = INT64_C(800000000000000);
	NpsCase		it;

	memset(&it, 0, sizeof(it));
	for (int time = 0; time < NPS_CASE_TIMES; time++)
		it.at[time] = NPS_NO_TIME;
	it.opened_at = take_time(&input, now);
	if (it.opened_at > now)
		it.opened_at = NPS_NO_TIME;

	for (int step = 0; step < 12 && input.left > 0; step++)
	{
		uint8_t		what = take_byte(&input);
		NpsCase		asked = it;
		NpsCase		again;
		NpsCaseNeeds needs = {now, now, what % 4, take_byte(&input) % 8 == 7, what & 128};
		NpsStepFault fault;

		if (what & 4)
			asked.status = take_byte(&input) % NPS_STATUSES;
		for (int times = what / 8 % 4; times > 0; times--)
		{
			NpsCaseTime time = settable[take_byte(&input) % (sizeof(settable) / sizeof(settable[0]))];

			asked.at[time] = take_time(&input, now);
		}
		if (what & 32)
		{
			uint8_t		given = take_byte(&input);

			asked.has_channel |= given & 1;
			asked.has_cause |= given & 2;
		}
		if (what & 64)
			asked.has_dismiss_reason = take_byte(&input) & 1;
		if (what == 255)
			asked.attempts = take_byte(&input);

		again = asked;
		fault = nps_case_step(&it, &asked, &needs);
		now += take_byte(&input) * INT64_C(1000000);
		MUST(fault.time >= 0 && fault.time < NPS_CASE_TIMES && fault.other >= -1 && fault.other < NPS_CASE_TIMES);
		if (fault.error != NPS_STEP_OK)
		{
			/* the same is asked for, and the same is said */
			MUST(nps_case_step(&it, &again, &needs).error == fault.error);
			continue;
		}
		must_be_sound(&asked);
		if (asked.status == NPS_RESOLVED || asked.status == NPS_CLOSED)
			MUST(needs.open_concerns == 0);
		if (has(&asked, NPS_AT_CONTACTED) && !has(&it, NPS_AT_CONTACTED))
			MUST(!needs.automatic && asked.has_channel);
		if (has(&asked, NPS_AT_INFORMED) && !has(&it, NPS_AT_INFORMED))
			MUST(has(&asked, NPS_AT_RESOLVED));
		if (asked.status == NPS_UNREACHABLE && it.status != NPS_UNREACHABLE)
			MUST(asked.attempts >= needs.attempts);
		for (int time = 0; time < NPS_CASE_TIMES; time++)
		{
			/* only whoever goes on with a finished case takes back how it ended */
			if (has(&it, time) && !has(&asked, time))
				MUST(again.status == NPS_REOPENED || (it.status == NPS_UNREACHABLE && time == NPS_AT_UNREACHABLE));
			if (has(&asked, time) && asked.at[time] != it.at[time])
			{
				MUST(asked.at[time] <= needs.clock + NPS_CLOCK_TOLERANCE);
				MUST(asked.opened_at == NPS_NO_TIME || asked.at[time] >= asked.opened_at);
			}
			/* what was asked for is what is stored */
			if (again.at[time] != NPS_NO_TIME && again.at[time] != it.at[time] && again.status != NPS_REOPENED)
				MUST(asked.at[time] == again.at[time] || (it.status == NPS_UNREACHABLE && time == NPS_AT_UNREACHABLE));
		}
		MUST(asked.attempts == it.attempts || asked.attempts == it.attempts + 1);

		/* what is stored can be stored again as it is */
		again = asked;
		needs.now = needs.clock = now;
		needs.automatic = false;
		needs.open_concerns = 0;
		MUST(nps_case_step(&asked, &again, &needs).error == NPS_STEP_OK);
		MUST(same(&asked, &again));
		it = asked;
	}
	return 0;
}
