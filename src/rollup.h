/*
 * rollup.h
 *		Counting changes of a source in its rollup, so that nobody's write fails of it.
 */
#ifndef NPS_ROLLUP_H
#define NPS_ROLLUP_H

#include "commands/trigger.h"

#include "rollup_change.h"
#include "rollup_mapping.h"

/* Counts some rows, as the owner; true: so many that they are to be written, and then it is to be called again. */
typedef bool (*RollupCounter) (RollupChange *change, RollupMapping *mapping, void *rows);

/* rollup.c */
extern RollupMapping *nps_rollup_of_source(Oid rollup, Oid source, const char *trigger);
extern bool nps_rollup_count_more(RollupChange **change, bool is_last, Oid rollup, Oid source, const char *trigger,
								  RollupCounter count, void *rows);
extern bool nps_rollup_count(Oid rollup, Oid source, const char *trigger, RollupCounter count, void *rows);

/* rollup_truncate.c */
extern void nps_rollup_truncate(Oid rollup, TriggerData *trigger);

#endif							/* NPS_ROLLUP_H */
