/*
 * rollup_attempt.h
 *		Runs what belongs to the owner of a survey within somebody else's statement,
 *		which must not fail because of it.
 */
#ifndef NPS_ROLLUP_ATTEMPT_H
#define NPS_ROLLUP_ATTEMPT_H

#include "postgres.h"

/* rollup_attempt.c */
extern void nps_in_subtransaction(void (*work) (void *argument), void *argument);
extern ErrorData *nps_attempt(void (*work) (void *argument), void *argument);

#endif							/* NPS_ROLLUP_ATTEMPT_H */
