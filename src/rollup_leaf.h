/*
 * rollup_leaf.h
 *		The first rows of a partition that is not counted.
 */
#ifndef NPS_ROLLUP_LEAF_H
#define NPS_ROLLUP_LEAF_H

#include "nps.h"

/* rollup_leaf.c */
extern void nps_leaf_written(Oid rollup, Oid source, Oid leaf);

#endif							/* NPS_ROLLUP_LEAF_H */
