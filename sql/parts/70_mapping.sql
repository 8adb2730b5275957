/* nps/sql/parts/70_mapping.sql */

CREATE FUNCTION @extschema@.nps_mapping(source regclass, argument text, value text, named boolean DEFAULT false,
	OUT expression text, OUT type regtype, OUT name text)
	RETURNS record
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION @extschema@.nps_mapping(regclass, text, text, boolean) IS 'what a mapping argument of nps_attach() stands for: a column of the source, or one SQL expression over it';
