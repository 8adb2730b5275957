/*
 * followup_history.c
 *		The history of cases, of concerns and of what customers were told.  Nothing
 *		else writes it, and nothing is deleted from it.
 *
 * Events of a case are numbered by a counter in the case's row, not by a sequence:
 * so lastval() stays as the caller's statement left it.
 */
#include "followup.h"
#include "followup_load.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "people.h"

/* The most columns that a table can have. */
#define MOST_EVENTS 1600

/* Columns of a concern that are not part of what happened, or follow from other columns. */
static const char *const concern_unrecorded[] = {"concern_id", "case_id", "raised_at", "is_open", "moved", "broken", "backdated", NULL};

/* The key of a row of cause_told. */
static const char *const told_key[] = {"cause", "respondent", NULL};

/* The history table that this file is writing to now: nobody else may. */
static Oid	writing_history = InvalidOid;

static bool
is_among(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* The change of one column; false if it did not change. */
static bool
is_event(const NpsRow *old, const NpsRow *new, int number, const char *prefix, NpsEvent *event)
{
	NpsCell		new_cell = nps_cell_at(new, number);
	NpsCell		old_cell = old == NULL ? nps_null_like(&new_cell) : nps_cell_at(old, number);
	const char *name = NameStr(TupleDescAttr(new->columns, number - 1)->attname);

	if (nps_same_cells(&new_cell, &old_cell))
		return false;
	event->changed = psprintf("%s%s", prefix, name);
	event->old_value = nps_text_cell(nps_cell_shown(&old_cell));
	event->new_value = nps_text_cell(nps_cell_shown(&new_cell));
	event->happened_at = new_cell.type == TIMESTAMPTZOID ? new_cell : nps_null_cell(TIMESTAMPTZOID);
	return true;
}

static void
add_event(NpsEvent *event, const char *changed)
{
	event->changed = pstrdup(changed);
	event->old_value = event->new_value = nps_null_cell(TEXTOID);
	event->happened_at = nps_null_cell(TIMESTAMPTZOID);
}

/* Was the last step taken back?  Every other step puts a line in front of the existing ones. */
static bool
is_undone(const NpsRow *old, const NpsRow *new)
{
	char	   *before = old == NULL ? NULL : nps_text(old, "before_step");
	char	   *after = nps_text(new, "before_step");

	if (before == NULL)
		return false;
	if (after == NULL)
		return true;
	return strlen(after) < strlen(before) && strcmp(before + strlen(before) - strlen(after), after) == 0;
}

/* Was a note given with the step? */
static bool
is_noted(const NpsRow *old, const NpsRow *new)
{
	NpsCell		noted_at = nps_cell(new, "last_note_at", TIMESTAMPTZOID);
	NpsCell		before = old == NULL ? nps_null_like(&noted_at) : nps_cell(old, "last_note_at", TIMESTAMPTZOID);

	return !noted_at.is_null && !nps_same_cells(&noted_at, &before) && !is_undone(old, new);
}

/* What goes into the history of a case; events may be NULL if only their number is needed. */
int
nps_case_events(const NpsRow *old, const NpsRow *new, NpsEvent *events)
{
	NpsEvent   *at = events != NULL ? events : palloc(MOST_EVENTS * sizeof(NpsEvent));
	bool		is_recorded = nps_boolean(new, "recorded");
	int			count = 0;

	if (is_undone(old, new))
		add_event(&at[count++], "undone");
	for (int i = 0; i < new->columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(new->columns, i);
		const char *name = NameStr(attribute->attname);
		unsigned	traits = nps_case_traits(name);

		if (attribute->attisdropped || attribute->attgenerated != '\0')
			continue;
		/* a merge of customers is part of what happened */
		if (!(traits & NPS_IS_TOLD) && !(old != NULL && strcmp(name, "respondent") == 0))
			continue;
		if (!is_recorded && !(traits & NPS_IS_LEASE))
			continue;
		if (old == NULL && strcmp(name, "attempts") == 0 && nps_integer(new, name) == 0)
			continue;
		if (!is_event(old, new, i + 1, "", &at[count]))
			continue;
		/* the status was new even before there was a row */
		if (old == NULL && strcmp(name, "status") == 0)
		{
			if (strcmp(nps_text(new, name), nps_status_names[NPS_NEW]) == 0)
				continue;
			at[count].old_value = nps_text_cell(nps_status_names[NPS_NEW]);
		}
		count++;
	}
	/* a note, with no other change */
	if (count == 0 && is_recorded && is_noted(old, new))
		add_event(&at[count++], "note");
	return count;
}

/* What goes into the history of a concern, or of what a customer was told. */
static int
other_events(const NpsRow *old, const NpsRow *new, bool is_told, NpsEvent *events)
{
	int			count = 0;

	for (int i = 0; i < new->columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(new->columns, i);
		const char *name = NameStr(attribute->attname);

		if (attribute->attisdropped || attribute->attgenerated != '\0' ||
			(is_told ? old == NULL && is_among(name, told_key) : is_among(name, concern_unrecorded)))
			continue;
		if (is_event(old, new, i + 1, psprintf("%s.", new->of), &events[count]))
			count++;
	}
	return count;
}

/* The columns of a row of the history. */
enum
{
	H_EVENT, H_CASE, H_VERSION, H_AT, H_ACTOR, H_DB_ROLE, H_SESSION_ROLE, H_CHANGED, H_OLD, H_NEW, H_NOTE, H_HAPPENED, H_CONCERN,
	H_RESPONDENT, H_CAUSE, H_COLUMNS
};

/* An empty row of the history, of what is recorded now. */
static void
begin_history(NpsCell *row)
{
	for (int i = 0; i < H_COLUMNS; i++)
		row[i] = nps_null_cell(i == H_EVENT || i == H_VERSION ? INT4OID : i == H_HAPPENED ? TIMESTAMPTZOID : TEXTOID);
	row[H_AT] = nps_time_cell(GetCurrentTimestamp());
	row[H_ACTOR] = nps_text_cell(nps_acting_person());
	row[H_DB_ROLE] = nps_text_cell(nps_acting_role());
	row[H_SESSION_ROLE] = nps_text_cell(nps_session_role());
	row[H_CONCERN] = nps_null_cell(INT8OID);
}

/* Writes what happened, with the rights of the table's owner, who is the current user. */
static void
write_history(const NpsTable *history, NpsCell *row, const NpsEvent *events, int count, int first, const char *note)
{
	Oid			was_writing = writing_history;
	SPIPlanPtr	plan = nps_prepare_on(history,
									  psprintf("INSERT INTO %s (place, case_id, version, at, actor, db_role, session_role, what_changed, old_value, "
											   "new_value, note, happened_at, concern_id, respondent, cause) "
											   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)", history->quoted),
									  H_COLUMNS, row);

	writing_history = history->oid;
	PG_TRY();
	{
		for (int i = 0; i < count; i++)
		{
			row[H_EVENT] = nps_integer_cell(first + i);
			row[H_CHANGED] = nps_text_cell(events[i].changed);
			row[H_OLD] = events[i].old_value;
			row[H_NEW] = events[i].new_value;
			row[H_NOTE] = nps_text_cell(i == 0 ? note : NULL);
			row[H_HAPPENED] = events[i].happened_at;
			if (!nps_execute_on(history, plan, SPI_OK_INSERT, H_COLUMNS, row, NPS_AS_NOW, NULL))
				ereport(ERROR,
						(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						 errmsg("the history in \"%s\" was not written", history->name),
						 errhint("Drop the triggers that are not of nps_attach().")));
		}
	}
	PG_FINALLY();
	{
		writing_history = was_writing;
	}
	PG_END_TRY();
}

/* The number of promises in it that are not kept yet: 1 or 0. */
static int
open_promise(const NpsRow *concern)
{
	return concern != NULL && nps_boolean(concern, "is_open") && !nps_cell_is_null(concern, "promise");
}

/*
 * Counts events of a concern in the row of its case; returns the number of the
 * first event, and the case's version.
 */
static int
count_in_case(const NpsTable *cases, NpsCell case_id, int events, int promises, NpsCell *version)
{
	NpsCell		parameters[] = {case_id, nps_integer_cell(events), nps_integer_cell(promises)};
	Oid			before = nps_begin_recording(cases->oid);
	NpsRow		row;
	int			last = 0;

	PG_TRY();
	{
		/* a foreign key guarantees that there is a case */
		if (nps_query_on(cases, SPI_OK_UPDATE_RETURNING,
						 psprintf("UPDATE %s SET events = events OPERATOR(pg_catalog.+) $2, open_promises = open_promises OPERATOR(pg_catalog.+) $3 "
								  "WHERE case_id %s $1 RETURNING events, version", cases->quoted, nps_equality(case_id.type)),
						 lengthof(parameters), parameters, NPS_AS_NOW, &row))
		{
			last = nps_integer(&row, "events");
			*version = nps_cell(&row, "version", INT4OID);
		}
	}
	PG_FINALLY();
	{
		nps_end_recording(before);
	}
	PG_END_TRY();
	return last - events + 1;
}

/*
 * Tells that work on a concern reopened its case, which had ended by itself.  The
 * concern's owner is the current user.
 */
void
nps_tell_reopened(Relation concern, const NpsTable *cases, NpsCell case_id, NpsCell concern_id, NpsCell before, NpsCell now)
{
	NpsEvent	event = {"reopened_at", nps_text_cell(nps_cell_shown(&before)), nps_text_cell(nps_cell_shown(&now)), now};
	NpsTable	history = nps_survey_table(concern, "followup_event", RowExclusiveLock);
	NpsCell		row[H_COLUMNS];
	int			place;

	nps_expect_trusted_triggers(&history);
	begin_history(row);
	row[H_CASE] = case_id;
	row[H_RESPONDENT] = nps_null_cell(nps_column_type(&history, "respondent"));
	row[H_CONCERN] = concern_id;
	place = count_in_case(cases, case_id, 1, 0, &row[H_VERSION]);
	write_history(&history, row, &event, 1, place, NULL);
}

/* Who recorded it: being handed a case does not count as recording anything. */
static char *
actor_of(const NpsRow *old, const NpsRow *new)
{
	NpsCell		version = nps_cell_not_null(new, "version", INT4OID);
	NpsCell		before = old == NULL ? nps_integer_cell(0) : nps_cell_not_null(old, "version", INT4OID);
	char	   *actor = is_undone(old, new) ? nps_text(old, "last_actor") : nps_text(new, "last_actor");

	return nps_same_cells(&version, &before) || actor == NULL ? nps_acting_person() : actor;
}

/* The hash of the key by which a loaded row is recognized (followup_load.c). */
static uint32
key_hash(const NpsRow *row)
{
	if (strcmp(row->of, "cause_told") == 0)
		return nps_told_hash(row);
	return nps_row_hash(row, strcmp(row->of, "concern") == 0 ? "concern_id" : "case_id");
}

/*
 * nps_case_history() returns trigger: AFTER INSERT OR UPDATE on followup_case, concern
 * and cause_told
 *
 * Writes a row into followup_event for each column that changed, with the rights of
 * the table's owner: the acting role needs none there.
 */
PG_FUNCTION_INFO_V1(nps_case_history);
Datum
nps_case_history(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_case_history", "AFTER INSERT OR UPDATE triggers for each row of the tables followup_case, concern and cause_told",
		TRIGGER_EVENT_AFTER, NPS_ON(INSERT) | NPS_ON(UPDATE), true, 0, "r", {"followup_case", "concern", "cause_told"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	Relation	table = trigger->tg_relation;
	bool		inserting = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	NpsRow		new = nps_row(inserting ? trigger->tg_trigtuple : trigger->tg_newtuple, table);
	NpsRow		old_row = nps_row(trigger->tg_trigtuple, table);
	NpsRow	   *old = inserting ? NULL : &old_row;
	bool		is_case = strcmp(new.of, "followup_case") == 0;
	bool		is_told = strcmp(new.of, "cause_told") == 0;
	bool		is_concern = !is_case && !is_told;
	NpsEvent   *events = palloc(MOST_EVENTS * sizeof(NpsEvent));
	int			count;
	int			promises = 0;
	int			first = 1;
	NpsCell		row[H_COLUMNS];
	NpsTable	history;
	NpsTable	cases;
	NpsOwner	self;

	/* facts and counters are not part of what happened */
	if (is_case && nps_is_recording(table))
		return PointerGetDatum(NULL);
	if (is_case)
		nps_expect_case(&new);
	if (inserting && nps_was_loaded(table, key_hash(&new)))
		return PointerGetDatum(NULL);
	count = is_case ? nps_case_events(old, &new, events) : other_events(old, &new, is_told, events);
	if (is_concern)
		promises = open_promise(&new) - open_promise(old);
	/* the rules have already counted them */
	if (is_case && nps_integer(&new, "events") - (inserting ? 0 : nps_integer(old, "events")) != count)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("something other than the rules changed a row of \"%s\"", new.of),
				 errhint("Drop the triggers that are not of nps_attach().")));
	if (count == 0 && promises == 0)
		return PointerGetDatum(NULL);

	begin_history(row);
	if (is_case)
		row[H_ACTOR] = nps_text_cell(actor_of(old, &new));
	if (is_concern)
		row[H_CONCERN] = nps_cell(&new, "concern_id", INT8OID);
	if (is_told)
		row[H_CAUSE] = nps_cell(&new, "cause", TEXTOID);

	nps_connect();
	if (is_case && nps_boolean(&new, "recorded"))
		nps_settle_responsible(table, old, &new);
	nps_become_owner_of(table, &self);
	history = nps_survey_table(table, "followup_event", RowExclusiveLock);
	nps_expect_trusted_triggers(&history);
	/* NULL, too, has its type here: else the server would run checks of the owner's domain */
	row[H_CASE] = is_told ? nps_null_cell(nps_column_type(&history, "case_id")) : nps_cell(&new, "case_id", InvalidOid);
	row[H_RESPONDENT] = is_told ? nps_cell(&new, "respondent", InvalidOid) : nps_null_cell(nps_column_type(&history, "respondent"));
	if (is_case)
	{
		row[H_VERSION] = nps_cell(&new, "version", INT4OID);
		first = nps_integer(&new, "events") - count + 1;
	}
	else if (is_concern)
	{
		cases = nps_survey_table(table, "followup_case", RowExclusiveLock);
		nps_expect_trusted_triggers(&cases);
		first = count_in_case(&cases, row[H_CASE], count, promises, &row[H_VERSION]);
	}
	write_history(&history, row, events, count, first, is_case && is_noted(old, &new) ? nps_text(&new, "last_note") : NULL);
	nps_become_caller(&self);
	SPI_finish();
	return PointerGetDatum(NULL);
}

