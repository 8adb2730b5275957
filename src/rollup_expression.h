/*
 * rollup_expression.h
 *		The expressions of the mapping, taken from the view answer.
 */
#ifndef NPS_ROLLUP_EXPRESSION_H
#define NPS_ROLLUP_EXPRESSION_H

#include "answer.h"
#include "rollup_mapping.h"

/* rollup_expression.c */
extern bool nps_heeds_settings(Node *node, void *context);
extern const char *nps_key_name(TupleDesc columns, int key);
extern char *nps_take_mapping(RollupMapping *mapping, NpsAnswer *answer, Relation source);

#endif							/* NPS_ROLLUP_EXPRESSION_H */
