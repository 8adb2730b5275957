/*
 * followup_copy.c
 *		The copy of a case that a program still has after recording a step, and
 *		saves again without reading it again.
 *
 * A step changes more than what was sent: times, who is responsible, what to do
 * next.  A program that counts versions itself and saves the same object once more
 * sends all these as they were, and does not mean to change them.  So the row of a
 * case keeps those values of the row sent to the view that the step replaced.  It
 * also keeps those of the same actor's earlier steps: a sender of only some columns
 * has the others as they were before all these steps.  If such a value comes back
 * from the same sender, it is not a change.
 */
#include "followup.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* JavaScript has times in milliseconds. */
#define USECS_PER_MSEC 1000

/* The most values of a column that are kept. */
#define MOST_COPIES 5

static NpsSending sending = {InvalidOid};

/* Are two values the same, if sent back by a program that has times in milliseconds? */
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

/* Until nps_end_sending(), which takes the result, this is the row being sent. */
NpsSending
nps_begin_sending(NpsSending now)
{
	NpsSending	before = sending;

	sending = now;
	return before;
}

void
nps_end_sending(NpsSending before)
{
	sending = before;
}

/* Is there such a column, of a type whose values are kept? */
static bool
is_kept(const NpsRow *row, const char *name)
{
	Oid			type;

	if (!nps_has_column(row, name))
		return false;
	type = nps_cell(row, name, InvalidOid).type;
	return type == TEXTOID || type == TIMESTAMPTZOID || type == INT4OID;
}

/* The copy stored with the last step of a case, if this actor recorded it; else NULL. */
static Jsonb *
copy_of_row(const NpsRow *row, const char *actor)
{
	char	   *line = nps_text(row, "before_step");
	char	   *last_actor = nps_text(row, "last_actor");
	char	   *copy;

	if (line == NULL || last_actor == NULL || strcmp(last_actor, actor) != 0)
		return NULL;
	line = pnstrdup(line, strcspn(line, "\n"));
	copy = strchr(line, '\t');
	copy = copy == NULL ? NULL : strchr(copy + 1, '\t');
	return copy == NULL ? NULL : DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(copy + 1)));
}

/* The values of a column in a copy; NULL if there are none. */
static JsonbContainer *
values_in_copy(Jsonb *copy, const char *name)
{
	JsonbValue	value;

	if (copy == NULL || !JB_ROOT_IS_OBJECT(copy) || getKeyJsonValueFromContainer(&copy->root, name, strlen(name), &value) == NULL ||
		value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data))
		return NULL;
	return value.val.binary.data;
}

/* One of them as text; NULL for NULL. */
static char *
text_in_copy(JsonbContainer *values, int number)
{
	JsonbValue *value = getIthJsonbValueFromContainer(values, number);

	return value == NULL || value->type != jbvString ? NULL : pnstrdup(value->val.string.val, value->val.string.len);
}

