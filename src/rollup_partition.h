/*
 * rollup_partition.h
 *		Counts the rows that a row trigger is called for.
 */
#ifndef NPS_ROLLUP_PARTITION_H
#define NPS_ROLLUP_PARTITION_H

#include "commands/trigger.h"

#include "access/tupconvert.h"

/* rollup_partition.c */
extern TupleConversionMap *nps_map_of_leaf(Relation leaf, Oid source, TupleDesc *columns);
extern Oid	nps_source_of_statement(Relation table, Oid rollup);
extern bool nps_is_counted_by_row(const TriggerData *trigger, Oid rollup);
extern void nps_partition_begin(Oid rollup, Relation table);
extern void nps_partition_row(FmgrInfo *function, TriggerData *trigger);
extern void nps_partition_end(Oid rollup, const TriggerData *trigger);

#endif							/* NPS_ROLLUP_PARTITION_H */
