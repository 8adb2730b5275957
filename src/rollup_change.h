/*
 * rollup_change.h
 *		What changes of the source do to the cells of a rollup, until that is
 *		written.
 */
#ifndef NPS_ROLLUP_CHANGE_H
#define NPS_ROLLUP_CHANGE_H

#include "executor/tuptable.h"
#include "utils/relcache.h"

#include "rollup_mapping.h"

typedef struct RollupChange RollupChange;

/* rollup_change.c */
extern RollupChange *rollup_change_begin(RollupMapping *mapping);
extern bool rollup_change_count(RollupChange *change, RollupMapping *mapping, TupleTableSlot *slot, int sign);
extern void rollup_change_write(RollupChange *change, Relation rollup);
extern void rollup_change_end(RollupChange *change);

#endif							/* NPS_ROLLUP_CHANGE_H */
