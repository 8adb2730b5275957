/*
 * followup_lookup.c
 *		What the triggers of follow-up look up besides the row that they are called
 *		for.
 *
 * Answers are read with the rights of the acting role, and only as far as it may
 * see them; the survey's own tables with the rights of their owner.
 */
#include "followup.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* of work_time.c and followup_rules.c */
PGDLLEXPORT extern Datum nps_due(PG_FUNCTION_ARGS);
PGDLLEXPORT extern Datum nps_hours_between(PG_FUNCTION_ARGS);
PGDLLEXPORT extern Datum nps_deadline(PG_FUNCTION_ARGS);
PGDLLEXPORT extern Datum nps_days_in_force(PG_FUNCTION_ARGS);

/* The columns needed from the view followup_all, which computes no more than it is asked for. */
static const char *const shown_columns =
	"case_id, respondent, topic, response_id, responded_at::pg_catalog.timestamptz AS responded_at, opened_at, "
	"opening_score::pg_catalog.float8 AS opening_score, opening_at::pg_catalog.timestamptz AS opening_at, score::pg_catalog.float8 AS score, ended, ended_at, has_newer, is_gone, is_renewed, acknowledge_due, contact_due, "
	"first_contact_due, resolve_due, renewed_resolve_due, responsible, responsible_team, contactable, "
	"churned_at::pg_catalog.timestamptz AS churned_at, first_answer_at::pg_catalog.timestamptz AS first_answer_at, "
	"uncovered_since::pg_catalog.timestamptz AS uncovered_since, uncovered_until::pg_catalog.timestamptz AS uncovered_until, "
	"better_at::pg_catalog.timestamptz AS better_at, between_ids, is_broken_now, reopened_at, wants_contact";

/* The case as the view shows it to the acting role, before the row is written. */
NpsShown
nps_look_up_case(Relation beside, NpsCell case_id)
{
	NpsShown	shown;

	shown.found = nps_query_kept(RelationGetRelid(beside), "followup_all",
								 psprintf("SELECT %s FROM %s WHERE case_id %s $1", shown_columns, nps_beside(beside, "followup_all"),
										  nps_equality(case_id.type)),
								 1, &case_id, NPS_AS_NOW, &shown.row);
	return shown;
}

/* The value of a column in it; NULL if the view does not show the case. */
NpsCell
nps_shown(const NpsShown *shown, const char *name, Oid type)
{
	return shown->found ? nps_cell(&shown->row, name, type) : nps_null_cell(type);
}

int64
nps_shown_time(const NpsShown *shown, const char *name)
{
	NpsCell		time = nps_shown(shown, name, TIMESTAMPTZOID);

	return time.is_null || !nps_is_usable_time(nps_cell_time(&time)) ? NPS_NO_TIME : nps_cell_time(&time);
}

/* The settings, read with the rights of the table's owner. */
NpsSettings
nps_look_up_settings(Relation table)
{
	NpsSettings it;
	NpsOwner	self;
	NpsTable	survey;
	NpsTable	holiday;
	NpsRow		days;
	NpsCell		zone;

	nps_become_owner_of(table, &self);
	survey = nps_survey_table(table, "survey", AccessShareLock);
	if (!nps_query_on(&survey, SPI_OK_SELECT, psprintf("SELECT * FROM %s", survey.quoted), 0, NULL, NPS_AS_COMMITTED, &it.row))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the settings of the survey are gone"),
				 errhint("nps_attach(..., replace => true) makes them again.")));
	holiday = nps_survey_table(table, "holiday", AccessShareLock);
	it.holidays = nps_null_cell(DATEARRAYOID);
	if (nps_query_on(&holiday, SPI_OK_SELECT, psprintf("SELECT pg_catalog.array_agg(day) AS days FROM %s", holiday.quoted), 0, NULL,
					 NPS_AS_COMMITTED, &days))
		it.holidays = nps_cell(&days, "days", DATEARRAYOID);
	nps_become_caller(&self);
	zone = nps_cell_not_null(&it.row, "time_zone", TEXTOID);
	it.zone = nps_zone_from_text(DatumGetTextPP(zone.value));
	it.attempts = nps_integer(&it.row, "attempts");
	it.snooze_days = nps_integer(&it.row, "snooze_days");
	it.undo_hours = nps_integer(&it.row, "undo_hours");
	it.longest_promise_months = nps_integer(&it.row, "longest_promise_months");
	return it;
}

