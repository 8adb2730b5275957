/* nps/sql/survey/check_followup.sql */

CREATE FUNCTION @extschema@.nps_check_followup(survey text)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What the team would not see in its list: deadlines that are not what they look like, cases without an owner, and cases whose answers are gone. */
DECLARE
	day_hours numeric;			-- NULL: they work around the clock
	hours integer;
	cases record;
BEGIN
	severity := 'note';
	-- that many hours look like days, and are more days than that
	EXECUTE format('SELECT (SELECT EXTRACT(epoch FROM s.work_until - s.work_from) / 3600 FROM %1$I.survey s), '
		'(SELECT min(p.contact_hours) FROM %1$I.playbook p WHERE p.follow_up AND p.contact_hours >= 24)', survey) INTO day_hours, hours;
	IF day_hours < 24 AND hours IS NOT NULL THEN
		finding := 'deadlines in working hours that are days';
		detail := format('A working day has %s hours: the %s hours of the playbook until contact are %s working days.', trim_scale(day_hours), hours,
			trim_scale(round(hours / day_hours, 1)));
		fix := (SELECT format('UPDATE %I.playbook SET %s;', survey, string_agg(format('%1$s = ceil(%1$s * %2$s / 24.0)', h, trim_scale(day_hours)), ', '))
				FROM unnest(ARRAY['acknowledge_hours', 'contact_hours', 'resolve_hours']) h)
			|| (SELECT format(' UPDATE %I.survey SET %s;', survey, string_agg(format('%1$s = ceil(%1$s * %2$s / 24.0)', h, trim_scale(day_hours)), ', '))
				FROM unnest(ARRAY['inform_hours', 'wants_contact_hours']) h);
		RETURN NEXT;
	END IF;
	-- as soon as somebody works with the list
	EXECUTE format($sql$
		SELECT count(*) AS in_all, count(*) FILTER (WHERE f.responsible IS NULL) AS of_nobody FROM %1$I.followup f
		WHERE EXISTS (SELECT 1 FROM %1$I.followup_case c WHERE c.recorded)
		$sql$, survey) INTO cases;
	IF cases.of_nobody > 0 THEN
		finding := 'cases without an owner';
		detail := format('Nobody is responsible for %s of the %s open cases: neither assigned_to, nor an owner in the source, nor a team says who it is.', cases.of_nobody, cases.in_all);
		fix := format('UPDATE %I.survey SET fallback_owner = session_user;', survey);
		RETURN NEXT;
	END IF;
	EXECUTE format('SELECT count(*) AS gone, min(c.case_id::text COLLATE "C") AS example FROM %s c', @extschema@.nps_gone_cases(survey)) INTO cases;
	IF cases.gone > 0 THEN
		finding := 'cases of answers that are gone';
		detail := format('The answers that opened %s of the cases were deleted or do not count any more, such as %L. The cases stay in all figures.', cases.gone, cases.example);
		fix := format('SELECT * FROM %I.followup_all WHERE is_gone;', survey);
		RETURN NEXT;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_check_followup(text) IS 'part of nps_check(): deadlines that are not what they look like, cases of nobody, cases of answers that are gone';
