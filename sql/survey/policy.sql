/* nps/sql/survey/policy.sql */

CREATE FUNCTION @extschema@.nps_answer_visibility(answer regclass, OUT looked_up boolean, OUT forced boolean, OUT tables regclass[],
	OUT by_session boolean)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_answer_visibility(regclass) IS 'what decides which rows of a survey''s view answer a reader may see';

CREATE FUNCTION @extschema@.nps_key_index(answer regclass, "column" text, OUT is_missing boolean, OUT definition text)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_key_index(regclass, text) IS 'the index that is missing to find rows of a survey''s view answer by a key';

CREATE FUNCTION @extschema@.nps_answer_keys(answer regclass, "column" text)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_answer_keys(regclass, text) IS 'the query that gives a key of a survey''s view answer and does not name the view';

CREATE FUNCTION @extschema@.nps_is_condition(relation regclass, stored pg_node_tree, condition text)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_is_condition(regclass, pg_node_tree, text) IS 'whether a policy''s condition is the one in the text';

CREATE FUNCTION @extschema@.nps_policies(target text, OUT relation regclass, OUT is_case_table boolean, OUT policy name,
	OUT command text, OUT condition text, OUT forced boolean, OUT is_there boolean)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The policies that a survey's tables have, and whether they are as they
 * should be; NULL: that cannot be found out.
 *
 * A reader who may not see an answer may not see its case either, nor what is
 * written about it: so the answer is looked up, with the reader's rights, where the
 * view answer finds it.  A policy that named the view would keep owners from dumping
 * their cases.  Where only the row security of tables can hide answers, that is done
 * for readers who are subject to it.  Owners are subject to the policies where
 * answers can be hidden from them.
 *
 * Roles that were granted the settings may read them.  Their policies say so
 * where somebody enables row security on all tables.
 */
DECLARE
	answer CONSTANT regclass := to_regclass(format('%I.answer', target));
	visibility record;
	is_free text;
	made record;
BEGIN
	IF answer IS NOT NULL THEN
		SELECT * INTO visibility FROM @extschema@.nps_answer_visibility(answer);
		IF NOT visibility.looked_up THEN
			SELECT string_agg(format('row_security_active(%L::regclass)', format('%s.%I', c.relnamespace::regnamespace, c.relname)), ' OR ' ORDER BY t.place)
			INTO is_free
			FROM unnest(visibility.tables) WITH ORDINALITY AS t(id, place) JOIN pg_class c ON c.oid = t.id;
		END IF;
	END IF;
	FOR made IN
		SELECT c.oid::regclass AS id, c.relname AS name, t.command, t.keys IS NOT NULL AS is_case_table,
			(SELECT string_agg(format('EXISTS (SELECT FROM %1$s a WHERE a.%2$I %3$s %4$I.%5$I)',
					coalesce('(' || @extschema@.nps_answer_keys(answer, u.key) || ')', format('%I.answer', target)), u.key,
					@extschema@.nps_mapping_operator(b.type::regtype, 3), c.relname, CASE u.key WHEN 'response_id' THEN 'case_id' ELSE u.key END),
				' OR ' ORDER BY u.place)
			FROM unnest(t.keys) WITH ORDINALITY AS u(key, place)
			CROSS JOIN LATERAL (
				WITH RECURSIVE below AS (
					SELECT a.atttypid AS type FROM pg_attribute a WHERE a.attrelid = answer AND a.attname = u.key AND NOT a.attisdropped
					UNION ALL
					SELECT d.typbasetype FROM below b JOIN pg_type d ON d.oid = b.type WHERE d.typtype = 'd'
				)
				SELECT b.type FROM below b JOIN pg_type y ON y.oid = b.type AND y.typtype <> 'd') b) AS may_see
		FROM (VALUES
			(1, 'followup_case', 'ALL', ARRAY['response_id']),
			-- that a cause was told is an event of the respondent
			(2, 'followup_event', 'SELECT', ARRAY['response_id', 'respondent']),
			(3, 'concern', 'ALL', ARRAY['response_id']),
			(4, 'cause_told', 'ALL', ARRAY['respondent'])
			UNION ALL
			SELECT 5, s.name, 'ALL', NULL FROM unnest(@extschema@.nps_tables_of_settings()) AS s(name)
		) AS t(place, name, command, keys)
		JOIN pg_class c ON c.relname = t.name AND c.relkind = 'r'
			AND c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target)
		ORDER BY t.place, t.name
	LOOP
		-- there is no view answer
		CONTINUE WHEN made.is_case_table AND made.may_see IS NULL;
		relation := made.id;
		is_case_table := made.is_case_table;
		command := made.command;
		IF is_case_table THEN
			policy := 'as_the_answers';
			condition := CASE WHEN is_free IS NOT NULL THEN format('NOT (%s) OR %s', is_free, made.may_see) ELSE made.may_see END;
			forced := visibility.forced;
		ELSE
			policy := 'as_granted';
			condition := 'true';
			forced := NULL;
		END IF;
		BEGIN
			is_there := EXISTS (SELECT FROM pg_policy p
				WHERE p.polrelid = relation AND p.polname = policy AND p.polpermissive AND p.polroles = '{0}'
					AND p.polcmd = CASE command WHEN 'ALL' THEN '*' ELSE 'r' END AND p.polwithcheck IS NULL
					AND @extschema@.nps_is_condition(relation, p.polqual, condition));
		-- the owner may no longer use the schema of the source, or of a function
		EXCEPTION WHEN insufficient_privilege THEN
			is_there := NULL;
		END;
		RETURN NEXT;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_policies(text) IS 'part of nps_attach(): the policies that the tables of a survey are to have';

