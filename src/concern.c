/*
 * concern.c
 *		The rules of concerns and promises, and of what customers were told.
 *
 * A promise past its date stays broken: neither it nor its date can be changed
 * afterwards.
 */
#include "survey_query.h"

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

#include "case_rules.h"

/* No promise is warned of that is made for a day further off than this setting can tell. */
#define MOST_MONTHS 100000

/* What the table of concerns has at least. */
static const NpsColumn concern_columns[] = {
	{"concern_id", INT8OID}, {"case_id", InvalidOid}, {"cause", TEXTOID}, {"concern", TEXTOID}, {"answer", TEXTOID}, {"promise", TEXTOID},
	{"team", TEXTOID}, {"planned_for", DATEOID}, {"promised_for", DATEOID}, {"compensation", TEXTOID}, {"raised_at", TIMESTAMPTZOID},
	{"delivered_at", TIMESTAMPTZOID}, {"declined_at", TIMESTAMPTZOID}, {"told_at", TIMESTAMPTZOID}, {"is_open", BOOLOID}
};

/* The same of the table, and of the view, that tell who was told that a cause is fixed. */
static const NpsColumn told_columns[] = {
	{"cause", TEXTOID}, {"respondent", InvalidOid}, {"told_at", TIMESTAMPTZOID}, {"told_by", TEXTOID}
};

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
 * Makes the case of a new concern, or takes it on if only programs have touched
 * it; as the one who acts, who learns nothing of a case that they may not see.
 */
static void
make_case(const NpsTable *cases, NpsCell case_id)
{
	char	   *equal_id = nps_equality(case_id.type);

	if (nps_query(SPI_OK_SELECT, cases->name, psprintf("SELECT FROM %s WHERE case_id %s $1", cases->quoted, equal_id),
				  1, &case_id, NPS_AS_NOW, NULL))
		(void) nps_query(SPI_OK_UPDATE, cases->name, psprintf("UPDATE %s SET taken = true WHERE case_id %s $1 AND NOT taken", cases->quoted, equal_id),
						 1, &case_id, NPS_AS_NOW, NULL);
	else
		(void) nps_query(SPI_OK_INSERT, cases->name,
						 psprintf("INSERT INTO %s (case_id, taken) VALUES ($1, true) ON CONFLICT (case_id) DO NOTHING", cases->quoted),
						 1, &case_id, NPS_AS_NOW, NULL);
	nps_expect_unchanged(cases);
}

/* Is that what the sequence gave this session last? */
static bool
was_given(Oid sequence, int64 value)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool result = false;

	/* that it gave none yet is an error, after which the sequence is still open */
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
 * A concern_id is the one that the sequence gives.  Any other would collide with
 * somebody's concern, later or now: who was given it may not have inserted it yet.
 * One that is there already collides by itself, or is what ON CONFLICT is for; and
 * the owner, who restores, loads what was given.
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

/* A time has happened. */
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

/* Today, in the zone of a survey. */
static DateADT
survey_today(const char *zone_name)
{
	pg_tz	   *zone = nps_zone_by_name(zone_name);
	DateADT		today;

	if (zone == NULL || !nps_day_of(GetCurrentTransactionStartTimestamp(), zone, &today))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the survey's time zone \"%s\" is unknown", zone_name),
				 errhint("nps_attach(..., replace => true) sets it.")));
	return today;
}

