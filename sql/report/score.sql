/* nps/sql/report/score.sql */

CREATE FUNCTION @extschema@.nps_report_since(words jsonb, change numeric, low numeric, high numeric, is_real boolean)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What changed since another period; is_real: NULL is too few answers to tell. */
BEGIN
	RETURN format(words->>CASE is_real WHEN true THEN 'since.real' WHEN false THEN 'since.chance' ELSE 'since.few' END,
			@extschema@.nps_report_number(words, change, 0, true))
		|| format('<small>' || (words->>'change.between') || '</small>', @extschema@.nps_report_interval(words, low, high, true));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_since(jsonb, numeric, numeric, numeric, boolean) IS 'part of nps_report_html(): a change since another period, in words';

CREATE FUNCTION @extschema@.nps_report_score(words jsonb, data jsonb)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The score, large, and next to it what to compare it with. */
DECLARE
	now_shown CONSTANT jsonb := data->'period';
	before CONSTANT jsonb := data->'before';
	year CONSTANT jsonb := CASE WHEN data->'year'->>'period_start' IS DISTINCT FROM before->>'period_start' THEN data->'year' END;
	grain CONSTANT text := data->>'grain';
	few CONSTANT bigint := data->>'few';
	name CONSTANT text := @extschema@.nps_report_period(words, grain, (now_shown->>'period_start')::date, (now_shown->>'is_running')::boolean);
	axis CONSTANT numeric[] := @extschema@.nps_report_axis(
		least((now_shown->>'nps_low')::numeric, (before->>'nps_low')::numeric, (year->>'nps_low')::numeric, (data->>'goal')::numeric, (data->>'benchmark')::numeric),
		greatest((now_shown->>'nps_high')::numeric, (before->>'nps_high')::numeric, (year->>'nps_high')::numeric, (data->>'goal')::numeric, (data->>'benchmark')::numeric));
	grid CONSTANT text := @extschema@.nps_report_grid(axis, 44, (now_shown->>'nps')::numeric);
	is_enough CONSTANT boolean := (now_shown->>'responses')::bigint >= few;
	body text;
BEGIN
	SELECT string_agg(format('<tr role="row"><th role="rowheader" scope="row">%s</th><td role="cell" class="n">%s</td><td role="cell" class="pc">%s</td><td role="cell" class="t">%s</td></tr>' || E'\n',
			CASE r.kind WHEN 'main' THEN format('<b>%s</b>', r.name) ELSE r.name END,
			CASE r.kind WHEN 'main' THEN format('<b>%s</b>', @extschema@.nps_report_number(words, r.nps)) ELSE @extschema@.nps_report_number(words, r.nps) END,
			@extschema@.nps_report_mark(grid, axis, 44, r.nps, r.low, r.high, r.kind), r.meaning), '' ORDER BY r.place) INTO body
	FROM (
		SELECT 1, name, (now_shown->>'nps')::numeric, (now_shown->>'nps_low')::numeric, (now_shown->>'nps_high')::numeric, 'main',
			@extschema@.nps_report_counted(words, 'answers', (now_shown->>'responses')::bigint)
		UNION ALL
		SELECT 2, @extschema@.nps_report_period(words, grain, (before->>'period_start')::date), (before->>'nps')::numeric, (before->>'nps_low')::numeric, (before->>'nps_high')::numeric, '',
			@extschema@.nps_report_since(words, (now_shown->>'change')::numeric, (now_shown->>'change_low')::numeric, (now_shown->>'change_high')::numeric,
				CASE WHEN is_enough AND (before->>'responses')::bigint >= few THEN (now_shown->>'change_p_value')::numeric < @extschema@.nps_report_chance() END)
		WHERE jsonb_typeof(before) = 'object' AND now_shown->>'change' IS NOT NULL
		UNION ALL
		SELECT 3, @extschema@.nps_report_period(words, grain, (year->>'period_start')::date), (year->>'nps')::numeric, (year->>'nps_low')::numeric, (year->>'nps_high')::numeric, '',
			@extschema@.nps_report_since(words, (now_shown->>'year_change')::numeric, (now_shown->>'year_change_low')::numeric, (now_shown->>'year_change_high')::numeric,
				CASE WHEN is_enough AND (year->>'responses')::bigint >= few THEN (now_shown->>'year_change_p_value')::numeric < @extschema@.nps_report_chance() END)
		WHERE jsonb_typeof(year) = 'object' AND now_shown->>'year_change' IS NOT NULL
		UNION ALL
		SELECT 4, words->>'goal', (data->>'goal')::numeric, NULL, NULL, '', @extschema@.nps_report_goal(words, 'target', now_shown, (data->>'goal')::numeric)
		WHERE data->>'goal' IS NOT NULL
		UNION ALL
		SELECT 5, words->>'benchmark', (data->>'benchmark')::numeric, NULL, NULL, '', @extschema@.nps_report_goal(words, 'target', now_shown, (data->>'benchmark')::numeric)
		WHERE data->>'benchmark' IS NOT NULL
	) AS r(place, name, nps, low, high, kind, meaning);
	RETURN format(E'<section class="hero" aria-label="%s">\n<div><p class="big">%s</p><p class="bigl">%s<br>%s</p></div>\n'
		'<table class="f cmp" role="table"><caption class="vh">%s</caption><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col"><span class="vh">%s</span></th>'
		'<th role="columnheader" scope="col" class="n"><span class="vh">%s</span></th><th role="columnheader" class="pc" scope="col"><span class="vh">%s</span>%s</th>'
		'<th role="columnheader" scope="col" class="t"><span class="vh">%s</span></th></tr></thead><tbody role="rowgroup">' || E'\n%s</tbody></table>\n%s</section>\n',
		words->>'scores', @extschema@.nps_report_number(words, (now_shown->>'nps')::numeric),
		format(words->>CASE data->>'scale' WHEN 'nps' THEN 'scores.legend' ELSE 'scores.legend.other' END, name),
		format(words->>'interval', @extschema@.nps_report_interval(words, (now_shown->>'nps_low')::numeric, (now_shown->>'nps_high')::numeric)),
		words->>'compared', words->>'what', words->>'score', words->>'picture', @extschema@.nps_report_axis_head(words, axis), words->>'meaning', body,
		@extschema@.nps_report_facts(words, data));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_score(jsonb, jsonb) IS 'part of nps_report_html(): the score and what to compare it with';

