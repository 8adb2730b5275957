/*
 * case_rules.h
 *		The rules of a follow-up case: which step may follow which, what each needs,
 *		and how statuses and times set each other.
 *
 * Pure: no server function is called.  Times are microseconds, as a timestamptz
 * has them; NPS_NO_TIME stands for none.
 */
#ifndef NPS_CASE_RULES_H
#define NPS_CASE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#define NPS_NO_TIME INT64_MIN

/* how far a clock of the application may be ahead of the server's */
#define NPS_CLOCK_TOLERANCE (INT64_C(60) * 1000000)

/* In the order in which a case goes through the first four. */
typedef enum NpsStatus
{
	NPS_NEW,
	NPS_CONTACTED,
	NPS_RESOLVED,
	NPS_CLOSED,
	NPS_UNREACHABLE,
	NPS_DISMISSED,
	NPS_REOPENED,				/* can be asked for; what it becomes is new or contacted */
	NPS_STATUSES
} NpsStatus;

static const char *const nps_status_names[NPS_STATUSES] = {
	"new", "contacted", "resolved", "closed", "unreachable", "dismissed", "reopened"
};

/* The times of a case.  Of the first four none may come before the one above it. */
typedef enum NpsCaseTime
{
	NPS_AT_CONTACTED,
	NPS_AT_RESOLVED,
	NPS_AT_INFORMED,
	NPS_AT_CLOSED,
	NPS_AT_REOPENED,
	NPS_AT_ACKNOWLEDGED,
	NPS_AT_ASKED,
	NPS_AT_ATTEMPTED,
	NPS_AT_UNREACHABLE,
	NPS_AT_DISMISSED,
	NPS_CASE_TIMES
} NpsCaseTime;

#define NPS_ORDERED_TIMES (NPS_AT_CLOSED + 1)

static const char *const nps_case_time_names[NPS_CASE_TIMES] = {
	"contacted_at", "resolved_at", "informed_at", "closed_at", "reopened_at",
	"acknowledged_at", "asked_at", "attempted_at", "unreachable_at", "dismissed_at"
};

/* What the rules need to know of a case. */
typedef struct NpsCase
{
	NpsStatus	status;
	int64_t		opened_at;
	int64_t		at[NPS_CASE_TIMES];
	int32_t		attempts;
	bool		has_channel;
	bool		has_cause;
	bool		has_dismiss_reason;
} NpsCase;

/* What is known beside the case. */
typedef struct NpsCaseNeeds
{
	int64_t		now;			/* that of the transaction */
	int64_t		clock;			/* that of the clock */
	int32_t		attempts;		/* that must have been made before somebody is unreachable */
	int64_t		open_concerns;
	bool		automatic;		/* the step is recorded by a program that was handed the case */
} NpsCaseNeeds;

typedef enum NpsStepError
{
	NPS_STEP_OK,
	NPS_STEP_BACKWARDS,			/* from status to status there is no way */
	NPS_STEP_FINISHED,			/* the case is closed, dismissed or unreachable */
	NPS_STEP_NOT_FINISHED,		/* there is nothing to reopen */
	NPS_STEP_CONTRADICTION,		/* a time was set that does not go with the status */
	NPS_STEP_TAKEN_BACK,		/* a time was there and is not any more */
	NPS_STEP_IN_FUTURE,
	NPS_STEP_BEFORE,			/* a time is before one that it must follow */
	NPS_STEP_NEEDS_CHANNEL,
	NPS_STEP_NEEDS_PERSON,
	NPS_STEP_NEEDS_CAUSE,
	NPS_STEP_NEEDS_CONCERNS,
	NPS_STEP_NEEDS_INFORMED,
	NPS_STEP_NEEDS_RESOLVED,
	NPS_STEP_NEEDS_ATTEMPTS,
	NPS_STEP_NEEDS_REASON,
	NPS_STEP_REASON_WITHOUT,	/* a reason to dismiss, and not dismissed */
	NPS_STEP_ATTEMPTS_COUNTED	/* attempts are counted, not set */
} NpsStepError;

