/*
 * as_owner.c
 *		Maintenance of a survey runs as its owner, whoever calls it.
 *
 * The schema of a survey belongs to its owner, who may have put anything into it:
 * triggers, casts, operators, views in place of tables.  An administrator who
 * maintains other people's surveys must not run any of that with administrator
 * rights.  As REFRESH MATERIALIZED VIEW does, maintenance switches to the owner's
 * user id within a security-restricted operation, and looks names up in pg_catalog.
 *
 * A maintenance function is declared twice.  NAME(survey, ...) is what users call:
 * it is in C and only switches.  NAME_as_owner(survey, ...), with the same
 * arguments and result, does the work, and refuses to be called otherwise.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "as_owner.h"

/*
 * Becomes the owner, in a security-restricted operation: no effect of the owner's
 * code on the session outlasts it.  An error needs no cleaning up: the user id and
 * the settings are put back when the (sub)transaction is aborted.
 */
void
nps_become_owner(Oid owner, int more_flags, NpsOwner *saved)
{
	GetUserIdAndSecContext(&saved->user, &saved->security_context);
	SetUserIdAndSecContext(owner, saved->security_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION | more_flags);
	saved->guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* Takes back what nps_become_owner() did, and any setting that was changed since. */
void
nps_become_caller(const NpsOwner *saved)
{
	AtEOXact_GUC(false, saved->guc_level);
	SetUserIdAndSecContext(saved->user, saved->security_context);
}

static Oid
schema_owner(Oid schema)
{
	HeapTuple	entry = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	if (!HeapTupleIsValid(entry))
		return InvalidOid;
	owner = ((Form_pg_namespace) GETSTRUCT(entry))->nspowner;
	ReleaseSysCache(entry);
	return owner;
}

/*
 * The owner of the survey, whose rights the caller must have.  A schema without a
 * table "survey" is not a survey, and is not considered.
 */
Oid
nps_survey_owner(const char *survey)
{
	Oid			schema = get_namespace_oid(survey, true);
	Oid			owner = OidIsValid(schema) ? schema_owner(schema) : InvalidOid;

	if (!OidIsValid(owner) || !OidIsValid(get_relname_relid("survey", schema)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no survey \"%s\"", survey),
				 errhint("nps_surveys() lists the surveys of this database; nps_attach() makes one.")));
	if (!has_privs_of_role(GetUserId(), owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of survey \"%s\"", survey)));
	return owner;
}

/* The query that calls the function that does the work of the called one. */
static char *
work_query(FunctionCallInfo fcinfo, const char *suffix)
{
	Oid			function = fcinfo->flinfo->fn_oid;
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query, "SELECT * FROM %s(",
					 quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
												psprintf("%s%s", get_func_name(function), suffix)));
	for (int i = 0; i < PG_NARGS(); i++)
		appendStringInfo(&query, "%s$%d", i == 0 ? "" : ", ", i + 1);
	appendStringInfoChar(&query, ')');
	return query.data;
}

/*
 * Does the work, within SPI; the result is in SPI_tuptable.  An error is reported
 * without the context of our own calls: after calling one function, a dozen lines
 * of internals would hide the message.
 */
static void
run_work(FunctionCallInfo fcinfo, const char *suffix)
{
	MemoryContext context = CurrentMemoryContext;
	Oid		   *types;
	int			count;
	Datum		values[FUNC_MAX_ARGS];
	char		nulls[FUNC_MAX_ARGS + 1];
	int			status;

	(void) get_func_signature(fcinfo->flinfo->fn_oid, &types, &count);
	if (count != PG_NARGS())
		elog(ERROR, "%d arguments in place of %d", PG_NARGS(), count);
	for (int i = 0; i < count; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	nulls[count] = '\0';
	PG_TRY();
	{
		status = SPI_execute_with_args(work_query(fcinfo, suffix), count, types, values, nulls,
									   func_volatile(fcinfo->flinfo->fn_oid) != PROVOLATILE_VOLATILE, 0);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		if (error->sqlerrcode != ERRCODE_INTERNAL_ERROR)
			error->context = NULL;
		ReThrowError(error);
	}
	PG_END_TRY();
	if (status != SPI_OK_SELECT)
		elog(ERROR, "cannot maintain the survey: %s", SPI_result_code_string(status));
}

/*
 * Checks that the result has the columns that the called function promises: both
 * are ours, but declared separately.
 */
static void
check_columns(TupleDesc promised)
{
	TupleDesc	got = SPI_tuptable->tupdesc;

	if (promised->natts != got->natts)
		elog(ERROR, "%d columns in place of %d", got->natts, promised->natts);
	for (int i = 0; i < promised->natts; i++)
	{
		if (TupleDescAttr(promised, i)->atttypid != TupleDescAttr(got, i)->atttypid)
			elog(ERROR, "column %d is of another type than promised", i + 1);
	}
}

/*
 * Checks that the owner may call our functions: the owner may lack a privilege that
 * the caller has.
 */
static void
expect_use_of_extension(Oid schema, Oid owner)
{
	if (!nps_uses_schema(schema, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\", who owns the survey, may not use the functions of nps", GetUserNameFromId(owner, false)),
				 errhint("GRANT USAGE ON SCHEMA %s TO %s.", quote_identifier(get_namespace_name(schema)),
						 quote_identifier(GetUserNameFromId(owner, false)))));
}

