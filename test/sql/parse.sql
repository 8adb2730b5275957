-- Scores from what people and tools write: nps_parse_score reads an answer as
-- a person would; nps_valid_score and nps_rejection read it by the same rule and
-- say how reports treat it.  None of them ever fails on a score.
CREATE SCHEMA nps_test_parse;
SET search_path = nps_test_parse, public;

-- an answer, and the expected results of nps_parse_score, nps_valid_score, nps_rejection
CREATE TABLE input (answer text, parsed smallint, valid float8, rejection text);

-- whole numbers
INSERT INTO input VALUES
	('0', 0, 0, NULL), ('1', 1, 1, NULL), ('2', 2, 2, NULL), ('3', 3, 3, NULL), ('4', 4, 4, NULL), ('5', 5, 5, NULL), ('6', 6, 6, NULL), ('7', 7, 7, NULL),
	('8', 8, 8, NULL), ('9', 9, 9, NULL), ('10', 10, 10, NULL),
	('11', NULL, NULL, 'out of range'), ('12', NULL, NULL, 'out of range'), ('99', NULL, NULL, 'out of range'),
	('100', NULL, NULL, 'out of range'), ('1010', NULL, NULL, 'out of range'),
	-- leading zeros
	('00', 0, 0, NULL), ('07', 7, 7, NULL), ('010', 10, 10, NULL), ('0000000000000000000000000000000000000009', 9, 9, NULL),
	('011', NULL, NULL, 'out of range'),
	-- the ends of integer types, and what wraps around to a score in them
	('255', NULL, NULL, 'out of range'), ('256', NULL, NULL, 'out of range'), ('265', NULL, NULL, 'out of range'),
	('32767', NULL, NULL, 'out of range'), ('65536', NULL, NULL, 'out of range'), ('65545', NULL, NULL, 'out of range'),
	('2147483647', NULL, NULL, 'out of range'), ('2147483648', NULL, NULL, 'out of range'),
	('4294967296', NULL, NULL, 'out of range'), ('4294967305', NULL, NULL, 'out of range'),
	('9223372036854775807', NULL, NULL, 'out of range'), ('18446744073709551616', NULL, NULL, 'out of range'),
	('18446744073709551625', NULL, NULL, 'out of range'),
	('340282366920938463463374607431768211456', NULL, NULL, 'out of range');

-- signs
INSERT INTO input VALUES
	('-0', 0, 0, NULL), ('-1', NULL, NULL, 'out of range'), ('-9', NULL, NULL, 'out of range'),
	('-4294967287', NULL, NULL, 'out of range'), ('-18446744073709551607', NULL, NULL, 'out of range'),
	('+9', NULL, NULL, 'not a number'), ('--9', NULL, NULL, 'not a number'), ('- 9', NULL, NULL, 'not a number'),
	('+', NULL, NULL, 'not a number'), ('9-', NULL, NULL, 'not a number'),
	('9+', NULL, NULL, 'not a number'), ('−1', NULL, NULL, 'not a number');

-- blanks around it, only those of ASCII
INSERT INTO input VALUES
	(' 9', 9, 9, NULL), ('9 ', 9, 9, NULL), ('  9  ', 9, 9, NULL), (E'\t9\n', 9, 9, NULL), (E'\r\n9\f\x0b', 9, 9, NULL),
	('', NULL, NULL, 'no answer'), (' ', NULL, NULL, 'no answer'), (E'\t\r\n\f\x0b ', NULL, NULL, 'no answer'),
	(E'\u00A09', NULL, NULL, 'not a number'), (E'9\u00A0', NULL, NULL, 'not a number'), (E'\u3000', NULL, NULL, 'not a number'),
	(E'\uFEFF9', NULL, NULL, 'not a number'), (E'9\u200B', NULL, NULL, 'not a number'), (E'9\u2003', NULL, NULL, 'not a number'),
	('1 0', NULL, NULL, 'not a number'), ('9 9', NULL, NULL, 'not a number'), (E'9\n9', NULL, NULL, 'not a number');

