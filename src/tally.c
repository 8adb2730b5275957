/*
 * tally.c
 *		The type nps_tally: text and binary form, operators, casts, accessors.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"

static NpsTally *
new_tally(void)
{
	NpsTally   *tally = palloc(sizeof(NpsTally));

	nps_tally_clear(tally);
	return tally;
}

/* Reports what went wrong between tallies of these scales. */
void
nps_tally_error(NpsTallyResult result, NpsScaleId left, NpsScaleId right)
{
	switch (result)
	{
		case NPS_TALLY_OVERFLOW:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("tally is out of range"),
					 errdetail("A tally holds at most %lld answers.", (long long) PG_INT64_MAX)));
			break;
		case NPS_TALLY_BELOW_ZERO:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("tally would fall below zero"),
					 errdetail("More answers of one score are taken away than there are.")));
			break;
		case NPS_TALLY_OTHER_SCALE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("tallies of scales \"%s\" and \"%s\" cannot be combined",
							nps_scale_table[left].name, nps_scale_table[right].name),
					 errhint("Make one tally for each scale, for example with GROUP BY.")));
			break;
		case NPS_TALLY_OK:
		case NPS_TALLY_DAMAGED:
			break;
	}
	elog(ERROR, "unexpected result %d of tally arithmetic", (int) result);
}

/* Answers by category and in all; their sum is checked, as a state may come from anywhere. */
NpsTotals
nps_totals(const NpsTally *tally)
{
	NpsTotals	totals;

	if (unlikely(!nps_tally_totals(tally, &totals)))
		nps_tally_error(NPS_TALLY_OVERFLOW, NPS_SCALE_NONE, NPS_SCALE_NONE);
	return totals;
}

/* Reads a count; false if there is none, or it does not fit. */
static bool
read_count(const char **at, int64 *count)
{
	const char *start = *at;

	*count = 0;
	for (; nps_is_digit(**at); (*at)++)
	{
		int			digit = **at - '0';

		if (*count > (PG_INT64_MAX - digit) / 10)
			return false;
		*count = *count * 10 + digit;
	}
	return *at > start;
}

static void
skip_blanks(const char **at)
{
	while (nps_is_blank(**at))
		(*at)++;
}

/*
 * Reads counts, separated by commas, up to one of the stop characters, and keeps
 * the first limit of them.  Returns how many there are; -1 for a syntax error.
 */
static int
read_counts(const char **at, int64 *counts, int limit, const char *stop)
{
	int			read = 0;

	skip_blanks(at);
	if (**at != '\0' && strchr(stop, **at) != NULL)
		return 0;
	for (;;)
	{
		int64		one_too_many;

		skip_blanks(at);
		if (!read_count(at, read < limit ? &counts[read] : &one_too_many))
			return -1;
		read++;
		skip_blanks(at);
		if (**at != '\0' && strchr(stop, **at) != NULL)
			return read;
		if (**at != ',')
			return -1;
		(*at)++;
	}
}

/* Reads the text form into an empty tally.  Returns NULL, or what is wrong as a full sentence. */
static const char *
read_tally(const char *at, NpsTally *tally)
{
	const char *name;
	size_t		name_length;
	const NpsScale *scale;
	NpsScaleId	id = NPS_SCALE_NPS;
	int64		counts[NPS_SCORES];
	int			read;

	skip_blanks(&at);
	name = at;
	while (*at != '\0' && *at != '{' && !nps_is_blank(*at))
		at++;
	name_length = at - name;
	skip_blanks(&at);
	if (*at != '{')
		return "A tally is written like {2,0,1,0,0,4,3,9,20,31,25} or csat5{1,2,3,4,5}.";
	if (name_length > 0)
		id = nps_scale_by_name(name, name_length);
	if (id == NPS_SCALE_NONE)
		return "The name before the brace is not a scale; nps_scales() lists them.";
	scale = &nps_scale_table[id];
	at++;

	read = read_counts(&at, counts, NPS_SCORES, ";}");
	if (read < 0)
		return "Counts are whole numbers from 0 to 9223372036854775807, separated by commas.";
	if (read > 0)
	{
		if (!scale->whole)
			return "A scale with fractions has no counts by score; write them behind a semicolon.";
		if (read != scale->max - scale->min + 1)
			return "There must be one count for each score of the scale, or none.";
		for (int i = 0; i < read; i++)
			tally->counter[scale->min + i] = counts[i];
	}
	if (*at == ';')
	{
		at++;
		if (read_counts(&at, &tally->counter[NPS_SCORES], NPS_CATEGORIES, "}") != NPS_CATEGORIES)
			return "Behind the semicolon there must be three counts: detractors, passives, promoters.";
	}
	at++;
	skip_blanks(&at);
	if (*at != '\0')
		return "There is something behind the closing brace.";
	tally->scale = id;
	return NULL;
}

