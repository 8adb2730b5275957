/*
 * html.c
 *		Text of others within a page.
 */
#include "nps.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* What stands for a character that is not one. */
#define REPLACEMENT 0xFFFD

static void
append_character(StringInfo page, pg_wchar c)
{
	/* of those with a meaning in HTML, none is left; browsers read references to C1 as something else */
	if (c < 0x20 && c != '\t' && c != '\n')
		appendStringInfoChar(page, ' ');
	else if (c >= 0x7F && c < 0xA0)
		appendStringInfoChar(page, ' ');
	else if (c >= 0xA0 || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c == '`' || c == '=')
		appendStringInfo(page, "&#%u;", (unsigned int) c);
	else
		appendStringInfoChar(page, (char) c);
}

/*
 * nps_html(value text) returns text
 *
 * The text escaped for an HTML page, for attributes too.  All of the result is
 * ASCII: a page is the same in whatever encoding it is sent or kept.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_html);
Datum
nps_html(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	int			length = VARSIZE_ANY_EXHDR(value);
	unsigned char *utf8 = (unsigned char *) VARDATA_ANY(value);
	StringInfoData page;

	/* a database in SQL_ASCII does not know what its bytes mean; this one leaves them as they are */
	if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII)
	{
		unsigned char *converted = pg_do_encoding_conversion(utf8, length, GetDatabaseEncoding(), PG_UTF8);

		if (converted != utf8)
		{
			utf8 = converted;
			length = strlen((char *) converted);
		}
	}
	initStringInfo(&page);
	for (int i = 0; i < length;)
	{
		int			width = pg_utf_mblen(utf8 + i);

		if (i + width > length || !pg_utf8_islegal(utf8 + i, width))
		{
			append_character(&page, REPLACEMENT);
			i++;
			continue;
		}
		append_character(&page, utf8_to_unicode(utf8 + i));
		i += width;
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(page.data, page.len));
}
