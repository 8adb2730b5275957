/*
 * rollup.c
 *		The triggers that keep the rollup of a survey exact inside every transaction
 *		that changes the source.
 *
 * The mapping is computed over the rows that changed as the owner of the survey,
 * as a materialized view is refreshed.  What comes out is put into the rollup
 * directly.  So a writer needs no right on the survey and on what the mapping
 * calls, and nothing in it runs with a writer's rights.  Nobody can make use of
 * that to write elsewhere: the rollup is found by OID, must be what
 * nps_materialize() made, and its survey must read the very table that the trigger
 * was made on.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"

#include "rollup_change.h"
#include "rollup_partition.h"
#include "rollup_trigger.h"

/* Counts all rows of a transition table; NULL: there is none. */
static void
count_rows(RollupChange *change, RollupMapping *mapping, Relation rollup, Tuplestorestate *rows, TupleTableSlot *slot, int sign)
{
	if (rows == NULL)
		return;
	tuplestore_rescan(rows);
	while (tuplestore_gettupleslot(rows, true, false, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (nps_change_count(change, mapping, slot, sign))
			nps_change_write(change, rollup);
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
	TableScanDesc scan = nps_beginscan(rollup, snapshot);
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

static Oid
relation_owner(Oid relation)
{
	HeapTuple	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner = HeapTupleIsValid(entry) ? ((Form_pg_class) GETSTRUCT(entry))->relowner : InvalidOid;

	if (HeapTupleIsValid(entry))
		ReleaseSysCache(entry);
	return owner;
}

/* Says once that the rollup is not kept, and why. */
static void
warn_of_trouble(RollupMapping *mapping, Oid source, const char *trouble)
{
	if (!mapping->has_warned)
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the rollup of survey \"%s\" is not kept any more; its views read \"%s\" instead",
						get_namespace_name(get_rel_namespace(mapping->rollup)), get_rel_name(source)),
				 errdetail_internal("%s", trouble),
				 errhint("Have its owner look at nps_check().")));
	mapping->has_warned = true;
}

/*
 * The mapping of the rollup that a trigger on the source keeps.  The result is
 * NULL if the rollup cannot be kept any more: the change of the source goes on, as
 * the views are served from the source then.  On a table of somebody else's, which
 * the survey does not read, it is an error.
 */
RollupMapping *
nps_rollup_of_source(Oid rollup, Oid source, TriggerData *trigger)
{
	RollupMapping *mapping = OidIsValid(rollup) ? nps_mapping_of_rollup(rollup, source) : NULL;

	if (mapping != NULL && mapping->source == source)
	{
		if (mapping->trouble == NULL)
			return mapping;
		warn_of_trouble(mapping, source, mapping->trouble);
	}
	else if (mapping != NULL && mapping->trouble != NULL && relation_owner(rollup) == relation_owner(source))
		warn_of_trouble(mapping, source, "There is no view answer beside the rollup that reads this table, and no other.");
	else
		/* the owner's own mistake must not keep others from writing */
		ereport(mapping != NULL && relation_owner(rollup) == relation_owner(source) ? WARNING : ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" on \"%s\" belongs to no survey of that table",
						trigger->tg_trigger->tgname, RelationGetRelationName(trigger->tg_relation)),
				 errhint("nps_materialize() makes these triggers; drop this one.")));
	return NULL;
}

/*
 * nps_keep_rollup() returns trigger
 *
 * AFTER statement trigger on the source of a survey, for each kind of change; and
 * on a partitioned source the triggers that rollup_partition.c tells of.
 */
PG_FUNCTION_INFO_V1(nps_keep_rollup);
Datum
nps_keep_rollup(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = nps_expect_rollup_trigger(fcinfo);
	Oid			source = RelationGetRelid(trigger->tg_relation);
	bool		truncates = TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);
	Oid			rollup;
	RollupMapping *mapping;
	Relation	relation;

	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
	{
		nps_partition_row(fcinfo->flinfo, trigger);
		PG_RETURN_POINTER(NULL);
	}
	rollup = nps_rollup_of_trigger(trigger->tg_trigger);
	mapping = nps_rollup_of_source(rollup, source, trigger);
	if (mapping == NULL)
		PG_RETURN_POINTER(NULL);
	if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
	{
		nps_partition_begin(rollup);
		PG_RETURN_POINTER(NULL);
	}

	/* once it is locked, the mapping can be found to be another one */
	relation = table_open(rollup, truncates ? ShareUpdateExclusiveLock : RowExclusiveLock);
	mapping = nps_rollup_of_source(rollup, source, trigger);
	if (mapping == NULL)
	{
		table_close(relation, NoLock);
		PG_RETURN_POINTER(NULL);
	}
	if (truncates)
	{
		nps_partition_forget(rollup);
		empty_rollup(relation);
	}
	else if (trigger->tg_relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		nps_partition_end(relation, source);
	else
	{
		RollupChange *change;
		TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(trigger->tg_relation), &TTSOpsMinimalTuple);

		nps_mapping_prepare(mapping);
		change = nps_change_begin(mapping);
		mapping->is_used = true;
		PG_TRY();
		{
			NpsOwner	saved;

			nps_mapping_enter(mapping, &saved);
			count_rows(change, mapping, relation, trigger->tg_newtable, slot, 1);
			count_rows(change, mapping, relation, trigger->tg_oldtable, slot, -1);
			nps_mapping_leave(&saved);
		}
		PG_CATCH();
		{
			nps_mapping_give_up(mapping);
			PG_RE_THROW();
		}
		PG_END_TRY();
		mapping->is_used = false;
		nps_change_write(change, relation);
		ExecDropSingleTupleTableSlot(slot);
		nps_change_end(change);
	}
	table_close(relation, NoLock);
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
		nps_tally_cancel_out(net, &removed);
	}
	PG_RETURN_NPS_TALLY(net);
}
