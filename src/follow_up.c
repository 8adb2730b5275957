/*
 * follow_up.c
 *		What the views about cases know before they look at any answer: since when, which
 *		scores, and whom to leave out.
 *
 * These are STABLE functions of constants.  The planner computes them in advance,
 * and so knows from its statistics how few answers are recent and bad; as
 * sub-selects they would be unknown numbers to it.
 */
#include "survey_table.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* A value that was read, and what was visible then: while nothing else is, it is the same. */
typedef struct ReadValue
{
	Oid			relation;
	TransactionId xmin;
	TransactionId xmax;
	uint32		running;
	CommandId	command;
	bool		is_null;
	bool		is_read;
	Datum		value;
} ReadValue;

static bool
is_still_read(const ReadValue *read, Oid relation)
{
	Snapshot	snapshot = GetActiveSnapshot();

	return read != NULL && read->is_read && read->relation == relation && read->xmin == snapshot->xmin &&
		read->xmax == snapshot->xmax && read->running == snapshot->xcnt && read->command == snapshot->curcid;
}

/*
 * The value that the query gives, of that type, read once for each statement; the
 * name of the relation of the argument stands for the %s in the query.
 */
static Datum
value_of_relation(FunctionCallInfo fcinfo, const char *query, Oid type)
{
	Oid			oid = PG_GETARG_OID(0);
	ReadValue  *read = fcinfo->flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	Relation	relation;

	if (is_still_read(read, oid))
	{
		fcinfo->isnull = read->is_null;
		return read->value;
	}
	if (read == NULL)
		read = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ReadValue));
	read->is_read = false;
	relation = relation_open(oid, AccessShareLock);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	if (run_kept_plan(oid, psprintf(query, survey_relation(relation, RelationGetRelationName(relation))), 0, NULL, NULL, true) != SPI_OK_SELECT ||
		SPI_tuptable->tupdesc->natts != 1 || SPI_gettypeid(SPI_tuptable->tupdesc, 1) != type)
		elog(ERROR, "cannot read what follow-up needs to know");
	read->is_null = true;
	if (SPI_processed > 0)
	{
		Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &read->is_null);

		if (!read->is_null)
		{
			int16		length = type == TIMESTAMPTZOID ? (int16) sizeof(TimestampTz) : -1;
			MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

			read->value = datumCopy(value, type == TIMESTAMPTZOID, length);
			MemoryContextSwitchTo(caller);
		}
	}
	SPI_finish();
	relation_close(relation, AccessShareLock);
	read->relation = oid;
	read->xmin = snapshot->xmin;
	read->xmax = snapshot->xmax;
	read->running = snapshot->xcnt;
	read->command = snapshot->curcid;
	read->is_read = true;
	fcinfo->isnull = read->is_null;
	return read->is_null ? (Datum) 0 : read->value;
}

/*
 * nps_window_start(survey regclass) returns timestamptz
 *
 * Answers that were given later are followed up: by the settings of a survey.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_window_start);
Datum
nps_window_start(PG_FUNCTION_ARGS)
{
	return value_of_relation(fcinfo,
							 "SELECT pg_catalog.now() OPERATOR(pg_catalog.-) pg_catalog.make_interval(days => s.follow_up_days::pg_catalog.int4) "
							 "FROM %s s LIMIT 1",
							 TIMESTAMPTZOID);
}

/*
 * nps_followed_scores(playbook regclass) returns smallint[]
 *
 * The whole scores that are followed up: by the rules of a survey.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_followed_scores);
Datum
nps_followed_scores(PG_FUNCTION_ARGS)
{
	return value_of_relation(fcinfo,
							 "SELECT coalesce(pg_catalog.array_agg(i::pg_catalog.int2 ORDER BY i), '{}'::pg_catalog.int2[]) FROM %s p "
							 "CROSS JOIN LATERAL pg_catalog.generate_series(greatest(p.score_from::pg_catalog.int4, 0), least(p.score_to::pg_catalog.int4, 100)) i "
							 "WHERE p.follow_up",
							 INT2ARRAYOID);
}
