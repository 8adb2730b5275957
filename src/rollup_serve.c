/*
 * rollup_serve.c
 *		Whether a rollup is kept current, and whether the current user may be served
 *		from it.
 *
 * The planner asks, and makes a plan that reads either the rollup or the source.
 * When the plan runs, the question is asked again, for the snapshot that it runs
 * with: something may have happened in between, or since a plan was cached.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "answer.h"
#include "rollup.h"
#include "rollup_expression.h"
#include "rollup_identity.h"
#include "rollup_note.h"
#include "rollup_part.h"

/* The snapshot for which the question is asked. */
static Snapshot
asking_snapshot(void)
{
	return ActiveSnapshotSet() ? GetActiveSnapshot() : GetTransactionSnapshot();
}

/*
 * nps_rollup_trouble(rollup regclass, with_triggers boolean) returns text
 *
 * Why a rollup must be made again, as a sentence; NULL if it need not be.  Without
 * triggers: why it cannot be kept current.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_trouble);
Datum
nps_rollup_trouble(PG_FUNCTION_ARGS)
{
	RollupMapping mapping;
	char	   *trouble;

	nps_mapping_read(&mapping, PG_GETARG_OID(0), PG_GETARG_BOOL(1));
	trouble = mapping.trouble;
	if (trouble == NULL)
	{
		nps_mapping_look_up(&mapping);
		trouble = mapping.doubt;
	}
	if (trouble == NULL && PG_GETARG_BOOL(1))
	{
		RollupState state = nps_rollup_state(&mapping, asking_snapshot(), false);

		if (state.is_lost)
			trouble = state.trouble;
	}
	if (trouble == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(trouble));
}

/*
 * nps_rollup_unserved(rollup regclass, OUT trouble text, OUT lacks_leaves boolean, OUT can_be_made boolean)
 *
 * Why reports read the source, as a sentence; NULL if they do not.  And whether it
 * is sufficient that nps_compact() counts some partitions, and whether the rollup
 * can be made again.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_unserved);
Datum
nps_rollup_unserved(PG_FUNCTION_ARGS)
{
	RollupMapping mapping;
	RollupState state;
	TupleDesc	columns;
	Datum		values[3] = {0};
	bool		nulls[3] = {false, false, false};

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	nps_mapping_read(&mapping, PG_GETARG_OID(0), true);
	state = nps_rollup_state(&mapping, asking_snapshot(), false);
	nulls[0] = state.trouble == NULL;
	if (state.trouble != NULL)
		values[0] = CStringGetTextDatum(state.trouble);
	values[1] = BoolGetDatum(state.lacks_leaves);
	values[2] = BoolGetDatum(!mapping.is_refused);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls)));
}

/*
 * nps_rollup_leaves(rollup regclass, OUT leaf regclass, OUT is_counted boolean, OUT has_triggers boolean)
 *
 * The tables that hold the rows of the source, and whether these are counted.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_leaves);
Datum
nps_rollup_leaves(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	RollupMapping mapping;
	RollupState state;

	InitMaterializedSRF(fcinfo, 0);
	nps_mapping_read(&mapping, PG_GETARG_OID(0), true);
	state = nps_rollup_state(&mapping, asking_snapshot(), false);
	for (int i = 0; i < mapping.leaf_count && state.is_counted != NULL; i++)
	{
		Datum		values[3] = {ObjectIdGetDatum(mapping.leaves[i].relation), BoolGetDatum(state.is_counted[i]),
		BoolGetDatum(mapping.leaves[i].identity != NULL)};
		bool		nulls[3] = {false, false, false};

		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * nps_rollup_zone(rollup regclass) returns text
 *
 * The time zone of the days of a rollup; NULL if it is not kept current.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_zone);
Datum
nps_rollup_zone(PG_FUNCTION_ARGS)
{
	RollupMapping mapping;

	nps_mapping_read(&mapping, PG_GETARG_OID(0), true);
	if (mapping.trouble != NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(pg_get_timezone_name(mapping.zone)));
}

/*
 * nps_rollup_mapping(rollup regclass) returns text
 *
 * The part of the mapping that the rollup is made from, as SQL: if that changes,
 * the rollup no longer fits.  NULL if there is no view answer.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_mapping);
Datum
nps_rollup_mapping(PG_FUNCTION_ARGS)
{
	static const char *const measured[] = {"asked_at", "comment", "rejection", "score"};

	Relation	rollup = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	Oid			view;
	NpsAnswer  *answer;
	Relation	source;
	StringInfoData text;
	TupleDesc	columns;
	List	   *context;

	if (rollup == NULL)
		PG_RETURN_NULL();
	columns = CreateTupleDescCopy(RelationGetDescr(rollup));
	view = get_relname_relid("answer", RelationGetNamespace(rollup));
	relation_close(rollup, AccessShareLock);
	answer = OidIsValid(view) ? nps_answer_read(view) : NULL;
	source = answer == NULL ? NULL : try_relation_open(answer->source, AccessShareLock);
	if (source == NULL)
		PG_RETURN_NULL();
	initStringInfo(&text);
	appendStringInfo(&text, "%s\n", quote_qualified_identifier(get_namespace_name(RelationGetNamespace(source)), RelationGetRelationName(source)));
	context = deparse_context_for(RelationGetRelationName(source), answer->source);
	if (answer->filter != NULL)
		appendStringInfo(&text, "filter: %s\n", deparse_expression(answer->filter, context, true, false));
	for (int i = -(int) lengthof(measured); i < columns->natts - ROLLUP_MEASURES; i++)
	{
		const char *name = i < 0 ? measured[-1 - i] : nps_key_name(columns, i);
		Node	   *expression = nps_answer_column(answer, name);

		appendStringInfo(&text, "%s: %s\n", name, expression == NULL ? "" : deparse_expression(expression, context, true, false));
	}
	relation_close(source, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

/*
 * Does the snapshot see the last TRUNCATE of the source?  TRUNCATE empties the
 * source for older snapshots too, but not the rollup; so it rewrites the
 * pg_attribute entry of the rollup's last column, to show that.
 */
