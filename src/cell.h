/*
 * cell.h
 *		Values with their types, and the rows that they come from and go to.
 *
 * The tables and views of a survey belong to its owner, who may have altered or
 * replaced them.  So no value is taken out of a row without its type, and none goes
 * into a row, a query or a comparison that expects another type.
 */
#ifndef NPS_CELL_H
#define NPS_CELL_H

#include "nps.h"

#include "access/htup_details.h"
#include "utils/rel.h"

/* One value, with everything that is needed to handle it. */
typedef struct NpsCell
{
	Oid			type;
	Oid			collation;
	int16		length;
	bool		by_value;
	bool		is_null;
	Datum		value;
} NpsCell;

/* A row, the columns that it was made with, and the name of its relation, for messages. */
typedef struct NpsRow
{
	HeapTuple	tuple;
	TupleDesc	columns;
	const char *of;
} NpsRow;

/* What a column must be; InvalidOid stands for any type. */
typedef struct NpsColumn
{
	const char *name;
	Oid			type;
} NpsColumn;

/* New values for some columns of a row. */
typedef struct NpsChanges
{
	NpsRow		row;
	Datum	   *values;
	bool	   *nulls;
	bool	   *replaced;
} NpsChanges;

/* rows */
extern NpsRow nps_row(HeapTuple tuple, Relation relation);
extern int	nps_column(const NpsRow *row, const char *name, Oid type);
extern bool nps_has_column(const NpsRow *row, const char *name);
extern void nps_expect_columns(const NpsRow *row, const NpsColumn *expected, int count);

/* values out of a row */
extern NpsCell nps_cell(const NpsRow *row, const char *name, Oid type);
extern NpsCell nps_cell_at(const NpsRow *row, int number);
extern NpsCell nps_cell_not_null(const NpsRow *row, const char *name, Oid type);
extern bool nps_cell_is_null(const NpsRow *row, const char *name);
extern bool nps_boolean(const NpsRow *row, const char *name);
extern int32 nps_integer(const NpsRow *row, const char *name);
extern char *nps_text(const NpsRow *row, const char *name);

/* values of our own */
extern NpsCell nps_null_cell(Oid type);
extern NpsCell nps_null_like(const NpsCell *cell);
extern NpsCell nps_boolean_cell(bool value);
extern NpsCell nps_integer_cell(int32 value);
extern NpsCell nps_time_cell(TimestampTz value);
extern NpsCell nps_text_cell(const char *value);

/* the content of a cell, which must have that type and not be NULL */
extern TimestampTz nps_cell_time(const NpsCell *cell);
extern DateADT nps_cell_date(const NpsCell *cell);
extern int64 nps_cell_bigint(const NpsCell *cell);
extern char *nps_cell_text(const NpsCell *cell);
extern char *nps_cell_shown(const NpsCell *cell);

extern bool nps_same_cells(const NpsCell *left, const NpsCell *right);
extern uint32 nps_cell_hash(const NpsCell *cell);
extern NpsCell nps_cell_copy(const NpsCell *cell, MemoryContext context);
extern char *nps_equality(Oid type);

/* values into a row */
extern NpsChanges nps_begin_changes(const NpsRow *row);
extern void nps_change(NpsChanges *changes, const char *name, NpsCell cell);
extern NpsCell nps_changed_cell(const NpsChanges *changes, const char *name);
extern HeapTuple nps_changed_row(const NpsChanges *changes);

#endif							/* NPS_CELL_H */
