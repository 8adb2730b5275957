/*
 * module.c
 *		What is done once, when the library is loaded.
 */
#include "nps.h"

#include "utils/builtins.h"

NPS_MODULE_MAGIC(NPS_VERSION);

void		_PG_init(void);

/*
 * The three category names as text values, made once: nps_category() returns
 * them as they stand, so that a row costs no allocation.
 */
static union
{
	int32		header;			/* aligns */
	char		bytes[VARHDRSZ + sizeof("detractor")];
}			category_text[NPS_CATEGORIES];

void
_PG_init(void)
{
	static const char *const names[NPS_CATEGORIES] = {
		[NPS_DETRACTOR] = "detractor",
		[NPS_PASSIVE] = "passive",
		[NPS_PROMOTER] = "promoter",
	};

	for (int i = 0; i < NPS_CATEGORIES; i++)
	{
		size_t		length = strlen(names[i]);

		SET_VARSIZE(category_text[i].bytes, VARHDRSZ + length);
		memcpy(VARDATA(category_text[i].bytes), names[i], length);
	}
}

/* The name of a category.  The result lives as long as the library; nobody may change it. */
text *
nps_category_name(NpsCategory category)
{
	return (text *) category_text[category].bytes;
}
