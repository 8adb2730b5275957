/*
 * parse_time.h
 *		The time in a text, in one of a few formats: the order of year, month and
 *		day is given and never guessed.
 *
 * What comes out is the time on the clock that the text was written by, and what
 * the text says of that clock.  No fmgr, no ereport: everything here can be
 * compiled, tested and fuzzed without a server.
 */
#ifndef NPS_PARSE_TIME_H
#define NPS_PARSE_TIME_H

#include "text.h"
#include "zone.h"

#define NPS_SECOND INT64_C(1000000)
#define NPS_DAY (86400 * NPS_SECOND)

/* Outside of these years a time is a mistake. */
#define NPS_FIRST_YEAR 1900
#define NPS_LAST_YEAR 2200

/* The first second of them, and the first one after them, from 1970. */
#define NPS_EPOCH_FIRST INT64_C(-2208988800)
#define NPS_EPOCH_END INT64_C(7289654400)

/* The day from 2000 on that spreadsheets call 0, and the first one that all of them agree on. */
#define NPS_SERIAL_ZERO INT64_C(-36526)
#define NPS_SERIAL_FIRST 61

/* A year of two digits is of this century. */
#define NPS_SHORT_YEARS_FROM 2000

/* Seconds from 1970 to 2000, from which all else is counted, as in the server. */
#define NPS_EPOCH_OF_2000 INT64_C(946684800)

typedef enum NpsTimeOrder
{
	NPS_ORDER_ISO,				/* YYYY-MM-DD with all its digits, or YYYYMMDD */
	NPS_ORDER_YMD,
	NPS_ORDER_DMY,
	NPS_ORDER_MDY,
	NPS_ORDER_DAY_NAME,			/* 5-Jul-2024: the month by its English name, a year of two digits too */
	NPS_ORDER_NAME_DAY,			/* Jul 5, 2024 */
	NPS_ORDER_EPOCH,			/* no date: seconds or milliseconds since 1970 */
	NPS_ORDER_SERIAL			/* nor here: days as spreadsheets count them, on the clock */
} NpsTimeOrder;

typedef struct NpsTimeFormat
{
	const char *name;
	NpsTimeOrder order;
	char		separator;
	int			year_digits;
} NpsTimeFormat;

#define NPS_TIME_FORMATS 16

static const NpsTimeFormat nps_time_formats[NPS_TIME_FORMATS] = {
	{"ISO 8601", NPS_ORDER_ISO, '-', 4},
	{"YYYY-MM-DD", NPS_ORDER_YMD, '-', 4},
	{"YYYY/MM/DD", NPS_ORDER_YMD, '/', 4},
	{"DD/MM/YYYY", NPS_ORDER_DMY, '/', 4},
	{"DD.MM.YYYY", NPS_ORDER_DMY, '.', 4},
	{"DD-MM-YYYY", NPS_ORDER_DMY, '-', 4},
	{"MM/DD/YYYY", NPS_ORDER_MDY, '/', 4},
	{"MM-DD-YYYY", NPS_ORDER_MDY, '-', 4},
	{"MM.DD.YYYY", NPS_ORDER_MDY, '.', 4},
	{"epoch", NPS_ORDER_EPOCH, '\0', 0},
	{"DD/MM/YY", NPS_ORDER_DMY, '/', 2},
	{"DD.MM.YY", NPS_ORDER_DMY, '.', 2},
	{"MM/DD/YY", NPS_ORDER_MDY, '/', 2},
	{"DD Mon YYYY", NPS_ORDER_DAY_NAME, '\0', 4},
	{"Mon DD YYYY", NPS_ORDER_NAME_DAY, '\0', 4},
	{"Excel serial", NPS_ORDER_SERIAL, '\0', 0},
};

typedef enum NpsClock
{
	NPS_CLOCK_OF_ZONE,			/* the text says nothing of it */
	NPS_CLOCK_OFFSET,			/* so many minutes ahead of UTC */
	NPS_CLOCK_ABBREVIATION		/* a name that the zone has for it, such as CEST */
} NpsClock;

/* The longest abbreviation that is read, in letters. */
#define NPS_ABBREVIATION_LENGTH 6

