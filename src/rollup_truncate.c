/*
 * rollup_truncate.c
 *		TRUNCATE of a source, or of one of its partitions.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "rollup.h"
#include "rollup_attempt.h"
#include "rollup_identity.h"
#include "rollup_note.h"
#include "rollup_part.h"
#include "rollup_partition.h"
#include "rollup_trigger.h"

/*
 * Deletes the cells of a leaf, or all (InvalidOid), including what others have
 * committed since the snapshot of the transaction.
 */
static void
delete_cells(Relation rollup, Oid leaf)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = nps_beginscan(rollup, snapshot);
	TupleTableSlot *slot = table_slot_create(rollup, NULL);
	int			column = RelationGetDescr(rollup)->natts;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		is_null;

		CHECK_FOR_INTERRUPTS();
		if (!OidIsValid(leaf) || (Oid) DatumGetInt64(slot_getattr(slot, column, &is_null)) == leaf)
			simple_table_tuple_delete(rollup, &slot->tts_tid, snapshot);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
}

/*
 * The source was emptied.  From now on it is empty for older snapshots too, but the
 * rollup would not be.  A new version of the pg_attribute row of the rollup's last
 * column keeps such readers away from it (rollup_serve.c).  It is this row because
 * nothing else changes it: GRANT changes the one in pg_class.
 */
static void
empty_rollup(Relation rollup)
{
	Relation	catalog = table_open(AttributeRelationId, RowExclusiveLock);
	AttrNumber	column = RelationGetDescr(rollup)->natts;
	HeapTuple	entry = SearchSysCacheCopy2(ATTNUM, ObjectIdGetDatum(RelationGetRelid(rollup)), Int16GetDatum(column));

	if (!HeapTupleIsValid(entry))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u", column, RelationGetRelid(rollup));
	CatalogTupleUpdate(catalog, &entry->t_self, entry);
	heap_freetuple(entry);
	table_close(catalog, RowExclusiveLock);
	delete_cells(rollup, InvalidOid);
}

/*
 * Has somebody written to the table, or to one below it, since it was emptied by
 * this command?  A trigger of the application can, if it is called before ours.
 */
static bool
is_written_again(Oid relation)
{
	ListCell   *cell;

	/* emptied, and so locked, by this transaction */
	foreach(cell, find_all_inheritors(relation, AccessShareLock, NULL))
	{
		Relation	table;
		bool		has_blocks;

		if (get_rel_relkind(lfirst_oid(cell)) != RELKIND_RELATION)
			continue;
		table = relation_open(lfirst_oid(cell), NoLock);
		has_blocks = RelationGetNumberOfBlocks(table) > 0;
		relation_close(table, NoLock);
		if (has_blocks)
			return true;
	}
	return false;
}

/* What a trigger on a source or a partition was called for, and what is known about that. */
typedef struct Truncation
{
	Oid			rollup;
	Oid			relation;
	const char *trigger;
	bool		is_counted;		/* it is the source of the rollup, or a part of it */
	Oid			source;
	bool		is_left;		/* its cells could not be deleted */
} Truncation;

/* Its triggers get a new identity, with which it is counted, if it has neither rows nor cells. */
static void
renew_leaf(void *argument)
{
	Truncation *truncation = argument;
	Oid			registry = get_relname_relid("rollup_part", get_rel_namespace(truncation->rollup));
	StringInfoData identity;

	nps_renew_triggers(truncation->relation, truncation->rollup);
	initStringInfo(&identity);
	if (nps_append_leaf(&identity, truncation->relation, truncation->rollup, truncation->source) && !truncation->is_left && !is_written_again(truncation->relation))
		(void) nps_part_append(registry, truncation->relation, identity.data);
}

/*
 * A leaf was emptied.  Other sessions may be emptying other leaves, without waiting
 * for us: so we change only what belongs to this leaf, which nobody else has.  An
 * older snapshot does not see its new identity, and so it is not counted for that.
 *
 * Maintenance is not waited for long, as it may wait for us: then the cells stay.  The
 * leaf is not counted with its new triggers, so nobody reads them, and nps_compact()
 * deletes them before it counts the leaf.
 */
static void
empty_leaf(Relation rollup, Truncation *truncation)
{
	truncation->is_left = !nps_lock_cells(truncation->rollup);
	if (!truncation->is_left)
		delete_cells(rollup, truncation->relation);
	if (!nps_mapping_is_being_made())
		nps_in_subtransaction(renew_leaf, truncation);
	else
	{
		/* without a subtransaction its triggers may get a version that they had before (rollup_attempt.c) */
		renew_leaf(truncation);
		nps_mark(truncation->rollup, truncation->relation, "A partition was emptied while the mapping was read.");
	}
}

/* The rollups whose source, or a leaf of it, this transaction emptied; in TopTransactionContext. */
static List *emptied = NIL;
static LocalTransactionId emptied_in_transaction = InvalidLocalTransactionId;

static void
note_emptied(Oid rollup)
{
	MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);

	emptied = list_append_unique_oid(emptied_in_transaction == nps_local_transaction() ? emptied : NIL, rollup);
	emptied_in_transaction = nps_local_transaction();
	MemoryContextSwitchTo(caller);
}

/*
 * Has this transaction emptied the source although it has one snapshot for all?  That
 * snapshot still sees the cells that others have folded since, and that could not be
 * deleted once more.
 */
bool
nps_has_emptied_behind_snapshot(Oid rollup)
{
	return IsolationUsesXactSnapshot() && emptied_in_transaction == nps_local_transaction() && list_member_oid(emptied, rollup);
}

