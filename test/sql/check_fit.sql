-- nps_attach() reports what people would not expect of the existing rows; nps_check() lists the same.
CREATE SCHEMA check_fit;
SET search_path = check_fit, public;
SET client_min_messages = warning;

CREATE TABLE poll (id integer PRIMARY KEY, who text, score integer, at timestamptz);
CREATE FUNCTION told(survey text) RETURNS TABLE (severity text, finding text, detail text, fix text) LANGUAGE sql AS $$
	SELECT c.severity, c.finding, c.detail, c.fix FROM public.nps_check(survey) c WHERE c.finding <> 'missing index'
$$;

-- a scale that fits all answers, and on which not all of them are detractors
INSERT INTO poll SELECT i, 'c' || i, 1 + i % 5, timestamptz '2024-03-01 12:00Z' + i * interval '1 hour' FROM generate_series(1, 40) i;
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'stars', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM told('stars');
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') AS fix FROM told('stars') WHERE finding LIKE 'every%' \gexec
SELECT scale FROM stars.survey;
SELECT * FROM told('stars');

-- 1 to 10
TRUNCATE poll;
INSERT INTO poll SELECT i, 'c' || i, 1 + i % 10, timestamptz '2024-03-01 12:00Z' + i * interval '1 hour' FROM generate_series(1, 40) i;
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'ten', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM told('ten');

-- more than a tenth of the rows do not count; a tenth is a note
UPDATE poll SET score = 0 WHERE id = 1;
UPDATE poll SET score = 99 WHERE id <= 4;
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'tenth', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
SELECT severity, finding, detail FROM told('tenth');
UPDATE poll SET score = -1 WHERE id = 5;
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'more', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
SELECT severity, finding, detail FROM told('more');
-- a row without an answer is not a row that does not count
UPDATE poll SET score = NULL WHERE id <= 20;
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'silent', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');

-- without a customer or a time nobody is followed up, but the reports work
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'nobody', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'never', respondent => 'who', time_zone => 'UTC', loop_since => '-infinity');
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'neither', time_zone => 'UTC', loop_since => '-infinity');
SELECT severity, finding, detail FROM told('neither');
SELECT (SELECT count(*) FROM silent.followup_all) > 0 AS there, (SELECT count(*) FROM nobody.followup_all) AS nobody, (SELECT count(*) FROM never.followup_all) AS never,
	(SELECT count(*) FROM neither.closed_loop) AS neither, (SELECT responses FROM neither.summary) AS responses;

