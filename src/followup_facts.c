/*
 * followup_facts.c
 *		What a step turns into facts: values that are stored as they were, and never
 *		derived again.
 */
#include "followup.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

static NpsCell
number_cell(double value)
{
	NpsCell		cell = nps_null_cell(FLOAT8OID);

	cell.value = Float8GetDatum(value);
	cell.is_null = false;
	return cell;
}

static NpsCell
now_cell(void)
{
	return nps_time_cell(GetCurrentTransactionStartTimestamp());
}

static bool
has_passed(const NpsCell *time)
{
	return !time->is_null && nps_cell_time(time) < GetCurrentTransactionStartTimestamp();
}

/* As shown, in memory that outlives the row it was read from. */
static NpsCell
kept(const NpsShown *shown, const char *name, Oid type)
{
	NpsCell		cell = nps_shown(shown, name, type);

	return nps_cell_copy(&cell, CurrentMemoryContext);
}

/* A time as shown, if it is usable. */
static NpsCell
kept_time(const NpsShown *shown, const char *name)
{
	int64		time = nps_shown_time(shown, name);

	return time == NPS_NO_TIME ? nps_null_cell(TIMESTAMPTZOID) : nps_time_cell(time);
}

/* Is an answer shown that is there?  One that is gone does not tell whose case it is. */
static bool
shows_answer(const NpsShown *shown)
{
	NpsCell		response_id = nps_shown(shown, "response_id", InvalidOid);
	NpsCell		case_id = nps_shown(shown, "case_id", InvalidOid);

	return !DatumGetBool(nps_shown(shown, "is_gone", BOOLOID).value) || !nps_same_cells(&response_id, &case_id);
}

/* Stores what holds for the case before the step; old is NULL when the row is made. */
void
nps_store_facts(NpsChanges *changes, const NpsRow *old, const NpsShown *shown)
{
	NpsCell		due;
	NpsCell		stored;

	if (!shown->found)
		return;
	nps_change(changes, "respondent", kept(shown, "respondent", InvalidOid));
	nps_change(changes, "topic", kept(shown, "topic", TEXTOID));
	nps_change(changes, "facts_until", kept_time(shown, "responded_at"));
	if (shows_answer(shown))
	{
		nps_change(changes, "facts_id", kept(shown, "response_id", InvalidOid));
		nps_change(changes, "between_ids", kept(shown, "between_ids", TEXTOID));
	}
	if (!nps_shown(shown, "better_at", TIMESTAMPTZOID).is_null)
		nps_change(changes, "stays_until", kept_time(shown, "better_at"));
	nps_change(changes, "renewed_due",
			   DatumGetBool(nps_shown(shown, "is_renewed", BOOLOID).value) ? kept_time(shown, "contact_due") : nps_null_cell(TIMESTAMPTZOID));
	if (old == NULL || nps_cell_is_null(old, "recorded_at"))
	{
		nps_change(changes, "recorded_at", now_cell());
		nps_change(changes, "opened_at", kept_time(shown, "opened_at"));
		nps_change(changes, "opening_score", kept(shown, "opening_score", FLOAT8OID));
		nps_change(changes, "opening_at", kept_time(shown, "opening_at"));
		nps_change(changes, "acknowledge_due", kept_time(shown, "acknowledge_due"));
		nps_change(changes, "contact_due", kept_time(shown, "first_contact_due"));
		nps_change(changes, "resolve_due", kept_time(shown, "resolve_due"));
		nps_change(changes, "contactable", kept(shown, "contactable", BOOLOID));
		return;
	}
	/* a later answer can only bring the contact deadline forward, never postpone it */
	due = kept_time(shown, "first_contact_due");
	stored = nps_cell(old, "contact_due", TIMESTAMPTZOID);
	if (nps_cell_is_null(old, "first_contacted_at") && !due.is_null && !stored.is_null && nps_cell_time(&due) < nps_cell_time(&stored))
		nps_change(changes, "contact_due", due);
	stored = nps_cell(old, "contactable", BOOLOID);
	due = nps_shown(shown, "contactable", BOOLOID);
	if (!stored.is_null && DatumGetBool(stored.value) && !due.is_null && !DatumGetBool(due.value) &&
		nps_cell_is_null(old, "uncontactable_since"))
		nps_change(changes, "uncontactable_since", now_cell());
}

/* The clock for resolving the case stops while it is the customer's turn. */
static void
store_waiting(NpsChanges *changes, const NpsSettings *settings, const NpsStep *step)
{
	NpsCell		due = nps_changed_cell(changes, "resolve_due");
	NpsCell		waited = nps_changed_cell(changes, "waited_hours");

	if (step->waited_from == NPS_NO_TIME)
		return;
	/* hours around the clock, like all hours that are not called working hours */
	nps_change(changes, "waited_hours",
			   number_cell(DatumGetFloat8(waited.value) + (double) (step->waited_until - step->waited_from) / USECS_PER_HOUR));
	/* a deadline that had already passed is not postponed */
	if (!due.is_null && step->waited_from < nps_cell_time(&due))
		nps_change(changes, "resolve_due",
				   nps_due_after(settings, nps_time_cell(step->waited_until),
								 number_cell(nps_hours_of(settings, step->waited_from, nps_cell_time(&due)))));
}

