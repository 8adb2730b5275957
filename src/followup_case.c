/*
 * followup_case.c
 *		The state machine of a follow-up case.
 *
 * It is a trigger on the table itself, so that nothing bypasses it: neither the
 * views nor an UPDATE of the table nor the cascade of a foreign key.
 */
#include "followup.h"
#include "followup_load.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/*
 * Cases share this many locks (less one), so that a big claim does not fill the
 * server's lock table.
 */
#define NPS_CASE_LOCKS 1023

/* A program that holds a case for longer than this has died. */
#define LONGEST_LEASE (INT64CONST(30) * USECS_PER_DAY)

/*
 * The table of cases to which facts are being written now, with its owner's rights:
 * these are not steps.
 */
static Oid	recording = InvalidOid;

/*
 * Until nps_end_recording(), which takes the result, writes to this table of cases
 * pass unchanged.
 */
Oid
nps_begin_recording(Oid cases)
{
	Oid			before = recording;

	recording = cases;
	return before;
}

void
nps_end_recording(Oid before)
{
	recording = before;
}

bool
nps_is_recording(Relation cases)
{
	return recording == RelationGetRelid(cases) && GetUserId() == cases->rd_rel->relowner;
}

/*
 * nps_record(survey text) returns bigint
 *
 * Runs nps_record_as_owner(), whose writes to the table of cases are not steps.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_record);
Datum
nps_record(PG_FUNCTION_ARGS)
{
	char	   *survey = nps_survey_argument(fcinfo);
	Oid			owner = nps_survey_owner(survey);
	Oid			before = nps_begin_recording(get_relname_relid("followup_case", get_namespace_oid(survey, false)));
	volatile Datum result = (Datum) 0;

	PG_TRY();
	{
		result = nps_work_as_owner(fcinfo, owner, 0);
	}
	PG_FINALLY();
	{
		nps_end_recording(before);
	}
	PG_END_TRY();
	return result;
}

static NpsCell
optional_time(int64 time)
{
	return time == NPS_NO_TIME ? nps_null_cell(TIMESTAMPTZOID) : nps_time_cell(time);
}

static int64
stored_time(const NpsRow *row, const char *name)
{
	NpsCell		time = nps_cell(row, name, TIMESTAMPTZOID);

	return time.is_null ? NPS_NO_TIME : nps_cell_time(&time);
}

/* The case in a row of the table, in the form that the rules use. */
static NpsCase
case_of_row(const NpsRow *row)
{
	NpsCase		it = nps_new_case();
	char	   *status = nps_text(row, "status");

	it.status = nps_status_of_text(status);
	for (int i = 0; i < NPS_CASE_TIMES; i++)
	{
		/* -infinity stands for no time here */
		NpsCell		time = nps_cell(row, nps_case_time_names[i], TIMESTAMPTZOID);

		if (!time.is_null && !nps_is_usable_time(nps_cell_time(&time)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s cannot be \"%s\"", nps_case_time_names[i], timestamptz_to_str(nps_cell_time(&time))),
					 errhint("Set the time at which it happened.")));
		it.at[i] = stored_time(row, nps_case_time_names[i]);
	}
	for (int i = 0; i < NPS_CASE_FACTS; i++)
		it.fact[i] = stored_time(row, nps_case_fact_names[i]);
	if (it.fact[NPS_SNOOZED_UNTIL] == NPS_NO_TIME && !nps_cell_is_null(row, "snoozed_until"))
		it.fact[NPS_SNOOZED_UNTIL]++;
	for (int i = 0; i < NPS_CASE_COUNTS; i++)
		it.count[i] = nps_integer(row, nps_case_count_names[i]);
	it.snoozed = (int64) (DatumGetFloat8(nps_cell_not_null(row, "snoozed_hours", FLOAT8OID).value) * USECS_PER_HOUR);
	it.has_channel = !nps_cell_is_null(row, "channel");
	it.has_cause = !nps_cell_is_null(row, "cause");
	it.has_dismiss_reason = !nps_cell_is_null(row, "dismiss_reason");
	it.worked_on = nps_boolean(row, "worked_on");
	return it;
}

static void
change_number(NpsChanges *changes, const char *name, double value)
{
	NpsCell		cell = nps_null_cell(FLOAT8OID);

	cell.value = Float8GetDatum(value);
	cell.is_null = false;
	nps_change(changes, name, cell);
}