/*
 * What was recorded since a version of the case, and by whom, in words; NULL if
 * nothing can be said.
 */
char *
nps_changes_since(Relation beside, NpsCell case_id, int32 version)
{
	NpsCell		parameters[] = {case_id, nps_integer_cell(version)};
	NpsOwner	self;
	NpsTable	history;
	NpsRow		row;
	char	   *changes = NULL;

	nps_become_owner_of(beside, &self);
	history = nps_survey_table(beside, "followup_event", AccessShareLock);
	if (nps_query_on(&history, SPI_OK_SELECT,
					 psprintf("SELECT pg_catalog.string_agg(pg_catalog.format('%%s set %%s to %%s.', actor, what_changed, "
							  "coalesce(pg_catalog.quote_literal(pg_catalog.left(new_value, 100)), 'NULL')), ' ' ORDER BY place) AS changes "
							  "FROM %s WHERE case_id %s $1 AND version OPERATOR(pg_catalog.>) $2 AND concern_id IS NULL AND what_changed "
							  "OPERATOR(pg_catalog.!~) '^leased_'",
							  history.quoted, nps_equality(case_id.type)),
					 2, parameters, NPS_AS_COMMITTED, &row))
		changes = nps_text(&row, "changes");
	nps_become_caller(&self);
	return changes;
}

