/*
 * parse_score.c
 *		Scores out of text and numeric, what is wrong with one, and the errors.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "parse_score.h"

/*
 * The value of a numeric, from its decimal digits: nothing is rounded on the
 * way, as it would be through double precision.
 */
NpsValue
nps_value_from_numeric(Datum number)
{
	NpsValue	value = {0, false, false};
	char	   *digits;

	if (numeric_is_nan(DatumGetNumeric(number)))
		return value;
	if (numeric_is_inf(DatumGetNumeric(number)))
		return nps_value_from_int64(PG_INT64_MAX);
	digits = DatumGetCString(DirectFunctionCall1(numeric_out, number));
	nps_value_from_text(digits, strlen(digits), &value);
	value.is_number = true;
	pfree(digits);
	return value;
}

/* The number in a text: anything else, or words after it, is an error (22P02). */
NpsValue
nps_value_from_strict_text(Datum string)
{
	text	   *score = DatumGetTextPP(string);
	NpsValue	value = {0, false, true};
	NpsTextKind kind = nps_value_from_text(VARDATA_ANY(score), VARSIZE_ANY_EXHDR(score), &value);

	if (unlikely(kind != NPS_TEXT_NUMBER))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for a score: \"%s\"", text_to_cstring(score)),
				 errhint("Use nps_parse_score() to read the answers out of text and to skip what is not an answer.")));
	return value;
}

/* Reports why a score is not one of the scale; score is a datum of that type. */
void
nps_score_error(Datum score, Oid type, NpsVerdict verdict, NpsScaleId id)
{
	const NpsScale *scale = &nps_scale_table[id];
	const char *scale_argument = id == NPS_SCALE_NPS ? "" : psprintf(", '%s'", scale->name);
	Oid			output;
	bool		is_varlena;
	char	   *shown;
	char	   *condition;

	getTypeOutputInfo(type, &output, &is_varlena);
	shown = OidOutputFunctionCall(output, score);
	/* what leaves such a score out, and works for the type */
	if (type == TEXTOID)
		condition = psprintf("nps_parse_score(score%s) IS NOT NULL", scale_argument);
	else if (verdict == NPS_OUT_OF_RANGE)
		condition = psprintf("score BETWEEN %d AND %d", scale->min, scale->max);
	else
		condition = psprintf("nps_points(score%s) IS NOT NULL", scale_argument);
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 verdict == NPS_OUT_OF_RANGE
			 ? errmsg("score \"%s\" is out of range %d to %d", shown, scale->min, scale->max)
			 : errmsg("score \"%s\" is not a %s from %d to %d", shown,
					  scale->whole ? "whole number" : "number", scale->min, scale->max),
			 errdetail("The scale is \"%s\".", scale->name),
			 errhint("Leave out what is not an answer, as in FILTER (WHERE %s).", condition)));
}

/* The score in a text, read as a person would; NULL (false) if there is none on the scale. */
static bool
parse_score(text *string, const NpsScale *scale, int16 *score)
{
	NpsValue	value = {0, false, true};
	NpsTextKind kind = nps_value_from_text(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string), &value);

	if (kind == NPS_TEXT_UNANSWERED || kind == NPS_TEXT_NO_SCORE)
		return false;
	/* the result is a smallint: a health score with a fraction does not fit */
	if (value.fraction || nps_judge(value, scale) != NPS_VALID)
		return false;
	*score = (int16) value.whole;
	return true;
}

/*
 * nps_parse_score(text) returns smallint
 *
 * The answer 0 to 10 that the text holds: "9", " 9 ", "09", "9.0",
 * "9 - Very likely".  NULL for anything else; never an error.
 */
PG_FUNCTION_INFO_V1(nps_parse_score);
Datum
nps_parse_score(PG_FUNCTION_ARGS)
{
	int16		score;

	if (!parse_score(PG_GETARG_TEXT_PP(0), &nps_scale_table[NPS_SCALE_NPS], &score))
		PG_RETURN_NULL();
	PG_RETURN_INT16(score);
}

/* nps_parse_score(text, scale text): the same for any scale.  An unknown scale is an error. */
PG_FUNCTION_INFO_V1(nps_parse_score_scale);
Datum
nps_parse_score_scale(PG_FUNCTION_ARGS)
{
	NpsScaleId	scale = nps_scale_from_text(PG_GETARG_TEXT_PP(1));
	int16		score;

	if (!parse_score(PG_GETARG_TEXT_PP(0), &nps_scale_table[scale], &score))
		PG_RETURN_NULL();
	PG_RETURN_INT16(score);
}

/* What reports think of a raw score that is a text. */
static NpsVerdict
judge_text(text *string, const NpsScale *scale, NpsValue *value, bool *unanswered)
{
	NpsTextKind kind = nps_value_from_text(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string), value);

	*unanswered = kind == NPS_TEXT_UNANSWERED;
	if (kind == NPS_TEXT_UNANSWERED || kind == NPS_TEXT_NO_SCORE)
		return NPS_NOT_A_NUMBER;
	return nps_judge(*value, scale);
}

/* A verdict in the words of the view not_counted; NULL for a valid score. */
static Datum
rejection(FunctionCallInfo fcinfo, NpsVerdict verdict)
{
	switch (verdict)
	{
		case NPS_VALID:
			break;
		case NPS_NOT_A_NUMBER:
			return CStringGetTextDatum("not a number");
		case NPS_NOT_WHOLE:
			return CStringGetTextDatum("not whole");
		case NPS_OUT_OF_RANGE:
			return CStringGetTextDatum("out of range");
	}
	PG_RETURN_NULL();
}

