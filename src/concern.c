/*
 * concern.c
 *		The rules of concerns and promises, and of what customers were told.
 *
 * How often the date of a promise was moved, and whether the promise was ever
 * broken, stays recorded, whatever is promised afterwards.
 */
#include "followup.h"
#include "followup_load.h"

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

/* The longest setting that makes a difference: no promise is further off. */
#define MOST_MONTHS 100000

/* The columns that the table of concerns must have. */
static const NpsColumn concern_columns[] = {
	{"concern_id", INT8OID}, {"case_id", InvalidOid}, {"cause", TEXTOID}, {"concern", TEXTOID}, {"answer", TEXTOID}, {"promise", TEXTOID},
	{"team", TEXTOID}, {"planned_for", DATEOID}, {"promised_for", DATEOID}, {"compensation", TEXTOID}, {"raised_at", TIMESTAMPTZOID},
	{"delivered_at", TIMESTAMPTZOID}, {"declined_at", TIMESTAMPTZOID}, {"told_at", TIMESTAMPTZOID}, {"moved", INT4OID}, {"broken", BOOLOID},
	{"backdated", BOOLOID}, {"is_open", BOOLOID}
};

/* The same for the table cause_told and the view cause_customer. */
static const NpsColumn told_columns[] = {
	{"cause", TEXTOID}, {"respondent", InvalidOid}, {"told_at", TIMESTAMPTZOID}, {"told_by", TEXTOID}, {"plan_told_at", TIMESTAMPTZOID}
};

/* The position of told_by among these. */
#define TOLD_BY 3

/* What a customer can be told: that the cause is fixed, and that it will be. */
static const char *const news[] = {"told_at", "plan_told_at"};

/* The status of the case, which cannot change until the transaction ends; NULL for none. */
static char *
locked_status(const NpsTable *cases, NpsCell case_id)
{
	NpsRow		row;

	if (!nps_query_on(cases, SPI_OK_SELECT,
					  psprintf("SELECT status FROM %s WHERE case_id %s $1 FOR NO KEY UPDATE", cases->quoted, nps_equality(case_id.type)),
					  1, &case_id, NPS_AS_NOW, &row))
		return NULL;
	return nps_text(&row, "status");
}

/*
 * Makes the row of a new concern's case with the rights of the acting role, which
 * learns nothing about cases that it may not see.
 */
static void
make_case(const NpsTable *cases, NpsCell case_id)
{
	char	   *there_is = psprintf("SELECT FROM %s WHERE case_id %s $1", cases->quoted, nps_equality(case_id.type));

	if (nps_query(SPI_OK_SELECT, cases->name, there_is, 1, &case_id, NPS_AS_NOW, NULL))
		return;
	/* no row is made if the role can see no such case, or if somebody else is making it just now */
	if (!nps_query(SPI_OK_INSERT, cases->name,
				   psprintf("INSERT INTO %s (case_id, recorded) VALUES ($1, false) ON CONFLICT (case_id) DO NOTHING", cases->quoted),
				   1, &case_id, NPS_AS_NOW, NULL) &&
		!nps_query(SPI_OK_SELECT, cases->name, there_is, 1, &case_id, NPS_AS_NOW, NULL))
		nps_report_no_case(nps_cell_shown(&case_id));
	nps_expect_unchanged(cases);
}

/* Is this the last value that the sequence gave this session? */
static bool
was_given(Oid sequence, int64 value)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool result = false;

	/* if it gave none yet, currval() raises an error and leaves the sequence open */
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		result = DatumGetInt64(DirectFunctionCall1(currval_oid, ObjectIdGetDatum(sequence))) == value;
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller);
		CurrentResourceOwner = owner;
		if (error->sqlerrcode != ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE)
			ReThrowError(error);
		FreeErrorData(error);
	}
	PG_END_TRY();
	return result;
}

/*
 * A concern_id must come from the sequence.  Any other would collide with
 * somebody's concern, now or later: the one who was given it may not have inserted
 * it yet.  An existing id is let through: it conflicts by itself, which ON CONFLICT
 * may handle.  The owner is let through too: a restore loads ids that were given
 * before.
 */
