/*
 * followup_case.c
 *		The state machine of a follow-up case, and its history.
 *
 * Both are triggers on the tables themselves, so that no path avoids them: not
 * the views, not an UPDATE of the table, not a foreign key's cascade.
 */
#include "survey_query.h"

#include "access/table.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "case_rules.h"
#include "followup_case.h"
#include "people.h"

/* What the table of cases has at least. */
static const NpsColumn case_columns[] = {
	{"case_id", InvalidOid}, {"respondent", InvalidOid}, {"opened_at", TIMESTAMPTZOID}, {"status", TEXTOID},
	{"owner", TEXTOID}, {"team", TEXTOID}, {"channel", TEXTOID}, {"cause", TEXTOID}, {"plan", TEXTOID},
	{"desired_outcome", TEXTOID}, {"dismiss_reason", TEXTOID}, {"snoozed_until", TIMESTAMPTZOID},
	{"acknowledged_at", TIMESTAMPTZOID}, {"asked_at", TIMESTAMPTZOID}, {"attempted_at", TIMESTAMPTZOID}, {"attempts", INT4OID},
	{"contacted_at", TIMESTAMPTZOID}, {"resolved_at", TIMESTAMPTZOID}, {"informed_at", TIMESTAMPTZOID}, {"closed_at", TIMESTAMPTZOID},
	{"unreachable_at", TIMESTAMPTZOID}, {"dismissed_at", TIMESTAMPTZOID}, {"reopened_at", TIMESTAMPTZOID},
	{"note", TEXTOID}, {"actor", TEXTOID}, {"last_note", TEXTOID}, {"last_note_at", TIMESTAMPTZOID}, {"last_actor", TEXTOID},
	{"leased_to", TEXTOID}, {"leased_until", TIMESTAMPTZOID}, {"recorded", BOOLOID}, {"taken", BOOLOID}, {"is_open", BOOLOID}
};

/* Columns that are no part of what happened: the history says nothing of them. */
static const char *const unrecorded[] = {
	"case_id", "respondent", "opened_at", "note", "actor", "last_note", "last_note_at", "last_actor",
	"recorded", "taken", "is_open", "finished_at", "concern_id", "raised_at", NULL
};

/* Whom a case is handed out to. */
static const char *const lease[] = {"leased_to", "leased_until", NULL};

/* What a row of cause_told is named by. */
static const char *const told_key[] = {"cause", "respondent", NULL};

/* Columns of a case that are set when it is made, and those that only these triggers set. */
static const char *const fixed[] = {
	"case_id", "respondent", "opened_at", "last_note", "last_note_at", "last_actor",
	"reopened_at", "unreachable_at", "dismissed_at", NULL
};

/* Those of them that the answer tells of a new case. */
static const char *const told_by_answer[] = {"case_id", "respondent", "opened_at", NULL};

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

/* The table that this file writes a history into just now: nobody else may. */
static Oid	writing_history = InvalidOid;

static bool
is_among(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void
change_time(NpsChanges *changes, const char *name, int64 time)
{
	nps_change(changes, name, time == NPS_NO_TIME ? nps_null_cell(TIMESTAMPTZOID) : nps_time_cell(time));
}

/* The case in a row of the table, as the rules take it. */
static NpsCase
case_of_row(const NpsRow *row)
{
	NpsCase		it;
	NpsCell		opened_at = nps_cell(row, "opened_at", TIMESTAMPTZOID);
	char	   *status = nps_text(row, "status");
	char	   *channel = nps_text(row, "channel");

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
		NpsCell		time = nps_cell(row, nps_case_time_names[i], TIMESTAMPTZOID);

		it.at[i] = time.is_null ? NPS_NO_TIME : nps_cell_time(&time);
		if (!time.is_null && !nps_is_usable_time(it.at[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s cannot be \"%s\"", nps_case_time_names[i], timestamptz_to_str(it.at[i])),
					 errhint("Set the time at which it happened.")));
	}
	it.opened_at = opened_at.is_null ? NPS_NO_TIME : nps_cell_time(&opened_at);
	it.attempts = nps_integer(row, "attempts");
	it.has_channel = channel != NULL && channel[0] != '\0';
	it.has_cause = !nps_cell_is_null(row, "cause");
	it.has_dismiss_reason = !nps_cell_is_null(row, "dismiss_reason");
	return it;
}

