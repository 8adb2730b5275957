/*
 * rollup_mapping.c
 *		Reads the mapping of a survey from the rule of its view answer, for the
 *		triggers that keep the rollup; tells whether a rollup is kept, and whether
 *		who asks may read it.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rewriteSupport.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "rollup_mapping.h"
#include "rollup_trigger.h"

static HTAB *mappings = NULL;

/* Something changed: mappings that depend on it are to be read again. */
static void
forget_relation(Datum arg pg_attribute_unused(), Oid relation)
{
	HASH_SEQ_STATUS scan;
	RollupMapping *mapping;

	hash_seq_init(&scan, mappings);
	while ((mapping = hash_seq_search(&scan)) != NULL)
	{
		if (!OidIsValid(relation) || relation == mapping->rollup || relation == mapping->source || relation == mapping->answer ||
			list_member_oid(mapping->parts, relation))
			mapping->is_valid = false;
	}
}

/* A function, operator or type changed, of which the mapping may have been put together. */
static void
forget_all(Datum arg pg_attribute_unused(), int cache pg_attribute_unused(), uint32 hash pg_attribute_unused())
{
	forget_relation(arg, InvalidOid);
}

/* Why changes of such a source cannot all be seen; NULL if they can. */
static char *
source_trouble(Relation source)
{
	char	   *name = RelationGetRelationName(source);

	if (source->rd_rel->relkind != RELKIND_RELATION && source->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		return psprintf("\"%s\" is no table, so that changes of its rows cannot be seen.", name);
	if (source->rd_rel->relispartition)
		return psprintf("\"%s\" is a partition: changes by way of the partitioned table cannot be seen.", name);
	if (has_superclass(RelationGetRelid(source)))
		return psprintf("\"%s\" inherits from another table: changes by way of that cannot be seen.", name);
	if (source->rd_rel->relkind == RELKIND_RELATION && find_inheritance_children(RelationGetRelid(source), NoLock) != NIL)
		return psprintf("\"%s\" has tables that inherit from it: changes of these cannot be seen.", name);
	return NULL;
}

/*
 * Why the rollup of such a source could say something else than the source,
 * though all changes are counted; NULL if it does not.
 */
static char *
source_doubt(Relation source, Relation rollup, List *parts)
{
	ListCell   *cell;

	if (rollup->rd_rel->relpersistence != source->rd_rel->relpersistence)
		return pstrdup("Of the source and the rollup only one survives a crash.");
	foreach(cell, parts)
	{
		Oid			part = lfirst_oid(cell);

		if (get_rel_relkind(part) == RELKIND_FOREIGN_TABLE)
			return psprintf("Partition \"%s\" is a foreign table: changes on the other server cannot be seen.", get_rel_name(part));
		if (get_rel_persistence(part) != rollup->rd_rel->relpersistence)
			return psprintf("Partition \"%s\" is unlogged: after a crash it is empty, and the rollup is not.", get_rel_name(part));
	}
	return NULL;
}

/* The expression over the source as relation 1. */
static Node *
over_source(Node *expression, int relation)
{
	expression = copyObject(expression);
	ChangeVarNodes(expression, relation, 1, 0);
	return expression;
}

/*
 * Is there a value in it whose text is another one under other settings, though
 * the server calls its output immutable?
 */
static bool
is_shown_variously(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, CoerceViaIO))
	{
		switch (getBaseType(exprType((Node *) ((CoerceViaIO *) node)->arg)))
		{
			case FLOAT4OID:
			case FLOAT8OID:
			case BYTEAOID:
			case POINTOID:
			case LSEGOID:
			case PATHOID:
			case BOXOID:
			case POLYGONOID:
			case LINEOID:
			case CIRCLEOID:
				return true;
			default:
				break;
		}
	}
	return expression_tree_walker(node, is_shown_variously, context);
}

