-- How exports spell times and scores: each is loaded as the product writes it, attached by the
-- names of its columns, and then as nps_attach() proposes.  No answer is lost and no time is
-- read wrongly without a message.
\set SHOW_CONTEXT never
SET client_min_messages = error;
SET TimeZone = 'America/Lima';
SET DateStyle = 'German, DMY';
SET jit = off;
CREATE SCHEMA attach_spelling;
SET search_path = attach_spelling, public;

/*
 * The time is an expression over utc (the moment) and here (the clock in the zone), the
 * score one over n (0 to 10; NULL: nothing was answered).  The moments are those of the
 * answers, as exactly as the product writes them.
 */
CREATE TABLE export (place integer GENERATED ALWAYS AS IDENTITY, product text, time_zone text, exact_to text, written_time text, written_score text, type_of_time text DEFAULT 'text',
	more text[] DEFAULT '{}');		-- what rows without an answer contain
INSERT INTO export (product, time_zone, exact_to, written_time, written_score) VALUES
	('Typeform, CSV', 'UTC', 'second', $$to_char(utc, 'YYYY-MM-DD HH24:MI:SS')$$, $$coalesce(n::text, '')$$),
	('Typeform, API', 'Europe/Berlin', 'second', $$to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')$$, $$n::text$$),
	('Typeform, old CSV', 'UTC', 'minute', $$to_char(utc, 'FMMM/FMDD/YYYY FMHH24:MI')$$, $$coalesce(n::text, '')$$),
	('SurveyMonkey, CSV', 'America/New_York', 'second', $$to_char(here, 'MM/DD/YYYY HH12:MI:SS AM')$$, $$coalesce(n::text, '')$$),
	('SurveyMonkey, spreadsheet', 'America/New_York', 'second', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS')$$, $$coalesce(n::text, '')$$),
	('SurveyMonkey, labels', 'America/New_York', 'second', $$to_char(here, 'MM/DD/YYYY HH12:MI:SS AM')$$, $$CASE n WHEN 0 THEN 'Not at all likely - 0' WHEN 10 THEN 'Extremely likely - 10' ELSE coalesce(n::text, '') END$$),
	('SurveyMonkey, API', 'America/New_York', 'second', $$to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')$$, $$n::text$$),
	('Qualtrics, CSV', 'America/Denver', 'second', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS')$$, $$coalesce(n::text, '')$$),
	('Qualtrics, choice text', 'America/Denver', 'second', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS')$$, $$CASE n WHEN 0 THEN '0 - Not at all likely' WHEN 10 THEN '10 - Extremely likely' ELSE coalesce(n::text, '') END$$),
	('Qualtrics, API', 'America/Denver', 'millisecond', $$to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')$$, $$n::text$$),
	('Qualtrics, opened in Excel and saved', 'America/Denver', 'minute', $$to_char(here, 'FMMM/FMDD/YYYY FMHH24:MI')$$, $$coalesce(n::text, '')$$),
	('Delighted, CSV', 'Europe/Berlin', 'second', $$to_char(utc, 'YYYY-MM-DD HH24:MI:SS "UTC"')$$, $$n::text$$),
	('Delighted, CSV in a zone', 'Europe/Berlin', 'second', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS ') || CASE WHEN here - utc = '2 hours' THEN '+0200' ELSE '+0100' END$$, $$n::text$$),
	('Delighted, API', 'Europe/Berlin', 'second', $$floor(extract(epoch FROM utc))::text$$, $$n::text$$),
	('Google Forms, CSV', 'Europe/Berlin', 'second', $$to_char(here, 'YYYY/MM/DD FMHH12:MI:SS AM "GMT+"') || extract(hour FROM here - utc)$$, $$coalesce(n::text, '')$$),
	('Google Forms, CSV, India', 'Asia/Kolkata', 'second', $$to_char(here, 'YYYY/MM/DD FMHH12:MI:SS am "GMT+5:30"')$$, $$coalesce(n::text, '')$$),
	('Google Forms, CSV, Canada', 'America/Toronto', 'second', $$to_char(here, 'YYYY/MM/DD FMHH12:MI:SS a.m. ') || CASE WHEN here - utc = '-4 hours' THEN 'EDT' ELSE 'EST' END$$, $$coalesce(n::text, '')$$),
	('Google Sheets, United States', 'America/Chicago', 'second', $$to_char(here, 'FMMM/FMDD/YYYY FMHH24:MI:SS')$$, $$coalesce(n::text, '')$$),
	('Google Sheets, United Kingdom', 'Europe/London', 'second', $$to_char(here, 'DD/MM/YYYY HH24:MI:SS')$$, $$coalesce(n::text, '')$$),
	('Google Sheets, Germany', 'Europe/Berlin', 'second', $$to_char(here, 'DD.MM.YYYY HH24:MI:SS')$$, $$coalesce(n::text, '')$$),
	('LimeSurvey', 'Europe/Berlin', 'second', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS')$$, $$coalesce('A' || n, '')$$),
	('LimeSurvey, German', 'Europe/Berlin', 'minute', $$to_char(here, 'DD.MM.YYYY HH24:MI')$$, $$coalesce(n::text, 'N/A')$$),
	('LimeSurvey, American', 'Europe/Berlin', 'minute', $$to_char(here, 'MM-DD-YYYY HH24:MI')$$, $$coalesce(n::text, '')$$),
	('Microsoft Forms', 'America/Los_Angeles', 'second', $$to_char(here, 'FMMM/FMDD/YY FMHH24:MI:SS')$$, $$coalesce(n::text, '')$$),
	('Excel, United States', 'America/Chicago', 'minute', $$to_char(here, 'FMMM/FMDD/YYYY FMHH24:MI')$$, $$n::text$$),
	('Excel, United States, on a Mac', 'America/Chicago', 'minute', $$to_char(here, 'FMMM/FMDD/YY FMHH24:MI')$$, $$n::text$$),
	('Excel, United States, AM and PM', 'America/Chicago', 'second', $$to_char(here, 'FMMM/FMDD/YYYY FMHH12:MI:SS AM')$$, $$n::text$$),
	('Excel, United Kingdom', 'Europe/London', 'minute', $$to_char(here, 'DD/MM/YYYY HH24:MI')$$, $$n::text$$),
	('Excel, Germany', 'Europe/Berlin', 'minute', $$to_char(here, 'DD.MM.YYYY HH24:MI')$$, $$replace(to_char(n, 'FM90D0'), '.', ',')$$),
	('Excel, Germany, short', 'Europe/Berlin', 'day', $$to_char(here, 'DD.MM.YY')$$, $$n::text$$),
	('Excel, France', 'Europe/Paris', 'minute', $$to_char(here, 'DD/MM/YYYY HH24:MI')$$, $$to_char(n, 'FM90') || ',00'$$),
	('Excel, Netherlands', 'Europe/Amsterdam', 'minute', $$to_char(here, 'FMDD-FMMM-YYYY HH24:MI')$$, $$n::text$$),
	('Excel, Finland', 'Europe/Helsinki', 'minute', $$to_char(here, 'FMDD.FMMM.YYYY FMHH24.MI')$$, $$n::text$$),
	('Excel, Sweden', 'Europe/Stockholm', 'minute', $$to_char(here, 'YYYY-MM-DD HH24:MI')$$, $$n::text$$),
	('Excel, Japan', 'Asia/Tokyo', 'minute', $$to_char(here, 'YYYY/FMMM/FMDD FMHH24:MI')$$, $$n::text$$),
	('Excel, date alone', 'America/Chicago', 'day', $$to_char(here, 'FMMM/FMDD/YYYY')$$, $$n::text$$),
	('Excel, serial number', 'America/Chicago', 'millisecond', $$(extract(epoch FROM here - timestamp '1899-12-30') / 86400)::double precision::text$$, $$n::text$$),
	('Excel, name of the month', 'Europe/London', 'day', $$to_char(here, 'DD-Mon-YY')$$, $$n::text$$),
	('pandas', 'UTC', 'second', $$to_char(utc, 'YYYY-MM-DD HH24:MI:SS')$$, $$coalesce(to_char(n, 'FM90.0'), 'nan')$$),
	('pandas, microseconds and a zone', 'Europe/Berlin', 'microsecond', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS.US') || CASE WHEN here - utc = '2 hours' THEN '+02:00' ELSE '+01:00' END$$, $$coalesce(to_char(n, 'FM90.0'), '')$$),
	('pandas, JSON', 'UTC', 'millisecond', $$floor(extract(epoch FROM utc) * 1000)::text$$, $$coalesce(to_char(n, 'FM90.0'), 'null')$$),
	('R, readr', 'Europe/Vienna', 'second', $$to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')$$, $$coalesce(n::text, 'NA')$$),
	('R, write.csv', 'Europe/Vienna', 'second', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS')$$, $$coalesce(n::text, 'NA')$$),
	('SPSS', 'Europe/London', 'second', $$to_char(here, 'DD-MON-YYYY HH24:MI:SS')$$, $$coalesce(to_char(n, 'FM90.00'), ' ')$$),
	('Stata', 'Europe/London', 'second', $$to_char(here, 'DDmonYYYY HH24:MI:SS')$$, $$coalesce(n::text, '.')$$),
	('SAS', 'Europe/London', 'second', $$to_char(here, 'DDMONYYYY:HH24:MI:SS')$$, $$coalesce(n::text, '.')$$),
	('SQL Server', 'UTC', 'microsecond', $$to_char(utc, 'YYYY-MM-DD HH24:MI:SS.US') || '0 +00:00'$$, $$coalesce(n::text, 'NULL')$$),
	('Jotform', 'America/New_York', 'day', $$to_char(here, 'Mon FMDD, YYYY')$$, $$n::text$$),
	('JavaScript, toISOString', 'Europe/Berlin', 'millisecond', $$to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')$$, $$n::text$$),
	('JavaScript, toLocaleString, United States', 'America/New_York', 'second', $$to_char(here, 'FMMM/FMDD/YYYY, FMHH12:MI:SS') || U&'\202F' || to_char(here, 'AM')$$, $$n::text$$),
	('JavaScript, toLocaleString, Germany', 'Europe/Berlin', 'second', $$to_char(here, 'FMDD.FMMM.YYYY, HH24:MI:SS')$$, $$n::text$$),
	('JavaScript, toString', 'Europe/Berlin', 'second', $$to_char(here, 'Dy Mon DD YYYY HH24:MI:SS') || CASE WHEN here - utc = '2 hours' THEN ' GMT+0200 (CEST)' ELSE ' GMT+0100 (CET)' END$$, $$n::text$$),
	('Word, Germany', 'Europe/Berlin', 'day', $$to_char(here, 'FMDD. ') || (ARRAY['Januar', 'Februar', 'Maerz', 'April', 'Mai', 'Juni', 'Juli', 'August', 'September', 'Oktober', 'November', 'Dezember'])[extract(month FROM here)::integer] || to_char(here, ' YYYY')$$, $$n::text$$),
	('two formats, one after the other', 'Europe/London', 'day', $$CASE WHEN utc < '2024-07-01' THEN to_char(here, 'DD/MM/YYYY') ELSE to_char(here, 'YYYY-MM-DD') END$$, $$n::text$$);
INSERT INTO export (product, time_zone, exact_to, written_time, written_score, more) VALUES
	('Qualtrics, with its headers', 'America/Denver', 'second', $$to_char(here, 'YYYY-MM-DD HH24:MI:SS')$$, $$coalesce(n::text, '')$$, ARRAY['Recorded Date', '{"ImportId":"recordedDate","timeZone":"America/Denver"}']);
INSERT INTO export (product, time_zone, exact_to, written_time, written_score, type_of_time) VALUES
	('a tool that counts seconds', 'Europe/Berlin', 'second', $$floor(extract(epoch FROM utc))::text$$, $$n::text$$, 'bigint'),
	('Excel, serial number in a number', 'America/Chicago', 'millisecond', $$(extract(epoch FROM here - timestamp '1899-12-30') / 86400)::double precision::text$$, $$n::text$$, 'double precision');
SELECT count(*) AS spellings, count(DISTINCT written_time) AS times, count(DISTINCT written_score) AS scores FROM export;

-- 60 people over 14 months, each with a different day, hour and score; every twelfth did not answer
CREATE TABLE answer AS
SELECT i AS id, CASE WHEN i % 12 < 11 THEN (i * 7) % 12 % 11 END AS n, timestamptz '2024-01-07 01:02:03.123456Z' + i * interval '7 days 5 hours 7 minutes 11.5 seconds' AS moment
FROM generate_series(1, 60) i;
CREATE TABLE loaded (id integer PRIMARY KEY, score text, answered_at text);

/*
 * Loads an export and attaches it.  If nps_attach() says what to pass, that is passed,
 * and of two proposals the first; what is reported then is in "told".
 */
CREATE FUNCTION try_export(export export, OUT proposal text, OUT told text, OUT answers bigint, OUT lost bigint, OUT undated bigint, OUT wrong bigint)
LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	TRUNCATE loaded;
	EXECUTE format('INSERT INTO loaded SELECT id, %s, %s FROM (SELECT id, n, moment AT TIME ZONE ''UTC'' AS utc, moment AT TIME ZONE %L AS here FROM answer) a',
		export.written_score, export.written_time, export.time_zone);
	INSERT INTO loaded SELECT 60 + place, word, word FROM unnest(export.more) WITH ORDINALITY AS m(word, place);
	EXECUTE format('ALTER TABLE loaded ALTER answered_at TYPE %s USING answered_at::%1$s', export.type_of_time);
	BEGIN
		PERFORM nps_attach('loaded', 'score', respondent => 'id', responded_at => 'answered_at', time_zone => export.time_zone, loop_since => '-infinity');
		hint := 'attached';
	EXCEPTION WHEN datatype_mismatch THEN
		GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	END;
	proposal := substring(hint FROM '\$\$(.*)\$\$');
	told := coalesce(substring(hint FROM '\$\$, (.+)\.$'), CASE WHEN proposal IS NULL THEN hint END);
	-- without the time, if there is no proposal
	PERFORM nps_attach('loaded', 'score', respondent => 'id', responded_at => proposal, time_zone => export.time_zone, loop_since => '-infinity');
	SELECT count(*), count(*) FILTER (WHERE r.responded_at IS NULL),
		count(*) FILTER (WHERE r.score IS DISTINCT FROM a.n OR r.responded_at <> CASE WHEN export.exact_to = 'day' THEN date_trunc('day', a.moment AT TIME ZONE export.time_zone) AT TIME ZONE export.time_zone ELSE date_trunc(export.exact_to, a.moment) END)
	INTO answers, undated, wrong
	FROM loaded_nps.response r JOIN answer a ON a.id = r.response_id;
	SELECT count(*) INTO lost FROM answer a WHERE n IS NOT NULL AND NOT EXISTS (SELECT FROM loaded_nps.response r WHERE r.response_id = a.id);
	-- the check is slow
	IF lost + undated > 0 OR export.place < 5 THEN
		SELECT concat_ws('; ', told, string_agg(format('%s: %s', c.finding, c.detail), '; ')) INTO told FROM nps_check('loaded_nps') c WHERE c.finding <> 'missing index';
	END IF;
	DROP SCHEMA loaded_nps CASCADE;
	DROP TABLE loaded;
	CREATE TABLE loaded (id integer PRIMARY KEY, score text, answered_at text);
END
$$;
-- each in a transaction of its own, as a survey takes many locks
CREATE TABLE result (place integer, proposal text, told text, answers bigint, lost bigint, undated bigint, wrong bigint);
CREATE PROCEDURE try_all() LANGUAGE plpgsql AS $$
DECLARE
	export export;
BEGIN
	FOR export IN SELECT * FROM export ORDER BY place LOOP
		INSERT INTO result SELECT export.place, t.* FROM try_export(export) t;
		COMMIT;
	END LOOP;
END
$$;
CALL try_all();
\pset format unaligned
SELECT e.product, r.proposal, r.answers, r.lost, r.undated, r.wrong, r.told FROM export e JOIN result r USING (place) ORDER BY place;
\pset format aligned
-- nothing is wrong, and whatever is missing is reported
SELECT e.product, r.* FROM export e JOIN result r USING (place) WHERE r.wrong > 0 OR r.answers + r.lost <> 55 OR r.lost + r.undated > 0 AND r.told IS NULL;
DROP SCHEMA attach_spelling CASCADE;