CREATE FUNCTION @extschema@.nps_drop_policies(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Drops those policies of nps_create_policies() that may depend on the view answer. */
DECLARE
	statement text;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR statement IN
		SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass)
		FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = target) AND p.polname = 'as_the_answers'
	LOOP
		EXECUTE statement;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_policies(text) IS 'part of nps_attach(): takes the policies of the tables of cases away';

CREATE FUNCTION @extschema@.nps_create_policies(target text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Makes the policies of a survey's tables that are missing or not as they should be. */
DECLARE
	answer CONSTANT regclass := to_regclass(format('%I.answer', target));
	wanted record;
	unindexed record;
BEGIN
	PERFORM @extschema@.nps_act_as_owner(target);
	FOR wanted IN
		SELECT p.*, c.relrowsecurity, c.relforcerowsecurity FROM @extschema@.nps_policies(target) p JOIN pg_class c ON c.oid = p.relation
	LOOP
		IF wanted.is_there IS NOT TRUE THEN
			IF EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = wanted.relation AND p.polname = wanted.policy) THEN
				EXECUTE format('DROP POLICY %I ON %s', wanted.policy, wanted.relation);
			END IF;
			EXECUTE format('CREATE POLICY %I ON %s FOR %s USING (%s)', wanted.policy, wanted.relation, wanted.command, wanted.condition);
		END IF;
		IF wanted.is_case_table AND NOT wanted.relrowsecurity THEN
			EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', wanted.relation);
		END IF;
		IF wanted.forced <> wanted.relforcerowsecurity THEN
			EXECUTE format('ALTER TABLE %s %s ROW LEVEL SECURITY', wanted.relation, CASE WHEN wanted.forced THEN 'FORCE' ELSE 'NO FORCE' END);
		END IF;
	END LOOP;

	-- where answers are looked up
	SELECT string_agg(k."column", ' and by ' ORDER BY k."column") AS keys,
		coalesce(string_agg(i.definition || ';', ' ' ORDER BY k."column"), 'Map a column, or an expression that is immutable.') AS cure
	INTO unindexed
	FROM @extschema@.nps_answer_visibility(answer) v
	CROSS JOIN (VALUES ('response_id'), ('respondent')) AS k("column")
	CROSS JOIN LATERAL @extschema@.nps_key_index(answer, k."column") i
	WHERE i.is_missing AND (v.looked_up OR EXISTS (SELECT FROM pg_class c WHERE c.oid = ANY (v.tables) AND c.relrowsecurity));
	IF unindexed.keys IS NOT NULL THEN
		RAISE NOTICE USING
			MESSAGE = format('no index finds the answers of survey "%s" by %s', target, unindexed.keys),
			DETAIL = 'Not everybody may see all answers, so the answer of each case is looked up when the case is read.',
			HINT = unindexed.cure;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_policies(text) IS 'part of nps_attach(): who may see which cases';

