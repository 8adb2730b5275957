/* nps/sql/library/html.sql */

CREATE FUNCTION @extschema@.nps_html(value text)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_html(text) IS 'a text escaped for an HTML page, also for attributes; all of it ASCII, so that no encoding spoils it';
