/*
 * nps.h
 *		What the source files of nps share.
 */
#ifndef NPS_H
#define NPS_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/execnodes.h"
#include "pgtime.h"
#include "utils/date.h"

#include "compat.h"
#include "scale.h"
#include "statistics.h"
#include "tally_math.h"
#include "text.h"

#define NPS_VERSION "1.0.0"

#define PG_GETARG_NPS_TALLY(n) ((NpsTally *) PG_GETARG_POINTER(n))
#define PG_RETURN_NPS_TALLY(tally) PG_RETURN_POINTER(tally)

/*
 * Are we the transition, combine or inverse function of an aggregate, so that
 * the state may be changed in place?  This is AggCheckCallContext() without the
 * call, which a row of an aggregate would notice.
 */
static inline bool
in_aggregate(FunctionCallInfo fcinfo)
{
	return fcinfo->context != NULL &&
		(IsA(fcinfo->context, AggState) || IsA(fcinfo->context, WindowAggState));
}

/* Is the value the same, byte for byte?  The known one is NULL where nothing is known. */
static inline bool
nps_same_value(const struct varlena *known, const struct varlena *value)
{
	if (known == NULL || value == NULL)
		return known == value;
	return VARSIZE_ANY_EXHDR(known) == VARSIZE_ANY_EXHDR(value) &&
		memcmp(VARDATA_ANY(known), VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)) == 0;
}

/* A copy of an argument, to be remembered from row to row. */
static inline struct varlena *
nps_copy_value(MemoryContext context, const struct varlena *value)
{
	struct varlena *copy;

	if (value == NULL)
		return NULL;
	copy = MemoryContextAlloc(context, VARSIZE_ANY(value));
	memcpy(copy, value, VARSIZE_ANY(value));
	return copy;
}

/* Totals as the formulas take them. */
static inline NpsSample
nps_sample(const NpsTotals *totals)
{
	NpsSample	sample = {
		(double) totals->category[NPS_DETRACTOR],
		(double) totals->category[NPS_PASSIVE],
		(double) totals->category[NPS_PROMOTER]
	};

	return sample;
}

/*
 * For each SQL type that a score may have: suffix of the C functions, its OID,
 * and its value as argument number n.
 */
#define NPS_FOR_EACH_SCORE_TYPE(DO) \
	DO(int2, INT2OID, nps_value_from_int64(PG_GETARG_INT16(n))) \
	DO(int4, INT4OID, nps_value_from_int64(PG_GETARG_INT32(n))) \
	DO(int8, INT8OID, nps_value_from_int64(PG_GETARG_INT64(n))) \
	DO(float4, FLOAT4OID, nps_value_from_double(PG_GETARG_FLOAT4(n))) \
	DO(float8, FLOAT8OID, nps_value_from_double(PG_GETARG_FLOAT8(n))) \
	DO(numeric, NUMERICOID, nps_value_from_numeric(PG_GETARG_DATUM(n))) \
	DO(text, TEXTOID, nps_value_from_strict_text(PG_GETARG_DATUM(n)))

/* module.c */

/* A category's name as a text value. */
typedef union NpsCategoryName
{
	int32		header;			/* aligns */
	char		bytes[VARHDRSZ + sizeof("detractor")];
} NpsCategoryName;

extern NpsCategoryName nps_category_names[NPS_CATEGORIES];

/* The name of a category.  The result lives as long as the library; nobody may change it. */
static inline text *
nps_category_name(NpsCategory category)
{
	return (text *) nps_category_names[category].bytes;
}

/* scale.c */
extern NpsScaleId nps_scale_from_text(text *name);

/* The scale of that name, which most often is that of the state before; an unknown name is an error. */
static inline NpsScaleId
nps_scale_known_as(text *name, uint32 before)
{
	const char *known = nps_scale_table[before <= NPS_LAST_SCALE ? before : NPS_SCALE_NONE].name;
	size_t		length = VARSIZE_ANY_EXHDR(name);

	if (strlen(known) == length && memcmp(known, VARDATA_ANY(name), length) == 0 && length > 0)
		return (NpsScaleId) before;
	return nps_scale_from_text(name);
}

/* parse_score.c */

/* Why a row does not count on which nobody gave a score. */
#define NPS_NO_ANSWER "no answer"

extern NpsValue nps_value_from_numeric(Datum number);
extern NpsValue nps_value_from_strict_text(Datum string);
extern bool nps_is_comment(Datum comment);
pg_attribute_cold extern void nps_score_error(Datum score, Oid type, NpsVerdict verdict, NpsScaleId id);

/* tally.c */
pg_attribute_cold extern void nps_tally_error(NpsTallyResult result, NpsScaleId left, NpsScaleId right);
extern NpsTotals nps_totals(const NpsTally *tally);

/* zone.c */
extern pg_tz *nps_zone_by_name(const char *name);
extern pg_tz *nps_zone_from_text(text *name);
extern int64 nps_zone_offset(TimestampTz time, pg_tz *zone);

/* period.c */
extern pg_tz *nps_zone_of_call(FunctionCallInfo fcinfo, int n);
extern bool nps_is_usable_time(int64 time);
extern TimestampTz nps_time_of_local(Timestamp local, pg_tz *zone);
extern bool nps_day_of(TimestampTz time, pg_tz *zone, DateADT *day);

/* statistics.c */
extern double nps_check_confidence(double confidence);
extern NpsMethod nps_method_from_text(text *name);


#endif							/* NPS_H */
