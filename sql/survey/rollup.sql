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
COMMENT ON FUNCTION @extschema@.nps_rollup_zone(regclass) IS 'part of nps_materialize(): the time zone of the days of a rollup; NULL if it is not kept';

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
COMMENT ON FUNCTION @extschema@.nps_rollup_serves(regclass) IS 'whether the rollup of a survey is kept, and the current user may read all that it was made of';

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
/* The query that computes the rollup from the source, with its columns but for what is removed. */
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
		-- answers by when they were given, and all that tells how many answered by when they were asked
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
 * Why the owner of a survey, who this is called as, cannot have a rollup of its
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
 * Has the reports read the rollup that was computed; NULL: the source.  Nothing
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

CREATE FUNCTION @extschema@.nps_drop_rest_of_rollup(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What is left where somebody renamed or moved a rollup: its triggers on the source, if that is still there, and the table beside it. */
DECLARE
	source CONSTANT regclass := (SELECT s.source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_drop_rest_of_rollup.survey);
	statement text;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	FOR statement IN
		SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		WHERE t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure AND t.tgparentid = 0
			AND (t.tgrelid = source OR t.tgrelid IN (SELECT p.relid FROM pg_partition_tree(source) p))
			AND t.tgname IN (SELECT @extschema@.nps_keeper_name(survey, k) FROM unnest(ARRAY['before', 'insert', 'update', 'delete', 'row', 'after', 'truncate']) k)
	LOOP
		EXECUTE statement;
	END LOOP;
	IF to_regclass(format('%I.rollup_part', survey)) IS NOT NULL THEN
		EXECUTE format('DROP TABLE %I.rollup_part', survey);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_rest_of_rollup(text) IS 'part of nps_materialize(): drops what is left of a rollup that was renamed or moved';

CREATE FUNCTION @extschema@.nps_drop_rollup(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The triggers on the source, and the rollup that they keep. */
DECLARE
	rollup regclass;
	statement text;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_lock_survey(survey, CASE WHEN to_regclass(format('%I.rollup', survey)) IS NULL THEN 'survey' ELSE 'triggers' END);
	PERFORM @extschema@.nps_expect_owner(survey);
	rollup := to_regclass(format('%I.rollup', survey));
	IF rollup IS NULL THEN
		PERFORM @extschema@.nps_drop_rest_of_rollup(survey);
		RETURN;
	END IF;
	FOR statement IN
		SELECT DISTINCT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
		FROM pg_trigger t
		JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
			AND d.refclassid = 'pg_class'::regclass AND d.refobjid = rollup
		WHERE t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure AND t.tgparentid = 0
	LOOP
		EXECUTE statement;
	END LOOP;
	EXECUTE format('DROP TABLE %I.rollup', survey);
	IF to_regclass(format('%I.rollup_part', survey)) IS NOT NULL THEN
		EXECUTE format('DROP TABLE %I.rollup_part', survey);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_drop_rollup(text) IS 'part of nps_dematerialize(): drops a rollup and the triggers that keep it';

CREATE FUNCTION @extschema@.nps_keeper_name(survey text, purpose text)
	RETURNS name
	LANGUAGE sql IMMUTABLE STRICT
	BEGIN ATOMIC
	/* as long a name as a trigger may have */
	SELECT pg_catalog.format('nps_rollup_%s_%s', $2, CASE WHEN pg_catalog.octet_length($1) OPERATOR(pg_catalog.<=) 43 THEN $1 ELSE pg_catalog.md5($1) END)::name;
	END;
COMMENT ON FUNCTION @extschema@.nps_keeper_name(text, text) IS 'part of nps_materialize(): the name of a trigger that keeps a rollup';

CREATE FUNCTION @extschema@.nps_create_keeper(survey text, relation regclass, purpose text, makes text, fires text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* One trigger on the source, or on a partition; "makes" has %s for that. */
DECLARE
	arguments CONSTANT jsonb := @extschema@.nps_survey_arguments(survey);
	keeper CONSTANT name := @extschema@.nps_keeper_name(survey, purpose);
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	-- one that was left behind keeps nothing
	IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = relation AND t.tgname = keeper AND t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure) THEN
		EXECUTE format('DROP TRIGGER %I ON %s', keeper, relation);
	END IF;
	-- the constant makes the trigger go with the rollup, and tells it where to write
	EXECUTE format('CREATE TRIGGER %I ', keeper) || format(makes, relation)
		|| format(' WHEN (%L::regclass IS NOT NULL) EXECUTE FUNCTION @extschema@.nps_keep_rollup(%L, %L)',
			format('%I.rollup', survey), arguments->>'time_zone', arguments->>'scale');
	IF fires IS NOT NULL THEN
		EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', relation, fires, keeper);
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_keeper(text, regclass, text, text, text) IS 'part of nps_materialize(): makes a trigger that keeps a rollup';

CREATE FUNCTION @extschema@.nps_complete_leaf(survey text, leaf regclass, has_triggers boolean)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * A partition has the trigger for rows from the partitioned table, and one of its own for TRUNCATE, which is not handed down.
 *
 * Both are written anew, also where they are as they should be: what is counted is known by the transaction that wrote them
 * last.  Within a subtransaction that is an id that nothing after it has, not even what the caller's transaction does.
 */
DECLARE
	keeper record;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	IF NOT has_triggers THEN
		PERFORM @extschema@.nps_create_keeper(survey, leaf, 'truncate', 'AFTER TRUNCATE ON %s FOR EACH STATEMENT', NULL);
	END IF;
	FOR keeper IN
		SELECT t.tgname
		FROM pg_trigger t
		WHERE t.tgrelid = leaf AND t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure
			AND (t.tgname = @extschema@.nps_keeper_name(survey, 'truncate') OR (t.tgname = @extschema@.nps_keeper_name(survey, 'row') AND t.tgparentid <> 0))
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE REPLICA TRIGGER %I', leaf, keeper.tgname);
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', leaf, keeper.tgname);
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_complete_leaf(text, regclass, boolean) IS 'part of nps_materialize(): makes the triggers of a partition complete';

CREATE FUNCTION @extschema@.nps_complete_leaves(survey text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The same for all partitions that came since.  Writers wait for that: where somebody uses one, it is left for the next time. */
DECLARE
	part record;
	patience CONSTANT text := current_setting('lock_timeout');
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	FOR part IN
		SELECT l.leaf FROM @extschema@.nps_rollup_leaves(format('%I.rollup', survey)::regclass) l
		WHERE NOT l.has_triggers AND l.leaf <> @extschema@.nps_survey_source(survey)
	LOOP
		BEGIN
			PERFORM set_config('lock_timeout', '200ms', true);
			PERFORM @extschema@.nps_complete_leaf(survey, part.leaf, false);
			PERFORM set_config('lock_timeout', patience, true);
		EXCEPTION WHEN lock_not_available OR deadlock_detected OR undefined_table THEN
			RAISE NOTICE USING MESSAGE = format('partition %s is not counted yet: somebody is using it', part.leaf),
				HINT = format('Call nps_compact(%L) later.', survey);
		END;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_complete_leaves(text) IS 'part of nps_materialize(): makes the triggers of all partitions complete';

CREATE FUNCTION @extschema@.nps_create_rollup(survey text)
	RETURNS regclass
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Makes the empty rollup and the triggers that keep it, where there is none.
 *
 * A segment is stored as text, as the reports show it; or, where its text is
 * another one under other settings, as it is.  Nothing may be on the rollup that
 * would have to be told of a new row, as rows are put into it directly.
 */
DECLARE
	arguments jsonb;
	source regclass;
	names text[];
	taken CONSTANT text[] := ARRAY['day', 'added', 'removed', 'unanswered', 'rejected', 'with_comment', 'answered', 'leaf'];
	segment record;
	columns text := '';
	trouble text;
	event record;
	statement text;
	object text;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	-- writers have to wait only where triggers are made
	PERFORM @extschema@.nps_lock_survey(survey, CASE WHEN to_regclass(format('%I.rollup', survey)) IS NULL THEN 'triggers' ELSE 'survey' END);
	PERFORM @extschema@.nps_expect_owner(survey);
	IF to_regclass(format('%I.rollup', survey)) IS NOT NULL THEN
		PERFORM @extschema@.nps_complete_leaves(survey);
		RETURN to_regclass(format('%I.rollup', survey));
	END IF;
	PERFORM @extschema@.nps_expect_current(survey);
	PERFORM @extschema@.nps_drop_rest_of_rollup(survey);
	arguments := @extschema@.nps_survey_arguments(survey);
	source := @extschema@.nps_survey_source(survey);
	trouble := coalesce(@extschema@.nps_hidden_rows(source), CASE WHEN @extschema@.nps_is_hypertable(source)
		THEN format('%s is a hypertable: its rows are in tables that inherit from it, and changes of these cannot be seen.', source) END);
	names := (SELECT v.segment_names FROM @extschema@.nps_answer_facts(survey, source, arguments) v);
	FOR segment IN
		WITH RECURSIVE below AS (
			SELECT a.attname, a.attcollation, s.place, a.atttypid AS type
			FROM unnest(names) WITH ORDINALITY AS s(name, place)
			JOIN pg_attribute a ON a.attrelid = format('%I.answer', survey)::regclass AND a.attname = s.name
			UNION ALL
			SELECT b.attname, b.attcollation, b.place, t.typbasetype FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype = 'd'
		)
		SELECT b.attname, t.oid::regtype AS type, t.typtype, b.attcollation
		FROM below b JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
		ORDER BY b.place
	LOOP
		IF segment.attname = ANY (taken) THEN
			trouble := format('Segment "%s" is named like a column of the rollup; attach it under another name.', segment.attname);
		ELSIF EXISTS (SELECT FROM pg_collation c WHERE c.oid = segment.attcollation AND NOT c.collisdeterministic) THEN
			trouble := format('Segment "%s" has a collation by which different texts are equal; attach it under another one.', segment.attname);
		END IF;
		columns := columns || format('%I %s, ', segment.attname, CASE
			WHEN segment.typtype = 'e' OR segment.type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'time'::regtype)
			THEN format_type(segment.type, -1) ELSE 'text' END);
	END LOOP;

	IF trouble IS NULL THEN
		FOREACH object IN ARRAY ARRAY['rollup', 'rollup_part'] LOOP
			PERFORM @extschema@.nps_create_table(survey, object, jsonb_build_object('segment_types', columns),
				is_logged => (SELECT c.relpersistence <> 'u' FROM pg_class c WHERE c.oid = source));
			-- folding deletes rows, which a publication of all tables must be able to tell
			EXECUTE format('ALTER TABLE %I.%I REPLICA IDENTITY FULL', survey, object);
			EXECUTE format('CREATE TRIGGER nps_rollup_guard BEFORE INSERT OR UPDATE OR DELETE ON %I.%I FOR EACH ROW EXECUTE FUNCTION @extschema@.nps_guard_rollup()', survey, object);
			EXECUTE format('ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER nps_rollup_guard', survey, object);
		END LOOP;
		EXECUTE format('CREATE TRIGGER nps_rollup_emptied BEFORE TRUNCATE ON %I.rollup FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.nps_guard_rollup()', survey);
		EXECUTE format('ALTER TABLE %I.rollup ENABLE ALWAYS TRIGGER nps_rollup_emptied', survey);
		EXECUTE format('ALTER TABLE %I.rollup ENABLE ROW LEVEL SECURITY', survey);
		EXECUTE format('CREATE POLICY as_the_source ON %1$I.rollup FOR SELECT USING (@extschema@.nps_rollup_may_be_read(%2$L::regclass))',
			survey, format('%I.rollup', survey));
		trouble := @extschema@.nps_rollup_trouble(format('%I.rollup', survey)::regclass, false);
	END IF;
	IF trouble IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" cannot be materialized', survey),
			DETAIL = trouble,
			HINT = 'Its reports are exact without, and read the source.' || coalesce((
				SELECT string_agg(' ' || c.hint, '') FILTER (WHERE c.expression IS NOT NULL)
				FROM @extschema@.nps_mapping_troubles(survey, @extschema@.nps_survey_source(survey), @extschema@.nps_survey_arguments(survey)) t
				CROSS JOIN LATERAL @extschema@.nps_mapping_cure(@extschema@.nps_survey_source(survey), t.argument, @extschema@.nps_survey_arguments(survey)) c), '');
	END IF;

	-- who reads reports may read the view answer
	FOR statement IN
		SELECT format('GRANT SELECT ON %I.rollup TO %s', survey, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
		FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) a
		WHERE t.oid = format('%I.answer', survey)::regclass AND a.privilege_type = 'SELECT' AND a.grantee <> t.relowner
	LOOP
		EXECUTE statement;
	END LOOP;
	PERFORM @extschema@.nps_describe_survey(survey, names, @extschema@.nps_own_comments(survey, @extschema@.nps_made(survey)));

	-- writers wait from here on until the end of the transaction
	FOR event IN
		SELECT e.name, e.makes, e.fires
		FROM (VALUES (false, 'before', 'BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT', NULL),
			(false, 'insert', 'AFTER INSERT ON %s REFERENCING NEW TABLE AS added FOR EACH STATEMENT', NULL),
			(false, 'update', 'AFTER UPDATE ON %s REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT', NULL),
			(false, 'delete', 'AFTER DELETE ON %s REFERENCING OLD TABLE AS removed FOR EACH STATEMENT', NULL),
			(false, 'row', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW', 'REPLICA'),
			(true, 'before', 'BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT', 'ALWAYS'),
			(true, 'row', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW', 'ALWAYS'),
			(true, 'after', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT', 'ALWAYS')) AS e(is_partitioned, name, makes, fires)
		WHERE e.is_partitioned = (SELECT c.relkind = 'p' FROM pg_class c WHERE c.oid = source)
	LOOP
		PERFORM @extschema@.nps_create_keeper(survey, source, event.name, event.makes, event.fires);
	END LOOP;
	PERFORM @extschema@.nps_create_keeper(survey, source, 'truncate', 'AFTER TRUNCATE ON %s FOR EACH STATEMENT', 'ALWAYS');
	PERFORM @extschema@.nps_complete_leaf(survey, l.leaf, false)
	FROM @extschema@.nps_rollup_leaves(format('%I.rollup', survey)::regclass) l
	WHERE l.leaf <> source;
	RETURN format('%I.rollup', survey)::regclass;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_create_rollup(text) IS 'part of nps_materialize(): makes the empty rollup and the triggers that keep it';

CREATE FUNCTION @extschema@.nps_rollup_is_due(survey text, rebuild boolean)
	RETURNS boolean
	LANGUAGE plpgsql VOLATILE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether there is anything to do for nps_materialize(). */
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if it is not a survey
	PERFORM @extschema@.nps_lock_survey(survey, 'survey');
	PERFORM @extschema@.nps_expect_owner(survey);
	IF coalesce(rebuild, false) OR NOT @extschema@.nps_reads_rollup(survey)
		OR (@extschema@.nps_rollup_unserved(to_regclass(format('%I.rollup', survey)))).trouble IS NOT NULL
	THEN
		RETURN true;
	END IF;
	RAISE NOTICE USING MESSAGE = format('survey "%s" is materialized already', survey),
		HINT = 'Pass rebuild => true to compute its rollup anew.';
	RETURN false;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_rollup_is_due(text, boolean) IS 'part of nps_materialize(): whether there is anything to do';

CREATE FUNCTION @extschema@.nps_rollup_is_lost(survey text)
	RETURNS boolean
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	SELECT @extschema@.nps_rollup_trouble(pg_catalog.to_regclass(pg_catalog.format('%I.rollup', $1))) IS NOT NULL;
	END;
COMMENT ON FUNCTION @extschema@.nps_rollup_is_lost(text) IS 'part of nps_materialize(): whether there is a rollup that is not kept';

CREATE FUNCTION @extschema@.nps_fill_rollup(survey text, rollup regclass)
	RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Counts what is in the source (rollup_build.c).  The snapshot must be newer than the locks. */
DECLARE
	source regclass;
	trouble text;
BEGIN
	IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
		RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
			MESSAGE = format('a rollup cannot be computed in a transaction that is %s', current_setting('transaction_isolation'));
	END IF;
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_lock_survey(survey, 'survey');
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_expect_rollup(survey, rollup);
	source := @extschema@.nps_survey_source(survey);
	-- in the order of writers, which lock the source first; not its partitions, which others may empty
	EXECUTE format('LOCK TABLE ONLY %s IN ACCESS SHARE MODE', source);
	trouble := @extschema@.nps_hidden_rows(source);
	IF trouble IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the rollup of survey "%s" cannot be computed', survey),
			DETAIL = trouble;
	END IF;
	PERFORM @extschema@.nps_count_source(rollup);
	EXECUTE format('ANALYZE %s', rollup);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_fill_rollup(text, regclass) IS 'part of nps_materialize(): computes the rollup';
