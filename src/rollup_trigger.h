/*
 * rollup_trigger.h
 *		The triggers on a source that keep its rollup: what they look like, and
 *		which rollup they are of.
 */
#ifndef NPS_ROLLUP_TRIGGER_H
#define NPS_ROLLUP_TRIGGER_H

#include "commands/trigger.h"

#include "rollup_mapping.h"

/* rollup_trigger.c */
extern Oid	nps_rollup_of_trigger(Trigger *trigger);
extern bool nps_rollup_has_all_triggers(RollupMapping *mapping, TriggerDesc *triggers, bool is_partitioned);
extern TriggerData *nps_expect_rollup_trigger(FunctionCallInfo fcinfo);

/* rollup.c */
extern RollupMapping *nps_rollup_of_source(Oid rollup, Oid source, TriggerData *trigger);

#endif							/* NPS_ROLLUP_TRIGGER_H */
