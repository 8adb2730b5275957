/*
 * followup_fault.c
 *		Reports what is wrong with a step, and what to do about it.
 */
#include "followup.h"

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

NpsStatus
nps_status_of_text(const char *status)
{
	/* that is the status shown by the views */
	if (status != NULL && strcmp(status, "renewed") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("status \"renewed\" is shown, not recorded"),
				 errhint("A bad answer that no contact covers renews a case by itself. Set status = 'contacted' when contact is made again.")));
	for (int i = 0; i < NPS_STATUSES; i++)
		if (status != NULL && strcmp(status, nps_status_names[i]) == 0)
			return (NpsStatus) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown status \"%s\"", status == NULL ? "" : status),
			 errhint("The statuses are new, contacted, resolved, closed, unreachable, dismissed, and reopened for a case that goes on.")));
}

void
nps_report_no_case(const char *named)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("there is no case \"%s\"", named),
			 errhint("A case_id is the response_id of the answer that opened the case; the view followup lists the open cases.")));
}

/* What a step can lack, in the order of NpsLack: its name, and what to do. */
static const struct
{
	const char *name;
	const char *hint;
} lacks[NPS_LACKS] = {
	{"a channel", "Set channel to how the customer was contacted, such as 'phone'."},
	{"contact with the customer", "Set status = 'contacted' and a channel."},
	{"contact about the newest answer", "Set status = 'contacted' when it is made."},
	{"a cause", "Set cause to one of the table cause; 'unknown' is one."},
	{"an answer to each concern", "Give each an answer, or set delivered_at or declined_at, in the table concern."},
	{"keeping what was promised", "Set delivered_at, or declined_at if the promise is taken back, in the table concern."},
	{"a solution", "Set status = 'resolved', or record in a note what the customer was told so far."},
	{"telling the customer", "Tell the customer what was done, and set informed_at."},
	{"attempts to make contact", "Set attempted_at for each; how many it takes is a setting in the table survey."},
	{"attempts on another day", "Try again tomorrow, and set attempted_at."},
	{"a dismiss_reason", "Set dismiss_reason to one of the table dismiss_reason."}
};

/* Reports everything that is missing at once. */
static void
report_lacks(NpsStepFault fault, const NpsCase *after, const NpsCaseNeeds *needs, const char *shown)
{
	StringInfoData names;
	StringInfoData hints;
	const char *step = fault.time == NPS_AT_INFORMED ? "informed" : nps_status_names[after->status];
	unsigned	left = fault.lacks;

	initStringInfo(&names);
	initStringInfo(&hints);
	for (int i = 0; i < NPS_LACKS; i++)
	{
		if (!(fault.lacks & 1u << i))
			continue;
		left &= ~(1u << i);
		appendStringInfo(&names, "%s%s", names.len == 0 ? "" : left == 0 ? " and " : ", ", lacks[i].name);
		appendStringInfo(&hints, "%s%s", hints.len == 0 ? "" : " ", lacks[i].hint);
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("case \"%s\" cannot be %s without %s", shown, step, names.data),
			 fault.lacks & (1u << NPS_LACKS_ATTEMPTS | 1u << NPS_LACKS_DAYS)
			 ? errdetail("So far there are %d of %d attempts, on %d of %d days.", fault.attempts, needs->attempts, fault.attempt_days,
						 Min(needs->attempts, NPS_ATTEMPT_DAYS)) : 0,
			 errhint("%s", hints.data)));
}

/* Reports an impossible time. */
static void
report_time(NpsStepFault fault, const NpsCase *after, const NpsCaseNeeds *needs, const char *shown)
{
	const char *time = nps_case_time_names[fault.time];
	const char *value = pstrdup(timestamptz_to_str(after->at[fault.time]));

	switch (fault.error)
	{
		case NPS_STEP_TAKEN_BACK:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("%s of case \"%s\" cannot be taken back", time, shown),
					 errhint("Set the right time, or take back your last step with nps_undo().")));
			break;
		case NPS_STEP_IN_FUTURE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of case \"%s\" is in the future: \"%s\"", time, shown, value),
					 errhint("Record what has happened; what is planned goes into plan or snoozed_until.")));
			break;
		case NPS_STEP_BEFORE_ANSWER:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of case \"%s\" is before the answer that opened it", time, shown),
					 errdetail("It is %s, and that was %s.", value, timestamptz_to_str(needs->begins_at)),
					 errhint("Set the time at which it happened.")));
			break;
		case NPS_STEP_BEFORE_NEWS:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of case \"%s\" is before the answer that it would be about", time, shown),
					 errdetail("It is %s, and that was %s.", value, timestamptz_to_str(needs->uncovered_since)),
					 errhint("Make contact about the newest answer, and record that.")));
			break;
		case NPS_STEP_CONTRADICTION:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s does not go with status \"%s\" of case \"%s\"", time, nps_status_names[after->status], shown),
					 errhint("Set either the status or the time; each sets the other.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of case \"%s\" is before %s", time, shown, nps_case_time_names[fault.other]),
					 errdetail("It is %s, and that was %s.", value,
							   timestamptz_to_str(fault.other == NPS_AT_CONTACTED ? after->fact[NPS_FIRST_CONTACTED] : after->at[fault.other])),
					 errhint("The times of a case go from contacted to resolved, informed and closed.")));
	}
}