static void
check_id(Relation table, const NpsRow *new)
{
	NpsCell		concern_id = nps_cell_not_null(new, "concern_id", INT8OID);
	Oid			sequence = nps_identity_sequence(table, nps_column(new, "concern_id", INT8OID));
	NpsTable	concern;
	NpsOwner self;
	bool		is_right;

	if (!OidIsValid(sequence) || nps_acts_as_owner(table))
		return;
	nps_become_owner_of(table, &self);
	is_right = was_given(sequence, nps_cell_bigint(&concern_id));
	if (!is_right)
	{
		concern = nps_survey_table(table, "concern", AccessShareLock);
		is_right = nps_query_on(&concern, SPI_OK_SELECT, psprintf("SELECT FROM %s WHERE concern_id OPERATOR(pg_catalog.=) $1", concern.quoted),
								1, &concern_id, NPS_AS_COMMITTED, NULL);
	}
	nps_become_caller(&self);
	if (!is_right)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("concern_id %lld was not given to this session", (long long) nps_cell_bigint(&concern_id)),
				 errhint("Leave out the column concern_id.")));
}

/*
 * Does the owner insert a concern with an id that the sequence did not give?  A
 * restore does that (followup_load.c).
 */
static bool
is_loaded(Relation table, const NpsRow *new)
{
	NpsCell		concern_id = nps_cell_not_null(new, "concern_id", INT8OID);
	Oid			sequence = nps_identity_sequence(table, nps_column(new, "concern_id", INT8OID));
	NpsOwner	self;
	bool		is_given;

	if (!OidIsValid(sequence) || !nps_acts_as_owner(table))
		return false;
	nps_become_owner_of(table, &self);
	is_given = was_given(sequence, nps_cell_bigint(&concern_id));
	nps_become_caller(&self);
	return !is_given;
}

/* Checks that a time is in the past. */
static void
check_time(const NpsRow *new, const char *name, const char *of, const char *hint)
{
	NpsCell		time = nps_cell(new, name, TIMESTAMPTZOID);

	if (!time.is_null && (!nps_is_usable_time(nps_cell_time(&time)) ||
						  nps_cell_time(&time) > GetCurrentTimestamp() + NPS_CLOCK_TOLERANCE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of %s cannot be \"%s\"", name, of, timestamptz_to_str(nps_cell_time(&time))),
				 errhint("%s", hint)));
}

static bool
is_changed(const NpsRow *old, const NpsRow *new, const char *name)
{
	NpsCell		old_cell = nps_cell(old, name, InvalidOid);
	NpsCell		new_cell = nps_cell(new, name, InvalidOid);

	return !nps_same_cells(&new_cell, &old_cell);
}

/* The day of a time, in the zone of the survey. */
static DateADT
day_of(TimestampTz time, const NpsSettings *settings)
{
	DateADT		day;

	if (!nps_day_of(time, settings->zone, &day))
		elog(ERROR, "the time has no day");
	return day;
}

/* Checks that a promise has a date that is not too far off. */
static void
check_promise(const NpsRow *old, const NpsRow *new, const NpsSettings *settings)
{
	NpsCell		promised_for = nps_cell(new, "promised_for", DATEOID);
	bool		has_promise = !nps_cell_is_null(new, "promise");
	int			year,
				month,
				day;

	if (has_promise != !promised_for.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 has_promise ? errmsg("a promise needs a date") : errmsg("a date needs a promise"),
				 errhint("Set promise and promised_for, or none of them.")));
	if (promised_for.is_null || (old != NULL && !is_changed(old, new, "promised_for")))
		return;
	j2date(day_of(GetCurrentTransactionStartTimestamp(), settings) + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	month += Max(Min(settings->longest_promise_months, MOST_MONTHS), 0);
	/* if that month is too short for the day, date2j() runs on into the next month */
	if (nps_cell_date(&promised_for) > date2j(year + (month - 1) / 12, (month - 1) % 12 + 1, day) - POSTGRES_EPOCH_JDATE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the promise is more than %d months off", settings->longest_promise_months),
				 errhint("Promise something nearer, or tell the customer when there will be news.")));
}

/* Do its own columns settle it: delivered, declined, or answered without a promise? */
static bool
is_over(const NpsRow *new)
{
	return !nps_cell_is_null(new, "delivered_at") || !nps_cell_is_null(new, "declined_at") ||
		(!nps_cell_is_null(new, "answer") && nps_cell_is_null(new, "promise"));
}

