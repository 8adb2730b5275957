/*
 * followup.c
 *		UPDATE on the views followup and followup_all, translated to the row of the
 *		case.
 *
 * Recorded columns and shown columns are different ones, and a program that sends
 * back what it read changes nothing: only a value that differs is set.  Computed
 * columns come back as they are, or as they were a while ago; any other value in
 * one of them is an error that names the column to set instead.
 */
#include "followup.h"

#include "access/sysattr.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/bitmapset.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* More columns than this cannot be set. */
#define MOST_SET 32

/* What an UPDATE sets. */
typedef struct Setting
{
	int			count;
	const char *names[MOST_SET];
	NpsCell		values[MOST_SET];
	const NpsShownColumn *shown[MOST_SET];	/* with a new value: a mistake, unless stale */
	int			shown_count;
} Setting;

static void
set_column(Setting *it, const char *name, NpsCell value)
{
	if (it->count >= MOST_SET)
		elog(ERROR, "too many columns");
	it->names[it->count] = name;
	it->values[it->count] = value;
	it->count++;
}

static int
find_setting(const Setting *it, const char *name)
{
	for (int i = 0; i < it->count; i++)
		if (strcmp(it->names[i], name) == 0)
			return i;
	return -1;
}

static void
drop_setting(Setting *it, const char *name)
{
	int			at = find_setting(it, name);

	if (at < 0)
		return;
	it->count--;
	for (int i = at; i < it->count; i++)
	{
		it->names[i] = it->names[i + 1];
		it->values[i] = it->values[i + 1];
	}
}

/*
 * nps_followup_columns() returns trigger: BEFORE UPDATE on followup and followup_all, for
 * each statement
 *
 * Refuses a statement that cannot record anything.
 */
PG_FUNCTION_INFO_V1(nps_followup_columns);
Datum
nps_followup_columns(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_followup_columns", "BEFORE UPDATE triggers for each statement on the views followup and followup_all",
		TRIGGER_EVENT_BEFORE, NPS_ON(UPDATE), false, 0, "v", {"followup", "followup_all"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	TupleDesc	columns = RelationGetDescr(trigger->tg_relation);
	const char *computed = NULL;
	const char *instead = NULL;
	int			member = -1;

	while ((member = bms_next_member(trigger->tg_updatedcols, member)) >= 0)
	{
		int			number = member + FirstLowInvalidHeapAttributeNumber;
		const char *name = number > 0 && number <= columns->natts ? NameStr(TupleDescAttr(columns, number - 1)->attname) : "";
		const NpsShownColumn *shown = nps_shown_column(name);

		if (nps_case_traits(name) & NPS_IS_SET)
			return PointerGetDatum(NULL);
		computed = name;
		if (instead == NULL && shown != NULL)
			instead = shown->instead;
	}
	if (computed != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of view \"%s\" is shown, not recorded", computed, RelationGetRelationName(trigger->tg_relation)),
				 instead != NULL ? errhint("Set %s.", instead) : errhint("Set %s.", nps_columns_to_set())));
	return PointerGetDatum(NULL);
}

/* A program that saves what it read some time ago must not overwrite later changes of others. */
static void
expect_current(Relation view, const NpsRow *old, const NpsRow *new, NpsCell case_id)
{
	NpsCell		shown = nps_cell_not_null(old, "response_id", InvalidOid);
	NpsCell		sent = nps_cell(new, "response_id", InvalidOid);
	const char *named = nps_cell_shown(&case_id);

	nps_expect_version(view, case_id, nps_integer(old, "version"), nps_integer(new, "version"), named);
	if (!nps_same_cells(&shown, &sent))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a newer answer arrived in case \"%s\"", named),
				 errdetail("It is \"%s\".", nps_cell_shown(&shown)),
				 errhint("Read the case again, and decide whether your change is still right.")));
}

/* What the statement sets, and which of the shown columns have a new value. */
static Setting
what_is_set(const NpsRow *old, const NpsRow *new)
{
	Setting		it;

	it.count = it.shown_count = 0;
	for (int i = 0; i < new->columns->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(new->columns, i)->attname);
		const NpsShownColumn *shown = nps_shown_column(name);
		NpsCell		old_cell = nps_cell_at(old, i + 1);
		NpsCell		new_cell = nps_cell_at(new, i + 1);

		if (strcmp(name, "version") == 0 || nps_comes_back(&old_cell, &new_cell))
			continue;
		if (nps_case_traits(name) & NPS_IS_SET)
			set_column(&it, name, new_cell);
		else if (shown != NULL && !shown->moves && it.shown_count < MOST_SET)
			it.shown[it.shown_count++] = shown;
	}
	return it;
}

