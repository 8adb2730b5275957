/*
 * followup_copy.c
 *		What whoever recorded a step still has of the case, who saves it again
 *		without reading it again.
 *
 * A step changes more than what was sent: times, who is responsible, what to do
 * next.  A program that counts versions itself and saves the same object once more
 * sends all that as it was, and means none of it.  So the row of a case keeps of
 * the row that was sent to the view what the step made something else of.  A value
 * that comes back from there, by whoever sent it, is no change.
 */
#include "followup.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* JavaScript knows times by the millisecond. */
#define USECS_PER_MSEC 1000

static NpsSending sending = {InvalidOid};

/* Are two values the same, as a program sends them back that knows times by the millisecond? */
bool
nps_comes_back(const NpsCell *shown, const NpsCell *sent)
{
	TimestampTz difference;

	if (nps_same_cells(shown, sent))
		return true;
	if (shown->type != TIMESTAMPTZOID || shown->is_null || sent->is_null || TIMESTAMP_NOT_FINITE(nps_cell_time(shown)) ||
		nps_cell_time(sent) % USECS_PER_MSEC != 0)
		return false;
	difference = nps_cell_time(shown) - nps_cell_time(sent);
	return difference > -USECS_PER_MSEC && difference < USECS_PER_MSEC;
}

/* Until nps_end_sending(), which is given the result, what is recorded in this table was sent as this row of a view. */
NpsSending
nps_begin_sending(Oid cases, const NpsRow *row)
{
	NpsSending	before = sending;

	sending.cases = cases;
	sending.row = row;
	return before;
}

void
nps_end_sending(NpsSending before)
{
	sending = before;
}

/* Is it of a type that a copy is kept of? */
static bool
is_kept(const NpsRow *row, const char *name)
{
	Oid			type;

	if (!nps_has_column(row, name))
		return false;
	type = nps_cell(row, name, InvalidOid).type;
	return type == TEXTOID || type == TIMESTAMPTZOID || type == INT4OID;
}

static void
append_copy(StringInfo copy, const NpsRow *row, const char *name)
{
	NpsCell		cell = nps_cell(row, name, InvalidOid);

	appendStringInfoString(copy, copy->len == 0 ? "{" : ",");
	escape_json(copy, name);
	appendStringInfoChar(copy, ':');
	if (cell.is_null)
		appendStringInfoString(copy, "null");
	else
		escape_json(copy, nps_cell_shown(&cell));
}

/* The copy that is left with whoever sent the step: all that is shown otherwise since.  NULL where no view was written. */
char *
nps_sender_copy(Relation cases, const NpsChanges *changes)
{
	StringInfoData copy;
	NpsCell		sent_id;
	NpsCell		recorded_id;

	if (sending.cases != RelationGetRelid(cases))
		return NULL;
	/* a trigger of the owner's may record something in another case */
	sent_id = nps_cell(sending.row, "case_id", InvalidOid);
	recorded_id = nps_changed_cell(changes, "case_id");
	if (sent_id.type != recorded_id.type || !nps_same_cells(&sent_id, &recorded_id))
		return NULL;
	initStringInfo(&copy);
	for (int i = 0; i < nps_case_column_count; i++)
	{
		const char *name = nps_case_columns[i].column.name;
		NpsCell		sent;
		NpsCell		recorded;

		if (!(nps_case_columns[i].traits & NPS_IS_SET) || strcmp(name, "version") == 0 || strcmp(name, "actor") == 0)
			continue;
		sent = nps_cell(sending.row, name, nps_case_columns[i].column.type);
		recorded = nps_changed_cell(changes, name);
		if (!nps_comes_back(&recorded, &sent))
			append_copy(&copy, sending.row, name);
	}
	for (int i = 0; i < nps_shown_column_count; i++)
		if ((nps_shown_columns[i].marks || !nps_shown_columns[i].moves) && is_kept(sending.row, nps_shown_columns[i].name))
			append_copy(&copy, sending.row, nps_shown_columns[i].name);
	appendStringInfoChar(&copy, '}');
	return copy.data;
}

/* Is the value that is sent the one in the copy? */
static bool
is_in_copy(const NpsCopy *copy, const NpsRow *new, const char *name)
{
	NpsCell		sent = nps_cell(new, name, InvalidOid);
	NpsCell		kept;
	JsonbValue	value;
	char	   *text;

	if (copy->columns == NULL || getKeyJsonValueFromContainer(&((Jsonb *) copy->columns)->root, name, strlen(name), &value) == NULL)
		return false;
	if (value.type != jbvString || sent.is_null)
		return value.type == jbvNull && sent.is_null;
	text = pnstrdup(value.val.string.val, value.val.string.len);
	if (sent.type != TIMESTAMPTZOID)
		return strcmp(text, nps_cell_shown(&sent)) == 0;
	kept = nps_time_cell(DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
																 Int32GetDatum(-1))));
	return nps_comes_back(&kept, &sent);
}

/* The copy of whoever recorded the last step of a case, if it is the one who sends a row now. */
NpsCopy
nps_copy_of(const NpsRow *current, const NpsRow *old, const NpsRow *new)
{
	NpsCopy		it = {NULL, false, false};
	char	   *line = nps_text(current, "before_step");
	char	   *last_actor = nps_text(current, "last_actor");
	char	   *actor = nps_text(new, "actor");
	char	   *copy;

	if (actor == NULL || actor[0] == '\0')
		actor = nps_acting_person();
	if (line == NULL || last_actor == NULL || strcmp(last_actor, actor) != 0)
		return it;
	line = pnstrdup(line, strcspn(line, "\n"));
	copy = strchr(line, '\t');
	copy = copy == NULL ? NULL : strchr(copy + 1, '\t');
	if (copy == NULL)
		return it;
	it.columns = (struct varlena *) DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(copy + 1)));
	it.counts_on = nps_integer(new, "version") != nps_integer(old, "version");
	for (int i = 0; i < nps_shown_column_count && !it.comes_back; i++)
		if (nps_shown_columns[i].marks && is_kept(new, nps_shown_columns[i].name))
		{
			NpsCell		shown = nps_cell(old, nps_shown_columns[i].name, InvalidOid);
			NpsCell		sent = nps_cell(new, nps_shown_columns[i].name, InvalidOid);

			it.comes_back = !nps_comes_back(&shown, &sent) && is_in_copy(&it, new, nps_shown_columns[i].name);
		}
	return it;
}

/*
 * Is a new value none, as it is what was sent before?  Of what can be set, only
 * where the rest of the row comes back as well: to set it again is a change.
 */
bool
nps_is_stale(const NpsCopy *copy, const NpsRow *new, const char *name)
{
	return (copy->comes_back || (copy->counts_on && !(nps_case_traits(name) & NPS_IS_SET))) && is_in_copy(copy, new, name);
}
