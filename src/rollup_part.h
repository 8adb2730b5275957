/*
 * rollup_part.h
 *		The table rollup_part: what was counted, and what could not be.
 */
#ifndef NPS_ROLLUP_PART_H
#define NPS_ROLLUP_PART_H

#include "utils/snapshot.h"

#include "rollup_mapping.h"

/* What the table says, for one snapshot. */
typedef struct RollupState
{
	char	   *trouble;		/* why it serves nobody, as a sentence; NULL: it serves */
	bool		is_lost;		/* not what was computed: must be made again, not only computed */
	bool		lacks_leaves;	/* the only problem is that leaves with rows are not counted */
	bool	   *is_counted;		/* for each leaf of the mapping */
} RollupState;

/* rollup_part.c */
extern RollupState nps_rollup_state(RollupMapping *mapping, Snapshot snapshot, bool is_run);
extern bool nps_leaf_is_counted(Oid rollup, Oid source, Oid leaf, bool *is_by_us);
extern Oid	nps_relation_owner(Oid relation);
extern void nps_mark(Oid rollup, Oid source, const char *reason);
extern void nps_part_forget(RollupMapping *mapping, Oid leaf, Snapshot snapshot);
extern char *nps_part_identity(RollupMapping *mapping, Snapshot snapshot);
extern bool nps_part_append(Oid registry, Oid leaf, const char *identity);
extern void nps_part_tidy(RollupMapping *mapping, Snapshot snapshot);
extern bool nps_lock_cells(Oid rollup);
extern void nps_lock_cells_alone(Oid rollup);
extern void nps_part_register(RollupMapping *mapping, Oid leaf, const char *identity);

#endif							/* NPS_ROLLUP_PART_H */
