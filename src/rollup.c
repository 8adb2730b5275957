/*
 * rollup.c
 *		Keeps the rollup of a survey exact inside every transaction that changes
 *		the source.
 *
 * A rollup is a bag of rows: for a day and a value of each segment the answers
 * that came and those that went, and by how much the other counts changed.  Its
 * meaning is their sum.  So writers only append: they never wait for each other,
 * and there is nothing to deadlock on.
 *
 * The mapping is computed over the rows of the statement as the writer, as index
 * expressions are.  What comes out is put into the rollup directly, so that a
 * writer needs no right on the survey.  Nobody can make use of that to write
 * elsewhere: the rollup is found by OID, must be what nps_materialize() made, and
 * its survey must read the very table that the trigger is on.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "rollup_mapping.h"
#include "survey_table.h"

/* How many cells of one statement are kept in memory before they are written. */
#define CELLS_IN_MEMORY 10000

/* The day, and then the segments. */
typedef struct CellKey
{
	uint32		hash;
	Datum	   *values;
	bool	   *nulls;
} CellKey;

/* What a statement does to a cell. */
typedef struct Cell
{
	CellKey		key;
	char		status;			/* the hash table's */
	NpsTally	added;
	NpsTally	removed;
	int64		unanswered;
	int64		rejected;
	int64		with_comment;
} Cell;

