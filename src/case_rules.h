/*
 * case_rules.h
 *		The rules of a follow-up case: which step may follow which, what each step
 *		needs, how statuses and times set each other, and what becomes a fact.
 *
 * Pure: no server function is called.  Times are microseconds, as a timestamptz
 * has them; NPS_NO_TIME stands for none.
 */
#ifndef NPS_CASE_RULES_H
#define NPS_CASE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#define NPS_NO_TIME INT64_MIN

/* how far the application's clock may be ahead of the server's */
#define NPS_CLOCK_TOLERANCE (INT64_C(60) * 1000000)

/* an event entered later than this after it happened is backdated, and not in time */
#define NPS_BACKDATED_AFTER (INT64_C(24) * 3600 * 1000000)

/* attempts on this many days are needed before somebody is unreachable */
#define NPS_ATTEMPT_DAYS 2

/* A case goes through the first four in this order. */
typedef enum NpsStatus
{
	NPS_NEW,
	NPS_CONTACTED,
	NPS_RESOLVED,
	NPS_CLOSED,
	NPS_UNREACHABLE,
	NPS_DISMISSED,
	NPS_REOPENED,				/* can be requested; becomes new or contacted */
	NPS_UNDONE,					/* can be requested; becomes what it was before */
	NPS_STATUSES
} NpsStatus;

static const char *const nps_status_names[NPS_STATUSES] = {
	"new", "contacted", "resolved", "closed", "unreachable", "dismissed", "reopened", "undone"
};

/* The times of a case that people set, and those that follow from its status. */
typedef enum NpsCaseTime
{
	NPS_AT_CONTACTED,
	NPS_AT_RESOLVED,
	NPS_AT_INFORMED,
	NPS_AT_CLOSED,
	NPS_AT_ACKNOWLEDGED,
	NPS_AT_ASKED,
	NPS_AT_ATTEMPTED,
	NPS_AT_WAITING,				/* since when it is the customer's turn */
	NPS_AT_REOPENED,
	NPS_AT_UNREACHABLE,
	NPS_AT_DISMISSED,
	NPS_CASE_TIMES
} NpsCaseTime;

/* The number of times of the main line, and of those that people can set. */
#define NPS_ORDERED_TIMES (NPS_AT_CLOSED + 1)
#define NPS_SETTABLE_TIMES (NPS_AT_WAITING + 1)

static const char *const nps_case_time_names[NPS_CASE_TIMES] = {
	"contacted_at", "resolved_at", "informed_at", "closed_at", "acknowledged_at", "asked_at", "attempted_at", "waiting_since",
	"reopened_at", "unreachable_at", "dismissed_at"
};

/* Times that are facts: the first of each kind, and when that was recorded. */
typedef enum NpsCaseFact
{
	NPS_FIRST_CONTACTED,
	NPS_CONTACT_ENTERED,
	NPS_FIRST_ACKNOWLEDGED,
	NPS_ACKNOWLEDGE_ENTERED,
	NPS_FIRST_RESOLVED,
	NPS_RESOLVE_ENTERED,
	NPS_FIRST_INFORMED,
	NPS_INFORM_ENTERED,
	NPS_ATTEMPTS_SINCE,
	NPS_FINISHED,
	NPS_FINISH_ENTERED,
	NPS_SNOOZED_SINCE,
	NPS_SNOOZED_UNTIL,
	NPS_CASE_FACTS
} NpsCaseFact;

static const char *const nps_case_fact_names[NPS_CASE_FACTS] = {
	"first_contacted_at", "contact_entered_at", "first_acknowledged_at", "acknowledge_entered_at",
	"first_resolved_at", "resolve_entered_at", "first_informed_at", "inform_entered_at", "attempts_since", "finished_at", "finish_entered_at", "snoozed_since", "snoozed_until"
};

typedef enum NpsCaseCount
{
	NPS_ATTEMPTS,
	NPS_ATTEMPTS_RUNNING,
	NPS_ATTEMPTS_ON_DAYS,
	NPS_RENEWALS,
	NPS_RECONTACTED_IN_TIME,
	NPS_RECONTACTED_LATE,
	NPS_RECONTACTED_BACKDATED,
	NPS_CASE_COUNTS
} NpsCaseCount;

static const char *const nps_case_count_names[NPS_CASE_COUNTS] = {
	"attempts", "attempts_running", "attempt_days", "renewals", "recontacted_in_time", "recontacted_late", "recontacted_backdated"
};

/* What the rules need to know about a case. */
typedef struct NpsCase
{
	NpsStatus	status;
	int64_t		at[NPS_CASE_TIMES];
	int64_t		fact[NPS_CASE_FACTS];
	int32_t		count[NPS_CASE_COUNTS];
	int64_t		snoozed;		/* how long it rested, except for a current rest */
	bool		has_channel;
	bool		has_cause;
	bool		has_dismiss_reason;
	bool		worked_on;
} NpsCase;

