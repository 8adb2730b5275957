/*
 * scale.c
 *		Scales by name, and the list of them.
 */
#include "nps.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

/* The scale of that name; an unknown name is an error that lists the known ones. */
NpsScaleId
nps_scale_from_text(text *name)
{
	NpsScaleId	id = nps_scale_by_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	StringInfoData known;

	if (likely(id != NPS_SCALE_NONE))
		return id;

	initStringInfo(&known);
	for (int other = NPS_FIRST_SCALE; other <= NPS_LAST_SCALE; other++)
		appendStringInfo(&known, "%s%s", other == NPS_FIRST_SCALE ? "" : ", ", nps_scale_table[other].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown scale \"%s\"", text_to_cstring(name)),
			 errhint("The scales are %s.", known.data)));
}

/* The scores of a category, in words: "0-6", or "35 to < 70" where fractions count. */
static Datum
describe_category(const NpsScale *scale, NpsCategory category)
{
	bool		low = category == (scale->reversed ? NPS_PROMOTER : NPS_DETRACTOR);
	int			from = low ? scale->min : (category == NPS_PASSIVE ? scale->middle_from : scale->high_from);
	int			below = low ? scale->middle_from : (category == NPS_PASSIVE ? scale->high_from : scale->max + 1);
	char	   *words;

	if (!scale->whole)
		words = below > scale->max ? psprintf("%d to %d", from, scale->max) : psprintf("%d to < %d", from, below);
	else if (below - from == 1)
		words = psprintf("%d", from);
	else
		words = psprintf("%d-%d", from, below - 1);
	return CStringGetTextDatum(words);
}

/*
 * nps_scales() returns setof (scale text, min_score smallint, max_score smallint,
 * whole_scores_only boolean, reversed boolean, satisfaction boolean, detractor text,
 * passive text, promoter text)
 *
 * One row for each scale, with the scores of each category in words.  Reversed: a
 * lower score is a better one; satisfaction: a promoter is a satisfied customer.
 */
PG_FUNCTION_INFO_V1(nps_scales);
Datum
nps_scales(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int id = NPS_FIRST_SCALE; id <= NPS_LAST_SCALE; id++)
	{
		const NpsScale *scale = &nps_scale_table[id];
		Datum		values[9];
		bool		nulls[9] = {0};

		values[0] = CStringGetTextDatum(scale->name);
		values[1] = Int16GetDatum((int16) scale->min);
		values[2] = Int16GetDatum((int16) scale->max);
		values[3] = BoolGetDatum(scale->whole);
		values[4] = BoolGetDatum(scale->reversed);
		values[5] = BoolGetDatum(scale->satisfaction);
		for (int category = 0; category < NPS_CATEGORIES; category++)
			values[6 + category] = describe_category(scale, (NpsCategory) category);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
