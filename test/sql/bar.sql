-- The shares of a tally as a line of text.
CREATE SCHEMA bar_test;
SET search_path = bar_test, public;

-- In ASCII, which every client and database can show.
SET client_encoding = LATIN1;
SELECT d, m, p, nps_bar(nps_counts(d, m, p), 20) AS bar FROM (VALUES (1, 2, 2), (5, 0, 0), (0, 5, 0), (0, 0, 5), (1, 1, 1), (0, 1, 1), (1, 0, 999), (1, 1, 999998),
	(0, 0, 1), (1000000000000000000, 0, 1000000000000000001), (1, 1000000000000000000, 1), (33, 33, 34)) v(d, m, p);
SELECT width, nps_bar(nps_counts(1, 1, 98), width) AS bar FROM generate_series(1, 12) AS width;
SELECT nps_bar(nps_counts(1, 1, 2)) AS forty;
SELECT nps_bar('csat5{1,0,1,1,1}', 8) AS other_scale, nps_bar('{}') IS NULL AS no_answers, nps_bar(NULL) IS NULL AS no_tally, nps_bar('{;1,2,3}', NULL) IS NULL AS no_width;
SELECT nps_bar('{;1,2,3}', 0);
SELECT nps_bar('{;1,2,3}', -1);
SELECT nps_bar('{;1,2,3}', 1001);
-- Always as wide as asked for; each part is within one character of its share, except a rare one, which stays visible.
SELECT d, m, p, width, bar FROM (
	SELECT d, m, p, width, nps_bar(nps_counts(d, m, p), width) AS bar
	FROM generate_series(0, 7) d, generate_series(0, 7) m, unnest(ARRAY[0, 1, 2, 5, 30, 1000]) p, unnest(ARRAY[1, 2, 3, 4, 7, 40, 1000]) width WHERE d + m + p > 0) b,
	LATERAL (SELECT length(bar) - length(replace(bar, '-', '')) AS minus, length(bar) - length(replace(bar, '.', '')) AS points, length(bar) - length(replace(bar, '+', '')) AS plus) l
WHERE length(bar) <> width OR bar !~ '^-*[.]*[+]*$'
	OR width >= 3 AND ((minus > 0) <> (d > 0) OR (points > 0) <> (m > 0) OR (plus > 0) <> (p > 0))
	OR width >= 40 AND greatest(abs(minus - width * d / (d + m + p)::numeric), abs(points - width * m / (d + m + p)::numeric), abs(plus - width * p / (d + m + p)::numeric)) > 2;

-- In UTF-8, where the database has it: the same width, other characters.
SET client_encoding = UTF8;
SELECT length(bar) AS twenty, CASE WHEN getdatabaseencoding() = 'UTF8'
	THEN encode(convert_to(bar, 'UTF8'), 'hex') = repeat('e29693', 4) || repeat('e29691', 8) || repeat('e29688', 8)
	ELSE bar = '----........++++++++' END AS as_it_should_be
FROM (SELECT nps_bar(nps_counts(1, 2, 2), 20) AS bar) b;
RESET client_encoding;

RESET search_path;
DROP SCHEMA bar_test CASCADE;
