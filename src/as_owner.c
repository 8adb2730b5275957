/*
 * as_owner.c
 *		Running what belongs to a survey as the survey's owner, as REFRESH
 *		MATERIALIZED VIEW does: nothing of theirs then runs with anybody else's
 *		rights, or finds anything by anybody else's search_path.
 *
 * After an error the end of the transaction, or of the subtransaction, takes the
 * user and the settings back.
 */
#include "as_owner.h"

#include "miscadmin.h"
#include "utils/guc.h"

void
nps_become_owner(Oid owner, int more_flags, NpsOwner *saved)
{
	GetUserIdAndSecContext(&saved->user, &saved->security_context);
	SetUserIdAndSecContext(owner, saved->security_context | SECURITY_RESTRICTED_OPERATION | SECURITY_LOCAL_USERID_CHANGE | more_flags);
	saved->guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void
nps_become_caller(const NpsOwner *saved)
{
	AtEOXact_GUC(false, saved->guc_level);
	SetUserIdAndSecContext(saved->user, saved->security_context);
}