/* nps_tally_in(cstring): the text form, exact in both directions. */
PG_FUNCTION_INFO_V1(nps_tally_in);
Datum
nps_tally_in(PG_FUNCTION_ARGS)
{
	char	   *string = PG_GETARG_CSTRING(0);
	NpsTally   *tally = new_tally();
	const char *problem = read_tally(string, tally);

	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "nps_tally", string),
				 errdetail("%s", problem)));
	/* the syntax leaves only the sum to go wrong */
	if (nps_tally_check(tally) != NPS_TALLY_OK)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value \"%s\" is out of range for type %s", string, "nps_tally"),
				 errdetail("A tally holds at most %lld answers.", (long long) PG_INT64_MAX)));
	PG_RETURN_NPS_TALLY(tally);
}

/* nps_tally_out(nps_tally) */
PG_FUNCTION_INFO_V1(nps_tally_out);
Datum
nps_tally_out(PG_FUNCTION_ARGS)
{
	NpsTally   *tally = PG_GETARG_NPS_TALLY(0);
	const NpsScale *scale = &nps_scale_table[tally->scale];
	StringInfoData out;
	bool		scores = false;

	for (int score = 0; score < NPS_SCORES; score++)
		scores |= tally->counter[score] != 0;

	initStringInfo(&out);
	if (tally->scale != NPS_SCALE_NPS)
		appendStringInfoString(&out, scale->name);
	appendStringInfoChar(&out, '{');
	if (scores)
	{
		for (int score = scale->min; score <= scale->max; score++)
			appendStringInfo(&out, "%s" INT64_FORMAT, score == scale->min ? "" : ",", tally->counter[score]);
	}
	if (nps_tally_has_categories_only(tally))
	{
		for (int i = 0; i < NPS_CATEGORIES; i++)
			appendStringInfo(&out, "%s" INT64_FORMAT, i == 0 ? ";" : ",", tally->counter[NPS_SCORES + i]);
	}
	appendStringInfoChar(&out, '}');
	PG_RETURN_CSTRING(out.data);
}

/* nps_tally_recv(internal): as strict as the text form; 22P03 for anything invalid. */
PG_FUNCTION_INFO_V1(nps_tally_recv);
Datum
nps_tally_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	NpsTally   *tally = new_tally();

	tally->version = pq_getmsgint(message, 4);
	tally->scale = pq_getmsgint(message, 4);
	for (int i = 0; i < NPS_COUNTERS; i++)
		tally->counter[i] = pq_getmsgint64(message);
	pq_getmsgend(message);

	if (tally->version != NPS_TALLY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unknown version %u of a binary tally", tally->version),
				 errhint("The sender may run a newer version of nps; send the text form.")));
	if (nps_tally_check(tally) != NPS_TALLY_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary tally")));
	PG_RETURN_NPS_TALLY(tally);
}