/* The table of settings, which the dated rules are found by. */
static Oid
survey_beside(Relation table)
{
	return get_relname_relid("survey", RelationGetNamespace(table));
}

/* The follow-up window of a case, as it was set when the answer was given that opened the case. */
int64
nps_window_of(Relation table, const NpsShown *shown)
{
	LOCAL_FCINFO(call, 3);
	int64		given = nps_shown_time(shown, "opening_at");

	InitFunctionCallInfoData(*call, NULL, 3, InvalidOid, NULL, NULL);
	call->args[0].value = ObjectIdGetDatum(survey_beside(table));
	call->args[0].isnull = false;
	call->args[1].value = CStringGetTextDatum("follow_up_days");
	call->args[1].isnull = false;
	call->args[2].value = TimestampTzGetDatum(given);
	call->args[2].isnull = given == NPS_NO_TIME;
	return DatumGetInt32(nps_days_in_force(call)) * USECS_PER_DAY;
}

/*
 * When a clock of the playbook runs out if it starts now, by the rule for the
 * answer that opened the case, which was given then.
 */
NpsCell
nps_deadline_from_now(Relation table, const char *clock, NpsCell opening_score, NpsCell given, bool wants_contact)
{
	LOCAL_FCINFO(call, 6);
	NpsCell		due = nps_null_cell(TIMESTAMPTZOID);

	if (opening_score.is_null)
		return due;
	InitFunctionCallInfoData(*call, NULL, 6, InvalidOid, NULL, NULL);
	call->args[0].value = ObjectIdGetDatum(survey_beside(table));
	call->args[0].isnull = false;
	call->args[1].value = CStringGetTextDatum(clock);
	call->args[1].isnull = false;
	call->args[2].value = Int32GetDatum((int32) floor(DatumGetFloat8(opening_score.value)));
	call->args[2].isnull = false;
	call->args[3].value = given.value;
	call->args[3].isnull = given.is_null;
	call->args[4].value = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	call->args[4].isnull = false;
	call->args[5].value = BoolGetDatum(wants_contact);
	call->args[5].isnull = false;
	due.value = nps_deadline(call);
	due.is_null = call->isnull;
	return due;
}

/* The number of concerns of a case that meet a condition; the time stands for $2. */
static int64
count_concerns(Relation table, NpsCell case_id, const char *which, int64 time)
{
	NpsCell		parameters[] = {case_id, nps_time_cell(time)};
	NpsOwner	self;
	NpsTable	concern;
	NpsRow		row;
	NpsCell		count = nps_null_cell(INT8OID);

	nps_become_owner_of(table, &self);
	concern = nps_survey_table(table, "concern", AccessShareLock);
	if (nps_query_on(&concern, SPI_OK_SELECT,
					 psprintf("SELECT pg_catalog.count(*) FROM %s WHERE case_id %s $1 AND %s", concern.quoted, nps_equality(case_id.type), which),
					 lengthof(parameters), parameters, NPS_AS_COMMITTED, &row))
		count = nps_cell(&row, "count", INT8OID);
	nps_become_caller(&self);
	return count.is_null ? 0 : nps_cell_bigint(&count);
}

/* The number of concerns that are still open. */
int64
nps_count_open_concerns(Relation table, NpsCell case_id)
{
	return count_concerns(table, case_id, "is_open AND $2 IS NOT NULL", 0);
}

/* Those of them that have a promise. */
int64
nps_count_open_promises(Relation table, NpsCell case_id)
{
	return count_concerns(table, case_id, "is_open AND promise IS NOT NULL AND $2 IS NOT NULL", 0);
}

/* Those of them that were raised since a time. */
int64
nps_count_concerns_since(Relation table, NpsCell case_id, int64 time)
{
	return count_concerns(table, case_id, "is_open AND raised_at OPERATOR(pg_catalog.>=) $2", time);
}

/* Is there any concern, open or settled? */
bool
nps_has_concerns(Relation table, NpsCell case_id)
{
	return count_concerns(table, case_id, "$2 IS NOT NULL", 0) > 0;
}

