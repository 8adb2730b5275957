/* nps/sql/survey/check_fit.sql */

CREATE FUNCTION @extschema@.nps_mixed_scales(survey text, settings jsonb, OUT detail text, OUT fix text)
	RETURNS record
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Whether the values of a segment, or months, look as if they had been asked on
 * another scale than the rest: many answers end where a narrower scale does, at
 * one that is common there, and the rest goes on; or many are beyond the scale,
 * and hardly any of the rest.  Unhappy people do not make such a group: few of them give
 * the best score that any of them gives, and some the worst possible one.
 */
DECLARE
	fewest CONSTANT integer := 40;		-- the fewest answers by which a group is judged
	odd record;
BEGIN
	EXECUTE format($sql$
		WITH scale AS (
			SELECT s.min_score, s.max_score FROM @extschema@.nps_scales() s WHERE s.scale = $1
		), ending AS (
			-- where the scores of a part may end: with narrower scales, and with ours
			SELECT DISTINCT s.min_score, s.max_score, false AS is_ours FROM @extschema@.nps_scales() s, scale o
			WHERE s.whole_scores_only AND s.min_score >= o.min_score AND s.max_score < o.max_score
			UNION ALL SELECT min_score, max_score, true FROM scale
		), cell AS (
			-- values may be long, and there may be as many of them as rows
			SELECT d.place, d.dimension, pg_catalog.hashtextextended(d.value COLLATE "C", 0) AS key, min(left(d.value, 40) COLLATE "C") AS value, a.score,
				count(*) AS rows, count(*) FILTER (WHERE a.rejection = 'out of range' AND a.raw_score::text !~ '^\s*-') AS beyond
			FROM (SELECT * FROM %1$I.answer OFFSET 0) a CROSS JOIN LATERAL (VALUES %2$s) AS d(place, dimension, value)
			WHERE d.value IS NOT NULL
			GROUP BY d.place, d.dimension, 3, a.score
		), sized AS (
			SELECT c.*, sum(c.rows) OVER (PARTITION BY c.place, c.key) >= $2 AS is_group FROM cell c
		), kept AS MATERIALIZED (
			-- parts too small to be judged are put together, without a key
			SELECT s.place, s.dimension, CASE WHEN s.is_group THEN s.key END AS key, CASE WHEN s.is_group THEN s.value END AS value, s.score::numeric AS score,
				sum(s.rows) AS rows, sum(s.beyond) AS beyond
			FROM sized s GROUP BY 1, 2, 3, 4, 5
		), part AS (
			SELECT c.place, c.dimension, c.key, c.value, e.min_score, e.max_score, e.is_ours,
				coalesce(sum(c.rows) FILTER (WHERE c.score IS NOT NULL), 0) AS answers, sum(c.beyond) AS beyond,
				min(c.score) AS lowest, max(c.score) AS highest, bool_and(c.score = floor(c.score)) AS is_whole, sum(c.rows * c.score) AS total,
				coalesce(sum(c.rows) FILTER (WHERE c.score = e.max_score), 0) AS at_the_end, coalesce(sum(c.rows) FILTER (WHERE c.score > e.max_score), 0) AS above
			FROM kept c CROSS JOIN ending e
			GROUP BY c.place, c.dimension, c.key, c.value, e.min_score, e.max_score, e.is_ours
		), judged AS (
			SELECT p.*, p.key IS NOT NULL AND CASE WHEN p.is_ours THEN p.answers + p.beyond >= $2 AND p.beyond >= 0.25 * (p.answers + p.beyond)
				ELSE p.answers >= $2 AND p.lowest >= p.min_score AND p.highest = p.max_score AND p.is_whole
					AND p.total >= p.answers * (p.min_score + p.max_score) / 2 AND p.at_the_end * (p.max_score - p.min_score + 1) >= p.answers END AS is_odd
			FROM part p
		), found AS (
			SELECT j.place, j.dimension, j.max_score, j.is_ours,
				string_agg(format('%%L (%%s)', j.value, j.answers + CASE WHEN j.is_ours THEN j.beyond ELSE 0 END), ', ' ORDER BY j.value COLLATE "C") FILTER (WHERE j.is_odd) AS parts,
				sum(j.answers + j.beyond) FILTER (WHERE j.is_odd) AS rows, sum(j.answers) FILTER (WHERE NOT j.is_odd) AS others,
				sum(j.above) AS above, sum(j.beyond) FILTER (WHERE NOT j.is_odd) AS beyond
			FROM judged j GROUP BY j.place, j.dimension, j.min_score, j.max_score, j.is_ours
		)
		SELECT f.* FROM found f
		WHERE f.parts IS NOT NULL AND f.others >= $2 AND CASE WHEN f.is_ours THEN f.beyond <= 0.02 * f.others ELSE f.above >= 0.3 * f.others END
		ORDER BY f.rows DESC, f.place, f.max_score LIMIT 1
		$sql$, survey, (
			SELECT string_agg(format('(%s, %L, %s)', d.place, d.dimension, d.expression), ', ' ORDER BY d.place)
			FROM (
				SELECT a.attnum::integer AS place, format('segment %s', a.attname) AS dimension, format('a.%I::text', a.attname) AS expression
				FROM pg_attribute a
				WHERE a.attrelid = format('%I.answer', survey)::regclass AND a.attnum > 0 AND a.attname <> ALL (@extschema@.nps_columns_of('answer', '{}'))
				UNION ALL
				SELECT 10000, 'month', format('to_char(@extschema@.nps_period(a.responded_at, %L, ''month''), ''YYYY-MM'')', settings->>'time_zone')
			) d))
	INTO odd USING settings->>'scale', fewest;
	IF odd.parts IS NULL THEN
		RETURN;
	END IF;
	detail := format('By %s: %s', odd.dimension, CASE
		WHEN odd.is_ours THEN format('many scores of %s are above %s, and hardly any of the others.', odd.parts, odd.max_score)
		ELSE format('no score of %s is above %s, and %s of the %s others are.', odd.parts, odd.max_score, odd.above, odd.others) END)
		|| ' Were they asked on another scale? A survey has one: attach each with a filter and its scale.';
	fix := format('SELECT %s AS part, raw_score, count(*) FROM %I.answer GROUP BY 1, 2 ORDER BY 1, 2;',
		CASE WHEN odd.place = 10000 THEN format('to_char(nps_local_time(responded_at, %L), ''YYYY-MM'')', settings->>'time_zone')
			ELSE quote_ident(substr(odd.dimension, length('segment ') + 1)) END, survey);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_mixed_scales(text, jsonb) IS 'part of nps_check() and nps_attach(): whether a part of the answers was asked on another scale';

