/*
 * named_causes.c
 *		Which causes a comment names, by the queries of the table cause.
 *
 * The queries are long lists of phrases, and few comments have a word of any.  So
 * the words of all queries are kept together, each with the queries that it is in,
 * and a query is run only on comments that have one of its words.
 *
 * The table is read once for a statement, as the reader.  The queries are parsed
 * again only if they, or the configurations of text search, have changed: in a
 * session that looks up one case after the other, parsing would take most of the
 * time.
 */
#include "survey_query.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "tsearch/ts_type.h"
#include "tsearch/ts_utils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* So many characters of a comment are read: more would not fit into a tsvector. */
#define MOST_CHARACTERS 10000

/* A word, and one of the queries that it is in. */
typedef struct WordOfQuery
{
	uint32		hash;
	int			next;			/* with the same place in the table; -1: none */
	const char *word;
	int			length;
	int			cause;
} WordOfQuery;

typedef struct Causes
{
	Oid			table;
	NpsMoment	moment;			/* for which the table was read */
	Oid			config;
	MemoryContext context;
	ArrayType  *names;			/* as they were read; NULL: there are none */
	ArrayType  *texts;
	int			count;
	Datum	   *name;
	Datum	   *query;			/* a tsquery; 0: never matches */
	bool	   *is_always_run;	/* may match without any of its words */
	int			word_count;
	WordOfQuery *words;
	uint32		mask;
	int		   *places;			/* first word, by its hash */
	int64	   *met;			/* the comment in which a word of the query was met last */
	int64		comments;		/* number of comments so far */
	bool		is_parsed;		/* all of this is as the texts and the configuration say */
} Causes;

static Causes kept = {InvalidOid};
static bool is_watching = false;

/* A configuration or a dictionary has changed. */
static void
forget_queries(Datum argument, int cache, uint32 hash)
{
	(void) argument;
	(void) cache;
	(void) hash;
	kept.is_parsed = false;
	kept.table = InvalidOid;
}

static bool
same_array(const ArrayType *left, const ArrayType *right)
{
	if (left == NULL || right == NULL)
		return left == right;
	return VARSIZE(left) == VARSIZE(right) && memcmp(left, right, VARSIZE(left)) == 0;
}

static void
add_words(int cause)
{
	TSQuery		query = DatumGetTSQuery(kept.query[cause]);
	QueryItem  *items = GETQUERY(query);

	for (int i = 0; i < query->size; i++)
	{
		WordOfQuery *word = &kept.words[kept.word_count];

		if (items[i].type != QI_VAL)
			continue;
		/* a word that others begin with is not found by its hash */
		if (items[i].qoperand.prefix)
			kept.is_always_run[cause] = true;
		word->word = GETOPERAND(query) + items[i].qoperand.distance;
		word->length = items[i].qoperand.length;
		word->hash = hash_bytes((const unsigned char *) word->word, word->length);
		word->cause = cause;
		word->next = kept.places[word->hash & kept.mask];
		kept.places[word->hash & kept.mask] = kept.word_count++;
	}
}

/* Parses the queries, in the memory that is kept. */
static void
parse_queries(Oid config)
{
	Datum	   *texts;
	bool	   *no_name;
	bool	   *no_text;
	int			texts_count;
	int			items = 0;
	uint32		room = 64;

	kept.count = kept.word_count = 0;
	kept.config = config;
	if (kept.names == NULL)
		return;
	deconstruct_array(kept.names, TEXTOID, -1, false, TYPALIGN_INT, &kept.name, &no_name, &kept.count);
	deconstruct_array(kept.texts, TEXTOID, -1, false, TYPALIGN_INT, &texts, &no_text, &texts_count);
	kept.count = Min(kept.count, texts_count);
	kept.query = palloc0(kept.count * sizeof(Datum));
	kept.is_always_run = palloc0(kept.count * sizeof(bool));
	kept.met = palloc0(kept.count * sizeof(int64));
	for (int i = 0; i < kept.count; i++)
	{
		TSQuery		query;

		if (no_name[i] || no_text[i])
			continue;
		query = DatumGetTSQuery(DirectFunctionCall2(websearch_to_tsquery_byid, ObjectIdGetDatum(config), texts[i]));
		/* without words it matches nothing */
		if (query->size == 0)
			continue;
		kept.query[i] = TSQueryGetDatum(query);
		kept.is_always_run[i] = !tsquery_requires_match(GETQUERY(query));
		items += query->size;
	}
	while (room < 2 * (uint32) items)
		room *= 2;
	kept.mask = room - 1;
	kept.places = palloc(room * sizeof(int));
	memset(kept.places, -1, room * sizeof(int));
	/* one more than there are: the place after the last is looked at, too */
	kept.words = palloc((items + 1) * sizeof(WordOfQuery));
	for (int i = 0; i < kept.count; i++)
		if (kept.query[i] != (Datum) 0)
			add_words(i);
}