-- decimal parts: 9.0 is 9, as a data frame writes it
INSERT INTO input VALUES
	('9.0', 9, 9, NULL), ('9.00000', 9, 9, NULL), ('-0.0', 0, 0, NULL),
	('10.0', 10, 10, NULL), (' 07.0 ', 7, 7, NULL),
	('6.5', NULL, NULL, 'not whole'), ('8.5', NULL, NULL, 'not whole'), ('0.5', NULL, NULL, 'not whole'),
	('9.00000000000000000000000000000001', NULL, NULL, 'not whole'),
	('6.99999999999999999999999999999999', NULL, NULL, 'not whole'),
	('10.5', NULL, NULL, 'out of range'), ('11.0', NULL, NULL, 'out of range'), ('-0.5', NULL, NULL, 'out of range'),
	('10.00000000000000000000000000000001', NULL, NULL, 'out of range'),
	('-0.00000000000000000000000000000001', NULL, NULL, 'out of range'),
	('9.', NULL, NULL, 'not a number'), ('.9', NULL, NULL, 'not a number'), ('.', NULL, NULL, 'not a number'),
	('-.5', NULL, NULL, 'not a number'), ('9. 0', NULL, NULL, 'not a number'), ('9 .0', NULL, NULL, 'not a number'),
	('9.0.0', NULL, NULL, 'not a number'), ('9..0', NULL, NULL, 'not a number'), ('9.-0', NULL, NULL, 'not a number'),
	('9,0', NULL, NULL, 'not a number'), ('9,5', NULL, NULL, 'not a number');

-- other ways to write a number are not accepted
INSERT INTO input VALUES
	('1e1', NULL, NULL, 'not a number'), ('9E0', NULL, NULL, 'not a number'), ('0x9', NULL, NULL, 'not a number'),
	('0b1', NULL, NULL, 'not a number'), ('0o7', NULL, NULL, 'not a number'), ('1_0', NULL, NULL, 'not a number'),
	('Infinity', NULL, NULL, 'not a number'),
	('-inf', NULL, NULL, 'not a number'),
	('IX', NULL, NULL, 'not a number'), ('ten', NULL, NULL, 'not a number'), ('true', NULL, NULL, 'not a number'),
	('t', NULL, NULL, 'not a number'), ('?', NULL, NULL, 'not a number'),
	('7/10', NULL, NULL, 'not a number'), ('9/10', NULL, NULL, 'not a number'), ('10 of 10', NULL, NULL, 'not a number'),
	('9%', NULL, NULL, 'not a number'), ('$9', NULL, NULL, 'not a number'), ('#9', NULL, NULL, 'not a number'),
	('9th', NULL, NULL, 'not a number'), ('9 stars', NULL, NULL, 'not a number'), ('"9"', NULL, NULL, 'not a number'), ('''9''', NULL, NULL, 'not a number'),
	('[9]', NULL, NULL, 'not a number'), ('{"nps": 9}', NULL, NULL, 'not a number'), ('(9)', NULL, NULL, 'not a number'),
	('=9', NULL, NULL, 'not a number'), ('9;', NULL, NULL, 'not a number'), ('9!', NULL, NULL, 'not a number'), ('9*', NULL, NULL, 'not a number'),
	-- digits outside of ASCII: full width, Arabic, superscript, circled, mathematical, a keycap
	('９', NULL, NULL, 'not a number'), ('１０', NULL, NULL, 'not a number'), ('1０', NULL, NULL, 'not a number'),
	(E'\u0669', NULL, NULL, 'not a number'), (E'\u00B9', NULL, NULL, 'not a number'), (E'9\u00B2', NULL, NULL, 'not a number'),
	(E'\u2468', NULL, NULL, 'not a number'), (E'\U0001D7D7', NULL, NULL, 'not a number'), (E'9\uFE0F\u20E3', NULL, NULL, 'not a number');

