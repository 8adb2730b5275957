/* nps/sql/survey/placeholder.sql */

-- What is filled in where a view or table says <<name>>.  The list of names is
-- that of the lines below that begin with a name and end with a comment:
-- sql/assemble.awk refuses any other.  In the view answer <<mapping.x>> is the
-- expression that column x is mapped to.

CREATE FUNCTION @extschema@.nps_fill(template text, facts jsonb)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	RETURN (
		/* in one pass, so that nothing in a fact is taken for a part of the template; without a fact the name stays, which is no SQL */
		SELECT pg_catalog.string_agg(
			CASE WHEN place OPERATOR(pg_catalog.=) 1 THEN piece
				ELSE pg_catalog.concat(coalesce(facts OPERATOR(pg_catalog.->>) pg_catalog.split_part(piece, '>>', 1), pg_catalog.concat('<<', pg_catalog.split_part(piece, '>>', 1), '>>')),
					pg_catalog.substr(piece, pg_catalog.strpos(piece, '>>') OPERATOR(pg_catalog.+) 2)) END, '' ORDER BY place)
		FROM pg_catalog.regexp_split_to_table(template, '<<(?=[a-z_.]+>>)') WITH ORDINALITY AS piece(piece, place)
	);
COMMENT ON FUNCTION @extschema@.nps_fill(text, jsonb) IS 'part of nps_attach(): a template with each <<name>> replaced by the fact of that name';

CREATE FUNCTION @extschema@.nps_placeholders(facts jsonb, segments text[], reads_rollup boolean, grains text, within text)
	RETURNS jsonb
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What stands for each <<name>>, from the facts of nps_answer_facts(). */
DECLARE
	segment_list CONSTANT text := (SELECT coalesce(string_agg(format('%I, ', n), '' ORDER BY place), '') FROM unnest(segments) WITH ORDINALITY AS s(n, place));
	/*
	 * With a rollup each report has two parts, of which the planner leaves one
	 * out.  It leaves a join out whose condition is false, but not every scan.
	 */
	serves CONSTANT text := '@extschema@.nps_rollup_serves(''rollup''::regclass)';
	rolled_up CONSTANT text := CASE WHEN reads_rollup THEN 'rollup WHERE ' || serves
		|| ' AND @extschema@.nps_rollup_is_current(''rollup''::regclass) AND @extschema@.nps_rollup_counts(''rollup''::regclass, leaf)' ELSE
		'(SELECT NULL::date AS day, NULL::bigint[] AS added, NULL::bigint[] AS removed, NULL::bigint AS unanswered, NULL::bigint AS rejected, '
		'NULL::bigint AS with_comment, NULL::bigint AS answered) AS rollup WHERE false' END;
	is_plain CONSTANT boolean := (facts->>'is_plain')::boolean;
	is_distributed CONSTANT boolean := (facts->>'is_distributed')::boolean;
	window_start CONSTANT text := format('@extschema@.nps_window_start(''survey''::regclass, %s)', facts->>'loop_since');
	followed_scores CONSTANT text := '@extschema@.nps_followed_scores(''survey''::regclass)';
	-- where the answers are on other servers, no function there knows the survey
	is_crowd CONSTANT text := CASE WHEN is_distributed
		THEN format('o.respondent %s ANY (ARRAY(SELECT c.respondent FROM counted c WHERE c.respondent IS NOT NULL GROUP BY c.respondent HAVING count(*) > @extschema@.nps_most_answers()))',
			facts->>'respondent_equals')
		ELSE '@extschema@.nps_is_crowd(''answer''::regclass, o.respondent)' END;
	newest_answer_folded CONSTANT text := 'CROSS JOIN LATERAL (SELECT CASE WHEN q.is_answer THEN q.response_id END AS response_id, '
		'q.account, q.comment, q.responded_at, q.revenue_beside AS revenue, q.renewal_at, q.owner, q.open_tickets) a';
	unless_rolled_up CONSTANT text := CASE WHEN reads_rollup
		THEN 'CROSS JOIN (SELECT FROM generate_series(1, 1)) AS source_only WHERE NOT ' || serves ELSE '' END;