/*
 * The value must be in the list, which teams extend: the message of the foreign key
 * would say less.
 */
void
nps_expect_listed(Relation table, const char *list, const char *column, NpsCell value)
{
	NpsOwner	self;
	NpsTable	rows;
	NpsRow		row;
	char	   *others = NULL;

	nps_become_owner_of(table, &self);
	rows = nps_survey_table(table, list, AccessShareLock);
	if (!nps_query_on(&rows, SPI_OK_SELECT, psprintf("SELECT FROM %s WHERE %s OPERATOR(pg_catalog.=) $1", rows.quoted, column), 1, &value,
					  NPS_AS_COMMITTED, NULL) &&
		nps_query_on(&rows, SPI_OK_SELECT,
					 psprintf("SELECT pg_catalog.string_agg(%s, ', ' ORDER BY %s) AS others FROM %s", column, column, rows.quoted), 0, NULL,
					 NPS_AS_COMMITTED, &row))
	{
		others = nps_text(&row, "others");
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("there is no %s \"%s\"", column, nps_cell_text(&value)),
				 errdetail("The table %s lists %s.", list, others == NULL ? "none" : others),
				 errhint("Set one of these, or insert another row there.")));
	}
	nps_become_caller(&self);
}

/* Was the respondent asked for the reason in any of their cases? */
bool
nps_was_asked(Relation table, NpsCell respondent)
{
	NpsOwner	self;
	NpsTable	cases;
	bool		result;

	nps_become_owner_of(table, &self);
	cases = nps_survey_table(table, "followup_case", AccessShareLock);
	result = nps_query_on(&cases, SPI_OK_SELECT,
						  psprintf("SELECT FROM %s WHERE respondent %s $1 AND asked_at IS NOT NULL", cases.quoted, nps_equality(respondent.type)),
						  1, &respondent, NPS_AS_NOW, NULL);
	nps_become_caller(&self);
	return result;
}

/* Calls a function of working time with the survey's calendar. */
static NpsCell
by_calendar(PGFunction function, const NpsSettings *settings, NpsCell first, NpsCell second, Oid result)
{
	static const NpsColumn calendar[] = {
		{"time_zone", TEXTOID}, {"work_days", TEXTOID}, {"work_from", TIMEOID}, {"work_until", TIMEOID}
	};
	LOCAL_FCINFO(call, 7);
	FmgrInfo	info;
	NpsCell		cell = nps_null_cell(result);

	memset(&info, 0, sizeof(info));
	info.fn_addr = function;
	info.fn_nargs = 7;
	info.fn_mcxt = CurrentMemoryContext;
	InitFunctionCallInfoData(*call, &info, 7, InvalidOid, NULL, NULL);
	call->args[0].value = first.value;
	call->args[0].isnull = first.is_null;
	call->args[1].value = second.value;
	call->args[1].isnull = second.is_null;
	for (int i = 0; i < (int) lengthof(calendar); i++)
	{
		NpsCell		setting = nps_cell(&settings->row, calendar[i].name, calendar[i].type);

		call->args[2 + i].value = setting.value;
		call->args[2 + i].isnull = setting.is_null;
	}
	call->args[6].value = settings->holidays.value;
	call->args[6].isnull = settings->holidays.is_null;
	cell.value = function(call);
	cell.is_null = call->isnull;
	return cell;
}

/* The time at which that many hours (double precision) have passed since the start. */
NpsCell
nps_due_after(const NpsSettings *settings, NpsCell start, NpsCell hours)
{
	return by_calendar(nps_due, settings, start, hours, TIMESTAMPTZOID);
}

/* The working hours between two times; 0 if they cannot be computed. */
double
nps_hours_of(const NpsSettings *settings, int64 start, int64 until)
{
	NpsCell		hours = by_calendar(nps_hours_between, settings, nps_time_cell(start), nps_time_cell(until), FLOAT8OID);

	return hours.is_null ? 0 : DatumGetFloat8(hours.value);
}

/* Is this who the case's answer belongs to now? */
bool
nps_is_respondent_of_answer(Relation table, NpsCell case_id, NpsCell respondent)
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
