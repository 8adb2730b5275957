/*
 * rollup_build.c
 *		Maintenance of a rollup: counts all rows of a source or of one leaf, and
 *		folds what writers appended.
 *
 * It uses the code of the triggers, so that both count alike.  Nobody waits for it:
 * writers append meanwhile.  One transaction with one snapshot takes out what the
 * rollup has, and puts in what the source has.  What the snapshot does not see is
 * in neither, and stays.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "rollup.h"
#include "rollup_attempt.h"
#include "rollup_identity.h"
#include "rollup_part.h"
#include "rollup_partition.h"

/* A rollup under maintenance, which is done only as its owner. */
typedef struct Build
{
	RollupMapping *mapping;
	Relation	rollup;
	Snapshot	snapshot;
	Oid			leaf;			/* to be counted; InvalidOid: all */
	RollupChange *change;
	List	   *left;			/* partitions that could not be counted */
} Build;

static char *
survey_of(Oid rollup)
{
	char	   *name = OidIsValid(get_rel_namespace(rollup)) ? get_namespace_name(get_rel_namespace(rollup)) : NULL;

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("there is no rollup")));
	return name;
}

/*
 * Locks the rollup, and reads what is known about it.  The triggers are read before
 * the snapshot is taken: so whatever was written while one of them was disabled is
 * in the snapshot, or else that trigger is no longer the same.
 */
static Build
begin_build(Oid rollup)
{
	char	   *survey = survey_of(rollup);
	Build		build = {NULL, NULL, NULL, InvalidOid, NULL, NIL};

	nps_expect_to_act_as_owner(survey);
	build.rollup = relation_open(rollup, ShareUpdateExclusiveLock);
	nps_lock_cells_alone(rollup);
	build.mapping = nps_mapping_of_rollup(rollup, InvalidOid);
	if (build.mapping->trouble == NULL)
		nps_mapping_look_up(build.mapping);
	if (build.mapping->trouble != NULL || build.mapping->doubt != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the rollup of survey \"%s\" cannot be computed", survey),
				 errdetail_internal("%s", build.mapping->trouble != NULL ? build.mapping->trouble : build.mapping->doubt),
				 errhint("CALL nps_materialize(%s) makes it anew, if it can be kept.", quote_literal_cstr(survey))));
	/* with one snapshot per transaction, it must not see more of the rollup than of the source */
	build.snapshot = RegisterSnapshot(IsolationUsesXactSnapshot() ? GetTransactionSnapshot() : GetLatestSnapshot());
	PushActiveSnapshot(build.snapshot);
	return build;
}

static void
end_build(Build *build)
{
	PopActiveSnapshot();
	UnregisterSnapshot(build->snapshot);
	relation_close(build->rollup, NoLock);
}

/* Deletes a row, which somebody else may have folded since the snapshot. */
static void
delete_row(Build *build, TupleTableSlot *slot)
{
	TM_FailureData failure;

	if (nps_tuple_delete(build->rollup, &slot->tts_tid, GetCurrentCommandId(true), build->snapshot, &failure) != TM_Ok)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent delete")));
}

/* Deletes the cells of a leaf, or all (InvalidOid), from the rollup. */
static void
delete_cells(Build *build, Oid leaf)
{
	TableScanDesc scan = nps_beginscan(build->rollup, build->snapshot);
	TupleTableSlot *slot = table_slot_create(build->rollup, NULL);
	int			column = RelationGetDescr(build->rollup)->natts;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		is_null;

		CHECK_FOR_INTERRUPTS();
		if (!OidIsValid(leaf) || (Oid) DatumGetInt64(slot_getattr(slot, column, &is_null)) == leaf)
			delete_row(build, slot);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
}

