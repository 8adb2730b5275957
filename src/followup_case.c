/*
 * followup_case.c
 *		The state machine of a follow-up case, and its history.
 *
 * Both are triggers on the tables themselves, so that no path avoids them: not
 * the views, not an UPDATE of the table, not a foreign key's cascade.
 */
#include "survey_table.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "case_rules.h"

/* Columns that are no part of what happened: the history says nothing of them. */
static const char *const unrecorded[] = {
	"case_id", "respondent", "opened_at", "note", "actor", "last_note", "last_note_at", "last_actor",
	"leased_to", "leased_until", "recorded", "taken", "is_open", "finished_at", "concern_id", "raised_at", NULL
};

/* Columns of a case that are set when it is made, and those that only these triggers set. */
static const char *const fixed[] = {
	"case_id", "respondent", "opened_at", "last_note", "last_note_at", "last_actor",
	"reopened_at", "unreachable_at", "dismissed_at", NULL
};

/* All that the row of a case has that is only handed out to a program, or looked at. */
static const char *const unrecorded_row[] = {
	"case_id", "respondent", "opened_at", "status", "attempts", "leased_to", "leased_until", "recorded", "taken", NULL
};

/* Cases share this many locks (less one), so that a big claim does not fill the server's table of locks. */
#define NPS_CASE_LOCKS 1023

/* A program that holds a case longer than this has died. */
#define LONGEST_LEASE (INT64CONST(30) * USECS_PER_DAY)

/*
 * Columns that a person sets who takes a case on, beside its status.  What a
 * program does for everybody (acknowledge, ask for the reason) is not among them:
 * such a case leaves the list by a better answer as if nothing had been recorded.
 */
static const char *const taking[] = {
	"owner", "team", "channel", "cause", "plan", "desired_outcome", "snoozed_until", "attempted_at", "reopened_at", "last_note", NULL
};

/* Set while this file writes a history: nobody else may. */
static bool writing_history = false;

static bool
is_among(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* New values for some columns of a row. */
typedef struct Changes
{
	TupleDesc	columns;
	Datum	   *values;
	bool	   *nulls;
	bool	   *replaced;
} Changes;

static Changes
begin_changes(TupleDesc columns)
{
	Changes		changes;

	changes.columns = columns;
	changes.values = palloc0(columns->natts * sizeof(Datum));
	changes.nulls = palloc0(columns->natts * sizeof(bool));
	changes.replaced = palloc0(columns->natts * sizeof(bool));
	return changes;
}

static void
change(Changes *changes, const char *name, Datum value, bool is_null)
{
	int			i = column_of(changes->columns, name, InvalidOid)->attnum - 1;

	changes->values[i] = value;
	changes->nulls[i] = is_null;
	changes->replaced[i] = true;
}

static void
change_time(Changes *changes, const char *name, int64 time)
{
	change(changes, name, TimestampTzGetDatum(time), time == NPS_NO_TIME);
}

/* The case in a row of the table, as the rules take it. */
static NpsCase
case_of_row(HeapTuple row, TupleDesc columns)
{
	NpsCase		it;
	bool		is_null;
	Datum		value;
	char	   *status = column_text(row, columns, "status");
	char	   *channel;

	memset(&it, 0, sizeof(it));
	it.status = NPS_STATUSES;
	for (int i = 0; i < NPS_STATUSES; i++)
		if (status != NULL && strcmp(status, nps_status_names[i]) == 0)
			it.status = (NpsStatus) i;
	if (it.status == NPS_STATUSES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown status \"%s\"", status == NULL ? "" : status),
				 errhint("The statuses are new, contacted, resolved, closed, unreachable, dismissed, and reopened for a case that goes on.")));
	for (int i = 0; i < NPS_CASE_TIMES; i++)
	{
		value = column_value(row, columns, nps_case_time_names[i], TIMESTAMPTZOID, &is_null);
		it.at[i] = is_null ? NPS_NO_TIME : DatumGetTimestampTz(value);
		if (!is_null && !nps_is_usable_time(it.at[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s cannot be \"%s\"", nps_case_time_names[i], timestamptz_to_str(it.at[i])),
					 errhint("Set the time at which it happened.")));
	}
	value = column_value(row, columns, "opened_at", TIMESTAMPTZOID, &is_null);
	it.opened_at = is_null ? NPS_NO_TIME : DatumGetTimestampTz(value);
	it.attempts = DatumGetInt32(column_value(row, columns, "attempts", INT4OID, &is_null));
	channel = column_text(row, columns, "channel");
	it.has_channel = channel != NULL && channel[0] != '\0';
	(void) column_value(row, columns, "cause", TEXTOID, &is_null);
	it.has_cause = !is_null;
	(void) column_value(row, columns, "dismiss_reason", TEXTOID, &is_null);
	it.has_dismiss_reason = !is_null;
	return it;
}

