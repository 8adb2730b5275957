/*
 * case_fold.h
 *		Which answers of a respondent form a case, and what became of it: the only
 *		definition.
 *
 * A case is named after the answer that opened it, and takes in those answers to be
 * followed up that come within its span of days.  Without contact it ends by
 * itself: it expires, or a better answer ends it.  An answer after contact renews
 * it; an answer after its end opens another case.
 *
 * Pure: no server function is called.  Times are microseconds, as a timestamptz
 * has them; NPS_NO_TIME stands for none.
 */
#ifndef NPS_CASE_FOLD_H
#define NPS_CASE_FOLD_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "case_rules.h"

/* A respondent with more valid answers is not one person, and gets no follow-up. */
#define NPS_MOST_ANSWERS 1000

/* What is known about an entry, as bits of one number, which SQL adds up. */
#define NPS_ENTRY_OPENING		1	/* the entry that the case is named after, if it opens one */
#define NPS_ENTRY_ANSWER		2	/* a valid answer; else a case whose answer is gone */
#define NPS_ENTRY_FOLLOW_UP		4	/* is to be followed up */
#define NPS_ENTRY_RECORDED		8	/* a case named after it has facts */
#define NPS_ENTRY_WORKED_ON		16	/* a person has worked on that case */
#define NPS_ENTRY_PROMISED		32	/* a promise is open in it */
#define NPS_ENTRY_HOLDS			64	/* it was dismissed for a reason that holds for the person */
#define NPS_ENTRY_PERSONAL		128 /* the rule for its score demands a person */
#define NPS_ENTRY_WANTS_CONTACT 256 /* the answer asks for contact */
#define NPS_ENTRY_OTHER_TOPIC	512 /* has a different topic from the opening entry */
#define NPS_ENTRY_LEFT			1024	/* has the time when the respondent left */
#define NPS_ENTRY_REVERSED		2048	/* higher scores are worse */
#define NPS_ENTRY_EXPIRED		4096	/* the facts say that the case expired */
#define NPS_ENTRY_BETTER		8192	/* the facts say that a better answer ended it */

/* What is recorded about the case of an entry. */
typedef struct NpsCaseRecord
{
	int64_t		opened_at;
	int64_t		reopened_at;
	int64_t		contacted_at;	/* last contact */
	int64_t		first_contacted_at;
	int64_t		covered_until;	/* newest answer that was shown then */
	int			covered;		/* its place; -1: not known */
	double		covered_score;	/* its score then; NaN: unknown */
	int64_t		finished_at;
	int64_t		finish_entered_at;
	int64_t		finished_until; /* newest answer that was shown then */
	int			finished;		/* its place; -1: not known */
	int64_t		ended_at;
	int64_t		stays_until;	/* newest better answer that did not end it */
	int64_t		facts_until;	/* newest answer known to the facts, even if it is gone */
	int			facts;			/* its place; -1: not known */
	bool		is_corrected;	/* that answer was corrected, and is not followed up */
	int64_t		renew_from;		/* end of the days after contact in which only a worse answer renews */
} NpsCaseRecord;

/* An answer, or a case whose answer is gone; ordered by the time the answer was given. */
typedef struct NpsCaseEntry
{
	uint32_t	known;			/* NPS_ENTRY_... */
	int64_t		given;			/* NPS_NO_TIME: unknown, and before all others */
	int64_t		opens_at;		/* when its clocks start; NPS_NO_TIME with given */
	int64_t		received_at;	/* when its row arrived; NPS_NO_TIME: when given */
	double		score;
	int64_t		span;			/* for how long it is followed up */
	NpsCaseRecord record;		/* if NPS_ENTRY_RECORDED */
	int			kept_by;		/* the recorded case whose facts name it among its answers; -1: none */
	int			view;			/* result: the case that it is in; -1: none */
	bool		is_uncovered;	/* result: in the wanted case, and not covered by contact */
} NpsCaseEntry;

typedef enum NpsCaseEnd
{
	NPS_CASE_RUNS,
	NPS_CASE_EXPIRED,
	NPS_CASE_BETTER,
	NPS_CASE_TAKEN_OVER
} NpsCaseEnd;

