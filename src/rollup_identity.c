/*
 * rollup_identity.c
 *		What a source, its partitions and its rollup have right now: which triggers,
 *		and which mapping.
 *
 * Changes are counted by triggers.  A trigger that was disabled for a while, or
 * whose partition was detached for a while, has missed some.  The rows do not show
 * that, but the trigger does: its row in the catalog is no longer the same.  So
 * whenever something is counted, the identity of these rows is stored with it
 * (rollup_part.c), and compared whenever it is to be served.
 *
 * The server is part of the identity, as a logical restore creates everything again
 * on another server.  A standby and a copy of the files are the same server.
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

/*
 * Can the relation have rows of its own?  A foreign table does not count as a leaf:
 * with one, nobody is served.
 */
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

/* The leaf with that OID; NULL if the source has no such leaf. */
RollupLeaf *
nps_mapping_leaf(RollupMapping *mapping, Oid relation)
{
	RollupLeaf	sought = {relation, NULL};

	return bsearch(&sought, mapping->leaves, mapping->leaf_count, sizeof(RollupLeaf), compare_leaves);
}

/* Why a rollup that was computed with one identity is not served with another, as a sentence. */
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

/* Appends the mapping, as a hash of 128 bits. */
static void
append_fingerprint(StringInfo identity, const char *fingerprint)
{
	const unsigned char *bytes = (const unsigned char *) fingerprint;
	int			length = (int) strlen(fingerprint);

	appendStringInfo(identity, "; mapping " UINT64_FORMAT "." UINT64_FORMAT,
					 hash_bytes_extended(bytes, length, 0), hash_bytes_extended(bytes, length, 1));
}

/* Appends the version of the view answer. */
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

/* Appends the version of a row of a catalog. */
static void
append_version(StringInfo identity, HeapTuple entry)
{
	if (!HeapTupleIsValid(entry))
		return;
	appendStringInfo(identity, " %u", HeapTupleHeaderGetRawXmin(entry->t_data));
	ReleaseSysCache(entry);
}

/*
 * Appends what identifies the names, schemas and columns of rollup and registry:
 * while one of them was elsewhere, or had other columns, marks may have been lost.
 * The versions of their row types show it, as nothing else changes them.
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
 * Appends the tables below a partitioned one.  As in a query, a partition that is
 * being detached CONCURRENTLY belongs to it for older snapshots, but not for newer
 * ones: so the result is valid only for the moment.
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
 * Completes what is known about a rollup that is kept current: partitions,
 * triggers, doubts.  Writers do not need it.
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
	/* any change from here on makes it invalid again */
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