-- a name that stands for many people
INSERT INTO poll SELECT i, 'guest', i % 11, timestamptz '2024-03-01 12:00Z' + i * interval '1 minute' FROM generate_series(100, 1100) i;
SELECT count(*) > 0 AS attached FROM nps_attach('poll', 'score', 'guests', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
SELECT * FROM told('guests');
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') FROM told('guests') WHERE finding LIKE '%one person' \gexec
SELECT finding FROM told('guests');


-- if a key is a number, the cure keeps it a number
CREATE TABLE poll_of_number (id integer PRIMARY KEY, who bigint, score integer, at timestamptz);
INSERT INTO poll_of_number SELECT i, CASE WHEN i <= 1001 THEN 0 ELSE i END, i % 11, timestamptz '2024-03-01 12:00Z' + i * interval '1 minute' FROM generate_series(1, 1100) i;
SELECT count(*) > 0 AS attached FROM nps_attach('poll_of_number', 'score', 'numbers', respondent => 'who', responded_at => 'at', time_zone => 'UTC', loop_since => '-infinity');
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') FROM told('numbers') \gexec
SELECT format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a WHERE a.attrelid = 'numbers.followup_case'::regclass AND a.attname = 'respondent';
SELECT finding FROM told('numbers');

-- Two scales in one column: a segment or a month whose answers end where a narrower scale ends.
CREATE TABLE mixture (id integer PRIMARY KEY, channel text, at timestamptz, score integer);
CREATE FUNCTION mixed(survey text) RETURNS TABLE (detail text, fix text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM public.nps_attach('check_fit.mixture', 'score', survey, responded_at => 'at', segments => '{channel}', time_zone => 'UTC', scale => split_part(survey, '_', 2));
	RETURN QUERY SELECT t.detail, t.fix FROM told(survey) t WHERE t.finding = 'scales are mixed';
	PERFORM public.nps_detach(survey);
END
$$;
-- 1 to 5 in an application, 0 to 10 elsewhere
INSERT INTO mixture SELECT i, (ARRAY['app', 'mail', 'web'])[1 + i % 3], timestamptz '2024-01-01 12:00Z' + i * interval '1 hour', CASE WHEN i % 3 = 0 THEN 1 + i / 3 % 5 ELSE (i * 13) % 11 END FROM generate_series(1, 300) i;
SELECT channel, min(score), max(score), count(*) FROM mixture GROUP BY 1 ORDER BY 1;
SELECT * FROM mixed('mixed_nps');
SELECT count(*) > 0 AS attached FROM nps_attach('mixture', 'score', 'told_once', segments => '{channel}');
SELECT replace(fix, 'GROUP', 'WHERE raw_score > 3 GROUP') FROM told('told_once') WHERE finding = 'scales are mixed' \gexec
-- months in which another scale was used
UPDATE mixture SET at = at + interval '60 days', score = (id * 13) % 11 WHERE channel <> 'app';
UPDATE mixture SET channel = (ARRAY['mail', 'web'])[1 + id % 2];
SELECT * FROM mixed('mixed_nps');
-- 0 to 10 among 0 to 100, and the other way round
UPDATE mixture SET channel = (ARRAY['app', 'mail', 'web'])[1 + id % 3], at = '2024-01-01', score = CASE WHEN id % 3 = 0 THEN (id * 7) % 11 ELSE (id * 13) % 101 END;
SELECT * FROM mixed('mixed_health');
UPDATE mixture SET score = CASE WHEN channel = 'app' THEN (id * 13) % 101 ELSE id % 11 END;
SELECT * FROM mixed('mixed_nps');
-- 1 to 5 and 1 to 10, attached as either of them
UPDATE mixture SET score = CASE WHEN channel = 'app' THEN 1 + id % 10 ELSE 1 + id % 5 END;
SELECT * FROM mixed('mixed_csat5');
SELECT * FROM mixed('mixed_nps');
-- not reported for unhappy people, for few answers, for a single scale, for a slip
UPDATE mixture SET score = CASE WHEN channel = 'app' THEN (id / 3) % 6 ELSE (id * 13) % 11 END;
SELECT * FROM mixed('mixed_nps');
UPDATE mixture SET score = CASE WHEN channel = 'app' THEN least(1 + (id / 3) % 4, 4) ELSE (id * 13) % 11 END;
SELECT * FROM mixed('mixed_nps');
UPDATE mixture SET score = CASE WHEN channel = 'app' AND id > 120 THEN NULL WHEN channel = 'app' AND id < 120 THEN 1 + (id / 3) % 5 ELSE (id * 13) % 11 END;
SELECT * FROM mixed('mixed_nps');
UPDATE mixture SET score = (id * 13) % 11;
SELECT * FROM mixed('mixed_nps');
UPDATE mixture SET score = 1 + (id * 13) % 5;
SELECT * FROM mixed('mixed_csat5');
UPDATE mixture SET score = 55 WHERE id = 3;
SELECT * FROM mixed('mixed_csat5');

-- a value of a segment in several spellings, the fix makes them one
CREATE TABLE spelt (id integer PRIMARY KEY, score integer, region text, plan varchar(20), size integer, "Sales, team" text, note text);
INSERT INTO spelt SELECT i, i % 11, (ARRAY['Iberia', 'iberia', ' Iberia', 'Nordic', 'NORDIC', 'DACH', NULL])[1 + i % 7], (ARRAY['free', 'team'])[1 + i % 2], i % 3,
	(ARRAY['A  B', 'a b', 'C'])[1 + i % 3], repeat('x', 300) || i % 5 FROM generate_series(1, 70) i;
SELECT count(*) > 0 AS attached FROM nps_attach('spelt', 'score', 'spellings', segments => ARRAY['region', 'plan', 'size', 'Sales, team', 'left(region, 2) AS start', 'note'], time_zone => 'UTC');
SELECT severity, finding, detail FROM told('spellings') WHERE finding = 'spellings of a segment';
SELECT fix FROM told('spellings') WHERE detail ~ 'Sales';
SELECT replace(fix, 'SELECT *', 'SELECT count(*) > 0 AS attached') FROM told('spellings') WHERE detail ~ '^Segment region' \gexec
SELECT value, responses FROM spellings.segment WHERE segment = 'region' ORDER BY value COLLATE "C";
SELECT count(*) FROM told('spellings') WHERE detail ~ '^Segment region';

RESET client_min_messages;
SET client_min_messages = error;
DROP SCHEMA check_fit, spellings, stars, ten, tenth, more, silent, nobody, never, neither, guests, numbers, told_once CASCADE;