/* Where the error is: which time, and which other it is compared with (-1: the opening). */
typedef struct NpsStepFault
{
	NpsStepError error;
	NpsCaseTime time;
	int			other;
} NpsStepFault;

static inline bool
nps_is_finished(NpsStatus status)
{
	return status == NPS_CLOSED || status == NPS_UNREACHABLE || status == NPS_DISMISSED;
}

static inline NpsStepFault
nps_step_fault(NpsStepError error, NpsCaseTime time, int other)
{
	NpsStepFault fault = {error, time, other};

	return fault;
}

/* The step of the main line that a time stands for, or NPS_NEW for none. */
static inline NpsStatus
nps_status_of_time(NpsCaseTime time)
{
	switch (time)
	{
		case NPS_AT_CONTACTED:
			return NPS_CONTACTED;
		case NPS_AT_RESOLVED:
			return NPS_RESOLVED;
		case NPS_AT_CLOSED:
			return NPS_CLOSED;
		default:
			return NPS_NEW;
	}
}

/* Gives a step that was passed without a time the earliest of the later times and now. */
static inline void
nps_fill_time(NpsCase *it, NpsCaseTime time, int64_t now)
{
	int64_t		at = now;

	if (it->at[time] != NPS_NO_TIME)
		return;
	for (int later = time + 1; later < NPS_ORDERED_TIMES; later++)
		if (it->at[later] != NPS_NO_TIME && it->at[later] < at)
			at = it->at[later];
	if (time < NPS_ORDERED_TIMES)
		for (int earlier = 0; earlier < (int) time; earlier++)
			if (it->at[earlier] != NPS_NO_TIME && it->at[earlier] > at)
				at = it->at[earlier];
	if (time == NPS_AT_RESOLVED && it->at[NPS_AT_REOPENED] != NPS_NO_TIME && it->at[NPS_AT_REOPENED] > at)
		at = it->at[NPS_AT_REOPENED];
	if (it->opened_at != NPS_NO_TIME && it->opened_at > at)
		at = it->opened_at;
	it->at[time] = at;
}

/* May a case go from one status to another, other than by being reopened? */
static inline bool
nps_is_way(NpsStatus from, NpsStatus to)
{
	if (from == to)
		return true;
	switch (from)
	{
		case NPS_NEW:
			return to != NPS_REOPENED;
		case NPS_CONTACTED:
			return to == NPS_RESOLVED || to == NPS_CLOSED || to == NPS_DISMISSED;
		case NPS_RESOLVED:
			return to == NPS_CLOSED || to == NPS_DISMISSED;
		case NPS_UNREACHABLE:
			/* they call back */
			return to == NPS_CONTACTED || to == NPS_RESOLVED || to == NPS_CLOSED || to == NPS_DISMISSED;
		default:
			return false;
	}
}

/*
 * Completes what was asked for, or tells what is wrong with it.
 *
 * before is the case as it was, or a new case without anything for one that is
 * being made; after is what was asked for, and becomes what is to be stored.
 * Setting a status sets its time, and the times of the steps that were passed
 * on the way; setting a time sets the status.
 */
