/*
 * case_columns.h
 *		The columns of a case, each with all that the triggers treat it by.
 */
#ifndef NPS_CASE_COLUMNS_H
#define NPS_CASE_COLUMNS_H

#include "cell.h"

/* What a column is.  One without any of these is a fact, or counted: only the triggers set it. */
#define NPS_IS_KEY 0x01			/* told by the answer that opens the case */
#define NPS_IS_SET 0x02			/* people and programs set it */
#define NPS_IS_OPEN 0x04		/* ... of an open case alone */
#define NPS_IS_WORK 0x08		/* setting it is work on the case; the rules know this of status and times */
#define NPS_IS_LEASE 0x10		/* a program that is handed the case */
#define NPS_IS_TOLD 0x20		/* the history tells of it */
#define NPS_IS_UNDONE 0x40		/* nps_undo() takes it back */
#define NPS_IS_DEFAULT 0x80		/* has a value from the beginning, which whole rows are inserted with */

typedef struct NpsCaseColumn
{
	NpsColumn	column;
	unsigned	traits;
} NpsCaseColumn;

/* A column that the views show beside what is recorded. */
typedef struct NpsShownColumn
{
	const char *name;
	const char *instead;		/* what to set in place of it; NULL for nothing that could be named */
	bool		moves;			/* it changes while nobody changes the case, so that a copy may be stale */
	bool		marks;			/* a step makes another one of it, so that a copy is known by it */
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
