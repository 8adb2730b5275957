/*
 * followup_rules.c
 *		The dated rules of follow-up: which scores are followed up, within how many
 *		hours, and for how many days.
 *
 * An answer is judged by the rule that was in force when it was given.  The current
 * rules are in the tables playbook and survey, earlier ones in playbook_past and
 * survey_past.  All are read at once, as the reader, and kept while the same data
 * is visible, that is for one statement.
 *
 * The functions are STABLE.  With constant arguments the planner computes them in
 * advance, and so its statistics show how few answers are recent and bad;
 * sub-selects would be unknown values to it.
 */
#include "survey_query.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "case_fold.h"

/* The clocks that the playbook has hours for. */
static const char *const clocks[] = {"acknowledge", "contact", "resolve"};
#define CLOCKS ((int) lengthof(clocks))
#define CONTACT_CLOCK 1

/* No scale goes beyond this. */
#define MOST_SCORE 100

/* No hours. */
#define NO_HOURS (-1)

/* One rule of the playbook, as it was until a time. */
typedef struct DatedRule
{
	int64		score_from;
	int64		score_to;
	int64		until;			/* DT_NOEND: it is in force */
	int64		follow_up;
	int64		hours[CLOCKS];
	int64		personal;		/* by the rule in force */
} DatedRule;

/* The settings that are dated, as they were until a time. */
typedef struct DatedDays
{
	int64		until;
	int64		follow_up_days;
	int64		renew_after_days;
} DatedDays;

typedef struct FollowupRules
{
	Oid			survey;
	NpsMoment	moment;
	MemoryContext context;
	DatedRule  *rules;
	int			rule_count;
	DatedDays  *days;
	int			days_count;
	int64		wants_contact_hours;
	ArrayType  *holding;		/* dismissal reasons that hold for the person; NULL: none */
	/* how to call nps_due() with the survey's working time */
	FmgrInfo	due;
	NpsCell		zone;
	NpsCell		work[4];		/* days, from, until, holidays */
} FollowupRules;

static FollowupRules kept = {InvalidOid};

PGDLLEXPORT extern Datum nps_due(PG_FUNCTION_ARGS);

static bool
is_still_so(Oid survey)
{
	return OidIsValid(survey) && kept.survey == survey && nps_is_moment(&kept.moment);
}

/* The numbers in an array column of the row. */
static int64 *
numbers_in(const NpsRow *row, const char *name, int in_each, int *count)
{
	NpsCell		cell = nps_cell(row, name, INT8ARRAYOID);
	ArrayType  *array;
	int64	   *numbers;

	*count = 0;
	if (cell.is_null)
		return NULL;
	array = DatumGetArrayTypeP(cell.value);
	if (ARR_HASNULL(array) || ARR_NDIM(array) != 2 || ARR_DIMS(array)[1] != in_each)
		return NULL;
	*count = ARR_DIMS(array)[0];
	numbers = MemoryContextAlloc(kept.context, *count * in_each * sizeof(int64));
	memcpy(numbers, ARR_DATA_PTR(array), *count * in_each * sizeof(int64));
	return numbers;
}

/*
 * A time as the server stores it; qualified, as queries are parsed with the
 * caller's search_path.
 */
#define MICROSECONDS(column) \
	"((EXTRACT(epoch FROM " column ") OPERATOR(pg_catalog.-) 946684800::pg_catalog.numeric) OPERATOR(pg_catalog.*) 1000000::pg_catalog.numeric)::pg_catalog.int8"
#define RULE(until, personal) \
	"ARRAY[p.score_from, p.score_to, " until ", p.follow_up::pg_catalog.int4, coalesce(p.acknowledge_hours, -1), " \
	"coalesce(p.contact_hours, -1), coalesce(p.resolve_hours, -1), " personal "]::pg_catalog.int8[]"

