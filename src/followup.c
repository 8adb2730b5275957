/*
 * followup.c
 *		UPDATE on the views followup and followup_all: translated into the case's row.
 *
 * An INSTEAD OF trigger sees the row as it was and as it is to be, but not which
 * columns the statement names.  That matters here: a view shows the playbook's
 * channel until somebody records one, and "SET channel = 'phone'" must record
 * it although nothing changes to the eye.  So a statement trigger, which is told
 * the columns, leaves them for the row trigger of the same statement.
 */
#include "survey_table.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "executor/spi.h"
#include "nodes/bitmapset.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* What people and programs record. */
static const char *const settable[] = {
	"status", "owner", "team", "channel", "cause", "plan", "desired_outcome", "dismiss_reason", "snoozed_until",
	"acknowledged_at", "asked_at", "attempted_at", "contacted_at", "resolved_at", "informed_at", "closed_at",
	"note", "actor"
};

/* What is computed from the time of day: a copy of it that comes back is stale, and no mistake. */
static const char *const from_now[] = {
	"priority", "overdue", "next_step", "next_due", "priority_reason", "overdue_hours", "steps", "next_promise_due",
	"save_by", "outcome", "outcome_at", "is_open", "is_expired", "broken_promises", "acknowledged_late", "contacted_late", "resolved_late", "informed_late"
};

/*
 * The columns that a statement under way sets.  What the statement trigger and
 * the row triggers of one UPDATE have in common is the executor's copy of the
 * view's triggers; another UPDATE in the same statement has a copy of its own.
 */
typedef struct SetColumns
{
	struct SetColumns *next;
	const Trigger *triggers;
	Bitmapset  *columns;
	MemoryContextCallback forget;
} SetColumns;

static SetColumns *statements_under_way = NULL;

static void
forget_columns(void *gone)
{
	for (SetColumns **at = &statements_under_way; *at != NULL; at = &(*at)->next)
		if (*at == gone)
		{
			*at = (*at)->next;
			return;
		}
}

/* The executor's copy of the triggers that this one belongs to. */
static const Trigger *
triggers_of_statement(const TriggerData *trigger)
{
	const TriggerDesc *all = trigger->tg_relation->trigdesc;

	for (int i = 0; all != NULL && i < all->numtriggers; i++)
		if (all->triggers[i].tgoid == trigger->tg_trigger->tgoid)
			return trigger->tg_trigger - i;
	return NULL;
}

/*
 * nps_followup_columns() returns trigger: BEFORE UPDATE on followup and followup_all, for
 * each statement
 */
PG_FUNCTION_INFO_V1(nps_followup_columns);
Datum
nps_followup_columns(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_BEFORE, false);
	/* looked up by the executor for this statement, in the context that lives as long as it */
	MemoryContext statement = fcinfo->flinfo->fn_mcxt;
	MemoryContext caller = MemoryContextSwitchTo(statement);
	SetColumns *set = palloc0(sizeof(SetColumns));

	set->triggers = triggers_of_statement(trigger);
	set->columns = bms_copy(trigger->tg_updatedcols);
	set->forget.func = forget_columns;
	set->forget.arg = set;
	MemoryContextRegisterResetCallback(statement, &set->forget);
	set->next = statements_under_way;
	statements_under_way = set;
	MemoryContextSwitchTo(caller);
	return PointerGetDatum(NULL);
}

static bool
is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/*
 * The columns that the statement names, if all of them can be set.  A program
 * that writes whole rows back names all columns: then nothing is known, and
 * what is set is what differs.
 */
static const Bitmapset *
named_columns(const TriggerData *trigger, TupleDesc columns)
{
	const Trigger *triggers = triggers_of_statement(trigger);

	for (SetColumns *set = statements_under_way; set != NULL; set = set->next)
	{
		int			member = -1;

		if (triggers == NULL || set->triggers != triggers)
			continue;
		while ((member = bms_next_member(set->columns, member)) >= 0)
		{
			int			number = member + FirstLowInvalidHeapAttributeNumber;

			if (number <= 0 || !is_one_of(NameStr(TupleDescAttr(columns, number - 1)->attname), settable, lengthof(settable)))
				return NULL;
		}
		return set->columns;
	}
	return NULL;
}

/* Runs a query about one case; the one row, or NULL. */
static HeapTuple
one_row(const char *query, Oid type, Datum case_id, bool as_before)
{
	int			status = SPI_execute_with_args(query, 1, &type, &case_id, NULL, as_before, 1);

	if (status != SPI_OK_SELECT && status != SPI_OK_INSERT)
		elog(ERROR, "cannot read the case: %s", SPI_result_code_string(status));
	return status == SPI_OK_SELECT && SPI_processed > 0 ? SPI_tuptable->vals[0] : NULL;
}

