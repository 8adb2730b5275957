/*
 * rollup_mapping.c
 *		Reads the mapping of a survey from its view answer, for the triggers that
 *		keep the rollup; tells whether a rollup is kept, and whether the current user may
 *		read it.
 *
 * Source, view and rollup belong to somebody who may have made anything of them.
 * So nothing is taken for what it was made to be: types are compared, and what the
 * relcache holds is copied or its relation locked.  What is in the mapping runs as
 * the owner only, also where the planner runs it to find constants.
 */
#include "nps.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rewriteSupport.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "answer.h"
#include "rollup_mapping.h"
#include "rollup_trigger.h"

static HTAB *mappings = NULL;

/* Something changed: mappings that depend on it are to be read again. */
static void
forget_relation(Datum arg pg_attribute_unused(), Oid relation)
{
	HASH_SEQ_STATUS scan;
	RollupMapping *mapping;

	hash_seq_init(&scan, mappings);
	while ((mapping = hash_seq_search(&scan)) != NULL)
	{
		if (!OidIsValid(relation) || relation == mapping->rollup || relation == mapping->source || relation == mapping->answer ||
			list_member_oid(mapping->parts, relation))
			mapping->is_valid = false;
	}
}

/* A function, operator or type changed, of which the mapping may have been put together. */
static void
forget_all(Datum arg pg_attribute_unused(), int cache pg_attribute_unused(), uint32 hash pg_attribute_unused())
{
	forget_relation(arg, InvalidOid);
}

/* Why changes of such a source cannot all be seen; NULL if they can. */
static char *
source_trouble(Relation source)
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
 * Why the rollup of such a source could say something else than the source,
 * though all changes are counted; NULL if it does not.
 */
static char *
source_doubt(Relation source, Relation rollup, List *parts)
{
	ListCell   *cell;

	if (rollup->rd_rel->relpersistence != source->rd_rel->relpersistence)
		return pstrdup("Of the source and the rollup only one survives a crash.");
	foreach(cell, parts)
	{
		HeapTuple	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(lfirst_oid(cell)));
		Form_pg_class part;
		char	   *doubt = NULL;

		/* may be gone by now, as we have no lock on it */
		if (!HeapTupleIsValid(entry))
			continue;
		part = (Form_pg_class) GETSTRUCT(entry);
		if (part->relkind == RELKIND_FOREIGN_TABLE)
			doubt = psprintf("Partition \"%s\" is a foreign table: changes on the other server cannot be seen.", NameStr(part->relname));
		else if (part->relpersistence != rollup->rd_rel->relpersistence)
			doubt = psprintf("Partition \"%s\" is unlogged: after a crash it is empty, and the rollup is not.", NameStr(part->relname));
		ReleaseSysCache(entry);
		if (doubt != NULL)
			return doubt;
	}
	return NULL;
}

/*
 * Is there a value in it whose text is another one under other settings, though
 * the server calls its output immutable?
 */
static bool
is_shown_variously(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, CoerceViaIO))
	{
		switch (getBaseType(exprType((Node *) ((CoerceViaIO *) node)->arg)))
		{
			case FLOAT4OID:
			case FLOAT8OID:
			case BYTEAOID:
			case POINTOID:
			case LSEGOID:
			case PATHOID:
			case BOXOID:
			case POLYGONOID:
			case LINEOID:
			case CIRCLEOID:
				return true;
			default:
				break;
		}
	}
	return expression_tree_walker(node, is_shown_variously, context);
}

/* Does it use the row otherwise than by columns that the source has, of the types that these have? */
static bool
misfits_source(Node *node, void *columns)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;
		Form_pg_attribute column;

		if (var->varno != 1 || var->varlevelsup != 0 || var->varattno <= 0 || var->varattno > ((TupleDesc) columns)->natts)
			return true;
		column = TupleDescAttr((TupleDesc) columns, var->varattno - 1);
		return column->attisdropped || column->atttypid != var->vartype;
	}
	return expression_tree_walker(node, misfits_source, columns);
}

