/*
 * followup.h
 *		What the triggers of follow-up share: lookups, facts, faults, undo, history.
 */
#ifndef NPS_FOLLOWUP_H
#define NPS_FOLLOWUP_H

#include "survey_query.h"

#include "case_columns.h"
#include "case_rules.h"

/* The survey's settings that a step is judged by, and its calendar. */
typedef struct NpsSettings
{
	NpsRow		row;			/* of the table survey */
	NpsCell		holidays;
	pg_tz	   *zone;
	int32		attempts;
	int32		snooze_days;
	int32		undo_hours;
	int32		longest_promise_months;
} NpsSettings;

/* What the view followup_all shows for a case. */
typedef struct NpsShown
{
	bool		found;
	NpsRow		row;
} NpsShown;

/*
 * The row that is sent to a view of cases, the row that the view shows, and the
 * table to record it in.
 */
typedef struct NpsSending
{
	Oid			cases;
	const NpsRow *old;
	const NpsRow *row;
	bool		whole;			/* the sender has all columns as they are in it */
} NpsSending;

/* What the recorder of the last step still has of the case, if the same actor acts now. */
typedef struct NpsCopy
{
	struct varlena *columns;	/* jsonb, or NULL */
	bool		comes_back;		/* the row being sent is that copy */
	bool		counts_on;		/* ... or may be, as its version is increased */
} NpsCopy;

/* One changed column, as the history shows it. */
typedef struct NpsEvent
{
	char	   *changed;
	NpsCell		old_value;
	NpsCell		new_value;
	NpsCell		happened_at;
} NpsEvent;

/* Is there a text that is empty or blank?  That is a mistake. */
static inline bool
nps_says_nothing(const char *text)
{
	return text != NULL && text[strspn(text, " \t\r\n\f\v")] == '\0';
}

/* followup_lookup.c */
extern NpsShown nps_look_up_case(Relation beside, NpsCell case_id);
extern NpsCell nps_shown(const NpsShown *shown, const char *name, Oid type);
extern int64 nps_shown_time(const NpsShown *shown, const char *name);
extern NpsSettings nps_look_up_settings(Relation table);
extern int64 nps_window_of(Relation table, const NpsShown *shown);
extern int64 nps_count_open_concerns(Relation table, NpsCell case_id);
extern int64 nps_count_open_promises(Relation table, NpsCell case_id);
extern int64 nps_count_concerns_since(Relation table, NpsCell case_id, int64 time);
extern bool nps_has_concerns(Relation table, NpsCell case_id);
extern void nps_expect_listed(Relation table, const char *list, const char *column, NpsCell value);
extern bool nps_was_asked(Relation table, NpsCell respondent);
extern NpsCell nps_deadline_from_now(Relation table, const char *clock, NpsCell opening_score, NpsCell given, bool wants_contact);
extern NpsCell nps_due_after(const NpsSettings *settings, NpsCell start, NpsCell hours);
extern double nps_hours_of(const NpsSettings *settings, int64 start, int64 until);
extern bool nps_is_respondent_of_answer(Relation table, NpsCell case_id, NpsCell respondent);

/* followup_facts.c */
extern void nps_store_facts(NpsChanges *changes, const NpsRow *old, const NpsShown *shown);
extern void nps_store_step(Relation table, NpsChanges *changes, const NpsRow *old, const NpsShown *shown, const NpsSettings *settings, const NpsStep *step);
extern void nps_store_responsible(NpsChanges *changes, const NpsRow *old, const NpsShown *shown);
extern void nps_settle_responsible(Relation table, const NpsRow *old, const NpsRow *new);
extern void nps_take_up_case(Relation concern, const NpsTable *cases, NpsCell case_id, NpsCell concern_id, bool settles);

/* followup_fault.c */
extern void nps_report_fault(NpsStepFault fault, const NpsCase *before, const NpsCase *after, const NpsCaseNeeds *needs, const char *shown);
extern void nps_report_no_case(const char *named);
extern NpsStatus nps_status_of_text(const char *status);

/* followup_undo.c */
extern NpsCell nps_remember_step(const NpsRow *before, const NpsRow *old, const NpsSettings *settings, const char *copy);
extern NpsCell nps_renew_copy(const NpsRow *old, const char *copy);
extern HeapTuple nps_undone_row(Relation table, const NpsRow *old, const char *actor, const NpsShown *shown, const NpsSettings *settings, const char *named);

/* followup_copy.c */
extern bool nps_comes_back(const NpsCell *shown, const NpsCell *sent);
extern NpsSending nps_begin_sending(NpsSending now);
extern void nps_end_sending(NpsSending before);
extern char *nps_sender_copy(Relation cases, const NpsRow *old, const NpsChanges *changes);
extern NpsCopy nps_copy_of(const NpsRow *current, const NpsRow *old, const NpsRow *new);
extern bool nps_is_stale(const NpsCopy *copy, const NpsRow *new, const char *name);

/* followup_history.c */
extern int	nps_case_events(const NpsRow *old, const NpsRow *new, NpsEvent *events);
extern void nps_tell_reopened(Relation concern, const NpsTable *cases, NpsCell case_id, NpsCell concern_id, NpsCell before, NpsCell now);
extern char *nps_changes_since(Relation beside, NpsCell case_id, int32 version);
extern void nps_expect_version(Relation beside, NpsCell case_id, int32 current, int32 written, const char *shown);

/* followup_case.c */
extern Oid	nps_begin_recording(Oid cases);
extern void nps_end_recording(Oid before);
extern bool nps_is_recording(Relation cases);

#endif							/* NPS_FOLLOWUP_H */
