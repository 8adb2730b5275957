/*
 * rollup_expression.c
 *		Takes the expressions of the mapping from the view answer, for the triggers
 *		that keep the rollup current.
 *
 * Source and view belong to their owner, who may have changed them in any way.  So
 * nothing is assumed to be as it was made: types are compared.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/dependency.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "rollup_expression.h"

/* Does the text of a value of the type depend on settings, although the server calls its output immutable? */
static bool
is_type_shown_variously(Oid type)
{
	switch (getBaseType(type))
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
			return false;
	}
}

/* The same for some value in an expression. */
static bool
is_shown_variously(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, CoerceViaIO) && is_type_shown_variously(exprType((Node *) ((CoerceViaIO *) node)->arg)))
		return true;
	return expression_tree_walker(node, is_shown_variously, context);
}

/* Is there a value among those that are written into XML or JSON whose text depends on settings? */
static bool
writes_variously(List *values)
{
	ListCell   *cell;

	foreach(cell, values)
	{
		Oid			type = exprType(lfirst(cell));
		Oid			output;
		bool		is_varlena;

		getTypeOutputInfo(type, &output, &is_varlena);
		if (is_type_shown_variously(type) || func_volatile(output) != PROVOLATILE_IMMUTABLE)
			return true;
	}
	return false;
}

/*
 * Does it depend on settings although the server calls all functions in it
 * immutable?  What the text of a value is, is another question (is_shown_variously).
 */
bool
nps_heeds_settings(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr))
	{
		/* TimeZone, and quote_all_identifiers */
		if (((FuncExpr *) node)->funcid == F_AGE_TIMESTAMPTZ_TIMESTAMPTZ || ((FuncExpr *) node)->funcid == F_QUOTE_IDENT)
			return true;
	}
	else if (IsA(node, XmlExpr))
	{
		if (writes_variously(((XmlExpr *) node)->args) || writes_variously(((XmlExpr *) node)->named_args))
			return true;
	}
	else if (OidIsValid(nps_json_is_read_as(node)))
	{
		Oid			input;
		Oid			parameter;

		getTypeInputInfo(getBaseType(nps_json_is_read_as(node)), &input, &parameter);
		if (func_volatile(input) != PROVOLATILE_IMMUTABLE)
			return true;
	}
	else if (writes_variously(nps_json_is_made_of(node)))
		return true;
	return expression_tree_walker(node, nps_heeds_settings, context);
}

/* Does it use the row in any other way than through the source's columns, with their types? */
static bool
misfits_source(Node *node, void *columns)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;
		Form_pg_attribute column;

		if (var->varno != 1 || var->varlevelsup != 0 || var->varattno <= 0 || var->varattno > ((TupleDesc) columns)->natts)
			return true;
		column = TupleDescAttr((TupleDesc) columns, var->varattno - 1);
		return column->attisdropped || column->atttypid != var->vartype;
	}
	return expression_tree_walker(node, misfits_source, columns);
}

static bool
is_written_in_a_language(Oid function, void *context pg_attribute_unused())
{
	HeapTuple	entry = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			language;

	if (!HeapTupleIsValid(entry))
		return true;
	language = ((Form_pg_proc) GETSTRUCT(entry))->prolang;
	ReleaseSysCache(entry);
	return language != INTERNALlanguageId && language != ClanguageId;
}

/*
 * Does it call code that may find functions, operators or tables by search_path,
 * such as the body of a function or the check of a domain?
 */
static bool
runs_code(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, CoerceToDomain) || check_functions_in_node(node, is_written_in_a_language, context) ||
		expression_tree_walker(node, runs_code, context);
}

static char *
is_shown_variously_trouble(const char *name)
{
	return psprintf("\"%s\" is not always shown alike: what the text of such a number or value is depends on settings; cast it to numeric.", name);
}

/* Replaces columns by their numbers, as their names do not matter. */
static Node *
number_columns(Node *node, void *context)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;
		Param	   *number = makeNode(Param);

		number->paramkind = PARAM_EXTERN;
		number->paramid = var->varattno;
		number->paramtype = var->vartype;
		number->paramtypmod = var->vartypmod;
		number->paramcollid = var->varcollid;
		number->location = -1;
		return (Node *) number;
	}
	return expression_tree_mutator(node, number_columns, context);
}