CREATE FUNCTION @extschema@.nps_report_facts(words jsonb, data jsonb)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Four numbers that say what the score is made of. */
DECLARE
	now_shown CONSTANT jsonb := data->'period';
	whole CONSTANT jsonb := data->'summary';
	name CONSTANT text := @extschema@.nps_report_in(words, data->>'grain', (now_shown->>'period_start')::date, (now_shown->>'is_running')::boolean);
BEGIN
	RETURN '<dl class="facts">' || (SELECT string_agg(format('<div><dt>%s</dt><dd>%s <span>%s</span></dd></div>', words->>f.label, f.number, f.meaning), E'\n' ORDER BY f.place)
		FROM (VALUES
			(1, 'fact.answers', @extschema@.nps_report_number(words, (now_shown->>'responses')::numeric),
				format(words->>'fact.answers.of', name, @extschema@.nps_report_number(words, (whole->>'responses')::numeric))),
			(2, 'fact.rate', @extschema@.nps_report_share(words, (now_shown->>'response_rate')::numeric),
				CASE WHEN now_shown->>'response_rate' IS NULL THEN words->>'fact.rate.unknown' ELSE format(words->>'fact.rate.of', name) END),
			(3, 'fact.rejected', @extschema@.nps_report_number(words, (now_shown->>'rejected')::numeric),
				format(words->>'fact.rejected.of', name, @extschema@.nps_report_number(words, (whole->>'rejected')::numeric))),
			(4, 'fact.comments', @extschema@.nps_report_share(words, (now_shown->>'comment_share')::numeric), format(words->>'fact.comments.of', name))
		) AS f(place, label, number, meaning)) || E'</dl>\n';
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_facts(jsonb, jsonb) IS 'part of nps_report_html(): how many answers the score is made of';

