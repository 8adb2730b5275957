/* nps/sql/report/segment.sql */

CREATE FUNCTION @extschema@.nps_report_hidden(words jsonb, rows jsonb)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Which segments have values that are not shown, and how many segments are not shown; nothing if everything is. */
BEGIN
	RETURN (SELECT CASE WHEN s.notes IS NULL THEN '' ELSE format('<p class="sub">%s</p>', s.notes) END
		FROM (
			SELECT string_agg(format(words->>'shown', @extschema@.nps_report_value(words, v.segment, 40), @extschema@.nps_report_number(words, v.shown), @extschema@.nps_report_number(words, v.all_values)),
				'<br>' ORDER BY v.place) AS notes
			FROM (
				SELECT r.row->>'segment' AS segment, count(*) AS shown, max((r.row->>'all_values')::bigint) AS all_values, min(r.place) AS place
				FROM jsonb_array_elements(rows) WITH ORDINALITY AS r(row, place)
				GROUP BY r.row->>'segment'
				HAVING count(*) < max((r.row->>'all_values')::bigint)
			) v
		) s);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_hidden(jsonb, jsonb) IS 'part of nps_report_html(): what of the segments is not shown';

CREATE FUNCTION @extschema@.nps_report_hidden_segments(words jsonb, rows jsonb, segments bigint)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
DECLARE
	shown CONSTANT bigint := (SELECT count(DISTINCT r.row->>'segment') FROM jsonb_array_elements(rows) AS r(row));
BEGIN
	RETURN CASE WHEN shown < segments THEN format('<p class="sub">%s</p>', format(words->>'shown.segments', @extschema@.nps_report_number(words, shown), @extschema@.nps_report_number(words, segments))) ELSE '' END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_hidden_segments(jsonb, jsonb, bigint) IS 'part of nps_report_html(): how many segments are not shown';

