/*
 * category.c
 *		What one score is: detractor, passive or promoter, and its points.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* The category of a score; what is not on the scale is an error that names it. */
static inline Datum
category_datum(NpsValue value, NpsScaleId id, Datum score, Oid type)
{
	const NpsScale *scale = &nps_scale_table[id];
	NpsVerdict	verdict = nps_judge(value, scale);

	if (unlikely(verdict != NPS_VALID))
		nps_score_error(score, type, verdict, id);
	return PointerGetDatum(nps_category_name(nps_category_of(value.whole, scale)));
}

/*
 * nps_category(T) and nps_category(T, scale text) return text
 *
 * "detractor", "passive" or "promoter".  STRICT.  A score outside the scale or
 * not whole: error 22003; text that is not a number: 22P02; unknown scale: 22023.
 */
#define DEFINE_CATEGORY(suffix, type, value_of_n) \
PG_FUNCTION_INFO_V1(nps_category_##suffix); \
Datum \
nps_category_##suffix(PG_FUNCTION_ARGS) \
{ \
	const int	n = 0; \
\
	PG_RETURN_DATUM(category_datum(value_of_n, NPS_SCALE_NPS, PG_GETARG_DATUM(n), type)); \
} \
\
PG_FUNCTION_INFO_V1(nps_category_##suffix##_scale); \
Datum \
nps_category_##suffix##_scale(PG_FUNCTION_ARGS) \
{ \
	const int	n = 0; \
	NpsScaleId	id = nps_scale_from_text(PG_GETARG_TEXT_PP(1)); \
\
	PG_RETURN_DATUM(category_datum(value_of_n, id, PG_GETARG_DATUM(n), type)); \
}

NPS_FOR_EACH_SCORE_TYPE(DEFINE_CATEGORY)

/*
 * nps_points(T, scale text) returns double precision
 *
 * -100 for a detractor, 0 for a passive, 100 for a promoter; NULL for a score
 * that is not on the scale.  STRICT.  Without a scale it is an SQL function, so
 * that the planner sees through it.
 */
#define DEFINE_POINTS(suffix, value_of_n) \
PG_FUNCTION_INFO_V1(nps_points_##suffix##_scale); \
Datum \
nps_points_##suffix##_scale(PG_FUNCTION_ARGS) \
{ \
	const int	n = 0; \
	const NpsScale *scale = &nps_scale_table[nps_scale_from_text(PG_GETARG_TEXT_PP(1))]; \
	NpsValue	value = value_of_n; \
\
	if (nps_judge(value, scale) != NPS_VALID) \
		PG_RETURN_NULL(); \
	PG_RETURN_FLOAT8(100.0 * ((int) nps_category_of(value.whole, scale) - 1)); \
}

DEFINE_POINTS(float8, nps_value_from_double(PG_GETARG_FLOAT8(n)))
DEFINE_POINTS(numeric, nps_value_from_numeric(PG_GETARG_DATUM(n)))
