/*
 * rollup_identity.c
 *		What is on a source, its partitions and its rollup right now: which triggers,
 *		and which mapping.
 *
 * Changes are counted by triggers.  A trigger that was disabled for a while, or
 * that of a partition that was somewhere else meanwhile, has missed some; and it
 * cannot be seen from the rows.  But it can be seen from the trigger: it is not the
 * same row of the catalog any more.  So when something is counted, these are
 * written down with it (rollup_part.c), and compared whenever it is to be served.
 *
 * The server is one of them, as a logical restore makes all of it anew on another
 * one.  A standby and a copy of the files are the same server.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xlog.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_rewrite.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "rewrite/rewriteSupport.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "rollup_identity.h"
#include "rollup_shape.h"
#include "rollup_trigger.h"

/* Can the relation have rows of its own?  A foreign table is no leaf: with one nobody is served. */
static bool
has_rows(Oid relation)
{
	char		kind = get_rel_relkind(relation);

	return kind == RELKIND_RELATION;
}

static void
take_leaves(RollupMapping *mapping)
{
	ListCell   *cell;

	mapping->leaves = palloc0((list_length(mapping->parts) + 1) * sizeof(RollupLeaf));
	mapping->leaf_count = 0;
	foreach(cell, mapping->parts)
	{
		RollupLeaf *leaf = &mapping->leaves[mapping->leaf_count];
		StringInfoData identity;

		if (!has_rows(lfirst_oid(cell)))
			continue;
		leaf->relation = lfirst_oid(cell);
		initStringInfo(&identity);
		leaf->identity = nps_append_triggers(&identity, leaf->relation, mapping->rollup) ? identity.data : NULL;
		mapping->leaf_count++;
	}
}

static int
compare_leaves(const void *left, const void *right)
{
	Oid			one = ((const RollupLeaf *) left)->relation;
	Oid			other = ((const RollupLeaf *) right)->relation;

	return one < other ? -1 : one > other;
}

/* The leaf of that OID; NULL if the source has none. */
RollupLeaf *
nps_mapping_leaf(RollupMapping *mapping, Oid relation)
{
	RollupLeaf	sought = {relation, NULL};

	return bsearch(&sought, mapping->leaves, mapping->leaf_count, sizeof(RollupLeaf), compare_leaves);
}

/* Why a rollup that was computed with one identity is not served when there is another, as a sentence. */
const char *
nps_identity_trouble(const char *computed, const char *now)
{
	/* in the order of the parts (nps_mapping_look_up) */
	static const char *const troubles[] = {
		"The rollup was computed on another server.",
		"A trigger on the source that counts was disabled or made anew since the rollup was computed: changes may have been missed.",
		"A trigger on the rollup, or on the table beside it, was disabled or made anew since the rollup was computed: it may have been written to.",
		"The rollup, or the table beside it, was renamed, moved or altered since it was computed: changes may have been missed.",
		"The mapping is not what the rollup was computed with: the view answer or a generated column is another one, or a function was replaced or got other rights.",
		"The view answer was made anew since the rollup was computed: changes may have been counted in another way.",
	};
	int			part = 0;

	for (; *computed == *now && *now != '\0'; computed++, now++)
		part += *now == ';';
	return troubles[Min(part, (int) lengthof(troubles) - 1)];
}

/* The mapping, as a number of 128 bits. */
static void
append_fingerprint(StringInfo identity, const char *fingerprint)
{
	const unsigned char *bytes = (const unsigned char *) fingerprint;
	int			length = (int) strlen(fingerprint);

	appendStringInfo(identity, "; mapping " UINT64_FORMAT "." UINT64_FORMAT,
					 hash_bytes_extended(bytes, length, 0), hash_bytes_extended(bytes, length, 1));
}

/* The view answer, as it was made last. */
static void
append_view(StringInfo identity, Oid view)
{
	HeapTuple	rule = SearchSysCache2(RULERELNAME, ObjectIdGetDatum(view), CStringGetDatum(ViewSelectRuleName));

	appendStringInfoString(identity, NPS_VIEW_IN_IDENTITY);
	if (!HeapTupleIsValid(rule))
		return;
	appendStringInfo(identity, " %u.%u", ((Form_pg_rewrite) GETSTRUCT(rule))->oid, HeapTupleHeaderGetRawXmin(rule->t_data));
	ReleaseSysCache(rule);
}