/* Tells what is wrong with a step, and what to do about it. */
static void
report_fault(NpsStepFault fault, const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs, const char *case_id)
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

/*
 * Locks a case that has no row yet, until the transaction ends.  The locks are the
 * table's own: other than advisory locks, nobody takes them who may not write cases.
 */
static bool
lock_case(Oid cases, const NpsCell *case_id, LOCKMODE mode, bool wait)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, cases, nps_cell_hash(case_id) & NPS_CASE_LOCKS, 0);
	return LockAcquire(&tag, mode, false, !wait) != LOCKACQUIRE_NOT_AVAIL;
}

/*
 * nps_lock_case(cases regclass, case_id anyelement) returns boolean
 *
 * Locks a case against whoever would make its row; false if somebody is making it
 * or has locked it.  Never waits.
 */
PG_FUNCTION_INFO_V1(nps_lock_case);
Datum
nps_lock_case(PG_FUNCTION_ARGS)
{
	Oid			cases = PG_GETARG_OID(0);
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 1);
	AclResult	right = pg_class_aclcheck(cases, GetUserId(), ACL_INSERT);
	Relation	table;
	NpsRow		row;
	NpsCell		case_id;
	bool		result;

	PreventCommandIfReadOnly("nps_claim");
	if (right != ACLCHECK_OK)
		aclcheck_error(right, get_relkind_objtype(get_rel_relkind(cases)), get_rel_name(cases));
	table = table_open(cases, AccessShareLock);
	row = nps_row(NULL, table);
	/* by the collation of the column, as the rules hash it */
	case_id.collation = TupleDescAttr(row.columns, nps_column(&row, "case_id", type) - 1)->attcollation;
	case_id.type = type;
	get_typlenbyval(type, &case_id.length, &case_id.by_value);
	case_id.value = PG_GETARG_DATUM(1);
	case_id.is_null = false;
	result = lock_case(cases, &case_id, ExclusiveLock, false);
	table_close(table, NoLock);
	PG_RETURN_BOOL(result);
}

/*
 * Another case of the respondent was opened since the transaction or the statement
 * began.  Whether the one who acts may see it does not matter: it is not told.
 */
void
nps_report_second_case(const char *shown)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("case \"%s\" cannot be opened as it was read", shown),
			 errhint("Read the case again, and try again.")));
}

/*
 * A case that is opened or goes on must be the only open one of its respondent.
 * Who may not see the other one is not told that there is one.
 */
static void
refuse_second_case(Relation table, NpsCell respondent, NpsCell case_id, const char *shown)
{
	NpsCell		parameters[] = {respondent, case_id};
	NpsTable	cases;
	NpsRow		other;
	char	   *query;
	NpsOwner self;
	bool		there_is;

	nps_become_owner_of(table, &self);
	cases = nps_survey_table(table, "followup_case", AccessShareLock);
	query = psprintf("SELECT case_id FROM %s WHERE respondent %s $1 AND is_open AND NOT case_id %s $2",
					 cases.quoted, nps_equality(respondent.type), nps_equality(case_id.type));
	there_is = nps_query_on(&cases, SPI_OK_SELECT, query, 2, parameters, NPS_AS_COMMITTED, NULL);
	nps_become_caller(&self);
	if (!there_is)
		return;
	if (nps_query(SPI_OK_SELECT, "followup_case", query, 2, parameters, NPS_AS_NOW, &other))
	{
		NpsCell		other_id = nps_cell(&other, "case_id", case_id.type);

		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("the respondent of case \"%s\" has the open case \"%s\"", shown, nps_cell_shown(&other_id)),
				 errhint("All answers of a respondent belong to the open case; go on with that one.")));
	}
	/* it came after the snapshot of the transaction */
	if (nps_query(SPI_OK_SELECT, "followup_case", query, 2, parameters, NPS_AS_COMMITTED, NULL))
		nps_report_second_case(shown);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" may not open case \"%s\"", nps_acting_role(), shown),
			 errhint("Somebody who may see all answers of the survey can tell why.")));
}