/*
 * nps_rejection(T, scale text) returns text
 *
 * Why a raw score does not count: "no answer" (NULL, and text that says so), "not a
 * number", "not whole", "out of range"; NULL if it counts.  Never fails on a
 * score; an unknown scale is an error.
 */
#define DEFINE_REJECTION(suffix, value_of_n) \
PG_FUNCTION_INFO_V1(nps_rejection_##suffix); \
Datum \
nps_rejection_##suffix(PG_FUNCTION_ARGS) \
{ \
	const int	n = 0; \
\
	if (PG_ARGISNULL(1)) \
		PG_RETURN_NULL(); \
	if (PG_ARGISNULL(n)) \
		PG_RETURN_DATUM(CStringGetTextDatum(NPS_NO_ANSWER)); \
	return rejection(fcinfo, nps_judge(value_of_n, &nps_scale_table[nps_scale_from_text(PG_GETARG_TEXT_PP(1))])); \
}

DEFINE_REJECTION(float8, nps_value_from_double(PG_GETARG_FLOAT8(n)))
DEFINE_REJECTION(numeric, nps_value_from_numeric(PG_GETARG_DATUM(n)))

PG_FUNCTION_INFO_V1(nps_rejection_text);
Datum
nps_rejection_text(PG_FUNCTION_ARGS)
{
	NpsValue	value = {0, false, true};
	NpsVerdict	verdict = NPS_NOT_A_NUMBER;
	bool		unanswered = true;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(0))
		verdict = judge_text(PG_GETARG_TEXT_PP(0),
							 &nps_scale_table[nps_scale_from_text(PG_GETARG_TEXT_PP(1))],
							 &value, &unanswered);
	if (unanswered)
		PG_RETURN_DATUM(CStringGetTextDatum(NPS_NO_ANSWER));
	return rejection(fcinfo, verdict);
}

/*
 * A valid score of that value as a double.  Where rounding would lift it into
 * the next band (34.99999999999999999999 is not 35), it stays below; and -0 is 0.
 */
static double
score_as_double(double nearest, NpsValue value)
{
	return floor(nearest) == (double) value.whole ? nearest + 0.0 : nextafter(nearest, -INFINITY);
}

/*
 * nps_valid_score(T, scale text) returns double precision
 *
 * The score if it counts, else NULL.  STRICT.  Never fails on a score; an
 * unknown scale is an error.
 */
PG_FUNCTION_INFO_V1(nps_valid_score_float8);
Datum
nps_valid_score_float8(PG_FUNCTION_ARGS)
{
	const NpsScale *scale = &nps_scale_table[nps_scale_from_text(PG_GETARG_TEXT_PP(1))];
	double		score = PG_GETARG_FLOAT8(0);
	NpsValue	value = nps_value_from_double(score);

	if (nps_judge(value, scale) != NPS_VALID)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score_as_double(score, value));
}

PG_FUNCTION_INFO_V1(nps_valid_score_numeric);
Datum
nps_valid_score_numeric(PG_FUNCTION_ARGS)
{
	const NpsScale *scale = &nps_scale_table[nps_scale_from_text(PG_GETARG_TEXT_PP(1))];

	NpsValue	value = nps_value_from_numeric(PG_GETARG_DATUM(0));
	double		nearest;

	if (nps_judge(value, scale) != NPS_VALID)
		PG_RETURN_NULL();
	nearest = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, PG_GETARG_DATUM(0)));
	PG_RETURN_FLOAT8(score_as_double(nearest, value));
}

PG_FUNCTION_INFO_V1(nps_valid_score_text);
Datum
nps_valid_score_text(PG_FUNCTION_ARGS)
{
	text	   *string = PG_GETARG_TEXT_PP(0);
	const NpsScale *scale = &nps_scale_table[nps_scale_from_text(PG_GETARG_TEXT_PP(1))];
	NpsValue	value = {0, false, true};
	bool		unanswered;

	if (judge_text(string, scale, &value, &unanswered) != NPS_VALID)
		PG_RETURN_NULL();
	if (value.fraction)
		PG_RETURN_FLOAT8(score_as_double(strtod(text_to_cstring(string), NULL), value));
	PG_RETURN_FLOAT8((double) value.whole);
}

/* How much of a long comment is read first. */
#define COMMENT_BEGINNING 256

/* Is there anything to read in the text?  Of a long one most often the beginning tells. */
bool
nps_is_comment(Datum comment)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(comment);
	bool		all = !VARATT_IS_COMPRESSED(stored) && !VARATT_IS_EXTERNAL(stored);
	text	   *read = all ? DatumGetTextPP(comment) : DatumGetTextPSlice(comment, 0, COMMENT_BEGINNING);

	if (!all)
	{
		const char *beginning = VARDATA_ANY(read);
		size_t		length = VARSIZE_ANY_EXHDR(read);

		/* so little in it may be the beginning of a word, or a word behind which something follows */
		nps_trim(&beginning, &length);
		if (length <= NPS_UNANSWERED_LENGTH)
			read = DatumGetTextPP(comment);
	}
	return !nps_is_unanswered(VARDATA_ANY(read), VARSIZE_ANY_EXHDR(read));
}

/*
 * nps_has_comment(text) returns boolean
 *
 * Whether there is anything to read in a comment.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_has_comment);
Datum
nps_has_comment(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(nps_is_comment(PG_GETARG_DATUM(0)));
}

/*
 * nps_is_unanswered(text) returns boolean
 *
 * Whether the text is blank or a word for no answer.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_is_unanswered_text);
Datum
nps_is_unanswered_text(PG_FUNCTION_ARGS)
{
	text	   *string = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(nps_is_unanswered(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string)));
}