/* Is nothing set?  The actor alone is nothing to record. */
static bool
sets_nothing(const Setting *it)
{
	return it->count == 0 || (it->count == 1 && strcmp(it->names[0], "actor") == 0);
}

/*
 * Drops values that come back from a copy older than the last step; any other new
 * value of a shown column is an error.  Returns whether the row is such a copy.
 */
static bool
drop_stale(Setting *it, Relation view, const NpsRow *current, const NpsRow *old, const NpsRow *new)
{
	NpsCopy		copy = {NULL, false, false};

	if (current != NULL)
		copy = nps_copy_of(current, old, new);
	for (int i = 0; i < it->shown_count; i++)
		if (!nps_is_stale(&copy, new, it->shown[i]->name))
		{
			NpsCell		shown = nps_cell(old, it->shown[i]->name, InvalidOid);

			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of view \"%s\" is shown, not recorded", it->shown[i]->name, RelationGetRelationName(view)),
					 errdetail("It is \"%s\" now.", shown.is_null ? "NULL" : nps_cell_shown(&shown)),
					 errhint("Set %s to record it; if it was not meant to change, read the case again.", it->shown[i]->instead)));
		}
	for (int i = it->count - 1; i >= 0; i--)
		if (nps_is_stale(&copy, new, it->names[i]))
			drop_setting(it, it->names[i]);
	return copy.comes_back;
}

/*
 * The status "renewed" is shown, not stored.  Contacting or resolving a renewed
 * case again sets a new time for the status that it already has.
 */
static void
set_again(Relation view, Setting *it, NpsCell case_id, const NpsRow *current)
{
	static const char *const statuses[][2] = {{"contacted", "contacted_at"}, {"resolved", "resolved_at"}};
	int			at = find_setting(it, "status");
	char	   *status = at < 0 || it->values[at].is_null ? NULL : nps_cell_text(&it->values[at]);
	char	   *stored = nps_text(current, "status");

	for (int i = 0; status != NULL && i < (int) lengthof(statuses); i++)
		if (strcmp(status, statuses[i][0]) == 0 && (i == 0 || strcmp(stored, status) == 0))
		{
			NpsShown	shown = nps_look_up_case(view, case_id);
			int64		newest = nps_shown_time(&shown, "responded_at");
			TimestampTz now = GetCurrentTransactionStartTimestamp();
			NpsCell		before = nps_cell(current, statuses[i][1], TIMESTAMPTZOID);

			/* it must be a new time, even in the same transaction as the previous one */
			if (!before.is_null && nps_cell_time(&before) == now)
				now = GetCurrentTimestamp();
			/* an answer that came since was visible to whoever made contact */
			if (newest != NPS_NO_TIME && newest > now && newest <= GetCurrentTimestamp())
				now = newest;
			drop_setting(it, "status");
			if (find_setting(it, statuses[i][1]) < 0)
				set_column(it, statuses[i][1], nps_time_cell(now));
			return;
		}
}

/* Does it have the same columns as the view, so that it can stand for one of its rows? */
static bool
is_row_of(const NpsRow *row, TupleDesc columns)
{
	if (row->columns->natts != columns->natts)
		return false;
	for (int i = 0; i < columns->natts; i++)
		if (TupleDescAttr(row->columns, i)->atttypid != TupleDescAttr(columns, i)->atttypid ||
			TupleDescAttr(row->columns, i)->attisdropped != TupleDescAttr(columns, i)->attisdropped ||
			strcmp(NameStr(TupleDescAttr(row->columns, i)->attname), NameStr(TupleDescAttr(columns, i)->attname)) != 0)
			return false;
	return true;
}