/* A case being folded; entries are given by their places among those of the respondent. */
typedef struct NpsCaseView
{
	int			opening;		/* the entry that names it */
	int			newest;			/* its newest entry to be followed up */
	int			count;			/* their number */
	int64_t		opened_at;
	int64_t		newest_opens_at;	/* when their latest clock starts */
	bool		is_recorded;
	bool		wants_contact;
	NpsCaseEnd	ended;
	int64_t		ended_at;
	bool		is_better;		/* a better answer came, but did not end it */
	int64_t		better_at;		/* the newest such answer */
	int			taken_by;		/* the case that took it over; -1: none */
} NpsCaseView;

/* The case that was asked for. */
typedef struct NpsFoldedCase
{
	int			shown;			/* its newest entry; -1: no case of that name */
	int			answers;		/* of the respondent */
	int			previous;		/* the answer before the newest of the case; -1: none */
	int			after_newest;	/* the answer after the last contact, or after its newest one; -1: none */
	int			after_opening;	/* the answer after the last contact, or after the one that opened it; -1: none */
	int			source;			/* the entry that tells of the customer: the newest of the case, or else any answer, if there is one */
	int			worst;			/* the entry that contact should address */
	int			uncovered;		/* number of entries not covered by contact */
	int			first;			/* its earliest entry */
	bool		is_renewed;
	bool		has_newer;		/* there is a newer case */
	bool		is_held;		/* the person must not be followed up */
	bool		is_gone;		/* its opening answer is gone */
	bool		has_answers;	/* the respondent has answers */
	int64_t		counts_until;	/* until when its steps could be made; NPS_NO_TIME: they still can */
	NpsCaseView view;
} NpsFoldedCase;

static inline bool
nps_entry_is(const NpsCaseEntry *entry, uint32_t known)
{
	return (entry->known & known) != 0;
}

/* The first answer at the place, or the next one in that direction. */
static inline int
nps_answer_from(const NpsCaseEntry *entries, int count, int place, int step)
{
	while (place >= 0 && place < count && !nps_entry_is(&entries[place], NPS_ENTRY_ANSWER))
		place += step;
	return place < count ? place : -1;
}

/* Is the score of the entry worse than this one?  No score is worse than an unknown one. */
static inline bool
nps_is_worse_than(const NpsCaseEntry *entry, double score)
{
	return nps_entry_is(entry, NPS_ENTRY_REVERSED) ? entry->score > score : entry->score < score;
}

/* Is the score of the first worse than that of the second? */
static inline bool
nps_is_worse(const NpsCaseEntry *first, const NpsCaseEntry *second)
{
	return nps_is_worse_than(first, second->score);
}

static inline bool
nps_is_finished_case(const NpsCaseEntry *entries, const NpsCaseView *view)
{
	return view->is_recorded && entries[view->opening].record.finished_at != NPS_NO_TIME;
}

/* Is it a case that does not expire: with contact, or with an open promise? */
static inline bool
nps_case_keeps(const NpsCaseEntry *entries, const NpsCaseView *view)
{
	return view->is_recorded && (entries[view->opening].record.contacted_at != NPS_NO_TIME ||
								 nps_entry_is(&entries[view->opening], NPS_ENTRY_PROMISED));
}

static inline bool
nps_case_is_worked_on(const NpsCaseEntry *entries, const NpsCaseView *view)
{
	return view->is_recorded && nps_entry_is(&entries[view->opening], NPS_ENTRY_WORKED_ON);
}

/* The start of the span of a case: when it opened or was reopened. */
static inline int64_t
nps_span_start(const NpsCaseEntry *entries, const NpsCaseView *view)
{
	int64_t		reopened_at = view->is_recorded ? entries[view->opening].record.reopened_at : NPS_NO_TIME;

	return reopened_at > view->opened_at ? reopened_at : view->opened_at;
}

/* Is the time within the span?  An answer at its very end opens a new case. */
static inline bool
nps_is_within(const NpsCaseEntry *entries, const NpsCaseView *view, int64_t time)
{
	if (view->opened_at == NPS_NO_TIME || time == NPS_NO_TIME)
		return time == NPS_NO_TIME;
	return time < nps_span_start(entries, view) + entries[view->opening].span;
}

