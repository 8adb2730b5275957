/* nps/sql/survey/followup_trigger.sql */

CREATE FUNCTION @extschema@.nps_case_rules()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_case_rules() IS 'trigger on followup_case: completes a step, or refuses it';

CREATE FUNCTION @extschema@.nps_case_history()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_case_history() IS 'trigger on followup_case, concern and cause_told: writes what changed into followup_event';

CREATE FUNCTION @extschema@.nps_keep_case()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_keep_case() IS 'trigger on followup_case, concern and cause_told: refuses to delete';

CREATE FUNCTION @extschema@.nps_keep_history()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_keep_history() IS 'trigger on followup_event: nobody but the survey writes its history';

CREATE FUNCTION @extschema@.nps_concern_rules()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_concern_rules() IS 'trigger on concern: makes the case of a concern, keeps broken promises broken';

CREATE FUNCTION @extschema@.nps_told_rules()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_told_rules() IS 'trigger on cause_told: whoever was told has answered, and the time has come';

CREATE FUNCTION @extschema@.nps_lock_case(cases regclass, case_id anyelement)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_lock_case(regclass, anyelement) IS 'part of nps_claim(): keeps others from making the row of a case until the transaction ends; false if somebody is about it';

CREATE FUNCTION @extschema@.nps_followup_columns()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_followup_columns() IS 'trigger on the views followup and followup_all: notes which columns a statement sets';

CREATE FUNCTION @extschema@.nps_record_followup()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_record_followup() IS 'trigger on the views followup and followup_all: records in followup_case what an UPDATE sets';

CREATE FUNCTION @extschema@.nps_record_told()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_record_told() IS 'trigger on the view cause_customer: records who was told that a cause is fixed';
