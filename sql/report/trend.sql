/* nps/sql/report/trend.sql */

CREATE FUNCTION @extschema@.nps_report_axis_name(words jsonb, grain text, start date, is_first boolean, OUT upper text, OUT lower text)
	RETURNS record
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The name of a period below a picture; in a second line what applies until it changes: the year, or the month of a day. */
BEGIN
	CASE grain
	WHEN 'year' THEN
		upper := date_part('year', start);
	WHEN 'quarter' THEN
		upper := format(words->>'axis.quarter', date_part('quarter', start));
		lower := CASE WHEN is_first OR date_part('quarter', start) = 1 THEN date_part('year', start)::text END;
	WHEN 'month' THEN
		upper := words->'months'->>(date_part('month', start)::integer - 1);
		lower := CASE WHEN is_first OR date_part('month', start) = 1 THEN date_part('year', start)::text END;
	WHEN 'week' THEN
		upper := format(words->>'axis.week', date_part('week', start));
		lower := CASE WHEN is_first OR date_part('week', start) = 1 THEN date_part('isoyear', start)::text END;
	ELSE
		upper := date_part('day', start);
		lower := CASE WHEN is_first OR date_part('day', start) = 1 THEN words->'months'->>(date_part('month', start)::integer - 1) END;
	END CASE;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_axis_name(jsonb, text, date, boolean) IS 'part of nps_report_html(): the name of a period below the trend';