/* The row as the view shows it now; of a case that left the view, the row as it was with what is stored. */
static HeapTuple
row_afterwards(Relation view, HeapTuple new, Oid type, Datum case_id, const char *cases)
{
	TupleDesc	columns = RelationGetDescr(view);
	static const char *const over[] = {"overdue", "next_step", "next_due", "overdue_hours", "note", "actor"};
	HeapTuple	row;
	Datum	   *values;
	bool	   *nulls;
	bool	   *replaced;

	if (run_kept_plan(RelationGetRelid(view),
					  psprintf("SELECT * FROM %s WHERE case_id %s $1",
							   survey_relation(view, RelationGetRelationName(view)), equality_operator(type)),
					  1, &type, &case_id, false) != SPI_OK_SELECT)
		elog(ERROR, "cannot look the case up");
	if (SPI_processed > 0)
		return SPI_copytuple(SPI_tuptable->vals[0]);
	row = one_row(psprintf("SELECT * FROM %s WHERE case_id %s $1", cases, equality_operator(type)), type, case_id, false);
	if (row == NULL)
		return SPI_copytuple(new);
	values = palloc0(columns->natts * sizeof(Datum));
	nulls = palloc0(columns->natts * sizeof(bool));
	replaced = palloc0(columns->natts * sizeof(bool));
	for (int i = 0; i < columns->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(columns, i)->attname);
		int			stored = SPI_fnumber(SPI_tuptable->tupdesc, name);

		if (is_one_of(name, over, lengthof(over)))
		{
			replaced[i] = true;
			nulls[i] = strcmp(name, "overdue") != 0;
		}
		else if (stored > 0 &&
				 TupleDescAttr(SPI_tuptable->tupdesc, stored - 1)->atttypid == TupleDescAttr(columns, i)->atttypid &&
				 (is_one_of(name, settable, lengthof(settable)) || strcmp(name, "attempts") == 0 || strcmp(name, "last_note") == 0))
		{
			Datum		value = heap_getattr(row, stored, SPI_tuptable->tupdesc, &nulls[i]);

			/* owner and team may be the rules' until somebody took the case */
			replaced[i] = !nulls[i] || !(strcmp(name, "owner") == 0 || strcmp(name, "team") == 0 || strcmp(name, "channel") == 0);
			values[i] = value;
		}
	}
	row = heap_modify_tuple(new, columns, values, nulls, replaced);
	return SPI_copytuple(row);
}

/*
 * nps_record_followup() returns trigger: INSTEAD OF INSERT OR UPDATE OR DELETE on followup
 * and followup_all
 *
 * Records what was set in the case's row, which is made if it is not there and
 * locked.  If another transaction has set the same column to something else
 * since the statement read it, that is an error, and nothing is lost.
 */