/* Counts those rows of a table that the snapshot sees. */
static void
count_leaf(Build *build, Oid relation)
{
	Relation	leaf;
	RollupMapping *mapping = build->mapping;
	TableScanDesc scan;
	TupleTableSlot *slot;
	TupleTableSlot *mapped = NULL;
	TupleConversionMap *map = NULL;

	/* attached since the others were locked: not counted, if somebody uses it */
	if (!ConditionalLockRelationOid(relation, AccessShareLock))
	{
		build->left = lappend_oid(build->left, relation);
		return;
	}
	leaf = try_relation_open(relation, NoLock);
	/* dropped meanwhile */
	if (leaf == NULL)
		return;
	if (relation != mapping->source)
	{
		TupleDesc	columns;

		map = nps_map_of_leaf(leaf, mapping->source, &columns);
		if (map != NULL)
			mapped = MakeSingleTupleTableSlot(columns, &TTSOpsVirtual);
	}
	slot = table_slot_create(leaf, NULL);
	scan = nps_beginscan(leaf, build->snapshot);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		TupleTableSlot *row = map == NULL ? slot : execute_attr_map_slot(map->attrMap, slot, mapped);

		CHECK_FOR_INTERRUPTS();
		if (nps_change_count(build->change, mapping, row, relation, 1))
			nps_change_write(build->change, build->rollup);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	if (mapped != NULL)
		ExecDropSingleTupleTableSlot(mapped);
	relation_close(leaf, NoLock);
}

static void
count_leaves(void *argument)
{
	Build	   *build = argument;
	RollupMapping *mapping = build->mapping;

	for (int i = 0; i < mapping->leaf_count; i++)
	{
		if (!OidIsValid(build->leaf) || mapping->leaves[i].relation == build->leaf)
			count_leaf(build, mapping->leaves[i].relation);
	}
}

static void
count_all(void *argument)
{
	Build	   *build = argument;
	RollupMapping *mapping = build->mapping;

	nps_mapping_prepare(mapping);
	build->change = nps_change_begin(mapping, true);
	nps_mapping_use(mapping, count_leaves, build);
	nps_change_write(build->change, build->rollup);
	nps_change_end(build->change);
}

/* Counts as the triggers do; a problem with a row is an error of maintenance. */
static void
count(Build *build)
{
	ErrorData  *error = nps_attempt(count_all, build);
	const char *argument = build->mapping->argument;
	char	   *survey = survey_of(build->mapping->rollup);

	if (error == NULL)
		return;
	ereport(ERROR,
			(errcode(error->sqlerrcode),
			 errmsg("the rollup of survey \"%s\" cannot be computed: %s", survey, error->message),
			 argument == NULL ? 0 : errdetail("Argument \"%s\" cannot be computed for one of the rows.", argument),
			 errhint("SELECT * FROM nps_check(%s) names the row and how to map it.", quote_literal_cstr(survey))));
}

/*
 * nps_count_source(rollup regclass) returns void
 *
 * Counts all rows of the source, and removes the marks that are visible together
 * with them.  Leaves without their triggers are counted, but not served.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_count_source);
Datum
nps_count_source(PG_FUNCTION_ARGS)
{
	Build		build = begin_build(PG_GETARG_OID(0));
	RollupMapping *mapping = build.mapping;

	delete_cells(&build, InvalidOid);
	nps_part_forget(mapping, InvalidOid, build.snapshot);
	count(&build);
	nps_part_register(mapping, mapping->source, mapping->identity);
	for (int i = 0; i < mapping->leaf_count; i++)
	{
		if (mapping->leaves[i].identity != NULL && mapping->leaves[i].relation != mapping->source &&
			!list_member_oid(build.left, mapping->leaves[i].relation))
			nps_part_register(mapping, mapping->leaves[i].relation, mapping->leaves[i].identity);
	}
	CacheInvalidateRelcacheByRelid(mapping->rollup);
	end_build(&build);
	PG_RETURN_VOID();
}

/*
 * nps_count_leaf(rollup regclass, leaf regclass) returns void
 *
 * Counts a partition that was added to the source since.  Nobody writes to it
 * meanwhile.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_count_leaf);
Datum
nps_count_leaf(PG_FUNCTION_ARGS)
{
	Oid			relation = PG_GETARG_OID(1);
	Build		build;
	RollupLeaf *leaf;

	nps_expect_to_act_as_owner(survey_of(PG_GETARG_OID(0)));
	/* its snapshot may be older than the partition, and miss rows that were in it by then */
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("a partition cannot be counted in a transaction that has one snapshot for all")));
	LockRelationOid(relation, ShareRowExclusiveLock);
	build = begin_build(PG_GETARG_OID(0));
	leaf = nps_mapping_leaf(build.mapping, relation);
	if (leaf != NULL && leaf->identity != NULL && relation != build.mapping->source)
	{
		build.leaf = relation;
		delete_cells(&build, relation);
		nps_part_forget(build.mapping, relation, build.snapshot);
		count(&build);
		nps_part_register(build.mapping, relation, leaf->identity);
		CacheInvalidateRelcacheByRelid(build.mapping->rollup);
	}
	end_build(&build);
	PG_RETURN_VOID();
}