static void
append_expression(StringInfo text, Node *expression)
{
	appendStringInfoString(text, deparse_expression(number_columns(copyObject(expression), NULL), NIL, false, false));
}

/* Appends the version of a function that its owner can replace, as its results may then differ. */
static bool
append_function(Oid function, void *text)
{
	HeapTuple	entry;

	if (function < FirstNormalObjectId || getExtensionOfObject(ProcedureRelationId, function) == get_extension_oid("nps", true))
		return false;
	entry = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(entry))
		return false;
	appendStringInfo((StringInfo) text, " %u.%u", function, HeapTupleHeaderGetRawXmin(entry->t_data));
	ReleaseSysCache(entry);
	return false;
}

static bool
append_functions(Node *node, void *text)
{
	if (node == NULL)
		return false;
	(void) check_functions_in_node(node, append_function, text);
	return expression_tree_walker(node, append_functions, text);
}

/* Appends what the values depend on in the columns: their types, and how they are generated. */
static void
append_columns(StringInfo text, Node *expression, Relation source)
{
	TupleDesc	columns = RelationGetDescr(source);
	Bitmapset  *used = NULL;
	int			member = -1;

	pull_varattnos(expression, 1, &used);
	while ((member = bms_next_member(used, member)) >= 0)
	{
		int			number = member + FirstLowInvalidHeapAttributeNumber;
		Form_pg_attribute column;

		if (number <= 0 || number > columns->natts)
			continue;
		column = TupleDescAttr(columns, number - 1);
		appendStringInfo(text, " $%d:%u.%d", number, column->atttypid, column->atttypmod);
		/* a new expression has a new catalog entry */
		if (column->attgenerated != '\0')
		{
			appendStringInfo(text, "=%u", GetAttrDefaultOid(RelationGetRelid(source), number));
			(void) append_functions(build_column_default(source, number), text);
		}
	}
	bms_free(used);
}

/* Adds an expression that the counts depend on. */
static void
add_fingerprint(RollupMapping *mapping, const char *name, Node *expression, Relation source)
{
	StringInfoData text;

	initStringInfo(&text);
	if (mapping->fingerprint != NULL)
		appendStringInfo(&text, "%s\n", mapping->fingerprint);
	appendStringInfo(&text, "%s: ", name);
	append_expression(&text, expression);
	(void) append_functions(expression, &text);
	append_columns(&text, expression, source);
	mapping->fingerprint = text.data;
}

/*
 * Takes one expression of the mapping, planned, and of the wanted type (InvalidOid:
 * its own), to which it is cast if is_cast allows that.  Returns why it cannot be
 * used in a trigger, or NULL.
 */
