/*
 * rollup_identity.h
 *		What a rollup was made with, which shows whether it still is exact.
 */
#ifndef NPS_ROLLUP_IDENTITY_H
#define NPS_ROLLUP_IDENTITY_H

#include "lib/stringinfo.h"

#include "rollup_mapping.h"

/* In which part an identity that was stored is not the present one, in their order. */
typedef enum NpsIdentityDifference
{
	NPS_IDENTITY_AGREES = -1,
	NPS_SERVER_DIFFERS,
	NPS_TRIGGERS_DIFFER,
	NPS_GUARDS_DIFFER,
	NPS_TABLES_DIFFER,
	NPS_COLUMNS_DIFFER,
	NPS_FILES_DIFFER,
	NPS_MAPPING_DIFFERS,
	NPS_VIEW_DIFFERS			/* of the view answer, which maintenance can have made anew */
} NpsIdentityDifference;

/* rollup_identity.c */
extern void nps_mapping_look_up(RollupMapping *mapping);
extern NpsIdentityDifference nps_identity_difference(const char *computed, const char *now);
extern bool nps_identity_agrees_but(const char *computed, const char *now, NpsIdentityDifference part);
extern const char *nps_identity_trouble(NpsIdentityDifference part);
extern bool nps_append_leaf(StringInfo identity, Oid leaf, Oid rollup, Oid source);
extern RollupLeaf *nps_mapping_leaf(RollupMapping *mapping, Oid relation);

#endif							/* NPS_ROLLUP_IDENTITY_H */