/*
 * Takes one expression of the mapping, planned, and of the type that is wanted
 * (InvalidOid: its own).  The result is why it cannot be used in a trigger, or
 * NULL.
 */
static char *
take_expression(RollupPart *part, Relation source, const char *name, Node *expression, int relation, Oid wanted)
{
	Bitmapset  *columns = NULL;
	int			column = -1;

	if (checkExprHasSubLink(expression))
		return psprintf("\"%s\" reads other tables, whose changes cannot be seen.", name);
	expression = nps_expand_generated_columns(over_source(expression, relation), source);
	pull_varattnos(expression, 1, &columns);
	while ((column = bms_next_member(columns, column)) >= 0)
	{
		if (column + FirstLowInvalidHeapAttributeNumber <= 0)
			return psprintf("\"%s\" uses a system column or the whole row.", name);
	}
	if (OidIsValid(wanted) && exprType(expression) != wanted)
	{
		expression = coerce_to_target_type(NULL, expression, exprType(expression), wanted, -1,
										   COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
		if (expression == NULL)
			return psprintf("\"%s\" is not of the type that its column in the rollup has.", name);
	}
	if (is_shown_variously(expression, NULL))
		return psprintf("\"%s\" is not always shown alike: what the text of such a number or value is depends on settings; cast it to numeric.", name);
	part->expression = expression_planner((Expr *) expression);
	if (contain_mutable_functions((Node *) part->expression))
		return psprintf("\"%s\" is not immutable: what it gives depends on more than the row, such as the time or a setting.", name);
	return NULL;
}

/* The expression of a column of the view; NULL if it has none of that name. */
static Node *
column_expression(Query *query, const char *name)
{
	ListCell   *cell;

	foreach(cell, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (entry->resname != NULL && strcmp(entry->resname, name) == 0)
			return (Node *) entry->expr;
	}
	return NULL;
}

/* The same, of a column of the view by its name. */
static char *
take_column(RollupPart *part, Relation source, Query *query, const char *name, Oid wanted)
{
	Node	   *expression = column_expression(query, name);

	if (expression == NULL)
		return psprintf("The view answer has no column \"%s\".", name);
	return take_expression(part, source, name, expression, linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex, wanted);
}

/* What a key of the cells is called in the view answer. */
static const char *
key_name(TupleDesc columns, int key)
{
	return key == 0 ? "responded_at" : NameStr(TupleDescAttr(columns, key)->attname);
}

/*
 * Reads the mapping from the rule of the view.  The result is why it cannot be
 * used, or NULL.
 */
static char *
read_mapping(RollupMapping *mapping, Query *query, Relation source, TupleDesc columns)
{
	char	   *trouble = NULL;

	mapping->keys = columns->natts - ROLLUP_MEASURES;
	mapping->key = palloc0(mapping->keys * sizeof(RollupKey));
	mapping->filter.expression = NULL;
	if (query->jointree->quals != NULL)
		trouble = take_expression(&mapping->filter, source, "filter", query->jointree->quals,
								  linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex, BOOLOID);
	if (trouble == NULL)
		trouble = take_column(&mapping->score, source, query, "score", InvalidOid);
	if (trouble == NULL)
		trouble = take_column(&mapping->rejection, source, query, "rejection", TEXTOID);
	if (trouble == NULL)
		trouble = take_column(&mapping->comment, source, query, "comment", TEXTOID);
	for (int i = 0; i < mapping->keys && trouble == NULL; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		mapping->key[i].by_value = column->attbyval;
		mapping->key[i].length = column->attlen;
		trouble = take_column(&mapping->key[i].part, source, query, key_name(columns, i), i == 0 ? TIMESTAMPTZOID : column->atttypid);
	}
	if (trouble == NULL)
		mapping->score_type = exprType((Node *) mapping->score.expression);
	return trouble;
}

/* Are the columns those of a rollup: a day, segments, and the measures?  Nothing else may be on it. */
static bool
is_rollup_shaped(Relation rollup)
{
	TupleDesc	columns = RelationGetDescr(rollup);
	static const char *const measures[ROLLUP_MEASURES] = {"added", "removed", "unanswered", "rejected", "with_comment"};
	int			first = columns->natts - ROLLUP_MEASURES;

	/* rows are put into it directly, so nothing must wait for being told or asked */
	if (rollup->rd_rel->relkind != RELKIND_RELATION || RelationGetIndexList(rollup) != NIL || rollup->rd_rules != NULL ||
		rollup->trigdesc != NULL || !rollup->rd_rel->relrowsecurity || rollup->rd_rel->relispartition ||
		has_superclass(RelationGetRelid(rollup)) || find_inheritance_children(RelationGetRelid(rollup), NoLock) != NIL ||
		columns->constr != NULL || first < 1)
		return false;
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (column->attisdropped)
			return false;
		if (i == 0 && (strcmp(NameStr(column->attname), "day") != 0 || column->atttypid != DATEOID))
			return false;
		if (i >= first)
		{
			if (strcmp(NameStr(column->attname), measures[i - first]) != 0)
				return false;
			if (i - first <= ROLLUP_REMOVED ? column->attlen != sizeof(NpsTally) || column->attbyval : column->atttypid != INT8OID)
				return false;
		}
	}
	return TupleDescAttr(columns, first)->atttypid == TupleDescAttr(columns, first + 1)->atttypid;
}