/* Reads the rules of a survey, given its table survey. */
static void
read_rules(Oid survey)
{
	Relation	table = try_relation_open(survey, AccessShareLock);
	NpsRow		row;
	NpsCell		cell;
	MemoryContext caller;
	char	   *query;
	int			count;

	if (table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", survey)));
	kept.survey = InvalidOid;
	if (kept.context == NULL)
		kept.context = AllocSetContextCreate(TopMemoryContext, "nps follow-up rules", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(kept.context);
	nps_connect();
	query = psprintf("SELECT s.time_zone, s.work_days, s.work_from, s.work_until, coalesce(s.wants_contact_hours, -1) AS wants_contact_hours, "
						 "s.follow_up_days, s.renew_after_days, "
						 "(SELECT pg_catalog.array_agg(h.day) FROM %s h) AS holidays, "
						 "(SELECT pg_catalog.array_agg(d.reason) FROM %s d WHERE d.holds_for_person) AS holding, "
						 "(SELECT pg_catalog.array_agg(r.rule ORDER BY r.until NULLS LAST) FROM (SELECT " RULE(MICROSECONDS("p.until"), "0") " AS rule, p.until FROM %s p "
						 "UNION ALL SELECT " RULE("9223372036854775807", "p.personal::pg_catalog.int4") ", NULL FROM %s p) r) AS rules, "
						 "(SELECT pg_catalog.array_agg(ARRAY[" MICROSECONDS("d.until") ", d.follow_up_days, d.renew_after_days]::pg_catalog.int8[] "
						 "ORDER BY d.until) FROM %s d) AS days FROM %s s LIMIT 1",
						 nps_beside(table, "holiday"), nps_beside(table, "dismiss_reason"), nps_beside(table, "playbook_past"), nps_beside(table, "playbook"),
						 nps_beside(table, "survey_past"), nps_beside(table, RelationGetRelationName(table)));
	/* planning uses the snapshot of the calling statement, which may have attached the survey */
	if (!nps_query_kept(survey, "survey", query, 0, NULL, NPS_AS_BEFORE, &row) &&
		!nps_query(SPI_OK_SELECT, "survey", query, 0, NULL, NPS_AS_NOW, &row))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" has no row", RelationGetRelationName(table)),
				 errhint("nps_attach(..., replace => true) makes it anew.")));
	kept.rules = (DatedRule *) numbers_in(&row, "rules", sizeof(DatedRule) / sizeof(int64), &kept.rule_count);
	kept.days = (DatedDays *) numbers_in(&row, "days", sizeof(DatedDays) / sizeof(int64), &count);
	kept.days = kept.days == NULL
		? MemoryContextAlloc(kept.context, sizeof(DatedDays))
		: repalloc(kept.days, (count + 1) * sizeof(DatedDays));
	kept.days[count].until = DT_NOEND;
	kept.days[count].follow_up_days = nps_integer(&row, "follow_up_days");
	kept.days[count].renew_after_days = nps_integer(&row, "renew_after_days");
	kept.days_count = count + 1;
	kept.wants_contact_hours = nps_integer(&row, "wants_contact_hours");
	cell = nps_cell(&row, "holding", TEXTARRAYOID);
	caller = MemoryContextSwitchTo(kept.context);
	kept.holding = cell.is_null ? NULL : DatumGetArrayTypePCopy(cell.value);
	MemoryContextSwitchTo(caller);
	cell = nps_cell(&row, "time_zone", TEXTOID);
	kept.zone = nps_cell_copy(&cell, kept.context);
	cell = nps_cell(&row, "work_days", TEXTOID);
	kept.work[0] = nps_cell_copy(&cell, kept.context);
	cell = nps_cell(&row, "work_from", TIMEOID);
	kept.work[1] = nps_cell_copy(&cell, kept.context);
	cell = nps_cell(&row, "work_until", TIMEOID);
	kept.work[2] = nps_cell_copy(&cell, kept.context);
	cell = nps_cell(&row, "holidays", get_array_type(DATEOID));
	kept.work[3] = nps_cell_copy(&cell, kept.context);
	SPI_finish();
	relation_close(table, AccessShareLock);
	memset(&kept.due, 0, sizeof(FmgrInfo));
	kept.due.fn_addr = nps_due;
	kept.due.fn_nargs = 7;
	kept.due.fn_mcxt = kept.context;
	kept.moment = nps_moment();
	kept.survey = survey;
}

static const FollowupRules *
rules_of(Oid survey)
{
	if (!is_still_so(survey))
		read_rules(survey);
	return &kept;
}

/*
 * The rule that was in force for the score when the answer was given; without a
 * time, the current one.
 */
