/*
 * rollup_note.h
 *		Statements that write to the source of a rollup and have not come to their end.
 */
#ifndef NPS_ROLLUP_NOTE_H
#define NPS_ROLLUP_NOTE_H

#include "utils/snapshot.h"

#include "rollup_rows.h"

typedef struct RollupNote
{
	struct RollupNote *outer;
	Oid			rollup;
	Oid			source;
	SubTransactionId subtransaction;
	CommandId	command;		/* the statement, or the first of those that were not carried to their end */
	int			begun;			/* triggers before it, less those after it */
	bool		is_busy;		/* its rows are being counted: it stays, and no row is added to it */
	RollupRows *rows;			/* of partitions, that are not counted yet; NULL: none */
	RollupChange *change;		/* what was counted and is not written yet; NULL: nothing */
} RollupNote;

/* rollup_note.c */
extern void nps_note_begin(Oid rollup, Oid source);
extern RollupNote *nps_note_here(Oid rollup);
extern bool nps_note_is_open(Oid rollup);
extern bool nps_note_is_seen(Oid rollup, Snapshot snapshot);
extern void nps_note_empty(RollupNote *note);
extern void nps_note_end(RollupNote *note);

#endif							/* NPS_ROLLUP_NOTE_H */