static bool
is_older_than_snapshot(Oid rollup, AttrNumber last_column)
{
	HeapTuple	entry = SearchSysCache2(ATTNUM, ObjectIdGetDatum(rollup), Int16GetDatum(last_column));
	Snapshot	snapshot = asking_snapshot();
	TransactionId made;
	bool		is_older;

	if (!HeapTupleIsValid(entry))
		return false;
	made = HeapTupleHeaderGetXmin(entry->t_data);
	if (!TransactionIdIsNormal(made))
		is_older = true;
	else if (TransactionIdIsCurrentTransactionId(made))
		/* a statement that calls a function that empties the source began before that */
		is_older = HeapTupleHeaderGetCmin(entry->t_data) < snapshot->curcid;
	else
		is_older = !XidInMVCCSnapshot(made, snapshot);
	ReleaseSysCache(entry);
	return is_older;
}

/*
 * May the current user read all rows and columns of the source, so that the rollup
 * reveals nothing new to them?
 */
static bool
may_read(Oid source)
{
	bool		is_missing = false;

	return OidIsValid(source) && get_rel_relkind(source) != '\0' && check_enable_rls(source, InvalidOid, true) != RLS_ENABLED &&
		pg_class_aclcheck_ext(source, GetUserId(), ACL_SELECT, &is_missing) == ACLCHECK_OK;
}

/*
 * Why the current user cannot be served from the rollup, for the current snapshot,
 * as a sentence; NULL: they can.  A plan made within a statement that changes the
 * source may run with another snapshot, which sees some of the changes.
 */
static const char *
rollup_refusal(Oid rollup, bool is_run)
{
	RollupMapping *mapping = nps_mapping_of_rollup(rollup, InvalidOid);

	if (mapping->trouble != NULL)
		return mapping->trouble;
	if (!may_read(mapping->source))
		return "The current user may not read all of its source.";
	if (is_run ? nps_note_is_seen(rollup, asking_snapshot()) : nps_note_is_asked_for(rollup, asking_snapshot()))
		return "A statement of this session that changes its source has not come to its end.";
	if (!is_older_than_snapshot(rollup, mapping->columns->natts) || nps_has_emptied_behind_snapshot(rollup))
		return "Its source was emptied after what the report shows.";
	return nps_rollup_state(mapping, asking_snapshot(), is_run).trouble;
}

static bool
rollup_serves(Oid rollup)
{
	return rollup_refusal(rollup, false) == NULL;
}

/*
 * nps_rollup_serves(rollup regclass) returns boolean
 *
 * Whether the current user can be served from the rollup.  The views of a survey
 * call it.  The planner evaluates it in advance, and so plans only one of the two
 * ways.  A plan is made again when the source, the view answer or the rollup
 * changes, and, as the rollup has row security, when the role changes.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_serves);
Datum
nps_rollup_serves(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rollup_serves(PG_GETARG_OID(0)));
}

/* What was decided for a query that is being planned, in the memory of its plan. */
typedef struct Decision
{
	PlannerGlobal *query;
	Oid			rollup;
	bool		serves;
	struct Decision *next;
	MemoryContextCallback end;
} Decision;

static Decision *decisions = NULL;

static void
forget_decision(void *argument)
{
	Decision  **place = &decisions;

	while (*place != argument)
		place = &(*place)->next;
	*place = (*place)->next;
}

/*
 * Does a function in SQL keep the plan until the transaction ends, as PL/pgSQL calls it
 * in an expression?  When a statement begins that changes the source, such a plan could
 * not be made anew.
 */
static bool
is_kept(MemoryContext memory)
{
	return nps_is_context_of_sql_function(memory) && memory->parent != NULL && memory->parent->parent == TopTransactionContext;
}

/*
 * Decides once for a query.  Its views ask in several places, and what the answer
 * depends on may change in between: two answers would leave out both the rollup and
 * the source, or read both.
 */
