/* nps/sql/survey/check_rollup.sql */

CREATE FUNCTION @extschema@.nps_rollup_findings(survey text, source regclass, arguments jsonb)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Part of nps_check(): why the reports read the source though there is a rollup, and what makes them read it again. */
DECLARE
	rollup CONSTANT regclass := to_regclass(format('%I.rollup', survey));
	unserved record;
	failure record;
	other record;
BEGIN
	severity := 'warning';
	finding := 'the rollup is not kept current';
	IF rollup IS NULL THEN
		IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = source AND t.tgname = @extschema@.nps_keeper_name(survey, 'truncate')
			AND t.tgfoid = '@extschema@.nps_keep_rollup()'::regprocedure)
		THEN
			detail := format('It was renamed or moved; its triggers on %s are still there.', source);
			fix := format('CALL nps_materialize(%L);', survey);
			RETURN NEXT;
		END IF;
		RETURN;
	END IF;

	detail := @extschema@.nps_hidden_rows(source);
	IF detail IS NOT NULL THEN
		severity := 'error';
		finding := 'counts are seen by readers who may not see the rows';
		detail := detail || ' In the rollup they see counts of these.';
		fix := format('CALL nps_dematerialize(%L);', survey);
		RETURN NEXT;
		RETURN;
	END IF;

	unserved := @extschema@.nps_rollup_unserved(rollup);
	IF unserved.trouble IS NULL AND NOT @extschema@.nps_reads_rollup(survey) THEN
		unserved.trouble := 'nps_materialize() was interrupted before it was computed.';
	END IF;
	IF unserved.trouble IS NULL THEN
		RETURN;
	END IF;
	detail := unserved.trouble || ' The reports are exact, and read the source.';
	SELECT * INTO other FROM @extschema@.nps_part_of_other(source, CASE WHEN unserved.lacks_leaves THEN rollup END);
	fix := (SELECT format('ALTER TABLE %s DETACH PARTITION %s FINALIZE;', i.inhparent::regclass, i.inhrelid::regclass)
		FROM pg_partition_tree(source) p JOIN pg_inherits i ON i.inhparent = p.relid AND i.inhdetachpending LIMIT 1);
	IF fix IS NOT NULL THEN
		severity := 'note';
	ELSIF other.part IS NOT NULL AND unserved.can_be_made AND (unserved.lacks_leaves OR @extschema@.nps_rollup_is_lost(survey)) THEN
		detail := concat_ws(' ', detail, other.detail);
		fix := other.fix;
	ELSIF unserved.lacks_leaves THEN
		severity := 'note';
		finding := 'partitions are not counted yet';
		fix := format('SELECT * FROM nps_compact(%L);', survey);
	ELSIF NOT unserved.can_be_made THEN
		fix := format('CALL nps_dematerialize(%L);', survey);
	ELSE
		SELECT c.expression, t.argument INTO failure
		FROM @extschema@.nps_mapping_troubles(survey, source, arguments) t
		CROSS JOIN LATERAL @extschema@.nps_mapping_cure(source, t.argument, arguments) c
		WHERE t.is_failure
		LIMIT 1;
		IF FOUND THEN
			detail := detail || ' It cannot be made anew before the mapping fits all rows.';
			fix := CASE WHEN failure.expression IS NULL THEN format('CALL nps_dematerialize(%L);', survey)
				ELSE @extschema@.nps_attach_call(survey, @extschema@.nps_arguments_now(survey, source, arguments) || jsonb_build_object(failure.argument, failure.expression)) END;
		ELSE
			fix := format('CALL nps_materialize(%L, rebuild => true);', survey);
		END IF;
	END IF;
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_rollup_findings(text, regclass, jsonb) IS 'part of nps_check(): why the reports do not read the rollup';
