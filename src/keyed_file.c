/*
 * keyed_file.c
 *		Rows in order of their first column, in a temporary file that finds those of
 *		one value.
 *
 * In memory are some of the values and where their rows begin, never more than a
 * quarter of work_mem holds; the rows between them are read one after the other.
 */
#include "keyed_file.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/buffile.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

/* So many rows are taken from the query at a time. */
#define ROWS_AT_ONCE 1000

/* At first, so many rows or more lie between the values in memory. */
#define FEWEST_ROWS_BETWEEN 8

/* Where the rows of a value begin. */
typedef struct KeyPlace
{
	Datum		key;
	int			segment;
	off_t		offset;
} KeyPlace;

struct NpsKeyedFile
{
	MemoryContext context;
	MemoryContextCallback closing;
	BufFile    *file;
	TupleDesc	columns;
	TypeCacheEntry *sorted;		/* the type of the first column */
	Oid			collation;		/* its order */
	KeyPlace   *places;
	int			count;
	int			room;
	Size		used;			/* by the keys and their places */
	int64		rows_between;
	int64		rows_since;		/* the last place */
	Datum		last_key;
	bool		has_last;
	Datum		wanted;
	bool		is_over;		/* there are no more rows of the wanted key */
	HeapTupleData row;			/* the one read last */
	Size		row_room;
};

static void
close_file(void *argument)
{
	BufFileClose(((NpsKeyedFile *) argument)->file);
}

static int
compare_keys(const NpsKeyedFile *file, Datum left, Datum right)
{
	return DatumGetInt32(FunctionCall2Coll(&file->sorted->cmp_proc_finfo, file->collation, left, right));
}

static Datum
copy_key(const NpsKeyedFile *file, Datum key)
{
	return datumCopy(key, file->sorted->typbyval, file->sorted->typlen);
}

static void
free_key(const NpsKeyedFile *file, Datum key)
{
	if (!file->sorted->typbyval)
		pfree(DatumGetPointer(key));
}

static Size
size_of_place(const NpsKeyedFile *file, Datum key)
{
	return sizeof(KeyPlace) + (file->sorted->typbyval ? 0 : datumGetSize(key, false, file->sorted->typlen));
}

/* Forgets every second place. */
static void
forget_places(NpsKeyedFile *file)
{
	int			kept = 0;

	file->used = 0;
	for (int i = 0; i < file->count; i++)
	{
		if (i % 2 == 1)
		{
			free_key(file, file->places[i].key);
			continue;
		}
		file->used += size_of_place(file, file->places[i].key);
		file->places[kept++] = file->places[i];
	}
	file->count = kept;
	file->rows_between *= 2;
}

/* Remembers where the rows of the key begin that are written next. */
static void
add_place(NpsKeyedFile *file, Datum key)
{
	KeyPlace   *place;

	if (file->used > (Size) work_mem * 1024 / 4 && file->count > 1)
		forget_places(file);
	if (file->count == file->room)
	{
		file->room = file->room * 2 + 64;
		file->places = file->places == NULL ? palloc(file->room * sizeof(KeyPlace)) : repalloc_huge(file->places, file->room * sizeof(KeyPlace));
	}
	place = &file->places[file->count++];
	place->key = copy_key(file, key);
	BufFileTell(file->file, &place->segment, &place->offset);
	file->used += size_of_place(file, key);
	file->rows_since = 0;
}

static void
write_row(NpsKeyedFile *file, HeapTuple row)
{
	bool		is_null;
	Datum		key = heap_getattr(row, 1, file->columns, &is_null);

	if (is_null)
		return;
	if (!file->has_last || compare_keys(file, file->last_key, key) != 0)
	{
		if (file->count == 0 || file->rows_since >= file->rows_between)
			add_place(file, key);
		if (file->has_last)
			free_key(file, file->last_key);
		file->last_key = copy_key(file, key);
		file->has_last = true;
	}
	BufFileWrite(file->file, &row->t_len, sizeof(row->t_len));
	BufFileWrite(file->file, row->t_data, row->t_len);
	file->rows_since++;
}

/*
 * Writes all rows of a query, which come in the order of the first column.  The
 * file lasts as long as the context.  NULL if there is no such order.
 */
NpsKeyedFile *
nps_keyed_file(MemoryContext context, Portal portal)
{
	Form_pg_attribute first = TupleDescAttr(portal->tupDesc, 0);
	TypeCacheEntry *sorted = lookup_type_cache(first->atttypid, TYPECACHE_CMP_PROC_FINFO);
	MemoryContext caller;
	NpsKeyedFile *file;

	if (!OidIsValid(sorted->cmp_proc_finfo.fn_oid))
		return NULL;
	caller = MemoryContextSwitchTo(context);
	file = palloc0(sizeof(NpsKeyedFile));
	file->context = context;
	file->columns = CreateTupleDescCopy(portal->tupDesc);
	file->sorted = sorted;
	file->collation = first->attcollation;
	file->rows_between = FEWEST_ROWS_BETWEEN;
	/* the context closes it, however the statement ends: so it is not the transaction's */
	file->file = BufFileCreateTemp(true);
	file->closing.func = close_file;
	file->closing.arg = file;
	MemoryContextRegisterResetCallback(context, &file->closing);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, ROWS_AT_ONCE);
		MemoryContextSwitchTo(context);
		for (uint64 i = 0; i < SPI_processed; i++)
			write_row(file, SPI_tuptable->vals[i]);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	MemoryContextSwitchTo(caller);
	return file;
}

static void
read_bytes(NpsKeyedFile *file, void *bytes, Size count)
{
	if (BufFileRead(file->file, bytes, count) != count)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file")));
}

/* Goes to the rows of the key, which must stay where it is until they were read. */
void
nps_find_key(NpsKeyedFile *file, Datum key)
{
	int			from = 0;
	int			to = file->count;

	/* the last place whose key is not beyond */
	while (from < to)
	{
		int			middle = from + (to - from) / 2;

		if (compare_keys(file, file->places[middle].key, key) <= 0)
			from = middle + 1;
		else
			to = middle;
	}
	file->wanted = key;
	file->is_over = from == 0;
	if (!file->is_over && BufFileSeek(file->file, file->places[from - 1].segment, file->places[from - 1].offset, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not seek in a temporary file")));
}

/* The next row of the key; it lasts until the one after it is read. */
bool
nps_next_of_key(NpsKeyedFile *file, NpsRow *row)
{
	while (!file->is_over)
	{
		uint32		length;
		Size		got = BufFileRead(file->file, &length, sizeof(length));
		bool		is_null;
		int			order;

		if (got == 0)
			break;
		if (got != sizeof(length))
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not read from a temporary file")));
		if (length > file->row_room)
		{
			if (file->row.t_data != NULL)
				pfree(file->row.t_data);
			file->row.t_data = MemoryContextAlloc(file->context, length);
			file->row_room = length;
		}
		file->row.t_len = length;
		read_bytes(file, file->row.t_data, length);
		order = compare_keys(file, heap_getattr(&file->row, 1, file->columns, &is_null), file->wanted);
		if (order > 0)
			break;
		if (order < 0)
			continue;
		row->tuple = &file->row;
		row->columns = file->columns;
		return true;
	}
	file->is_over = true;
	return false;
}