/* A version that is written must be the current one or the next. */
void
nps_expect_version(Relation beside, NpsCell case_id, int32 current, int32 written, const char *shown)
{
	char	   *changes;

	if (written == current || written - 1 == current)
		return;
	changes = written < current ? nps_changes_since(beside, case_id, written) : NULL;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("case \"%s\" was changed by somebody else meanwhile", shown),
			 changes != NULL ? errdetail("Its version is %d, not %d. %s", current, written, changes)
			 : errdetail("Its version is %d, not %d.", current, written),
			 errhint("Read the case again, and decide whether your change is still right.")));
}

/*
 * nps_keep_history() returns trigger: BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE on
 * followup_event, for each statement
 *
 * Only the survey writes the history, and nobody changes it.
 */
PG_FUNCTION_INFO_V1(nps_keep_history);
Datum
nps_keep_history(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_keep_history", "BEFORE triggers for each statement on the table followup_event",
		TRIGGER_EVENT_BEFORE, NPS_ON(INSERT) | NPS_ON(UPDATE) | NPS_ON(DELETE) | NPS_ON(TRUNCATE), false, 0, "r", {"followup_event"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);

	/* a restore loads what was written before, as the owner or a role with the owner's rights */
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && nps_acts_as_owner(trigger->tg_relation))
		return PointerGetDatum(NULL);
	if (!nps_is_erasing(trigger) &&
		(writing_history != RelationGetRelid(trigger->tg_relation) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("the history in \"%s\" cannot be changed", RelationGetRelationName(trigger->tg_relation)),
				 errhint("It is written by the survey itself, when a case, a concern or what a customer was told changes.")));
	return PointerGetDatum(NULL);
}

/*
 * nps_keep_case() returns trigger: BEFORE DELETE OR TRUNCATE on followup_case, concern
 * and cause_told, for each statement
 */
PG_FUNCTION_INFO_V1(nps_keep_case);
Datum
nps_keep_case(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_keep_case", "BEFORE DELETE OR TRUNCATE triggers for each statement on the tables followup_case, concern and cause_told",
		TRIGGER_EVENT_BEFORE, NPS_ON(DELETE) | NPS_ON(TRUNCATE), false, 0, "r", {"followup_case", "concern", "cause_told"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	const char *name = RelationGetRelationName(trigger->tg_relation);

	if (nps_is_erasing(trigger))
		return PointerGetDatum(NULL);
	if (strcmp(name, "cause_told") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("what a customer was told cannot be deleted"),
				 errhint("Set the right told_at. nps_forget() erases a person.")));
	if (strcmp(name, "concern") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("concerns cannot be deleted"),
				 errhint("Set declined_at. nps_forget() erases a person.")));
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("cases cannot be deleted"),
			 errhint("Set status = 'dismissed' and a dismiss_reason. nps_forget() erases a person.")));
	return PointerGetDatum(NULL);
}