/* Runs the work as the owner, or as the caller if there is no owner, and passes on its result. */
static Datum
work(FunctionCallInfo fcinfo, const char *suffix, Oid owner, int more_flags)
{
	TypeFuncClass kind;
	Oid			type;
	TupleDesc	columns = NULL;
	NpsOwner	saved;
	Datum		result = (Datum) 0;
	bool		is_null = false;

	kind = get_call_result_type(fcinfo, &type, &columns);
	/* as the server expects it: looking up the promised columns would leave memory behind until the statement ends */
	if (fcinfo->flinfo->fn_retset)
		InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (OidIsValid(owner))
		expect_use_of_extension(get_func_namespace(fcinfo->flinfo->fn_oid), owner);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	if (OidIsValid(owner))
		nps_become_owner(owner, more_flags, &saved);
	run_work(fcinfo, suffix);
	if (OidIsValid(owner))
		nps_become_caller(&saved);

	if (fcinfo->flinfo->fn_retset)
	{
		ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;

		check_columns(set->setDesc);
		for (uint64 i = 0; i < SPI_processed; i++)
			tuplestore_puttuple(set->setResult, SPI_tuptable->vals[i]);
	}
	else if (kind == TYPEFUNC_COMPOSITE)
	{
		check_columns(columns);
		result = SPI_processed == 1
			? HeapTupleHeaderGetDatum(SPI_returntuple(SPI_tuptable->vals[0], BlessTupleDesc(columns))) : (Datum) 0;
		is_null = SPI_processed != 1;
	}
	else if (type != VOIDOID && SPI_processed == 1)
	{
		Form_pg_attribute column = TupleDescAttr(SPI_tuptable->tupdesc, 0);

		if (column->atttypid != type)
			elog(ERROR, "the result is of another type than promised");
		result = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
		if (!is_null)
			result = SPI_datumTransfer(result, column->attbyval, column->attlen);
	}
	SPI_finish();
	fcinfo->isnull = is_null;
	return result;
}

/* Runs the work as the owner of the schema and passes on its result. */
Datum
nps_work_as_owner(FunctionCallInfo fcinfo, Oid owner, int more_flags)
{
	return work(fcinfo, "_as_owner", owner, more_flags);
}

/*
 * nps_as_caller(...) returns whatever the function's own work returns
 *
 * The same for NAME_as_caller(...), which does its work as the caller.
 */
PG_FUNCTION_INFO_V1(nps_as_caller);
Datum
nps_as_caller(PG_FUNCTION_ARGS)
{
	return work(fcinfo, "_as_caller", InvalidOid, 0);
}

/* The survey that the first argument names. */
char *
nps_survey_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("survey must not be null"),
				 errhint("nps_surveys() lists the surveys of this database.")));
	return text_to_cstring(PG_GETARG_TEXT_PP(0));
}

/*
 * nps_as_owner(survey text, ...) returns whatever the function's own work returns
 *
 * The C function behind all maintenance of a survey.
 */
PG_FUNCTION_INFO_V1(nps_as_owner);
Datum
nps_as_owner(PG_FUNCTION_ARGS)
{
	return nps_work_as_owner(fcinfo, nps_survey_owner(nps_survey_argument(fcinfo)), 0);
}

/*
 * nps_as_owner_of_tables(survey text, ...) returns whatever the function's own work returns
 *
 * The same for a part of maintenance that reads and writes only the survey's own
 * tables: forced row security on these does not hide rows from it.  If users could
 * call it directly, it would show rows to an owner who may not see them.
 */
PG_FUNCTION_INFO_V1(nps_as_owner_of_tables);
Datum
nps_as_owner_of_tables(PG_FUNCTION_ARGS)
{
	nps_expect_to_act_as_owner(nps_survey_argument(fcinfo));
	return nps_work_as_owner(fcinfo, GetUserId(), SECURITY_NOFORCE_RLS);
}

/*
 * nps_as_owner_of_schema(schema text, ...) returns whatever the function's own work returns
 *
 * The same for nps_attach(), where the schema may not be a survey yet.
 */
PG_FUNCTION_INFO_V1(nps_as_owner_of_schema);
Datum
nps_as_owner_of_schema(PG_FUNCTION_ARGS)
{
	char	   *name = nps_survey_argument(fcinfo);
	Oid			schema = get_namespace_oid(name, false);
	Oid			owner = schema_owner(schema);

	if (!has_privs_of_role(GetUserId(), owner))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_SCHEMA, name);
	return nps_work_as_owner(fcinfo, owner, 0);
}

/*
 * Raises an error unless the current user is the owner of the schema, in a
 * security-restricted operation.
 */
void
nps_expect_to_act_as_owner(const char *schema)
{
	Oid			oid = get_namespace_oid(schema, true);

	if (!OidIsValid(oid) || !InSecurityRestrictedOperation() || GetUserId() != schema_owner(oid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("this function is internal and cannot be called directly"),
				 errhint("Call a function that maintains a survey, such as nps_refresh_views(%s).", quote_literal_cstr(schema))));
}

/*
 * nps_act_as_owner(schema text) returns void
 *
 * The same for SQL: each part of maintenance that changes or reads the owner's
 * objects begins with it.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_act_as_owner);
Datum
nps_act_as_owner(PG_FUNCTION_ARGS)
{
	nps_expect_to_act_as_owner(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}
