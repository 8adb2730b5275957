/*
 * people.c
 *		What nps_forget() needs beyond SQL: deleting where nobody else may, and
 *		removing statistics.
 */
#include "nps.h"

#include "access/relation.h"
#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "as_owner.h"
#include "people.h"

/* The schema of the survey from which nps_erase() erases a person. */
static Oid	erasing_in = InvalidOid;

/*
 * Is nps_forget() deleting these rows, or adding to the history that it did?  The
 * triggers that protect cases and history ask this, and let it pass.  The tables
 * belong to the owner, who is responsible for what the owner's own code does
 * meanwhile.
 */
bool
nps_is_erasing(const TriggerData *trigger)
{
	Form_pg_class table = trigger->tg_relation->rd_rel;

	return OidIsValid(erasing_in) && table->relnamespace == erasing_in &&
		InSecurityRestrictedOperation() && GetUserId() == table->relowner &&
		(TRIGGER_FIRED_BY_DELETE(trigger->tg_event) || TRIGGER_FIRED_BY_INSERT(trigger->tg_event));
}

/*
 * nps_erase(survey text, respondent text, answers text[]) returns setof (relation text, rows bigint, what text)
 *
 * Runs nps_erase_as_owner(), which reads and writes only the survey's own tables:
 * forced row security on these does not hide rows from it.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_erase);
Datum
nps_erase(PG_FUNCTION_ARGS)
{
	char	   *survey = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Oid			was_erasing_in = erasing_in;
	Datum		result;

	nps_expect_to_act_as_owner(survey);
	PG_TRY();
	{
		erasing_in = get_namespace_oid(survey, false);
		result = nps_work_as_owner(fcinfo, GetUserId(), SECURITY_NOFORCE_RLS);
	}
	PG_FINALLY();
	{
		erasing_in = was_erasing_in;
	}
	PG_END_TRY();
	return result;
}

static void
expect_own_relation(Oid relation)
{
	if (!nps_owns_relation(relation, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relation));
}

/*
 * nps_remove_statistics(survey text, relation regclass) returns void
 *
 * Removes what ANALYZE stores about a relation, its indexes, and the statistics
 * that somebody defined on it.  ANALYZE alone would leave what it stored about a
 * relation that is now empty, and about columns that it is told to skip.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_remove_statistics);
Datum
nps_remove_statistics(PG_FUNCTION_ARGS)
{
	Oid			oid = PG_GETARG_OID(1);
	Relation	relation;
	ListCell   *cell;

	nps_expect_to_act_as_owner(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	expect_own_relation(oid);
	/* the lock of ANALYZE: readers and writers do not wait */
	relation = relation_open(oid, ShareUpdateExclusiveLock);
	expect_own_relation(oid);
	RemoveStatistics(oid, 0);
	foreach(cell, RelationGetIndexList(relation))
		RemoveStatistics(lfirst_oid(cell), 0);
	foreach(cell, RelationGetStatExtList(relation))
	{
		RemoveStatisticsDataById(lfirst_oid(cell), false);
		RemoveStatisticsDataById(lfirst_oid(cell), true);
	}
	relation_close(relation, NoLock);
	PG_RETURN_VOID();
}