/*
 * Looks up, as the one who acts, the answer that a new case is named after:
 * whose it is, and when its clocks start.  The respondent must have no other
 * open case.
 *
 * False where there is none, and the case is only handed out: nps_claim_cases()
 * may have read the list before the answer was deleted.
 */
static bool
look_up_answer(Relation table, NpsChanges *changes, NpsCell case_id, const char *shown, NpsCase *after, bool only_leased)
{
	char	   *equal_id = nps_equality(case_id.type);
	NpsRow		answer;
	NpsRow		open_case;
	NpsCell		respondent;
	NpsCell		responded_at;
	NpsCell		parameters[2];

	if (!nps_query(SPI_OK_SELECT, "answer",
				   psprintf("SELECT respondent, responded_at::pg_catalog.timestamptz AS responded_at FROM %s WHERE response_id %s $1 AND score IS NOT NULL",
							nps_beside(table, "answer"), equal_id),
				   1, &case_id, NPS_AS_NOW, &answer))
	{
		if (only_leased)
			return false;
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("there is no answer \"%s\" that a case could be named after", shown),
				 errhint("A case_id is the response_id of an answer that counts; the view followup lists the open cases.")));
	}
	responded_at = nps_cell(&answer, "responded_at", TIMESTAMPTZOID);
	after->opened_at = NPS_NO_TIME;
	if (!responded_at.is_null && nps_is_usable_time(nps_cell_time(&responded_at)))
		after->opened_at = Min(nps_cell_time(&responded_at), GetCurrentTransactionStartTimestamp());
	change_time(changes, "opened_at", after->opened_at);
	respondent = nps_cell(&answer, "respondent", InvalidOid);
	if (respondent.is_null)
	{
		if (only_leased)
			return false;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("nobody knows who gave the answer \"%s\"", shown),
				 errhint("Only answers of a known respondent can be followed up.")));
	}
	/* the row that it goes into outlives the answer's */
	respondent = nps_cell_copy(&respondent, CurrentMemoryContext);
	nps_change(changes, "respondent", respondent);

	/* nps_claim_cases() takes the same lock alone, so that it never waits for the row that is made here */
	(void) lock_case(RelationGetRelid(table), &case_id, ShareLock, true);
	if (only_leased || nps_is_finished(after->status))
		return true;
	parameters[0] = respondent;
	parameters[1] = case_id;
	if (nps_query_kept(RelationGetRelid(table), "followup",
					   psprintf("SELECT case_id FROM %s WHERE respondent %s $1 AND NOT case_id %s $2",
								nps_beside(table, "followup"), nps_equality(respondent.type), equal_id),
					   2, parameters, NPS_AS_NOW, &open_case))
	{
		NpsCell		other_id = nps_cell(&open_case, "case_id", case_id.type);

		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("the respondent of case \"%s\" has the open case \"%s\"", shown, nps_cell_shown(&other_id)),
				 errhint("All answers of a respondent belong to the open case; go on with that one.")));
	}
	return true;
}

/* Is that whose the case's answer is now? */
static bool
is_respondent_of_answer(Relation table, NpsCell case_id, NpsCell respondent)
{
	NpsCell		parameters[] = {case_id, respondent};
	bool		result;

	if (respondent.is_null)
		return false;
	nps_connect();
	result = nps_query(SPI_OK_SELECT, "answer",
					   psprintf("SELECT FROM %s WHERE response_id %s $1 AND respondent %s $2",
								nps_beside(table, "answer"), nps_equality(case_id.type), nps_equality(respondent.type)),
					   2, parameters, NPS_AS_NOW, NULL);
	SPI_finish();
	return result;
}