/* What is known besides the case. */
typedef struct NpsCaseNeeds
{
	int64_t		now;			/* the transaction's time */
	int64_t		clock;			/* the actual time */
	int32_t		attempts;		/* needed before somebody is unreachable */
	int64_t		longest_snooze; /* how long a case may rest in total */
	int64_t		window;			/* how long after its end a case can be taken up again */
	int64_t		open_concerns;
	int64_t		open_promises;
	int64_t		begins_at;		/* no time may be earlier */
	int64_t		contact_due;	/* deadline of contact about the answers that no contact covers */
	int64_t		uncovered_since;	/* when the first ... */
	int64_t		uncovered_until;	/* ... and the newest answer that no contact covers was given */
	int64_t		shown_until;	/* when the newest answer was given */
	int64_t		ended_at;		/* when it ended by itself */
	bool		has_ended;
	bool		has_newer;		/* there is a newer case of the same respondent */
	bool		is_renewed;
	bool		is_broken;		/* the date of a promise has passed */
	bool		was_asked;		/* the customer was asked for the reason before */
	bool		is_other_day;	/* the attempt is on a different day from the previous one */
	bool		other_columns;	/* the step also sets columns without a rule: a plan, an assignee */
	bool		other_work;		/* ... and that includes work on the case: a plan, a note */
	bool		automatic;		/* the step is recorded by a program that holds the case */
} NpsCaseNeeds;

/* What a step did, besides what the case holds. */
typedef struct NpsStep
{
	bool		contacts;
	bool		recontacts;		/* about answers that no contact covered */
	bool		resolves;
	bool		resolves_first;
	bool		informs_first;
	bool		finishes;
	bool		leaves_renewed;	/* finishes the case without the contact that was due again */
	bool		reopens;
	bool		revives;		/* the case had ended by itself */
	bool		restarts_contact;	/* contact is due again */
	bool		resolves_anew;	/* it was resolved before, and must be resolved again */
	int64_t		waited_from;	/* start of the customer's turn that has ended */
	int64_t		waited_until;
} NpsStep;

typedef enum NpsStepError
{
	NPS_STEP_OK,
	NPS_STEP_BACKWARDS,			/* there is no way from the old status to the new one */
	NPS_STEP_FINISHED,			/* the case is closed, dismissed or unreachable */
	NPS_STEP_NOT_FINISHED,		/* there is nothing to reopen */
	NPS_STEP_NEWER,				/* it cannot be reopened, as there is a newer case */
	NPS_STEP_LONG_AGO,			/* ... or because it ended too long ago */
	NPS_STEP_ENDED,				/* it ended by itself, and this is not work on it */
	NPS_STEP_CONTRADICTION,		/* a time was set that contradicts the status */
	NPS_STEP_TAKEN_BACK,		/* a time was removed */
	NPS_STEP_IN_FUTURE,
	NPS_STEP_BEFORE,			/* a time is before another that it must follow */
	NPS_STEP_BEFORE_ANSWER,
	NPS_STEP_BEFORE_NEWS,		/* contact is before the answer that it would be about */
	NPS_STEP_PERSON,			/* programs cannot make contact */
	NPS_STEP_ASKED,				/* nobody is asked twice */
	NPS_STEP_WAITS_NOT,			/* it is not the customer's turn */
	NPS_STEP_RESTS_NOT,			/* it cannot rest: it is renewed, or a promise is broken */
	NPS_STEP_RESTS_NEVER,		/* the end of the snooze has passed */
	NPS_STEP_RESTS_TOO_LONG,
	NPS_STEP_REASON_WITHOUT,	/* a reason to dismiss, but not dismissed */
	NPS_STEP_LACKS				/* something that the step needs is missing, see NpsLack */
} NpsStepError;

/* What a step can lack; everything that is missing is reported at once. */
typedef enum NpsLack
{
	NPS_LACKS_CHANNEL,
	NPS_LACKS_CONTACT,
	NPS_LACKS_NEW_CONTACT,
	NPS_LACKS_CAUSE,
	NPS_LACKS_CONCERNS,
	NPS_LACKS_PROMISES,
	NPS_LACKS_RESOLUTION,
	NPS_LACKS_INFORMED,
	NPS_LACKS_ATTEMPTS,
	NPS_LACKS_DAYS,
	NPS_LACKS_REASON,
	NPS_LACKS
} NpsLack;

/* What is wrong, with which time, compared with which other; what is missing, as bits. */
typedef struct NpsStepFault
{
	NpsStepError error;
	NpsCaseTime time;
	NpsCaseTime other;
	unsigned	lacks;
	int32_t		attempts;		/* that count so far, if some are missing */
	int32_t		attempt_days;
} NpsStepFault;