-- words for no answer, in any case and with blanks around; a text that only resembles one is not a number
INSERT INTO input VALUES
	('-', NULL, NULL, 'no answer'), ('NA', NULL, NULL, 'no answer'), ('na', NULL, NULL, 'no answer'), ('Na', NULL, NULL, 'no answer'),
	('N/A', NULL, NULL, 'no answer'), ('n/a', NULL, NULL, 'no answer'), ('n/A', NULL, NULL, 'no answer'), ('NULL', NULL, NULL, 'no answer'),
	('null', NULL, NULL, 'no answer'), ('Null', NULL, NULL, 'no answer'), ('None', NULL, NULL, 'no answer'), ('none', NULL, NULL, 'no answer'),
	('NONE', NULL, NULL, 'no answer'), ('NaN', NULL, NULL, 'no answer'), ('nan', NULL, NULL, 'no answer'), ('NAN', NULL, NULL, 'no answer'),
	(' NA ', NULL, NULL, 'no answer'), (E'\tn/a\r\n', NULL, NULL, 'no answer'), (E'  null', NULL, NULL, 'no answer'), (E'-\n', NULL, NULL, 'no answer'),
	('N / A', NULL, NULL, 'not a number'), ('n.a.', NULL, NULL, 'not a number'), ('#N/A', NULL, NULL, 'not a number'), ('NA.', NULL, NULL, 'not a number'),
	('no', NULL, NULL, 'not a number'), ('nil', NULL, NULL, 'not a number'), ('n', NULL, NULL, 'not a number'), ('nulls', NULL, NULL, 'not a number'),
	('nanny', NULL, NULL, 'not a number'), ('--', NULL, NULL, 'not a number'), ('- -', NULL, NULL, 'not a number'), (E'\u2013', NULL, NULL, 'not a number'),
	('9 NA', NULL, NULL, 'not a number'), ('NA9', NULL, NULL, 'not a number'), (E'N\u00C4', NULL, NULL, 'not a number');

-- followed by the words of the answer, as form tools export them
INSERT INTO input VALUES
	('10 - Extremely likely', 10, 10, NULL), ('0 - Not at all likely', 0, 0, NULL), ('10 – Extremely likely', 10, 10, NULL),
	('10 — Extremely likely', 10, 10, NULL), ('10: Extremely likely', 10, 10, NULL), ('10 : Extremely likely', 10, 10, NULL),
	('10 (Extremely likely)', 10, 10, NULL), ('0 (Not at all likely)', 0, 0, NULL), (' 07 - so so ', 7, 7, NULL), ('9 -  x', 9, 9, NULL),
	(E'9\t-\tx', 9, 9, NULL), ('9 (x', 9, 9, NULL), ('10 - 100 percent', NULL, NULL, 'not a number'), ('5 – mäßig', 5, 5, NULL), ('5 - 普通', 5, 5, NULL),
	('11 - Extremely likely', NULL, NULL, 'out of range'), ('-1 - no answer', NULL, NULL, 'out of range'),
	('99999999999999999999 - don''t know', NULL, NULL, 'out of range'),
	-- without blanks, or with one on only one side
	('10-Extremely likely', 10, 10, NULL), ('10- Extremely likely', 10, 10, NULL), ('10 -Extremely likely', 10, 10, NULL), ('10-very', 10, 10, NULL),
	('10–Extremely likely', 10, 10, NULL), ('10—very', 10, 10, NULL), ('10(Extremely likely)', 10, 10, NULL), ('10(very)', 10, 10, NULL),
	('10:Extremely likely', 10, 10, NULL), ('10:very', 10, 10, NULL), ('10 [very]', 10, 10, NULL), ('10[very]', 10, 10, NULL), ('0 [ not at all ]', 0, 0, NULL),
	('9: "very"', 9, 9, NULL), ('7 - (so so)', 7, 7, NULL), ('8:''good''', 8, 8, NULL), ('10-N/A', 10, 10, NULL),
	-- a range, a date, a sum, a time, a share: not an answer
	('9 - 10', NULL, NULL, 'not a number'), ('9-10', NULL, NULL, 'not a number'), ('10-12', NULL, NULL, 'not a number'), ('7–8', NULL, NULL, 'not a number'),
	('7 – 8', NULL, NULL, 'not a number'), ('9 - -1', NULL, NULL, 'not a number'), ('9 - +1', NULL, NULL, 'not a number'),
	('9 - .5', NULL, NULL, 'not a number'), ('9: 30', NULL, NULL, 'not a number'), ('9:30', NULL, NULL, 'not a number'),
	('9 (10)', NULL, NULL, 'not a number'), ('9 [10]', NULL, NULL, 'not a number'), ('9[0]', NULL, NULL, 'not a number'),
	('1-2-2024', NULL, NULL, 'not a number'), ('2024-01-02', NULL, NULL, 'not a number'), ('9 - /10', NULL, NULL, 'not a number'),
	('9:/10', NULL, NULL, 'not a number'), ('9-%', NULL, NULL, 'not a number'),
	-- what a spreadsheet makes of 7/10 and 10-10; but words may begin like the name of a month
	('10-Oct', NULL, NULL, 'not a number'), ('07-Oct', NULL, NULL, 'not a number'), ('7-oct', NULL, NULL, 'not a number'), ('10-OCT-24', NULL, NULL, 'not a number'),
	('5-May', NULL, NULL, 'not a number'), ('5 - Mar 2024', NULL, NULL, 'not a number'), ('9-Jan.', NULL, NULL, 'not a number'), ('Oct-10', NULL, NULL, 'not a number'),
	('5-Maybe', 5, 5, NULL), ('9-Decent', 9, 9, NULL), ('8: Mar', 8, 8, NULL), ('3-Mä', 3, 3, NULL),
	-- no separator between score and words, or no words
	('10Extremely likely', NULL, NULL, 'not a number'), ('10 Extremely likely', NULL, NULL, 'not a number'),
	('10 -', NULL, NULL, 'not a number'), ('10 - ', NULL, NULL, 'not a number'), ('10 –', NULL, NULL, 'not a number'), ('10 – ', NULL, NULL, 'not a number'),
	('10:', NULL, NULL, 'not a number'), ('10 :', NULL, NULL, 'not a number'), ('10 (', NULL, NULL, 'not a number'), ('10 ()', NULL, NULL, 'not a number'),
	('10 ( )', NULL, NULL, 'not a number'), ('10 []', NULL, NULL, 'not a number'), ('10 [', NULL, NULL, 'not a number'), ('10::', NULL, NULL, 'not a number'),
	('9 :-)', NULL, NULL, 'not a number'), ('10--x', NULL, NULL, 'not a number'),
	('10 ‐ x', NULL, NULL, 'not a number'), ('10 ― x', NULL, NULL, 'not a number'), ('9−likely', NULL, NULL, 'not a number'), ('10…', NULL, NULL, 'not a number'),
	('10 , x', NULL, NULL, 'not a number'), ('10, x', NULL, NULL, 'not a number'), ('10 / x', NULL, NULL, 'not a number'),
	('5=bad', NULL, NULL, 'not a number'), ('9|10', NULL, NULL, 'not a number'), ('10;9', NULL, NULL, 'not a number'), ('9 out of 10', NULL, NULL, 'not a number'),
	-- words and a decimal part, or words before it
	('9.0 - Very likely', NULL, NULL, 'not a number'), ('Very likely - 9', NULL, NULL, 'not a number'), ('score: 9', NULL, NULL, 'not a number'),
	('Extremely likely (10)', NULL, NULL, 'not a number'), ('A10', NULL, NULL, 'not a number'), ('★9', NULL, NULL, 'not a number');

