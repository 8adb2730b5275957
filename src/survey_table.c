/*
 * survey_table.c
 *		What the triggers on a survey's tables share: finding the tables beside
 *		theirs, and reading and writing rows by column name.
 */
#include "survey_table.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

/* What the trigger was called with; called otherwise than nps_attach() made it is an error. */
TriggerData *
expect_trigger(FunctionCallInfo fcinfo, uint32 timing, bool row)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		(trigger->tg_event & TRIGGER_EVENT_TIMINGMASK) != timing ||
		(TRIGGER_FIRED_FOR_ROW(trigger->tg_event) != 0) != row)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function can be called only by the triggers of a survey"),
				 errhint("nps_attach() makes these triggers.")));
	return trigger;
}

/* The quoted name of what is called so beside the table, in whatever schema that is now. */
char *
survey_relation(Relation table, const char *name)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(table)), name);
}

/*
 * The same for one of the survey's own tables.  It must belong to the owner of
 * this one, as it is read and written with the owner's rights.
 */
char *
survey_table(Relation table, const char *name)
{
	Oid			other = get_relname_relid(name, RelationGetNamespace(table));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(other));
	bool		is_ours = HeapTupleIsValid(tuple) &&
		((Form_pg_class) GETSTRUCT(tuple))->relkind == RELKIND_RELATION &&
		((Form_pg_class) GETSTRUCT(tuple))->relowner == table->rd_rel->relowner;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	if (!is_ours)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" of the survey is missing or belongs to somebody else", name),
				 errhint("nps_attach(..., replace => true) makes what is missing; ALTER TABLE ... OWNER TO gives it to the owner of \"%s\".",
						 RelationGetRelationName(table))));
	return survey_relation(table, name);
}

/*
 * With the rights of the table's owner, as foreign keys are checked: the rules
 * hold and the history is written whatever rights the acting role has.
 */
void
become_owner(Relation table, Impersonation *self)
{
	GetUserIdAndSecContext(&self->user, &self->security_context);
	SetUserIdAndSecContext(table->rd_rel->relowner,
						   self->security_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
}

void
become_self(const Impersonation *self)
{
	SetUserIdAndSecContext(self->user, self->security_context);
}

/* The equality that the type is sorted by, to be written into a query: nothing can come before it. */
char *
equality_operator(Oid type)
{
	Oid			operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;
	char	   *result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "type %u has no equality", type);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	result = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(form->oprnamespace)), NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return result;
}

/* Are two values of a column the same? */
bool
same_value(Form_pg_attribute attribute, Datum left, bool left_null, Datum right, bool right_null)
{
	TypeCacheEntry *type;

	if (left_null || right_null)
		return left_null && right_null;
	type = lookup_type_cache(attribute->atttypid, TYPECACHE_EQ_OPR_FINFO);
	if (!OidIsValid(type->eq_opr_finfo.fn_oid))
		return datum_image_eq(left, right, attribute->attbyval, attribute->attlen);
	return DatumGetBool(FunctionCall2Coll(&type->eq_opr_finfo, attribute->attcollation, left, right));
}

/*
 * A column by its name.  It must be there and of that type (InvalidOid: any),
 * as the value is taken for one: the table may have been altered, or be somebody
 * else's on which our trigger was put.
 */
Form_pg_attribute
column_of(TupleDesc columns, const char *name, Oid type)
{
	int			number = SPI_fnumber(columns, name);

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of the survey's table is missing", name),
				 errhint("The columns that nps_attach() made must stay.")));
	if (OidIsValid(type) && TupleDescAttr(columns, number - 1)->atttypid != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of the survey's table is of type %s, not %s", name,
						format_type_be(TupleDescAttr(columns, number - 1)->atttypid), format_type_be(type)),
				 errhint("The columns that nps_attach() made must keep their types.")));
	return TupleDescAttr(columns, number - 1);
}

/* The value of such a column. */
Datum
column_value(HeapTuple row, TupleDesc columns, const char *name, Oid type, bool *is_null)
{
	return heap_getattr(row, column_of(columns, name, type)->attnum, columns, is_null);
}

/* A text column of the row by its name; NULL for null. */
char *
column_text(HeapTuple row, TupleDesc columns, const char *name)
{
	bool		is_null;
	Datum		value = column_value(row, columns, name, TEXTOID, &is_null);

	return is_null ? NULL : TextDatumGetCString(value);
}

