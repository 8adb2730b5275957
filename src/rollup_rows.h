/*
 * rollup_rows.h
 *		Rows of partitions that are counted together.
 */
#ifndef NPS_ROLLUP_ROWS_H
#define NPS_ROLLUP_ROWS_H

#include "access/tupdesc.h"
#include "executor/tuptable.h"

#include "rollup_change.h"
#include "rollup_mapping.h"

typedef struct RollupRows RollupRows;

/* rollup_rows.c */
extern RollupRows *nps_rows_begin(TupleDesc source, const Bitmapset *reads);
extern bool nps_rows_add(RollupRows *rows, TupleTableSlot *row, Oid leaf, int sign);
extern bool nps_rows_suit(const RollupRows *rows, const RollupMapping *mapping);
extern bool nps_rows_count(RollupRows *rows, RollupChange *change, RollupMapping *mapping);
extern void nps_rows_end(RollupRows *rows);

#endif							/* NPS_ROLLUP_ROWS_H */