CREATE FUNCTION @extschema@.nps_report_trend(words jsonb, data jsonb, heading text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The score from period to period, with its interval.  Over a period without answers there is no line; to one that is
 * not complete it is dashed.  Marked are the changes that are more than chance, the newest score, and the newest mark
 * of marks that are too close.
 */
DECLARE
	top CONSTANT numeric := 26;
	bottom CONSTANT numeric := 236;
	grain CONSTANT text := coalesce(data->>'trend_grain', data->>'grain');
	periods CONSTANT integer := jsonb_array_length(data->'trend');
	goal CONSTANT numeric := data->>'goal';
	-- labels that are this many periods apart do not touch: those of the axis, and the scores
	apart CONSTANT integer := CASE WHEN periods <= 9 THEN 1 WHEN periods <= 18 THEN 2 ELSE 3 END;
	room CONSTANT numeric := 6;			-- for a label below the lowest interval
	axis numeric[];
	levels text;
	numbers text;
	bands text;
	lines text;
	points text;
	labels text;
	marks text;
	described text;
	rows text;
BEGIN
	IF heading IS NULL THEN
		RETURN '';
	END IF;
	SELECT @extschema@.nps_report_axis(least(min((t.row->>'nps_low')::numeric) - room, goal), greatest(max((t.row->>'nps_high')::numeric), goal)) INTO axis
	FROM jsonb_array_elements(data->'trend') AS t(row);
	SELECT string_agg(format('<line class="%s" x1="0" x2="100%%" y1="%s" y2="%2$s"/>', CASE tick WHEN 0 THEN 'g0' ELSE 'g' END, y), '' ORDER BY tick),
		string_agg(format('<text x="100%%" dx="-6" y="%s" text-anchor="end">%s</text>', y + 4, @extschema@.nps_report_number(words, tick)), '' ORDER BY tick)
	INTO levels, numbers
	FROM generate_series(axis[1], axis[2], axis[3]) AS tick
	CROSS JOIN LATERAL (SELECT round(bottom - (bottom - top) * (tick - axis[1]) / (axis[2] - axis[1]), 1) AS y) p;

	WITH point AS (
		SELECT t.place, t.row, (t.row->>'responses')::bigint > 0 AS is_answered, (t.row->>'is_partial')::boolean AS is_partial,
			(t.row->>'period_start')::date AS start, (t.row->>'nps')::numeric AS nps, (t.row->>'change')::numeric AS change,
			(t.row->>'change_p_adjusted')::numeric < @extschema@.nps_report_chance() AS is_real,
			CASE periods WHEN 1 THEN 50 ELSE round(4 + 92 * (t.place - 1) / (periods - 1.0), 2) END AS x,
			round(bottom - (bottom - top) * ((t.row->>'nps')::numeric - axis[1]) / (axis[2] - axis[1]), 1) AS y,
			round(bottom - (bottom - top) * ((t.row->>'nps_high')::numeric - axis[1]) / (axis[2] - axis[1]), 1) AS y_high,
			round(bottom - (bottom - top) * ((t.row->>'nps_low')::numeric - axis[1]) / (axis[2] - axis[1]), 1) AS y_low,
			t.place - count(*) FILTER (WHERE (t.row->>'responses')::bigint > 0) OVER (ORDER BY t.place) AS run
		FROM jsonb_array_elements(data->'trend') WITH ORDINALITY AS t(row, place)
	), drawn AS (
		SELECT p.*, lag(p.x) OVER run AS x_before, lag(p.y) OVER run AS y_before, lag(p.is_partial) OVER run AS was_partial,
			-- counted from the newest, which always has its label
			(periods - p.place) % apart = 0 AS has_label,
			coalesce(p.is_real, false) OR p.place = periods AS is_marked,
			-- the mark of a fall is below, and any other above
			coalesce(p.is_real AND p.change < 0, false) AS is_fall
		FROM point p
		WINDOW run AS (PARTITION BY p.run, p.is_answered ORDER BY p.place)
	), marked AS (
		SELECT d.*, lead(d.place) OVER (PARTITION BY d.is_fall ORDER BY d.place) - d.place AS room FROM drawn d WHERE d.is_marked AND d.is_answered
	)
	SELECT
		(SELECT string_agg(b.band, E'\n' ORDER BY b.first) FROM (
			SELECT min(d.place) AS first, format('<polygon class="band" points="%s %s"/>', CASE count(*)
				-- a single one has no width
				WHEN 1 THEN format('%s,%s %s,%2$s', min(d.x) - 0.6, min(d.y_high), min(d.x) + 0.6) ELSE string_agg(d.x || ',' || d.y_high, ' ' ORDER BY d.place) END,
				CASE count(*) WHEN 1 THEN format('%s,%s %s,%2$s', min(d.x) + 0.6, min(d.y_low), min(d.x) - 0.6) ELSE string_agg(d.x || ',' || d.y_low, ' ' ORDER BY d.place DESC) END) AS band
			FROM drawn d WHERE d.is_answered GROUP BY d.run) b),
		(SELECT string_agg(format('<polyline class="ln%s" points="%s,%s %s,%s"/>', CASE WHEN d.is_partial OR d.was_partial THEN ' dash' ELSE '' END, d.x_before, d.y_before, d.x, d.y), E'\n' ORDER BY d.place)
			FROM drawn d WHERE d.is_answered AND d.x_before IS NOT NULL),
		(SELECT string_agg(format('<circle class="pt%s" cx="%s%%" cy="%s" r="%s"/>', CASE WHEN d.is_partial THEN ' hollow' ELSE '' END, d.x, d.y, CASE WHEN periods > 13 THEN 3.5 ELSE 4.5 END), '' ORDER BY d.place)
			FROM drawn d WHERE d.is_answered),
		(SELECT string_agg(format('<text x="%s%%" y="252" text-anchor="middle"%s>%s</text>', d.x, CASE WHEN (periods - d.place) % (2 * apart) <> 0 AND periods > 5 THEN ' class="hs"' ELSE '' END, n.upper)
				|| CASE WHEN n.lower IS NULL THEN '' ELSE format('<text x="%s%%" y="267" text-anchor="middle" class="yr%s">%s</text>', d.x, CASE WHEN (periods - d.place) % (2 * apart) <> 0 AND periods > 5 THEN ' hs' ELSE '' END, n.lower) END, '' ORDER BY d.place)
			FROM (SELECT d.*, row_number() OVER (ORDER BY d.place) = 1 AS is_first,
					-- a year stands at its first label
					lag(date_trunc(CASE grain WHEN 'day' THEN 'month' ELSE 'year' END, d.start)) OVER (ORDER BY d.place) AS unit_before FROM drawn d WHERE d.has_label) d
			CROSS JOIN LATERAL @extschema@.nps_report_axis_name(words, grain, d.start, d.is_first OR d.unit_before <> date_trunc(CASE grain WHEN 'day' THEN 'month' ELSE 'year' END, d.start)) n),
		(SELECT string_agg(format('<text class="an%s" x="%s%%" y="%s" text-anchor="%s"><tspan class="b">%s</tspan>%s</text>', CASE WHEN m.room < 2 * apart THEN ' hs' ELSE '' END, m.x,
				CASE WHEN m.is_fall THEN least(m.y_low + 17, bottom - 3) ELSE greatest(m.y_high - 8, 12) END, CASE m.place WHEN periods THEN 'end' WHEN 1 THEN 'start' ELSE 'middle' END, @extschema@.nps_report_number(words, m.nps),
				CASE WHEN m.is_real THEN format(' <tspan>%s%s</tspan>', CASE WHEN m.change < 0 THEN '&#9660;' ELSE '&#9650;' END, @extschema@.nps_report_number(words, abs(m.change))) ELSE '' END), E'\n' ORDER BY m.place)
			FROM marked m WHERE m.room IS NULL OR m.room >= apart),
		(SELECT string_agg(format('%s: %s, %s', @extschema@.nps_report_period(words, grain, d.start), @extschema@.nps_report_number(words, d.nps),
				format(words->>'interval', @extschema@.nps_report_interval(words, (d.row->>'nps_low')::numeric, (d.row->>'nps_high')::numeric))), '; ' ORDER BY d.place)
			FROM drawn d WHERE d.is_answered),
		(SELECT string_agg(format('<tr><td>%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td></tr>',
				@extschema@.nps_report_period(words, grain, d.start, (d.row->>'is_running')::boolean), @extschema@.nps_report_number(words, (d.row->>'responses')::numeric), @extschema@.nps_report_number(words, d.nps),
				@extschema@.nps_report_interval(words, (d.row->>'nps_low')::numeric, (d.row->>'nps_high')::numeric), @extschema@.nps_report_number(words, d.change, 0, true),
				@extschema@.nps_report_p(words, (d.row->>'change_p_adjusted')::numeric)), E'\n' ORDER BY d.place DESC)
			FROM drawn d)
	INTO bands, lines, points, labels, marks, described, rows;

	RETURN @extschema@.nps_report_section('trend', heading, format(words->>'trend.sub', words->>('grain.' || grain)),
		format(E'<div class="tp"><svg width="100%%" height="270" aria-hidden="true">%s</svg>\n<svg class="c" width="100%%" height="270" role="img" aria-labelledby="tt td"><title id="tt">%s</title><desc id="td">%s</desc>\n'
			'%s<svg width="100%%" height="270" viewBox="0 0 100 270" preserveAspectRatio="none">' || E'\n%s\n%s</svg>\n%s%s%s\n%s</svg>\n%s</div>\n%s',
			numbers, format(words->>'trend.picture', words->>('grain.' || grain)), coalesce(described, ''), levels, coalesce(bands, ''), coalesce(lines, ''),
			CASE WHEN goal IS NULL THEN '' ELSE format('<line class="goal" x1="0" x2="100%%" y1="%s" y2="%1$s"/>', round(bottom - (bottom - top) * (goal - axis[1]) / (axis[2] - axis[1]), 1)) END,
			coalesce(points, ''), labels, coalesce(marks, ''),
			CASE WHEN goal IS NULL THEN '<span></span>' ELSE format('<svg width="100%%" height="270" aria-hidden="true"><text class="gl" x="6" y="%s">%s</text><text class="gl" x="6" y="%s">%s</text></svg>',
				round(bottom - (bottom - top) * (goal - axis[1]) / (axis[2] - axis[1]) - 1, 1), words->>'goal', round(bottom - (bottom - top) * (goal - axis[1]) / (axis[2] - axis[1]) + 13, 1), @extschema@.nps_report_number(words, goal)) END,
			@extschema@.nps_report_table(words, ARRAY[words->>'period', words->>'fact.answers', words->>'scores', words->>'interval.head', words->>'change', words->>'p'],
				ARRAY[false, true, true, true, true, true], rows)));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_trend(jsonb, jsonb, text) IS 'part of nps_report_html(): the score from period to period';