/* Stores what follows from the step. */
void
nps_store_step(Relation table, NpsChanges *changes, const NpsRow *old, const NpsShown *shown, const NpsSettings *settings, const NpsStep *step)
{
	store_waiting(changes, settings, step);
	if (step->contacts)
	{
		nps_change(changes, "covered_until", kept_time(shown, "responded_at"));
		nps_change(changes, "covered_id",
				   shown->found ? kept(shown, "response_id", InvalidOid) : nps_cell(old, "covered_id", InvalidOid));
		nps_change(changes, "covered_score", kept(shown, "score", FLOAT8OID));
	}
	if (step->recontacts)
	{
		nps_change(changes, "renewed_due", nps_null_cell(TIMESTAMPTZOID));
		nps_change(changes, "inform_due", nps_null_cell(TIMESTAMPTZOID));
		if (step->resolves_anew)
			nps_change(changes, "resolve_due", kept_time(shown, "renewed_resolve_due"));
	}
	if (step->resolves)
	{
		NpsCell		hours = nps_cell(&settings->row, "inform_hours", INT4OID);

		if (step->resolves_first)
			nps_change(changes, "first_resolve_due", nps_changed_cell(changes, "resolve_due"));
		nps_change(changes, "inform_due",
				   hours.is_null ? nps_null_cell(TIMESTAMPTZOID)
				   : nps_due_after(settings, nps_changed_cell(changes, "resolved_at"), number_cell(DatumGetInt32(hours.value))));
	}
	if (step->informs_first)
		nps_change(changes, "first_inform_due", nps_changed_cell(changes, "inform_due"));
	if (step->finishes)
	{
		nps_change(changes, "left_renewed", nps_boolean_cell(step->leaves_renewed));
		nps_change(changes, "finished_until", kept_time(shown, "responded_at"));
		nps_change(changes, "finished_id",
				   shown->found ? kept(shown, "response_id", InvalidOid) : nps_cell(old, "finished_id", InvalidOid));
	}
	if (step->reopens)
	{
		NpsCell		finished_id = nps_changed_cell(changes, "finished_id");
		NpsCell		opening_score = nps_changed_cell(changes, "opening_score");
		NpsCell		opening_at = nps_changed_cell(changes, "opening_at");
		NpsCell		wants_contact = nps_shown(shown, "wants_contact", BOOLOID);

		nps_change(changes, "left_renewed", nps_boolean_cell(false));
		nps_change(changes, "finished_until", nps_null_cell(TIMESTAMPTZOID));
		nps_change(changes, "finished_id", nps_null_like(&finished_id));
		nps_change(changes, "inform_due", nps_null_cell(TIMESTAMPTZOID));
		nps_change(changes, "resolve_due", nps_deadline_from_now(table, "resolve", opening_score, opening_at, false));
		if (step->restarts_contact)
			nps_change(changes, "contact_due",
					   nps_deadline_from_now(table, "contact", opening_score, opening_at, !wants_contact.is_null && DatumGetBool(wants_contact.value)));
	}
	if (step->revives)
	{
		nps_change(changes, "ended", nps_null_cell(TEXTOID));
		nps_change(changes, "ended_at", nps_null_cell(TIMESTAMPTZOID));
	}
}

/*
 * Who is responsible becomes a fact when contact is due or somebody works on the
 * case.  Until then the rules decide.  Once contact is overdue, the stored
 * responsibility stays, if there is one.
 */
void
nps_store_responsible(NpsChanges *changes, const NpsRow *old, const NpsShown *shown)
{
	NpsCell		contact_due = nps_changed_cell(changes, "contact_due");
	NpsCell		assigned_to = nps_changed_cell(changes, "assigned_to");
	bool		is_late = has_passed(&contact_due);
	bool		is_stored = old != NULL && !nps_cell_is_null(old, "recorded_at");

	if (!shown->found || (old != NULL && !nps_cell_is_null(old, "responsible_since")))
		return;
	if (!is_late || !is_stored)
	{
		nps_change(changes, "responsible", is_late || assigned_to.is_null ? kept(shown, "responsible", TEXTOID) : assigned_to);
		nps_change(changes, "responsible_team", kept(shown, "responsible_team", TEXTOID));
		nps_change(changes, "churned_at", kept_time(shown, "churned_at"));
	}
	if (is_late || DatumGetBool(nps_changed_cell(changes, "worked_on").value))
		nps_change(changes, "responsible_since", now_cell());
}

