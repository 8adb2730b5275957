/*
 * case_rules.c
 *		Steps of a follow-up case, one after another, each with anything set: what is
 *		let through is a case as one must be, nothing that was recorded got lost, first
 *		judgements stay, and the same step once more changes nothing.
 */
#include "fuzz.h"

#include "../../src/case_rules.h"

#define MINUTE INT64_C(60000000)

static bool
has(const NpsCase *it, NpsCaseTime time)
{
	return it->at[time] != NPS_NO_TIME;
}

static bool
has_fact(const NpsCase *it, NpsCaseFact fact)
{
	return it->fact[fact] != NPS_NO_TIME;
}

/* What holds of every case that is stored. */
static void
must_be_sound(const NpsCase *it, int64_t longest_snooze)
{
	MUST(it->status >= NPS_NEW && it->status < NPS_REOPENED);
	if (has(it, NPS_AT_RESOLVED))
		MUST(it->at[NPS_AT_RESOLVED] >= it->fact[NPS_FIRST_CONTACTED]);
	if (has(it, NPS_AT_INFORMED))
		MUST(it->at[NPS_AT_INFORMED] >= it->at[NPS_AT_RESOLVED]);
	if (has(it, NPS_AT_CLOSED))
		MUST(it->at[NPS_AT_CLOSED] >= it->at[NPS_AT_INFORMED]);
	if (it->status >= NPS_CONTACTED && it->status <= NPS_CLOSED)
		MUST(has(it, NPS_AT_CONTACTED));
	if (has(it, NPS_AT_CONTACTED) && !nps_is_finished(it->status))
		MUST(it->has_channel);
	MUST(has(it, NPS_AT_CONTACTED) == has_fact(it, NPS_FIRST_CONTACTED));
	if (it->status == NPS_RESOLVED || it->status == NPS_CLOSED)
		MUST(has(it, NPS_AT_RESOLVED) && it->has_cause && has_fact(it, NPS_FIRST_RESOLVED));
	MUST(has(it, NPS_AT_CLOSED) == (it->status == NPS_CLOSED));
	if (it->status == NPS_CLOSED)
		MUST(has(it, NPS_AT_INFORMED));
	MUST(has(it, NPS_AT_UNREACHABLE) == (it->status == NPS_UNREACHABLE));
	MUST(has(it, NPS_AT_DISMISSED) == (it->status == NPS_DISMISSED));
	MUST((it->status == NPS_DISMISSED) == it->has_dismiss_reason);
	MUST(nps_is_finished(it->status) == has_fact(it, NPS_FINISHED));
	MUST(has_fact(it, NPS_FINISHED) == has_fact(it, NPS_FINISH_ENTERED));
	if (it->status == NPS_NEW || it->status == NPS_CONTACTED)
		MUST(!has(it, NPS_AT_RESOLVED) && !has(it, NPS_AT_INFORMED));
	/* it is the customer's turn only after contact and before it is resolved */
	if (has(it, NPS_AT_WAITING))
		MUST(it->status == NPS_CONTACTED);
	MUST(has_fact(it, NPS_SNOOZED_SINCE) == has_fact(it, NPS_SNOOZED_UNTIL));
	if (has_fact(it, NPS_SNOOZED_UNTIL))
		MUST(!nps_is_finished(it->status) && it->fact[NPS_SNOOZED_UNTIL] > it->fact[NPS_SNOOZED_SINCE] &&
			 it->snoozed + (it->fact[NPS_SNOOZED_UNTIL] - it->fact[NPS_SNOOZED_SINCE]) <= longest_snooze);
	MUST(it->snoozed >= 0 && it->snoozed <= longest_snooze);
	MUST(it->count[NPS_ATTEMPTS_ON_DAYS] <= it->count[NPS_ATTEMPTS_RUNNING] && it->count[NPS_ATTEMPTS_RUNNING] <= it->count[NPS_ATTEMPTS]);
	MUST(it->count[NPS_RECONTACTED_IN_TIME] + it->count[NPS_RECONTACTED_LATE] <= it->count[NPS_RENEWALS]);
	MUST(it->count[NPS_RECONTACTED_BACKDATED] <= it->count[NPS_RENEWALS]);
}

