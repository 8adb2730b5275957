/* nps/sql/survey/rollup_upkeep.sql */

CREATE PROCEDURE @extschema@.nps_materialize(survey text, rebuild boolean DEFAULT false)
	AS 'MODULE_PATHNAME'
	LANGUAGE C;
COMMENT ON PROCEDURE @extschema@.nps_materialize(text, boolean) IS 'makes the reports of a survey fast at any size: they read a rollup that every change of the source keeps exact';

CREATE PROCEDURE @extschema@.nps_dematerialize(survey text)
	AS 'MODULE_PATHNAME'
	LANGUAGE C;
COMMENT ON PROCEDURE @extschema@.nps_dematerialize(text) IS 'has the reports of a survey read the source again, and drops the rollup';

CREATE PROCEDURE @extschema@.nps_compact_all(time_limit interval DEFAULT '5 minutes')
	AS 'MODULE_PATHNAME'
	LANGUAGE C;
COMMENT ON PROCEDURE @extschema@.nps_compact_all(interval) IS 'folds the rollups of all surveys that the caller may maintain; what fails, or takes longer than the limit, is reported and skipped';

CREATE PROCEDURE @extschema@.nps_refresh_all(time_limit interval DEFAULT '5 minutes')
	AS 'MODULE_PATHNAME'
	LANGUAGE C;
COMMENT ON PROCEDURE @extschema@.nps_refresh_all(interval) IS 'makes the views of all surveys again that the caller may maintain; what fails, or takes longer than the limit, is reported and skipped';

CREATE FUNCTION @extschema@.nps_compact(survey text, OUT rows_before bigint, OUT rows_after bigint)
	RETURNS record
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_compact(text) IS 'folds the rows that writers appended to the rollup of a survey; run it from time to time';

CREATE FUNCTION @extschema@.nps_compact_as_owner(survey text, OUT rows_before bigint, OUT rows_after bigint)
	RETURNS record
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Counts the partitions that were added since, and folds what writers appended: the rows
 * of a cell become one.  The locks on the rollup are such that writers and readers
 * do not wait for them.  Writers do wait for the lock on a partition that is to be
 * counted: one that somebody uses is left for the next time.
 */
