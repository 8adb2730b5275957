/*
 * bar.h
 *		How the characters of a bar are shared out.
 *
 * No fmgr, no ereport.
 */
#ifndef NPS_BAR_H
#define NPS_BAR_H

#include "scale.h"

/*
 * Shares out so many characters by counts, whose sum is above 0 and fits: by the
 * largest remainders.  A part that is not empty gets at least one, if there is
 * room for all of these: what is rare is seen, too.
 */
static inline void
nps_share_out(const int64_t count[NPS_CATEGORIES], int width, int length[NPS_CATEGORIES])
{
	double		total = (double) (count[0] + count[1] + count[2]);
	double		rest[NPS_CATEGORIES];
	int			parts = 0;
	int			left = width;

	for (int i = 0; i < NPS_CATEGORIES; i++)
		parts += count[i] > 0;
	for (int i = 0; i < NPS_CATEGORIES; i++)
	{
		double		exact = (double) count[i] / total * width;

		length[i] = (int) exact;
		if (length[i] == 0 && count[i] > 0 && width >= parts)
			length[i] = 1;
		rest[i] = exact - length[i];
		left -= length[i];
	}
	/* one that was given to a rare part may be one too many */
	for (; left != 0; left += left > 0 ? -1 : 1)
	{
		int			step = left > 0 ? 1 : -1;
		int			best = -1;

		for (int i = 0; i < NPS_CATEGORIES; i++)
		{
			if (count[i] > 0 && (step > 0 || length[i] > 1) && (best < 0 || step * rest[i] > step * rest[best]))
				best = i;
		}
		length[best] += step;
		rest[best] -= step;
	}
}

#endif							/* NPS_BAR_H */
