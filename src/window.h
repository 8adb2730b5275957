/*
 * window.h
 *		What window functions share.
 */
#ifndef NPS_WINDOW_H
#define NPS_WINDOW_H

#include "postgres.h"

#include "fmgr.h"
#include "windowapi.h"

/* What the function is called with; called otherwise is an error. */
static inline WindowObject
nps_window_of_call(FunctionCallInfo fcinfo)
{
	WindowObject window = PG_WINDOW_OBJECT();

	if (!WindowObjectIsValid(window))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("window function called without a window"),
				 errhint("Call it with OVER.")));
	return window;
}

#endif							/* NPS_WINDOW_H */
