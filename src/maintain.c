/*
 * maintain.c
 *		Maintenance in several transactions, so that nobody waits for long.
 *
 * Each step between two COMMITs runs as the owner of the survey (as_owner.c); the
 * procedures themselves keep their caller's user id.
 */
#include "nps.h"

#include <signal.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "as_owner.h"

/* How long one survey may delay the others by waiting for a lock. */
#define WAIT_FOR_ONE "5s"

/* A running procedure. */
typedef struct Maintenance
{
	const char *schema;			/* of the extension */
	MemoryContext context;		/* lives as long as the call */
} Maintenance;

/* Begins; raises an error if the procedure could not commit. */
static Maintenance
begin_maintenance(FunctionCallInfo fcinfo)
{
	Maintenance maintenance;
	CallContext *call = (CallContext *) fcinfo->context;

	if (call == NULL || !IsA(call, CallContext) || call->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s cannot run inside a transaction block or a function", get_func_name(fcinfo->flinfo->fn_oid)),
				 errdetail("It commits between its steps, so that nobody waits for long."),
				 errhint("CALL it as a statement of its own, with autocommit on.")));
	maintenance.schema = quote_identifier(get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid)));
	maintenance.context = CurrentMemoryContext;
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	return maintenance;
}

/* A copy of a name in the memory of the call. */
static char *
kept_text(const Maintenance *maintenance, const char *text)
{
	return MemoryContextStrdup(maintenance->context, text);
}

/*
 * Runs one step as the owner of the survey, who is looked up again: "call" is the
 * function with its arguments, where $1 is the survey and $2 is "second".  Returns
 * the function's result, which must be passed by value; 0 for NULL.
 */