static inline bool
nps_is_finished(NpsStatus status)
{
	return status == NPS_CLOSED || status == NPS_UNREACHABLE || status == NPS_DISMISSED;
}

static inline NpsStepFault
nps_step_fault(NpsStepError error, NpsCaseTime time)
{
	NpsStepFault fault = {error, time, time, 0, 0, 0};

	return fault;
}

static inline NpsStepFault
nps_lacks(unsigned lacks, NpsCaseTime time)
{
	NpsStepFault fault = {lacks != 0 ? NPS_STEP_LACKS : NPS_STEP_OK, time, time, lacks, 0, 0};

	return fault;
}

/* A case about which nothing is recorded. */
static inline NpsCase
nps_new_case(void)
{
	NpsCase		it = {.status = NPS_NEW};

	for (int i = 0; i < NPS_CASE_TIMES; i++)
		it.at[i] = NPS_NO_TIME;
	for (int i = 0; i < NPS_CASE_FACTS; i++)
		it.fact[i] = NPS_NO_TIME;
	return it;
}

/* Was this time set, and not to NPS_NO_TIME? */
static inline bool
nps_time_is_set(const NpsCase *before, const NpsCase *after, NpsCaseTime time)
{
	return after->at[time] != NPS_NO_TIME && after->at[time] != before->at[time];
}

static inline bool
nps_was_contacted(const NpsCase *it)
{
	return it->at[NPS_AT_CONTACTED] != NPS_NO_TIME;
}

/* The earliest of now and the later times that the step sets: when it passed the steps between. */
static inline int64_t
nps_passing_time(const NpsCase *before, const NpsCase *after, NpsCaseTime time, const NpsCaseNeeds *needs)
{
	int64_t		at = needs->now;

	for (int later = time + 1; later < NPS_ORDERED_TIMES; later++)
		if (nps_time_is_set(before, after, (NpsCaseTime) later) && after->at[later] < at)
			at = after->at[later];
	for (int earlier = 0; earlier < (int) time; earlier++)
		if (nps_time_is_set(before, after, (NpsCaseTime) earlier) && after->at[earlier] > at)
			at = after->at[earlier];
	if (needs->begins_at != NPS_NO_TIME && at < needs->begins_at)
		at = needs->begins_at;
	return at;
}

/* Times that people set must be in the past, and not before the first answer. */
static inline NpsStepFault
nps_check_times(const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs)
{
	for (int i = 0; i < NPS_SETTABLE_TIMES; i++)
	{
		NpsCaseTime time = (NpsCaseTime) i;

		/* what was recorded can be corrected or undone, but not removed; only waiting ends */
		if (before->at[time] != NPS_NO_TIME && after->at[time] == NPS_NO_TIME && time != NPS_AT_WAITING)
			return nps_step_fault(NPS_STEP_TAKEN_BACK, time);
		if (!nps_time_is_set(before, after, time))
			continue;
		if (after->at[time] > needs->clock + NPS_CLOCK_TOLERANCE)
			return nps_step_fault(NPS_STEP_IN_FUTURE, time);
		if (needs->begins_at != NPS_NO_TIME && after->at[time] < needs->begins_at)
			return nps_step_fault(NPS_STEP_BEFORE_ANSWER, time);
	}
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
}

/* Ends the rest of the case now. */
static inline void
nps_end_snooze(NpsCase *it, int64_t now)
{
	int64_t		since = it->fact[NPS_SNOOZED_SINCE];
	int64_t		until = it->fact[NPS_SNOOZED_UNTIL];

	if (since != NPS_NO_TIME && until != NPS_NO_TIME)
	{
		if (until > now)
			until = now;
		if (until > since)
			it->snoozed += until - since;
	}
	it->fact[NPS_SNOOZED_SINCE] = NPS_NO_TIME;
	it->fact[NPS_SNOOZED_UNTIL] = NPS_NO_TIME;
}

/* Ends the customer's turn. */
static inline void
nps_end_waiting(const NpsCase *before, NpsCase *after, int64_t until, NpsStep *step)
{
	if (before->at[NPS_AT_WAITING] != NPS_NO_TIME)
	{
		step->waited_from = before->at[NPS_AT_WAITING];
		step->waited_until = until > step->waited_from ? until : step->waited_from;
	}
	after->at[NPS_AT_WAITING] = NPS_NO_TIME;
}

