/*
 * answer.c
 *		Reads the view answer of a survey: its source, its filter, and each column's
 *		expression over the source.
 *
 * All of it comes from the view's rule, so that it stays right after renames.  The
 * rule is taken from the catalog, without a lock on the view: its owner may lock
 * the view for any length of time, and those who write to the source or list all
 * surveys must not wait for that.
 */
#include "answer.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_rewrite.h"
#include "commands/event_trigger.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "nodes/readfuncs.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteDefine.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rewriteSupport.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "as_owner.h"

/* Our own copy of the view's query; NULL if there is no such rule. */
static Query *
query_of_view(Oid view)
{
	HeapTuple	rule = SearchSysCache2(RULERELNAME, ObjectIdGetDatum(view), CStringGetDatum(ViewSelectRuleName));
	List	   *actions;
	Datum		action;
	bool		is_null;

	if (!HeapTupleIsValid(rule))
		return NULL;
	action = SysCacheGetAttr(RULERELNAME, rule, Anum_pg_rewrite_ev_action, &is_null);
	actions = is_null ? NIL : (List *) stringToNode(TextDatumGetCString(action));
	ReleaseSysCache(rule);
	return list_length(actions) == 1 ? linitial_node(Query, actions) : NULL;
}

/* Does the query give one row for each row of its only relation that meets its condition? */
static bool
is_plain(const Query *query, const RangeTblEntry *source)
{
	return query->commandType == CMD_SELECT && query->setOperations == NULL && query->cteList == NIL &&
		!query->hasAggs && !query->hasWindowFuncs && !query->hasTargetSRFs && query->groupClause == NIL &&
		query->groupingSets == NIL && query->havingQual == NULL && query->distinctClause == NIL &&
		query->limitOffset == NULL && query->limitCount == NULL && query->rowMarks == NIL &&
		source->tablesample == NULL && source->inh;
}

/* Reads the view; NULL if it is not a view (any more), or does not read exactly one relation. */
NpsAnswer *
nps_answer_read(Oid view)
{
	NpsAnswer  *answer;
	Query	   *query = query_of_view(view);
	HeapTuple	entry;
	RangeTblEntry *source;
	int			relation;

	if (query == NULL || list_length(query->jointree->fromlist) != 1 || !IsA(linitial(query->jointree->fromlist), RangeTblRef))
		return NULL;
	relation = linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex;
	source = rt_fetch(relation, query->rtable);
	if (source->rtekind != RTE_RELATION)
		return NULL;

	/* the owner is read after the rule, so that no new rule can count as an earlier owner's */
	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(view));
	if (!HeapTupleIsValid(entry))
		return NULL;
	if (((Form_pg_class) GETSTRUCT(entry))->relkind != RELKIND_VIEW)
	{
		ReleaseSysCache(entry);
		return NULL;
	}
	answer = palloc(sizeof(NpsAnswer));
	answer->owner = ((Form_pg_class) GETSTRUCT(entry))->relowner;
	ReleaseSysCache(entry);
	answer->source = source->relid;
	answer->is_plain = is_plain(query, source);
	answer->columns = query->targetList;
	answer->filter = query->jointree->quals;
	ChangeVarNodes((Node *) answer->columns, relation, 1, 0);
	ChangeVarNodes(answer->filter, relation, 1, 0);
	return answer;
}

/*
 * The expression of the column of that name over the source; NULL if there is none.
 * It must be copied before it is changed.
 */
Node *
nps_answer_column(const NpsAnswer *answer, const char *name)
{
	ListCell   *cell;

	foreach(cell, answer->columns)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (!entry->resjunk && entry->resname != NULL && strcmp(entry->resname, name) == 0)
			return (Node *) entry->expr;
	}
	return NULL;
}

/* Does the query end with the last column of the view, and are the columns named as in the query? */
static bool
can_be_extended(Oid view, const Query *query)
{
	ListCell   *cell;

	if (query->commandType != CMD_SELECT || query->setOperations != NULL)
		return false;
	foreach(cell, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);
		char	   *name = get_attname(view, entry->resno, true);

		if (entry->resjunk || name == NULL || strcmp(name, entry->resname) != 0)
			return false;
	}
	return true;
}

/* Adds a column to a view, as CREATE OR REPLACE VIEW does. */
static void
add_view_column(Oid view, RangeVar *name, const char *column, Oid type)
{
	AlterTableStmt *statement = makeNode(AlterTableStmt);
	AlterTableCmd *command = makeNode(AlterTableCmd);

	command->subtype = AT_AddColumnToView;
	command->def = (Node *) makeColumnDef(column, type, -1, get_typcollation(type));
	statement->relation = name;
	statement->cmds = list_make1(command);
	statement->objtype = OBJECT_VIEW;
	EventTriggerAlterTableStart((Node *) statement);
	AlterTableInternal(view, statement->cmds, false);
	EventTriggerAlterTableEnd();
	CommandCounterIncrement();
}

/*
 * nps_add_to_answer(survey text, column text, type regtype) returns void
 *
 * Adds a column that is NULL to the view answer of a survey that was attached
 * before there was an argument for it.  The other columns stay as they are: their
 * expressions are not parsed again, but kept as parsed.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_add_to_answer);
Datum
nps_add_to_answer(PG_FUNCTION_ARGS)
{
	char	   *survey = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *column = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			type = PG_GETARG_OID(2);
	RangeVar   *name = makeRangeVar(survey, "answer", -1);
	Oid			view;
	Query	   *query;

	nps_expect_to_act_as_owner(survey);
	view = RangeVarGetRelid(name, AccessExclusiveLock, false);
	query = get_rel_relkind(view) == RELKIND_VIEW && nps_owns_relation(view, GetUserId()) ? query_of_view(view) : NULL;
	if (query == NULL || !can_be_extended(view, query))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the view answer of survey \"%s\" is not as it was made", survey),
				 errdetail("It lacks the column \"%s\".", column),
				 errhint("Call nps_attach(..., replace => true) to make it anew.")));
	add_view_column(view, name, column, type);
	query->targetList = lappend(query->targetList,
								makeTargetEntry((Expr *) makeNullConst(type, -1, get_typcollation(type)),
												list_length(query->targetList) + 1, column, false));
	DefineQueryRewrite(ViewSelectRuleName, view, NULL, CMD_SELECT, true, true, list_make1(query));
	CommandCounterIncrement();
	PG_RETURN_VOID();
}
