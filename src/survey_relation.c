/*
 * survey_relation.c
 *		The relations of a survey, as its triggers see them: which relation a
 *		trigger is on, which tables belong to it, with whose rights they are used,
 *		and who acts.
 */
#include "survey_relation.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static bool
is_made_for(const TriggerData *trigger, const NpsTriggerUse *use)
{
	const char *name = RelationGetRelationName(trigger->tg_relation);

	if ((trigger->tg_event & TRIGGER_EVENT_TIMINGMASK) != use->timing ||
		(use->events & (1U << (trigger->tg_event & TRIGGER_EVENT_OPMASK))) == 0 ||
		(TRIGGER_FIRED_FOR_ROW(trigger->tg_event) != 0) != use->for_row ||
		trigger->tg_trigger->tgnargs != use->arguments ||
		strchr(use->kinds, trigger->tg_relation->rd_rel->relkind) == NULL)
		return false;
	if (use->names[0] == NULL)
		return true;
	for (int i = 0; i < (int) lengthof(use->names) && use->names[i] != NULL; i++)
		if (strcmp(use->names[i], name) == 0)
			return true;
	return false;
}

/*
 * What a trigger function was called with.  Anybody may put it on a relation of
 * their own, for any event: any use that it is not made for is an error.
 */
TriggerData *
nps_expect_trigger(FunctionCallInfo fcinfo, const NpsTriggerUse *use)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !is_made_for(trigger, use))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function can be called only by the triggers of a survey"),
				 errdetail("%s() is made for %s.", use->function, use->description),
				 errhint("nps_attach() makes these triggers.")));
	return trigger;
}

/*
 * The quoted and qualified name of an object in the relation's schema, whichever
 * schema that is now.
 */
char *
nps_beside(Relation relation, const char *name)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)), name);
}

/*
 * One of the survey's own tables.  It is read and written with the rights of the
 * given relation's owner, and so must belong to the same owner.  The lock is taken
 * before anything is checked, and lasts until the transaction ends.
 */
NpsTable
nps_survey_table(Relation relation, const char *name, LOCKMODE lock)
{
	NpsTable	table;
	HeapTuple	entry;
	bool		is_ours;

	table.schema = RelationGetNamespace(relation);
	for (;;)
	{
		table.oid = get_relname_relid(name, table.schema);
		if (!OidIsValid(table.oid))
			break;
		LockRelationOid(table.oid, lock);
		if (get_relname_relid(name, table.schema) == table.oid)
			break;
		UnlockRelationOid(table.oid, lock);
	}
	entry = SearchSysCache1(RELOID, ObjectIdGetDatum(table.oid));
	is_ours = HeapTupleIsValid(entry) &&
		((Form_pg_class) GETSTRUCT(entry))->relkind == RELKIND_RELATION &&
		((Form_pg_class) GETSTRUCT(entry))->relowner == relation->rd_rel->relowner;
	if (HeapTupleIsValid(entry))
		ReleaseSysCache(entry);
	table.schema_name = get_namespace_name(table.schema);
	if (!is_ours || table.schema_name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" of the survey is missing or belongs to somebody else", name),
				 errhint("nps_attach(..., replace => true) makes what is missing; ALTER TABLE ... OWNER TO gives it to the owner of \"%s\".",
						 RelationGetRelationName(relation))));
	table.name = pstrdup(name);
	table.quoted = quote_qualified_identifier(table.schema_name, table.name);
	return table;
}

/* The type of a column of the table. */
Oid
nps_column_type(const NpsTable *table, const char *name)
{
	AttrNumber	number = get_attnum(table->oid, name);

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of \"%s\" is missing", name, table->name),
				 errhint("The columns that nps_attach() made must stay.")));
	return get_atttype(table->oid, number);
}

/*
 * Checks that the name, which was used in a query, still means the table.  The lock
 * prevents renaming the table, but not its schema.
 */
void
nps_expect_unchanged(const NpsTable *table)
{
	if (get_namespace_oid(table->schema_name, true) != table->schema ||
		get_relname_relid(table->name, table->schema) != table->oid)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s was renamed or replaced meanwhile", table->quoted),
				 errhint("Try again.")));
}

static Oid
function_owner(Oid function)
{
	HeapTuple	entry = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			owner = HeapTupleIsValid(entry) ? ((Form_pg_proc) GETSTRUCT(entry))->proowner : InvalidOid;

	if (HeapTupleIsValid(entry))
		ReleaseSysCache(entry);
	return owner;
}

/*
 * Checks a table that is written to with its owner's rights on behalf of others: a
 * role with the TRIGGER privilege must not get its own code run this way.  The lock
 * keeps the triggers as they are.
 */
void
nps_expect_trusted_triggers(const NpsTable *table)
{
	Relation	relation = table_open(table->oid, NoLock);
	TriggerDesc *triggers = CopyTriggerDesc(relation->trigdesc);
	Oid			owner = relation->rd_rel->relowner;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger    *trigger = &triggers->triggers[i];

		if (!trigger->tgisinternal && !has_privs_of_role(function_owner(trigger->tgfoid), owner))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("trigger \"%s\" on \"%s\" calls a function of somebody else", trigger->tgname, table->name),
					 errdetail("It would run with the rights of the owner of \"%s\".", table->name),
					 errhint("Ask the owner to drop the trigger or to take over the function.")));
	}
	FreeTriggerDesc(triggers);
	table_close(relation, NoLock);
}

/*
 * Takes the rights of the table's owner, so that the rules hold and the history is
 * written whatever rights the acting role has.  Row security that is forced on the
 * owner is meant for the owner's own queries, not for this.
 */
void
nps_become_owner_of(Relation table, NpsOwner *self)
{
	nps_become_owner(table->rd_rel->relowner, SECURITY_NOFORCE_RLS, self);
}

/* The acting role, even if a foreign key acts with the rights of the table's owner. */
static Oid
acting_user(void)
{
	return InNoForceRLSOperation() ? GetOuterUserId() : GetUserId();
}

/* Does the acting role have the rights of the table's owner? */
bool
nps_acts_as_owner(Relation table)
{
	return has_privs_of_role(acting_user(), table->rd_rel->relowner);
}

/* The name of a role, which has none if it was dropped during its session. */
static char *
role_name(Oid role)
{
	char	   *name = GetUserNameFromId(role, true);

	return name != NULL ? name : psprintf("%u", role);
}

char *
nps_acting_role(void)
{
	return role_name(acting_user());
}

/* The role that connected, whatever SET ROLE has changed since. */
char *
nps_session_role(void)
{
	return role_name(GetSessionUserId());
}

/* Who acts: the person that the application names in nps.actor, or else the connected role. */
char *
nps_acting_person(void)
{
	const char *said = GetConfigOption("nps.actor", true, false);

	return said != NULL && said[0] != '\0' ? pstrdup(said) : nps_session_role();
}
