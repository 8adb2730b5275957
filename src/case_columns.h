/*
 * case_columns.h
 *		The columns of a case, each with all that determines how the triggers treat
 *		it.
 */
#ifndef NPS_CASE_COLUMNS_H
#define NPS_CASE_COLUMNS_H

#include "cell.h"

/* Traits of a column.  A column without any is a fact or a counter, which only the triggers set. */
#define NPS_IS_KEY 0x01			/* given by the answer that opens the case */
#define NPS_IS_SET 0x02			/* people and programs set it */
#define NPS_IS_OPEN 0x04		/* ... but only of an open case */
#define NPS_IS_WORK 0x08		/* setting it is work on the case (status, times: see the rules) */
#define NPS_IS_LEASE 0x10		/* describes the program that holds the case */
#define NPS_IS_TOLD 0x20		/* the history shows its changes */
#define NPS_IS_UNDONE 0x40		/* nps_undo() restores it */
#define NPS_IS_DEFAULT 0x80		/* has a default, with which whole rows are inserted */

typedef struct NpsCaseColumn
{
	NpsColumn	column;
	unsigned	traits;
} NpsCaseColumn;

/* A column that the views show besides the recorded ones. */
typedef struct NpsShownColumn
{
	const char *name;
	const char *instead;		/* what to set instead; NULL: nothing in particular */
	bool		moves;			/* changes even if the case does not, so a copy may be stale */
	bool		marks;			/* changes with each step, so a copy is recognized by it */
} NpsShownColumn;

extern const NpsCaseColumn nps_case_columns[];
extern const int nps_case_column_count;
extern const NpsShownColumn nps_shown_columns[];
extern const int nps_shown_column_count;

extern void nps_expect_case(const NpsRow *row);
extern unsigned nps_case_traits(const char *name);
extern char *nps_columns_to_set(void);
extern const NpsShownColumn *nps_shown_column(const char *name);

#endif							/* NPS_CASE_COLUMNS_H */