/* Did the entry exist when the case was finished? */
static inline bool
nps_was_shown_at_finish(const NpsCaseEntry *entries, const NpsCaseRecord *record, int place)
{
	const NpsCaseEntry *entry = &entries[place];

	if (record->finished >= 0 ? place > record->finished : entry->given != NPS_NO_TIME && entry->given > record->finished_until)
		return false;
	return entry->received_at == NPS_NO_TIME || entry->received_at <= record->finish_entered_at;
}

/* When the case expires if nobody touches it; NPS_NO_TIME: never. */
static inline int64_t
nps_case_expires_at(const NpsCaseEntry *entries, const NpsCaseView *view)
{
	int64_t		last;

	if (view->opened_at == NPS_NO_TIME || nps_case_keeps(entries, view))
		return NPS_NO_TIME;
	last = nps_span_start(entries, view);
	if (view->newest_opens_at > last)
		last = view->newest_opens_at;
	if (view->is_recorded && !entries[view->opening].record.is_corrected && entries[view->opening].record.facts_until > last)
		last = entries[view->opening].record.facts_until;
	return last + entries[view->opening].span;
}

static inline void
nps_end_case(NpsCaseView *view, NpsCaseEnd how, int64_t at)
{
	view->ended = how;
	view->ended_at = at;
}

/* An answer at that time no longer belongs to the case, which ends then at the latest. */
static inline void
nps_expire_case(const NpsCaseEntry *entries, NpsCaseView *view, int64_t at)
{
	int64_t		expires_at = nps_case_expires_at(entries, view);

	nps_end_case(view, NPS_CASE_EXPIRED, expires_at != NPS_NO_TIME && expires_at < at ? expires_at : at);
}

/*
 * Takes an entry into a case.  Unless recorded, the case opens with the entry whose
 * clock starts first.
 */
static inline void
nps_take_entry(NpsCaseEntry *entries, NpsCaseView *views, int number, int place)
{
	NpsCaseView *view = &views[number];
	NpsCaseEntry *entry = &entries[place];
	NpsCaseEntry *opening = &entries[view->opening];

	entry->view = number;
	view->count++;
	if (place > view->newest)
		view->newest = place;
	if (entry->opens_at > view->newest_opens_at)
		view->newest_opens_at = entry->opens_at;
	view->wants_contact |= nps_entry_is(entry, NPS_ENTRY_WANTS_CONTACT);
	view->is_better = false;
	if (!view->is_recorded && (entry->opens_at < opening->opens_at || (entry->opens_at == opening->opens_at && place < view->opening)))
	{
		view->opening = place;
		view->opened_at = entry->opens_at;
	}
}

static inline NpsCaseView
nps_opened_case(const NpsCaseEntry *entries, int place)
{
	const NpsCaseEntry *entry = &entries[place];
	NpsCaseView view = {place, place, 1, entry->opens_at, entry->opens_at, false, false, NPS_CASE_RUNS, NPS_NO_TIME, false, NPS_NO_TIME, -1};

	view.wants_contact = nps_entry_is(entry, NPS_ENTRY_WANTS_CONTACT);
	if (nps_entry_is(entry, NPS_ENTRY_RECORDED))
	{
		view.is_recorded = true;
		view.opened_at = entry->record.opened_at;
	}
	return view;
}

/* Moves all entries of one case to another. */
static inline void
nps_give_entries(NpsCaseEntry *entries, int count, NpsCaseView *views, int from, int to)
{
	for (int i = 0; i < count; i++)
		if (entries[i].view == from)
			nps_take_entry(entries, views, to, i);
}

/* Does contact of the case cover the entry? */
static inline bool
nps_contact_covers(const NpsCaseEntry *entries, const NpsCaseRecord *record, int place)
{
	const NpsCaseEntry *entry = &entries[place];

	if (record->contacted_at == NPS_NO_TIME || (entry->given != NPS_NO_TIME && entry->given > record->contacted_at))
		return false;
	if (record->covered >= 0 ? place > record->covered : entry->given != NPS_NO_TIME && entry->given > record->covered_until)
		return false;
	return entry->received_at == NPS_NO_TIME || entry->received_at <= record->contacted_at;
}

/*
 * Was the answer given in the days after the first or the last contact?  One that was
 * no news then is none after one more call.
 */