/* Reopens a finished case. */
static inline NpsStepFault
nps_reopen(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs, NpsStep *step)
{
	int64_t		finished_at = before->fact[NPS_FINISHED];

	if (!nps_is_finished(before->status))
		return nps_step_fault(NPS_STEP_NOT_FINISHED, NPS_AT_REOPENED);
	if (needs->has_newer)
		return nps_step_fault(NPS_STEP_NEWER, NPS_AT_REOPENED);
	if (finished_at != NPS_NO_TIME && needs->now - needs->window >= finished_at)
		return nps_step_fault(NPS_STEP_LONG_AGO, NPS_AT_REOPENED);
	for (int i = NPS_AT_CONTACTED; i <= NPS_AT_CLOSED; i++)
		if (nps_time_is_set(before, after, (NpsCaseTime) i))
			return nps_step_fault(NPS_STEP_CONTRADICTION, (NpsCaseTime) i);
	if (after->has_dismiss_reason && !before->has_dismiss_reason)
		return nps_step_fault(NPS_STEP_REASON_WITHOUT, NPS_AT_DISMISSED);
	if (nps_was_contacted(before) && !after->has_channel)
		return nps_lacks(1u << NPS_LACKS_CHANNEL, NPS_AT_REOPENED);

	/* what was achieved must be achieved again; facts and history keep the first times */
	after->at[NPS_AT_RESOLVED] = NPS_NO_TIME;
	after->at[NPS_AT_INFORMED] = NPS_NO_TIME;
	after->at[NPS_AT_CLOSED] = NPS_NO_TIME;
	after->at[NPS_AT_UNREACHABLE] = NPS_NO_TIME;
	after->at[NPS_AT_DISMISSED] = NPS_NO_TIME;
	after->fact[NPS_FINISHED] = NPS_NO_TIME;
	after->fact[NPS_FINISH_ENTERED] = NPS_NO_TIME;
	after->has_dismiss_reason = false;
	after->at[NPS_AT_REOPENED] = needs->now;
	after->status = nps_was_contacted(after) ? NPS_CONTACTED : NPS_NEW;
	step->reopens = true;
	step->restarts_contact = !nps_was_contacted(after) && needs->contact_due != NPS_NO_TIME &&
		finished_at != NPS_NO_TIME && finished_at <= needs->contact_due;
	return nps_step_fault(NPS_STEP_OK, NPS_AT_REOPENED);
}

/* Counts an attempt, and the days with attempts since contact or the newest answer. */
static inline void
nps_count_attempt(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs)
{
	int64_t		at = after->at[NPS_AT_ATTEMPTED];
	int64_t		since = before->at[NPS_AT_CONTACTED];
	bool		begins;

	after->count[NPS_ATTEMPTS]++;
	if (nps_was_contacted(before) && needs->uncovered_until != NPS_NO_TIME && needs->uncovered_until > since)
		since = needs->uncovered_until;
	/* the attempt was before that */
	if (since != NPS_NO_TIME && at < since)
		return;
	begins = after->count[NPS_ATTEMPTS_RUNNING] == 0 || after->fact[NPS_ATTEMPTS_SINCE] == NPS_NO_TIME ||
		(since != NPS_NO_TIME && after->fact[NPS_ATTEMPTS_SINCE] < since);
	if (begins)
	{
		after->fact[NPS_ATTEMPTS_SINCE] = at;
		after->count[NPS_ATTEMPTS_RUNNING] = 1;
		after->count[NPS_ATTEMPTS_ON_DAYS] = 1;
		return;
	}
	if (at < after->fact[NPS_ATTEMPTS_SINCE])
		after->fact[NPS_ATTEMPTS_SINCE] = at;
	after->count[NPS_ATTEMPTS_RUNNING]++;
	if (needs->is_other_day)
		after->count[NPS_ATTEMPTS_ON_DAYS]++;
}

