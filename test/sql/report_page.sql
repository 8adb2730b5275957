-- The report as a page, and as lines of text: what it says by which rule, in which language, and that each number
-- is the one in its view.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;
CREATE SCHEMA report_page;
SET search_path = report_page, public;

-- A page as a reader sees it: without tags, with characters for references.
CREATE FUNCTION plain(html text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(regexp_replace(html, '<[^>]*>', '', 'g'),
		'&minus;', '-'), '&ndash;', '~'), '&nbsp;', ' '), '&lt;', '<'), '&gt;', '>'), '&ldquo;', '"'), '&rdquo;', '"'), '&#9660;', 'v'), '&#9650;', '^'), '&hellip;', '...'), ' +', ' ', 'g')
$$;
-- The headings of a page in their order, and the sentence below the title.
CREATE FUNCTION headings(page text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT plain(l.line) FROM (SELECT 1 AS part, n, m[1] AS line FROM regexp_matches(page, '(<h1>.*?</h1>)', 'g') WITH ORDINALITY AS r(m, n)
		UNION ALL SELECT 2, n, m[1] FROM regexp_matches(page, '(<p class="lede">.*?</p>)', 'g') WITH ORDINALITY AS r(m, n)
		UNION ALL SELECT 3, n, m[1] FROM regexp_matches(page, '(<h2.*?</h2>)', 'g') WITH ORDINALITY AS r(m, n)) l ORDER BY part, n
$$;
-- The cells of the rows of the tables in a section.
CREATE FUNCTION cells(page text, section text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT array_to_string(ARRAY(SELECT btrim(plain(regexp_replace(c[1], '<small>', '; ', 'g'))) FROM regexp_matches(r[1], '<t[hd][^>]*?>(.*?)</t[hd]>', 'g') c
		WHERE c[1] !~ '^<svg'), '|')
	FROM regexp_matches(substring(page, '<section class="' || section || '".*?</section>'), '<tr[^>]*?>(.*?)</tr>', 'g') r WHERE r[1] ~ '<td'
$$;

-- 1. Texts written by others.
SELECT nps_html($$<a href="x" title='y'>&amp; `${z}`$$) AS escaped, nps_html('') AS empty, nps_html(NULL) AS none;
SELECT nps_html(E'\u00E9\u20AC\U0001F600\u202E') AS ascii, nps_html(E'a\tb\nc\u0001\u0007\u007F\u0085d') AS controls;
-- each existing character of the basic planes, and no other, comes back
SELECT count(*) AS characters, count(*) FILTER (WHERE html <> format('&#%s;', n)) AS wrong FROM (SELECT n, nps_html(chr(n)) AS html FROM generate_series(160, 65533) n WHERE n NOT BETWEEN 55296 AND 57343) c;

-- 2. Phrases: in every language, in ASCII, with placeholders for the same arguments.
SELECT count(*) > 150 AS many, count(DISTINCT key) = count(*) AS once FROM nps_report_phrases();
SELECT key, language FROM nps_report_phrases() p, LATERAL (VALUES ('en', en), ('de', de), ('fr', fr)) l(language, phrase)
WHERE phrase IS NULL OR phrase = '' OR phrase ~ '[^ -~]' OR phrase ~ '[<>]' AND phrase !~ '^<b>[^<>]*</b>[^<>]*$' OR phrase ~ '&[^A-Za-z#]' OR phrase ~ '&[a-zA-Z0-9#]*[^a-zA-Z0-9#;]'
	OR (SELECT count(*) FROM regexp_matches(replace(phrase, '%%', ''), '%', 'g')) <> (SELECT count(*) FROM regexp_matches(replace(en, '%%', ''), '%', 'g'))
	OR replace(phrase, '%%', '') ~ '%(?!([1-9][$])?s)' AND key !~ '^(interval.head)$';
SELECT nps_report_words('xx');
SELECT nps_report_words(NULL);

-- 3. Numbers, dates and names as the language writes them.
SELECT l.language, string_agg(plain(nps_report_number(w, v)), ' ' ORDER BY v) AS numbers, string_agg(plain(nps_report_number(w, v / 1000, 1, true)), ' ' ORDER BY v) AS signed
FROM unnest(ARRAY['en', 'de']) l(language), LATERAL nps_report_words(l.language) w, unnest(ARRAY[-1234567.5, -0.4, 0, 0.5, 49, 50, 1499.5, 9999999]) v GROUP BY 1 ORDER BY 1;
SELECT nps_report_number(nps_report_words('fr'), 1234567.89, 1) AS french, nps_report_number(nps_report_words('en'), NULL) AS none;
SELECT s AS share, plain(nps_report_share(nps_report_words('en'), s)) AS percent, plain(nps_report_share(nps_report_words('de'), s, 1)) AS genau FROM unnest(ARRAY[0, 0.0004, 0.004, 0.005, 0.5, 0.994, 0.996, 0.9996, 1]) s;
SELECT p, plain(nps_report_p(nps_report_words('en'), p)) AS shown FROM unnest(ARRAY[0, 0.0009, 0.001, 0.0494, 0.04999, 0.05, 0.9999, 1]) p;
SELECT l.language, g.grain, plain(nps_report_period(w, g.grain, '2026-12-28')) AS period, plain(nps_report_in(w, g.grain, '2026-12-28', true)) AS running
FROM unnest(ARRAY['en', 'de', 'fr']) l(language), LATERAL nps_report_words(l.language) w, nps_grains() g ORDER BY 1, 2;
SELECT plain(nps_report_range(w, '2026-01-05', '2026-02-07')) AS in_a_year, plain(nps_report_range(w, '2025-12-05', '2026-02-07')) AS over_years, plain(nps_report_range(w, '2026-02-07', '2026-02-07')) AS a_day FROM nps_report_words('en') w;
SELECT nps_report_value(w, v, 12) AS html, nps_report_value(nps_report_words('en', true), v, 12) AS plain
FROM nps_report_words('en') w, unnest(ARRAY[NULL, '', '  ', '<b>&"', 'one name of many', E'line\nline', 'a-b-c-d-e-f']) v;
SELECT name, nps_report_initials(w, name) FROM nps_report_words('en') w, unnest(ARRAY['Ada Lovelace', 'ada.lovelace@example.org', 'c4711', '<i> x', '', NULL, 'a b c d e']) name;

-- 4. Headings by rule.  data is like that of nps_report_data(), with the parts that a rule looks at.
CREATE FUNCTION found(data jsonb, language text DEFAULT 'en') RETURNS jsonb LANGUAGE sql AS $$
	SELECT nps_report_findings(nps_report_words(language), '{"scale": "nps", "grain": "quarter", "few": 30, "summary": {"responses": 1000}}'::jsonb || data) $$;
SELECT what, plain(found(data)->>'title') AS title
FROM (VALUES
	('no answers', '{"summary": {"responses": 0}}'::jsonb),
	('none in it', '{"period": {"period_start": "2026-10-01", "responses": 0}}'),
	('one', '{"period": {"period_start": "2026-10-01", "responses": 1, "nps": 100, "change": 5, "change_p_value": 0.001}}'),
	('few', '{"period": {"period_start": "2026-10-01", "responses": 29, "nps": -8.5, "change": 5, "change_p_value": 0.001}, "before": {"responses": 99}}'),
	('the first', '{"period": {"period_start": "2026-10-01", "responses": 30, "nps": 41.4, "change": null}}'),
	('few before', '{"period": {"period_start": "2026-10-01", "responses": 30, "nps": 41.4, "change": -9, "change_p_value": 0.001, "change_from": "2026-07-01"}, "before": {"responses": 29}}'),
	('alike', '{"period": {"period_start": "2026-10-01", "responses": 30, "nps": 41.4, "change": 0.4, "change_p_value": 0.5, "change_from": "2026-07-01"}, "before": {"responses": 30}}'),
	('tiny but real', '{"period": {"period_start": "2026-10-01", "responses": 3000000, "nps": 41.4, "change": 0.4, "change_p_value": 0.0499, "change_from": "2026-07-01"}, "before": {"responses": 30}}'),
	('down, chance', '{"period": {"period_start": "2026-10-01", "responses": 30, "nps": 41.4, "change": -4.4, "change_p_value": 0.05, "change_from": "2026-07-01"}, "before": {"responses": 30}}'),
	('down, real', '{"period": {"period_start": "2026-10-01", "responses": 30, "nps": 41.4, "change": -4.4, "change_p_value": 0.0499, "change_from": "2026-07-01"}, "before": {"responses": 30}}'),
	('up by one', '{"period": {"period_start": "2026-10-01", "responses": 30, "nps": 41.4, "change": 0.5, "change_p_value": 0.0499, "change_from": "2026-04-01"}, "before": {"responses": 30}}'),
	('another scale', '{"scale": "csat5", "period": {"period_start": "2026-10-01", "responses": 30, "nps": 41.4, "change": null}}')) c(what, data);
SELECT what, plain(found('{"period": {"period_start": "2026-10-01"}}'::jsonb || jsonb_build_object('trend', (SELECT jsonb_agg(jsonb_build_object('period_start', date '2025-01-01' + n * interval '3 months', 'responses', r, 'change', ch, 'change_p_adjusted', p) ORDER BY n)
	FROM unnest(responses, changes, p_values) WITH ORDINALITY AS t(r, ch, p, n))))->>'trend') AS trend
FROM (VALUES
	('one period', ARRAY[50, 0], ARRAY[NULL, NULL]::numeric[], ARRAY[NULL, NULL]::numeric[]),
	('too few', ARRAY[5, 6, 7], ARRAY[NULL, 9, 9], ARRAY[NULL, NULL, NULL]::numeric[]),
	('none', ARRAY[50, 60, 70], ARRAY[NULL, 9, -9], ARRAY[NULL, 0.05, 1]),
	('one', ARRAY[50, 60, 70], ARRAY[NULL, 9, -9.5], ARRAY[NULL, 0.05, 0.049]),
	('two', ARRAY[50, 60, 70], ARRAY[NULL, 1.2, -9.5], ARRAY[NULL, 0.04, 0.049]),
	('three', ARRAY[50, 60, 70, 80], ARRAY[NULL, 1.2, -9.5, 30], ARRAY[NULL, 0.04, 0.049, 0])) c(what, responses, changes, p_values);
-- A group is a value of a segment; those that are in a heading passed the test.
SELECT what, plain(found(g.data)->>'lede') AS lede, plain(found(g.data)->>'moved') AS moved
FROM (VALUES (0, 'nothing tested', 0), (0, 'nothing moved', 5), (1, 'one', 5), (2, 'two', 5), (3, 'three', 5)) c(moved, what, tested)
CROSS JOIN LATERAL (SELECT jsonb_build_object('goal', 40, 'period', '{"period_start": "2026-10-01", "responses": 99, "nps": 10, "nps_low": 0, "nps_high": 20, "change": 3}'::jsonb, 'groups',
	jsonb_build_object('by_effect', '[{}]'::jsonb, 'change_tested', tested, 'moved', (SELECT jsonb_agg(m.member) FROM (SELECT e.member FROM jsonb_array_elements(
		'[{"segment": "plan", "value": "starter", "change": -34, "nps": 6.2, "rate_effect": -8.4}, {"segment": "region", "value": null, "change": 20, "nps": 50, "rate_effect": 1.2},
		{"segment": "plan", "value": "", "change": 2, "nps": 50, "rate_effect": 0.2}]') e(member) LIMIT moved) m))) AS data) g;
SELECT what, plain(nps_report_goal(nps_report_words('en'), 'lede', '{"nps": 10, "nps_low": 5, "nps_high": 15}', goal)) AS goal FROM (VALUES ('below', 4.99), ('within', 5), ('within', 15), ('above', 15.01)) c(what, goal);
SELECT below, above, plain(nps_report_apart(nps_report_words('en'), jsonb_build_object('tested', tested, 'apart', (SELECT jsonb_agg(v) FROM (
	(SELECT jsonb_build_object('segment', 'plan', 'value', 'b' || i, 'impact', -i, 'difference', -9) AS v FROM generate_series(1, below) i) UNION ALL
	(SELECT jsonb_build_object('segment', 'plan', 'value', 'a' || i, 'impact', i, 'difference', 9) FROM generate_series(1, above) i)) v)))) AS heading
FROM (VALUES (0, 0, 0), (0, 0, 4), (1, 0, 4), (2, 0, 4), (4, 0, 9), (0, 1, 4), (1, 2, 4), (3, 3, 9)) c(below, above, tested);
SELECT plain(found(jsonb_build_object('period', '{}'::jsonb, 'causes', causes))->>'causes') AS causes
FROM unnest(ARRAY['[]', '[{"cause": "price", "respondents": 1}]', '[{"cause": "price", "respondents": 7}, {"cause": "x", "respondents": 6}]', '[{"cause": "price", "respondents": 7}, {"cause": "x", "respondents": 7}]',
	'[{"cause": "a", "respondents": 7}, {"cause": "b", "respondents": 7}, {"cause": "c", "respondents": 7}]']::jsonb[]) causes;
SELECT plain(found(jsonb_build_object('period', '{"period_start": "2026-10-01"}'::jsonb, 'loop', loop))->>'loop') AS loop
FROM unnest(ARRAY['[]', '[{"period_start": "2026-07-01", "cases": 5}]', '[{"period_start": "2026-10-01", "cases": 1, "contacted": 1, "contacted_in_time": 0}]', '[{"period_start": "2026-10-01", "cases": 43, "contacted": 24, "contacted_in_time": 15}]']::jsonb[]) loop;
SELECT plain(found(jsonb_build_object('period', '{}'::jsonb, 'list', list))->>'list') AS list
FROM unnest(ARRAY['{"open": 0, "late": 0, "first": null}', '{"open": 1, "late": 1, "first": [1]}', '{"open": 1200, "late": 7, "first": [1, 2, 3]}']::jsonb[]) list;
-- nothing to report, no heading
SELECT key FROM jsonb_each_text(found('{"summary": {"responses": 0}}')) WHERE value IS NOT NULL ORDER BY 1;

-- 5. A survey.  Of three plans one fell in the last quarter; whatever is not tested stays the same.
CREATE TABLE answer (id integer PRIMARY KEY, who text, firm text, at timestamptz, score integer, words text, plan text, region text, boss text);
INSERT INTO answer
SELECT i, 'c' || i, 'Firm ' || i % 40, '2024-01-01'::timestamptz + i * interval '8 hours',
	CASE WHEN i % 37 = 0 THEN 99 WHEN i % 41 = 0 THEN NULL WHEN i % 3 = 0 AND i > 1920 THEN i % 5 ELSE (ARRAY[10, 9, 10, 3, 8, 7, 9, 10, 10, 6, 9])[1 + i % 11] END,
	CASE WHEN i % 4 = 0 THEN 'the price is too high' WHEN i % 7 = 0 THEN 'delivery came late' END, (ARRAY['starter', 'business', NULL])[1 + i % 3], (ARRAY['North', 'South'])[1 + i / 5 % 2], 'boss' || i % 2
FROM generate_series(0, 2190) i;
ANALYZE answer;
SELECT count(*) > 0 AS attached FROM nps_attach('answer', 'score', 'seen', respondent => 'who', account => 'firm', responded_at => 'at', asked_at => 'at', comment => 'words', segments => ARRAY['plan', 'region'], owner => 'boss', goal => 40,
	time_zone => 'UTC', loop_since => '-infinity');
UPDATE seen.survey SET follow_up_days = 10000;
UPDATE seen.followup_all SET status = 'contacted', channel = 'phone', cause = 'price', contacted_at = opened_at + interval '1 hour' WHERE case_id IN (SELECT case_id FROM seen.followup_all WHERE case_id > 2000 ORDER BY case_id LIMIT 20);
CREATE TABLE page AS SELECT l.language, nps_report_html('seen', period => '2025-11-05', grain => 'quarter', language => l.language, title => 'Customers & "friends"', cases => 4, quotes => 2) AS html FROM unnest(ARRAY['en', 'de', 'fr']) l(language);
SELECT headings(html) FROM page WHERE language = 'en';
SELECT headings(html) FROM page WHERE language = 'de' LIMIT 4;
SELECT headings(html) FROM page WHERE language = 'fr' LIMIT 4;
SELECT plain(substring(html, '<title>.*?</title>')) AS title, substring(html, '<html[^>]*>') AS language FROM page;
-- Each number is the one in its view: comparing the page with the views, nothing is left on either side.
CREATE FUNCTION whole(n double precision) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(replace(to_char(round(n::numeric), 'FM999,999,990'), '-0', '0'), '~') $$;
CREATE FUNCTION signed(n double precision, pattern text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(CASE WHEN to_char(abs(n::numeric), pattern) ~ '[1-9]' THEN CASE WHEN n < 0 THEN '-' ELSE '+' END ELSE '' END || to_char(abs(n::numeric), pattern), '~') $$;
CREATE FUNCTION p(n double precision) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(CASE WHEN n < 0.001 THEN '<0.001' ELSE to_char(n, 'FM0.000') END, '~') $$;
CREATE TABLE expected (section text, line text);
INSERT INTO expected
SELECT 'hero', 'Q4 2025|' || whole(nps) || '|' || responses || ' answers' FROM seen.trend WHERE grain = 'quarter' AND period_start = '2025-10-01'
UNION ALL SELECT 'hero', 'Q3 2025|' || whole(b.nps) || '|' || signed(t.change, 'FM990') || ' since then, ' || CASE WHEN t.change_p_value < 0.05 THEN 'more than' ELSE 'may be' END || ' chance; change from ' || signed(t.change_low, 'FM990') || ' to ' || signed(t.change_high, 'FM990')
	FROM seen.trend t, seen.trend b WHERE t.grain = 'quarter' AND t.period_start = '2025-10-01' AND b.grain = 'quarter' AND b.period_start = '2025-07-01'
UNION ALL SELECT 'hero', 'Q4 2024|' || whole(b.nps) || '|' || signed(t.year_change, 'FM990') || ' since then, ' || CASE WHEN t.year_change_p_value < 0.05 THEN 'more than' ELSE 'may be' END || ' chance; change from ' || signed(t.year_change_low, 'FM990') || ' to ' || signed(t.year_change_high, 'FM990')
	FROM seen.trend t, seen.trend b WHERE t.grain = 'quarter' AND t.period_start = '2025-10-01' AND b.grain = 'quarter' AND b.period_start = '2024-10-01'
UNION ALL SELECT 'hero', v FROM (VALUES ('Goal|40|below it, more than chance'), ('Benchmark|30|below it, more than chance')) g(v)
UNION ALL SELECT 'dist', score || '|' || category || '|' || responses || '|' || to_char(100 * share, 'FM990.0') || ' %' FROM seen.distribution_trend WHERE grain = 'quarter' AND period_start = '2025-10-01'
UNION ALL SELECT 'trend', to_char(period_start, '"Q"Q YYYY') || '|' || responses || '|' || whole(nps) || '|' || whole(nps_low) || ' to ' || whole(nps_high) || '|' || signed(change, 'FM990') || '|' || p(change_p_adjusted)
	FROM seen.trend WHERE grain = 'quarter' AND period_start <= '2025-10-01'
UNION ALL SELECT 'moved', coalesce(value, 'not known') || '|' || signed(rate_effect, 'FM990.0') FROM seen.segment_trend WHERE grain = 'quarter' AND period_start = '2025-10-01'
UNION ALL SELECT 'moved', segment || '|' || coalesce(value, 'not known') || '|' || responses || '|' || signed(change, 'FM990') || '|' || signed(rate_effect, 'FM990.0') || '|' || signed(mix_effect, 'FM990.0') || '|' || p(nps_holm(change_p_value) OVER ())
	FROM seen.segment_trend WHERE grain = 'quarter' AND period_start = '2025-10-01'
UNION ALL SELECT 'seg', segment FROM seen.segment GROUP BY segment HAVING false
UNION ALL SELECT 'seg', coalesce(value, 'not known') || '|' || responses || '|' || CASE WHEN q < 0.05 THEN CASE WHEN difference < 0 THEN 'v lower ' ELSE '^ higher ' END ELSE '' END || whole(nps) || '|' || whole(nps_low) || ' to ' || whole(nps_high) || '|' || signed(impact, 'FM990.0') || '|'
		|| CASE WHEN q < 0.05 THEN CASE WHEN difference < 0 THEN 'lower' ELSE 'higher' END ELSE 'may be chance' END
	FROM (SELECT *, nps_holm(difference_p_value) OVER () AS q FROM seen.segment_trend WHERE grain = 'quarter' AND period_start = '2025-10-01') s
UNION ALL SELECT 'cause', cause || '|' || count(DISTINCT respondent) || '|' || signed((SELECT nps_score(score) - nps_score(score) FILTER (WHERE NOT response_id = ANY (named)) FROM seen.counted WHERE responded_at >= '2025-10-01' AND responded_at < '2026-01-01'), 'FM990.0')
	FROM (SELECT *, array_agg(response_id) OVER (PARTITION BY cause) AS named FROM seen.cause_mention WHERE responded_at >= '2025-10-01' AND responded_at < '2026-01-01') m GROUP BY cause, named
UNION ALL SELECT 'loop', m.label || '|' || string_agg(CASE m.n WHEN 1 THEN contacted || ' of ' || cases WHEN 2 THEN coalesce(whole(100 * contact_in_time_rate) || ' %', '~') || '; ' || contacted_in_time || ' in time' WHEN 3 THEN open || ' of ' || cases
		WHEN 4 THEN late || ' of ' || open ELSE CASE WHEN recovery_rate IS NULL THEN '~' ELSE whole(100 * recovery_rate) || ' %' END || '; ' || recovered || ' of ' || recovery_known END, '|' ORDER BY period_start DESC)
	FROM seen.closed_loop, (VALUES (1, 'Contacted; of all cases'), (2, 'Contacted in time; of cases contacted or due by now'), (3, 'Still open; of all cases'), (4, 'Late now; of open cases'), (5, 'Recovered; of contacted detractors, once time has told')) m(n, label)
	WHERE grain = 'quarter' AND segment = 'all' AND period_start BETWEEN '2025-04-01' AND '2025-10-01' GROUP BY m.n, m.label
UNION ALL SELECT 'first', case_id || '|' || (SELECT string_agg(left(w, 1), '.' ORDER BY n) FROM regexp_split_to_table(account, ' ') WITH ORDINALITY AS x(w, n)) || '.|' || score || '|' || next_step || '|' || channel_advised || '|'
		|| to_char(next_due AT TIME ZONE 'UTC', CASE WHEN extract(year FROM next_due AT TIME ZONE 'UTC') = extract(year FROM now() AT TIME ZONE 'UTC') THEN 'FMDD Mon' ELSE 'FMDD Mon YYYY' END) || CASE due WHEN 'late' THEN ' late' ELSE '' END || '|' || responsible
	FROM (SELECT * FROM seen.followup LIMIT 4) f;
SELECT section, count(*) AS rows FROM expected GROUP BY section ORDER BY section;
CREATE VIEW wrong AS
SELECT 'not on the page' AS wrong, e.* FROM (SELECT * FROM expected EXCEPT ALL SELECT s.section, cells(html, s.section) FROM page, (SELECT DISTINCT section FROM expected) s WHERE language = 'en') e
UNION ALL SELECT 'on the page only', e.* FROM (SELECT s.section, cells(html, s.section) FROM page, (SELECT DISTINCT section FROM expected) s WHERE language = 'en' EXCEPT ALL SELECT * FROM expected) e;
SELECT * FROM wrong;
SELECT array_agg(plain(m[1]) ORDER BY n) = (SELECT ARRAY[t.responses::text || ' in Q4 2025; ' || whole(s.responses) || ' in all', whole(100 * t.response_rate) || ' % of those asked in Q4 2025',
	t.rejected || ' rows without a valid score in Q4 2025; ' || s.rejected || ' in all', whole(100 * t.comment_share) || ' % of the answers in Q4 2025']
	FROM seen.trend t, seen.summary s WHERE grain = 'quarter' AND period_start = '2025-10-01') AS facts_are_right
FROM page, regexp_matches(html, '<dd>(.*?)</dd>', 'g') WITH ORDINALITY AS r(m, n) WHERE language = 'en';
-- Pictures: as many marks as rows; the bars are as high as their shares, in pixels of 212.
SELECT (SELECT count(*) FROM regexp_matches(section, '<circle class="pt', 'g')) AS points, (SELECT count(*) FROM regexp_matches(section, '<polyline', 'g')) AS lines, (SELECT array_agg(m[1]) FROM regexp_matches(section, '<tspan>&#96(60|50);[0-9]+', 'g') m) AS marks
FROM page, LATERAL substring(html, '<section class="trend".*?</section>') AS section WHERE language = 'en';
SELECT count(*) AS bars, count(*) FILTER (WHERE round(212 * share / max, 1) <> height) AS wrong
FROM (SELECT s.share::numeric, max(s.share) OVER ()::numeric AS max, m[1]::numeric AS height FROM page, regexp_matches(substring(html, '<section class="dist".*?</section>'), '<rect class="[a-z]+" [^>]* height="([0-9.]+)"', 'g') WITH ORDINALITY AS r(m, n)
	JOIN (SELECT share, row_number() OVER (ORDER BY score) AS n FROM seen.distribution_trend WHERE grain = 'quarter' AND period_start = '2025-10-01') s USING (n) WHERE language = 'en') b;
-- German and French: other words, the same digits in the same places.
SELECT language, count(*) AS different FROM page JOIN (SELECT html AS english FROM page WHERE language = 'en') e ON language <> 'en'
CROSS JOIN LATERAL (SELECT regexp_replace(replace(replace(m[1], '&#8239;', ''), ',', '.'), '[^0-9.]', '', 'g') AS digits, n FROM regexp_matches(html, '<td class="n">(.*?)</td>', 'g') WITH ORDINALITY AS r(m, n)) a
JOIN LATERAL (SELECT regexp_replace(m[1], '[^0-9.]', '', 'g') AS digits, n FROM regexp_matches(english, '<td class="n">(.*?)</td>', 'g') WITH ORDINALITY AS r(m, n)) b USING (n)
WHERE a.digits <> b.digits GROUP BY language;
-- the same from a rollup, with any settings, and with a search path that has the names the page uses
CREATE VIEW without_time AS SELECT regexp_replace(nps_report_html('seen', period => '2025-11-05', grain => 'quarter', title => 'Customers & "friends"', cases => 4, quotes => 2), 'As of .*?, time zone', '') = regexp_replace(html, 'As of .*?, time zone', '') AS the_same FROM page WHERE language = 'en';
SELECT * FROM without_time;
CREATE SCHEMA report_trap;
CREATE FUNCTION report_trap.round(numeric, integer) RETURNS numeric LANGUAGE sql AS 'SELECT 1/0::numeric';
CREATE FUNCTION report_trap.format(text, text) RETURNS text LANGUAGE sql AS 'SELECT (1/0)::text';
CREATE TABLE report_trap.jsonb (i integer);
SET search_path = report_trap, pg_catalog, report_page, public;
SET datestyle = 'German'; SET extra_float_digits = -10; SET timezone = 'Asia/Tokyo'; SET intervalstyle = 'sql_standard';
-- gone in 19
DO $$ BEGIN IF current_setting('server_version_num')::integer < 190000 THEN SET standard_conforming_strings = off; END IF; END $$;
SELECT * FROM without_time;
RESET search_path; RESET datestyle; RESET extra_float_digits; RESET intervalstyle; RESET standard_conforming_strings;
SET timezone = 'UTC';
SET search_path = report_page, public;
CALL nps_materialize('seen');
SELECT * FROM without_time;
CALL nps_dematerialize('seen');

-- A difference that is more than chance on its own may be chance as one of many: of all segments together, not of each.
CREATE TABLE marginal_answer AS SELECT i AS id, timestamptz '2025-02-01' AS at, CASE WHEN i % 100 < CASE i / 100 WHEN 0 THEN 43 ELSE 28 END THEN 10 ELSE 7 END AS score, CASE i / 100 WHEN 0 THEN 'a' ELSE 'others' END AS grp,
	i % 2 AS half, i % 3 AS third, i % 5 AS fifth FROM generate_series(0, 399) i;
SELECT count(*) > 0 AS attached FROM nps_attach('marginal_answer', 'score', 'marginal', response_id => 'id', responded_at => 'at', segments => ARRAY['grp', 'half', 'third', 'fifth'], time_zone => 'UTC');
SELECT value, difference_p_value < 0.05 AS alone, difference_p_adjusted < 0.05 AS in_its_segment FROM marginal.segment_trend WHERE grain = 'quarter' AND segment = 'grp';
SELECT headings(nps_report_html('marginal', grain => 'quarter'));

-- 6. Lines of text: in ASCII, if the client does not use UTF-8; longer values are cut.
SET client_encoding = LATIN1;
SELECT * FROM nps_report_text('seen', period => '2025-11-05', grain => 'quarter');
RESET client_encoding;
SELECT count(*) > 3 AS lines FROM nps_report_text('seen', causes => false, follow_up => false);

-- 7. Which grain and period, if none is passed: one with enough answers to tell, also when a quarter has just begun.
SELECT n, (SELECT jsonb_build_array(d->'grain', d->'period'->'period_start', jsonb_array_length(d->'trend')) FROM nps_report_data('seen', NULL, NULL, NULL, NULL, false, false, 0, 0) d) AS shown, d.left
FROM (VALUES (1, 0)) v(n, left_out), LATERAL (SELECT count(*) AS left FROM seen.response) d;
SELECT d->>'grain' AS grain, d->'period'->>'period_start' AS start FROM nps_report_data('seen', NULL, NULL, '2025-02-28', 'month', false, false, 0, 0) d;
DELETE FROM answer WHERE at < '2025-09-01' OR at >= '2026-01-01';
INSERT INTO answer (id, at, score) VALUES (9001, '2026-01-01', 3), (9002, '2026-01-01', 10), (9003, '2199-01-01', 10);
SELECT d->>'grain' AS grain, d->'period'->>'period_start' AS start, d->'period'->>'responses' AS responses FROM nps_report_data('seen', NULL, NULL, NULL, NULL, false, false, 0, 0) d;
SELECT d->>'grain' AS grain, d->'period'->>'period_start' AS start FROM nps_report_data('seen', NULL, NULL, NULL, 'month', false, false, 0, 0) d;
SELECT d->>'grain' AS grain, d->'period'->>'period_start' AS start FROM nps_report_data('seen', NULL, NULL, '2026-01-01', 'month', false, false, 0, 0) d;

-- 8. No answers, one answer, an answer without a date.
TRUNCATE answer;
SELECT headings(nps_report_html('seen', cases => 3, quotes => 3));
SELECT headings(nps_report_html('seen', period => '2020-01-01', grain => 'week'));
SELECT * FROM nps_report_text('seen');
INSERT INTO answer (id, score, words) VALUES (1, 5, 'no date');
SELECT headings(nps_report_html('seen', quotes => 1));
SELECT plain(substring(html, '<p class="over">.*?</p>')) AS over, plain(substring(html, '<dl.*?</dl>')) AS facts FROM nps_report_html('seen') AS html;
INSERT INTO answer (id, who, at, score, words) VALUES (2, 'x', '2025-02-03 04:05Z', 8, 'late');
SELECT headings(nps_report_html('seen', cases => 3, quotes => 3));
SELECT * FROM nps_report_text('seen');

-- a survey without dates is reported as a whole
CREATE TABLE undated_answer AS SELECT i AS id, i % 11 AS score, CASE WHEN i % 11 > 8 THEN 'fond' ELSE 'others' END AS kind FROM generate_series(1, 330) i;
SELECT count(*) > 0 AS attached FROM nps_attach('undated_answer', 'score', 'undated', response_id => 'id', segments => ARRAY['kind'], goal => -80);
SELECT headings(nps_report_html('undated', language => l)) FROM unnest(ARRAY['en', 'de', 'fr']) l;
SELECT * FROM nps_report_text('undated');

-- 9. Nothing in a text by others is more than text: no tag, attribute or reference but ours, and all of it ASCII.
CREATE TABLE odd (LIKE answer INCLUDING ALL);
INSERT INTO odd SELECT i, E'"><svg onload=alert(1)>\u202E' || i, '</td></table><script src=//x></script>', '2025-01-01'::timestamptz + i * interval '60 hours', i % 11,
	(ARRAY['<script>alert(1)</script><!--', repeat('word', 100) || repeat(' word', 2000), '&lt;b&gt; %s %1$s $1 \', E'\u0645\u0646\u202E\u05D0\U0001F600', E'a\u0001\u0085b'])[1 + i % 5],
	(ARRAY['"><script>alert(1)</script>', repeat('A', 10000), '', NULL, '</style><style>*{}', '%s %1$s %', ' onclick="x" '])[1 + i % 7], '`${x}`{{y}}', E'boss <b>\u202E' FROM generate_series(1, 140) i;
ANALYZE odd;
SELECT count(*) > 0 AS attached FROM nps_attach('odd', 'score', 'odd', respondent => 'who', account => 'firm', responded_at => 'at', comment => 'words', segments => ARRAY['plan AS "<i>""''&"', 'region'], owner => 'boss', time_zone => 'UTC', loop_since => '-infinity');
UPDATE odd.cause SET query = 'alert', cause = '<u>"cause' WHERE cause = 'price';
UPDATE odd.survey SET benchmark_source = '<script>"source', follow_up_days = 10000;
CREATE TABLE hostile AS SELECT nps_report_html('odd', period => '2025-10-31', language => l.language, title => '</title><script>1</script>', cases => 9, quotes => 9) AS html FROM unnest(ARRAY['en', 'de', 'fr']) l(language);
SELECT count(*) AS pages, bool_or(html ~ '[^\t\n -~]') AS not_ascii, bool_or(html ~* '<(script|img|iframe|object|embed|link|base|form|a|b><b|i><i|u)[ >/]') AS foreign_tag, bool_or(html ~* '\m(src|href|action|on[a-z]+|xlink:[a-z]+) *=|url[(]|@import') AS foreign_attribute FROM hostile;
SELECT string_agg(DISTINCT m[1], ' ' ORDER BY m[1]) AS tags FROM hostile, regexp_matches(html, '<([a-z0-9]+)', 'g') m;
SELECT string_agg(DISTINCT m[1], ' ' ORDER BY m[1]) AS attributes FROM hostile, regexp_matches(html, ' ([a-zA-Z-]+)="', 'g') m;
-- every tag that is opened is closed, equally often
SELECT tag, count(*) FROM hostile, unnest(ARRAY['bdi', 'i', 'b', 'td', 'th', 'tr', 'table', 'svg', 'section', 'p', 'div', 'span', 'details', 'h2', 'small', 'blockquote', 'text', 'title', 'style', 'script']) tag
WHERE (SELECT count(*) FROM regexp_matches(html, '<' || tag || '[ >]', 'g')) <> (SELECT count(*) FROM regexp_matches(html, '</' || tag || '>', 'g')) GROUP BY tag;
SELECT line FROM nps_report_text('odd', period => '2025-10-31') AS t(line) WHERE line ~ '[[:cntrl:]]' OR length(line) > 200;

-- 10. It shows what its reader may see, and nothing to anybody else.
CREATE FUNCTION denied(statement text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN NULL; EXCEPTION WHEN insufficient_privilege THEN RETURN SQLERRM; END $$;
CREATE ROLE regress_nps_page;
GRANT USAGE ON SCHEMA report_page TO regress_nps_page;
SET ROLE regress_nps_page;
SELECT denied('SELECT nps_report_html(''odd'')') AS page, denied('SELECT nps_report_text(''odd'')') AS text;
RESET ROLE;
SELECT nps_grant('odd', 'regress_nps_page');
GRANT SELECT ON odd TO regress_nps_page;
ALTER TABLE odd ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON odd TO regress_nps_page USING (id % 2 = 0);
SELECT (d->'period'->>'responses')::integer AS responses, d->'list'->>'open' AS open FROM nps_report_data('odd', NULL, NULL, '2025-10-31', 'quarter', true, true, 1, 1) d;
SET ROLE regress_nps_page;
SELECT (d->'period'->>'responses')::integer AS responses, d->'list'->>'open' AS open FROM nps_report_data('odd', NULL, NULL, '2025-10-31', 'quarter', true, true, 1, 1) d;
SELECT plain(substring(nps_report_html('odd', period => '2025-10-31', grain => 'quarter'), '<dd>.*?</dd>')) AS answers;
RESET ROLE;

-- 11. Errors are reported.
SELECT nps_report_html('nobody');
SELECT nps_report_html('report_page');
SELECT nps_report_html(NULL);
SELECT nps_report_html('seen', grain => 'fortnight');
SELECT nps_report_html('seen', language => 'la');
SELECT nps_report_html('seen', period => '2031-01-01', grain => 'quarter');
SELECT nps_objects('nobody');
SELECT object, kind FROM nps_objects('seen') LIMIT 3;
DELETE FROM seen.survey;
SELECT nps_report_text('seen');

RESET search_path;
DROP SCHEMA seen, odd, undated, marginal, report_page, report_trap CASCADE;
DROP ROLE regress_nps_page;