static inline bool
nps_is_soon_after_contact(const NpsCaseRecord *record, int64_t given)
{
	int64_t		days;

	if (given == NPS_NO_TIME || record->renew_from <= record->contacted_at)
		return false;
	days = record->renew_from - record->contacted_at;
	return (given > record->contacted_at && given < record->renew_from) ||
		(record->first_contacted_at != NPS_NO_TIME && given > record->first_contacted_at && given - days < record->first_contacted_at);
}

/*
 * Marks the entries of a case that no contact covers.  Returns their number, and
 * the entry that contact should address: the worst of them, or else the newest of
 * the case.
 */
static inline int
nps_mark_uncovered(NpsCaseEntry *entries, const NpsCaseView *views, int number, int last, int *worst)
{
	const NpsCaseView *view = &views[number];
	const NpsCaseRecord *record = view->is_recorded ? &entries[view->opening].record : NULL;
	int			covered = -1;	/* the newest entry that is covered */
	double		score = 0;		/* its score */
	int			uncovered = 0;

	for (int i = 0; record != NULL && i <= last; i++)
		if (entries[i].view == number && nps_contact_covers(entries, record, i))
			covered = i;
	/* if the covered answer is gone, its score at the time of contact */
	if (covered >= 0)
		score = record->covered < 0 && record->covered_until <= record->contacted_at && !isnan(record->covered_score)
			? record->covered_score : entries[covered].score;
	*worst = view->newest;
	for (int i = 0; i <= last; i++)
	{
		NpsCaseEntry *entry = &entries[i];

		if (entry->view != number || (record != NULL && nps_contact_covers(entries, record, i)))
			continue;
		/* some days after the first or the last contact, only a worse answer is news, whenever its row arrives */
		if (record != NULL && record->contacted_at != NPS_NO_TIME && nps_is_soon_after_contact(record, entry->given) &&
			!nps_entry_is(entry, NPS_ENTRY_WANTS_CONTACT) && covered >= 0 && !nps_is_worse_than(entry, score))
		{
			if (i > covered)
			{
				covered = i;
				score = entry->score;
			}
			continue;
		}
		entry->is_uncovered = true;
		if (uncovered++ == 0 || !nps_is_worse(&entries[*worst], entry))
			*worst = i;
	}
	return uncovered;
}

/*
 * An answer that is not to be followed up ends a case that nobody worked on, unless
 * the case's rule demands a person.
 */
static inline void
nps_answer_better(NpsCaseEntry *entries, NpsCaseView *views, int number, int place)
{
	NpsCaseView *view = &views[number];
	const NpsCaseEntry *entry = &entries[place];
	int64_t		expires_at = nps_case_expires_at(entries, view);
	int			worst;

	if (view->ended != NPS_CASE_RUNS || nps_is_finished_case(entries, view) || view->wants_contact ||
		(view->is_recorded && entries[view->opening].record.contacted_at != NPS_NO_TIME))
		return;
	if (expires_at != NPS_NO_TIME && entry->opens_at != NPS_NO_TIME && entry->opens_at >= expires_at)
		return;
	(void) nps_mark_uncovered(entries, views, number, place, &worst);
	if (nps_entry_is(&entries[worst], NPS_ENTRY_PERSONAL) ||
		(view->is_recorded && entry->given != NPS_NO_TIME && entry->given <= entries[view->opening].record.stays_until))
	{
		view->is_better = true;
		view->better_at = entry->given;
	}
	/* if the opening answer is gone, nobody knows whether it asked for contact */
	else if (!nps_case_is_worked_on(entries, view) && nps_entry_is(&entries[view->opening], NPS_ENTRY_ANSWER))
		nps_end_case(view, NPS_CASE_BETTER, entry->opens_at > entries[view->newest].opens_at ? entry->opens_at : entries[view->newest].opens_at);
}

/* Does the current case take in the entry? */
static inline bool
nps_case_takes(const NpsCaseEntry *entries, const NpsCaseView *view, int place)
{
	if (nps_is_finished_case(entries, view))
		return nps_was_shown_at_finish(entries, &entries[view->opening].record, place);
	/* a case whose end is a fact takes in what belonged to it then */
	if (view->ended != NPS_CASE_RUNS)
		return nps_entry_is(&entries[view->opening], NPS_ENTRY_EXPIRED | NPS_ENTRY_BETTER) && entries[place].given != NPS_NO_TIME &&
			entries[place].given <= entries[view->opening].record.facts_until && entries[place].opens_at <= view->ended_at;
	return nps_case_keeps(entries, view) || nps_is_within(entries, view, entries[place].opens_at);
}

