/*
 * rollup_note.c
 *		Notes that a statement on the source of a rollup has begun, until its AFTER
 *		trigger has counted the changes.
 *
 * In between, reports of this session that see some of its changes read the source:
 * triggers of the application may run such reports.  And a statement whose caller
 * fetches only some of the returned rows never ends: what is still noted when the
 * transaction ends was not counted.
 *
 * A cascade of foreign keys is several statements that share their triggers: the one
 * before is called for the first of them only, and the one after as often as some
 * have ended.  So a note stays for reports until the statement is over in which the
 * trigger after was called, and so nothing of that can come any more.
 *
 * A cursor that is opened within a statement sees some of its changes, but not what
 * the rollup counts of these: so the commands of each statement are remembered until
 * the end of the transaction.
 */
#include "nps.h"

#include "access/xact.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "rollup_note.h"
#include "rollup_part.h"

static RollupNote *notes = NULL;

/* Rollups of which plans were made for the time of a note, or for a moment within. */
static List *refused = NIL;

/*
 * A statement, or a part of one, whose BEFORE trigger was called: on which table, how
 * deeply that was nested in triggers, and by which command.
 */
typedef struct Begun
{
	Oid			table;
	int			depth;
	CommandId	command;
} Begun;

/*
 * Commands of statements that have ended in this transaction, in the order of their
 * ends.  A cursor may have a snapshot of one of them: it sees some of the changes, but
 * not what the rollup counts of these.
 */
typedef struct Commands
{
	Oid			rollup;			/* InvalidOid: any */
	CommandId	first;
	CommandId	last;			/* marked as used, so that a snapshot after the statement has another one */
} Commands;

/* How many are remembered exactly: 12 MB. */
#define MOST_COMMANDS 1000000
static Commands *ended = NULL;	/* in TopTransactionContext */
static int	ended_count = 0;
static int	ended_space = 0;

/* Makes two of those that are remembered one: they also stand for what is between them. */
static void
merge_ended(void)
{
	for (int i = 0; i < ended_count / 2; i++)
	{
		Commands   *pair = &ended[2 * i];

		ended[i].rollup = pair[0].rollup == pair[1].rollup ? pair[0].rollup : InvalidOid;
		ended[i].first = Min(pair[0].first, pair[1].first);
		ended[i].last = pair[1].last;
	}
	ended_count /= 2;
}

static void
remember(const RollupNote *note)
{
	if (ended_count == MOST_COMMANDS)
		merge_ended();
	if (ended_count == ended_space)
	{
		ended_space = ended == NULL ? 50 : Min(2 * ended_space, MOST_COMMANDS);
		ended = ended == NULL ? MemoryContextAlloc(TopTransactionContext, ended_space * sizeof(Commands))
			: repalloc(ended, ended_space * sizeof(Commands));
	}
	ended[ended_count].rollup = note->rollup;
	ended[ended_count].first = note->command;
	/* two notes of one command may be forgotten in another order than they ended */
	ended[ended_count].last = ended_count == 0 ? note->last : Max(note->last, ended[ended_count - 1].last);
	ended_count++;
}

/* Has the plans forgotten that were made for the time of a note. */
static void
end_refusals(void)
{
	while (refused != NIL)
	{
		Oid			rollup = linitial_oid(refused);

		nps_forget_plans(rollup);
		refused = list_delete_oid(refused, rollup);
	}
}

/* How deeply is the code that runs now nested in triggers? */
static int
depth_here(void)
{
	return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum) 0));
}

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
	list_free_deep(note->begun);
	pfree(note);
	if (notes == NULL)
		end_refusals();
}

/*
 * Forgets notes of which nothing can come any more, as the statement is over that
 * called the triggers, or as code runs that is nested less deeply.
 */
static void
forget_ended(int depth)
{
	RollupNote *outer;

	for (RollupNote *note = notes; note != NULL; note = outer)
	{
		outer = note->outer;
		if (note->begun == NIL && (note->is_over || note->depth > depth))
		{
			remember(note);
			forget_note(note);
		}
	}
}

static void
at_end_of_transaction(XactEvent event, void *context pg_attribute_unused())
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			forget_ended(0);
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
			ended = NULL;
			ended_count = ended_space = 0;
			end_refusals();
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
		if (note->rollup == rollup && note->subtransaction == GetCurrentSubTransactionId() && !note->is_busy && note->begun != NIL)
			return note;
	}
	return NULL;
}

/* Is the snapshot one of a statement that has ended since? */
static bool
is_within_ended(Oid rollup, Snapshot snapshot)
{
	/* from the last on: most snapshots are newer than all of them */
	for (int i = ended_count - 1; i >= 0 && snapshot->curcid <= ended[i].last; i--)
	{
		if ((ended[i].rollup == rollup || !OidIsValid(ended[i].rollup)) && snapshot->curcid > ended[i].first)
			return true;
	}
	return false;
}

/*
 * Does the session have an open statement that changes what the rollup counts, or is
 * the snapshot one of such a statement?  A plan that therefore reads the source is
 * made anew later.
 */
