/* nps/sql/survey/check_fit.sql */

CREATE FUNCTION @extschema@.nps_check_fit(survey text, settings jsonb, arguments jsonb)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether the mapping and the scale fit the rows that there are: nps_attach() warns of it, and nps_check() lists it. */
DECLARE
	counted record;
	fitting text;			-- a scale that all scores fit, NULL for none
	busiest record;
BEGIN
	EXECUTE format($sql$
		SELECT count(*) AS rows, count(a.score) AS answers, min(a.score)::numeric AS lowest, max(a.score)::numeric AS highest,
			count(*) FILTER (WHERE @extschema@.nps_category(a.score, $1) = 'detractor') AS detractors,
			count(*) FILTER (WHERE a.score = 1) AS ones,
			count(*) FILTER (WHERE a.score IS NULL AND a.rejection <> 'no answer') AS rejected
		FROM %I.answer a
		$sql$, survey) INTO counted USING settings->>'scale';

	-- a narrower scale on which they could be anything
	SELECT s.scale INTO fitting
	FROM @extschema@.nps_scales() WITH ORDINALITY AS s
	JOIN @extschema@.nps_scales() ours ON ours.scale = settings->>'scale' AND s.max_score - s.min_score < ours.max_score - ours.min_score
	WHERE counted.lowest >= s.min_score AND counted.highest <= s.max_score
	ORDER BY s.max_score - s.min_score, s.ordinality LIMIT 1;
	IF counted.answers >= 10 AND counted.detractors = counted.answers AND fitting IS NOT NULL THEN
		severity := 'warning';
		finding := 'every answer is a detractor';
		detail := format('All %s answers are detractors on the scale %s; they go from %s to %s. Attach the survey with the scale of its question.',
			counted.answers, settings->>'scale', counted.lowest, counted.highest);
		fix := format('SELECT nps_detach(%L); %s', survey, @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('scale', fitting), true));
		RETURN NEXT;
	ELSIF settings->>'scale' = 'nps' AND counted.lowest = 1 AND counted.answers >= 30 THEN
		severity := 'warning';
		finding := 'nobody answered 0';
		detail := format('%s people answered 1, and nobody 0: was the question asked on a scale from 1 to 10? The NPS of such a scale cannot be compared with others.',
			counted.ones);
		fix := format('SELECT * FROM %I.distribution;', survey);
		RETURN NEXT;
	END IF;
	IF counted.rejected > 0 THEN
		severity := CASE WHEN counted.rejected > 0.1 * counted.rows THEN 'warning' ELSE 'note' END;
		finding := 'rows do not count';
		EXECUTE format($sql$
			SELECT pg_catalog.format('%%s of the %%s rows hold a score that does not count, most often %%L (%%s).', $1, $2, left(n.raw_score, 40), n.reason)
			FROM %I.not_counted n WHERE n.reason <> 'no answer'
			GROUP BY n.raw_score, n.reason ORDER BY count(*) DESC, n.raw_score COLLATE "C" LIMIT 1
			$sql$, survey) INTO detail USING counted.rejected, counted.rows;
		fix := format('SELECT reason, raw_score, count(*) FROM %I.not_counted GROUP BY 1, 2 ORDER BY 3 DESC;', survey);
		RETURN NEXT;
	END IF;

	IF NOT arguments ?& ARRAY['respondent', 'responded_at'] THEN
		severity := 'note';
		finding := 'there is no follow-up';
		detail := format('%s not mapped: %s. All reports but those on cases have their numbers.',
			CASE WHEN NOT arguments ?| ARRAY['respondent', 'responded_at'] THEN 'respondent and responded_at are'
				WHEN arguments ? 'respondent' THEN 'responded_at is' ELSE 'respondent is' END,
			CASE WHEN arguments ? 'respondent' THEN 'no deadline can begin' ELSE 'nobody is known whom to contact' END);
		fix := @extschema@.nps_attach_call(survey, arguments);
		RETURN NEXT;
		RETURN;
	END IF;
	FOR busiest IN EXECUTE format($sql$
		SELECT c.respondent::text AS who, count(*) AS answers FROM %I.counted c WHERE c.respondent IS NOT NULL
		GROUP BY c.respondent HAVING count(*) > @extschema@.nps_most_answers() ORDER BY 2 DESC, c.respondent::text COLLATE "C" LIMIT 5
		$sql$, survey)
	LOOP
		severity := 'warning';
		finding := 'a respondent is not one person';
		detail := format('%s of the answers are of %L. They count in every report, but follow-up leaves them out: nobody gives more than %s answers.',
			busiest.answers, busiest.who, to_char(@extschema@.nps_most_answers(), 'FM999,999'));
		fix := @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('respondent', format('nullif(%s, %L)', arguments->>'respondent', busiest.who)));
		RETURN NEXT;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_check_fit(text, jsonb, jsonb) IS 'part of nps_check() and nps_attach(): whether the mapping and the scale fit the rows that there are';

CREATE FUNCTION @extschema@.nps_warn_of_fit(survey text, arguments jsonb)
	RETURNS void
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Warns of what will not be as somebody expects who attaches these rows. */
DECLARE
	told record;
BEGIN
	FOR told IN SELECT f.* FROM @extschema@.nps_check_fit(survey, @extschema@.nps_survey_settings(survey), arguments) f
	LOOP
		IF told.finding = 'there is no follow-up' THEN
			-- which may be meant
			RAISE NOTICE USING MESSAGE = format('survey "%s" has no follow-up', survey), DETAIL = told.detail,
				HINT = 'Pass respondent => who answered, and responded_at => when, if that is known.';
		ELSIF told.severity = 'warning' THEN
			RAISE WARNING USING MESSAGE = format('survey "%s": %s', survey, told.finding), DETAIL = told.detail, HINT = told.fix;
		END IF;
	END LOOP;
-- what keeps the answers from being read is told by who reads them
EXCEPTION WHEN OTHERS THEN
	NULL;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_warn_of_fit(text, jsonb) IS 'part of nps_attach(): warns of what will not be as somebody expects';
