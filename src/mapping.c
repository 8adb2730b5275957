/*
 * mapping.c
 *		The arguments of nps_attach(): columns, or SQL expressions over the source.
 *
 * An expression becomes part of the text of a view.  Before that the server's
 * own parser must find it to be exactly one expression, so that nothing in it
 * can end the statement, comment out the rest or bring in another clause.
 */
#include "nps.h"

#include "access/relation.h"
#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "answer.h"
#include "mapping.h"
#include "result_row.h"
#include "rollup_expression.h"

/*
 * If the text is one expression and nothing else, its tree, and in *name what
 * "AS name" calls it (NULL without).  Otherwise NULL; a syntax error is raised.
 */
Node *
nps_single_expression(const char *string, char **name)
{
	List	   *statements = raw_parser(string, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select;
	ResTarget  *target;

	if (list_length(statements) != 1)
		return NULL;
	select = (SelectStmt *) linitial_node(RawStmt, statements)->stmt;
	if (!IsA(select, SelectStmt) || list_length(select->targetList) != 1 ||
		select->distinctClause || select->intoClause || select->fromClause ||
		select->whereClause || select->groupClause || select->havingClause ||
		select->windowClause || select->valuesLists || select->sortClause ||
		select->limitOffset || select->limitCount || select->lockingClause ||
		select->withClause || select->op != SETOP_NONE)
		return NULL;
	target = linitial_node(ResTarget, select->targetList);
	if (target->indirection != NIL)
		return NULL;
	*name = target->name;
	return target->val;
}

/*
 * Cuts "expression AS name" down to the expression.  Which "as" is the one
 * between them is decided by the parser: what is left must be the same tree.
 */
static char *
without_name(const char *string, Node *expression)
{
	MemoryContext context = CurrentMemoryContext;

	for (size_t at = strlen(string); at-- > 1;)
	{
		char	   *prefix;
		char	   *name;
		Node	   *volatile tree = NULL;
		char		before = string[at - 1];
		char		behind;

		CHECK_FOR_INTERRUPTS();
		if (pg_strncasecmp(string + at, "as", 2) != 0)
			continue;
		/* a word of its own: parsing each prefix takes time */
		behind = string[at + 2];
		if (!(nps_is_blank(before) || strchr(")]'\"/", before) != NULL) ||
			!(nps_is_blank(behind) || behind == '"' || behind == '/' || behind == '-'))
			continue;
		prefix = pnstrdup(string, at);
		PG_TRY();
		{
			tree = nps_single_expression(prefix, &name);
		}
		PG_CATCH();
		{
			/* the parser holds nothing: a prefix that is not SQL is just not the one */
			MemoryContextSwitchTo(context);
			FlushErrorState();
			tree = NULL;
		}
		PG_END_TRY();
		if (tree != NULL && name == NULL && equal(tree, expression))
			return prefix;
		pfree(prefix);
	}
	return NULL;
}

/* Does it read a system column, which a row of the source, so many queries up, has only until it is rewritten? */
static bool
reads_passing_column(Node *node, int *levels)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *variable = (Var *) node;

		return variable->varlevelsup == (Index) *levels && variable->varattno < 0 && variable->varattno != TableOidAttributeNumber;
	}
	if (IsA(node, Query))
	{
		bool		found;

		++*levels;
		found = query_tree_walker((Query *) node, reads_passing_column, levels, 0);
		--*levels;
		return found;
	}
	return expression_tree_walker(node, reads_passing_column, levels);
}

/* Analyses the expression over the source and returns its type; what is not a plain value is an error. */
static Oid
type_over_source(Oid source, const char *argument, const char *expression)
{
	StringInfoData query_string;
	List	   *statements;
	Query	   *query;
	int			levels = 0;
	bool		is_relation;

	initStringInfo(&query_string);
	appendStringInfo(&query_string, "SELECT (\n%s\n) FROM %s", expression,
					 quote_qualified_identifier(get_namespace_name(get_rel_namespace(source)), get_rel_name(source)));
	statements = raw_parser(query_string.data, RAW_PARSE_DEFAULT);
	query = parse_analyze_fixedparams(linitial_node(RawStmt, statements), query_string.data, NULL, 0, NULL);
	if (query->hasAggs || query->hasWindowFuncs || query->hasTargetSRFs || list_length(query->targetList) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must give one value for each row, not \"%s\"", argument, expression),
				 errhint("Aggregates, window functions and set-returning functions are for queries over the survey's views.")));
	/* types and functions, where they are not found here, are found in the view */
	if (nps_uses_temporary(query, &is_relation))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 is_relation ? errmsg("argument \"%s\" reads a temporary table: \"%s\"", argument, expression)
				 : errmsg("the mapping uses a temporary type or function"),
				 is_relation ? errhint("A survey is permanent: use a permanent table.")
				 : errhint("A survey is permanent: use permanent types and functions.")));
	if (reads_passing_column((Node *) query->targetList, &levels))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" uses a system column: \"%s\"", argument, expression),
				 errdetail("It is another one after the row was written again, or the table was."),
				 errhint("Use a column of the table, such as its key.")));
	return exprType((Node *) linitial_node(TargetEntry, query->targetList)->expr);
}