/* The value as text, whatever the session's settings are: times with their offset from UTC. */
char *
value_text(Form_pg_attribute attribute, Datum value)
{
	Oid			output;
	bool		is_varlena;

	if (attribute->atttypid == TIMESTAMPTZOID)
		return pstrdup(timestamptz_to_str(DatumGetTimestampTz(value)));
	getTypeOutputInfo(attribute->atttypid, &output, &is_varlena);
	if (attribute->atttypid == DATEOID)
	{
		int			year,
					month,
					day;

		if (DATE_NOT_FINITE(DatumGetDateADT(value)))
			return OidOutputFunctionCall(output, value);
		j2date(DatumGetDateADT(value) + POSTGRES_EPOCH_JDATE, &year, &month, &day);
		return psprintf("%04d-%02d-%02d", year, month, day);
	}
	return OidOutputFunctionCall(output, value);
}

/* The role that acts, also where a foreign key acts with the rights of the table's owner. */
char *
acting_role(void)
{
	return GetUserNameFromId(InNoForceRLSOperation() ? GetOuterUserId() : GetUserId(), false);
}

/* Who acts: as the application says in nps.actor, or else that role. */
char *
acting_person(void)
{
	const char *said = GetConfigOption("nps.actor", true, false);

	return said != NULL && said[0] != '\0' ? pstrdup(said) : acting_role();
}

/* A plan that is kept for the session: the views of follow-up are big, and planning takes longer than looking. */
typedef struct KeptPlan
{
	Oid			relation;
	SPIPlanPtr	plan;
	char	   *query;
	bool		runs;
} KeptPlan;

static HTAB *plans = NULL;

/* Drops the plans that are not valid any more: the relation may be gone.  Not one that runs or is being made. */
static void
forget_plans(void)
{
	HASH_SEQ_STATUS scan;
	KeptPlan   *kept;

	hash_seq_init(&scan, plans);
	while ((kept = hash_seq_search(&scan)) != NULL)
	{
		if (kept->runs || kept->plan == NULL || SPI_plan_is_valid(kept->plan))
			continue;
		SPI_freeplan(kept->plan);
		pfree(kept->query);
		hash_search(plans, &kept->relation, HASH_REMOVE, NULL);
	}
}

/* The entry of a relation, with a generic plan of the query. */
static KeptPlan *
kept_plan(Oid relation, const char *query, int arguments, Oid *types)
{
	KeptPlan   *kept;
	bool		was_there;

	if (plans == NULL)
	{
		HASHCTL		settings;

		settings.keysize = sizeof(Oid);
		settings.entrysize = sizeof(KeptPlan);
		plans = hash_create("nps plans", 8, &settings, HASH_ELEM | HASH_BLOBS);
	}
	if (hash_search(plans, &relation, HASH_FIND, NULL) == NULL)
		forget_plans();
	kept = hash_search(plans, &relation, HASH_ENTER, &was_there);
	if (!was_there)
	{
		kept->plan = NULL;
		kept->query = NULL;
		kept->runs = false;
	}
	if (kept->runs)
		return kept;
	/* names in the query may mean something else by now */
	if (kept->plan == NULL || !SPI_plan_is_valid(kept->plan) || strcmp(kept->query, query) != 0)
	{
		SPIPlanPtr	plan;

		if (kept->plan != NULL)
			SPI_freeplan(kept->plan);
		kept->plan = NULL;
		if (kept->query != NULL)
			pfree(kept->query);
		kept->query = NULL;
		kept->query = MemoryContextStrdup(TopMemoryContext, query);
		plan = SPI_prepare_cursor(query, arguments, types, CURSOR_OPT_GENERIC_PLAN);
		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "cannot prepare to look a case up: %s", SPI_result_code_string(SPI_result));
		kept->plan = plan;
	}
	return kept;
}

/*
 * Runs a query that gives one row at most, by the generic plan that is kept for
 * the relation; to be called within SPI, and to be used as SPI_execute().  A
 * function within the query may come back here: that run plans for itself.
 */
int
run_kept_plan(Oid relation, const char *query, int arguments, Oid *types, Datum *values, bool read_only)
{
	KeptPlan   *kept = kept_plan(relation, query, arguments, types);
	int			status;

	if (kept->runs)
		return SPI_execute_with_args(query, arguments, types, values, NULL, read_only, 1);
	kept->runs = true;
	PG_TRY();
	{
		status = SPI_execute_plan(kept->plan, values, NULL, read_only, 1);
	}
	PG_FINALLY();
	{
		kept->runs = false;
	}
	PG_END_TRY();
	return status;
}

/* Today, in the zone of a survey. */
DateADT
survey_today(const char *zone_name)
{
	pg_tz	   *zone = pg_tzset(zone_name);
	struct pg_tm fields;
	fsec_t		fraction;
	int			offset;

	if (zone == NULL || timestamp2tm(GetCurrentTransactionStartTimestamp(), &offset, &fields, &fraction, NULL, zone) != 0)
		elog(ERROR, "the survey's time zone \"%s\" is unknown", zone_name);
	return date2j(fields.tm_year, fields.tm_mon, fields.tm_mday) - POSTGRES_EPOCH_JDATE;
}
