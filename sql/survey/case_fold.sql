/* nps/sql/survey/case_fold.sql */

CREATE TYPE @extschema@.nps_case AS (
	responses bigint,
	answers bigint,
	previous_score double precision,
	worst_score double precision,
	worst_at timestamptz,
	first_answer_at timestamptz,
	opened_at timestamptz,
	contact_due timestamptz,
	renewed_due timestamptz,
	uncovered_since timestamptz,
	uncovered_until timestamptz,
	is_renewed boolean,
	wants_contact boolean,
	is_better boolean,
	better_at timestamptz,
	ended text,
	ended_at timestamptz,
	has_newer boolean,
	is_held boolean,
	is_gone boolean,
	next_score double precision,
	next_at timestamptz,
	recovery_score double precision,
	recovery_at timestamptz,
	left_at timestamptz,
	last_answer_at timestamptz,
	counts_until timestamptz,
	uncovered_opens_at timestamptz,
	between_ids text,
	contactable boolean,
	revenue numeric
);
COMMENT ON TYPE @extschema@.nps_case IS 'a case among the answers of a respondent, as nps_case_fold() finds it';
COMMENT ON COLUMN @extschema@.nps_case.responses IS 'answers of the respondent';
COMMENT ON COLUMN @extschema@.nps_case.answers IS 'answers that the case consists of';
COMMENT ON COLUMN @extschema@.nps_case.previous_score IS 'the score of the answer before the newest one of the case';
COMMENT ON COLUMN @extschema@.nps_case.worst_score IS 'the score that contact is about: the worst that no contact covers, or the newest';
COMMENT ON COLUMN @extschema@.nps_case.worst_at IS 'when that answer was given';
COMMENT ON COLUMN @extschema@.nps_case.first_answer_at IS 'when the first answer of the case was given';
COMMENT ON COLUMN @extschema@.nps_case.opened_at IS 'when the case opened';
COMMENT ON COLUMN @extschema@.nps_case.contact_due IS 'until when to make the first contact';
COMMENT ON COLUMN @extschema@.nps_case.renewed_due IS 'until when to make contact again; NULL where contact covers all answers';
COMMENT ON COLUMN @extschema@.nps_case.uncovered_since IS 'when the first answer could be known that no contact covers';
COMMENT ON COLUMN @extschema@.nps_case.uncovered_until IS 'when the newest such answer was given';
COMMENT ON COLUMN @extschema@.nps_case.is_renewed IS 'whether there are such answers after contact';
COMMENT ON COLUMN @extschema@.nps_case.wants_contact IS 'whether an answer of the case asks for contact';
COMMENT ON COLUMN @extschema@.nps_case.is_better IS 'whether a better answer came that does not end the case';
COMMENT ON COLUMN @extschema@.nps_case.better_at IS 'when it was given';
COMMENT ON COLUMN @extschema@.nps_case.ended IS 'how the case ended by itself: expired, answered better or taken over; NULL if it did not';
COMMENT ON COLUMN @extschema@.nps_case.ended_at IS 'when it did';
COMMENT ON COLUMN @extschema@.nps_case.has_newer IS 'whether the respondent has a newer case';
COMMENT ON COLUMN @extschema@.nps_case.is_held IS 'whether the respondent is not to be followed up';
COMMENT ON COLUMN @extschema@.nps_case.is_gone IS 'whether the answer that opened the case is gone';
COMMENT ON COLUMN @extschema@.nps_case.next_score IS 'the score of the answer after the last contact, or after the case';
COMMENT ON COLUMN @extschema@.nps_case.next_at IS 'when that was given';
COMMENT ON COLUMN @extschema@.nps_case.recovery_score IS 'the score of the answer after the last contact, or after the case opened';
COMMENT ON COLUMN @extschema@.nps_case.recovery_at IS 'when that was given';
COMMENT ON COLUMN @extschema@.nps_case.left_at IS 'when the respondent left; NULL if not';
COMMENT ON COLUMN @extschema@.nps_case.last_answer_at IS 'when the respondent gave the newest answer';
COMMENT ON COLUMN @extschema@.nps_case.counts_until IS 'until when its steps could be made: its end, or contact in the case that took it over; NULL where they still can';
COMMENT ON COLUMN @extschema@.nps_case.uncovered_opens_at IS 'when the clocks started of the newest answer that no contact covers';
COMMENT ON COLUMN @extschema@.nps_case.between_ids IS 'answers of the case between the one that opened it and the newest, one a line; NULL if there are none';
COMMENT ON COLUMN @extschema@.nps_case.contactable IS 'whether the customer may be contacted, as mapped with the newest answer of the case that is there, or else of the respondent';
COMMENT ON COLUMN @extschema@.nps_case.revenue IS 'revenue of the customer, as mapped with that answer';