/* Tells what is wrong with a step, and what to do about it. */
static void
report_fault(NpsStepFault fault, const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs, char *case_id)
{
	const char *time = nps_case_time_names[fault.time];
	const char *from = nps_status_names[before->status];
	const char *to = nps_status_names[after->status];

	switch (fault.error)
	{
		case NPS_STEP_OK:
			return;
		case NPS_STEP_BACKWARDS:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot go from \"%s\" to \"%s\"", case_id, from, to),
					 before->status == NPS_CONTACTED
					 ? errhint("What was recorded stays; go on with resolved or dismissed.")
					 : errhint("Set status = 'reopened' to go on with the case.")));
			break;
		case NPS_STEP_FINISHED:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" is %s", case_id, from),
					 errhint("Set status = 'reopened' first to go on with it.")));
			break;
		case NPS_STEP_NOT_FINISHED:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" is %s and cannot be reopened", case_id, from),
					 errhint("It is open; record the next step.")));
			break;
		case NPS_STEP_CONTRADICTION:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s does not go with status \"%s\" of case \"%s\"", time, to, case_id),
					 errhint("Set either the status or the time; each sets the other.")));
			break;
		case NPS_STEP_TAKEN_BACK:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("%s of case \"%s\" cannot be taken back", time, case_id),
					 errhint("What was recorded stays; set the right time, or tell in a note what went wrong.")));
			break;
		case NPS_STEP_IN_FUTURE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of case \"%s\" is in the future: \"%s\"", time, case_id, timestamptz_to_str(after->at[fault.time])),
					 errhint("Record what has happened; what is planned goes into plan or snoozed_until.")));
			break;
		case NPS_STEP_BEFORE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of case \"%s\" is before %s", time, case_id,
							fault.other < 0 ? "the answer that opened it" : nps_case_time_names[fault.other]),
					 errdetail("It is %s, and that was %s.", pstrdup(timestamptz_to_str(after->at[fault.time])),
							   pstrdup(timestamptz_to_str(fault.other < 0 ? after->opened_at : after->at[fault.other]))),
					 errhint("The times of a case go from opened to contacted, resolved, informed and closed.")));
			break;
		case NPS_STEP_NEEDS_CHANNEL:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot be %s without a channel", case_id, to),
					 errhint("Set channel to how the customer was contacted, such as channel = 'phone'.")));
			break;
		case NPS_STEP_NEEDS_PERSON:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot be %s by a program", case_id, to),
					 errdetail("It is handed out to this program, and an automated message is no contact."),
					 errhint("Set asked_at or acknowledged_at; a person who made contact is the actor.")));
			break;
		case NPS_STEP_NEEDS_CAUSE:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot be %s without a cause", case_id, to),
					 errhint("Set cause to one of the table cause; 'unknown' is one.")));
			break;
		case NPS_STEP_NEEDS_CONCERNS:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg_plural("case \"%s\" cannot be %s: %lld concern is open", "case \"%s\" cannot be %s: %lld concerns are open",
								   (unsigned long) needs->open_concerns, case_id, to, (long long) needs->open_concerns),
					 errhint("Give each of them an answer, or set delivered_at or declined_at, in the table concern.")));
			break;
		case NPS_STEP_NEEDS_INFORMED:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot be closed before the customer is informed", case_id),
					 errhint("Tell the customer what was done, and set informed_at.")));
			break;
		case NPS_STEP_NEEDS_RESOLVED:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("%s of case \"%s\" needs it to be resolved", time, case_id),
					 errhint("Set status = 'resolved' or 'closed' in the same statement, or record in a note what the customer was told so far.")));
			break;
		case NPS_STEP_NEEDS_ATTEMPTS:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot be unreachable after %d of %d attempts", case_id, after->attempts, needs->attempts),
					 errhint("Try again and set attempted_at; how many attempts it takes is a setting in the table survey.")));
			break;
		case NPS_STEP_NEEDS_REASON:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot be dismissed without a dismiss_reason", case_id),
					 errhint("Set dismiss_reason to misclick, duplicate, test, not_a_customer or opted_out.")));
			break;
		case NPS_STEP_REASON_WITHOUT:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("dismiss_reason does not go with status \"%s\" of case \"%s\"", to, case_id),
					 errhint("Set status = 'dismissed' with it.")));
			break;
		case NPS_STEP_ATTEMPTS_COUNTED:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("attempts of case \"%s\" are counted and cannot be set", case_id),
					 errhint("Set attempted_at to the time of the attempt.")));
			break;
	}
}

