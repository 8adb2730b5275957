/*
 * rollup_shape.c
 *		What the source, the rollup and the table rollup_part must look like.
 *
 * All three belong to their owner, who may have changed them in any way.  Rows are
 * put into the rollup and into rollup_part directly, without checking rights or
 * firing triggers: so they must be what nps_materialize() made, and nothing more.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "rollup_mapping.h"
#include "rollup_shape.h"
#include "rollup_trigger.h"

/* Why not all changes of such a source can be seen; NULL if they can. */
char *
nps_source_trouble(Relation source)
{
	char	   *name = RelationGetRelationName(source);

	if (source->rd_rel->relkind != RELKIND_RELATION && source->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		return psprintf("\"%s\" is not a table, so changes of its rows cannot be seen.", name);
	if (source->rd_rel->relispartition)
		return psprintf("\"%s\" is a partition: changes by way of the partitioned table cannot be seen.", name);
	if (has_superclass(RelationGetRelid(source)))
		return psprintf("\"%s\" inherits from another table: changes by way of that cannot be seen.", name);
	if (source->rd_rel->relkind == RELKIND_RELATION && find_inheritance_children(RelationGetRelid(source), NoLock) != NIL)
		return psprintf("\"%s\" has tables that inherit from it: changes of these cannot be seen.", name);
	return NULL;
}

/*
 * Why the rollup could differ from such a source although all changes are counted;
 * NULL if it cannot.
 */
char *
nps_source_doubt(Relation source, Relation rollup, List *parts, bool *is_refused)
{
	ListCell   *cell;

	*is_refused = false;
	if (rollup->rd_rel->relpersistence != source->rd_rel->relpersistence)
		return pstrdup("Of the source and the rollup only one survives a crash.");
	foreach(cell, parts)
	{
		HeapTuple	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(cell)));
		Form_pg_class part;
		char	   *doubt = NULL;

		/* it may be gone by now, as we hold no lock on it */
		if (!HeapTupleIsValid(entry))
			continue;
		part = (Form_pg_class) GETSTRUCT(entry);
		if (part->relkind == RELKIND_FOREIGN_TABLE)
			doubt = psprintf("Partition \"%s\" is a foreign table: changes on the other server cannot be seen.", NameStr(part->relname));
		else if (part->relpersistence != rollup->rd_rel->relpersistence)
			doubt = psprintf("Partition \"%s\" is unlogged: after a crash it is empty, and the rollup is not.", NameStr(part->relname));
		ReleaseSysCache(entry);
		*is_refused = doubt != NULL;
		if (doubt != NULL)
			return doubt;
	}
	return NULL;
}

/*
 * Is it a type that nps_materialize() uses for segments, with no modifier and no
 * collation of its own, and with room for values of any length?
 */
static bool
is_segment_shaped(Form_pg_attribute column)
{
	if ((column->attlen == -1 && column->attstorage == TYPSTORAGE_PLAIN) || column->atttypmod != -1 || (OidIsValid(column->attcollation) && column->attcollation != DEFAULT_COLLATION_OID))
		return false;
	switch (column->atttypid)
	{
		case TEXTOID:
		case DATEOID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return true;
		default:
			return type_is_enum(column->atttypid);
	}
}

/*
 * Is it a plain table, with nothing on it that would have to learn about a new row,
 * apart from our own triggers?
 */
static bool
is_by_itself(Relation table)
{
	return table->rd_rel->relkind == RELKIND_RELATION && RelationGetIndexList(table) == NIL && table->rd_rules == NULL &&
		!table->rd_rel->relispartition && !has_superclass(RelationGetRelid(table)) &&
		find_inheritance_children(RelationGetRelid(table), NoLock) == NIL &&
		nps_has_only_guards(table);
}

/*
 * Is it a table with the columns of a rollup (a day, segments, and the measures)
 * and nothing else?
 */
bool
nps_is_rollup_shaped(Relation rollup, TupleDesc columns)
{
	static const char *const measures[ROLLUP_MEASURES] =
	{"added", "removed", "unanswered", "rejected", "with_comment", "answered", "leaf"};
	int			first = columns->natts - ROLLUP_MEASURES;

	if (!is_by_itself(rollup) || !rollup->rd_rel->relrowsecurity || columns->constr != NULL || first < 1)
		return false;
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (column->attisdropped)
			return false;
		if (i == 0 && (strcmp(NameStr(column->attname), "day") != 0 || column->atttypid != DATEOID))
			return false;
		if (i > 0 && i < first && !is_segment_shaped(column))
			return false;
		if (i >= first && (strcmp(NameStr(column->attname), measures[i - first]) != 0 ||
						   column->atttypid != (i - first <= ROLLUP_REMOVED ? INT8ARRAYOID : INT8OID)))
			return false;
	}
	return true;
}

static const struct
{
	const char *name;
	Oid			type;
}			registry_columns[REGISTRY_COLUMNS] = {{"leaf", INT8OID}, {"identity", TEXTOID}, {"trouble", TEXTOID}, {"noted_at", TIMESTAMPTZOID}};

/*
 * Can a mark be put into it as into the table rollup_part?  Triggers or indexes on
 * it do not matter: they just miss the row.
 */
bool
nps_can_be_marked(Relation registry)
{
	TupleDesc	columns = RelationGetDescr(registry);

	if (registry->rd_rel->relkind != RELKIND_RELATION || columns->natts != REGISTRY_COLUMNS)
		return false;
	for (int i = 0; i < columns->natts; i++)
	{
		if (TupleDescAttr(columns, i)->attisdropped || TupleDescAttr(columns, i)->atttypid != registry_columns[i].type)
			return false;
	}
	return true;
}

/* Is it a table with the columns of rollup_part and nothing else? */
bool
nps_is_registry_shaped(Relation registry)
{
	TupleDesc	columns = RelationGetDescr(registry);

	if (!is_by_itself(registry) || columns->constr != NULL || !nps_can_be_marked(registry))
		return false;
	for (int i = 0; i < columns->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(columns, i)->attname), registry_columns[i].name) != 0)
			return false;
	}
	return true;
}