static bool
is_written_in_a_language(Oid function, void *context pg_attribute_unused())
{
	HeapTuple	entry = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			language;

	if (!HeapTupleIsValid(entry))
		return true;
	language = ((Form_pg_proc) GETSTRUCT(entry))->prolang;
	ReleaseSysCache(entry);
	return language != INTERNALlanguageId && language != ClanguageId;
}

/* Does it call what finds functions, operators or tables by search_path, as the body of a function or the check of a domain may? */
static bool
runs_code(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, CoerceToDomain) || check_functions_in_node(node, is_written_in_a_language, context) ||
		expression_tree_walker(node, runs_code, context);
}

/*
 * Takes one expression of the mapping, planned, and of the type that is wanted
 * (InvalidOid: its own), to which it is cast if it may be.  The result is why it
 * cannot be used in a trigger, or NULL.
 */
static char *
take_expression(RollupMapping *mapping, RollupPart *part, Relation source, const char *name, Node *expression, Oid wanted, bool is_cast)
{
	TupleDesc	columns = CreateTupleDescCopy(RelationGetDescr(source));
	Oid			type;

	if (checkExprHasSubLink(expression))
		return psprintf("\"%s\" reads other tables, whose changes cannot be seen.", name);
	expression = nps_expand_generated_columns(copyObject(expression), source);
	if (misfits_source(expression, columns))
		return psprintf("\"%s\" uses a system column or the whole row.", name);
	if (is_cast && exprType(expression) != wanted)
	{
		expression = coerce_to_target_type(NULL, expression, exprType(expression), wanted, -1,
										   COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
		if (expression == NULL)
			return psprintf("\"%s\" is not of the type that its column in the rollup has.", name);
	}
	type = exprType(expression);
	if (OidIsValid(wanted) && type != wanted)
		return psprintf("\"%s\" is of type %s, not %s.", name, format_type_be(type), format_type_be(wanted));
	if (expression_returns_set(expression))
		return psprintf("\"%s\" gives several values for a row.", name);
	if (is_shown_variously(expression, NULL))
		return psprintf("\"%s\" is not always shown alike: what the text of such a number or value is depends on settings; cast it to numeric.", name);
	part->expression = expression_planner((Expr *) expression);
	if (contain_mutable_functions((Node *) part->expression))
		return psprintf("\"%s\" is not immutable: what it gives depends on more than the row, such as the time or a setting.", name);
	if (exprType((Node *) part->expression) != type)
		return psprintf("\"%s\" is of another type than it says.", name);
	mapping->runs_code |= runs_code((Node *) part->expression, NULL);
	return NULL;
}

/* The same, of a column of the view by its name. */
static char *
take_column(RollupMapping *mapping, RollupPart *part, Relation source, NpsAnswer *answer, const char *name, Oid wanted, bool is_cast)
{
	Node	   *expression = nps_answer_column(answer, name);

	if (expression == NULL)
		return psprintf("The view answer has no column \"%s\".", name);
	return take_expression(mapping, part, source, name, expression, wanted, is_cast);
}

/* What a key of the cells is called in the view answer. */
static const char *
key_name(TupleDesc columns, int key)
{
	return key == 0 ? "responded_at" : NameStr(TupleDescAttr(columns, key)->attname);
}

static NpsValue
value_of_int2(Datum score)
{
	return nps_value_from_int64(DatumGetInt16(score));
}

static NpsValue
value_of_int4(Datum score)
{
	return nps_value_from_int64(DatumGetInt32(score));
}

static NpsValue
value_of_int8(Datum score)
{
	return nps_value_from_int64(DatumGetInt64(score));
}

static NpsValue
value_of_float8(Datum score)
{
	return nps_value_from_double(DatumGetFloat8(score));
}

/* How to read a score of the type; false if the view answer that nps_attach() makes gives none of it. */
static bool
take_score_type(RollupMapping *mapping, Oid type)
{
	switch (type)
	{
		case INT2OID:
			mapping->score_value = value_of_int2;
			return true;
		case INT4OID:
			mapping->score_value = value_of_int4;
			return true;
		case INT8OID:
			mapping->score_value = value_of_int8;
			return true;
		case FLOAT8OID:
			mapping->score_value = value_of_float8;
			return true;
		default:
			return false;
	}
}

/*
 * Takes the mapping from the view; to be called as its owner.  The result is why
 * it cannot be used, or NULL.
 */
static char *
read_mapping(RollupMapping *mapping, NpsAnswer *answer, Relation source)
{
	TupleDesc	columns = mapping->columns;
	char	   *trouble = NULL;

	mapping->keys = columns->natts - ROLLUP_MEASURES;
	mapping->key = palloc0(mapping->keys * sizeof(RollupKey));
	mapping->filter.expression = NULL;
	mapping->runs_code = false;
	if (!answer->is_plain)
		return pstrdup("The view answer does not give one row for each row of the source.");
	if (answer->filter != NULL)
		trouble = take_expression(mapping, &mapping->filter, source, "filter", answer->filter, BOOLOID, false);
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->score, source, answer, "score", InvalidOid, false);
	if (trouble == NULL && !take_score_type(mapping, exprType((Node *) mapping->score.expression)))
		trouble = psprintf("\"score\" is of type %s, not a whole number or double precision.", format_type_be(exprType((Node *) mapping->score.expression)));
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->rejection, source, answer, "rejection", TEXTOID, false);
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->comment, source, answer, "comment", TEXTOID, false);
	if (trouble == NULL)
		trouble = take_column(mapping, &mapping->asked_at, source, answer, "asked_at", TIMESTAMPTZOID, false);
	for (int i = 0; i < mapping->keys && trouble == NULL; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		mapping->key[i].by_value = column->attbyval;
		mapping->key[i].length = column->attlen;
		/* the rollup has segments of types that need no function of anybody's to be compared */
		trouble = take_column(mapping, &mapping->key[i].part, source, answer, key_name(columns, i),
							  i == 0 ? TIMESTAMPTZOID : column->atttypid, i > 0);
	}
	return trouble;
}

