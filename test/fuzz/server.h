/*
 * server.h
 *		What the source files of nps call of the server, as far as the fuzz targets
 *		get there: memory, errors, strings, messages.
 *
 * A target includes fuzz.h, this and the .c files that it tests.  Memory comes
 * piece by piece from malloc(), so that the address sanitizer sees what is
 * written beside it; an error jumps back into the target.  What is not here is
 * not called, or the program ends there.
 */
#ifndef NPS_FUZZ_SERVER_H
#define NPS_FUZZ_SERVER_H

#include <setjmp.h>

/* the C library's, before the server's names for its own hide them */
static inline int
print_into(char *to, size_t size, const char *format, va_list arguments)
{
	return vsnprintf(to, size, format, arguments);
}

#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/elog.h"

#include "../../src/compat.h"

/* ------------------------------------------------------------------- memory */

static void *pieces[4096];
static int	piece_count;

static void
free_all(void)
{
	while (piece_count > 0)
		free(pieces[--piece_count]);
}

void *
palloc(Size size)
{
	if (piece_count == (int) (sizeof(pieces) / sizeof(pieces[0])))
		abort();
	return pieces[piece_count++] = malloc(size);
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void
pfree(void *pointer)
{
	for (int i = piece_count - 1; i >= 0; i--)
	{
		if (pieces[i] == pointer)
		{
			free(pointer);
			pieces[i] = pieces[--piece_count];
			return;
		}
	}
	abort();
}

/* ------------------------------------------------------------------- errors */

static sigjmp_buf *catcher;
static int	error_code;

/* Runs the statement; what it reports is in error_code, 0 for nothing. */
#define CATCH(statement) \
	do { \
		sigjmp_buf	here; \
\
		error_code = 0; \
		catcher = &here; \
		if (sigsetjmp(here, 0) == 0) \
		{ \
			statement; \
		} \
		catcher = NULL; \
	} while (0)

/* reads all of a message, as the server would */
static int
say(const char *format, va_list arguments)
{
	char		message[512];

	return print_into(message, sizeof(message), format, arguments);
}

bool
errstart(int level, const char *domain pg_attribute_unused())
{
	MUST(level >= ERROR);
	/* what is not given a code is what cannot happen */
	error_code = ERRCODE_INTERNAL_ERROR;
	return true;
}

bool
errstart_cold(int level, const char *domain)
{
	return errstart(level, domain);
}

int
errcode(int code)
{
	return error_code = code;
}

#define DEFINE_MESSAGE(name) \
int \
name(const char *format, ...) \
{ \
	va_list		arguments; \
\
	va_start(arguments, format); \
	say(format, arguments); \
	va_end(arguments); \
	return 0; \
}

DEFINE_MESSAGE(errmsg)
DEFINE_MESSAGE(errmsg_internal)
DEFINE_MESSAGE(errdetail)
DEFINE_MESSAGE(errhint)

void
errfinish(const char *file pg_attribute_unused(), int line pg_attribute_unused(), const char *function pg_attribute_unused())
{
	if (catcher == NULL)
		abort();
	siglongjmp(*catcher, 1);
}

#if PG_VERSION_NUM >= 160000
bool
errsave_start(struct Node *context, const char *domain)
{
	MUST(context == NULL);
	return errstart(ERROR, domain);
}

void
errsave_finish(struct Node *context pg_attribute_unused(), const char *file, int line, const char *function)
{
	errfinish(file, line, function);
}
#endif

void
ExceptionalCondition(const char *condition,
#if PG_VERSION_NUM < 160000
					 const char *type pg_attribute_unused(),
#endif
					 const char *file, int line)
{
	not_so(file, line, condition);
	abort();
}

/* ------------------------------------------------------------------ strings */

void
initStringInfo(StringInfo string)
{
	string->maxlen = 1024;
	string->data = palloc(string->maxlen);
	string->len = string->cursor = 0;
	string->data[0] = '\0';
}

/* nothing here prints more than that */
void
enlargeStringInfo(StringInfo string, int needed)
{
	MUST(string->len + needed < string->maxlen);
}

void
appendBinaryStringInfo(StringInfo string,
#if PG_VERSION_NUM >= 160000
					   const void *data,
#else
					   const char *data,
#endif
					   int length)
{
	enlargeStringInfo(string, length);
	memcpy(string->data + string->len, data, length);
	string->len += length;
	string->data[string->len] = '\0';
}

void
appendStringInfoString(StringInfo string, const char *what)
{
	appendBinaryStringInfo(string, what, (int) strlen(what));
}

void
appendStringInfoChar(StringInfo string, char what)
{
	appendBinaryStringInfo(string, &what, 1);
}

void
appendStringInfo(StringInfo string, const char *format, ...)
{
	va_list		arguments;
	int			length;

	va_start(arguments, format);
	length = print_into(string->data + string->len, string->maxlen - string->len, format, arguments);
	va_end(arguments);
	enlargeStringInfo(string, length);
	string->len += length;
}

char *
psprintf(const char *format, ...)
{
	char	   *result = palloc(512);
	va_list		arguments;

	va_start(arguments, format);
	print_into(result, 512, format, arguments);
	va_end(arguments);
	return result;
}

text *
cstring_to_text(const char *string)
{
	size_t		length = strlen(string);
	text	   *result = palloc(length + VARHDRSZ);

	SET_VARSIZE(result, length + VARHDRSZ);
	memcpy(VARDATA(result), string, length);
	return result;
}

char *
text_to_cstring(const text *string)
{
	size_t		length = VARSIZE_ANY_EXHDR(string);
	char	   *result = palloc(length + 1);

	memcpy(result, VARDATA_ANY(string), length);
	result[length] = '\0';
	return result;
}

/* nothing is compressed or elsewhere */
struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	return datum;
}

