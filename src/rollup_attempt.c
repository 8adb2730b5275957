/*
 * rollup_attempt.c
 *		A write to the source must not fail because of the mapping.
 *
 * So the mapping is read and computed in a subtransaction, one for each batch of
 * rows.  It writes nothing, so it takes no transaction id.  An error about a row is
 * a problem of the mapping, and is reported; an error of the server, or one meant
 * for the writer, such as a cancel request, is raised.
 */
#include "nps.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "rollup_attempt.h"
#include "rollup_mapping.h"

/*
 * Is it an error of the server, or one meant for the writer?  All others belong to
 * the mapping: a function can raise anything, such as that no CASE matches, that a
 * schema does not exist, that an assertion failed, or a code of its own.  Nobody can
 * tell a code of the server's that a function raises from one that the server does.
 */
static bool
is_of_server(int code)
{
	switch (ERRCODE_TO_CATEGORY(code))
	{
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'):	/* rollback, such as after a deadlock */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'):	/* insufficient resources */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'):	/* such as a cancel request */
		case MAKE_SQLSTATE('5', '8', '0', '0', '0'):	/* system error outside PostgreSQL */
			return true;
		default:
			return code == ERRCODE_DATA_CORRUPTED || code == ERRCODE_INDEX_CORRUPTED;
	}
}

/* Runs the work in a subtransaction; returns the error that it ended with, or NULL. */
static ErrorData *
try_work(void (*work) (void *argument), void *argument)
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
	return error;
}

/*
 * Runs the work in a subtransaction of its own, so that what it writes to catalogs
 * has versions that nothing else has.  Errors are raised.
 */
void
nps_in_subtransaction(void (*work) (void *argument), void *argument)
{
	ErrorData  *error = try_work(work, argument);

	if (error != NULL)
		ReThrowError(error);
}

/*
 * Runs the work; returns the error that it ended with, or NULL.  Memory that the
 * work allocates in the current context stays.
 *
 * A function that is called while a mapping is read may write to a source: then
 * the error is raised, for whoever reads the mapping.  It may be called by a check
 * of a domain while the server looks up that type, and the type cache of
 * PostgreSQL 18 must not see a subtransaction end meanwhile.
 */
ErrorData *
nps_attempt(void (*work) (void *argument), void *argument)
{
	ErrorData  *error;

	if (nps_mapping_is_being_made())
	{
		work(argument);
		return NULL;
	}
	error = try_work(work, argument);
	if (error != NULL && is_of_server(error->sqlerrcode))
		ReThrowError(error);
	return error;
}