/* Has anybody taken the case on, by the row as it is to be? */
static bool
is_taken(const NpsRow *old, const NpsRow *new, const NpsCase *after, bool noted)
{
	if (old != NULL && nps_boolean(old, "taken"))
		return true;
	if (noted || after->status != NPS_NEW || nps_boolean(new, "taken"))
		return true;
	for (const char *const *name = taking; *name != NULL; name++)
		if (!nps_cell_is_null(new, *name))
			return true;
	return false;
}

/* What a statement does to a case. */
typedef struct CaseChange
{
	bool		only_leased;	/* the row says nothing but that it is handed out */
	bool		leased;			/* the lease is another one */
	bool		moved;			/* customers were merged: the case follows its answer */
	bool		nothing;		/* nothing that is recorded */
} CaseChange;

/* Finds out what changes, and refuses what must not. */
static CaseChange
what_changes(Relation table, const NpsRow *old, const NpsRow *new, NpsCell case_id, const char *shown)
{
	CaseChange	it;

	it.only_leased = old == NULL && !nps_boolean(new, "recorded");
	it.leased = it.moved = false;
	it.nothing = old != NULL && nps_cell_is_null(new, "note");
	for (int i = 0; i < new->columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(new->columns, i);
		const char *name = NameStr(attribute->attname);
		NpsCell		old_cell;
		NpsCell		new_cell;

		if (attribute->attisdropped || attribute->attgenerated != '\0')
			continue;
		new_cell = nps_cell_at(new, i + 1);
		if (it.only_leased && !new_cell.is_null && !is_among(name, unrecorded_row))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of case \"%s\" cannot be set without being recorded", name, shown),
					 errhint("Leave out the column recorded.")));
		if (strcmp(name, "note") == 0 || strcmp(name, "actor") == 0)
			continue;
		old_cell = old == NULL ? nps_null_like(&new_cell) : nps_cell_at(old, i + 1);
		if (nps_same_cells(&new_cell, &old_cell))
			continue;
		if (old != NULL && strcmp(name, "respondent") == 0 && is_respondent_of_answer(table, case_id, new_cell))
		{
			it.nothing = false;
			it.moved = true;
			continue;
		}
		if (is_among(name, fixed) && !(old == NULL && is_among(name, told_by_answer)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of case \"%s\" cannot be set", name, shown),
					 errhint("It is kept by the case itself; set the status, a time or a note.")));
		if (is_among(name, lease))
			it.leased = true;
		else
			it.nothing = false;
	}
	return it;
}

/* A lease must end, and be of an open case. */
static void
check_lease(const NpsRow *new, const NpsCase *after, bool only_leased, const char *shown)
{
	NpsCell		until = nps_cell(new, "leased_until", TIMESTAMPTZOID);

	if (!until.is_null && nps_cell_time(&until) > GetCurrentTimestamp() + LONGEST_LEASE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("case \"%s\" cannot be leased until \"%s\"", shown, timestamptz_to_str(nps_cell_time(&until))),
				 errhint("A lease is as long as the step takes at most, and no longer than 30 days.")));
	if (nps_is_finished(after->status) && only_leased)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("case \"%s\" is %s and cannot be leased", shown, nps_status_names[after->status]),
				 errhint("Only open cases are handed out.")));
}

