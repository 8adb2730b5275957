/*
 * followup_undo.c
 *		Taking back one's own last step.
 *
 * The row of a case keeps what it was before its last steps, in one line for each,
 * the newest first: when the step was recorded, in microseconds, and the columns
 * that can be taken back, as JSON.  The newest line also has the copy of whoever
 * recorded the step (followup_copy.c).
 */
#include "followup.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* The most steps that are kept, however fast somebody records them. */
#define MOST_STEPS 20

/* A value as text that reads back unchanged, whatever the session's settings are. */
static char *
exact_text(const NpsCell *cell)
{
	if (cell->type == FLOAT8OID)
		return psprintf("%.17g", DatumGetFloat8(cell->value));
	return nps_cell_shown(cell);
}

/* The lines after the first one. */
static const char *
next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end == NULL || end[1] == '\0' ? NULL : end + 1;
}

/* The length of the part of a line that says what was before. */
static int
length_before(const char *line)
{
	size_t		length = strcspn(line, "\t\n");

	return (int) (length + (line[length] == '\t' ? 1 + strcspn(line + length + 1, "\t\n") : 0));
}

/*
 * The value of before_step after a step.  before is the row without what the step
 * sets; old is the previous row, or NULL; copy is the copy of whoever recorded the
 * step, or NULL.
 */
NpsCell
nps_remember_step(const NpsRow *before, const NpsRow *old, const NpsSettings *settings, const char *copy)
{
	int64		oldest = GetCurrentTransactionStartTimestamp() - settings->undo_hours * USECS_PER_HOUR;
	const char *line = old == NULL ? NULL : nps_text(old, "before_step");
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, INT64_FORMAT "\t{", (int64) GetCurrentTransactionStartTimestamp());
	for (int i = 0; i < nps_case_column_count; i++)
	{
		NpsCell		cell;

		if (!(nps_case_columns[i].traits & NPS_IS_UNDONE))
			continue;
		cell = nps_cell(before, nps_case_columns[i].column.name, nps_case_columns[i].column.type);
		if (cell.is_null)
			continue;
		if (text.data[text.len - 1] != '{')
			appendStringInfoChar(&text, ',');
		escape_json(&text, nps_case_columns[i].column.name);
		appendStringInfoChar(&text, ':');
		escape_json(&text, exact_text(&cell));
	}
	appendStringInfo(&text, "}%s%s\n", copy == NULL ? "" : "\t", copy == NULL ? "" : copy);
	for (int kept = 1; line != NULL && kept < MOST_STEPS && strtoll(line, NULL, 10) >= oldest; kept++)
	{
		appendBinaryStringInfo(&text, line, length_before(line));
		appendStringInfoChar(&text, '\n');
		line = next_line(line);
	}
	return nps_text_cell(text.data);
}

/*
 * The value of before_step after the same actor sent the last step once more, and
 * so has another copy.
 */
NpsCell
nps_renew_copy(const NpsRow *old, const char *copy)
{
	const char *line = nps_text(old, "before_step");
	const char *next = line == NULL ? NULL : next_line(line);

	if (line == NULL)
		return nps_null_cell(TEXTOID);
	return nps_text_cell(psprintf("%.*s%s%s\n%s", length_before(line), line, copy == NULL ? "" : "\t", copy == NULL ? "" : copy,
								  next == NULL ? "" : next));
}

/* Refuses to take back somebody else's step, or one that is too old. */
static void
check_undo(const NpsRow *old, const char *line, const char *actor, const NpsSettings *settings, const char *named)
{
	const char *last_actor = nps_text(old, "last_actor");

	if (line == NULL || strchr(line, '\t') == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("case \"%s\" has no step that could be taken back", named),
				 errhint("A note can tell what went wrong.")));
	if (last_actor == NULL || strcmp(last_actor, actor) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the last step of case \"%s\" is not yours", named),
				 errdetail("It was recorded by \"%s\".", last_actor == NULL ? "" : last_actor),
				 errhint("Whoever recorded it can take it back.")));
	if (strtoll(line, NULL, 10) < GetCurrentTransactionStartTimestamp() - settings->undo_hours * USECS_PER_HOUR)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the last step of case \"%s\" was too long ago to be taken back", named),
				 errdetail("It was recorded at %s.", timestamptz_to_str(strtoll(line, NULL, 10))),
				 errhint("How many hours it may be is a setting in the table survey.")));
}

/* The row without the last step, which must be the actor's own. */
HeapTuple
nps_undone_row(Relation table, const NpsRow *old, const char *actor, const NpsShown *shown, const NpsSettings *settings, const char *named)
{
	char	   *lines = nps_text(old, "before_step");
	NpsChanges	changes = nps_begin_changes(old);
	char	   *json;
	NpsCell		parameter;
	NpsRow		before;

	check_undo(old, lines, actor, settings, named);
	json = strchr(lines, '\t') + 1;
	parameter = nps_text_cell(pnstrdup(json, strcspn(json, "\t\n")));
	if (!nps_query(SPI_OK_SELECT, "followup_case",
				   psprintf("SELECT * FROM pg_catalog.jsonb_populate_record(NULL::%s, $1::pg_catalog.jsonb)", nps_beside(table, "followup_case")),
				   1, &parameter, NPS_AS_NOW, &before))
		elog(ERROR, "the step before cannot be read");
	if (!nps_cell_is_null(old, "finished_at") && nps_cell_is_null(&before, "finished_at"))
	{
		NpsCell		has_newer = nps_shown(shown, "has_newer", BOOLOID);

		if (!has_newer.is_null && DatumGetBool(has_newer.value))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the last step of case \"%s\" cannot be taken back", named),
					 errdetail("It finished the case, and there is a newer case of the same respondent."),
					 errhint("Go on with the newer one.")));
	}
	/* concerns raised since would be in a case that is over */
	if (((nps_cell_is_null(old, "finished_at") && !nps_cell_is_null(&before, "finished_at")) ||
		 (nps_cell_is_null(old, "ended") && !nps_cell_is_null(&before, "ended"))) &&
		nps_count_concerns_since(table, nps_cell(old, "case_id", InvalidOid), strtoll(lines, NULL, 10)) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the last step of case \"%s\" cannot be taken back", named),
				 errdetail("The case would be over, and a concern was raised since."),
				 errhint("Give each concern an answer, or set delivered_at or declined_at, in the table concern.")));
	for (int i = 0; i < nps_case_column_count; i++)
	{
		NpsColumn	column = nps_case_columns[i].column;

		if (nps_case_columns[i].traits & NPS_IS_UNDONE)
		{
			NpsCell		cell = nps_cell(&before, column.name, column.type);

			nps_change(&changes, column.name, cell);
		}
	}
	/* a concern added since is work, too, and is not taken back */
	if (!nps_boolean(&before, "worked_on") && nps_has_concerns(table, nps_cell(old, "case_id", InvalidOid)))
		nps_change(&changes, "worked_on", nps_boolean_cell(true));
	nps_change(&changes, "version", nps_integer_cell(nps_integer(old, "version") + 1));
	nps_change(&changes, "before_step", nps_text_cell(next_line(lines)));
	/* the row that it was read from is freed with the query */
	return heap_copytuple(nps_changed_row(&changes));
}
