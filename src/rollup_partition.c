/*
 * rollup_partition.c
 *		Counts the rows that a row trigger is called for: rows of partitions, and
 *		rows that replication writes.
 *
 * The rows of a statement on the partitioned table, or on a partition by its own
 * name, are counted in its AFTER trigger, or earlier if there are many.  Replication
 * fires no statement triggers, and a partition may lack its own: such a row is
 * counted at once.
 */
#include "nps.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tupconvert.h"
#include "catalog/partition.h"
#include "catalog/pg_trigger.h"
#include "executor/executor.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "rollup.h"
#include "rollup_attempt.h"
#include "rollup_leaf.h"
#include "rollup_note.h"
#include "rollup_part.h"
#include "rollup_partition.h"
#include "rollup_trigger.h"

/* What the row trigger of a table needs to know, kept for a statement. */
typedef struct RowState
{
	Oid			trigger;
	Oid			source;			/* InvalidOid: rows are not counted */
	Oid			rollup;
	const char *name;			/* of the trigger */
	TupleDesc	columns;		/* of the source */
	Bitmapset  *reads;			/* columns of the source that the mapping uses */
	TupleConversionMap *map;	/* NULL: the table has the columns of the source */
	TupleTableSlot *slots[2];	/* of the source, for the removed and the added row */
} RowState;

/*
 * The table with the original row trigger, which a partition's trigger was cloned
 * from; InvalidOid if the partition is being detached from it.
 */
static Oid
source_of_row_trigger(Oid trigger, Oid relation)
{
	Relation	catalog = table_open(TriggerRelationId, AccessShareLock);
	Oid			source = InvalidOid;

	while (OidIsValid(trigger))
	{
		ScanKeyData key;
		SysScanDesc scan;
		HeapTuple	entry;

		ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
		scan = systable_beginscan(catalog, TriggerOidIndexId, true, NULL, 1, &key);
		entry = systable_getnext(scan);
		trigger = HeapTupleIsValid(entry) ? ((Form_pg_trigger) GETSTRUCT(entry))->tgparentid : InvalidOid;
		source = HeapTupleIsValid(entry) ? ((Form_pg_trigger) GETSTRUCT(entry))->tgrelid : InvalidOid;
		systable_endscan(scan);
	}
	table_close(catalog, AccessShareLock);
	return source == relation || list_member_oid(get_partition_ancestors(relation), source) ? source : InvalidOid;
}

/*
 * The source that a statement changes, by our row trigger on its table; InvalidOid:
 * the table is no longer a part of it, and has only kept its other triggers.
 */
Oid
nps_source_of_statement(Relation table, Oid rollup)
{
	TriggerDesc *triggers = table->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger    *trigger = &triggers->triggers[i];

		if (TRIGGER_FOR_ROW(trigger->tgtype) && nps_rollup_of_trigger(trigger) == rollup)
			return table->rd_rel->relispartition ? source_of_row_trigger(trigger->tgoid, RelationGetRelid(table)) : RelationGetRelid(table);
	}
	return InvalidOid;
}

/*
 * Are the rows of a statement on the table counted by row triggers, so that the
 * trigger after it has none?  That of a former partition has nothing to do.
 */
bool
nps_is_counted_by_row(const TriggerData *trigger, Oid rollup)
{
	Relation	table = trigger->tg_relation;

	if (trigger->tg_trigger->tgnewtable != NULL || trigger->tg_trigger->tgoldtable != NULL)
		return false;
	return table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE || table->rd_rel->relispartition || !OidIsValid(nps_source_of_statement(table, rollup));
}

/* A statement on a source, or on one of its partitions by its own name, begins. */
void
nps_partition_begin(Oid rollup, Relation table)
{
	Oid			source = nps_source_of_statement(table, rollup);

	if (OidIsValid(source))
		nps_note_begin(rollup, source, RelationGetRelid(table));
}

/* The map from a leaf's columns to the source's; NULL if they are the same. */
TupleConversionMap *
nps_map_of_leaf(Relation leaf, Oid source, TupleDesc *columns)
{
	/* not locked, as others lock it before its partitions; who changes its columns waits for us */
	Relation	table = RelationIdGetRelation(source);

	if (table == NULL)
		elog(ERROR, "cache lookup failed for relation %u", source);
	*columns = CreateTupleDescCopy(RelationGetDescr(table));
	RelationClose(table);
	return convert_tuples_by_name(RelationGetDescr(leaf), *columns);
}

static void
take_columns(void *argument)
{
	RowState   *state = argument;
	RollupMapping *mapping = nps_rollup_of_source(state->rollup, state->source, state->name);

	if (mapping == NULL)
		state->source = InvalidOid;
	else
		state->reads = bms_copy(mapping->reads);
}