CREATE FUNCTION @extschema@.nps_check_fit(survey text, settings jsonb, arguments jsonb)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whether the mapping and the scale fit the existing rows: nps_attach() warns of it, and nps_check() lists it. */
DECLARE
	counted record;
	fitting text;			-- a scale that all scores fit, NULL for none
	busiest record;
	better record;
	keys record;
	source regclass;
BEGIN
	SELECT s.source INTO source FROM @extschema@.nps_surveys() s WHERE s.survey = nps_check_fit.survey;
	EXECUTE format($sql$
		SELECT count(*) AS rows, count(a.score) AS answers, min(a.score)::numeric AS lowest, max(a.score)::numeric AS highest,
			count(*) FILTER (WHERE @extschema@.nps_category(a.score, $1) = 'detractor') AS detractors,
			count(*) FILTER (WHERE a.score = 1) AS ones,
			count(*) FILTER (WHERE a.score IS NULL AND a.rejection <> 'no answer') AS rejected,
			count(*) FILTER (WHERE a.score IS NOT NULL AND @extschema@.nps_local_time(a.responded_at, $2) IS NULL) AS undated
		FROM %I.answer a
		$sql$, survey) INTO counted USING settings->>'scale', settings->>'time_zone';

	-- a real key of the source is not counted again
	IF NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attnotnull
		WHERE i.indrelid = source AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1
			AND a.attname = @extschema@.nps_mapping_column(format('%I.answer', survey)::regclass, 'response_id'))
	THEN
		EXECUTE format('SELECT count(*) - count(DISTINCT a.response_id) AS twice FROM %I.answer a', survey) INTO keys;
		IF keys.twice > 0 THEN
			severity := 'error';
			finding := 'response_id is not unique';
			detail := format('%s rows have the response_id of another, or none.', keys.twice);
			fix := format('SELECT response_id, count(*) FROM %I.answer GROUP BY 1 HAVING count(*) > 1;', survey);
			RETURN NEXT;
		END IF;
	END IF;

	-- a narrower scale on which the answers could be anything
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
		-- beside it, if cases would be lost
		fix := CASE WHEN @extschema@.nps_recorded_cases(survey) > 0
			THEN @extschema@.nps_attach_call(format('%s_%s', survey, fitting), arguments || jsonb_build_object('scale', fitting), true)
			ELSE format('SELECT nps_detach(%L); %s', survey, @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('scale', fitting), true)) END;
		RETURN NEXT;
	ELSIF settings->>'scale' = 'nps' AND counted.lowest = 1 AND counted.answers >= 30 THEN
		severity := 'warning';
		finding := 'nobody answered 0';
		detail := format('%s people answered 1, and nobody 0: was the question asked on a scale from 1 to 10? The NPS of such a scale cannot be compared with others.',
			counted.ones);
		fix := format('SELECT * FROM %I.distribution;', survey);
		RETURN NEXT;
	END IF;
	SELECT m.detail, m.fix INTO detail, fix FROM @extschema@.nps_mixed_scales(survey, settings) m;
	IF detail IS NOT NULL THEN
		severity := 'warning';
		finding := 'scales are mixed';
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

	IF arguments ? 'responded_at' AND counted.undated > 0 THEN
		finding := 'answers without a date';
		SELECT c.* INTO better FROM @extschema@.nps_time_unread(source, arguments) c;
		severity := CASE WHEN counted.undated > 0.1 * counted.answers AND better.example IS NOT NULL THEN 'warning' ELSE 'note' END;
		detail := format('%s of the answers have no usable date%s; they count, in periods of their own (period_start is NULL).', counted.undated,
			': argument responded_at does not read ' || quote_literal(left(better.example, 40)));
		fix := CASE WHEN better.cure IS NOT NULL THEN @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('responded_at', better.cure))
			ELSE format('SELECT * FROM %I.response WHERE nps_local_time(responded_at, %L) IS NULL;', survey, settings->>'time_zone') END;
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
/* Warns of what somebody who attaches these rows would not expect. */
DECLARE
	told record;
BEGIN
	FOR told IN SELECT f.* FROM @extschema@.nps_check_fit(survey, @extschema@.nps_survey_settings(survey), arguments) f
	LOOP
		IF told.finding = 'there is no follow-up' THEN
			-- which may be intended
			RAISE NOTICE USING MESSAGE = format('survey "%s" has no follow-up', survey), DETAIL = told.detail,
				HINT = 'Pass respondent => who answered, and responded_at => when, if that is known.';
		ELSIF told.severity <> 'note' THEN
			RAISE WARNING USING MESSAGE = format('survey "%s": %s', survey, told.finding), DETAIL = told.detail, HINT = told.fix;
		END IF;
	END LOOP;
-- whatever keeps the answers from being read is an error for those who read them
EXCEPTION WHEN OTHERS THEN
	NULL;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_warn_of_fit(text, jsonb) IS 'part of nps_attach(): warns of what will not be as somebody expects';
