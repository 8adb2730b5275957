/*
 * receive_fuzz.c
 *		Sends damaged nps_tally values, binary and text, to a server.
 *
 * Every value must be refused with the right error, or accepted and come back
 * the same.  Which of the two is decided here, by a second implementation of
 * what a tally is: nothing of the extension's own code is used.
 *
 * usage: receive_fuzz BINARY-VALUES TEXT-VALUES [SEED]
 * Where to is told by the usual variables (PGHOST, PGDATABASE ...); the
 * database must have the extension.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#define COUNTERS 14
#define SCORES 11
#define BINARY_SIZE (4 + 4 + COUNTERS * 8)
#define LONGEST_VALUE 70000
#define LONGEST_TEXT 1024
#define BATCH 200
#define RING 64
#define BAD_VALUES_SHOWN 20

typedef struct Tally
{
	uint32_t	version;
	uint32_t	scale;
	int64_t		counter[COUNTERS];
} Tally;

typedef struct Scale
{
	const char *name;
	int			min;
	int			max;			/* -1: no scores of its own */
} Scale;

static const Scale scales[] = {
	{"", 0, -1},
	{"nps", 0, 10},
	{"csat5", 1, 5},
	{"csat7", 1, 7},
	{"ces5", 1, 5},
	{"ces7", 1, 7},
	{"ces5_reversed", 1, 5},
	{"health", 0, -1},
};

#define SCALE_COUNT ((int) (sizeof(scales) / sizeof(scales[0])))
#define NPS 1

/* A value that was sent, and what must come of it. */
typedef struct Case
{
	char	   *value;
	int			length;
	bool		binary;
	bool		valid;
	Tally		tally;			/* if valid */
} Case;

static uint64_t random_state;
static Tally ring[RING];		/* tallies that the server sent */
static int	ring_used;
static long bad_values;