BEGIN
	RETURN jsonb_build_object(
		'grains', grains,											-- after FROM: the lengths of periods and their names
		'within', within,											-- which rows by responded_at: all, or those of the days that a report is about
		'zone', facts->>'zone',										-- time zone of all dates, a literal
		'scale', facts->>'scale',									-- name of the scale, a literal
		'scale_argument', facts->>'scale_argument',					-- ", scale" after the score in a call; nothing on the scale nps
		'satisfaction', facts->>'satisfaction',						-- true or false: a promoter is a satisfied customer
		'reversed', facts->>'reversed',								-- true or false: a lower score is a better one
		'lowest', facts->>'lowest',									-- the lowest score by which the playbook finds a rule
		'highest', facts->>'highest',								-- the highest one
		'bin_type', CASE WHEN (facts->>'whole')::boolean THEN 'smallint' ELSE 'text' END,	-- type of the scores of a distribution

		-- columns of answer, in the view counted alone
		'score', facts->>'score',									-- the score in the rows that count
		'valid', facts->>'valid',									-- which rows count
		'rule_score', facts->>'rule_score',							-- the whole number by which the playbook finds a rule

		'score_type', facts->>'score_type',							-- type of the score in the rows that count

		/*
		 * Which scores are followed up, and since when.  The planner computes both
		 * in advance where an index finds the answers of a respondent in one place,
		 * and looks up the few answers that are left.  Over partitions, and where
		 * there can be no index, it must not know since when: it takes those who
		 * gave them for a quarter of what they are, and would look each up in every
		 * partition.  So it hashes.  Other servers are told both.
		 */
		'rules', CASE WHEN is_plain THEN '' ELSE format('CROSS JOIN (SELECT %s AS window_start, %s AS followed_scores OFFSET 0) rules', window_start, followed_scores) END,	-- after FROM: the source of the next two, or nothing
		'may_be_followed_up',										-- whether answer o may open a case; needs <<rules>>
		CASE WHEN NOT (facts->>'has_followup')::boolean THEN 'false' ELSE format('(o.rule_score = ANY (%s)%s)', CASE WHEN is_distributed THEN 'rules.followed_scores' ELSE followed_scores END,
			CASE WHEN (facts->>'knows_wants_contact')::boolean THEN ' OR o.wants_contact' ELSE '' END) END,
		'is_recent',												-- whether the case of answer o may be work now; needs <<rules>>
		format('(o.responded_at > %1$s OR o.responded_at IS NULL%2$s)', CASE WHEN is_plain THEN window_start ELSE 'rules.window_start' END,
			CASE WHEN (facts->>'knows_received_at')::boolean THEN format(' OR o.received_at > %s', CASE WHEN is_plain THEN window_start ELSE 'rules.window_start' END) ELSE '' END),
		-- JOIN to case q: what goes with its newest answer, a
		'newest_answer_folded', newest_answer_folded,				-- as the fold has it
		'newest_answer',											-- by its key, if an index finds it in one place: then the fold reads that only
		CASE WHEN is_plain THEN format('LEFT JOIN (SELECT a.response_id, a.account, a.comment, a.responded_at, a.revenue, a.renewal_at, a.owner, a.open_tickets FROM counted a) a ON a.response_id %s q.response_id',
			facts->>'response_id_equals') ELSE newest_answer_folded END,
		'nothing_beside', facts->>'nothing_beside',					-- NULL for revenue, account, comment, renewal_at, owner and open_tickets of an answer, of their types
		'comments_of_case',											-- the comments of all answers of case q, of which a is the newest; on other servers of that alone
		CASE WHEN is_distributed THEN 'a.comment' ELSE format('CASE WHEN q.answers <= 1 THEN a.comment '
			'ELSE @extschema@.nps_case_comments(''counted''::regclass, q.respondent, q.case_id, q.topic, %s, q.first_answer_at, q.responded_at) END', facts->>'loop_since') END,
		'brought_here', CASE WHEN is_distributed THEN 'OFFSET 0' ELSE '' END,	-- after a query of answers, of which what reads it makes something that only this server can: distributed, its rows are gathered here
		'join_opening', CASE WHEN segments = '{}' THEN '' ELSE format('LEFT JOIN counted e ON e.response_id %s f.case_id', facts->>'response_id_equals') END,	-- after FROM followup_all f: the answer that opened the case, if there are segments
		'opening_segments', (SELECT coalesce(string_agg(format(', (%L, e.%I::text)', n, n), '' ORDER BY place), '') FROM unnest(segments) WITH ORDINALITY AS s(n, place)),	-- after VALUES of segments: those of the survey; needs <<join_opening>>
		'loop_since', facts->>'loop_since',						-- when follow-up began, a literal
		'responded_until', facts->>'responded_until',				-- when an answer was certainly given: of a day, its end

		'is_crowd', is_crowd,										-- whether respondent o gave more answers than a person

		-- the newest answer n of a respondent comes with what an index holds; in one table the rest is joined as a
		'rest_of_newest', facts->>'rest_of_newest',					-- after FROM n: that join, or nothing
		'revenue_of_newest', facts->>'revenue_of_newest',			-- the revenue there
		'churned_at_of_newest', facts->>'churned_at_of_newest',		-- the time of leaving there

		'response_id_equals', facts->>'response_id_equals',			-- operator: the same response; also the same case, which is named after one
		'response_id_order', facts->>'response_id_order',			-- after it in ORDER BY: the same order in every database
		'respondent_equals', facts->>'respondent_equals',			-- operator: the same respondent
		'account_equals', facts->>'account_equals',					-- operator: the same account
		'response_id_type', facts->>'response_id_type',				-- type of the key of a response, and its collation
		'respondent_type', facts->>'respondent_type',				-- type of the key of a respondent, and its collation

		'knows_churn', facts->>'knows_churn',						-- true or false: churned_at is mapped
		'knows_revenue', facts->>'knows_revenue',					-- true or false: revenue is mapped; without, nothing is sorted to count it once
		-- a key that is always NULL would cost each row something
		'asked_at', CASE WHEN (facts->>'knows_asking')::boolean THEN 'asked_at' ELSE 'NULL' END,	-- of a row of answer: the column of that name, or NULL where it is not mapped
		'score_as_counted', facts->>'score_as_counted',				-- of a row of answer: the score as nps_day_counts_agg() takes it
		'is_unanswered', facts->>'is_unanswered',					-- of a row of answer without a score: whether nobody gave one
		'text_search', facts->>'text_search',						-- configuration by which comments are searched
		'work_time', format('%s, s.work_days, s.work_from, s.work_until, s.holidays', facts->>'zone'),	-- the last arguments of nps_due() and nps_hours_between(); needs the settings as s

		'segments', segment_list,									-- columns of the segments, each with a comma after it
		'segment_types', facts->>'segment_types',					-- the same with their types, in the table rollup
		'rolled_up', rolled_up,										-- after FROM: the rollup where it serves, or no rows
		'unless_rolled_up', unless_rolled_up);						-- after FROM and a view: no rows where the rollup serves
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_placeholders(jsonb, text[], boolean, text, text) IS 'part of nps_attach(): what is filled in for each <<name>> in the definitions of a survey';

