-- Surveys for looking at the report: each a schema page_NAME over a table of answers.  All times are relative to today.
SET client_min_messages = warning;
CREATE FUNCTION make(name text, scale text DEFAULT 'nps', segments text[] DEFAULT '{}', goal double precision DEFAULT NULL) RETURNS bigint LANGUAGE sql AS
$$ SELECT count(*) FROM nps_attach(format('answer_%s', name)::regclass, 'score', format('page_%s', name), respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words',
    segments => segments, scale => scale, goal => goal, time_zone => 'UTC', loop_since => '-infinity') $$;
-- A number from 0 to 1 (exclusive), the same in every run.
CREATE FUNCTION draw(key bigint, topic bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$ SELECT (hashint8extended(key, topic) & 4294967295) / 4294967296.0::double precision $$;
CREATE TABLE answer_empty (id bigint PRIMARY KEY, who text, firm text, at timestamptz, score integer, words text, plan text);

CREATE TABLE answer_one (LIKE answer_empty INCLUDING ALL);
INSERT INTO answer_one VALUES (1, 'Ada', 'One & Only', now() - interval '1 hour', 7, 'It works.', 'free');

-- ten thousand over two years, with a fall a year ago that plan starter alone had
CREATE TABLE answer_many (LIKE answer_empty INCLUDING ALL, region text);
INSERT INTO answer_many
SELECT i, 'c' || i % 3000, 'Firm ' || i % 900, a.at, CASE WHEN draw(i, 9) < 0.02 THEN 99 ELSE least(greatest(round(8.2 - 2.2 * (draw(i, 1) + draw(i, 2) - 1) * 2
        - CASE WHEN draw(i, 4) < 0.3 AND a.at BETWEEN now() - interval '13 months' AND now() - interval '9 months' THEN 5 ELSE 0 END), 0), 10) END,
    CASE WHEN draw(i, 3) < 0.4 THEN 'The delivery came late and the price is too high' END,
    CASE WHEN draw(i, 4) < 0.3 THEN 'starter' WHEN draw(i, 4) < 0.6 THEN 'business' WHEN draw(i, 4) < 0.95 THEN 'enterprise' END, (ARRAY['EMEA', 'APAC', 'Americas'])[1 + floor(3 * draw(i, 5))::integer]
FROM generate_series(1, 10000) i CROSS JOIN LATERAL (SELECT now() - (10000 - i) * interval '105 minutes' - interval '1 hour' AS at) a;

-- fifty segments, of which one has fifty values with long names that differ at the end
CREATE TABLE answer_wide (LIKE answer_empty INCLUDING ALL);
INSERT INTO answer_wide
SELECT i, 'c' || i, NULL, now() - (6000 - i) * interval '1 hour', floor(11 * sqrt(draw(i, 1)))::integer, NULL,
    'Department of incoming international customer relations, subsidiary number ' || floor(50 * draw(i, 2))::integer
FROM generate_series(1, 6000) i;

-- what might break out of a page, or out of its line
CREATE TABLE answer_hostile (LIKE answer_empty INCLUDING ALL, "<b>""'&" text, kind text);
INSERT INTO answer_hostile
SELECT i, CASE WHEN i % 3 = 0 THEN E'"><svg onload=alert(1)>\u202E' || i ELSE 'c' || i END, '</td></table><script src=http://127.0.0.1:8099/x.js></script>', now() - (900 - i) * interval '6 hours', i % 11,
    CASE i % 5 WHEN 0 THEN '<script>document.title="broken"</script><img src="http://127.0.0.1:8099/x.png" onerror="alert(1)"><!--' WHEN 1 THEN repeat('Wort', 2500) WHEN 2 THEN repeat('&lt; "x" ''y'' ', 900)
        WHEN 3 THEN E'\u0627\u0644\u062E\u062F\u0645\u0629 \u0633\u064A\u0626\u0629 \u202E\u2066 and \u05E9\u05DC\u05D5\u05DD' ELSE E'line\nline\u0001\u0085\uFFFF\U0001F600' END,
    (ARRAY['"><script>alert(1)</script>', repeat('A', 10000), E'\u0645\u0646\u0637\u0642\u0629 \u0627\u0644\u0634\u0631\u0642', '', NULL, E'\u202Eevil\u202C', '&amp;', ' '])[1 + i % 8],
    (ARRAY['</style><style>*{display:none}', 'javascript:alert(1)', '`${x}`', '{{x}}', '%s %1$s %', '\'])[1 + i % 6],
    (ARRAY[repeat(E'\u05D0\u05D1 ', 200), 'a'])[1 + i % 2]
FROM generate_series(1, 900) i;

-- other scales: whole, and with fractions
CREATE TABLE answer_csat (LIKE answer_empty INCLUDING ALL);
INSERT INTO answer_csat SELECT i, 'c' || i, NULL, now() - (400 - i) * interval '1 day', 1 + floor(5 * sqrt(draw(i, 1)))::integer, NULL, NULL FROM generate_series(1, 400) i;
CREATE TABLE answer_health (LIKE answer_empty INCLUDING ALL);
INSERT INTO answer_health SELECT i, 'c' || i, NULL, now() - (400 - i) * interval '2 hours', floor(101 * sqrt(draw(i, 1)))::integer, NULL, NULL FROM generate_series(1, 400) i;
-- a gap of a year between answers; all of them promoters
CREATE TABLE answer_gap (LIKE answer_empty INCLUDING ALL);
INSERT INTO answer_gap SELECT i, 'c' || i, NULL, now() - interval '1 hour' * i - CASE WHEN i > 60 THEN interval '14 months' ELSE '0' END, 10, NULL, 'all' FROM generate_series(1, 120) i;

SELECT make('empty', segments => ARRAY['plan']), make('one', segments => ARRAY['plan'], goal => 50), make('many', segments => ARRAY['plan', 'region'], goal => 40),
    make('wide', segments => ARRAY['plan'] || ARRAY(SELECT format('id %% %s AS by_%s', s + 1, s) FROM generate_series(1, 49) s)),
    make('hostile', segments => ARRAY['plan', '<b>"''&', 'kind'], goal => -20), make('csat', 'csat5'), make('health', 'health'), make('gap', segments => ARRAY['plan'], goal => 100);
