-- The default causes, and the queries that find them in English comments.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET search_path = public;
CREATE SCHEMA cause_test;
SET search_path = cause_test, public;

CREATE TABLE cause AS SELECT * FROM nps_default_causes();
SELECT cause, team, query IS NOT NULL AS suggested FROM nps_default_causes();
SELECT count(*), count(DISTINCT cause) AS names, count(DISTINCT remedy) AS remedies, bool_and(remedy ~ '^[A-Z][^\n]{10,150}\.$') AS a_line FROM cause;
SELECT pg_get_function_result('nps_default_causes()'::regprocedure), proretset FROM pg_proc WHERE oid = 'nps_default_causes()'::regprocedure;

--
-- The queries as texts.
--
CREATE VIEW term AS SELECT cause, n, t AS term, websearch_to_tsquery('pg_catalog.english', t) AS parsed
FROM cause, regexp_split_to_table(query, ' or ') WITH ORDINALITY AS r (t, n);
CREATE VIEW phrase AS SELECT cause, string_to_array(p[1], ' ') AS words, websearch_to_tsquery('pg_catalog.english', '"' || p[1] || '"') AS parsed
FROM cause, regexp_matches(query, '"([^"]*)"', 'g') p;
SELECT cause, numnode(websearch_to_tsquery('pg_catalog.english', query)) > 20 AS parsed, count(term) > 20 AS terms
FROM cause LEFT JOIN term USING (cause) GROUP BY cause, query ORDER BY cause COLLATE "C";
-- Each term has an effect; of two that are the same for the server one would be redundant.
SELECT cause, term AS nothing_left FROM term WHERE numnode(parsed) = 0;
SELECT cause, parsed AS twice, array_agg(term ORDER BY n) FROM term GROUP BY cause, parsed HAVING count(*) > 1 ORDER BY 1, 2;
-- A phrase keeps its first word, its last word, and so at least two; words
-- outside quotes stand alone: side by side they would be joined by AND.
SELECT cause, words AS cut_short, parsed FROM phrase
WHERE numnode(parsed) < 3 OR numnode(plainto_tsquery('pg_catalog.english', words[1])) = 0
	OR numnode(plainto_tsquery('pg_catalog.english', words[cardinality(words)])) = 0;
SELECT cause, term AS not_quoted FROM term WHERE regexp_replace(term, ' ?-?"[^"]*"', '', 'g') !~ '^[^ ]*( -[^ ]+)*$';
-- What is ignored within a phrase: only words like these.
SELECT DISTINCT w COLLATE "C" AS lost_within FROM phrase, unnest(words) w WHERE numnode(plainto_tsquery('pg_catalog.english', w)) = 0 ORDER BY 1;
-- Each term finds itself, so no minus excludes everything; a minus is for
-- its own alternative only.
SELECT cause, term AS not_found FROM term WHERE NOT to_tsvector('pg_catalog.english', regexp_replace(term, ' -.*', '')) @@ parsed;
SELECT cause, term FROM term WHERE term ~ ' -' ORDER BY cause COLLATE "C", n;

