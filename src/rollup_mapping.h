/*
 * rollup_mapping.h
 *		How a row of the source becomes a count in a cell of the rollup.
 */
#ifndef NPS_ROLLUP_MAPPING_H
#define NPS_ROLLUP_MAPPING_H

#include "nps.h"

#include "access/tupdesc.h"
#include "nodes/bitmapset.h"
#include "nodes/pg_list.h"

#include "as_owner.h"

/* An expression of the mapping, over a row of the source. */
typedef struct RollupPart
{
	const char *argument;		/* its column of the view answer, or "filter" */
	Expr	   *expression;		/* NULL: none */
	ExprState  *state;			/* made when it is first needed */
} RollupPart;

/* A key of the cells: the day first, and then the segments. */
typedef struct RollupKey
{
	RollupPart	part;			/* for the day: the time that the day is taken from */
	bool		by_value;
	int16		length;
} RollupKey;

/* Columns of the rollup after its keys. */
enum
{
	ROLLUP_ADDED,
	ROLLUP_REMOVED,
	ROLLUP_UNANSWERED,
	ROLLUP_REJECTED,
	ROLLUP_WITH_COMMENT,
	ROLLUP_ANSWERED,
	ROLLUP_LEAF,
	ROLLUP_MEASURES
};

/* A table that has rows of the source: the source itself, or one of its partitions. */
typedef struct RollupLeaf
{
	Oid			relation;
	char	   *identity;		/* of the triggers that see its changes; NULL: one is missing */
} RollupLeaf;

/*
 * What is known about a rollup, kept for the session until one of the relations
 * changes.
 */
typedef struct RollupMapping
{
	Oid			rollup;			/* the key */
	Oid			owner;			/* of the rollup; the mapping is read and computed as this role */
	Oid			source;
	Oid			answer;
	Oid			registry;		/* the table rollup_part in its schema, if there is one */
	bool		is_being_made;	/* read or prepared: functions called then may come back here */
	bool		is_complete;	/* was read to the end */
	bool		is_valid;		/* ... and nothing has changed since */
	bool		is_used;		/* by a statement that is running */
	uint32		warned_of;		/* hash of the trouble that the session was warned of; 0: none */
	char	   *trouble;		/* why it is not kept current, as a sentence; NULL: it is */
	bool		is_refused;		/* it cannot be kept current, not even if made again */
	TupleDesc	columns;		/* of the rollup, when this was read */
	uint64		number;			/* different each time one is read */
	MemoryContext context;

	/* without trouble: */
	RollupPart	filter;
	RollupPart	score;
	RollupPart	rejection;
	RollupPart	comment;
	RollupPart	asked_at;
	NpsValue	(*score_value) (Datum score);
	bool		runs_code;		/* calls functions that find what they use by search_path */
	NpsScaleId	scale;
	pg_tz	   *zone;
	int			keys;
	RollupKey  *key;
	Bitmapset  *reads;			/* numbers of the source's columns that are used */
	char	   *fingerprint;	/* of everything that the counts depend on, except the rows */
	const char *argument;		/* the one being computed, for error messages */

	/* needed only to read or maintain the rollup (rollup_identity.c): */
	bool		is_looked_up;
	MemoryContext looked_up;
	bool		is_passing;		/* valid for one snapshot only: a partition is being detached */
	List	   *parts;			/* OIDs of a partitioned source and all below it */
	char	   *doubt;			/* why it serves nobody although it is kept current */
	char	   *identity;		/* of the server, the triggers and the mapping */
	int			leaf_count;
	RollupLeaf *leaves;			/* sorted by OID */

	/* the states of the expressions */
	bool		is_prepared;
	MemoryContext states;
	ExprContext *row;
} RollupMapping;

/* rollup_mapping.c */
extern RollupMapping *nps_mapping_of_rollup(Oid rollup, Oid locked_source);
extern RollupMapping *nps_mapping_known(Oid rollup);
extern bool nps_mapping_is_being_made(void);
extern void nps_mapping_read(RollupMapping *mapping, Oid rollup, bool with_triggers);
extern void nps_mapping_prepare(RollupMapping *mapping);
extern void nps_mapping_use(RollupMapping *mapping, void (*work) (void *argument), void *argument);
extern void nps_forget_plans(Oid rollup);
extern void nps_mapping_has_served(Oid rollup);
extern void nps_mapping_unserve(Oid rollup);

#endif							/* NPS_ROLLUP_MAPPING_H */