static inline NpsStepFault
nps_case_step(const NpsCase *before, NpsCase *after, const NpsCaseNeeds *needs)
{
	bool		status_was_set = after->status != before->status;

	/* counting attempts */
	if (after->attempts != before->attempts)
		return nps_step_fault(NPS_STEP_ATTEMPTS_COUNTED, NPS_AT_ATTEMPTED, -1);
	if (after->at[NPS_AT_ATTEMPTED] != NPS_NO_TIME && after->at[NPS_AT_ATTEMPTED] != before->at[NPS_AT_ATTEMPTED])
		after->attempts++;

	/* what was recorded stays recorded: a time can be corrected, not taken back */
	for (int time = 0; time < NPS_CASE_TIMES; time++)
		if (before->at[time] != NPS_NO_TIME && after->at[time] == NPS_NO_TIME)
			return nps_step_fault(NPS_STEP_TAKEN_BACK, (NpsCaseTime) time, -1);

	if (after->status == NPS_REOPENED)
	{
		if (before->status == NPS_NEW || before->status == NPS_CONTACTED)
			return nps_step_fault(NPS_STEP_NOT_FINISHED, NPS_AT_REOPENED, -1);
		for (int time = NPS_AT_RESOLVED; time < NPS_CASE_TIMES; time++)
			if (time != NPS_AT_REOPENED && time != NPS_AT_ACKNOWLEDGED && time != NPS_AT_ASKED && time != NPS_AT_ATTEMPTED &&
				after->at[time] != before->at[time])
				return nps_step_fault(NPS_STEP_CONTRADICTION, (NpsCaseTime) time, -1);
		if (after->has_dismiss_reason && !before->has_dismiss_reason)
			return nps_step_fault(NPS_STEP_REASON_WITHOUT, NPS_AT_DISMISSED, -1);
		/* what was reached has to be reached again; the history keeps the first time */
		after->at[NPS_AT_RESOLVED] = NPS_NO_TIME;
		after->at[NPS_AT_INFORMED] = NPS_NO_TIME;
		after->at[NPS_AT_CLOSED] = NPS_NO_TIME;
		after->at[NPS_AT_UNREACHABLE] = NPS_NO_TIME;
		after->at[NPS_AT_DISMISSED] = NPS_NO_TIME;
		after->has_dismiss_reason = false;
		if (after->at[NPS_AT_REOPENED] == before->at[NPS_AT_REOPENED])
		{
			after->at[NPS_AT_REOPENED] = NPS_NO_TIME;
			nps_fill_time(after, NPS_AT_REOPENED, needs->now);
		}
		after->status = after->at[NPS_AT_CONTACTED] != NPS_NO_TIME ? NPS_CONTACTED : NPS_NEW;
	}
	else
	{
		NpsStatus	by_time = NPS_NEW;

		for (int time = 0; time < NPS_CASE_TIMES; time++)
		{
			NpsStatus	step = nps_status_of_time((NpsCaseTime) time);

			if (before->at[time] == NPS_NO_TIME && after->at[time] != NPS_NO_TIME && step > by_time)
				by_time = step;
		}
		if (!status_was_set && by_time > NPS_NEW &&
			(by_time > before->status || before->status == NPS_UNREACHABLE))
			after->status = by_time;
		/* contact may have shown that it is no case */
		else if (by_time > NPS_NEW && !(status_was_set && after->status == NPS_DISMISSED && by_time == NPS_CONTACTED) &&
				 (by_time > after->status || after->status > NPS_CLOSED))
		{
			for (int time = 0; time < NPS_CASE_TIMES; time++)
				if (before->at[time] == NPS_NO_TIME && after->at[time] != NPS_NO_TIME &&
					nps_status_of_time((NpsCaseTime) time) == by_time)
					return nps_step_fault(NPS_STEP_CONTRADICTION, (NpsCaseTime) time, -1);
		}
		if (!nps_is_way(before->status, after->status))
		{
			if (nps_is_finished(before->status))
				return nps_step_fault(NPS_STEP_FINISHED, NPS_AT_CLOSED, -1);
			return nps_step_fault(NPS_STEP_BACKWARDS, NPS_AT_CLOSED, -1);
		}
		if (before->status == NPS_UNREACHABLE && after->status < NPS_UNREACHABLE)
			after->at[NPS_AT_UNREACHABLE] = NPS_NO_TIME;
		/* from the last step on, as each takes its time from the later ones */
		if (after->status <= NPS_CLOSED)
		{
			if (after->status >= NPS_CLOSED)
				nps_fill_time(after, NPS_AT_CLOSED, needs->now);
			if (after->status >= NPS_RESOLVED)
				nps_fill_time(after, NPS_AT_RESOLVED, needs->now);
			if (after->status >= NPS_CONTACTED)
				nps_fill_time(after, NPS_AT_CONTACTED, needs->now);
		}
		else if (after->status == NPS_UNREACHABLE)
			nps_fill_time(after, NPS_AT_UNREACHABLE, needs->now);
		else
			nps_fill_time(after, NPS_AT_DISMISSED, needs->now);
	}

	/* what the status needs */
	if ((after->status >= NPS_CONTACTED && after->status <= NPS_CLOSED) ||
		(after->at[NPS_AT_CONTACTED] != NPS_NO_TIME && before->at[NPS_AT_CONTACTED] == NPS_NO_TIME))
	{
		if (!after->has_channel)
			return nps_step_fault(NPS_STEP_NEEDS_CHANNEL, NPS_AT_CONTACTED, -1);
		if (needs->automatic && before->at[NPS_AT_CONTACTED] == NPS_NO_TIME)
			return nps_step_fault(NPS_STEP_NEEDS_PERSON, NPS_AT_CONTACTED, -1);
	}
	if (after->status == NPS_RESOLVED || after->status == NPS_CLOSED)
	{
		if (!after->has_cause)
			return nps_step_fault(NPS_STEP_NEEDS_CAUSE, NPS_AT_RESOLVED, -1);
		if (needs->open_concerns > 0)
			return nps_step_fault(NPS_STEP_NEEDS_CONCERNS, NPS_AT_RESOLVED, -1);
	}
	if (after->status == NPS_CLOSED && after->at[NPS_AT_INFORMED] == NPS_NO_TIME)
		return nps_step_fault(NPS_STEP_NEEDS_INFORMED, NPS_AT_INFORMED, -1);
	if (after->at[NPS_AT_INFORMED] != NPS_NO_TIME && before->at[NPS_AT_INFORMED] == NPS_NO_TIME &&
		after->at[NPS_AT_RESOLVED] == NPS_NO_TIME)
		return nps_step_fault(NPS_STEP_NEEDS_RESOLVED, NPS_AT_INFORMED, -1);
	if (after->status == NPS_UNREACHABLE && before->status != NPS_UNREACHABLE && after->attempts < needs->attempts)
		return nps_step_fault(NPS_STEP_NEEDS_ATTEMPTS, NPS_AT_UNREACHABLE, -1);
	if (after->status == NPS_DISMISSED && !after->has_dismiss_reason)
		return nps_step_fault(NPS_STEP_NEEDS_REASON, NPS_AT_DISMISSED, -1);
	if (after->status != NPS_DISMISSED && after->has_dismiss_reason)
		return nps_step_fault(NPS_STEP_REASON_WITHOUT, NPS_AT_DISMISSED, -1);

	/* times go forward */
	for (int time = 0; time < NPS_CASE_TIMES; time++)
	{
		if (after->at[time] == NPS_NO_TIME || after->at[time] == before->at[time])
			continue;
		if (after->at[time] > needs->clock + NPS_CLOCK_TOLERANCE)
			return nps_step_fault(NPS_STEP_IN_FUTURE, (NpsCaseTime) time, -1);
		if (after->opened_at != NPS_NO_TIME && after->at[time] < after->opened_at)
			return nps_step_fault(NPS_STEP_BEFORE, (NpsCaseTime) time, -1);
	}
	for (int time = 0, last = -1; time < NPS_ORDERED_TIMES; time++)
	{
		if (after->at[time] == NPS_NO_TIME)
			continue;
		if (last >= 0 && after->at[time] < after->at[last])
			return nps_step_fault(NPS_STEP_BEFORE, (NpsCaseTime) time, last);
		last = time;
	}
	if (after->at[NPS_AT_RESOLVED] != NPS_NO_TIME && after->at[NPS_AT_REOPENED] != NPS_NO_TIME &&
		after->at[NPS_AT_RESOLVED] < after->at[NPS_AT_REOPENED])
		return nps_step_fault(NPS_STEP_BEFORE, NPS_AT_RESOLVED, NPS_AT_REOPENED);
	return nps_step_fault(NPS_STEP_OK, NPS_AT_CONTACTED, -1);
}

#endif							/* NPS_CASE_RULES_H */