/* Is it work on the case?  To correct what is settled is not, nor is to save it unchanged. */
static bool
is_work(const NpsRow *old, const NpsRow *new)
{
	bool		changes = false;

	for (int i = 0; i < new->columns->natts && !changes; i++)
	{
		NpsCell		new_cell = nps_cell_at(new, i + 1);
		NpsCell		old_cell = nps_cell_at(old, i + 1);

		changes = !TupleDescAttr(new->columns, i)->attisdropped && !nps_same_cells(&new_cell, &old_cell);
	}
	return changes && (nps_boolean(old, "is_open") || !is_over(new));
}

/* Had the date of the promise passed when the promise was kept or changed? */
static bool
was_broken(const NpsRow *old, const NpsRow *new, const NpsSettings *settings)
{
	static const char *const ends[] = {"delivered_at", "declined_at"};
	NpsCell		due;
	TimestampTz at = GetCurrentTransactionStartTimestamp();

	if (old == NULL)
		return false;
	if (nps_boolean(old, "broken"))
		return true;
	due = nps_cell(old, "promised_for", DATEOID);
	if (due.is_null || !nps_boolean(old, "is_open"))
		return false;
	for (int i = 0; i < (int) lengthof(ends); i++)
	{
		NpsCell		end = nps_cell(new, ends[i], TIMESTAMPTZOID);

		if (!end.is_null)
			at = nps_cell_time(&end);
	}
	return day_of(at, settings) > nps_cell_date(&due);
}

/*
 * Was it entered only after the promised day, and more than a day after the fact,
 * that the promise was kept?
 */
static bool
was_backdated(const NpsRow *old, const NpsRow *new, const NpsSettings *settings)
{
	TimestampTz since = GetCurrentTransactionStartTimestamp() - NPS_BACKDATED_AFTER;
	NpsCell		delivered_at = nps_cell(new, "delivered_at", TIMESTAMPTZOID);
	NpsCell		due = nps_cell(new, "promised_for", DATEOID);

	if (delivered_at.is_null || due.is_null)
		return false;
	if (old != NULL && !is_changed(old, new, "delivered_at"))
		return nps_boolean(old, "backdated");
	return nps_cell_time(&delivered_at) < since && day_of(since, settings) > nps_cell_date(&due);
}

/* The row with the columns that only the trigger sets. */
static HeapTuple
kept_row(const NpsRow *old, const NpsRow *new, const NpsSettings *settings)
{
	NpsChanges	changes = nps_begin_changes(new);
	int32		moved = old == NULL ? 0 : nps_integer(old, "moved");

	if (old != NULL && !nps_cell_is_null(old, "promised_for") && !nps_cell_is_null(new, "promised_for") && is_changed(old, new, "promised_for"))
		moved++;
	nps_change(&changes, "moved", nps_integer_cell(moved));
	nps_change(&changes, "broken", nps_boolean_cell(was_broken(old, new, settings)));
	nps_change(&changes, "backdated", nps_boolean_cell(was_backdated(old, new, settings)));
	nps_change(&changes, "is_open", nps_boolean_cell(!is_over(new)));
	return nps_changed_row(&changes);
}

/* Refuses blank texts: an empty answer would settle the concern. */
static void
refuse_blank(const NpsRow *old, const NpsRow *new)
{
	static const char *const texts[] = {"concern", "answer", "promise", "team", "compensation"};

	for (int i = 0; i < (int) lengthof(texts); i++)
		if (nps_says_nothing(nps_text(new, texts[i])) && (old == NULL || is_changed(old, new, texts[i])))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 i == 0 ? errmsg("the concern is empty") : errmsg("%s of a concern is empty", texts[i]),
					 i == 0 ? errhint("Tell what the customer is concerned about.") : errhint("Set NULL for none.")));
}

/* Refuses changes of what is fixed: a concern belongs to its case for good. */
static void
refuse_fixed(const NpsRow *old, const NpsRow *new)
{
	static const char *const fixed[] = {"concern_id", "case_id", "raised_at"};

	for (int i = 0; i < (int) lengthof(fixed); i++)
		if (is_changed(old, new, fixed[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" of a concern cannot be changed", fixed[i]),
					 errhint("Insert another concern.")));
}

/*
 * nps_concern_rules() returns trigger: BEFORE INSERT OR UPDATE on concern
 *
 * A new concern makes the row of its case, and counts as work on it.  An open
 * concern cannot be added to a finished case.
 */
