/* nps/sql/report/draw.sql */

-- Pictures.  Horizontally everything is in per cent, vertically in pixels: so type keeps its size at every width.  An axis is
-- its low end, its high end and the distance between its ticks.

CREATE FUNCTION @extschema@.nps_report_axis(low numeric, high numeric)
	RETURNS numeric[]
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* An axis of at most seven steps that has room for both; scores go from -100 to 100. */
DECLARE
	step numeric;
	bottom numeric;
	top numeric;
BEGIN
	FOREACH step IN ARRAY ARRAY[5, 10, 20, 50] LOOP
		bottom := greatest(floor(coalesce(low, 0) / step) * step, -100);
		top := least(ceil(coalesce(high, 100) / step) * step, 100);
		EXIT WHEN top - bottom <= 7 * step;
	END LOOP;
	IF top - bottom < 2 * step THEN
		bottom := greatest(bottom - step, -100);
		top := least(top + step, 100);
	END IF;
	RETURN ARRAY[bottom, top, step];
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_axis(numeric, numeric) IS 'part of nps_report_html(): the axis of a picture';

CREATE FUNCTION @extschema@.nps_report_across(axis numeric[], value numeric)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	RETURN round(2 + 96 * (least(greatest(value, axis[1]), axis[2]) - axis[1]) / (axis[2] - axis[1]), 2) || '%';
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_across(numeric[], numeric) IS 'part of nps_report_html(): where on an axis a score is';

CREATE FUNCTION @extschema@.nps_report_axis_head(words jsonb, axis numeric[])
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The numbers over a column of pictures; on a phone only the outer ones. */
BEGIN
	RETURN '<svg class="ax" width="100%" height="16" aria-hidden="true">'
		|| (SELECT string_agg(format('<text x="%s" y="12" text-anchor="middle"%s>%s</text>', @extschema@.nps_report_across(axis, tick),
				CASE WHEN tick NOT IN (axis[1], axis[2]) THEN ' class="hs"' ELSE '' END, @extschema@.nps_report_number(words, tick)), '' ORDER BY tick)
			FROM generate_series(axis[1], axis[2], axis[3]) AS tick) || '</svg>';
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_axis_head(jsonb, numeric[]) IS 'part of nps_report_html(): the numbers over a column of pictures';

CREATE FUNCTION @extschema@.nps_report_grid(axis numeric[], height integer, reference numeric)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The lines run through the rows of a table, however high a row is: its cells cut them. */
BEGIN
	RETURN (SELECT string_agg(format('<line class="%s" x1="%s" x2="%2$s" y1="-60" y2="%s"/>', CASE tick WHEN 0 THEN 'g0' ELSE 'g' END,
			@extschema@.nps_report_across(axis, tick), height + 60), '' ORDER BY tick)
		FROM generate_series(axis[1], axis[2], axis[3]) AS tick)
		|| CASE WHEN reference IS NULL THEN '' ELSE format('<line class="ref" x1="%s" x2="%1$s" y1="-60" y2="%s"/>', @extschema@.nps_report_across(axis, reference), height + 60) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_grid(numeric[], integer, numeric) IS 'part of nps_report_html(): the lines behind a picture';

CREATE FUNCTION @extschema@.nps_report_mark(grid text, axis numeric[], height integer, at numeric, low numeric, high numeric, kind text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* A score with its interval, before the grid; without an interval, a tick.  The cells beside it say the same. */
BEGIN
	RETURN format('<svg width="100%%" height="%s" aria-hidden="true">%s', height, grid) || CASE
		WHEN at IS NULL THEN ''
		WHEN low IS NULL THEN format('<line class="tick" x1="%s" x2="%1$s" y1="%s" y2="%s"/>', @extschema@.nps_report_across(axis, at), height / 2 - 10, height / 2 + 10)
		ELSE format('<line class="iv %s" x1="%s" x2="%s" y1="%s" y2="%4$s"/><circle class="dot %1$s" cx="%5$s" cy="%4$s" r="5"/>', kind,
			@extschema@.nps_report_across(axis, low), @extschema@.nps_report_across(axis, high), height / 2, @extschema@.nps_report_across(axis, at)) END || '</svg>';
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_mark(text, numeric[], integer, numeric, numeric, numeric, text) IS 'part of nps_report_html(): a score with its interval as a picture';

CREATE FUNCTION @extschema@.nps_report_bar(part numeric, whole numeric)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	RETURN format('<svg class="pb" width="100%%" height="4" aria-hidden="true"><rect class="nbg" width="100%%" height="4"/><rect class="nb" width="%s%%" height="4"/></svg>',
		coalesce(round(100 * part / nullif(whole, 0), 1), 0));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_bar(numeric, numeric) IS 'part of nps_report_html(): a share as a bar';

CREATE FUNCTION @extschema@.nps_report_table(words jsonb, heads text[], numbers boolean[], body text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The table that belongs to a picture, closed until somebody opens it. */
BEGIN
	RETURN format('<details><summary>%s</summary><div class="sc" tabindex="0" role="region" aria-label="%1$s"><table><thead><tr>%s</tr></thead><tbody>%s</tbody></table></div></details>', words->>'table',
		(SELECT string_agg(format('<th scope="col"%s>%s</th>', CASE WHEN numbers[h.place] THEN ' class="n"' ELSE '' END, h.head), '' ORDER BY h.place)
			FROM unnest(heads) WITH ORDINALITY AS h(head, place)), body);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_table(jsonb, text[], boolean[], text) IS 'part of nps_report_html(): the table behind a picture';

CREATE FUNCTION @extschema@.nps_report_section(name text, heading text, sub text, body text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* A section with its heading; nothing if there is no heading. */
BEGIN
	RETURN CASE WHEN heading IS NULL THEN '' ELSE format(E'<section class="%s" aria-labelledby="h-%1$s"><h2 id="h-%1$s">%s</h2><p class="sub">%s</p>\n%s</section>\n',
		name, heading, sub, coalesce(body, '')) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_section(text, text, text, text) IS 'part of nps_report_html(): a section of the page';