--
-- What a comment matches.
--
CREATE FUNCTION found(comment text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT coalesce(string_agg(c.cause, ' + ' ORDER BY c.cause COLLATE "C"), '')
	FROM cause c WHERE to_tsvector('pg_catalog.english', left(comment, 10000)) @@ websearch_to_tsquery('pg_catalog.english', c.query)
$$;
CREATE TABLE said (meant text, comment text);
INSERT INTO said VALUES
	('service experience', 'The woman at the counter was rude to my mother'), ('service experience', 'Really bad service from start to finish'),
	('service experience', 'Your customer service has been appalling'), ('service experience', 'UNHELPFUL AND ARROGANT'),
	('service experience', 'It is the lack of communication that drives me mad'), ('service experience', 'I got conflicting information from two of your agents'),
	('product or service quality', 'The lid was faulty again'), ('product or service quality', 'The app crashes whenever I open a photo'),
	('product or service quality', 'After two washes it fell apart'), ('product or service quality', 'It stopped working in the second week'),
	('product or service quality', 'The pump doesn''t work and never did'), ('product or service quality', 'Poor quality, and far too difficult to use for children'),
	('expectations not met', 'The pictures on the website are misleading'), ('expectations not met', 'I had expected better of such a name'),
	('expectations not met', 'It fell short of what the brochure says'), ('expectations not met', 'The colour wasn''t as described'),
	('expectations not met', 'It didn''t meet our expectations'),
	('could not get help', 'Nobody answers at the weekend'), ('could not get help', 'I wrote four times and they never replied'),
	('could not get help', 'Two hours on hold, then I gave up'), ('could not get help', 'I asked for a call back last Monday and the Monday before'),
	('could not get help', 'It is impossible to speak with anyone'), ('could not get help', 'Sent from department to department'),
	('delivery or a broken promise', 'The parcel came ten days late'), ('delivery or a broken promise', 'The sofa never arrived'),
	('delivery or a broken promise', 'We are still waiting for half of it'), ('delivery or a broken promise', 'You broke your promise, that is all'),
	('delivery or a broken promise', 'They sent the wrong lamp'), ('delivery or a broken promise', 'It took 3 weeks from the shop to my door'),
	('price', 'Too expensive'), ('price', 'Your prices went up twice this year'), ('price', 'I found it cheaper around the corner'),
	('price', 'Hidden charges on every bill'), ('price', 'Not worth the money'), ('price', 'OVERPRICED!!!'),
	('missing feature', 'Please add a dark theme'), ('missing feature', 'It lacks the features that the old one had'), ('missing feature', 'It doesn''t integrate with our calendar'),
	('missing feature', 'We cannot export to a spreadsheet'), ('missing feature', 'Export by month would be useful'), ('missing feature', 'The search function is there, undo is on the roadmap since spring'),
	-- two at once
	('price + product or service quality', 'Expensive, and it broke after a month'),
	('could not get help + service experience', 'Rude on the phone, and the manager never called'),
	('delivery or a broken promise + expectations not met', 'Misleading advert. And then it arrived late'),
	('missing feature + price', 'Much too expensive for such limited functionality'),
	-- a minus counts for the alternative it stands in, not for the others
	('delivery or a broken promise', 'Nothing but broken promises'), ('product or service quality', 'The lid is broken'), ('product or service quality', 'User unfriendly'),
	-- no match
	('', 'Quick, friendly, reliable'), ('', 'Good service, and the staff were kind'), ('', 'Better than expected'), ('', 'Great value for money'),
	('', 'It just works'), ('', 'We came by train'), ('', 'A fair price'), ('', 'Good'), ('', 'I do not know'), ('', 'other'), ('', 'unknown'),
	('', 'Could be better'), ('', 'They returned the money at once'), ('', 'Happy with all its features'), ('', 'We have had it for a month'),
	('', 'Not one broken cup in ten years'), ('', 'Not bad'), ('', 'I had to call once'), ('', 'Hard working people'), ('', 'The lamp didn''t turn on'), ('', 'Ask me in a year'),
	('price', 'Not one broken cup, but expensive'), ('delivery or a broken promise + product or service quality', 'Faulty, and then a broken promise'),
	-- nothing to read, or not English
	('', NULL), ('', ''), ('', '   '), ('', E'\t\r\n'), ('', '???'), ('', ':-('), ('', '''"" or -" & | ! <-> \'), ('', '5'),
	('', 'Das war leider viel zu teuer'), ('', 'Muy caro para lo que ofrece'), ('', 'Service de mauvaise foi'), ('', 'Niemand neemt de telefoon op'),
	-- markup
	('price', '<p>Too <b>expensive</b>&nbsp;!</p>'), ('service experience', '<div class="x">bad<br/>service</div>'),
	('', '<a href="http://example.com/?q=expensive">see there</a>'), ('', '<img alt="faulty" src="x.png">'), ('', '<<<<>>>> </ <!-- --'),
	-- line ends and punctuation
	('service experience', E'bad\r\nservice'), ('service experience', '"Bad", service!'), ('could not get help', 'call-back? none.');
SELECT meant, found(comment), comment FROM said WHERE found(comment) <> meant;
SELECT meant, count(*) FROM said GROUP BY meant ORDER BY meant COLLATE "C";
-- Negations are not recognized: a known limit, and the reason why a match is only a suggestion.
SELECT c AS comment, found(c) FROM (VALUES ('It is not expensive'), ('Nobody was rude'), ('There was no delay')) v (c);
-- Very long: only what is in the first 10000 characters is found.
SELECT found(repeat('fine ', 1000) || 'expensive') AS within, found(repeat('fine ', 2000) || 'expensive') AS beyond,
	found(repeat('x', 5000000)) AS one_word, found(repeat('expensive ', 500000)) AS many, found(repeat('bad service ', 900)) AS again;

-- Any query that people write can be parsed.
INSERT INTO cause (cause, query) VALUES ('empty', ''), ('stop words', 'the or not'), ('quote', '"never closed'), ('signs', '& | ! ( ) : * <-> \ '''), ('minus', '-'), ('or', 'or or or');
SELECT cause, numnode(websearch_to_tsquery('pg_catalog.english', query)) AS nodes FROM cause WHERE query IS NOT NULL AND team IS NULL ORDER BY cause COLLATE "C";
SELECT found('Too expensive');

-- The views ask for all causes at once: the same as each query by itself, also of those that need none of their words.
INSERT INTO cause (cause, query) VALUES ('only a minus', '-good'), ('no good', 'bad -good'), ('minus first', '-bad good or "so bad"');
CREATE FUNCTION one_by_one(comment text) RETURNS text[] LANGUAGE sql STABLE
	RETURN (SELECT array_agg(k.cause ORDER BY k.cause COLLATE "C") FROM cause k
		WHERE to_tsvector('pg_catalog.english', left(comment, 10000)) @@ websearch_to_tsquery('pg_catalog.english', k.query));
SELECT setseed(0.5);
CREATE TABLE random_said AS
	SELECT string_agg((ARRAY['good', 'bad', 'service', 'price', 'broke', 'never', 'called', 'so', 'the', 'expensive', 'wait', 'promise'])[1 + floor(12 * random())], ' ') AS comment
	FROM generate_series(1, 2000) i, generate_series(0, i % 7) j GROUP BY i;
SELECT count(nps_causes_named('cause', 'pg_catalog.english', comment)) > 1000 AS named, count(*) FILTER (WHERE nps_causes_named('cause', 'pg_catalog.english', comment) IS DISTINCT FROM one_by_one(comment)) AS wrong
FROM (SELECT comment FROM random_said UNION ALL SELECT comment FROM said) s;
SELECT nps_causes_named('cause', 'pg_catalog.english', repeat('fine ', 2000) || 'expensive') AS beyond;
-- what changes is noticed: the queries, the table, the configuration
UPDATE cause SET query = 'good' WHERE cause = 'only a minus';
SELECT nps_causes_named('cause', 'pg_catalog.english', 'so good'), nps_causes_named('cause', 'pg_catalog.simple', 'so bad');
CREATE TEXT SEARCH CONFIGURATION plain (COPY = pg_catalog.simple);
SELECT nps_causes_named('cause', 'plain', 'goods');
ALTER TEXT SEARCH CONFIGURATION plain ALTER MAPPING FOR asciiword WITH english_stem;
SELECT nps_causes_named('cause', 'plain', 'goods');
DELETE FROM cause;
SELECT nps_causes_named('cause', 'plain', 'goods') IS NULL AS none;
SELECT nps_causes_named(0, 'plain', 'goods');
SELECT nps_causes_named('said', 'plain', 'goods');
SELECT nps_causes_named('cause', 0, 'goods') IS NULL AS none;
INSERT INTO cause (cause, query) VALUES ('one', 'good');
SELECT nps_causes_named('cause', 0, 'goods');
SELECT nps_causes_named('cause', 'plain', 'goods');

--
-- Revenue of those who name a cause: of a customer who left and answered since, in whatever order the rows lie.
--
CREATE TABLE left_and_back (id, customer, score, answered_at, comment, revenue, churned_at) AS
SELECT r.id, r.customer, 2, timestamptz '2026-03-01' + r.days * interval '1 day', 'too expensive', 100, timestamptz '2026-03-05' FROM (VALUES (1, 'a', 0), (2, 'a', 9), (3, 'b', 9), (4, 'b', 0)) AS r(id, customer, days);
SELECT count(*) FROM nps_attach('left_and_back', 'score', 'left_and_back_nps', response_id => 'id', respondent => 'customer', responded_at => 'answered_at', comment => 'comment',
	revenue => 'revenue', churned_at => 'churned_at', time_zone => 'UTC');
SELECT respondents, revenue FROM left_and_back_nps.cause_report WHERE respondents > 0;
DROP SCHEMA left_and_back_nps CASCADE;

SET search_path = public;
DROP SCHEMA cause_test CASCADE;
