/*
 * keyed_file.h
 *		Rows in order of their first column, in a temporary file that finds those of
 *		one value.
 */
#ifndef NPS_KEYED_FILE_H
#define NPS_KEYED_FILE_H

#include "cell.h"

#include "utils/portal.h"

typedef struct NpsKeyedFile NpsKeyedFile;

extern NpsKeyedFile *nps_keyed_file(MemoryContext context, Portal portal);
extern void nps_find_key(NpsKeyedFile *file, Datum key);
extern bool nps_next_of_key(NpsKeyedFile *file, NpsRow *row);

#endif							/* NPS_KEYED_FILE_H */