/* What the rules need to know beside the case, read with the rights of the table's owner as far as it is needed. */
static void
look_up_needs(Relation table, NpsCell case_id, bool inserting, const NpsCase *before, const NpsCase *after, NpsCaseNeeds *needs)
{
	bool		needs_attempts = after->status == NPS_UNREACHABLE;
	bool		needs_concerns = !inserting && before->status != NPS_CLOSED &&
		(after->status == NPS_RESOLVED || after->status == NPS_CLOSED ||
		 after->at[NPS_AT_RESOLVED] != NPS_NO_TIME || after->at[NPS_AT_CLOSED] != NPS_NO_TIME);
	NpsOwner self;
	NpsRow		row;

	needs->now = GetCurrentTransactionStartTimestamp();
	needs->clock = GetCurrentTimestamp();
	needs->attempts = 0;
	needs->open_concerns = 0;
	if (!needs_attempts && !needs_concerns)
		return;
	nps_become_owner_of(table, &self);
	if (needs_attempts)
	{
		NpsTable	survey = nps_survey_table(table, "survey", AccessShareLock);

		if (nps_query_on(&survey, SPI_OK_SELECT, psprintf("SELECT attempts FROM %s", survey.quoted), 0, NULL, NPS_AS_COMMITTED, &row))
			needs->attempts = nps_integer(&row, "attempts");
	}
	if (needs_concerns)
	{
		NpsTable	concern = nps_survey_table(table, "concern", AccessShareLock);

		if (nps_query_on(&concern, SPI_OK_SELECT,
						 psprintf("SELECT pg_catalog.count(*) FROM %s WHERE case_id %s $1 AND is_open", concern.quoted, nps_equality(case_id.type)),
						 1, &case_id, NPS_AS_COMMITTED, &row))
		{
			NpsCell		open_concerns = nps_cell_not_null(&row, "count", INT8OID);

			needs->open_concerns = nps_cell_bigint(&open_concerns);
		}
	}
	nps_become_caller(&self);
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
	static const NpsTriggerUse use = {
		"nps_case_rules", "BEFORE INSERT OR UPDATE triggers for each row of the table followup_case",
		TRIGGER_EVENT_BEFORE, NPS_ON(INSERT) | NPS_ON(UPDATE), true, 0, "r", {"followup_case"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	bool		inserting = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation	table = trigger->tg_relation;
	NpsRow		new = nps_row(inserting ? trigger->tg_trigtuple : trigger->tg_newtuple, table);
	NpsRow		old_row = nps_row(trigger->tg_trigtuple, table);
	NpsRow	   *old = inserting ? NULL : &old_row;
	NpsChanges	changes;
	CaseChange	change;
	NpsCase		before;
	NpsCase		after;
	NpsCaseNeeds needs;
	NpsCell		case_id;
	char	   *shown;
	char	   *note;
	char	   *actor;
	char	   *worker;
	bool		lasts = false;	/* the lease that there was */
	bool		only_leased;
	bool		taken;

	nps_expect_columns(&new, case_columns, lengthof(case_columns));
	case_id = nps_cell(&new, "case_id", InvalidOid);
	if (case_id.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a case needs a case_id"),
				 errhint("It is the response_id of the answer that opens the case.")));
	shown = nps_cell_shown(&case_id);
	note = nps_text(&new, "note");
	actor = nps_text(&new, "actor");

	after = case_of_row(&new);
	change = what_changes(table, old, &new, case_id, shown);
	if (change.only_leased && (after.status != NPS_NEW || after.attempts != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the status and attempts of case \"%s\" cannot be set without being recorded", shown),
				 errhint("Leave out the column recorded.")));
	only_leased = change.only_leased || (change.leased && change.nothing);
	if (change.leased)
		check_lease(&new, &after, only_leased, shown);
	changes = nps_begin_changes(&new);
	nps_change(&changes, "note", nps_null_cell(TEXTOID));
	nps_change(&changes, "actor", nps_null_cell(TEXTOID));
	if (change.nothing && !only_leased)
		return PointerGetDatum(actor == NULL ? new.tuple : nps_changed_row(&changes));

	nps_connect();
	if (inserting)
	{
		memset(&before, 0, sizeof(before));
		before.status = NPS_NEW;
		for (int i = 0; i < NPS_CASE_TIMES; i++)
			before.at[i] = NPS_NO_TIME;
		if (!look_up_answer(table, &changes, case_id, shown, &after, only_leased))
		{
			SPI_finish();
			return PointerGetDatum(NULL);
		}
	}
	else
		before = case_of_row(old);

	if (!only_leased)
	{
		if (actor == NULL || actor[0] == '\0')
			actor = nps_acting_person();
		worker = inserting ? NULL : nps_text(old, "leased_to");
		if (worker != NULL)
		{
			NpsCell		until = nps_cell(old, "leased_until", TIMESTAMPTZOID);

			lasts = !until.is_null && nps_cell_time(&until) >= GetCurrentTimestamp();
		}
		needs.automatic = lasts && strcmp(worker, actor) == 0;
		look_up_needs(table, case_id, inserting, &before, &after, &needs);

		report_fault(nps_case_step(&before, &after, &needs), &before, &after, &needs, shown);
		taken = is_taken(old, &new, &after, note != NULL);
		if (taken && !nps_is_finished(after.status) && (inserting || change.moved || !nps_boolean(old, "is_open")))
			refuse_second_case(table, nps_changed_cell(&changes, "respondent"), case_id, shown);

		nps_change(&changes, "status", nps_text_cell(nps_status_names[after.status]));
		for (int i = 0; i < NPS_CASE_TIMES; i++)
			change_time(&changes, nps_case_time_names[i], after.at[i]);
		nps_change(&changes, "attempts", nps_integer_cell(after.attempts));
		if (!after.has_dismiss_reason)
			nps_change(&changes, "dismiss_reason", nps_null_cell(TEXTOID));
		/* the step that is recorded ends the lease, or whatever its holder records; what others note does not */
		if (worker != NULL &&
			(!lasts || needs.automatic || after.status != before.status || memcmp(after.at, before.at, sizeof(after.at)) != 0))
		{
			nps_change(&changes, "leased_to", nps_null_cell(TEXTOID));
			nps_change(&changes, "leased_until", nps_null_cell(TIMESTAMPTZOID));
		}
		nps_change(&changes, "recorded", nps_boolean_cell(true));
		nps_change(&changes, "taken", nps_boolean_cell(taken));
		nps_change(&changes, "last_actor", nps_text_cell(actor));
		if (note != NULL)
		{
			nps_change(&changes, "last_note", nps_text_cell(note));
			nps_change(&changes, "last_note_at", nps_time_cell(GetCurrentTimestamp()));
		}
	}
	SPI_finish();
	return PointerGetDatum(nps_changed_row(&changes));
}

