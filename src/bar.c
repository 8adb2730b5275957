/*
 * bar.c
 *		The shares of a tally as a line of text.
 */
#include "nps.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "bar.h"

#define MAX_WIDTH 1000

/* Each as many columns wide as characters, in every font that has them. */
static const char *const blocks[NPS_CATEGORIES] = {
	[NPS_DETRACTOR] = "\342\226\223",	/* U+2593 dark shade */
	[NPS_PASSIVE] = "\342\226\221",	/* U+2591 light shade */
	[NPS_PROMOTER] = "\342\226\210"	/* U+2588 full block */
};
static const char *const signs[NPS_CATEGORIES] = {
	[NPS_DETRACTOR] = "-",
	[NPS_PASSIVE] = ".",
	[NPS_PROMOTER] = "+"
};

/*
 * nps_bar(tally nps_tally, width integer DEFAULT 40) returns text
 *
 * Detractors, passives and promoters as so many characters; NULL without answers.
 * Blocks where server and client speak UTF-8, ASCII elsewhere.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_bar);
Datum
nps_bar(PG_FUNCTION_ARGS)
{
	NpsTotals	totals = nps_totals(PG_GETARG_NPS_TALLY(0));
	int32		width = PG_GETARG_INT32(1);
	bool		is_unicode = GetDatabaseEncoding() == PG_UTF8 && pg_get_client_encoding() == PG_UTF8;
	int			length[NPS_CATEGORIES];
	StringInfoData bar;

	if (width < 1 || width > MAX_WIDTH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("width must be from 1 to %d, not \"%d\"", MAX_WIDTH, width)));
	if (totals.responses == 0)
		PG_RETURN_NULL();
	nps_share_out(totals.category, width, length);
	initStringInfo(&bar);
	for (int category = 0; category < NPS_CATEGORIES; category++)
	{
		for (int i = 0; i < length[category]; i++)
			appendStringInfoString(&bar, is_unicode ? blocks[category] : signs[category]);
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(bar.data, bar.len));
}
