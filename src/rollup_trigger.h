/*
 * rollup_trigger.h
 *		The triggers on a source that keep its rollup current: what they look like,
 *		and which rollup they belong to.
 */
#ifndef NPS_ROLLUP_TRIGGER_H
#define NPS_ROLLUP_TRIGGER_H

#include "commands/trigger.h"
#include "lib/stringinfo.h"

#include "rollup_mapping.h"

/* rollup_trigger.c */
extern Oid	nps_rollup_of_trigger(Trigger *trigger);
extern bool nps_has_only_guards(Relation table);
extern bool nps_rollup_has_all_triggers(RollupMapping *mapping, TriggerDesc *triggers, bool is_partitioned);
extern bool nps_append_triggers(StringInfo identity, Oid relation, Oid rollup, bool is_between);
extern void nps_renew_triggers(Oid relation, Oid rollup);
extern TriggerData *nps_expect_rollup_trigger(FunctionCallInfo fcinfo);

#endif							/* NPS_ROLLUP_TRIGGER_H */
