/*
 * rollup_change.c
 *		Counts changes of the source in the cells of a rollup, and appends them to
 *		it.
 *
 * A rollup is a bag of rows: each has, for one day and one value of each segment,
 * the answers that came, those that went, and the changes of the other counts.
 * Only their sum counts.  So writers just append: they never wait for each other,
 * and cannot deadlock.
 */
#include "nps.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "executor/executor.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "rollup_change.h"
#include "rollup_tally.h"

/*
 * How many cells of a writer, and how many bytes in total, are kept in memory
 * before they are written.
 */
#define CELLS_OF_WRITER 10000
#define BYTES_IN_MEMORY (64 * 1024 * 1024)

/* The key of a cell: a leaf, and as values the day and the segments. */
typedef struct CellKey
{
	uint32		hash;
	Oid			leaf;
	Datum	   *values;
	bool	   *nulls;
} CellKey;

/* What a statement does to a cell. */
typedef struct Cell
{
	CellKey		key;
	char		status;			/* used by the hash table */
	NpsTally	added;
	NpsTally	removed;
	int64		unanswered;
	int64		rejected;
	int64		with_comment;
	int64		answered;
	int64		rows;			/* rows of the rollup that were added to it */
} Cell;

static bool
same_key(const RollupMapping *mapping, const CellKey *left, const CellKey *right)
{
	if (left->leaf != right->leaf)
		return false;
	for (int i = 0; i < mapping->keys; i++)
	{
		if (left->nulls[i] != right->nulls[i])
			return false;
		if (!left->nulls[i] &&
			!datum_image_eq(left->values[i], right->values[i], mapping->key[i].by_value, mapping->key[i].length))
			return false;
	}
	return true;
}

#define SH_PREFIX cells
#define SH_ELEMENT_TYPE Cell
#define SH_KEY_TYPE CellKey
#define SH_KEY key
#define SH_HASH_KEY(table, sought) (sought).hash
#define SH_EQUAL(table, stored, sought) same_key((table)->private_data, &(stored), &(sought))
#define SH_STORE_HASH
#define SH_GET_HASH(table, cell) (cell)->key.hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct RollupChange
{
	MemoryContext context;		/* of this struct and everything below */
	MemoryContext content;		/* the cells */
	cells_hash *cells;
	uint32		most_cells;
	int			keys;
	TupleDesc	columns;		/* the columns of the cells' rollup */
	uint64		mapping;		/* number of the mapping used last */
	CellKey		sought;
};

static void
make_cells(RollupChange *change)
{
	/* each row brings its own mapping, which may be gone when the cells are written */
	change->cells = cells_create(change->content, 16, NULL);
}

/*
 * An empty change, in the current memory context.  Maintenance writes each cell
 * only once, as far as memory allows.
 */
RollupChange *
nps_change_begin(RollupMapping *mapping, bool is_maintenance)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "nps change", ALLOCSET_SMALL_SIZES);
	RollupChange *change = MemoryContextAllocZero(context, sizeof(RollupChange));
	MemoryContext caller;

	change->context = context;
	change->content = AllocSetContextCreate(context, "nps cells", ALLOCSET_DEFAULT_SIZES);
	change->most_cells = is_maintenance ? PG_UINT32_MAX : CELLS_OF_WRITER;
	change->keys = mapping->keys;
	change->mapping = mapping->number;
	change->sought.values = MemoryContextAlloc(context, mapping->keys * sizeof(Datum));
	change->sought.nulls = MemoryContextAlloc(context, mapping->keys * sizeof(bool));
	caller = MemoryContextSwitchTo(context);
	change->columns = CreateTupleDescCopy(mapping->columns);
	MemoryContextSwitchTo(caller);
	make_cells(change);
	return change;
}

void
nps_change_end(RollupChange *change)
{
	MemoryContextDelete(change->context);
}

/* Does the rollup still have the columns that the cells were made for? */
static bool
same_columns(const RollupChange *change, TupleDesc columns)
{
	bool		is_same = change->columns->natts == columns->natts;

	for (int i = 0; is_same && i < columns->natts; i++)
		is_same = TupleDescAttr(change->columns, i)->atttypid == TupleDescAttr(columns, i)->atttypid &&
			!TupleDescAttr(columns, i)->attisdropped;
	return is_same;
}

