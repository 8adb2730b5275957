/*
 * rollup_part.c
 *		The table rollup_part next to a rollup: what was counted, and what could not
 *		be.
 *
 * A row with a leaf says with which triggers on that table its rows were counted
 * (rollup_identity.c); the row of the source also says with which mapping.  A row
 * without a leaf is a mark: it says that a change was not counted, and why.  While
 * there is a mark, reports read the source.
 *
 * Rows are only inserted, and deleted only by maintenance, which deletes a mark
 * only if it also sees the change that the mark stands for.  A leaf may have
 * several rows: the one with its present triggers counts.  So writers do not wait
 * for each other here either.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "answer.h"
#include "rollup_identity.h"
#include "rollup_part.h"
#include "rollup_shape.h"

/* The longest reason, in bytes: a row is never stored out of line. */
#define LONGEST_REASON 800

/* The owner of a relation; InvalidOid if there is no such relation (any more). */
Oid
nps_relation_owner(Oid relation)
{
	HeapTuple	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner = HeapTupleIsValid(entry) ? ((Form_pg_class) GETSTRUCT(entry))->relowner : InvalidOid;

	if (HeapTupleIsValid(entry))
		ReleaseSysCache(entry);
	return owner;
}

/* Opens the table rollup_part of the mapping, if it is fit for use. */
static Relation
open_registry(Oid registry, LOCKMODE lock, bool (*is_fit) (Relation table))
{
	Relation	table = OidIsValid(registry) ? try_relation_open(registry, lock) : NULL;

	if (table != NULL && !is_fit(table))
	{
		relation_close(table, lock);
		table = NULL;
	}
	return table;
}

/* Does the table have files that can be read?  An unlogged table has none on a standby. */
static bool
is_there(Relation table)
{
	return RelationNeedsWAL(table) || !RecoveryInProgress();
}

/*
 * Is there anything in the files of the leaf?  This does not wait for locks: if
 * somebody is changing the leaf, the answer is yes.
 */
static bool
has_blocks(Oid leaf)
{
	Relation	table;
	bool		result;

	if (!ConditionalLockRelationOid(leaf, AccessShareLock))
		return true;
	table = try_relation_open(leaf, NoLock);
	if (table == NULL)
	{
		UnlockRelationOid(leaf, AccessShareLock);
		return false;
	}
	result = !is_there(table) || RelationGetNumberOfBlocks(table) > 0;
	relation_close(table, AccessShareLock);
	return result;
}

/* Does the snapshot see a row of the leaf?  This waits for whoever keeps it from being read. */
static bool
has_rows(Oid leaf, Snapshot snapshot)
{
	Relation	table = try_relation_open(leaf, AccessShareLock);
	TableScanDesc scan;
	TupleTableSlot *slot;
	bool		result;

	if (table == NULL)
		return false;
	if (!is_there(table))
	{
		relation_close(table, AccessShareLock);
		return true;
	}
	scan = nps_beginscan(table, snapshot);
	slot = table_slot_create(table, NULL);
	result = table_scan_getnextslot(scan, ForwardScanDirection, slot);
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	relation_close(table, AccessShareLock);
	return result;
}

/*
 * What the table says in the snapshot, compared with the present state.  For a plan
 * that is made, which may be run later, a leaf that is not counted must be empty; for
 * one that is run, as its rows of others may come to nothing, it must seem so.
 */
