/*
 * notify.c
 *		The trigger of nps_notify(), which tells its listeners that there is
 *		something new.
 *
 * It serves programs that wait, and must never harm writers: whatever
 * the owner of the table did to the trigger or to the table costs the message at
 * most.
 */
#include "nps.h"

#include "catalog/pg_type.h"
#include "commands/async.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* What the trigger was called for; an error if nps_notify() cannot have made it. */
static TriggerData *
expect_tell_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!(TRIGGER_FIRED_BY_INSERT(trigger->tg_event) || TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function can be called only by the triggers of a survey"),
				 errhint("nps_notify() makes these triggers.")));
	if (trigger->tg_trigger->tgnargs != 2)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("the trigger needs a channel and a column"),
				 errhint("nps_notify() makes it.")));
	return trigger;
}

/*
 * The id in the row as text, if it is a number or a UUID; otherwise nothing.
 * Anybody who may connect may listen, and a text can say who answered.
 */
static const char *
public_id(HeapTuple row, TupleDesc columns, const char *name)
{
	int			number = SPI_fnumber(columns, name);
	Oid			type;
	Datum		id;
	bool		is_null;
	Oid			output;
	bool		is_varlena;

	/* the column may have been renamed since */
	if (number <= 0)
		return "";
	type = TupleDescAttr(columns, number - 1)->atttypid;
	if (type != INT2OID && type != INT4OID && type != INT8OID && type != UUIDOID)
		return "";
	id = heap_getattr(row, number, columns, &is_null);
	if (is_null)
		return "";
	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, id);
}

/*
 * nps_tell(channel, column) returns trigger: AFTER INSERT OR UPDATE, for each row
 *
 * Sends the value of the column on the channel.  It is a hint: of keys that are
 * neither numbers nor UUIDs it says only that there is something new, and so a
 * statement that writes many rows sends one message.
 */
PG_FUNCTION_INFO_V1(nps_tell);
Datum
nps_tell(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = expect_tell_trigger(fcinfo);
	const char *channel = trigger->tg_trigger->tgargs[0];
	HeapTuple	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;

	if (channel[0] != '\0' && strlen(channel) < NAMEDATALEN)
		Async_Notify(channel, public_id(row, RelationGetDescr(trigger->tg_relation), trigger->tg_trigger->tgargs[1]));
	else if (fcinfo->flinfo->fn_extra == NULL)
	{
		/* once a statement, not for each row */
		fcinfo->flinfo->fn_extra = trigger->tg_trigger;
		ereport(WARNING,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("trigger \"%s\" on \"%s\" sends no notifications: \"%s\" cannot be a channel",
						trigger->tg_trigger->tgname, RelationGetRelationName(trigger->tg_relation), channel),
				 errhint("nps_notify() makes the trigger anew.")));
	}
	return PointerGetDatum(NULL);
}
