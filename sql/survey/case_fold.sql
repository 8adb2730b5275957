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
COMMENT ON COLUMN @extschema@.nps_case.responses IS 'answers of the respondent';
COMMENT ON COLUMN @extschema@.nps_case.previous_score IS 'the score of the answer before the one that the case shows';
COMMENT ON COLUMN @extschema@.nps_case.next_score IS 'the score of the answer after the case';
COMMENT ON COLUMN @extschema@.nps_case.next_at IS 'when that was given';
COMMENT ON COLUMN @extschema@.nps_case.left_at IS 'when the respondent left; NULL if not';
COMMENT ON COLUMN @extschema@.nps_case.is_current IS 'whether it ends with the newest answer of the respondent, which no other case covers';
COMMENT ON COLUMN @extschema@.nps_case.opted_out IS 'whether by its end the respondent wanted no contact';

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
COMMENT ON COLUMN @extschema@.nps_newest.responses IS 'answers of the respondent';
COMMENT ON COLUMN @extschema@.nps_newest.first_answer IS 'when the first was given';
COMMENT ON COLUMN @extschema@.nps_newest.previous_score IS 'the score before the newest';
COMMENT ON COLUMN @extschema@.nps_newest.previous_at IS 'when that was given';

CREATE FUNCTION @extschema@.nps_newest_answer(score double precision, at timestamptz)
	RETURNS @extschema@.nps_newest
	AS 'MODULE_PATHNAME'
	LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_newest_answer(double precision, timestamptz) IS 'which answer of a respondent is the newest: not NULL on that, with what goes with it';

CREATE FUNCTION @extschema@.nps_most_answers()
	RETURNS integer
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_most_answers() IS 'how many valid answers one person may give: who gives more is no person whom anybody can follow up';

CREATE FUNCTION @extschema@.nps_is_crowd_support(internal)
	RETURNS internal
	AS 'MODULE_PATHNAME'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION @extschema@.nps_is_crowd_support(internal) IS 'planner support of nps_is_crowd()';

CREATE FUNCTION @extschema@.nps_is_crowd(answer regclass, respondent anyelement)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE SUPPORT @extschema@.nps_is_crowd_support;
COMMENT ON FUNCTION @extschema@.nps_is_crowd(regclass, anyelement) IS 'whether the respondent gave more valid answers than one person does';
