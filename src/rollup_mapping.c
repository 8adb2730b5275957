/*
 * rollup_mapping.c
 *		What is known of a rollup and its mapping, kept for the session until
 *		something of it changes.
 *
 * Source, view and rollup belong to somebody who may have made anything of them.
 * So nothing is taken for what it was made to be: what the relcache holds is copied
 * or its relation locked.  What is in the mapping runs as the owner only, also where
 * the planner runs it to find constants.
 */
#include "nps.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "answer.h"
#include "rollup_expression.h"
#include "rollup_mapping.h"
#include "rollup_shape.h"
#include "rollup_trigger.h"

static HTAB *mappings = NULL;

/* Has a plan of this session been made to read a rollup since the last time that all plans were to be made anew? */
static bool has_served = false;

void
nps_mapping_has_served(void)
{
	has_served = true;
}

/* What a rollup serves may have changed: plans that read one are made anew. */
void
nps_mapping_unserve(void)
{
	if (has_served)
		ResetPlanCache();
	has_served = false;
}

/* Something changed: mappings that depend on it are to be read again. */
static void
forget_relation(Datum arg pg_attribute_unused(), Oid relation)
{
	HASH_SEQ_STATUS scan;
	RollupMapping *mapping;

	hash_seq_init(&scan, mappings);
	while ((mapping = hash_seq_search(&scan)) != NULL)
	{
		bool		is_part = relation == mapping->registry || list_member_oid(mapping->parts, relation);

		if (!OidIsValid(relation) || relation == mapping->rollup || relation == mapping->source || relation == mapping->answer)
			mapping->is_valid = mapping->is_looked_up = false;
		else if (is_part)
			mapping->is_looked_up = false;
		/* a plan knows the source, but not what is below it */
		if (is_part)
			nps_mapping_unserve();
	}
}

/* A function, operator or type changed, of which the mapping may have been put together. */
static void
forget_all(Datum arg pg_attribute_unused(), int cache pg_attribute_unused(), uint32 hash pg_attribute_unused())
{
	forget_relation(arg, InvalidOid);
}

/*
 * Why a rollup beside such a view and of such a source is not kept, or NULL.
 * The source may be one that is not locked: a partition is, whose partitioned
 * table cannot go or change its columns meanwhile, but its triggers can.
 */
static char *
trouble_with(RollupMapping *mapping, Relation rollup, NpsAnswer *answer, Relation source, bool with_triggers)
{
	bool		is_partitioned = source->rd_rel->relkind == RELKIND_PARTITIONED_TABLE;
	TriggerDesc *triggers = CopyTriggerDesc(source->trigdesc);
	char	   *trouble;
	NpsOwner	saved;

	mapping->is_refused = true;
	if (source->rd_rel->relowner != mapping->owner || answer->owner != mapping->owner)
		return psprintf("\"%s\" and the survey do not have one owner.", RelationGetRelationName(source));
	trouble = nps_source_trouble(source);
	if (trouble != NULL)
		return trouble;
	if (!nps_is_rollup_shaped(rollup, mapping->columns))
	{
		mapping->is_refused = false;
		return pstrdup("The rollup is not as it was made: it has other columns, no row security, or an index, a trigger, a rule or an heir.");
	}

	nps_become_owner(mapping->owner, 0, &saved);
	trouble = nps_take_mapping(mapping, answer, source);
	nps_become_caller(&saved);
	mapping->is_refused = trouble != NULL;
	if (trouble != NULL || !with_triggers)
		return trouble;

	if (!nps_rollup_has_all_triggers(mapping, triggers, is_partitioned))
		return psprintf("A trigger on \"%s\" that keeps the rollup is missing or disabled.", RelationGetRelationName(source));
	return NULL;
}

/*
 * Reads all that is to be known of a rollup.  The result is why it is not kept,
 * or NULL; whether triggers are asked for tells with_triggers.  A statement on the
 * source, or on one of its partitions, names it as the one that needs no lock.
 */
