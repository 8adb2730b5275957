/*
 * rollup_identity.c
 *		What a source, its partitions and its rollup have right now: which triggers,
 *		columns and files, and which mapping.
 *
 * Changes are counted by triggers.  A trigger that was disabled for a while, or
 * whose partition was detached for a while, has missed some.  The rows do not show
 * that, but the trigger does: its row in the catalog is no longer the same.  So
 * whenever something is counted, the identity of these rows is stored with it
 * (rollup_part.c), and compared whenever it is to be served.
 *
 * Two things pass triggers by, and leave traces elsewhere in the catalog.  While a
 * table is a child of another, statements on the parent do not fire its statement
 * triggers: its columns tell that it was one.  And a crash empties a table that is
 * unlogged at that moment: its files tell that it was unlogged.
 *
 * The server is part of the identity, as a logical restore creates everything again
 * on another server.  A standby and a copy of the files are the same server.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xlog.h"
#include "catalog/partition.h"
#include "catalog/pg_attribute.h"
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
		leaf->identity = nps_append_leaf(&identity, leaf->relation, mapping->rollup, mapping->source) ? identity.data : NULL;
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

/* The parts of an identity, in their order: how each begins, and what it means if it differs. */
static const struct
{
	const char *label;
	const char *trouble;
}			identity_parts[] = {
	[NPS_SERVER_DIFFERS] = {"server",
	"The rollup was computed on another server."},
	[NPS_TRIGGERS_DIFFER] = {"triggers",
	"A trigger on the source that counts was disabled or made anew since the rollup was computed: changes may have been missed."},
	[NPS_GUARDS_DIFFER] = {"guards",
	"A trigger on the rollup, or on the table beside it, was disabled or made anew since the rollup was computed: it may have been written to."},
	[NPS_TABLES_DIFFER] = {"tables",
	"The rollup, or the table beside it, was renamed, moved or altered since it was computed: changes may have been missed."},
	[NPS_COLUMNS_DIFFER] = {"columns",
	"A column of the source was altered since the rollup was computed, or the source was a child of another table: changes by way of that are not seen."},
	[NPS_FILES_DIFFER] = {"files",
	"The source or the rollup was rewritten since the rollup was computed: while one of them is unlogged, a crash empties it."},
	[NPS_MAPPING_DIFFERS] = {"mapping",
	"The mapping is not what the rollup was computed with: the view answer or a generated column is another one, or a function was replaced or got other rights."},
	[NPS_VIEW_DIFFERS] = {"view",
	"The view answer was made anew since the rollup was computed: changes may have been counted in another way."},
};

/* Begins a part; what follows are words with a space before each. */
static void
append_part(StringInfo identity, NpsIdentityDifference part)
{
	appendStringInfo(identity, "%s%s", part == 0 ? "" : "; ", identity_parts[part].label);
}

/* In the place of a column's version: the column says nothing. */
#define ANY_VERSION " -"

static bool
is_any(const char *word, int length)
{
	return length == (int) strlen(ANY_VERSION) && strncmp(word, ANY_VERSION, length) == 0;
}

/*
 * Have the columns been left alone?  There may be more now: nothing was written
 * through a parent that has only these, unless they were added before that.
 */
static bool
columns_agree(const char *computed, int computed_length, const char *now, int now_length)
{
	const char *computed_end = computed + computed_length;
	const char *now_end = now + now_length;

	while (computed < computed_end)
	{
		int			one = 1 + (int) strcspn(computed + 1, " ;");
		int			other = now < now_end ? 1 + (int) strcspn(now + 1, " ;") : 0;

		if (other == 0)
			return false;
		if ((one != other || strncmp(computed, now, one) != 0) && !is_any(computed, one) && !is_any(now, other))
			return false;
		computed += one;
		now += other;
	}
	return true;
}

/* The first part in which an identity that was stored is not the present one, apart from one that does not matter. */
static NpsIdentityDifference
first_difference(const char *computed, const char *now, NpsIdentityDifference ignored)
{
	for (int part = 0; part < (int) lengthof(identity_parts); part++)
	{
		int			label = (int) strlen(identity_parts[part].label);
		int			computed_length = (int) strcspn(computed, ";");
		int			now_length = (int) strcspn(now, ";");
		bool		agrees = computed_length == now_length && strncmp(computed, now, now_length) == 0;

		if (part == NPS_COLUMNS_DIFFER && !agrees && computed_length >= label && now_length >= label)
			agrees = columns_agree(computed + label, computed_length - label, now + label, now_length - label);
		if (!agrees && part != ignored)
			return part;
		/* what was stored may be anything that an owner put there */
		computed += computed_length + strspn(computed + computed_length, "; ");
		now += now_length + strspn(now + now_length, "; ");
	}
	return NPS_IDENTITY_AGREES;
}

/* In what an identity that was stored is not the present one. */
NpsIdentityDifference
nps_identity_difference(const char *computed, const char *now)
{
	return first_difference(computed, now, NPS_IDENTITY_AGREES);
}

/* Is it the present one, apart from that part? */
bool
nps_identity_agrees_but(const char *computed, const char *now, NpsIdentityDifference part)
{
	return first_difference(computed, now, part) == NPS_IDENTITY_AGREES;
}