static const DatedRule *
rule_of(const FollowupRules *rules, int64 score, int64 given)
{
	for (int i = 0; i < rules->rule_count; i++)
	{
		const DatedRule *rule = &rules->rules[i];

		if (rule->score_from <= score && score <= rule->score_to && given <= rule->until)
			return rule;
	}
	return NULL;
}

static const DatedDays *
days_of(const FollowupRules *rules, int64 given)
{
	const DatedDays *days = rules->days;

	while (days < rules->days + rules->days_count - 1 && given > days->until)
		days++;
	return days;
}

/* The time in an argument; without one, the current rule is meant. */
static int64
time_of_call(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? DT_NOEND : PG_GETARG_TIMESTAMPTZ(n);
}

/*
 * nps_window_start(survey regclass, loop_since timestamptz) returns timestamptz
 *
 * Answers that were given later than the result may be followed up now.  Answers of
 * the last follow_up_days before follow-up began count as given when it began.
 * STRICT.
 */
PG_FUNCTION_INFO_V1(nps_window_start);
Datum
nps_window_start(PG_FUNCTION_ARGS)
{
	const FollowupRules *rules = rules_of(PG_GETARG_OID(0));
	TimestampTz loop_since = PG_GETARG_TIMESTAMPTZ(1);
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	int64		most = 0;
	TimestampTz start;

	for (int i = 0; i < rules->days_count; i++)
		/* one day more: an answer dated by day opens a case at the end of the day */
		most = Max(most, (rules->days[i].follow_up_days + 1) * USECS_PER_DAY);
	start = now - most;
	if (!TIMESTAMP_NOT_FINITE(loop_since) && loop_since > start)
		start = loop_since - most;
	PG_RETURN_TIMESTAMPTZ(start);
}

/*
 * nps_followed_scores(survey regclass) returns smallint[]
 *
 * The whole scores that are followed up, now or by an earlier rule.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_followed_scores);
Datum
nps_followed_scores(PG_FUNCTION_ARGS)
{
	const FollowupRules *rules = rules_of(PG_GETARG_OID(0));
	Datum		scores[MOST_SCORE + 1];
	int			count = 0;

	for (int score = 0; score <= MOST_SCORE; score++)
	{
		bool		follow_up = false;

		for (int i = 0; i < rules->rule_count; i++)
			follow_up |= rules->rules[i].follow_up != 0 && rules->rules[i].score_from <= score && score <= rules->rules[i].score_to;
		if (follow_up)
			scores[count++] = Int16GetDatum(score);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(scores, count, INT2OID, sizeof(int16), true, TYPALIGN_SHORT));
}

/*
 * nps_rule_bits(survey regclass, score integer, given, loop_since timestamptz, wants_contact boolean)
 * returns integer
 *
 * What the rules say about an answer with that whole score, as bits of case_fold.h:
 * whether it is to be followed up, by the rule of when it was given, and whether it
 * needs a person, by the current rule.  An answer given more than follow_up_days
 * before follow-up began is history.
 */
PG_FUNCTION_INFO_V1(nps_rule_bits);
Datum
nps_rule_bits(PG_FUNCTION_ARGS)
{
	const FollowupRules *rules;
	const DatedRule *rule;
	int64		given = time_of_call(fcinfo, 2);
	TimestampTz loop_since;
	int32		bits = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_INT32(0);
	rules = rules_of(PG_GETARG_OID(0));
	rule = rule_of(rules, PG_GETARG_INT32(1), DT_NOEND);
	if (rule != NULL && rule->personal != 0)
		bits |= NPS_ENTRY_PERSONAL;
	loop_since = PG_GETARG_TIMESTAMPTZ(3);
	if (!TIMESTAMP_NOT_FINITE(loop_since) && given < loop_since - days_of(rules, loop_since)->follow_up_days * USECS_PER_DAY)
		PG_RETURN_INT32(bits);
	if (!PG_ARGISNULL(4) && PG_GETARG_BOOL(4))
		PG_RETURN_INT32(bits | NPS_ENTRY_WANTS_CONTACT | NPS_ENTRY_FOLLOW_UP);
	rule = rule_of(rules, PG_GETARG_INT32(1), given);
	if (rule != NULL && rule->follow_up != 0)
		bits |= NPS_ENTRY_FOLLOW_UP;
	PG_RETURN_INT32(bits);
}

/*
 * nps_dismissal_holds(survey regclass, reason text) returns boolean
 *
 * Whether a respondent whose case was dismissed for that reason must not be
 * followed up again; false for a reason that is not in the table.  STRICT.
 */
