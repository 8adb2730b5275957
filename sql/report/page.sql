/* nps/sql/report/page.sql */

CREATE FUNCTION @extschema@.nps_report_scores(words jsonb, scores text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The scores of a category as nps_scales() has them: 9-10, or 35 to < 70. */
BEGIN
	RETURN replace(replace(@extschema@.nps_html(scores), '-', '&ndash;'), ' to ', format(words->>'from_to', '', ''));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_scores(jsonb, text) IS 'part of nps_report_html(): the scores of a category';

CREATE FUNCTION @extschema@.nps_report_foot(words jsonb, data jsonb)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What the words mean, what was left out, and when the page was made. */
DECLARE
	whole CONSTANT jsonb := data->'summary';
	scale record;
BEGIN
	SELECT * INTO scale FROM @extschema@.nps_scales() s WHERE s.scale = data->>'scale';
	RETURN format(E'<footer class="foot"><h2>%s</h2><div>\n<p>%s</p>\n<p>%s</p>\n<p>%s</p>\n<p>%s%s</p>\n%s</div></footer>', words->>'foot',
		format(words->>'foot.definition', @extschema@.nps_report_scores(words, scale.promoter), @extschema@.nps_report_scores(words, scale.passive), @extschema@.nps_report_scores(words, scale.detractor)),
		format(words->>'foot.chance', @extschema@.nps_report_number(words, (data->>'few')::numeric)),
		format(words->>'foot.counted', @extschema@.nps_report_number(words, (whole->>'unanswered')::numeric), @extschema@.nps_report_number(words, (whole->>'rejected')::numeric)),
		format(words->>'foot.when', @extschema@.nps_report_date(words, (data->>'today')::date), data->>'now', @extschema@.nps_report_value(words, data->>'zone'),
			@extschema@.nps_report_range(words, (whole->>'first_answer')::date, (whole->>'last_answer')::date)),
		CASE WHEN data->>'benchmark' IS NULL OR data->>'benchmark_source' IS NULL THEN '' ELSE ' ' || format(words->>'foot.benchmark', @extschema@.nps_report_number(words, (data->>'benchmark')::numeric),
			@extschema@.nps_report_value(words, data->>'benchmark_source', 300)) END,
		CASE WHEN whole->>'warning' IS NULL THEN '' ELSE format('<p lang="en">%s</p>', format(words->>'foot.warning', @extschema@.nps_report_value(words, whole->>'warning', 300))) || E'\n' END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_foot(jsonb, jsonb) IS 'part of nps_report_html(): how to read the page';

CREATE FUNCTION @extschema@.nps_report_over(words jsonb, data jsonb, title text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Which survey it is, and which days. */
DECLARE
	now_shown CONSTANT jsonb := data->'period';
	grain CONSTANT text := data->>'grain';
	start CONSTANT date := now_shown->>'period_start';
	until CONSTANT date := least((now_shown->>'period_end')::date, CASE WHEN (now_shown->>'is_running')::boolean THEN (data->>'today')::date END);
BEGIN
	RETURN @extschema@.nps_report_value(words, coalesce(title, data->>'survey'))
		|| CASE WHEN now_shown IS NULL THEN '' WHEN grain = 'day' OR grain ~ ' ' OR start IS NULL THEN format(', %s', @extschema@.nps_report_period(words, grain, start))
			ELSE format(', %s, %s', @extschema@.nps_report_period(words, grain, start, (now_shown->>'is_running')::boolean), @extschema@.nps_report_range(words, start, until)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_over(jsonb, jsonb, text) IS 'part of nps_report_html(): which survey a report is about, and which days';

CREATE FUNCTION @extschema@.nps_report_html(survey text, from_day date DEFAULT NULL, to_day date DEFAULT NULL, period date DEFAULT NULL, grain text DEFAULT NULL, language text DEFAULT 'en', title text DEFAULT NULL,
	causes boolean DEFAULT true, follow_up boolean DEFAULT true, cases integer DEFAULT 0, quotes integer DEFAULT 0)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_as_caller'
	LANGUAGE C STABLE;
COMMENT ON FUNCTION @extschema@.nps_report_html(text, date, date, date, text, text, text, boolean, boolean, integer, integer) IS 'a survey as a page to look at or to print: the score, its trend, segments, causes and follow-up, with what they mean in words';

CREATE FUNCTION @extschema@.nps_report_html_as_caller(survey text, from_day date, to_day date, period date, grain text, language text, title text,
	causes boolean, follow_up boolean, cases integer, quotes integer)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The report as one page that needs nothing else: no script, no picture, no font from elsewhere, and a policy that forbids them. */
DECLARE
	words CONSTANT jsonb := @extschema@.nps_report_words(language);
	data CONSTANT jsonb := @extschema@.nps_report_data(survey, from_day, to_day, period, grain, causes, follow_up, cases, quotes);
	findings CONSTANT jsonb := @extschema@.nps_report_findings(words, data);
	over CONSTANT text := @extschema@.nps_report_over(words, data, title);
BEGIN
	RETURN format(E'<!DOCTYPE html>\n<html lang="%s" dir="ltr">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
			'<meta http-equiv="Content-Security-Policy" content="default-src ''none''; style-src ''unsafe-inline''">\n<meta name="color-scheme" content="light dark">\n'
			'<meta name="referrer" content="no-referrer">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n'
			'<header><p class="over">%s</p><h1>%s</h1>%s</header>\n', language,
			regexp_replace((findings->>'title') || ' - ' || over, '</?bdi>', '', 'g'), @extschema@.nps_report_style(), over, findings->>'title',
			CASE WHEN findings->>'lede' IS NULL THEN '' ELSE format('<p class="lede">%s</p>', findings->>'lede') END)
		|| CASE WHEN data->'period' IS NULL THEN '<div class="none"></div>' ELSE
			@extschema@.nps_report_score(words, data)
			|| format(E'<div class="two">%s%s</div>\n', @extschema@.nps_report_distribution(words, data, findings->>'distribution'), @extschema@.nps_report_trend(words, data, findings->>'trend'))
			|| @extschema@.nps_report_moved(words, data, findings->>'moved')
			|| @extschema@.nps_report_segments(words, data, findings->>'segments')
			|| format(E'<div class="two even">%s%s</div>\n', @extschema@.nps_report_causes(words, data, findings->>'causes'), @extschema@.nps_report_loop(words, data, findings->>'loop'))
			|| @extschema@.nps_report_list(words, data, findings->>'list')
			|| @extschema@.nps_report_quotes(words, data, findings->>'quotes') END
		|| @extschema@.nps_report_foot(words, data) || E'\n</main>\n</body>\n</html>\n';
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_html_as_caller(text, date, date, date, text, text, text, boolean, boolean, integer, integer) IS 'part of nps_report_html(): its work';

CREATE FUNCTION @extschema@.nps_report_text(survey text, from_day date DEFAULT NULL, to_day date DEFAULT NULL, period date DEFAULT NULL, grain text DEFAULT NULL, causes boolean DEFAULT true, follow_up boolean DEFAULT true)
	RETURNS TABLE (report text)
	AS 'MODULE_PATHNAME', 'nps_as_caller'
	LANGUAGE C STABLE;
COMMENT ON FUNCTION @extschema@.nps_report_text(text, date, date, date, text, boolean, boolean) IS 'a survey in lines of text: the score, its trend, segments, and what follow-up achieved, with what they mean in words';

CREATE FUNCTION @extschema@.nps_report_text_as_caller(survey text, from_day date, to_day date, period date, grain text, causes boolean, follow_up boolean)
	RETURNS TABLE (report text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The same in lines of text, for psql, chat and mail. */
DECLARE
	words CONSTANT jsonb := @extschema@.nps_report_words('en', true);
	data CONSTANT jsonb := @extschema@.nps_report_data(survey, from_day, to_day, period, grain, causes, follow_up, 0, 0);
	findings CONSTANT jsonb := @extschema@.nps_report_findings(words, data);
	now_shown CONSTANT jsonb := data->'period';
	heading text;
BEGIN
	RETURN QUERY VALUES (@extschema@.nps_report_over(words, data, NULL)), (findings->>'title');
	IF findings->>'lede' IS NOT NULL THEN
		RETURN QUERY VALUES (findings->>'lede');
	END IF;
	IF now_shown IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY VALUES (''), (format('%s, ' || (words->>'interval') || ', %s', @extschema@.nps_report_number(words, (now_shown->>'nps')::numeric),
			@extschema@.nps_report_interval(words, (now_shown->>'nps_low')::numeric, (now_shown->>'nps_high')::numeric), @extschema@.nps_report_counted(words, 'answers', (now_shown->>'responses')::bigint))),
		(format('%s  %s detractors, %s passives, %s promoters',
			@extschema@.nps_bar(@extschema@.nps_counts((now_shown->>'detractors')::bigint, (now_shown->>'passives')::bigint, (now_shown->>'promoters')::bigint)),
			@extschema@.nps_report_share(words, (now_shown->>'detractor_share')::numeric), @extschema@.nps_report_share(words, (now_shown->>'passive_share')::numeric),
			@extschema@.nps_report_share(words, (now_shown->>'promoter_share')::numeric)));
	IF findings->>'trend' IS NOT NULL THEN
		RETURN QUERY VALUES (''), (findings->>'trend');
		RETURN QUERY
			SELECT format('  %s %s  %s %s%s', rpad(@extschema@.nps_report_period(words, data->>'trend_grain', (t.row->>'period_start')::date, (t.row->>'is_running')::boolean), 16),
				lpad(@extschema@.nps_report_number(words, (t.row->>'nps')::numeric), 4), rpad(@extschema@.nps_report_interval(words, (t.row->>'nps_low')::numeric, (t.row->>'nps_high')::numeric), 12),
				lpad(@extschema@.nps_report_counted(words, 'answers', (t.row->>'responses')::bigint), 17),
				CASE WHEN (t.row->>'change_p_adjusted')::numeric < @extschema@.nps_report_chance() THEN format('  %s, %s', @extschema@.nps_report_number(words, (t.row->>'change')::numeric, 0, true), words->>'real') ELSE '' END)
			FROM jsonb_array_elements(data->'trend') WITH ORDINALITY AS t(row, place) ORDER BY t.place;
	END IF;
	IF findings->>'segments' IS NOT NULL THEN
		RETURN QUERY VALUES (''), (findings->>'segments');
		RETURN QUERY
			SELECT format('  %s %s  %s %s  %s%s', rpad(@extschema@.nps_report_group(words, s.row), 32), lpad(@extschema@.nps_report_number(words, (s.row->>'nps')::numeric), 4),
				rpad(@extschema@.nps_report_interval(words, (s.row->>'nps_low')::numeric, (s.row->>'nps_high')::numeric), 12), lpad(@extschema@.nps_report_counted(words, 'answers', (s.row->>'responses')::bigint), 17),
				lpad(@extschema@.nps_report_number(words, (s.row->>'impact')::numeric, 1, true), 6),
				CASE WHEN (s.row->>'is_few')::boolean THEN '  ' || (words->>'too_few') WHEN (s.row->>'difference_p')::numeric < @extschema@.nps_report_chance()
					THEN '  ' || (words->>CASE WHEN (s.row->>'difference')::numeric < 0 THEN 'lower' ELSE 'higher' END) ELSE '' END)
			FROM jsonb_array_elements(data->'groups'->'by_impact') WITH ORDINALITY AS s(row, place) ORDER BY s.place;
	END IF;
	FOREACH heading IN ARRAY ARRAY['moved', 'causes', 'loop'] LOOP
		IF findings->>heading IS NOT NULL THEN
			RETURN QUERY VALUES (''), (findings->>heading);
		END IF;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_text_as_caller(text, date, date, date, text, boolean, boolean) IS 'part of nps_report_text(): its work';
