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
COMMENT ON FUNCTION @extschema@.nps_case_history() IS 'trigger on followup_case and concern: writes what changed into followup_event';

CREATE FUNCTION @extschema@.nps_keep_case()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_keep_case() IS 'trigger on followup_case and concern: refuses to delete';

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

CREATE FUNCTION @extschema@.nps_is_indexed_support(internal)
	RETURNS internal
	AS 'MODULE_PATHNAME'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION @extschema@.nps_is_indexed_support(internal) IS 'planner support of nps_is_indexed()';

CREATE FUNCTION @extschema@.nps_is_indexed(answer regclass)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT SUPPORT @extschema@.nps_is_indexed_support;
COMMENT ON FUNCTION @extschema@.nps_is_indexed(regclass) IS 'whether an index finds the answers of a respondent, so that follow-up can look them up one by one';

CREATE FUNCTION @extschema@.nps_record_told()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_record_told() IS 'trigger on the view cause_customer: records who was told that a cause is fixed';

CREATE TYPE @extschema@.nps_case AS (
	responses bigint,
	previous_score double precision,
	next_score double precision,
	next_at timestamptz,
	left_at timestamptz,
	is_current boolean,
	opted_out boolean
);
COMMENT ON TYPE @extschema@.nps_case IS 'a case among the answers of a respondent, as nps_case_fold() finds it';

CREATE FUNCTION @extschema@.nps_case_fold(known integer, score double precision, at timestamptz, finished_at timestamptz, left_at timestamptz)
	RETURNS @extschema@.nps_case
	AS 'MODULE_PATHNAME'
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_case_fold(integer, double precision, timestamptz, timestamptz, timestamptz) IS 'which answers of a respondent are the case that one of them opens: not NULL on the answer that the case shows';

CREATE FUNCTION @extschema@.nps_window_start(survey regclass)
	RETURNS timestamptz
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_window_start(regclass) IS 'answers that were given later are followed up, by the settings of a survey';

CREATE FUNCTION @extschema@.nps_followed_scores(playbook regclass)
	RETURNS smallint[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_followed_scores(regclass) IS 'the whole scores that are followed up, by the rules of a survey';

CREATE TYPE @extschema@.nps_newest AS (
	responses bigint,
	first_answer timestamptz,
	previous_score double precision,
	previous_at timestamptz
);
COMMENT ON TYPE @extschema@.nps_newest IS 'what goes with the newest answer of a respondent, as nps_newest_answer() finds it';

CREATE FUNCTION @extschema@.nps_newest_answer(score double precision, at timestamptz)
	RETURNS @extschema@.nps_newest
	AS 'MODULE_PATHNAME'
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_newest_answer(double precision, timestamptz) IS 'which answer of a respondent is the newest: not NULL on that, with what goes with it';
