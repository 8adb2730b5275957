/*
 * case_fold.c
 *		Window functions over the answers of one respondent in order of time: which
 *		of them form a case, by case_fold.h, and which is the newest.
 */
#include "nps.h"

#include <math.h>

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "case_fold.h"
#include "result_row.h"
#include "window.h"

/*
 * The arguments of nps_case_fold(): those of the answer, and from ARG_OPENED_AT on
 * those of the recorded case that is named after it.  They are computed when they
 * are asked for.
 */
enum
{
	ARG_KNOWN,
	ARG_SCORE,
	ARG_GIVEN,
	ARG_OPENS_AT,
	ARG_RECEIVED_AT,
	ARG_ID,
	ARG_SPAN,
	ARG_DUE,
	ARG_LEFT_AT,
	ARG_OPENED_AT,
	ARG_REOPENED_AT,
	ARG_CONTACTED_AT,
	ARG_COVERED_UNTIL,
	ARG_COVERED_ID,
	ARG_FINISHED_AT,
	ARG_FINISH_ENTERED_AT,
	ARG_FINISHED_UNTIL,
	ARG_FINISHED_ID,
	ARG_ENDED_AT,
	ARG_STAYS_UNTIL,
	ARG_RENEW_DAYS,
	ARG_CONTACT_DUE,
	ARG_RENEWED_DUE,
	ARG_FACTS_UNTIL,
	ARG_FACTS_ID,
	ARG_COVERED_SCORE,
	ARG_FIRST_CONTACTED_AT,
	ARG_BETWEEN_IDS,
	ARG_CONTACTABLE,
	ARG_REVENUE,
	ARG_KEY						/* only of nps_case_of_answer() */
};

/* The arguments of nps_newest_answer(). */
#define ARG_NEWEST_SCORE 0
#define ARG_NEWEST_AT 1

/* What a partition is folded into, kept from its first row to its last. */
typedef struct FoldedPartition
{
	bool		is_folded;
	NpsFoldedCase folded;
	int			opening;		/* the entry that the case is named after */
	int64		contact_due;	/* of the first contact */
	int64		renewed_due;	/* of contact that is due again */
	int64		uncovered_since;
	int64		uncovered_until;
	int64		uncovered_opens_at; /* of the newest of these */
	int64		left_at;
	int64		last_answer_at;
	text	   *between_ids;	/* answers of the case between its opening and its newest one; NULL: none */
} FoldedPartition;

static Datum
entry_value(WindowObject window, int argument, int64 place, bool *is_null)
{
	bool		is_out;

	/* partitions with more rows than fit into an int were refused before */
	return WinGetFuncArgInPartition(window, argument, (int) place, WINDOW_SEEK_HEAD, false, is_null, &is_out);
}

static int64
entry_time(WindowObject window, int argument, int place)
{
	bool		is_null;
	Datum		value = entry_value(window, argument, place, &is_null);

	return is_null || TIMESTAMP_IS_NOBEGIN(DatumGetTimestampTz(value)) ? NPS_NO_TIME : DatumGetTimestampTz(value);
}

static double
entry_score(WindowObject window, int argument, int place, double if_null)
{
	bool		is_null;
	Datum		value = entry_value(window, argument, place, &is_null);

	return is_null ? if_null : DatumGetFloat8(value);
}

static int32
entry_integer(WindowObject window, int argument, int place)
{
	bool		is_null;
	Datum		value = entry_value(window, argument, place, &is_null);

	return is_null ? 0 : DatumGetInt32(value);
}

/*
 * The place of the answer that was given at that time and whose id is in that
 * argument of the record; -1 if it no longer exists.
 */
static int
place_of(WindowObject window, const NpsCaseEntry *entries, int count, int record, int argument, int64 given)
{
	bool		is_null;
	Datum		id = entry_value(window, argument, record, &is_null);
	char	   *wanted = is_null ? NULL : TextDatumGetCString(id);
	int			place = -1;

	for (int i = 0; wanted != NULL && place < 0 && i < count; i++)
		if (entries[i].given == given && nps_entry_is(&entries[i], NPS_ENTRY_ANSWER))
		{
			Datum		other = entry_value(window, ARG_ID, i, &is_null);

			if (!is_null && strcmp(TextDatumGetCString(other), wanted) == 0)
				place = i;
		}
	return place;
}

