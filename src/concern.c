/*
 * concern.c
 *		The rules of concerns and promises.
 *
 * A promise past its date stays broken: neither it nor its date can be changed
 * afterwards.
 */
#include "survey_table.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "case_rules.h"

/* The status of the case, which cannot change until the transaction ends; read with the owner's rights. */
static char *
locked_status(Relation table, Oid type, Datum case_id)
{
	if (SPI_execute_with_args(psprintf("SELECT status FROM %s WHERE case_id %s $1 FOR NO KEY UPDATE",
									   survey_table(table, "followup_case"), equality_operator(type)),
							  1, &type, &case_id, NULL, false, 1) != SPI_OK_SELECT || SPI_processed == 0)
		return NULL;
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
}

/*
 * Makes the case of a new concern, or takes it on if only programs have touched
 * it; as the one who acts, who learns nothing of a case that they may not see.
 */
static void
make_case(Relation table, Oid type, Datum case_id)
{
	char	   *cases = survey_table(table, "followup_case");
	char	   *equal_id = equality_operator(type);
	int			status;

	status = SPI_execute_with_args(psprintf("SELECT taken FROM %s WHERE case_id %s $1", cases, equal_id), 1, &type, &case_id, NULL, false, 1);
	if (status != SPI_OK_SELECT)
		elog(ERROR, "cannot read the case: %s", SPI_result_code_string(status));
	if (SPI_processed > 0)
		status = SPI_execute_with_args(psprintf("UPDATE %s SET taken = true WHERE case_id %s $1 AND NOT taken", cases, equal_id),
									   1, &type, &case_id, NULL, false, 0);
	else
		status = SPI_execute_with_args(psprintf("INSERT INTO %s (case_id, taken) VALUES ($1, true) ON CONFLICT (case_id) DO NOTHING", cases),
									   1, &type, &case_id, NULL, false, 0);
	if (status != SPI_OK_INSERT && status != SPI_OK_UPDATE)
		elog(ERROR, "cannot make a case: %s", SPI_result_code_string(status));
}