/* Reads the table, and parses the queries if they are others than before. */
static void
read_causes(Oid table, Oid config)
{
	Relation	relation = try_relation_open(table, AccessShareLock);
	MemoryContext caller = CurrentMemoryContext;
	ArrayType  *names = NULL;
	ArrayType  *texts = NULL;
	NpsRow		row;

	if (relation == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", table)));
	if (!is_watching)
	{
		CacheRegisterSyscacheCallback(TSCONFIGOID, forget_queries, (Datum) 0);
		CacheRegisterSyscacheCallback(TSCONFIGMAP, forget_queries, (Datum) 0);
		CacheRegisterSyscacheCallback(TSDICTOID, forget_queries, (Datum) 0);
		is_watching = true;
	}
	kept.table = InvalidOid;
	nps_connect();
	if (nps_query_kept(table, "cause",
					   psprintf("SELECT pg_catalog.array_agg(k.cause ORDER BY k.cause COLLATE pg_catalog.\"C\") AS causes, "
								"pg_catalog.array_agg(k.query ORDER BY k.cause COLLATE pg_catalog.\"C\") AS queries FROM %s k",
								nps_beside(relation, RelationGetRelationName(relation))),
					   0, NULL, NPS_AS_BEFORE, &row))
	{
		NpsCell		cell = nps_cell(&row, "causes", TEXTARRAYOID);

		names = cell.is_null ? NULL : DatumGetArrayTypeP(cell.value);
		cell = nps_cell(&row, "queries", TEXTARRAYOID);
		texts = cell.is_null ? NULL : DatumGetArrayTypeP(cell.value);
	}
	if (!kept.is_parsed || kept.config != config || !same_array(names, kept.names) || !same_array(texts, kept.texts))
	{
		kept.is_parsed = false;
		if (kept.context == NULL)
			kept.context = AllocSetContextCreate(TopMemoryContext, "nps causes", ALLOCSET_DEFAULT_SIZES);
		MemoryContextReset(kept.context);
		MemoryContextSwitchTo(kept.context);
		kept.names = names == NULL ? NULL : DatumGetArrayTypePCopy(PointerGetDatum(names));
		kept.texts = texts == NULL ? NULL : DatumGetArrayTypePCopy(PointerGetDatum(texts));
		/* what changes while they are parsed makes them wrong */
		kept.is_parsed = true;
		PG_TRY();
		{
			parse_queries(config);
		}
		PG_CATCH();
		{
			kept.is_parsed = false;
			PG_RE_THROW();
		}
		PG_END_TRY();
		MemoryContextSwitchTo(caller);
	}
	SPI_finish();
	relation_close(relation, AccessShareLock);
	kept.moment = nps_moment();
	kept.table = table;
}

/* Marks the queries that have a word of the comment. */
static void
mark_queries(TSVector words)
{
	WordEntry  *entries = ARRPTR(words);

	kept.comments++;
	for (int i = 0; i < words->size; i++)
	{
		const char *word = STRPTR(words) + entries[i].pos;
		uint32		hash = hash_bytes((const unsigned char *) word, entries[i].len);

		for (int j = kept.places[hash & kept.mask]; j >= 0; j = kept.words[j].next)
			if (kept.words[j].hash == hash && kept.words[j].length == (int) entries[i].len &&
				memcmp(kept.words[j].word, word, entries[i].len) == 0)
				kept.met[kept.words[j].cause] = kept.comments;
	}
}

/*
 * nps_causes_named(causes regclass, config regconfig, comment text) returns text[]
 *
 * The causes that a comment names, in order; NULL for none.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_causes_named);
Datum
nps_causes_named(PG_FUNCTION_ARGS)
{
	Oid			table = PG_GETARG_OID(0);
	Oid			config = PG_GETARG_OID(1);
	Datum		comment;
	Datum		words;
	Datum	   *named;
	int			count = 0;

	if (!OidIsValid(kept.table) || kept.table != table || kept.config != config || !nps_is_moment(&kept.moment))
		read_causes(table, config);
	if (kept.count == 0)
		PG_RETURN_NULL();
	/* in a text of so many bytes there are no more characters */
	comment = PointerGetDatum(PG_GETARG_TEXT_PP(2));
	if (VARSIZE_ANY_EXHDR(DatumGetPointer(comment)) > MOST_CHARACTERS)
		comment = DirectFunctionCall2(text_left, comment, Int32GetDatum(MOST_CHARACTERS));
	words = DirectFunctionCall2(to_tsvector_byid, ObjectIdGetDatum(config), comment);
	mark_queries(DatumGetTSVector(words));
	named = palloc(kept.count * sizeof(Datum));
	for (int i = 0; i < kept.count; i++)
		if (kept.query[i] != (Datum) 0 && (kept.is_always_run[i] || kept.met[i] == kept.comments) &&
			DatumGetBool(DirectFunctionCall2(ts_match_vq, words, kept.query[i])))
			named[count++] = kept.name[i];
	if (count == 0)
		PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(construct_array(named, count, TEXTOID, -1, false, TYPALIGN_INT));
}
