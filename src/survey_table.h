/*
 * survey_table.h
 *		What the triggers on a survey's tables share: finding the tables beside
 *		theirs, and reading and writing rows by column name.
 */
#ifndef NPS_SURVEY_TABLE_H
#define NPS_SURVEY_TABLE_H

#include "nps.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/date.h"
#include "utils/rel.h"

/* Rights of somebody else, for a while. */
typedef struct Impersonation
{
	Oid			user;
	int			security_context;
} Impersonation;

/* survey_table.c */
extern TriggerData *expect_trigger(FunctionCallInfo fcinfo, uint32 timing, bool row);
extern char *survey_relation(Relation table, const char *name);
extern char *survey_table(Relation table, const char *name);
extern void become_owner(Relation table, Impersonation *self);
extern void become_self(const Impersonation *self);
extern char *equality_operator(Oid type);
extern bool same_value(Form_pg_attribute attribute, Datum left, bool left_null, Datum right, bool right_null);
extern Form_pg_attribute column_of(TupleDesc columns, const char *name, Oid type);
extern Datum column_value(HeapTuple row, TupleDesc columns, const char *name, Oid type, bool *is_null);
extern char *column_text(HeapTuple row, TupleDesc columns, const char *name);
extern char *value_text(Form_pg_attribute attribute, Datum value);
extern char *acting_role(void);
extern char *acting_person(void);
extern int	run_kept_plan(Oid relation, const char *query, int arguments, Oid *types, Datum *values, bool read_only);
extern DateADT survey_today(const char *zone_name);

#endif							/* NPS_SURVEY_TABLE_H */
