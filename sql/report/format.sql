/* nps/sql/report/format.sql */

-- Numbers, dates and names as a reader of the language writes them.  words is what nps_report_words() gives.

CREATE FUNCTION @extschema@.nps_report_number(words jsonb, value numeric, digits integer DEFAULT 0, signed boolean DEFAULT false)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Rounded once, half away from 0; never -0.  NULL is a dash. */
DECLARE
	rounded CONSTANT numeric := round(value, digits);
BEGIN
	IF value IS NULL THEN
		RETURN words->>'none';
	END IF;
	RETURN CASE WHEN rounded < 0 THEN words->>'minus' WHEN signed AND rounded > 0 THEN '+' ELSE '' END
		|| replace(replace(translate(to_char(abs(rounded), 'FM999,999,999,999,999,990' || CASE WHEN digits > 0 THEN '.' || repeat('0', digits) ELSE '' END),
			',.', 'TD'), 'T', words->>'thousands'), 'D', words->>'decimal');
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_number(jsonb, numeric, integer, boolean) IS 'part of nps_report_html(): a number as it is written in the language';

CREATE FUNCTION @extschema@.nps_report_share(words jsonb, share numeric, digits integer DEFAULT 0)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Per cent; a share that is not nothing is never shown as 0, and one that is not everything never as everything. */
BEGIN
	RETURN CASE
		WHEN share IS NULL THEN words->>'none'
		WHEN share > 0 AND round(100 * share, digits) = 0 THEN format(words->>'percent', (words->>'less') || @extschema@.nps_report_number(words, power(10.0, -digits), digits))
		WHEN share < 1 AND round(100 * share, digits) = 100 THEN format(words->>'percent', (words->>'more') || @extschema@.nps_report_number(words, 100 - power(10.0, -digits), digits))
		ELSE format(words->>'percent', @extschema@.nps_report_number(words, 100 * share, digits)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_share(jsonb, numeric, integer) IS 'part of nps_report_html(): a share of 0 to 1 as per cent';

CREATE FUNCTION @extschema@.nps_report_chance()
	RETURNS numeric
	LANGUAGE sql IMMUTABLE
	RETURN 0.05;
COMMENT ON FUNCTION @extschema@.nps_report_chance() IS 'part of nps_report_html(): a p-value below it counts as more than chance; the page says once in 20';

CREATE FUNCTION @extschema@.nps_report_p(words jsonb, p_value numeric)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	RETURN CASE WHEN p_value < 0.001 THEN (words->>'less') || @extschema@.nps_report_number(words, 0.001, 3)
		-- a value below the limit is not shown as the limit
		WHEN p_value < @extschema@.nps_report_chance() THEN @extschema@.nps_report_number(words, least(p_value, @extschema@.nps_report_chance() - 0.001), 3)
		ELSE @extschema@.nps_report_number(words, p_value, 3) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_p(jsonb, numeric) IS 'part of nps_report_html(): a p-value with three decimals';

CREATE FUNCTION @extschema@.nps_report_interval(words jsonb, low numeric, high numeric, signed boolean DEFAULT false)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	IF low IS NULL OR high IS NULL THEN
		RETURN words->>'none';
	END IF;
	RETURN format(words->>'from_to', @extschema@.nps_report_number(words, low, 0, signed), @extschema@.nps_report_number(words, high, 0, signed));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_interval(jsonb, numeric, numeric, boolean) IS 'part of nps_report_html(): an interval';

CREATE FUNCTION @extschema@.nps_report_points(words jsonb, points numeric)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* How many points, whatever their sign; in whole ones. */
DECLARE
	rounded CONSTANT numeric := round(abs(points));
BEGIN
	RETURN CASE rounded WHEN 0 THEN words->>'points.0' WHEN 1 THEN words->>'points.1'
		ELSE format(words->>'points.n', @extschema@.nps_report_number(words, rounded)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_points(jsonb, numeric) IS 'part of nps_report_html(): so many points, in words';

CREATE FUNCTION @extschema@.nps_report_counted(words jsonb, phrase text, number bigint)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* A phrase with a number, which has a form of its own for 1, and one for 0 if that differs. */
BEGIN
	RETURN format(CASE number WHEN 0 THEN coalesce(words->>(phrase || '.0'), words->>(phrase || '.n')) WHEN 1 THEN words->>(phrase || '.1') ELSE words->>(phrase || '.n') END,
		@extschema@.nps_report_number(words, number));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_counted(jsonb, text, bigint) IS 'part of nps_report_html(): a phrase in the singular or plural';

CREATE FUNCTION @extschema@.nps_report_date(words jsonb, day date, with_year boolean DEFAULT true)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	RETURN CASE WHEN day IS NULL THEN words->>'none' ELSE format(words->>CASE WHEN with_year THEN 'date' ELSE 'date.no_year' END,
		date_part('day', day), words->'months'->>(date_part('month', day)::integer - 1), date_part('year', day)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_date(jsonb, date, boolean) IS 'part of nps_report_html(): a date as it is written in the language';

CREATE FUNCTION @extschema@.nps_report_range(words jsonb, first date, last date)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
BEGIN
	RETURN CASE WHEN first = last THEN @extschema@.nps_report_date(words, last)
		ELSE format(words->>'days', @extschema@.nps_report_date(words, first, date_part('year', first) <> date_part('year', last)), @extschema@.nps_report_date(words, last)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_range(jsonb, date, date) IS 'part of nps_report_html(): the days from one to another';

CREATE FUNCTION @extschema@.nps_report_period(words jsonb, grain text, start date, is_running boolean DEFAULT false)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The name of a period; for a week the year is that of its Thursday, as in ISO 8601; for a span its days.  Answers without a date belong to no period. */
DECLARE
	name CONSTANT text := CASE WHEN start IS NULL THEN words->>'all_time' ELSE CASE grain
		WHEN 'day' THEN @extschema@.nps_report_date(words, start)
		WHEN 'week' THEN format(words->>'week', date_part('week', start), date_part('isoyear', start))
		WHEN 'month' THEN format(words->>'month', words->'months'->>(date_part('month', start)::integer - 1), date_part('year', start))
		WHEN 'quarter' THEN format(words->>'quarter', date_part('quarter', start), date_part('year', start))
		WHEN 'year' THEN date_part('year', start)::text
		ELSE @extschema@.nps_report_range(words, start, start + substring(grain, '^[0-9]+')::integer - 1) END END;
BEGIN
	-- days that somebody chose are never "so far"
	RETURN CASE WHEN is_running AND grain IN ('week', 'month', 'quarter', 'year') THEN format(words->>'so_far', name) ELSE name END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_period(jsonb, text, date, boolean) IS 'part of nps_report_html(): the name of a period';

CREATE FUNCTION @extschema@.nps_report_in(words jsonb, grain text, start date, is_running boolean DEFAULT false)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The same within a sentence: in Q4 2026, on 28 Nov 2026, from 1 to 14 Jan 2026. */
BEGIN
	RETURN CASE WHEN start IS NULL THEN words->>'in.all_time' ELSE format(coalesce(words->>('in.' || grain), words->>'in.days'), @extschema@.nps_report_period(words, grain, start, is_running)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_in(jsonb, text, date, boolean) IS 'part of nps_report_html(): the name of a period with its preposition';

CREATE FUNCTION @extschema@.nps_report_value(words jsonb, value text, most integer DEFAULT 60)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * A name given by others: escaped, in its own direction, and not longer than useful; or on one line of a terminal,
 * where no character in it has an effect.  What is too long is cut in the middle, as names often differ at their ends.
 */
DECLARE
	is_long CONSTANT boolean := length(value) > most;
	first CONSTANT text := CASE WHEN is_long THEN left(value, most * 2 / 3) ELSE value END;
	last CONSTANT text := CASE WHEN is_long THEN right(value, most / 3) ELSE '' END;
	between CONSTANT text := CASE WHEN is_long THEN words->>'cut' ELSE '' END;
BEGIN
	IF words ? 'plain' THEN
		RETURN CASE WHEN value IS NULL THEN words->>'not_known' WHEN btrim(value) = '' THEN words->>'empty'
			ELSE regexp_replace(first || between || last, '[[:cntrl:]]+', ' ', 'g') END;
	END IF;
	RETURN CASE WHEN value IS NULL THEN format('<i>%s</i>', words->>'not_known') WHEN btrim(value) = '' THEN format('<i>%s</i>', words->>'empty')
		ELSE format('<bdi>%s%s%s</bdi>', @extschema@.nps_html(first), between, @extschema@.nps_html(last)) END;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_value(jsonb, text, integer) IS 'part of nps_report_html(): a name that others gave, which can do no harm there';

CREATE FUNCTION @extschema@.nps_report_group(words jsonb, member jsonb, begins boolean DEFAULT false)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* A value of a segment, with the segment's name: plan "starter". */
DECLARE
	segment CONSTANT text := member->>'segment';
BEGIN
	RETURN format(words->>'group', @extschema@.nps_report_value(words, CASE WHEN begins THEN upper(left(segment, 1) COLLATE "C") || substr(segment, 2) ELSE segment END, 40),
		CASE WHEN btrim(member->>'value') <> '' THEN format(words->>'quoted', @extschema@.nps_report_value(words, member->>'value', 40))
			ELSE @extschema@.nps_report_value(words, member->>'value') END);
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_group(jsonb, jsonb, boolean) IS 'part of nps_report_html(): a value of a segment by its full name';
