/*
 * zone.h
 *		What kind of text a supposed name of a time zone is, judging by its
 *		characters.
 *
 * The server accepts more than the names of zones.  POSIX rules, such as UTC+3,
 * count hours to the west, so that somebody who means 3 hours ahead is six hours
 * off.  Abbreviations, such as EST, have no daylight saving time, or stand for the
 * clock of one country.
 *
 * No fmgr, no ereport.
 */
#ifndef NPS_ZONE_H
#define NPS_ZONE_H

#include "text.h"

typedef enum NpsZoneKind
{
	NPS_ZONE_NAME,				/* may be a name; the server knows */
	NPS_ZONE_OFFSET,			/* hours from UTC, such as UTC+3, GMT-05:30, +03:00 or -3 */
	NPS_ZONE_RULE,				/* another POSIX rule */
	NPS_ZONE_ABBREVIATION
} NpsZoneKind;

/* Digits of hours and minutes: H, HH, HHMM, H:MM or HH:MM, and nothing after them. */
static inline bool
nps_read_offset(const char *text, size_t length, int32_t *minutes)
{
	int32_t		digits[4];
	size_t		count = 0;
	size_t		colon = 0;
	int32_t		hours;

	for (size_t at = 0; at < length; at++)
	{
		if (text[at] == ':' && colon == 0 && (count == 1 || count == 2))
			colon = count;
		else if (nps_is_digit(text[at]) && count < 4)
			digits[count++] = text[at] - '0';
		else
			return false;
	}
	if (colon != 0 ? count != colon + 2 : count == 0 || count == 3)
		return false;
	if (count <= 2)
	{
		hours = count == 2 ? digits[0] * 10 + digits[1] : digits[0];
		*minutes = hours * 60;
		return true;
	}
	hours = count == 4 ? digits[0] * 10 + digits[1] : digits[0];
	*minutes = digits[count - 2] * 10 + digits[count - 1];
	if (*minutes > 59)
		return false;
	*minutes += hours * 60;
	return true;
}

/*
 * Reads an offset as in ISO 8601: positive if ahead of UTC.  As in the server, no
 * clock is more than 15 hours from UTC.
 */
static inline bool
nps_read_signed_offset(const char *text, size_t length, int32_t *minutes)
{
	if (length == 0 || (*text != '+' && *text != '-') || !nps_read_offset(text + 1, length - 1, minutes) ||
		*minutes > 15 * 60 + 59)
		return false;
	if (*text == '-')
		*minutes = -*minutes;
	return true;
}

/* What the text is; for an offset, the minutes ahead of UTC that its author meant. */
static inline NpsZoneKind
nps_zone_kind(const char *name, size_t length, int32_t *minutes)
{
	/* the names with digits, besides Etc/GMT+1 and the like */
	static const char *const with_digits[] = {"gmt0", "gmt+0", "gmt-0", "est5edt", "cst6cdt", "mst7mdt", "pst8pdt"};
	/* the abbreviations that are also file names in the database */
	static const char *const abbreviations[] = {"est", "mst", "hst", "cet", "eet", "met", "wet"};
	bool		has_digit = false;
	bool		has_letters_only = true;

	for (size_t at = 0; at < length; at++)
	{
		has_digit |= nps_is_digit(name[at]);
		has_letters_only &= nps_is_letter(name[at]);
	}
	if (!has_digit)
	{
		if (!has_letters_only)
			return NPS_ZONE_NAME;
		for (size_t i = 0; i < sizeof(abbreviations) / sizeof(abbreviations[0]); i++)
		{
			if (nps_is_word(name, length, abbreviations[i]))
				return NPS_ZONE_ABBREVIATION;
		}
		return NPS_ZONE_NAME;
	}
	for (size_t i = 0; i < sizeof(with_digits) / sizeof(with_digits[0]); i++)
	{
		if (nps_is_word(name, length, with_digits[i]))
			return NPS_ZONE_NAME;
	}
	if (length > 3 && (nps_is_word(name, 3, "utc") || nps_is_word(name, 3, "gmt")))
		return nps_read_signed_offset(name + 3, length - 3, minutes) ? NPS_ZONE_OFFSET : NPS_ZONE_RULE;
	/* Etc/GMT-14 to Etc/GMT+12, and Etc/GMT0; the same without Etc was handled above */
	if (length > 7 && nps_is_word(name, 7, "etc/gmt"))
	{
		if (nps_is_word(name + 7, length - 7, "0"))
			return NPS_ZONE_NAME;
		if (nps_read_signed_offset(name + 7, length - 7, minutes) && length <= 10 &&
			*minutes >= -14 * 60 && *minutes <= 12 * 60 && !(length == 10 && name[8] == '0'))
			return NPS_ZONE_NAME;
		return NPS_ZONE_RULE;
	}
	return nps_read_signed_offset(name, length, minutes) ? NPS_ZONE_OFFSET : NPS_ZONE_RULE;
}

#endif							/* NPS_ZONE_H */
