/*
 * answer.c
 *		Reads the view answer of a survey: its source, its filter and what each
 *		column is over the source.
 *
 * All of it comes from the view's rule, so that it is true after renames.  The
 * rule is taken from the catalog, without a lock on the view: the view belongs to
 * somebody who may lock it for as long as they like, and nobody who writes to the
 * source or asks for all surveys is to wait for that.
 */
#include "answer.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_rewrite.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "nodes/readfuncs.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rewriteSupport.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* The query of the view, our own copy; NULL if there is no such rule. */
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

/* Does the query give one row for each row of its only relation that its condition lets through? */
static bool
is_plain(const Query *query, const RangeTblEntry *source)
{
	return query->commandType == CMD_SELECT && query->setOperations == NULL && query->cteList == NIL &&
		!query->hasAggs && !query->hasWindowFuncs && !query->hasTargetSRFs && query->groupClause == NIL &&
		query->groupingSets == NIL && query->havingQual == NULL && query->distinctClause == NIL &&
		query->limitOffset == NULL && query->limitCount == NULL && query->rowMarks == NIL &&
		source->tablesample == NULL && source->inh;
}

/* What the view is; NULL if it is no view (any more), or none that reads one relation. */
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

	/* the owner after the rule: a rule of an earlier owner's is theirs, not one of a later owner's the earlier's */
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

/* What the column of that name is over the source, to be copied before it is changed; NULL if there is none. */
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