/* What the history tells of one change. */
typedef struct HistoryEvent
{
	char	   *changed;
	NpsCell		old_value;
	NpsCell		new_value;
	NpsCell		happened_at;
} HistoryEvent;

/*
 * nps_case_history() returns trigger: AFTER INSERT OR UPDATE on followup_case, concern
 * and cause_told
 *
 * Writes a row into followup_event for each column that changed, with the
 * rights of the table's owner: who acts needs none there.
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
	NpsRow		old = nps_row(trigger->tg_trigtuple, table);
	bool		is_case = strcmp(new.of, "followup_case") == 0;
	bool		is_told = strcmp(new.of, "cause_told") == 0;
	bool		is_recorded = true;
	bool		only_leased = is_case;
	HistoryEvent *events = palloc((new.columns->natts + 1) * sizeof(HistoryEvent));
	int			count = 0;
	char	   *note = NULL;
	NpsCell		parameters[13];
	Oid			was_writing = writing_history;
	NpsTable	history;
	SPIPlanPtr	plan;
	NpsOwner self;

	if (is_case)
	{
		NpsCell		noted_at;

		nps_expect_columns(&new, case_columns, lengthof(case_columns));
		is_recorded = nps_boolean(&new, "recorded");
		noted_at = nps_cell(&new, "last_note_at", TIMESTAMPTZOID);
		if (is_recorded && !noted_at.is_null)
		{
			NpsCell		before = inserting ? nps_null_like(&noted_at) : nps_cell(&old, "last_note_at", TIMESTAMPTZOID);

			if (!nps_same_cells(&noted_at, &before))
				note = nps_text(&new, "last_note");
		}
	}
	parameters[9] = is_case || is_told ? nps_null_cell(INT8OID) : nps_cell(&new, "concern_id", INT8OID);
	parameters[10] = is_told ? nps_cell(&new, "cause", TEXTOID) : nps_null_cell(TEXTOID);

	for (int i = 0; i < new.columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(new.columns, i);
		const char *name = NameStr(attribute->attname);
		HistoryEvent *event = &events[count];
		NpsCell		old_cell;
		NpsCell		new_cell;

		if (attribute->attisdropped)
			continue;
		/* that customers were merged is a part of what happened */
		if (!is_told && is_among(name, unrecorded) && (inserting || !is_case || strcmp(name, "respondent") != 0))
			continue;
		if (!is_recorded && !is_among(name, lease))
			continue;
		if (is_told && inserting && is_among(name, told_key))
			continue;
		new_cell = nps_cell_at(&new, i + 1);
		old_cell = inserting ? nps_null_like(&new_cell) : nps_cell_at(&old, i + 1);
		if (is_case && inserting && strcmp(name, "attempts") == 0 && nps_integer(&new, name) == 0)
			continue;
		if (nps_same_cells(&new_cell, &old_cell))
			continue;
		only_leased = only_leased && is_among(name, lease);
		event->changed = is_case ? pstrdup(name) : psprintf("%s.%s", new.of, name);
		event->old_value = nps_text_cell(nps_cell_shown(&old_cell));
		event->new_value = nps_text_cell(nps_cell_shown(&new_cell));
		event->happened_at = new_cell.type == TIMESTAMPTZOID ? new_cell : nps_null_cell(TIMESTAMPTZOID);
		count++;
	}
	/* a note beside which nothing changed */
	if (count == 0 && note != NULL)
	{
		events[0].changed = "note";
		events[0].old_value = events[0].new_value = nps_null_cell(TEXTOID);
		events[0].happened_at = nps_null_cell(TIMESTAMPTZOID);
		count = 1;
	}
	if (count == 0)
		return PointerGetDatum(NULL);

	parameters[0] = nps_time_cell(GetCurrentTimestamp());
	/* who is handed a case has not recorded anything in it yet */
	parameters[1] = is_case && !(only_leased && note == NULL) ? nps_cell(&new, "last_actor", TEXTOID) : nps_text_cell(nps_acting_person());
	parameters[2] = nps_text_cell(nps_acting_role());
	parameters[3] = nps_text_cell(nps_session_role());
	/* these are of each event */
	parameters[4] = parameters[5] = parameters[6] = parameters[7] = nps_null_cell(TEXTOID);
	parameters[8] = nps_null_cell(TIMESTAMPTZOID);

	nps_connect();
	nps_become_owner_of(table, &self);
	history = nps_survey_table(table, "followup_event", RowExclusiveLock);
	nps_expect_trusted_triggers(&history);
	/* NULL is given with its type, too: the server would have a domain's owner check it */
	parameters[11] = is_told ? nps_null_cell(nps_column_type(&history, "case_id")) : nps_cell(&new, "case_id", InvalidOid);
	parameters[12] = is_told ? nps_cell(&new, "respondent", InvalidOid) : nps_null_cell(nps_column_type(&history, "respondent"));
	plan = nps_prepare_on(&history, psprintf("INSERT INTO %s (at, actor, db_role, session_role, changed, old_value, new_value, note, happened_at, "
											 "concern_id, cause, case_id, respondent) "
											 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", history.quoted),
						  lengthof(parameters), parameters);
	writing_history = history.oid;
	PG_TRY();
	{
		for (int i = 0; i < count; i++)
		{
			parameters[4] = nps_text_cell(events[i].changed);
			parameters[5] = events[i].old_value;
			parameters[6] = events[i].new_value;
			parameters[7] = nps_text_cell(i == 0 ? note : NULL);
			parameters[8] = events[i].happened_at;
			if (!nps_execute_on(&history, plan, SPI_OK_INSERT, lengthof(parameters), parameters, NPS_AS_NOW, NULL))
				ereport(ERROR,
						(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						 errmsg("the history in \"%s\" was not written", history.name),
						 errhint("Drop the triggers that are not of nps_attach().")));
		}
	}
	PG_FINALLY();
	{
		writing_history = was_writing;
	}
	PG_END_TRY();
	nps_become_caller(&self);
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
	static const NpsTriggerUse use = {
		"nps_keep_history", "BEFORE triggers for each statement on the table followup_event",
		TRIGGER_EVENT_BEFORE, NPS_ON(INSERT) | NPS_ON(UPDATE) | NPS_ON(DELETE) | NPS_ON(TRUNCATE), false, 0, "r", {"followup_event"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);

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