/*
 * nps_keep_identity(rollup regclass) returns void
 *
 * Maintenance has rebuilt the view answer while nobody writes: if the mapping is
 * the same, the rollup stays valid.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_keep_identity);
Datum
nps_keep_identity(PG_FUNCTION_ARGS)
{
	Oid			rollup = PG_GETARG_OID(0);
	RollupMapping *mapping;
	Snapshot	snapshot;
	char	   *identity;

	nps_expect_to_act_as_owner(survey_of(rollup));
	mapping = nps_mapping_of_rollup(rollup, InvalidOid);
	if (mapping->trouble != NULL)
		PG_RETURN_VOID();
	nps_mapping_look_up(mapping);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	identity = nps_part_identity(mapping, snapshot);
	if (identity != NULL && mapping->identity != NULL && strcmp(identity, mapping->identity) != 0 &&
		nps_identity_agrees_but(identity, mapping->identity, NPS_VIEW_DIFFERS))
	{
		nps_part_forget(mapping, mapping->source, snapshot);
		nps_part_register(mapping, mapping->source, mapping->identity);
	}
	UnregisterSnapshot(snapshot);
	PG_RETURN_VOID();
}

/*
 * nps_fold_rollup(rollup regclass, OUT rows_before bigint, OUT rows_after bigint)
 *
 * Folds the rows of each cell into one, and deletes those of former partitions.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_fold_rollup);
Datum
nps_fold_rollup(PG_FUNCTION_ARGS)
{
	Build		build = begin_build(PG_GETARG_OID(0));
	RollupMapping *mapping = build.mapping;
	RollupChange *change = nps_change_begin(mapping, true);
	TupleTableSlot *slot = table_slot_create(build.rollup, NULL);
	int			column = RelationGetDescr(build.rollup)->natts;
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "nps folded row", ALLOCSET_DEFAULT_SIZES);
	TupleDesc	columns;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	int64		counts[2] = {0, 0};
	HeapTuple	result;

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	/* first add up each cell, then delete rows that are replaced or belong to no leaf */
	for (int pass = 0; pass < 2; pass++)
	{
		TableScanDesc scan = nps_beginscan(build.rollup, build.snapshot);

		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			MemoryContext caller = MemoryContextSwitchTo(row);
			bool		is_null;
			bool		is_here = nps_mapping_leaf(mapping, (Oid) DatumGetInt64(slot_getattr(slot, column, &is_null))) != NULL;

			CHECK_FOR_INTERRUPTS();
			if (pass == 0)
			{
				counts[0]++;
				if (is_here)
					nps_change_add(change, mapping, slot);
			}
			else if (!is_here || nps_change_rows(change, mapping, slot) > 1)
			{
				delete_row(&build, slot);
				counts[1]--;
			}
			MemoryContextSwitchTo(caller);
			MemoryContextReset(row);
		}
		table_endscan(scan);
	}
	nps_part_tidy(mapping, build.snapshot);
	counts[1] += counts[0] + nps_change_write(change, build.rollup);
	nps_change_end(change);
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row);
	end_build(&build);
	values[0] = Int64GetDatum(counts[0]);
	values[1] = Int64GetDatum(counts[1]);
	result = heap_form_tuple(BlessTupleDesc(columns), values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(result));
}