/* Why a rollup is not served with another identity than it was computed with, as a sentence. */
const char *
nps_identity_trouble(NpsIdentityDifference part)
{
	return identity_parts[part].trouble;
}

/* Appends the mapping, as a hash of 128 bits. */
static void
append_fingerprint(StringInfo identity, const char *fingerprint)
{
	const unsigned char *bytes = (const unsigned char *) fingerprint;
	int			length = (int) strlen(fingerprint);

	append_part(identity, NPS_MAPPING_DIFFERS);
	appendStringInfo(identity, " " UINT64_FORMAT "." UINT64_FORMAT,
					 hash_bytes_extended(bytes, length, 0), hash_bytes_extended(bytes, length, 1));
}

/* Appends the version of the view answer. */
static void
append_view(StringInfo identity, Oid view)
{
	HeapTuple	rule = SearchSysCache2(RULERELNAME, ObjectIdGetDatum(view), CStringGetDatum(ViewSelectRuleName));

	append_part(identity, NPS_VIEW_DIFFERS);
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
 * The versions of their row types show it, as nothing else changes them.  So do the
 * versions of the columns, also that a table was a child of another for a while.
 */
static void
append_names(StringInfo identity, Oid rollup, int rollup_columns, Oid registry)
{
	append_part(identity, NPS_TABLES_DIFFER);
	append_version(identity, SearchSysCache1(TYPEOID, ObjectIdGetDatum(get_rel_type_id(rollup))));
	append_version(identity, SearchSysCache1(TYPEOID, ObjectIdGetDatum(get_rel_type_id(registry))));
	for (AttrNumber column = 1; column <= REGISTRY_COLUMNS; column++)
		append_version(identity, SearchSysCache2(ATTNUM, ObjectIdGetDatum(registry), Int16GetDatum(column)));
	/* TRUNCATE of the source changes the last column, and also what is counted */
	for (AttrNumber column = 1; column < rollup_columns; column++)
		append_version(identity, SearchSysCache2(ATTNUM, ObjectIdGetDatum(rollup), Int16GetDatum(column)));
}

/*
 * Appends the versions of the columns of a plain source.  Becoming a child of
 * another table changes those that the parent has, and so does the end of it.
 * GRANT changes a version too, and may do so every day: columns with rights of their
 * own say nothing, nor do dropped ones.
 */
static void
append_columns(StringInfo identity, Relation source)
{
	append_part(identity, NPS_COLUMNS_DIFFER);
	if (source->rd_rel->relkind != RELKIND_RELATION)
		return;
	for (AttrNumber column = 1; column <= RelationGetNumberOfAttributes(source); column++)
	{
		HeapTuple	entry = SearchSysCache2(ATTNUM, ObjectIdGetDatum(RelationGetRelid(source)), Int16GetDatum(column));

		if (!HeapTupleIsValid(entry))
			appendStringInfoString(identity, ANY_VERSION);
		else if (((Form_pg_attribute) GETSTRUCT(entry))->attisdropped || !heap_attisnull(entry, Anum_pg_attribute_attacl, NULL))
		{
			appendStringInfoString(identity, ANY_VERSION);
			ReleaseSysCache(entry);
		}
		else
			append_version(identity, entry);
	}
}

/*
 * Appends what SET UNLOGGED and SET LOGGED change in a table, and little else: which
 * TOAST table it has, or, without one, which file.
 */
static void
append_file(StringInfo identity, Oid relation)
{
	HeapTuple	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Form_pg_class table;

	if (!HeapTupleIsValid(entry))
		return;
	table = (Form_pg_class) GETSTRUCT(entry);
	if (OidIsValid(table->reltoastrelid))
		appendStringInfo(identity, " %u", table->reltoastrelid);
	else
		appendStringInfo(identity, " file %u", table->relfilenode);
	ReleaseSysCache(entry);
}

/*
 * Appends what identifies a partition: its file, its triggers, and those of the
 * tables between it and the source, by whose names it can be written to.  Returns
 * whether all have the triggers that they need.
 */
bool
nps_append_leaf(StringInfo identity, Oid leaf, Oid rollup, Oid source)
{
	bool		has_triggers = nps_append_triggers(identity, leaf, rollup, false);
	ListCell   *cell;

	foreach(cell, get_partition_ancestors(leaf))
	{
		if (lfirst_oid(cell) == source)
			break;
		has_triggers &= nps_append_triggers(identity, lfirst_oid(cell), rollup, true);
	}
	append_file(identity, leaf);
	return has_triggers;
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
		append_part(&identity, NPS_SERVER_DIFFERS);
		appendStringInfo(&identity, " " UINT64_FORMAT, GetSystemIdentifier());
		append_part(&identity, NPS_TRIGGERS_DIFFER);
		(void) nps_append_triggers(&identity, mapping->source, mapping->rollup, false);
		append_part(&identity, NPS_GUARDS_DIFFER);
		(void) nps_append_triggers(&identity, mapping->rollup, mapping->rollup, false);
		if (OidIsValid(mapping->registry))
			(void) nps_append_triggers(&identity, mapping->registry, mapping->rollup, false);
		append_names(&identity, mapping->rollup, RelationGetNumberOfAttributes(rollup), mapping->registry);
		append_columns(&identity, source);
		append_part(&identity, NPS_FILES_DIFFER);
		append_file(&identity, mapping->source);
		append_file(&identity, mapping->rollup);
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
