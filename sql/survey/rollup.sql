/* nps/sql/survey/rollup.sql */

CREATE FUNCTION @extschema@.nps_keep_rollup()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_keep_rollup() IS 'trigger of nps_materialize(): keeps the rollup of a survey exact in every transaction that changes the source';

CREATE FUNCTION @extschema@.nps_guard_rollup()
	RETURNS trigger
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE;
COMMENT ON FUNCTION @extschema@.nps_guard_rollup() IS 'trigger of nps_materialize(): leaves out what is written to a rollup and is not maintenance, such as a restore';

CREATE FUNCTION @extschema@.nps_rollup_accum(state @extschema@.nps_tally, counts bigint[], scale text)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rollup_accum(@extschema@.nps_tally, bigint[], text) IS 'aggregate transition function';

CREATE AGGREGATE @extschema@.nps_rollup_tally(counts bigint[], scale text) (
	SFUNC = @extschema@.nps_rollup_accum, STYPE = @extschema@.nps_tally, INITCOND = '{}',
	COMBINEFUNC = @extschema@.nps_tally_add,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE @extschema@.nps_rollup_tally(bigint[], text) IS 'part of nps_materialize(): tally of what came to a rollup, or went';

CREATE FUNCTION @extschema@.nps_rollup_net(added @extschema@.nps_tally, removed @extschema@.nps_tally)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rollup_net(@extschema@.nps_tally, @extschema@.nps_tally) IS 'part of nps_materialize(): answers that came less those that went, no counter below zero';

CREATE FUNCTION @extschema@.nps_rollup_trouble(rollup regclass, with_triggers boolean DEFAULT true)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_trouble(regclass, boolean) IS 'why the rollup of a survey has to be made anew; NULL if it has not';

CREATE FUNCTION @extschema@.nps_rollup_unserved(rollup regclass, OUT trouble text, OUT lacks_leaves boolean, OUT can_be_made boolean)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_unserved(regclass) IS 'why the reports of a survey read the source though there is a rollup; NULL if they read that';

CREATE FUNCTION @extschema@.nps_rollup_leaves(rollup regclass, OUT leaf regclass, OUT is_counted boolean, OUT has_triggers boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_leaves(regclass) IS 'part of nps_materialize(): the tables that have the rows of the source, and whether the rollup counts them';

CREATE FUNCTION @extschema@.nps_count_source(rollup regclass)
	RETURNS void
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_count_source(regclass) IS 'part of nps_materialize(): counts all rows of the source';

CREATE FUNCTION @extschema@.nps_count_leaf(rollup regclass, leaf regclass)
	RETURNS void
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_count_leaf(regclass, regclass) IS 'part of nps_compact(): counts the rows of a partition that came since';

CREATE FUNCTION @extschema@.nps_keep_identity(rollup regclass)
	RETURNS void
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_keep_identity(regclass) IS 'part of nps_refresh_views(): a rollup stays what it is though the view answer was made anew';

CREATE FUNCTION @extschema@.nps_fold_rollup(rollup regclass, OUT rows_before bigint, OUT rows_after bigint)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_fold_rollup(regclass) IS 'part of nps_compact(): makes the rows of each cell one';

CREATE FUNCTION @extschema@.nps_rollup_mapping(rollup regclass)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_mapping(regclass) IS 'part of nps_materialize(): what of the mapping a rollup is made of';

CREATE FUNCTION @extschema@.nps_rollup_zone(rollup regclass)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_zone(regclass) IS 'part of nps_materialize(): the time zone of the days of a rollup; NULL if it is not kept current';

CREATE FUNCTION @extschema@.nps_rollup_serves_support(internal)
	RETURNS internal
	AS 'MODULE_PATHNAME'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_serves_support(internal) IS 'planner support of nps_rollup_serves()';

CREATE FUNCTION @extschema@.nps_rollup_serves(rollup regclass)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
	SUPPORT @extschema@.nps_rollup_serves_support;
COMMENT ON FUNCTION @extschema@.nps_rollup_serves(regclass) IS 'whether the rollup of a survey is kept current, and the current user may read all that it was made of';

CREATE FUNCTION @extschema@.nps_rollup_may_be_read(rollup regclass)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rollup_may_be_read(regclass) IS 'whether the current user may read all that a rollup was made of: the row security of a rollup';

CREATE FUNCTION @extschema@.nps_rollup_is_current(rollup regclass)
	RETURNS boolean
	/* it asks what the session does */
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION @extschema@.nps_rollup_is_current(regclass) IS 'true; an error if a report was planned to read the rollup, and when it runs that would be wrong';

CREATE FUNCTION @extschema@.nps_rollup_counts_support(internal)
	RETURNS internal
	AS 'MODULE_PATHNAME'
	LANGUAGE C STRICT;
COMMENT ON FUNCTION @extschema@.nps_rollup_counts_support(internal) IS 'planner support of nps_rollup_counts()';

CREATE FUNCTION @extschema@.nps_rollup_counts(rollup regclass, leaf bigint)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL SAFE
	SUPPORT @extschema@.nps_rollup_counts_support;
COMMENT ON FUNCTION @extschema@.nps_rollup_counts(regclass, bigint) IS 'whether the table that a cell of the rollup is of belongs to the source, and is counted';

CREATE FUNCTION @extschema@.nps_rollup_segments(survey text)
	RETURNS name[]
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* between the day, and the six measures and the leaf */
	SELECT coalesce(pg_catalog.array_agg(a.attname ORDER BY a.attnum), '{}')
	FROM pg_catalog.pg_attribute a
	JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
	WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.format('%I.rollup', $1))
		AND a.attnum OPERATOR(pg_catalog.>) 1 AND a.attnum OPERATOR(pg_catalog.<=) (c.relnatts OPERATOR(pg_catalog.-) 7);
	END;
COMMENT ON FUNCTION @extschema@.nps_rollup_segments(text) IS 'part of nps_materialize(): the columns of a rollup that are segments';

CREATE FUNCTION @extschema@.nps_reads_rollup(survey text)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM pg_catalog.pg_rewrite w
		JOIN pg_catalog.pg_depend d ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass AND d.objid OPERATOR(pg_catalog.=) w.oid
			AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass
			AND d.refobjid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.format('%I.rollup', $1))
		WHERE w.ev_class OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.format('%I.summary', $1)));
	END;