static Datum
step(const Maintenance *maintenance, const char *survey, const char *call, Oid type, Datum second, bool second_is_null)
{
	Oid			types[2] = {TEXTOID, type};
	Datum		values[2] = {CStringGetTextDatum(survey), second};
	char		nulls[3] = {' ', second_is_null ? 'n' : ' ', '\0'};
	Oid			owner = nps_survey_owner(survey);
	NpsOwner	saved;
	Datum		result = (Datum) 0;
	bool		is_null = true;

	nps_become_owner(owner, 0, &saved);
	if (SPI_execute_with_args(psprintf("SELECT %s.%s", maintenance->schema, call), 2, types, values, nulls, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "cannot maintain the survey");
	if (SPI_processed == 1 && TupleDescAttr(SPI_tuptable->tupdesc, 0)->attbyval)
		result = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	nps_become_caller(&saved);
	SPI_freetuptable(SPI_tuptable);
	return is_null ? (Datum) 0 : result;
}

/*
 * nps_materialize(survey text, rebuild boolean)
 *
 * Runs in several transactions: from the second COMMIT on, every change of the
 * source is seen; what was there before is counted after that.
 */
PG_FUNCTION_INFO_V1(nps_materialize);
Datum
nps_materialize(PG_FUNCTION_ARGS)
{
	char	   *survey = nps_survey_argument(fcinfo);
	bool		rebuild = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	Maintenance maintenance = begin_maintenance(fcinfo);
	Datum		rollup;

	if (!DatumGetBool(step(&maintenance, survey, "nps_rollup_is_due($1, $2)", BOOLOID, BoolGetDatum(rebuild), false)))
	{
		SPI_finish();
		PG_RETURN_VOID();
	}
	if (DatumGetBool(step(&maintenance, survey, "nps_rollup_is_lost($1)", BOOLOID, (Datum) 0, true)))
	{
		(void) step(&maintenance, survey, "nps_switch_reports($1, $2)", REGCLASSOID, (Datum) 0, true);
		SPI_commit();
		/* once more, in case somebody cured it meanwhile, and it was lost again */
		if (DatumGetBool(step(&maintenance, survey, "nps_rollup_is_lost($1)", BOOLOID, (Datum) 0, true)))
			(void) step(&maintenance, survey, "nps_switch_reports($1, $2)", REGCLASSOID, (Datum) 0, true);
		(void) step(&maintenance, survey, "nps_drop_rollup($1, $2)", BOOLOID, BoolGetDatum(true), false);
	}
	rollup = step(&maintenance, survey, "nps_create_rollup($1)", BOOLOID, (Datum) 0, true);
	SPI_commit();
	/* whatever the session's default is, the snapshot must be newer than the locks */
	SPI_execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", false, 0);
	(void) step(&maintenance, survey, "nps_fill_rollup($1, $2)", REGCLASSOID, rollup, false);
	SPI_commit();
	(void) step(&maintenance, survey, "nps_switch_reports($1, $2)", REGCLASSOID, rollup, false);
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * nps_dematerialize(survey text)
 *
 * Runs in two transactions if any report has to change, so that no reader waits
 * while this waits for writers.
 */
PG_FUNCTION_INFO_V1(nps_dematerialize);
Datum
nps_dematerialize(PG_FUNCTION_ARGS)
{
	char	   *survey = nps_survey_argument(fcinfo);
	Maintenance maintenance = begin_maintenance(fcinfo);

	if (DatumGetBool(step(&maintenance, survey, "nps_switch_reports($1, $2)", REGCLASSOID, (Datum) 0, true)))
	{
		SPI_commit();
		/* once more, in case somebody materialized it meanwhile */
		(void) step(&maintenance, survey, "nps_switch_reports($1, $2)", REGCLASSOID, (Datum) 0, true);
	}
	(void) step(&maintenance, survey, "nps_drop_rollup($1)", BOOLOID, (Datum) 0, true);
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * The surveys that "which" selects, if the caller can act as their owner; in the
 * memory of the call.
 */
static List *
maintained_surveys(const Maintenance *maintenance, const char *which)
{
	List	   *surveys = NIL;

	if (SPI_execute(psprintf("SELECT s.survey FROM %s.nps_surveys() s "
							 "JOIN pg_catalog.pg_namespace n ON n.nspname OPERATOR(pg_catalog.=) s.survey::pg_catalog.name "
							 "WHERE pg_catalog.pg_has_role(n.nspowner, 'USAGE') AND %s ORDER BY 1", maintenance->schema, which), true, 0) != SPI_OK_SELECT)
		elog(ERROR, "cannot list the surveys");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *name = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		MemoryContext caller = MemoryContextSwitchTo(maintenance->context);

		surveys = lappend(surveys, pstrdup(name));
		MemoryContextSwitchTo(caller);
	}
	SPI_freetuptable(SPI_tuptable);
	return surveys;
}

/*
 * Limits the time of a step that may run code of the owner.  That code can catch
 * the cancellation and go on; so it is canceled again whenever it has caught an
 * error, until nothing is left that could catch it.
 */
static TimeoutId step_timeout = MAX_TIMEOUTS;
static volatile sig_atomic_t step_is_timed = false;
static volatile sig_atomic_t step_is_over = false;

static void
cancel_step(void)
{
	InterruptPending = true;
	QueryCancelPending = true;
}

static void
end_of_time(void)
{
	if (!step_is_timed)
		return;
	step_is_over = true;
	cancel_step();
	SetLatch(MyLatch);
}

static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId id, SubTransactionId parent, void *argument)
{
	(void) id;
	(void) parent;
	(void) argument;
	if (event == SUBXACT_EVENT_ABORT_SUB && step_is_timed && step_is_over)
		cancel_step();
}

static void
begin_time(int milliseconds)
{
	if (step_timeout == MAX_TIMEOUTS)
	{
		step_timeout = RegisterTimeout(USER_TIMEOUT, end_of_time);
		RegisterSubXactCallback(at_end_of_subtransaction, NULL);
	}
	step_is_over = false;
	step_is_timed = true;
	enable_timeout_after(step_timeout, milliseconds);
}

/* Has the time run out? */
static bool
end_time(void)
{
	step_is_timed = false;
	disable_timeout(step_timeout, false);
	if (step_is_over)
		QueryCancelPending = false;
	return step_is_over;
}

/* Has the server canceled the query?  The owner's code can raise errors of any kind. */
static bool
is_canceled(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_QUERY_CANCELED && error->funcname != NULL && strcmp(error->funcname, "ProcessInterrupts") == 0;
}

/* Runs the step for one survey; a failure becomes a warning, and leaves nothing behind. */
static void
try_step(const Maintenance *maintenance, const char *survey, const char *call, int milliseconds)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	begin_time(milliseconds);
	PG_TRY();
	{
		int			level = NewGUCNestLevel();

		(void) set_config_option("lock_timeout", WAIT_FOR_ONE, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		(void) step(maintenance, survey, call, BOOLOID, (Datum) 0, true);
		(void) end_time();
		AtEOXact_GUC(false, level);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		bool		is_over = end_time();
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller);
		CurrentResourceOwner = owner;
		if (is_over)
			ereport(WARNING,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("survey \"%s\" was skipped: it took longer than %d ms", survey, milliseconds),
					 errhint("If nothing of the owner's own is slow there, pass a longer time_limit.")));
		else if (is_canceled(error))
			ReThrowError(error);
		else
			ereport(WARNING,
					(errcode(error->sqlerrcode),
					 errmsg("survey \"%s\" was skipped: %s", survey, error->message),
					 error->detail == NULL ? 0 : errdetail_internal("%s", error->detail),
					 error->hint == NULL ? 0 : errhint("%s", error->hint)));
		FreeErrorData(error);
	}
	PG_END_TRY();
}

