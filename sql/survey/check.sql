/* nps/sql/survey/check.sql */

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