PG_FUNCTION_INFO_V1(nps_concern_rules);
Datum
nps_concern_rules(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_concern_rules", "BEFORE INSERT OR UPDATE triggers for each row of the table concern",
		TRIGGER_EVENT_BEFORE, NPS_ON(INSERT) | NPS_ON(UPDATE), true, 0, "r", {"concern"}
	};
	static const char *const times[] = {"raised_at", "delivered_at", "declined_at", "told_at"};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	bool		inserting = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation	table = trigger->tg_relation;
	NpsRow		new = nps_row(inserting ? trigger->tg_trigtuple : trigger->tg_newtuple, table);
	NpsRow		old_row = nps_row(trigger->tg_trigtuple, table);
	NpsRow	   *old = inserting ? NULL : &old_row;
	NpsOwner	self;
	NpsTable	cases;
	NpsSettings settings;
	NpsCell		case_id;
	char	   *status;
	HeapTuple	result;

	nps_expect_columns(&new, concern_columns, lengthof(concern_columns));
	case_id = nps_cell(&new, "case_id", InvalidOid);
	if (case_id.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a concern needs a case_id"),
				 errhint("The view followup tells the case_id of each customer.")));
	if (inserting && is_loaded(table, &new))
	{
		nps_load_row(table, nps_row_hash(&new, "concern_id"));
		return PointerGetDatum(new.tuple);
	}
	nps_connect();
	cases = nps_survey_table(table, "followup_case", RowExclusiveLock);
	if (inserting)
	{
		check_id(table, &new);
		make_case(&cases, case_id);
	}
	nps_become_owner_of(table, &self);
	status = locked_status(&cases, case_id);
	nps_become_caller(&self);
	settings = nps_look_up_settings(table);
	if (!inserting)
		refuse_fixed(old, &new);
	refuse_blank(old, &new);
	for (int i = 0; i < (int) lengthof(times); i++)
		check_time(&new, times[i], "a concern", "Record what has happened; what is planned goes into planned_for.");
	check_promise(old, &new, &settings);
	if (!nps_cell_is_null(&new, "cause") && (inserting || is_changed(old, &new, "cause")) && !InNoForceRLSOperation())
		nps_expect_listed(table, "cause", "cause", nps_cell(&new, "cause", TEXTOID));
	/* neither can a promise, which nobody would look after */
	if (status != NULL && nps_is_finished(nps_status_of_text(status)) && (inserting || (!is_over(&new) &&
			(!nps_boolean(old, "is_open") || (!nps_cell_is_null(&new, "promise") && nps_cell_is_null(old, "promise"))))))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot add an open concern to a case that is %s", status),
				 errhint("Set the status of the case to 'reopened' first.")));
	/* not if a foreign key passes on the new name of a cause */
	if (!InNoForceRLSOperation() && status != NULL && (inserting || is_work(old, &new)))
		nps_take_up_case(table, &cases, case_id, nps_cell(&new, "concern_id", INT8OID), !inserting && is_over(&new));
	result = kept_row(old, &new, &settings);
	SPI_finish();
	return PointerGetDatum(result);
}

/* Is somebody recording through the view that a customer was told? */
static bool is_recording_told = false;

/* Can the acting role see an answer of the respondent? */
static bool
has_answered(Relation table, NpsCell respondent)
{
	return nps_query(SPI_OK_SELECT, "answer", psprintf("SELECT FROM %s WHERE respondent %s $1", nps_beside(table, "answer"), nps_equality(respondent.type)),
					 1, &respondent, NPS_AS_NOW, NULL);
}

/* Was the customer not told anything? */
static bool
is_untold(const NpsRow *new)
{
	for (int i = 0; i < (int) lengthof(news); i++)
		if (!nps_cell_is_null(new, news[i]))
			return false;
	return true;
}

/* Was the customer told something, and all of it before this transaction? */
static bool
was_told_before(const NpsRow *new)
{
	for (int i = 0; i < (int) lengthof(news); i++)
	{
		NpsCell		told_at = nps_cell(new, news[i], TIMESTAMPTZOID);

		if (!told_at.is_null && nps_cell_time(&told_at) >= GetCurrentTransactionStartTimestamp())
			return false;
	}
	return !is_untold(new);
}

