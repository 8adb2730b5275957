/* nps/sql/survey/case_fold.sql */

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

CREATE FUNCTION @extschema@.nps_is_crowd(answer regclass, respondent anyelement)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_is_crowd(regclass, anyelement) IS 'whether the respondent gave more than 1,000 valid answers, and so is no person whom anybody can follow up';
