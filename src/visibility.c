/*
 * visibility.c
 *		Who may see which answers: the base of the policies on a survey's case tables.
 *
 * Whoever may see an answer may see its case.  What decides that is found by
 * examining what the view answer expands to, relation by relation, by OID.  Only
 * parse trees are examined: no code of an owner runs.
 */
#include "nps.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "answer.h"
#include "result_row.h"

/* What is known about the rows of an answer so far. */
typedef struct Visibility
{
	Oid			owner;			/* of the view answer, and so of the survey */
	Oid			reads_as;		/* whose row security applies in the current query */
	Query	   *query;			/* the current query */
	List	   *views;			/* those examined so far */
	List	   *tables;			/* those whose row security decides for each reader */
	bool		by_session;		/* it depends on the current user, or on settings */
	bool		by_view;		/* somebody else's view may show something different tomorrow */
	bool		hidden;			/* row security hides rows from owners too */
} Visibility;

/* A date, a time, or an interval. */
static bool
is_of_time(Oid type)
{
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_DATETIME || category == TYPCATEGORY_TIMESPAN;
}

/*
 * Can a function give different readers different results?  The server's own
 * functions cannot if they compute with times or convert values: these depend only
 * on the clock, and on the format that the session wants.
 */
static bool
depends_on_session(Oid function, void *context)
{
	HeapTuple	tuple;
	Form_pg_proc form;
	bool		depends = true;

	(void) context;
	if (func_volatile(function) == PROVOLATILE_IMMUTABLE)
		return false;
	if (function >= FirstNormalObjectId)
		return true;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return true;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if (is_of_time(form->prorettype))
		depends = false;
	for (int i = 0; depends && i < form->pronargs; i++)
	{
		Oid			type = form->proargtypes.values[i];

		depends = !(is_of_time(type) || type == JSONOID || type == JSONBOID || get_typtype(type) == TYPTYPE_PSEUDO);
	}
	ReleaseSysCache(tuple);
	return depends;
}

/* Do different readers of a foreign table connect to the other server as different users? */
static bool
depends_on_user_mapping(Oid foreign_table)
{
	Relation	mappings = table_open(UserMappingRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Datum		first = (Datum) 0;
	bool		first_null = true;
	bool		is_first = true;
	bool		differ = false;

	ScanKeyInit(&key, Anum_pg_user_mapping_umserver, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(GetForeignTable(foreign_table)->serverid));
	scan = systable_beginscan(mappings, InvalidOid, false, NULL, 1, &key);
	while (!differ && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		is_null;
		Datum		options = heap_getattr(tuple, Anum_pg_user_mapping_umoptions, RelationGetDescr(mappings), &is_null);

		if (is_first)
		{
			first_null = is_null;
			first = is_null ? (Datum) 0 : PointerGetDatum(PG_DETOAST_DATUM_COPY(options));
			is_first = false;
		}
		else
			differ = is_null != first_null || (!is_null && !datum_image_eq(first, options, false, -1));
	}
	systable_endscan(scan);
	table_close(mappings, AccessShareLock);
	return differ;
}

static bool look_at(Node *node, Visibility *seen);

/* The query of a view, as a copy; NULL for what is not a view (any more). */
static Query *
query_of_view(Oid relation, Oid *reads_as, Oid current)
{
	Relation	view = try_relation_open(relation, AccessShareLock);
	Query	   *query = NULL;

	if (view == NULL)
		return NULL;
	if (view->rd_rel->relkind == RELKIND_VIEW)
	{
		query = copyObject(get_view_query(view));
		*reads_as = RelationHasSecurityInvoker(view) ? current : view->rd_rel->relowner;
	}
	relation_close(view, AccessShareLock);
	return query;
}

static void
look_at_view(Oid view, Visibility *seen)
{
	Oid			outer_reads_as = seen->reads_as;
	Query	   *query;

	seen->by_view = true;
	if (list_member_oid(seen->views, view))
		return;
	seen->views = lappend_oid(seen->views, view);
	query = query_of_view(view, &seen->reads_as, seen->owner);
	if (query == NULL)
		seen->by_session = true;
	else
		(void) look_at((Node *) query, seen);
	seen->reads_as = outer_reads_as;
}

static void
look_at_relation(Oid relation, Visibility *seen)
{
	HeapTuple	tuple;
	Form_pg_class form;

	/* the server's own relations have no row security */
	if (relation < FirstNormalObjectId && get_rel_relkind(relation) != RELKIND_VIEW)
		return;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(tuple))
	{
		seen->by_session = true;
		return;
	}
	form = (Form_pg_class) GETSTRUCT(tuple);
	if (form->relkind == RELKIND_VIEW)
		look_at_view(relation, seen);
	else
	{
		seen->tables = list_append_unique_oid(seen->tables, relation);
		if ((form->relrowsecurity && form->relforcerowsecurity) ||
			check_enable_rls(relation, seen->reads_as, true) == RLS_ENABLED)
			seen->hidden = true;
		if (form->relkind == RELKIND_FOREIGN_TABLE && depends_on_user_mapping(relation))
			seen->by_session = true;
	}
	ReleaseSysCache(tuple);
}

