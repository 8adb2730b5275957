/*
 * rollup_attempt.c
 *		A write to the source must not fail of the mapping.
 *
 * So the mapping is read and computed within a subtransaction.  It writes nothing,
 * so it takes no transaction id; a batch of rows has one.  What is wrong with a row
 * is the mapping's trouble, and is told; what is wrong with the server, or meant
 * for whoever writes, such as that they cancel, is raised.
 */
#include "nps.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "rollup_attempt.h"

/*
 * Is the error one of the server, or meant for whoever writes?  All others are of
 * the mapping: a function can raise what it likes, such as that no CASE fits, that
 * a schema is not there, or a code of its own.
 */
static bool
is_of_server(int code)
{
	switch (ERRCODE_TO_CATEGORY(code))
	{
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'):	/* the transaction has to be rolled back, as of a deadlock */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'):	/* no room */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'):	/* somebody cancels */
		case MAKE_SQLSTATE('5', '8', '0', '0', '0'):	/* outside of PostgreSQL */
			return true;
		default:
			/* an assertion is meant to end everything */
			return code == ERRCODE_ASSERT_FAILURE || code == ERRCODE_DATA_CORRUPTED || code == ERRCODE_INDEX_CORRUPTED;
	}
}

/*
 * Runs the work; the result is the error that it ended with, NULL if it did not.
 * Memory that the work allocates in the current context stays.
 */
ErrorData *
nps_attempt(void (*work) (void *argument), void *argument)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		work(argument);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	if (error != NULL && is_of_server(error->sqlerrcode))
		ReThrowError(error);
	return error;
}