/*
 * The answers that the facts of a case name between its opening and its newest one,
 * each on a line, are its own, also where customers have become one.
 */
static void
mark_kept(WindowObject window, NpsCaseEntry *entries, int count, int record)
{
	bool		is_null;
	Datum		ids = entry_value(window, ARG_BETWEEN_IDS, record, &is_null);
	char	   *lines;

	if (is_null)
		return;
	lines = psprintf("\n%s\n", TextDatumGetCString(ids));
	for (int i = 0; i < count; i++)
	{
		if (!nps_entry_is(&entries[i], NPS_ENTRY_ANSWER))
			continue;
		ids = entry_value(window, ARG_ID, i, &is_null);
		if (!is_null && strstr(lines, psprintf("\n%s\n", TextDatumGetCString(ids))) != NULL)
			entries[i].kept_by = record;
	}
}

static void
read_record(WindowObject window, NpsCaseEntry *entries, int count, int place)
{
	NpsCaseRecord *record = &entries[place].record;

	record->opened_at = entry_time(window, ARG_OPENED_AT, place);
	record->reopened_at = entry_time(window, ARG_REOPENED_AT, place);
	record->contacted_at = entry_time(window, ARG_CONTACTED_AT, place);
	record->first_contacted_at = record->contacted_at == NPS_NO_TIME ? NPS_NO_TIME : entry_time(window, ARG_FIRST_CONTACTED_AT, place);
	record->finished_at = entry_time(window, ARG_FINISHED_AT, place);
	record->ended_at = entry_time(window, ARG_ENDED_AT, place);
	record->stays_until = entry_time(window, ARG_STAYS_UNTIL, place);
	record->facts_until = entry_time(window, ARG_FACTS_UNTIL, place);
	record->facts = place_of(window, entries, count, place, ARG_FACTS_ID, record->facts_until);
	record->is_corrected = false;
	for (int i = 0; i < count; i++)
		if (entries[i].given == record->facts_until && nps_entry_is(&entries[i], NPS_ENTRY_ANSWER) && !nps_entry_is(&entries[i], NPS_ENTRY_FOLLOW_UP))
			record->is_corrected = true;
	record->covered = record->finished = -1;
	record->renew_from = NPS_NO_TIME;
	if (record->contacted_at != NPS_NO_TIME)
	{
		record->covered_until = entry_time(window, ARG_COVERED_UNTIL, place);
		record->covered = place_of(window, entries, count, place, ARG_COVERED_ID, record->covered_until);
		record->covered_score = entry_score(window, ARG_COVERED_SCORE, place, NAN);
		record->renew_from = record->contacted_at + entry_integer(window, ARG_RENEW_DAYS, place) * USECS_PER_DAY;
	}
	if (record->finished_at != NPS_NO_TIME)
	{
		record->finished_until = entry_time(window, ARG_FINISHED_UNTIL, place);
		record->finish_entered_at = entry_time(window, ARG_FINISH_ENTERED_AT, place);
		record->finished = place_of(window, entries, count, place, ARG_FINISHED_ID, record->finished_until);
	}
}

static int64
earlier(int64 one, int64 other)
{
	return one == NPS_NO_TIME || (other != NPS_NO_TIME && other < one) ? other : one;
}

