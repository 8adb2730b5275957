/*
 * rollup.h
 *		Counts changes of a source in its rollup, without making any write fail.
 */
#ifndef NPS_ROLLUP_H
#define NPS_ROLLUP_H

#include "commands/trigger.h"

#include "rollup_change.h"
#include "rollup_mapping.h"

/*
 * Counts some rows, as the owner; true: they should be written now, and it is to be
 * called again.
 */
typedef bool (*RollupCounter) (RollupChange *change, RollupMapping *mapping, void *rows);

/* rollup.c */
extern RollupMapping *nps_rollup_of_source(Oid rollup, Oid source, const char *trigger);
extern bool nps_rollup_count_more(RollupChange **change, bool is_last, Oid rollup, Oid source, const char *trigger,
								  RollupCounter count, void *rows);
extern bool nps_rollup_count(Oid rollup, Oid source, const char *trigger, RollupCounter count, void *rows);

/* rollup_truncate.c */
extern void nps_rollup_truncate(Oid rollup, TriggerData *trigger);
extern bool nps_has_emptied_behind_snapshot(Oid rollup);

#endif							/* NPS_ROLLUP_H */
