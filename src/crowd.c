/*
 * crowd.c
 *		Respondents who stand for many people.
 *
 * Whether a respondent is one is a STABLE function of constants, for the reason
 * given in followup_rules.c.
 */
#include "survey_query.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_statistic.h"
#include "nodes/primnodes.h"
#include "nodes/supportnodes.h"
#include "parser/parse_coerce.h"
#include "storage/bufmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "answer.h"
#include "case_fold.h"

/*
 * nps_most_answers() returns integer
 *
 * The largest number of valid answers that is taken to come from one person.
 */
PG_FUNCTION_INFO_V1(nps_most_answers);
Datum
nps_most_answers(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_INT32(NPS_MOST_ANSWERS);
}

/*
 * A respondent with more valid answers than a person gives is left out of follow-up.
 *
 * Counting decides that, but only those who may be crowds are counted: the
 * statistics of the source show the most frequent respondents, and everybody else
 * is too rare to matter.  Without such statistics, a few respondents are counted
 * one by one, and if more are asked for, all of them at once.
 */
typedef struct Respondent
{
	Datum		value;
	bool		is_counted;
	bool		is_crowd;
} Respondent;

typedef struct Crowds
{
	Oid			answer;
	Oid			type;			/* of a respondent */
	Oid			collation;
	TypeCacheEntry *sorted;
	MemoryContext context;
	Respondent *respondents;	/* those who may be crowds, sorted */
	int			count;
	int			room;
	bool		are_all;		/* all others gave few answers */
} Crowds;

/* Without statistics, this many respondents are counted one by one. */
#define FEW_RESPONDENTS 8

static int
compare_respondents(const void *left, const void *right, void *crowds)
{
	const Crowds *all = crowds;

	return DatumGetInt32(FunctionCall2Coll(&all->sorted->cmp_proc_finfo, all->collation,
										   ((const Respondent *) left)->value, ((const Respondent *) right)->value));
}

static Respondent *
add_respondent(Crowds *crowds, Datum value)
{
	MemoryContext caller = MemoryContextSwitchTo(crowds->context);
	Respondent *added;

	if (crowds->count == crowds->room)
	{
		crowds->room = crowds->room * 2 + 16;
		crowds->respondents = crowds->respondents == NULL
			? palloc(crowds->room * sizeof(Respondent))
			: repalloc(crowds->respondents, crowds->room * sizeof(Respondent));
	}
	added = &crowds->respondents[crowds->count++];
	memset(added, 0, sizeof(Respondent));
	added->value = datumCopy(value, crowds->sorted->typbyval, crowds->sorted->typlen);
	MemoryContextSwitchTo(caller);
	return added;
}

static void
sort_respondents(Crowds *crowds)
{
	int			kept = 0;

	if (crowds->count == 0)
		return;
	qsort_arg(crowds->respondents, crowds->count, sizeof(Respondent), compare_respondents, crowds);
	for (int i = 1; i < crowds->count; i++)
		if (compare_respondents(&crowds->respondents[i], &crowds->respondents[kept], crowds) != 0)
			crowds->respondents[++kept] = crowds->respondents[i];
	crowds->count = kept + 1;
}

/* The column of the source that respondent is, apart from at most one value that stands for nobody; 0 for anything else. */
static AttrNumber
respondent_column(Node *expression)
{
	if (expression != NULL && IsA(expression, NullIfExpr) && IsA(lsecond(((NullIfExpr *) expression)->args), Const))
		expression = linitial(((NullIfExpr *) expression)->args);
	while (expression != NULL && IsA(expression, RelabelType))
		expression = (Node *) ((RelabelType *) expression)->arg;
	return expression != NULL && IsA(expression, Var) && ((Var *) expression)->varattno > 0 ? ((Var *) expression)->varattno : 0;
}

/*
 * Adds the values of a column of one table that occur in at least that many rows by
 * the statistics; false if there are no statistics.
 */