static uint64_t
random_bits(void)
{
	uint64_t	z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* A number from 0 to below. */
static int
below(int limit)
{
	return (int) (random_bits() % (uint64_t) limit);
}

static void
die(const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

/* ------------------------------------------------------ what a tally is */

static bool
scale_has_score(uint32_t scale, int score)
{
	return score >= scales[scale].min && score <= scales[scale].max;
}

/* Whether it is one; makes the scale of an empty one canonical. */
static bool
check_tally(Tally *tally)
{
	uint64_t	sum = 0;

	if (tally->version != 1 || tally->scale >= (uint32_t) SCALE_COUNT)
		return false;
	for (int i = 0; i < COUNTERS; i++)
	{
		if (tally->counter[i] < 0)
			return false;
		sum += (uint64_t) tally->counter[i];
		if (sum > INT64_MAX)
			return false;
	}
	if (sum == 0)
	{
		tally->scale = 0;
		return true;
	}
	if (tally->scale == 0)
		return false;
	for (int score = 0; score < SCORES; score++)
	{
		if (tally->counter[score] != 0 && !scale_has_score(tally->scale, score))
			return false;
	}
	return true;
}

static uint64_t
get_bytes(const char *at, int count)
{
	uint64_t	number = 0;

	for (int i = 0; i < count; i++)
		number = number << 8 | (unsigned char) at[i];
	return number;
}

static void
put_bytes(char *at, int count, uint64_t number)
{
	for (int i = count; i-- > 0; number >>= 8)
		at[i] = (char) (number & 0xff);
}

static void
write_binary(const Tally *tally, char *value)
{
	put_bytes(value, 4, tally->version);
	put_bytes(value + 4, 4, tally->scale);
	for (int i = 0; i < COUNTERS; i++)
		put_bytes(value + 8 + i * 8, 8, (uint64_t) tally->counter[i]);
}

static bool
read_binary(const char *value, int length, Tally *tally)
{
	if (length != BINARY_SIZE)
		return false;
	tally->version = (uint32_t) get_bytes(value, 4);
	tally->scale = (uint32_t) get_bytes(value + 4, 4);
	for (int i = 0; i < COUNTERS; i++)
		tally->counter[i] = (int64_t) get_bytes(value + 8 + i * 8, 8);
	return check_tally(tally);
}

/* The text form: {1,2,3,4,5,6,7,8,9,10,11;1,2,3} with a name before other scales than nps. */
static void
write_text(const Tally *tally, char *text)
{
	const Scale *scale = &scales[tally->scale];
	bool		some_scores = false;
	bool		some_categories = false;

	for (int i = 0; i < COUNTERS; i++)
	{
		if (tally->counter[i] != 0)
			*(i < SCORES ? &some_scores : &some_categories) = true;
	}
	text += sprintf(text, "%s{", tally->scale == NPS ? "" : scale->name);
	for (int score = scale->min; some_scores && score <= scale->max; score++)
		text += sprintf(text, "%s%" PRId64, score == scale->min ? "" : ",", tally->counter[score]);
	for (int i = SCORES; some_categories && i < COUNTERS; i++)
		text += sprintf(text, "%s%" PRId64, i == SCORES ? ";" : ",", tally->counter[i]);
	strcpy(text, "}");
}

static const char *
behind_blanks(const char *at)
{
	return at + strspn(at, " \t\n\v\f\r");
}

/* One count: digits, at most INT64_MAX.  NULL if there is none. */
static const char *
read_number(const char *at, int64_t *number)
{
	size_t		digits;

	at = behind_blanks(at);
	digits = strspn(at, "0123456789");
	if (digits == 0)
		return NULL;
	while (digits > 1 && *at == '0')
	{
		at++;
		digits--;
	}
	if (digits > 19 || (digits == 19 && strncmp(at, "9223372036854775807", 19) > 0))
		return NULL;
	*number = 0;
	for (size_t i = 0; i < digits; i++)
		*number = *number * 10 + (at[i] - '0');
	return behind_blanks(at + digits);
}

static bool
read_text(const char *at, Tally *tally)
{
	int			first = 0;
	int			count = 0;
	size_t		name;

	memset(tally, 0, sizeof(Tally));
	tally->version = 1;
	tally->scale = NPS;
	at = behind_blanks(at);
	name = strcspn(at, "{ \t\n\v\f\r");
	if (name > 0)
	{
		for (tally->scale = 1; tally->scale < (uint32_t) SCALE_COUNT; tally->scale++)
		{
			if (strlen(scales[tally->scale].name) == name && strncmp(scales[tally->scale].name, at, name) == 0)
				break;
		}
		if (tally->scale == (uint32_t) SCALE_COUNT)
			return false;
	}
	at = behind_blanks(at + name);
	if (*at++ != '{')
		return false;
	at = behind_blanks(at);
	first = scales[tally->scale].min;
	count = scales[tally->scale].max - first + 1;
	if (*at != ';' && *at != '}')
	{
		for (int i = 0; i < count; i++)
		{
			if (i > 0 && *at++ != ',')
				return false;
			at = read_number(at, &tally->counter[first + i]);
			if (at == NULL)
				return false;
		}
		if (count == 0)
			return false;
	}
	if (*at == ';')
	{
		at++;
		for (int i = SCORES; i < COUNTERS; i++)
		{
			if (i > SCORES && *at++ != ',')
				return false;
			at = read_number(at, &tally->counter[i]);
			if (at == NULL)
				return false;
		}
	}
	if (*at++ != '}' || *behind_blanks(at) != '\0')
		return false;
	return check_tally(tally);
}

/* --------------------------------------------------------- what is sent */

static int64_t
extreme_number(void)
{
	static const int64_t numbers[] = {
		0, 1, 2, -1, -2, INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, INT64_MAX / 2, INT64_MAX / 2 + 1,
		INT32_MAX, INT32_MIN, UINT32_MAX, INT64_C(1) << 32, INT64_C(1) << 53, INT64_C(1) << 62,
	};

	return numbers[below((int) (sizeof(numbers) / sizeof(numbers[0])))];
}

/* A tally as it should be: small, large, empty, by category only, or with exactly as many answers as there may be. */
static void
valid_tally(Tally *tally)
{
	uint64_t	range = UINT64_C(1) << below(59);

	memset(tally, 0, sizeof(Tally));
	tally->version = 1;
	if (below(20) == 0)
		return;
	tally->scale = (uint32_t) (1 + below(SCALE_COUNT - 1));
	for (int i = 0; i < COUNTERS; i++)
	{
		bool		score = i < SCORES;

		if ((score && !scale_has_score(tally->scale, i)) || below(3) == 0)
			continue;
		tally->counter[i] = (int64_t) (random_bits() % range);
	}
	if (below(10) == 0)
	{
		memset(tally->counter, 0, sizeof(tally->counter));
		tally->counter[SCORES + below(3)] = INT64_MAX - 3;
		tally->counter[SCORES] += 1;
		tally->counter[SCORES + 2] += 2;
	}
	check_tally(tally);
}

static void
flip_bits(char *value, int length, int mask_bits)
{
	if (length == 0)
		return;
	for (int flips = 1 + below(8); flips > 0; flips--)
		value[below(length)] ^= (char) (1 << below(mask_bits));
}

static void
make_binary(Case *c)
{
	static char value[LONGEST_VALUE];
	Tally		tally;
	int			length = BINARY_SIZE;

	valid_tally(&tally);
	write_binary(&tally, value);
	switch (below(12))
	{
		case 0:
			break;
		case 1:					/* what the server sent comes back */
			if (ring_used > 0)
				write_binary(&ring[below(ring_used)], value);
			break;
		case 2:
		case 3:
			flip_bits(value, length, 8);
			break;
		case 4:
			length = below(BINARY_SIZE);
			break;
		case 5:
			length += below(50) == 0 ? 1 + below(LONGEST_VALUE - BINARY_SIZE) : 1 + below(64);
			for (int i = BINARY_SIZE; i < length; i++)
				value[i] = (char) random_bits();
			break;
		case 6:
		case 7:
			for (int changes = 1 + below(3); changes > 0; changes--)
				put_bytes(value + 8 + below(COUNTERS) * 8, 8, (uint64_t) extreme_number());
			break;
		case 8:
			put_bytes(value, 4, below(2) == 0 ? (uint64_t) below(4) : random_bits());
			break;
		case 9:
			put_bytes(value + 4, 4, below(2) == 0 ? (uint64_t) below(12) : random_bits());
			break;
		case 10:				/* counters of a machine that begins at the other end */
			for (int i = 0; i < COUNTERS; i++)
			{
				uint64_t	number = get_bytes(value + 8 + i * 8, 8);

				for (int byte = 0; byte < 8; byte++, number >>= 8)
					value[8 + i * 8 + byte] = (char) (number & 0xff);
			}
			break;
		default:
			length = below(4) == 0 ? BINARY_SIZE : below(200);
			for (int i = 0; i < length; i++)
				value[i] = (char) random_bits();
			break;
	}
	c->binary = true;
	c->length = length;
	c->value = malloc((size_t) length + 1);
	memcpy(c->value, value, (size_t) length);
	c->valid = read_binary(value, length, &c->tally);
}

/* Puts a string in place of so many characters. */
static void
splice(char *text, int at, int removed, const char *inserted)
{
	char		rest[LONGEST_TEXT];

	if (strlen(text) + strlen(inserted) >= LONGEST_TEXT)
		return;
	strcpy(rest, text + at + removed);
	strcpy(text + at, inserted);
	strcat(text, rest);
}

static void
make_text(Case *c)
{
	static const char *const pieces[] = {
		"{", "}", "{}", ",", ",,", ";", ";;", ";1,2,3", "0", "1", "9", "-", "+", ".", "e5", "0x1", "_", " ", "\t", "\n", "\v\f\r", "'", "\"",
		"\\", "NaN", "NULL", "nps", "csat5", "csat7", "ces5", "ces7", "ces5_reversed", "health", "stars", "NPS", "9223372036854775807",
		"9223372036854775808", "18446744073709551616", "99999999999999999999999999", "000000000000000000000000000001", "%s%n",
		"\xc3\xa9", "\xef\xbc\x91", "\xc2\xa0", "\xf0\x9f\x98\x80", "\x01", "\x7f",
	};
	char		text[LONGEST_TEXT * 2];
	Tally		tally;
	int			length;

	valid_tally(&tally);
	if (below(20) == 0)			/* most likely more answers than fit */
	{
		for (int i = SCORES; i < COUNTERS; i++)
			tally.counter[i] = extreme_number() & INT64_MAX;
	}
	write_text(&tally, text);
	length = (int) strlen(text);
	switch (below(8))
	{
		case 0:
			break;
		case 1:
			if (ring_used > 0)
				write_text(&ring[below(ring_used)], text);
			break;
		case 2:
			flip_bits(text, length, 7);
			break;
		case 3:
			text[below(length + 1)] = '\0';
			break;
		case 4:					/* random characters, most of them such as a tally has */
			length = below(80);
			for (int i = 0; i < length; i++)
				text[i] = below(4) == 0 ? (char) (1 + below(127)) : "{},;0123456789 \tcsat57ehlthnp_"[below(30)];
			text[length] = '\0';
			break;
		case 5:					/* blanks, which may be between all parts */
			for (int blanks = 1 + below(10); blanks > 0; blanks--)
			{
				int			at = below((int) strlen(text) + 1);
				bool		between = at == 0 || text[at] == '\0' || strchr("{},;", text[at]) != NULL ||
					strchr("{},;", text[at - 1]) != NULL;

				if (between || below(10) == 0)
					splice(text, at, 0, below(2) == 0 ? " " : "\n");
			}
			break;
		default:
			for (int changes = 1 + below(3); changes > 0; changes--)
			{
				int			at = below((int) strlen(text) + 1);
				int			removed = below(3);

				/* a character of several bytes is not cut: that would be for the server's check of encodings */
				while (at > 0 && (text[at] & 0xc0) == 0x80)
					at--;
				if (removed > (int) strlen(text + at))
					removed = (int) strlen(text + at);
				while ((text[at + removed] & 0xc0) == 0x80)
					removed++;
				splice(text, at, removed, pieces[below((int) (sizeof(pieces) / sizeof(pieces[0])))]);
			}
			break;
	}
	c->binary = false;
	/* a flipped bit may have made an end of the string */
	c->length = (int) strlen(text);
	c->value = malloc((size_t) c->length + 1);
	strcpy(c->value, text);
	c->valid = read_text(text, &c->tally);
}

/* ------------------------------------------------------ what comes back */

static void
report(const Case *c, const char *format,...)
{
	va_list		arguments;

	if (++bad_values > BAD_VALUES_SHOWN)
		return;
	printf("WRONG  ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	if (c->binary)
	{
		printf("\n       binary, %d bytes: ", c->length);
		for (int i = 0; i < c->length && i < 200; i++)
			printf("%02x", (unsigned char) c->value[i]);
	}
	else
		printf("\n       text: %s", c->value);
	printf("\n");
}

/* Whether the server answered rightly; counts the answers by SQLSTATE, "" for an accepted value. */
static void
judge(const Case *c, const PGresult *result, void (*count) (const char *))
{
	char		binary[BINARY_SIZE];
	char		text[LONGEST_TEXT];

	if (PQresultStatus(result) == PGRES_FATAL_ERROR)
	{
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		bool		right;

		if (state == NULL)
			die("lost the server: %s", PQresultErrorMessage(result));
		if (!c->binary)
			right = strcmp(state, "22P02") == 0 || strcmp(state, "22003") == 0;
		else if (c->length == BINARY_SIZE)
			right = strcmp(state, "22P03") == 0;
		else
			right = strcmp(state, "08P01") == 0 || strcmp(state, "22P03") == 0;
		count(state);
		if (c->valid)
			report(c, "a valid value is refused: %s", PQresultErrorMessage(result));
		else if (!right)
			report(c, "refused with SQLSTATE %s: %s", state, PQresultErrorMessage(result));
		return;
	}
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1 || PQnfields(result) != 3)
		die("unexpected answer: %s", PQresultErrorMessage(result));
	count("");
	if (!c->valid)
	{
		report(c, "accepted as %s", PQgetvalue(result, 0, 1));
		return;
	}
	write_binary(&c->tally, binary);
	write_text(&c->tally, text);
	if (PQgetlength(result, 0, 0) != BINARY_SIZE || memcmp(PQgetvalue(result, 0, 0), binary, BINARY_SIZE) != 0)
		report(c, "sent back other bytes");
	else if (strcmp(PQgetvalue(result, 0, 1), text) != 0)
		report(c, "comes back as %s and not as %s", PQgetvalue(result, 0, 1), text);
	else if (PQgetvalue(result, 0, 2)[0] != 1)
		report(c, "its text %s does not read as the same tally", text);
	else
		ring[ring_used < RING ? ring_used++ : below(RING)] = c->tally;
}

static struct
{
	char		state[6];
	long		count;
}			counts[20];

static void
count_answer(const char *state)
{
	int			i = 0;

	while (counts[i].count > 0 && strcmp(counts[i].state, state) != 0)
	{
		if (++i == 20)
			die("too many different errors");
	}
	snprintf(counts[i].state, sizeof(counts[i].state), "%s", state);
	counts[i].count++;
}

/* Sends so many values, many at a time without waiting, and prints what came of them. */
static void
fuzz(PGconn *connection, const char *what, long values, void (*make) (Case *))
{
	static Case batch[BATCH];
	long		accepted = 0;

	memset(counts, 0, sizeof(counts));
	for (long done = 0; done < values;)
	{
		int			size = values - done < BATCH ? (int) (values - done) : BATCH;

		for (int i = 0; i < size; i++)
		{
			const char *value;
			int			format;

			make(&batch[i]);
			value = batch[i].value;
			format = batch[i].binary ? 1 : 0;
			/* a synchronization after each, so that an error is that of one value only */
			if (!PQsendQueryPrepared(connection, "there_and_back", 1, &value, &batch[i].length, &format, 1) ||
				!PQpipelineSync(connection))
				die("cannot send: %s", PQerrorMessage(connection));
		}
		for (int i = 0; i < size; i++)
		{
			PGresult   *result = PQgetResult(connection);

			judge(&batch[i], result, count_answer);
			PQclear(result);
			if (PQgetResult(connection) != NULL)
				die("more than one answer");
			result = PQgetResult(connection);
			if (PQresultStatus(result) != PGRES_PIPELINE_SYNC)
				die("no synchronization: %s", PQresultErrorMessage(result));
			PQclear(result);
			free(batch[i].value);
		}
		done += size;
	}
	printf("%s: %ld values sent", what, values);
	for (int i = 0; counts[i].count > 0; i++)
	{
		if (counts[i].state[0] == '\0')
			accepted = counts[i].count;
		else
			printf(", %ld refused with %s", counts[i].count, counts[i].state);
	}
	printf(", %ld accepted and the same there and back\n", accepted);
	/* else it would show nothing */
	if (accepted < values / 10 || accepted > values - values / 10)
		die("too few or too many of them are valid to show anything");
}

static char *
ask(PGconn *connection, const char *query)
{
	PGresult   *result = PQexec(connection, query);
	char	   *answer;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		die("%s", PQresultErrorMessage(result));
	answer = strdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return answer;
}

int
main(int count, char **arguments)
{
	PGconn	   *connection;
	PGresult   *result;
	Oid			type;
	char	   *backend;

	if (count < 3)
		die("usage: receive_fuzz BINARY-VALUES TEXT-VALUES [SEED]");
	random_state = count > 3 ? strtoull(arguments[3], NULL, 10) : 20240229;
	printf("seed %" PRIu64 "\n", random_state);

	connection = PQconnectdb("client_encoding=UTF8");
	if (PQstatus(connection) != CONNECTION_OK)
		die("%s", PQerrorMessage(connection));
	/* all the errors to come are not for the server's log; without the right to say so, they are */
	PQclear(PQexec(connection, "SET log_min_messages = panic"));
	PQclear(PQexec(connection, "SET plan_cache_mode = force_generic_plan"));
	backend = ask(connection, "SELECT pg_backend_pid()");
	type = (Oid) strtoul(ask(connection, "SELECT 'nps_tally'::regtype::oid"), NULL, 10);
	result = PQprepare(connection, "there_and_back",
					   "SELECT nps_tally_send($1), $1::text, $1::text::nps_tally = $1", 1, &type);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die("%s", PQresultErrorMessage(result));
	PQclear(result);

	if (!PQenterPipelineMode(connection))
		die("no pipeline mode: %s", PQerrorMessage(connection));
	fuzz(connection, "binary", strtol(arguments[1], NULL, 10), make_binary);
	fuzz(connection, "text", strtol(arguments[2], NULL, 10), make_text);
	if (!PQexitPipelineMode(connection))
		die("cannot leave pipeline mode: %s", PQerrorMessage(connection));

	if (strcmp(ask(connection, "SELECT pg_backend_pid()"), backend) != 0)
		die("the backend is not the same");
	if (strcmp(ask(connection, "SELECT nps_score('{17,0,0,0,0,0,0,33,0,50,0}'::nps_tally)"), "33") != 0)
		die("the backend does not count any more");
	printf("backend: the same, and in good health\n");
	PQfinish(connection);
	if (bad_values > 0)
	{
		printf("%ld wrong answers\n", bad_values);
		return 1;
	}
	return 0;
}
