/*
 * score_text.c
 *		Scores out of text, through the SQL functions: nps_parse_score(),
 *		nps_rejection(), nps_valid_score(), nps_is_unanswered() and the strict reading of
 *		aggregates agree with each other and with a reader of our own.
 *
 * The first byte of the input is the scale and the kind of header of the text.
 */
#include "fuzz.h"
#include "server.h"

#include "../../src/parse_score.c"
#include "../../src/scale.c"

/* not stored elsewhere, so nothing is cut */
struct varlena *
pg_detoast_datum_slice(struct varlena *datum pg_attribute_unused(), int32 first pg_attribute_unused(), int32 count pg_attribute_unused())
{
	abort();
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

/*
 * The number in the text as a reader would spell it: minus, digits, and perhaps a
 * point and more digits, with blanks around.  With anything else, not a number.
 */
static bool
plain_number(const uint8_t *text, size_t length, double *number, bool *has_point)
{
	char		spelt[512];
	size_t		at = 0;
	size_t		digits = 0;

	*has_point = false;
	while (length > 0 && is_space(text[length - 1]))
		length--;
	while (length > 0 && is_space(*text))
	{
		text++;
		length--;
	}
	if (length == 0 || length >= sizeof(spelt))
		return false;
	memcpy(spelt, text, length);
	spelt[length] = '\0';
	if (spelt[at] == '-')
		at++;
	while (spelt[at] >= '0' && spelt[at] <= '9')
		at++, digits++;
	if (digits == 0)
		return false;
	if (spelt[at] == '.')
	{
		*has_point = true;
		digits = 0;
		at++;
		while (spelt[at] >= '0' && spelt[at] <= '9')
			at++, digits++;
		if (digits == 0)
			return false;
	}
	/* a NUL in the text is no end */
	if (at != length)
		return false;
	*number = strtod(spelt, NULL);
	return true;
}

/* Is it blank, or a word for no answer?  Told by the C library. */
static bool
says_nothing(const uint8_t *text, size_t length)
{
	static const char *const words[] = {"", "-", "NA", "N/A", "NULL", "NONE", "NAN"};

	while (length > 0 && is_space(text[length - 1]))
		length--;
	while (length > 0 && is_space(*text))
	{
		text++;
		length--;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (length == strlen(words[i]) && strncasecmp((const char *) text, words[i], length) == 0)
			return true;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	uint8_t		how = take_byte(&input);
	NpsScaleId	id = NPS_FIRST_SCALE + how % NPS_LAST_SCALE;
	const NpsScale *scale = &nps_scale_table[id];
	Datum		string = PointerGetDatum(text_of(input.at, input.left, how & 128));
	Datum		name = PointerGetDatum(cstring_to_text(scale->name));
	Datum		result = 0;
	bool		is_score;
	int			score = 0;
	bool		counts;
	double		number = 0;
	bool		is_plain;
	bool		has_point;
	double		spelt = 0;
	bool		is_nothing = says_nothing(input.at, input.left);
	int			first_error;
	NpsValue	value = {0, false, true};

	is_plain = plain_number(input.at, input.left, &spelt, &has_point);

	CATCH(result = CALL2(nps_parse_score_scale, string, name));
	MUST(error_code == 0);
	is_score = !call_was_null;
	if (is_score)
	{
		char		printed[16];
		uint8_t    *bytes = (uint8_t *) printed;

		score = DatumGetInt16(result);
		MUST(score >= scale->min && score <= scale->max);
		/* what was read reads the same again */
		print_into_string(printed, sizeof(printed), score);
		CATCH(result = CALL2(nps_parse_score_scale, PointerGetDatum(text_of(bytes, strlen(printed), false)), name));
		MUST(error_code == 0 && !call_was_null && DatumGetInt16(result) == score);
	}
	if (is_plain && input.left < 15)
		MUST(is_score == (spelt >= scale->min && spelt <= scale->max && spelt == floor(spelt)));
	if (is_plain && is_score)
		MUST(spelt == score || input.left >= 15);
	/* words behind a number need the number */
	if (is_score && !is_plain)
		MUST(memchr(input.at, '0' + score % 10, input.left) != NULL);

	if (id == NPS_SCALE_NPS)
	{
		CATCH(result = CALL1(nps_parse_score, string));
		MUST(error_code == 0 && call_was_null == !is_score);
		MUST(call_was_null || DatumGetInt16(result) == score);
	}

	/* a score counts, or there is a reason that it does not */
	CATCH(result = CALL2(nps_valid_score_text, string, name));
	MUST(error_code == 0);
	counts = !call_was_null;
	number = counts ? DatumGetFloat8(result) : 0;
	CATCH(result = CALL2(nps_rejection_text, string, name));
	MUST(error_code == 0 && call_was_null == counts);
	if (is_score)
		MUST(counts);
	if (!call_was_null)
		MUST((strcmp(text_to_cstring(DatumGetTextPP(result)), "no answer") == 0) == is_nothing);
	if (counts)
	{
		MUST(number >= scale->min && number <= scale->max);
		MUST(!signbit(number));
		MUST(!scale->whole || number == floor(number));
		/* whatever counts is read, but for fractions, which a double may not show */
		MUST(is_score ? number == score : !scale->whole);
		if (is_plain)
			MUST(fabs(number - spelt) <= 1e-12);
		/* the band of the double is that of the text */
		nps_value_from_text((const char *) input.at, input.left, &value);
		MUST(nps_category_of(nps_value_from_double(number).whole, scale) == nps_category_of(value.whole, scale));
	}

	/* strict reading: what is a number and nothing else */
	CATCH((void) nps_value_from_strict_text(string));
	first_error = error_code;
	MUST(first_error == 0 || first_error == ERRCODE_INVALID_TEXT_REPRESENTATION);
	if (input.left < 500)
		MUST((first_error == 0) == is_plain);

	CATCH(result = CALL1(nps_has_comment, string));
	MUST(error_code == 0 && DatumGetBool(result) == !is_nothing);
	CATCH(result = CALL1(nps_is_unanswered_text, string));
	MUST(error_code == 0 && DatumGetBool(result) == is_nothing);

	/* the name of a scale is any text */
	CATCH(result = CALL2(nps_parse_score_scale, name, string));
	MUST(error_code == 0 || error_code == ERRCODE_INVALID_PARAMETER_VALUE);
	MUST((error_code == 0) == (nps_scale_by_name((const char *) input.at, input.left) != NPS_SCALE_NONE));

	free_all();
	return 0;
}