CREATE FUNCTION @extschema@.nps_policy_findings(survey text)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Part of nps_check(): tables on which row security is not as nps_attach() makes it. */
DECLARE
	refresh CONSTANT text := format('SELECT * FROM nps_refresh_views(%L);', survey);
	wanted record;
	another name;
BEGIN
	FOR wanted IN
		SELECT p.*, c.relrowsecurity, c.relforcerowsecurity FROM @extschema@.nps_policies(survey) p JOIN pg_class c ON c.oid = p.relation
	LOOP
		fix := refresh;
		IF NOT wanted.is_case_table THEN
			IF NOT wanted.is_there THEN
				severity := 'warning';
				finding := 'settings may be hidden from readers';
				detail := format('Policy "%s" of %s is missing or was changed. Without it readers see no settings, and wrong reports, where row security is enabled on it.',
					wanted.policy, wanted.relation);
				RETURN NEXT;
			END IF;
			CONTINUE;
		END IF;
		IF wanted.is_there IS NULL THEN
			severity := 'warning';
			finding := 'a policy cannot be compared';
			detail := format('The owner of %s may not use the schema of the source, or of what the filter and the keys are made with.', wanted.relation);
			-- usually that of the source; the owners of others must be asked
			fix := (SELECT format('GRANT USAGE ON SCHEMA %s TO %I;', c.relnamespace::regnamespace, current_user)
				FROM @extschema@.nps_surveys() s JOIN pg_class c ON c.oid = s.source WHERE s.survey = nps_policy_findings.survey);
			RETURN NEXT;
			fix := refresh;
		END IF;
		severity := 'error';
		finding := 'cases may be seen by who may not see their answers';
		IF NOT wanted.relrowsecurity THEN
			detail := format('Row security of %s is disabled.', wanted.relation);
			RETURN NEXT;
		END IF;
		IF NOT wanted.is_there THEN
			detail := format('Policy "%s" of %s is missing, or is not the one that the answers need.', wanted.policy, wanted.relation);
			RETURN NEXT;
		END IF;
		IF wanted.forced AND NOT wanted.relforcerowsecurity THEN
			detail := format('Not all answers may be seen by the owner of %s, who is not subject to its policies.', wanted.relation);
			RETURN NEXT;
		END IF;
		FOR another IN
			SELECT p.polname FROM pg_policy p WHERE p.polrelid = wanted.relation AND p.polpermissive AND p.polname <> wanted.policy ORDER BY 1
		LOOP
			detail := format('Policy "%s" of %s lets more be seen or written.', another, wanted.relation);
			fix := format('DROP POLICY %I ON %s;', another, wanted.relation);
			RETURN NEXT;
		END LOOP;
		IF wanted.relforcerowsecurity AND NOT wanted.forced THEN
			severity := 'warning';
			finding := 'cases may be hidden from their owner';
			detail := format('Row security of %s is forced, though the owner may see all answers.', wanted.relation);
			fix := refresh;
			RETURN NEXT;
		END IF;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_policy_findings(text) IS 'part of nps_check(): tables on which row security is not as nps_attach() makes it';
