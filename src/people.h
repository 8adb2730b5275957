/*
 * people.h
 *		Erasing a person.
 */
#ifndef NPS_PEOPLE_H
#define NPS_PEOPLE_H

#include "postgres.h"

#include "commands/trigger.h"

/* people.c */
extern bool nps_is_erasing(const TriggerData *trigger);

#endif							/* NPS_PEOPLE_H */