RollupState
nps_rollup_state(RollupMapping *mapping, Snapshot snapshot, bool is_run)
{
	RollupState state = {0};
	Relation	table;
	TableScanDesc scan;
	TupleTableSlot *slot;
	bool		has_source = false;
	const char *lost = NULL;
	char	   *mark = NULL;

	if (mapping->trouble != NULL)
	{
		state.trouble = mapping->trouble;
		state.is_lost = true;
		return state;
	}
	nps_mapping_look_up(mapping);
	state.is_counted = palloc0((mapping->leaf_count + 1) * sizeof(bool));
	table = open_registry(mapping->registry, AccessShareLock, nps_is_registry_shaped);
	if (table != NULL && !is_there(table))
	{
		relation_close(table, AccessShareLock);
		state.trouble = pstrdup("The rollup is not logged, and so not on a standby.");
		return state;
	}
	if (table == NULL)
	{
		state.trouble = pstrdup("The table rollup_part beside the rollup is missing, or not as it was made.");
		state.is_lost = true;
		return state;
	}
	scan = nps_beginscan(table, snapshot);
	slot = table_slot_create(table, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		Oid			relation;
		char	   *identity;
		RollupLeaf *leaf;

		slot_getallattrs(slot);
		if (slot->tts_isnull[REGISTRY_LEAF] || slot->tts_isnull[REGISTRY_IDENTITY])
		{
			if (mark == NULL)
				mark = slot->tts_isnull[REGISTRY_TROUBLE] ? pstrdup("A change was not counted.")
					: TextDatumGetCString(slot->tts_values[REGISTRY_TROUBLE]);
			continue;
		}
		relation = (Oid) DatumGetInt64(slot->tts_values[REGISTRY_LEAF]);
		identity = TextDatumGetCString(slot->tts_values[REGISTRY_IDENTITY]);
		leaf = nps_mapping_leaf(mapping, relation);
		if (relation == mapping->source && mapping->identity != NULL)
		{
			NpsIdentityDifference difference = nps_identity_difference(identity, mapping->identity);

			has_source = difference == NPS_IDENTITY_AGREES;
			state.is_lost = !has_source;
			if (state.is_lost)
				lost = nps_identity_trouble(difference);
			if (leaf != NULL)
				state.is_counted[leaf - mapping->leaves] = has_source;
		}
		else if (leaf != NULL && leaf->identity != NULL && strcmp(identity, leaf->identity) == 0)
			state.is_counted[leaf - mapping->leaves] = true;
		pfree(identity);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	relation_close(table, AccessShareLock);

	if (mapping->doubt != NULL)
		state.trouble = mapping->doubt;
	else if (state.is_lost)
		state.trouble = pstrdup(lost);
	else if (!has_source)
		state.trouble = pstrdup("The rollup has not been computed.");
	else if (mark != NULL)
		state.trouble = mark;
	else if (mapping->is_passing)
		/* older snapshots see it, and the triggers of what is written to it do not know for whom they count */
		state.trouble = pstrdup("A partition is being detached CONCURRENTLY.");
	else
	{
		for (int i = 0; i < mapping->leaf_count && state.trouble == NULL; i++)
		{
			Oid			leaf = mapping->leaves[i].relation;

			if (!state.is_counted[i] && (is_run ? has_rows(leaf, snapshot) : has_blocks(leaf)))
			{
				char	   *name = get_rel_name(leaf);

				state.trouble = psprintf("Partition \"%s\" came with rows, was rewritten, or lacked its triggers, and is not counted yet.", name == NULL ? "" : name);
				state.lacks_leaves = true;
			}
		}
	}
	return state;
}

/*
 * How long maintenance tries to lock the cells, unless lock_timeout says it, how long
 * a writer does, and in what steps, in milliseconds.
 */
#define PATIENCE 5000
#define PATIENCE_OF_WRITER 500
#define PATIENCE_STEP 10

/* Tries to lock the cells until the end of the transaction, without queueing. */
static bool
try_cells(Oid rollup, LOCKMODE mode, int patience)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, rollup, 1);
	for (int waited = 0; LockAcquire(&tag, mode, false, true) == LOCKACQUIRE_NOT_AVAIL; waited += PATIENCE_STEP)
	{
		CHECK_FOR_INTERRUPTS();
		if (waited >= patience)
			return false;
		pg_usleep(PATIENCE_STEP * 1000L);
	}
	return true;
}

/*
 * Locks the cells of a rollup for who has emptied a leaf.  They share the lock, as each
 * has a leaf of its own; readers and writers need none.  False: maintenance has it, and
 * may itself be waiting for the leaf.
 */
bool
nps_lock_cells(Oid rollup)
{
	static LocalTransactionId given_up_in = InvalidLocalTransactionId;

	/* once is enough for a transaction, which may empty many */
	if (try_cells(rollup, ShareLock, given_up_in == nps_local_transaction() ? 0 : PATIENCE_OF_WRITER))
		return true;
	given_up_in = nps_local_transaction();
	return false;
}

/*
 * Locks the cells for maintenance, which is alone.  It does not queue for that, as
 * those who empty leaves would have to wait behind it.
 */
void
nps_lock_cells_alone(Oid rollup)
{
	if (!try_cells(rollup, ExclusiveLock, LockTimeout > 0 ? LockTimeout : PATIENCE))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("a transaction that emptied a partition of the source, or maintenance of the rollup, is still open"),
				 errhint("Call this again later.")));
}

