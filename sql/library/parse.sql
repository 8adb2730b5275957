/* nps/sql/library/parse.sql */

CREATE FUNCTION @extschema@.nps_parse_score(answer text)
	RETURNS smallint
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_parse_score(text) IS 'the answer 0 to 10 in a text, such as 9, 09, 9.0, "9 - Very likely" or "9 (very)"; NULL if there is none; never an error';

CREATE FUNCTION @extschema@.nps_parse_score(answer text, scale text)
	RETURNS smallint
	AS 'MODULE_PATHNAME', 'nps_parse_score_scale'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_parse_score(text, text) IS 'the answer in a text on a scale; NULL if there is none; never an error, but for an unknown scale';

CREATE FUNCTION @extschema@.nps_valid_score(score double precision, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_valid_score_float8'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_valid_score(double precision, text) IS 'the score if it counts on the scale, else NULL; text is read as nps_parse_score() reads it';

CREATE FUNCTION @extschema@.nps_valid_score(score numeric, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_valid_score_numeric'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_valid_score(numeric, text) IS 'the score if it counts on the scale, else NULL; text is read as nps_parse_score() reads it';

CREATE FUNCTION @extschema@.nps_valid_score(score text, scale text)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'nps_valid_score_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_valid_score(text, text) IS 'the score if it counts on the scale, else NULL; text is read as nps_parse_score() reads it';

CREATE FUNCTION @extschema@.nps_rejection(score double precision, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_rejection_float8'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rejection(double precision, text) IS 'why a score does not count: ''no answer'', ''not a number'', ''not whole'' or ''out of range''; NULL if it counts';

CREATE FUNCTION @extschema@.nps_rejection(score numeric, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_rejection_numeric'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rejection(numeric, text) IS 'why a score does not count: ''no answer'', ''not a number'', ''not whole'' or ''out of range''; NULL if it counts';

CREATE FUNCTION @extschema@.nps_rejection(score text, scale text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'nps_rejection_text'
	LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_rejection(text, text) IS 'why a score does not count: ''no answer'', ''not a number'', ''not whole'' or ''out of range''; NULL if it counts';

CREATE FUNCTION @extschema@.nps_is_unanswered(answer text)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'nps_is_unanswered_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_is_unanswered(text) IS 'whether a text says that nothing was answered: blank, NA, N/A, null, none, nan or -, in any case';

CREATE FUNCTION @extschema@.nps_has_comment(comment text)
	RETURNS boolean
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_has_comment(text) IS 'whether there is anything to read in a comment: nothing is in blanks and words for no answer, such as N/A';

CREATE FUNCTION @extschema@.nps_parse_time(answered_at text, format text, time_zone text)
	RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.nps_parse_time(text, text, text) IS 'the time in a text that is written as the format says, such as DD/MM/YYYY, by the clock of a time zone; NULL for what does not fit; never an error, but for an unknown format or zone';

CREATE FUNCTION @extschema@.nps_time_formats()
	RETURNS SETOF text
	AS 'MODULE_PATHNAME', 'nps_time_formats_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 16;
COMMENT ON FUNCTION @extschema@.nps_time_formats() IS 'the formats that nps_parse_time() takes; Mon is an English month, YY a year from 2000 on, epoch seconds or milliseconds from 1970, Excel serial days from 1900; a time may follow a date';
