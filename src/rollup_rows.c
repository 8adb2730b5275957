/*
 * rollup_rows.c
 *		Keeps the rows that the row triggers of partitions are called for, until
 *		they are counted together: a subtransaction for each row would cost more
 *		than counting it.
 *
 * Only the columns that the mapping reads are kept, in the order of the source.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "rollup_rows.h"

/* When they are to be counted. */
#define MOST_ROWS 1000
#define MOST_BYTES (1024 * 1024)

typedef struct KeptRow
{
	MinimalTuple row;
	Oid			leaf;
	int			sign;
} KeptRow;

struct RollupRows
{
	MemoryContext context;		/* of this struct and everything below */
	MemoryContext content;		/* the rows */
	TupleDesc	columns;		/* of the source */
	Bitmapset  *reads;			/* columns that are kept */
	Datum	   *values;
	bool	   *nulls;
	TupleTableSlot *slot;
	int			count;
	int			next;			/* the first row not counted */
	Size		bytes;
	int			room;
	KeptRow    *rows;
};

/* Most statements have a single row. */
#define FIRST_ROOM 4

/* An empty list; it lives until the end of the transaction. */
RollupRows *
nps_rows_begin(TupleDesc source, const Bitmapset *reads)
{
	MemoryContext context = AllocSetContextCreate(TopTransactionContext, "nps rows", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	RollupRows *rows = palloc(sizeof(RollupRows));

	rows->context = context;
	rows->content = AllocSetContextCreate(context, "nps kept rows", ALLOCSET_DEFAULT_SIZES);
	rows->columns = CreateTupleDescCopy(source);
	rows->reads = bms_copy(reads);
	rows->values = palloc(source->natts * sizeof(Datum));
	rows->nulls = palloc(source->natts * sizeof(bool));
	rows->slot = MakeSingleTupleTableSlot(rows->columns, &TTSOpsMinimalTuple);
	rows->count = rows->next = 0;
	rows->bytes = 0;
	rows->room = FIRST_ROOM;
	rows->rows = palloc(rows->room * sizeof(KeptRow));
	MemoryContextSwitchTo(caller);
	return rows;
}

void
nps_rows_end(RollupRows *rows)
{
	MemoryContextDelete(rows->context);
}

/*
 * Keeps a row, which has the columns of the source.  Returns whether the rows
 * should be counted now.
 */
bool
nps_rows_add(RollupRows *rows, TupleTableSlot *row, Oid leaf, int sign)
{
	MemoryContext caller = MemoryContextSwitchTo(rows->content);
	KeptRow    *kept;

	if (rows->count == rows->room)
	{
		/* an update adds two */
		rows->room = Min(rows->room * 8, MOST_ROWS + 1);
		rows->rows = repalloc(rows->rows, rows->room * sizeof(KeptRow));
	}
	kept = &rows->rows[rows->count];
	slot_getallattrs(row);
	for (int i = 0; i < rows->columns->natts; i++)
	{
		rows->nulls[i] = row->tts_isnull[i] || !bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber, rows->reads);
		rows->values[i] = rows->nulls[i] ? (Datum) 0 : row->tts_values[i];
	}
	kept->row = nps_form_minimal_tuple(rows->columns, rows->values, rows->nulls);
	kept->leaf = leaf;
	kept->sign = sign;
	rows->count++;
	rows->bytes += kept->row->t_len;
	MemoryContextSwitchTo(caller);
	return rows->count >= MOST_ROWS || rows->bytes > MOST_BYTES;
}

/* Do the rows have all columns that the mapping reads?  It may have changed since. */
bool
nps_rows_suit(const RollupRows *rows, const RollupMapping *mapping)
{
	return bms_is_subset(mapping->reads, rows->reads);
}

/*
 * Counts the kept rows.  Returns true if the change should be written now, and this
 * called again for the rest.
 */
bool
nps_rows_count(RollupRows *rows, RollupChange *change, RollupMapping *mapping)
{
	bool		is_full = false;

	while (rows->next < rows->count && !is_full)
	{
		KeptRow    *kept = &rows->rows[rows->next++];

		CHECK_FOR_INTERRUPTS();
		ExecStoreMinimalTuple(kept->row, rows->slot, false);
		is_full = nps_change_count(change, mapping, rows->slot, kept->leaf, kept->sign);
	}
	if (rows->next == rows->count)
	{
		ExecClearTuple(rows->slot);
		MemoryContextReset(rows->content);
		rows->count = rows->next = 0;
		rows->bytes = 0;
	}
	return is_full;
}
