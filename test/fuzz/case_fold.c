/*
 * case_fold.c
 *		Answers and cases of one respondent, whatever they are: what must hold of every
 *		fold, and where nothing is recorded, which cases there are, told once more.
 */
#include "fuzz.h"

#include "../../src/case_fold.h"

#define MOST 24
#define DAY INT64_C(86400000000)

static NpsCaseEntry entries[MOST];
static NpsCaseView views[MOST];
static int	count;

static bool
is(int i, uint32_t known)
{
	return (entries[i].known & known) != 0;
}

/* A time within the years that count, most often within a few months, and often the same. */
static int64_t
take_time(Input *input)
{
	uint8_t		kind = take_byte(input);

	if (kind % 16 == 0)
		return (int64_t) (take_bits(input, 4) % (300 * 365)) * DAY - 100 * 365 * DAY;
	return kind % 8 * DAY + take_byte(input) % 4 * (DAY / 4);
}

static int64_t
take_time_or_none(Input *input)
{
	return take_byte(input) % 3 == 0 ? NPS_NO_TIME : take_time(input);
}

static void
take_entry(Input *input, NpsCaseEntry *entry, bool may_be_recorded)
{
	entry->known = (uint32_t) take_bits(input, 2) & 0x3fff & ~(uint32_t) NPS_ENTRY_OPENING;
	/* an answer most often, and seldom about something else */
	if (take_byte(input) % 8 != 0)
		entry->known = (entry->known | NPS_ENTRY_ANSWER) & ~(uint32_t) NPS_ENTRY_OTHER_TOPIC;
	if (!may_be_recorded || take_byte(input) % 4 != 0)
		entry->known = (entry->known | NPS_ENTRY_ANSWER) & ~(uint32_t) (NPS_ENTRY_RECORDED | NPS_ENTRY_HOLDS | NPS_ENTRY_EXPIRED | NPS_ENTRY_BETTER);
	entry->given = take_time_or_none(input);
	entry->opens_at = entry->given == NPS_NO_TIME ? NPS_NO_TIME : entry->given + take_byte(input) % 3 * DAY;
	entry->received_at = take_byte(input) % 2 == 0 ? NPS_NO_TIME : take_time(input);
	entry->score = take_byte(input) % 11;
	entry->span = (1 + take_byte(input) % 5) * DAY;
	if (is((int) (entry - entries), NPS_ENTRY_RECORDED))
	{
		entry->record.opened_at = entry->opens_at;
		entry->record.reopened_at = take_time_or_none(input);
		entry->record.contacted_at = take_time_or_none(input);
		entry->record.covered_until = take_time_or_none(input);
		entry->record.first_contacted_at = entry->record.contacted_at;
		entry->record.covered = take_byte(input) % (MOST + 1) - 1;
		entry->record.covered_score = take_byte(input) % 2 == 0 ? NAN : take_byte(input) % 11;
		entry->record.finished_at = take_time_or_none(input);
		entry->record.finish_entered_at = take_time_or_none(input);
		entry->record.finished_until = take_time_or_none(input);
		entry->record.finished = take_byte(input) % (MOST + 1) - 1;
		entry->record.ended_at = take_time_or_none(input);
		entry->record.stays_until = take_time_or_none(input);
		entry->record.facts_until = take_time_or_none(input);
		entry->record.facts = take_byte(input) % (MOST + 1) - 1;
		entry->record.is_corrected = take_byte(input) % 2 == 0;
		entry->record.renew_from = take_time_or_none(input);
	}
}

/* What the case that some answers make is, where nobody recorded anything: told from the rules. */
typedef struct Told
{
	int			first;			/* the answer that is known first names it */
	int			newest;
	int			answers;
	int64_t		opens;
	int64_t		last_opens;
	bool		wants_contact;
	bool		is_over;
	int			worst;
} Told;

/* Cases of an untouched survey: each answer to be followed up is in the one under way, or opens the next. */
static int
tell_cases(Told *told, int *told_of)
{
	int			cases = 0;

	for (int i = 0; i < count; i++)
	{
		const NpsCaseEntry *entry = &entries[i];
		Told	   *under_way = cases > 0 ? &told[cases - 1] : NULL;

		told_of[i] = -1;
		if (is(i, NPS_ENTRY_OTHER_TOPIC))
			continue;
		if (is(i, NPS_ENTRY_FOLLOW_UP))
		{
			bool		joins = under_way != NULL && !under_way->is_over &&
				(entry->opens_at == NPS_NO_TIME ||
				 (under_way->opens != NPS_NO_TIME && entry->opens_at < under_way->opens + entries[under_way->first].span));

			if (!joins)
			{
				if (under_way != NULL)
					under_way->is_over = true;
				under_way = &told[cases++];
				*under_way = (Told) {i, i, 0, entry->opens_at, entry->opens_at, false, false, i};
			}
			told_of[i] = cases - 1;
			under_way->answers++;
			under_way->newest = i;
			under_way->wants_contact |= is(i, NPS_ENTRY_WANTS_CONTACT);
			if (entry->opens_at > under_way->last_opens)
				under_way->last_opens = entry->opens_at;
			if (entry->opens_at < under_way->opens)
			{
				under_way->first = i;
				under_way->opens = entry->opens_at;
			}
			/* the worst answer, of equal ones the newest */
			if (!nps_is_worse(&entries[under_way->worst], entry))
				under_way->worst = i;
		}
		else if (is(i, NPS_ENTRY_ANSWER))
			for (int j = 0; j < cases; j++)
			{
				bool		is_expired = told[j].opens != NPS_NO_TIME && entry->opens_at != NPS_NO_TIME &&
					entry->opens_at >= told[j].last_opens + entries[told[j].first].span;

				if (!told[j].wants_contact && !is_expired && !is(told[j].worst, NPS_ENTRY_PERSONAL))
					told[j].is_over = true;
			}
	}
	return cases;
}