/* Records contact, which covers the answers shown. */
static inline NpsStepFault
nps_record_contact(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs, NpsStep *step)
{
	int64_t		at = after->at[NPS_AT_CONTACTED];
	bool		is_backdated = at < needs->now - NPS_BACKDATED_AFTER;

	if (needs->automatic)
		return nps_step_fault(NPS_STEP_PERSON, NPS_AT_CONTACTED);
	/* a row that is said to arrive in the future keeps nobody from calling today */
	if (needs->uncovered_since != NPS_NO_TIME && needs->uncovered_since <= needs->clock && at < needs->uncovered_since)
		return nps_step_fault(NPS_STEP_BEFORE_NEWS, NPS_AT_CONTACTED);
	step->contacts = true;
	if (needs->is_renewed)
	{
		step->recontacts = true;
		after->count[NPS_RENEWALS]++;
		if (needs->contact_due != NPS_NO_TIME)
		{
			if (at > needs->contact_due)
				after->count[NPS_RECONTACTED_LATE]++;
			else if (!is_backdated)
				after->count[NPS_RECONTACTED_IN_TIME]++;
		}
		if (is_backdated)
			after->count[NPS_RECONTACTED_BACKDATED]++;
		/* what this step sets is about the new answer; earlier values are about an older one */
		if (after->fact[NPS_SNOOZED_UNTIL] == before->fact[NPS_SNOOZED_UNTIL])
			nps_end_snooze(after, needs->now);
		if (after->at[NPS_AT_WAITING] == before->at[NPS_AT_WAITING])
			nps_end_waiting(before, after, needs->now, step);
		step->resolves_anew = before->fact[NPS_FIRST_RESOLVED] != NPS_NO_TIME;
	}
	if (after->fact[NPS_FIRST_CONTACTED] == NPS_NO_TIME)
	{
		after->fact[NPS_FIRST_CONTACTED] = at;
		after->fact[NPS_CONTACT_ENTERED] = needs->now;
	}
	/* attempts are counted from here on */
	if (!(nps_time_is_set(before, after, NPS_AT_ATTEMPTED) && after->at[NPS_AT_ATTEMPTED] >= at))
	{
		after->fact[NPS_ATTEMPTS_SINCE] = NPS_NO_TIME;
		after->count[NPS_ATTEMPTS_RUNNING] = 0;
		after->count[NPS_ATTEMPTS_ON_DAYS] = 0;
	}
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
}

/* What a step of an open case is about. */
typedef struct NpsWay
{
	NpsStatus	target;			/* the status that it leads to */
	bool		contacting;
	bool		resolving;
	bool		informing;
	bool		closing;
} NpsWay;

/* Do the attempts so far count?  After contact, only those since the newest uncovered answer do. */
static inline bool
nps_attempts_count(const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs)
{
	return after->count[NPS_ATTEMPTS_RUNNING] > 0 &&
		!(nps_was_contacted(before) && needs->uncovered_until != NPS_NO_TIME && after->fact[NPS_ATTEMPTS_SINCE] < needs->uncovered_until);
}

/* What is missing for a step, as bits. */
static inline unsigned
nps_lacking(const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs, const NpsWay *way)
{
	bool		is_solved = way->target == NPS_RESOLVED || way->target == NPS_CLOSED;
	unsigned	lacks = 0;

	if (!after->has_channel && (way->contacting || nps_was_contacted(before)))
		lacks |= 1u << NPS_LACKS_CHANNEL;
	if ((way->resolving || way->closing || way->informing) && !way->contacting)
	{
		if (needs->is_renewed)
			lacks |= 1u << NPS_LACKS_NEW_CONTACT;
		else if (!nps_was_contacted(before))
			lacks |= 1u << NPS_LACKS_CONTACT;
	}
	if (is_solved && !after->has_cause)
		lacks |= 1u << NPS_LACKS_CAUSE;
	if ((way->resolving || way->closing) && needs->open_concerns > 0)
		lacks |= 1u << NPS_LACKS_CONCERNS;
	if (way->informing && !is_solved)
		lacks |= 1u << NPS_LACKS_RESOLUTION;
	/* what the customer was told before the newest answer was not about that answer */
	if (way->closing && (needs->is_renewed ? !way->informing : after->at[NPS_AT_INFORMED] == NPS_NO_TIME))
		lacks |= 1u << NPS_LACKS_INFORMED;
	if (way->target == NPS_UNREACHABLE)
	{
		bool		counts = nps_attempts_count(before, after, needs);
		int32_t		days = needs->attempts < NPS_ATTEMPT_DAYS ? needs->attempts : NPS_ATTEMPT_DAYS;

		if ((counts ? after->count[NPS_ATTEMPTS_RUNNING] : 0) < needs->attempts)
			lacks |= 1u << NPS_LACKS_ATTEMPTS;
		if ((counts ? after->count[NPS_ATTEMPTS_ON_DAYS] : 0) < days)
			lacks |= 1u << NPS_LACKS_DAYS;
	}
	/* nobody would look after the promise any more */
	if ((way->target == NPS_UNREACHABLE || way->target == NPS_DISMISSED) && needs->open_promises > 0)
		lacks |= 1u << NPS_LACKS_PROMISES;
	if (way->target == NPS_DISMISSED && !after->has_dismiss_reason)
		lacks |= 1u << NPS_LACKS_REASON;
	return lacks;
}

/* Checks and records that it is, or no longer is, the customer's turn. */
static inline NpsStepFault
nps_check_waiting(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs, NpsStep *step)
{
	bool		is_covered = !needs->is_renewed || step->contacts;

	if (before->at[NPS_AT_WAITING] != NPS_NO_TIME && after->at[NPS_AT_WAITING] == NPS_NO_TIME && step->waited_from == NPS_NO_TIME)
		nps_end_waiting(before, after, needs->now, step);
	if (nps_time_is_set(before, after, NPS_AT_WAITING) && !(after->status == NPS_CONTACTED && is_covered))
		return nps_step_fault(NPS_STEP_WAITS_NOT, NPS_AT_WAITING);
	return nps_step_fault(NPS_STEP_OK, NPS_AT_WAITING);
}

