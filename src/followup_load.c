/*
 * followup_load.c
 *		Rows that a restore loads.
 *
 * Data may be restored into tables that have their triggers already, and before
 * the source has its rows.  What is loaded is known by what it is: the owner, or
 * whoever acts as the owner, inserts a row that carries what only the triggers
 * write.  It is taken as it is, and nothing is written into the history, which is
 * loaded too.
 */
#include "nps.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "followup_load.h"

/* Rows that were loaded, until the trigger after each of them asks. */
typedef struct LoadedRow
{
	Oid			table;
	uint32		key;			/* the hash of it */
	SubTransactionId subtransaction;
} LoadedRow;

#define KEY_OF_LOADED_ROW offsetof(LoadedRow, subtransaction)

static HTAB *loaded = NULL;

static void
at_end_of_transaction(XactEvent event, void *context pg_attribute_unused())
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		loaded = NULL;			/* its memory goes with the transaction */
}

static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId self, SubTransactionId parent pg_attribute_unused(),
						 void *context pg_attribute_unused())
{
	HASH_SEQ_STATUS status;
	LoadedRow  *row;

	if (event != SUBXACT_EVENT_ABORT_SUB || loaded == NULL)
		return;
	/* what was loaded in it, or in one inside it, which began later, is not there any more */
	hash_seq_init(&status, loaded);
	while ((row = hash_seq_search(&status)) != NULL)
	{
		if (row->subtransaction >= self)
			(void) hash_search(loaded, row, HASH_REMOVE, NULL);
	}
}

/* The hash of the key of a row. */
uint32
nps_row_hash(const NpsRow *row, const char *key)
{
	NpsCell		cell = nps_cell(row, key, InvalidOid);

	return cell.is_null ? 0 : nps_cell_hash(&cell);
}

/* The same of cause_told, whose key has two columns. */
uint32
nps_told_hash(const NpsRow *row)
{
	return hash_combine(nps_row_hash(row, "cause"), nps_row_hash(row, "respondent"));
}

/* Does the owner insert a case that was one before: with a version, events or facts? */
bool
nps_loads_case(Relation table, const NpsRow *row)
{
	return (nps_integer(row, "events") > 0 || nps_integer(row, "version") > 0 || !nps_cell_is_null(row, "recorded_at")) &&
		nps_acts_as_owner(table);
}

/* Notes that the row with the key of that hash is loaded. */
void
nps_load_row(Relation table, uint32 key)
{
	static bool is_registered = false;
	LoadedRow	row = {RelationGetRelid(table), key, InvalidSubTransactionId};
	LoadedRow  *noted;

	if (!is_registered)
	{
		RegisterXactCallback(at_end_of_transaction, NULL);
		RegisterSubXactCallback(at_end_of_subtransaction, NULL);
		is_registered = true;
	}
	if (loaded == NULL)
	{
		HASHCTL		settings;

		settings.keysize = KEY_OF_LOADED_ROW;
		settings.entrysize = sizeof(LoadedRow);
		settings.hcxt = TopTransactionContext;
		loaded = hash_create("nps loaded rows", 256, &settings, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	noted = hash_search(loaded, &row, HASH_ENTER, NULL);
	noted->subtransaction = GetCurrentSubTransactionId();
}

/* Was it?  Asked once. */
bool
nps_was_loaded(Relation table, uint32 key)
{
	LoadedRow	row = {RelationGetRelid(table), key, InvalidSubTransactionId};

	return loaded != NULL && hash_search(loaded, &row, HASH_REMOVE, NULL) != NULL;
}
