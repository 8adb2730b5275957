/*
 * survey_relation.h
 *		The relations of a survey, as its triggers see them: which relation a
 *		trigger is on, which tables belong to it, with whose rights they are used,
 *		and who acts.
 */
#ifndef NPS_SURVEY_RELATION_H
#define NPS_SURVEY_RELATION_H

#include "nps.h"

#include "commands/trigger.h"
#include "storage/lock.h"
#include "utils/rel.h"

#include "as_owner.h"

/* What a trigger function is made for; it refuses everything else before it reads a row. */
typedef struct NpsTriggerUse
{
	const char *function;
	const char *description;	/* the same in words */
	uint32		timing;
	uint32		events;
	bool		for_row;
	int			arguments;
	const char *kinds;			/* of relations, as pg_class has them */
	const char *names[6];		/* of relations; none: any */
} NpsTriggerUse;

#define NPS_ON(event) (1U << (TRIGGER_EVENT_##event))

/* A table of the survey, found by name, locked and then checked. */
typedef struct NpsTable
{
	Oid			oid;
	Oid			schema;
	char	   *schema_name;
	char	   *name;
	char	   *quoted;			/* both, as they are written in a query */
} NpsTable;

extern TriggerData *nps_expect_trigger(FunctionCallInfo fcinfo, const NpsTriggerUse *use);
extern char *nps_beside(Relation relation, const char *name);
extern NpsTable nps_survey_table(Relation relation, const char *name, LOCKMODE lock);
extern Oid	nps_column_type(const NpsTable *table, const char *name);
extern void nps_expect_unchanged(const NpsTable *table);
extern void nps_expect_trusted_triggers(const NpsTable *table);
extern void nps_become_owner_of(Relation table, NpsOwner *self);
extern bool nps_acts_as_owner(Relation table);
extern char *nps_acting_role(void);
extern char *nps_session_role(void);
extern char *nps_acting_person(void);

#endif							/* NPS_SURVEY_RELATION_H */