/* Puts the case, as the rules left it, back into the row. */
static void
store_case(NpsChanges *changes, const NpsCase *before, const NpsCase *after)
{
	nps_change(changes, "status", nps_text_cell(nps_status_names[after->status]));
	for (int i = 0; i < NPS_CASE_TIMES; i++)
		nps_change(changes, nps_case_time_names[i], optional_time(after->at[i]));
	for (int i = 0; i < NPS_CASE_FACTS; i++)
		nps_change(changes, nps_case_fact_names[i], optional_time(after->fact[i]));
	for (int i = 0; i < NPS_CASE_COUNTS; i++)
		nps_change(changes, nps_case_count_names[i], nps_integer_cell(after->count[i]));
	if (after->snoozed != before->snoozed)
		change_number(changes, "snoozed_hours", (double) after->snoozed / USECS_PER_HOUR);
	if (!after->has_dismiss_reason)
		nps_change(changes, "dismiss_reason", nps_null_cell(TEXTOID));
	nps_change(changes, "worked_on", nps_boolean_cell(after->worked_on));
}

/*
 * Locks a case that has no row yet, until the transaction ends.  The locks belong
 * to the table: unlike advisory locks, only roles that may write cases can take
 * them.
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
 * Locks a case so that nobody else makes its row; false if somebody is making it or
 * has locked it.  Never waits.
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
	/* with the collation of the column, as the rules hash it */
	case_id.collation = TupleDescAttr(row.columns, nps_column(&row, "case_id", type) - 1)->attcollation;
	case_id.type = type;
	get_typlenbyval(type, &case_id.length, &case_id.by_value);
	case_id.value = PG_GETARG_DATUM(1);
	case_id.is_null = false;
	result = lock_case(cases, &case_id, ExclusiveLock, false);
	table_close(table, NoLock);
	PG_RETURN_BOOL(result);
}

/* Only what is a case may have a row. */
static void
expect_case(Relation table, const NpsShown *shown, NpsCell case_id, const char *named)
{
	NpsCell		respondent;

	if (!shown->found)
		nps_report_no_case(named);
	respondent = nps_shown(shown, "respondent", InvalidOid);
	if (respondent.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("response \"%s\" has no respondent", named),
				 errhint("Only answers of a known respondent can be followed up.")));
	/* nps_claim_cases() takes this lock exclusively, and so never waits for the row made here */
	(void) lock_case(RelationGetRelid(table), &case_id, ShareLock, true);
}

/* What a statement does to a case. */
typedef struct CaseChange
{
	bool		is_lease;		/* the row holds nothing but a lease or facts */
	bool		leased;			/* the lease changes */
	bool		moved;			/* customers were merged: the case follows its answer */
	bool		cascades;		/* a foreign key passes on the new name of a cause or reason */
	bool		steps;			/* something that people set */
	bool		other_columns;
	bool		other_work;
} CaseChange;

/* Does a column that only the triggers set have its value in a new row? */
static bool
is_default(const NpsCell *cell, const char *name)
{
	if (cell->is_null)
		return true;
	switch (cell->type)
	{
		case INT4OID:
			return DatumGetInt32(cell->value) == 0;
		case FLOAT8OID:
			return DatumGetFloat8(cell->value) == 0;
		case BOOLOID:
			return strcmp(name, "recorded") == 0 || !DatumGetBool(cell->value);
		default:
			return false;
	}
}

/* Notes what a change of one column means, or refuses the change. */
static void
note_change(CaseChange *it, const NpsRow *old, const char *name, NpsCell cell, Relation table, NpsCell case_id, const char *named)
{
	unsigned	traits = nps_case_traits(name);

	if (strcmp(name, "version") == 0 || strcmp(name, "actor") == 0)
		return;
	if (traits & NPS_IS_SET)
	{
		if (it->is_lease)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of case \"%s\" cannot be set without being recorded", name, named),
					 errhint("Leave out the column recorded.")));
		it->steps = true;
		it->other_columns |= (traits & NPS_IS_OPEN) != 0;
		it->other_work |= (traits & NPS_IS_WORK) != 0 && !cell.is_null;
		it->cascades = it->cascades && (strcmp(name, "cause") == 0 || strcmp(name, "dismiss_reason") == 0);
	}
	else if (traits & NPS_IS_LEASE)
		it->leased = true;
	else if (old != NULL && strcmp(name, "respondent") == 0 && nps_is_respondent_of_answer(table, case_id, cell))
		it->moved = true;
	else if (old == NULL ? !(traits & NPS_IS_KEY) && !is_default(&cell, name) : strcmp(name, "topic") != 0 || !it->moved)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" of case \"%s\" cannot be set", name, named),
				 errhint("It is kept by the case itself; set %s.", nps_columns_to_set())));
}