/* One number out of the survey's tables, read with the owner's rights as things are now. */
static int64
owners_number(const char *query, Oid type, Datum argument)
{
	bool		is_null;
	Datum		value;
	Snapshot	latest = GetLatestSnapshot();
	int			status;

	PushActiveSnapshot(latest);
	status = SPI_execute_with_args(query, OidIsValid(type) ? 1 : 0, &type, &argument, NULL, true, 1);
	PopActiveSnapshot();
	if (status != SPI_OK_SELECT)
		elog(ERROR, "cannot read the survey's tables: %s", SPI_result_code_string(status));
	if (SPI_processed == 0)
		return -1;
	value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	return is_null ? -1 : DatumGetInt64(value);
}

/*
 * A case that is opened or goes on must be the only open one of its respondent.
 * Who may not see the other one is not told which it is.
 */
static void
refuse_second_case(Relation table, HeapTuple new, Datum respondent, char *shown)
{
	TupleDesc	columns = RelationGetDescr(table);
	Oid			types[2];
	Datum		arguments[2];
	bool		is_null;
	char	   *query;
	Impersonation self;
	bool		there_is;

	types[0] = column_of(columns, "respondent", InvalidOid)->atttypid;
	arguments[0] = respondent;
	types[1] = column_of(columns, "case_id", InvalidOid)->atttypid;
	arguments[1] = column_value(new, columns, "case_id", InvalidOid, &is_null);
	query = psprintf("SELECT case_id::pg_catalog.text FROM %s WHERE respondent %s $1 AND is_open AND NOT case_id %s $2",
					 survey_table(table, "followup_case"), equality_operator(types[0]), equality_operator(types[1]));
	become_owner(table, &self);
	there_is = SPI_execute_with_args(query, 2, types, arguments, NULL, false, 1) == SPI_OK_SELECT && SPI_processed > 0;
	become_self(&self);
	if (!there_is)
		return;
	if (SPI_execute_with_args(query, 2, types, arguments, NULL, false, 1) == SPI_OK_SELECT && SPI_processed > 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("the respondent of case \"%s\" has the open case \"%s\"", shown,
						SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)),
				 errhint("All answers of a respondent belong to the open case; go on with that one.")));
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("the respondent of case \"%s\" has another open case", shown),
			 errdetail("It is of an answer that you may not see."),
			 errhint("Somebody who may see it goes on with that one.")));
}

/*
 * Looks up, as the one who acts, the answer that a new case is named after:
 * whose it is, and when its clocks start.  The respondent must have no other
 * open case.
 */
