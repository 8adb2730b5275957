/*
 * rollup_tally.h
 *		The columns added and removed of a rollup: tallies as arrays.
 */
#ifndef NPS_ROLLUP_TALLY_H
#define NPS_ROLLUP_TALLY_H

#include "nps.h"

/* rollup_tally.c */
extern Datum nps_counts_of_tally(const NpsTally *tally);
extern void nps_add_counts(NpsTally *sum, Datum counts, NpsScaleId scale);

#endif							/* NPS_ROLLUP_TALLY_H */