static bool
same(const NpsCase *left, const NpsCase *right)
{
	return left->status == right->status && memcmp(left->at, right->at, sizeof(left->at)) == 0 &&
		memcmp(left->fact, right->fact, sizeof(left->fact)) == 0 && memcmp(left->count, right->count, sizeof(left->count)) == 0 &&
		left->snoozed == right->snoozed && left->has_channel == right->has_channel && left->has_cause == right->has_cause &&
		left->has_dismiss_reason == right->has_dismiss_reason && left->worked_on == right->worked_on;
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

/* What is asked for. */
static void
ask(Input *input, uint8_t what, NpsCase *it, int64_t now)
{
	if (what & 4)
		it->status = take_byte(input) % NPS_UNDONE;
	for (int times = what / 8 % 4; times > 0; times--)
	{
		NpsCaseTime time = take_byte(input) % NPS_SETTABLE_TIMES;

		it->at[time] = take_time(input, now);
	}
	if (what & 32)
	{
		uint8_t		given = take_byte(input);

		it->has_channel |= given & 1;
		it->has_cause |= (given & 2) != 0;
		if (given & 4)
			it->fact[NPS_SNOOZED_UNTIL] = take_time(input, now);
		if (given & 8)
			it->has_channel = it->has_cause = false;
	}
	if (what & 64)
		it->has_dismiss_reason = take_byte(input) & 1;
}

/* What is known beside the case. */
static NpsCaseNeeds
take_needs(Input *input, uint8_t what, int64_t now)
{
	uint8_t		more = take_byte(input);
	uint8_t		beside = take_byte(input);
	NpsCaseNeeds needs = {.now = now, .clock = now, .attempts = what % 4, .longest_snooze = 20 * MINUTE, .window = 60 * MINUTE};

	needs.open_concerns = more % 8 == 7;
	needs.begins_at = more & 8 ? take_time(input, now - 10 * MINUTE) : NPS_NO_TIME;
	needs.contact_due = beside & 1 ? take_time(input, now) : NPS_NO_TIME;
	needs.is_renewed = beside & 2;
	needs.uncovered_since = needs.uncovered_until = needs.shown_until = NPS_NO_TIME;
	if (needs.is_renewed)
		needs.uncovered_since = needs.uncovered_until = needs.shown_until = now - take_byte(input) * INT64_C(10000000);
	needs.has_newer = beside & 4;
	needs.has_ended = beside & 8;
	needs.ended_at = needs.has_ended ? take_time(input, now) : NPS_NO_TIME;
	needs.is_broken = beside & 16;
	needs.was_asked = beside & 32;
	needs.is_other_day = beside & 64;
	needs.other_columns = needs.other_work = beside & 128;
	needs.automatic = what & 128;
	return needs;
}

/* What a step that was let through must have needed, and must have left. */
static void
must_be_a_step(const NpsCase *it, const NpsCase *asked, const NpsCase *made, const NpsCaseNeeds *needs, const NpsStep *step)
{
	if (made->status != it->status && (made->status == NPS_RESOLVED || made->status == NPS_CLOSED))
		MUST(needs->open_concerns == 0 && (!needs->is_renewed || step->contacts));
	if (step->contacts)
		MUST(!needs->automatic && made->has_channel && has(made, NPS_AT_CONTACTED));
	else
		MUST(made->at[NPS_AT_CONTACTED] == it->at[NPS_AT_CONTACTED]);
	if (step->contacts && needs->uncovered_since != NPS_NO_TIME)
		MUST(made->at[NPS_AT_CONTACTED] >= needs->uncovered_since);
	if (has(made, NPS_AT_INFORMED) && made->at[NPS_AT_INFORMED] != it->at[NPS_AT_INFORMED])
		MUST(has(made, NPS_AT_RESOLVED));
	if (made->status == NPS_UNREACHABLE && it->status != NPS_UNREACHABLE)
		MUST(made->count[NPS_ATTEMPTS] >= needs->attempts);
	if (made->status == NPS_UNREACHABLE && it->status != NPS_UNREACHABLE && needs->attempts >= 2)
		MUST(made->count[NPS_ATTEMPTS_ON_DAYS] >= 2);
	if (step->reopens || step->revives)
		MUST(!needs->has_newer);
	if (has_fact(made, NPS_SNOOZED_UNTIL) && made->fact[NPS_SNOOZED_UNTIL] != it->fact[NPS_SNOOZED_UNTIL])
		MUST(!needs->is_broken && (!needs->is_renewed || step->contacts));
	/* first judgements stay */
	for (int fact = NPS_FIRST_CONTACTED; fact <= NPS_INFORM_ENTERED; fact++)
		if (has_fact(it, fact))
			MUST(made->fact[fact] == it->fact[fact]);
	for (int time = 0; time < NPS_SETTABLE_TIMES; time++)
	{
		/* only whoever goes on with a case takes back what it had reached */
		if (has(it, time) && !has(made, time) && time != NPS_AT_WAITING)
			MUST(step->reopens || step->recontacts);
		if (has(made, time) && made->at[time] != it->at[time])
			MUST(made->at[time] <= needs->clock + NPS_CLOCK_TOLERANCE || made->at[time] == needs->begins_at);
		/* what was asked for is what is stored */
		if (asked->at[time] != NPS_NO_TIME && asked->at[time] != it->at[time] && time != NPS_AT_WAITING)
			MUST(made->at[time] == asked->at[time]);
	}
	MUST(made->count[NPS_ATTEMPTS] == it->count[NPS_ATTEMPTS] || made->count[NPS_ATTEMPTS] == it->count[NPS_ATTEMPTS] + 1);
	MUST(made->worked_on || !it->worked_on);
	MUST(step->finishes == (nps_is_finished(made->status) && !nps_is_finished(it->status)));
	if (step->waited_from != NPS_NO_TIME)
		MUST(step->waited_until >= step->waited_from && !has(made, NPS_AT_WAITING));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	/* a time that a timestamptz can have, so that a minute more is one too */
	int64_t		now = INT64_C(800000000000000);
	NpsCase		it = nps_new_case();

	for (int step_number = 0; step_number < 12 && input.left > 0; step_number++)
	{
		uint8_t		what = take_byte(&input);
		NpsCaseNeeds needs = take_needs(&input, what, now);
		NpsCase		asked = it;
		NpsCase		made;
		NpsCase		again;
		NpsStep		step;
		NpsStepFault fault;

		if (!has(&it, NPS_AT_CONTACTED) || nps_is_finished(it.status))
			needs.is_renewed = false;
		ask(&input, what, &asked, now);
		made = again = asked;
		fault = nps_case_step(&it, &made, &needs, &step);
		now += take_byte(&input) * INT64_C(1000000);
		MUST(fault.time >= 0 && fault.time < NPS_CASE_TIMES && fault.other >= 0 && fault.other < NPS_CASE_TIMES);
		MUST((fault.error == NPS_STEP_LACKS) == (fault.lacks != 0) && fault.lacks < 1u << NPS_LACKS);
		if (fault.error != NPS_STEP_OK)
		{
			/* the same is asked for, and the same is said */
			MUST(nps_case_step(&it, &again, &needs, &step).error == fault.error);
			continue;
		}
		must_be_sound(&made, needs.longest_snooze);
		must_be_a_step(&it, &asked, &made, &needs, &step);

		/* what is stored can be stored again as it is */
		again = made;
		needs = (NpsCaseNeeds) {.now = now, .clock = now, .begins_at = NPS_NO_TIME, .contact_due = NPS_NO_TIME,
			.uncovered_since = NPS_NO_TIME, .uncovered_until = NPS_NO_TIME, .shown_until = NPS_NO_TIME, .ended_at = NPS_NO_TIME,
			.longest_snooze = needs.longest_snooze};
		MUST(nps_case_step(&made, &again, &needs, &step).error == NPS_STEP_OK);
		MUST(same(&made, &again));
		it = made;
	}
	return 0;
}