/*
 * The argument time_limit, for each survey, in milliseconds; longer ones are cut to
 * the longest possible.
 */
static int
time_limit(FunctionCallInfo fcinfo)
{
	Interval   *limit = PG_ARGISNULL(0) ? NULL : PG_GETARG_INTERVAL_P(0);
	int64		milliseconds = limit == NULL ? 0 :
		limit->time / 1000 + (limit->day + (int64) limit->month * DAYS_PER_MONTH) * SECS_PER_DAY * 1000;

	if (milliseconds <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time_limit must be longer than a millisecond"),
				 errhint("Pass what the maintenance of one survey takes at most, such as time_limit => '5 minutes'.")));
	return (int) Min(milliseconds, INT_MAX);
}

/* The same for each of the surveys, each in a transaction of its own. */
static void
for_all_surveys(FunctionCallInfo fcinfo, const char *which, const char *call)
{
	int			milliseconds = time_limit(fcinfo);
	Maintenance maintenance = begin_maintenance(fcinfo);
	List	   *surveys;
	ListCell   *cell;

	maintenance.schema = kept_text(&maintenance, maintenance.schema);
	surveys = maintained_surveys(&maintenance, which);
	foreach(cell, surveys)
	{
		SPI_commit();
		try_step(&maintenance, (char *) lfirst(cell), call, milliseconds);
	}
	SPI_finish();
}

/*
 * nps_compact_all(time_limit interval)
 *
 * Folds the rollups of all surveys that the caller may maintain.
 */
PG_FUNCTION_INFO_V1(nps_compact_all);
Datum
nps_compact_all(PG_FUNCTION_ARGS)
{
	for_all_surveys(fcinfo, "EXISTS (SELECT FROM pg_catalog.pg_class c "
					"WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid AND c.relname OPERATOR(pg_catalog.=) 'rollup'::pg_catalog.name)", "nps_compact_as_owner($1)");
	PG_RETURN_VOID();
}

/*
 * nps_refresh_all(time_limit interval)
 *
 * Rebuilds the views of all surveys that the caller may maintain.
 */
PG_FUNCTION_INFO_V1(nps_refresh_all);
Datum
nps_refresh_all(PG_FUNCTION_ARGS)
{
	for_all_surveys(fcinfo, "true", "nps_refresh_views_as_owner($1)");
	PG_RETURN_VOID();
}