INSERT INTO input VALUES (NULL, NULL, NULL, 'no answer');

-- all of them
SELECT count(*) AS checked FROM input;
SELECT answer, parsed, nps_parse_score(answer) AS wrong_parsed
FROM input WHERE nps_parse_score(answer) IS DISTINCT FROM parsed;
SELECT answer, parsed, nps_parse_score(answer, 'nps') AS wrong_parsed
FROM input WHERE nps_parse_score(answer, 'nps') IS DISTINCT FROM parsed;
SELECT answer, valid, nps_valid_score(answer, 'nps') AS wrong_valid
FROM input WHERE nps_valid_score(answer, 'nps') IS DISTINCT FROM valid;
SELECT answer, rejection, nps_rejection(answer, 'nps') AS wrong_rejection
FROM input WHERE nps_rejection(answer, 'nps') IS DISTINCT FROM rejection;

-- some of them
SELECT quote_nullable(answer) AS answer, nps_parse_score(answer) AS parsed, nps_valid_score(answer, 'nps') AS valid,
	nps_rejection(answer, 'nps') AS rejection
FROM input WHERE answer IS NULL OR answer IN (
	'0', '10', '11', '07', '-1', '+9', '9 ', '', ' ', '9.0',
	'6.5', '9,0', '1e1', 'NaN', 'N/A', ' none ', '-', 'Infinity', 'ten', 'true', '7/10', '９', '１０',
	'10 - Extremely likely', '10 – Extremely likely', '10: Extremely likely', '10 (Extremely likely)', '10-very', '10[very]', '10-Oct', '11 - Extremely likely', '-1 - no answer', '9 - 10', '10 Extremely likely');
SELECT pg_typeof(nps_parse_score('9')) AS parsed, pg_typeof(nps_valid_score('9', 'nps')) AS valid, pg_typeof(nps_rejection('9', 'nps')) AS rejection;

