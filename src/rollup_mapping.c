/*
 * rollup_mapping.c
 *		What is known about a rollup and its mapping, kept for the session until
 *		something changes.
 *
 * Source, view and rollup belong to their owner, who may have changed them in any
 * way.  So nothing is assumed to be as it was made: data of the relcache is copied,
 * or its relation locked.  The code of the mapping runs only as the owner, even
 * when the planner runs it to fold constants.
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
#include "utils/rel.h"
#include "utils/syscache.h"

#include "answer.h"
#include "rollup_expression.h"
#include "rollup_mapping.h"
#include "rollup_shape.h"
#include "rollup_trigger.h"

static HTAB *mappings = NULL;

/* How many mappings are being read or prepared just now, one within another. */
static int	being_made = 0;

/* Rollups that plans of this session were made to read since their plans were last forgotten. */
static List *served = NIL;

/* A rollup of which a message is our own: it is not changed. */
static Oid	own_message = InvalidOid;

/* After an error it is not known which messages came. */
static void
forget_own_message(Oid rollup, Oid outer)
{
	RollupMapping *mapping = mappings == NULL ? NULL : hash_search(mappings, &rollup, HASH_FIND, NULL);

	if (mapping != NULL)
		mapping->is_valid = mapping->is_looked_up = false;
	own_message = outer;
}

/*
 * Has the plans of reports of the rollup made anew, as if it had been altered.  Not
 * all plans (ResetPlanCache): that of a foreign key may be running, and the server
 * frees it if its trigger is called once more within.
 */
void
nps_forget_plans(Oid rollup)
{
	SharedInvalidationMessage message;
	Oid			outer = own_message;

	memset(&message, 0, sizeof(message));
	message.rc.id = SHAREDINVALRELCACHE_ID;
	message.rc.dbId = MyDatabaseId;
	message.rc.relId = rollup;
	own_message = rollup;
	PG_TRY();
	{
		LocalExecuteInvalidationMessage(&message);
	}
	PG_CATCH();
	{
		forget_own_message(rollup, outer);
		PG_RE_THROW();
	}
	PG_END_TRY();
	own_message = outer;
}

/* A plan is being made that may read the rollup. */
void
nps_mapping_has_served(Oid rollup)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

	served = list_append_unique_oid(served, rollup);
	MemoryContextSwitchTo(caller);
}

/* What the rollup serves may have changed: forgets plans, if any read it. */
void
nps_mapping_unserve(Oid rollup)
{
	if (!list_member_oid(served, rollup))
		return;
	/* before the message, which may lead here again */
	served = list_delete_oid(served, rollup);
	nps_forget_plans(rollup);
}

/* A relation changed: mappings that depend on it must be read again. */
static void
forget_relation(Datum arg pg_attribute_unused(), Oid relation)
{
	HASH_SEQ_STATUS scan;
	RollupMapping *mapping;
	List	   *changed = NIL;
	ListCell   *cell;

	if (OidIsValid(relation) && relation == own_message)
	{
		/* only this once: another message about it may be somebody else's */
		own_message = InvalidOid;
		return;
	}
	hash_seq_init(&scan, mappings);
	while ((mapping = hash_seq_search(&scan)) != NULL)
	{
		bool		is_part = (OidIsValid(relation) && relation == mapping->registry) || list_member_oid(mapping->parts, relation);

		if (!OidIsValid(relation) || relation == mapping->rollup || relation == mapping->source || relation == mapping->answer)
			mapping->is_valid = mapping->is_looked_up = false;
		else if (is_part)
			mapping->is_looked_up = false;
		/* a plan depends on the source, but not on the tables below it */
		if (is_part && list_member_oid(served, mapping->rollup))
			changed = lappend_oid(changed, mapping->rollup);
	}
	foreach(cell, changed)
		nps_mapping_unserve(lfirst_oid(cell));
	list_free(changed);
}

/* A function, operator or type changed that a mapping may use. */
static void
forget_all(Datum arg pg_attribute_unused(), int cache pg_attribute_unused(), uint32 hash pg_attribute_unused())
{
	forget_relation(arg, InvalidOid);
}

