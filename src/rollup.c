/*
 * rollup.c
 *		The triggers that keep the rollup of a survey exact within every transaction
 *		that changes the source.
 *
 * The mapping is computed over the changed rows as the owner of the survey, just as
 * a materialized view is refreshed as its owner.  The result is put into the rollup
 * directly.  So writers need no rights on the survey or on the functions of the
 * mapping, and no code in it runs with a writer's rights.  Nobody can abuse that to
 * write elsewhere: the rollup is found by OID, must be what nps_materialize() made,
 * and its survey must read the very table that the trigger is on.
 *
 * A change that cannot be counted does not prevent the write: it is marked, and
 * reports read the source.
 */
#include "nps.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "rollup.h"
#include "rollup_attempt.h"
#include "rollup_note.h"
#include "rollup_part.h"
#include "rollup_partition.h"
#include "rollup_trigger.h"

/* Warns once that the rollup is no longer kept current, and why. */
static void
warn_of_trouble(RollupMapping *mapping, Oid source, const char *trouble)
{
	uint32		hash = hash_bytes((const unsigned char *) trouble, strlen(trouble)) | 1;

	if (mapping->warned_of != hash)
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the rollup of survey \"%s\" is no longer kept current; its views read \"%s\" instead",
						get_namespace_name(get_rel_namespace(mapping->rollup)), get_rel_name(source)),
				 errdetail_internal("%s", trouble),
				 errhint("Have its owner look at nps_check().")));
	mapping->warned_of = hash;
}

/*
 * The mapping of the rollup that a trigger on the source keeps current.  NULL if
 * the rollup can no longer be kept current, or belongs to another table: the source
 * is changed all the same.  The change is marked, as the problem may be solved
 * later.
 */
RollupMapping *
nps_rollup_of_source(Oid rollup, Oid source, const char *trigger)
{
	RollupMapping *mapping = OidIsValid(rollup) ? nps_mapping_of_rollup(rollup, source) : NULL;

	if (mapping != NULL && mapping->source == source)
	{
		if (mapping->trouble == NULL)
			return mapping;
		warn_of_trouble(mapping, source, mapping->trouble);
		nps_mark(rollup, source, mapping->trouble);
	}
	else if (mapping != NULL && nps_relation_owner(rollup) == nps_relation_owner(source))
	{
		static const char *const trouble = "There is no view answer beside the rollup that reads the table of the trigger, and no other.";

		warn_of_trouble(mapping, source, trouble);
		nps_mark(rollup, source, trouble);
	}
	else
		/* nobody can have somebody else's rollup marked */
		ereport(WARNING,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" on \"%s\" belongs to no survey of that table", trigger, get_rel_name(source)),
				 errhint("nps_materialize() makes these triggers; drop this one.")));
	return NULL;
}

/* Rows that are being counted. */
typedef struct Counting
{
	Oid			rollup;
	Oid			source;
	const char *trigger;
	RollupCounter count;
	void	   *rows;
	RollupMapping *mapping;
	RollupChange *change;
	bool		is_full;
	MemoryContext context;		/* for the change, if it has to be made */
} Counting;

static void
count_rows(void *argument)
{
	Counting   *counting = argument;

	counting->is_full = counting->count(counting->change, counting->mapping, counting->rows);
}

static void
count_some(void *argument)
{
	Counting   *counting = argument;
	RollupMapping *mapping;

	counting->mapping = NULL;
	mapping = nps_rollup_of_source(counting->rollup, counting->source, counting->trigger);
	if (mapping == NULL)
		return;
	nps_mapping_prepare(mapping);
	if (counting->change == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(counting->context);

		counting->change = nps_change_begin(mapping, false);
		MemoryContextSwitchTo(caller);
	}
	counting->mapping = mapping;
	nps_mapping_use(mapping, count_rows, counting);
}

/* A change could not be counted: warns the writer, and marks it. */
static void
give_up(Counting *counting, ErrorData *error)
{
	const char *argument = counting->mapping == NULL ? NULL : counting->mapping->argument;
	const char *survey = get_namespace_name(get_rel_namespace(counting->rollup));
	char	   *what = argument == NULL ? pstrdup("The mapping cannot be read") : psprintf("Argument \"%s\" cannot be computed for a row", argument);

	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("a change of \"%s\" is not counted in the rollup of survey \"%s\", whose reports read the source from now on",
					get_rel_name(counting->source), survey == NULL ? "" : survey),
			 errdetail_internal("%s: %s.", what, error->message),
			 errhint("Have the owner of the survey look at nps_check().")));
	/* without the message, which may contain a value of the row */
	nps_mark(counting->rollup, counting->source, psprintf("%s (SQLSTATE %s).", what, unpack_sql_state(error->sqlerrcode)));
}

/*
 * Counts rows, in addition to those already in the change (NULL: none), and writes
 * the result if these rows are the last, or if it is large.  Returns false if that
 * was not possible; then it is marked.
 */
