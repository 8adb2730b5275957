/* nps/sql/survey/check_index.sql */

CREATE FUNCTION @extschema@.nps_check_index(source regclass, keys text[], definition text)
	RETURNS text
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The CREATE INDEX with that definition, one for each table of a tree that lacks it;
 * NULL if there is an index that begins with the keys, columns or expressions as
 * pg_get_indexdef() shows them, or if there can be none.  A key that is followed by
 * an order must have that order, and each the collation of its column.
 */
BEGIN
	RETURN (
		-- an index on the parent of a tree is none on its children; on a partitioned table, and a hypertable, it is
		WITH RECURSIVE tables AS (
			SELECT c.oid, c.relkind FROM pg_class c WHERE c.oid = source AND c.relkind IN ('r', 'p', 'm')
			UNION
			SELECT c.oid, c.relkind FROM tables t JOIN pg_inherits h ON h.inhparent = t.oid AND t.relkind <> 'p' JOIN pg_class c ON c.oid = h.inhrelid AND c.relkind IN ('r', 'p')
			WHERE NOT @extschema@.nps_is_hypertable(source)
		)
		SELECT string_agg(format('CREATE INDEX ON %s.%I %s;', c.relnamespace::regnamespace, c.relname, definition), E'\n' ORDER BY c.oid <> source, c.relname COLLATE "C")
		FROM tables t
		JOIN pg_class c ON c.oid = t.oid
		WHERE NOT EXISTS (SELECT FROM pg_index i
			JOIN pg_class k ON k.oid = i.indexrelid AND k.relam IN (SELECT m.oid FROM pg_am m WHERE m.amname = 'btree')
				OR k.oid = i.indexrelid AND k.relkind = 'I'
			WHERE i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL
				AND (SELECT bool_and(coalesce(keys[n] IN (d.key, d.key || (ARRAY['', ' DESC NULLS LAST', ' NULLS FIRST', ' DESC'])[1 + (i.indoption[n - 1] & 3)])
						AND (a.attcollation IS NULL OR i.indcollation[n - 1] = a.attcollation), false))
					FROM generate_series(1, cardinality(keys)) n
					CROSS JOIN LATERAL pg_get_indexdef(i.indexrelid, n, true) AS d(key)
					LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[n - 1] AND a.attnum > 0)));
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_check_index(regclass, text[], text) IS 'part of nps_check(): the index that is missing for a look-up';

CREATE FUNCTION @extschema@.nps_index_findings(source regclass, arguments jsonb, time_zone text, type_of_time regtype)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	LANGUAGE plpgsql STABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/* The indexes that the views of a survey would use and the source lacks: for the look-up of a respondent, and for reports on a span of time. */
DECLARE
	time_key text;				-- responded_at as an index has it
	plain_columns text[];		-- arguments that are columns of the source
BEGIN
	SELECT array_agg(m.key) INTO plain_columns
	FROM jsonb_each_text(arguments) m
	JOIN pg_attribute a ON a.attrelid = source AND a.attname = m.value AND a.attnum > 0 AND NOT a.attisdropped;
	severity := 'note';
	finding := 'missing index';
	time_key := CASE WHEN type_of_time IN ('timestamp without time zone'::regtype, 'date'::regtype)
		THEN format('@extschema@.nps_time(%I, %L::text)', arguments->>'responded_at', time_zone)
		ELSE quote_ident(arguments->>'responded_at') END;
	IF 'respondent' = ANY (plain_columns) THEN
		/*
		 * In the order in which cases are folded, with what the fold and the
		 * accounts read, so that the table is left alone.
		 */
		fix := @extschema@.nps_check_index(source,
			ARRAY[quote_ident(arguments->>'respondent')] || CASE WHEN 'responded_at' = ANY (plain_columns) THEN time_key || ' NULLS FIRST' END,
			format('(%I%s%s)%s', arguments->>'respondent',
				CASE WHEN 'responded_at' = ANY (plain_columns) THEN format(', %s NULLS FIRST', time_key) ELSE '' END,
				CASE WHEN 'response_id' = ANY (plain_columns) THEN format(', %I', arguments->>'response_id') ELSE '' END,
				(SELECT ' INCLUDE (' || string_agg(quote_ident(arguments->>c), ', ' ORDER BY c DESC) || ')'
					FROM unnest(plain_columns) c WHERE c IN ('score', 'account'))));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds the answers of a respondent%s.', source, CASE WHEN 'responded_at' = ANY (plain_columns) THEN ' in the order of time' END);
			RETURN NEXT;
		END IF;
	END IF;
	IF 'response_id' = ANY (plain_columns) THEN
		fix := @extschema@.nps_check_index(source, ARRAY[quote_ident(arguments->>'response_id')], format('(%I)', arguments->>'response_id'));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds a response.', source);
			RETURN NEXT;
		END IF;
	END IF;
	IF plain_columns @> ARRAY['respondent', 'score', 'responded_at', 'response_id'] THEN
		fix := @extschema@.nps_check_index(source, ARRAY[quote_ident(arguments->>'score'), time_key],
			format('(%I, %s) INCLUDE (%s)', arguments->>'score', time_key, (SELECT string_agg(DISTINCT quote_ident(arguments->>c), ', ')
				FROM unnest(plain_columns) c WHERE c IN ('respondent', 'response_id', 'revenue', 'contactable', 'churned_at'))));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds the recent answers that are to be followed up.', source);
			RETURN NEXT;
		END IF;
	END IF;
	IF 'responded_at' = ANY (plain_columns) THEN
		fix := @extschema@.nps_check_index(source, ARRAY[time_key], format('(%s)', time_key));
		IF fix IS NOT NULL THEN
			detail := format('No index on %s finds the answers of a span of time.', source);
			RETURN NEXT;
		END IF;
	END IF;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_index_findings(regclass, jsonb, text, regtype) IS 'part of nps_check(): indexes that the views would use and the source lacks';
