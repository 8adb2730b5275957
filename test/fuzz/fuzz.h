/*
 * fuzz.h
 *		What the fuzz targets share: numbers out of bytes, and what must be so.
 *
 * A target is one file with LLVMFuzzerTestOneInput(); test/t/fuzz.sh builds and
 * runs them.  Included before postgres.h, so that printf() and the like here are
 * the C library's.
 */
#ifndef NPS_FUZZ_H
#define NPS_FUZZ_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run where something is not as it must be: the fuzzer keeps the input. */
#define MUST(condition) \
	do { \
		if (!(condition)) \
			not_so(__FILE__, __LINE__, #condition); \
	} while (0)

static inline void
not_so(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
	abort();
}

/* Bytes that are read from front to end, and zeros after that. */
typedef struct Input
{
	const uint8_t *at;
	size_t		left;
} Input;

static inline uint8_t
take_byte(Input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

static inline uint64_t
take_bits(Input *input, int bytes)
{
	uint64_t	bits = 0;

	for (int i = 0; i < bytes; i++)
		bits = bits << 8 | take_byte(input);
	return bits;
}

/* Any number of 64 bits; one near an end of the range, or near zero, takes two bytes. */
static inline int64_t
take_int64(Input *input)
{
	uint8_t		kind = take_byte(input);

	switch (kind % 8)
	{
		case 0:
			return take_byte(input);
		case 1:
			return -(int64_t) take_byte(input);
		case 2:
			return INT64_MAX - take_byte(input);
		case 3:
			return INT64_MIN + take_byte(input);
		case 4:
			return (int64_t) (UINT64_C(1) << (take_byte(input) % 63));
		case 5:
			return (int64_t) take_bits(input, 4);
		default:
			return (int64_t) take_bits(input, 8);
	}
}

/* A count: not below zero. */
static inline int64_t
take_count(Input *input)
{
	return take_int64(input) & INT64_MAX;
}

/* Any double. */
static inline double
take_double(Input *input)
{
	uint64_t	bits = take_bits(input, 8);
	double		number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

/* Strictly between 0 and 1, and often near an end. */
static inline double
take_share(Input *input)
{
	double		share;

	switch (take_byte(input) % 6)
	{
		case 0:
			return 0.95;
		case 1:
			share = (take_byte(input) + 1) / 257.0;
			break;
		case 2:
			share = 1 - ldexp(1, -1 - take_byte(input) % 53);
			break;
		case 3:
			share = ldexp(1, -1 - (int) take_bits(input, 2) % 1074);
			break;
		default:
			share = fabs(take_double(input));
	}
	return share > 0 && share < 1 ? share : 0.5;
}

static inline void
print_into_string(char *to, size_t size, int number)
{
	snprintf(to, size, "%d", number);
}

#endif							/* NPS_FUZZ_H */