/* nps_tally_send(nps_tally): version, scale and the 14 counters. */
PG_FUNCTION_INFO_V1(nps_tally_send);
Datum
nps_tally_send(PG_FUNCTION_ARGS)
{
	NpsTally   *tally = PG_GETARG_NPS_TALLY(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint32(&message, tally->version);
	pq_sendint32(&message, tally->scale);
	for (int i = 0; i < NPS_COUNTERS; i++)
		pq_sendint64(&message, tally->counter[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* The first argument to write the result to: itself in an aggregate, else a copy. */
static NpsTally *
writable_tally(FunctionCallInfo fcinfo)
{
	NpsTally   *tally = PG_GETARG_NPS_TALLY(0);
	NpsTally   *copy;

	if (in_aggregate(fcinfo))
		return tally;
	copy = palloc(sizeof(NpsTally));
	memcpy(copy, tally, sizeof(NpsTally));
	return copy;
}

/*
 * nps_tally_add(nps_tally, nps_tally) returns nps_tally
 *
 * The operator +, and transition and combine function of aggregates.  STRICT.
 * Two scales: error 22023; a sum that does not fit: 22003.
 */
PG_FUNCTION_INFO_V1(nps_tally_add);
Datum
nps_tally_add(PG_FUNCTION_ARGS)
{
	NpsTally   *into = writable_tally(fcinfo);
	NpsTally   *from = PG_GETARG_NPS_TALLY(1);
	NpsTallyResult result = nps_tally_merge(into, from);

	if (unlikely(result != NPS_TALLY_OK))
		nps_tally_error(result, into->scale, from->scale);
	PG_RETURN_NPS_TALLY(into);
}

/*
 * nps_tally_subtract(nps_tally, nps_tally) returns nps_tally
 *
 * The operator -, and inverse transition function.  STRICT.  A counter below
 * zero: error 22003.
 */
PG_FUNCTION_INFO_V1(nps_tally_subtract);
Datum
nps_tally_subtract(PG_FUNCTION_ARGS)
{
	NpsTally   *into = writable_tally(fcinfo);
	NpsTally   *from = PG_GETARG_NPS_TALLY(1);
	NpsTallyResult result = nps_tally_subtract_from(into, from);

	if (unlikely(result != NPS_TALLY_OK))
		nps_tally_error(result, into->scale, from->scale);
	PG_RETURN_NPS_TALLY(into);
}

/* Comparison: by scale, then by counters from the lowest score on. */
#define DEFINE_COMPARISON(name, operator) \
PG_FUNCTION_INFO_V1(nps_tally_##name); \
Datum \
nps_tally_##name(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(nps_tally_order(PG_GETARG_NPS_TALLY(0), PG_GETARG_NPS_TALLY(1)) operator 0); \
}

DEFINE_COMPARISON(lt, <)
DEFINE_COMPARISON(le, <=)
DEFINE_COMPARISON(eq, ==)
DEFINE_COMPARISON(ne, !=)
DEFINE_COMPARISON(ge, >=)
DEFINE_COMPARISON(gt, >)

/* nps_tally_cmp(nps_tally, nps_tally): -1, 0 or 1; for btree. */
PG_FUNCTION_INFO_V1(nps_tally_cmp);
Datum
nps_tally_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(nps_tally_order(PG_GETARG_NPS_TALLY(0), PG_GETARG_NPS_TALLY(1)));
}

/* nps_tally_hash(nps_tally): equal tallies are equal bytes. */
PG_FUNCTION_INFO_V1(nps_tally_hash);
Datum
nps_tally_hash(PG_FUNCTION_ARGS)
{
	return hash_any((unsigned char *) PG_GETARG_NPS_TALLY(0), sizeof(NpsTally));
}

PG_FUNCTION_INFO_V1(nps_tally_hash_extended);
Datum
nps_tally_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((unsigned char *) PG_GETARG_NPS_TALLY(0), sizeof(NpsTally), PG_GETARG_INT64(1));
}

/* Appends the counters of each score of the scale to a list of datums; returns how many. */
static int
score_datums(const NpsTally *tally, Datum *datums)
{
	const NpsScale *scale = &nps_scale_table[tally->scale];
	int			length = 0;

	if (scale->whole)
	{
		for (int score = scale->min; score <= scale->max; score++)
			datums[length++] = Int64GetDatum(tally->counter[score]);
	}
	return length;
}

static ArrayType *
bigint_array(Datum *datums, int length)
{
	return construct_array(datums, length, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/*
 * The cast from nps_tally to bigint[]: counts by score from the lowest on, then,
 * if any is not zero, the three counts that are known by category only.
 */
PG_FUNCTION_INFO_V1(nps_tally_to_bigint_array);
Datum
nps_tally_to_bigint_array(PG_FUNCTION_ARGS)
{
	NpsTally   *tally = PG_GETARG_NPS_TALLY(0);
	Datum		datums[NPS_COUNTERS];
	int			length = score_datums(tally, datums);

	if (nps_tally_has_categories_only(tally))
	{
		for (int i = 0; i < NPS_CATEGORIES; i++)
			datums[length++] = Int64GetDatum(tally->counter[NPS_SCORES + i]);
	}
	PG_RETURN_ARRAYTYPE_P(bigint_array(datums, length));
}

/*
 * The cast from bigint[] to nps_tally, of the scale 0 to 10: 11 counts by score,
 * or 14 with those by category only; the empty array is the empty tally.
 */
PG_FUNCTION_INFO_V1(nps_tally_from_bigint_array);
Datum
nps_tally_from_bigint_array(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	NpsTally   *tally = new_tally();
	NpsTallyResult result;
	int			length;

	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("array must not contain nulls")));
	length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (ARR_NDIM(array) > 1 || (length != 0 && length != NPS_SCORES && length != NPS_COUNTERS))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot make a tally of %d counts in %d dimensions", length, ARR_NDIM(array)),
				 errdetail("It takes 11 counts, of the scores 0 to 10, or 14, with detractors, passives and promoters after them."),
				 errhint("For other scales use the text form, such as 'csat5{1,2,3,4,5}'.")));
	if (length > 0)
	{
		memcpy(tally->counter, ARR_DATA_PTR(array), length * sizeof(int64));
		tally->scale = NPS_SCALE_NPS;
	}
	result = nps_tally_check(tally);
	if (result == NPS_TALLY_BELOW_ZERO)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a count must not be below zero")));
	if (result != NPS_TALLY_OK)
		nps_tally_error(result, tally->scale, tally->scale);
	PG_RETURN_NPS_TALLY(tally);
}

