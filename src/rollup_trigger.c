/*
 * rollup_trigger.c
 *		What the triggers that keep a rollup current look like.
 *
 * On a plain table: a statement trigger before each change, also TRUNCATE, and one
 * after each kind of change, with the added and removed rows as transition tables.
 * Changes applied by replication fire no statement triggers, so a row trigger counts
 * these, and anything written under session_replication_role = replica.
 *
 * On a partitioned table PostgreSQL's transition tables are wrong: for a MERGE that
 * moves rows, or that updates rows after an insert, rows are missing or wrong.  And
 * they make COPY insert row by row.  So there a row trigger counts, including what
 * is written to a partition by its own name; and statement triggers before and
 * after say when the result is to be written.  These always fire.  Each partition
 * has its own statement triggers, as those of the parent are not passed on.
 *
 * On the rollup and on rollup_part: guards, which drop rows that maintenance does
 * not write itself, such as those of a restore.
 */
#include "nps.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/primnodes.h"
#include "nodes/readfuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "rollup_trigger.h"

#define KEEPER "nps_keep_rollup"
#define GUARD "nps_guard_rollup"
#define WRITES (TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE)

/*
 * The relation in WHEN ('...'::regclass IS NOT NULL); InvalidOid if there is no
 * such condition.  The last one is remembered, as consecutive statements are mostly
 * for the same table.
 */
static Oid
rollup_in_condition(const char *tree)
{
	static Oid	last_rollup = InvalidOid;
	static char *last_condition = NULL;
	NullTest   *test;
	Oid			rollup = InvalidOid;

	if (tree == NULL)
		return InvalidOid;
	if (last_condition != NULL && strcmp(tree, last_condition) == 0)
		return last_rollup;
	test = (NullTest *) stringToNode(tree);
	if (IsA(test, NullTest) && test->nulltesttype == IS_NOT_NULL && IsA(test->arg, Const))
	{
		Const	   *name = (Const *) test->arg;

		if (name->consttype == REGCLASSOID && !name->constisnull)
			rollup = DatumGetObjectId(name->constvalue);
	}
	if (last_condition != NULL)
		pfree(last_condition);
	last_condition = NULL;
	last_condition = MemoryContextStrdup(TopMemoryContext, tree);
	last_rollup = rollup;
	return rollup;
}

Oid
nps_rollup_of_trigger(Trigger *trigger)
{
	return rollup_in_condition(trigger->tgqual);
}

/* Is it our function of that name, and not another one? */
static bool
is_our_function(Oid function, const char *wanted)
{
	char	   *name = get_func_name(function);
	Oid			extension = get_extension_oid("nps", true);

	return name != NULL && strcmp(name, wanted) == 0 &&
		OidIsValid(extension) && getExtensionOfObject(ProcedureRelationId, function) == extension;
}

/* Does the table have no triggers except our guards?  The relcache's triggers are copied first. */
bool
nps_has_only_guards(Relation table)
{
	TriggerDesc *triggers = CopyTriggerDesc(table->trigdesc);

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		if (!is_our_function(triggers->triggers[i].tgfoid, GUARD))
			return false;
	}
	return true;
}

/* What a trigger on a source is for. */
typedef enum TriggerPurpose
{
	NO_PURPOSE,					/* not made by nps_materialize() */
	BEFORE_STATEMENT,
	AFTER_INSERT,
	AFTER_UPDATE,
	AFTER_DELETE,
	AFTER_STATEMENT,
	EACH_ROW,
	AFTER_TRUNCATE,
	PURPOSES
} TriggerPurpose;