static void
look_up_answer(Relation table, Changes *changes, Datum case_id, char *shown, NpsCase *after, bool only_leased)
{
	Form_pg_attribute id = column_of(changes->columns, "case_id", InvalidOid);
	Oid			types[2];
	Datum		arguments[2];
	bool		is_null;
	Datum		value;

	types[0] = id->atttypid;
	arguments[0] = case_id;
	if (SPI_execute_with_args(psprintf("SELECT respondent, responded_at::pg_catalog.timestamptz FROM %s WHERE response_id %s $1 AND score IS NOT NULL",
									   survey_relation(table, "answer"), equality_operator(id->atttypid)),
							  1, types, arguments, NULL, false, 1) != SPI_OK_SELECT || SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("there is no answer \"%s\" that a case could be named after", shown),
				 errhint("A case_id is the response_id of an answer that counts; the view followup lists the open cases.")));
	value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null);
	after->opened_at = NPS_NO_TIME;
	if (!is_null && nps_is_usable_time(DatumGetTimestampTz(value)))
		after->opened_at = Min(DatumGetTimestampTz(value), GetCurrentTransactionStartTimestamp());
	change_time(changes, "opened_at", after->opened_at);
	value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	if (is_null)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("nobody knows who gave the answer \"%s\"", shown),
				 errhint("Only answers of a known respondent can be followed up.")));
	value = SPI_datumTransfer(value, TupleDescAttr(SPI_tuptable->tupdesc, 0)->attbyval, TupleDescAttr(SPI_tuptable->tupdesc, 0)->attlen);
	change(changes, "respondent", value, false);

	/* nps_claim_cases() takes the same lock alone, so that it never waits for the row that is made here */
	(void) DirectFunctionCall2(pg_advisory_xact_lock_shared_int4, Int32GetDatum((int32) RelationGetRelid(table)),
							   Int32GetDatum(DatumGetInt32(DirectFunctionCall1Coll(hashtext, DEFAULT_COLLATION_OID, CStringGetTextDatum(shown))) & NPS_CASE_LOCKS));
	if (only_leased)
		return;
	if (nps_is_finished(after->status))
		return;
	types[1] = types[0];
	arguments[1] = case_id;
	types[0] = SPI_gettypeid(SPI_tuptable->tupdesc, 1);
	arguments[0] = value;
	if (run_kept_plan(RelationGetRelid(table),
					  psprintf("SELECT case_id::pg_catalog.text FROM %s WHERE respondent %s $1 AND NOT case_id %s $2",
							   survey_relation(table, "followup"), equality_operator(types[0]), equality_operator(types[1])),
					  2, types, arguments, false) == SPI_OK_SELECT && SPI_processed > 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("the respondent of case \"%s\" has the open case \"%s\"", shown,
						SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)),
				 errhint("All answers of a respondent belong to the open case; go on with that one.")));
}

/* Is that whose the case's answer is now? */
static bool
is_respondent_of_answer(Relation table, Datum case_id, Oid type, Datum respondent, bool is_null)
{
	Oid			types[2];
	Datum		arguments[2] = {case_id, respondent};
	bool		result;

	if (is_null)
		return false;
	types[0] = column_of(RelationGetDescr(table), "case_id", InvalidOid)->atttypid;
	types[1] = type;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	result = SPI_execute_with_args(psprintf("SELECT FROM %s WHERE response_id %s $1 AND respondent %s $2",
											survey_relation(table, "answer"), equality_operator(types[0]), equality_operator(type)),
								   2, types, arguments, NULL, false, 1) == SPI_OK_SELECT && SPI_processed > 0;
	SPI_finish();
	return result;
}

/* Has anybody taken the case on, by the row as it is to be? */
static bool
is_taken(HeapTuple old, HeapTuple new, TupleDesc columns, const NpsCase *after, bool noted)
{
	bool		is_null;

	if (old != NULL && DatumGetBool(column_value(old, columns, "taken", BOOLOID, &is_null)))
		return true;
	if (noted || after->status != NPS_NEW || DatumGetBool(column_value(new, columns, "taken", BOOLOID, &is_null)))
		return true;
	for (const char *const *name = taking; *name != NULL; name++)
	{
		(void) column_value(new, columns, *name, InvalidOid, &is_null);
		if (!is_null)
			return true;
	}
	return false;
}

/*
 * nps_case_rules() returns trigger: BEFORE INSERT OR UPDATE on followup_case
 *
 * Completes a step, or refuses it with an error that names what is missing.
 */