/* Is this a column of the view cause_customer that can be set, or follows from such a column? */
static bool
is_about_telling(const char *name)
{
	static const char *const others[] = {"told_by", "is_due", "plan_is_due"};

	for (int i = 0; i < (int) lengthof(news); i++)
		if (strcmp(name, news[i]) == 0)
			return true;
	for (int i = 0; i < (int) lengthof(others); i++)
		if (strcmp(name, others[i]) == 0)
			return true;
	return false;
}

/*
 * nps_told_rules() returns trigger: BEFORE INSERT OR UPDATE on cause_told
 *
 * What a customer was told must be in the past, and the customer must have
 * answered.
 */
PG_FUNCTION_INFO_V1(nps_told_rules);
Datum
nps_told_rules(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_told_rules", "BEFORE INSERT OR UPDATE triggers for each row of the table cause_told",
		TRIGGER_EVENT_BEFORE, NPS_ON(INSERT) | NPS_ON(UPDATE), true, 0, "r", {"cause_told"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	bool		inserting = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation	table = trigger->tg_relation;
	NpsRow		new = nps_row(inserting ? trigger->tg_trigtuple : trigger->tg_newtuple, table);
	NpsRow		old = nps_row(trigger->tg_trigtuple, table);
	NpsCell		respondent;
	char	   *told_by;
	bool		moved;
	NpsChanges	changes;

	nps_expect_columns(&new, told_columns, lengthof(told_columns));
	/* a foreign key may pass on the new name of a cause, with the rights of the table's owner */
	if (!inserting && is_changed(&old, &new, "cause") && !InNoForceRLSOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"cause\" of \"cause_told\" cannot be changed"),
				 errhint("Insert another row.")));
	respondent = nps_cell(&new, "respondent", InvalidOid);
	/* rows of the owner are loaded ones, unless from the view or told just now (followup_load.c) */
	if (inserting && !is_recording_told && !respondent.is_null && nps_text(&new, "told_by") != NULL &&
		was_told_before(&new) && nps_acts_as_owner(table))
	{
		nps_load_row(table, nps_told_hash(&new));
		return PointerGetDatum(new.tuple);
	}
	if (respondent.is_null || is_untold(&new))
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("what a customer was told needs a respondent, and told_at or plan_told_at"),
				 errhint("Set one of them in the view cause_customer.")));
	for (int i = 0; i < (int) lengthof(news); i++)
		if (inserting || is_changed(&old, &new, news[i]))
			check_time(&new, news[i], "a cause", "Set the time at which the customer was told.");

	moved = !inserting && is_changed(&old, &new, "respondent");
	if (inserting || moved)
	{
		nps_connect();
		/* allowed only if customers were merged, so that the old respondent no longer exists */
		if (moved && has_answered(table, nps_cell_not_null(&old, "respondent", InvalidOid)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"respondent\" of \"cause_told\" cannot be changed"),
					 errhint("Insert another row.")));
		if (!has_answered(table, respondent))
			ereport(ERROR,
					(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					 errmsg("the respondent who was told has no counted answer"),
					 errhint("The view cause_customer lists whom to tell.")));
		SPI_finish();
	}
	told_by = nps_text(&new, "told_by");
	if (told_by != NULL && told_by[0] != '\0')
		return PointerGetDatum(new.tuple);
	changes = nps_begin_changes(&new);
	nps_change(&changes, "told_by", nps_text_cell(nps_acting_person()));
	return PointerGetDatum(nps_changed_row(&changes));
}

/* Is the value meant as a change, and not just the shown value that a program sends back? */
static bool
is_meant(const NpsRow *old, const NpsRow *new, const char *name)
{
	NpsCell		shown = nps_cell(old, name, InvalidOid);
	NpsCell		sent = nps_cell(new, name, InvalidOid);

	return !nps_comes_back(&shown, &sent);
}