typedef struct NpsTime
{
	int64_t		local;			/* on the clock, in microseconds from 2000-01-01 */
	NpsClock	clock;
	int32_t		offset;
	char		abbreviation[NPS_ABBREVIATION_LENGTH + 1];	/* in upper case */
} NpsTime;

/* A text that is read from front to end. */
typedef struct NpsReader
{
	const char *at;
	const char *end;
} NpsReader;

static inline const NpsTimeFormat *
nps_time_format_by_name(const char *name, size_t length)
{
	for (int i = 0; i < NPS_TIME_FORMATS; i++)
	{
		const char *candidate = nps_time_formats[i].name;

		if (strlen(candidate) == length && memcmp(candidate, name, length) == 0)
			return &nps_time_formats[i];
	}
	return NULL;
}

static inline bool
nps_is_leap_year(int32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int32_t
nps_days_of_month(int32_t year, int32_t month)
{
	static const int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && nps_is_leap_year(year) ? 29 : days[month - 1];
}

/* The day from 2000-01-01 of a date from 1900 on; false if it is invalid or out of range. */
static inline bool
nps_day_of_date(int32_t year, int32_t month, int32_t day, int64_t *result)
{
	/* days of the months before, as if February were the last one */
	static const int16_t before[12] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
	int32_t		of_march;

	if (year < NPS_FIRST_YEAR || year > NPS_LAST_YEAR || month < 1 || month > 12 ||
		day < 1 || day > nps_days_of_month(year, month))
		return false;
	/* years that begin in March, so that the day that leap years have is their last */
	of_march = month < 3 ? year - 1 : year;
	/* the 1st of March of the year 0 was day -730425 */
	*result = INT64_C(365) * of_march + of_march / 4 - of_march / 100 + of_march / 400 + before[month - 1] + (day - 1) - 730425;
	return true;
}

static inline bool
nps_read_char(NpsReader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* Reads blanks, with those that newer libraries put before AM and PM (U+202F in UTF-8); were there any? */
static inline bool
nps_read_blanks(NpsReader *reader)
{
	const char *start = reader->at;

	while (reader->at < reader->end)
	{
		if (nps_is_blank(*reader->at))
			reader->at++;
		else if (reader->end - reader->at >= 3 && memcmp(reader->at, "\xe2\x80\xaf", 3) == 0)
			reader->at += 3;
		else
			break;
	}
	return reader->at > start;
}

/* Reads a number of so many digits. */
static inline bool
nps_read_digits(NpsReader *reader, int fewest, int most, int32_t *number)
{
	int			count = 0;

	*number = 0;
	while (reader->at < reader->end && nps_is_digit(*reader->at) && count < most)
	{
		*number = *number * 10 + (*reader->at++ - '0');
		count++;
	}
	return count >= fewest;
}

/* Reads what is behind the decimal point or comma of seconds, rounded to this many decimal places, if there is one. */
static inline bool
nps_read_fraction(NpsReader *reader, int places, int64_t *fraction)
{
	int			count = 0;

	*fraction = 0;
	if (reader->at == reader->end || (*reader->at != '.' && *reader->at != ','))
		return true;
	reader->at++;
	for (; reader->at < reader->end && nps_is_digit(*reader->at); reader->at++)
	{
		if (count < places)
			*fraction = *fraction * 10 + (*reader->at - '0');
		else if (count == places && *reader->at >= '5')
			*fraction += 1;
		count++;
	}
	if (count == 0)
		return false;
	for (; count < places; count++)
		*fraction *= 10;
	return true;
}

/* Reads the English name of a month, in full or its first three letters. */
static inline bool
nps_read_month_name(NpsReader *reader, int32_t *month)
{
	static const char *const months[12] = {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"};
	const char *name = reader->at;
	size_t		length;

	while (reader->at < reader->end && nps_is_letter(*reader->at))
		reader->at++;
	length = reader->at - name;
	for (int i = 0; i < 12; i++)
	{
		if (nps_is_word(name, length, months[i]) ||
			(length == 3 && nps_to_lower(name[0]) == months[i][0] && nps_to_lower(name[1]) == months[i][1] && nps_to_lower(name[2]) == months[i][2]))
		{
			*month = i + 1;
			return true;
		}
	}
	return false;
}

/* Reads what may stand between the parts of a date with a named month: one of -/., or a comma, and blanks; or nothing. */
static inline void
nps_read_between(NpsReader *reader)
{
	if (reader->at < reader->end && (*reader->at == '-' || *reader->at == '/' || *reader->at == '.' || *reader->at == ','))
		reader->at++;
	nps_read_blanks(reader);
}

/* Reads a date whose month has its name: 5-Jul-24, 05JUL2024, Jul 5, 2024, with the day of the week before it or without. */
static inline bool
nps_read_named_date(NpsReader *reader, const NpsTimeFormat *format, int64_t *day)
{
	static const char *const weekdays[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	int32_t		year;
	int32_t		month;
	int32_t		day_of_month;
	const char *start;

	for (int i = 0; i < 7 && reader->end - reader->at >= 3; i++)
	{
		if (!nps_is_word(reader->at, 3, weekdays[i]))
			continue;
		reader->at += 3;
		while (reader->at < reader->end && nps_is_letter(*reader->at))
			reader->at++;
		nps_read_between(reader);
		break;
	}
	if (format->order == NPS_ORDER_NAME_DAY)
	{
		if (!nps_read_month_name(reader, &month))
			return false;
		nps_read_between(reader);
		if (!nps_read_digits(reader, 1, 2, &day_of_month))
			return false;
		start = reader->at;
		nps_read_between(reader);
		if (reader->at == start)
			return false;
	}
	else
	{
		if (!nps_read_digits(reader, 1, 2, &day_of_month))
			return false;
		nps_read_between(reader);
		if (!nps_read_month_name(reader, &month))
			return false;
		nps_read_between(reader);
	}
	start = reader->at;
	if (!nps_read_digits(reader, 2, 4, &year) || reader->at - start == 3 ||
		(reader->at < reader->end && nps_is_digit(*reader->at)))
		return false;
	return nps_day_of_date(reader->at - start == 2 ? NPS_SHORT_YEARS_FROM + year : year, month, day_of_month, day);
}

/* Reads a date. */
static inline bool
nps_read_date(NpsReader *reader, const NpsTimeFormat *format, int64_t *day)
{
	int32_t		field[3];
	bool		has_separators = true;

	if (format->order == NPS_ORDER_DAY_NAME || format->order == NPS_ORDER_NAME_DAY)
		return nps_read_named_date(reader, format, day);

	for (int i = 0; i < 3; i++)
	{
		bool		is_year = i == (format->order == NPS_ORDER_DMY || format->order == NPS_ORDER_MDY ? 2 : 0);

		if (i > 0 && has_separators && !nps_read_char(reader, format->separator))
		{
			/* YYYYMMDD */
			if (i > 1 || format->order != NPS_ORDER_ISO)
				return false;
			has_separators = false;
		}
		if (!has_separators)
		{
			if (reader->end - reader->at < 2 || !nps_is_digit(reader->at[0]) || !nps_is_digit(reader->at[1]))
				return false;
			field[i] = (reader->at[0] - '0') * 10 + (reader->at[1] - '0');
			reader->at += 2;
		}
		else if (!nps_read_digits(reader, is_year ? format->year_digits : format->order == NPS_ORDER_ISO ? 2 : 1, is_year ? format->year_digits : 2, &field[i]))
			return false;
		if (is_year && format->year_digits == 2)
			field[i] += NPS_SHORT_YEARS_FROM;
	}
	if (reader->at < reader->end && nps_is_digit(*reader->at))
		return false;
	switch (format->order)
	{
		case NPS_ORDER_DMY:
			return nps_day_of_date(field[2], field[1], field[0], day);
		case NPS_ORDER_MDY:
			return nps_day_of_date(field[2], field[0], field[1], day);
		default:
			return nps_day_of_date(field[0], field[1], field[2], day);
	}
}

/* Reads AM or PM, also written a.m. or p.m., if it is there. */
static inline void
nps_read_half_day(NpsReader *reader, bool *is_given, bool *is_pm)
{
	const char *at = reader->at;
	char		half;

	*is_given = false;
	if (at == reader->end)
		return;
	half = nps_to_lower(*at++);
	if (half != 'a' && half != 'p')
		return;
	if (at < reader->end && *at == '.')
		at++;
	if (at == reader->end || nps_to_lower(*at) != 'm')
		return;
	at++;
	/* the beginning of an abbreviation, such as AMT */
	if (at < reader->end && nps_is_letter(*at))
		return;
	if (at < reader->end && *at == '.')
		at++;
	reader->at = at;
	*is_given = true;
	*is_pm = half == 'p';
}

/* Reads the time of a day, in microseconds. */
static inline bool
nps_read_time_of_day(NpsReader *reader, const NpsTimeFormat *format, int64_t *time)
{
	int32_t		hour;
	int32_t		minute;
	int32_t		second = 0;
	int64_t		fraction = 0;
	char		separator = ':';
	bool		is_half_day;
	bool		is_pm;

	if (format->order == NPS_ORDER_ISO && reader->end - reader->at >= 4 &&
		nps_is_digit(reader->at[1]) && nps_is_digit(reader->at[2]))
	{
		/* HHMM or HHMMSS */
		int			count = 0;

		while (reader->at + count < reader->end && count < 7 && nps_is_digit(reader->at[count]))
			count++;
		if (count != 4 && count != 6)
			return false;
		hour = (reader->at[0] - '0') * 10 + (reader->at[1] - '0');
		minute = (reader->at[2] - '0') * 10 + (reader->at[3] - '0');
		if (count == 6)
			second = (reader->at[4] - '0') * 10 + (reader->at[5] - '0');
		reader->at += count;
		if (count == 6 && !nps_read_fraction(reader, 6, &fraction))
			return false;
	}
	else
	{
		if (!nps_read_digits(reader, 1, 2, &hour))
			return false;
		/* Finnish and Danish clocks, and Oracle's */
		if ((format->order == NPS_ORDER_DMY || format->order == NPS_ORDER_DAY_NAME) && reader->at < reader->end && *reader->at == '.')
			separator = '.';
		if (!nps_read_char(reader, separator) || !nps_read_digits(reader, 2, 2, &minute))
			return false;
		if (nps_read_char(reader, separator) &&
			(!nps_read_digits(reader, 2, 2, &second) || !nps_read_fraction(reader, 6, &fraction)))
			return false;
	}
	if (minute > 59 || second > 59)
		return false;

	nps_read_blanks(reader);
	nps_read_half_day(reader, &is_half_day, &is_pm);
	if (is_half_day)
	{
		if (hour < 1 || hour > 12)
			return false;
		hour = hour % 12 + (is_pm ? 12 : 0);
	}
	/* the end of a day */
	else if (hour > 24 || (hour == 24 && (minute > 0 || second > 0 || fraction > 0)))
		return false;
	*time = ((hour * 60 + minute) * INT64_C(60) + second) * NPS_SECOND + fraction;
	return true;
}

/* Reads what follows the time of day: Z, UTC, GMT, +03:00, GMT+3 or an abbreviation. */
static inline bool
nps_read_clock(NpsReader *reader, NpsTime *time)
{
	const char *name = reader->at;
	size_t		length;

	while (reader->at < reader->end && nps_is_letter(*reader->at))
		reader->at++;
	length = reader->at - name;
	if (length == 0 || nps_is_word(name, length, "z") || nps_is_word(name, length, "utc") || nps_is_word(name, length, "gmt"))
	{
		time->clock = NPS_CLOCK_OFFSET;
		time->offset = 0;
		if (reader->at == reader->end)
			return length > 0;
		return length != 1 && nps_read_signed_offset(reader->at, reader->end - reader->at, &time->offset);
	}
	if (reader->at < reader->end || length < 2 || length > NPS_ABBREVIATION_LENGTH)
		return false;
	time->clock = NPS_CLOCK_ABBREVIATION;
	for (size_t i = 0; i < length; i++)
		time->abbreviation[i] = name[i] >= 'a' ? (char) (name[i] - ('a' - 'A')) : name[i];
	time->abbreviation[length] = '\0';
	return true;
}

/* Reads seconds since 1970, or milliseconds if as seconds it would be too far off. */
static inline bool
nps_read_epoch(NpsReader *reader, NpsTime *time)
{
	bool		is_negative = nps_read_char(reader, '-');
	const char *start = reader->at;
	int64_t		whole = 0;
	int64_t		unit = NPS_SECOND;
	int64_t		fraction;

	while (reader->at < reader->end && nps_is_digit(*reader->at))
	{
		if (whole < 1000 * NPS_EPOCH_END)
			whole = whole * 10 + (*reader->at - '0');
		reader->at++;
	}
	if (reader->at == start)
		return false;
	if (is_negative ? whole > -NPS_EPOCH_FIRST : whole >= NPS_EPOCH_END)
	{
		unit = NPS_SECOND / 1000;
		if (whole > 1000 * NPS_EPOCH_END)
			return false;
	}
	if (!nps_read_fraction(reader, unit == NPS_SECOND ? 6 : 3, &fraction) || reader->at < reader->end)
		return false;
	whole = whole * unit + fraction;
	if (is_negative)
		whole = -whole;
	if (whole < NPS_EPOCH_FIRST * NPS_SECOND || whole >= NPS_EPOCH_END * NPS_SECOND)
		return false;
	time->local = whole - NPS_EPOCH_OF_2000 * NPS_SECOND;
	time->clock = NPS_CLOCK_OFFSET;
	time->offset = 0;
	return true;
}

/* Reads the days of a spreadsheet; their fraction is that of a day, exact to less than a millisecond. */
static inline bool
nps_read_serial(NpsReader *reader, NpsTime *time)
{
	int32_t		whole;
	int64_t		fraction;
	int64_t		last;

	if (!nps_read_digits(reader, 1, 6, &whole) || !nps_read_fraction(reader, 10, &fraction) || reader->at < reader->end ||
		!nps_day_of_date(NPS_LAST_YEAR, 12, 31, &last) || whole < NPS_SERIAL_FIRST || whole + NPS_SERIAL_ZERO > last)
		return false;
	/* ten places of a day are 8.64 microseconds */
	time->local = (whole + NPS_SERIAL_ZERO) * NPS_DAY + (fraction * 864 / 100 + 500) / 1000 * 1000;
	time->clock = NPS_CLOCK_OF_ZONE;
	return true;
}

/* Reads a text in the format; false if it does not fit, or is not a time of the years 1900 to 2200. */
static inline bool
nps_read_time(const char *text, size_t length, const NpsTimeFormat *format, NpsTime *time)
{
	NpsReader	reader;
	int64_t		day;
	int64_t		time_of_day;

	nps_trim(&text, &length);
	reader.at = text;
	reader.end = text + length;
	if (format->order == NPS_ORDER_EPOCH)
		return nps_read_epoch(&reader, time);
	if (format->order == NPS_ORDER_SERIAL)
		return nps_read_serial(&reader, time);
	if (!nps_read_date(&reader, format, &day))
		return false;
	time->local = day * NPS_DAY;
	time->clock = NPS_CLOCK_OF_ZONE;
	if (reader.at == reader.end)
		return true;

	/* between date and time: T, blanks, or a comma and blanks; SAS has a colon */
	if (format->order <= NPS_ORDER_YMD && (*reader.at == 'T' || *reader.at == 't'))
		reader.at++;
	else if (format->order == NPS_ORDER_DAY_NAME && *reader.at == ':')
		reader.at++;
	else
	{
		nps_read_char(&reader, ',');
		if (!nps_read_blanks(&reader))
			return false;
	}
	if (!nps_read_time_of_day(&reader, format, &time_of_day))
		return false;
	time->local += time_of_day;
	nps_read_blanks(&reader);
	/* browsers write the zone once more, in brackets */
	if (format->order == NPS_ORDER_NAME_DAY && reader.at < reader.end && reader.end[-1] == ')')
	{
		const char *bracket = memchr(reader.at, '(', reader.end - reader.at);

		if (bracket == NULL || bracket == reader.at || !nps_is_blank(bracket[-1]))
			return false;
		reader.end = bracket;
		while (nps_is_blank(reader.end[-1]))
			reader.end--;
	}
	return reader.at == reader.end || nps_read_clock(&reader, time);
}

#endif							/* NPS_PARSE_TIME_H */