/* Warns of a promise that is far off. */
static void
warn_of_promise(const NpsRow *old, const NpsRow *new, DateADT today, int32 longest)
{
	NpsCell		promised_for = nps_cell(new, "promised_for", DATEOID);
	int			year,
				month,
				day;

	if (promised_for.is_null || (old != NULL && !is_changed(old, new, "promised_for")))
		return;
	j2date(today + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	month += Max(Min(longest, MOST_MONTHS), 0);
	/* the day may not be in that month, and is then the next month's first days */
	if (nps_cell_date(&promised_for) > date2j(year + (month - 1) / 12, (month - 1) % 12 + 1, day) - POSTGRES_EPOCH_JDATE)
		ereport(WARNING,
				(errmsg("the promise is more than %d months off", longest),
				 errhint("Promise something nearer, or tell the customer when there will be news.")));
}

/*
 * nps_concern_rules() returns trigger: BEFORE INSERT OR UPDATE on concern
 *
 * A new concern makes the row of its case.  An open concern cannot come to a
 * case that is resolved or finished.
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
	static const char *const fixed[] = {"concern_id", "case_id", "raised_at"};
	static const char *const promise[] = {"promise", "promised_for"};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	bool		inserting = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation	table = trigger->tg_relation;
	NpsRow		new = nps_row(inserting ? trigger->tg_trigtuple : trigger->tg_newtuple, table);
	NpsRow		old_row = nps_row(trigger->tg_trigtuple, table);
	NpsRow	   *old = inserting ? NULL : &old_row;
	NpsOwner self;
	NpsTable	cases;
	NpsTable	survey;
	NpsRow		settings;
	NpsCell		case_id;
	NpsCell		zone;
	char	   *status;
	int32		longest;
	DateADT		today;

	nps_expect_columns(&new, concern_columns, lengthof(concern_columns));
	case_id = nps_cell(&new, "case_id", InvalidOid);
	if (case_id.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a concern needs a case_id"),
				 errhint("The view followup tells the case_id of each customer.")));
	nps_connect();
	cases = nps_survey_table(table, "followup_case", RowExclusiveLock);
	if (inserting)
	{
		check_id(table, &new);
		make_case(&cases, case_id);
	}

	nps_become_owner_of(table, &self);
	status = locked_status(&cases, case_id);
	survey = nps_survey_table(table, "survey", AccessShareLock);
	if (!nps_query_on(&survey, SPI_OK_SELECT, psprintf("SELECT time_zone, longest_promise_months FROM %s", survey.quoted), 0, NULL,
					  NPS_AS_BEFORE, &settings))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the settings of the survey are gone"),
				 errhint("nps_attach(..., replace => true) makes them again.")));
	nps_become_caller(&self);
	zone = nps_cell_not_null(&settings, "time_zone", TEXTOID);
	longest = nps_integer(&settings, "longest_promise_months");
	today = survey_today(nps_cell_text(&zone));

	if (!inserting)
	{
		NpsCell		due = nps_cell(old, "promised_for", DATEOID);

		for (int i = 0; i < (int) lengthof(fixed); i++)
			if (is_changed(old, &new, fixed[i]))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("column \"%s\" of a concern cannot be changed", fixed[i]),
						 errhint("Insert another concern.")));
		for (int i = 0; !due.is_null && nps_cell_date(&due) < today && i < (int) lengthof(promise); i++)
			if (is_changed(old, &new, promise[i]))
				ereport(ERROR,
						(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						 errmsg("a promise cannot be changed after its date"),
						 errdetail("It was promised for %s.", nps_cell_shown(&due)),
						 errhint("Set delivered_at or declined_at, and insert another concern for what is promised now.")));
	}

	for (int i = 0; i < (int) lengthof(times); i++)
		check_time(&new, times[i], "a concern", "Record what has happened; what is planned goes into planned_for.");
	if (nps_cell_is_null(&new, "delivered_at") && nps_cell_is_null(&new, "declined_at") &&
		(nps_cell_is_null(&new, "answer") || !nps_cell_is_null(&new, "promise")) && status != NULL &&
		strcmp(status, nps_status_names[NPS_NEW]) != 0 && strcmp(status, nps_status_names[NPS_CONTACTED]) != 0 &&
		(inserting || !nps_boolean(old, "is_open")))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an open concern cannot come to a case that is %s", status),
				 errhint("Set the status of the case to 'reopened' first.")));
	warn_of_promise(old, &new, today, longest);
	SPI_finish();
	return PointerGetDatum(new.tuple);
}

/* Can the one who acts see an answer of that respondent? */
static bool
has_answered(Relation table, NpsCell respondent)
{
	return nps_query(SPI_OK_SELECT, "answer", psprintf("SELECT FROM %s WHERE respondent %s $1", nps_beside(table, "answer"), nps_equality(respondent.type)),
					 1, &respondent, NPS_AS_NOW, NULL);
}

/*
 * nps_told_rules() returns trigger: BEFORE INSERT OR UPDATE on cause_told
 *
 * What a customer was told happened, and the customer is one who answered.
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
	/* a cause has another name: the foreign key says so, with the rights of the table's owner */
	if (!inserting && is_changed(&old, &new, "cause") && !InNoForceRLSOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"cause\" of \"cause_told\" cannot be changed"),
				 errhint("Insert another row.")));
	respondent = nps_cell(&new, "respondent", InvalidOid);
	if (respondent.is_null || nps_cell_is_null(&new, "told_at"))
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("what a customer was told needs a respondent and told_at"),
				 errhint("Set told_at in the view cause_customer.")));
	if (inserting || is_changed(&old, &new, "told_at"))
		check_time(&new, "told_at", "a cause", "Set the time at which the customer was told.");

	moved = !inserting && is_changed(&old, &new, "respondent");
	if (inserting || moved)
	{
		nps_connect();
		/* customers were merged: who it was is nobody any more */
		if (moved && has_answered(table, nps_cell_not_null(&old, "respondent", InvalidOid)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"respondent\" of \"cause_told\" cannot be changed"),
					 errhint("Insert another row.")));
		if (!has_answered(table, respondent))
			ereport(ERROR,
					(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					 errmsg("no answer is known of the respondent who was told"),
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
	NpsCell		parameters[lengthof(told_columns)];

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows cannot be inserted into or deleted from view \"%s\"", RelationGetRelationName(view)),
				 errhint("UPDATE it with told_at to record that a customer was told.")));
	nps_expect_columns(&new, told_columns, lengthof(told_columns));
	for (int i = 0; i < new.columns->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(new.columns, i)->attname);

		/* is_due follows from told_at */
		if (strcmp(name, "told_at") != 0 && strcmp(name, "told_by") != 0 && strcmp(name, "is_due") != 0 && is_changed(&old, &new, name))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of view \"%s\" cannot be set", name, RelationGetRelationName(view)),
					 errhint("Set told_at, and told_by if it was somebody else.")));
	}
	if (nps_cell_is_null(&new, "told_at"))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("told_at cannot be taken back"),
				 errhint("Set the time at which the customer was told.")));
	for (int i = 0; i < (int) lengthof(told_columns); i++)
		parameters[i] = nps_cell(&new, told_columns[i].name, told_columns[i].type);
	nps_connect();
	(void) nps_query(SPI_OK_INSERT, "cause_told",
					 psprintf("INSERT INTO %s (cause, respondent, told_at, told_by) VALUES ($1, $2, $3, $4) "
							  "ON CONFLICT (cause, respondent) DO UPDATE SET told_at = EXCLUDED.told_at, told_by = EXCLUDED.told_by",
							  nps_beside(view, "cause_told")),
					 lengthof(told_columns), parameters, NPS_AS_NOW, NULL);
	SPI_finish();
	return PointerGetDatum(new.tuple);
}
