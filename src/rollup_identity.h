/*
 * rollup_identity.h
 *		What a rollup was made with, which shows whether it still is exact.
 */
#ifndef NPS_ROLLUP_IDENTITY_H
#define NPS_ROLLUP_IDENTITY_H

#include "rollup_mapping.h"

/*
 * Where the view answer begins in the identity of a source: rebuilding the view
 * does not change what is before it.
 */
#define NPS_VIEW_IN_IDENTITY "; view"

/* rollup_identity.c */
extern void nps_mapping_look_up(RollupMapping *mapping);
extern const char *nps_identity_trouble(const char *computed, const char *now);
extern RollupLeaf *nps_mapping_leaf(RollupMapping *mapping, Oid relation);

#endif							/* NPS_ROLLUP_IDENTITY_H */