/* A time of a concern has happened. */
static void
check_time(HeapTuple new, TupleDesc columns, const char *name)
{
	bool		is_null;
	Datum		value = column_value(new, columns, name, TIMESTAMPTZOID, &is_null);

	if (!is_null && (!nps_is_usable_time(DatumGetTimestampTz(value)) ||
					 DatumGetTimestampTz(value) > GetCurrentTimestamp() + NPS_CLOCK_TOLERANCE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of a concern cannot be \"%s\"", name, timestamptz_to_str(DatumGetTimestampTz(value))),
				 errhint("Record what has happened; what is planned goes into planned_for.")));
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
	static const char *const fixed[] = {"concern_id", "case_id", "raised_at"};
	static const char *const promise[] = {"promise", "promised_for"};
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_BEFORE, true);
	bool		inserting = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	Relation	table = trigger->tg_relation;
	TupleDesc	columns = RelationGetDescr(table);
	HeapTuple	old = inserting ? NULL : trigger->tg_trigtuple;
	HeapTuple	new = inserting ? trigger->tg_trigtuple : trigger->tg_newtuple;
	Form_pg_attribute id = column_of(columns, "case_id", InvalidOid);
	Impersonation self;
	Datum		case_id;
	Datum		due;
	bool		is_null;
	bool		no_answer,
				no_promise,
				no_date,
				undelivered,
				undeclined;
	char	   *zone;
	char	   *status;
	int32		longest;
	DateADT		today;

	case_id = column_value(new, columns, "case_id", InvalidOid, &is_null);
	if (is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a concern needs a case_id"),
				 errhint("The view followup tells the case_id of each customer.")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	if (inserting)
		make_case(table, id->atttypid, case_id);

	become_owner(table, &self);
	status = locked_status(table, id->atttypid, case_id);
	if (SPI_execute(psprintf("SELECT time_zone, longest_promise_months::pg_catalog.int4 FROM %s", survey_table(table, "survey")), true, 1) != SPI_OK_SELECT ||
		SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the settings of the survey are gone"),
				 errhint("nps_attach(..., replace => true) makes them again.")));
	become_self(&self);
	zone = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	longest = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null));
	today = survey_today(zone);

	if (!inserting)
	{
		for (int i = 0; i < (int) lengthof(fixed); i++)
		{
			Form_pg_attribute attribute = column_of(columns, fixed[i], InvalidOid);
			bool		old_null;
			Datum		old_value = column_value(old, columns, fixed[i], InvalidOid, &old_null);
			Datum		new_value = column_value(new, columns, fixed[i], InvalidOid, &is_null);

			if (!same_value(attribute, old_value, old_null, new_value, is_null))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("column \"%s\" of a concern cannot be changed", fixed[i]),
						 errhint("Insert another concern.")));
		}
		due = column_value(old, columns, "promised_for", DATEOID, &is_null);
		for (int i = 0; !is_null && DatumGetDateADT(due) < today && i < (int) lengthof(promise); i++)
		{
			Form_pg_attribute attribute = column_of(columns, promise[i], InvalidOid);
			bool		old_null,
						new_null;
			Datum		old_value = column_value(old, columns, promise[i], InvalidOid, &old_null);
			Datum		new_value = column_value(new, columns, promise[i], InvalidOid, &new_null);

			if (!same_value(attribute, old_value, old_null, new_value, new_null))
				ereport(ERROR,
						(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						 errmsg("a promise cannot be changed after its date"),
						 errdetail("It was promised for %s.", value_text(column_of(columns, "promised_for", DATEOID), due)),
						 errhint("Set delivered_at or declined_at, and insert another concern for what is promised now.")));
		}
	}

	check_time(new, columns, "delivered_at");
	check_time(new, columns, "declined_at");
	check_time(new, columns, "told_at");
	(void) column_value(new, columns, "answer", TEXTOID, &no_answer);
	(void) column_value(new, columns, "promise", TEXTOID, &no_promise);
	(void) column_value(new, columns, "delivered_at", TIMESTAMPTZOID, &undelivered);
	(void) column_value(new, columns, "declined_at", TIMESTAMPTZOID, &undeclined);
	if (undelivered && undeclined && (no_answer || !no_promise) && status != NULL &&
		strcmp(status, nps_status_names[NPS_NEW]) != 0 && strcmp(status, nps_status_names[NPS_CONTACTED]) != 0 &&
		(inserting || !DatumGetBool(column_value(old, columns, "is_open", BOOLOID, &is_null))))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("an open concern cannot come to a case that is %s", status),
				 errhint("Set the status of the case to 'reopened' first.")));

	due = column_value(new, columns, "promised_for", DATEOID, &no_date);
	if (!no_date)
	{
		bool		same = false;
		int			year,
					month,
					day;
		DateADT		latest;

		if (!inserting)
		{
			Datum		before = column_value(old, columns, "promised_for", DATEOID, &is_null);

			same = !is_null && DatumGetDateADT(before) == DatumGetDateADT(due);
		}
		j2date(today + POSTGRES_EPOCH_JDATE, &year, &month, &day);
		month += longest;
		/* the day may not be in that month, and is then the next month's first days */
		latest = date2j(year + (month - 1) / 12, (month - 1) % 12 + 1, day) - POSTGRES_EPOCH_JDATE;
		if (!same && DatumGetDateADT(due) > latest)
			ereport(WARNING,
					(errmsg("the promise is more than %d months off", longest),
					 errhint("Promise something nearer, or tell the customer when there will be news.")));
	}
	SPI_finish();
	return PointerGetDatum(new);
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
	TriggerData *trigger = expect_trigger(fcinfo, TRIGGER_EVENT_INSTEAD, true);
	Relation	view = trigger->tg_relation;
	TupleDesc	columns = RelationGetDescr(view);
	Oid			types[4] = {TEXTOID, InvalidOid, TIMESTAMPTZOID, TEXTOID};
	Datum		values[4];
	bool		is_null;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows cannot be inserted into or deleted from view \"%s\"", RelationGetRelationName(view)),
				 errhint("UPDATE it with told_at to record that a customer was told.")));
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(columns, i);
		const char *name = NameStr(attribute->attname);
		bool		old_null,
					new_null;
		Datum		old_value = heap_getattr(trigger->tg_trigtuple, i + 1, columns, &old_null);
		Datum		new_value = heap_getattr(trigger->tg_newtuple, i + 1, columns, &new_null);

		/* is_due follows from told_at */
		if (strcmp(name, "told_at") != 0 && strcmp(name, "told_by") != 0 && strcmp(name, "is_due") != 0 &&
			!same_value(attribute, old_value, old_null, new_value, new_null))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of view \"%s\" cannot be set", name, RelationGetRelationName(view)),
					 errhint("Set told_at, and told_by if it was somebody else.")));
	}
	values[2] = column_value(trigger->tg_newtuple, columns, "told_at", TIMESTAMPTZOID, &is_null);
	if (is_null)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("told_at cannot be taken back"),
				 errhint("Set the time at which the customer was told.")));
	values[0] = column_value(trigger->tg_newtuple, columns, "cause", TEXTOID, &is_null);
	types[1] = column_of(columns, "respondent", InvalidOid)->atttypid;
	values[1] = column_value(trigger->tg_newtuple, columns, "respondent", InvalidOid, &is_null);
	values[3] = column_value(trigger->tg_newtuple, columns, "told_by", TEXTOID, &is_null);
	if (is_null)
		values[3] = CStringGetTextDatum(acting_person());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	if (SPI_execute_with_args(psprintf("INSERT INTO %s (cause, respondent, told_at, told_by) VALUES ($1, $2, $3, $4) "
									   "ON CONFLICT (cause, respondent) DO UPDATE SET told_at = EXCLUDED.told_at, told_by = EXCLUDED.told_by",
									   survey_relation(view, "cause_told")),
							  4, types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "cannot record that a customer was told");
	SPI_finish();
	return PointerGetDatum(trigger->tg_newtuple);
}