static char *
read_rollup(RollupMapping *mapping, bool with_triggers, Oid locked_source)
{
	Relation	rollup = try_relation_open(mapping->rollup, AccessShareLock);
	NpsAnswer  *answer;
	Relation	source = NULL;
	LOCKMODE	lock = AccessShareLock;
	char	   *trouble;

	if (rollup == NULL)
		return pstrdup("There is no rollup.");
	mapping->owner = rollup->rd_rel->relowner;
	mapping->columns = CreateTupleDescCopyConstr(RelationGetDescr(rollup));
	mapping->answer = get_relname_relid("answer", RelationGetNamespace(rollup));
	mapping->registry = get_relname_relid("rollup_part", RelationGetNamespace(rollup));
	answer = OidIsValid(mapping->answer) ? nps_answer_read(mapping->answer) : NULL;
	if (answer != NULL)
	{
		mapping->source = answer->source;
		if (mapping->source == locked_source)
			lock = NoLock;
		source = lock == NoLock ? RelationIdGetRelation(mapping->source) : try_relation_open(mapping->source, lock);
	}
	mapping->is_refused = source == NULL;
	if (source == NULL)
		trouble = pstrdup("There is no view answer beside the rollup that reads one table.");
	else
	{
		trouble = trouble_with(mapping, rollup, answer, source, with_triggers);
		relation_close(source, lock);
	}
	relation_close(rollup, AccessShareLock);
	return trouble;
}

/*
 * Frees what is not valid any more: the rollup may be gone.  Not what a statement
 * uses, nor what is being made.
 */
static void
forget_mappings(void)
{
	HASH_SEQ_STATUS scan;
	RollupMapping *mapping;

	hash_seq_init(&scan, mappings);
	while ((mapping = hash_seq_search(&scan)) != NULL)
	{
		if (mapping->is_valid || mapping->is_used || mapping->is_being_made)
			continue;
		if (mapping->context != NULL)
			MemoryContextDelete(mapping->context);
		hash_search(mappings, &mapping->rollup, HASH_REMOVE, NULL);
	}
}

/*
 * What is known of a rollup, from memory while nothing changed.  Where a
 * statement is using or making it, as one that a function of the mapping runs, the
 * result is another one, for this statement only.  It stays as it is until this is
 * called again; what runs code of the mapping in between sets is_used.
 */