/* Walks a query and everything below it. */
static bool
look_at(Node *node, Visibility *seen)
{
	if (node == NULL)
		return false;
	check_stack_depth();
	if (check_functions_in_node(node, depends_on_session, NULL))
		seen->by_session = true;
	if (IsA(node, SQLValueFunction))
	{
		SQLValueFunction *value = (SQLValueFunction *) node;

		if (!is_of_time(value->type) && value->op != SVFOP_CURRENT_CATALOG)
			seen->by_session = true;
	}
	else if (IsA(node, RangeTblRef))
	{
		RangeTblEntry *entry = rt_fetch(((RangeTblRef *) node)->rtindex, seen->query->rtable);

		if (entry->rtekind == RTE_RELATION)
			look_at_relation(entry->relid, seen);
		return false;
	}
	else if (IsA(node, Query))
	{
		Query	   *outer = seen->query;

		seen->query = (Query *) node;
		(void) query_tree_walker((Query *) node, look_at, seen, 0);
		seen->query = outer;
		return false;
	}
	return expression_tree_walker(node, look_at, seen);
}

/*
 * nps_answer_visibility(answer regclass) returns (looked_up boolean, forced boolean, tables regclass[], by_session boolean)
 *
 * What decides which rows of a survey's view answer a reader may see.
 *
 * looked_up: it may depend on the current user, beyond the row security of tables: by a
 * function in the filter or in the keys, a view below, a foreign server's users.
 * forced: the survey's owner does not see all rows either.
 * tables: those that are read with the reader's rights; where their row security
 * is not in force, and looked_up is false, a reader sees all rows.
 * by_session: it depends on the current user, or on settings, as the definitions are now.
 *
 * For a relation that is not a view, the worst is assumed.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_answer_visibility);
Datum
nps_answer_visibility(PG_FUNCTION_ARGS)
{
	Oid			answer = PG_GETARG_OID(0);
	Visibility	seen;
	Query	   *query;
	List	   *keys = NIL;
	Datum	   *tables;
	int			count = 0;
	ListCell   *cell;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(answer));
	ResultRow	row;

	memset(&seen, 0, sizeof(seen));
	if (HeapTupleIsValid(tuple))
	{
		seen.owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	query = query_of_view(answer, &seen.reads_as, seen.owner);
	if (query == NULL)
		seen.by_session = true;
	else
	{
		/* the other columns of a row do not decide who may see it */
		foreach(cell, query->targetList)
		{
			TargetEntry *entry = lfirst_node(TargetEntry, cell);

			if (entry->resname != NULL && (strcmp(entry->resname, "response_id") == 0 || strcmp(entry->resname, "respondent") == 0))
				keys = lappend(keys, entry);
		}
		query->targetList = keys;
		(void) look_at((Node *) query, &seen);
	}

	tables = palloc((list_length(seen.tables) + 1) * sizeof(Datum));
	foreach(cell, seen.tables)
		tables[count++] = ObjectIdGetDatum(lfirst_oid(cell));
	begin_row(fcinfo, &row);
	row.nulls[0] = row.nulls[1] = row.nulls[2] = row.nulls[3] = false;
	row.values[0] = BoolGetDatum(seen.by_session || seen.by_view);
	row.values[1] = BoolGetDatum(seen.by_session || seen.hidden);
	row.values[2] = PointerGetDatum(construct_array(tables, count, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT));
	row.values[3] = BoolGetDatum(seen.by_session);
	PG_RETURN_DATUM(finish_row(&row));
}