/* A count of nps_counts(): whole, not below zero, and within bigint. */
static int64
check_count(double count, const char *what)
{
	if (isnan(count) || count < 0 || floor(count) != count)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of %s must be a whole number not below zero, not \"%s\"",
						what, float8out_internal(count))));
	if (count >= -(double) PG_INT64_MIN)
		nps_tally_error(NPS_TALLY_OVERFLOW, NPS_SCALE_NONE, NPS_SCALE_NONE);
	return (int64) count;
}

/*
 * nps_counts(detractors, passives, promoters double precision, scale text DEFAULT 'nps')
 * returns nps_tally
 *
 * The tally of answers of which only the category is known.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_counts);
Datum
nps_counts(PG_FUNCTION_ARGS)
{
	static const char *const names[NPS_CATEGORIES] = {"detractors", "passives", "promoters"};
	NpsTally   *tally = new_tally();
	NpsTallyResult result;

	tally->scale = nps_scale_from_text(PG_GETARG_TEXT_PP(3));
	for (int i = 0; i < NPS_CATEGORIES; i++)
		tally->counter[NPS_SCORES + i] = check_count(PG_GETARG_FLOAT8(i), names[i]);
	result = nps_tally_check(tally);
	if (result != NPS_TALLY_OK)
		nps_tally_error(result, tally->scale, tally->scale);
	PG_RETURN_NPS_TALLY(tally);
}

/* nps_responses(nps_tally): how many answers. */
PG_FUNCTION_INFO_V1(nps_responses);
Datum
nps_responses(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(nps_totals(PG_GETARG_NPS_TALLY(0)).responses);
}

/* nps_detractors(nps_tally), nps_passives(nps_tally), nps_promoters(nps_tally): how many of each. */
#define DEFINE_CATEGORY_COUNT(name, category_) \
PG_FUNCTION_INFO_V1(name); \
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_INT64(nps_totals(PG_GETARG_NPS_TALLY(0)).category[category_]); \
}

DEFINE_CATEGORY_COUNT(nps_detractors, NPS_DETRACTOR)
DEFINE_CATEGORY_COUNT(nps_passives, NPS_PASSIVE)
DEFINE_CATEGORY_COUNT(nps_promoters, NPS_PROMOTER)

/*
 * nps_histogram(nps_tally) returns bigint[]
 *
 * Answers by score from the lowest of the scale on.  NULL for the empty tally
 * (it has no scale) and where some answers are known by category only.
 */
PG_FUNCTION_INFO_V1(nps_histogram);
Datum
nps_histogram(PG_FUNCTION_ARGS)
{
	NpsTally   *tally = PG_GETARG_NPS_TALLY(0);
	Datum		datums[NPS_COUNTERS];

	if (tally->scale == NPS_SCALE_NONE || nps_tally_has_categories_only(tally))
		PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(bigint_array(datums, score_datums(tally, datums)));
}

/* nps_tally_scale(nps_tally) returns text: the name of its scale; NULL for the empty tally. */
PG_FUNCTION_INFO_V1(nps_tally_scale);
Datum
nps_tally_scale(PG_FUNCTION_ARGS)
{
	NpsTally   *tally = PG_GETARG_NPS_TALLY(0);

	if (tally->scale == NPS_SCALE_NONE)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(nps_scale_table[tally->scale].name));
}