/* A row of a catalog, as it was made last. */
static void
append_version(StringInfo identity, HeapTuple entry)
{
	if (!HeapTupleIsValid(entry))
		return;
	appendStringInfo(identity, " %u", HeapTupleHeaderGetRawXmin(entry->t_data));
	ReleaseSysCache(entry);
}

/*
 * What rollup and registry are called, and where: while one of them was somewhere
 * else, or had other columns, what was to be marked may not have been.  Their row
 * types tell, as these change with nothing else.
 */
static void
append_names(StringInfo identity, Oid rollup, Oid registry)
{
	appendStringInfoString(identity, "; tables");
	append_version(identity, SearchSysCache1(TYPEOID, ObjectIdGetDatum(get_rel_type_id(rollup))));
	append_version(identity, SearchSysCache1(TYPEOID, ObjectIdGetDatum(get_rel_type_id(registry))));
	for (AttrNumber column = 1; column <= REGISTRY_COLUMNS; column++)
		append_version(identity, SearchSysCache2(ATTNUM, ObjectIdGetDatum(registry), Int16GetDatum(column)));
}

/*
 * Appends the tables below a partitioned one.  One that is being detached
 * CONCURRENTLY is a part for older snapshots, and for newer ones it is not, as for a
 * query: so what is found is of use for this moment only.
 */
static void
add_parts(RollupMapping *mapping, Oid table)
{
	bool		is_passing = false;
	List	   *children;
	ListCell   *cell;

	mapping->parts = lappend_oid(mapping->parts, table);
	if (!has_subclass(table))
		return;
	children = find_inheritance_children_extended(table, true, NoLock, &is_passing, NULL);
	mapping->is_passing |= is_passing;
	foreach(cell, children)
		add_parts(mapping, lfirst_oid(cell));
	list_free(children);
}

/*
 * Completes what is known of a rollup that is kept: partitions, triggers, doubts.
 * A writer does not ask for it.
 */
void
nps_mapping_look_up(RollupMapping *mapping)
{
	MemoryContext context;
	MemoryContext former = mapping->looked_up;
	MemoryContext caller;
	Relation	source;
	Relation	rollup;
	StringInfoData identity;

	if (mapping->is_looked_up && !mapping->is_passing)
		return;
	context = AllocSetContextCreate(mapping->context, "nps rollup parts", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);
	/* what changes from here on makes it invalid again */
	mapping->is_looked_up = true;
	mapping->is_passing = false;
	mapping->parts = NIL;
	mapping->doubt = NULL;
	rollup = try_relation_open(mapping->rollup, AccessShareLock);
	source = rollup == NULL ? NULL : try_relation_open(mapping->source, AccessShareLock);
	if (source == NULL)
	{
		mapping->doubt = pstrdup("The source or the rollup is gone.");
		mapping->leaf_count = 0;
	}
	else
	{
		bool		is_refused;

		if (source->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
			add_parts(mapping, mapping->source);
		else
			mapping->parts = list_make1_oid(mapping->source);
		mapping->doubt = nps_source_doubt(source, rollup, mapping->parts, &is_refused);
		if (mapping->trouble == NULL)
			mapping->is_refused = is_refused;
		take_leaves(mapping);
		qsort(mapping->leaves, mapping->leaf_count, sizeof(RollupLeaf), compare_leaves);
		initStringInfo(&identity);
		appendStringInfo(&identity, "server " UINT64_FORMAT "; triggers", GetSystemIdentifier());
		(void) nps_append_triggers(&identity, mapping->source, mapping->rollup);
		appendStringInfoString(&identity, "; guards");
		(void) nps_append_triggers(&identity, mapping->rollup, mapping->rollup);
		if (OidIsValid(mapping->registry))
			(void) nps_append_triggers(&identity, mapping->registry, mapping->rollup);
		append_names(&identity, mapping->rollup, mapping->registry);
		append_fingerprint(&identity, mapping->fingerprint == NULL ? "" : mapping->fingerprint);
		append_view(&identity, mapping->answer);
		mapping->identity = identity.data;
		relation_close(source, AccessShareLock);
	}
	if (rollup != NULL)
		relation_close(rollup, AccessShareLock);
	MemoryContextSwitchTo(caller);
	mapping->looked_up = context;
	if (former != NULL)
		MemoryContextDelete(former);
}
