/*
 * rollup_partition.c
 *		Counts the rows of a partitioned source one by one, as its row trigger is
 *		called for them.
 *
 * What the rows of a statement do is kept in memory from the statement trigger
 * before it until the one after it, which writes it to the rollup.  A write to a
 * partition by its own name fires no statement trigger of the partitioned table:
 * what such a row does is written at once.
 */
#include "nps.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tupconvert.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_trigger.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "rollup_change.h"
#include "rollup_partition.h"
#include "rollup_trigger.h"

/* Statements that write to a source and have not come to their end. */
typedef struct OpenStatement
{
	struct OpenStatement *outer;
	Oid			rollup;
	SubTransactionId subtransaction;
	int			begun;			/* triggers before it, less those after it */
	bool		is_busy;		/* counting a row, or being written: it stays, and no row is added to it */
	RollupChange *change;		/* NULL: no row yet */
} OpenStatement;

static OpenStatement *statements = NULL;

/* What the row trigger of one partition needs to know, kept for a statement. */
typedef struct PartitionState
{
	Oid			trigger;
	Oid			source;
	Oid			rollup;
	TupleConversionMap *map;	/* NULL: the partition has the columns of the source */
	TupleTableSlot *slot;		/* of the source */
} PartitionState;

/* The statement that is open in this subtransaction; NULL if there is none. */
static OpenStatement *
open_statement(Oid rollup)
{
	for (OpenStatement *statement = statements; statement != NULL; statement = statement->outer)
	{
		if (statement->rollup == rollup && statement->subtransaction == GetCurrentSubTransactionId())
			return statement;
	}
	return NULL;
}

static void
forget_statement(OpenStatement *statement)
{
	OpenStatement **place = &statements;

	while (*place != statement)
		place = &(*place)->outer;
	*place = statement->outer;
	if (statement->change != NULL)
		nps_change_end(statement->change);
	pfree(statement);
}

/* Writes what the rows of a statement did, if the rollup is still kept. */
static void
write_statement(OpenStatement *statement, Relation rollup, Oid locked_source)
{
	if (statement->change == NULL || statement->is_busy)
		return;
	/* reading the mapping may run code that writes to the source */
	statement->is_busy = true;
	if (nps_mapping_of_rollup(statement->rollup, locked_source)->trouble == NULL)
		nps_change_write(statement->change, rollup);
	statement->is_busy = false;
}

/* A statement that began in the subtransaction; NULL if there is none. */
static OpenStatement *
statement_of(SubTransactionId subtransaction)
{
	OpenStatement *statement = statements;

	while (statement != NULL && statement->subtransaction != subtransaction)
		statement = statement->outer;
	return statement;
}

/*
 * A statement whose caller wanted only some of the rows that it returns never
 * comes to its end: what it did is written when its transaction ends.
 */
static void
end_statements(SubTransactionId subtransaction)
{
	OpenStatement *statement;

	while ((statement = statement_of(subtransaction)) != NULL)
	{
		if (statement->change != NULL)
		{
			Relation	rollup = try_relation_open(statement->rollup, RowExclusiveLock);

			if (rollup != NULL)
			{
				PushActiveSnapshot(GetTransactionSnapshot());
				write_statement(statement, rollup, InvalidOid);
				PopActiveSnapshot();
				relation_close(rollup, NoLock);
			}
		}
		forget_statement(statement);
	}
}

static void
at_end_of_transaction(XactEvent event, void *context pg_attribute_unused())
{
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE)
		end_statements(TopSubTransactionId);
	else if (event == XACT_EVENT_ABORT)
		statements = NULL;		/* its memory goes with the transaction */
}

static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId self, SubTransactionId parent pg_attribute_unused(),
						 void *context pg_attribute_unused())
{
	if (event == SUBXACT_EVENT_PRE_COMMIT_SUB)
		end_statements(self);
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		OpenStatement **place = &statements;

		while (*place != NULL)
		{
			if ((*place)->subtransaction == self)
				*place = (*place)->outer;
			else
				place = &(*place)->outer;
		}
	}
}

/* A statement begins, or another part of it, as ON CONFLICT DO UPDATE is. */
void
nps_partition_begin(Oid rollup)
{
	static bool is_registered = false;
	OpenStatement *statement = open_statement(rollup);

	if (!is_registered)
	{
		RegisterXactCallback(at_end_of_transaction, NULL);
		RegisterSubXactCallback(at_end_of_subtransaction, NULL);
		is_registered = true;
	}
	if (statement == NULL)
	{
		statement = MemoryContextAllocZero(CurTransactionContext, sizeof(OpenStatement));
		statement->rollup = rollup;
		statement->subtransaction = GetCurrentSubTransactionId();
		statement->outer = statements;
		statements = statement;
	}
	statement->begun++;
}

/* A statement on the source, or a part of it, came to its end: its rows were all told of. */
void
nps_partition_end(Relation rollup, Oid source)
{
	OpenStatement *statement = open_statement(RelationGetRelid(rollup));

	if (statement == NULL)
		return;
	write_statement(statement, rollup, source);
	if (--statement->begun <= 0 && !statement->is_busy)
		forget_statement(statement);
}