/* Finds out what changes, and refuses changes that are not allowed. */
static CaseChange
what_changes(Relation table, const NpsRow *old, const NpsRow *new, NpsCell case_id, const char *named)
{
	CaseChange	it;

	memset(&it, 0, sizeof(it));
	it.is_lease = old == NULL && !nps_boolean(new, "recorded");
	it.cascades = old != NULL && InNoForceRLSOperation();
	for (int i = 0; i < new->columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(new->columns, i);
		const char *name = NameStr(attribute->attname);
		NpsCell		cell;
		NpsCell		before;

		if (attribute->attisdropped || attribute->attgenerated != '\0')
			continue;
		cell = nps_cell_at(new, i + 1);
		before = old != NULL ? nps_cell_at(old, i + 1)
			: strcmp(name, "status") == 0 ? nps_text_cell(nps_status_names[NPS_NEW]) : nps_null_like(&cell);
		if (!nps_same_cells(&cell, &before))
			note_change(&it, old, name, cell, table, case_id, named);
	}
	/* making a row, except for a lease, is itself a step */
	it.steps |= old == NULL && !it.is_lease;
	it.cascades = it.cascades && it.steps;
	return it;
}

static void
refuse_blank(const NpsRow *new, const char *named)
{
	for (int i = 0; i < nps_case_column_count; i++)
	{
		NpsColumn	column = nps_case_columns[i].column;

		if (column.type != TEXTOID || !(nps_case_columns[i].traits & NPS_IS_SET) || strcmp(column.name, "actor") == 0)
			continue;
		if (nps_says_nothing(nps_text(new, column.name)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of case \"%s\" is empty", column.name, named),
					 errhint("Set NULL for none.")));
	}
}

/* Causes and reasons must be in the survey's lists. */
static void
check_lists(Relation table, const NpsRow *old, const NpsRow *new)
{
	static const char *const lists[][3] = {{"cause", "cause", "cause"}, {"dismiss_reason", "reason", "dismiss_reason"}};

	for (int i = 0; i < (int) lengthof(lists); i++)
	{
		NpsCell		value = nps_cell(new, lists[i][2], TEXTOID);
		NpsCell		before = old == NULL ? nps_null_like(&value) : nps_cell(old, lists[i][2], TEXTOID);

		if (!value.is_null && !nps_same_cells(&value, &before))
			nps_expect_listed(table, lists[i][0], lists[i][1], value);
	}
}

/* A lease must have an end, and its case must be open. */
static void
check_lease(const NpsRow *new, const NpsRow *old, bool is_alone, const char *named)
{
	NpsCell		until = nps_cell(new, "leased_until", TIMESTAMPTZOID);

	if (!until.is_null && nps_cell_time(&until) > GetCurrentTimestamp() + LONGEST_LEASE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("case \"%s\" cannot be leased until \"%s\"", named, timestamptz_to_str(nps_cell_time(&until))),
				 errhint("A lease is as long as the step takes at most, and no longer than 30 days.")));
	if (is_alone && old != NULL && !nps_cell_is_null(old, "finished_at") && !until.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("case \"%s\" is %s and cannot be leased", named, nps_text(old, "status")),
				 errhint("Only open cases are handed out.")));
}

/* Is the attempt on a different day from the previous one? */
static bool
is_other_day(const NpsCase *before, const NpsCase *after, const NpsSettings *settings)
{
	DateADT		last;
	DateADT		day;

	return before->at[NPS_AT_ATTEMPTED] != NPS_NO_TIME && after->at[NPS_AT_ATTEMPTED] != NPS_NO_TIME &&
		nps_day_of(before->at[NPS_AT_ATTEMPTED], settings->zone, &last) &&
		nps_day_of(after->at[NPS_AT_ATTEMPTED], settings->zone, &day) && last != day;
}

static bool
is_shown(const NpsShown *shown, const char *name)
{
	NpsCell		cell = nps_shown(shown, name, BOOLOID);

	return !cell.is_null && DatumGetBool(cell.value);
}