static TriggerPurpose
purpose(const Trigger *trigger, bool is_partitioned)
{
	int			events = trigger->tgtype & TRIGGER_TYPE_EVENT_MASK;
	bool		is_after = TRIGGER_FOR_AFTER(trigger->tgtype);

	/* a constraint trigger may be deferred, and then sees the rollup of a later moment */
	if (trigger->tgnattr > 0 || TRIGGER_FOR_INSTEAD(trigger->tgtype) || OidIsValid(trigger->tgconstraint))
		return NO_PURPOSE;
	if (TRIGGER_FOR_ROW(trigger->tgtype))
		return is_after && events == WRITES ? EACH_ROW : NO_PURPOSE;
	if (!is_after)
		return events == (WRITES | TRIGGER_TYPE_TRUNCATE) ? BEFORE_STATEMENT : NO_PURPOSE;
	if (events == TRIGGER_TYPE_TRUNCATE)
		return AFTER_TRUNCATE;
	if (is_partitioned)
		return events == WRITES ? AFTER_STATEMENT : NO_PURPOSE;
	if (events == TRIGGER_TYPE_INSERT && trigger->tgnewtable != NULL)
		return AFTER_INSERT;
	if (events == TRIGGER_TYPE_DELETE && trigger->tgoldtable != NULL)
		return AFTER_DELETE;
	if (events == TRIGGER_TYPE_UPDATE && trigger->tgnewtable != NULL && trigger->tgoldtable != NULL)
		return AFTER_UPDATE;
	return NO_PURPOSE;
}

/* When a trigger for that purpose fires; 0: such a source has none. */
static char
fires_when(TriggerPurpose what, bool is_partitioned)
{
	switch (what)
	{
		case BEFORE_STATEMENT:
			return is_partitioned ? TRIGGER_FIRES_ALWAYS : TRIGGER_FIRES_ON_ORIGIN;
		case AFTER_INSERT:
		case AFTER_UPDATE:
		case AFTER_DELETE:
			return is_partitioned ? 0 : TRIGGER_FIRES_ON_ORIGIN;
		case AFTER_STATEMENT:
			return is_partitioned ? TRIGGER_FIRES_ALWAYS : 0;
		case EACH_ROW:
			return is_partitioned ? TRIGGER_FIRES_ALWAYS : TRIGGER_FIRES_ON_REPLICA;
		case AFTER_TRUNCATE:
			return TRIGGER_FIRES_ALWAYS;
		default:
			return 0;
	}
}

/*
 * Do our triggers on the source see every kind of change exactly once?  Their
 * arguments also give the zone and the scale.  The triggers must be a copy, as
 * reading the catalogs can replace those of the relation.
 */
bool
nps_rollup_has_all_triggers(RollupMapping *mapping, TriggerDesc *triggers, bool is_partitioned)
{
	bool		found[PURPOSES] = {false};
	Oid			function = InvalidOid;
	bool		is_first = true;

	mapping->zone = NULL;
	mapping->scale = NPS_SCALE_NONE;
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger    *trigger = &triggers->triggers[i];
		TriggerPurpose what = purpose(trigger, is_partitioned);
		pg_tz	   *zone;
		NpsScaleId	scale;

		if (nps_rollup_of_trigger(trigger) != mapping->rollup ||
			(trigger->tgfoid != function && !is_our_function(trigger->tgfoid, KEEPER)))
			continue;
		function = trigger->tgfoid;
		if (what == NO_PURPOSE || found[what] || trigger->tgnargs != 2 || trigger->tgenabled != fires_when(what, is_partitioned))
			return false;
		found[what] = true;
		zone = nps_zone_by_name(trigger->tgargs[0]);
		scale = nps_scale_by_name(trigger->tgargs[1], strlen(trigger->tgargs[1]));
		if (zone == NULL || scale == NPS_SCALE_NONE || (!is_first && (zone != mapping->zone || scale != mapping->scale)))
			return false;
		is_first = false;
		mapping->zone = zone;
		mapping->scale = scale;
	}
	for (TriggerPurpose what = NO_PURPOSE + 1; what < PURPOSES; what++)
	{
		if (fires_when(what, is_partitioned) != 0 && !found[what])
			return false;
	}
	return true;
}

/*
 * Appends which of our triggers are on the relation: for each its OID, and the
 * transaction that last changed it.  So a trigger that was disabled for a while is
 * no longer the same, nor is that of a partition that was detached.
 *
 * Returns whether a partition has the triggers that it needs: the one for rows,
 * passed on from the parent, and its own before and after statements and for
 * TRUNCATE; a table between it and the source needs none for TRUNCATE, which is
 * called for each partition.
 */
