/*
 * case_comments.c
 *		What a respondent wrote in the answers of a case.
 *
 * Most cases have one answer, whose comment is at hand.  For the others this
 * function looks the comments up.  If the views had a sub-select for that, the
 * planner would assume that it runs for each case, and find every list so expensive
 * that all of it is JIT-compiled.
 *
 * A look-up reads the whole source where no index finds the answers of a
 * respondent, and many of them cost more than reading it once anyway.  So once the
 * look-ups of a statement have cost as much as that, as the planner counts, all
 * comments in question are read into a file.  What is read in vain is never more
 * than what was needed, wherever the answers are.
 */
#include "survey_query.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "case_fold.h"
#include "keyed_file.h"

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

/* While look-ups cost no more than this, nobody asks what it costs to read all. */
#define CHEAP_LOOKUPS 100

/* The columns of the file, by number. */
enum
{
	FILED_RESPONDENT = 1,
	FILED_ID,
	FILED_TOPIC,
	FILED_AT,
	FILED_IS_FOLLOWED,
	FILED_COMMENT
};

static const NpsColumn filed[] = {
	{"respondent", InvalidOid},
	{"response_id", InvalidOid},
	{"topic", TEXTOID},
	{"responded_at", TIMESTAMPTZOID},
	{"is_followed", BOOLOID},
	{"comment", TEXTOID}
};

/* What a statement has looked up, kept until it ends. */
typedef struct Lookups
{
	Oid			counted;
	NpsMoment	moment;
	MemoryContext context;
	double		spent;			/* what the look-ups have cost */
	double		price;			/* of reading all; negative: not known */
	bool		is_asked;		/* whether there is a file, or can be none */
	NpsKeyedFile *file;			/* all comments, by respondent; NULL: they are looked up */
} Lookups;

static Lookups *
lookups_of(FunctionCallInfo fcinfo, Oid counted)
{
	Lookups    *lookups = fcinfo->flinfo->fn_extra;
	MemoryContext context;

	if (lookups != NULL && lookups->counted == counted && nps_is_moment(&lookups->moment))
		return lookups;
	fcinfo->flinfo->fn_extra = NULL;
	if (lookups != NULL)
		MemoryContextDelete(lookups->context);
	context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "nps comments", ALLOCSET_SMALL_SIZES);
	lookups = MemoryContextAllocZero(context, sizeof(Lookups));
	lookups->context = context;
	lookups->counted = counted;
	lookups->moment = nps_moment();
	lookups->price = -1;
	fcinfo->flinfo->fn_extra = lookups;
	return lookups;
}

/* What the rules say of answer e; loop_since is the parameter with that number. */
static char *
is_followed(Relation counted, const char *extension, int loop_since)
{
	return psprintf("%s.nps_rule_bits(%s::pg_catalog.regclass, e.rule_score::pg_catalog.int4, e.responded_at, $%d, e.wants_contact) "
					"OPERATOR(pg_catalog.&) %d OPERATOR(pg_catalog.<>) 0",
					quote_identifier(extension), quote_literal_cstr(nps_beside(counted, "survey")), loop_since, NPS_ENTRY_FOLLOW_UP);
}

/* Looks the comments up, between nps_connect() and SPI_finish(). */
static NpsCell
look_up(Lookups *lookups, Relation counted, const char *extension, const NpsCell *parameters, MemoryContext caller)
{
	NpsCell		comments = nps_null_cell(TEXTOID);
	NpsRow		row;
	char	   *query = psprintf("SELECT pg_catalog.string_agg(e.comment, E'\\n' ORDER BY e.responded_at) AS comments FROM %s e "
								 "WHERE e.respondent %s $1 AND e.has_comment AND (e.topic OPERATOR(pg_catalog.=) $3 OR e.topic IS NULL AND $3 IS NULL) "
								 "AND (%s OR e.response_id %s $2) "
								 "AND ($5 IS NULL OR e.responded_at OPERATOR(pg_catalog.>=) $5 AND e.responded_at OPERATOR(pg_catalog.<=) $6)",
								 nps_beside(counted, RelationGetRelationName(counted)), nps_equality(parameters[ARG_RESPONDENT - 1].type),
								 is_followed(counted, extension, 4), nps_equality(parameters[ARG_CASE - 1].type));

	if (nps_query_at_cost(lookups->counted, "counted", query, ARGUMENTS - 1, parameters, NPS_AS_BEFORE, &row, &lookups->spent))
	{
		comments = nps_cell(&row, "comments", TEXTOID);
		comments = nps_cell_copy(&comments, caller);
	}
	return comments;
}

/*
 * Reads all comments of answers to be followed up, and of answers that opened a
 * case, if that costs no more than the look-ups so far.
 */