static bool
same_key(const RollupMapping *mapping, const CellKey *left, const CellKey *right)
{
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

/* A statement at work. */
typedef struct Change
{
	RollupMapping *mapping;
	Relation	rollup;
	MemoryContext context;		/* of the cells */
	cells_hash *cells;
	TupleTableSlot *row;		/* of the rollup */
	CellKey		sought;
} Change;

/* The value of a part of the mapping for the row at hand. */
static Datum
part_value(const RollupPart *part, ExprContext *row, bool *is_null)
{
	return ExecEvalExprSwitchContext(part->state, row, is_null);
}

/* A valid score of whatever type the view answer gives it. */
static NpsValue
score_value(Datum score, Oid type)
{
	switch (type)
	{
		case INT2OID:
			return nps_value_from_int64(DatumGetInt16(score));
		case INT4OID:
			return nps_value_from_int64(DatumGetInt32(score));
		case INT8OID:
			return nps_value_from_int64(DatumGetInt64(score));
		case FLOAT8OID:
			return nps_value_from_double(DatumGetFloat8(score));
		default:
			elog(ERROR, "scores of type %u", type);
	}
}

/* The cell that the row at hand belongs to; made if it is new. */
static Cell *
cell_of_row(Change *change)
{
	RollupMapping *mapping = change->mapping;
	CellKey    *sought = &change->sought;
	Cell	   *cell;
	bool		found;

	sought->hash = 0;
	for (int i = 0; i < mapping->keys; i++)
	{
		RollupKey  *key = &mapping->key[i];

		sought->values[i] = part_value(&key->part, mapping->row, &sought->nulls[i]);
		if (i == 0 && !sought->nulls[i])
		{
			DateADT		day = 0;

			sought->nulls[i] = !nps_day_of(DatumGetTimestampTz(sought->values[i]), mapping->zone, &day);
			sought->values[i] = DateADTGetDatum(day);
		}
		if (sought->nulls[i])
			sought->values[i] = (Datum) 0;
		else if (key->length == -1)
			sought->values[i] = PointerGetDatum(PG_DETOAST_DATUM_PACKED(sought->values[i]));
		sought->hash = hash_combine(sought->hash, sought->nulls[i] ? 0
									: datum_image_hash(sought->values[i], key->by_value, key->length));
	}
	cell = cells_insert(change->cells, *sought, &found);
	if (!found)
	{
		MemoryContext caller = MemoryContextSwitchTo(change->context);

		cell->key.values = palloc(mapping->keys * sizeof(Datum));
		cell->key.nulls = palloc(mapping->keys * sizeof(bool));
		memcpy(cell->key.nulls, sought->nulls, mapping->keys * sizeof(bool));
		for (int i = 0; i < mapping->keys; i++)
			cell->key.values[i] = sought->nulls[i] ? (Datum) 0
				: datumCopy(sought->values[i], mapping->key[i].by_value, mapping->key[i].length);
		nps_tally_clear(&cell->added);
		nps_tally_clear(&cell->removed);
		cell->unanswered = cell->rejected = cell->with_comment = 0;
		MemoryContextSwitchTo(caller);
	}
	return cell;
}

/* Counts the row in the slot: as one that came (1), or as one that went (-1). */
static void
count_row(Change *change, TupleTableSlot *slot, int sign)
{
	RollupMapping *mapping = change->mapping;
	ExprContext *row = mapping->row;
	MemoryContext caller;
	bool		is_null;
	Datum		value;

	ResetExprContext(row);
	row->ecxt_scantuple = slot;
	if (mapping->filter.state != NULL)
	{
		value = part_value(&mapping->filter, row, &is_null);
		if (is_null || !DatumGetBool(value))
			return;
	}
	caller = MemoryContextSwitchTo(row->ecxt_per_tuple_memory);
	value = part_value(&mapping->score, row, &is_null);
	if (is_null)
	{
		bool		unknown;
		text	   *reason = DatumGetTextPP(part_value(&mapping->rejection, row, &unknown));
		Cell	   *cell = cell_of_row(change);

		if (!unknown && VARSIZE_ANY_EXHDR(reason) == strlen(NPS_NO_ANSWER) &&
			memcmp(VARDATA_ANY(reason), NPS_NO_ANSWER, strlen(NPS_NO_ANSWER)) == 0)
			cell->unanswered += sign;
		else if (!unknown)
			cell->rejected += sign;
	}
	else
	{
		NpsValue	score = score_value(value, mapping->score_type);
		Cell	   *cell = cell_of_row(change);
		Datum		comment;
		NpsTallyResult result;

		if (nps_judge(score, &nps_scale_table[mapping->scale]) != NPS_VALID)
			elog(ERROR, "the view answer calls a score valid that is not");
		result = nps_tally_count(sign > 0 ? &cell->added : &cell->removed, mapping->scale, score.whole);
		if (result != NPS_TALLY_OK)
			nps_tally_error(result, mapping->scale, mapping->scale);
		comment = part_value(&mapping->comment, row, &is_null);
		if (!is_null && nps_is_comment(comment))
			cell->with_comment += sign;
	}
	MemoryContextSwitchTo(caller);
}

/* What is in both is in neither. */
static void
cancel_out(NpsTally *left, NpsTally *right)
{
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		int64		both = Min(left->counter[i], right->counter[i]);

		left->counter[i] -= both;
		right->counter[i] -= both;
	}
	nps_tally_forget_scale_if_empty(left);
	nps_tally_forget_scale_if_empty(right);
}