/* Checks and records that the case rests, or no longer does. */
static inline NpsStepFault
nps_check_snooze(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs, const NpsStep *step)
{
	int64_t		until = after->fact[NPS_SNOOZED_UNTIL];
	NpsCase		rested = *before;

	if (until == before->fact[NPS_SNOOZED_UNTIL])
		return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
	nps_end_snooze(&rested, needs->now);
	after->snoozed = rested.snoozed;
	after->fact[NPS_SNOOZED_SINCE] = NPS_NO_TIME;
	if (until == NPS_NO_TIME)
		return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
	if (until <= needs->now)
		return nps_step_fault(NPS_STEP_RESTS_NEVER, NPS_AT_CONTACTED);
	if ((needs->is_renewed && !step->contacts) || needs->is_broken)
		return nps_step_fault(NPS_STEP_RESTS_NOT, NPS_AT_CONTACTED);
	if (until > needs->now + needs->longest_snooze || rested.snoozed > needs->longest_snooze - (until - needs->now))
		return nps_step_fault(NPS_STEP_RESTS_TOO_LONG, NPS_AT_CONTACTED);
	after->fact[NPS_SNOOZED_SINCE] = needs->now;
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
}

/* A finished case still takes a note, a cause or a better reason, and can be reopened. */
static inline NpsStepFault
nps_check_finished(const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs)
{
	bool		changes = after->status != before->status || needs->other_columns || after->has_channel != before->has_channel ||
		after->fact[NPS_SNOOZED_UNTIL] != before->fact[NPS_SNOOZED_UNTIL];

	for (int i = 0; i < NPS_SETTABLE_TIMES; i++)
		changes |= after->at[i] != before->at[i];
	if (changes)
		return nps_step_fault(NPS_STEP_FINISHED, NPS_AT_CLOSED);
	if (before->status != NPS_DISMISSED && after->has_dismiss_reason)
		return nps_step_fault(NPS_STEP_REASON_WITHOUT, NPS_AT_DISMISSED);
	if (before->status == NPS_DISMISSED && !after->has_dismiss_reason)
		return nps_lacks(1u << NPS_LACKS_REASON, NPS_AT_DISMISSED);
	if (before->status == NPS_CLOSED && !after->has_cause)
		return nps_lacks(1u << NPS_LACKS_CAUSE, NPS_AT_RESOLVED);
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
}

/* Where a step leads, by the status and the times that it sets; or what is wrong. */
static inline NpsStepFault
nps_find_way(const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs, NpsWay *way)
{
	static const NpsStatus steps[NPS_ORDERED_TIMES] = {NPS_CONTACTED, NPS_RESOLVED, NPS_NEW, NPS_CLOSED};
	NpsStatus	from = before->status;
	bool		was_set = after->status != from;
	NpsStatus	by_time = NPS_NEW;
	NpsCaseTime which = NPS_AT_CONTACTED;
	NpsStatus	target;

	for (int i = 0; i < NPS_ORDERED_TIMES; i++)
		if (nps_time_is_set(before, after, (NpsCaseTime) i) && steps[i] > by_time)
		{
			by_time = steps[i];
			which = (NpsCaseTime) i;
		}
	target = was_set ? after->status : by_time > from ? by_time : from;
	/* if contact is made again, a resolved case is no longer resolved */
	if (!was_set && needs->is_renewed && by_time > NPS_NEW)
		target = by_time;
	/* contact may have shown that there is nothing to follow up */
	if (was_set && by_time > target && !nps_is_finished(target))
		return nps_step_fault(NPS_STEP_CONTRADICTION, which);
	if ((by_time > NPS_NEW && target == NPS_UNREACHABLE) || (by_time > NPS_CONTACTED && target == NPS_DISMISSED))
		return nps_step_fault(NPS_STEP_CONTRADICTION, which);
	if ((target < from && !(needs->is_renewed && target == NPS_CONTACTED)) ||
		(target == NPS_UNREACHABLE && from == NPS_RESOLVED && !needs->is_renewed) || target > NPS_DISMISSED)
		return nps_step_fault(NPS_STEP_BACKWARDS, NPS_AT_CLOSED);

	way->target = target;
	way->informing = nps_time_is_set(before, after, NPS_AT_INFORMED);
	way->closing = target == NPS_CLOSED;
	way->resolving = (target == NPS_RESOLVED || target == NPS_CLOSED) &&
		(from < NPS_RESOLVED || nps_time_is_set(before, after, NPS_AT_RESOLVED) ||
		 (needs->is_renewed && nps_time_is_set(before, after, NPS_AT_CONTACTED)));
	way->contacting = nps_time_is_set(before, after, NPS_AT_CONTACTED) || (target == NPS_CONTACTED && was_set) ||
		/* solved at first contact, through the channel */
		(way->resolving && !nps_was_contacted(before) && after->has_channel);
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
}