/* What the rules need to know besides the case. */
static NpsCaseNeeds
look_up_needs(Relation table, const NpsRow *new, const NpsCase *before, const NpsCase *after, const CaseChange *change,
			  const NpsShown *shown, const NpsSettings *settings)
{
	NpsCaseNeeds needs;

	memset(&needs, 0, sizeof(needs));
	needs.now = GetCurrentTransactionStartTimestamp();
	needs.clock = GetCurrentTimestamp();
	needs.attempts = settings->attempts;
	needs.longest_snooze = settings->snooze_days * USECS_PER_DAY;
	needs.window = nps_window_of(table, shown);
	needs.begins_at = nps_shown_time(shown, "first_answer_at");
	needs.contact_due = nps_shown_time(shown, "contact_due");
	needs.uncovered_since = nps_shown_time(shown, "uncovered_since");
	needs.uncovered_until = nps_shown_time(shown, "uncovered_until");
	needs.shown_until = nps_shown_time(shown, "responded_at");
	needs.ended_at = nps_shown_time(shown, "ended_at");
	needs.has_ended = !nps_shown(shown, "ended", TEXTOID).is_null;
	needs.has_newer = is_shown(shown, "has_newer");
	needs.is_renewed = is_shown(shown, "is_renewed");
	needs.is_broken = is_shown(shown, "is_broken_now");
	needs.is_other_day = is_other_day(before, after, settings);
	needs.other_columns = change->other_columns;
	needs.other_work = change->other_work;
	if (before->status < NPS_CLOSED && (after->status == NPS_RESOLVED || after->status == NPS_CLOSED ||
										after->at[NPS_AT_RESOLVED] != NPS_NO_TIME || after->at[NPS_AT_CLOSED] != NPS_NO_TIME))
		needs.open_concerns = nps_count_open_concerns(table, nps_cell(new, "case_id", InvalidOid));
	if (!nps_is_finished(before->status) && (after->status == NPS_UNREACHABLE || after->status == NPS_DISMISSED))
		needs.open_promises = nps_count_open_promises(table, nps_cell(new, "case_id", InvalidOid));
	if (nps_time_is_set(before, after, NPS_AT_ASKED))
		needs.was_asked = nps_was_asked(table, shown->found ? nps_shown(shown, "respondent", InvalidOid) : nps_cell(new, "respondent", InvalidOid));
	return needs;
}

/* The lease before the step. */
typedef struct Lease
{
	char	   *worker;
	bool		lasts;
} Lease;

static Lease
lease_of(const NpsRow *old)
{
	Lease		it = {NULL, false};

	if (old != NULL && (it.worker = nps_text(old, "leased_to")) != NULL)
	{
		int64		until = stored_time(old, "leased_until");

		it.lasts = until != NPS_NO_TIME && until >= GetCurrentTimestamp();
	}
	return it;
}

/* The row as it would be with nothing recorded. */
static NpsRow
pristine_row(const NpsRow *new)
{
	NpsChanges	changes = nps_begin_changes(new);
	NpsCase		it = nps_new_case();
	NpsRow		row = *new;

	for (int i = 0; i < nps_case_column_count; i++)
	{
		NpsColumn	column = nps_case_columns[i].column;
		NpsCell		cell = nps_cell(new, column.name, column.type);

		if (nps_case_columns[i].traits & NPS_IS_UNDONE && !(nps_case_columns[i].traits & NPS_IS_DEFAULT))
			nps_change(&changes, column.name, nps_null_like(&cell));
	}
	store_case(&changes, &it, &it);
	change_number(&changes, "snoozed_hours", 0);
	change_number(&changes, "waited_hours", 0);
	row.tuple = nps_changed_row(&changes);
	return row;
}

/* The row from before the step, with the deadlines as of then: the state that undo returns to. */
static NpsRow
row_before(const NpsChanges *changes, const NpsRow *new, const NpsRow *old)
{
	static const char *const facts[] = {"contact_due", "resolve_due"};
	NpsRow		row = old != NULL ? *old : pristine_row(new);
	NpsChanges	before = nps_begin_changes(&row);

	for (int i = 0; i < (int) lengthof(facts); i++)
		nps_change(&before, facts[i], nps_changed_cell(changes, facts[i]));
	row.tuple = nps_changed_row(&before);
	return row;
}

