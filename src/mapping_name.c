/*
 * mapping_name.c
 *		Where the names that a survey was attached with differ from what its view
 *		answer reads.
 *
 * A view follows the columns that it was built on when they are renamed; the text
 * of the arguments does not.  So where a column was put in place of another by
 * renaming both, the reports go on reading the old one.
 */
#include "nps.h"

#include "access/sysattr.h"
#include "funcapi.h"
#include "nodes/bitmapset.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "answer.h"
#include "mapping.h"
#include "result_row.h"

/* The columns that the view reads for an argument, and a name that is not among them. */
typedef struct NameSearch
{
	Oid			source;
	Bitmapset  *columns;		/* as pull_varattnos() gives them */
	int			depth;			/* of the sub-select that is looked at */
	const char *lost;
} NameSearch;

/*
 * Collects the columns of the source, also those that sub-selects of a filter read,
 * into which pull_varattnos() must not be let.
 */
static bool
find_columns(Node *node, void *context)
{
	NameSearch *search = context;
	bool		result;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		const Var  *column = (Var *) node;

		if (column->varno == 1 && (int) column->varlevelsup == search->depth)
			search->columns = bms_add_member(search->columns, column->varattno - FirstLowInvalidHeapAttributeNumber);
		return false;
	}
	if (!IsA(node, Query))
		return expression_tree_walker(node, find_columns, context);
	search->depth++;
	result = query_tree_walker((Query *) node, find_columns, context, 0);
	search->depth--;
	return result;
}

static bool
is_read(const NameSearch *search, const char *name)
{
	AttrNumber	column = get_attnum(search->source, name);

	return column != InvalidAttrNumber && bms_is_member(column - FirstLowInvalidHeapAttributeNumber, search->columns);
}

/* Is there a column reference no part of which is the name of a column that is read? */
static bool
find_lost(Node *node, void *context)
{
	NameSearch *search = context;

	/* a name in a sub-select may be that of a column of another table */
	if (node == NULL || IsA(node, SelectStmt))
		return false;
	if (IsA(node, ColumnRef))
	{
		const char *last = NULL;
		ListCell   *cell;

		foreach(cell, ((ColumnRef *) node)->fields)
		{
			if (!IsA(lfirst(cell), String))
				return false;
			last = strVal(lfirst(cell));
			if (is_read(search, last))
				return false;
		}
		search->lost = last;
		return true;
	}
	return raw_expression_tree_walker(node, find_lost, context);
}

/* The text parsed as an expression; NULL if it is not one, or has an alias where none is allowed. */
static Node *
expression_or_none(const char *text, bool is_named)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *name = NULL;
	Node	   *volatile tree = NULL;

	PG_TRY();
	{
		tree = nps_single_expression(text, &name);
	}
	PG_CATCH();
	{
		/* the parser holds nothing */
		MemoryContextSwitchTo(context);
		FlushErrorState();
		tree = NULL;
	}
	PG_END_TRY();
	return name != NULL && !is_named ? NULL : tree;
}

/*
 * What the view answer has for the argument; NULL if that is not known.  In
 * *text the tree of the text; NULL: the text can only have been a column's name.
 */
static Node *
mapped(const NpsAnswer *answer, const char *argument, const char *value, Node **text)
{
	char	   *name = NULL;
	Node	   *expression;

	if (strcmp(argument, "segments") == 0)
	{
		/* a column, or "expression AS name" */
		expression = nps_answer_column(answer, value);
		*text = expression == NULL ? expression_or_none(value, true) : NULL;
		if (*text == NULL)
			return expression;
		(void) nps_single_expression(value, &name);
		return name == NULL ? NULL : nps_answer_column(answer, name);
	}
	*text = expression_or_none(value, false);
	if (strcmp(argument, "filter") == 0)
		return answer->filter;
	return nps_answer_column(answer, strcmp(argument, "score") == 0 ? "raw_score" : argument);
}

/* The expression without the filter, which comes before it in the view. */
static Node *
behind_filter(const NpsAnswer *answer, Node *expression)
{
	if (answer->filter != NULL && expression != answer->filter && IsA(expression, CaseExpr) &&
		list_length(((CaseExpr *) expression)->args) == 1)
	{
		CaseWhen   *when = linitial_node(CaseWhen, ((CaseExpr *) expression)->args);

		if (equal(when->expr, answer->filter))
			return (Node *) when->result;
	}
	return expression;
}

/*
 * nps_mapping_lost_name(answer regclass, argument text, value text, OUT lost text, OUT present text)
 *
 * A column name in an argument that a survey was attached with, where the view
 * answer reads a column of another name by now, and that name, if the argument was
 * nothing but this column; NULL if there is none.  For segments: of one of them.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_mapping_lost_name);
Datum
nps_mapping_lost_name(PG_FUNCTION_ARGS)
{
	NpsAnswer  *answer = nps_answer_read(PG_GETARG_OID(0));
	char	   *argument = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *value = text_to_cstring(PG_GETARG_TEXT_PP(2));
	NameSearch	search = {0};
	Node	   *text = NULL;
	Node	   *expression = answer == NULL ? NULL : mapped(answer, argument, value, &text);
	char	   *name;
	ResultRow	row;

	if (expression != NULL)
	{
		expression = behind_filter(answer, expression);
		search.source = answer->source;
		(void) find_columns(expression, &search);
		/* where the whole row is read no name of a column is needed */
		if (search.columns != NULL && !bms_is_member(InvalidAttrNumber - FirstLowInvalidHeapAttributeNumber, search.columns) &&
			!is_read(&search, value))
		{
			if (text == NULL || get_attnum(search.source, value) != InvalidAttrNumber)
				search.lost = value;
			else
				(void) find_lost(text, &search);
		}
	}
	begin_row(fcinfo, &row);
	row.nulls[0] = search.lost == NULL;
	row.values[0] = row.nulls[0] ? (Datum) 0 : CStringGetTextDatum(search.lost);
	name = !row.nulls[0] && bms_membership(search.columns) == BMS_SINGLETON && strcmp(search.lost, value) == 0
		? get_attname(search.source, bms_singleton_member(search.columns) + FirstLowInvalidHeapAttributeNumber, true) : NULL;
	row.nulls[1] = name == NULL;
	row.values[1] = name == NULL ? (Datum) 0 : CStringGetTextDatum(name);
	PG_RETURN_DATUM(finish_row(&row));
}
