/*
 * survey_lock.c
 *		The locks that are taken to change a survey's views and tables.
 *
 * A reader locks the outermost view first, then what it is made of, and the source
 * last.  A change needs locks on many relations at once, which readers and writers
 * wait for.  So it takes all of them before it changes anything, in the order of
 * readers.  And as a query may name our views in any order, it never waits for long
 * while it holds some: it releases all of them, and starts again.
 */
#include "nps.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "as_owner.h"

/*
 * In milliseconds: how long an attempt may keep others waiting, the pause that lets
 * them pass, and when to give up.
 */
#define LONGEST_ATTEMPT 300
#define SHORTEST_PAUSE 20
#define LONGEST_PAUSE 120
#define GIVE_UP_AFTER 60000

/*
 * When waiting, we check for a deadlock after this time, before anybody else does:
 * so we are its victim, and autovacuum makes way.
 */
#define LOOK_FOR_DEADLOCK "20ms"

/* The relations to be locked, in order. */
typedef struct LockList
{
	int			count;
	Oid		   *relations;
	LOCKMODE   *modes;
} LockList;

/* The result of nps_lock_order(), in the memory context of the caller. */
static LockList
list_locks(FunctionCallInfo fcinfo)
{
	static const Oid types[2] = {TEXTOID, TEXTOID};
	MemoryContext caller = CurrentMemoryContext;
	Datum		values[2] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
	LockList	list;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	if (SPI_execute_with_args(psprintf("SELECT l.relation, l.mode FROM %s($1, $2) l ORDER BY l.place, l.relation",
									   quote_qualified_identifier(get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid)), "nps_lock_order")),
							  2, (Oid *) types, values, NULL, false, 0) != SPI_OK_SELECT ||
		SPI_gettypeid(SPI_tuptable->tupdesc, 1) != OIDOID || SPI_gettypeid(SPI_tuptable->tupdesc, 2) != INT4OID)
		elog(ERROR, "cannot list the relations of the survey");
	list.count = (int) SPI_processed;
	list.relations = MemoryContextAlloc(caller, (list.count + 1) * sizeof(Oid));
	list.modes = MemoryContextAlloc(caller, (list.count + 1) * sizeof(LOCKMODE));
	for (int i = 0; i < list.count; i++)
	{
		bool		is_null;

		list.relations[i] = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &is_null));
		list.modes[i] = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &is_null));
	}
	SPI_finish();
	return list;
}

static bool
same_list(const LockList *left, const LockList *right)
{
	return left->count == right->count &&
		memcmp(left->relations, right->relations, left->count * sizeof(Oid)) == 0 &&
		memcmp(left->modes, right->modes, left->count * sizeof(LOCKMODE)) == 0;
}

/*
 * Waits for each lock only as long as the attempt has left.  Raises an error if a
 * lock cannot be had; returns whether the names still mean what was locked.
 */
static bool
lock_all(FunctionCallInfo fcinfo)
{
	TimestampTz began = GetCurrentTimestamp();
	LockList	list = list_locks(fcinfo);
	LockList	locked;
	int			level = NewGUCNestLevel();

	(void) set_config_option("deadlock_timeout", LOOK_FOR_DEADLOCK, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	for (int i = 0; i < list.count; i++)
	{
		long		left = LONGEST_ATTEMPT - TimestampDifferenceMilliseconds(began, GetCurrentTimestamp());

		(void) set_config_option("lock_timeout", psprintf("%ld", Max(left, 1)), PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		LockRelationOid(list.relations[i], list.modes[i]);
	}
	AtEOXact_GUC(false, level);
	/* after waiting, a name may mean something else */
	locked = list_locks(fcinfo);
	return same_list(&list, &locked);
}

/* One attempt; if it fails, it holds no lock. */
static bool
try_to_lock_all(FunctionCallInfo fcinfo)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool done = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		done = lock_all(fcinfo);
		if (done)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(caller);
		CurrentResourceOwner = owner;
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE && error->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED)
			ReThrowError(error);
		FreeErrorData(error);
	}
	PG_END_TRY();
	return done;
}

/*
 * nps_lock_survey(survey text, what text) returns void
 *
 * Locks what nps_lock_order() lists, all of it, until the end of the transaction.
 * Waits for others for lock_timeout, or else a minute.  Only for maintenance that
 * runs as the owner of the survey.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_lock_survey);
Datum
nps_lock_survey(PG_FUNCTION_ARGS)
{
	TimestampTz began = GetCurrentTimestamp();
	long		patience = LockTimeout > 0 ? LockTimeout : GIVE_UP_AFTER;

	PreventCommandIfReadOnly("maintenance of a survey");
	nps_expect_to_act_as_owner(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	while (!try_to_lock_all(fcinfo))
	{
		if (TimestampDifferenceMilliseconds(began, GetCurrentTimestamp()) >= patience)
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("survey \"%s\" cannot be locked: others are using it", text_to_cstring(PG_GETARG_TEXT_PP(0))),
					 errhint("Try again when no long transaction reads its views or writes to its source.")));
		/* a random pause, so that two such sessions do not collide again and again */
		pg_usleep((SHORTEST_PAUSE + pg_prng_uint64_range(&pg_global_prng_state, 0, LONGEST_PAUSE - SHORTEST_PAUSE)) * 1000L);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_VOID();
}