/*
 * Reads all that is to be known of a rollup.  The result is why it is not kept,
 * or NULL; whether triggers are asked for tells with_triggers.  Who calls it for a
 * statement on the source, or on one of its partitions, has the lock that it needs.
 */
static char *
read_rollup(RollupMapping *mapping, bool with_triggers, bool has_lock)
{
	Relation	rollup = try_relation_open(mapping->rollup, AccessShareLock);
	Relation	view = NULL;
	Relation	source = NULL;
	char	   *trouble = NULL;

	if (rollup == NULL)
		return pstrdup("There is no rollup.");
	mapping->answer = get_relname_relid("answer", RelationGetNamespace(rollup));

	/*
	 * No lock on the view: a writer must not wait for who replaces views.  Whoever
	 * changes what the rollup is made of drops our triggers, and so waits for the
	 * writer.
	 */
	if (OidIsValid(mapping->answer))
		view = RelationIdGetRelation(mapping->answer);
	if (view != NULL && view->rd_rel->relkind == RELKIND_VIEW)
	{
		Query	   *query = copyObject(get_view_query(view));
		List	   *from = query->jointree->fromlist;
		Oid			view_owner = view->rd_rel->relowner;

		if (list_length(from) == 1 && IsA(linitial(from), RangeTblRef))
			mapping->source = rt_fetch(linitial_node(RangeTblRef, from)->rtindex, query->rtable)->relid;
		if (OidIsValid(mapping->source))
			source = has_lock ? RelationIdGetRelation(mapping->source) : try_relation_open(mapping->source, AccessShareLock);
		if (source != NULL)
		{
			if (source->rd_rel->relowner != rollup->rd_rel->relowner || view_owner != rollup->rd_rel->relowner)
				trouble = psprintf("\"%s\" and the survey do not have one owner.", RelationGetRelationName(source));
			else if (!is_rollup_shaped(rollup))
				trouble = pstrdup("The rollup is not as it was made: it has other columns, no row security, or an index, a trigger, a rule or an heir.");
			if (trouble == NULL)
				trouble = source_trouble(source);
			if (trouble == NULL)
				trouble = read_mapping(mapping, query, source, RelationGetDescr(rollup));
			if (trouble == NULL && with_triggers && !rollup_has_all_triggers(mapping, source))
				trouble = psprintf("A trigger on \"%s\" that keeps the rollup is missing or disabled.", RelationGetRelationName(source));
			/* a parallel restore makes triggers of a partitioned table before its partitions have their rows, and rights last */
			if (trouble == NULL && with_triggers && source->rd_rel->relkind == RELKIND_PARTITIONED_TABLE &&
				pg_class_aclcheck(mapping->rollup, ACL_ID_PUBLIC, ACL_REFERENCES) != ACLCHECK_OK)
				trouble = pstrdup("PUBLIC lacks the right REFERENCES on the rollup, the mark that it is complete: it is being restored, or was without rights.");
			if (source->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
				mapping->parts = find_all_inheritors(mapping->source, NoLock, NULL);
			mapping->doubt = source_doubt(source, rollup, mapping->parts);
		}
	}
	if (source == NULL)
		trouble = pstrdup("There is no view answer beside the rollup that reads one table.");
	else
		relation_close(source, has_lock ? NoLock : AccessShareLock);
	if (view != NULL)
		RelationClose(view);
	relation_close(rollup, AccessShareLock);
	return trouble;
}

/*
 * Frees what is not valid any more: the rollup may be gone.  Not what a statement
 * uses, nor what is being made.
 */
static void
forget_mappings(void)
{
	HASH_SEQ_STATUS scan;
	RollupMapping *mapping;

	hash_seq_init(&scan, mappings);
	while ((mapping = hash_seq_search(&scan)) != NULL)
	{
		if (mapping->is_valid || mapping->is_used || mapping->is_being_made)
			continue;
		if (mapping->context != NULL)
			MemoryContextDelete(mapping->context);
		hash_search(mappings, &mapping->rollup, HASH_REMOVE, NULL);
	}
}

/*
 * What is known of a rollup, from memory while nothing changed.  Where a
 * statement is using or making it, as one that a function of the mapping runs, the
 * result is another one, for this statement only.
 */
RollupMapping *
rollup_mapping(Oid rollup)
{
	RollupMapping *mapping;
	bool		found;
	MemoryContext parent = TopMemoryContext;
	MemoryContext caller;

	if (mappings == NULL)
	{
		HASHCTL		settings;

		settings.keysize = sizeof(Oid);
		settings.entrysize = sizeof(RollupMapping);
		mappings = hash_create("nps rollups", 8, &settings, HASH_ELEM | HASH_BLOBS);
		CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
		CacheRegisterSyscacheCallback(PROCOID, forget_all, (Datum) 0);
		CacheRegisterSyscacheCallback(TYPEOID, forget_all, (Datum) 0);
	}
	if (hash_search(mappings, &rollup, HASH_FIND, NULL) == NULL)
		forget_mappings();
	mapping = hash_search(mappings, &rollup, HASH_ENTER, &found);
	if (!found)
	{
		memset(mapping, 0, sizeof(RollupMapping));
		mapping->rollup = rollup;
	}
	if (mapping->is_complete && mapping->is_valid && !mapping->is_used && !mapping->is_being_made)
		return mapping;
	if (mapping->is_used || mapping->is_being_made)
	{
		mapping = palloc0(sizeof(RollupMapping));
		mapping->rollup = rollup;
		parent = CurrentMemoryContext;
	}

	if (mapping->context != NULL)
		MemoryContextDelete(mapping->context);
	mapping->context = NULL;
	mapping->states = NULL;
	mapping->parts = NIL;
	mapping->doubt = NULL;
	mapping->source = mapping->answer = mapping->user = InvalidOid;
	mapping->has_warned = mapping->is_complete = false;
	mapping->context = AllocSetContextCreate(parent, "nps rollup", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(mapping->context);
	/* what changes from here on makes it invalid again */
	mapping->is_valid = true;
	mapping->is_being_made = true;
	PG_TRY();
	{
		mapping->trouble = read_rollup(mapping, true, true);
	}
	PG_FINALLY();
	{
		mapping->is_being_made = false;
	}
	PG_END_TRY();
	mapping->is_complete = true;
	MemoryContextSwitchTo(caller);
	return mapping;
}

static void
prepare_part(RollupPart *part)
{
	part->state = part->expression == NULL ? NULL : ExecInitExpr(part->expression, NULL);
}

/*
 * Makes the expressions ready to be computed by the current user, whose right to
 * call the functions in them is checked.
 */
void
rollup_prepare(RollupMapping *mapping)
{
	MemoryContext caller;

	if (mapping->states != NULL && mapping->user == GetUserId())
		return;
	if (mapping->states != NULL)
		MemoryContextDelete(mapping->states);
	mapping->states = NULL;
	mapping->states = AllocSetContextCreate(mapping->context, "nps rollup expressions", ALLOCSET_SMALL_SIZES);
	mapping->user = InvalidOid;
	caller = MemoryContextSwitchTo(mapping->states);
	mapping->row = CreateStandaloneExprContext();
	/* the checks of a domain are planned anew here if any check anywhere changed */
	mapping->is_being_made = true;
	PG_TRY();
	{
		prepare_part(&mapping->filter);
		prepare_part(&mapping->score);
		prepare_part(&mapping->rejection);
		prepare_part(&mapping->comment);
		for (int i = 0; i < mapping->keys; i++)
			prepare_part(&mapping->key[i].part);
	}
	PG_FINALLY();
	{
		mapping->is_being_made = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	mapping->user = GetUserId();
}

/* After an error: a function that was left in the middle must not be called again as it is. */
void
rollup_give_up(RollupMapping *mapping)
{
	mapping->user = InvalidOid;
	mapping->is_used = false;
}

/*
 * nps_rollup_trouble(rollup regclass, with_triggers boolean) returns text
 *
 * Why a rollup is not kept, or serves nobody, as a sentence; NULL if it does.
 * Without triggers: why it cannot be kept.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_trouble);
Datum
nps_rollup_trouble(PG_FUNCTION_ARGS)
{
	RollupMapping mapping = {0};
	char	   *trouble;

	mapping.rollup = PG_GETARG_OID(0);
	trouble = read_rollup(&mapping, PG_GETARG_BOOL(1), false);
	if (trouble == NULL)
		trouble = mapping.doubt;
	if (trouble == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(trouble));
}

/*
 * nps_rollup_zone(rollup regclass) returns text
 *
 * The time zone of the days of a rollup; NULL if it is not kept.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_zone);
Datum
nps_rollup_zone(PG_FUNCTION_ARGS)
{
	RollupMapping mapping = {0};

	mapping.rollup = PG_GETARG_OID(0);
	if (read_rollup(&mapping, true, false) != NULL || mapping.doubt != NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(pg_get_timezone_name(mapping.zone)));
}

/*
 * nps_rollup_mapping(rollup regclass) returns text
 *
 * What of the mapping the rollup is made of, as SQL: if it changes, the rollup is
 * another one.  NULL where there is no view answer.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_mapping);
Datum
nps_rollup_mapping(PG_FUNCTION_ARGS)
{
	Relation	rollup = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	Oid			answer;
	Relation	view;
	StringInfoData text;
	Query	   *query;
	RangeTblEntry *source;
	int			relation;
	List	   *context;

	if (rollup == NULL)
		PG_RETURN_NULL();
	answer = get_relname_relid("answer", RelationGetNamespace(rollup));
	view = OidIsValid(answer) ? try_relation_open(answer, AccessShareLock) : NULL;
	query = view != NULL && view->rd_rel->relkind == RELKIND_VIEW ? get_view_query(view) : NULL;
	relation = query != NULL && list_length(query->jointree->fromlist) == 1 && IsA(linitial(query->jointree->fromlist), RangeTblRef)
		? linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex : 0;
	source = relation > 0 ? rt_fetch(relation, query->rtable) : NULL;
	if (source == NULL || source->rtekind != RTE_RELATION)
	{
		if (view != NULL)
			relation_close(view, AccessShareLock);
		relation_close(rollup, AccessShareLock);
		PG_RETURN_NULL();
	}
	initStringInfo(&text);
	appendStringInfo(&text, "%s\n", quote_qualified_identifier(get_namespace_name(get_rel_namespace(source->relid)), get_rel_name(source->relid)));
	context = deparse_context_for(get_rel_name(source->relid), source->relid);
	if (query->jointree->quals != NULL)
		appendStringInfo(&text, "filter: %s\n", deparse_expression(over_source(query->jointree->quals, relation), context, true, false));
	for (int i = -3; i < RelationGetDescr(rollup)->natts - ROLLUP_MEASURES; i++)
	{
		const char *name = i == -3 ? "score" : i == -2 ? "rejection" : i == -1 ? "comment" : key_name(RelationGetDescr(rollup), i);
		Node	   *expression = column_expression(query, name);

		appendStringInfo(&text, "%s: %s\n", name,
						 expression == NULL ? "" : deparse_expression(over_source(expression, relation), context, true, false));
	}
	relation_close(view, AccessShareLock);
	relation_close(rollup, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

/* Was the row of a catalog there when the active snapshot was taken? */
static bool
was_there(HeapTuple row)
{
	TransactionId made;

	if (!HeapTupleIsValid(row))
		return false;
	made = HeapTupleHeaderGetXmin(row->t_data);
	ReleaseSysCache(row);
	return TransactionIdIsCurrentTransactionId(made) || !TransactionIdIsNormal(made) ||
		!ActiveSnapshotSet() || !XidInMVCCSnapshot(made, GetActiveSnapshot());
}

/*
 * Is the rollup what the snapshot sees of the source?  The reports were made to
 * read it once it was computed, and a TRUNCATE changes its entry in pg_class.
 * Catalogs follow no snapshot, so a transaction that began before sees reports
 * that read a rollup which for it is empty, or a source which is empty for all.
 */
static bool
rollup_was_there(Oid rollup)
{
	Oid			report = get_relname_relid("summary", get_rel_namespace(rollup));

	return OidIsValid(report) &&
		was_there(SearchSysCache2(RULERELNAME, ObjectIdGetDatum(report), CStringGetDatum(ViewSelectRuleName))) &&
		was_there(SearchSysCache1(RELOID, ObjectIdGetDatum(rollup)));
}

/*
 * May the current user be served from the rollup: is it kept, and may they read
 * all rows and columns of the source, so that nothing in it is new to them?
 */
static bool
rollup_serves(Oid rollup)
{
	RollupMapping *mapping = rollup_mapping(rollup);

	return mapping->trouble == NULL && mapping->doubt == NULL && check_enable_rls(mapping->source, InvalidOid, true) != RLS_ENABLED &&
		pg_class_aclcheck(mapping->source, GetUserId(), ACL_SELECT) == ACLCHECK_OK && rollup_was_there(rollup);
}

/*
 * nps_rollup_serves(rollup regclass) returns boolean
 *
 * That.  The views of a survey ask it, and the row security of the rollup.  The
 * planner gets the answer in advance, and so plans only the one way or the other:
 * a plan is made anew when the source, the view answer or the rollup changes,
 * and, as the rollup has row security, when the role does.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_serves);
Datum
nps_rollup_serves(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rollup_serves(PG_GETARG_OID(0)));
}

PG_FUNCTION_INFO_V1(nps_rollup_serves_support);
Datum
nps_rollup_serves_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *result = NULL;

	if (IsA(request, SupportRequestSimplify))
	{
		FuncExpr   *call = ((SupportRequestSimplify *) request)->fcall;
		Node	   *argument = (Node *) linitial(call->args);

		if (IsA(argument, Const) && !((Const *) argument)->constisnull)
			result = makeBoolConst(rollup_serves(DatumGetObjectId(((Const *) argument)->constvalue)), false);
	}
	PG_RETURN_POINTER(result);
}