static void
look_at_truncation(void *argument)
{
	Truncation *truncation = argument;
	/* of a partition, the source is not locked: others lock it before its partitions */
	Oid			locked = OidIsValid(truncation->source) ? truncation->source : truncation->relation;
	RollupMapping *mapping = OidIsValid(truncation->rollup) ? nps_mapping_of_rollup(truncation->rollup, locked) : NULL;

	truncation->source = mapping == NULL ? InvalidOid : mapping->source;
	/* a detached partition keeps its trigger */
	if (truncation->source != truncation->relation && OidIsValid(truncation->source) &&
		!list_member_oid(get_partition_ancestors(truncation->relation), truncation->source))
		return;
	if (mapping != NULL && mapping->source != truncation->relation && mapping->trouble == NULL)
		truncation->is_counted = true;
	else
		truncation->is_counted = nps_rollup_of_source(truncation->rollup,
													  OidIsValid(truncation->source) ? truncation->source : truncation->relation,
													  truncation->trigger) != NULL;
}

/* Stores that the table was counted as it is now. */
static void
register_anew(RollupMapping *mapping, Oid leaf, const char *identity, Snapshot snapshot)
{
	nps_part_forget(mapping, leaf, snapshot);
	nps_part_register(mapping, leaf, identity);
}

/*
 * The same for a partition.  Its triggers get new versions: what this subtransaction
 * writes, nothing that comes after it can write once more.
 */
static void
register_leaf_anew(RollupMapping *mapping, Oid leaf, Snapshot snapshot)
{
	StringInfoData identity;

	nps_renew_triggers(leaf, mapping->rollup);
	initStringInfo(&identity);
	if (nps_append_leaf(&identity, leaf, mapping->rollup, mapping->source))
		register_anew(mapping, leaf, identity.data, snapshot);
}

/*
 * Source and rollup are empty, and agree, whatever was before: TRUNCATE may have
 * given the tables other files.  Nobody else uses them until the end of the
 * transaction.
 */
static void
register_source(void *argument)
{
	Truncation *truncation = argument;
	RollupMapping *mapping = nps_mapping_of_rollup(truncation->rollup, truncation->relation);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	RollupState state = nps_rollup_state(mapping, snapshot, false);
	char	   *identity = mapping->trouble == NULL ? nps_part_identity(mapping, snapshot) : NULL;

	/* one that was never computed, or with another mapping, is still to be */
	if (identity != NULL && mapping->identity != NULL && nps_identity_agrees_but(identity, mapping->identity, NPS_FILES_DIFFER))
	{
		if (strcmp(identity, mapping->identity) != 0)
			register_anew(mapping, mapping->source, mapping->identity, snapshot);
		for (int i = 0; i < mapping->leaf_count; i++)
		{
			RollupLeaf *leaf = &mapping->leaves[i];

			if (leaf->relation != mapping->source && leaf->identity != NULL && !state.is_counted[i])
				register_leaf_anew(mapping, leaf->relation, snapshot);
		}
	}
	UnregisterSnapshot(snapshot);
}

/* The table is empty now. */
void
nps_rollup_truncate(Oid rollup, TriggerData *trigger)
{
	/* this same command has emptied the source, and so its partitions */
	static Oid	emptied_rollup = InvalidOid;
	static CommandId emptied_by = InvalidCommandId;
	static SubTransactionId emptied_in = InvalidSubTransactionId;
	static LocalTransactionId emptied_by_transaction = InvalidLocalTransactionId;

	Truncation	truncation = {rollup, RelationGetRelid(trigger->tg_relation), trigger->tg_trigger->tgname, false, nps_source_of_statement(trigger->tg_relation, rollup), false};
	RollupNote *note;
	Relation	relation;
	ErrorData  *error;
	bool		is_source;

	if (rollup == emptied_rollup && emptied_by == GetCurrentCommandId(false) && emptied_in == GetCurrentSubTransactionId() &&
		emptied_by_transaction == nps_local_transaction())
	{
		nps_partition_end(rollup, trigger);
		return;
	}
	relation = OidIsValid(rollup) ? try_relation_open(rollup, RowExclusiveLock) : NULL;
	if (relation == NULL)
		return;
	error = nps_attempt(look_at_truncation, &truncation);
	is_source = truncation.source == truncation.relation;
	if (error != NULL || truncation.is_counted)
	{
		note_emptied(rollup);
		if (IsolationUsesXactSnapshot())
			nps_mapping_unserve(rollup);
	}
	if (error != NULL)
		nps_mark(rollup, truncation.relation, "The mapping could not be read when the source was emptied.");
	else if (truncation.is_counted && !is_source)
		empty_leaf(relation, &truncation);
	else if (truncation.is_counted)
	{
		/* like maintenance, which holds a lock on the source, and so does not wait for us */
		LockRelationOid(rollup, ShareUpdateExclusiveLock);
		/* rows of a statement that never ended */
		note = nps_note_here(rollup);
		if (note != NULL)
			nps_note_empty(note);
		empty_rollup(relation);
		/* a subtransaction that changes catalogs may begin only behind it */
		CommandCounterIncrement();
		if (is_written_again(truncation.source))
			nps_mark(rollup, truncation.source, "A trigger wrote to the source while it was being emptied.");
		else if (!nps_mapping_is_being_made())
			/* what goes wrong leaves the identity that is there, with which nobody is served */
			(void) nps_attempt(register_source, &truncation);
		emptied_rollup = rollup;
		emptied_by = GetCurrentCommandId(false);
		emptied_in = GetCurrentSubTransactionId();
		emptied_by_transaction = nps_local_transaction();
	}
	relation_close(relation, NoLock);
	nps_partition_end(rollup, trigger);
}