bool
nps_rollup_count_more(RollupChange **change, bool is_last, Oid rollup, Oid source, const char *trigger, RollupCounter count, void *rows)
{
	Counting	counting = {rollup, source, trigger, count, rows, NULL, *change, false, is_last ? CurrentMemoryContext : TopTransactionContext};
	Relation	relation = OidIsValid(rollup) ? try_relation_open(rollup, RowExclusiveLock) : NULL;
	bool		is_counted = relation != NULL;

	while (is_counted)
	{
		ErrorData  *error = nps_attempt(count_some, &counting);

		is_counted = error == NULL && counting.mapping != NULL;
		if (error != NULL)
			give_up(&counting, error);
		else if (is_counted)
		{
			is_counted = nps_change_suits(counting.change, relation);
			if (is_counted && (counting.is_full || is_last))
				nps_change_write(counting.change, relation);
			else if (!is_counted)
				nps_mark(rollup, source, "The columns of the rollup were changed by the statement that it was to count.");
		}
		if (!counting.is_full)
			break;
	}
	if (counting.change != NULL && (is_last || !is_counted))
	{
		nps_change_end(counting.change);
		counting.change = NULL;
	}
	*change = counting.change;
	if (relation != NULL)
		relation_close(relation, NoLock);
	return is_counted;
}

/* The same when there are no more rows to come. */
bool
nps_rollup_count(Oid rollup, Oid source, const char *trigger, RollupCounter count, void *rows)
{
	RollupChange *change = NULL;

	return nps_rollup_count_more(&change, true, rollup, source, trigger, count, rows);
}

/* The transition tables of a statement. */
typedef struct Transition
{
	Oid			source;
	Tuplestorestate *rows[2];	/* added, removed; NULL: no such table */
	int			next;
	TupleTableSlot *slot;
} Transition;

static bool
count_transition(RollupChange *change, RollupMapping *mapping, void *argument)
{
	Transition *transition = argument;

	for (; transition->next < 2; transition->next++)
	{
		Tuplestorestate *rows = transition->rows[transition->next];

		while (rows != NULL && tuplestore_gettupleslot(rows, true, false, transition->slot))
		{
			CHECK_FOR_INTERRUPTS();
			if (nps_change_count(change, mapping, transition->slot, transition->source, transition->next == 0 ? 1 : -1))
				return true;
		}
	}
	return false;
}

/*
 * For a statement whose BEFORE trigger was not called, as it set
 * session_replication_role itself: row triggers have counted some of its rows.
 */
static bool
count_nothing(RollupChange *change pg_attribute_unused(), RollupMapping *mapping pg_attribute_unused(), void *rows pg_attribute_unused())
{
	return false;
}

/* A statement on a plain table has ended. */
static void
end_statement(Oid rollup, TriggerData *trigger)
{
	Transition	transition = {RelationGetRelid(trigger->tg_relation), {trigger->tg_newtable, trigger->tg_oldtable}, 0, NULL};
	RollupNote *note = nps_note_here(rollup);
	bool		is_counted;

	if (note != NULL && !nps_note_is_of(note, transition.source))
		note = NULL;
	for (int i = 0; i < 2; i++)
	{
		if (transition.rows[i] != NULL)
			tuplestore_rescan(transition.rows[i]);
	}
	transition.slot = MakeSingleTupleTableSlot(RelationGetDescr(trigger->tg_relation), &TTSOpsMinimalTuple);
	is_counted = nps_rollup_count(rollup, transition.source, trigger->tg_trigger->tgname,
								  note == NULL ? count_nothing : count_transition, &transition);
	ExecDropSingleTupleTableSlot(transition.slot);
	if (note != NULL)
		nps_note_end(note, transition.source);
	else if (is_counted)
		nps_mark(rollup, transition.source, "A statement ended for which the trigger before it was not called.");
}

/*
 * nps_keep_rollup() returns trigger
 *
 * The function of the triggers on a source, see rollup_trigger.c.
 */
PG_FUNCTION_INFO_V1(nps_keep_rollup);
Datum
nps_keep_rollup(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = nps_expect_rollup_trigger(fcinfo);
	Oid			rollup = nps_rollup_of_trigger(trigger->tg_trigger);

	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		nps_partition_row(fcinfo->flinfo, trigger);
	else if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
		nps_partition_begin(rollup, trigger->tg_relation);
	else if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		nps_rollup_truncate(rollup, trigger);
	else if (nps_is_counted_by_row(trigger, rollup))
		nps_partition_end(rollup, trigger);
	else
		end_statement(rollup, trigger);
	PG_RETURN_POINTER(NULL);
}

/*
 * nps_guard_rollup() returns trigger
 *
 * BEFORE trigger on the rollup and on rollup_part: drops rows that maintenance does
 * not write itself, such as those of another moment from a restore.  If the rollup
 * is emptied, it is marked.
 */
PG_FUNCTION_INFO_V1(nps_guard_rollup);
Datum
nps_guard_rollup(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function can be called only by the triggers of a rollup"),
				 errhint("nps_materialize() makes these triggers.")));
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		nps_mark(RelationGetRelid(trigger->tg_relation), InvalidOid, "The rollup was emptied by TRUNCATE.");
	PG_RETURN_POINTER(NULL);
}
