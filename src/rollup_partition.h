/*
 * rollup_partition.h
 *		Counting the rows of a partitioned source.
 */
#ifndef NPS_ROLLUP_PARTITION_H
#define NPS_ROLLUP_PARTITION_H

#include "commands/trigger.h"

#include "rollup_mapping.h"

/* rollup_partition.c */
extern void nps_partition_begin(Oid rollup);
extern void nps_partition_row(FmgrInfo *function, TriggerData *trigger);
extern void nps_partition_end(Relation rollup, Oid source);
extern void nps_partition_forget(Oid rollup);

#endif							/* NPS_ROLLUP_PARTITION_H */
