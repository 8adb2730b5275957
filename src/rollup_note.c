/*
 * rollup_note.c
 *		Notes that a statement on the source of a rollup has begun, until its AFTER
 *		trigger has counted the changes.
 *
 * In between, reports of this session that see some of its changes read the source:
 * triggers of the application may run such reports.  And a statement whose caller
 * fetches only some of the returned rows never ends: what is still noted when the
 * transaction ends was not counted.
 */
#include "nps.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"

#include "rollup_note.h"
#include "rollup_part.h"

static RollupNote *notes = NULL;

/* Plans were made for the time of a note. */
static bool has_refused = false;

/* Drops everything that was to be counted. */
void
nps_note_empty(RollupNote *note)
{
	if (note->rows != NULL)
		nps_rows_end(note->rows);
	if (note->change != NULL)
		nps_change_end(note->change);
	note->rows = NULL;
	note->change = NULL;
}

static void
forget_note(RollupNote *note)
{
	RollupNote **place = &notes;

	while (*place != note)
		place = &(*place)->outer;
	*place = note->outer;
	nps_note_empty(note);
	list_free(note->begun);
	pfree(note);
	if (has_refused && notes == NULL)
	{
		has_refused = false;
		ResetPlanCache();
	}
}

static void
at_end_of_transaction(XactEvent event, void *context pg_attribute_unused())
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			if (notes == NULL)
				break;
			/* that of the last statement is gone, and a row that may be toasted needs one */
			PushActiveSnapshot(GetTransactionSnapshot());
			for (RollupNote *note = notes; note != NULL; note = note->outer)
				nps_mark(note->rollup, note->source,
						 "A statement was not carried to its end by whoever ran it, such as a function that wanted only the first of the rows that it returned.");
			PopActiveSnapshot();
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			notes = NULL;		/* the memory goes with the transaction */
			if (has_refused)
				ResetPlanCache();
			has_refused = false;
			break;
		default:
			break;
	}
}

static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId self, SubTransactionId parent, void *context pg_attribute_unused())
{
	RollupNote *outer;

	if (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB)
		return;
	for (RollupNote *note = notes; note != NULL; note = outer)
	{
		outer = note->outer;
		if (note->subtransaction != self)
			continue;
		if (event == SUBXACT_EVENT_COMMIT_SUB)
			note->subtransaction = parent;
		else
			forget_note(note);
	}
}

/* The note of the open statement of this subtransaction; NULL: none, or it is being counted. */
RollupNote *
nps_note_here(Oid rollup)
{
	for (RollupNote *note = notes; note != NULL; note = note->outer)
	{
		if (note->rollup == rollup && note->subtransaction == GetCurrentSubTransactionId() && !note->is_busy)
			return note;
	}
	return NULL;
}

/*
 * Does the session have an open statement that changes what the rollup counts?  A
 * plan that therefore reads the source is made anew once that has ended.
 */
bool
nps_note_is_asked_for(Oid rollup)
{
	for (RollupNote *note = notes; note != NULL; note = note->outer)
	{
		if (note->rollup == rollup)
		{
			has_refused = true;
			return true;
		}
	}
	return false;
}

/*
 * Does the snapshot see uncounted changes of a statement of this session?  The
 * statement's own snapshot does not: an INSERT may take its rows from a report.
 */
bool
nps_note_is_seen(Oid rollup, Snapshot snapshot)
{
	for (RollupNote *note = notes; note != NULL; note = note->outer)
	{
		if (note->rollup == rollup && snapshot->curcid > note->command)
			return true;
	}
	return false;
}

/* A statement on a table begins, or a part of one, such as ON CONFLICT DO UPDATE. */
void
nps_note_begin(Oid rollup, Oid source, Oid table)
{
	static bool is_registered = false;
	RollupNote *note = nps_note_here(rollup);
	MemoryContext caller;

	if (!is_registered)
	{
		RegisterXactCallback(at_end_of_transaction, NULL);
		RegisterSubXactCallback(at_end_of_subtransaction, NULL);
		is_registered = true;
	}
	if (note == NULL)
	{
		/* plans that read the rollup cannot be used now */
		nps_mapping_unserve();
		note = MemoryContextAllocZero(TopTransactionContext, sizeof(RollupNote));
		note->rollup = rollup;
		note->source = source;
		note->subtransaction = GetCurrentSubTransactionId();
		/* other triggers before this one may have written, but the statement's own snapshot is older */
		note->command = ActiveSnapshotSet() ? Min(GetActiveSnapshot()->curcid, GetCurrentCommandId(false)) : GetCurrentCommandId(false);
		note->outer = notes;
		notes = note;
	}
	caller = MemoryContextSwitchTo(TopTransactionContext);
	note->begun = lappend_oid(note->begun, table);
	MemoryContextSwitchTo(caller);
}

/*
 * Did a statement on the table begin the note, which has not ended yet?  Its trigger
 * before statements may be missing, or it may belong to the source no more.
 */
bool
nps_note_is_of(const RollupNote *note, Oid table)
{
	return list_member_oid(note->begun, table);
}

/* A statement on the table, or a part of it, has ended and was counted. */
void
nps_note_end(RollupNote *note, Oid table)
{
	note->begun = list_delete_oid(note->begun, table);
	if (note->begun == NIL)
		forget_note(note);
}
