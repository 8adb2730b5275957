/*
 * followup_load.h
 *		Rows of cases, concerns and cause_told that a restore loads unchanged.
 */
#ifndef NPS_FOLLOWUP_LOAD_H
#define NPS_FOLLOWUP_LOAD_H

#include "cell.h"
#include "survey_relation.h"

/* followup_load.c */
extern uint32 nps_row_hash(const NpsRow *row, const char *key);
extern uint32 nps_told_hash(const NpsRow *row);
extern bool nps_loads_case(Relation table, const NpsRow *row);
extern void nps_load_row(Relation table, uint32 key);
extern bool nps_was_loaded(Relation table, uint32 key);

#endif							/* NPS_FOLLOWUP_LOAD_H */
