/*
 * case_comments.c
 *		What a respondent wrote in the answers of a case.
 *
 * Most cases have one answer, whose comment is at hand.  For the others this
 * function looks the comments up.  If the views had a sub-select for that, the
 * planner would assume that it runs for each case, and find every list so expensive
 * that all of it is JIT-compiled.
 */
#include "survey_query.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "case_fold.h"

/* The arguments of nps_case_comments(), in the order of the parameters of its query. */
enum
{
	ARG_COUNTED,
	ARG_RESPONDENT,
	ARG_CASE,
	ARG_TOPIC,
	ARG_LOOP_SINCE,
	ARG_SINCE,
	ARG_UNTIL,
	ARGUMENTS
};

/*
 * nps_case_comments(counted regclass, respondent anyelement, case_id anycompatible, topic text,
 *		loop_since, since, until timestamptz) returns text
 *
 * The comments of the answers to be followed up that were given from the first to
 * the newest of a case, and of the answer that opened it, each on lines of its own;
 * NULL if there are none.  If since is NULL, there is no limit of time.
 */
PG_FUNCTION_INFO_V1(nps_case_comments);
Datum
nps_case_comments(PG_FUNCTION_ARGS)
{
	static const Oid types[ARGUMENTS] = {0, 0, 0, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	MemoryContext caller = CurrentMemoryContext;
	NpsCell		parameters[ARGUMENTS - 1];
	NpsCell		comments;
	NpsRow		row;
	Relation	counted;
	const char *extension = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));
	char	   *query;

	if (PG_ARGISNULL(ARG_COUNTED) || PG_ARGISNULL(ARG_RESPONDENT) || PG_ARGISNULL(ARG_CASE))
		PG_RETURN_NULL();
	for (int i = ARG_RESPONDENT; i < ARGUMENTS; i++)
	{
		NpsCell    *parameter = &parameters[i - ARG_RESPONDENT];

		*parameter = nps_null_cell(OidIsValid(types[i]) ? types[i] : get_fn_expr_argtype(fcinfo->flinfo, i));
		parameter->is_null = PG_ARGISNULL(i);
		parameter->value = PG_GETARG_DATUM(i);
	}
	counted = try_relation_open(PG_GETARG_OID(ARG_COUNTED), AccessShareLock);
	if (counted == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", PG_GETARG_OID(ARG_COUNTED))));
	nps_connect();
	query = psprintf("SELECT pg_catalog.string_agg(e.comment, E'\\n' ORDER BY e.responded_at) AS comments FROM %s e "
					 "WHERE e.respondent %s $1 AND e.has_comment AND (e.topic OPERATOR(pg_catalog.=) $3 OR e.topic IS NULL AND $3 IS NULL) "
					 "AND (%s.nps_rule_bits(%s::pg_catalog.regclass, e.rule_score::pg_catalog.int4, e.responded_at, $4, e.wants_contact) "
					 "OPERATOR(pg_catalog.&) %d OPERATOR(pg_catalog.<>) 0 OR e.response_id %s $2) "
					 "AND ($5 IS NULL OR e.responded_at OPERATOR(pg_catalog.>=) $5 AND e.responded_at OPERATOR(pg_catalog.<=) $6)",
					 nps_beside(counted, RelationGetRelationName(counted)), nps_equality(parameters[0].type),
					 quote_identifier(extension), quote_literal_cstr(nps_beside(counted, "survey")), NPS_ENTRY_FOLLOW_UP,
					 nps_equality(parameters[1].type));
	comments = nps_null_cell(TEXTOID);
	if (nps_query_kept(PG_GETARG_OID(ARG_COUNTED), "counted", query, ARGUMENTS - 1, parameters, NPS_AS_BEFORE, &row))
	{
		comments = nps_cell(&row, "comments", TEXTOID);
		comments = nps_cell_copy(&comments, caller);
	}
	SPI_finish();
	relation_close(counted, AccessShareLock);
	if (comments.is_null)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(comments.value);
}
