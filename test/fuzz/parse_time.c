/*
 * parse_time.c
 *		Times out of text: what is read is a time of the years 1900 to 2200, is the
 *		date that the C library makes of the same digits, and reads the same again;
 *		and what a text may name as a zone is one thing only.
 *
 * The first byte of the input is the format.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <time.h>

#include "../../src/parse_time.h"

/* The numbers in the text, as sscanf() sees them; false where it is not written in that order. */
static bool
scan(const char *text, const NpsTimeFormat *format, struct tm *date)
{
	int			field[3];
	char		separator[2];

	/* the C library reads names of months in fewer spellings */
	if (format->order == NPS_ORDER_DAY_NAME || format->order == NPS_ORDER_NAME_DAY)
		return false;
	while (nps_is_blank(*text))
		text++;
	if (format->order == NPS_ORDER_ISO && strcspn(text, "-") >= 8)
		return sscanf(text, "%4d%2d%2d", &date->tm_year, &date->tm_mon, &date->tm_mday) == 3;
	if (sscanf(text, "%d%c%d%c%d", &field[0], &separator[0], &field[1], &separator[1], &field[2]) != 5)
		return false;
	/* a minus sign before a number is the separator before it */
	MUST(separator[0] == format->separator && separator[1] == format->separator);
	date->tm_year = format->order <= NPS_ORDER_YMD ? field[0] : field[2];
	if (format->year_digits == 2)
		date->tm_year += NPS_SHORT_YEARS_FROM;
	date->tm_mon = format->order == NPS_ORDER_MDY ? field[0] : field[1];
	date->tm_mday = format->order <= NPS_ORDER_YMD ? field[2] : format->order == NPS_ORDER_MDY ? field[1] : field[0];
	return true;
}

static void
check_same(const char *text, const NpsTimeFormat *format, const NpsTime *time)
{
	NpsTime		again;

	MUST(nps_read_time(text, strlen(text), format, &again));
	MUST(again.local == time->local);
}