/* Reports that the case cannot take the step, or not now. */
static void
report_way(NpsStepFault fault, const NpsCase *before, const NpsCase *after, const char *shown)
{
	const char *from = nps_status_names[before->status];
	bool		is_revival = !nps_is_finished(before->status);

	switch (fault.error)
	{
		case NPS_STEP_BACKWARDS:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot go from \"%s\" to \"%s\"", shown, from, nps_status_names[after->status]),
					 after->status == NPS_CONTACTED
					 ? errhint("Set contacted_at to record that contact was made once more.")
					 : errhint("What was recorded stays. Your own last step can be taken back with nps_undo().")));
			break;
		case NPS_STEP_FINISHED:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" is %s", shown, from),
					 errhint("Set status = 'reopened' first to go on with it.")));
			break;
		case NPS_STEP_NOT_FINISHED:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" is %s and cannot be reopened", shown, from),
					 errhint("It is open; record the next step.")));
			break;
		case NPS_STEP_NEWER:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 is_revival ? errmsg("case \"%s\" has ended and cannot be taken up again", shown)
					 : errmsg("case \"%s\" is %s and cannot be reopened", shown, from),
					 errdetail("There is a newer case of the same respondent."),
					 errhint("Go on with the newer one.")));
			break;
		case NPS_STEP_LONG_AGO:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 is_revival ? errmsg("case \"%s\" has ended and cannot be taken up again", shown)
					 : errmsg("case \"%s\" is %s and cannot be reopened", shown, from),
					 errdetail("That is longer ago than follow_up_days of the table survey."),
					 errhint("The next answer that is to be followed up opens a new case.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" has ended", shown),
					 errhint("Contact, an attempt, a cause, a plan, a note or a concern takes it up again.")));
	}
}

/* Ends the statement with an error, unless there is no fault. */
void
nps_report_fault(NpsStepFault fault, const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs, const char *shown)
{
	switch (fault.error)
	{
		case NPS_STEP_OK:
			return;
		case NPS_STEP_LACKS:
			report_lacks(fault, after, needs, shown);
			break;
		case NPS_STEP_PERSON:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot be contacted by a program", shown),
					 errdetail("It is handed out to this program, and an automated message is not contact."),
					 errhint("Set asked_at or acknowledged_at; a person who made contact is the actor.")));
			break;
		case NPS_STEP_ASKED:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the customer of case \"%s\" was asked for the reason before", shown),
					 errhint("Nobody is asked twice; make contact.")));
			break;
		case NPS_STEP_WAITS_NOT:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot wait for the customer", shown),
					 errdetail("It is the customer's turn only after contact about the newest answer, and before the case is resolved."),
					 errhint("Set snoozed_until to let it rest.")));
			break;
		case NPS_STEP_RESTS_NOT:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("case \"%s\" cannot rest", shown),
					 needs->is_broken ? errdetail("The date of a promise has passed.") : errdetail("There is an answer that no contact covers."),
					 needs->is_broken ? errhint("Keep it, or agree on another date, and record that in the table concern.") : errhint("Make contact.")));
			break;
		case NPS_STEP_RESTS_NEVER:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("snoozed_until of case \"%s\" has passed", shown),
					 errhint("Set a time to come, or NULL to wake the case.")));
			break;
		case NPS_STEP_RESTS_TOO_LONG:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("case \"%s\" cannot rest so long", shown),
					 errdetail("A case may rest for %d days in all, of which %.1f are over.", (int) (needs->longest_snooze / USECS_PER_DAY),
							   (double) after->snoozed / USECS_PER_DAY),
					 errhint("Set an earlier time; how long it may be is a setting in the table survey.")));
			break;
		case NPS_STEP_REASON_WITHOUT:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("dismiss_reason does not go with status \"%s\" of case \"%s\"", nps_status_names[after->status], shown),
					 errhint("Set status = 'dismissed' with it.")));
			break;
		case NPS_STEP_TAKEN_BACK:
		case NPS_STEP_IN_FUTURE:
		case NPS_STEP_BEFORE:
		case NPS_STEP_BEFORE_ANSWER:
		case NPS_STEP_BEFORE_NEWS:
		case NPS_STEP_CONTRADICTION:
			report_time(fault, after, needs, shown);
			break;
		case NPS_STEP_BACKWARDS:
		case NPS_STEP_FINISHED:
		case NPS_STEP_NOT_FINISHED:
		case NPS_STEP_NEWER:
		case NPS_STEP_LONG_AGO:
		case NPS_STEP_ENDED:
			report_way(fault, before, after, shown);
	}
}
