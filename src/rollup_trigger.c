/*
 * rollup_trigger.c
 *		What the triggers that keep a rollup look like.
 *
 * On a table: one AFTER statement trigger for each kind of change, with the rows
 * that came and went as transition tables.
 *
 * On a partitioned table PostgreSQL's transition tables are not right: of a MERGE
 * that moves rows, or that updates rows behind one that it inserted, they have
 * rows too few or the wrong ones.  And they make COPY put in row by row.  So there
 * a row trigger counts, also what is written to a partition by its own name; and
 * statement triggers before and after say when it is to be written.
 */
#include "nps.h"

#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/primnodes.h"
#include "nodes/readfuncs.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "rollup_trigger.h"

#define TRIGGER_FUNCTION "nps_keep_rollup"
#define WRITES (TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE)

/*
 * The relation in WHEN ('...'::regclass IS NOT NULL); InvalidOid where there is
 * no such thing.  The last one is remembered, as many statements in a row are
 * most often for the same table.
 */
Oid
nps_rollup_of_trigger(Trigger *trigger)
{
	static Oid	last_rollup = InvalidOid;
	static char *last_condition = NULL;
	NullTest   *test;
	Oid			rollup = InvalidOid;

	if (trigger->tgqual == NULL)
		return InvalidOid;
	if (last_condition != NULL && strcmp(trigger->tgqual, last_condition) == 0)
		return last_rollup;
	test = (NullTest *) stringToNode(trigger->tgqual);
	if (IsA(test, NullTest) && test->nulltesttype == IS_NOT_NULL && IsA(test->arg, Const))
	{
		Const	   *name = (Const *) test->arg;

		if (name->consttype == REGCLASSOID && !name->constisnull)
			rollup = DatumGetObjectId(name->constvalue);
	}
	if (last_condition != NULL)
		pfree(last_condition);
	last_condition = NULL;
	last_condition = MemoryContextStrdup(TopMemoryContext, trigger->tgqual);
	last_rollup = rollup;
	return rollup;
}

/* What a trigger on such a source is there for; 0: nothing that nps_materialize() makes. */
static int
purpose(const Trigger *trigger, bool is_partitioned)
{
	int			events = trigger->tgtype & TRIGGER_TYPE_EVENT_MASK;
	bool		is_after = TRIGGER_FOR_AFTER(trigger->tgtype);

	/* one that is told later than its statement ends sees the rollup of another moment */
	if (trigger->tgnattr > 0 || TRIGGER_FOR_INSTEAD(trigger->tgtype) || OidIsValid(trigger->tgconstraint))
		return 0;
	if (events == TRIGGER_TYPE_TRUNCATE && is_after)
		return TRIGGER_TYPE_TRUNCATE;
	if (is_partitioned)
	{
		if (events != WRITES)
			return 0;
		if (TRIGGER_FOR_ROW(trigger->tgtype))
			return is_after ? WRITES | TRIGGER_TYPE_ROW : 0;
		return is_after ? WRITES : WRITES | TRIGGER_TYPE_BEFORE;
	}
	if (!is_after || TRIGGER_FOR_ROW(trigger->tgtype))
		return 0;
	if ((events == TRIGGER_TYPE_INSERT && trigger->tgnewtable != NULL) ||
		(events == TRIGGER_TYPE_DELETE && trigger->tgoldtable != NULL) ||
		(events == TRIGGER_TYPE_UPDATE && trigger->tgnewtable != NULL && trigger->tgoldtable != NULL))
		return events;
	return 0;
}

/* Is it nps_keep_rollup(), and not another function of that name? */
static bool
is_our_function(Oid function)
{
	char	   *name = get_func_name(function);
	Oid			extension = get_extension_oid("nps", true);

	return name != NULL && strcmp(name, TRIGGER_FUNCTION) == 0 &&
		OidIsValid(extension) && getExtensionOfObject(ProcedureRelationId, function) == extension;
}

/*
 * Do our triggers on the source see every kind of change, each of them once?
 * They also tell the zone and the scale.  The triggers are a copy: reading the
 * catalogs can give the relation others.
 */
bool
nps_rollup_has_all_triggers(RollupMapping *mapping, TriggerDesc *triggers, bool is_partitioned)
{
	int			found[4];
	int			count = 0;
	Oid			function = InvalidOid;

	mapping->zone = NULL;
	mapping->scale = NPS_SCALE_NONE;
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger    *trigger = &triggers->triggers[i];
		int			what = purpose(trigger, is_partitioned);
		pg_tz	   *zone;
		NpsScaleId	scale;

		if (nps_rollup_of_trigger(trigger) != mapping->rollup || (trigger->tgfoid != function && !is_our_function(trigger->tgfoid)))
			continue;
		function = trigger->tgfoid;
		if (trigger->tgenabled == TRIGGER_DISABLED || trigger->tgenabled == TRIGGER_FIRES_ON_REPLICA || trigger->tgnargs != 2 ||
			what == 0 || count == lengthof(found))
			return false;
		for (int j = 0; j < count; j++)
		{
			if (found[j] == what)
				return false;
		}
		found[count++] = what;
		zone = nps_zone_by_name(trigger->tgargs[0]);
		scale = nps_scale_by_name(trigger->tgargs[1], strlen(trigger->tgargs[1]));
		if (zone == NULL || scale == NPS_SCALE_NONE || (count > 1 && (zone != mapping->zone || scale != mapping->scale)))
			return false;
		mapping->zone = zone;
		mapping->scale = scale;
	}
	/* of either kind there are four */
	return count == lengthof(found);
}

/*
 * What the trigger was called for; an error if it can be none that
 * nps_materialize() made.  One that the owner changed since must not keep anybody
 * from writing: with that the rollup is not kept any more.
 */
TriggerData *
nps_expect_rollup_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool		is_expected = false;

	if (CALLED_AS_TRIGGER(fcinfo))
	{
		Form_pg_class table = trigger->tg_relation->rd_rel;

		if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
			is_expected = TRIGGER_FIRED_AFTER(trigger->tg_event) && trigger->tg_trigger->tgisclone && table->relispartition;
		else if (TRIGGER_FIRED_AFTER(trigger->tg_event))
			is_expected = table->relkind == RELKIND_RELATION || table->relkind == RELKIND_PARTITIONED_TABLE;
		else
			is_expected = TRIGGER_FIRED_BEFORE(trigger->tg_event) && table->relkind == RELKIND_PARTITIONED_TABLE &&
				!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event);
	}
	if (!is_expected)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function can be called only by the triggers of a survey"),
				 errhint("nps_materialize() makes these triggers.")));
	return trigger;
}
