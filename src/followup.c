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
#include "survey_query.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/bitmapset.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "case_rules.h"
#include "followup_case.h"

/* What people and programs record. */
static const NpsColumn settable[] = {
	{"status", TEXTOID}, {"owner", TEXTOID}, {"team", TEXTOID}, {"channel", TEXTOID}, {"cause", TEXTOID}, {"plan", TEXTOID},
	{"desired_outcome", TEXTOID}, {"dismiss_reason", TEXTOID}, {"snoozed_until", TIMESTAMPTZOID},
	{"acknowledged_at", TIMESTAMPTZOID}, {"asked_at", TIMESTAMPTZOID}, {"attempted_at", TIMESTAMPTZOID},
	{"contacted_at", TIMESTAMPTZOID}, {"resolved_at", TIMESTAMPTZOID}, {"informed_at", TIMESTAMPTZOID}, {"closed_at", TIMESTAMPTZOID},
	{"note", TEXTOID}, {"actor", TEXTOID}
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
	Oid			view;
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
	static const NpsTriggerUse use = {
		"nps_followup_columns", "BEFORE UPDATE triggers for each statement on the views followup, followup_all and cause_customer",
		TRIGGER_EVENT_BEFORE, NPS_ON(UPDATE), false, 0, "v", {"followup", "followup_all", "cause_customer"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	/* looked up by the executor for this statement, in the context that lives as long as it */
	MemoryContext statement = fcinfo->flinfo->fn_mcxt;
	MemoryContext caller = MemoryContextSwitchTo(statement);
	SetColumns *set = palloc0(sizeof(SetColumns));

	set->view = RelationGetRelid(trigger->tg_relation);
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

static bool
can_be_set(const char *name)
{
	for (size_t i = 0; i < lengthof(settable); i++)
		if (strcmp(settable[i].name, name) == 0)
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

		if (triggers == NULL || set->triggers != triggers || set->view != RelationGetRelid(trigger->tg_relation))
			continue;
		while ((member = bms_next_member(set->columns, member)) >= 0)
		{
			int			number = member + FirstLowInvalidHeapAttributeNumber;

			if (number <= 0 || number > columns->natts || !can_be_set(NameStr(TupleDescAttr(columns, number - 1)->attname)))
				return NULL;
		}
		return set->columns;
	}
	return NULL;
}

/* Has it the same columns as the view, so that it can stand for a row of it? */
static bool
is_row_of(const NpsRow *row, TupleDesc columns)
{
	if (row->columns->natts != columns->natts)
		return false;
	for (int i = 0; i < columns->natts; i++)
		if (TupleDescAttr(row->columns, i)->atttypid != TupleDescAttr(columns, i)->atttypid ||
			TupleDescAttr(row->columns, i)->attisdropped != TupleDescAttr(columns, i)->attisdropped ||
			strcmp(NameStr(TupleDescAttr(row->columns, i)->attname), NameStr(TupleDescAttr(columns, i)->attname)) != 0)
			return false;
	return true;
}

/* The row as the view shows it now; of a case that left the view, the row as it was with what is stored. */
static HeapTuple
row_afterwards(Relation view, const NpsRow *new, NpsCell case_id, const char *cases)
{
	static const char *const over[] = {"overdue", "next_step", "next_due", "overdue_hours", "note", "actor"};
	/* these may be the rules' until somebody took the case */
	static const char *const by_rules[] = {"owner", "team", "channel"};
	const char *equal_id = nps_equality(case_id.type);
	NpsRow		row;
	NpsChanges	changes;

	if (nps_query_kept(RelationGetRelid(view), new->of,
					   psprintf("SELECT * FROM %s WHERE case_id %s $1", nps_beside(view, RelationGetRelationName(view)), equal_id),
					   1, &case_id, NPS_AS_NOW, &row))
	{
		if (!is_row_of(&row, new->columns))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("view \"%s\" was replaced meanwhile", new->of),
					 errhint("Try again.")));
		return heap_copytuple(row.tuple);
	}
	if (!nps_query(SPI_OK_SELECT, "followup_case", psprintf("SELECT * FROM %s WHERE case_id %s $1", cases, equal_id),
				   1, &case_id, NPS_AS_NOW, &row))
		return heap_copytuple(new->tuple);
	changes = nps_begin_changes(new);
	for (int i = 0; i < new->columns->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(new->columns, i)->attname);

		if (strcmp(name, "overdue") == 0)
			nps_change(&changes, name, nps_boolean_cell(false));
		else if (is_one_of(name, over, lengthof(over)))
			nps_change(&changes, name, nps_null_cell(TupleDescAttr(new->columns, i)->atttypid));
		else if (nps_has_column(&row, name) && (can_be_set(name) || strcmp(name, "attempts") == 0 || strcmp(name, "last_note") == 0))
		{
			NpsCell		stored = nps_cell(&row, name, TupleDescAttr(new->columns, i)->atttypid);

			if (!stored.is_null || !is_one_of(name, by_rules, lengthof(by_rules)))
				nps_change(&changes, name, stored);
		}
	}
	return nps_changed_row(&changes);
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
	static const NpsTriggerUse use = {
		"nps_record_followup", "INSTEAD OF triggers on the views followup and followup_all",
		TRIGGER_EVENT_INSTEAD, NPS_ON(INSERT) | NPS_ON(UPDATE) | NPS_ON(DELETE), true, 0, "v", {"followup", "followup_all"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	Relation	view = trigger->tg_relation;
	TupleDesc	columns = RelationGetDescr(view);
	NpsRow		old = nps_row(trigger->tg_trigtuple, view);
	NpsRow		new = nps_row(trigger->tg_newtuple, view);
	const Bitmapset *named;
	NpsCell		case_id;
	NpsCell		parameters[lengthof(settable) + 1];
	int			numbers[lengthof(settable)];
	int			count = 0;
	char	   *cases;
	char	   *locking;
	char	   *equal_id;
	NpsRow		seen;
	bool		was_seen;
	NpsRow		current;
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

	nps_expect_columns(&old, settable, lengthof(settable));
	case_id = nps_cell_not_null(&old, "case_id", InvalidOid);

	/* what the statement sets */
	named = named_columns(trigger, columns);
	for (int i = 0; i < columns->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(columns, i)->attname);
		NpsCell		old_cell = nps_cell_at(&old, i + 1);
		NpsCell		new_cell = nps_cell_at(&new, i + 1);

		if (named != NULL
			? !bms_is_member(i + 1 - FirstLowInvalidHeapAttributeNumber, named)
			: nps_same_cells(&old_cell, &new_cell))
			continue;
		if (can_be_set(name))
		{
			numbers[count++] = i + 1;
			parameters[count] = new_cell;
		}
		else if (!is_one_of(name, from_now, lengthof(from_now)))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of view \"%s\" cannot be set", name, RelationGetRelationName(view)),
					 errhint("It comes from the answers, the playbook or the history. Set status, owner, team, channel, cause, plan, desired_outcome, dismiss_reason, snoozed_until, note, actor, or one of the times.")));
	}

	/* the case, as this statement saw it and as it is now that it is locked */
	parameters[0] = case_id;
	nps_connect();
	cases = nps_beside(view, "followup_case");
	if (count == 0)
	{
		result = row_afterwards(view, &new, case_id, cases);
		SPI_finish();
		return PointerGetDatum(result);
	}
	equal_id = nps_equality(case_id.type);
	was_seen = nps_query(SPI_OK_SELECT, "followup_case", psprintf("SELECT * FROM %s WHERE case_id %s $1", cases, equal_id),
						 1, &case_id, NPS_AS_BEFORE, &seen);
	locking = psprintf("SELECT * FROM %s WHERE case_id %s $1 FOR NO KEY UPDATE", cases, equal_id);
	if (!nps_query(SPI_OK_SELECT, "followup_case", locking, 1, &case_id, NPS_AS_NOW, &current))
	{
		(void) nps_query(SPI_OK_INSERT, "followup_case",
						 psprintf("INSERT INTO %s (case_id, recorded) VALUES ($1, false) ON CONFLICT (case_id) DO NOTHING", cases),
						 1, &case_id, NPS_AS_NOW, NULL);
		if (!nps_query(SPI_OK_SELECT, "followup_case", locking, 1, &case_id, NPS_AS_NOW, &current))
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("case \"%s\" was changed meanwhile", nps_cell_shown(&case_id)),
					 errhint("Read the case again, and try again.")));
	}

	initStringInfo(&update);
	for (int i = 0; i < count; i++)
	{
		const char *name = NameStr(TupleDescAttr(columns, numbers[i] - 1)->attname);
		NpsCell		set = parameters[i + 1];
		NpsCell		current_cell = nps_cell(&current, name, set.type);
		NpsCell		seen_cell = nps_null_like(&set);

		if (was_seen)
			seen_cell = nps_cell(&seen, name, set.type);
		else if (strcmp(name, "status") == 0)
			/* what is shown of a case without a row */
			seen_cell = nps_text_cell(nps_status_names[NPS_NEW]);
		if (nps_same_cells(&current_cell, &set))
			continue;
		if (!nps_same_cells(&current_cell, &seen_cell))
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("case \"%s\" was changed meanwhile", nps_cell_shown(&case_id)),
					 errdetail("Column \"%s\" is \"%s\" now.", name,
							   current_cell.is_null ? "NULL" : nps_cell_shown(&current_cell)),
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
			(void) nps_query(SPI_OK_UPDATE, "followup_case", query, count + 1, parameters, NPS_AS_NOW, NULL);
		}
		PG_CATCH();
		{
			ErrorData  *error;

			MemoryContextSwitchTo(context);
			error = CopyErrorData();
			/* an open case of the same respondent that came after this statement began */
			if (error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION && error->constraint_name != NULL &&
				strcmp(error->constraint_name, "one_open_case_of_a_respondent") == 0)
			{
				FlushErrorState();
				nps_report_second_case(nps_cell_shown(&case_id));
			}
			PG_RE_THROW();
		}
		PG_END_TRY();
	}
	result = row_afterwards(view, &new, case_id, cases);
	SPI_finish();
	return PointerGetDatum(result);
}