CREATE FUNCTION @extschema@.nps_fill_view(template text, placeholders jsonb, segments text[], reads_rollup boolean, span text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The definition of a view.  Everything between the lines "-- <<union all over
 * grain>>" and "-- <<end>>" is repeated for each grain, or segment, or both.
 */
DECLARE
	part record;
	over text;
	result text := '';
BEGIN
	FOR part IN
		SELECT p.part, p.place % 2 = 0 AS is_repeated
		FROM regexp_split_to_table(template, '-- <<(?=union all over )|-- <<end>>') WITH ORDINALITY AS p(part, place)
		ORDER BY p.place
	LOOP
		IF NOT part.is_repeated THEN
			result := result || @extschema@.nps_fill(part.part, placeholders);
			CONTINUE;
		END IF;
		over := substring(part.part, '^union all over ([^>]*)>>');
		result := result || (
			SELECT string_agg(@extschema@.nps_fill(regexp_replace(part.part, '^[^>]*>>', ''), placeholders || jsonb_build_object(
				'grain', g.grain,											-- day, week, month, quarter or year
				'step', g.step,												-- its length, an interval
				'segment', coalesce(quote_literal(s.name), 'NULL'),			-- name of the segment, a literal
				'segment_column', coalesce(quote_ident(s.name), 'NULL'),	-- its column
				'rolled_up_column', CASE WHEN reads_rollup THEN coalesce(quote_ident(s.name), 'NULL') ELSE 'NULL' END)),	-- its column in <<rolled_up>>
				'UNION ALL' ORDER BY s.place, g.place)
			FROM (SELECT g.grain, g.step, g.place FROM @extschema@.nps_grains() WITH ORDINALITY AS g(grain, step, place) WHERE over ~ 'grain' AND span IS NULL
				UNION ALL SELECT span, substring(span, '^[0-9]+ days')::interval, 1 WHERE over ~ 'grain' AND span IS NOT NULL
				UNION ALL SELECT NULL, NULL, NULL WHERE over !~ 'grain') g
			-- a survey without segments has one without a name: the views have their shape, and no rows
			CROSS JOIN (SELECT s.name, s.place FROM unnest(segments) WITH ORDINALITY AS s(name, place) WHERE over ~ 'segment'
				UNION ALL SELECT NULL, NULL WHERE over !~ 'segment' OR segments = '{}') s);
	END LOOP;
	RETURN result;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fill_view(text, jsonb, text[], boolean, text) IS 'part of nps_attach(): the definition of a view of a survey from its template';

CREATE FUNCTION @extschema@.nps_survey_views(facts jsonb, segments text[], reads_rollup boolean, span text DEFAULT NULL, from_day date DEFAULT NULL, to_day date DEFAULT NULL)
	RETURNS TABLE (name text, columns text[], definition text)
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The views of a survey over the view answer, in the order in which they can be
 * made.  For a report of certain days: with a span, such as "14 days from
 * 2026-01-05", its periods take the place of those of all grains; and what has
 * no periods is restricted to the days.
 */
DECLARE
	grains CONSTANT text := CASE WHEN span IS NULL THEN '@extschema@.nps_grains()'
		ELSE format('(VALUES (%L::text, %L::interval))', span, substring(span, '^[0-9]+ days')) END;
	within CONSTANT text := CASE WHEN from_day IS NULL THEN 'true'
		ELSE format('responded_at >= @extschema@.nps_time(%L::date, %s) AND responded_at < @extschema@.nps_time(%L::date, %2$s)', to_char(from_day, 'YYYY-MM-DD'), facts->>'zone', to_char(to_day + 1, 'YYYY-MM-DD')) END;
BEGIN
	RETURN QUERY
		SELECT t.object, @extschema@.nps_columns_of(t.object, segments),
			@extschema@.nps_fill_view(t.template, @extschema@.nps_placeholders(facts, segments, reads_rollup, grains, within), segments, reads_rollup, span)
		FROM @extschema@.nps_survey_templates() t
		WHERE t.kind = 'view' AND t.object <> 'answer'
		ORDER BY t.place;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_survey_views(jsonb, text[], boolean, text, date, date) IS 'part of nps_attach(): the definitions of the views of a survey';

CREATE FUNCTION @extschema@.nps_survey_path(survey text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT
	/* The search path by which the names in the definitions are found: pg_catalog's, and those of the survey; ours have their schema. */
	RETURN pg_catalog.format('pg_catalog, %I, pg_temp', survey);
COMMENT ON FUNCTION @extschema@.nps_survey_path(text) IS 'part of nps_attach(): the search path under which the views of a survey are made';

CREATE FUNCTION @extschema@.nps_execute(statement text, path text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Runs a statement under another search path. */
BEGIN
	PERFORM set_config('search_path', path, true);
	EXECUTE statement;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_execute(text, text) IS 'part of nps_attach(): runs a statement under a search path';

CREATE FUNCTION @extschema@.nps_prove_views(survey text)
	RETURNS void
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The definitions name objects without a schema.  Checks that each name was found
 * where it should be: an error if a view other than answer depends on anything but
 * relations of the survey, what belongs to the extension, types and collations
 * that answer has, how these become text, and the operators by which they are
 * ordered.  What pg_catalog has is pinned, and in no list of dependencies.
 */
DECLARE
	schema CONSTANT oid := (SELECT n.oid FROM pg_namespace n WHERE n.nspname = survey);
	stranger text;
BEGIN
	WITH RECURSIVE mapped AS (
		SELECT a.atttypid, a.attcollation FROM pg_attribute a
		WHERE a.attrelid = format('%I.answer', survey)::regclass AND a.attnum > 0
	), types AS (
		SELECT m.atttypid AS oid FROM mapped m
		UNION
		SELECT r.oid FROM types s JOIN pg_type t ON t.oid = s.oid CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem), (t.typarray)) AS r(oid) WHERE r.oid <> 0
	), operators AS (
		SELECT o.amopopr AS oid FROM types s
		JOIN pg_opclass c ON c.opcintype = s.oid AND c.opcdefault AND c.opcmethod = (SELECT m.oid FROM pg_am m WHERE m.amname = 'btree')
		JOIN pg_amop o ON o.amopfamily = c.opcfamily
	)
	SELECT format('View %s depends on %s.', w.ev_class::regclass, pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)) INTO stranger
	FROM pg_class v
	JOIN @extschema@.nps_survey_templates() t ON t.object = v.relname AND t.kind = 'view' AND t.object <> 'answer'
	JOIN pg_rewrite w ON w.ev_class = v.oid
	JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
	WHERE v.relnamespace = schema AND v.relkind = 'v' AND NOT CASE d.refclassid
		WHEN 'pg_class'::regclass THEN EXISTS (SELECT FROM pg_class c WHERE c.oid = d.refobjid AND c.relnamespace = schema)
		WHEN 'pg_collation'::regclass THEN d.refobjid IN (SELECT m.attcollation FROM mapped m)
		WHEN 'pg_operator'::regclass THEN d.refobjid IN (SELECT o.oid FROM operators o)
		WHEN 'pg_type'::regclass THEN d.refobjid IN (SELECT s.oid FROM types s)
		WHEN 'pg_proc'::regclass THEN EXISTS (SELECT FROM pg_cast c WHERE c.castfunc = d.refobjid
			AND c.castsource IN (SELECT s.oid FROM types s) AND c.casttarget = 'text'::regtype)
		-- named by the owner
		ELSE d.refclassid = 'pg_ts_config'::regclass END
		-- a column of a row type is one of the type
		AND NOT EXISTS (SELECT FROM pg_depend e
			WHERE (e.classid = d.refclassid AND e.objid = d.refobjid
					OR e.classid = 'pg_type'::regclass AND d.refclassid = 'pg_class'::regclass
						AND e.objid = (SELECT c.reltype FROM pg_class c WHERE c.oid = d.refobjid AND c.relkind = 'c'))
				AND e.deptype = 'e' AND e.refclassid = 'pg_extension'::regclass
				AND e.refobjid = (SELECT x.oid FROM pg_extension x WHERE x.extname = 'nps'))
	ORDER BY 1 LIMIT 1;
	IF stranger IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the views of survey "%s" would read objects outside the survey', survey),
			DETAIL = stranger,
			HINT = format('Something in schema %I is named like a part of the server; rename it.', survey);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_prove_views(text) IS 'part of nps_attach(): an error if a view of a survey depends on anything that is not its own';
