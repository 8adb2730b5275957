/*
 * case_fold.c
 *		Answers and cases of one respondent, whatever they are: the fold finds what the
 *		definition of a case says, written here once more, from case to case and not
 *		from entry to entry.
 */
#include "fuzz.h"

#include "../../src/case_fold.h"

#define MOST 40

static NpsCaseEntry entries[MOST];
static int	count;

static bool
is(int i, uint32_t known)
{
	return (entries[i].known & known) != 0;
}

/* Somebody took on a case at or before the entry which is open. */
static bool
is_in_open_case(int i)
{
	for (int before = 0; before <= i; before++)
		if (is(before, NPS_ENTRY_TAKEN) && is(before, NPS_ENTRY_OPEN))
			return true;
	return false;
}

/* A case that somebody took on at or before the entry was finished when it was given, or later. */
static bool
is_before_an_end(int i)
{
	for (int before = 0; entries[i].is_dated && before <= i; before++)
		if (is(before, NPS_ENTRY_TAKEN) && entries[before].is_finished && entries[before].finished_at >= entries[i].at)
			return true;
	return false;
}

/* The entry is in a case that nobody took on. */
static bool
is_free(int i)
{
	return is(i, NPS_ENTRY_ANSWER) && is(i, NPS_ENTRY_FOLLOW_UP) && !is(i, NPS_ENTRY_TAKEN) && !is_in_open_case(i) && !is_before_an_end(i);
}

static bool
opens(int i)
{
	return is(i, NPS_ENTRY_TAKEN) || (is_free(i) && (i == 0 || !is_free(i - 1)));
}

/* The entry belongs to the case that opens at the other. */
static bool
belongs(int i, int opening)
{
	if (i == opening)
		return true;
	for (int between = opening + 1; between <= i; between++)
		if (opens(between))
			return false;
	if (!is(opening, NPS_ENTRY_TAKEN))
		return is_free(i);
	return is(opening, NPS_ENTRY_OPEN) || is_before_an_end(i);
}

static int
newest_answer_until(int i)
{
	while (i >= 0 && !is(i, NPS_ENTRY_ANSWER))
		i--;
	return i;
}

/* The answer that the respondent's newest one is covered by another case, or by a wish for no contact. */
static bool
is_covered(int i)
{
	for (int other = 0; other < count; other++)
	{
		if (!is(other, NPS_ENTRY_TAKEN))
			continue;
		if (is(other, NPS_ENTRY_OPEN))
			return true;
		if (!entries[other].is_finished)
			continue;
		if (is(other, NPS_ENTRY_OPTED_OUT))
			return true;
		if (entries[i].is_dated ? entries[other].finished_at >= entries[i].at : is(other, NPS_ENTRY_DATED))
			return true;
	}
	return false;
}

static int64_t
take_time(Input *input)
{
	uint8_t		kind = take_byte(input);

	return kind % 16 == 0 ? take_int64(input) : kind % 8;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	NpsFoldedCase folded;
	int			opening = -1;
	int			last = -1;
	int			answers = 0;
	bool		opted_out = false;

	count = take_byte(&input) % MOST;
	memset(entries, 0, sizeof(entries));
	for (int i = 0; i < count; i++)
	{
		uint8_t		more = take_byte(&input);

		entries[i].known = take_byte(&input) & ~NPS_ENTRY_OPENING;
		/* an answer most often, and seldom a case */
		if (more & 1)
			entries[i].known |= NPS_ENTRY_ANSWER;
		if (more & 2)
			entries[i].known &= ~NPS_ENTRY_TAKEN;
		entries[i].is_dated = (more & 4) != 0;
		entries[i].is_finished = (more & 8) != 0;
		if (entries[i].is_dated)
			entries[i].at = take_time(&input);
		if (entries[i].is_finished)
			entries[i].finished_at = take_time(&input);
	}
	/* in order of time, those without one first */
	for (int i = 1; i < count; i++)
		for (int j = i; j > 0 && entries[j - 1].is_dated && (!entries[j].is_dated || entries[j].at < entries[j - 1].at); j--)
		{
			NpsCaseEntry entry = entries[j];

			entries[j] = entries[j - 1];
			entries[j - 1] = entry;
		}
	if (count > 0)
		entries[take_byte(&input) % count].known |= NPS_ENTRY_OPENING;

	folded = nps_fold_case(entries, count);

	for (int i = 0; i < count; i++)
	{
		answers += is(i, NPS_ENTRY_ANSWER);
		if (is(i, NPS_ENTRY_OPENING) && opens(i))
			opening = i;
	}
	MUST(folded.answers == answers);
	if (opening < 0)
	{
		MUST(folded.shown == -1);
		return 0;
	}
	for (int i = opening; i < count; i++)
		if (belongs(i, opening))
			last = i;
	for (int i = 0; i <= last; i++)
		opted_out |= is(i, NPS_ENTRY_TAKEN) && entries[i].is_finished && is(i, NPS_ENTRY_OPTED_OUT);
	MUST(folded.opted_out == opted_out);
	MUST(folded.is_current == (last == newest_answer_until(count - 1) && !is_covered(last)));
	if (is(opening, NPS_ENTRY_TAKEN) && is(opening, NPS_ENTRY_OPEN))
	{
		MUST(folded.shown == (answers > 0 ? newest_answer_until(count - 1) : last));
		MUST(folded.next == -1);
	}
	else
	{
		MUST(folded.shown == last);
		if (folded.next == -1)
			MUST(newest_answer_until(count - 1) <= last);
		else
			MUST(folded.next > last && is(folded.next, NPS_ENTRY_ANSWER) && newest_answer_until(folded.next - 1) <= last);
	}
	MUST(folded.previous == newest_answer_until(folded.shown - 1));
	return 0;
}
