/*
 * cell.c
 *		Values with their types, and the rows that they come from and go to.
 */
#include "cell.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

/* A row of the relation, as passed to a trigger. */
NpsRow
nps_row(HeapTuple tuple, Relation relation)
{
	NpsRow		row = {tuple, RelationGetDescr(relation), RelationGetRelationName(relation)};

	return row;
}

/* The number of a column; 0 if there is none. */
static int
find_column(TupleDesc columns, const char *name)
{
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(columns, i);

		if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), name) == 0)
			return i + 1;
	}
	return 0;
}

bool
nps_has_column(const NpsRow *row, const char *name)
{
	return find_column(row->columns, name) > 0;
}

/* Checks the type of a column; InvalidOid stands for any type. */
static void
expect_type(const NpsRow *row, int number, Oid type)
{
	Form_pg_attribute attribute = TupleDescAttr(row->columns, number - 1);

	if (OidIsValid(type) && attribute->atttypid != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of \"%s\" is of type %s, not %s", NameStr(attribute->attname), row->of,
						format_type_be(attribute->atttypid), format_type_be(type)),
				 errhint("The columns that nps_attach() made must keep their types.")));
}

/* The number of a column, which must exist and have the type. */
int
nps_column(const NpsRow *row, const char *name, Oid type)
{
	int			number = find_column(row->columns, name);

	if (number == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of \"%s\" is missing", name, row->of),
				 errhint("The columns that nps_attach() made must stay.")));
	expect_type(row, number, type);
	return number;
}

/* Refuses rows in which one of the columns is missing or has another type. */
void
nps_expect_columns(const NpsRow *row, const NpsColumn *expected, int count)
{
	for (int i = 0; i < count; i++)
	{
		/* usually columns are at their original places */
		if (i < row->columns->natts && !TupleDescAttr(row->columns, i)->attisdropped &&
			strcmp(NameStr(TupleDescAttr(row->columns, i)->attname), expected[i].name) == 0)
			expect_type(row, i + 1, expected[i].type);
		else
			(void) nps_column(row, expected[i].name, expected[i].type);
	}
}

/* The value of a column by its number, whatever its type; it lives as long as the row. */
NpsCell
nps_cell_at(const NpsRow *row, int number)
{
	Form_pg_attribute attribute = TupleDescAttr(row->columns, number - 1);
	NpsCell		cell;

	cell.type = attribute->atttypid;
	cell.collation = attribute->attcollation;
	cell.length = attribute->attlen;
	cell.by_value = attribute->attbyval;
	cell.value = heap_getattr(row->tuple, number, row->columns, &cell.is_null);
	return cell;
}

/* The value of a column, which must exist and have the type. */
NpsCell
nps_cell(const NpsRow *row, const char *name, Oid type)
{
	return nps_cell_at(row, nps_column(row, name, type));
}

/* The same for a column that nps_attach() made NOT NULL. */
NpsCell
nps_cell_not_null(const NpsRow *row, const char *name, Oid type)
{
	NpsCell		cell = nps_cell(row, name, type);

	if (cell.is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("column \"%s\" of \"%s\" is null", name, row->of),
				 errhint("As nps_attach() made it, it has a value in every row.")));
	return cell;
}

bool
nps_cell_is_null(const NpsRow *row, const char *name)
{
	return nps_cell(row, name, InvalidOid).is_null;
}

bool
nps_boolean(const NpsRow *row, const char *name)
{
	return DatumGetBool(nps_cell_not_null(row, name, BOOLOID).value);
}

int32
nps_integer(const NpsRow *row, const char *name)
{
	return DatumGetInt32(nps_cell_not_null(row, name, INT4OID).value);
}

/* The value of a text column; NULL for null. */
char *
nps_text(const NpsRow *row, const char *name)
{
	NpsCell		cell = nps_cell(row, name, TEXTOID);

	return cell.is_null ? NULL : TextDatumGetCString(cell.value);
}

/* A value of our own; text has the collation of a column without a COLLATE clause. */
static NpsCell
own_cell(Oid type, Datum value, bool is_null)
{
	NpsCell		cell;

	cell.type = type;
	cell.collation = get_typcollation(type);
	get_typlenbyval(type, &cell.length, &cell.by_value);
	cell.value = value;
	cell.is_null = is_null;
	return cell;
}

NpsCell
nps_null_cell(Oid type)
{
	return own_cell(type, (Datum) 0, true);
}

/* NULL with the type of another value. */
NpsCell
nps_null_like(const NpsCell *cell)
{
	NpsCell		null = *cell;

	null.value = (Datum) 0;
	null.is_null = true;
	return null;
}

NpsCell
nps_boolean_cell(bool value)
{
	return own_cell(BOOLOID, BoolGetDatum(value), false);
}

NpsCell
nps_integer_cell(int32 value)
{
	return own_cell(INT4OID, Int32GetDatum(value), false);
}

NpsCell
nps_time_cell(TimestampTz value)
{
	return own_cell(TIMESTAMPTZOID, TimestampTzGetDatum(value), false);
}

/* A text value; NULL gives null. */
NpsCell
nps_text_cell(const char *value)
{
	return own_cell(TEXTOID, value == NULL ? (Datum) 0 : CStringGetTextDatum(value), value == NULL);
}