/* A caught error, raised again in terms of the argument. */
static void
report_in_terms_of_argument(ErrorData *error, Oid source, const char *argument, const char *value, bool named)
{
	ereport(ERROR,
			(errcode(error->sqlerrcode),
			 errmsg("argument \"%s\" is neither a column of \"%s\" nor an SQL expression over it: \"%s\"",
					argument, get_rel_name(source), value),
			 errdetail("%c%s.%s%s%s%s", pg_ascii_toupper((unsigned char) error->message[0]), error->message + 1,
					   error->detail == NULL ? "" : " ", error->detail == NULL ? "" : error->detail,
					   error->hint == NULL ? "" : " ", error->hint == NULL ? "" : error->hint),
			 named
			 ? errhint("Pass %s => ARRAY['column', 'expression AS name'].", argument)
			 : errhint("Pass %s => 'column' or %s => 'expression'.", argument, argument)));
}

/*
 * nps_mapping(source regclass, argument text, value text, search_path text, named boolean)
 * returns (expression text, type regtype, name text)
 *
 * What a mapping argument stands for: the column whose exact name it is, or one
 * SQL expression over the source, with the names in it looked up in search_path;
 * with named, also "expression AS name".  The expression comes back in a form
 * that can be put into a select list over the source; the type is that below
 * domains.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_mapping);
Datum
nps_mapping(PG_FUNCTION_ARGS)
{
	Oid			source = PG_GETARG_OID(0);
	char	   *argument = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *value = text_to_cstring(PG_GETARG_TEXT_PP(2));
	char	   *search_path = text_to_cstring(PG_GETARG_TEXT_PP(3));
	bool		named = PG_GETARG_BOOL(4);
	int			save_level;
	MemoryContext context = CurrentMemoryContext;
	Relation	relation;
	volatile AttrNumber column;
	char	   *volatile expression = NULL;
	volatile Oid type = InvalidOid;
	char	   *name = NULL;
	ResultRow	row;

	/* the lock stays, so that the source cannot go while its name is used */
	relation = try_relation_open(source, AccessShareLock);
	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", source)));
	relation_close(relation, NoLock);
	save_level = NewGUCNestLevel();
	(void) set_config_option("search_path", search_path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);

	column = get_attnum(source, value);
	if (column > 0)
	{
		expression = psprintf("%s.%s", quote_identifier(get_rel_name(source)), quote_identifier(value));
		type = get_atttype(source, column);
		name = value;
	}
	else
	{
		PG_TRY();
		{
			Node	   *tree = nps_single_expression(value, &name);

			if (tree == NULL || (name != NULL && !named))
				ereport(ERROR,
						(errcode(ERRCODE_SYNTAX_ERROR),
						 errmsg("it is not exactly one expression")));
			expression = name != NULL ? without_name(value, tree) : value;
			if (expression == NULL)
				ereport(ERROR,
						(errcode(ERRCODE_SYNTAX_ERROR),
						 errmsg("the name must be written as \"expression AS name\"")));
			type = type_over_source(source, argument, expression);
			expression = psprintf("(\n%s\n)", expression);
		}
		PG_CATCH();
		{
			ErrorData  *error;

			MemoryContextSwitchTo(context);
			error = CopyErrorData();
			if (error->sqlerrcode == ERRCODE_INVALID_PARAMETER_VALUE || error->sqlerrcode == ERRCODE_QUERY_CANCELED)
				PG_RE_THROW();
			FlushErrorState();
			report_in_terms_of_argument(error, source, argument, value, named);
		}
		PG_END_TRY();
	}
	AtEOXact_GUC(true, save_level);

	begin_row(fcinfo, &row);
	row.nulls[0] = false;
	row.values[0] = CStringGetTextDatum(expression);
	row.nulls[1] = false;
	row.values[1] = ObjectIdGetDatum(getBaseType(type));
	row.nulls[2] = name == NULL;
	row.values[2] = name == NULL ? (Datum) 0 : CStringGetTextDatum(name);
	PG_RETURN_DATUM(finish_row(&row));
}