PG_FUNCTION_INFO_V1(nps_case_rules);
Datum
nps_case_rules(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_BEFORE, true);
	bool		inserting = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation	table = trigger->tg_relation;
	TupleDesc	columns = RelationGetDescr(table);
	HeapTuple	old = inserting ? NULL : trigger->tg_trigtuple;
	HeapTuple	new = inserting ? trigger->tg_trigtuple : trigger->tg_newtuple;
	Changes		changes = begin_changes(columns);
	NpsCase		before;
	NpsCase		after;
	NpsCaseNeeds needs;
	NpsStepFault fault;
	Impersonation self;
	Datum		case_id;
	char	   *shown;
	char	   *note = column_text(new, columns, "note");
	char	   *actor = column_text(new, columns, "actor");
	char	   *worker;
	bool		leased = false;
	bool		lasts = false;	/* the lease that there was */
	bool		moved = false;
	bool		taken;
	bool		only_leased;
	bool		nothing = !inserting && note == NULL;
	bool		is_null;
	MemoryContext caller = CurrentMemoryContext;

	case_id = column_value(new, columns, "case_id", InvalidOid, &is_null);
	if (is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a case needs a case_id"),
				 errhint("It is the response_id of the answer that opens the case.")));
	shown = value_text(column_of(columns, "case_id", InvalidOid), case_id);

	/* what changes, and what must not */
	after = case_of_row(new, columns);
	only_leased = inserting && !DatumGetBool(column_value(new, columns, "recorded", BOOLOID, &is_null));
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(columns, i);
		const char *name = NameStr(attribute->attname);
		bool		old_null = true;
		bool		new_null;
		Datum		old_value = (Datum) 0;
		Datum		new_value;

		if (attribute->attisdropped || attribute->attgenerated != '\0')
			continue;
		new_value = heap_getattr(new, i + 1, columns, &new_null);
		if (only_leased && !new_null && !is_among(name, unrecorded_row))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of case \"%s\" cannot be set without being recorded", name, shown),
					 errhint("Leave out the column recorded.")));
		if (strcmp(name, "note") == 0 || strcmp(name, "actor") == 0)
			continue;
		if (!inserting)
			old_value = heap_getattr(old, i + 1, columns, &old_null);
		if (same_value(attribute, old_value, old_null, new_value, new_null))
			continue;
		/* customers were merged: the case follows its answer */
		if (!inserting && strcmp(name, "respondent") == 0 && is_respondent_of_answer(table, case_id, attribute->atttypid, new_value, new_null))
		{
			nothing = false;
			moved = true;
			continue;
		}
		/* the answer tells these of a new case */
		if (is_among(name, fixed) &&
			!(inserting && (strcmp(name, "case_id") == 0 || strcmp(name, "respondent") == 0 || strcmp(name, "opened_at") == 0)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of case \"%s\" cannot be set", name, shown),
					 errhint("It is kept by the case itself; set the status, a time or a note.")));
		if (strcmp(name, "leased_to") == 0 || strcmp(name, "leased_until") == 0)
			leased = true;
		else
			nothing = false;
	}
	if (only_leased && (after.status != NPS_NEW || after.attempts != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the status and attempts of case \"%s\" cannot be set without being recorded", shown),
				 errhint("Leave out the column recorded.")));
	only_leased = only_leased || (leased && nothing);
	if (leased)
	{
		Datum		until = column_value(new, columns, "leased_until", TIMESTAMPTZOID, &is_null);

		if (!is_null && DatumGetTimestampTz(until) > GetCurrentTimestamp() + LONGEST_LEASE)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("case \"%s\" cannot be leased until \"%s\"", shown, timestamptz_to_str(DatumGetTimestampTz(until))),
					 errhint("A lease is as long as the step takes at most, and no longer than 30 days.")));
		if (nps_is_finished(after.status) && only_leased)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" is %s and cannot be leased", shown, nps_status_names[after.status]),
					 errhint("Only open cases are handed out.")));
	}
	change(&changes, "note", (Datum) 0, true);
	change(&changes, "actor", (Datum) 0, true);
	if (nothing && !only_leased)
	{
		if (actor == NULL)
			return PointerGetDatum(new);
		return PointerGetDatum(heap_modify_tuple(new, columns, changes.values, changes.nulls, changes.replaced));
	}

	/* of the caller's memory, as it becomes a part of the row */
	if (!only_leased && (actor == NULL || actor[0] == '\0'))
		actor = acting_person();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	if (inserting)
	{
		memset(&before, 0, sizeof(before));
		before.status = NPS_NEW;
		for (int i = 0; i < NPS_CASE_TIMES; i++)
			before.at[i] = NPS_NO_TIME;
		look_up_answer(table, &changes, case_id, shown, &after, only_leased);
	}
	else
		before = case_of_row(old, columns);

	if (!only_leased)
	{
		worker = inserting ? NULL : column_text(old, columns, "leased_to");
		if (worker != NULL)
		{
			Datum		until = column_value(old, columns, "leased_until", TIMESTAMPTZOID, &is_null);

			lasts = !is_null && DatumGetTimestampTz(until) >= GetCurrentTimestamp();
		}
		needs.automatic = lasts && strcmp(worker, actor) == 0;
		needs.now = GetCurrentTransactionStartTimestamp();
		needs.clock = GetCurrentTimestamp();
		needs.attempts = 0;
		needs.open_concerns = 0;

		become_owner(table, &self);
		if (after.status == NPS_UNREACHABLE)
			needs.attempts = (int32) owners_number(psprintf("SELECT attempts::pg_catalog.int8 FROM %s", survey_table(table, "survey")),
												   InvalidOid, (Datum) 0);
		if (!inserting && (after.status == NPS_RESOLVED || after.status == NPS_CLOSED ||
						   after.at[NPS_AT_RESOLVED] != NPS_NO_TIME || after.at[NPS_AT_CLOSED] != NPS_NO_TIME) &&
			before.status != NPS_CLOSED)
		{
			Oid			type = column_of(columns, "case_id", InvalidOid)->atttypid;

			needs.open_concerns = owners_number(psprintf("SELECT pg_catalog.count(*) FROM %s WHERE case_id %s $1 AND is_open",
														 survey_table(table, "concern"), equality_operator(type)),
												type, case_id);
		}
		become_self(&self);

		fault = nps_case_step(&before, &after, &needs);
		report_fault(fault, &before, &after, &needs, shown);
		taken = is_taken(old, new, columns, &after, note != NULL);
		if (taken && !nps_is_finished(after.status) &&
			(inserting || moved || !DatumGetBool(column_value(old, columns, "is_open", BOOLOID, &is_null))))
			refuse_second_case(table, new, inserting ? changes.values[column_of(columns, "respondent", InvalidOid)->attnum - 1]
							   : column_value(new, columns, "respondent", InvalidOid, &is_null), shown);

		change(&changes, "status", (Datum) 0, false);
		for (int i = 0; i < NPS_CASE_TIMES; i++)
			change_time(&changes, nps_case_time_names[i], after.at[i]);
		change(&changes, "attempts", Int32GetDatum(after.attempts), false);
		if (!after.has_dismiss_reason)
			change(&changes, "dismiss_reason", (Datum) 0, true);
		/* the step that is recorded ends the lease, or whatever its holder records; what others note does not */
		if (worker != NULL &&
			(!lasts || needs.automatic || after.status != before.status || memcmp(after.at, before.at, sizeof(after.at)) != 0))
		{
			change(&changes, "leased_to", (Datum) 0, true);
			change(&changes, "leased_until", (Datum) 0, true);
		}
		change(&changes, "recorded", BoolGetDatum(true), false);
		change(&changes, "taken", BoolGetDatum(taken), false);
	}
	SPI_finish();
	MemoryContextSwitchTo(caller);

	if (!only_leased)
	{
		change(&changes, "status", CStringGetTextDatum(nps_status_names[after.status]), false);
		change(&changes, "last_actor", CStringGetTextDatum(actor), false);
		if (note != NULL)
		{
			change(&changes, "last_note", CStringGetTextDatum(note), false);
			change(&changes, "last_note_at", TimestampTzGetDatum(GetCurrentTimestamp()), false);
		}
	}
	return PointerGetDatum(heap_modify_tuple(new, columns, changes.values, changes.nulls, changes.replaced));
}