static void
read_all(Lookups *lookups, Relation counted, const char *extension, const NpsCell *parameters)
{
	Oid			type = TIMESTAMPTZOID;
	NpsRow		shape = {NULL, NULL, "counted"};
	Datum		loop_since = parameters[ARG_LOOP_SINCE - 1].value;
	char	   *query;
	SPIPlanPtr	plan;
	Portal		portal;
	MemoryContext caller = CurrentMemoryContext;

	if (lookups->spent < CHEAP_LOOKUPS || (lookups->price >= 0 && lookups->spent < lookups->price))
		return;
	query = psprintf("SELECT e.respondent, e.response_id, e.topic, e.responded_at, e.is_followed, e.comment "
					 "FROM (SELECT e.respondent, e.response_id, e.topic, e.responded_at, %s AS is_followed, e.comment FROM %s e "
					 "WHERE e.respondent IS NOT NULL AND e.has_comment) e LEFT JOIN %s c ON c.case_id %s e.response_id "
					 "WHERE e.is_followed OR c.case_id IS NOT NULL ORDER BY e.respondent, e.responded_at",
					 is_followed(counted, extension, 1), nps_beside(counted, RelationGetRelationName(counted)),
					 nps_beside(counted, "followup_case"), nps_equality(parameters[ARG_CASE - 1].type));
	plan = SPI_prepare_cursor(query, 1, &type, CURSOR_OPT_GENERIC_PLAN | CURSOR_OPT_NO_SCROLL);
	MemoryContextSwitchTo(caller);
	if (plan == NULL)
		elog(ERROR, "cannot prepare to read comments: %s", SPI_result_code_string(SPI_result));
	lookups->price = nps_cost_of(plan, false);
	if (lookups->spent < lookups->price)
		return;
	lookups->is_asked = true;
	portal = SPI_cursor_open(NULL, plan, &loop_since, parameters[ARG_LOOP_SINCE - 1].is_null ? "n" : " ", true);
	MemoryContextSwitchTo(caller);
	shape.columns = portal->tupDesc;
	nps_expect_columns(&shape, filed, lengthof(filed));
	/* the operators of a query find out what is equal among types; a comparison of ours does not */
	if (getBaseType(TupleDescAttr(shape.columns, FILED_RESPONDENT - 1)->atttypid) == getBaseType(parameters[ARG_RESPONDENT - 1].type) &&
		getBaseType(TupleDescAttr(shape.columns, FILED_ID - 1)->atttypid) == getBaseType(parameters[ARG_CASE - 1].type))
		lookups->file = nps_keyed_file(lookups->context, portal);
	SPI_cursor_close(portal);
	MemoryContextSwitchTo(caller);
}

/* The comments out of the file, by the same rule as the query. */
static NpsCell
find_in_file(NpsKeyedFile *file, const NpsCell *parameters)
{
	NpsCell		comments = nps_null_cell(TEXTOID);
	StringInfoData all;
	NpsRow		row;
	const NpsCell *since = &parameters[ARG_SINCE - 1];
	const NpsCell *until = &parameters[ARG_UNTIL - 1];

	initStringInfo(&all);
	nps_find_key(file, parameters[ARG_RESPONDENT - 1].value);
	while (nps_next_of_key(file, &row))
	{
		NpsCell		id = nps_cell_at(&row, FILED_ID);
		NpsCell		topic = nps_cell_at(&row, FILED_TOPIC);
		NpsCell		given = nps_cell_at(&row, FILED_AT);
		text	   *comment;

		id.type = parameters[ARG_CASE - 1].type;
		if (!nps_same_cells(&topic, &parameters[ARG_TOPIC - 1]) ||
			(!DatumGetBool(nps_cell_at(&row, FILED_IS_FOLLOWED).value) && !nps_same_cells(&id, &parameters[ARG_CASE - 1])))
			continue;
		if (!since->is_null && (given.is_null || until->is_null ||
								nps_cell_time(&given) < nps_cell_time(since) || nps_cell_time(&given) > nps_cell_time(until)))
			continue;
		if (!comments.is_null)
			appendStringInfoChar(&all, '\n');
		comments.is_null = false;
		comment = DatumGetTextPP(nps_cell_at(&row, FILED_COMMENT).value);
		appendBinaryStringInfo(&all, VARDATA_ANY(comment), (int) VARSIZE_ANY_EXHDR(comment));
	}
	if (!comments.is_null)
		comments.value = PointerGetDatum(cstring_to_text_with_len(all.data, all.len));
	return comments;
}

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
	NpsCell		parameters[ARGUMENTS - 1];
	NpsCell		comments;
	Lookups    *lookups;

	if (PG_ARGISNULL(ARG_COUNTED) || PG_ARGISNULL(ARG_RESPONDENT) || PG_ARGISNULL(ARG_CASE))
		PG_RETURN_NULL();
	for (int i = ARG_RESPONDENT; i < ARGUMENTS; i++)
	{
		NpsCell    *parameter = &parameters[i - ARG_RESPONDENT];

		*parameter = nps_null_cell(OidIsValid(types[i]) ? types[i] : get_fn_expr_argtype(fcinfo->flinfo, i));
		parameter->is_null = PG_ARGISNULL(i);
		parameter->value = PG_GETARG_DATUM(i);
	}
	lookups = lookups_of(fcinfo, PG_GETARG_OID(ARG_COUNTED));
	if (lookups->file != NULL)
		comments = find_in_file(lookups->file, parameters);
	else
	{
		MemoryContext caller = CurrentMemoryContext;
		const char *extension = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));
		Relation	counted = try_relation_open(lookups->counted, AccessShareLock);

		if (counted == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("relation with OID %u does not exist", lookups->counted)));
		nps_connect();
		comments = look_up(lookups, counted, extension, parameters, caller);
		if (!lookups->is_asked)
			read_all(lookups, counted, extension, parameters);
		SPI_finish();
		relation_close(counted, AccessShareLock);
	}
	if (comments.is_null)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(comments.value);
}
