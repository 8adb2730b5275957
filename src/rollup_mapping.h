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
	const char *argument;		/* the column of the view answer that it is, or "filter" */
	Expr	   *expression;		/* NULL: there is none */
	ExprState  *state;			/* made when it is first needed */
} RollupPart;

/* A key of the cells: the day first, and then the segments. */
typedef struct RollupKey
{
	RollupPart	part;			/* for the day: the time that it is the day of */
	bool		by_value;
	int16		length;
} RollupKey;

/* Columns of the rollup behind its keys. */
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
	char	   *identity;		/* of the triggers that see its changes; NULL: one of them is missing */
} RollupLeaf;

/*
 * What is known of a rollup, kept for the session until one of the relations
 * changes.
 */
typedef struct RollupMapping
{
	Oid			rollup;			/* what it is found by */
	Oid			owner;			/* of the rollup, as whom all of the mapping is read and computed */
	Oid			source;
	Oid			answer;
	Oid			registry;		/* the table rollup_part beside it, if there is one */
	bool		is_being_made;	/* read or prepared: what is constant is computed then, by functions that may come back here */
	bool		is_complete;	/* was read to the end */
	bool		is_valid;		/* and nothing changed since */
	bool		is_used;		/* by a statement that is running */
	bool		has_warned;
	char	   *trouble;		/* why it is not kept, as a sentence; NULL: it is */
	bool		is_refused;		/* it cannot be kept, not even if it is made anew */
	TupleDesc	columns;		/* of the rollup, when this was read */
	uint64		number;			/* no two that were read have the same */
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
	Bitmapset  *reads;			/* numbers of the columns of the source that are used */
	char	   *fingerprint;	/* of all that the counts depend on but the rows */
	const char *argument;		/* the one that is being computed, for whom an error is to be told */

	/* what only whoever reads or maintains the rollup asks for (rollup_identity.c) */
	bool		is_looked_up;
	MemoryContext looked_up;
	bool		is_passing;		/* they are what they are for one snapshot only: a partition is being detached */
	List	   *parts;			/* OIDs of a partitioned source and all below it */
	char	   *doubt;			/* why, though it is kept, nobody is served from it */
	char	   *identity;		/* of the server, the triggers and the mapping */
	int			leaf_count;
	RollupLeaf *leaves;			/* in the order of their OIDs */

	/* the states of the expressions */
	bool		is_prepared;
	MemoryContext states;
	ExprContext *row;
} RollupMapping;

/* rollup_mapping.c */
extern RollupMapping *nps_mapping_of_rollup(Oid rollup, Oid locked_source);
extern RollupMapping *nps_mapping_known(Oid rollup);
extern void nps_mapping_read(RollupMapping *mapping, Oid rollup, bool with_triggers);
extern void nps_mapping_prepare(RollupMapping *mapping);
extern void nps_mapping_give_up(RollupMapping *mapping);
extern void nps_mapping_enter(const RollupMapping *mapping, NpsOwner *saved);
extern void nps_mapping_leave(const NpsOwner *saved);
extern void nps_mapping_has_served(void);
extern void nps_mapping_unserve(void);

#endif							/* NPS_ROLLUP_MAPPING_H */
