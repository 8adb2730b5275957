/*
 * survey_query.c
 *		Queries on the relations of a survey.  Parameters and results are cells.
 *
 * All must be run between nps_connect() and SPI_finish(), which frees their
 * results.  The current memory context stays the caller's.
 */
#include "survey_query.h"

#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"

/* The most parameters of a query. */
#define MOST_PARAMETERS 32

/* What planning a small query costs, as the planner counts: about as much as reading so many pages. */
#define COST_OF_PLANNING 100

void
nps_connect(void)
{
	MemoryContext caller = CurrentMemoryContext;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "cannot connect to the server's own SQL");
	MemoryContextSwitchTo(caller);
}

NpsMoment
nps_moment(void)
{
	Snapshot	snapshot = GetActiveSnapshot();
	NpsMoment	moment = {GetUserId(), snapshot->xmin, snapshot->xmax, snapshot->xcnt, snapshot->curcid};

	return moment;
}

bool
nps_is_moment(const NpsMoment *moment)
{
	NpsMoment	now = nps_moment();

	return moment->reader == now.reader && moment->xmin == now.xmin && moment->xmax == now.xmax && moment->running == now.running &&
		moment->command == now.command;
}

/* Parameters as SPI takes them. */
typedef struct Parameters
{
	Oid			types[MOST_PARAMETERS];
	Datum		values[MOST_PARAMETERS];
	char		nulls[MOST_PARAMETERS];
} Parameters;

static void
set_parameters(Parameters *it, int count, const NpsCell *cells)
{
	if (count > MOST_PARAMETERS)
		elog(ERROR, "too many parameters");
	for (int i = 0; i < count; i++)
	{
		it->types[i] = cells[i].type;
		it->values[i] = cells[i].value;
		it->nulls[i] = cells[i].is_null ? 'n' : ' ';
	}
}

/* The first row that a query returned; row may be NULL. */
static bool
first_row(int status, int expected, const char *of, NpsRow *row)
{
	if (status != expected)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" did something other than what it was asked to do", of),
				 errdetail_internal("%s in place of %s", SPI_result_code_string(status), SPI_result_code_string(expected)),
				 errhint("Drop the rules that are not of nps_attach().")));
	if (SPI_processed == 0)
		return false;
	if (row != NULL)
	{
		row->tuple = SPI_tuptable->vals[0];
		row->columns = SPI_tuptable->tupdesc;
		row->of = of;
	}
	return true;
}

/*
 * Runs a query as the acting role, with the names in it looked up as that role
 * would.  Returns whether it returned or changed a row, and the first one that it
 * returned.
 */
bool
nps_query(int expected, const char *of, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row)
{
	MemoryContext caller = CurrentMemoryContext;
	Parameters	given;
	int			status;

	set_parameters(&given, count, parameters);
	if (sight == NPS_AS_COMMITTED)
		PushActiveSnapshot(GetLatestSnapshot());
	status = SPI_execute_with_args(query, count, given.types, given.values, given.nulls, sight != NPS_AS_NOW,
								   expected == SPI_OK_SELECT ? 1 : 0);
	if (sight == NPS_AS_COMMITTED)
		PopActiveSnapshot();
	MemoryContextSwitchTo(caller);
	return first_row(status, expected, of, row);
}

/* Is it a query on this table only?  To the parser, its name may mean another one by now. */
static bool
is_on(SPIPlanPtr plan, const NpsTable *table)
{
	bool		result = false;
	ListCell   *source;

	foreach(source, SPI_plan_get_plan_sources(plan))
	{
		ListCell   *each;

		foreach(each, ((CachedPlanSource *) lfirst(source))->query_list)
		{
			Query	   *query = lfirst_node(Query, each);
			ListCell   *entry;

			if (!query->canSetTag)
				continue;
			foreach(entry, query->rtable)
			{
				RangeTblEntry *relation = lfirst_node(RangeTblEntry, entry);

				if (relation->rtekind == RTE_SUBQUERY || (relation->rtekind == RTE_RELATION && relation->relid != table->oid))
					return false;
				result = result || relation->rtekind == RTE_RELATION;
			}
		}
	}
	return result;
}

/* Plans a query on a table of the survey, with the types of the parameters. */
SPIPlanPtr
nps_prepare_on(const NpsTable *table, const char *query, int count, const NpsCell *parameters)
{
	MemoryContext caller = CurrentMemoryContext;
	Parameters	given;
	SPIPlanPtr	plan;

	set_parameters(&given, count, parameters);
	plan = SPI_prepare_cursor(query, count, given.types, CURSOR_OPT_GENERIC_PLAN);
	MemoryContextSwitchTo(caller);
	if (plan == NULL)
		elog(ERROR, "cannot prepare a query: %s", SPI_result_code_string(SPI_result));
	if (!is_on(plan, table))
	{
		nps_expect_unchanged(table);
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" did something other than what it was asked to do", table->name),
				 errhint("Drop the rules that are not of nps_attach().")));
	}
	return plan;
}