/* Has a column changed that decides who is responsible? */
static bool
is_changed(const NpsRow *old, const NpsRow *new, const char *name)
{
	NpsCell		old_cell;
	NpsCell		new_cell = nps_cell(new, name, InvalidOid);

	if (old == NULL)
		return !new_cell.is_null;
	old_cell = nps_cell(old, name, InvalidOid);
	return !nps_same_cells(&new_cell, &old_cell);
}

/* Writes facts, which are not a step, to the row of a case. */
static void
write_facts(const NpsTable *cases, const char *assignments, int count, const NpsCell *parameters)
{
	Oid			before = nps_begin_recording(cases->oid);

	PG_TRY();
	{
		(void) nps_query_on(cases, SPI_OK_UPDATE,
							psprintf("UPDATE %s SET %s WHERE case_id %s $1", cases->quoted, assignments, nps_equality(parameters[0].type)),
							count, parameters, NPS_AS_NOW, NULL);
	}
	PG_FINALLY();
	{
		nps_end_recording(before);
	}
	PG_END_TRY();
}

/*
 * After a step that may change who is responsible: stores who that is by the rules,
 * as the view now shows.
 */
void
nps_settle_responsible(Relation table, const NpsRow *old, const NpsRow *new)
{
	NpsCell		contact_due = nps_cell(new, "contact_due", TIMESTAMPTZOID);
	NpsCell		parameters[3];
	NpsShown	shown;
	NpsOwner	self;
	NpsTable	cases;

	if ((old != NULL && !nps_cell_is_null(old, "responsible_since")) || has_passed(&contact_due) ||
		!(is_changed(old, new, "team") || is_changed(old, new, "cause") || is_changed(old, new, "assigned_to")))
		return;
	parameters[0] = nps_cell(new, "case_id", InvalidOid);
	shown = nps_look_up_case(table, parameters[0]);
	if (!shown.found)
		return;
	parameters[1] = kept(&shown, "responsible", TEXTOID);
	parameters[2] = kept(&shown, "responsible_team", TEXTOID);
	nps_become_owner_of(table, &self);
	cases = nps_survey_table(table, "followup_case", RowExclusiveLock);
	nps_expect_trusted_triggers(&cases);
	write_facts(&cases, "responsible = $2, responsible_team = $3", 3, parameters);
	nps_become_caller(&self);
}

/*
 * Somebody works on a concern, and so on its case, whose row exists and is locked.
 * A case that ended by itself is taken up again, within the limits of reopening;
 * where these do not let it, a concern can still be settled.
 */
void
nps_take_up_case(Relation concern, const NpsTable *cases, NpsCell case_id, NpsCell concern_id, bool settles)
{
	NpsShown	shown = nps_look_up_case(concern, case_id);
	NpsCell		ended = nps_shown(&shown, "ended", TEXTOID);
	NpsCell		reopened_at = kept(&shown, "reopened_at", TIMESTAMPTZOID);
	NpsCell		parameters[] = {case_id, now_cell(), kept(&shown, "responsible", TEXTOID), kept(&shown, "responsible_team", TEXTOID)};
	NpsOwner	self;

	if (!ended.is_null)
	{
		NpsCase		before = nps_new_case();
		NpsCase		after = before;
		NpsCaseNeeds needs = {.now = GetCurrentTransactionStartTimestamp(), .clock = GetCurrentTimestamp(), .other_work = true,
			.has_ended = true, .begins_at = NPS_NO_TIME, .contact_due = NPS_NO_TIME, .uncovered_since = NPS_NO_TIME,
			.uncovered_until = NPS_NO_TIME, .shown_until = NPS_NO_TIME};
		NpsStep		step;
		NpsStepFault fault;

		needs.ended_at = nps_shown_time(&shown, "ended_at");
		needs.has_newer = DatumGetBool(nps_shown(&shown, "has_newer", BOOLOID).value);
		needs.window = nps_window_of(concern, &shown);
		fault = nps_case_step(&before, &after, &needs, &step);
		if (settles && fault.error != NPS_STEP_OK)
			return;
		nps_report_fault(fault, &before, &after, &needs, nps_cell_shown(&case_id));
	}
	nps_become_owner_of(concern, &self);
	nps_expect_trusted_triggers(cases);
	write_facts(cases, psprintf("recorded = true, worked_on = true, "
								"responsible = CASE WHEN responsible_since IS NULL AND coalesce(contact_due OPERATOR(pg_catalog.>=) $2, true) THEN $3 ELSE responsible END, "
								"responsible_team = CASE WHEN responsible_since IS NULL AND coalesce(contact_due OPERATOR(pg_catalog.>=) $2, true) THEN $4 ELSE responsible_team END, "
								"responsible_since = coalesce(responsible_since, $2)%s",
								ended.is_null ? "" : ", ended = NULL, ended_at = NULL, reopened_at = $2"),
				lengthof(parameters), parameters);
	if (!ended.is_null)
		nps_tell_reopened(concern, cases, case_id, concern_id, reopened_at, now_cell());
	nps_become_caller(&self);
}
