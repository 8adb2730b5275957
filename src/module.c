/*
 * module.c
 *		What is done once, when the library is loaded.
 */
#include "nps.h"

#include "utils/builtins.h"

NPS_MODULE_MAGIC(NPS_VERSION);

void		_PG_init(void);

/*
 * Made once, when the library is loaded: nps_category() returns them as they
 * stand, so that a row costs no allocation.
 */
NpsCategoryName nps_category_names[NPS_CATEGORIES];

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

		SET_VARSIZE(nps_category_names[i].bytes, VARHDRSZ + length);
		memcpy(VARDATA(nps_category_names[i].bytes), names[i], length);
	}
}
