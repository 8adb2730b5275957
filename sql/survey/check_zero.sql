/* nps/sql/survey/check_zero.sql */

CREATE FUNCTION @extschema@.nps_zero_findings(survey text, source regclass, scale text, arguments jsonb)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * Whether zeros stand for answers that nobody gave.  Such zeros are many more than
 * ones, and either 0 is the default of the column, or they lack what answers have:
 * comments, or times, are less than a quarter as frequent.  If comments tell
 * nothing, they are ten times as many as ones, and twice as many as all other
 * detractors.  People who say something with their 0 mean it: there are surveys
 * with ten times as many zeros as ones.  On a scale without 0, it is any number
 * that is not a slip.
 */
DECLARE
	counted record;
	zeros_mean_it boolean;		-- those who give 0 say something with it
	zeros_lack text;			-- what answers have, and zeros do not
BEGIN
	EXECUTE format($sql$
		SELECT count(*) FILTER (WHERE score = 0) AS zeros, count(*) FILTER (WHERE score = 1) AS ones, count(*) FILTER (WHERE score > 0) AS others,
			count(*) FILTER (WHERE score > 1 AND score <= 6) AS low,
			count(*) FILTER (WHERE score = 0 AND said) AS zeros_said, count(*) FILTER (WHERE score > 0 AND said) AS others_said,
			count(*) FILTER (WHERE score = 0 AND responded_at IS NOT NULL) AS zeros_timed, count(*) FILTER (WHERE score > 0 AND responded_at IS NOT NULL) AS others_timed,
			count(*) FILTER (WHERE rejection <> 'no answer') AS rejected,
			count(*) FILTER (WHERE rejection = 'out of range' AND raw_score::text ~ '^\s*0(\.0*)?\s*$') AS zeros_rejected
		FROM (SELECT a.*, coalesce(@extschema@.nps_has_comment(a.comment), false) AS said FROM %I.answer a) a
		$sql$, survey) INTO counted;
	finding := 'zeros may be missing answers';
	severity := 'warning';
	IF scale = 'nps' AND counted.zeros > 3 * (counted.ones + 1) THEN
		zeros_mean_it := counted.zeros_said >= 3 AND 4 * counted.zeros_said * counted.others >= counted.others_said * counted.zeros;
		zeros_lack := CASE
			WHEN counted.others_said >= 10 AND 4 * counted.zeros_said * counted.others < counted.others_said * counted.zeros
				THEN format('%s %% of the zeros have a comment, and %s %% of the other answers', 100 * counted.zeros_said / counted.zeros, 100 * counted.others_said / counted.others)
			WHEN counted.others_timed >= 10 AND 4 * counted.zeros_timed * counted.others < counted.others_timed * counted.zeros
				THEN format('%s %% of the zeros have a time, and %s %% of the other answers', 100 * counted.zeros_timed / counted.zeros, 100 * counted.others_timed / counted.others) END;
		IF zeros_mean_it THEN
			NULL;
		ELSIF EXISTS (
			SELECT FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
			WHERE d.adrelid = source AND a.attname = arguments->>'score' AND pg_get_expr(d.adbin, d.adrelid) ~ '^''?0''?(::.*)?$')
		THEN
			detail := format('%s answers are 0, %s are 1, and 0 is the default of the column. Without it, set to NULL what nobody answered.', counted.zeros, counted.ones);
			fix := format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT;', source, arguments->>'score');
			RETURN NEXT;
		ELSIF counted.zeros >= 10 AND (zeros_lack IS NOT NULL
			OR counted.zeros > 10 * (counted.ones + 1) AND counted.zeros > 2 * (counted.ones + counted.low))
		THEN
			detail := format('%s answers are 0, %s are 1, %s are 2 to 6%s: does 0 stand for no answer?', counted.zeros, counted.ones, counted.low, '; ' || zeros_lack);
			fix := @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('score', @extschema@.nps_score_but_zero(source, arguments)));
			RETURN NEXT;
		END IF;
	END IF;
	IF counted.zeros_rejected >= 10 AND counted.zeros_rejected > 0.5 * counted.rejected THEN
		detail := format('%s of the %s scores that do not count are 0, which the scale %s does not have: does it stand for no answer?',
			counted.zeros_rejected, counted.rejected, scale);
		fix := @extschema@.nps_attach_call(survey, arguments || jsonb_build_object('score', @extschema@.nps_score_but_zero(source, arguments)));
		RETURN NEXT;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_zero_findings(text, regclass, text, jsonb) IS 'part of nps_check(): zeros that may stand for missing answers';
