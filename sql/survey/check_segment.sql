/* nps/sql/survey/check_segment.sql */

CREATE FUNCTION @extschema@.nps_segment_findings(survey text, source regclass, arguments jsonb)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* Segments of which a value is spelt in several ways, by case or white space: each spelling would be a group of its own. */
DECLARE
	argument text;
	place integer;
	mapping record;
	spelt record;
BEGIN
	severity := 'note';
	finding := 'spellings of a segment';
	FOR argument, place IN
		SELECT s.value, s.place - 1 FROM jsonb_array_elements_text(coalesce(arguments->'segments', '[]')) WITH ORDINALITY AS s(value, place)
	LOOP
		BEGIN
			SELECT m.* INTO mapping FROM @extschema@.nps_mapping(source, 'segments', argument, arguments->>'search_path', true) m;
		EXCEPTION WHEN OTHERS THEN
			-- a mapping that no longer fits is a finding of its own
			CONTINUE;
		END;
		CONTINUE WHEN (SELECT t.typcategory FROM pg_type t WHERE t.oid = mapping.type) <> 'S';
		-- the value with most answers; of long ones, what their beginning says
		EXECUTE format($sql$
			WITH value AS (
				SELECT left(c.%1$I::text, 200) COLLATE "C" AS value, count(*) AS answers FROM %2$I.counted c WHERE c.%1$I IS NOT NULL GROUP BY 1
			), word AS (
				SELECT v.*, lower(btrim(regexp_replace(v.value, '\s+', ' ', 'g')) COLLATE "default") COLLATE "C" AS word FROM value v
			), spelt AS (
				SELECT array_agg(w.value ORDER BY w.answers DESC, w.value) AS spellings, sum(w.answers) AS answers FROM word w GROUP BY w.word HAVING count(*) > 1
			)
			SELECT s.spellings, count(*) OVER () AS words FROM spelt s ORDER BY s.answers DESC, s.spellings[1] LIMIT 1
			$sql$, mapping.name, survey) INTO spelt;
		CONTINUE WHEN spelt.words IS NULL;
		detail := format('Segment %s has %s in several spellings, each a group of its own: %s.', quote_ident(mapping.name),
			CASE spelt.words WHEN 1 THEN 'a value' ELSE spelt.words || ' values' END,
			(SELECT string_agg(quote_literal(left(s, 40)), ', ' ORDER BY n) FROM unnest(spelt.spellings[1:3]) WITH ORDINALITY AS v(s, n)));
		fix := @extschema@.nps_attach_call(survey, jsonb_set(arguments, ARRAY['segments', place::text],
			to_jsonb(format('lower(btrim(regexp_replace(%s, ''\s+'', '' '', ''g''))) AS %I', mapping.expression, mapping.name))));
		RETURN NEXT;
	END LOOP;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_segment_findings(text, regclass, jsonb) IS 'part of nps_check(): segments of which a value is spelt in several ways';
