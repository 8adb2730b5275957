/*
 * survey_query.h
 *		Queries on the relations of a survey.  Parameters and results are cells.
 */
#ifndef NPS_SURVEY_QUERY_H
#define NPS_SURVEY_QUERY_H

#include "cell.h"
#include "survey_relation.h"

#include "executor/spi.h"

/* Which rows a query sees. */
typedef enum NpsSight
{
	NPS_AS_BEFORE,				/* those that the statement that fired the trigger sees */
	NPS_AS_NOW,					/* those that a new statement would see now */
	NPS_AS_COMMITTED			/* those committed so far, whatever the isolation level */
} NpsSight;

/* Who reads, and which rows can be seen: while that is the same, what was read holds. */
typedef struct NpsMoment
{
	Oid			reader;
	TransactionId xmin;
	TransactionId xmax;
	uint32		running;
	CommandId	command;
} NpsMoment;

extern NpsMoment nps_moment(void);
extern bool nps_is_moment(const NpsMoment *moment);

extern void nps_connect(void);
extern bool nps_query(int expected, const char *of, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row);
extern bool nps_query_kept(Oid relation, const char *of, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row);
extern bool nps_query_at_cost(Oid relation, const char *of, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row, double *cost);
extern double nps_cost_of(SPIPlanPtr plan, bool is_kept);
extern SPIPlanPtr nps_prepare_on(const NpsTable *table, const char *query, int count, const NpsCell *parameters);
extern bool nps_execute_on(const NpsTable *table, SPIPlanPtr plan, int expected, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row);
extern bool nps_query_on(const NpsTable *table, int expected, const char *query, int count, const NpsCell *parameters, NpsSight sight, NpsRow *row);

#endif							/* NPS_SURVEY_QUERY_H */