/* The row as the view shows it now; if the case has left the view, as followup_all shows it. */
static HeapTuple
row_afterwards(Relation view, const NpsRow *new, NpsCell case_id)
{
	static const char *const views[] = {NULL, "followup_all"};
	NpsRow		row;
	NpsChanges	changes;

	for (int i = 0; i < (int) lengthof(views); i++)
	{
		const char *name = views[i] != NULL ? views[i] : RelationGetRelationName(view);
		char	   *query = psprintf("SELECT * FROM %s WHERE case_id %s $1", nps_beside(view, name), nps_equality(case_id.type));

		if (i > 0 ? !nps_query(SPI_OK_SELECT, name, query, 1, &case_id, NPS_AS_NOW, &row)
			: !nps_query_kept(RelationGetRelid(view), new->of, query, 1, &case_id, NPS_AS_NOW, &row))
			continue;
		if (i == 0)
		{
			if (!is_row_of(&row, new->columns))
				ereport(ERROR,
						(errcode(ERRCODE_DATATYPE_MISMATCH),
						 errmsg("view \"%s\" was replaced meanwhile", new->of),
						 errhint("Try again.")));
			return heap_copytuple(row.tuple);
		}
		changes = nps_begin_changes(new);
		for (int j = 0; j < new->columns->natts; j++)
		{
			Form_pg_attribute attribute = TupleDescAttr(new->columns, j);

			if (!attribute->attisdropped && nps_has_column(&row, NameStr(attribute->attname)))
				nps_change(&changes, NameStr(attribute->attname), nps_cell(&row, NameStr(attribute->attname), attribute->atttypid));
		}
		return nps_changed_row(&changes);
	}
	return heap_copytuple(new->tuple);
}

/* Somebody has changed the case since the statement read it. */
static void
report_race(NpsCell case_id, Relation view, int32 seen, bool by_us)
{
	char	   *changes = by_us ? NULL : nps_changes_since(view, case_id, seen);

	if (by_us)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_DATA_CHANGE_VIOLATION),
				 errmsg("case \"%s\" is changed more than once in one statement", nps_cell_shown(&case_id)),
				 errhint("Set all columns in one UPDATE, from one row for each case.")));
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("case \"%s\" was changed meanwhile", nps_cell_shown(&case_id)),
			 changes != NULL ? errdetail("%s", changes) : 0,
			 errhint("Read the case again, and try again.")));
}

/*
 * The case's row, read after locking it; false if there is none.  The case must be
 * as the statement saw it.
 */
static bool
lock_as_seen(Relation view, const char *cases, NpsCell case_id, NpsRow *current)
{
	const char *equal_id = nps_equality(case_id.type);
	NpsRow		seen;
	NpsCell		changed_in;
	int32		version = 0;

	if (nps_query(SPI_OK_SELECT, "followup_case", psprintf("SELECT version FROM %s WHERE case_id %s $1", cases, equal_id),
				  1, &case_id, NPS_AS_BEFORE, &seen))
		version = nps_integer(&seen, "version");
	if (!nps_query(SPI_OK_SELECT, "followup_case",
				   psprintf("SELECT k.*, k.xmin AS changed_in FROM %s k WHERE case_id %s $1 FOR NO KEY UPDATE", cases, equal_id),
				   1, &case_id, NPS_AS_NOW, current))
		return false;
	changed_in = nps_cell_not_null(current, "changed_in", XIDOID);
	if (nps_integer(current, "version") != version)
		report_race(case_id, view, version, TransactionIdIsCurrentTransactionId(DatumGetTransactionId(changed_in.value)));
	return true;
}

/* Makes the case's row, with the values that are set; false if somebody else has made it. */
static bool
insert_case(const char *cases, NpsCell case_id, const Setting *set)
{
	NpsCell		parameters[MOST_SET + 1];
	StringInfoData names;
	StringInfoData values;

	initStringInfo(&names);
	initStringInfo(&values);
	parameters[0] = case_id;
	for (int i = 0; i < set->count; i++)
	{
		appendStringInfo(&names, ", %s", quote_identifier(set->names[i]));
		appendStringInfo(&values, ", $%d", i + 2);
		parameters[i + 1] = set->values[i];
	}
	return nps_query(SPI_OK_INSERT, "followup_case",
					 psprintf("INSERT INTO %s (case_id%s) VALUES ($1%s) ON CONFLICT (case_id) DO NOTHING", cases, names.data, values.data),
					 set->count + 1, parameters, NPS_AS_NOW, NULL);
}

/* Changes what differs, all in one statement, as several steps may depend on each other. */
static void
update_case(const char *cases, NpsCell case_id, const NpsRow *current, const Setting *set, bool counts_on)
{
	NpsCell		parameters[MOST_SET + 1];
	StringInfoData assignments;
	int			count = 1;
	bool		changes = false;

	initStringInfo(&assignments);
	parameters[0] = case_id;
	for (int i = 0; i < set->count; i++)
	{
		NpsCell		value = set->values[i];
		NpsCell		stored = nps_cell(current, set->names[i], value.type);

		if (nps_same_cells(&stored, &value))
			continue;
		parameters[count++] = value;
		appendStringInfo(&assignments, "%s%s = $%d", assignments.len > 0 ? ", " : "", quote_identifier(set->names[i]), count);
		changes |= strcmp(set->names[i], "actor") != 0;
	}
	if (!changes && !counts_on)
		return;
	if (!changes)
		appendStringInfo(&assignments, "%sversion = version OPERATOR(pg_catalog.+) 1", assignments.len > 0 ? ", " : "");
	(void) nps_query(SPI_OK_UPDATE, "followup_case",
					 psprintf("UPDATE %s SET %s WHERE case_id %s $1", cases, assignments.data, nps_equality(case_id.type)),
					 count, parameters, NPS_AS_NOW, NULL);
}