/* Is it a type that nps_materialize() gives a segment, and nothing more than the type? */
static bool
is_segment_shaped(Form_pg_attribute column)
{
	if (column->atttypmod != -1 || (OidIsValid(column->attcollation) && column->attcollation != DEFAULT_COLLATION_OID))
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

/* Is it the type nps_tally? */
static bool
is_tally(Oid type)
{
	Oid			extension = get_extension_oid("nps", true);
	HeapTuple	entry = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	bool		is_named_so = HeapTupleIsValid(entry) && strcmp(NameStr(((Form_pg_type) GETSTRUCT(entry))->typname), "nps_tally") == 0;

	if (HeapTupleIsValid(entry))
		ReleaseSysCache(entry);
	return is_named_so && OidIsValid(extension) && getExtensionOfObject(TypeRelationId, type) == extension;
}

/* Are the columns those of a rollup: a day, segments, and the measures?  Nothing else may be on it. */
static bool
is_rollup_shaped(Relation rollup, TupleDesc columns)
{
	static const char *const measures[ROLLUP_MEASURES] = {"added", "removed", "unanswered", "rejected", "with_comment", "answered"};
	int			first = columns->natts - ROLLUP_MEASURES;

	/* rows are put into it directly, so nothing must wait for being told or asked */
	if (rollup->rd_rel->relkind != RELKIND_RELATION || RelationGetIndexList(rollup) != NIL || rollup->rd_rules != NULL ||
		rollup->trigdesc != NULL || !rollup->rd_rel->relrowsecurity || rollup->rd_rel->relispartition ||
		has_superclass(RelationGetRelid(rollup)) || find_inheritance_children(RelationGetRelid(rollup), NoLock) != NIL ||
		columns->constr != NULL || first < 1)
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
						   (i - first <= ROLLUP_REMOVED ? !is_tally(column->atttypid) : column->atttypid != INT8OID)))
			return false;
	}
	return true;
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

	if (source->rd_rel->relowner != mapping->owner || answer->owner != mapping->owner)
		return psprintf("\"%s\" and the survey do not have one owner.", RelationGetRelationName(source));
	if (!is_rollup_shaped(rollup, mapping->columns))
		return pstrdup("The rollup is not as it was made: it has other columns, no row security, or an index, a trigger, a rule or an heir.");
	trouble = source_trouble(source);
	if (trouble != NULL)
		return trouble;

	nps_become_owner(mapping->owner, 0, &saved);
	trouble = read_mapping(mapping, answer, source);
	nps_become_caller(&saved);
	if (trouble != NULL || !with_triggers)
		return trouble;

	if (!nps_rollup_has_all_triggers(mapping, triggers, is_partitioned))
		return psprintf("A trigger on \"%s\" that keeps the rollup is missing or disabled.", RelationGetRelationName(source));
	/* a parallel restore makes triggers of a partitioned table before its partitions have their rows, and rights last */
	if (is_partitioned && pg_class_aclcheck(mapping->rollup, ACL_ID_PUBLIC, ACL_REFERENCES) != ACLCHECK_OK)
		return pstrdup("PUBLIC lacks the right REFERENCES on the rollup, the mark that it is complete: it is being restored, or was without rights.");
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
	answer = OidIsValid(mapping->answer) ? nps_answer_read(mapping->answer) : NULL;
	if (answer != NULL)
	{
		mapping->source = answer->source;
		if (mapping->source == locked_source)
			lock = NoLock;
		source = lock == NoLock ? RelationIdGetRelation(mapping->source) : try_relation_open(mapping->source, lock);
	}
	if (source == NULL)
		trouble = pstrdup("There is no view answer beside the rollup that reads one table.");
	else
	{
		trouble = trouble_with(mapping, rollup, answer, source, with_triggers);
		if (source->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
			mapping->parts = find_all_inheritors(mapping->source, NoLock, NULL);
		mapping->doubt = source_doubt(source, rollup, mapping->parts);
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
	mapping->states = NULL;
	mapping->parts = NIL;
	mapping->doubt = NULL;
	mapping->columns = NULL;
	mapping->source = mapping->answer = mapping->owner = InvalidOid;
	mapping->has_warned = mapping->has_warned_of_score = mapping->is_complete = mapping->is_prepared = false;
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

/*
 * nps_rollup_trouble(rollup regclass, with_triggers boolean) returns text
 *
 * Why a rollup is not kept, or serves nobody, as a sentence; NULL if it does.
 * Without triggers: why it cannot be kept.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_trouble);
Datum
nps_rollup_trouble(PG_FUNCTION_ARGS)
{
	RollupMapping mapping = {0};
	char	   *trouble;

	mapping.rollup = PG_GETARG_OID(0);
	trouble = read_rollup(&mapping, PG_GETARG_BOOL(1), InvalidOid);
	if (trouble == NULL)
		trouble = mapping.doubt;
	if (trouble == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(trouble));
}

/*
 * nps_rollup_zone(rollup regclass) returns text
 *
 * The time zone of the days of a rollup; NULL if it is not kept.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_zone);
Datum
nps_rollup_zone(PG_FUNCTION_ARGS)
{
	RollupMapping mapping = {0};

	mapping.rollup = PG_GETARG_OID(0);
	if (read_rollup(&mapping, true, InvalidOid) != NULL || mapping.doubt != NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(pg_get_timezone_name(mapping.zone)));
}

/*
 * nps_rollup_mapping(rollup regclass) returns text
 *
 * What of the mapping the rollup is made of, as SQL: if it changes, the rollup is
 * another one.  NULL where there is no view answer.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_mapping);
Datum
nps_rollup_mapping(PG_FUNCTION_ARGS)
{
	static const char *const measured[] = {"asked_at", "comment", "rejection", "score"};

	Relation	rollup = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	Oid			view;
	NpsAnswer  *answer;
	Relation	source;
	StringInfoData text;
	TupleDesc	columns;
	List	   *context;

	if (rollup == NULL)
		PG_RETURN_NULL();
	columns = CreateTupleDescCopy(RelationGetDescr(rollup));
	view = get_relname_relid("answer", RelationGetNamespace(rollup));
	relation_close(rollup, AccessShareLock);
	answer = OidIsValid(view) ? nps_answer_read(view) : NULL;
	source = answer == NULL ? NULL : try_relation_open(answer->source, AccessShareLock);
	if (source == NULL)
		PG_RETURN_NULL();
	initStringInfo(&text);
	appendStringInfo(&text, "%s\n", quote_qualified_identifier(get_namespace_name(RelationGetNamespace(source)), RelationGetRelationName(source)));
	context = deparse_context_for(RelationGetRelationName(source), answer->source);
	if (answer->filter != NULL)
		appendStringInfo(&text, "filter: %s\n", deparse_expression(answer->filter, context, true, false));
	for (int i = -(int) lengthof(measured); i < columns->natts - ROLLUP_MEASURES; i++)
	{
		const char *name = i < 0 ? measured[-1 - i] : key_name(columns, i);
		Node	   *expression = nps_answer_column(answer, name);

		appendStringInfo(&text, "%s: %s\n", name, expression == NULL ? "" : deparse_expression(expression, context, true, false));
	}
	relation_close(source, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

/* Was the row of a catalog there when the active snapshot was taken? */
static bool
was_there(HeapTuple row)
{
	TransactionId made;

	if (!HeapTupleIsValid(row))
		return false;
	made = HeapTupleHeaderGetXmin(row->t_data);
	ReleaseSysCache(row);
	return TransactionIdIsCurrentTransactionId(made) || !TransactionIdIsNormal(made) ||
		!ActiveSnapshotSet() || !XidInMVCCSnapshot(made, GetActiveSnapshot());
}

/*
 * Is the rollup what the snapshot sees of the source?  The reports were made to
 * read it once it was computed, and a TRUNCATE changes its entry in pg_class.
 * Catalogs follow no snapshot, so a transaction that began before sees reports
 * that read a rollup which for it is empty, or a source which is empty for all.
 */
static bool
rollup_was_there(Oid rollup)
{
	Oid			report = get_relname_relid("summary", get_rel_namespace(rollup));

	return OidIsValid(report) &&
		was_there(SearchSysCache2(RULERELNAME, ObjectIdGetDatum(report), CStringGetDatum(ViewSelectRuleName))) &&
		was_there(SearchSysCache1(RELOID, ObjectIdGetDatum(rollup)));
}

/*
 * May the current user be served from the rollup: is it kept, and may they read
 * all rows and columns of the source, so that nothing in it is new to them?
 */
static bool
rollup_serves(Oid rollup)
{
	RollupMapping *mapping = nps_mapping_of_rollup(rollup, InvalidOid);
	Oid			source = mapping->source;
	bool		is_missing = false;

	return mapping->trouble == NULL && mapping->doubt == NULL && check_enable_rls(source, InvalidOid, true) != RLS_ENABLED &&
		pg_class_aclcheck_ext(source, GetUserId(), ACL_SELECT, &is_missing) == ACLCHECK_OK && rollup_was_there(rollup);
}

/*
 * nps_rollup_serves(rollup regclass) returns boolean
 *
 * That.  The views of a survey ask it, and the row security of the rollup.  The
 * planner gets the answer in advance, and so plans only the one way or the other:
 * a plan is made anew when the source, the view answer or the rollup changes,
 * and, as the rollup has row security, when the role does.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_rollup_serves);
Datum
nps_rollup_serves(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rollup_serves(PG_GETARG_OID(0)));
}

PG_FUNCTION_INFO_V1(nps_rollup_serves_support);
Datum
nps_rollup_serves_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *result = NULL;

	if (IsA(request, SupportRequestSimplify))
	{
		FuncExpr   *call = ((SupportRequestSimplify *) request)->fcall;
		Node	   *argument = (Node *) linitial(call->args);

		if (IsA(argument, Const) && !((Const *) argument)->constisnull)
			result = makeBoolConst(rollup_serves(DatumGetObjectId(((Const *) argument)->constvalue)), false);
	}
	PG_RETURN_POINTER(result);
}
