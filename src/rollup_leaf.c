/*
 * rollup_leaf.c
 *		The first rows of a partition that is not counted.
 *
 * As long as it is empty, reports read the rollup, and then the source.  A plan that
 * was made before must not be used any more when the rows can be seen.  So their
 * writer tells all sessions at once, and not only when its transaction ends, as with
 * DDL: they would see the rows before they hear of it.
 */
#include "nps.h"

#include "access/xact.h"
#include "catalog/partition.h"
#include "miscadmin.h"
#include "storage/sinval.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "rollup_attempt.h"
#include "rollup_leaf.h"
#include "rollup_mapping.h"
#include "rollup_part.h"

/* A leaf that is counted, or of which all sessions were told, until it changes. */
typedef struct SettledLeaf
{
	Oid			key[2];			/* the rollup and the leaf */
	bool		is_counted;
	List	   *tables;			/* the leaf, and what it is a partition of */
} SettledLeaf;

static HTAB *settled = NULL;

/* The rollup of the leaf that is being settled, and whether anything else has changed meanwhile. */
static Oid	settling = InvalidOid;
static bool is_outdated = false;

static void
forget_leaf(SettledLeaf *leaf)
{
	list_free(leaf->tables);
	hash_search(settled, leaf->key, HASH_REMOVE, NULL);
}

/*
 * What was told does not reach a standby, if it was within a transaction that came to
 * nothing.  And VACUUM may empty the file then without a change in pg_class.
 */
static void
forget_told(void)
{
	HASH_SEQ_STATUS scan;
	SettledLeaf *leaf;

	hash_seq_init(&scan, settled);
	while ((leaf = hash_seq_search(&scan)) != NULL)
	{
		if (!leaf->is_counted)
			forget_leaf(leaf);
	}
}

static void
at_end_of_transaction(XactEvent event, void *context pg_attribute_unused())
{
	/* what is prepared may yet be rolled back */
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		forget_told();
}

static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId self pg_attribute_unused(), SubTransactionId parent pg_attribute_unused(), void *context pg_attribute_unused())
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget_told();
}

/* A relation changed, and with it whether the leaves below it are counted. */
static void
forget_leaves(Datum arg pg_attribute_unused(), Oid relation)
{
	HASH_SEQ_STATUS scan;
	SettledLeaf *leaf;

	is_outdated |= relation != settling;
	hash_seq_init(&scan, settled);
	while ((leaf = hash_seq_search(&scan)) != NULL)
	{
		if (OidIsValid(relation) && !list_member_oid(leaf->tables, relation))
			continue;
		forget_leaf(leaf);
	}
}

/* Has all sessions make the plans anew that read the rollup. */
static void
tell_everybody(Oid rollup)
{
	SharedInvalidationMessage message;

	memset(&message, 0, sizeof(message));
	message.rc.id = SHAREDINVALRELCACHE_ID;
	message.rc.dbId = MyDatabaseId;
	message.rc.relId = rollup;
	SendSharedInvalidMessages(&message, 1);
	/* a standby hears of it with the end of the transaction */
	CacheInvalidateRelcacheByRelid(rollup);
	nps_mapping_unserve(rollup);
}

typedef struct Writing
{
	Oid			rollup;
	Oid			source;
	Oid			leaf;
} Writing;

static void
settle(void *argument)
{
	Writing    *writing = argument;
	Oid			key[2] = {writing->rollup, writing->leaf};
	MemoryContext caller;
	List	   *tables;
	SettledLeaf *leaf;
	bool		is_counted;
	bool		is_by_us;

	settling = writing->rollup;
	is_outdated = false;
	tables = lcons_oid(writing->leaf, get_partition_ancestors(writing->leaf));
	is_counted = nps_leaf_is_counted(writing->rollup, writing->source, writing->leaf, &is_by_us);
	if (!is_counted)
		tell_everybody(writing->rollup);
	/* the next statement looks once more */
	if (is_outdated || is_by_us)
		return;
	caller = MemoryContextSwitchTo(TopMemoryContext);
	tables = list_copy(tables);
	MemoryContextSwitchTo(caller);
	leaf = hash_search(settled, key, HASH_ENTER, NULL);
	leaf->is_counted = is_counted;
	leaf->tables = tables;
}

/*
 * A statement of this session changed its first row of a leaf.  Each session tells
 * once, and once more after a transaction or subtransaction that came to nothing.
 */
void
nps_leaf_written(Oid rollup, Oid source, Oid leaf)
{
	Oid			key[2] = {rollup, leaf};
	Writing		writing = {rollup, source, leaf};

	if (settled == NULL)
	{
		HASHCTL		settings;

		settings.keysize = sizeof(key);
		settings.entrysize = sizeof(SettledLeaf);
		settled = hash_create("nps leaves", 64, &settings, HASH_ELEM | HASH_BLOBS);
		CacheRegisterRelcacheCallback(forget_leaves, (Datum) 0);
		RegisterXactCallback(at_end_of_transaction, NULL);
		RegisterSubXactCallback(at_end_of_subtransaction, NULL);
	}
	/* after an error the next statement tries again */
	if (hash_search(settled, key, HASH_FIND, NULL) == NULL)
		(void) nps_attempt(settle, &writing);
}