-- Every scale: which of -1 to 101 it has.  csat5, ces5 and the like are the same.
SELECT scale, min(n) AS lowest, max(n) AS highest, count(*) AS scores,
	bool_and(nps_valid_score(n::text, scale) = n AND nps_valid_score(n::numeric, scale) = n AND nps_valid_score(n, scale) = n
		AND nps_rejection(n::text, scale) IS NULL AND nps_rejection(n::numeric, scale) IS NULL AND nps_rejection(n, scale) IS NULL) AS all_valid
FROM nps_scales(), generate_series(-1, 101) AS n
WHERE nps_parse_score(n::text, scale) = n
GROUP BY scale, min_score ORDER BY scale COLLATE "C";
-- ... and for all others: not parsed, not valid, out of range
SELECT count(*) AS checked,
	bool_and(nps_valid_score(n::text, scale) IS NULL AND nps_valid_score(n::numeric, scale) IS NULL AND nps_valid_score(n, scale) IS NULL
		AND nps_rejection(n::text, scale) = 'out of range' AND nps_rejection(n::numeric, scale) = 'out of range'
		AND nps_rejection(n, scale) = 'out of range') AS all_out_of_range
FROM nps_scales(), generate_series(-1, 101) AS n
WHERE nps_parse_score(n::text, scale) IS NULL;

-- Fractions.  The health scale has them, but a smallint does not: nps_parse_score
-- takes whole health scores only.
SELECT answer, nps_parse_score(answer, 'health') AS parsed, nps_valid_score(answer, 'health') AS valid,
	nps_rejection(answer, 'health') AS rejection
FROM (VALUES ('0'), ('34.5'), ('35.0'), ('35'), (' 12.50 '), ('0.25'), ('99.75'), ('100'), ('100.0'), ('100.5'), ('-0.5'), ('-1'), ('101'),
	('50 - fine'), ('50%'), ('NaN'), ('')) AS v(answer);
SELECT answer, nps_parse_score(answer, 'csat5') AS parsed, nps_valid_score(answer, 'csat5') AS valid,
	nps_rejection(answer, 'csat5') AS rejection
FROM (VALUES ('0'), ('1'), ('5'), ('6'), ('3.0'), ('3.5'), ('5.5'), ('0.5'), ('5 - Very satisfied'), ('★★★★★')) AS v(answer);

-- double precision and numeric, for which 7.0 is 7
SELECT score, nps_valid_score(score::float8, scale) AS valid, nps_rejection(score::float8, scale) AS rejection
FROM (VALUES ('0', 'nps'), ('10', 'nps'), ('7.0', 'nps'), ('6.5', 'nps'), ('-0.5', 'nps'), ('10.5', 'nps'), ('11', 'nps'), ('1e300', 'nps'),
	('-1e300', 'nps'), ('1e-300', 'nps'), ('NaN', 'nps'), ('Infinity', 'nps'), ('-Infinity', 'nps'), (NULL, 'nps'),
	('34.5', 'health'), ('100', 'health'), ('100.00000000000001', 'health'), ('-1e-300', 'health'), ('NaN', 'health'), ('Infinity', 'health'),
	(NULL, 'health'), ('0', 'csat7'), ('7', 'csat7')) AS v(score, scale);
SELECT score, nps_valid_score(score::numeric, scale) AS valid, nps_rejection(score::numeric, scale) AS rejection
FROM (VALUES ('0', 'nps'), ('10', 'nps'), ('7.00', 'nps'), ('6.5', 'nps'), ('6.99999999999999999999999', 'nps'), ('-0.5', 'nps'), ('10.5', 'nps'),
	('11', 'nps'), ('1e1000', 'nps'), ('-1e1000', 'nps'), ('1e-1000', 'nps'), ('NaN', 'nps'), ('Infinity', 'nps'), ('-Infinity', 'nps'), (NULL, 'nps'),
	('34.5', 'health'), ('100', 'health'), ('100.00000000000000000000001', 'health'), ('-0.00000000000000000000001', 'health'),
	('NaN', 'health'), ('Infinity', 'health'), (NULL, 'health'), ('0', 'csat7'), ('7', 'csat7')) AS v(score, scale);