DECLARE
	source regclass;
	trouble text;
	part record;
	patience CONSTANT text := current_setting('lock_timeout');
	has_locked boolean;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	PERFORM @extschema@.nps_survey_settings(survey);	-- an error if it is not a survey
	IF to_regclass(format('%I.rollup', survey)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" is not materialized', survey),
			HINT = format('CALL nps_materialize(%L) makes the rollup.', survey);
	END IF;
	source := @extschema@.nps_survey_source(survey);
	-- in the order of writers, which lock the source first; not its partitions, which others may empty
	EXECUTE format('LOCK TABLE ONLY %s IN ACCESS SHARE MODE', source);
	has_locked := @extschema@.nps_complete_parts(survey, false);
	FOR part IN
		SELECT l.leaf FROM @extschema@.nps_rollup_leaves(format('%I.rollup', survey)::regclass) l WHERE NOT l.is_counted AND l.leaf <> source
	LOOP
		IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
			RAISE NOTICE USING MESSAGE = format('partition %s is not counted in a transaction that is %s', part.leaf, current_setting('transaction_isolation')),
				HINT = format('Call nps_compact(%L) in another transaction.', survey);
			CONTINUE;
		END IF;
		BEGIN
			-- while one is locked, another is not waited for
			PERFORM set_config('lock_timeout', CASE WHEN has_locked THEN '1ms' ELSE '200ms' END, true);
			EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', part.leaf);
			PERFORM @extschema@.nps_complete_part(survey, part.leaf, true);
			PERFORM @extschema@.nps_count_leaf(format('%I.rollup', survey)::regclass, part.leaf);
			has_locked := true;
		EXCEPTION WHEN insufficient_privilege THEN
			RAISE NOTICE USING MESSAGE = format('partition %s is not counted: %s', part.leaf, SQLERRM),
				HINT = 'The owner of the survey must own the partition, and may have to call what is in the mapping.';
		WHEN lock_not_available OR deadlock_detected OR undefined_table OR undefined_object OR duplicate_object OR object_in_use THEN
			RAISE NOTICE USING MESSAGE = format('partition %s is not counted yet: somebody is using it', part.leaf),
				HINT = format('Call nps_compact(%L) once more.', survey);
		END;
	END LOOP;
	PERFORM set_config('lock_timeout', patience, true);
	EXECUTE format('LOCK TABLE %I.rollup IN SHARE UPDATE EXCLUSIVE MODE', survey);
	-- the rollup that is locked now may be another one than before
	PERFORM @extschema@.nps_expect_owner(survey);
	trouble := @extschema@.nps_rollup_trouble(format('%I.rollup', survey)::regclass, false);
	IF trouble IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('the rollup of survey "%s" cannot be folded', survey),
			DETAIL = trouble,
			HINT = format('CALL nps_materialize(%L) makes it anew.', survey);
	END IF;
	SELECT f.* INTO rows_before, rows_after FROM @extschema@.nps_fold_rollup(format('%I.rollup', survey)::regclass) f;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_compact_as_owner(text) IS 'the work of nps_compact()';

CREATE FUNCTION @extschema@.nps_verify(survey text,
	OUT day date, OUT segments text, OUT in_source @extschema@.nps_tally, OUT in_rollup @extschema@.nps_tally,
	OUT unanswered_in_source bigint, OUT unanswered_in_rollup bigint, OUT rejected_in_source bigint, OUT rejected_in_rollup bigint,
	OUT with_comment_in_source bigint, OUT with_comment_in_rollup bigint, OUT answered_in_source bigint, OUT answered_in_rollup bigint)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION @extschema@.nps_verify(text) IS 'the cells in which the rollup of a survey and its source differ; no rows if all is well';

CREATE FUNCTION @extschema@.nps_verify_as_owner(survey text,
	OUT day date, OUT segments text, OUT in_source @extschema@.nps_tally, OUT in_rollup @extschema@.nps_tally,
	OUT unanswered_in_source bigint, OUT unanswered_in_rollup bigint, OUT rejected_in_source bigint, OUT rejected_in_rollup bigint,
	OUT with_comment_in_source bigint, OUT with_comment_in_rollup bigint, OUT answered_in_source bigint, OUT answered_in_rollup bigint)
	RETURNS SETOF record
	LANGUAGE plpgsql VOLATILE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The cells in which rollup and source differ, in one snapshot; no rows if there
 * is none.  The snapshot is newer than the locks: TRUNCATE empties the source for
 * older ones too, but not the rollup.
 */
DECLARE
	source regclass;
	names name[];
	keys text;
BEGIN
	PERFORM @extschema@.nps_expect_owner(survey);
	source := @extschema@.nps_survey_source(survey);
	IF to_regclass(format('%I.rollup', survey)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('survey "%s" is not materialized', survey),
			HINT = format('CALL nps_materialize(%L) makes the rollup.', survey);
	END IF;
	IF row_security_active(source) THEN
		RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
			MESSAGE = format('row security hides rows of %s from the owner of survey "%s"', source, survey),
			DETAIL = 'What they see of it cannot be compared with the rollup.';
	END IF;
	EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', source);
	IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted')
		AND (@extschema@.nps_rollup_unserved(format('%I.rollup', survey)::regclass)).trouble IS NULL
		AND NOT @extschema@.nps_rollup_serves(format('%I.rollup', survey)::regclass)
	THEN
		RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
			MESSAGE = format('this transaction began before the rollup of survey "%s"', survey),
			HINT = 'Verify it in another transaction.';
	END IF;
	names := @extschema@.nps_rollup_segments(survey);
	keys := 'day' || (SELECT coalesce(string_agg(format(', %I', n), ''), '') FROM unnest(names) n);
	RETURN QUERY EXECUTE format($sql$
		SELECT day, array_to_string(nullif(ARRAY[%3$s]::text[], '{}'), ', '), source, @extschema@.nps_rollup_net(added, removed),
			unanswered, unanswered_kept, rejected, rejected_kept, with_comment, with_comment_kept, answered, answered_kept
		FROM (
			SELECT %2$s, @extschema@.nps_tally_agg(source) AS source, @extschema@.nps_rollup_tally(added, %6$L) AS added, @extschema@.nps_rollup_tally(removed, %6$L) AS removed,
				coalesce(sum(unanswered) FILTER (WHERE of_source), 0)::bigint AS unanswered,
				coalesce(sum(unanswered) FILTER (WHERE NOT of_source), 0)::bigint AS unanswered_kept,
				coalesce(sum(rejected) FILTER (WHERE of_source), 0)::bigint AS rejected,
				coalesce(sum(rejected) FILTER (WHERE NOT of_source), 0)::bigint AS rejected_kept,
				coalesce(sum(with_comment) FILTER (WHERE of_source), 0)::bigint AS with_comment,
				coalesce(sum(with_comment) FILTER (WHERE NOT of_source), 0)::bigint AS with_comment_kept,
				coalesce(sum(answered) FILTER (WHERE of_source), 0)::bigint AS answered,
				coalesce(sum(answered) FILTER (WHERE NOT of_source), 0)::bigint AS answered_kept
			FROM (
				SELECT true AS of_source, s.*, NULL::bigint[] AS added, NULL::bigint[] AS removed
				FROM (%4$s) AS s(%2$s, source, unanswered, rejected, with_comment, answered)
				UNION ALL
				SELECT false, %2$s, NULL, unanswered, rejected, with_comment, answered, added, removed FROM %1$I.rollup
				WHERE (leaf = %5$s OR leaf IN (SELECT p.relid::oid::bigint FROM pg_partition_tree(%5$s) p))
					-- what TRUNCATE had to leave is not counted
					AND leaf NOT IN (SELECT l.leaf::oid::bigint FROM @extschema@.nps_rollup_leaves(%7$L) l WHERE NOT l.is_counted AND l.leaf <> %5$s AND pg_relation_size(l.leaf) = 0)
			) both_sides
			GROUP BY %2$s
		) cell
		WHERE added OPERATOR(@extschema@.<>) (source OPERATOR(@extschema@.+) removed) OR unanswered <> unanswered_kept OR rejected <> rejected_kept
			OR with_comment <> with_comment_kept OR answered <> answered_kept
		ORDER BY %2$s
		$sql$, survey, keys,
		(SELECT coalesce(string_agg(format('%L || coalesce(%I::text, ''NULL'')', n || ' = ', n), ', '), '') FROM unnest(names) n),
		@extschema@.nps_rollup_source(survey), source::oid, @extschema@.nps_survey_settings(survey)->>'scale', format('%I.rollup', survey)::regclass);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_verify_as_owner(text) IS 'the work of nps_verify()';