static char *
take_expression(RollupMapping *mapping, RollupPart *part, Relation source, const char *name, Node *expression, Oid wanted, bool is_cast)
{
	TupleDesc	columns = CreateTupleDescCopy(RelationGetDescr(source));
	Oid			type;
	bool		heeds_settings;

	if (checkExprHasSubLink(expression))
		return psprintf("\"%s\" reads other tables, whose changes cannot be seen.", name);
	if (misfits_source(expression, columns))
		return psprintf("\"%s\" uses a system column or the whole row.", name);
	add_fingerprint(mapping, name, expression, source);
	expression = nps_expand_generated_columns(copyObject(expression), source);
	if (misfits_source(expression, columns))
		return psprintf("\"%s\" uses a system column or the whole row.", name);
	if (is_cast && exprType(expression) != wanted)
	{
		expression = coerce_to_target_type(NULL, expression, exprType(expression), wanted, -1,
										   COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
		if (expression == NULL)
			return psprintf("\"%s\" is not of the type that its column in the rollup has.", name);
		/* it may be another one by now */
		add_fingerprint(mapping, "cast", expression, source);
	}
	type = exprType(expression);
	if (OidIsValid(wanted) && type != wanted)
		return psprintf("\"%s\" is of type %s, not %s.", name, format_type_be(type), format_type_be(wanted));
	if (expression_returns_set(expression))
		return psprintf("\"%s\" gives several values for a row.", name);
	if (is_shown_variously(expression, NULL))
		return is_shown_variously_trouble(name);
	pull_varattnos(expression, 1, &mapping->reads);
	part->argument = pstrdup(name);
	heeds_settings = nps_heeds_settings(expression, NULL);
	part->expression = expression_planner((Expr *) expression);
	/* the body of an SQL function can be examined only after it was inlined */
	if (is_shown_variously((Node *) part->expression, NULL))
		return is_shown_variously_trouble(name);
	if (contain_mutable_functions((Node *) part->expression) || heeds_settings || nps_heeds_settings((Node *) part->expression, NULL))
		return psprintf("\"%s\" is not immutable: what it gives depends on more than the row, such as the time or a setting.", name);
	if (exprType((Node *) part->expression) != type)
		return psprintf("\"%s\" is of another type than it says.", name);
	mapping->runs_code |= runs_code((Node *) part->expression, NULL);
	return NULL;
}

/* The same for a column of the view, by its name. */
static char *
take_column(RollupMapping *mapping, RollupPart *part, Relation source, NpsAnswer *answer, const char *name, Oid wanted, bool is_cast)
{
	Node	   *expression = nps_answer_column(answer, name);

	if (expression == NULL)
		return psprintf("The view answer has no column \"%s\".", name);
	return take_expression(mapping, part, source, name, expression, wanted, is_cast);
}

/* The name of a key of the cells in the view answer. */
const char *
nps_key_name(TupleDesc columns, int key)
{
	return key == 0 ? "responded_at" : NameStr(TupleDescAttr(columns, key)->attname);
}

static NpsValue
value_of_int2(Datum score)
{
	return nps_value_from_int64(DatumGetInt16(score));
}

static NpsValue
value_of_int4(Datum score)
{
	return nps_value_from_int64(DatumGetInt32(score));
}

static NpsValue
value_of_int8(Datum score)
{
	return nps_value_from_int64(DatumGetInt64(score));
}

static NpsValue
value_of_float8(Datum score)
{
	return nps_value_from_double(DatumGetFloat8(score));
}

/*
 * How to read a score of the type; false if a view answer made by nps_attach() has
 * no scores of this type.
 */
static bool
take_score_type(RollupMapping *mapping, Oid type)
{
	switch (type)
	{
		case INT2OID:
			mapping->score_value = value_of_int2;
			return true;
		case INT4OID:
			mapping->score_value = value_of_int4;
			return true;
		case INT8OID:
			mapping->score_value = value_of_int8;
			return true;
		case FLOAT8OID:
			mapping->score_value = value_of_float8;
			return true;
		default:
			return false;
	}
}

/*
 * Takes the mapping from the view; must be called as its owner.  Returns why it
 * cannot be used, or NULL.
 */
char *
nps_take_mapping(RollupMapping *mapping, NpsAnswer *answer, Relation source)
{
	TupleDesc	columns = mapping->columns;
	char	   *trouble = NULL;

	mapping->keys = columns->natts - ROLLUP_MEASURES;
	mapping->key = palloc0(mapping->keys * sizeof(RollupKey));
	mapping->filter.expression = NULL;
	mapping->runs_code = false;
	mapping->reads = NULL;
	mapping->fingerprint = NULL;
	if (!answer->is_plain)
		return pstrdup("The view answer does not give one row for each row of the source.");
	if (answer->filter != NULL)
		trouble = take_expression(mapping, &mapping->filter, source, "filter", answer->filter, BOOLOID, false);
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->score, source, answer, "score", InvalidOid, false);
	if (trouble == NULL && !take_score_type(mapping, exprType((Node *) mapping->score.expression)))
		trouble = psprintf("\"score\" is of type %s, not a whole number or double precision.", format_type_be(exprType((Node *) mapping->score.expression)));
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->rejection, source, answer, "rejection", TEXTOID, false);
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->comment, source, answer, "comment", TEXTOID, false);
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->asked_at, source, answer, "asked_at", TIMESTAMPTZOID, false);
	for (int i = 0; i < mapping->keys && trouble == NULL; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		mapping->key[i].by_value = column->attbyval;
		mapping->key[i].length = column->attlen;
		/* comparing segments of the rollup needs no user-defined function */
		trouble = take_column(mapping, &mapping->key[i].part, source, answer, nps_key_name(columns, i),
							  i == 0 ? TIMESTAMPTZOID : column->atttypid, i > 0);
	}
	return trouble;
}