static void
check_untouched(const NpsFoldedCase *folded, int64_t now)
{
	Told		told[MOST];
	int			told_of[MOST];
	int			cases = tell_cases(told, told_of);
	const Told *ours = NULL;

	for (int i = 0; i < count; i++)
		MUST((told_of[i] < 0) == (entries[i].view < 0));
	for (int j = 0; j < cases; j++)
		if (is(told[j].first, NPS_ENTRY_OPENING))
			ours = &told[j];
	MUST((ours != NULL) == (folded->shown >= 0));
	if (ours == NULL)
		return;
	MUST(folded->shown == ours->newest && folded->view.opening == ours->first && folded->view.count == ours->answers);
	MUST(folded->view.opened_at == ours->opens && folded->view.wants_contact == ours->wants_contact);
	MUST(folded->worst == ours->worst && folded->uncovered == ours->answers && !folded->is_renewed);
	MUST(folded->has_newer == (ours != &told[cases - 1]));
	MUST((folded->view.ended == NPS_CASE_RUNS) ==
		 (!ours->is_over && (ours->opens == NPS_NO_TIME || now < ours->last_opens + entries[ours->first].span)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	NpsFoldedCase folded;
	bool		is_recorded = take_byte(&input) % 2 == 0;
	int64_t		now = take_time(&input);
	int			answers = 0;
	int			in_case = 0;
	int			uncovered = 0;
	bool		any_holds = false;

	count = take_byte(&input) % (MOST + 1);
	memset(entries, 0, sizeof(entries));
	for (int i = 0; i < count; i++)
		take_entry(&input, &entries[i], is_recorded);
	/* in order of time, those without one first */
	for (int i = 1; i < count; i++)
		for (int j = i; j > 0 && entries[j].given < entries[j - 1].given; j--)
		{
			NpsCaseEntry entry = entries[j];

			entries[j] = entries[j - 1];
			entries[j - 1] = entry;
		}
	if (count > 0)
		entries[take_byte(&input) % count].known |= NPS_ENTRY_OPENING;
	for (int i = 0; i < count; i++)
		entries[i].kept_by = take_byte(&input) % (MOST + 1) - 1;

	folded = nps_fold_case(entries, count, views, now);

	for (int i = 0; i < count; i++)
	{
		answers += is(i, NPS_ENTRY_ANSWER);
		any_holds |= is(i, NPS_ENTRY_HOLDS);
	}
	MUST(folded.answers == answers);
	/* nothing falls through: what is to be followed up is in a case, unless the person is not to be */
	for (int i = 0; i < count; i++)
		if (is(i, NPS_ENTRY_RECORDED | NPS_ENTRY_FOLLOW_UP) && !is(i, NPS_ENTRY_OTHER_TOPIC) && !any_holds)
			MUST(entries[i].view >= 0);
	if (!is_recorded)
		check_untouched(&folded, now);
	if (folded.shown < 0)
		return 0;
	MUST(is(folded.view.opening, NPS_ENTRY_OPENING));
	/* a case that was taken over shows the answers that it had, which are in the other now */
	if (folded.view.ended != NPS_CASE_TAKEN_OVER)
	{
		for (int i = 0; i < count; i++)
		{
			bool		is_ours = entries[i].view == entries[folded.shown].view;

			in_case += is_ours;
			uncovered += entries[i].is_uncovered;
			MUST(is_ours || !entries[i].is_uncovered);
			MUST(!is_ours || (i >= folded.first && i <= folded.shown));
		}
		MUST(entries[folded.first].view == entries[folded.shown].view && entries[folded.worst].view == entries[folded.shown].view);
		MUST(folded.view.count == in_case && folded.uncovered == uncovered);
	}
	/* what goes on has no end, and only a case that was taken over counts longer than it lasts */
	if (folded.view.ended != NPS_CASE_TAKEN_OVER && entries[folded.view.opening].record.finished_at == NPS_NO_TIME)
		MUST(folded.counts_until == (folded.view.ended == NPS_CASE_RUNS ? NPS_NO_TIME : folded.view.ended_at));
	MUST(folded.previous < folded.shown && (folded.previous < 0 || is(folded.previous, NPS_ENTRY_ANSWER)));
	MUST(folded.after_newest < 0 || is(folded.after_newest, NPS_ENTRY_ANSWER));
	MUST(folded.is_gone == !is(folded.view.opening, NPS_ENTRY_ANSWER));
	return 0;
}