/* Can the index find rows by a value of its first key, and is that key the expression? */
static bool
finds_by(Relation index, Node *expression)
{
	Form_pg_index form = index->rd_index;
	AttrNumber	key = form->indkey.values[0];

	if (!form->indisvalid || form->indnkeyatts < 1 ||
		(index->rd_rel->relam != BTREE_AM_OID && index->rd_rel->relam != HASH_AM_OID) ||
		index->rd_indcollation[0] != exprCollation(expression) ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return false;
	if (key != 0)
		return IsA(expression, Var) && ((Var *) expression)->varattno == key;
	return equal(linitial(RelationGetIndexExpressions(index)), expression);
}

/*
 * nps_key_index(answer regclass, column text) returns (is_missing boolean, definition text)
 *
 * Whether the source of a survey's view answer is a table without an index that
 * finds rows by this column, and the CREATE INDEX for it; that is NULL if no index
 * can be made because the expression is not immutable.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_key_index);
Datum
nps_key_index(PG_FUNCTION_ARGS)
{
	char	   *column = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			reads_as;
	Query	   *query = query_of_view(PG_GETARG_OID(0), &reads_as, InvalidOid);
	Relation	source = NULL;
	Node	   *key = NULL;
	bool		missing = false;
	ListCell   *cell;
	ResultRow	row;

	if (query != NULL && list_length(query->jointree->fromlist) == 1 && IsA(linitial(query->jointree->fromlist), RangeTblRef))
	{
		int			relation = linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex;

		foreach(cell, query->targetList)
		{
			TargetEntry *entry = lfirst_node(TargetEntry, cell);

			if (entry->resname != NULL && strcmp(entry->resname, column) == 0)
				key = (Node *) entry->expr;
		}
		ChangeVarNodes(key, relation, 1, 0);
		if (rt_fetch(relation, query->rtable)->rtekind == RTE_RELATION)
			source = try_relation_open(rt_fetch(relation, query->rtable)->relid, AccessShareLock);
	}
	begin_row(fcinfo, &row);
	row.nulls[0] = false;
	if (source != NULL && key != NULL && contain_var_clause(key) &&
		(source->rd_rel->relkind == RELKIND_RELATION || source->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ||
		 source->rd_rel->relkind == RELKIND_MATVIEW))
	{
		List	   *indexes = RelationGetIndexList(source);

		missing = true;
		foreach(cell, indexes)
		{
			Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

			if (finds_by(index, key))
				missing = false;
			index_close(index, AccessShareLock);
		}
		if (missing && !contain_mutable_functions(key) && !checkExprHasSubLink(key))
		{
			char	   *name = RelationGetRelationName(source);
			char	   *shown = deparse_expression(key, deparse_context_for(name, RelationGetRelid(source)), false, false);

			row.nulls[1] = false;
			row.values[1] = CStringGetTextDatum(psprintf(IsA(key, Var) ? "CREATE INDEX ON %s (%s)" : "CREATE INDEX ON %s ((%s))",
														 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(source)), name), shown));
		}
	}
	row.values[0] = BoolGetDatum(missing);
	if (source != NULL)
		relation_close(source, AccessShareLock);
	PG_RETURN_DATUM(finish_row(&row));
}

/*
 * nps_answer_keys(answer regclass, column text) returns text
 *
 * The query that gives this column of a survey's view answer, and reads what the
 * view reads; NULL if the view is not just one relation with a filter.  STRICT.
 *
 * If a policy named the view itself, nobody subject to the policy could dump its
 * table: pg_dump refuses to expand a view.
 */
PG_FUNCTION_INFO_V1(nps_answer_keys);
Datum
nps_answer_keys(PG_FUNCTION_ARGS)
{
	char	   *column = text_to_cstring(PG_GETARG_TEXT_PP(1));
	NpsAnswer  *answer = nps_answer_read(PG_GETARG_OID(0));
	Node	   *key = answer == NULL || !answer->is_plain ? NULL : nps_answer_column(answer, column);
	Relation	source = key == NULL ? NULL : try_relation_open(answer->source, AccessShareLock);
	char	   *name;
	List	   *context;
	StringInfoData query;

	if (source == NULL)
		PG_RETURN_NULL();
	name = RelationGetRelationName(source);
	context = deparse_context_for(name, answer->source);
	initStringInfo(&query);
	appendStringInfo(&query, "SELECT %s AS %s FROM %s", deparse_expression(key, context, true, false), quote_identifier(column),
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(source)), name));
	if (answer->filter != NULL)
		appendStringInfo(&query, " WHERE %s", deparse_expression(answer->filter, context, true, false));
	relation_close(source, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(query.data, query.len));
}

/*
 * Removes the names that relations and their columns had when a tree was made: they
 * may be renamed, and columns added or dropped.
 */
static bool
forget_names(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		((RangeTblEntry *) node)->alias = NULL;
		((RangeTblEntry *) node)->eref = NULL;
		return false;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, forget_names, context, QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, forget_names, context);
}

/*
 * nps_is_condition(relation regclass, stored pg_node_tree, condition text) returns boolean
 *
 * Whether the stored condition of a policy on the relation is the one in the text.
 * It compares the trees, as a condition can be written in more than one way.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_is_condition);
Datum
nps_is_condition(PG_FUNCTION_ARGS)
{
	Oid			relation = PG_GETARG_OID(0);
	Node	   *stored = stringToNode(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	char	   *condition = text_to_cstring(PG_GETARG_TEXT_PP(2));
	char	   *name = get_rel_name(relation);
	char	   *text;
	List	   *statements;
	Query	   *query;

	if (name == NULL)
		PG_RETURN_NULL();
	text = psprintf("SELECT FROM ONLY %s WHERE (%s)",
					quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name), condition);
	statements = raw_parser(text, RAW_PARSE_DEFAULT);
	query = parse_analyze_fixedparams(linitial_node(RawStmt, statements), text, NULL, 0, NULL);
	(void) forget_names((Node *) query->jointree, NULL);
	(void) forget_names(stored, NULL);
	PG_RETURN_BOOL(query->commandType == CMD_SELECT && query->jointree != NULL && equal(query->jointree->quals, stored));
}
