/*
 * rollup_shape.h
 *		Whether the source, the rollup and the table rollup_part allow a rollup to
 *		be kept current.
 */
#ifndef NPS_ROLLUP_SHAPE_H
#define NPS_ROLLUP_SHAPE_H

#include "access/tupdesc.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

/* Columns of the table rollup_part. */
enum
{
	REGISTRY_LEAF,
	REGISTRY_IDENTITY,
	REGISTRY_TROUBLE,
	REGISTRY_NOTED_AT,
	REGISTRY_COLUMNS
};

/* rollup_shape.c */
extern char *nps_source_trouble(Relation source);
extern char *nps_source_doubt(Relation source, Relation rollup, List *parts, bool *is_refused);
extern bool nps_is_rollup_shaped(Relation rollup, TupleDesc columns);
extern bool nps_can_be_marked(Relation registry);
extern bool nps_is_registry_shaped(Relation registry);

#endif							/* NPS_ROLLUP_SHAPE_H */