/* Records a step: what the rules make of the request, the facts, and the actor. */
static void
record_step(Relation table, NpsChanges *changes, const NpsRow *old, const NpsRow *new, const CaseChange *change, const NpsShown *shown,
			char *actor, const char *named)
{
	NpsSettings settings = nps_look_up_settings(table);
	NpsCase		before = old != NULL ? case_of_row(old) : nps_new_case();
	NpsCase		after = case_of_row(new);
	NpsCaseNeeds needs = look_up_needs(table, new, &before, &after, change, shown, &settings);
	Lease		lease = lease_of(old);
	NpsRow		row;
	NpsStep		step;
	char	   *note = nps_text(new, "note");

	check_lists(table, old, new);
	needs.automatic = lease.lasts && strcmp(lease.worker, actor) == 0;
	nps_report_fault(nps_case_step(&before, &after, &needs, &step), &before, &after, &needs, named);

	row = row_before(changes, new, old);
	store_case(changes, &before, &after);
	nps_store_step(table, changes, old, shown, &settings, &step);
	nps_store_responsible(changes, old, shown);
	/* a new status or time, or any step of the holder, ends the lease; others' notes do not */
	if (lease.worker != NULL &&
		(!lease.lasts || needs.automatic || after.status != before.status || memcmp(after.at, before.at, sizeof(after.at)) != 0))
	{
		nps_change(changes, "leased_to", nps_null_cell(TEXTOID));
		nps_change(changes, "leased_until", nps_null_cell(TIMESTAMPTZOID));
	}
	nps_change(changes, "recorded", nps_boolean_cell(true));
	nps_change(changes, "last_actor", nps_text_cell(actor));
	if (note != NULL)
	{
		nps_change(changes, "last_note", nps_text_cell(note));
		nps_change(changes, "last_note_at", nps_time_cell(GetCurrentTimestamp()));
	}
	nps_change(changes, "before_step", nps_remember_step(&row, old, &settings, nps_sender_copy(table, old, changes)));
}

/* The row with its new events added to their number. */
static HeapTuple
counted_row(const NpsChanges *changes, const NpsRow *old)
{
	NpsRow		row = changes->row;
	NpsChanges	counted;

	row.tuple = nps_changed_row(changes);
	counted = nps_begin_changes(&row);
	nps_change(&counted, "events", nps_integer_cell((old == NULL ? 0 : nps_integer(old, "events")) + nps_case_events(old, &row, NULL)));
	return nps_changed_row(&counted);
}

/*
 * nps_case_rules() returns trigger: BEFORE INSERT OR UPDATE on followup_case
 *
 * Completes a step, or refuses it with an error that says what is missing.
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
	NpsShown	shown = {false};
	NpsCell		case_id;
	int32		version;
	char	   *named;
	char	   *actor;
	HeapTuple	result;

	nps_expect_case(&new);
	if (nps_is_recording(table))
		return PointerGetDatum(new.tuple);
	case_id = nps_cell(&new, "case_id", InvalidOid);
	if (case_id.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a case needs a case_id"),
				 errhint("It is the response_id of the answer that opens the case.")));
	if (inserting && nps_loads_case(table, &new))
	{
		nps_load_row(table, nps_row_hash(&new, "case_id"));
		return PointerGetDatum(new.tuple);
	}
	named = nps_cell_shown(&case_id);
	actor = nps_text(&new, "actor");
	if (actor == NULL || actor[0] == '\0')
		actor = nps_acting_person();
	version = inserting ? 0 : nps_integer(old, "version");

	changes = nps_begin_changes(&new);
	nps_change(&changes, "note", nps_null_cell(TEXTOID));
	nps_change(&changes, "actor", nps_null_cell(TEXTOID));
	nps_connect();
	nps_expect_version(table, case_id, version, nps_integer(&new, "version"), named);
	change = what_changes(table, old, &new, case_id, named);
	refuse_blank(&new, named);
	if (change.leased)
		check_lease(&new, old, !change.steps, named);
	if (!change.cascades && (inserting || change.steps))
		shown = nps_look_up_case(table, case_id);
	/* nps_claim_cases() may have read the list before the answer was deleted */
	if (inserting && !change.steps && !shown.found)
	{
		SPI_finish();
		return PointerGetDatum(NULL);
	}
	if (inserting)
		expect_case(table, &shown, case_id, named);
	if (change.steps && !change.cascades)
	{
		nps_store_facts(&changes, old, &shown);
		if (!inserting && nps_status_of_text(nps_text(&new, "status")) == NPS_UNDONE)
		{
			NpsSettings settings = nps_look_up_settings(table);

			changes.row.tuple = nps_undone_row(table, old, actor, &shown, &settings, named);
			changes = nps_begin_changes(&changes.row);
		}
		else
		{
			record_step(table, &changes, old, &new, &change, &shown, actor, named);
			nps_change(&changes, "version", nps_integer_cell(version + 1));
		}
	}
	else if (inserting)
	{
		nps_store_facts(&changes, old, &shown);
		nps_store_responsible(&changes, old, &shown);
	}
	/* a row without changes can have a new version, too */
	else if (nps_integer(&new, "version") != version && nps_text(old, "last_actor") != NULL && strcmp(nps_text(old, "last_actor"), actor) == 0)
		nps_change(&changes, "before_step", nps_renew_copy(old, nps_sender_copy(table, old, &changes)));
	result = counted_row(&changes, old);
	SPI_finish();
	return PointerGetDatum(result);
}