bool
nps_note_is_asked_for(Oid rollup, Snapshot snapshot)
{
	bool		is_noted;

	forget_ended(depth_here());
	is_noted = is_within_ended(rollup, snapshot);
	for (RollupNote *note = notes; note != NULL; note = note->outer)
		is_noted |= note->rollup == rollup;
	if (is_noted)
	{
		MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

		refused = list_append_unique_oid(refused, rollup);
		MemoryContextSwitchTo(caller);
	}
	return is_noted;
}

/*
 * Does the snapshot see uncounted changes of a statement of this session?  The
 * statement's own snapshot does not: an INSERT may take its rows from a report.
 */
bool
nps_note_is_seen(Oid rollup, Snapshot snapshot)
{
	forget_ended(depth_here());
	for (RollupNote *note = notes; note != NULL; note = note->outer)
	{
		if (note->rollup == rollup && snapshot->curcid > note->command)
			return true;
	}
	return is_within_ended(rollup, snapshot);
}

/*
 * The command whose snapshot is the active one.  It is the same when the triggers
 * before and after a statement are called; but what a foreign key changes has a
 * statement of its own, and only the trigger after that is called in the one around.
 */
static CommandId
command_here(void)
{
	return ActiveSnapshotSet() ? Min(GetActiveSnapshot()->curcid, GetCurrentCommandId(false)) : GetCurrentCommandId(false);
}

/* A statement on a table begins, or a part of one, such as ON CONFLICT DO UPDATE. */
void
nps_note_begin(Oid rollup, Oid source, Oid table)
{
	static bool is_registered = false;
	int			depth = depth_here();
	RollupNote *note;
	Begun	   *begun;
	MemoryContext caller;

	if (!is_registered)
	{
		RegisterXactCallback(at_end_of_transaction, NULL);
		RegisterSubXactCallback(at_end_of_subtransaction, NULL);
		is_registered = true;
	}
	/* a statement that calls this trigger is not one of those within that were already counted */
	forget_ended(depth - 1);
	note = nps_note_here(rollup);
	if (note == NULL)
	{
		/* plans that read the rollup cannot be used now */
		nps_mapping_unserve(rollup);
		note = MemoryContextAllocZero(TopTransactionContext, sizeof(RollupNote));
		note->rollup = rollup;
		note->source = source;
		note->subtransaction = GetCurrentSubTransactionId();
		/* other triggers before this one may have written, but the statement's own snapshot is older */
		note->command = command_here();
		note->outer = notes;
		notes = note;
	}
	caller = MemoryContextSwitchTo(TopTransactionContext);
	begun = palloc(sizeof(Begun));
	begun->table = table;
	begun->depth = depth;
	begun->command = command_here();
	note->begun = lappend(note->begun, begun);
	MemoryContextSwitchTo(caller);
}

/*
 * The statement on the table whose AFTER trigger is being called; NULL: none of those
 * that were begun.  That of a cascade was begun within the trigger of a foreign key,
 * and ends outside of it.
 */
static Begun *
begun_here(const RollupNote *note, Oid table)
{
	int			depth = depth_here();
	CommandId	command = command_here();
	Begun	   *found = NULL;
	ListCell   *cell;

	foreach(cell, note->begun)
	{
		Begun	   *begun = lfirst(cell);

		if (begun->table == table && begun->depth == depth && begun->command == command)
			return begun;
		if (begun->table == table && begun->depth == depth + 1 && begun->command > command)
			found = begun;
	}
	return found;
}

/*
 * Did a statement on the table begin the note, which is ending now?  Its trigger
 * before statements may be missing, or the table may belong to the source no more, or
 * the trigger after it is called once more.
 */
bool
nps_note_is_of(const RollupNote *note, Oid table)
{
	return begun_here(note, table) != NULL;
}

/* More of a statement was counted, whose trigger after it was already called. */
void
nps_note_counted(Oid rollup)
{
	for (RollupNote *note = notes; note != NULL; note = note->outer)
	{
		if (note->rollup == rollup && note->begun == NIL)
			note->last = GetCurrentCommandId(true);
	}
}

/* Calls back when the statement is over that calls triggers now. */
typedef struct Ending
{
	MemoryContextCallback callback;
	uint64		number;			/* of the note */
} Ending;

static void
end_statement(void *argument)
{
	Ending	   *ending = argument;

	for (RollupNote *note = notes; note != NULL; note = note->outer)
	{
		if (note->number == ending->number)
			note->is_over = true;
	}
}

/* A statement on the table, or a part of it, has ended and was counted. */
void
nps_note_end(RollupNote *note, Oid table)
{
	static uint64 last_number = 0;
	Begun	   *begun = begun_here(note, table);
	MemoryContext of_statement;
	Ending	   *ending;

	note->begun = list_delete_ptr(note->begun, begun);
	pfree(begun);
	note->depth = depth_here();
	note->last = GetCurrentCommandId(true);
	if (note->begun != NIL)
		return;
	/* nobody may ask once more before a plan from within the statement is used again */
	end_refusals();
	/* triggers are called in a context for each row, within one that lasts for all of them */
	of_statement = MemoryContextGetParent(CurrentMemoryContext);
	note->number = ++last_number;
	ending = MemoryContextAlloc(of_statement, sizeof(Ending));
	ending->number = note->number;
	ending->callback.func = end_statement;
	ending->callback.arg = ending;
	MemoryContextRegisterResetCallback(of_statement, &ending->callback);
}
