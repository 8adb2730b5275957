/*
 * case_fold.h
 *		Which answers of a respondent are a case: the one definition.
 *
 * A case is named after the answer that opened it.  It is one that somebody took
 * on, or else an unbroken run of answers that are to be followed up.
 *
 * - What comes while a case that somebody took on is open belongs to it.
 * - What was given until the end of a finished one belongs to that.
 * - Of the rest, answers that are to be followed up, with no other answer and no
 *   case in between, are a case that nobody took on.
 *
 * An open case shows the newest answer of its respondent.
 *
 * Pure: no server function is called.  Times are microseconds, as a timestamptz
 * has them.
 */
#ifndef NPS_CASE_FOLD_H
#define NPS_CASE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/* Who gave more valid answers is no person, and gets no follow-up. */
#define NPS_MOST_ANSWERS 1000

/* What is known of an entry, as bits of one number: the sum is made in SQL. */
#define NPS_ENTRY_OPENING		1	/* the entry that the case is named after, if it opens one */
#define NPS_ENTRY_ANSWER		2	/* a valid answer; without, a case whose answer is gone */
#define NPS_ENTRY_FOLLOW_UP		4	/* the playbook wants it followed up */
#define NPS_ENTRY_TAKEN			8	/* somebody took on the case of that name */
#define NPS_ENTRY_OPEN			16	/* which is open */
#define NPS_ENTRY_DATED			32	/* which opened at a known time */
#define NPS_ENTRY_OPTED_OUT		64	/* which ended as the respondent wants no contact */
#define NPS_ENTRY_LEFT			128 /* with it stands when the respondent left */

/* An answer, or a case whose answer is gone. */
typedef struct NpsCaseEntry
{
	int64_t		at;
	int64_t		finished_at;	/* of the case that somebody took on */
	uint32_t	known;			/* NPS_ENTRY_... */
	bool		is_dated;		/* at is known */
	bool		is_finished;	/* finished_at is known */
} NpsCaseEntry;

/* The case, by places among the entries; -1 is none. */
typedef struct NpsFoldedCase
{
	int			shown;			/* the entry to show; -1: no case opens */
	int			previous;		/* the answer before that */
	int			next;			/* the answer that came after the case */
	int			answers;		/* of the respondent */
	bool		is_current;		/* ends with the respondent's newest answer, which no other case covers */
	bool		opted_out;		/* by its end, the respondent wanted no contact */
} NpsFoldedCase;

static inline bool
nps_entry_is(const NpsCaseEntry *entry, uint32_t known)
{
	return (entry->known & known) != 0;
}

/* The first answer at or behind the place in that direction. */
static inline int
nps_answer_from(const NpsCaseEntry *entries, int count, int place, int step)
{
	while (place >= 0 && place < count && !nps_entry_is(&entries[place], NPS_ENTRY_ANSWER))
		place += step;
	return place < count ? place : -1;
}

/*
 * Folds the entries of one respondent, the oldest first and those without a time
 * before all others, into the case that the opening one opens.
 */
static inline NpsFoldedCase
nps_fold_case(const NpsCaseEntry *entries, int count)
{
	NpsFoldedCase folded = {-1, -1, -1, 0, false, false};
	int			newest = -1;	/* answer of the respondent */
	int			last = -1;		/* entry of the case */
	bool		is_ours = false;	/* the case under way is the one that is looked for */
	bool		is_taken = false;	/* it was taken on */
	bool		is_open = false;	/* and is open */
	bool		shows_newest = false;	/* the one that is looked for is open */
	bool		in_run = false; /* the entry before is in a case that nobody took on */
	bool		any_open = false;
	bool		any_dated = false;
	bool		any_opted_out = false;
	bool		any_finished = false;
	int64_t		finished_at = 0;	/* the latest end so far */

	for (int i = 0; i < count; i++)
	{
		const NpsCaseEntry *entry = &entries[i];
		bool		taken = nps_entry_is(entry, NPS_ENTRY_TAKEN);
		bool		covered;
		bool		was_in_run = in_run;

		if (nps_entry_is(entry, NPS_ENTRY_ANSWER))
		{
			folded.answers++;
			newest = i;
		}
		if (taken)
		{
			any_open |= nps_entry_is(entry, NPS_ENTRY_OPEN);
			if (entry->is_finished)
			{
				any_dated |= nps_entry_is(entry, NPS_ENTRY_DATED);
				any_opted_out |= nps_entry_is(entry, NPS_ENTRY_OPTED_OUT);
				if (!any_finished || entry->finished_at > finished_at)
					finished_at = entry->finished_at;
				any_finished = true;
			}
		}
		covered = any_finished && entry->is_dated && entry->at <= finished_at;
		in_run = nps_entry_is(entry, NPS_ENTRY_ANSWER) && nps_entry_is(entry, NPS_ENTRY_FOLLOW_UP) &&
			!taken && !any_open && !covered;
		if (taken || (in_run && !was_in_run))
		{
			is_ours = nps_entry_is(entry, NPS_ENTRY_OPENING);
			is_taken = taken;
			is_open = taken && nps_entry_is(entry, NPS_ENTRY_OPEN);
			shows_newest |= is_ours && is_open;
		}
		if (is_ours && (is_taken ? taken || is_open || covered : in_run))
		{
			last = i;
			folded.opted_out = any_opted_out;
		}
	}
	if (last < 0 || folded.answers > NPS_MOST_ANSWERS)
		return folded;
	folded.shown = shows_newest && newest >= 0 ? newest : last;
	folded.previous = nps_answer_from(entries, count, folded.shown - 1, -1);
	if (!shows_newest)
		folded.next = nps_answer_from(entries, count, last + 1, 1);
	folded.is_current = last == newest && !any_open && !any_opted_out &&
		!(entries[last].is_dated ? any_finished && entries[last].at <= finished_at : any_dated);
	return folded;
}

#endif							/* NPS_CASE_FOLD_H */