CREATE FUNCTION @extschema@.nps_report_distribution(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* How many gave which score. */
DECLARE
	base CONSTANT integer := 236;		-- where the bars are
	tall CONSTANT integer := 212;		-- the tallest of them
	now_shown CONSTANT jsonb := data->'period';
	bars CONSTANT integer := jsonb_array_length(data->'scores');
	most CONSTANT numeric := (SELECT max((s.bin->>'share')::numeric) FROM jsonb_array_elements(data->'scores') AS s(bin));
	name CONSTANT text := @extschema@.nps_report_in(words, data->>'grain', (now_shown->>'period_start')::date, (now_shown->>'is_running')::boolean);
	-- the difference is shown only where it is right after rounding
	sum CONSTANT text := CASE WHEN round(100 * (now_shown->>'promoter_share')::numeric) - round(100 * (now_shown->>'detractor_share')::numeric) = round((now_shown->>'nps')::numeric)
		THEN ' ' || format(words->>'distribution.difference', @extschema@.nps_report_number(words, 100 * (now_shown->>'promoter_share')::numeric), words->>'minus',
			@extschema@.nps_report_number(words, 100 * (now_shown->>'detractor_share')::numeric), @extschema@.nps_report_number(words, (now_shown->>'nps')::numeric)) ELSE '' END;
	picture text;
	brackets text;
	described text;
	rows text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	SELECT string_agg(format(E'<rect class="%1$s" x="%2$s%%" width="%3$s%%" y="%4$s" height="%5$s"/>'
			'<text class="v" x="%6$s%%" y="%7$s" text-anchor="middle">%8$s</text><text x="%6$s%%" y="254" text-anchor="middle"%10$s>%9$s</text>' || E'\n',
			b.category, round(100 * (b.place - 0.9) / bars, 2), round(80.0 / bars, 2), base - b.height, b.height, round(100 * (b.place - 0.5) / bars, 2), base - b.height - 6,
			-- the number without its unit, which the text over the picture has
			split_part(@extschema@.nps_report_share(words, b.share), '&nbsp;', 1), @extschema@.nps_report_scores(words, b.score), CASE WHEN bars > 11 AND b.place % 2 = 0 THEN ' class="hs"' ELSE '' END), '' ORDER BY b.place),
		string_agg(format('%s: %s', @extschema@.nps_report_scores(words, b.score), @extschema@.nps_report_share(words, b.share)), ', ' ORDER BY b.place),
		string_agg(format('<tr><td>%s</td><td>%s</td><td class="n">%s</td><td class="n">%s</td></tr>', @extschema@.nps_report_scores(words, b.score), words->>b.category,
			@extschema@.nps_report_number(words, b.responses), @extschema@.nps_report_share(words, b.share, 1)), '' ORDER BY b.place)
	INTO picture, described, rows
	FROM (
		SELECT s.place, s.bin->>'score' AS score, s.bin->>'category' AS category, (s.bin->>'responses')::numeric AS responses, (s.bin->>'share')::numeric AS share,
			round(tall * (s.bin->>'share')::numeric / nullif(most, 0), 1) AS height
		FROM jsonb_array_elements(data->'scores') WITH ORDINALITY AS s(bin, place)
	) b;
	SELECT string_agg(format('<p class="%s" style="flex:%s"><b>%s</b> %s</p>', c.category, c.bins, @extschema@.nps_report_share(words, (now_shown->>(c.category || '_share'))::numeric), words->>(c.category || 's')),
		'' ORDER BY c.first) INTO brackets
	FROM (SELECT s.bin->>'category' AS category, count(*) AS bins, min(s.place) AS first FROM jsonb_array_elements(data->'scores') WITH ORDINALITY AS s(bin, place) GROUP BY s.bin->>'category') c;
	RETURN @extschema@.nps_report_section('dist', heading,
		format(words->>'distribution.sub', @extschema@.nps_report_counted(words, 'answers', (now_shown->>'responses')::bigint), name) || sum,
		format(E'<svg class="c" width="100%%" height="258" role="img" aria-labelledby="dt dd"><title id="dt">%s</title><desc id="dd">%s</desc>\n%s<line class="base" x1="0" x2="100%%" y1="%s" y2="%4$s"/></svg>\n'
			'<div class="br" aria-hidden="true">%s</div>' || E'\n%s', heading, described, picture, base, brackets,
			@extschema@.nps_report_table(words, ARRAY[words->>'score', words->>'category', words->>'fact.answers', words->>'share'], ARRAY[false, false, true, true], rows)));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_distribution(jsonb, jsonb, text) IS 'part of nps_report_html(): how many gave which score';