/*
 * Can what was counted be written to the rollup?  Our lock keeps others from
 * changing its columns, but not code that runs within the statement.
 */
bool
nps_change_suits(const RollupChange *change, Relation rollup)
{
	return same_columns(change, RelationGetDescr(rollup));
}

/* The value of a part of the mapping for the current row. */
static Datum
part_value(RollupMapping *mapping, const RollupPart *part, bool *is_null)
{
	mapping->argument = part->argument;
	return ExecEvalExprSwitchContext(part->state, mapping->row, is_null);
}

/* A day in the survey's time zone, if it is known. */
typedef struct CellDay
{
	bool		is_known;
	DateADT		day;
} CellDay;

/* The day of a time in the current row. */
static CellDay
day_of_row(RollupMapping *mapping, const RollupPart *time)
{
	CellDay		result = {false, 0};
	bool		is_null;
	Datum		value = part_value(mapping, time, &is_null);

	result.is_known = !is_null && nps_day_of(DatumGetTimestampTz(value), mapping->zone, &result.day);
	return result;
}

/* Computes the segments of the current row, once for all cells that count it. */
static void
take_segments(RollupChange *change, RollupMapping *mapping)
{
	CellKey    *sought = &change->sought;

	for (int i = 1; i < mapping->keys; i++)
	{
		sought->values[i] = part_value(mapping, &mapping->key[i].part, &sought->nulls[i]);
		if (sought->nulls[i])
			sought->values[i] = (Datum) 0;
		else if (mapping->key[i].length == -1)
			sought->values[i] = PointerGetDatum(PG_DETOAST_DATUM_PACKED(sought->values[i]));
	}
}

/* The cell for the sought key; made if it does not exist, which moves the others. */
static Cell *
sought_cell(RollupChange *change, const RollupMapping *mapping)
{
	CellKey    *sought = &change->sought;
	Cell	   *cell;
	bool		found;

	sought->hash = hash_bytes_uint32(sought->leaf);
	for (int i = 0; i < mapping->keys; i++)
		sought->hash = hash_combine(sought->hash, sought->nulls[i] ? 0
									: datum_image_hash(sought->values[i], mapping->key[i].by_value, mapping->key[i].length));
	cell = cells_insert(change->cells, *sought, &found);
	if (!found)
	{
		MemoryContext caller = MemoryContextSwitchTo(change->content);

		cell->key.values = palloc(mapping->keys * sizeof(Datum));
		cell->key.nulls = palloc(mapping->keys * sizeof(bool));
		memcpy(cell->key.nulls, sought->nulls, mapping->keys * sizeof(bool));
		for (int i = 0; i < mapping->keys; i++)
			cell->key.values[i] = sought->nulls[i] ? (Datum) 0
				: datumCopy(sought->values[i], mapping->key[i].by_value, mapping->key[i].length);
		nps_tally_clear(&cell->added);
		nps_tally_clear(&cell->removed);
		cell->unanswered = cell->rejected = cell->with_comment = cell->answered = cell->rows = 0;
		MemoryContextSwitchTo(caller);
	}
	return cell;
}

/* The cell for the day and the segments just computed. */
static Cell *
cell_of_day(RollupChange *change, const RollupMapping *mapping, CellDay day)
{
	change->sought.values[0] = day.is_known ? DateADTGetDatum(day.day) : (Datum) 0;
	change->sought.nulls[0] = !day.is_known;
	return sought_cell(change, mapping);
}

/* The day on which the customer was asked, or else the day of the answer. */
static CellDay
day_of_asking(RollupMapping *mapping, CellDay day_of_answer)
{
	CellDay		day = day_of_row(mapping, &mapping->asked_at);

	return day.is_known ? day : day_of_answer;
}

static bool
is_no_answer(const text *rejection)
{
	return VARSIZE_ANY_EXHDR(rejection) == strlen(NPS_NO_ANSWER) &&
		memcmp(VARDATA_ANY(rejection), NPS_NO_ANSWER, strlen(NPS_NO_ANSWER)) == 0;
}