/* Runs it.  The name of the table must keep its meaning to the end. */
bool
nps_execute_on(const NpsTable *table, SPIPlanPtr plan, int expected, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row)
{
	MemoryContext caller = CurrentMemoryContext;
	Parameters	given;
	int			status;

	set_parameters(&given, count, parameters);
	if (sight == NPS_AS_COMMITTED)
		PushActiveSnapshot(GetLatestSnapshot());
	status = SPI_execute_plan(plan, given.values, given.nulls, sight != NPS_AS_NOW, expected == SPI_OK_SELECT ? 1 : 0);
	if (sight == NPS_AS_COMMITTED)
		PopActiveSnapshot();
	MemoryContextSwitchTo(caller);
	nps_expect_unchanged(table);
	return first_row(status, expected, table->name, row);
}

/* Plans it and runs it. */
bool
nps_query_on(const NpsTable *table, int expected, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row)
{
	return nps_execute_on(table, nps_prepare_on(table, query, count, parameters), expected, count, parameters, sight, row);
}

/*
 * A plan that is kept for the session: the views of follow-up are big, and planning
 * takes longer than running the query.  It belongs to the query and the types of
 * its parameters; the types of the result are known only after it has run.
 */
typedef struct KeptPlan
{
	Oid			relation;
	SPIPlanPtr	plan;			/* NULL: no plan yet */
	char	   *query;
	int			count;
	Oid			types[MOST_PARAMETERS];
	bool		is_used;		/* being made or run */
} KeptPlan;

static HTAB *plans = NULL;

static void
forget_plan(KeptPlan *kept)
{
	if (kept->plan != NULL)
		SPI_freeplan(kept->plan);
	kept->plan = NULL;
	if (kept->query != NULL)
		pfree(kept->query);
	kept->query = NULL;
}

/* Drops plans that are no longer valid, as their relations may be gone. */
static void
forget_plans(void)
{
	HASH_SEQ_STATUS scan;
	KeptPlan   *kept;

	hash_seq_init(&scan, plans);
	while ((kept = hash_seq_search(&scan)) != NULL)
	{
		if (kept->is_used || (kept->plan != NULL && SPI_plan_is_valid(kept->plan)))
			continue;
		forget_plan(kept);
		hash_search(plans, &kept->relation, HASH_REMOVE, NULL);
	}
}

/* The entry of a relation, which may be without a plan. */
static KeptPlan *
kept_plan(Oid relation)
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
		kept->is_used = false;
	}
	return kept;
}

/* Makes a generic plan of the query, unless there is one for the same query that is still valid. */
static void
make_plan(KeptPlan *kept, const char *query, int count, const Oid *types)
{
	SPIPlanPtr	plan;

	/* an invalid plan is dropped: names in the query may mean something else by now */
	if (kept->plan != NULL && SPI_plan_is_valid(kept->plan) && strcmp(kept->query, query) == 0 &&
		kept->count == count && memcmp(kept->types, types, count * sizeof(Oid)) == 0)
		return;
	forget_plan(kept);
	kept->query = MemoryContextStrdup(TopMemoryContext, query);
	kept->count = count;
	memcpy(kept->types, types, count * sizeof(Oid));
	plan = SPI_prepare_cursor(query, count, kept->types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "cannot prepare to look a case up: %s", SPI_result_code_string(SPI_result));
	kept->plan = plan;
}

/* What the planner thinks that running a plan costs: a generic one, kept with SPI_keepplan() or not. */
double
nps_cost_of(SPIPlanPtr plan, bool is_kept)
{
	CachedPlan *cached = SPI_plan_get_cached_plan(plan);
	double		cost = 0;

	if (cached != NULL)
	{
		PlannedStmt *statement = linitial_node(PlannedStmt, cached->stmt_list);

		if (statement->planTree != NULL)
			cost = statement->planTree->total_cost;
		ReleaseCachedPlan(cached, is_kept ? CurrentResourceOwner : NULL);
	}
	return cost;
}

/*
 * Runs a query as nps_query() does, with the plan that is kept for the relation.
 *
 * A function in the query may come back here: that call makes its own plan.  So
 * does a call without forced row security, as plans are not distinguished by that.
 */
bool
nps_query_kept(Oid relation, const char *of, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row)
{
	double		cost = 0;

	return nps_query_at_cost(relation, of, query, count, parameters, sight, row, &cost);
}

/* The same; adds what the planner thinks that it costs. */
bool
nps_query_at_cost(Oid relation, const char *of, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row, double *cost)
{
	MemoryContext caller = CurrentMemoryContext;
	KeptPlan   *kept;
	Parameters	given;
	int			status;

	kept = InNoForceRLSOperation() ? NULL : kept_plan(relation);
	if (kept == NULL || kept->is_used)
	{
		*cost += COST_OF_PLANNING;
		return nps_query(SPI_OK_SELECT, of, query, count, parameters, sight, row);
	}
	set_parameters(&given, count, parameters);
	kept->is_used = true;
	PG_TRY();
	{
		make_plan(kept, query, count, given.types);
		*cost += nps_cost_of(kept->plan, true);
		status = SPI_execute_plan(kept->plan, given.values, given.nulls, sight == NPS_AS_BEFORE, 1);
	}
	PG_FINALLY();
	{
		kept->is_used = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	return first_row(status, SPI_OK_SELECT, of, row);
}