/* Inserts a row directly, bypassing triggers and anything else on the table. */
static void
append(Relation table, Datum *values, bool *nulls)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(table), &TTSOpsVirtual);

	ExecClearTuple(slot);
	memcpy(slot->tts_values, values, REGISTRY_COLUMNS * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, REGISTRY_COLUMNS * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(table, slot, GetCurrentCommandId(true), 0, NULL);
	ExecDropSingleTupleTableSlot(slot);
}

/* The rollup that this subtransaction marked last: one mark is sufficient. */
static Oid	marked_rollup = InvalidOid;
static LocalTransactionId marked_in_transaction = InvalidLocalTransactionId;
static SubTransactionId marked_in = InvalidSubTransactionId;

static bool
is_marked(Oid rollup)
{
	return marked_rollup == rollup && marked_in == GetCurrentSubTransactionId() && marked_in_transaction == nps_local_transaction();
}

/*
 * Does the table belong to the owner of the rollup, or does their survey read it,
 * as the source or as a partition of that, which may be somebody else's?
 * No one else can have the rollup marked by a trigger on a table of their own.
 */
static bool
may_mark(Oid rollup, Oid source)
{
	Oid			view;
	NpsAnswer  *answer;

	if (!OidIsValid(source) || nps_relation_owner(source) == nps_relation_owner(rollup))
		return true;
	view = get_relname_relid("answer", get_rel_namespace(rollup));
	answer = OidIsValid(view) ? nps_answer_read(view) : NULL;
	return answer != NULL && (answer->source == source || list_member_oid(get_partition_ancestors(source), answer->source));
}

/*
 * Appends a mark, and invalidates all plans that read the rollup.  Without the table,
 * nobody is served, and if it comes back it is not the same (rollup_identity.c).
 */
void
nps_mark(Oid rollup, Oid source, const char *reason)
{
	Oid			schema = get_rel_namespace(rollup);
	Relation	table;
	Datum		values[REGISTRY_COLUMNS] = {0};
	bool		nulls[REGISTRY_COLUMNS] = {true, true, false, false};

	if (!OidIsValid(schema) || is_marked(rollup) || !may_mark(rollup, source))
		return;
	/* whatever else is on the table now: it may be gone when somebody reads it */
	table = open_registry(get_relname_relid("rollup_part", schema), RowExclusiveLock, nps_can_be_marked);
	if (table == NULL)
		return;
	values[REGISTRY_TROUBLE] = PointerGetDatum(cstring_to_text_with_len(reason, pg_mbcliplen(reason, strlen(reason), LONGEST_REASON)));
	values[REGISTRY_NOTED_AT] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	append(table, values, nulls);
	relation_close(table, NoLock);
	/* not the source: the plan of a foreign key on it may be running (nps_forget_plans) */
	CacheInvalidateRelcacheByRelid(rollup);
	nps_mapping_unserve(rollup);
	marked_rollup = rollup;
	marked_in_transaction = nps_local_transaction();
	marked_in = GetCurrentSubTransactionId();
}

/*
 * Deletes the rows of a leaf that the snapshot sees, or all that it sees, including
 * marks (InvalidOid).
 */
