/* nps/sql/library/tally.sql */

CREATE TYPE @extschema@.nps_tally;

CREATE FUNCTION @extschema@.nps_tally_in(cstring)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_in(cstring) IS 'I/O';

CREATE FUNCTION @extschema@.nps_tally_out(@extschema@.nps_tally)
	RETURNS cstring
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_out(@extschema@.nps_tally) IS 'I/O';

CREATE FUNCTION @extschema@.nps_tally_recv(internal)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_recv(internal) IS 'I/O';

CREATE FUNCTION @extschema@.nps_tally_send(@extschema@.nps_tally)
	RETURNS bytea
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_send(@extschema@.nps_tally) IS 'I/O';

CREATE TYPE @extschema@.nps_tally (
	INPUT = @extschema@.nps_tally_in,
	OUTPUT = @extschema@.nps_tally_out,
	RECEIVE = @extschema@.nps_tally_recv,
	SEND = @extschema@.nps_tally_send,
	INTERNALLENGTH = 120,
	ALIGNMENT = double,
	STORAGE = plain
);
COMMENT ON TYPE @extschema@.nps_tally IS 'how many answers there are of each score; tallies add up exactly';

-- arithmetic

CREATE FUNCTION @extschema@.nps_tally_add(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_add(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of + operator';

CREATE FUNCTION @extschema@.nps_tally_subtract(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_subtract(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of - operator';

CREATE OPERATOR @extschema@.+ (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_add,
	COMMUTATOR = OPERATOR(@extschema@.+)
);
COMMENT ON OPERATOR @extschema@.+ (@extschema@.nps_tally, @extschema@.nps_tally) IS 'the answers of both tallies';

CREATE OPERATOR @extschema@.- (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_subtract
);
COMMENT ON OPERATOR @extschema@.- (@extschema@.nps_tally, @extschema@.nps_tally) IS 'the answers of the left tally without those of the right; never below zero';

-- comparison

CREATE FUNCTION @extschema@.nps_tally_lt(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_lt(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of < operator';

CREATE FUNCTION @extschema@.nps_tally_le(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_le(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of <= operator';

CREATE FUNCTION @extschema@.nps_tally_eq(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_eq(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of = operator';

CREATE FUNCTION @extschema@.nps_tally_ne(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_ne(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of <> operator';

CREATE FUNCTION @extschema@.nps_tally_ge(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_ge(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of >= operator';

CREATE FUNCTION @extschema@.nps_tally_gt(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_gt(@extschema@.nps_tally, @extschema@.nps_tally) IS 'implementation of > operator';

CREATE FUNCTION @extschema@.nps_tally_cmp(@extschema@.nps_tally, @extschema@.nps_tally)
	RETURNS integer
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_cmp(@extschema@.nps_tally, @extschema@.nps_tally) IS 'less-equal-greater: -1, 0 or 1';

CREATE FUNCTION @extschema@.nps_tally_hash(@extschema@.nps_tally)
	RETURNS integer
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_hash(@extschema@.nps_tally) IS 'hash';

CREATE FUNCTION @extschema@.nps_tally_hash_extended(@extschema@.nps_tally, bigint)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_hash_extended(@extschema@.nps_tally, bigint) IS 'hash, 64 bits, seeded';

CREATE OPERATOR @extschema@.< (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_lt,
	COMMUTATOR = OPERATOR(@extschema@.>), NEGATOR = OPERATOR(@extschema@.>=),
	RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR @extschema@.< (@extschema@.nps_tally, @extschema@.nps_tally) IS 'less than';

CREATE OPERATOR @extschema@.<= (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_le,
	COMMUTATOR = OPERATOR(@extschema@.>=), NEGATOR = OPERATOR(@extschema@.>),
	RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR @extschema@.<= (@extschema@.nps_tally, @extschema@.nps_tally) IS 'less than or equal';

CREATE OPERATOR @extschema@.= (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_eq,
	COMMUTATOR = OPERATOR(@extschema@.=), NEGATOR = OPERATOR(@extschema@.<>),
	HASHES, MERGES,
	RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel
);
COMMENT ON OPERATOR @extschema@.= (@extschema@.nps_tally, @extschema@.nps_tally) IS 'equal';

CREATE OPERATOR @extschema@.<> (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_ne,
	COMMUTATOR = OPERATOR(@extschema@.<>), NEGATOR = OPERATOR(@extschema@.=),
	RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR @extschema@.<> (@extschema@.nps_tally, @extschema@.nps_tally) IS 'not equal';

CREATE OPERATOR @extschema@.>= (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_ge,
	COMMUTATOR = OPERATOR(@extschema@.<=), NEGATOR = OPERATOR(@extschema@.<),
	RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR @extschema@.>= (@extschema@.nps_tally, @extschema@.nps_tally) IS 'greater than or equal';

CREATE OPERATOR @extschema@.> (
	LEFTARG = @extschema@.nps_tally, RIGHTARG = @extschema@.nps_tally,
	FUNCTION = @extschema@.nps_tally_gt,
	COMMUTATOR = OPERATOR(@extschema@.<), NEGATOR = OPERATOR(@extschema@.<=),
	RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR @extschema@.> (@extschema@.nps_tally, @extschema@.nps_tally) IS 'greater than';

CREATE OPERATOR CLASS @extschema@.nps_tally_ops
	DEFAULT FOR TYPE @extschema@.nps_tally USING btree AS
	OPERATOR 1 @extschema@.<,
	OPERATOR 2 @extschema@.<=,
	OPERATOR 3 @extschema@.=,
	OPERATOR 4 @extschema@.>=,
	OPERATOR 5 @extschema@.>,
	FUNCTION 1 @extschema@.nps_tally_cmp(@extschema@.nps_tally, @extschema@.nps_tally),
	FUNCTION 4 pg_catalog.btequalimage(pg_catalog.oid);
COMMENT ON OPERATOR CLASS @extschema@.nps_tally_ops USING btree IS 'tallies in order: by scale, then by counters from the lowest score on';
COMMENT ON OPERATOR FAMILY @extschema@.nps_tally_ops USING btree IS 'tallies in order';

CREATE OPERATOR CLASS @extschema@.nps_tally_ops
	DEFAULT FOR TYPE @extschema@.nps_tally USING hash AS
	OPERATOR 1 @extschema@.=,
	FUNCTION 1 @extschema@.nps_tally_hash(@extschema@.nps_tally),
	FUNCTION 2 @extschema@.nps_tally_hash_extended(@extschema@.nps_tally, bigint);
COMMENT ON OPERATOR CLASS @extschema@.nps_tally_ops USING hash IS 'equal tallies';
COMMENT ON OPERATOR FAMILY @extschema@.nps_tally_ops USING hash IS 'equal tallies';

-- casts

CREATE FUNCTION @extschema@.nps_tally_to_bigint_array(@extschema@.nps_tally)
	RETURNS bigint[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_to_bigint_array(@extschema@.nps_tally) IS 'counts by score from the lowest on; then, if there are any, detractors, passives and promoters known by category only';

CREATE FUNCTION @extschema@.nps_tally_from_bigint_array(bigint[])
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_from_bigint_array(bigint[]) IS 'tally of the scale 0 to 10 from 11 counts by score, or 14 with those by category only';

CREATE CAST (@extschema@.nps_tally AS bigint[])
	WITH FUNCTION @extschema@.nps_tally_to_bigint_array(@extschema@.nps_tally) AS ASSIGNMENT;
COMMENT ON CAST (@extschema@.nps_tally AS bigint[]) IS 'counts by score';

CREATE CAST (bigint[] AS @extschema@.nps_tally)
	WITH FUNCTION @extschema@.nps_tally_from_bigint_array(bigint[]) AS ASSIGNMENT;
COMMENT ON CAST (bigint[] AS @extschema@.nps_tally) IS 'tally of the scale 0 to 10';

-- construction and accessors

CREATE FUNCTION @extschema@.nps_counts(detractors double precision, passives double precision, promoters double precision, scale text DEFAULT 'nps')
	RETURNS @extschema@.nps_tally
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_counts(double precision, double precision, double precision, text) IS 'tally of answers of which only the category is known, such as totals from another tool';

CREATE FUNCTION @extschema@.nps_responses(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_responses(@extschema@.nps_tally) IS 'how many answers';

CREATE FUNCTION @extschema@.nps_detractors(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_detractors(@extschema@.nps_tally) IS 'how many detractors';

CREATE FUNCTION @extschema@.nps_passives(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_passives(@extschema@.nps_tally) IS 'how many passives';

CREATE FUNCTION @extschema@.nps_promoters(tally @extschema@.nps_tally)
	RETURNS bigint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_promoters(@extschema@.nps_tally) IS 'how many promoters';

CREATE FUNCTION @extschema@.nps_histogram(tally @extschema@.nps_tally)
	RETURNS bigint[]
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_histogram(@extschema@.nps_tally) IS 'answers by score from the lowest of the scale on; NULL where some are known by category only';

CREATE FUNCTION @extschema@.nps_tally_scale(tally @extschema@.nps_tally)
	RETURNS text
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_tally_scale(@extschema@.nps_tally) IS 'name of the scale; NULL for the empty tally';

CREATE FUNCTION @extschema@.nps_mean_score(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_mean_score(@extschema@.nps_tally) IS 'mean answer on its own scale; NULL without answers and where some are known by category only';

CREATE FUNCTION @extschema@.nps_score(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_score(@extschema@.nps_tally) IS 'Net Promoter Score in points, -100 to 100; NULL without answers';

CREATE FUNCTION @extschema@.nps_low(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION @extschema@.nps_low(@extschema@.nps_tally) IS 'lower end of the 95 % interval of the score, in points (score method)';

CREATE FUNCTION @extschema@.nps_high(tally @extschema@.nps_tally)
	RETURNS double precision
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION @extschema@.nps_high(@extschema@.nps_tally) IS 'upper end of the 95 % interval of the score, in points (score method)';
