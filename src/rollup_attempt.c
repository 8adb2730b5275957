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

/* Can the error be one of the expressions alone, or of the row that they are computed for? */
static bool
is_of_expression(int code)
{
	switch (ERRCODE_TO_CATEGORY(code))
	{
		case MAKE_SQLSTATE('0', 'A', '0', '0', '0'):	/* feature not supported */
		case MAKE_SQLSTATE('2', '1', '0', '0', '0'):	/* cardinality */
		case MAKE_SQLSTATE('2', '2', '0', '0', '0'):	/* data */
		case MAKE_SQLSTATE('2', '3', '0', '0', '0'):	/* constraint, as that of a domain */
		case MAKE_SQLSTATE('2', 'F', '0', '0', '0'):	/* function in SQL */
		case MAKE_SQLSTATE('3', '8', '0', '0', '0'):	/* function of another language */
		case MAKE_SQLSTATE('3', '9', '0', '0', '0'):
		case MAKE_SQLSTATE('4', '2', '0', '0', '0'):	/* what is not there, or may not be used */
			return true;
		case MAKE_SQLSTATE('P', '0', '0', '0', '0'):	/* RAISE; an assertion is meant to end everything */
			return code != ERRCODE_ASSERT_FAILURE;
		default:
			return code == ERRCODE_STATEMENT_TOO_COMPLEX;
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
	if (error != NULL && !is_of_expression(error->sqlerrcode))
		ReThrowError(error);
	return error;
}
