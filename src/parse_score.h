/*
 * parse_score.h
 *		The score in a text, as people and tools write it, and the ways in which
 *		they write that there is none.
 *
 * No fmgr, no ereport: everything here can be compiled, tested and fuzzed
 * without a server.
 */
#ifndef NPS_PARSE_SCORE_H
#define NPS_PARSE_SCORE_H

#include "scale.h"
#include "text.h"

typedef enum NpsTextKind
{
	NPS_TEXT_UNANSWERED,		/* nothing, or a word for it */
	NPS_TEXT_NO_SCORE,			/* something that is not a number */
	NPS_TEXT_NUMBER,			/* digits, perhaps with a decimal part */
	NPS_TEXT_LABELLED			/* digits, and the words of the answer behind */
} NpsTextKind;

/* The longest of the words below. */
#define NPS_UNANSWERED_LENGTH 4

/*
 * Does the text say that nothing was answered: is it blank, or what spreadsheets,
 * data frames and people put into an empty cell?  The one list of such words.
 */
static inline bool
nps_is_unanswered(const char *text, size_t length)
{
	static const char *const words[] = {"na", "n/a", "null", "none", "nan", "-"};

	nps_trim(&text, &length);
	if (length == 0)
		return true;
	if (length > NPS_UNANSWERED_LENGTH)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (nps_is_word(text, length, words[i]))
			return true;
	}
	return false;
}

/* Is this the name of a month, which a spreadsheet makes of "10-10": "10-Oct", "10-Oct-20"? */
static inline bool
nps_is_month(const char *text, size_t length)
{
	static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};

	if (length < 3 || (length > 3 && nps_is_letter(text[3])))
		return false;
	for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++)
	{
		if (nps_is_word(text, 3, months[i]))
			return true;
	}
	return false;
}

/*
 * Is this the words behind a score, as form tools export them: "10 - Extremely
 * likely", "10-very", "10: very", "10(very)", "10 [very]"?  The words may not
 * begin like another number, or what is left of one: "9 - 10" is not an answer.
 */
static inline bool
nps_is_label(const char *text, size_t length)
{
	static const char no_beginning[] = "-+.,:/%)]";
	size_t		at = 0;
	bool		is_dash = false;

	while (at < length && nps_is_blank(text[at]))
		at++;
	if (at == length)
		return false;
	if (text[at] == '(' || text[at] == '[' || text[at] == ':')
		at++;
	else if (text[at] == '-')
	{
		is_dash = true;
		at++;
	}
	/* en and em dash in UTF-8; in other encodings these bytes are not dashes */
	else if (length - at >= 3 && memcmp(text + at, "\xe2\x80", 2) == 0 &&
			 (text[at + 2] == '\x93' || text[at + 2] == '\x94'))
		at += 3;
	else
		return false;
	while (at < length && nps_is_blank(text[at]))
		at++;
	if (at == length || nps_is_digit(text[at]) || memchr(no_beginning, text[at], sizeof(no_beginning) - 1) != NULL)
		return false;
	return !(is_dash && nps_is_month(text + at, length - at));
}

/*
 * Reads a score: surrounding blanks, a minus sign, ASCII digits, and behind them
 * either a decimal part or the words of the answer.  Sets *value when the kind is
 * one of the last two.
 */
static inline NpsTextKind
nps_value_from_text(const char *text, size_t length, NpsValue *value)
{
	NpsTextKind kind = NPS_TEXT_NUMBER;
	bool		negative = false;
	int64_t		whole = 0;
	bool		fraction = false;
	size_t		at = 0;

	nps_trim(&text, &length);
	if (nps_is_unanswered(text, length))
		return NPS_TEXT_UNANSWERED;
	if (text[at] == '-')
	{
		negative = true;
		at++;
	}
	if (at == length || !nps_is_digit(text[at]))
		return NPS_TEXT_NO_SCORE;
	for (; at < length && nps_is_digit(text[at]); at++)
	{
		if (whole <= INT32_MAX)
			whole = whole * 10 + (text[at] - '0');
	}
	if (at < length && text[at] == '.')
	{
		at++;
		if (at == length)
			return NPS_TEXT_NO_SCORE;
		for (; at < length && nps_is_digit(text[at]); at++)
			fraction |= text[at] != '0';
		if (at < length)
			return NPS_TEXT_NO_SCORE;
	}
	else if (at < length)
	{
		if (!nps_is_label(text + at, length - at))
			return NPS_TEXT_NO_SCORE;
		kind = NPS_TEXT_LABELLED;
	}

	/* what is not above -0.5 is -1 */
	if (negative)
		whole = fraction ? -whole - 1 : -whole;
	*value = nps_value_from_int64(whole);
	value->fraction = fraction;
	return kind;
}

#endif							/* NPS_PARSE_SCORE_H */
