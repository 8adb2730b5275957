/*
 * text.h
 *		What the readers of text share.  A text is bytes and a length, in any
 *		encoding of a server: all of them have ASCII as it is, and no byte of it in
 *		other characters.
 *
 * No fmgr, no ereport.
 */
#ifndef NPS_TEXT_H
#define NPS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool
nps_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
nps_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char
nps_to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
}

static inline bool
nps_is_letter(char c)
{
	c = nps_to_lower(c);
	return c >= 'a' && c <= 'z';
}

/* Leaves the blanks around a text out. */
static inline void
nps_trim(const char **text, size_t *length)
{
	while (*length > 0 && nps_is_blank((*text)[*length - 1]))
		(*length)--;
	while (*length > 0 && nps_is_blank(**text))
	{
		(*text)++;
		(*length)--;
	}
}

/* Is the text this word, given in lower case, in any case? */
static inline bool
nps_is_word(const char *text, size_t length, const char *word)
{
	if (strlen(word) != length)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if (nps_to_lower(text[i]) != word[i])
			return false;
	}
	return true;
}

#endif							/* NPS_TEXT_H */