/*
 * nps_mapping_column(answer regclass, column text) returns name
 *
 * The column of the source that a column of a survey's view answer is; NULL for
 * an expression.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_mapping_column);
Datum
nps_mapping_column(PG_FUNCTION_ARGS)
{
	NpsAnswer  *answer = nps_answer_read(PG_GETARG_OID(0));
	Node	   *expression = answer == NULL ? NULL : nps_answer_column(answer, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	char	   *name = NULL;

	if (expression != NULL && IsA(expression, Var) && ((Var *) expression)->varattno > 0)
		name = get_attname(answer->source, ((Var *) expression)->varattno, true);
	if (name == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall1(namein, CStringGetDatum(name)));
}

/*
 * nps_mapping_source(answer regclass) returns regclass
 *
 * The relation that a survey's view answer reads; NULL for what is not such a view.
 * Never waits, and never fails: functions over all surveys ask it.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_mapping_source);
Datum
nps_mapping_source(PG_FUNCTION_ARGS)
{
	NpsAnswer  *answer = nps_answer_read(PG_GETARG_OID(0));

	if (answer == NULL)
		PG_RETURN_NULL();
	PG_RETURN_OID(answer->source);
}

static bool
is_mutable(Oid function, void *context pg_attribute_unused())
{
	return func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

/*
 * Is this a call that concatenates texts, and is not marked immutable only because of
 * what it may be given?  Keys of several columns are often made this way.
 */
static bool
puts_together(Node *node)
{
	List	   *arguments;
	Oid			function;
	ListCell   *cell;

	if (IsA(node, FuncExpr))
	{
		function = ((FuncExpr *) node)->funcid;
		arguments = ((FuncExpr *) node)->args;
	}
	else if (IsA(node, OpExpr))
	{
		function = ((OpExpr *) node)->opfuncid;
		arguments = ((OpExpr *) node)->args;
	}
	else
		return false;
	switch (function)
	{
		case F_TEXTANYCAT:
		case F_ANYTEXTCAT:
		case F_CONCAT:
		case F_CONCAT_WS:
		case F_FORMAT_TEXT_ANY:
		case F_JSON_BUILD_ARRAY_ANY:
		case F_JSONB_BUILD_ARRAY_ANY:
			break;
		default:
			return false;
	}
	foreach(cell, arguments)
	{
		switch (getBaseType(exprType(lfirst(cell))))
		{
			case TEXTOID:
			case VARCHAROID:
			case BPCHAROID:
			case INT2OID:
			case INT4OID:
			case INT8OID:
			case NUMERICOID:
			case BOOLOID:
			case UUIDOID:
				break;
			default:
				return false;
		}
	}
	return true;
}

/* Does the expression depend on more than the row?  The filter comes before it, and may; that does not count. */
static bool
varies(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, CaseExpr) && list_length(((CaseExpr *) node)->args) == 1)
	{
		CaseWhen   *when = linitial_node(CaseWhen, ((CaseExpr *) node)->args);

		if (equal(when->expr, ((NpsAnswer *) context)->filter))
			return varies((Node *) when->result, context);
	}
	if (nps_heeds_settings(node, NULL))
		return true;
	if (puts_together(node))
		return expression_tree_walker(node, varies, context);
	/* what is below is examined on its own, as it may contain calls that concatenate texts */
	switch (nodeTag(node))
	{
		case T_FuncExpr:
		case T_OpExpr:
		case T_List:
		case T_CoerceViaIO:
		case T_RelabelType:
			if (check_functions_in_node(node, is_mutable, NULL))
				return true;
			return expression_tree_walker(node, varies, context);
		default:
			return contain_mutable_functions(node);
	}
}

/*
 * nps_mapping_varies(answer regclass, column text) returns boolean
 *
 * Whether a column of a survey's view answer depends on more than the row, such as
 * DateStyle, TimeZone or the time.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_mapping_varies);
Datum
nps_mapping_varies(PG_FUNCTION_ARGS)
{
	NpsAnswer  *answer = nps_answer_read(PG_GETARG_OID(0));
	Node	   *expression = answer == NULL ? NULL : nps_answer_column(answer, text_to_cstring(PG_GETARG_TEXT_PP(1)));

	PG_RETURN_BOOL(expression != NULL && varies(expression, answer));
}

/*
 * nps_mapping_is_day(answer regclass) returns boolean
 *
 * Whether the time of an answer is a day, whose beginning is in the view
 * answer.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_mapping_is_day);
Datum
nps_mapping_is_day(PG_FUNCTION_ARGS)
{
	NpsAnswer  *answer = nps_answer_read(PG_GETARG_OID(0));
	Node	   *expression = answer == NULL ? NULL : nps_answer_column(answer, "responded_at");

	PG_RETURN_BOOL(expression != NULL && IsA(expression, FuncExpr) && list_length(((FuncExpr *) expression)->args) == 2 &&
				   exprType(linitial(((FuncExpr *) expression)->args)) == DATEOID);
}
