-- Which function a call means, as users write calls: columns of any type,
-- untyped literals, NULL, named arguments, sums and counts.  None is ambiguous.
CREATE SCHEMA nps_test_overload;
SET search_path = nps_test_overload, public;

CREATE DOMAIN whole_answer AS integer CHECK (VALUE BETWEEN 0 AND 10);
CREATE DOMAIN short_answer AS varchar(10);
CREATE TABLE answer (
	i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric, n31 numeric(3,1),
	t text, v varchar(20), c char(4), d whole_answer, sd short_answer,
	b boolean, j jsonb, tally nps_tally, counts bigint[], scale text, scale_v varchar(20), scale_c char(20), weight numeric
);

-- The functions and operators of ours that an expression over the table resolves
-- to, as a view records them; or its error.
CREATE FUNCTION resolved(expression text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	-- IS NULL: a column of a view cannot be a record
	EXECUTE 'CREATE VIEW nps_test_overload.probe AS SELECT (' || expression || ') IS NULL AS result FROM answer';
	SELECT string_agg(object, ', ' ORDER BY object COLLATE "C") INTO result
	FROM (
		SELECT DISTINCT CASE d.refclassid WHEN 'pg_proc'::regclass THEN d.refobjid::regprocedure::text
			ELSE d.refobjid::regoperator::text END AS object
		FROM pg_depend d
		JOIN pg_rewrite r ON r.oid = d.objid
		WHERE d.classid = 'pg_rewrite'::regclass AND r.ev_class = 'nps_test_overload.probe'::regclass
			AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
	) o;
	DROP VIEW nps_test_overload.probe;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;

-- Columns.  What each is taken as if all types have a function of their own.
CREATE TABLE column_type (name text, type text, number text);
INSERT INTO column_type VALUES
	('i2', 'smallint', 'double precision'), ('i4', 'integer', 'double precision'), ('i8', 'bigint', 'double precision'),
	('f4', 'real', 'double precision'), ('f8', 'double precision', 'double precision'),
	('n', 'numeric', 'numeric'), ('n31', 'numeric', 'numeric'), ('d', 'integer', 'double precision'),
	('t', 'text', NULL), ('v', 'text', NULL), ('c', 'text', NULL), ('sd', 'text', NULL);

-- with a function for each type, text included
SELECT call, expected, resolved AS wrong
FROM column_type,
	unnest('{nps_category,nps_score,nps_tally_agg,nps_low,nps_high}'::text[]) AS f,
	LATERAL (VALUES
		(format('%s(%s)', f, name), format('%s(%s)', f, type)),
		(format('%s(%s, ''csat5'')', f, name), format('%s(%s,text)', f, type)),
		(format('%s(%s, scale)', f, name), format('%s(%s,text)', f, type)),
		(format('%s(%s, scale_v)', f, name), format('%s(%s,text)', f, type)),
		(format('%s(%s, scale_c)', f, name), format('%s(%s,text)', f, type)),
		(format('%s(%s, NULL)', f, name), format('%s(%s,text)', f, type))) AS calls(call, expected),
	resolved(call)
WHERE resolved IS DISTINCT FROM expected;
-- with one for each type of number; text must be parsed first
SELECT call, expected, resolved AS wrong
FROM column_type,
	unnest('{nps_points,nps_is_detractor,nps_is_passive,nps_is_promoter}'::text[]) AS f,
	LATERAL (VALUES (format('%s(%s)', f, name),
		CASE WHEN number IS NULL THEN '42883 function ' || f || '(%) does not exist' ELSE format('%s(%s)', f, type) END)) AS calls(call, expected),
	resolved(call)
WHERE resolved NOT LIKE expected;
SELECT call, expected, resolved AS wrong
FROM column_type,
	LATERAL (VALUES
		(format('nps_points(%s, ''csat5'')', name), format('nps_points(%s,text)', number)),
		(format('nps_points(%s, scale)', name), format('nps_points(%s,text)', number)),
		(format('nps_points(%s, NULL)', name), format('nps_points(%s,text)', number))) AS calls(call, expected),
	resolved(call)
WHERE resolved NOT LIKE CASE WHEN number IS NULL THEN '42883 function nps_points(%) does not exist' ELSE expected END;
-- with one for numbers, numeric and text
SELECT call, expected, resolved AS wrong
FROM column_type,
	unnest('{nps_valid_score,nps_rejection}'::text[]) AS f,
	LATERAL (VALUES
		(format('%s(%s, ''csat5'')', f, name), format('%s(%s,text)', f, coalesce(number, 'text'))),
		(format('%s(%s, scale_v)', f, name), format('%s(%s,text)', f, coalesce(number, 'text'))),
		(format('%s(%s, NULL)', f, name), format('%s(%s,text)', f, coalesce(number, 'text')))) AS calls(call, expected),
	resolved(call)
WHERE resolved IS DISTINCT FROM expected;
-- with one for text only, and one for double precision only
SELECT call, expected, resolved AS wrong
FROM column_type,
	LATERAL (VALUES
		(format('nps_parse_score(%s)', name), CASE WHEN number IS NULL THEN 'nps_parse_score(text)' END),
		(format('nps_parse_score(%s, ''csat5'')', name), CASE WHEN number IS NULL THEN 'nps_parse_score(text,text)' END),
		(format('nps_weighted_score(%s, weight)', name), CASE WHEN number <> '' THEN 'nps_weighted_score(double precision,double precision)' END),
		(format('nps_weighted_score(1, %s)', name), CASE WHEN number <> '' THEN 'nps_weighted_score(double precision,double precision)' END),
		(format('nps_weighted_summary(%s, weight, scale)', name), CASE WHEN number <> '' THEN 'nps_weighted_summary(double precision,double precision,text)' END),
		(format('nps_counts(%s, %1$s, %1$s)', name), CASE WHEN number <> '' THEN 'nps_counts(double precision,double precision,double precision,text)' END),
		(format('nps_share_interval(%s, %1$s)', name), CASE WHEN number <> '' THEN 'nps_share_interval(double precision,double precision,double precision)' END)
	) AS calls(call, expected),
	resolved(call)
WHERE resolved NOT LIKE coalesce(expected, '42883 function %(%) does not exist');

-- Calls as users write them.
SELECT call, resolved AS means
FROM (VALUES
	('nps_category(9)'), ('nps_category(9.0)'), ('nps_category(9e0)'), ('nps_category(''9'')'), ('nps_category(NULL)'),
	('nps_category(score => 9)'), ('nps_category(score => t, scale => ''csat5'')'), ('nps_category(scale => ''csat5'', score => i4)'),
	('nps_category(9, ''csat5'')'), ('nps_category(''9'', ''csat5'')'), ('nps_category(NULL, ''csat5'')'), ('nps_category(NULL, NULL)'),
	('nps_category(i4 + 1)'), ('nps_category(i4 / 2.0)'), ('nps_category(coalesce(i4, 0))'), ('nps_category(j->>''score'')'),
	('nps_category((j->>''score'')::int)'), ('nps_category((j->''score'')::int)'), ('nps_category(CASE WHEN b THEN 9 END)'),
	('nps_category(extract(day FROM now()))'), ('nps_category(round(f8))'), ('nps_category(length(t))'), ('nps_category(name ''9'')'),
	('nps_points(9)'), ('nps_points(9.0)'), ('nps_points(''9'')'), ('nps_points(NULL)'), ('nps_points(score => i8)'),
	('nps_points(9, ''csat5'')'), ('nps_points(9.5, ''health'')'), ('nps_points(''9'', ''csat5'')'), ('nps_points(NULL, NULL)'),
	('nps_points(score => f4, scale => ''health'')'), ('nps_points(nps_parse_score(t))'), ('avg(nps_points(i4))'),
	('nps_is_detractor(3)'), ('nps_is_detractor(''3'')'), ('nps_is_detractor(NULL)'), ('nps_is_passive(7.5)'), ('nps_is_promoter(score => n)'),
	('nps_parse_score(''9'')'), ('nps_parse_score(NULL)'), ('nps_parse_score(answer => t)'), ('nps_parse_score(answer => v, scale => ''csat5'')'),
	('nps_parse_score(NULL, NULL)'), ('nps_parse_score(j->>''score'', ''csat5'')'),
	('nps_valid_score(9, ''nps'')'), ('nps_valid_score(9.5, ''health'')'), ('nps_valid_score(''9'', ''nps'')'), ('nps_valid_score(NULL, ''nps'')'),
	('nps_valid_score(NULL, NULL)'), ('nps_valid_score(score => i4, scale => ''csat7'')'),
	('nps_rejection(9, ''nps'')'), ('nps_rejection(9.5, ''health'')'), ('nps_rejection(''x'', ''nps'')'), ('nps_rejection(NULL, ''nps'')'),
	('nps_rejection(score => v, scale => ''csat7'')'),
	('nps_scales()')
) AS v(call), resolved(call);

SELECT call, resolved AS means
FROM (VALUES
	('nps_score(9)'), ('nps_score(9.0)'), ('nps_score(''9'')'), ('nps_score(NULL)'), ('nps_score(NULL, NULL)'), ('nps_score(''9'', ''nps'')'),
	('nps_score(NULL::int)'), ('nps_score(j->>''score'')'), ('nps_score(nps_parse_score(t))'), ('nps_score(nps_valid_score(t, ''nps''))'),
	('nps_score(DISTINCT i4)'), ('nps_score(ALL i4)'), ('nps_score(i4 ORDER BY i8)'), ('nps_score(i4) FILTER (WHERE b)'), ('nps_score(i4) OVER ()'),
	('nps_score(i4, ''csat5'') OVER (ORDER BY i8 ROWS 3 PRECEDING)'),
	('nps_score(tally)'), ('nps_score(tally => tally)'), ('nps_score(''{1,0,0,0,0,0,0,0,0,0,1}''::nps_tally)'), ('nps_score(NULL::nps_tally)'),
	('nps_score(nps_tally_agg(i4))'), ('nps_score(nps_tally_agg(tally))'), ('nps_score(nps_counts(17, 33, 50))'), ('nps_score(counts::nps_tally)'),
	('nps_tally_agg(NULL)'), ('nps_tally_agg(''9'')'), ('nps_tally_agg(tally)'), ('nps_tally_agg(NULL::nps_tally)'), ('nps_tally_agg(nps_counts(i4, i4, i4))'),
	('nps_tally_agg(tally + tally)'), ('nps_tally_agg(DISTINCT tally)'), ('nps_tally_agg(tally) OVER (ORDER BY i8)'),
	('nps_low(i4)'), ('nps_low(''9'')'), ('nps_low(NULL)'), ('nps_low(tally)'), ('nps_low(tally => tally)'), ('nps_low(i4, NULL)'), ('nps_low(nps_tally_agg(t))'),
	('nps_high(i4)'), ('nps_high(''9'')'), ('nps_high(NULL)'), ('nps_high(tally)'), ('nps_high(tally => tally)'), ('nps_high(i4, NULL)'),
	('nps_weighted_score(9, 1.5)'), ('nps_weighted_score(''9'', ''1.5'')'), ('nps_weighted_score(NULL, NULL)'), ('nps_weighted_score(i4, i8)'),
	('nps_weighted_score(i4, weight, ''csat5'')'), ('nps_weighted_score(NULL, NULL, NULL)'), ('nps_weighted_score(i4, weight) FILTER (WHERE b)'),
	('nps_weighted_summary(9, 1.5)'), ('nps_weighted_summary(NULL, NULL)'), ('nps_weighted_summary(i4, weight, ''csat5'')'),
	('nps_weighted_summary(i4, weight, ''csat5'', 0.9, ''wald'')'), ('nps_weighted_summary(NULL, NULL, NULL, NULL, NULL)'), ('(nps_weighted_summary(n, f4)).nps')
) AS v(call), resolved(call);

SELECT call, resolved AS means
FROM (VALUES
	('nps_counts(17, 33, 50)'), ('nps_counts(17.0, 33.0, 50.0)'), ('nps_counts(''17'', ''33'', ''50'')'), ('nps_counts(NULL, NULL, NULL)'),
	('nps_counts(count(*), count(*), count(*))'), ('nps_counts(sum(i8), sum(i8), sum(i8))'), ('nps_counts(sum(i4), sum(i2), sum(n))'),
	('nps_counts(i2, i8, f4, ''csat5'')'), ('nps_counts(17, 33, 50, scale)'), ('nps_counts(17, 33, 50, NULL)'),
	('nps_counts(detractors => 17, passives => 33, promoters => 50)'),
	('nps_counts(promoters => count(*) FILTER (WHERE b), passives => 0, detractors => count(*), scale => ''csat7'')'),
	('nps_responses(tally)'), ('nps_responses(tally => tally)'), ('nps_responses(''{}'')'), ('nps_responses(NULL)'),
	('nps_detractors(tally)'), ('nps_passives(tally)'), ('nps_promoters(''{;17,33,50}'')'), ('nps_histogram(NULL)'), ('nps_tally_scale(''csat5{}'')'),
	('nps_mean_score(tally)'), ('nps_standard_error(''{;17,33,50}'')'),
	('nps_interval(tally)'), ('nps_interval(''{;17,33,50}'')'), ('nps_interval(NULL)'), ('nps_interval(tally, 0.9)'), ('nps_interval(tally, ''0.9'')'),
	('nps_interval(tally, 0.9, ''wald'')'), ('nps_interval(tally, confidence => 0.9)'), ('nps_interval(tally, population => 1000)'),
	('nps_interval(tally, population => i8)'), ('nps_interval(nps_tally_agg(i4), method => ''wald'')'), ('(nps_interval(tally)).low'),
	('nps_margin_of_error(tally)'), ('nps_margin_of_error(tally, population => n)'),
	('nps_test(tally)'), ('nps_test(tally, 30)'), ('nps_test(tally, hypothesis => i4, method => ''wald'')'), ('nps_test(NULL)'),
	('nps_compare(tally, tally)'), ('nps_compare(''{;17,33,50}'', ''{;8,23,69}'')'), ('nps_compare(before => tally, after => tally, confidence => 0.99)'),
	('nps_compare(lag(tally) OVER (ORDER BY i8), tally)'), ('nps_compare(NULL, NULL)'),
	('nps_summary(tally)'), ('nps_summary(nps_tally_agg(i4))'), ('nps_summary(NULL)'), ('(nps_summary(tally, 0.9)).nps'),
	('nps_sample_size(5)'), ('nps_sample_size(2.5)'), ('nps_sample_size(''5'')'), ('nps_sample_size(NULL)'), ('nps_sample_size(margin => 5, population => i8)'),
	('nps_compare_sample_size(10)'), ('nps_compare_sample_size(difference => 10, power => 0.9)'),
	('nps_share_interval(74, 107)'), ('nps_share_interval(count(*) FILTER (WHERE b), count(*))'), ('nps_share_interval(sum(i8), sum(i8), 0.9)'),
	('nps_share_interval(successes => i4, total => i8, confidence => 0.9)'), ('nps_share_interval(NULL, NULL)')
) AS v(call), resolved(call);

-- Operators and casts, with untyped literals on either side.
SELECT call, resolved AS means
FROM (VALUES
	('tally + tally'), ('tally + ''{;17,33,50}'''), ('''{;17,33,50}'' + tally'), ('tally + NULL'), ('NULL + tally'), ('tally - tally'), ('tally - ''{}'''),
	('tally = tally'), ('tally = ''{}'''), ('''{}'' = tally'), ('tally <> ''{}'''), ('tally < NULL'), ('tally <= tally'), ('tally > tally'), ('tally >= ''{}'''),
	('tally IN (''{}'', ''{;17,33,50}'')'), ('tally BETWEEN ''{}'' AND tally'), ('tally IS DISTINCT FROM ''{}'''), ('nullif(tally, ''{}'')'),
	('coalesce(tally, ''{}'')'), ('greatest(tally, ''{}'')'), ('CASE tally WHEN ''{}'' THEN 0 END'),
	('tally::bigint[]'), ('counts::nps_tally'), ('''{1,0,0,0,0,0,0,0,0,0,1}''::nps_tally'), ('ARRAY[tally, ''{}'']'), ('tally::text'), ('t::nps_tally'),
	('max(tally::text)'), ('count(DISTINCT tally)')
) AS v(call), resolved(call);

-- What has no meaning is reported as an error, not guessed.
SELECT call, resolved AS error
FROM (VALUES
	('nps_category(b)'), ('nps_category(j)'), ('nps_category(j->''score'')'), ('nps_category(tally)'), ('nps_category(i4, 5)'), ('nps_category(now())'),
	('nps_points(t)'), ('nps_points(''ten'')'), ('nps_is_promoter(b)'), ('nps_parse_score(i4)'), ('nps_parse_score(b)'), ('nps_valid_score(b, ''nps'')'),
	('nps_valid_score(i4)'), ('nps_score(b)'), ('nps_score(j)'), ('nps_score(*)'), ('nps_score()'), ('nps_score(i4, i4)'), ('nps_score(counts)'),
	('nps_score(tally, ''nps'')'), ('nps_score(i4, scale, 0.95)'), ('nps_score(score => i4)'), ('nps_tally_agg(counts)'), ('nps_counts(1, 2)'), ('nps_counts(b, b, b)'),
	('nps_interval(i4)'), ('nps_interval(tally, ''wald'')'), ('nps_interval(tally, level => 0.9)'), ('nps_compare(tally)'), ('nps_compare(1, 2)'),
	('nps_weighted_score(t, 1)'), ('nps_weighted_score(i4)'), ('tally + 1'), ('tally * 2'), ('- tally'), ('tally || tally'), ('tally + counts'),
	('sum(tally)'), ('avg(tally)'), ('tally::integer')
) AS v(call), resolved(call);

-- An untyped literal is a score: a literal tally must say its type.
SELECT resolved('nps_score(''{;17,33,50}'')') AS means;
SELECT nps_score('{;17,33,50}');
SELECT nps_score('{;17,33,50}'::nps_tally);

-- No two of our functions compete, with any mix of column, literal and NULL.
CREATE FUNCTION is_ambiguous(call text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'PREPARE probe AS SELECT ' || call || ' FROM answer';
	DEALLOCATE probe;
	RETURN false;
EXCEPTION
	WHEN ambiguous_function THEN
		RETURN true;
	WHEN undefined_function OR invalid_text_representation THEN
		RETURN false;
END
$$;
SELECT count(*) AS checked, string_agg(call, ', ') FILTER (WHERE is_ambiguous) AS ambiguous
FROM unnest('{nps_category,nps_points,nps_is_detractor,nps_is_passive,nps_is_promoter,nps_parse_score,nps_valid_score,nps_rejection,
		nps_score,nps_tally_agg,nps_low,nps_high,nps_weighted_score,nps_weighted_summary}'::text[]) AS f,
	unnest('{i2,i4,i8,f4,f8,n,n31,t,v,c,d,sd,tally,9,9.5,''9'',"NULL"}'::text[]) AS first,
	unnest(ARRAY['', ', ''csat5''', ', NULL', ', scale', ', scale_v', ', 1', ', weight', ', 1, ''csat5''', ', NULL, NULL']) AS more,
	format('%s(%s%s)', f, first, more) AS call,
	is_ambiguous(call);
-- an ambiguous call would be found
CREATE FUNCTION nps_category(date, integer DEFAULT 0) RETURNS text LANGUAGE sql RETURN 'promoter';
CREATE FUNCTION nps_category(date, text DEFAULT '') RETURNS text LANGUAGE sql RETURN 'promoter';
SELECT is_ambiguous('nps_category(date ''2024-01-01'')') AS yes, is_ambiguous('nps_category(i4)') AS no;
DROP FUNCTION nps_category(date, integer), nps_category(date, text);

-- A driver that sends parameters without a type learns it from the function.
PREPARE category_of AS SELECT nps_category($1);
PREPARE category_of_scale AS SELECT nps_category($1, $2);
PREPARE points_of AS SELECT nps_points($1), nps_is_promoter($2);
PREPARE points_of_scale AS SELECT nps_points($1, $2);
PREPARE parsed AS SELECT nps_parse_score($1, $2);
PREPARE rejected AS SELECT nps_valid_score($1, $2), nps_rejection($3, $4);
PREPARE counted AS SELECT nps_counts($1, $2, $3, $4);
PREPARE interval_of AS SELECT nps_interval($1, $2, $3, $4);
PREPARE score_of AS SELECT nps_score($1), nps_low($2, $3);
PREPARE weighted AS SELECT nps_weighted_score($1, $2);
PREPARE sum_of AS SELECT $1 + tally FROM answer;
SELECT name, parameter_types FROM pg_prepared_statements WHERE statement LIKE '%nps_%' OR name = 'sum_of' ORDER BY name COLLATE "C";
EXECUTE category_of('9');
EXECUTE category_of(9);
EXECUTE points_of(9, 9.5);
EXECUTE counted(17, 33, 50, 'nps');
DEALLOCATE ALL;

-- Result types.
SELECT pg_typeof(nps_category(9)) AS category, pg_typeof(nps_points(9)) AS points, pg_typeof(nps_is_promoter(9)) AS is_promoter,
	pg_typeof(nps_parse_score('9')) AS parsed, pg_typeof(nps_valid_score(9, 'nps')) AS valid, pg_typeof(nps_rejection(9, 'nps')) AS rejection;
SELECT pg_typeof(nps_score(i4)) AS score, pg_typeof(nps_tally_agg(i4)) AS tally, pg_typeof(nps_low(i4)) AS low, pg_typeof(nps_high(i4)) AS high,
	pg_typeof(nps_weighted_score(i4, weight)) AS weighted, pg_typeof(nps_weighted_summary(i4, weight)) AS summary FROM answer;
SELECT pg_typeof(nps_responses('{}')) AS responses, pg_typeof(nps_mean_score('{}')) AS mean, pg_typeof(nps_histogram('{}')) AS histogram,
	pg_typeof(nps_tally_scale('{}')) AS scale, pg_typeof(nps_sample_size(5)) AS sample_size;

-- Values of types that are taken as another type: padded, with a length, domains.
INSERT INTO answer (n31, t, v, c, d, sd, scale_v, scale_c) VALUES (9.0, '5', '5', '5', 5, '5', 'csat5', 'csat5');
SELECT nps_category(n31) AS promoter, nps_category(v) AS detractor, nps_category(c) AS detractor, nps_category(d) AS detractor,
	nps_category(sd) AS detractor, nps_category(v, scale_v) AS promoter, nps_category(c, scale_c) AS promoter, nps_category(d, scale_c) AS promoter
FROM answer;
SELECT nps_tally_agg(c, scale_c) AS tally, nps_tally_agg(v, scale_v) AS tally, nps_tally_agg(d, scale_c) AS tally, nps_tally_agg(sd, scale_v) AS tally,
	nps_tally_agg(n31) AS tally FROM answer;

-- The operators of nps_tally do not affect the calls of others.
SELECT pg_typeof('2' + 1) AS integer, pg_typeof('2' - 1.5) AS numeric, pg_typeof(date '2024-01-02' - '2024-01-01') AS integer,
	pg_typeof(now() - '2024-01-01') AS interval, pg_typeof('2' + bigint '1') AS bigint,
	pg_typeof('a' = 'a') AS boolean, pg_typeof(NULL + 1) AS integer, '10' < '9' AS text_below_text, ARRAY[1, 2] = '{1,2}' AS arrays;

SET client_min_messages = warning;
DROP SCHEMA nps_test_overload CASCADE;