/*
 * Does an earlier entry that is in no recorded case belong to this one?  Not if it
 * could be known only after that was over.
 */
static inline bool
nps_case_takes_earlier(const NpsCaseEntry *entries, const NpsCaseView *view, int place)
{
	const NpsCaseEntry *opening = &entries[view->opening];

	if (nps_is_finished_case(entries, view))
		return nps_was_shown_at_finish(entries, &opening->record, place);
	if (!nps_case_is_worked_on(entries, view) && nps_entry_is(opening, NPS_ENTRY_EXPIRED | NPS_ENTRY_BETTER))
		return entries[place].opens_at < opening->record.ended_at;
	return nps_case_keeps(entries, view) || nps_is_within(entries, view, entries[place].opens_at);
}

/*
 * Opens the recorded case of an entry.  If it opens within the span of the current
 * case, the current case gives way: an unrecorded case passes on its answers,
 * except those that came after the recorded one was over; a recorded case that
 * nobody worked on is taken over.
 */
static inline int
nps_open_recorded(NpsCaseEntry *entries, NpsCaseView *views, int views_count, int current, int place)
{
	const NpsCaseRecord *record = &entries[place].record;
	int			number = views_count;
	NpsCaseView *before = current >= 0 ? &views[current] : NULL;

	views[number] = nps_opened_case(entries, place);
	entries[place].view = number;
	if (before != NULL && before->ended == NPS_CASE_RUNS && !nps_is_finished_case(entries, before))
	{
		if (!nps_case_keeps(entries, before) && !nps_is_within(entries, before, entries[place].opens_at))
			nps_expire_case(entries, before, entries[place].opens_at);
		else if (!before->is_recorded)
		{
			int			rest = -1;
			NpsCaseView left = *before;

			for (int i = 0; i < place; i++)
			{
				if (entries[i].view != current)
					continue;
				if (nps_case_takes_earlier(entries, &views[number], i))
					nps_take_entry(entries, views, number, i);
				else if (rest < 0)
				{
					left = nps_opened_case(entries, i);
					rest = i;
				}
				else
				{
					left.count++;
					left.newest = i;
					if (entries[i].opens_at > left.newest_opens_at)
						left.newest_opens_at = entries[i].opens_at;
					left.wants_contact |= nps_entry_is(&entries[i], NPS_ENTRY_WANTS_CONTACT);
				}
			}
			*before = left;
			if (rest < 0)
				before->count = 0;
		}
		/* not by one that opened before it could be known */
		else if (!nps_case_is_worked_on(entries, before) && entries[place].opens_at >= before->opened_at)
		{
			nps_end_case(before, NPS_CASE_TAKEN_OVER, entries[place].opens_at);
			before->taken_by = number;
			for (int i = 0; i < place; i++)
				if (entries[i].view == current)
					nps_take_entry(entries, views, number, i);
		}
	}
	if (!nps_case_is_worked_on(entries, &views[number]) && nps_entry_is(&entries[place], NPS_ENTRY_EXPIRED | NPS_ENTRY_BETTER))
		nps_end_case(&views[number], nps_entry_is(&entries[place], NPS_ENTRY_BETTER) ? NPS_CASE_BETTER : NPS_CASE_EXPIRED, record->ended_at);
	return number;
}

/* Is following up the person ruled out, for an answer given then, or now (NPS_NO_TIME)? */
static inline bool
nps_is_held(const NpsCaseEntry *entries, int count, int64_t given)
{
	for (int i = 0; i < count; i++)
	{
		int64_t		since;
		int64_t		until = NPS_NO_TIME;

		if (!nps_entry_is(&entries[i], NPS_ENTRY_HOLDS))
			continue;
		since = entries[i].record.finished_at;
		for (int j = 0; j < count; j++)
			if (nps_entry_is(&entries[j], NPS_ENTRY_ANSWER) && nps_entry_is(&entries[j], NPS_ENTRY_WANTS_CONTACT) &&
				entries[j].given > since && (until == NPS_NO_TIME || entries[j].given < until))
				until = entries[j].given;
		if (given == NPS_NO_TIME ? until == NPS_NO_TIME : since < given && (until == NPS_NO_TIME || given < until))
			return true;
	}
	return false;
}