static void
check_time(const char *text, const NpsTimeFormat *format, const NpsTime *time)
{
	int64_t		seconds = time->local / NPS_SECOND + NPS_EPOCH_OF_2000;
	int64_t		fraction = time->local % NPS_SECOND;
	time_t		at;
	struct tm	fields;
	struct tm	scanned = {0};
	char		printed[80];

	if (fraction < 0)
	{
		fraction += NPS_SECOND;
		seconds--;
	}
	at = (time_t) seconds;
	MUST(seconds >= NPS_EPOCH_FIRST && seconds <= NPS_EPOCH_END);
	MUST(gmtime_r(&at, &fields) != NULL);

	if (format->year_digits > 0 && scan(text, format, &scanned))
	{
		/* 24:00 and 23:59:59.9999999 are the next day */
		scanned.tm_year -= 1900;
		scanned.tm_mon--;
		at = timegm(&scanned);
		MUST(scanned.tm_mon >= 0 && time->local - ((int64_t) at - NPS_EPOCH_OF_2000) * NPS_SECOND >= 0);
		MUST(time->local - ((int64_t) at - NPS_EPOCH_OF_2000) * NPS_SECOND <= NPS_DAY);
	}
	if (seconds == NPS_EPOCH_END)
		return;

	/* what was read is read again from each format */
	for (int i = 0; i < NPS_TIME_FORMATS; i++)
	{
		static const char *const patterns[NPS_TIME_FORMATS] = {
			"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d, %I:%M:%S %p", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H.%M.%S",
			"%d-%m-%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%m-%d-%Y %H:%M:%S", "%m.%d.%Y %H:%M:%S",
			NULL, "%d/%m/%y %H:%M:%S", "%d.%m.%y %H:%M:%S", "%m/%d/%y %I:%M:%S %p", "%d-%b-%Y %H:%M:%S", "%a, %B %d, %Y %I:%M:%S %p", NULL};

		if (nps_time_formats[i].year_digits == 2 &&
			(fields.tm_year + 1900 < NPS_SHORT_YEARS_FROM || fields.tm_year + 1900 > NPS_SHORT_YEARS_FROM + 99))
			continue;
		if (nps_time_formats[i].order == NPS_ORDER_SERIAL)
		{
			int64_t		days = (time->local - fraction) / NPS_DAY - (time->local - fraction < 0 && (time->local - fraction) % NPS_DAY != 0) - NPS_SERIAL_ZERO;

			/* twelve places of a day are less than a microsecond */
			snprintf(printed, sizeof(printed), "%.12f", days + (fields.tm_hour * 3600 + fields.tm_min * 60 + fields.tm_sec) / 86400.0);
			if (fraction == 0 && days >= NPS_SERIAL_FIRST)
				check_same(printed, &nps_time_formats[i], time);
		}
		else if (patterns[i] == NULL)
		{
			/* seconds that are few enough to be milliseconds are not written as such */
			snprintf(printed, sizeof(printed), "%lld", (long long) seconds);
			if (fraction == 0)
				check_same(printed, &nps_time_formats[i], time);
		}
		else if (fraction == 0)
		{
			MUST(strftime(printed, sizeof(printed), patterns[i], &fields) > 0);
			check_same(printed, &nps_time_formats[i], time);
		}
		else if (i < 2)
		{
			size_t		length = strftime(printed, sizeof(printed), patterns[i], &fields);

			snprintf(printed + length, sizeof(printed) - length, ".%06lldZ", (long long) fraction);
			check_same(printed, &nps_time_formats[i], time);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		input = {data, size};
	const NpsTimeFormat *format = &nps_time_formats[take_byte(&input) % NPS_TIME_FORMATS];
	/* of just that many bytes, so that a step beyond is seen */
	char	   *text = malloc(input.left + 1);
	char	   *exact = malloc(input.left > 0 ? input.left : 1);
	NpsTime		time;
	NpsTime		again;
	int32_t		minutes = 0;
	int32_t		expected;
	char		sign;
	int			hours;
	int			rest;
	int			end = 0;

	MUST(text != NULL && exact != NULL);
	memcpy(exact, input.at, input.left);
	memcpy(text, input.at, input.left);
	text[input.left] = '\0';

	memset(&time, 0, sizeof(time));
	if (nps_read_time(exact, input.left, format, &time))
	{
		switch (time.clock)
		{
			case NPS_CLOCK_OF_ZONE:
				break;
			case NPS_CLOCK_OFFSET:
				MUST(abs(time.offset) < 16 * 60);
				break;
			case NPS_CLOCK_ABBREVIATION:
				MUST(strlen(time.abbreviation) >= 2 && strlen(time.abbreviation) <= NPS_ABBREVIATION_LENGTH);
				MUST(strspn(time.abbreviation, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(time.abbreviation));
				break;
		}
		/* in brackets at the end anything may stand; the server has no text with such a byte */
		MUST(strlen(text) == input.left || memchr(text, '(', strlen(text)) != NULL);
		check_time(text, format, &time);
		/* a byte behind it may add to it, but never lets two formats agree by reading on */
		MUST(nps_read_time(text, input.left, format, &again) && again.local == time.local && again.clock == time.clock);
	}

	/* zones: an offset is what sscanf() reads */
	switch (nps_zone_kind(exact, input.left, &minutes))
	{
		case NPS_ZONE_OFFSET:
			MUST(minutes > -16 * 60 && minutes < 16 * 60);
			if (sscanf(text + strcspn(text, "+-"), "%c%2d:%2d%n", &sign, &hours, &rest, &end) == 3 && text[strcspn(text, "+-") + end] == '\0')
			{
				expected = hours * 60 + rest;
				MUST(minutes == (sign == '-' ? -expected : expected));
			}
			break;
		case NPS_ZONE_ABBREVIATION:
			MUST(input.left == 3);
			break;
		case NPS_ZONE_NAME:
			/* no digits but those of a few names */
			if (strpbrk(text, "123456789") != NULL && strlen(text) == input.left)
				MUST(strncasecmp(text, "Etc/GMT", 7) == 0 || input.left == 7);
			break;
		case NPS_ZONE_RULE:
			break;
	}
	free(text);
	free(exact);
	return 0;
}
