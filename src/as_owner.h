/*
 * as_owner.h
 *		Runs what belongs to an owner with that owner's rights, and no others.
 */
#ifndef NPS_AS_OWNER_H
#define NPS_AS_OWNER_H

#include "postgres.h"

#include "fmgr.h"

/* The previous current user and settings. */
typedef struct NpsOwner
{
	Oid			user;
	int			security_context;
	int			guc_level;
} NpsOwner;

/* as_owner.c */
extern void nps_become_owner(Oid owner, int more_flags, NpsOwner *saved);
extern void nps_become_caller(const NpsOwner *saved);
extern Datum nps_work_as_owner(FunctionCallInfo fcinfo, Oid owner, int more_flags);
extern char *nps_survey_argument(FunctionCallInfo fcinfo);
extern Oid	nps_survey_owner(const char *survey);
extern void nps_expect_to_act_as_owner(const char *schema);

#endif							/* NPS_AS_OWNER_H */
