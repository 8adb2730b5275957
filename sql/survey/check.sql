/* nps/sql/survey/check.sql */

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

CREATE FUNCTION @extschema@.nps_attach_call(survey text, arguments jsonb, is_new boolean DEFAULT false)
	RETURNS text
	LANGUAGE sql STABLE STRICT
	BEGIN ATOMIC
	/* the call that attached a survey, ready to be edited and run again: it keeps when follow-up began, unless the survey is made again */
	SELECT pg_catalog.format('SELECT * FROM nps_attach(%L, %L, schema_name => %L%s%s);',
		arguments OPERATOR(pg_catalog.->>) 'source', arguments OPERATOR(pg_catalog.->>) 'score', survey,
		pg_catalog.string_agg(pg_catalog.format(', %s => %s', a.key, CASE
			WHEN pg_catalog.jsonb_typeof(a.value) OPERATOR(pg_catalog.=) 'array' THEN pg_catalog.format('ARRAY[%s]',
				(SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e), ', ') FROM pg_catalog.jsonb_array_elements_text(a.value) e))
			ELSE pg_catalog.quote_literal(a.value OPERATOR(pg_catalog.#>>) '{}') END), '' ORDER BY a.key COLLATE pg_catalog."C"),
		CASE WHEN is_new THEN '' ELSE ', replace => true' END)
	FROM pg_catalog.jsonb_each(arguments) a
	-- by name, as the owner of the survey can write anything there
	WHERE a.key OPERATOR(pg_catalog.=) ANY (ARRAY['response_id', 'respondent', 'account', 'responded_at', 'asked_at', 'comment', 'segments', 'revenue', 'renewal_at',
		'churned_at', 'contactable', 'owner', 'open_tickets', 'received_at', 'wants_contact', 'topic', 'filter', 'scale', 'time_zone', 'text_search_config'])
		OR is_new AND a.key OPERATOR(pg_catalog.=) 'loop_since';
	END;
COMMENT ON FUNCTION @extschema@.nps_attach_call(text, jsonb, boolean) IS 'part of nps_check(): the call that attached a survey, to be edited and run again';

CREATE FUNCTION @extschema@.nps_check(survey text)
	RETURNS TABLE (severity text, finding text, detail text, fix text)
	AS 'MODULE_PATHNAME', 'nps_as_owner'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_check(text) IS 'what is or may be wrong with a survey, and what to do about it';
