/*
 * case_fold.c
 *		Window functions over the answers of one respondent in order of time: which of
 *		them are a case, by case_fold.h, and which is the newest.
 */
#include "nps.h"

#include "utils/timestamp.h"
#include "windowapi.h"

#include "case_fold.h"
#include "result_row.h"

/* The arguments of nps_case_fold(). */
#define ARG_KNOWN 0
#define ARG_SCORE 1
#define ARG_AT 2
#define ARG_FINISHED_AT 3
#define ARG_LEFT_AT 4

/* The arguments of nps_newest_answer(). */
#define ARG_NEWEST_SCORE 0
#define ARG_NEWEST_AT 1

/* What a partition is folded into, kept from its first row to its last. */
typedef struct FoldedPartition
{
	bool		is_folded;
	bool		knows_who_left;
	NpsFoldedCase folded;
} FoldedPartition;

/* What the window is called with; called otherwise is an error. */
static WindowObject
window_of_call(FunctionCallInfo fcinfo)
{
	WindowObject window = PG_WINDOW_OBJECT();

	if (!WindowObjectIsValid(window))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("window function called without a window"),
				 errhint("Call it with OVER.")));
	return window;
}

static Datum
entry_value(WindowObject window, int argument, int64 place, bool *is_null)
{
	bool		is_out;

	/* a partition of more rows than an int counts was refused before */
	return WinGetFuncArgInPartition(window, argument, (int) place, WINDOW_SEEK_HEAD, false, is_null, &is_out);
}

static int64
entry_time(WindowObject window, int argument, int place, bool *is_known)
{
	bool		is_null;
	Datum		value = entry_value(window, argument, place, &is_null);

	*is_known = !is_null;
	return is_null ? 0 : DatumGetTimestampTz(value);
}

static void
fold_partition(WindowObject window, FoldedPartition *partition)
{
	int64		rows = WinGetPartitionRowCount(window);
	int			count = 0;
	int			answers = 0;
	bool		any_taken = false;
	NpsCaseEntry *entries;

	partition->is_folded = true;
	partition->folded.shown = -1;
	/* cases whose answers are gone are beside the answers, but nobody has a million of them */
	if (rows > 1000 * NPS_MOST_ANSWERS)
		return;
	entries = palloc(rows * sizeof(NpsCaseEntry));
	while (count < rows)
	{
		NpsCaseEntry *entry = &entries[count];
		bool		is_null;
		Datum		known = entry_value(window, ARG_KNOWN, count, &is_null);

		memset(entry, 0, sizeof(NpsCaseEntry));
		entry->known = is_null ? 0 : DatumGetUInt32(known);
		any_taken |= nps_entry_is(entry, NPS_ENTRY_TAKEN);
		partition->knows_who_left |= nps_entry_is(entry, NPS_ENTRY_LEFT);
		answers += nps_entry_is(entry, NPS_ENTRY_ANSWER);
		count++;
		if (answers > NPS_MOST_ANSWERS)
			break;
	}
	/* most respondents have no case that somebody took on, and then times mean nothing but their order */
	for (int i = 0; any_taken && answers <= NPS_MOST_ANSWERS && i < count; i++)
	{
		entries[i].at = entry_time(window, ARG_AT, i, &entries[i].is_dated);
		if (nps_entry_is(&entries[i], NPS_ENTRY_TAKEN))
			entries[i].finished_at = entry_time(window, ARG_FINISHED_AT, i, &entries[i].is_finished);
	}
	partition->folded = nps_fold_case(entries, count);
	pfree(entries);
}

/* When the respondent left: the latest that any answer says. */
static void
put_left_at(WindowObject window, ResultRow *row)
{
	int64		rows = WinGetPartitionRowCount(window);
	TimestampTz left_at = DT_NOBEGIN;
	bool		has_left = false;

	for (int i = 0; i < rows; i++)
	{
		bool		is_known;
		TimestampTz at = entry_time(window, ARG_LEFT_AT, i, &is_known);

		if (is_known && at >= left_at)
			left_at = at;
		has_left |= is_known;
	}
	row->nulls[row->next] = !has_left;
	row->values[row->next++] = TimestampTzGetDatum(left_at);
}

/* The value of an argument at a place; NULL at none. */
static void
put_entry_value(WindowObject window, ResultRow *row, int argument, int place)
{
	bool		is_null = true;
	Datum		value = place < 0 ? (Datum) 0 : entry_value(window, argument, place, &is_null);

	row->nulls[row->next] = is_null;
	row->values[row->next++] = value;
}

static void
put_bool(ResultRow *row, bool value)
{
	row->nulls[row->next] = false;
	row->values[row->next++] = BoolGetDatum(value);
}

/*
 * nps_case_fold(known integer, score double precision, at, finished_at, left_at timestamptz)
 * returns nps_case
 *
 * Over the answers of a respondent in order of time, together with the cases that
 * were taken on and whose answers are gone, and with one of these marked as the
 * one that may open a case: NULL, but on the row that the case shows.
 */
PG_FUNCTION_INFO_V1(nps_case_fold);
Datum
nps_case_fold(PG_FUNCTION_ARGS)
{
	WindowObject window = window_of_call(fcinfo);
	FoldedPartition *partition;
	ResultRow	row;

	partition = WinGetPartitionLocalMemory(window, sizeof(FoldedPartition));
	if (!partition->is_folded)
		fold_partition(window, partition);
	if (WinGetCurrentPosition(window) != partition->folded.shown)
		PG_RETURN_NULL();

	begin_row(fcinfo, &row);
	put_int64(&row, partition->folded.answers);
	put_entry_value(window, &row, ARG_SCORE, partition->folded.previous);
	put_entry_value(window, &row, ARG_SCORE, partition->folded.next);
	put_entry_value(window, &row, ARG_AT, partition->folded.next);
	if (partition->knows_who_left)
		put_left_at(window, &row);
	else
		put_entry_value(window, &row, ARG_LEFT_AT, -1);
	put_bool(&row, partition->folded.is_current);
	put_bool(&row, partition->folded.opted_out);
	PG_RETURN_DATUM(finish_row(&row));
}

/*
 * nps_newest_answer(score double precision, at timestamptz) returns nps_newest
 *
 * Over the answers of a respondent in order of time, those without a time first:
 * what goes with the newest, on its row; NULL on the others.
 */
PG_FUNCTION_INFO_V1(nps_newest_answer);
Datum
nps_newest_answer(PG_FUNCTION_ARGS)
{
	WindowObject window = window_of_call(fcinfo);
	int64		rows = WinGetPartitionRowCount(window);
	ResultRow	row;
	int			dated = 0;

	if (WinGetCurrentPosition(window) != rows - 1 || rows > PG_INT32_MAX)
		PG_RETURN_NULL();
	begin_row(fcinfo, &row);
	put_int64(&row, rows);
	while (dated < rows - 1)
	{
		bool		is_dated;

		(void) entry_time(window, ARG_NEWEST_AT, dated, &is_dated);
		if (is_dated)
			break;
		dated++;
	}
	put_entry_value(window, &row, ARG_NEWEST_AT, dated);
	put_entry_value(window, &row, ARG_NEWEST_SCORE, rows - 2);
	put_entry_value(window, &row, ARG_NEWEST_AT, rows - 2);
	PG_RETURN_DATUM(finish_row(&row));
}
