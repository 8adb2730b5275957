/* nps/sql/library/bar.sql */

CREATE FUNCTION @extschema@.nps_bar(tally @extschema@.nps_tally, width integer DEFAULT 40)
	RETURNS text
	/* what the client can show is known to the leader alone */
	AS 'MODULE_PATHNAME'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION @extschema@.nps_bar(@extschema@.nps_tally, integer) IS 'detractors, passives and promoters as a line of so many characters, for psql; ASCII where server or client do not speak UTF-8';