/* Prepares for the rows of a table. */
static RowState *
row_state(FmgrInfo *function, TriggerData *trigger)
{
	RowState   *state = function->fn_extra;
	Relation	table = trigger->tg_relation;
	MemoryContext caller;

	if (state != NULL && state->trigger == trigger->tg_trigger->tgoid)
		return state;
	caller = MemoryContextSwitchTo(function->fn_mcxt);
	state = palloc0(sizeof(RowState));
	state->trigger = trigger->tg_trigger->tgoid;
	state->name = pstrdup(trigger->tg_trigger->tgname);
	state->rollup = nps_rollup_of_trigger(trigger->tg_trigger);
	/* rows of a foreign table are not counted: with one among the partitions, nobody is served */
	if (table->rd_rel->relkind != RELKIND_FOREIGN_TABLE)
		state->source = source_of_row_trigger(state->trigger, RelationGetRelid(table));
	if (OidIsValid(state->source))
	{
		RollupMapping *mapping = nps_mapping_known(state->rollup);

		if (mapping != NULL && mapping->trouble == NULL && mapping->source == state->source)
			state->reads = bms_copy(mapping->reads);
		else
		{
			Oid			source = state->source;
			ErrorData  *error = nps_attempt(take_columns, state);

			if (error != NULL)
			{
				nps_mark(state->rollup, source, psprintf("The mapping cannot be read (SQLSTATE %s).", unpack_sql_state(error->sqlerrcode)));
				state->source = InvalidOid;
			}
		}
	}
	if (OidIsValid(state->source))
	{
		state->map = nps_map_of_leaf(table, state->source, &state->columns);
		for (int i = 0; i < 2 && state->map != NULL; i++)
			state->slots[i] = MakeSingleTupleTableSlot(state->columns, &TTSOpsVirtual);
	}
	if (OidIsValid(state->source) && table->rd_rel->relispartition)
		nps_leaf_written(state->rollup, state->source, RelationGetRelid(table));
	function->fn_extra = state;
	MemoryContextSwitchTo(caller);
	return state;
}

/* The row, with the columns of the source. */
static TupleTableSlot *
row_of_source(RowState *state, TupleTableSlot *row, int which)
{
	return state->map == NULL ? row : execute_attr_map_slot(state->map->attrMap, row, state->slots[which]);
}

static bool
count_kept(RollupChange *change, RollupMapping *mapping, void *rows)
{
	if (rows == NULL)
		return false;
	if (!nps_rows_suit(rows, mapping))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the mapping was changed by the statement that it is to count")));
	return nps_rows_count(rows, change, mapping);
}

/*
 * Counts the rows kept for a statement.  The result is written when the statement
 * ends, or if it is large.
 */
static void
count_note(RollupNote *note, const char *trigger, bool is_last)
{
	RollupRows *rows = note->rows;

	if (rows == NULL && note->change == NULL)
		return;
	/* functions of the mapping may themselves write to the source */
	note->is_busy = true;
	if (!nps_rollup_count_more(&note->change, is_last, note->rollup, note->source, trigger, count_kept, rows) && rows != NULL)
	{
		nps_rows_end(rows);
		note->rows = NULL;
	}
	note->is_busy = false;
}

/* One event of a row trigger. */
typedef struct Event
{
	Oid			leaf;
	TupleTableSlot *rows[2];	/* removed, added; NULL: no such row */
} Event;

static bool
count_event(RollupChange *change, RollupMapping *mapping, void *argument)
{
	Event	   *event = argument;

	for (int i = 0; i < 2; i++)
	{
		if (event->rows[i] != NULL)
			(void) nps_change_count(change, mapping, event->rows[i], event->leaf, i == 0 ? -1 : 1);
	}
	return false;
}

/* A row was inserted, deleted or updated. */
void
nps_partition_row(FmgrInfo *function, TriggerData *trigger)
{
	RowState   *state = row_state(function, trigger);
	Event		event = {RelationGetRelid(trigger->tg_relation), {NULL, NULL}};
	RollupNote *note;
	bool		is_full = false;

	if (!OidIsValid(state->source))
		return;
	if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		event.rows[0] = row_of_source(state, trigger->tg_trigslot, 0);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		event.rows[1] = row_of_source(state, trigger->tg_trigslot, 1);
	else if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		event.rows[1] = row_of_source(state, trigger->tg_newslot, 1);

	note = nps_note_here(state->rollup);
	if (note == NULL || note->source != state->source)
	{
		(void) nps_rollup_count(state->rollup, state->source, state->name, count_event, &event);
		nps_note_counted(state->rollup);
		return;
	}
	if (trigger->tg_relation->rd_rel->relkind == RELKIND_RELATION && !trigger->tg_relation->rd_rel->relispartition)
	{
		/* it may be a row of the noted statement, whose transition tables have it, or of another one within it, and counted by nobody */
		nps_mark(state->rollup, state->source, "The setting session_replication_role was changed while a statement changed the source.");
		return;
	}
	if (note->rows == NULL)
		note->rows = nps_rows_begin(state->columns, state->reads);
	for (int i = 0; i < 2; i++)
	{
		if (event.rows[i] != NULL)
			is_full |= nps_rows_add(note->rows, event.rows[i], event.leaf, i == 0 ? -1 : 1);
	}
	if (is_full)
		count_note(note, state->name, false);
}

/*
 * A statement on the partitioned table or a partition, or a part of it, has ended:
 * its row triggers were all called.
 */
void
nps_partition_end(Oid rollup, const TriggerData *trigger)
{
	RollupNote *note = nps_note_here(rollup);
	Oid			table = RelationGetRelid(trigger->tg_relation);

	/* of a former partition, nothing was begun; the note is that of a statement around this one */
	if (note == NULL || !nps_note_is_of(note, table))
		return;
	count_note(note, trigger->tg_trigger->tgname, true);
	nps_note_end(note, table);
}
