/*
 * result_row.h
 *		A result row under construction, column by column; what was not set is NULL.
 */
#ifndef NPS_RESULT_ROW_H
#define NPS_RESULT_ROW_H

#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"

#include "statistics.h"

#define MAX_RESULT_COLUMNS 32

typedef struct ResultRow
{
	TupleDesc	descriptor;
	int			next;
	Datum		values[MAX_RESULT_COLUMNS];
	bool		nulls[MAX_RESULT_COLUMNS];
} ResultRow;

/* Starts the row that the function returns; its shape is looked up once per call site. */
static inline void
begin_row(FunctionCallInfo fcinfo, ResultRow *row)
{
	FmgrInfo   *function = fcinfo->flinfo;

	if (function->fn_extra == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(function->fn_mcxt);
		TupleDesc	descriptor;

		if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		Assert(descriptor->natts <= MAX_RESULT_COLUMNS);
		function->fn_extra = BlessTupleDesc(CreateTupleDescCopy(descriptor));
		MemoryContextSwitchTo(caller);
	}
	row->descriptor = (TupleDesc) function->fn_extra;
	row->next = 0;
	memset(row->nulls, true, sizeof(row->nulls));
}

static inline void
put_int64(ResultRow *row, int64 value)
{
	row->nulls[row->next] = false;
	row->values[row->next++] = Int64GetDatum(value);
}

/* NaN stands for what is undefined: NULL. */
static inline void
put_float8(ResultRow *row, double value)
{
	row->nulls[row->next] = isnan(value);
	row->values[row->next++] = Float8GetDatum(value);
}

/* An interval of a score, in points. */
static inline void
put_interval(ResultRow *row, NpsInterval interval)
{
	put_float8(row, 100.0 * interval.low);
	put_float8(row, 100.0 * interval.high);
}

static inline Datum
finish_row(ResultRow *row)
{
	return HeapTupleGetDatum(heap_form_tuple(row->descriptor, row->values, row->nulls));
}

#endif							/* NPS_RESULT_ROW_H */