/* Appends what was counted to the rollup.  What came to nothing is not written. */
static void
write_cells(Change *change)
{
	RollupMapping *mapping = change->mapping;
	cells_iterator iterator;
	Cell	   *cell;

	cells_start_iterate(change->cells, &iterator);
	while ((cell = cells_iterate(change->cells, &iterator)) != NULL)
	{
		Datum	   *values = change->row->tts_values;
		bool	   *nulls = change->row->tts_isnull;
		int			first = mapping->keys;

		cancel_out(&cell->added, &cell->removed);
		if (cell->added.scale == NPS_SCALE_NONE && cell->removed.scale == NPS_SCALE_NONE &&
			cell->unanswered == 0 && cell->rejected == 0 && cell->with_comment == 0)
			continue;
		ExecClearTuple(change->row);
		memcpy(values, cell->key.values, mapping->keys * sizeof(Datum));
		memcpy(nulls, cell->key.nulls, mapping->keys * sizeof(bool));
		values[first + ROLLUP_ADDED] = PointerGetDatum(&cell->added);
		nulls[first + ROLLUP_ADDED] = cell->added.scale == NPS_SCALE_NONE;
		values[first + ROLLUP_REMOVED] = PointerGetDatum(&cell->removed);
		nulls[first + ROLLUP_REMOVED] = cell->removed.scale == NPS_SCALE_NONE;
		values[first + ROLLUP_UNANSWERED] = Int64GetDatum(cell->unanswered);
		nulls[first + ROLLUP_UNANSWERED] = false;
		values[first + ROLLUP_REJECTED] = Int64GetDatum(cell->rejected);
		nulls[first + ROLLUP_REJECTED] = false;
		values[first + ROLLUP_WITH_COMMENT] = Int64GetDatum(cell->with_comment);
		nulls[first + ROLLUP_WITH_COMMENT] = false;
		ExecStoreVirtualTuple(change->row);
		table_tuple_insert(change->rollup, change->row, GetCurrentCommandId(true), 0, NULL);
	}
}

/* Counts all rows of a transition table; NULL: there is none. */
static void
count_rows(Change *change, Tuplestorestate *rows, TupleTableSlot *slot, int sign)
{
	if (rows == NULL)
		return;
	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		CHECK_FOR_INTERRUPTS();
		count_row(change, slot, sign);
		if (change->cells->members >= CELLS_IN_MEMORY)
		{
			write_cells(change);
			MemoryContextReset(change->context);
			change->cells = cells_create(change->context, 16, change->mapping);
		}
	}
}

/*
 * Deletes all rows of the rollup, with a lock that no reader waits for: readers
 * lock the rollup before the source, and who truncates has the source.  What
 * others committed is seen whatever the snapshot of the transaction is.
 *
 * For a snapshot from before, the source is empty from now on, and the rollup
 * would not be: that its row in pg_class is a new one keeps such readers from it
 * (rollup_was_there).
 */
static void
empty_rollup(Relation rollup)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(rollup, snapshot, 0, NULL);
	TupleTableSlot *slot = table_slot_create(rollup, NULL);
	Relation	catalog = table_open(RelationRelationId, RowExclusiveLock);
	HeapTuple	entry = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(RelationGetRelid(rollup)));

	if (!HeapTupleIsValid(entry))
		elog(ERROR, "cache lookup failed for relation %u", RelationGetRelid(rollup));
	CatalogTupleUpdate(catalog, &entry->t_self, entry);
	heap_freetuple(entry);
	table_close(catalog, RowExclusiveLock);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		simple_table_tuple_delete(rollup, &slot->tts_tid, snapshot);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
}

/* The rollup, locked for writing, if the mapping was not found to be another while we waited. */
static Relation
open_rollup(RollupMapping **mapping, LOCKMODE lock)
{
	Oid			rollup = (*mapping)->rollup;
	Relation	relation = table_open(rollup, lock);

	*mapping = rollup_mapping(rollup);
	return relation;
}

static Oid
relation_owner(Oid relation)
{
	HeapTuple	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner = HeapTupleIsValid(entry) ? ((Form_pg_class) GETSTRUCT(entry))->relowner : InvalidOid;

	if (HeapTupleIsValid(entry))
		ReleaseSysCache(entry);
	return owner;
}

/*
 * nps_keep_rollup() returns trigger
 *
 * AFTER statement trigger on the source of a survey, for each kind of change.  If
 * the rollup cannot be kept any more, the change of the source goes on: the
 * views are served from the source then.  On a table of somebody else's, which
 * the survey does not read, it is an error.
 */
