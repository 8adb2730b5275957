/*
 * day_counts.h
 *		Answers counted by day, in one block of memory: a hash table whose slots are
 *		days.  A block may come from anybody; whatever is in it, nothing outside of
 *		it is read or written.
 */
#ifndef NPS_DAY_COUNTS_H
#define NPS_DAY_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tally_math.h"

/* The day of answers without a date. */
#define NPS_NO_DAY INT32_MIN

/* Days are few, even of a century: there is room for all that are usable, and twice that. */
#define NPS_MOST_DAY_SLOTS (1 << 18)
#define NPS_FIRST_DAY_SLOTS 16

#define NPS_DAY_COUNTS_MAGIC 0x4e504443

typedef struct NpsDayCount
{
	uint32_t	is_used;
	int32_t		day;			/* since 2000-01-01; NPS_NO_DAY: without a date */
	NpsTally	tally;			/* answers given on the day */
	int64_t		comments;		/* of these with a comment */
	int64_t		unanswered;		/* rows without an answer, of customers who were asked on the day */
	int64_t		rejected;		/* rows of these with a score that does not count */
	int64_t		answered;		/* rows of these that count */
} NpsDayCount;

typedef struct NpsDayCounts
{
	int32_t		header;			/* of the value in SQL */
	uint32_t	magic;
	uint32_t	slots;			/* a power of two */
	uint32_t	used;
	NpsDayCount slot[];
} NpsDayCounts;

static inline size_t
nps_day_counts_size(uint32_t slots)
{
	return offsetof(NpsDayCounts, slot) + slots * sizeof(NpsDayCount);
}

/* Is a block of that size one of ours, as far as it matters for where to look? */
static inline bool
nps_are_day_counts(const NpsDayCounts *counts, size_t size)
{
	return size >= offsetof(NpsDayCounts, slot) && counts->magic == NPS_DAY_COUNTS_MAGIC && counts->slots > 0 && counts->slots <= NPS_MOST_DAY_SLOTS &&
		(counts->slots & (counts->slots - 1)) == 0 && size == nps_day_counts_size(counts->slots);
}

static inline void
nps_clear_day_counts(NpsDayCounts *counts, uint32_t slots)
{
	memset((char *) counts + sizeof(counts->header), 0, nps_day_counts_size(slots) - sizeof(counts->header));
	counts->magic = NPS_DAY_COUNTS_MAGIC;
	counts->slots = slots;
}

/* Must there be more slots before another day is counted? */
static inline bool
nps_day_counts_are_full(const NpsDayCounts *counts)
{
	return counts->used >= counts->slots / 2;
}

/* The slot of a day, new if there is none; NULL if there is no place for it. */
static inline NpsDayCount *
nps_day_count(NpsDayCounts *counts, int32_t day)
{
	uint32_t	place = (uint32_t) day * 2654435769U;

	place ^= place >> 16;
	for (uint32_t i = 0; i < counts->slots; i++)
	{
		NpsDayCount *slot = &counts->slot[(place + i) & (counts->slots - 1)];

		if (slot->is_used && slot->day == day)
			return slot;
		if (!slot->is_used)
		{
			nps_tally_clear(&slot->tally);
			slot->is_used = true;
			slot->day = day;
			counts->used++;
			return slot;
		}
	}
	return NULL;
}

/* Puts all days into an empty block that is larger. */
static inline void
nps_move_day_counts(const NpsDayCounts *from, NpsDayCounts *into)
{
	for (uint32_t i = 0; i < from->slots; i++)
		if (from->slot[i].is_used)
		{
			NpsDayCount *slot = nps_day_count(into, from->slot[i].day);

			if (slot != NULL)
				*slot = from->slot[i];
		}
}

/* into += from; false if it does not fit, or a number is none that was counted. */
static inline bool
nps_add_count(int64_t *into, int64_t from)
{
	if (from < 0 || *into < 0 || from > INT64_MAX - *into)
		return false;
	*into += from;
	return true;
}

#endif							/* NPS_DAY_COUNTS_H */