/*
 * Counts the row in the slot, which has the source's columns and belongs to the
 * leaf, as added (sign 1) or removed (sign -1).  Returns true if there are enough
 * cells in memory for them to be written.
 *
 * The mapping may differ from that of the previous row, if it was read again.  Must
 * be called as the owner (nps_mapping_use); a problem with a row is an error.
 */
bool
nps_change_count(RollupChange *change, RollupMapping *mapping, TupleTableSlot *slot, Oid leaf, int sign)
{
	ExprContext *row = mapping->row;
	MemoryContext caller;
	bool		is_null;
	Datum		value;

	if (change->mapping != mapping->number)
	{
		if (!same_columns(change, mapping->columns))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("the columns of the rollup were changed by the statement that it counts")));
		change->mapping = mapping->number;
	}
	change->cells->private_data = mapping;
	change->sought.leaf = leaf;
	ResetExprContext(row);
	row->ecxt_scantuple = slot;
	if (mapping->filter.state != NULL)
	{
		value = part_value(mapping, &mapping->filter, &is_null);
		if (is_null || !DatumGetBool(value))
			return false;
	}
	caller = MemoryContextSwitchTo(row->ecxt_per_tuple_memory);
	value = part_value(mapping, &mapping->score, &is_null);
	if (is_null)
	{
		Datum		rejection = part_value(mapping, &mapping->rejection, &is_null);

		/* a row with neither score nor reason counts nothing, as in a query over the view */
		if (!is_null)
		{
			CellDay		day = day_of_row(mapping, &mapping->key[0].part);
			Cell	   *cell;

			take_segments(change, mapping);
			cell = cell_of_day(change, mapping, day_of_asking(mapping, day));
			if (is_no_answer(DatumGetTextPP(rejection)))
				cell->unanswered += sign;
			else
				cell->rejected += sign;
		}
	}
	else
	{
		NpsValue	score = mapping->score_value(value);
		CellDay		day;
		CellDay		asked;
		Cell	   *cell;
		NpsTallyResult result;
		Datum		comment;

		if (nps_judge(score, &nps_scale_table[mapping->scale]) != NPS_VALID)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("the view answer gives a score that is not on the scale \"%s\"", nps_scale_table[mapping->scale].name)));
		day = day_of_row(mapping, &mapping->key[0].part);
		asked = day_of_asking(mapping, day);
		take_segments(change, mapping);
		cell = cell_of_day(change, mapping, day);
		result = nps_tally_count(sign > 0 ? &cell->added : &cell->removed, mapping->scale, score.whole);
		if (result != NPS_TALLY_OK)
			nps_tally_error(result, mapping->scale, mapping->scale);
		comment = part_value(mapping, &mapping->comment, &is_null);
		if (!is_null && nps_is_comment(comment))
			cell->with_comment += sign;
		if (asked.is_known != day.is_known || asked.day != day.day)
			cell = cell_of_day(change, mapping, asked);
		cell->answered += sign;
	}
	MemoryContextSwitchTo(caller);
	return change->cells->members >= change->most_cells ||
		MemoryContextMemAllocated(change->content, false) >= BYTES_IN_MEMORY;
}

/* Sets the sought key to the cell of a row of the rollup. */
static void
seek_row(RollupChange *change, RollupMapping *mapping, TupleTableSlot *row)
{
	CellKey    *sought = &change->sought;

	slot_getallattrs(row);
	change->cells->private_data = mapping;
	sought->leaf = row->tts_isnull[change->keys + ROLLUP_LEAF] ? InvalidOid : (Oid) DatumGetInt64(row->tts_values[change->keys + ROLLUP_LEAF]);
	for (int i = 0; i < change->keys; i++)
	{
		sought->nulls[i] = row->tts_isnull[i];
		sought->values[i] = row->tts_isnull[i] ? (Datum) 0 : row->tts_values[i];
		if (!row->tts_isnull[i] && mapping->key[i].length == -1)
			sought->values[i] = PointerGetDatum(PG_DETOAST_DATUM_PACKED(row->tts_values[i]));
	}
}

/* Adds a tally in a row of the rollup to that of its cell. */
static void
add_tally(NpsTally *sum, const RollupMapping *mapping, TupleTableSlot *row, int column)
{
	if (!row->tts_isnull[column])
		nps_add_counts(sum, row->tts_values[column], mapping->scale);
}