/* The deadlines of contact: the facts, and what answers have added since. */
static void
find_deadlines(WindowObject window, const NpsCaseEntry *entries, int count, FoldedPartition *partition)
{
	NpsFoldedCase *folded = &partition->folded;
	bool		is_recorded = folded->view.is_recorded;
	bool		was_contacted = is_recorded && entries[folded->view.opening].record.contacted_at != NPS_NO_TIME;
	int64		facts_until = is_recorded ? entry_time(window, ARG_FACTS_UNTIL, folded->view.opening) : NPS_NO_TIME;
	int64		since_facts = NPS_NO_TIME;
	int64		of_any = NPS_NO_TIME;

	if (is_recorded)
	{
		partition->contact_due = entry_time(window, ARG_CONTACT_DUE, folded->view.opening);
		partition->renewed_due = entry_time(window, ARG_RENEWED_DUE, folded->view.opening);
		/* it stays due if the answers behind it are gone, but not if the newest was corrected */
		for (int i = 0; folded->uncovered == 0 && i < count; i++)
			if (entries[i].given == facts_until && nps_entry_is(&entries[i], NPS_ENTRY_ANSWER) && entries[i].view < 0)
				partition->renewed_due = NPS_NO_TIME;
		folded->is_renewed |= partition->renewed_due != NPS_NO_TIME && entries[folded->view.opening].record.finished_at == NPS_NO_TIME;
	}
	for (int i = 0; i < count; i++)
	{
		if (!entries[i].is_uncovered)
			continue;
		/* nobody could call about an answer before it arrived */
		partition->uncovered_since = earlier(partition->uncovered_since, Max(entries[i].given, entries[i].received_at));
		if (entries[i].given > partition->uncovered_until)
			partition->uncovered_until = entries[i].given;
		partition->uncovered_opens_at = entries[i].opens_at;
		/* answers from before the opening of a recorded case came late, and change no deadline */
		if (!is_recorded || (entries[i].given >= facts_until && (was_contacted || i > folded->view.opening)))
			since_facts = earlier(since_facts, entry_time(window, ARG_DUE, i));
		of_any = earlier(of_any, entry_time(window, ARG_DUE, i));
	}
	/* an answer that came after contact may be older than the facts, with the only deadline */
	if (was_contacted)
		partition->renewed_due = earlier(earlier(partition->renewed_due, since_facts), partition->renewed_due == NPS_NO_TIME ? of_any : NPS_NO_TIME);
	else
		partition->contact_due = earlier(partition->contact_due, since_facts);
}

/* All rows of a partition; NULL if there are too many for one person. */
static NpsCaseEntry *
read_entries(WindowObject window, int *count)
{
	int64		rows = WinGetPartitionRowCount(window);
	int			answers = 0;
	NpsCaseEntry *entries;

	/* besides answers there are cases whose answers are gone, but nobody has a million of them */
	if (rows > 1000 * NPS_MOST_ANSWERS)
		return NULL;
	*count = (int) rows;
	entries = palloc(rows * sizeof(NpsCaseEntry));
	for (int i = 0; i < *count && answers <= NPS_MOST_ANSWERS; i++)
	{
		NpsCaseEntry *entry = &entries[i];

		entry->known = (uint32) entry_integer(window, ARG_KNOWN, i);
		entry->given = entry_time(window, ARG_GIVEN, i);
		entry->opens_at = entry_time(window, ARG_OPENS_AT, i);
		entry->received_at = NPS_NO_TIME;
		entry->score = entry_score(window, ARG_SCORE, i, 0);
		entry->span = 0;
		entry->kept_by = -1;
		answers += nps_entry_is(entry, NPS_ENTRY_ANSWER);
	}
	if (answers > NPS_MOST_ANSWERS)
		return NULL;
	for (int i = 0; i < *count; i++)
	{
		if (nps_entry_is(&entries[i], NPS_ENTRY_RECORDED | NPS_ENTRY_FOLLOW_UP))
		{
			entries[i].span = entry_integer(window, ARG_SPAN, i) * USECS_PER_DAY;
			entries[i].received_at = entry_time(window, ARG_RECEIVED_AT, i);
		}
		if (nps_entry_is(&entries[i], NPS_ENTRY_RECORDED))
		{
			read_record(window, entries, *count, i);
			mark_kept(window, entries, *count, i);
		}
	}
	return entries;
}

/* The answers of the folded case between its opening and its newest one, in the context; NULL if there are none. */
static text *
between_ids(WindowObject window, const NpsCaseEntry *entries, int count, const NpsFoldedCase *folded, MemoryContext context)
{
	int			ours = entries[folded->view.opening].view;
	StringInfoData lines;
	MemoryContext before;
	text	   *result;

	initStringInfo(&lines);
	for (int i = 0; folded->view.count > 2 && i < count; i++)
	{
		bool		is_null;
		Datum		id;

		if (entries[i].view != ours || i == folded->view.opening || i == folded->shown || !nps_entry_is(&entries[i], NPS_ENTRY_ANSWER))
			continue;
		id = entry_value(window, ARG_ID, i, &is_null);
		if (!is_null)
			appendStringInfo(&lines, "%s%s", lines.len > 0 ? "\n" : "", TextDatumGetCString(id));
	}
	before = MemoryContextSwitchTo(context);
	result = lines.len > 0 ? cstring_to_text_with_len(lines.data, lines.len) : NULL;
	MemoryContextSwitchTo(before);
	pfree(lines.data);
	return result;
}