PG_FUNCTION_INFO_V1(nps_keep_rollup);
Datum
nps_keep_rollup(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_AFTER, false);
	Oid			rollup = rollup_of_trigger(trigger->tg_trigger);
	RollupMapping *mapping = OidIsValid(rollup) ? rollup_mapping(rollup) : NULL;
	char	   *trouble;
	TupleTableSlot *slot;
	Change		change;

	if (mapping != NULL && mapping->source != RelationGetRelid(trigger->tg_relation) &&
		relation_owner(rollup) == trigger->tg_relation->rd_rel->relowner)
		trouble = pstrdup("There is no view answer beside the rollup that reads this table, and no other.");
	else if (mapping == NULL || mapping->source != RelationGetRelid(trigger->tg_relation))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" on \"%s\" belongs to no survey of that table",
						trigger->tg_trigger->tgname, RelationGetRelationName(trigger->tg_relation)),
				 errhint("nps_materialize() makes these triggers; drop this one.")));
	else
		trouble = mapping->trouble;
	if (trouble == NULL)
	{
		change.rollup = open_rollup(&mapping, TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) ? ShareUpdateExclusiveLock : RowExclusiveLock);
		trouble = mapping->trouble;
		if (trouble != NULL)
			table_close(change.rollup, NoLock);
	}
	if (trouble != NULL)
	{
		if (!mapping->has_warned)
			ereport(WARNING,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the rollup of survey \"%s\" is not kept any more; its views read \"%s\" instead",
							get_namespace_name(get_rel_namespace(rollup)), RelationGetRelationName(trigger->tg_relation)),
					 errdetail_internal("%s", trouble),
					 errhint("Have its owner look at nps_check().")));
		mapping->has_warned = true;
		PG_RETURN_POINTER(NULL);
	}

	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
	{
		empty_rollup(change.rollup);
		table_close(change.rollup, NoLock);
		PG_RETURN_POINTER(NULL);
	}

	rollup_prepare(mapping);
	change.mapping = mapping;
	change.context = AllocSetContextCreate(CurrentMemoryContext, "nps cells", ALLOCSET_DEFAULT_SIZES);
	change.cells = cells_create(change.context, 16, mapping);
	change.row = MakeSingleTupleTableSlot(RelationGetDescr(change.rollup), &TTSOpsVirtual);
	change.sought.values = palloc(mapping->keys * sizeof(Datum));
	change.sought.nulls = palloc(mapping->keys * sizeof(bool));
	slot = MakeSingleTupleTableSlot(RelationGetDescr(trigger->tg_relation), &TTSOpsMinimalTuple);
	mapping->is_used = true;
	PG_TRY();
	{
		count_rows(&change, trigger->tg_newtable, slot, 1);
		count_rows(&change, trigger->tg_oldtable, slot, -1);
		write_cells(&change);
	}
	PG_CATCH();
	{
		/* a function that was left in the middle must not be called again as it is */
		mapping->user = InvalidOid;
		mapping->is_used = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
	mapping->is_used = false;
	ExecDropSingleTupleTableSlot(slot);
	ExecDropSingleTupleTableSlot(change.row);
	MemoryContextDelete(change.context);
	table_close(change.rollup, NoLock);
	PG_RETURN_POINTER(NULL);
}

/*
 * nps_rollup_net(added nps_tally, removed nps_tally) returns nps_tally
 *
 * What is left of the answers that came after those that went.  NULL stands for
 * none.  Never an error, as a view must not fail: where the rollup lost count,
 * which nps_verify() tells, no counter is below zero.
 */
PG_FUNCTION_INFO_V1(nps_rollup_net);
Datum
nps_rollup_net(PG_FUNCTION_ARGS)
{
	NpsTally   *net = palloc(sizeof(NpsTally));
	NpsTally	removed;

	nps_tally_clear(net);
	if (!PG_ARGISNULL(0))
		memcpy(net, PG_GETARG_NPS_TALLY(0), sizeof(NpsTally));
	if (!PG_ARGISNULL(1))
	{
		memcpy(&removed, PG_GETARG_NPS_TALLY(1), sizeof(NpsTally));
		cancel_out(net, &removed);
	}
	PG_RETURN_NPS_TALLY(net);
}