COMMENT ON FUNCTION @extschema@.nps_reads_rollup(text) IS 'part of nps_materialize(): whether the reports of a survey are made to read its rollup';

CREATE FUNCTION @extschema@.nps_rollup_source(survey text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The query that computes the rollup from the source, with its columns except those for what is removed. */
DECLARE
	settings CONSTANT jsonb := @extschema@.nps_survey_settings(survey);
	names CONSTANT name[] := @extschema@.nps_rollup_segments(survey);
	segments CONSTANT text := (SELECT coalesce(string_agg(format(', %I::%s', a.attname, format_type(a.atttypid, -1)), '' ORDER BY a.attnum), '')
		FROM pg_attribute a
		WHERE a.attrelid = format('%I.rollup', survey)::regclass AND a.attname = ANY (names));
	-- a segment may be named like any of the columns
	numbers CONSTANT text := (SELECT coalesce(string_agg(format(', segment_%s', place), '' ORDER BY place), '') FROM generate_series(1, cardinality(names)) place);
	places CONSTANT text := (SELECT coalesce(string_agg(format(', %s', place + 6), '' ORDER BY place), '') FROM generate_series(1, cardinality(names)) place);
BEGIN
	RETURN format($sql$
		SELECT p.day%2$s, CASE WHEN @extschema@.nps_responses(@extschema@.nps_tally_agg(p.tally)) > 0 THEN @extschema@.nps_tally_agg(p.tally) END,
			sum(p.unanswered)::bigint, sum(p.rejected)::bigint, sum(p.with_comment)::bigint, sum(p.answered)::bigint
		FROM (
			SELECT @extschema@.nps_period(responded_at, %1$L, 'day'), @extschema@.nps_period(asked_at, %1$L, 'day'),
				@extschema@.nps_tally_agg(score, %3$L),
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer'),
				count(*) FILTER (WHERE score IS NULL AND rejection <> 'no answer'),
				count(*) FILTER (WHERE score IS NOT NULL AND @extschema@.nps_has_comment(comment))%5$s
			FROM %4$I.answer
			GROUP BY 1, 2%6$s
		) AS c(day, asked_day, tally, unanswered, rejected, with_comment%2$s)
		-- answers by when they were given, and everything about how many answered by when they were asked
		CROSS JOIN LATERAL (
			SELECT c.day, c.tally, c.with_comment, 0::bigint, 0::bigint, 0::bigint WHERE @extschema@.nps_responses(c.tally) > 0
			UNION ALL
			SELECT coalesce(c.asked_day, c.day), '{}', 0, c.unanswered, c.rejected, @extschema@.nps_responses(c.tally)
		) AS p(day, tally, with_comment, unanswered, rejected, answered)
		GROUP BY p.day%2$s$sql$,
		settings->>'time_zone', numbers, settings->>'scale', survey, segments, places);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_rollup_source(text) IS 'part of nps_materialize(): the query that computes a rollup from the source';

CREATE FUNCTION @extschema@.nps_hidden_rows(source regclass)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Why the owner of a survey, as whom this is called, cannot have a rollup of its
 * source, as a sentence: it could neither be computed, nor be kept from them.
 */
BEGIN
	RETURN CASE WHEN row_security_active(source) THEN format('Row security hides rows of %s from the owner of the survey.', source) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_hidden_rows(regclass) IS 'part of nps_materialize(): why the owner of a survey cannot have a rollup of its source; NULL if they can';

CREATE FUNCTION @extschema@.nps_is_hypertable(source regclass)
	RETURNS boolean
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Whether the source is a hypertable of TimescaleDB, whose rows are in tables that
 * inherit from it; while there are none it looks like any other.  Its catalog is
 * read only where that belongs to an extension.
 */
DECLARE
	hypertables CONSTANT regclass := to_regclass('_timescaledb_catalog.hypertable');
	is_one boolean;
BEGIN
	IF hypertables IS NULL OR NOT EXISTS (SELECT FROM pg_depend d
		WHERE d.classid = 'pg_class'::regclass AND d.objid = hypertables AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')
	THEN
		RETURN false;
	END IF;
	EXECUTE format('SELECT EXISTS (SELECT FROM %s h JOIN pg_class c ON c.relname = h.table_name JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = h.schema_name WHERE c.oid = $1)',
		hypertables) INTO is_one USING source;
	RETURN is_one;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_is_hypertable(regclass) IS 'part of nps_materialize(): whether a table is a hypertable of TimescaleDB';

CREATE FUNCTION @extschema@.nps_expect_rollup(survey text, rollup regclass)
	RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Between the transactions of nps_materialize() somebody may have dropped the rollup, and even made another. */
BEGIN
	IF to_regclass(format('%I.rollup', survey)) IS DISTINCT FROM rollup THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" was taken back to its source while its rollup was computed', survey),
			HINT = format('Its reports read the source.  CALL nps_materialize(%L) again if that was not meant to be.', survey);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_expect_rollup(text, regclass) IS 'part of nps_materialize(): an error if the rollup is another one by now';

CREATE FUNCTION @extschema@.nps_switch_reports(survey text, computed regclass DEFAULT NULL)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes the reports read the rollup that was computed; NULL: the source.  Nothing
 * else is touched, so that nobody waits for it for long.  The result is whether
 * there was anything to do.
 */
DECLARE
	read_rollup CONSTANT boolean := computed IS NOT NULL;
	answer record;
	view record;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	-- readers have to wait only where a view is replaced
	PERFORM @extschema@.nps_lock_survey(survey, CASE WHEN @extschema@.nps_reads_rollup(survey) = read_rollup THEN 'survey' ELSE 'reports' END);
	PERFORM @extschema@.nps_expect_owner(survey);
	IF read_rollup THEN
		PERFORM @extschema@.nps_expect_rollup(survey, computed);
	END IF;
	IF @extschema@.nps_reads_rollup(survey) = read_rollup THEN
		RETURN false;
	END IF;
	PERFORM @extschema@.nps_expect_current(survey);
	SELECT * INTO answer FROM @extschema@.nps_answer_facts(survey, @extschema@.nps_survey_source(survey), @extschema@.nps_survey_arguments(survey));
	FOR view IN
		SELECT v.* FROM @extschema@.nps_survey_views(answer.facts, answer.segment_names, read_rollup) v
		JOIN @extschema@.nps_survey_templates() t ON t.object = v.name AND t.template ~ '<<rolled_up>>'
	LOOP
		PERFORM @extschema@.nps_replace_view(survey, view.name, view.columns, view.definition);
	END LOOP;
	PERFORM @extschema@.nps_prove_views(survey);
	RETURN true;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_switch_reports(text, regclass) IS 'part of nps_materialize(): has the reports read the rollup, or the source';