static void
fold_partition(WindowObject window, FoldedPartition *partition)
{
	int			count = 0;
	NpsCaseEntry *entries = read_entries(window, &count);
	NpsCaseView *views;

	partition->is_folded = true;
	partition->folded.shown = -1;
	partition->contact_due = partition->renewed_due = partition->left_at = partition->last_answer_at = NPS_NO_TIME;
	partition->uncovered_since = partition->uncovered_until = partition->uncovered_opens_at = NPS_NO_TIME;
	if (entries == NULL)
		return;
	for (int i = 0; i < count; i++)
	{
		if (nps_entry_is(&entries[i], NPS_ENTRY_ANSWER))
			partition->last_answer_at = entries[i].given;
		if (nps_entry_is(&entries[i], NPS_ENTRY_LEFT))
			partition->left_at = Max(partition->left_at, entry_time(window, ARG_LEFT_AT, i));
	}
	views = palloc(count * sizeof(NpsCaseView));
	partition->folded = nps_fold_case(entries, count, views, GetCurrentTransactionStartTimestamp());
	if (partition->folded.shown >= 0)
	{
		find_deadlines(window, entries, count, partition);
		partition->between_ids = between_ids(window, entries, count, &partition->folded, GetMemoryChunkContext(partition));
	}
	pfree(views);
	pfree(entries);
}

/* The value of an argument at a place; NULL if there is no place. */
static void
put_entry_value(WindowObject window, ResultRow *row, int argument, int place)
{
	bool		is_null = true;
	Datum		value = place < 0 ? (Datum) 0 : entry_value(window, argument, place, &is_null);

	row->nulls[row->next] = is_null;
	row->values[row->next++] = value;
}

static void
put_time(ResultRow *row, int64 time)
{
	row->nulls[row->next] = time == NPS_NO_TIME;
	row->values[row->next++] = TimestampTzGetDatum(time);
}

static void
put_bool(ResultRow *row, bool value)
{
	row->nulls[row->next] = false;
	row->values[row->next++] = BoolGetDatum(value);
}

/*
 * nps_case_fold(known, score, given, ...) returns nps_case
 *
 * Runs over the answers of a respondent in order of time, together with recorded
 * cases whose answers are gone; one of the rows is marked as the one that may open
 * a case.  The result is on the row that the case shows, and NULL on all others.
 */
PG_FUNCTION_INFO_V1(nps_case_fold);
Datum
nps_case_fold(PG_FUNCTION_ARGS)
{
	static const char *const ends[] = {NULL, "expired", "answered better", "taken over"};
	WindowObject window = nps_window_of_call(fcinfo);
	FoldedPartition *partition;
	const NpsFoldedCase *folded;
	ResultRow	row;

	partition = WinGetPartitionLocalMemory(window, sizeof(FoldedPartition));
	if (!partition->is_folded)
		fold_partition(window, partition);
	folded = &partition->folded;
	if (WinGetCurrentPosition(window) != folded->shown)
		PG_RETURN_NULL();

	begin_row(fcinfo, &row);
	put_int64(&row, folded->answers);
	put_int64(&row, folded->view.count);
	put_entry_value(window, &row, ARG_SCORE, folded->previous);
	put_entry_value(window, &row, ARG_SCORE, folded->worst);
	put_entry_value(window, &row, ARG_GIVEN, folded->worst);
	put_entry_value(window, &row, ARG_GIVEN, folded->first);
	put_time(&row, folded->view.opened_at);
	put_time(&row, partition->contact_due);
	put_time(&row, partition->renewed_due);
	put_time(&row, partition->uncovered_since);
	put_time(&row, partition->uncovered_until);
	put_bool(&row, folded->is_renewed);
	put_bool(&row, folded->view.wants_contact);
	put_bool(&row, folded->view.is_better);
	put_time(&row, folded->view.better_at);
	if (folded->view.ended != NPS_CASE_RUNS)
	{
		row.nulls[row.next] = false;
		row.values[row.next] = CStringGetTextDatum(ends[folded->view.ended]);
	}
	row.next++;
	put_time(&row, folded->view.ended_at);
	put_bool(&row, folded->has_newer);
	put_bool(&row, folded->is_held);
	put_bool(&row, folded->is_gone);
	put_entry_value(window, &row, ARG_SCORE, folded->after_newest);
	put_entry_value(window, &row, ARG_GIVEN, folded->after_newest);
	put_entry_value(window, &row, ARG_SCORE, folded->after_opening);
	put_entry_value(window, &row, ARG_GIVEN, folded->after_opening);
	put_time(&row, partition->left_at);
	put_time(&row, partition->last_answer_at);
	put_time(&row, folded->counts_until);
	put_time(&row, partition->uncovered_opens_at);
	row.nulls[row.next] = partition->between_ids == NULL;
	row.values[row.next++] = PointerGetDatum(partition->between_ids);
	put_entry_value(window, &row, ARG_CONTACTABLE, folded->source);
	put_entry_value(window, &row, ARG_REVENUE, folded->source);
	PG_RETURN_DATUM(finish_row(&row));
}