static bool
decide(const PlannerInfo *root, Oid rollup)
{
	PlannerGlobal *query = root->glob;
	MemoryContext memory = root->planner_cxt;
	Decision   *decision;

	for (decision = decisions; decision != NULL; decision = decision->next)
	{
		if (decision->query == query && decision->rollup == rollup)
			return decision->serves;
	}
	decision = MemoryContextAlloc(memory, sizeof(Decision));
	decision->query = query;
	decision->rollup = rollup;
	decision->serves = !is_kept(memory) && rollup_serves(rollup);
	decision->next = decisions;
	decision->end.func = forget_decision;
	decision->end.arg = decision;
	MemoryContextRegisterResetCallback(memory, &decision->end);
	decisions = decision;
	return decision->serves;
}

PG_FUNCTION_INFO_V1(nps_rollup_serves_support);
Datum
nps_rollup_serves_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *result = NULL;

	if (IsA(request, SupportRequestSimplify))
	{
		SupportRequestSimplify *simplify = (SupportRequestSimplify *) request;
		const PlannerInfo *root = simplify->root;
		Node	   *argument = (Node *) linitial(simplify->fcall->args);

		/* an expression that is planned alone belongs to no query */
		if (root != NULL && root->parse != NULL && root->planner_cxt != NULL && IsA(argument, Const) && !((Const *) argument)->constisnull)
		{
			Oid			rollup = DatumGetObjectId(((Const *) argument)->constvalue);

			nps_mapping_has_served(rollup);
			result = makeBoolConst(decide(root, rollup), false);
		}
	}
	PG_RETURN_POINTER(result);
}

/*
 * nps_rollup_may_be_read(rollup regclass) returns boolean
 *
 * The row security of a rollup: it shows nobody more than the source does.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_may_be_read);
Datum
nps_rollup_may_be_read(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(may_read(nps_mapping_of_rollup(PG_GETARG_OID(0), InvalidOid)->source));
}

/* An error if a plan reads the rollup although there is a reason not to. */
static void
expect_no_refusal(Oid rollup, const char *refusal)
{
	if (refusal == NULL)
		return;
	/* the next time, the report reads the source */
	nps_forget_plans(rollup);
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("a report of survey \"%s\" was planned for another moment than it is read for", get_namespace_name(get_rel_namespace(rollup))),
			 errdetail_internal("%s", refusal),
			 errhint("Read it once more.")));
}

/*
 * nps_rollup_is_current(rollup regclass) returns boolean
 *
 * Called when a plan that reads the rollup is run: true if that is right; else an
 * error, as the result would be wrong.  So too where a cursor is read by another role
 * than it was opened by, from whom the rollup hides its rows.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_is_current);
Datum
nps_rollup_is_current(PG_FUNCTION_ARGS)
{
	Oid			rollup = PG_GETARG_OID(0);

	/* everything that the snapshot sees must be known, such as a trigger disabled for a while */
	AcceptInvalidationMessages();
	expect_no_refusal(rollup, rollup_refusal(rollup, true));
	PG_RETURN_BOOL(true);
}

/* Planner support of nps_rollup_counts(): nearly all cells belong to existing leaves. */
PG_FUNCTION_INFO_V1(nps_rollup_counts_support);
Datum
nps_rollup_counts_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *result = NULL;

	if (IsA(request, SupportRequestSelectivity))
	{
		((SupportRequestSelectivity *) request)->selectivity = 1.0;
		result = request;
	}
	PG_RETURN_POINTER(result);
}

/* The leaves that a rollup counts, kept during a query. */
typedef struct CountedLeaves
{
	int			count;
	Oid			leaves[FLEXIBLE_ARRAY_MEMBER];
} CountedLeaves;

/*
 * nps_rollup_counts(rollup regclass, leaf bigint) returns boolean
 *
 * Does the leaf of a cell now belong to the source?  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_counts);
Datum
nps_rollup_counts(PG_FUNCTION_ARGS)
{
	CountedLeaves *counted = fcinfo->flinfo->fn_extra;
	Oid			leaf = (Oid) PG_GETARG_INT64(1);
	int			low = 0;
	int			high;

	if (counted == NULL)
	{
		RollupMapping *mapping = nps_mapping_of_rollup(PG_GETARG_OID(0), InvalidOid);
		RollupState state = nps_rollup_state(mapping, asking_snapshot(), true);

		/* it may have changed since nps_rollup_is_current() */
		expect_no_refusal(mapping->rollup, state.trouble);
		counted = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
									 offsetof(CountedLeaves, leaves) + (mapping->leaf_count + 1) * sizeof(Oid));
		counted->count = 0;
		for (int i = 0; i < mapping->leaf_count && state.is_counted != NULL; i++)
		{
			if (state.is_counted[i])
				counted->leaves[counted->count++] = mapping->leaves[i].relation;
		}
		fcinfo->flinfo->fn_extra = counted;
	}
	high = counted->count - 1;
	while (low <= high)
	{
		int			middle = (low + high) / 2;

		if (counted->leaves[middle] == leaf)
			PG_RETURN_BOOL(true);
		if (counted->leaves[middle] < leaf)
			low = middle + 1;
		else
			high = middle - 1;
	}
	PG_RETURN_BOOL(false);
}