CREATE FUNCTION @extschema@.nps_case_fold(known integer, score double precision, given timestamptz, opens_at timestamptz, received_at timestamptz,
	id text, span integer, due timestamptz, left_at timestamptz, opened_at timestamptz, reopened_at timestamptz,
	contacted_at timestamptz, covered_until timestamptz, covered_id text, finished_at timestamptz,
	finish_entered_at timestamptz, finished_until timestamptz, finished_id text, ended_at timestamptz,
	stays_until timestamptz, renew_days integer, contact_due timestamptz, renewed_due timestamptz,
	facts_until timestamptz, facts_id text, covered_score double precision, first_contacted_at timestamptz,
	between_ids text, contactable boolean, revenue numeric)
	RETURNS @extschema@.nps_case
	AS 'MODULE_PATHNAME'
	LANGUAGE C WINDOW STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_case_fold(integer, double precision, timestamptz, timestamptz, timestamptz, text, integer, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, text, timestamptz, timestamptz, timestamptz, text, timestamptz, timestamptz, integer, timestamptz, timestamptz, timestamptz, text, double precision, timestamptz, text, boolean, numeric) IS 'which answers of a respondent are the case that one of them opens: not NULL on the answer that the case shows';

CREATE FUNCTION @extschema@.nps_case_of_answer(known integer, score double precision, given timestamptz, opens_at timestamptz, received_at timestamptz,
	id text, span integer, due timestamptz, left_at timestamptz, opened_at timestamptz, reopened_at timestamptz,
	contacted_at timestamptz, covered_until timestamptz, covered_id text, finished_at timestamptz,
	finish_entered_at timestamptz, finished_until timestamptz, finished_id text, ended_at timestamptz,
	stays_until timestamptz, renew_days integer, contact_due timestamptz, renewed_due timestamptz,
	facts_until timestamptz, facts_id text, covered_score double precision, first_contacted_at timestamptz,
	between_ids text, contactable boolean, revenue numeric, key anyelement)
	RETURNS anyelement
	AS 'MODULE_PATHNAME'
	LANGUAGE C WINDOW STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_case_of_answer(integer, double precision, timestamptz, timestamptz, timestamptz, text, integer, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, text, timestamptz, timestamptz, timestamptz, text, timestamptz, timestamptz, integer, timestamptz, timestamptz, timestamptz, text, double precision, timestamptz, text, boolean, numeric, anyelement) IS 'the case that an answer belongs to, by the same arguments and its key: not NULL on that answer';

CREATE FUNCTION @extschema@.nps_window_start(survey regclass, loop_since timestamptz)
	RETURNS timestamptz
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_window_start(regclass, timestamptz) IS 'answers that were given later may be followed up now, by the settings of a survey';

CREATE FUNCTION @extschema@.nps_followed_scores(survey regclass)
	RETURNS smallint[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_followed_scores(regclass) IS 'the whole scores that are followed up, or were by an earlier rule of a survey';

CREATE FUNCTION @extschema@.nps_rule_bits(survey regclass, score integer, given timestamptz, loop_since timestamptz, wants_contact boolean)
	RETURNS integer
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rule_bits(regclass, integer, timestamptz, timestamptz, boolean) IS 'what the rules say of an answer, for nps_case_fold(): 4 it is to be followed up, 128 by a person, 256 it asks for contact';

CREATE FUNCTION @extschema@.nps_days_in_force(survey regclass, setting text, at timestamptz)
	RETURNS integer
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_days_in_force(regclass, text, timestamptz) IS 'the setting follow_up_days or renew_after_days of a survey as it was at that time';

CREATE FUNCTION @extschema@.nps_dismissal_holds(survey regclass, reason text)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_dismissal_holds(regclass, text) IS 'whether somebody whose case was dismissed for that reason is not to be followed up again';

CREATE FUNCTION @extschema@.nps_deadline(survey regclass, clock text, score integer, given timestamptz, opens_at timestamptz, wants_contact boolean)
	RETURNS timestamptz
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_deadline(regclass, text, integer, timestamptz, timestamptz, boolean) IS 'until when to acknowledge, contact or resolve, by the rule of when the answer was given';

CREATE FUNCTION @extschema@.nps_case_comments(counted regclass, respondent anyelement, case_id anycompatible, topic text, loop_since timestamptz, since timestamptz, until timestamptz)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_case_comments(regclass, anyelement, anycompatible, text, timestamptz, timestamptz, timestamptz) IS 'what a respondent wrote in all answers of a case';

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
COMMENT ON FUNCTION @extschema@.nps_most_answers() IS 'how many valid answers one person may give: nobody can follow up a respondent with more';

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
