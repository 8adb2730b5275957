/*
 * rollup_change.h
 *		What changes of the source do to the cells of a rollup, until it is written.
 */
#ifndef NPS_ROLLUP_CHANGE_H
#define NPS_ROLLUP_CHANGE_H

#include "executor/tuptable.h"
#include "utils/relcache.h"

#include "rollup_mapping.h"

typedef struct RollupChange RollupChange;

/* rollup_change.c */
extern RollupChange *nps_change_begin(RollupMapping *mapping, bool is_maintenance);
extern bool nps_change_count(RollupChange *change, RollupMapping *mapping, TupleTableSlot *slot, Oid leaf, int sign);
extern void nps_change_add(RollupChange *change, RollupMapping *mapping, TupleTableSlot *row);
extern int64 nps_change_rows(RollupChange *change, RollupMapping *mapping, TupleTableSlot *row);
extern bool nps_change_suits(const RollupChange *change, Relation rollup);
extern int64 nps_change_write(RollupChange *change, Relation rollup);
extern void nps_change_end(RollupChange *change);

#endif							/* NPS_ROLLUP_CHANGE_H */