void
nps_part_forget(RollupMapping *mapping, Oid leaf, Snapshot snapshot)
{
	Relation	table = open_registry(mapping->registry, RowExclusiveLock, nps_is_registry_shaped);
	TableScanDesc scan;
	TupleTableSlot *slot;

	if (table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the table rollup_part beside the rollup is missing, or not as it was made")));
	/* the next mark of this transaction is needed */
	marked_rollup = InvalidOid;
	scan = nps_beginscan(table, snapshot);
	slot = table_slot_create(table, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		slot_getallattrs(slot);
		if (!OidIsValid(leaf) ||
			(!slot->tts_isnull[REGISTRY_LEAF] && (Oid) DatumGetInt64(slot->tts_values[REGISTRY_LEAF]) == leaf))
			simple_table_tuple_delete(table, &slot->tts_tid, snapshot);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	relation_close(table, NoLock);
}

/* The identity stored for the source; NULL: none. */
char *
nps_part_identity(RollupMapping *mapping, Snapshot snapshot)
{
	Relation	table = open_registry(mapping->registry, AccessShareLock, nps_is_registry_shaped);
	TableScanDesc scan;
	TupleTableSlot *slot;
	char	   *identity = NULL;

	if (table == NULL)
		return NULL;
	scan = nps_beginscan(table, snapshot);
	slot = table_slot_create(table, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		slot_getallattrs(slot);
		if (!slot->tts_isnull[REGISTRY_LEAF] && !slot->tts_isnull[REGISTRY_IDENTITY] &&
			(Oid) DatumGetInt64(slot->tts_values[REGISTRY_LEAF]) == mapping->source)
			identity = TextDatumGetCString(slot->tts_values[REGISTRY_IDENTITY]);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	relation_close(table, AccessShareLock);
	return identity;
}

/*
 * Stores with which triggers a leaf, or the source, was counted; false: there is no
 * table for it.
 */
bool
nps_part_append(Oid registry, Oid leaf, const char *identity)
{
	Relation	table = open_registry(registry, RowExclusiveLock, nps_is_registry_shaped);
	Datum		values[REGISTRY_COLUMNS] = {0};
	bool		nulls[REGISTRY_COLUMNS] = {false, false, true, false};

	if (table == NULL)
		return false;
	values[REGISTRY_LEAF] = Int64GetDatum(leaf);
	values[REGISTRY_IDENTITY] = CStringGetTextDatum(identity);
	values[REGISTRY_NOTED_AT] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	append(table, values, nulls);
	relation_close(table, NoLock);
	return true;
}

/* The same for maintenance, which needs the table. */
void
nps_part_register(RollupMapping *mapping, Oid leaf, const char *identity)
{
	if (!nps_part_append(mapping->registry, leaf, identity))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the table rollup_part beside the rollup is missing, or not as it was made")));
}

/* Is the leaf counted with the triggers that it has now?  And was that done by this transaction, which may yet be rolled back? */
bool
nps_leaf_is_counted(Oid rollup, Oid source, Oid leaf, bool *is_by_us)
{
	Relation	table = open_registry(get_relname_relid("rollup_part", get_rel_namespace(rollup)), AccessShareLock, nps_is_registry_shaped);
	TableScanDesc scan;
	TupleTableSlot *slot;
	StringInfoData identity;
	bool		is_counted = false;

	*is_by_us = false;
	if (table == NULL)
		return false;
	initStringInfo(&identity);
	(void) nps_append_leaf(&identity, leaf, rollup, source);
	/* what is committed, and ours; a snapshot would make a serializable transaction depend on who empties a leaf */
	scan = nps_beginscan(table, SnapshotSelf);
	slot = table_slot_create(table, NULL);
	while (!is_counted && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		slot_getallattrs(slot);
		is_counted = !slot->tts_isnull[REGISTRY_LEAF] && !slot->tts_isnull[REGISTRY_IDENTITY] &&
			(Oid) DatumGetInt64(slot->tts_values[REGISTRY_LEAF]) == leaf &&
			strcmp(TextDatumGetCString(slot->tts_values[REGISTRY_IDENTITY]), identity.data) == 0;
		if (is_counted)
		{
			bool		is_null;

			*is_by_us = TransactionIdIsCurrentTransactionId(DatumGetTransactionId(slot_getsysattr(slot, MinTransactionIdAttributeNumber, &is_null)));
		}
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	relation_close(table, AccessShareLock);
	return is_counted;
}

/* Deletes the rows of leaves that have changed or are gone. */
void
nps_part_tidy(RollupMapping *mapping, Snapshot snapshot)
{
	Relation	table = open_registry(mapping->registry, RowExclusiveLock, nps_is_registry_shaped);
	TableScanDesc scan;
	TupleTableSlot *slot;
	TM_FailureData failure;

	if (table == NULL)
		return;
	scan = nps_beginscan(table, snapshot);
	slot = table_slot_create(table, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		Oid			relation;
		RollupLeaf *leaf;

		slot_getallattrs(slot);
		if (slot->tts_isnull[REGISTRY_LEAF] || slot->tts_isnull[REGISTRY_IDENTITY])
			continue;
		relation = (Oid) DatumGetInt64(slot->tts_values[REGISTRY_LEAF]);
		leaf = nps_mapping_leaf(mapping, relation);
		if (relation != mapping->source &&
			(leaf == NULL || leaf->identity == NULL ||
			 strcmp(leaf->identity, TextDatumGetCString(slot->tts_values[REGISTRY_IDENTITY])) != 0))
			/* ignore the result: somebody else may have deleted it */
			(void) nps_tuple_delete(table, &slot->tts_tid, GetCurrentCommandId(true), snapshot, &failure);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	relation_close(table, NoLock);
}