bool
nps_append_triggers(StringInfo identity, Oid relation, Oid rollup, bool is_between)
{
	Relation	catalog = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	entry;
	Oid			keeper = InvalidOid;
	Oid			guard = InvalidOid;
	bool		sees_rows = false;
	bool		sees_truncate = false;
	bool		sees_begin = false;
	bool		sees_end = false;

	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
	scan = systable_beginscan(catalog, TriggerRelidNameIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(entry = systable_getnext(scan)))
	{
		Form_pg_trigger trigger = (Form_pg_trigger) GETSTRUCT(entry);
		Datum		condition;
		bool		is_null;

		if (trigger->tgfoid != guard && is_our_function(trigger->tgfoid, GUARD))
			guard = trigger->tgfoid;
		if (trigger->tgfoid != guard)
		{
			if (trigger->tgfoid != keeper && is_our_function(trigger->tgfoid, KEEPER))
				keeper = trigger->tgfoid;
			if (trigger->tgfoid != keeper)
				continue;
			condition = heap_getattr(entry, Anum_pg_trigger_tgqual, RelationGetDescr(catalog), &is_null);
			if (is_null || rollup_in_condition(TextDatumGetCString(condition)) != rollup)
				continue;
			if (trigger->tgenabled == TRIGGER_FIRES_ALWAYS)
			{
				if (TRIGGER_FOR_ROW(trigger->tgtype) && OidIsValid(trigger->tgparentid))
					sees_rows = true;
				else if (!TRIGGER_FOR_ROW(trigger->tgtype))
				{
					int			events = trigger->tgtype & TRIGGER_TYPE_EVENT_MASK;

					sees_begin |= TRIGGER_FOR_BEFORE(trigger->tgtype) && events == (is_between ? WRITES : WRITES | TRIGGER_TYPE_TRUNCATE);
					sees_end |= TRIGGER_FOR_AFTER(trigger->tgtype) && events == WRITES;
					sees_truncate |= TRIGGER_FOR_AFTER(trigger->tgtype) && events == TRIGGER_TYPE_TRUNCATE;
				}
			}
		}
		appendStringInfo(identity, " %u.%u", trigger->oid, HeapTupleHeaderGetRawXmin(entry->t_data));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return sees_rows && sees_begin && sees_end && (is_between || sees_truncate);
}

/*
 * Rewrites our triggers on a table unchanged, so that the table gets a new
 * identity.  Nobody else uses the table; and the caller has begun a subtransaction,
 * whose id nothing later will have.
 */
void
nps_renew_triggers(Oid relation, Oid rollup)
{
	Relation	catalog = table_open(TriggerRelationId, RowExclusiveLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	entry;

	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
	scan = systable_beginscan(catalog, TriggerRelidNameIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(entry = systable_getnext(scan)))
	{
		bool		is_null;
		Datum		condition = heap_getattr(entry, Anum_pg_trigger_tgqual, RelationGetDescr(catalog), &is_null);
		HeapTuple	renewed;

		if (is_null || !is_our_function(((Form_pg_trigger) GETSTRUCT(entry))->tgfoid, KEEPER) ||
			rollup_in_condition(TextDatumGetCString(condition)) != rollup)
			continue;
		renewed = heap_copytuple(entry);
		CatalogTupleUpdate(catalog, &renewed->t_self, renewed);
		heap_freetuple(renewed);
	}
	systable_endscan(scan);
	table_close(catalog, RowExclusiveLock);
	CacheInvalidateRelcacheByRelid(relation);
	CommandCounterIncrement();
}

/*
 * What the trigger was called for; an error if nps_materialize() cannot have made
 * it.  A trigger that the owner has changed since must not prevent writes: it only
 * means that the rollup is no longer kept current.
 */
TriggerData *
nps_expect_rollup_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool		is_expected = false;

	if (CALLED_AS_TRIGGER(fcinfo))
	{
		char		kind = trigger->tg_relation->rd_rel->relkind;

		/* a partition that is a foreign table gets the row trigger of the partitioned table too */
		if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE && kind != RELKIND_FOREIGN_TABLE)
			is_expected = false;
		else if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
			is_expected = TRIGGER_FIRED_AFTER(trigger->tg_event);
		else
			is_expected = true;
	}
	if (!is_expected)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function can be called only by the triggers of a survey"),
				 errhint("nps_materialize() makes these triggers.")));
	return trigger;
}
