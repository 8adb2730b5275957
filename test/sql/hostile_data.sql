-- Whatever is in the answers: nothing fails, and each row is counted once and where it
-- belongs, from the source and from a rollup alike.
\set SHOW_CONTEXT never
-- characters without width are padded differently by different versions of psql
\pset format unaligned
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET jit = off;
CREATE SCHEMA hostile_data;
SET search_path = hostile_data, public;

-- Values of one kind each, in a table of their own: every answer takes one of each.
CREATE TABLE score (n serial, value text, counts integer, reason text);
INSERT INTO score (value, counts, reason) VALUES
	('9', 9, NULL), (' 9', 9, NULL), (E'9\t\n', 9, NULL), ('07', 7, NULL), ('000', 0, NULL), ('0', 0, NULL), ('10 - Extremely likely', 10, NULL), ('10 (very)', 10, NULL), ('+6', NULL, 'not a number'), ('-0', 0, NULL),
	('10', 10, NULL), ('8:', NULL, 'not a number'), ('', NULL, 'no answer'), (E' \t ', NULL, 'no answer'), (NULL, NULL, 'no answer'),
	('9.0', 9, NULL), ('6.5', NULL, 'not whole'), ('1e1', NULL, 'not a number'), ('NaN', NULL, 'no answer'), ('Infinity', NULL, 'not a number'), ('10/10', NULL, 'not a number'),
	('１０', NULL, 'not a number'), ('ten', NULL, 'not a number'), ('true', NULL, 'not a number'), ('NULL', NULL, 'no answer'), ('0x9', NULL, 'not a number'), ('9 stars', NULL, 'not a number'),
	('11', NULL, 'out of range'), ('-1', NULL, 'out of range'), ('99999999999999999999999999', NULL, 'out of range'), (E'\u200b9', NULL, 'not a number'), (E'9\u00a0', NULL, 'not a number'),
	('9''; DROP TABLE answer; --', NULL, 'not a number'), (repeat('9', 100000), NULL, 'out of range'), (repeat(' ', 100000) || '9', 9, NULL);