/* The first answer on the topic, from the place on, that was given after the time; -1: none. */
static inline int
nps_answer_after(const NpsCaseEntry *entries, int count, int place, int64_t time)
{
	for (int i = place; time != NPS_NO_TIME && i < count; i++)
		if (nps_entry_is(&entries[i], NPS_ENTRY_ANSWER) && !nps_entry_is(&entries[i], NPS_ENTRY_OTHER_TOPIC) && entries[i].given > time)
			return i;
	return -1;
}

/*
 * The next answer after the last contact; without contact, the next one after the
 * entry, in the order of answers: it may have been given at the same time.
 */
static inline int
nps_next_answer(const NpsCaseEntry *entries, int count, int entry, int64_t contacted_at)
{
	if (contacted_at != NPS_NO_TIME)
		return nps_answer_after(entries, count, 0, contacted_at);
	return entries[entry].given == NPS_NO_TIME ? -1 : nps_answer_after(entries, count, entry + 1, entries[entry].given - 1);
}

/*
 * The case that somebody works or worked on and that is known to have the entry; -1:
 * none.  Where two such cases go on side by side, as after two customers became one,
 * nobody is called about the answer of one for the other.
 */
static inline int
nps_case_knowing(const NpsCaseEntry *entries, const NpsCaseView *views, int views_count, int place)
{
	for (int j = views_count - 1; j >= 0; j--)
	{
		const NpsCaseRecord *record = &entries[views[j].opening].record;

		if (views[j].count > 0 && views[j].ended == NPS_CASE_RUNS && nps_case_is_worked_on(entries, &views[j]) &&
			(record->facts == place || record->covered == place || record->finished == place || entries[place].kept_by == views[j].opening))
			return j;
	}
	return -1;
}

/*
 * Folds the entries of one respondent into cases, and returns their number.  The
 * oldest entry comes first, those without a time before all others.  There must be
 * room for as many cases as there are entries.
 */
static inline int
nps_fold_cases(NpsCaseEntry *entries, int count, NpsCaseView *views)
{
	int			views_count = 0;
	int			current = -1;
	bool		any_holds = false;

	for (int i = 0; i < count; i++)
	{
		entries[i].view = -1;
		entries[i].is_uncovered = false;
		any_holds |= nps_entry_is(&entries[i], NPS_ENTRY_HOLDS);
	}
	for (int i = 0; i < count; i++)
	{
		NpsCaseEntry *entry = &entries[i];

		if (nps_entry_is(entry, NPS_ENTRY_OTHER_TOPIC))
			continue;
		if (nps_entry_is(entry, NPS_ENTRY_RECORDED))
			current = nps_open_recorded(entries, views, views_count++, current, i);
		else if (nps_entry_is(entry, NPS_ENTRY_FOLLOW_UP))
		{
			int			knowing = nps_case_knowing(entries, views, views_count, i);

			if (knowing >= 0)
			{
				nps_take_entry(entries, views, knowing, i);
				continue;
			}
			if (any_holds && !nps_entry_is(entry, NPS_ENTRY_WANTS_CONTACT) && entry->given != NPS_NO_TIME && nps_is_held(entries, count, entry->given))
				continue;
			if (current >= 0 && nps_case_takes(entries, &views[current], i))
				nps_take_entry(entries, views, current, i);
			else
			{
				if (current >= 0 && views[current].ended == NPS_CASE_RUNS && !nps_is_finished_case(entries, &views[current]) &&
					!nps_case_keeps(entries, &views[current]))
					nps_expire_case(entries, &views[current], entry->opens_at);
				current = views_count++;
				views[current] = nps_opened_case(entries, i);
				entry->view = current;
			}
		}
		else if (nps_entry_is(entry, NPS_ENTRY_ANSWER))
			for (int j = 0; j < views_count; j++)
				if (views[j].count > 0)
					nps_answer_better(entries, views, j, i);
	}
	return views_count;
}