static bool
add_frequent(Crowds *crowds, Relation table, AttrNumber column, double rows)
{
	double		blocks = RelationGetNumberOfBlocks(table);
	double		all = table->rd_rel->reltuples;
	HeapTuple	tuple;
	AttStatsSlot slot;
	Oid			type = get_atttype(RelationGetRelid(table), column);
	bool		is_known = true;

	if (blocks == 0)
		return true;
	type = OidIsValid(type) ? getBaseType(type) : InvalidOid;
	if (all < 0 || table->rd_rel->relpages == 0 || (type != getBaseType(crowds->type) && !IsBinaryCoercible(type, getBaseType(crowds->type))))
		return false;
	/* it may have grown since */
	all = all / table->rd_rel->relpages * blocks;
	if (all < rows)
		return true;
	tuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(RelationGetRelid(table)), Int16GetDatum(column), BoolGetDatum(false));
	if (!HeapTupleIsValid(tuple))
		return false;
	if (get_attstatsslot(&slot, tuple, STATISTIC_KIND_MCV, InvalidOid, ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
	{
		if (slot.nvalues != slot.nnumbers || getBaseType(slot.valuetype) != type)
			is_known = false;
		for (int i = 0; is_known && i < slot.nvalues && slot.numbers[i] * all >= rows; i++)
		{
			/* the last one in a list of limited length: there may be more such values */
			if (i >= 50 && i == slot.nvalues - 1)
				is_known = false;
			(void) add_respondent(crowds, slot.values[i]);
		}
		free_attstatsslot(&slot);
	}
	ReleaseSysCache(tuple);
	return is_known;
}

/* The respondents who may be crowds, as far as the statistics of the source show. */
static bool
add_frequent_of_source(Crowds *crowds)
{
	NpsAnswer  *answer = nps_answer_read(crowds->answer);
	AttrNumber	column = answer == NULL ? 0 : respondent_column(nps_answer_column(answer, "respondent"));
	char	   *name = column > 0 ? get_attname(answer->source, column, true) : NULL;
	Relation	whole = name == NULL ? NULL : try_relation_open(answer->source, AccessShareLock);
	List	   *tables;
	ListCell   *cell;
	bool		is_known = true;

	if (whole == NULL)
		return false;
	/* the lock is kept, like those of the other tables */
	relation_close(whole, NoLock);
	tables = find_all_inheritors(answer->source, AccessShareLock, NULL);
	foreach(cell, tables)
	{
		/* half of the limit, as statistics are guesses, divided by the number of tables */
		double		rows = NPS_MOST_ANSWERS / 2.0 / list_length(tables);
		Relation	table = try_relation_open(lfirst_oid(cell), NoLock);

		if (table == NULL)
			continue;
		if (table->rd_rel->relkind == RELKIND_RELATION || table->rd_rel->relkind == RELKIND_MATVIEW)
			is_known = is_known && add_frequent(crowds, table, get_attnum(RelationGetRelid(table), name), rows);
		else if (table->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
			is_known = false;
		relation_close(table, NoLock);
	}
	return is_known;
}

/*
 * Runs a query on the view answer of these crowds, which must exist, as its
 * own views call this.
 */
static bool
query_answers(const Crowds *crowds, const char *query, int count, const NpsCell *parameters, NpsRow *row)
{
	Relation	answer = try_relation_open(crowds->answer, AccessShareLock);
	bool		found;

	if (answer == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", crowds->answer)));
	query = psprintf(query, nps_beside(answer, RelationGetRelationName(answer)));
	found = count > 0
		? nps_query_kept(crowds->answer, "answer", query, count, parameters, NPS_AS_BEFORE, row)
		: nps_query(SPI_OK_SELECT, "answer", query, 0, NULL, NPS_AS_BEFORE, row);
	relation_close(answer, AccessShareLock);
	return found;
}

/* Did the respondent give too many answers? */
static bool
is_crowd(Crowds *crowds, Datum respondent)
{
	NpsCell		key = nps_null_cell(crowds->type);
	NpsRow		row;
	bool		result;

	key.is_null = false;
	key.value = respondent;
	nps_connect();
	result = query_answers(crowds,
						   psprintf("SELECT pg_catalog.count(*) OPERATOR(pg_catalog.>) %d AS is_crowd FROM (SELECT 1 FROM %%s a "
									"WHERE a.respondent %s $1 AND a.score IS NOT NULL LIMIT %d) few",
									NPS_MOST_ANSWERS, nps_equality(crowds->type), NPS_MOST_ANSWERS + 1),
						   1, &key, &row) && nps_boolean(&row, "is_crowd");
	SPI_finish();
	return result;
}

/* Finds all respondents who gave too many answers. */
static void
count_all(Crowds *crowds)
{
	NpsRow		row;
	Datum		value;
	bool		is_null;
	ArrayIterator each;

	crowds->count = 0;
	crowds->are_all = true;
	nps_connect();
	if (query_answers(crowds,
					  psprintf("SELECT pg_catalog.array_agg(c.respondent) AS respondents FROM (SELECT a.respondent FROM %%s a "
							   "WHERE a.score IS NOT NULL AND a.respondent IS NOT NULL "
							   "GROUP BY a.respondent HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) %d) c", NPS_MOST_ANSWERS),
					  0, NULL, &row))
	{
		NpsCell		respondents = nps_cell(&row, "respondents", get_array_type(crowds->type));

		if (!respondents.is_null)
		{
			each = array_create_iterator(DatumGetArrayTypeP(respondents.value), 0, NULL);
			while (array_iterate(each, &value, &is_null))
			{
				Respondent *added = add_respondent(crowds, value);

				added->is_counted = added->is_crowd = true;
			}
			array_free_iterator(each);
		}
	}
	SPI_finish();
	sort_respondents(crowds);
}

/*
 * nps_is_crowd(answer regclass, respondent anyelement) returns boolean
 *
 * Whether the respondent of a survey gave more valid answers than one person does.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_is_crowd);
Datum
nps_is_crowd(PG_FUNCTION_ARGS)
{
	Crowds	   *crowds = fcinfo->flinfo->fn_extra;
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 1);
	Respondent	key = {PG_GETARG_DATUM(1), false, false};
	Respondent *found = NULL;

	if (crowds == NULL || crowds->answer != PG_GETARG_OID(0) || crowds->type != type)
	{
		TypeCacheEntry *sorted = OidIsValid(type) ? lookup_type_cache(type, TYPECACHE_CMP_PROC_FINFO) : NULL;

		if (sorted == NULL || !OidIsValid(sorted->cmp_proc_finfo.fn_oid))
			PG_RETURN_BOOL(false);
		crowds = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Crowds));
		crowds->context = fcinfo->flinfo->fn_mcxt;
		crowds->answer = PG_GETARG_OID(0);
		crowds->type = type;
		crowds->sorted = sorted;
		crowds->collation = OidIsValid(PG_GET_COLLATION()) ? PG_GET_COLLATION() : sorted->typcollation;
		crowds->are_all = add_frequent_of_source(crowds);
		if (!crowds->are_all)
			crowds->count = 0;
		sort_respondents(crowds);
		fcinfo->flinfo->fn_extra = crowds;
	}
	if (crowds->count == 0 && crowds->are_all)
		PG_RETURN_BOOL(false);
	found = bsearch_arg(&key, crowds->respondents, crowds->count, sizeof(Respondent), compare_respondents, crowds);
	if (found == NULL && !crowds->are_all)
	{
		if (crowds->count < FEW_RESPONDENTS)
		{
			(void) add_respondent(crowds, key.value);
			sort_respondents(crowds);
		}
		else
			count_all(crowds);
		found = bsearch_arg(&key, crowds->respondents, crowds->count, sizeof(Respondent), compare_respondents, crowds);
	}
	if (found == NULL)
		PG_RETURN_BOOL(false);
	if (!found->is_counted)
	{
		found->is_crowd = is_crowd(crowds, found->value);
		found->is_counted = true;
	}
	PG_RETURN_BOOL(found->is_crowd);
}

/* Planner support of nps_is_crowd(): hardly any respondent is one. */
PG_FUNCTION_INFO_V1(nps_is_crowd_support);
Datum
nps_is_crowd_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (!IsA(request, SupportRequestSelectivity))
		PG_RETURN_POINTER(NULL);
	((SupportRequestSelectivity *) request)->selectivity = 0.0001;
	PG_RETURN_POINTER(request);
}