/*
 * nps_case_history() returns trigger: AFTER INSERT OR UPDATE on followup_case and concern
 *
 * Writes a row into followup_event for each column that changed, with the
 * rights of the table's owner: who acts needs none there.
 */
PG_FUNCTION_INFO_V1(nps_case_history);
Datum
nps_case_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_AFTER, true);
	Relation	table = trigger->tg_relation;
	TupleDesc	columns = RelationGetDescr(table);
	bool		is_case = SPI_fnumber(columns, "recorded") > 0;
	HeapTuple	new = TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? trigger->tg_trigtuple : trigger->tg_newtuple;
	HeapTuple	old = TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ? NULL : trigger->tg_trigtuple;
	Oid			types[10] = {InvalidOid, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, INT8OID};
	Datum		values[10];
	char		nulls[11] = "          ";
	char	   *note = NULL;
	char	   *query;
	SPIPlanPtr	plan;
	Impersonation self;
	bool		was_writing = writing_history;
	bool		is_null;

	types[0] = column_of(columns, "case_id", InvalidOid)->atttypid;
	values[0] = column_value(new, columns, "case_id", InvalidOid, &is_null);
	values[1] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[3] = CStringGetTextDatum(acting_role());
	if (is_case)
	{
		Datum		noted_at;
		bool		noted_null;

		/* handed out to a program, and nothing else */
		if (!DatumGetBool(column_value(new, columns, "recorded", BOOLOID, &is_null)))
			return PointerGetDatum(NULL);
		values[2] = column_value(new, columns, "last_actor", TEXTOID, &is_null);
		noted_at = column_value(new, columns, "last_note_at", TIMESTAMPTZOID, &noted_null);
		if (!noted_null && (old == NULL ||
							DatumGetTimestampTz(column_value(old, columns, "last_note_at", TIMESTAMPTZOID, &is_null)) != DatumGetTimestampTz(noted_at) || is_null))
			note = column_text(new, columns, "last_note");
	}
	else
	{
		values[2] = CStringGetTextDatum(acting_person());
		values[9] = column_value(new, columns, "concern_id", INT8OID, &is_null);
	}
	nulls[9] = is_case ? 'n' : ' ';

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	query = psprintf("INSERT INTO %s (case_id, at, actor, db_role, changed, old_value, new_value, note, happened_at, concern_id) "
					 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", survey_table(table, "followup_event"));
	plan = SPI_prepare(query, 10, types);
	if (plan == NULL)
		elog(ERROR, "cannot prepare the history: %s", SPI_result_code_string(SPI_result));

	become_owner(table, &self);
	writing_history = true;
	PG_TRY();
	{
		/* one more turn: a note beside which nothing changed */
		for (int i = 0; i <= columns->natts; i++)
		{
			if (i < columns->natts)
			{
				Form_pg_attribute attribute = TupleDescAttr(columns, i);
				const char *name = NameStr(attribute->attname);
				bool		old_null = true;
				bool		new_null;
				Datum		old_value = (Datum) 0;
				Datum		new_value;

				if (attribute->attisdropped || is_among(name, unrecorded))
					continue;
				new_value = heap_getattr(new, i + 1, columns, &new_null);
				if (old != NULL)
					old_value = heap_getattr(old, i + 1, columns, &old_null);
				else if (strcmp(name, "attempts") == 0 && attribute->atttypid == INT4OID && DatumGetInt32(new_value) == 0)
					continue;
				if (same_value(attribute, old_value, old_null, new_value, new_null))
					continue;
				values[4] = CStringGetTextDatum(is_case ? name : psprintf("concern.%s", name));
				nulls[5] = old_null ? 'n' : ' ';
				values[5] = old_null ? (Datum) 0 : CStringGetTextDatum(value_text(attribute, old_value));
				nulls[6] = new_null ? 'n' : ' ';
				values[6] = new_null ? (Datum) 0 : CStringGetTextDatum(value_text(attribute, new_value));
				nulls[8] = attribute->atttypid == TIMESTAMPTZOID && !new_null ? ' ' : 'n';
				values[8] = new_value;
			}
			else if (note != NULL)
			{
				values[4] = CStringGetTextDatum("note");
				nulls[5] = nulls[6] = nulls[8] = 'n';
			}
			else
				break;
			nulls[7] = note == NULL ? 'n' : ' ';
			values[7] = note == NULL ? (Datum) 0 : CStringGetTextDatum(note);
			note = NULL;
			if (SPI_execute_plan(plan, values, nulls, false, 0) != SPI_OK_INSERT)
				elog(ERROR, "cannot write the history");
		}
	}
	PG_FINALLY();
	{
		writing_history = was_writing;
	}
	PG_END_TRY();
	become_self(&self);
	SPI_finish();
	return PointerGetDatum(NULL);
}

/*
 * nps_keep_history() returns trigger: BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE on
 * followup_event, for each statement
 *
 * The history is written by the survey, and changed by nobody.
 */
PG_FUNCTION_INFO_V1(nps_keep_history);
Datum
nps_keep_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_BEFORE, false);

	if (!writing_history || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("the history in \"%s\" cannot be changed", RelationGetRelationName(trigger->tg_relation)),
				 errhint("It is written by the survey itself, when a case or a concern changes.")));
	return PointerGetDatum(NULL);
}

/*
 * nps_keep_case() returns trigger: BEFORE DELETE OR TRUNCATE on followup_case and concern,
 * for each statement
 */
PG_FUNCTION_INFO_V1(nps_keep_case);
Datum
nps_keep_case(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_BEFORE, false);
	bool		is_case = SPI_fnumber(RelationGetDescr(trigger->tg_relation), "recorded") > 0;

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s cannot be deleted", is_case ? "cases" : "concerns"),
			 is_case
			 ? errhint("Set status = 'dismissed' and a dismiss_reason. The owner of the table can disable its trigger to erase a person.")
			 : errhint("Set declined_at. The owner of the table can disable its trigger to erase a person.")));
	return PointerGetDatum(NULL);
}
