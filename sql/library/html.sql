/* nps/sql/library/html.sql */

CREATE FUNCTION @extschema@.nps_html(value text)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_html(text) IS 'a text as it stands in an HTML page, also in an attribute; all of it ASCII, so that no encoding spoils it';