/* ----------------------------------------------------------------- messages */

static const void *
next_bytes(StringInfo message, int length)
{
	if (length > message->len - message->cursor)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("insufficient data left in message")));
	message->cursor += length;
	return message->data + message->cursor - length;
}

unsigned int
pq_getmsgint(StringInfo message, int bytes)
{
	uint32		number;

	MUST(bytes == 4);
	memcpy(&number, next_bytes(message, 4), 4);
	return pg_ntoh32(number);
}

int64
pq_getmsgint64(StringInfo message)
{
	uint64		number;

	memcpy(&number, next_bytes(message, 8), 8);
	return (int64) pg_ntoh64(number);
}

void
pq_getmsgend(StringInfo message)
{
	if (message->cursor != message->len)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("invalid message format")));
}

void
pq_begintypsend(StringInfo message)
{
	initStringInfo(message);
	message->len = VARHDRSZ;
}

bytea *
pq_endtypsend(StringInfo message)
{
	SET_VARSIZE(message->data, message->len);
	return (bytea *) message->data;
}

/* ------------------------------------------------------------------- others */

/* FNV: as good as any where only equality is asked for */
uint32
hash_bytes(const unsigned char *key, int length)
{
	uint32		hash = 2166136261u;

	while (length-- > 0)
		hash = (hash ^ *key++) * 16777619u;
	return hash;
}

uint64
hash_bytes_extended(const unsigned char *key, int length, uint64 seed)
{
	return seed ^ hash_bytes(key, length);
}

/* Calls a function of nps; fills call_was_null. */
static bool call_was_null;

static Datum
call(PGFunction function, int count, const Datum *arguments)
{
	LOCAL_FCINFO(info, 8);
	Datum		result;

	InitFunctionCallInfoData(*info, NULL, count, InvalidOid, NULL, NULL);
	for (int i = 0; i < count; i++)
	{
		info->args[i].value = arguments[i];
		info->args[i].isnull = false;
	}
	result = function(info);
	call_was_null = info->isnull;
	return result;
}

#define CALL1(function, one) call(function, 1, (Datum[]) {one})
#define CALL2(function, one, two) call(function, 2, (Datum[]) {one, two})

/* A text of these bytes, with a header of one byte, as short ones are stored, or of four. */
static inline text *
text_of(const uint8_t *bytes, size_t length, bool short_header)
{
	text	   *result;

	if (short_header && length + VARHDRSZ_SHORT <= VARATT_SHORT_MAX)
	{
		result = palloc(length + VARHDRSZ_SHORT);
		SET_VARSIZE_SHORT(result, length + VARHDRSZ_SHORT);
	}
	else
	{
		result = palloc(length + VARHDRSZ);
		SET_VARSIZE(result, length + VARHDRSZ);
	}
	memcpy(VARDATA_ANY(result), bytes, length);
	return result;
}

#endif							/* NPS_FUZZ_SERVER_H */