CREATE FUNCTION @extschema@.nps_report_moved(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* What each group did to the whole since the period before: a bar for its score, a thin one for its share of the answers. */
DECLARE
	rows CONSTANT jsonb := data->'groups'->'by_effect';
	lowest numeric;
	highest numeric;
	tables text;
	behind text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	-- one axis for all, with 0 on it
	SELECT least(min(least((r.row->>'rate_effect')::numeric, (r.row->>'mix_effect')::numeric)), 0), greatest(max(greatest((r.row->>'rate_effect')::numeric, (r.row->>'mix_effect')::numeric)), 0)
	INTO lowest, highest FROM jsonb_array_elements(rows) AS r(row);
	IF lowest = highest THEN
		highest := 1;
	END IF;
	WITH member AS (
		SELECT r.place, r.row, r.row->>'segment' AS segment, (r.row->>'rate_effect')::numeric AS rate, (r.row->>'mix_effect')::numeric AS mix,
			coalesce((r.row->>'change_p')::numeric < @extschema@.nps_report_chance(), false) AS is_real, r.row->>'change_p' IS NULL AS is_few,
			round(2 + 96 * (0 - lowest) / (highest - lowest), 2) AS zero
		FROM jsonb_array_elements(rows) WITH ORDINALITY AS r(row, place)
	), drawn AS (
		SELECT m.*, round(96 * abs(m.rate) / (highest - lowest), 2) AS rate_width, round(96 * abs(m.mix) / (highest - lowest), 2) AS mix_width FROM member m
	)
	SELECT string_agg(t.made, E'\n' ORDER BY t.place) INTO tables
	FROM (
		SELECT min(d.place) AS place, format('<table class="f mv"><caption>%s</caption><thead class="vh"><tr><th scope="col">%s</th><th scope="col">%s</th><th scope="col">%s</th></tr></thead><tbody>%s</tbody></table>',
			@extschema@.nps_report_value(words, d.segment, 60), words->>'value', words->>'picture', words->>'points',
			string_agg(format('<tr%s><th scope="row"><span class="cl">%s</span></th><td class="pc"><svg width="100%%" height="28" aria-hidden="true"><line class="g0" x1="%s%%" x2="%3$s%%" y1="-60" y2="88"/>'
				'<rect class="%4$s%5$s" x="%6$s%%" width="%7$s%%" y="6" height="11"/><rect class="mix" x="%8$s%%" width="%9$s%%" y="19" height="4"/></svg></td><td class="n">%10$s</td></tr>',
				CASE WHEN d.is_few THEN ' class="few"' ELSE '' END, @extschema@.nps_report_value(words, d.row->>'value'), d.zero,
				CASE WHEN d.rate < 0 THEN 'dn' ELSE 'up' END, CASE WHEN d.is_real THEN '' ELSE ' pale' END,
				CASE WHEN d.rate < 0 THEN d.zero - d.rate_width ELSE d.zero END, d.rate_width, CASE WHEN d.mix < 0 THEN d.zero - d.mix_width ELSE d.zero END, d.mix_width,
				CASE WHEN d.is_real THEN format('<b class="%s">%s</b>', CASE WHEN d.rate < 0 THEN 'dn' ELSE 'up' END, @extschema@.nps_report_number(words, d.rate, 1, true)) ELSE @extschema@.nps_report_number(words, d.rate, 1, true) END),
				'' ORDER BY d.place)) AS made
		FROM drawn d GROUP BY d.segment
	) t;
	SELECT string_agg(format('<tr><td>%s</td><td>%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td></tr>',
			@extschema@.nps_report_value(words, r.row->>'segment'), @extschema@.nps_report_value(words, r.row->>'value'), @extschema@.nps_report_number(words, (r.row->>'responses')::numeric),
			@extschema@.nps_report_number(words, (r.row->>'change')::numeric, 0, true), @extschema@.nps_report_number(words, (r.row->>'rate_effect')::numeric, 1, true),
			@extschema@.nps_report_number(words, (r.row->>'mix_effect')::numeric, 1, true), @extschema@.nps_report_p(words, (r.row->>'change_p')::numeric)), E'\n' ORDER BY r.place) INTO behind
	FROM jsonb_array_elements(rows) WITH ORDINALITY AS r(row, place);
	RETURN @extschema@.nps_report_section('moved', heading,
		format(words->>'moved.sub', @extschema@.nps_report_period(words, data->>'grain', (data->'period'->>'change_from')::date))
			|| format(' <span class="key"><i class="k1"></i>%s</span> <span class="key"><i class="k3"></i>%s</span> <span class="key"><i class="k2"></i>%s</span>',
				words->>'moved.key.real', words->>'moved.key.chance', words->>'moved.key.mix'),
		format(E'<div class="mult">%s</div>\n%s%s%s', tables, @extschema@.nps_report_hidden(words, rows), @extschema@.nps_report_hidden_segments(words, rows, (data->'groups'->>'segments')::bigint),
			@extschema@.nps_report_table(words, ARRAY[words->>'segment', words->>'value', words->>'fact.answers', words->>'change', words->>'effect.rate', words->>'effect.mix', words->>'p'],
				ARRAY[false, false, true, true, true, true, true], behind)));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_moved(jsonb, jsonb, text) IS 'part of nps_report_html(): what each group did to the whole since the period before';

CREATE FUNCTION @extschema@.nps_report_segments(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The groups with their intervals, those that harm the whole most first. */
DECLARE
	rows CONSTANT jsonb := data->'groups'->'by_impact';
	now_shown CONSTANT jsonb := data->'period';
	axis numeric[];
	grid text;
	bodies text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	SELECT @extschema@.nps_report_axis(min((r.row->>'nps_low')::numeric), max((r.row->>'nps_high')::numeric)) INTO axis FROM jsonb_array_elements(rows) AS r(row);
	grid := @extschema@.nps_report_grid(axis, 28, (now_shown->>'nps')::numeric);
	-- the head of a group spans no more columns than a phone has: one that is hidden would leave its width behind
	WITH member AS (
		SELECT r.place, r.row, r.row->>'segment' AS segment,
			CASE WHEN (r.row->>'is_few')::boolean THEN 'few' WHEN (r.row->>'difference_p')::numeric < @extschema@.nps_report_chance() THEN CASE WHEN (r.row->>'difference')::numeric < 0 THEN 'dn' ELSE 'up' END ELSE '' END AS kind
		FROM jsonb_array_elements(rows) WITH ORDINALITY AS r(row, place)
	)
	SELECT string_agg(b.body, E'\n' ORDER BY b.place) INTO bodies
	FROM (
		SELECT min(m.place) AS place, format('<tbody role="rowgroup"><tr class="gr" role="row"><th role="rowheader" colspan="5" scope="rowgroup">%s</th></tr>%s</tbody>',
			@extschema@.nps_report_value(words, m.segment, 60),
			string_agg(format(E'\n<tr role="row"%s><th role="rowheader" scope="row"><span class="cl">%s</span></th><td role="cell" class="n">%s</td><td role="cell" class="pc">%s</td><td role="cell" class="n">%s</td>'
				'<td role="cell" class="n iv2">%s</td><td role="cell" class="n">%s</td><td role="cell" class="t">%s</td></tr>',
				CASE m.kind WHEN 'few' THEN ' class="few"' ELSE '' END, @extschema@.nps_report_value(words, m.row->>'value'), @extschema@.nps_report_number(words, (m.row->>'responses')::numeric),
				@extschema@.nps_report_mark(grid, axis, 28, (m.row->>'nps')::numeric, (m.row->>'nps_low')::numeric, (m.row->>'nps_high')::numeric, m.kind),
				CASE WHEN m.kind IN ('dn', 'up') THEN format('<b class="%s">%s<span class="vh"> %s </span> %s</b>', m.kind, CASE m.kind WHEN 'dn' THEN '&#9660;' ELSE '&#9650;' END,
					words->>CASE m.kind WHEN 'dn' THEN 'lower' ELSE 'higher' END, @extschema@.nps_report_number(words, (m.row->>'nps')::numeric)) ELSE @extschema@.nps_report_number(words, (m.row->>'nps')::numeric) END,
				@extschema@.nps_report_interval(words, (m.row->>'nps_low')::numeric, (m.row->>'nps_high')::numeric), @extschema@.nps_report_number(words, (m.row->>'impact')::numeric, 1, true),
				CASE m.kind WHEN 'few' THEN words->>'too_few' WHEN '' THEN words->>'may_be_chance' ELSE format('<b class="%s">%s</b>', m.kind, words->>CASE m.kind WHEN 'dn' THEN 'lower' ELSE 'higher' END) END),
				'' ORDER BY m.place)) AS body
		FROM member m GROUP BY m.segment
	) b;
	RETURN @extschema@.nps_report_section('seg', heading,
		format(words->>'segments.sub', @extschema@.nps_report_in(words, data->>'grain', (now_shown->>'period_start')::date, (now_shown->>'is_running')::boolean),
			@extschema@.nps_report_number(words, (now_shown->>'nps')::numeric), @extschema@.nps_report_number(words, (data->>'few')::numeric)),
		format(E'<table class="f fs" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">%s</th><th role="columnheader" scope="col" class="n">%s</th>'
			'<th role="columnheader" scope="col" class="pc"><span class="vh">%s</span>%s</th><th role="columnheader" scope="col" class="n">%s</th><th role="columnheader" scope="col" class="n iv2">%s</th>'
			'<th role="columnheader" scope="col" class="n">%s</th><th role="columnheader" scope="col" class="t">%s</th></tr></thead>' || E'\n%s</table>\n%s%s',
			words->>'value', words->>'fact.answers', words->>'picture', @extschema@.nps_report_axis_head(words, axis), words->>CASE data->>'scale' WHEN 'nps' THEN 'measure.nps' ELSE 'score' END,
			words->>'interval.head', words->>'impact', words->>'others', bodies, @extschema@.nps_report_hidden(words, rows),
			@extschema@.nps_report_hidden_segments(words, rows, (data->'groups'->>'segments')::bigint)));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_segments(jsonb, jsonb, text) IS 'part of nps_report_html(): the groups with their intervals';