static bool
is_same_text(const char *left, const char *right)
{
	return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

/* Adds a column: the value that was sent, unless NULL, and the values kept before. */
static void
append_copy(StringInfo copy, const char *name, const NpsCell *sent, JsonbContainer *before)
{
	const char *values[MOST_COPIES];
	int			count = 0;

	if (sent != NULL)
		values[count++] = nps_cell_shown(sent);
	for (int i = 0; before != NULL && i < (int) JsonContainerSize(before) && count < MOST_COPIES; i++)
	{
		char	   *text = text_in_copy(before, i);

		if (sent == NULL || !is_same_text(text, values[0]))
			values[count++] = text;
	}
	if (count == 0)
		return;
	appendStringInfoString(copy, copy->len == 0 ? "{" : ",");
	escape_json(copy, name);
	for (int i = 0; i < count; i++)
	{
		appendStringInfoString(copy, i == 0 ? ":[" : ",");
		if (values[i] == NULL)
			appendStringInfoString(copy, "null");
		else
			escape_json(copy, values[i]);
	}
	appendStringInfoChar(copy, ']');
}

/*
 * The copy that the sender of the step still has: the values that are shown
 * differently since, and those kept before for columns that were not sent.  The
 * argument old is the case's row before the step, or NULL.  The result is NULL if
 * the step did not come through a view.
 */
char *
nps_sender_copy(Relation cases, const NpsRow *old, const NpsChanges *changes)
{
	StringInfoData copy;
	NpsCell		sent_id;
	NpsCell		recorded_id;
	NpsCell		actor = nps_changed_cell(changes, "last_actor");
	Jsonb	   *before;

	if (sending.cases != RelationGetRelid(cases))
		return NULL;
	/* one of the owner's triggers may record something in another case */
	sent_id = nps_cell(sending.row, "case_id", InvalidOid);
	recorded_id = nps_changed_cell(changes, "case_id");
	if (sent_id.type != recorded_id.type || !nps_same_cells(&sent_id, &recorded_id))
		return NULL;
	before = sending.whole || old == NULL || actor.is_null ? NULL : copy_of_row(old, nps_cell_text(&actor));
	initStringInfo(&copy);
	for (int i = 0; i < nps_case_column_count; i++)
	{
		const char *name = nps_case_columns[i].column.name;
		NpsCell		shown;
		NpsCell		sent;
		NpsCell		recorded;

		if (!(nps_case_columns[i].traits & NPS_IS_SET) || strcmp(name, "version") == 0 || strcmp(name, "actor") == 0)
			continue;
		shown = nps_cell(sending.old, name, nps_case_columns[i].column.type);
		sent = nps_cell(sending.row, name, nps_case_columns[i].column.type);
		recorded = nps_changed_cell(changes, name);
		/* a sender who sets it no longer has an older value of it */
		append_copy(&copy, name, nps_comes_back(&recorded, &sent) ? NULL : &sent,
					nps_comes_back(&shown, &sent) ? values_in_copy(before, name) : NULL);
	}
	for (int i = 0; i < nps_shown_column_count; i++)
	{
		const NpsShownColumn *column = &nps_shown_columns[i];

		if ((column->marks || !column->moves) && is_kept(sending.row, column->name))
		{
			NpsCell		sent = nps_cell(sending.row, column->name, InvalidOid);

			append_copy(&copy, column->name, &sent, values_in_copy(before, column->name));
		}
	}
	if (copy.len == 0)
		return NULL;
	appendStringInfoChar(&copy, '}');
	return copy.data;
}

/* Is the value being sent one of those in the copy? */
static bool
is_in_copy(const NpsCopy *copy, const NpsRow *new, const char *name)
{
	NpsCell		sent = nps_cell(new, name, InvalidOid);
	JsonbContainer *values = values_in_copy((Jsonb *) copy->columns, name);

	for (int i = 0; values != NULL && i < (int) JsonContainerSize(values); i++)
	{
		char	   *text = text_in_copy(values, i);
		NpsCell		kept;

		if (text == NULL || sent.is_null || sent.type != TIMESTAMPTZOID)
		{
			if (is_same_text(text, nps_cell_shown(&sent)))
				return true;
			continue;
		}
		kept = nps_time_cell(DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
																	 Int32GetDatum(-1))));
		if (nps_comes_back(&kept, &sent))
			return true;
	}
	return false;
}

/*
 * Do several times come back that the case had before?  Nobody sets a time to the
 * same instant again, and a second one with it.
 */
static bool
times_come_back(const NpsCopy *copy, const NpsRow *old, const NpsRow *new)
{
	int			count = 0;

	for (int i = 0; i < nps_case_column_count; i++)
	{
		const char *name = nps_case_columns[i].column.name;
		NpsCell		shown;
		NpsCell		sent;

		if (!(nps_case_columns[i].traits & NPS_IS_SET) || nps_case_columns[i].column.type != TIMESTAMPTZOID)
			continue;
		shown = nps_cell(old, name, TIMESTAMPTZOID);
		sent = nps_cell(new, name, TIMESTAMPTZOID);
		if (!sent.is_null && !nps_comes_back(&shown, &sent) && is_in_copy(copy, new, name))
			count++;
	}
	return count > 1;
}

/* The copy of the actor who recorded the last step of a case, if the same actor sends a row now. */
NpsCopy
nps_copy_of(const NpsRow *current, const NpsRow *old, const NpsRow *new)
{
	NpsCopy		it = {NULL, false, false};
	char	   *actor = nps_text(new, "actor");

	if (actor == NULL || actor[0] == '\0')
		actor = nps_acting_person();
	it.columns = (struct varlena *) copy_of_row(current, actor);
	if (it.columns == NULL)
		return it;
	it.counts_on = nps_integer(new, "version") != nps_integer(old, "version");
	for (int i = 0; i < nps_shown_column_count && !it.comes_back; i++)
		if (nps_shown_columns[i].marks && is_kept(new, nps_shown_columns[i].name))
		{
			NpsCell		shown = nps_cell(old, nps_shown_columns[i].name, InvalidOid);
			NpsCell		sent = nps_cell(new, nps_shown_columns[i].name, InvalidOid);

			it.comes_back = !nps_comes_back(&shown, &sent) && is_in_copy(&it, new, nps_shown_columns[i].name);
		}
	/* where the case has come to the same state once more, nothing else gives the copy away */
	it.comes_back = it.comes_back || times_come_back(&it, old, new);
	return it;
}

/*
 * Is a new value not a change, as it was sent before?  A column that can be set
 * counts only if the rest of the row comes back as well, since setting it again is
 * a change.
 */
bool
nps_is_stale(const NpsCopy *copy, const NpsRow *new, const char *name)
{
	return (copy->comes_back || (copy->counts_on && !(nps_case_traits(name) & NPS_IS_SET))) && is_in_copy(copy, new, name);
}