/* Records when the case was resolved and the customer informed, for the first time. */
static inline void
nps_record_solution(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs, const NpsWay *way, NpsStep *step)
{
	if (way->resolving)
	{
		step->resolves = true;
		nps_end_waiting(before, after, after->at[NPS_AT_RESOLVED], step);
		if (after->fact[NPS_FIRST_RESOLVED] == NPS_NO_TIME)
		{
			after->fact[NPS_FIRST_RESOLVED] = after->at[NPS_AT_RESOLVED];
			after->fact[NPS_RESOLVE_ENTERED] = needs->now;
			step->resolves_first = true;
		}
	}
	if (way->informing && after->fact[NPS_FIRST_INFORMED] == NPS_NO_TIME)
	{
		after->fact[NPS_FIRST_INFORMED] = after->at[NPS_AT_INFORMED];
		after->fact[NPS_INFORM_ENTERED] = needs->now;
		step->informs_first = true;
	}
}

/* Takes an open case one step further, if the step has all it needs. */
static inline NpsStepFault
nps_go_on(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs, NpsStep *step)
{
	NpsWay		way;
	NpsStepFault fault = nps_find_way(before, after, needs, &way);

	if (fault.error != NPS_STEP_OK)
		return fault;
	fault = nps_lacks(nps_lacking(before, after, needs, &way),
					  way.informing && !way.closing && !way.resolving ? NPS_AT_INFORMED : NPS_AT_CONTACTED);
	if (fault.error != NPS_STEP_OK)
	{
		after->status = way.target;
		if (nps_attempts_count(before, after, needs))
		{
			fault.attempts = after->count[NPS_ATTEMPTS_RUNNING];
			fault.attempt_days = after->count[NPS_ATTEMPTS_ON_DAYS];
		}
		return fault;
	}
	if (way.target != NPS_DISMISSED && after->has_dismiss_reason)
		return nps_step_fault(NPS_STEP_REASON_WITHOUT, NPS_AT_DISMISSED);

	/* times that are not set again were about an older answer */
	for (int i = NPS_AT_RESOLVED; way.contacting && needs->is_renewed && i <= NPS_AT_CLOSED; i++)
		if (after->at[i] == before->at[i])
			after->at[i] = NPS_NO_TIME;
	/* the last step first, as each takes its time from the later ones */
	if (way.closing && !nps_time_is_set(before, after, NPS_AT_CLOSED))
		after->at[NPS_AT_CLOSED] = nps_passing_time(before, after, NPS_AT_CLOSED, needs);
	if (way.resolving && !nps_time_is_set(before, after, NPS_AT_RESOLVED))
		after->at[NPS_AT_RESOLVED] = nps_passing_time(before, after, NPS_AT_RESOLVED, needs);
	if (way.contacting && !nps_time_is_set(before, after, NPS_AT_CONTACTED))
	{
		after->at[NPS_AT_CONTACTED] = nps_passing_time(before, after, NPS_AT_CONTACTED, needs);
		/* an answer that came after this transaction began was visible to whoever made contact */
		if (needs->shown_until != NPS_NO_TIME && after->at[NPS_AT_CONTACTED] == needs->now &&
			needs->shown_until > needs->now && needs->shown_until <= needs->clock)
			after->at[NPS_AT_CONTACTED] = needs->shown_until;
	}
	after->status = way.target;
	if (way.contacting)
	{
		fault = nps_record_contact(before, after, needs, step);
		if (fault.error != NPS_STEP_OK)
			return fault;
	}
	nps_record_solution(before, after, needs, &way, step);
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
}

/* The times of the main line that the step sets must be in order. */
static inline NpsStepFault
nps_check_order(const NpsCase *before, const NpsCase *after)
{
	static const NpsCaseTime pairs[][2] = {
		{NPS_AT_RESOLVED, NPS_AT_CONTACTED}, {NPS_AT_INFORMED, NPS_AT_RESOLVED}, {NPS_AT_CLOSED, NPS_AT_INFORMED}
	};

	for (int i = 0; i < (int) (sizeof(pairs) / sizeof(pairs[0])); i++)
	{
		NpsCaseTime time = pairs[i][0];
		NpsCaseTime other = pairs[i][1];
		int64_t		earlier = other == NPS_AT_CONTACTED ? after->fact[NPS_FIRST_CONTACTED] : after->at[other];

		if ((nps_time_is_set(before, after, time) || nps_time_is_set(before, after, other)) &&
			after->at[time] != NPS_NO_TIME && earlier != NPS_NO_TIME && after->at[time] < earlier)
		{
			NpsStepFault fault = {NPS_STEP_BEFORE, time, other, 0, 0, 0};

			return fault;
		}
	}
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED);
}