-- the other number types are taken as double precision
SELECT nps_valid_score(9::smallint, 'nps') AS nine, nps_valid_score(9::bigint, 'nps') AS nine, nps_valid_score(9::real, 'nps') AS nine,
	nps_rejection(11::smallint, 'nps') AS out_of_range, nps_rejection(4294967305, 'nps') AS out_of_range, nps_rejection(8.5::real, 'nps') AS not_whole;
-- a score that counts is in the same category as the value that it came from
SELECT value, nps_category(value, 'health') AS category, nps_category(nps_valid_score(value, 'health'), 'health') AS of_valid_score
FROM (VALUES (34.9), (35.0), (69.99), (70.0)) AS v(value);

-- NULL: no answer; if the scale is NULL, there is no result.
SELECT nps_parse_score(NULL) IS NULL AND nps_parse_score(NULL, 'nps') IS NULL AND nps_parse_score('9', NULL) IS NULL AS parsed_null,
	nps_valid_score(NULL, 'nps') IS NULL AND nps_valid_score(NULL::numeric, 'nps') IS NULL AND nps_valid_score(NULL::float8, 'nps') IS NULL
		AND nps_valid_score(9, NULL) IS NULL AS valid_null,
	nps_rejection('x', NULL) IS NULL AND nps_rejection(9.5, NULL) IS NULL AND nps_rejection(9.5::float8, NULL) IS NULL AS rejection_null,
	nps_rejection(NULL, 'nps') AS no_answer, nps_rejection(NULL::numeric, 'nps') AS no_answer, nps_rejection(NULL::float8, 'csat5') AS no_answer;

-- A wrong scale is a mistake in the query, not in the data.
SELECT nps_parse_score('9', 'NPS');
SELECT nps_valid_score('9', 'stars');
SELECT nps_valid_score(9, 'stars');
SELECT nps_valid_score(9.0, 'stars');
SELECT nps_rejection('9', 'stars');
SELECT nps_rejection(9, 'stars');
SELECT nps_rejection(9.0, 'stars');