RollupMapping *
nps_mapping_of_rollup(Oid rollup, Oid locked_source)
{
	static uint64 last_number = 0;

	RollupMapping *mapping;
	bool		found;
	MemoryContext parent = TopMemoryContext;
	MemoryContext caller;

	if (mappings == NULL)
	{
		HASHCTL		settings;

		settings.keysize = sizeof(Oid);
		settings.entrysize = sizeof(RollupMapping);
		mappings = hash_create("nps rollups", 8, &settings, HASH_ELEM | HASH_BLOBS);
		CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
		CacheRegisterSyscacheCallback(PROCOID, forget_all, (Datum) 0);
		CacheRegisterSyscacheCallback(TYPEOID, forget_all, (Datum) 0);
	}
	if (hash_search(mappings, &rollup, HASH_FIND, NULL) == NULL)
		forget_mappings();
	mapping = hash_search(mappings, &rollup, HASH_ENTER, &found);
	if (!found)
	{
		memset(mapping, 0, sizeof(RollupMapping));
		mapping->rollup = rollup;
	}
	if (mapping->is_complete && mapping->is_valid && !mapping->is_used && !mapping->is_being_made)
		return mapping;
	if (mapping->is_used || mapping->is_being_made)
	{
		mapping = palloc0(sizeof(RollupMapping));
		mapping->rollup = rollup;
		parent = CurrentMemoryContext;
	}

	if (mapping->context != NULL)
		MemoryContextDelete(mapping->context);
	mapping->context = NULL;
	mapping->states = mapping->looked_up = NULL;
	mapping->parts = NIL;
	mapping->doubt = NULL;
	mapping->columns = NULL;
	mapping->source = mapping->answer = mapping->owner = mapping->registry = InvalidOid;
	mapping->has_warned = mapping->is_complete = mapping->is_prepared = mapping->is_looked_up = mapping->is_passing = false;
	mapping->number = ++last_number;
	mapping->context = AllocSetContextCreate(parent, "nps rollup", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(mapping->context);
	/* what changes from here on makes it invalid again */
	mapping->is_valid = true;
	mapping->is_being_made = true;
	PG_TRY();
	{
		mapping->trouble = read_rollup(mapping, true, locked_source);
	}
	PG_FINALLY();
	{
		mapping->is_being_made = false;
	}
	PG_END_TRY();
	mapping->is_complete = true;
	MemoryContextSwitchTo(caller);
	return mapping;
}

/* What is known of a rollup already, if it is valid and can be used now; else NULL. */
RollupMapping *
nps_mapping_known(Oid rollup)
{
	RollupMapping *mapping = mappings == NULL ? NULL : hash_search(mappings, &rollup, HASH_FIND, NULL);

	return mapping != NULL && mapping->is_complete && mapping->is_valid && !mapping->is_used && !mapping->is_being_made ? mapping : NULL;
}

static void
prepare_part(RollupPart *part)
{
	part->state = part->expression == NULL ? NULL : ExecInitExpr(part->expression, NULL);
}

/*
 * The owner, as whom what is in the mapping is computed.  Only what could find
 * something by it needs another search_path: setting one takes longer than a row.
 */
void
nps_mapping_enter(const RollupMapping *mapping, NpsOwner *saved)
{
	if (mapping->runs_code)
		nps_become_owner(mapping->owner, 0, saved);
	else
	{
		saved->guc_level = 0;
		GetUserIdAndSecContext(&saved->user, &saved->security_context);
		SetUserIdAndSecContext(mapping->owner, saved->security_context | SECURITY_RESTRICTED_OPERATION | SECURITY_LOCAL_USERID_CHANGE);
	}
}

void
nps_mapping_leave(const NpsOwner *saved)
{
	if (saved->guc_level > 0)
		nps_become_caller(saved);
	else
		SetUserIdAndSecContext(saved->user, saved->security_context);
}

/*
 * Makes the expressions ready to be computed, with the owner's right to call the
 * functions in them: who writes to the source needs none.
 */
void
nps_mapping_prepare(RollupMapping *mapping)
{
	MemoryContext caller;
	NpsOwner	saved;

	if (mapping->is_prepared)
		return;
	if (mapping->states != NULL)
		MemoryContextDelete(mapping->states);
	mapping->states = NULL;
	mapping->states = AllocSetContextCreate(mapping->context, "nps rollup expressions", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(mapping->states);
	mapping->row = CreateStandaloneExprContext();
	/* the checks of a domain are planned anew here if any check anywhere changed */
	mapping->is_being_made = true;
	PG_TRY();
	{
		nps_mapping_enter(mapping, &saved);
		prepare_part(&mapping->filter);
		prepare_part(&mapping->score);
		prepare_part(&mapping->rejection);
		prepare_part(&mapping->comment);
		prepare_part(&mapping->asked_at);
		for (int i = 0; i < mapping->keys; i++)
			prepare_part(&mapping->key[i].part);
		nps_mapping_leave(&saved);
	}
	PG_FINALLY();
	{
		mapping->is_being_made = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	mapping->is_prepared = true;
}

/* After an error: a function that was left in the middle must not be called again as it is. */
void
nps_mapping_give_up(RollupMapping *mapping)
{
	mapping->is_prepared = false;
	mapping->is_used = false;
}


/* Reads all of it anew into a mapping of the caller's, in the current memory context. */
void
nps_mapping_read(RollupMapping *mapping, Oid rollup, bool with_triggers)
{
	memset(mapping, 0, sizeof(RollupMapping));
	mapping->rollup = rollup;
	mapping->context = CurrentMemoryContext;
	mapping->trouble = read_rollup(mapping, with_triggers, InvalidOid);
}
