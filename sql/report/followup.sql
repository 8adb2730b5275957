/* nps/sql/report/followup.sql */

CREATE FUNCTION @extschema@.nps_report_causes(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What customers name, and what a fix did to it. */
DECLARE
	most CONSTANT numeric := data->'causes'->0->>'respondents';
	rows text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	SELECT string_agg(format('<tr><th scope="row"><span class="cl">%s</span>%s</th><td class="pc"><svg width="100%%" height="28" aria-hidden="true"><rect class="nb" x="0" y="8" height="12" width="%s%%"/></svg></td><td class="n">%s</td><td class="n">%s</td></tr>',
			@extschema@.nps_report_value(words, c.row->>'cause'),
			CASE WHEN c.row->>'fixed_on' IS NULL OR c.row->>'fix_p_value' IS NULL THEN '' ELSE format('<small>%s</small>', format(words->>'fixed', @extschema@.nps_report_date(words, (c.row->>'fixed_on')::date),
				@extschema@.nps_report_share(words, (c.row->>'share_before_fix')::numeric), @extschema@.nps_report_share(words, (c.row->>'share_after_fix')::numeric),
				words->>CASE WHEN (c.row->>'fix_p_value')::numeric < @extschema@.nps_report_chance() THEN 'real' ELSE 'chance' END)) END,
			round(100 * (c.row->>'respondents')::numeric / most, 1), @extschema@.nps_report_number(words, (c.row->>'respondents')::numeric), @extschema@.nps_report_number(words, (c.row->>'impact')::numeric, 1, true)),
		E'\n' ORDER BY c.place) INTO rows
	FROM jsonb_array_elements(data->'causes') WITH ORDINALITY AS c(row, place);
	RETURN @extschema@.nps_report_section('cause', heading, format(words->>'causes.sub', @extschema@.nps_report_in(words, data->>'grain', (data->'period'->>'period_start')::date, (data->'period'->>'is_running')::boolean)), CASE WHEN rows IS NULL THEN '' ELSE
		format(E'<table class="f ca"><thead><tr><th scope="col">%s</th><th scope="col" class="pc"><span class="vh">%s</span></th><th scope="col" class="n">%s</th><th scope="col" class="n">%s</th></tr></thead><tbody>\n%s</tbody></table>',
			words->>'cause', words->>'picture', words->>'customers', words->>'impact', rows) END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_causes(jsonb, jsonb, text) IS 'part of nps_report_html(): what customers name as the cause';

CREATE FUNCTION @extschema@.nps_report_loop(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What became of the cases of the last periods.  Below each rate is what it is a share of. */
DECLARE
	heads text;
	rows text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	SELECT string_agg(format('<th scope="col">%s</th>', CASE WHEN data->>'grain' = 'day' THEN @extschema@.nps_report_date(words, (l.row->>'period_start')::date, false)
			-- a column is narrow
			WHEN data->>'grain' ~ ' ' THEN replace(@extschema@.nps_report_period(words, data->>'grain', (l.row->>'period_start')::date), '&nbsp;', ' ')
			ELSE @extschema@.nps_report_period(words, data->>'grain', (l.row->>'period_start')::date, (l.row->>'is_running')::boolean) END), '' ORDER BY l.place) INTO heads
	FROM jsonb_array_elements(data->'loop') WITH ORDINALITY AS l(row, place);
	SELECT string_agg(format(E'<tr><th scope="row">%s<small>%s</small></th>%s</tr>', words->>m.label, words->>m.of, m.cells), E'\n' ORDER BY m.place) INTO rows
	FROM (
		SELECT k.place, k.label, k.of, string_agg(CASE
				WHEN k.rate IS NULL THEN format('<td>%s%s</td>', format(words->>'of', @extschema@.nps_report_number(words, (l.row->>k.part)::numeric), @extschema@.nps_report_number(words, (l.row->>k.whole)::numeric)),
					@extschema@.nps_report_bar((l.row->>k.part)::numeric, (l.row->>k.whole)::numeric))
				ELSE format('<td>%s%s<small>%s</small></td>', @extschema@.nps_report_share(words, (l.row->>k.rate)::numeric), @extschema@.nps_report_bar((l.row->>k.rate)::numeric, 1),
					CASE WHEN k.whole IS NULL THEN format(words->>'in_time', @extschema@.nps_report_number(words, (l.row->>k.part)::numeric))
						ELSE format(words->>'of', @extschema@.nps_report_number(words, (l.row->>k.part)::numeric), @extschema@.nps_report_number(words, (l.row->>k.whole)::numeric)) END) END, '' ORDER BY l.place) AS cells
		FROM (VALUES
			(1, 'loop.contacted', 'loop.contacted.of', NULL, 'contacted', 'cases'),
			(2, 'loop.in_time', 'loop.in_time.of', 'contact_in_time_rate', 'contacted_in_time', NULL),
			(3, 'loop.open', 'loop.contacted.of', NULL, 'open', 'cases'),
			(4, 'loop.late', 'loop.late.of', NULL, 'late', 'open'),
			(5, 'loop.recovered', 'loop.recovered.of', 'recovery_rate', 'recovered', 'recovery_known')) AS k(place, label, of, rate, part, whole)
		CROSS JOIN jsonb_array_elements(data->'loop') WITH ORDINALITY AS l(row, place)
		GROUP BY k.place, k.label, k.of
	) m;
	RETURN @extschema@.nps_report_section('loop', heading, words->>'loop.sub', CASE WHEN heads IS NULL THEN '' ELSE
		format(E'<table class="f lo"><thead><tr><th scope="col"><span class="vh">%s</span></th>%s</tr></thead><tbody>\n%s</tbody></table>', words->>'measure.head', heads, rows) END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_loop(jsonb, jsonb, text) IS 'part of nps_report_html(): what became of the cases';

CREATE FUNCTION @extschema@.nps_report_initials(words jsonb, name text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The first characters of the first three words: enough for somebody who has the list, and for nobody else. */
BEGIN
	RETURN @extschema@.nps_report_value(words, (SELECT string_agg(left(w.word, 1), '.' ORDER BY w.place) || '.'
		FROM (SELECT u.word, u.place FROM unnest(string_to_array(translate(left(name, 200), E'@._-\t\n', '      '), ' ')) WITH ORDINALITY AS u(word, place) WHERE u.word <> '' ORDER BY u.place LIMIT 3) w));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_initials(jsonb, text) IS 'part of nps_report_html(): the initials of a name';

CREATE FUNCTION @extschema@.nps_report_list(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Whom to call first. */
DECLARE
	rows text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	SELECT string_agg(format('<tr><td class="n">%s</td><td>%s</td><td class="n">%s</td><td>%s</td><td class="by">%s</td><td>%s%s</td><td>%s</td></tr>',
			@extschema@.nps_report_value(words, c.row->>'case_id', 36), @extschema@.nps_report_initials(words, c.row->>'who'), @extschema@.nps_report_number(words, (c.row->>'score')::numeric, CASE WHEN (c.row->>'score')::numeric % 1 = 0 THEN 0 ELSE 1 END),
			coalesce(words->>('step.' || (c.row->>'next_step')), @extschema@.nps_report_value(words, c.row->>'next_step', 60)), @extschema@.nps_report_value(words, c.row->>'channel_advised', 60),
			@extschema@.nps_report_date(words, (c.row->>'due_on')::date, left(c.row->>'due_on', 4) <> left(data->>'today', 4)), CASE c.row->>'due' WHEN 'late' THEN format(' <b class="dn">%s</b>', words->>'due.late') ELSE '' END,
			CASE WHEN c.row->>'responsible' IS NULL THEN format('<i>%s</i>', words->>'nobody') ELSE @extschema@.nps_report_value(words, c.row->>'responsible', 40) END), E'\n' ORDER BY c.place) INTO rows
	FROM jsonb_array_elements(CASE jsonb_typeof(data->'list'->'first') WHEN 'array' THEN data->'list'->'first' ELSE '[]' END) WITH ORDINALITY AS c(row, place);
	RETURN @extschema@.nps_report_section('first', heading, words->>'list.sub', CASE WHEN rows IS NULL THEN '' ELSE
		format(E'<div class="sc" tabindex="0" role="region" aria-labelledby="h-first"><table class="li"><thead><tr><th scope="col" class="n">%s</th><th scope="col">%s</th><th scope="col" class="n">%s</th><th scope="col">%s</th><th scope="col" class="by">%s</th><th scope="col">%s</th><th scope="col">%s</th></tr></thead><tbody>\n%s</tbody></table></div>',
			words->>'case', words->>'account', words->>'score', words->>'step', words->>'channel', words->>'due', words->>'responsible', rows) END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_list(jsonb, jsonb, text) IS 'part of nps_report_html(): whom to call first';

CREATE FUNCTION @extschema@.nps_report_quotes(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The newest comments, without saying who wrote them. */
DECLARE
	longest CONSTANT integer := 400;
	rows text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	SELECT string_agg(format('<blockquote><p><bdi>%s%s</bdi></p><footer>%s %s, %s, %s</footer></blockquote>', @extschema@.nps_html(left(q.row->>'comment', longest)),
			CASE WHEN length(q.row->>'comment') > longest THEN words->>'cut' ELSE '' END, words->>'score',
			@extschema@.nps_report_number(words, (q.row->>'score')::numeric, CASE WHEN (q.row->>'score')::numeric % 1 = 0 THEN 0 ELSE 1 END), words->>(q.row->>'category'),
			@extschema@.nps_report_date(words, (q.row->>'local_time')::timestamp::date)), E'\n' ORDER BY q.place) INTO rows
	FROM jsonb_array_elements(data->'quotes') WITH ORDINALITY AS q(row, place);
	RETURN @extschema@.nps_report_section('quotes', heading, format(words->>'quotes.sub',
		@extschema@.nps_report_in(words, data->>'grain', (data->'period'->>'period_start')::date, (data->'period'->>'is_running')::boolean)), rows);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_quotes(jsonb, jsonb, text) IS 'part of nps_report_html(): the newest comments';