/* The row as the view shows it now that the customer was told. */
static HeapTuple
told_row(const NpsRow *new, const NpsRow *recorded)
{
	NpsChanges	changes = nps_begin_changes(new);
	NpsCell		named_at;

	for (int i = 0; i < (int) lengthof(told_columns); i++)
		nps_change(&changes, told_columns[i].name, nps_cell(recorded, told_columns[i].name, told_columns[i].type));
	/* the owner's view may have fewer columns than ours */
	if (!nps_has_column(new, "named_at") || !nps_has_column(new, "is_due") || !nps_has_column(new, "plan_is_due"))
		return nps_changed_row(&changes);
	named_at = nps_cell(new, "named_at", TIMESTAMPTZOID);
	/* a customer who was told that it is fixed need not be told that it will be */
	for (int i = 0; i < (int) lengthof(news); i++)
	{
		NpsCell		told_at = nps_cell(recorded, news[i], TIMESTAMPTZOID);

		if (told_at.is_null || (!named_at.is_null && nps_cell_time(&told_at) < nps_cell_time(&named_at)))
			continue;
		if (strcmp(news[i], "told_at") == 0)
			nps_change(&changes, "is_due", nps_boolean_cell(false));
		nps_change(&changes, "plan_is_due", nps_boolean_cell(false));
	}
	return nps_changed_row(&changes);
}

/*
 * nps_record_told() returns trigger: INSTEAD OF INSERT OR UPDATE OR DELETE on cause_customer
 *
 * Records when a customer was told about a cause.
 */
PG_FUNCTION_INFO_V1(nps_record_told);
Datum
nps_record_told(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_record_told", "INSTEAD OF triggers on the view cause_customer",
		TRIGGER_EVENT_INSTEAD, NPS_ON(INSERT) | NPS_ON(UPDATE) | NPS_ON(DELETE), true, 0, "v", {"cause_customer"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	Relation	view = trigger->tg_relation;
	NpsRow		old = nps_row(trigger->tg_trigtuple, view);
	NpsRow		new = nps_row(trigger->tg_newtuple, view);
	NpsRow		recorded;
	NpsCell		parameters[lengthof(told_columns)];
	const char *other = NULL;
	bool		tells = false;
	HeapTuple	result;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows cannot be inserted into or deleted from view \"%s\"", RelationGetRelationName(view)),
				 errhint("UPDATE it with told_at or plan_told_at to record that a customer was told.")));
	nps_expect_columns(&new, told_columns, lengthof(told_columns));
	for (int i = 0; i < new.columns->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(new.columns, i)->attname);

		if (!is_about_telling(name) && is_meant(&old, &new, name))
			other = name;
	}
	for (int i = 0; i < (int) lengthof(news); i++)
		tells |= is_meant(&old, &new, news[i]);
	tells |= is_meant(&old, &new, "told_by");
	/* together with something to record, it may just be a value read some time ago */
	if (!tells && other != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of view \"%s\" cannot be set", other, RelationGetRelationName(view)),
				 errhint("Set told_at or plan_told_at, and told_by if it was somebody else.")));
	for (int i = 0; i < (int) lengthof(news); i++)
		if (nps_cell_is_null(&new, news[i]) && (is_untold(&new) || !nps_cell_is_null(&old, news[i])))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("%s cannot be taken back", news[i]),
					 errhint("Set the time at which the customer was told.")));
	if (!tells)
		return PointerGetDatum(new.tuple);
	for (int i = 0; i < (int) lengthof(told_columns); i++)
		parameters[i] = nps_cell(is_meant(&old, &new, told_columns[i].name) ? &new : &old, told_columns[i].name, told_columns[i].type);
	/* told_by as it was before does not say who told the customer this time */
	if (!is_meant(&old, &new, "told_by"))
		parameters[TOLD_BY] = nps_null_cell(TEXTOID);
	nps_connect();
	is_recording_told = true;
	PG_TRY();
	{
		if (!nps_query(SPI_OK_INSERT_RETURNING, "cause_told",
					   psprintf("INSERT INTO %s (cause, respondent, told_at, told_by, plan_told_at) VALUES ($1, $2, $3, $4, $5) "
								"ON CONFLICT (cause, respondent) DO UPDATE SET told_at = EXCLUDED.told_at, told_by = EXCLUDED.told_by, plan_told_at = EXCLUDED.plan_told_at "
								"RETURNING cause, respondent, told_at, told_by, plan_told_at",
								nps_beside(view, "cause_told")),
					   lengthof(told_columns), parameters, NPS_AS_NOW, &recorded))
			recorded = new;
	}
	PG_FINALLY();
	{
		is_recording_told = false;
	}
	PG_END_TRY();
	result = told_row(&new, &recorded);
	SPI_finish();
	return PointerGetDatum(result);
}