/* The source was emptied: what statements did that stopped early is gone with it. */
void
nps_partition_forget(Oid rollup)
{
	OpenStatement *statement = open_statement(rollup);

	if (statement != NULL && !statement->is_busy)
		forget_statement(statement);
}

/*
 * The table that the row trigger was made on, of which a partition's is a clone;
 * InvalidOid if the partition is being detached from that.
 */
static Oid
source_of_clone(Oid trigger, Oid partition)
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
	return list_member_oid(get_partition_ancestors(partition), source) ? source : InvalidOid;
}

/* Makes ready for the rows of a partition. */
static PartitionState *
partition_state(FmgrInfo *function, TriggerData *trigger)
{
	PartitionState *state = function->fn_extra;
	Relation	partition = trigger->tg_relation;
	MemoryContext caller;
	Relation	source;
	TupleDesc	columns;

	if (state != NULL && state->trigger == trigger->tg_trigger->tgoid)
		return state;
	caller = MemoryContextSwitchTo(function->fn_mcxt);
	state = palloc0(sizeof(PartitionState));
	state->trigger = trigger->tg_trigger->tgoid;
	state->rollup = nps_rollup_of_trigger(trigger->tg_trigger);
	state->source = source_of_clone(trigger->tg_trigger->tgoid, RelationGetRelid(partition));
	if (!OidIsValid(state->source))
	{
		function->fn_extra = state;
		MemoryContextSwitchTo(caller);
		return state;
	}
	/* without a lock, as others lock the partitioned table before its partitions; who changes its columns waits for us */
	source = RelationIdGetRelation(state->source);
	if (source == NULL)
		elog(ERROR, "cache lookup failed for relation %u", state->source);
	columns = CreateTupleDescCopy(RelationGetDescr(source));
	RelationClose(source);
	state->map = convert_tuples_by_name(RelationGetDescr(partition), columns);
	if (state->map != NULL)
		state->slot = MakeSingleTupleTableSlot(columns, &TTSOpsVirtual);
	function->fn_extra = state;
	MemoryContextSwitchTo(caller);
	return state;
}

static bool
count_row(RollupChange *change, RollupMapping *mapping, PartitionState *state, TupleTableSlot *row, int sign)
{
	if (state->map != NULL)
		row = execute_attr_map_slot(state->map->attrMap, row, state->slot);
	return nps_change_count(change, mapping, row, sign);
}

/* Counts what the trigger was called for; the result is that of nps_change_count(). */
static bool
count_event(RollupChange *change, RollupMapping *mapping, PartitionState *state, TriggerData *trigger)
{
	volatile bool is_full = false;

	mapping->is_used = true;
	PG_TRY();
	{
		NpsOwner	saved;

		nps_mapping_enter(mapping, &saved);
		is_full = count_row(change, mapping, state, trigger->tg_trigslot, TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? 1 : -1);
		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
			is_full = count_row(change, mapping, state, trigger->tg_newslot, 1);
		nps_mapping_leave(&saved);
	}
	PG_CATCH();
	{
		nps_mapping_give_up(mapping);
		PG_RE_THROW();
	}
	PG_END_TRY();
	mapping->is_used = false;
	return is_full;
}

/* The statement that a row is to be counted for; NULL: none, it is written at once. */
static OpenStatement *
statement_to_count(Oid rollup)
{
	OpenStatement *statement = open_statement(rollup);

	/* what the mapping calls may write to the source in its turn */
	return statement != NULL && statement->is_busy ? NULL : statement;
}

/* A row of a partition came, went or changed. */
void
nps_partition_row(FmgrInfo *function, TriggerData *trigger)
{
	PartitionState *state = partition_state(function, trigger);
	OpenStatement *statement;
	RollupMapping *mapping;
	RollupChange *change;
	bool		is_full;

	if (!OidIsValid(state->source))
		return;
	mapping = nps_rollup_of_source(state->rollup, state->source, trigger);
	if (mapping == NULL)
		return;
	statement = statement_to_count(state->rollup);
	if (statement == NULL || statement->change == NULL)
	{
		LockRelationOid(state->rollup, RowExclusiveLock);
		mapping = nps_rollup_of_source(state->rollup, state->source, trigger);
		if (mapping == NULL)
			return;
	}
	nps_mapping_prepare(mapping);
	/* what the mapping calls may have written to the source, or emptied it, while it was read and prepared */
	statement = statement_to_count(state->rollup);
	if (statement == NULL)
		change = nps_change_begin(mapping);
	else if (statement->change == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(GetMemoryChunkContext(statement));

		change = statement->change = nps_change_begin(mapping);
		MemoryContextSwitchTo(caller);
	}
	else
		change = statement->change;

	if (statement != NULL)
		statement->is_busy = true;
	is_full = count_event(change, mapping, state, trigger);
	if (statement != NULL)
		statement->is_busy = false;
	if (statement == NULL || is_full)
	{
		Relation	rollup = table_open(state->rollup, NoLock);

		nps_change_write(change, rollup);
		table_close(rollup, NoLock);
	}
	if (statement == NULL)
		nps_change_end(change);
}