CREATE TABLE word (n serial, value text);
INSERT INTO word (value) VALUES
	(NULL), (''), ('   '), (E'\t\n'), ('<script>alert("x")</script>'), ('<b>&nbsp;&amp;&#0;</b>'), (E'\x01\x02\x1b[31mred\x07\x7f'), (E'\u202eright to left\u202c \u200f\u200e'), (E'\ufffe\uffff\ufeff'),
	('\000 \x00 %00 \u0000'), ('\ud800 alone'), (repeat('w', 3000)), (repeat('word ', 30000)), (repeat('<a b=''c'' ', 2000)), (E'''; DROP TABLE answer; --'), ('%s %I $1 <<score>> {{x}}'), ('''a'' & | ! <-> :* (('),
	(E'\\'), ('日本語のコメント'), (E'e\u0301 \u00e9'), ('😀😀😀'), ('http://' || repeat('a.', 1000) || 'com/?q=1'), (repeat('a-', 2000)), (E'\u00a0'), (E'\u200b');
CREATE TABLE moment (n serial, value timestamptz, has_day boolean);
INSERT INTO moment (value, has_day) VALUES
	(NULL, false), ('infinity', false), ('-infinity', false), ('294276-12-31 23:59:59.999999+00', NULL), ('4714-11-24 00:00:00+00 BC', NULL), ('4713-01-01 00:00+00 BC', NULL), ('0001-01-01 00:00+00', NULL), ('0001-12-31 BC', NULL),
	-- the hour that did not exist, and the one that came twice, in Berlin; a day that Samoa never had
	('2026-03-29 00:59:59.999999+00', true), ('2026-03-29 01:00+00', true), ('2026-10-25 00:30+00', true), ('2026-10-25 01:30+00', true), ('2026-12-31 23:00+00', true), ('2027-01-01 00:00+00', true), ('2011-12-30 12:00+00', true);
CREATE TABLE plan (n serial, value text);
INSERT INTO plan (value) VALUES
	(NULL), (''), (' '), ('  '), ('a'), ('A'), ('a '), (' a'), (E'a\n'), (E'e\u0301'), (E'\u00e9'), ('NULL'), ('null'), ('%s'), ('<<tally>>'), (E'\\N'), ('"a"'), ('''a'''), ('{a,b}'), (repeat('a', 8000)), (repeat('a', 8001)), (E'\u202ea'), (E'a\u200b'), ('ß'), ('SS'), ('😀');
CREATE TABLE who (n serial, value text);
INSERT INTO who (value) VALUES
	(NULL), (''), (' '), ('a'), ('A'), ('a '), ('''; DELETE FROM answer; --'), ('"'), ('\'), ('%I'), ('$1'), (E'\u202eb'), (repeat('r', 20000)), ('{}'), ('(1,2)'), ('NULL'), ('😀'), (E'tab\tline\n');
CREATE TABLE answer (key text PRIMARY KEY, score text, words text, at timestamptz, plan text, who text);
INSERT INTO answer
SELECT (ARRAY['k', ''';--', '"', '$1', '%I', '', ' ', E'\n', '\', '{', repeat('k', 1500), '😀'])[1 + i % 12] || CASE WHEN i < 12 THEN '' ELSE i::text END, s.value, w.value, m.value, p.value, r.value
FROM generate_series(0, 699) i
JOIN score s ON s.n = 1 + i % (SELECT count(*) FROM score)
JOIN word w ON w.n = 1 + (i / 3) % (SELECT count(*) FROM word)
JOIN moment m ON m.n = 1 + (i / 5) % (SELECT count(*) FROM moment)
JOIN plan p ON p.n = 1 + (i / 7) % (SELECT count(*) FROM plan)
JOIN who r ON r.n = 1 + (i / 2) % (SELECT count(*) FROM who);
SELECT count(*) AS answers, count(DISTINCT score) AS scores, count(DISTINCT words) AS words, count(DISTINCT at) AS times, count(DISTINCT plan) AS plans, count(DISTINCT who) AS who FROM answer;

-- each score is counted where the table above says
SELECT left(value, 30) AS value, length(value), counts, reason, nps_valid_score(value, 'nps') AS is, nps_rejection(value, 'nps') AS because
FROM score WHERE (counts, reason) IS DISTINCT FROM (nps_valid_score(value, 'nps')::integer, nps_rejection(value, 'nps')) ORDER BY n;

CREATE FUNCTION attach(survey text, filter text DEFAULT NULL) RETURNS boolean LANGUAGE sql AS $$
	SELECT count(*) > 0 AS attached FROM nps_attach('hostile_data.answer', 'score', survey, respondent => 'who', account => 'plan', responded_at => 'at', comment => 'words',
		segments => ARRAY['plan', 'upper(plan) AS loud', 'who', 'left(words, 3) AS "start"'], time_zone => 'Europe/Berlin', filter => filter, loop_since => '-infinity')
$$;
-- wrong(): what does not hold in a survey, of everything that must hold in any
CREATE FUNCTION wrong(survey text, filter text DEFAULT 'true') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	view text;
	error text;
	claim text;
	holds boolean;
BEGIN
	FOR view IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = survey WHERE c.relkind = 'v' ORDER BY c.relname COLLATE "C" LOOP
		BEGIN
			EXECUTE format('SELECT count(v::text) FROM %I.%I v', survey, view);
		EXCEPTION WHEN OTHERS THEN
			RETURN NEXT format('%s fails: %s', view, SQLERRM);
		END;
	END LOOP;
	FOREACH claim IN ARRAY ARRAY[
		'(SELECT responses + unanswered + rejected FROM %1$I.summary) = (SELECT count(*) FROM hostile_data.answer WHERE %2$s)',
		'(SELECT count(*) FROM %1$I.response) = (SELECT responses FROM %1$I.summary)',
		'(SELECT count(*) FROM %1$I.not_counted) = (SELECT unanswered + rejected FROM %1$I.summary)',
		'(SELECT count(DISTINCT response_id) FROM (SELECT response_id FROM %1$I.response UNION ALL SELECT response_id FROM %1$I.not_counted) a) = (SELECT count(*) FROM hostile_data.answer WHERE %2$s)',
		'(SELECT sum(responses) FROM %1$I.distribution) = (SELECT responses FROM %1$I.summary)',
		-- where the table says that each score is counted
		'NOT EXISTS (SELECT FROM %1$I.distribution d WHERE d.responses <> (SELECT count(*) FROM hostile_data.answer a JOIN hostile_data.score s ON s.value = a.score WHERE s.counts = d.score AND (%2$s)))',
		'NOT EXISTS ((SELECT s.reason, count(*) FROM hostile_data.answer a JOIN hostile_data.score s ON s.value IS NOT DISTINCT FROM a.score WHERE s.reason IS NOT NULL AND (%2$s) GROUP BY 1) '
			'EXCEPT (SELECT reason, count(*) FROM %1$I.not_counted GROUP BY 1))',
		'(SELECT unanswered FROM %1$I.summary) = (SELECT count(*) FROM %1$I.not_counted WHERE reason = ''no answer'')',
		-- a whole is the sum of its parts
		'NOT EXISTS (SELECT FROM %1$I.segment GROUP BY segment HAVING sum(responses) <> (SELECT responses FROM %1$I.summary) OR sum(promoters) <> (SELECT promoters FROM %1$I.summary) '
			'OR abs(sum(contribution)) > 0.000001)',
		'(SELECT count(DISTINCT segment) FROM %1$I.segment) = 4',
		'NOT EXISTS (SELECT FROM %1$I.trend GROUP BY grain HAVING (sum(responses)::bigint, sum(detractors)::bigint, sum(unanswered)::bigint, sum(rejected)::bigint) IS DISTINCT FROM '
			'(SELECT (s.responses, s.detractors, s.unanswered, s.rejected) FROM %1$I.summary s))',
		'NOT EXISTS (SELECT FROM %1$I.segment_trend GROUP BY grain, segment HAVING sum(responses) <> (SELECT responses FROM %1$I.summary))',
		'NOT EXISTS (SELECT grain, period_start, responses, nps FROM %1$I.trend WHERE responses > 0 EXCEPT SELECT grain, period_start, sum(responses)::bigint, '
			'public.nps_score(public.nps_counts(sum(detractors), sum(passives), sum(promoters))) FROM %1$I.segment_trend WHERE segment = ''plan'' GROUP BY 1, 2)',
		-- values are distinguished by their bytes
		'(SELECT count(*) FROM %1$I.segment WHERE segment = ''plan'') = (SELECT count(DISTINCT plan) + 1 FROM %1$I.response)',
		'NOT EXISTS (SELECT plan, count(*) FROM %1$I.response GROUP BY 1 EXCEPT SELECT value, responses FROM %1$I.segment WHERE segment = ''plan'')',
		-- a missing date is not a date, and each date has its row
		'(SELECT responses FROM %1$I.trend WHERE grain = ''day'' AND period_start IS NULL) >= (SELECT count(*) FROM %1$I.response WHERE responded_at IS NULL OR NOT isfinite(responded_at))',
		'NOT EXISTS (SELECT r.responded_at FROM %1$I.response r JOIN hostile_data.moment m ON m.value = r.responded_at AND m.has_day WHERE NOT EXISTS '
			'(SELECT FROM %1$I.trend t WHERE t.grain = ''day'' AND t.period_start = CASE WHEN m.has_day THEN (r.responded_at AT TIME ZONE ''Europe/Berlin'')::date END AND t.responses > 0))',
		'(SELECT count(*) FROM %1$I.response WHERE has_comment) = (SELECT round(comment_share * responses) FROM %1$I.summary)',
		-- each answer belongs to one respondent, and answers without one are counted as different people
		'(SELECT sum(responses) FROM %1$I.respondent WHERE respondent IS NOT NULL) = (SELECT count(*) FROM %1$I.response WHERE respondent IS NOT NULL)'] LOOP
		EXECUTE format('SELECT ' || claim, survey, filter) INTO holds;
		IF holds IS NOT TRUE THEN
			RETURN NEXT format(claim, survey, filter);
		END IF;
	END LOOP;
END
$$;
-- differing(): the reports in which two surveys differ
CREATE FUNCTION differing(one text, other text, OUT report text, OUT rows bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	FOREACH report IN ARRAY ARRAY['summary', 'distribution', 'distribution_trend', 'trend', 'segment', 'segment_trend'] LOOP
		EXECUTE format('SELECT count(*) FROM ((TABLE %1$I.%3$I EXCEPT ALL TABLE %2$I.%3$I) UNION ALL (TABLE %2$I.%3$I EXCEPT ALL TABLE %1$I.%3$I)) AS d', one, other, report) INTO rows;
		IF rows > 0 THEN
			RETURN NEXT;
		END IF;
	END LOOP;
	report := 'nps_verify';
	SELECT count(*) INTO rows FROM nps_verify(one);
	IF rows > 0 THEN
		RETURN NEXT;
	END IF;
END
$$;

SELECT attach('hd_read'), attach('hd_kept');
SELECT responses, unanswered, rejected, detractors, passives, promoters, round(nps::numeric, 6) AS nps, round(comment_share::numeric, 6) AS comment_share, first_answer, last_answer FROM hd_read.summary;
SELECT score, responses FROM hd_read.distribution ORDER BY score;
SELECT reason, count(*) FROM hd_read.not_counted GROUP BY 1 ORDER BY 1;
SELECT left(value, 10) AS value, length(value), responses FROM hd_read.segment WHERE segment = 'plan' ORDER BY segment.value COLLATE "C" NULLS FIRST;
SELECT period_start, period_end, responses FROM hd_read.trend WHERE grain = 'year' AND responses > 0 ORDER BY period_start NULLS FIRST;
SELECT left(respondent, 10) AS respondent, length(respondent), responses FROM hd_read.respondent WHERE respondent IS NOT NULL ORDER BY respondent.respondent COLLATE "C";
SELECT * FROM wrong('hd_read');

CALL nps_materialize('hd_kept');
SELECT nps_rollup_serves('hd_kept.rollup');
SELECT * FROM wrong('hd_kept');
SELECT * FROM differing('hd_kept', 'hd_read');
-- a value can change and still look the same
UPDATE answer SET score = coalesce(score, '9.0') || CASE length(plan) % 3 WHEN 0 THEN '' WHEN 1 THEN ' ' ELSE E'\u00a0' END, plan = nullif(upper(plan), ''), at = at - interval '1 hour' WHERE length(key) % 3 = 0 AND at > '2000-01-01' AND at < '2100-01-01';
INSERT INTO answer SELECT 'new ' || key, score, words, at, plan || ' ', who FROM answer WHERE length(key) % 4 = 1;
DELETE FROM answer WHERE key LIKE '\%' OR at = '-infinity' OR key IN ('', ' ', E'\n');
SELECT * FROM differing('hd_kept', 'hd_read');
SELECT nps_compact('hd_kept') IS NOT NULL;
SELECT * FROM differing('hd_kept', 'hd_read');
-- scores were changed above; those that were not are still counted where the table says
SELECT attach('hd_part', $$key LIKE 'new k%' OR words ~ '<' OR plan = '{a,b}'$$);
CALL nps_materialize('hd_part');
SELECT w.* FROM wrong('hd_part', $$(key LIKE 'new k%' OR words ~ '<' OR plan = '{a,b}')$$) w WHERE w !~ 'hostile_data.score';

-- follow-up of any respondent, by any key
INSERT INTO answer SELECT 'case ' || n, n % 7, (SELECT w.value FROM word w WHERE w.n = 1 + who.n % 25), now() - n * interval '1 minute', 'p', 'now ' || value FROM who WHERE value IS NOT NULL;
INSERT INTO answer VALUES (E'''; DROP TABLE answer; --\n"$1%I\\', '0', E'<script>\x01', now(), NULL, E'odd ''"\\$1%I'), (repeat('long ', 500), '1', NULL, now(), NULL, repeat('very ', 5000));
SELECT count(*) FROM hd_kept.followup WHERE respondent ~ '^(now|odd|very) ';
UPDATE hd_kept.followup SET status = 'contacted', channel = 'phone', note = E'<b>''\x01 $1 %I', assigned_to = E'o''"\\' WHERE respondent ~ '^(now|odd|very) ';
SELECT status, count(*), count(*) FILTER (WHERE is_open) AS open FROM hd_kept.followup_all WHERE respondent ~ '^(now|odd|very) ' GROUP BY 1;
SELECT case_id, respondent, status, last_note FROM hd_kept.followup WHERE respondent LIKE 'odd%';
SELECT length(case_id), status FROM hd_kept.followup WHERE respondent LIKE 'very%';
SELECT kind, text FROM hd_kept.timeline WHERE respondent LIKE 'odd%' ORDER BY at, place, text;
UPDATE hd_read.playbook SET acknowledge_hours = 1 WHERE follow_up;
SELECT count(*) FROM nps_claim('hd_read', E'w''"\\%I$1', max_rows => 100);
SELECT count(*) > 0 FROM nps_check('hd_kept');
SELECT channel FROM nps_notify('hd_kept') AS channel;
INSERT INTO answer VALUES (repeat('n', 2000), '9'), (E'n''\x01', '9');
SELECT * FROM wrong('hd_kept') w WHERE w !~ 'hostile_data.score';
SELECT * FROM differing('hd_kept', 'hd_read');
SELECT count(nps_detach(survey, drop_cases => true)) FROM nps_surveys();

--
-- The same with numbers: an invalid score is never valid, whatever the type.
--

CREATE TABLE number (id integer PRIMARY KEY, d double precision, n numeric, i bigint, plan text);
INSERT INTO number SELECT row_number() OVER (), d, CASE WHEN d::text !~ 'Infinity' THEN d::text::numeric ELSE d::text::numeric END,
	CASE WHEN d BETWEEN -9e18 AND 9e18 THEN d::bigint END, (ARRAY['a', '', NULL])[1 + (row_number() OVER ()) % 3]
FROM unnest(ARRAY['0', '-0', '9', '10', '10.000000000000002', '9.999999999999998', '1e1', '1e300', '-1e300', '5e-324', 'NaN', 'Infinity', '-Infinity', '6.5', '11', '-1', NULL, '9007199254740993', '-9e18', '9e18']::double precision[]) d;
INSERT INTO number VALUES (101, NULL, 9.0, 9223372036854775807, 'a'), (102, NULL, 9.0000000000000000000000000000000000001, -9223372036854775808, 'a'), (103, NULL, 10.00, NULL, 'b'), (104, NULL, ('1' || repeat('0', 10000))::numeric, NULL, 'b');
SELECT c, count(*) > 0 AS attached FROM unnest(ARRAY['d', 'n', 'i']) c, nps_attach('number', c, 'hd_' || c, segments => '{plan}') GROUP BY 1 ORDER BY 1;
SELECT 'd' AS type, responses, unanswered, rejected FROM hd_d.summary UNION ALL SELECT 'n', responses, unanswered, rejected FROM hd_n.summary UNION ALL SELECT 'i', responses, unanswered, rejected FROM hd_i.summary;
SELECT * FROM (SELECT 'd' AS type, reason, left(raw_score, 40) AS raw_score FROM hd_d.not_counted UNION ALL SELECT 'n', reason, left(raw_score, 40) FROM hd_n.not_counted UNION ALL SELECT 'i', reason, left(raw_score, 40) FROM hd_i.not_counted) r
ORDER BY type, reason, raw_score COLLATE "C";
CREATE TABLE before AS SELECT 'd' AS type, s.* FROM hd_d.segment s UNION ALL SELECT 'n', s.* FROM hd_n.segment s UNION ALL SELECT 'i', s.* FROM hd_i.segment s;
CALL nps_materialize('hd_d');
CALL nps_materialize('hd_n');
CALL nps_materialize('hd_i');
(SELECT 'd' AS type, s.* FROM hd_d.segment s UNION ALL SELECT 'n', s.* FROM hd_n.segment s UNION ALL SELECT 'i', s.* FROM hd_i.segment s) EXCEPT ALL TABLE before;
-- each value is written as something that it was not
UPDATE number SET d = n, n = d, i = -i WHERE i IS DISTINCT FROM -9223372036854775808 AND n < 1e300;
SELECT count(*) AS drift FROM unnest('{hd_d,hd_n,hd_i}'::text[]) s, nps_verify(s);
SELECT count(nps_detach(survey)) FROM nps_surveys();

DROP SCHEMA hostile_data CASCADE;
