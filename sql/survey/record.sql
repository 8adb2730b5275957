/* nps/sql/survey/record.sql */

CREATE FUNCTION @extschema@.nps_record(survey text)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_record(text) IS 'stores what is so of every case that is open or whose deadline passed, so that no later change of rules, owners or answers changes it; returns for how many cases something was stored';

CREATE FUNCTION @extschema@.nps_gone_cases(survey text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	-- of answers on other servers nothing is recorded
	IF @extschema@.nps_is_distributed(to_regclass(format('%I.answer', survey))) THEN
		RETURN format('(SELECT c.* FROM %I.followup_case c WHERE false)', survey);
	END IF;
	RETURN format('(SELECT c.* FROM %1$I.followup_case c WHERE c.recorded_at IS NOT NULL '
		'AND NOT EXISTS (SELECT FROM %1$I.counted a WHERE a.response_id %2$s c.case_id AND a.respondent IS NOT NULL))', survey,
		(SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a
			WHERE a.attrelid = to_regclass(format('%I.followup_case', survey)) AND a.attname = 'case_id'));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_gone_cases(text) IS 'part of nps_record() and nps_check(): a sub-select of the cases whose opening answer is gone';

CREATE FUNCTION @extschema@.nps_moved_cases(survey text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * A case whose opening answer is gone follows where the others went: not if somebody
 * of that name is still there.
 */
DECLARE
	same_id CONSTANT text := (SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a
		WHERE a.attrelid = to_regclass(format('%I.followup_case', survey)) AND a.attname = 'case_id');
	same_respondent CONSTANT text := (SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a
		WHERE a.attrelid = to_regclass(format('%I.followup_case', survey)) AND a.attname = 'respondent');
BEGIN
	IF @extschema@.nps_is_distributed(to_regclass(format('%I.answer', survey))) THEN
		RETURN format('SELECT g.case_id, g.respondent FROM %s g', @extschema@.nps_gone_cases(survey));
	END IF;
	RETURN format($sql$
		SELECT DISTINCT ON (g.case_id) g.case_id, a.respondent
		FROM %2$s g
		CROSS JOIN LATERAL (VALUES (1, g.facts_id), (2, g.covered_id), (3, g.finished_id)) w(place, response_id)
		JOIN %1$I.counted a ON a.response_id %3$s w.response_id
		WHERE a.respondent IS NOT NULL AND NOT EXISTS (SELECT FROM %1$I.counted k WHERE k.respondent %4$s g.respondent)
		ORDER BY g.case_id, w.place
		$sql$, survey, @extschema@.nps_gone_cases(survey), same_id, same_respondent);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_moved_cases(text) IS 'part of nps_record() and nps_check(): a query of the cases whose opening answer is gone and whose customer has another name now, with that name';

CREATE FUNCTION @extschema@.nps_record_as_owner(survey text)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	SET jit = off	-- compiling a view of cases takes longer than most of them run
	AS $body$
/*
 * Facts: by which score a case opened, until when its steps were due, who was
 * responsible, whether the customer could be contacted.  What is stored is never
 * derived again.  Who is responsible follows the rules until contact is due.
 */
DECLARE
	cases bigint;
	changed bigint;
	moved bigint;
	followed bigint;
	same_id CONSTANT text := (SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a
		WHERE a.attrelid = to_regclass(format('%I.followup_case', survey)) AND a.attname = 'case_id');
	same_respondent CONSTANT text := (SELECT @extschema@.nps_mapping_operator(a.atttypid, 3) FROM pg_attribute a
		WHERE a.attrelid = to_regclass(format('%I.followup_case', survey)) AND a.attname = 'respondent');
	gone_cases CONSTANT text := @extschema@.nps_gone_cases(survey);
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if there is none
	IF @extschema@.nps_is_distributed(format('%I.answer', survey)::regclass) THEN
		RAISE EXCEPTION USING ERRCODE = 'feature_not_supported',
			MESSAGE = format('in survey "%s" nothing can be recorded: its answers are distributed among servers', survey),
			HINT = 'Attach a materialized view of the answers to follow up as a survey of its own.';
	END IF;
	-- where customers were merged, a case belongs to the respondent of its answer
	EXECUTE format('UPDATE %1$I.followup_case c SET respondent = a.respondent, topic = a.topic FROM %1$I.counted a WHERE a.response_id %2$s c.case_id '
		'AND a.respondent IS NOT NULL AND (NOT a.respondent %3$s c.respondent OR a.topic IS DISTINCT FROM c.topic)', survey, same_id, same_respondent);
	GET DIAGNOSTICS moved = ROW_COUNT;
	EXECUTE format('UPDATE %1$I.followup_case c SET respondent = n.respondent FROM (%2$s) n WHERE n.case_id %3$s c.case_id',
		survey, @extschema@.nps_moved_cases(survey), same_id);
	GET DIAGNOSTICS followed = ROW_COUNT;
	EXECUTE format($sql$
		INSERT INTO %1$I.followup_case (case_id, respondent, topic, recorded, recorded_at, facts_until, facts_id, between_ids, opened_at, opening_score, opening_at,
			acknowledge_due, contact_due, resolve_due, responsible, responsible_team, responsible_since, contactable, churned_at, ended, ended_at, stays_until)
		SELECT f.case_id, f.respondent, f.topic, false, now(), f.responded_at, f.response_id, f.between_ids, f.opened_at, f.opening_score, f.opening_at,
			f.acknowledge_due, f.first_contact_due, f.resolve_due, f.responsible, f.responsible_team,
			CASE WHEN f.first_contact_due < now() THEN now() END, f.contactable, f.churned_at,
			CASE WHEN f.ended <> 'taken over' THEN f.ended END, CASE WHEN f.ended <> 'taken over' THEN f.ended_at END, f.better_at
		FROM %1$I.followup_all f
		WHERE NOT f.is_recorded AND (f.over_at IS NULL OR f.first_contact_due < now())
		-- in one order, as others may be writing some of them too
		ORDER BY f.case_id
		ON CONFLICT (case_id) DO UPDATE SET (recorded_at, facts_until, facts_id, between_ids, opened_at, opening_score, opening_at, acknowledge_due, contact_due, resolve_due,
				responsible, responsible_team, responsible_since, contactable, churned_at, ended, ended_at, stays_until)
			= (excluded.recorded_at, excluded.facts_until, excluded.facts_id, excluded.between_ids, excluded.opened_at, excluded.opening_score, excluded.opening_at, excluded.acknowledge_due, excluded.contact_due, excluded.resolve_due,
				excluded.responsible, excluded.responsible_team, excluded.responsible_since, excluded.contactable, excluded.churned_at, excluded.ended, excluded.ended_at, excluded.stays_until)
			WHERE followup_case.recorded_at IS NULL
		$sql$, survey);
	GET DIAGNOSTICS cases = ROW_COUNT;
	-- what has happened since: answers, a passed deadline, the end of a case that nobody worked on
	EXECUTE format($sql$
		UPDATE %1$I.followup_case c
		SET facts_until = f.responded_at, facts_id = CASE WHEN f.is_gone AND f.response_id %2$s f.case_id THEN c.facts_id ELSE f.response_id END,
			between_ids = CASE WHEN f.is_gone AND f.response_id %2$s f.case_id THEN c.between_ids ELSE f.between_ids END, contact_due = f.first_contact_due, renewed_due = CASE WHEN f.is_renewed THEN f.contact_due END,
			responsible = CASE WHEN c.responsible_since IS NULL AND NOT coalesce(f.first_contact_due < now(), false) THEN f.responsible ELSE c.responsible END,
			responsible_team = CASE WHEN c.responsible_since IS NULL AND NOT coalesce(f.first_contact_due < now(), false) THEN f.responsible_team ELSE c.responsible_team END,
			churned_at = CASE WHEN c.responsible_since IS NULL AND NOT coalesce(f.first_contact_due < now(), false) THEN f.churned_at ELSE c.churned_at END,
			responsible_since = CASE WHEN c.responsible_since IS NULL AND f.first_contact_due < now() THEN now() ELSE c.responsible_since END,
			uncontactable_since = CASE WHEN c.contactable AND c.uncontactable_since IS NULL AND NOT f.contactable THEN now() ELSE c.uncontactable_since END,
			ended = CASE WHEN NOT c.worked_on AND f.ended <> 'taken over' THEN f.ended ELSE c.ended END,
			ended_at = CASE WHEN NOT c.worked_on AND f.ended <> 'taken over' THEN f.ended_at ELSE c.ended_at END,
			stays_until = greatest(c.stays_until, f.better_at)
		FROM %1$I.followup_all f
		WHERE f.case_id %2$s c.case_id AND c.recorded_at IS NOT NULL AND c.finished_at IS NULL
			AND ((c.facts_until, c.between_ids, c.contact_due, c.renewed_due, c.ended, c.stays_until)
					IS DISTINCT FROM (f.responded_at, CASE WHEN f.is_gone AND f.response_id %2$s f.case_id THEN c.between_ids ELSE f.between_ids END, f.first_contact_due, CASE WHEN f.is_renewed THEN f.contact_due END,
						CASE WHEN NOT c.worked_on AND f.ended <> 'taken over' THEN f.ended ELSE c.ended END, greatest(c.stays_until, f.better_at))
				OR c.responsible_since IS NULL AND ((c.responsible, c.responsible_team, c.churned_at) IS DISTINCT FROM (f.responsible, f.responsible_team, f.churned_at)
					OR f.first_contact_due < now())
				OR c.contactable AND c.uncontactable_since IS NULL AND NOT f.contactable)
		$sql$, survey, same_id);
	GET DIAGNOSTICS changed = ROW_COUNT;
	-- a case whose answers are gone is found by another one of the customer
	EXECUTE format($sql$
		UPDATE %1$I.followup_case c SET facts_id = n.response_id
		FROM (
			SELECT DISTINCT ON (g.case_id) g.case_id, a.response_id
			FROM %2$s g
			JOIN %1$I.counted a ON a.respondent %4$s g.respondent
			WHERE NOT EXISTS (SELECT FROM %1$I.counted k WHERE k.response_id %3$s g.facts_id)
			ORDER BY g.case_id, a.responded_at DESC NULLS LAST, a.response_id
		) n
		WHERE n.case_id %3$s c.case_id
		$sql$, survey, gone_cases, same_id, same_respondent);
	RETURN moved + followed + cases + changed;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_record_as_owner(text) IS 'the work of nps_record()';

CREATE FUNCTION @extschema@.nps_record_if_possible(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Before a rule changes: a broken survey does not keep its rules from being mended. */
BEGIN
	PERFORM @extschema@.nps_act_as_owner(survey);
	-- the source was dropped, and the views with it: there is nothing to store
	IF to_regclass(format('%I.followup_all', survey)) IS NULL THEN
		RETURN;
	END IF;
	BEGIN
		PERFORM @extschema@.nps_record(survey);
	EXCEPTION WHEN OTHERS THEN
		RAISE WARNING USING
			MESSAGE = format('cases of survey "%s" were not stored before its rules changed', survey),
			DETAIL = SQLERRM,
			HINT = format('SELECT * FROM nps_check(%L) finds what is wrong; then SELECT nps_record(%1$L) stores them.', survey);
	END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_record_if_possible(text) IS 'part of the triggers on the rules of a survey: stores facts, with a warning where that fails';

CREATE FUNCTION @extschema@.nps_before_rules_change()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_before_rules_change() IS 'trigger on the rules of a survey: stores facts before they change';

CREATE FUNCTION @extschema@.nps_rule_history()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_rule_history() IS 'trigger on playbook and survey: keeps the rules as they were';