static void
expect_cell(const NpsCell *cell, Oid type)
{
	if (cell->type != type || cell->is_null)
		elog(ERROR, "value is not of type %u", type);
}

TimestampTz
nps_cell_time(const NpsCell *cell)
{
	expect_cell(cell, TIMESTAMPTZOID);
	return DatumGetTimestampTz(cell->value);
}

DateADT
nps_cell_date(const NpsCell *cell)
{
	expect_cell(cell, DATEOID);
	return DatumGetDateADT(cell->value);
}

int64
nps_cell_bigint(const NpsCell *cell)
{
	expect_cell(cell, INT8OID);
	return DatumGetInt64(cell->value);
}

char *
nps_cell_text(const NpsCell *cell)
{
	expect_cell(cell, TEXTOID);
	return TextDatumGetCString(cell->value);
}

/* A value as text, whatever the session's settings are: times with their offset from UTC.  NULL for null. */
char *
nps_cell_shown(const NpsCell *cell)
{
	Oid			output;
	bool		is_varlena;

	if (cell->is_null)
		return NULL;
	if (cell->type == TIMESTAMPTZOID)
		return pstrdup(timestamptz_to_str(DatumGetTimestampTz(cell->value)));
	getTypeOutputInfo(cell->type, &output, &is_varlena);
	if (cell->type == DATEOID && !DATE_NOT_FINITE(DatumGetDateADT(cell->value)))
	{
		int			year,
					month,
					day;

		j2date(DatumGetDateADT(cell->value) + POSTGRES_EPOCH_JDATE, &year, &month, &day);
		return psprintf("%04d-%02d-%02d", year, month, day);
	}
	return OidOutputFunctionCall(output, cell->value);
}

static void
expect_same_type(Oid left, Oid right)
{
	if (left != right)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a value of type %s cannot be compared with one of type %s", format_type_be(left), format_type_be(right)),
				 errhint("The columns that nps_attach() made must keep their types.")));
}

/* Are two values the same, by the collation of the left one?  NULL is the same as NULL. */
bool
nps_same_cells(const NpsCell *left, const NpsCell *right)
{
	TypeCacheEntry *type;

	expect_same_type(left->type, right->type);
	if (left->is_null || right->is_null)
		return left->is_null && right->is_null;
	type = lookup_type_cache(left->type, TYPECACHE_EQ_OPR_FINFO);
	if (!OidIsValid(type->eq_opr_finfo.fn_oid))
		return datum_image_eq(left->value, right->value, left->by_value, left->length);
	return DatumGetBool(FunctionCall2Coll(&type->eq_opr_finfo, left->collation, left->value, right->value));
}

/* A hash that is equal for equal values; 0 for all values of a type that cannot be hashed. */
uint32
nps_cell_hash(const NpsCell *cell)
{
	TypeCacheEntry *type = lookup_type_cache(cell->type, TYPECACHE_HASH_PROC_FINFO);

	if (cell->is_null || !OidIsValid(type->hash_proc_finfo.fn_oid))
		return 0;
	return DatumGetUInt32(FunctionCall1Coll(&type->hash_proc_finfo, cell->collation, cell->value));
}

/* A copy of the value in memory that outlives its row. */
NpsCell
nps_cell_copy(const NpsCell *cell, MemoryContext context)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	NpsCell		copy = *cell;

	if (!cell->is_null)
		copy.value = datumCopy(cell->value, cell->by_value, cell->length);
	MemoryContextSwitchTo(caller);
	return copy;
}

/*
 * The type's default equality operator, qualified for use in a query, so that no
 * other operator can take its place.
 */
char *
nps_equality(Oid type)
{
	Oid			operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;
	char	   *result;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("type %s has no equality", format_type_be(type)),
				 errhint("The columns that nps_attach() made must keep their types.")));
	form = (Form_pg_operator) GETSTRUCT(tuple);
	result = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(form->oprnamespace)), NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return result;
}

NpsChanges
nps_begin_changes(const NpsRow *row)
{
	NpsChanges	changes;

	changes.row = *row;
	changes.values = palloc0(row->columns->natts * sizeof(Datum));
	changes.nulls = palloc0(row->columns->natts * sizeof(bool));
	changes.replaced = palloc0(row->columns->natts * sizeof(bool));
	return changes;
}

/*
 * Sets a column, which must have the type of the value.  The value must live until
 * the row is formed.
 */
void
nps_change(NpsChanges *changes, const char *name, NpsCell cell)
{
	int			i = nps_column(&changes->row, name, cell.type) - 1;

	changes->values[i] = cell.value;
	changes->nulls[i] = cell.is_null;
	changes->replaced[i] = true;
}

/* The new value of a column. */
NpsCell
nps_changed_cell(const NpsChanges *changes, const char *name)
{
	int			number = nps_column(&changes->row, name, InvalidOid);
	NpsCell		cell = nps_cell_at(&changes->row, number);

	if (changes->replaced[number - 1])
	{
		cell.value = changes->values[number - 1];
		cell.is_null = changes->nulls[number - 1];
	}
	return cell;
}

/* The row with everything that was set, in the caller's memory context. */
HeapTuple
nps_changed_row(const NpsChanges *changes)
{
	return heap_modify_tuple(changes->row.tuple, changes->row.columns, changes->values, changes->nulls, changes->replaced);
}