static void
add_count(int64 *sum, TupleTableSlot *row, int column)
{
	if (!row->tts_isnull[column] && pg_add_s64_overflow(*sum, DatumGetInt64(row->tts_values[column]), sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("bigint out of range")));
}

/* Adds a row of the rollup to its cell. */
void
nps_change_add(RollupChange *change, RollupMapping *mapping, TupleTableSlot *row)
{
	Cell	   *cell;

	seek_row(change, mapping, row);
	cell = sought_cell(change, mapping);
	add_tally(&cell->added, mapping, row, change->keys + ROLLUP_ADDED);
	add_tally(&cell->removed, mapping, row, change->keys + ROLLUP_REMOVED);
	add_count(&cell->unanswered, row, change->keys + ROLLUP_UNANSWERED);
	add_count(&cell->rejected, row, change->keys + ROLLUP_REJECTED);
	add_count(&cell->with_comment, row, change->keys + ROLLUP_WITH_COMMENT);
	add_count(&cell->answered, row, change->keys + ROLLUP_ANSWERED);
	cell->rows++;
}

/* How many rows of the rollup were added to the cell of this row. */
int64
nps_change_rows(RollupChange *change, RollupMapping *mapping, TupleTableSlot *row)
{
	seek_row(change, mapping, row);
	return sought_cell(change, mapping)->rows;
}

/*
 * Appends what was counted to the rollup, and starts over.  Cells that add up to
 * nothing are not written, and a cell that was a single row of the rollup is
 * already there.  Returns the number of rows written.
 */
int64
nps_change_write(RollupChange *change, Relation rollup)
{
	TupleTableSlot *slot;
	cells_iterator iterator;
	Cell	   *cell;
	MemoryContext caller;
	int64		written = 0;

	slot = MakeSingleTupleTableSlot(RelationGetDescr(rollup), &TTSOpsVirtual);
	cells_start_iterate(change->cells, &iterator);
	while ((cell = cells_iterate(change->cells, &iterator)) != NULL)
	{
		Datum	   *values = slot->tts_values;
		bool	   *nulls = slot->tts_isnull;
		int			first = change->keys;

		nps_tally_cancel_out(&cell->added, &cell->removed);
		if (cell->rows == 1 ||
			(cell->added.scale == NPS_SCALE_NONE && cell->removed.scale == NPS_SCALE_NONE &&
			 cell->unanswered == 0 && cell->rejected == 0 && cell->with_comment == 0 && cell->answered == 0))
			continue;
		ExecClearTuple(slot);
		memcpy(values, cell->key.values, change->keys * sizeof(Datum));
		memcpy(nulls, cell->key.nulls, change->keys * sizeof(bool));
		for (int i = 0; i < ROLLUP_MEASURES; i++)
			nulls[first + i] = false;
		caller = MemoryContextSwitchTo(change->content);
		nulls[first + ROLLUP_ADDED] = cell->added.scale == NPS_SCALE_NONE;
		values[first + ROLLUP_ADDED] = nulls[first + ROLLUP_ADDED] ? (Datum) 0 : nps_counts_of_tally(&cell->added);
		nulls[first + ROLLUP_REMOVED] = cell->removed.scale == NPS_SCALE_NONE;
		values[first + ROLLUP_REMOVED] = nulls[first + ROLLUP_REMOVED] ? (Datum) 0 : nps_counts_of_tally(&cell->removed);
		MemoryContextSwitchTo(caller);
		values[first + ROLLUP_UNANSWERED] = Int64GetDatum(cell->unanswered);
		values[first + ROLLUP_REJECTED] = Int64GetDatum(cell->rejected);
		values[first + ROLLUP_WITH_COMMENT] = Int64GetDatum(cell->with_comment);
		values[first + ROLLUP_ANSWERED] = Int64GetDatum(cell->answered);
		values[first + ROLLUP_LEAF] = Int64GetDatum((int64) cell->key.leaf);
		ExecStoreVirtualTuple(slot);
		table_tuple_insert(rollup, slot, GetCurrentCommandId(true), 0, NULL);
		written++;
	}
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextReset(change->content);
	make_cells(change);
	return written;
}