/* Is it work on the case by a person?  Assigning, snoozing and the steps of programs are not. */
static inline bool
nps_is_work(const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs)
{
	static const NpsCaseTime work[] = {
		NPS_AT_CONTACTED, NPS_AT_RESOLVED, NPS_AT_INFORMED, NPS_AT_CLOSED, NPS_AT_ATTEMPTED, NPS_AT_WAITING
	};
	bool		is_work = needs->other_work || after->status != before->status;

	for (int i = 0; i < (int) (sizeof(work) / sizeof(work[0])); i++)
		is_work |= nps_time_is_set(before, after, work[i]);
	return is_work && !needs->automatic;
}

/*
 * Completes what was requested, or returns what is wrong with it.
 *
 * before is the case as it was, or an empty new case; after is what was requested,
 * and becomes what is to be stored.  Setting a status sets its time, and the times
 * of the steps that were passed on the way; setting a time sets the status.
 */
static inline NpsStepFault
nps_case_step(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs, NpsStep *step)
{
	NpsStepFault fault = nps_check_times(before, after, needs);
	bool		is_work = nps_is_work(before, after, needs);

	*step = (NpsStep) {.waited_from = NPS_NO_TIME, .waited_until = NPS_NO_TIME};
	if (fault.error != NPS_STEP_OK)
		return fault;
	if (nps_is_finished(before->status) && after->status != NPS_REOPENED)
		return nps_check_finished(before, after, needs);
	if (needs->has_ended && !nps_is_finished(before->status))
	{
		if (!is_work)
			return nps_step_fault(NPS_STEP_ENDED, NPS_AT_REOPENED);
		if (needs->has_newer)
			return nps_step_fault(NPS_STEP_NEWER, NPS_AT_REOPENED);
		if (needs->ended_at != NPS_NO_TIME && needs->now - needs->window >= needs->ended_at)
			return nps_step_fault(NPS_STEP_LONG_AGO, NPS_AT_REOPENED);
		after->at[NPS_AT_REOPENED] = needs->now;
		step->revives = true;
	}
	if (nps_time_is_set(before, after, NPS_AT_ASKED) && needs->was_asked)
		return nps_step_fault(NPS_STEP_ASKED, NPS_AT_ASKED);
	if (nps_time_is_set(before, after, NPS_AT_ATTEMPTED))
		nps_count_attempt(before, after, needs);
	if (nps_time_is_set(before, after, NPS_AT_ACKNOWLEDGED) && after->fact[NPS_FIRST_ACKNOWLEDGED] == NPS_NO_TIME)
	{
		after->fact[NPS_FIRST_ACKNOWLEDGED] = after->at[NPS_AT_ACKNOWLEDGED];
		after->fact[NPS_ACKNOWLEDGE_ENTERED] = needs->now;
	}

	fault = after->status == NPS_REOPENED ? nps_reopen(before, after, needs, step) : nps_go_on(before, after, needs, step);
	if (fault.error == NPS_STEP_OK)
		fault = nps_check_order(before, after);
	if (fault.error == NPS_STEP_OK && !nps_is_finished(after->status))
	{
		fault = nps_check_waiting(before, after, needs, step);
		if (fault.error == NPS_STEP_OK)
			fault = nps_check_snooze(before, after, needs, step);
	}
	if (fault.error != NPS_STEP_OK)
		return fault;

	if (nps_is_finished(after->status))
	{
		if (after->status == NPS_UNREACHABLE)
			after->at[NPS_AT_UNREACHABLE] = needs->now;
		if (after->status == NPS_DISMISSED)
			after->at[NPS_AT_DISMISSED] = needs->now;
		after->fact[NPS_FINISHED] = after->status == NPS_CLOSED ? after->at[NPS_AT_CLOSED] : needs->now;
		after->fact[NPS_FINISH_ENTERED] = needs->now;
		/* a snooze or waiting that this step itself sets is dropped */
		after->fact[NPS_SNOOZED_UNTIL] = before->fact[NPS_SNOOZED_UNTIL];
		nps_end_snooze(after, needs->now);
		if (step->waited_from == NPS_NO_TIME)
			nps_end_waiting(before, after, needs->now, step);
		after->at[NPS_AT_WAITING] = NPS_NO_TIME;
		step->finishes = true;
		step->leaves_renewed = needs->is_renewed && !step->contacts;
	}
	after->worked_on = before->worked_on || is_work;
	return fault;
}

#endif							/* NPS_CASE_RULES_H */
