/*
 * followup_case.h
 *		What the views of cases need of the rules of cases.
 */
#ifndef NPS_FOLLOWUP_CASE_H
#define NPS_FOLLOWUP_CASE_H

#include "postgres.h"

/* followup_case.c */
extern void nps_report_second_case(const char *shown);

#endif							/* NPS_FOLLOWUP_CASE_H */
