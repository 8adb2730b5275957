/*
 * as_owner.h
 *		Running what belongs to a survey as the survey's owner.
 */
#ifndef NPS_AS_OWNER_H
#define NPS_AS_OWNER_H

#include "nps.h"

typedef struct NpsOwner
{
	Oid			user;
	int			security_context;
	int			guc_level;
} NpsOwner;

/* as_owner.c */
extern void nps_become_owner(Oid owner, int more_flags, NpsOwner *saved);
extern void nps_become_caller(const NpsOwner *saved);

#endif							/* NPS_AS_OWNER_H */
