/*
 * followup_rules.c
 *		What the views about cases know before they look at any answer: since when, and
 *		which scores.
 *
 * These are STABLE functions of constants.  The planner computes them in advance,
 * and so knows from its statistics how few answers are recent and bad; as
 * sub-selects they would be unknown numbers to it.
 */
#include "survey_query.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* A value that was read, and what was visible then: while nothing else is, it is the same. */
typedef struct ReadValue
{
	Oid			relation;
	TransactionId xmin;
	TransactionId xmax;
	uint32		running;
	CommandId	command;
	bool		is_read;
	NpsCell		cell;
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
 * name of the relation of the argument stands for the %s in the query.  Read as the
 * reader, as the views that ask are.
 */
static Datum
value_of_relation(FunctionCallInfo fcinfo, const char *query, Oid type)
{
	Oid			oid = PG_GETARG_OID(0);
	ReadValue  *read = fcinfo->flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	Relation	relation;
	NpsRow		row;
	NpsCell		cell;

	if (is_still_read(read, oid))
	{
		fcinfo->isnull = read->cell.is_null;
		return read->cell.value;
	}
	if (read == NULL)
		read = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ReadValue));
	read->is_read = false;
	relation = try_relation_open(oid, AccessShareLock);
	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", oid)));
	nps_connect();
	cell = nps_null_cell(type);
	if (nps_query_kept(oid, RelationGetRelationName(relation), psprintf(query, nps_beside(relation, RelationGetRelationName(relation))),
					   0, NULL, NPS_AS_BEFORE, &row))
		cell = nps_cell(&row, "value", type);
	read->cell = nps_cell_copy(&cell, fcinfo->flinfo->fn_mcxt);
	SPI_finish();
	relation_close(relation, AccessShareLock);
	read->relation = oid;
	read->xmin = snapshot->xmin;
	read->xmax = snapshot->xmax;
	read->running = snapshot->xcnt;
	read->command = snapshot->curcid;
	read->is_read = true;
	fcinfo->isnull = read->cell.is_null;
	return read->cell.value;
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
							 "SELECT pg_catalog.now() OPERATOR(pg_catalog.-) pg_catalog.make_interval(days => s.follow_up_days::pg_catalog.int4) AS value "
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
							 "SELECT coalesce(pg_catalog.array_agg(i::pg_catalog.int2 ORDER BY i), '{}'::pg_catalog.int2[]) AS value FROM %s p "
							 "CROSS JOIN LATERAL pg_catalog.generate_series(greatest(p.score_from::pg_catalog.int4, 0), least(p.score_to::pg_catalog.int4, 100)) i "
							 "WHERE p.follow_up",
							 INT2ARRAYOID);
}
