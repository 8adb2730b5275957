/*
 * mapping.h
 *		The arguments of nps_attach() as text.
 */
#ifndef NPS_MAPPING_H
#define NPS_MAPPING_H

#include "nodes/nodes.h"

/* mapping.c */
extern Node *nps_single_expression(const char *string, char **name);

#endif							/* NPS_MAPPING_H */