PG_FUNCTION_INFO_V1(nps_record_followup);
Datum
nps_record_followup(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_INSTEAD, true);
	Relation	view = trigger->tg_relation;
	TupleDesc	columns = RelationGetDescr(view);
	HeapTuple	old = trigger->tg_trigtuple;
	HeapTuple	new = trigger->tg_newtuple;
	const Bitmapset *named;
	Datum		case_id;
	Oid			types[lengthof(settable) + 1];
	Datum		values[lengthof(settable) + 1];
	char		nulls[lengthof(settable) + 2];
	int			numbers[lengthof(settable)];
	int			count = 0;
	bool		is_null;
	char	   *cases;
	char	   *locking;
	char	   *equal_id;
	HeapTuple	seen;
	HeapTuple	current;
	TupleDesc	case_columns;
	HeapTuple	result;
	StringInfoData update;
	bool		something = false;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 TRIGGER_FIRED_BY_INSERT(trigger->tg_event)
				 ? errmsg("cases cannot be inserted into view \"%s\"", RelationGetRelationName(view))
				 : errmsg("cases cannot be deleted from view \"%s\"", RelationGetRelationName(view)),
				 TRIGGER_FIRED_BY_INSERT(trigger->tg_event)
				 ? errhint("A case opens by itself when a customer gives an answer that the playbook wants followed up; UPDATE the view to record what was done.")
				 : errhint("UPDATE it with status = 'dismissed' and a dismiss_reason, or close the case.")));

	/* what the statement sets */
	named = named_columns(trigger, columns);
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(columns, i);
		const char *name = NameStr(attribute->attname);
		bool		can_be_set = is_one_of(name, settable, lengthof(settable));
		bool		old_null,
					new_null;
		Datum		old_value = heap_getattr(old, i + 1, columns, &old_null);
		Datum		new_value = heap_getattr(new, i + 1, columns, &new_null);

		if (named != NULL
			? !bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber, named)
			: same_value(attribute, old_value, old_null, new_value, new_null))
			continue;
		if (can_be_set)
		{
			types[count + 1] = attribute->atttypid;
			values[count + 1] = new_value;
			nulls[count + 1] = new_null ? 'n' : ' ';
			numbers[count++] = i;
		}
		else if (!is_one_of(name, from_now, lengthof(from_now)))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of view \"%s\" cannot be set", name, RelationGetRelationName(view)),
					 errhint("It comes from the answers, the playbook or the history. Set status, owner, team, channel, cause, plan, desired_outcome, dismiss_reason, snoozed_until, note, actor, or one of the times.")));
	}

	/* the case, as this statement saw it and as it is now that it is locked */
	case_id = column_value(old, columns, "case_id", InvalidOid, &is_null);
	types[0] = column_of(columns, "case_id", InvalidOid)->atttypid;
	values[0] = case_id;
	nulls[0] = ' ';
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	cases = survey_relation(view, "followup_case");
	if (count == 0)
	{
		result = row_afterwards(view, new, types[0], case_id, cases);
		SPI_finish();
		return PointerGetDatum(result);
	}
	equal_id = equality_operator(types[0]);
	seen = one_row(psprintf("SELECT * FROM %s WHERE case_id %s $1", cases, equal_id), types[0], case_id, true);
	if (seen != NULL)
		seen = heap_copytuple(seen);
	locking = psprintf("SELECT * FROM %s WHERE case_id %s $1 FOR NO KEY UPDATE", cases, equal_id);
	current = one_row(locking, types[0], case_id, false);
	if (current == NULL)
	{
		(void) one_row(psprintf("INSERT INTO %s (case_id, recorded) VALUES ($1, false) ON CONFLICT (case_id) DO NOTHING", cases),
					   types[0], case_id, false);
		current = one_row(locking, types[0], case_id, false);
	}
	if (current == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("case \"%s\" was changed meanwhile", value_text(column_of(columns, "case_id", InvalidOid), case_id)),
				 errhint("Read the case again, and try again.")));
	current = heap_copytuple(current);
	case_columns = SPI_tuptable->tupdesc;

	initStringInfo(&update);
	for (int i = 0; i < count; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(columns, numbers[i]);
		const char *name = NameStr(attribute->attname);
		bool		new_null = nulls[i + 1] == 'n';
		bool		seen_null = true,
					current_null;
		Datum		seen_value = (Datum) 0;
		Datum		current_value = column_value(current, case_columns, name, attribute->atttypid, &current_null);

		if (seen != NULL)
			seen_value = column_value(seen, case_columns, name, attribute->atttypid, &seen_null);
		else if (strcmp(name, "status") == 0)
		{
			/* what is shown of a case without a row */
			seen_null = attribute->atttypid != TEXTOID;
			seen_value = CStringGetTextDatum("new");
		}
		if (same_value(attribute, current_value, current_null, values[i + 1], new_null))
			continue;
		if (!same_value(attribute, seen_value, seen_null, current_value, current_null))
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("case \"%s\" was changed meanwhile", value_text(column_of(columns, "case_id", InvalidOid), case_id)),
					 errdetail("Column \"%s\" is \"%s\" now.", name,
							   current_null ? "NULL" : value_text(attribute, current_value)),
					 errhint("Read the case again, and try again.")));
		appendStringInfo(&update, "%s%s = $%d", something ? ", " : "", quote_identifier(name), i + 2);
		something = true;
	}
	if (something)
	{
		/* all in one statement, as several steps may need one another */
		char	   *query = psprintf("UPDATE %s SET recorded = true, %s WHERE case_id %s $1", cases, update.data, equal_id);
		MemoryContext context = CurrentMemoryContext;

		PG_TRY();
		{
			if (SPI_execute_with_args(query, count + 1, types, values, nulls, false, 0) != SPI_OK_UPDATE)
				elog(ERROR, "cannot record the step");
		}
		PG_CATCH();
		{
			ErrorData  *error;

			MemoryContextSwitchTo(context);
			error = CopyErrorData();
			/* an open case of the same respondent that came after this statement began */
			if (error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION && error->constraint_name != NULL)
			{
				FlushErrorState();
				ereport(ERROR,
						(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						 errmsg("the respondent of case \"%s\" got another open case meanwhile",
								value_text(column_of(columns, "case_id", InvalidOid), case_id)),
						 errhint("Read the case again, and try again.")));
			}
			PG_RE_THROW();
		}
		PG_END_TRY();
	}
	result = row_afterwards(view, new, types[0], case_id, cases);
	SPI_finish();
	return PointerGetDatum(result);
}

/*
 * nps_tell(channel, column) returns trigger: AFTER INSERT OR UPDATE, for each row
 *
 * Sends the value of the column on the channel.  It is a hint: what is too long
 * to be sent is sent as nothing.
 */
PG_FUNCTION_INFO_V1(nps_tell);
Datum
nps_tell(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_AFTER, true);
	TupleDesc	columns = RelationGetDescr(trigger->tg_relation);
	HeapTuple	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	const char *id = "";
	bool		is_null;
	int			number;

	if (trigger->tg_trigger->tgnargs != 2)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("the trigger needs a channel and a column"),
				 errhint("nps_notify() makes it.")));
	/* the column may have been renamed since: the writer must not suffer from it */
	number = SPI_fnumber(columns, trigger->tg_trigger->tgargs[1]);
	if (number > 0)
	{
		Datum		value = heap_getattr(row, number, columns, &is_null);

		if (!is_null)
			id = value_text(TupleDescAttr(columns, number - 1), value);
	}
	Async_Notify(trigger->tg_trigger->tgargs[0], strlen(id) < 1000 ? id : "");
	return PointerGetDatum(NULL);
}
