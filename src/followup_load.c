/*
 * followup_load.c
 *		Rows that are loaded by a restore.
 *
 * Data may be restored into tables that already have their triggers, and before the
 * source has its rows.  Loaded rows are recognized by their content: the owner, or
 * a role with the owner's rights, inserts a row with values that only the triggers
 * write.  Such a row is stored as it is, and nothing is written to the history,
 * which is loaded too.
 */
#include "nps.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "followup_load.h"

/* Rows that were loaded, until the AFTER trigger of each asks for it. */
typedef struct LoadedRow
{
	Oid			table;
	uint32		key;			/* the hash of its key */
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
	/* rows that were loaded in it, or in a subtransaction inside it, which began later, are gone */
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

/* The same for cause_told, whose key has two columns. */
uint32
nps_told_hash(const NpsRow *row)
{
	return hash_combine(nps_row_hash(row, "cause"), nps_row_hash(row, "respondent"));
}

/* Does the owner insert a case that existed before: with a version, events or facts? */
bool
nps_loads_case(Relation table, const NpsRow *row)
{
	return (nps_integer(row, "events") > 0 || nps_integer(row, "version") > 0 || !nps_cell_is_null(row, "recorded_at")) &&
		nps_acts_as_owner(table);
}

/* Notes that the row whose key has this hash is loaded. */
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

/* Was it?  This can be asked once. */
bool
nps_was_loaded(Relation table, uint32 key)
{
	LoadedRow	row = {RelationGetRelid(table), key, InvalidSubTransactionId};

	return loaded != NULL && hash_search(loaded, &row, HASH_REMOVE, NULL) != NULL;
}
