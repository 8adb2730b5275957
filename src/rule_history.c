/*
 * rule_history.c
 *		Triggers on the tables of rules: before a rule changes, the cases that it
 *		judged become facts; afterwards the old rule goes into the history of rules.
 *
 * As long as nobody has recorded a step, nothing was judged, and rules are just
 * replaced.
 */
#include "survey_query.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* Did anybody record a step?  Must be called as the owner. */
static bool
is_recorded(Relation table)
{
	NpsTable	cases = nps_survey_table(table, "followup_case", AccessShareLock);

	return nps_query_on(&cases, SPI_OK_SELECT, psprintf("SELECT FROM %s WHERE recorded LIMIT 1", cases.quoted), 0, NULL, NPS_AS_NOW, NULL);
}

/* The table of rules that the last statement on such tables loads. */
static Oid	loaded_table = InvalidOid;

/*
 * Does the statement load an empty table, as a data-only restore does?  Such rules
 * have not judged anything here yet, whatever cases were loaded before them.  Must
 * be called as the owner.
 */
static bool
is_load(TriggerData *trigger)
{
	Relation	table = trigger->tg_relation;
	NpsTable	itself;

	if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event) || ActivePortal == NULL || ActivePortal->commandTag != CMDTAG_COPY)
		return false;
	itself = nps_survey_table(table, RelationGetRelationName(table), AccessShareLock);
	return !nps_query_on(&itself, SPI_OK_SELECT, psprintf("SELECT FROM %s LIMIT 1", itself.quoted), 0, NULL, NPS_AS_NOW, NULL);
}

static bool
has_cases(Relation table)
{
	return OidIsValid(get_relname_relid("followup_case", RelationGetNamespace(table)));
}

/*
 * nps_before_rules_change() returns trigger: BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE
 * on playbook, survey, holiday, team_member and cause, for each statement
 *
 * Stores the state that follows from the present rules, with the rights of the
 * owner.
 */
PG_FUNCTION_INFO_V1(nps_before_rules_change);
Datum
nps_before_rules_change(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_before_rules_change", "BEFORE triggers for each statement on the tables playbook, survey, holiday, team_member and cause",
		TRIGGER_EVENT_BEFORE, NPS_ON(INSERT) | NPS_ON(UPDATE) | NPS_ON(DELETE) | NPS_ON(TRUNCATE), false, 0, "r",
		{"playbook", "survey", "holiday", "team_member", "cause"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	Relation	table = trigger->tg_relation;
	NpsOwner	self;

	if (!has_cases(table))
		return PointerGetDatum(NULL);
	nps_connect();
	nps_become_owner_of(table, &self);
	if (is_load(trigger))
		loaded_table = RelationGetRelid(table);
	else if (loaded_table == RelationGetRelid(table))
		loaded_table = InvalidOid;
	if (loaded_table != RelationGetRelid(table) && is_recorded(table))
	{
		NpsCell		survey = nps_text_cell(get_namespace_name(RelationGetNamespace(table)));

		(void) nps_query(SPI_OK_SELECT, "survey",
						 psprintf("SELECT %s($1)", quote_qualified_identifier(get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid)),
																			 "nps_record_if_possible")),
						 1, &survey, NPS_AS_NOW, NULL);
	}
	nps_become_caller(&self);
	SPI_finish();
	return PointerGetDatum(NULL);
}

/* Puts the old row into the table past_name, with the time until which it was in force. */
static void
keep_old(Relation table, const NpsRow *old, const char *past_name, const NpsColumn *columns, int count, bool was_there)
{
	NpsCell		parameters[8];
	StringInfoData names;
	StringInfoData values;
	NpsTable	past = nps_survey_table(table, past_name, RowExclusiveLock);

	nps_expect_trusted_triggers(&past);
	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < count; i++)
	{
		bool		is_key = strncmp(columns[i].name, "score_", 6) == 0;

		/* before there was a rule, nothing was followed up */
		parameters[i] = was_there || is_key ? nps_cell(old, columns[i].name, columns[i].type)
			: columns[i].type == BOOLOID ? nps_boolean_cell(false) : nps_null_cell(columns[i].type);
		appendStringInfo(&names, ", %s", columns[i].name);
		appendStringInfo(&values, ", $%d", i + 1);
	}
	(void) nps_query_on(&past, SPI_OK_INSERT,
						psprintf("INSERT INTO %s (until%s) VALUES (pg_catalog.clock_timestamp()%s) ON CONFLICT DO NOTHING", past.quoted, names.data, values.data),
						count, parameters, NPS_AS_NOW, NULL);
}

/*
 * nps_rule_history() returns trigger: AFTER INSERT OR UPDATE OR DELETE on playbook, AFTER
 * UPDATE on survey, for each row
 */
PG_FUNCTION_INFO_V1(nps_rule_history);
Datum
nps_rule_history(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_rule_history", "AFTER triggers for each row of the tables playbook and survey",
		TRIGGER_EVENT_AFTER, NPS_ON(INSERT) | NPS_ON(UPDATE) | NPS_ON(DELETE), true, 0, "r", {"playbook", "survey"}
	};
	static const NpsColumn rule[] = {
		{"score_from", INT2OID}, {"score_to", INT2OID}, {"follow_up", BOOLOID}, {"acknowledge_hours", INT4OID}, {"contact_hours", INT4OID}, {"resolve_hours", INT4OID}
	};
	static const NpsColumn days[] = {{"follow_up_days", INT4OID}, {"renew_after_days", INT4OID}};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	Relation	table = trigger->tg_relation;
	bool		is_playbook = strcmp(RelationGetRelationName(table), "playbook") == 0;
	const NpsColumn *columns = is_playbook ? rule : days;
	int			count = is_playbook ? lengthof(rule) : lengthof(days);
	NpsRow		old = nps_row(trigger->tg_trigtuple, table);
	bool		differs = !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	NpsOwner	self;

	nps_expect_columns(&old, columns, count);
	if (!differs)
	{
		NpsRow		new = nps_row(trigger->tg_newtuple, table);

		for (int i = 0; i < count; i++)
		{
			NpsCell		before = nps_cell(&old, columns[i].name, columns[i].type);
			NpsCell		after = nps_cell(&new, columns[i].name, columns[i].type);

			differs = differs || !nps_same_cells(&before, &after);
		}
	}
	if (!differs || loaded_table == RelationGetRelid(table) || !has_cases(table) || (!is_playbook && !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)))
		return PointerGetDatum(NULL);
	nps_connect();
	nps_become_owner_of(table, &self);
	if (is_recorded(table))
		keep_old(table, &old, is_playbook ? "playbook_past" : "survey_past", columns, count, !TRIGGER_FIRED_BY_INSERT(trigger->tg_event));
	nps_become_caller(&self);
	SPI_finish();
	return PointerGetDatum(NULL);
}
