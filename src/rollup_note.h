/*
 * rollup_note.h
 *		Statements that write to the source of a rollup and have not ended yet.
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
	CommandId	command;		/* the statement, or the first of those that never ended */
	CommandId	last;			/* the last that wrote to the rollup */
	List	   *begun;			/* statements whose BEFORE trigger was called, and whose AFTER trigger was not yet */
	int			depth;			/* of triggers, where the last of these was called */
	uint64		number;			/* of the note, when nothing of it is open any more */
	bool		is_over;		/* nor can anything more come of it */
	bool		is_busy;		/* being counted: it stays, and takes no more rows */
	RollupRows *rows;			/* rows of partitions not counted yet; NULL: none */
	RollupChange *change;		/* counted, but not written yet; NULL: nothing */
} RollupNote;

/* rollup_note.c */
extern void nps_note_begin(Oid rollup, Oid source, Oid table);
extern RollupNote *nps_note_here(Oid rollup);
extern bool nps_note_is_asked_for(Oid rollup, Snapshot snapshot);
extern bool nps_note_is_seen(Oid rollup, Snapshot snapshot);
extern void nps_note_empty(RollupNote *note);
extern bool nps_note_is_of(const RollupNote *note, Oid table);
extern void nps_note_counted(Oid rollup);
extern void nps_note_end(RollupNote *note, Oid table);

#endif							/* NPS_ROLLUP_NOTE_H */