/*
 * Until when the steps of a case could be made: its end.  That of a case which was
 * taken over is contact in the other, or else the end of that.
 */
static inline int64_t
nps_case_counts_until(const NpsCaseEntry *entries, const NpsCaseView *views, int number, int64_t now)
{
	const NpsCaseView *view = &views[number];
	int64_t		expires_at;

	while (view->ended == NPS_CASE_TAKEN_OVER)
	{
		view = &views[view->taken_by];
		if (entries[view->opening].record.first_contacted_at != NPS_NO_TIME)
			return entries[view->opening].record.first_contacted_at;
	}
	if (nps_is_finished_case(entries, view))
		return entries[view->opening].record.finished_at;
	if (view->ended != NPS_CASE_RUNS)
		return view->ended_at;
	expires_at = nps_case_expires_at(entries, view);
	return expires_at <= now ? expires_at : NPS_NO_TIME;
}

/* Folds, and returns the case that is named after the entry marked as opening. */
static inline NpsFoldedCase
nps_fold_case(NpsCaseEntry *entries, int count, NpsCaseView *views, int64_t now)
{
	NpsFoldedCase folded;
	int			views_count;
	int			ours = -1;
	bool		any_holds = false;
	int64_t		base;

	folded.shown = folded.source = folded.previous = folded.after_newest = folded.after_opening = folded.worst = folded.first = -1;
	folded.answers = folded.uncovered = 0;
	folded.counts_until = NPS_NO_TIME;
	folded.is_renewed = folded.has_newer = folded.is_held = folded.is_gone = folded.has_answers = false;
	for (int i = 0; i < count; i++)
	{
		any_holds |= nps_entry_is(&entries[i], NPS_ENTRY_HOLDS);
		folded.answers += nps_entry_is(&entries[i], NPS_ENTRY_ANSWER);
	}
	if (folded.answers > NPS_MOST_ANSWERS)
		return folded;
	views_count = nps_fold_cases(entries, count, views);
	for (int j = 0; j < views_count; j++)
		if (views[j].count > 0 && nps_entry_is(&entries[views[j].opening], NPS_ENTRY_OPENING))
			ours = j;
	if (ours < 0)
		return folded;
	folded.view = views[ours];
	for (int j = 0; j < views_count; j++)
		folded.has_newer |= views[j].count > 0 && views[j].opening > folded.view.opening;
	folded.counts_until = nps_case_counts_until(entries, views, ours, now);
	if (folded.view.ended == NPS_CASE_RUNS && !nps_is_finished_case(entries, &folded.view) && folded.counts_until != NPS_NO_TIME)
		nps_end_case(&folded.view, NPS_CASE_EXPIRED, folded.counts_until);
	for (int i = 0; i < count; i++)
	{
		entries[i].is_uncovered = false;
		if (entries[i].view == ours && folded.first < 0)
			folded.first = i;
	}
	/* the answers of a case that was taken over are in the other now */
	if (folded.first < 0)
		folded.first = folded.view.opening;
	folded.shown = folded.source = folded.view.newest;
	/* of a case whose answers are gone, the newest of the others tells */
	if (!nps_entry_is(&entries[folded.shown], NPS_ENTRY_ANSWER))
		folded.source = nps_answer_from(entries, count, count - 1, -1);
	folded.uncovered = nps_mark_uncovered(entries, views, ours, count - 1, &folded.worst);
	base = folded.view.is_recorded ? entries[folded.view.opening].record.contacted_at : NPS_NO_TIME;
	folded.is_renewed = base != NPS_NO_TIME && folded.uncovered > 0 && !nps_is_finished_case(entries, &folded.view);
	folded.after_newest = nps_next_answer(entries, count, folded.shown, base);
	folded.after_opening = nps_next_answer(entries, count, folded.view.opening, base);
	folded.previous = nps_answer_from(entries, count, folded.shown - 1, -1);
	folded.is_gone = !nps_entry_is(&entries[folded.view.opening], NPS_ENTRY_ANSWER);
	folded.has_answers = folded.answers > 0;
	folded.is_held = any_holds && !folded.view.wants_contact && nps_is_held(entries, count, NPS_NO_TIME);
	return folded;
}

#endif							/* NPS_CASE_FOLD_H */