-- What must hold for any text at all, on every scale.
CREATE FUNCTION contradiction(answer text, scale text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	parsed smallint := nps_parse_score(answer, scale);
	valid float8 := nps_valid_score(answer, scale);
	rejection text := nps_rejection(answer, scale);
	category text;
BEGIN
	BEGIN
		category := nps_category(answer, scale);
	EXCEPTION WHEN invalid_text_representation OR numeric_value_out_of_range THEN
		NULL;						-- the strict function may fail, and only in this way
	END;
	IF (valid IS NULL) <> (rejection IS NOT NULL) THEN
		RETURN 'valid and rejected, or neither';
	ELSIF rejection NOT IN ('no answer', 'not a number', 'not whole', 'out of range') THEN
		RETURN 'unknown rejection';
	ELSIF valid = floor(valid) AND parsed IS DISTINCT FROM valid THEN
		RETURN 'valid but not parsed';
	ELSIF parsed IS NOT NULL AND valid IS NULL THEN
		RETURN 'parsed but rejected';
	ELSIF (rejection = 'no answer') IS DISTINCT FROM (CASE WHEN rejection IS NOT NULL THEN nps_is_unanswered(answer) END) THEN
		RETURN 'unanswered and rejected for something else';
	ELSIF category IS NOT NULL AND coalesce(valid, parsed) IS NULL THEN
		RETURN 'of a category, but no score';
	ELSIF category <> nps_category(coalesce(valid, parsed), scale) THEN
		RETURN 'of another category';
	END IF;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;

-- Each character from 1 to 255, and some that begin with each other possible first byte
-- of a character, in each place of several answers.
CREATE TABLE generated AS
SELECT DISTINCT overlay(base PLACING character FROM place FOR width) AS answer
FROM (
	SELECT chr(code) AS character FROM generate_series(1, 255) AS code
	UNION ALL
	SELECT chr(code) FROM unnest(ARRAY[x'0660'::int, x'0669'::int, x'07FF'::int, x'0800'::int, x'2010'::int, x'2011'::int, x'2012'::int,
		x'2013'::int, x'2014'::int, x'2015'::int, x'2028'::int, x'2053'::int, x'2093'::int, x'20AC'::int, x'2212'::int, x'3000'::int, x'4E00'::int,
		x'D7FF'::int, x'E000'::int, x'FEFF'::int, x'FF10'::int, x'FF19'::int, x'FFFD'::int, x'10000'::int, x'1D7D9'::int, x'1F51F'::int,
		x'10FFFF'::int]) AS code
) AS c,
	unnest(ARRAY['9', '10', ' 9 ', '9.0', '-1', 'n/a', '10 - likely', '10–likely', '10: likely', '9 (likely)', '9[likely]']) AS base,
	generate_series(1, length(base) + 1) AS place,
	generate_series(0, 1) AS width;
SELECT count(*) > 10000 AS many FROM generated;
SELECT scale, quote_literal(answer) AS answer, contradiction
FROM generated, unnest('{nps,health}'::text[]) AS scale, contradiction(answer, scale)
WHERE contradiction IS NOT NULL LIMIT 10;
-- Which of them count: only ASCII may come before the number.
SELECT count(*) AS wrong FROM generated WHERE nps_parse_score(answer) IS NOT NULL AND answer !~ '^[ \t\n\r\f\v]*-?[0-9]';
-- One character alone is an answer only if it is a digit.
SELECT string_agg(chr(code), '' ORDER BY code) AS digits FROM generate_series(1, 255) AS code WHERE nps_parse_score(chr(code)) IS NOT NULL;
SELECT array_agg(code ORDER BY code) AS blanks_and_minus FROM generate_series(1, 255) AS code WHERE nps_rejection(chr(code), 'nps') = 'no answer';
SELECT string_agg(DISTINCT btrim(answer, E' \t\n\r\f\x0b') COLLATE "C", ' ') AS words FROM generated WHERE nps_is_unanswered(answer) AND answer LIKE '%/%';
SELECT array_agg(code ORDER BY code) AS ignored_behind FROM generate_series(1, 255) AS code WHERE nps_parse_score('1' || chr(code)) = 1;

-- All strings of up to four of the characters with a meaning.
CREATE TABLE short AS
WITH RECURSIVE word(answer) AS (
	SELECT ''
	UNION ALL
	SELECT answer || c FROM word, unnest(ARRAY['0', '9', ' ', '.', '-', ':', '(', ']', 'x', '–']) AS c WHERE length(answer) < 4
)
SELECT answer FROM word;
SELECT count(*) AS strings FROM short;
SELECT scale, quote_literal(answer) AS answer, contradiction
FROM short, unnest('{csat7,health}'::text[]) AS scale, contradiction(answer, scale)
WHERE contradiction IS NOT NULL LIMIT 10;
-- ... against a second description of what an answer is, as regular expressions
CREATE FUNCTION described(answer text) RETURNS numeric LANGUAGE sql AS $$
	SELECT CASE
		WHEN answer ~ '^ *-?\d+(\.0+)? *$' THEN btrim(answer)::numeric
		WHEN answer ~ '^ *-?\d+ *[:(–-] *[^] 0-9.,:/%+)-]' THEN substring(answer FROM '-?\d+')::numeric
	END
$$;
SELECT count(parsed) AS answers, count(*) - count(parsed) AS others, count(*) FILTER (WHERE parsed IS DISTINCT FROM expected) AS wrong
FROM short, nps_parse_score(answer, 'health') AS parsed,
	LATERAL (SELECT CASE WHEN described(answer) BETWEEN 0 AND 100 THEN described(answer) END AS expected) e;
SELECT count(parsed) AS answers, count(*) - count(parsed) AS others, count(*) FILTER (WHERE parsed IS DISTINCT FROM expected) AS wrong
FROM short, nps_parse_score(answer) AS parsed,
	LATERAL (SELECT CASE WHEN described(answer) BETWEEN 0 AND 10 THEN described(answer) END AS expected) e;

-- Comments: by the same rule, words for no answer are not a comment.
SELECT quote_literal(comment) AS comment, nps_has_comment(comment)
FROM unnest(ARRAY['', E' \t\n', 'NA', ' n/a ', 'None', '-', 'nan', 'null', '.', '--', 'no', 'none of it', 'NA, but fast', '0']) AS comment;

-- Long answers, up to 1 MB, compressed and out of line in the table.
CREATE TABLE long (name text, answer text, parsed smallint, valid float8, rejection text);
INSERT INTO long VALUES
	('blanks', repeat(' ', 1000000), NULL, NULL, 'no answer'),
	('blanks in front', repeat(' ', 999999) || '9', 9, 9, NULL),
	('blanks behind', '9' || repeat(E'\n', 999999), 9, 9, NULL),
	('zeros', repeat('0', 1000000), 0, 0, NULL),
	('zeros in front', repeat('0', 999999) || '9', 9, 9, NULL),
	('nines', repeat('9', 1000000), NULL, NULL, 'out of range'),
	('minus nines', '-' || repeat('9', 999999), NULL, NULL, 'out of range'),
	('zeros behind the point', '9.' || repeat('0', 999998), 9, 9, NULL),
	('one far behind the point', '9.' || repeat('0', 999997) || '1', NULL, NULL, 'not whole'),
	('far below zero', '-0.' || repeat('0', 999996) || '1', NULL, NULL, 'out of range'),
	('letters', repeat('x', 1000000), NULL, NULL, 'not a number'),
	('words behind', '10 - ' || repeat('very ', 199998) || 'likely', 10, 10, NULL),
	('a digit at last', '10 - ' || repeat(' ', 999994) || '9', NULL, NULL, 'not a number'),
	('dashes', repeat('-', 1000000), NULL, NULL, 'not a number'),
	('points', '9' || repeat('.', 999999), NULL, NULL, 'not a number'),
	('wide', repeat('９', 333333), NULL, NULL, 'not a number'),
	('mixed', (SELECT '10 - 9' || string_agg(md5(i::text), ' ') FROM generate_series(1, 30000) i), NULL, NULL, 'not a number'),
	('mixed words', (SELECT '10 - x' || string_agg(md5(i::text), ' ') FROM generate_series(1, 30000) i), 10, 10, NULL);
SELECT name, length(answer), nps_parse_score(answer) AS parsed, nps_valid_score(answer, 'nps') AS valid, nps_rejection(answer, 'nps') AS rejection
FROM long
WHERE (nps_parse_score(answer), nps_valid_score(answer, 'nps'), nps_rejection(answer, 'nps'))
	IS DISTINCT FROM (parsed, valid, rejection);
SELECT count(*) AS checked, min(octet_length(answer)) > 900000 AS long, bool_or(pg_column_size(answer) < 20000) AS compressed,
	bool_or(pg_column_size(answer) > 500000) AS out_of_line FROM long;
-- health scores from long texts
SELECT name, nps_valid_score(answer, 'health') AS valid, nps_rejection(answer, 'health') AS rejection
FROM long WHERE name IN ('zeros behind the point', 'one far behind the point', 'far below zero', 'nines') ORDER BY name COLLATE "C";
-- short values with a one-byte header, as they are stored in a table
SELECT count(*) AS wrong FROM input WHERE nps_parse_score(answer) IS DISTINCT FROM nps_parse_score(answer || '');

-- comments of which only a part is read: the word for no answer is before, in and after it, and more text follows
CREATE TABLE long_comment (name text, comment text, has_comment boolean);
ALTER TABLE long_comment ALTER comment SET STORAGE EXTERNAL;
INSERT INTO long_comment
SELECT format('%s, %s before, %s behind', word, before, behind), repeat(' ', before) || word || repeat(E'\n', behind), word NOT IN ('NA', 'null', '-', '')
FROM unnest('{"",-,NA,"null",NAx,nul,.,words}'::text[]) AS word, unnest('{0,251,252,253,254,255,256,257,3000}'::int[]) AS before, unnest('{0,250,3000}'::int[]) AS behind;
SELECT count(*) AS checked, count(*) FILTER (WHERE nps_has_comment(comment) IS DISTINCT FROM has_comment) AS wrong,
	bool_or(pg_column_size(comment) < 300) AND max(octet_length(comment)) > 5000 AS short_and_long FROM long_comment;
INSERT INTO long_comment VALUES ('far behind', 'NA' || repeat(' ', 5000) || 'but fast', true), ('far before', repeat(' ', 5000) || 'x', true);
SELECT name, nps_has_comment(comment), has_comment FROM long_comment WHERE name LIKE 'far%' ORDER BY name COLLATE "C";

-- They may be used where an error would be fatal: in an index, a generated column.
CREATE TABLE response (answer text, score smallint GENERATED ALWAYS AS (nps_parse_score(answer)) STORED);
CREATE INDEX ON response (nps_rejection(answer, 'nps'));
INSERT INTO response SELECT answer FROM input;
SELECT count(*) AS rows, count(score) AS answers, count(*) FILTER (WHERE nps_rejection(answer, 'nps') = 'no answer') AS no_answer FROM response;

SET client_min_messages = warning;
DROP SCHEMA nps_test_parse CASCADE;