/* Records what is set in the case's current row. */
static void
record_setting(Relation view, NpsCell case_id, const NpsRow *old, const NpsRow *new, Setting *set, bool counts_on)
{
	char	   *cases = nps_beside(view, "followup_case");
	char	   *shown_status = nps_text(old, "status");
	NpsSending	now = {get_relname_relid("followup_case", RelationGetNamespace(view)), old, new, false};
	NpsSending	before;
	NpsRow		current;
	bool		has_row = lock_as_seen(view, cases, case_id, &current);

	now.whole = drop_stale(set, view, has_row ? &current : NULL, old, new);
	if (sets_nothing(set) && !counts_on)
		return;
	before = nps_begin_sending(now);
	PG_TRY();
	{
		/* a row that somebody makes meanwhile may only be a lease: whom the case is handed to */
		if (!has_row && !insert_case(cases, case_id, set))
		{
			has_row = lock_as_seen(view, cases, case_id, &current);
			if (!has_row)
				report_race(case_id, view, 0, false);
		}
		if (has_row)
		{
			if (shown_status != NULL && strcmp(shown_status, "renewed") == 0)
				set_again(view, set, case_id, &current);
			update_case(cases, case_id, &current, set, counts_on);
		}
	}
	PG_FINALLY();
	{
		nps_end_sending(before);
	}
	PG_END_TRY();
}

/*
 * nps_record_followup() returns trigger: INSTEAD OF INSERT OR UPDATE OR DELETE on followup
 * and followup_all
 *
 * Records what was set in the case's row, which is made if necessary, and locked.
 * It is an error if another transaction has changed the case since the statement
 * read it, so that no change gets lost.
 */
PG_FUNCTION_INFO_V1(nps_record_followup);
Datum
nps_record_followup(PG_FUNCTION_ARGS)
{
	static const NpsTriggerUse use = {
		"nps_record_followup", "INSTEAD OF triggers on the views followup and followup_all",
		TRIGGER_EVENT_INSTEAD, NPS_ON(INSERT) | NPS_ON(UPDATE) | NPS_ON(DELETE), true, 0, "v", {"followup", "followup_all"}
	};
	TriggerData *trigger = nps_expect_trigger(fcinfo, &use);
	Relation	view = trigger->tg_relation;
	NpsRow		old = nps_row(trigger->tg_trigtuple, view);
	NpsRow		new = nps_row(trigger->tg_newtuple, view);
	NpsCell		case_id;
	Setting		set;
	bool		counts_on;
	HeapTuple	result;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 TRIGGER_FIRED_BY_INSERT(trigger->tg_event)
				 ? errmsg("cases cannot be inserted into view \"%s\"", RelationGetRelationName(view))
				 : errmsg("cases cannot be deleted from view \"%s\"", RelationGetRelationName(view)),
				 TRIGGER_FIRED_BY_INSERT(trigger->tg_event)
				 ? errhint("A case opens by itself when a customer gives an answer that the playbook wants followed up; UPDATE the view to record what was done.")
				 : errhint("UPDATE it with status = 'dismissed' and a dismiss_reason, or close the case.")));

	for (int i = 0; i < nps_case_column_count; i++)
		if (nps_case_columns[i].traits & NPS_IS_SET)
			(void) nps_column(&old, nps_case_columns[i].column.name, nps_case_columns[i].column.type);
	case_id = nps_cell_not_null(&old, "case_id", InvalidOid);
	nps_connect();
	expect_current(view, &old, &new, case_id);
	set = what_is_set(&old, &new);
	counts_on = nps_integer(&new, "version") != nps_integer(&old, "version");
	if (!sets_nothing(&set) || counts_on || set.shown_count > 0)
		record_setting(view, case_id, &old, &new, &set, counts_on);
	result = row_afterwards(view, &new, case_id);
	SPI_finish();
	return PointerGetDatum(result);
}