/*
 * Why a rollup with such a view and such a source is not kept current, or NULL.
 * The source need not be locked if one of its partitions is: then it cannot be
 * dropped or change its columns meanwhile, but its triggers can change.
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
		return psprintf("A trigger on \"%s\" that keeps the rollup current is missing or disabled.", RelationGetRelationName(source));
	return NULL;
}

/*
 * Reads everything about a rollup.  Returns why it is not kept current, or NULL;
 * with_triggers says whether the triggers must be right too.  A statement on the
 * source, or on one of its partitions, passes the source as locked_source, which
 * then needs no lock.
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
 * Frees mappings that are no longer valid, as their rollups may be gone; but not
 * those that a statement uses, or that are being made.
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
 * What is known about a rollup, from memory as long as nothing changed.  If a
 * statement is already using or making it, and a function of the mapping has led
 * here, the result is a separate one, for this statement only.  It stays as it is
 * until the next call; code that runs functions of the mapping in between sets
 * is_used.
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
		CacheRegisterSyscacheCallback(CASTSOURCETARGET, forget_all, (Datum) 0);
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
	mapping->argument = NULL;
	mapping->columns = NULL;
	mapping->source = mapping->answer = mapping->owner = mapping->registry = InvalidOid;
	mapping->is_complete = mapping->is_prepared = mapping->is_looked_up = mapping->is_passing = false;
	mapping->number = ++last_number;
	mapping->context = AllocSetContextCreate(parent, "nps rollup", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(mapping->context);
	/* any change from here on makes it invalid again */
	mapping->is_valid = true;
	mapping->is_being_made = true;
	being_made++;
	PG_TRY();
	{
		mapping->trouble = read_rollup(mapping, true, locked_source);
	}
	PG_FINALLY();
	{
		being_made--;
		mapping->is_being_made = false;
	}
	PG_END_TRY();
	if (mapping->trouble == NULL)
		mapping->warned_of = 0;
	mapping->is_complete = true;
	MemoryContextSwitchTo(caller);
	return mapping;
}

/* Is a mapping being read or prepared, so that a function which it calls has led here? */
bool
nps_mapping_is_being_made(void)
{
	return being_made > 0;
}

/* What is already known about a rollup, if it is valid and can be used now; else NULL. */
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
 * Becomes the owner, as whom the mapping is computed.  The search_path is set only
 * for code that may use it: setting it takes longer than counting a row.
 */
static void
enter(const RollupMapping *mapping, NpsOwner *saved)
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

static void
leave(const NpsOwner *saved)
{
	if (saved->guc_level > 0)
		nps_become_caller(saved);
	else
		SetUserIdAndSecContext(saved->user, saved->security_context);
}

/*
 * Prepares the expressions, with the owner's right to call their functions: writers
 * to the source need no such right.
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
	/* the checks of a domain are planned again here if any check anywhere has changed */
	mapping->is_being_made = true;
	being_made++;
	PG_TRY();
	{
		enter(mapping, &saved);
		prepare_part(&mapping->filter);
		prepare_part(&mapping->score);
		prepare_part(&mapping->rejection);
		prepare_part(&mapping->comment);
		prepare_part(&mapping->asked_at);
		for (int i = 0; i < mapping->keys; i++)
			prepare_part(&mapping->key[i].part);
		leave(&saved);
	}
	PG_FINALLY();
	{
		being_made--;
		mapping->is_being_made = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	mapping->is_prepared = true;
}

/*
 * Runs code that computes expressions of a prepared mapping, as its owner.  After an
 * error, a function that was interrupted is not called again in its present state.
 */
void
nps_mapping_use(RollupMapping *mapping, void (*work) (void *argument), void *argument)
{
	NpsOwner	saved;

	mapping->argument = NULL;
	mapping->is_used = true;
	PG_TRY();
	{
		enter(mapping, &saved);
		work(argument);
		leave(&saved);
		mapping->is_used = false;
	}
	PG_CATCH();
	{
		mapping->is_prepared = false;
		mapping->is_used = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
}

/* Reads everything again into a mapping of the caller's, in the current memory context. */
void
nps_mapping_read(RollupMapping *mapping, Oid rollup, bool with_triggers)
{
	memset(mapping, 0, sizeof(RollupMapping));
	mapping->rollup = rollup;
	mapping->context = CurrentMemoryContext;
	being_made++;
	PG_TRY();
	{
		mapping->trouble = read_rollup(mapping, with_triggers, InvalidOid);
	}
	PG_FINALLY();
	{
		being_made--;
	}
	PG_END_TRY();
}
