/*
 * answer.h
 *		How the view answer of a survey is derived from its source.
 */
#ifndef NPS_ANSWER_H
#define NPS_ANSWER_H

#include "nps.h"

#include "nodes/pg_list.h"

typedef struct NpsAnswer
{
	Oid			owner;
	Oid			source;			/* the one relation that it reads */
	bool		is_plain;		/* one row for each row of the source that passes the filter */
	List	   *columns;		/* TargetEntry nodes; the source is relation 1 */
	Node	   *filter;			/* the same; NULL: none */
} NpsAnswer;

/* answer.c */
extern NpsAnswer *nps_answer_read(Oid view);
extern Node *nps_answer_column(const NpsAnswer *answer, const char *name);

#endif							/* NPS_ANSWER_H */