PG_FUNCTION_INFO_V1(nps_dismissal_holds);
Datum
nps_dismissal_holds(PG_FUNCTION_ARGS)
{
	const FollowupRules *rules = rules_of(PG_GETARG_OID(0));
	text	   *reason = PG_GETARG_TEXT_PP(1);
	ArrayIterator each;
	Datum		held;
	bool		is_null;
	bool		holds = false;

	if (rules->holding == NULL)
		PG_RETURN_BOOL(false);
	each = array_create_iterator(rules->holding, 0, NULL);
	while (!holds && array_iterate(each, &held, &is_null))
	{
		text	   *other = is_null ? NULL : DatumGetTextPP(held);

		holds = other != NULL && VARSIZE_ANY_EXHDR(other) == VARSIZE_ANY_EXHDR(reason) &&
			memcmp(VARDATA_ANY(other), VARDATA_ANY(reason), VARSIZE_ANY_EXHDR(reason)) == 0;
	}
	array_free_iterator(each);
	PG_RETURN_BOOL(holds);
}

/*
 * nps_days_in_force(survey regclass, setting text, at timestamptz) returns integer
 *
 * The setting follow_up_days or renew_after_days as it was at that time.
 */
PG_FUNCTION_INFO_V1(nps_days_in_force);
Datum
nps_days_in_force(PG_FUNCTION_ARGS)
{
	const DatedDays *days;
	text	   *setting;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	days = days_of(rules_of(PG_GETARG_OID(0)), time_of_call(fcinfo, 2));
	setting = PG_GETARG_TEXT_PP(1);
	PG_RETURN_INT32((int32) (VARSIZE_ANY_EXHDR(setting) > 0 && *VARDATA_ANY(setting) == 'r' ? days->renew_after_days : days->follow_up_days));
}

/*
 * nps_deadline(survey regclass, clock text, score integer, given, opens_at timestamptz, wants_contact boolean)
 * returns timestamptz
 *
 * When a step that the playbook has hours for is due, counted from when the clocks
 * of an answer with that whole score started: by the rule of when the answer was
 * given, and the current calendar.  NULL for no deadline.
 */
PG_FUNCTION_INFO_V1(nps_deadline);
Datum
nps_deadline(PG_FUNCTION_ARGS)
{
	LOCAL_FCINFO(call, 7);
	FollowupRules *rules;
	const DatedRule *rule;
	int64		hours = NO_HOURS;
	text	   *name;
	int			clock = 0;
	Datum		result;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	rules = (FollowupRules *) rules_of(PG_GETARG_OID(0));
	name = PG_GETARG_TEXT_PP(1);
	while (clock < CLOCKS && (strlen(clocks[clock]) != VARSIZE_ANY_EXHDR(name) ||
							  memcmp(clocks[clock], VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) != 0))
		clock++;
	if (clock == CLOCKS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown clock \"%s\"", text_to_cstring(name)),
				 errhint("The clocks are acknowledge, contact and resolve.")));
	rule = PG_ARGISNULL(2) ? NULL : rule_of(rules, PG_GETARG_INT32(2), time_of_call(fcinfo, 3));
	if (rule != NULL && rule->follow_up != 0)
		hours = rule->hours[clock];
	if (clock == CONTACT_CLOCK && !PG_ARGISNULL(5) && PG_GETARG_BOOL(5) && rules->wants_contact_hours >= 0)
		hours = hours == NO_HOURS ? rules->wants_contact_hours : Min(hours, rules->wants_contact_hours);
	if (hours == NO_HOURS)
		PG_RETURN_NULL();
	InitFunctionCallInfoData(*call, &rules->due, 7, InvalidOid, NULL, NULL);
	call->args[0].value = PG_GETARG_DATUM(4);
	call->args[0].isnull = false;
	call->args[1].value = Float8GetDatum((double) hours);
	call->args[1].isnull = false;
	call->args[2].value = rules->zone.value;
	call->args[2].isnull = rules->zone.is_null;
	for (int i = 0; i < 4; i++)
	{
		call->args[3 + i].value = rules->work[i].value;
		call->args[3 + i].isnull = rules->work[i].is_null;
	}
	result = nps_due(call);
	if (call->isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}