/* Which case an answer belongs to, kept from the first row of the partition to its last. */
typedef struct AnswerPartition
{
	bool		is_folded;
	int			answer;			/* its row; -1: none */
	int			opening;		/* the entry that its case is named after; -1: no case */
} AnswerPartition;

/*
 * nps_case_of_answer(known, score, given, ..., key anyelement) returns anyelement
 *
 * Runs over the same rows.  The result, on the row of the marked answer, is the key
 * of the case that it belongs to; NULL on all others, and if it belongs to none.
 */
PG_FUNCTION_INFO_V1(nps_case_of_answer);
Datum
nps_case_of_answer(PG_FUNCTION_ARGS)
{
	WindowObject window = nps_window_of_call(fcinfo);
	AnswerPartition *partition = WinGetPartitionLocalMemory(window, sizeof(AnswerPartition));
	bool		is_null = true;
	Datum		key = (Datum) 0;

	if (!partition->is_folded)
	{
		int			count = 0;
		NpsCaseEntry *entries = read_entries(window, &count);

		partition->is_folded = true;
		partition->answer = partition->opening = -1;
		if (entries != NULL)
		{
			NpsCaseView *views = palloc(count * sizeof(NpsCaseView));

			(void) nps_fold_cases(entries, count, views);
			for (int i = 0; i < count; i++)
				if (nps_entry_is(&entries[i], NPS_ENTRY_OPENING))
				{
					partition->answer = i;
					partition->opening = entries[i].view < 0 ? -1 : views[entries[i].view].opening;
				}
			pfree(views);
			pfree(entries);
		}
	}
	if (partition->opening >= 0 && WinGetCurrentPosition(window) == partition->answer)
		key = entry_value(window, ARG_KEY, partition->opening, &is_null);
	if (is_null)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(key);
}

/*
 * nps_newest_answer(score double precision, at timestamptz) returns nps_newest
 *
 * Runs over the answers of a respondent in order of time, those without a time
 * first.  The result is on the row of the newest answer, and NULL on all others.
 */
PG_FUNCTION_INFO_V1(nps_newest_answer);
Datum
nps_newest_answer(PG_FUNCTION_ARGS)
{
	WindowObject window = nps_window_of_call(fcinfo);
	int64		rows = WinGetPartitionRowCount(window);
	ResultRow	row;
	int			dated = 0;

	if (WinGetCurrentPosition(window) != rows - 1 || rows > PG_INT32_MAX)
		PG_RETURN_NULL();
	begin_row(fcinfo, &row);
	put_int64(&row, rows);
	while (dated < rows - 1)
	{
		bool		is_null;

		(void) entry_value(window, ARG_NEWEST_AT, dated, &is_null);
		if (!is_null)
			break;
		dated++;
	}
	put_entry_value(window, &row, ARG_NEWEST_AT, dated);
	put_entry_value(window, &row, ARG_NEWEST_SCORE, rows - 2);
	put_entry_value(window, &row, ARG_NEWEST_AT, rows - 2);
	PG_RETURN_DATUM(finish_row(&row));
}
