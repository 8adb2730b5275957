/*
 * case_columns.c
 *		The columns of a case, each with all that determines how the triggers treat
 *		it.
 */
#include "case_columns.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"

#define SET_AND_TOLD (NPS_IS_SET | NPS_IS_TOLD | NPS_IS_UNDONE)
#define FOLLOWS (NPS_IS_TOLD | NPS_IS_UNDONE)

/* In the order of the table, which hints use too. */
const NpsCaseColumn nps_case_columns[] = {
	{{"case_id", InvalidOid}, NPS_IS_KEY},
	{{"respondent", InvalidOid}, NPS_IS_KEY},
	{{"topic", TEXTOID}, NPS_IS_KEY},
	{{"version", INT4OID}, NPS_IS_SET | NPS_IS_DEFAULT},
	{{"status", TEXTOID}, SET_AND_TOLD | NPS_IS_DEFAULT},
	{{"assigned_to", TEXTOID}, SET_AND_TOLD | NPS_IS_OPEN},
	{{"team", TEXTOID}, SET_AND_TOLD | NPS_IS_OPEN},
	{{"channel", TEXTOID}, SET_AND_TOLD | NPS_IS_OPEN},
	{{"cause", TEXTOID}, SET_AND_TOLD | NPS_IS_WORK},
	{{"plan", TEXTOID}, SET_AND_TOLD | NPS_IS_OPEN | NPS_IS_WORK},
	{{"desired_outcome", TEXTOID}, SET_AND_TOLD | NPS_IS_OPEN | NPS_IS_WORK},
	{{"dismiss_reason", TEXTOID}, SET_AND_TOLD},
	{{"snoozed_until", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"waiting_since", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"acknowledged_at", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"asked_at", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"attempted_at", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"attempts", INT4OID}, FOLLOWS | NPS_IS_DEFAULT},
	{{"contacted_at", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"resolved_at", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"informed_at", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"closed_at", TIMESTAMPTZOID}, SET_AND_TOLD},
	{{"unreachable_at", TIMESTAMPTZOID}, FOLLOWS},
	{{"dismissed_at", TIMESTAMPTZOID}, FOLLOWS},
	{{"reopened_at", TIMESTAMPTZOID}, FOLLOWS},
	{{"note", TEXTOID}, NPS_IS_SET | NPS_IS_WORK},
	{{"actor", TEXTOID}, NPS_IS_SET},
	{{"last_note", TEXTOID}, NPS_IS_UNDONE},
	{{"last_note_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"last_actor", TEXTOID}, NPS_IS_UNDONE},
	{{"leased_to", TEXTOID}, NPS_IS_LEASE | NPS_IS_TOLD},
	{{"leased_until", TIMESTAMPTZOID}, NPS_IS_LEASE | NPS_IS_TOLD},
	{{"recorded", BOOLOID}, NPS_IS_DEFAULT},
	{{"worked_on", BOOLOID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"recorded_at", TIMESTAMPTZOID}, 0},
	{{"facts_until", TIMESTAMPTZOID}, 0},
	{{"facts_id", InvalidOid}, 0},
	{{"between_ids", TEXTOID}, 0},
	{{"opened_at", TIMESTAMPTZOID}, NPS_IS_KEY},
	{{"opening_score", FLOAT8OID}, 0},
	{{"opening_at", TIMESTAMPTZOID}, 0},
	{{"acknowledge_due", TIMESTAMPTZOID}, 0},
	{{"contact_due", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"renewed_due", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"resolve_due", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"inform_due", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"responsible", TEXTOID}, 0},
	{{"responsible_team", TEXTOID}, 0},
	{{"responsible_since", TIMESTAMPTZOID}, 0},
	{{"contactable", BOOLOID}, 0},
	{{"uncontactable_since", TIMESTAMPTZOID}, 0},
	{{"churned_at", TIMESTAMPTZOID}, 0},
	{{"ended", TEXTOID}, NPS_IS_UNDONE},
	{{"ended_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"stays_until", TIMESTAMPTZOID}, 0},
	{{"first_contacted_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"contact_entered_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"first_acknowledged_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"acknowledge_entered_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"covered_until", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"covered_id", InvalidOid}, NPS_IS_UNDONE},
	{{"covered_score", FLOAT8OID}, NPS_IS_UNDONE},
	{{"renewals", INT4OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"recontacted_in_time", INT4OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"recontacted_late", INT4OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"recontacted_backdated", INT4OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"left_renewed", BOOLOID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"attempts_since", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"attempts_running", INT4OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"attempt_days", INT4OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"first_resolved_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"first_resolve_due", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"resolve_entered_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"first_informed_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"first_inform_due", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"inform_entered_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"waited_hours", FLOAT8OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"snoozed_hours", FLOAT8OID}, NPS_IS_UNDONE | NPS_IS_DEFAULT},
	{{"snoozed_since", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"finished_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"finish_entered_at", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"finished_until", TIMESTAMPTZOID}, NPS_IS_UNDONE},
	{{"finished_id", InvalidOid}, NPS_IS_UNDONE},
	{{"open_promises", INT4OID}, NPS_IS_DEFAULT},
	{{"events", INT4OID}, NPS_IS_DEFAULT},
	{{"before_step", TEXTOID}, 0}
};

const int	nps_case_column_count = lengthof(nps_case_columns);

/* Columns that are written by mistake, or by which a copy is recognized. */
const NpsShownColumn nps_shown_columns[] = {
	{"responsible", "assigned_to", false, false},
	{"responsible_team", "team", false, false},
	{"channel_advised", "channel", false, false},
	{"cause_suggested", "cause", false, false},
	{"last_note", "note", false, true},
	{"last_note_at", NULL, true, true},
	{"last_actor", "actor", false, true},
	{"attempts", "attempted_at", false, true},
	{"next_step", "status", true, true},
	{"next_due", NULL, true, true},
	{"priority_reason", NULL, true, true},
	{"open_concerns", "the table concern", true, false}
};

const int	nps_shown_column_count = lengthof(nps_shown_columns);

/* Refuses rows that do not belong to a table of cases as nps_attach() makes it. */
void
nps_expect_case(const NpsRow *row)
{
	for (int i = 0; i < nps_case_column_count; i++)
	{
		NpsColumn	expected = nps_case_columns[i].column;

		/* usually columns are at their original places */
		if (i < row->columns->natts && !TupleDescAttr(row->columns, i)->attisdropped &&
			strcmp(NameStr(TupleDescAttr(row->columns, i)->attname), expected.name) == 0 &&
			(expected.type == InvalidOid || TupleDescAttr(row->columns, i)->atttypid == expected.type))
			continue;
		(void) nps_column(row, expected.name, expected.type);
	}
}

/* The traits of a column of a case; none for a column that somebody added. */
unsigned
nps_case_traits(const char *name)
{
	for (int i = 0; i < nps_case_column_count; i++)
		if (strcmp(nps_case_columns[i].column.name, name) == 0)
			return nps_case_columns[i].traits;
	return 0;
}

/* The columns that people set, for a hint. */
char *
nps_columns_to_set(void)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < nps_case_column_count; i++)
		if ((nps_case_columns[i].traits & NPS_IS_SET) && strcmp(nps_case_columns[i].column.name, "version") != 0)
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", nps_case_columns[i].column.name);
	return list.data;
}

/* What is known about a shown column; NULL for any other column. */
const NpsShownColumn *
nps_shown_column(const char *name)
{
	for (int i = 0; i < nps_shown_column_count; i++)
		if (strcmp(nps_shown_columns[i].name, name) == 0)
			return &nps_shown_columns[i];
	return NULL;
}
