-- Times from what people and tools write: nps_parse_time is told the order of
-- year, month and day, and the zone of the clock, and depends on nothing else.
CREATE SCHEMA nps_test_parse_time;
SET search_path = nps_test_parse_time, public;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';

-- How exports spell times, and what is meant, in UTC; NULL: it is reported as not fitting.
CREATE TABLE spelling (source text, answered_at text, format text, zone text, meant timestamptz);
INSERT INTO spelling VALUES
	('Typeform, CSV', '2024-07-05 10:15:30', 'ISO 8601', 'UTC', '2024-07-05 10:15:30Z'),
	('Typeform, API', '2024-07-05T10:15:30Z', 'ISO 8601', 'Europe/Berlin', '2024-07-05 10:15:30Z'),
	('Typeform, old CSV', '7/5/2024 10:15', 'MM/DD/YYYY', 'UTC', '2024-07-05 10:15Z'),
	('SurveyMonkey, CSV', '07/05/2024 10:15:30 AM', 'MM/DD/YYYY', 'America/New_York', '2024-07-05 14:15:30Z'),
	('SurveyMonkey, CSV, afternoon', '07/05/2024 10:15:30 PM', 'MM/DD/YYYY', 'America/New_York', '2024-07-06 02:15:30Z'),
	('SurveyMonkey, API', '2024-07-05T10:15:30+00:00', 'ISO 8601', 'America/New_York', '2024-07-05 10:15:30Z'),
	('SurveyMonkey, spreadsheet', '2024-07-05 10:15:30', 'YYYY-MM-DD', 'America/New_York', '2024-07-05 14:15:30Z'),
	('Qualtrics, CSV', '2024-07-05 10:15:30', 'YYYY-MM-DD', 'America/Denver', '2024-07-05 16:15:30Z'),
	('Qualtrics, API', '2024-07-05T10:15:30.123Z', 'ISO 8601', 'America/Denver', '2024-07-05 10:15:30.123Z'),
	('Qualtrics, opened and saved', '7/5/2024 10:15', 'MM/DD/YYYY', 'America/Denver', '2024-07-05 16:15Z'),
	('Qualtrics, second header', 'Recorded Date', 'YYYY-MM-DD', 'America/Denver', NULL),
	('Qualtrics, third header', '{"ImportId":"recordedDate","timeZone":"America/Denver"}', 'YYYY-MM-DD', 'America/Denver', NULL),
	('Delighted, CSV', '2024-07-05 10:15:30 UTC', 'ISO 8601', 'Europe/Berlin', '2024-07-05 10:15:30Z'),
	('Delighted, CSV with zone', '2024-07-05 10:15:30 -0700', 'ISO 8601', 'Europe/Berlin', '2024-07-05 17:15:30Z'),
	('Delighted, API', '1720174530', 'epoch', 'Europe/Berlin', '2024-07-05 10:15:30Z'),
	('Google Forms, CSV', '2024/07/05 10:15:30 AM GMT+2', 'YYYY/MM/DD', 'Europe/Berlin', '2024-07-05 08:15:30Z'),
	('Google Forms, CSV, noon', '2024/07/05 12:15:30 PM GMT-3', 'YYYY/MM/DD', 'America/Sao_Paulo', '2024-07-05 15:15:30Z'),
	('Google Forms, CSV, half an hour', '2024/07/05 10:15:30 am GMT+5:30', 'YYYY/MM/DD', 'Asia/Kolkata', '2024-07-05 04:45:30Z'),
	('Google Forms, CSV, abbreviation', '2024/07/05 10:15:30 AM MDT', 'YYYY/MM/DD', 'America/Denver', '2024-07-05 16:15:30Z'),
	('Google Forms, CSV, Canada', '2024/07/05 10:15:30 p.m. EDT', 'YYYY/MM/DD', 'America/Toronto', '2024-07-06 02:15:30Z'),
	('Google Forms, abbreviation of elsewhere', '2024/07/05 10:15:30 AM CST', 'YYYY/MM/DD', 'Europe/Berlin', NULL),
	('Google Sheets, US', '7/5/2024 10:15:30', 'MM/DD/YYYY', 'America/Chicago', '2024-07-05 15:15:30Z'),
	('Google Sheets, UK', '05/07/2024 10:15:30', 'DD/MM/YYYY', 'Europe/London', '2024-07-05 09:15:30Z'),
	('Google Sheets, Germany', '05.07.2024 10:15:30', 'DD.MM.YYYY', 'Europe/Berlin', '2024-07-05 08:15:30Z'),
	('LimeSurvey', '2024-07-05 10:15:30', 'YYYY-MM-DD', 'Europe/Berlin', '2024-07-05 08:15:30Z'),
	('LimeSurvey, German', '05.07.2024 10:15', 'DD.MM.YYYY', 'Europe/Berlin', '2024-07-05 08:15Z'),
	('LimeSurvey, American', '07-05-2024 10:15', 'MM-DD-YYYY', 'Europe/Berlin', '2024-07-05 08:15Z'),
	('LimeSurvey, without a stamp', '1980-01-01 00:00:00', 'YYYY-MM-DD', 'Europe/Berlin', '1979-12-31 23:00Z'),
	('LimeSurvey, MySQL zero', '0000-00-00 00:00:00', 'YYYY-MM-DD', 'Europe/Berlin', NULL),
	('Excel, US', '7/5/2024 10:15', 'MM/DD/YYYY', 'America/Chicago', '2024-07-05 15:15Z'),
	('Excel, US, with AM', '7/5/2024 10:15:30 AM', 'MM/DD/YYYY', 'America/Chicago', '2024-07-05 15:15:30Z'),
	('Excel, UK', '05/07/2024 10:15', 'DD/MM/YYYY', 'Europe/London', '2024-07-05 09:15Z'),
	('Excel, Germany', '05.07.2024 10:15', 'DD.MM.YYYY', 'Europe/Berlin', '2024-07-05 08:15Z'),
	('Excel, France', '05/07/2024 10:15', 'DD/MM/YYYY', 'Europe/Paris', '2024-07-05 08:15Z'),
	('Excel, Netherlands', '5-7-2024 10:15', 'DD-MM-YYYY', 'Europe/Amsterdam', '2024-07-05 08:15Z'),
	('Excel, Finland', '5.7.2024 10.15', 'DD.MM.YYYY', 'Europe/Helsinki', '2024-07-05 07:15Z'),
	('Excel, Sweden', '2024-07-05 10:15', 'YYYY-MM-DD', 'Europe/Stockholm', '2024-07-05 08:15Z'),
	('Excel, Japan', '2024/7/5 10:15', 'YYYY/MM/DD', 'Asia/Tokyo', '2024-07-05 01:15Z'),
	('Excel, date alone', '7/5/2024', 'MM/DD/YYYY', 'America/Chicago', '2024-07-05 05:00Z'),
	('Excel, year of two digits', '7/5/24 10:15', 'MM/DD/YYYY', 'America/Chicago', NULL),
	('Excel, year of two digits, told so', '7/5/24 10:15', 'MM/DD/YY', 'America/Chicago', '2024-07-05 15:15Z'),
	('Excel, UK, year of two digits', '05/07/24 10:15', 'DD/MM/YY', 'Europe/London', '2024-07-05 09:15Z'),
	('Excel, Germany, year of two digits', '05.07.24 10:15', 'DD.MM.YY', 'Europe/Berlin', '2024-07-05 08:15Z'),
	('Excel, year of four digits', '7/5/2024', 'MM/DD/YY', 'America/Chicago', NULL),
	('Excel, serial number', '45478.4274', 'MM/DD/YYYY', 'America/Chicago', NULL),
	('Excel, serial number, told so', '45478.427430555559', 'Excel serial', 'America/Chicago', '2024-07-05 15:15:30Z'),
	('Excel, serial number of a day', '45478', 'Excel serial', 'Europe/Berlin', '2024-07-04 22:00Z'),
	('Excel, serial number with a comma', '45478,5', 'Excel serial', 'Europe/Berlin', '2024-07-05 10:00Z'),
	('Excel, no serial number', '60', 'Excel serial', 'UTC', NULL),
	('Excel, a serial number too far', '109940', 'Excel serial', 'UTC', NULL),
	('Excel, name of the month, told so', '05-Jul-24', 'DD Mon YYYY', 'Europe/London', '2024-07-04 23:00Z'),
	('SPSS', '05-JUL-2024 10:15:30', 'DD Mon YYYY', 'Europe/London', '2024-07-05 09:15:30Z'),
	('SAS', '05JUL2024:10:15:30', 'DD Mon YYYY', 'Europe/London', '2024-07-05 09:15:30Z'),
	('Oracle', '05-JUL-24 10.15.30.000000 PM', 'DD Mon YYYY', 'UTC', '2024-07-05 22:15:30Z'),
	('mail', 'Fri, 05 Jul 2024 10:15:30 +0200', 'DD Mon YYYY', 'UTC', '2024-07-05 08:15:30Z'),
	('SQL Server, text of a datetime', 'Jul  5 2024 10:15AM', 'Mon DD YYYY', 'UTC', '2024-07-05 10:15Z'),
	('Jotform', 'July 5, 2024', 'Mon DD YYYY', 'UTC', '2024-07-05Z'),
	('JavaScript, toString, told so', 'Fri Jul 05 2024 10:15:30 GMT+0200 (CEST)', 'Mon DD YYYY', 'UTC', '2024-07-05 08:15:30Z'),
	('a month of another language', '05 Juli 2024', 'DD Mon YYYY', 'Europe/Berlin', NULL),
	('no month', '05 Jum 2024', 'DD Mon YYYY', 'Europe/Berlin', NULL),
	('no day of the month', '31 Jun 2024', 'DD Mon YYYY', 'Europe/Berlin', NULL),
	('year of three digits', '05 Jun 124', 'DD Mon YYYY', 'Europe/Berlin', NULL),
	('day and year in one', 'Jul 052024', 'Mon DD YYYY', 'Europe/Berlin', NULL),
	('Excel, too narrow a column', '########', 'MM/DD/YYYY', 'America/Chicago', NULL),
	('Excel, name of the month', '05-Jul-24', 'DD-MM-YYYY', 'Europe/London', NULL),
	('pandas', '2024-07-05 10:15:30', 'ISO 8601', 'UTC', '2024-07-05 10:15:30Z'),
	('pandas, microseconds', '2024-07-05 10:15:30.123456', 'ISO 8601', 'UTC', '2024-07-05 10:15:30.123456Z'),
	('pandas, nanoseconds', '2024-07-05 10:15:30.123456789', 'ISO 8601', 'UTC', '2024-07-05 10:15:30.123457Z'),
	('pandas, with zone', '2024-07-05 10:15:30.123456+02:00', 'ISO 8601', 'UTC', '2024-07-05 08:15:30.123456Z'),
	('pandas, JSON', '1720174530123', 'epoch', 'UTC', '2024-07-05 10:15:30.123Z'),
	('pandas, epoch in a column of floats', '1720174530.0', 'epoch', 'UTC', '2024-07-05 10:15:30Z'),
	('pandas, nothing', 'NaT', 'ISO 8601', 'UTC', NULL),
	('R, POSIXct', '2024-07-05 10:15:30', 'ISO 8601', 'Europe/Vienna', '2024-07-05 08:15:30Z'),
	('R, day', '2024-07-05', 'ISO 8601', 'Europe/Vienna', '2024-07-04 22:00Z'),
	('JavaScript, toISOString', '2024-07-05T10:15:30.000Z', 'ISO 8601', 'Europe/Berlin', '2024-07-05 10:15:30Z'),
	('JavaScript, toLocaleString, US', '7/5/2024, 10:15:30 AM', 'MM/DD/YYYY', 'America/New_York', '2024-07-05 14:15:30Z'),
	('JavaScript, toLocaleString, US, new', E'7/5/2024, 10:15:30\u202FPM', 'MM/DD/YYYY', 'America/New_York', '2024-07-06 02:15:30Z'),
	('JavaScript, toLocaleString, UK', '05/07/2024, 10:15:30', 'DD/MM/YYYY', 'Europe/London', '2024-07-05 09:15:30Z'),
	('JavaScript, toLocaleString, Germany', '5.7.2024, 10:15:30', 'DD.MM.YYYY', 'Europe/Berlin', '2024-07-05 08:15:30Z'),
	('JavaScript, toString', 'Fri Jul 05 2024 10:15:30 GMT+0200 (CEST)', 'ISO 8601', 'Europe/Berlin', NULL),
	('JavaScript, Date.now', '1720174530123', 'epoch', 'Europe/Berlin', '2024-07-05 10:15:30.123Z'),
	('Java, OffsetDateTime', '2024-07-05T10:15:30.123456789+02:00', 'ISO 8601', 'UTC', '2024-07-05 08:15:30.123457Z'),
	('C#, round trip', '2024-07-05T10:15:30.1234567-05:00', 'ISO 8601', 'UTC', '2024-07-05 15:15:30.123457Z'),
	('C#, invariant', '07/05/2024 10:15:30', 'MM/DD/YYYY', 'UTC', '2024-07-05 10:15:30Z'),
	('Ruby, to_s', '2024-07-05 10:15:30 +0200', 'ISO 8601', 'UTC', '2024-07-05 08:15:30Z'),
	('PostgreSQL, text of a timestamptz', '2024-07-05 10:15:30.5+02', 'ISO 8601', 'UTC', '2024-07-05 08:15:30.5Z'),
	('MySQL, BigQuery', '2024-07-05 10:15:30 UTC', 'YYYY-MM-DD', 'Europe/Berlin', '2024-07-05 10:15:30Z'),
	('SQL Server', '20240705 10:15:30', 'ISO 8601', 'Europe/Berlin', '2024-07-05 08:15:30Z'),
	('calendars, file names', '20240705T101530Z', 'ISO 8601', 'Europe/Berlin', '2024-07-05 10:15:30Z'),
	('BT', '11/04/2018 20:09', 'DD/MM/YYYY', 'Europe/London', '2018-04-11 19:09Z'),
	('event form', '11/1/2019 8:51:12', 'MM/DD/YYYY', 'Europe/London', '2019-11-01 08:51:12Z');
SELECT count(*) AS spellings, count(meant) AS times FROM spelling;
SELECT source, answered_at, format, zone, meant, nps_parse_time(answered_at, format, zone) AS read
FROM spelling WHERE nps_parse_time(answered_at, format, zone) IS DISTINCT FROM meant;

-- The DateStyle and zone of the session do not matter.
CREATE TABLE reading AS SELECT source, extract(epoch FROM nps_parse_time(answered_at, format, zone)) AS seconds FROM spelling;
CREATE FUNCTION differing(style text, zone text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('datestyle', style, true), set_config('timezone', zone, true);
	RETURN (SELECT count(*) FROM spelling s JOIN reading r USING (source)
		WHERE extract(epoch FROM nps_parse_time(s.answered_at, s.format, s.zone)) IS DISTINCT FROM r.seconds);
END
$$;
SELECT style, zone, differing(style, zone)
FROM unnest('{"ISO, MDY","ISO, DMY","German, DMY","SQL, MDY","Postgres, YMD"}'::text[]) AS style, unnest('{UTC,America/New_York,Asia/Kathmandu}'::text[]) AS zone
WHERE differing(style, zone) > 0;

-- A day in each format.
SELECT format, answered_at, nps_parse_time(answered_at, format, 'UTC') AS read
FROM (VALUES ('ISO 8601', '2024-02-29'), ('YYYY-MM-DD', '2024-2-29'), ('YYYY/MM/DD', '2024/2/29'), ('DD/MM/YYYY', '29/2/2024'), ('DD.MM.YYYY', '29.2.2024'),
	('DD-MM-YYYY', '29-2-2024'), ('MM/DD/YYYY', '2/29/2024'), ('MM-DD-YYYY', '2-29-2024'), ('MM.DD.YYYY', '2.29.2024'), ('epoch', '1709164800')) AS v(format, answered_at);
-- No text fits another format by accident: only the order of day and month has to be known by the caller.
SELECT a.format, b.format AS fits
FROM (VALUES ('ISO 8601', '2024-02-03'), ('YYYY/MM/DD', '2024/2/3'), ('DD/MM/YYYY', '3/2/2024'), ('DD.MM.YYYY', '3.2.2024'), ('DD-MM-YYYY', '3-2-2024'), ('epoch', '20240203')) AS a(format, answered_at),
	unnest('{ISO 8601,YYYY-MM-DD,YYYY/MM/DD,DD/MM/YYYY,DD.MM.YYYY,DD-MM-YYYY,MM/DD/YYYY,MM-DD-YYYY,MM.DD.YYYY,epoch}'::text[]) AS b(format)
WHERE nps_parse_time(a.answered_at, b.format, 'UTC') IS NOT NULL ORDER BY a.format COLLATE "C", b.format COLLATE "C";

-- What fits, and what does not.
CREATE TABLE sample (format text, answered_at text, meant timestamptz);
INSERT INTO sample SELECT 'ISO 8601', answered_at, meant::timestamptz FROM (VALUES
	-- the end and the beginning of a day
	('2024-07-05 00:00', '2024-07-05'), ('2024-07-05 23:59:59.999999', '2024-07-05 23:59:59.999999'), ('2024-07-05T24:00', '2024-07-06'),
	('2024-07-05 24:00:00.000', '2024-07-06'), ('2024-07-05 24:00:01', NULL), ('2024-07-05 24:01', NULL), ('2024-07-05 24:00:00.1', NULL),
	('2024-07-05 25:00', NULL), ('2024-07-05 23:60', NULL), ('2024-07-05 23:59:60', NULL), ('2024-07-05 23:59:59.9999999', '2024-07-06'),
	-- digits
	('2024-7-5', NULL), ('24-07-05', NULL), ('02024-07-05', NULL), ('2024-07-005', NULL), ('2024-07-05 9:15', '2024-07-05 09:15'),
	('2024-07-05 9:5', NULL), ('2024-07-05 09:155', NULL), ('2024-07-05 09:15:305', NULL), ('2024-07-05 009:15', NULL), ('2024-07-05 09', NULL),
	('2024-07-05 09:15:30.', NULL), ('2024-07-05 09:15:30,25', '2024-07-05 09:15:30.25'), ('2024-07-05 09:15.5', NULL), ('2024-07-05 09:15:', NULL),
	('２０２４-07-05', NULL), (E'2024-07-0\u0665', NULL), ('2024-07-05 09:15:30.00000049999', '2024-07-05 09:15:30'), ('2024-07-05 09:15:30.0000005', '2024-07-05 09:15:30.000001'),
	-- without separators
	('20240705', '2024-07-05'), ('20240705T0915', '2024-07-05 09:15'), ('20240705T091530.25+0200', '2024-07-05 07:15:30.25'), ('20240705T09', NULL),
	('20240705T091', NULL), ('20240705T09153', NULL), ('20240705T0915305', NULL), ('202407', NULL), ('2024070', NULL), ('202407051', NULL), ('2024-0705', NULL), ('202407-05', NULL),
	-- other calendars of ISO 8601
	('2024-W27-5', NULL), ('2024-187', NULL), ('2024-07', NULL), ('2024', NULL), ('--07-05', NULL), ('+2024-07-05', NULL), ('-2024-07-05', NULL),
	-- between and around
	('2024-07-05T09:15', '2024-07-05 09:15'), ('2024-07-05t09:15z', '2024-07-05 09:15'), (' 2024-07-05  09:15 ', '2024-07-05 09:15'), (E'2024-07-05\t09:15\r\n', '2024-07-05 09:15'),
	('2024-07-05T 09:15', NULL), ('2024-07-05 T09:15', NULL), ('2024-07-05_09:15', NULL), ('2024-07-0509:15', NULL), ('2024-07-05,09:15', NULL), ('2024-07-05,', NULL),
	('2024-07-05 ,09:15', NULL), ('2024- 07-05', NULL), ('2024/07/05', NULL), ('2024.07.05', NULL), ('2024-07/05', NULL), ('2024-07-05 09.15', NULL), ('2024-07-05 09-15', NULL),
	('x2024-07-05', NULL), ('2024-07-05x', NULL), ('2024-07-05 x', NULL), ('2024-07-05 09:15 x', NULL), ('"2024-07-05"', NULL), ('''2024-07-05', NULL), (E'\uFEFF2024-07-05', NULL),
	(E'2024-07-05\u00A009:15', NULL), ('2024-07-05 2024-07-05', NULL), ('2024-07-05 09:15 2024', NULL),
	-- halves of a day
	('2024-07-05 12:00 AM', '2024-07-05 00:00'), ('2024-07-05 12:59:59 am', '2024-07-05 00:59:59'), ('2024-07-05 12:00PM', '2024-07-05 12:00'), ('2024-07-05 01:00 p.m.', '2024-07-05 13:00'),
	('2024-07-05 11:59 P.M.', '2024-07-05 23:59'), ('2024-07-05 0:15 AM', NULL), ('2024-07-05 13:15 PM', NULL), ('2024-07-05 09:15 A', NULL), ('2024-07-05 09:15 A.', NULL),
	('2024-07-05 09:15 XM', NULL), ('2024-07-05 09:15 AM PM', NULL), ('2024-07-05 09:15 AM.', '2024-07-05 09:15'), ('2024-07-05 24:00 AM', NULL), ('2024-07-05 AM 09:15', NULL),
	-- what the text says about the zone
	('2024-07-05 09:15Z', '2024-07-05 09:15'), ('2024-07-05 09:15 Z', '2024-07-05 09:15'), ('2024-07-05 09:15 utc', '2024-07-05 09:15'), ('2024-07-05 09:15 GMT', '2024-07-05 09:15'),
	('2024-07-05 09:15+02', '2024-07-05 07:15'), ('2024-07-05 09:15+0200', '2024-07-05 07:15'), ('2024-07-05 09:15 -02:30', '2024-07-05 11:45'), ('2024-07-05 09:15-00:00', '2024-07-05 09:15'),
	('2024-07-05 09:15+2', '2024-07-05 07:15'), ('2024-07-05 09:15 UTC+2', '2024-07-05 07:15'), ('2024-07-05 09:15 GMT-0300', '2024-07-05 12:15'), ('2024-07-05 09:15+14:00', '2024-07-04 19:15'),
	('2024-07-05 09:15+16:00', NULL), ('2024-07-05 09:15+02:60', NULL), ('2024-07-05 09:15+020', NULL), ('2024-07-05 09:15+02:00:00', NULL), ('2024-07-05 09:15+', NULL),
	('2024-07-05 09:15 GMT+', NULL), ('2024-07-05 09:15 Z+2', NULL), ('2024-07-05 09:15 +2 h', NULL), ('2024-07-05 09:15 + 2', NULL), ('2024-07-05Z', NULL), ('2024-07-05+02:00', NULL),
	('2024-07-05 09:15 EST', NULL), ('2024-07-05 09:15 Europe/Berlin', NULL), ('2024-07-05 09:15+02:00[Europe/Berlin]', NULL),
	-- impossible dates
	('2023-02-29', NULL), ('2100-02-29', NULL), ('2000-02-29', '2000-02-29'), ('2024-04-31', NULL), ('2024-13-01', NULL), ('2024-00-01', NULL), ('2024-01-00', NULL), ('2024-01-32', NULL),
	-- years
	('1900-01-01', '1900-01-01'), ('1899-12-31', NULL), ('2200-12-31 23:59:59', '2200-12-31 23:59:59'), ('2201-01-01', NULL), ('0021-07-05', NULL), ('0000-01-01', NULL), ('9999-12-31', NULL),
	-- not times at all
	('', NULL), (' ', NULL), ('-', NULL), ('NA', NULL), ('null', NULL), ('today', NULL), ('now', NULL), ('infinity', NULL), ('epoch', NULL), ('yesterday', NULL), ('2036,5', NULL),
	('5 July 2024', NULL), ('July 5, 2024', NULL), ('1720174530', NULL)) AS v(answered_at, meant);
INSERT INTO sample SELECT 'DD/MM/YYYY', answered_at, meant::timestamptz FROM (VALUES
	('31/12/2024', '2024-12-31'), ('12/31/2024', NULL), ('1/2/2024', '2024-02-01'), ('01/02/2024', '2024-02-01'), ('001/02/2024', NULL), ('1/002/2024', NULL), ('1/2/02024', NULL),
	('1/2/24', NULL), ('1/2', NULL), ('1//2024', NULL), ('1/2/2024/', NULL), ('1/2/2024T09:15', NULL), ('1/2/2024 09:15', '2024-02-01 09:15'), ('1/2/2024 09.15', '2024-02-01 09:15'),
	('1/2/2024 09.15.30', '2024-02-01 09:15:30'), ('1/2/2024 09.15:30', NULL), ('1/2/2024 09:15.30', NULL), ('1/2/2024 09.15.30,5', '2024-02-01 09:15:30.5'), ('1/2/2024 0915', NULL),
	('1/2/2024,09:15', NULL), ('1/2/2024, 09:15', '2024-02-01 09:15'), ('1/2/2024 9:15 pm', '2024-02-01 21:15'), ('29/02/2023', NULL), ('30/02/2024', NULL), ('0/1/2024', NULL), ('1/13/2024', NULL)) AS v(answered_at, meant);
INSERT INTO sample SELECT 'epoch', answered_at, meant::timestamptz FROM (VALUES
	('0', '1970-01-01'), ('-1', '1969-12-31 23:59:59'), ('-0.5', '1969-12-31 23:59:59.5'), (' 1720174530 ', '2024-07-05 10:15:30'), ('1720174530.123', '2024-07-05 10:15:30.123'),
	('1720174530,123', '2024-07-05 10:15:30.123'), ('1720174530.1234567', '2024-07-05 10:15:30.123457'), ('1720174530123.4', '2024-07-05 10:15:30.1234'), ('-1720174530123', '1915-06-29 13:44:29.877'),
	('-2208988800', '1900-01-01'), ('7289654399', '2200-12-31 23:59:59'), ('7289654400', '1970-03-26 08:54:14.4'), ('7289654399999', '2200-12-31 23:59:59.999'),
	('7289654399.9999999', NULL), ('7289654400000', NULL), ('-2208988800000', '1900-01-01'), ('-2208988800001', NULL), ('-2208988801', '1969-12-06 10:23:31.199'),
	('1720174530123456', NULL), ('1720174530123456789', NULL), ('99999999999999999999999999999999', NULL), ('-99999999999999999999999999999999', NULL), ('1e9', NULL), ('1.7e9', NULL), ('+1', NULL),
	('', NULL), ('-', NULL), ('.5', NULL), ('1.', NULL), ('1.2.3', NULL), ('0x10', NULL), ('1 720 174 530', NULL), ('2024-07-05', NULL), ('NaN', NULL), ('infinity', NULL)) AS v(answered_at, meant);
SELECT format, count(*) AS samples, count(meant) AS times FROM sample GROUP BY format ORDER BY format COLLATE "C";
SELECT format, quote_literal(answered_at) AS answered_at, meant, nps_parse_time(answered_at, format, 'UTC') AS read
FROM sample WHERE nps_parse_time(answered_at, format, 'UTC') IS DISTINCT FROM meant;

-- Every possible day, and every second of one, compared with the server's own reading.
SELECT count(*) AS days, count(*) FILTER (WHERE nps_parse_time(to_char(day, 'YYYY-MM-DD'), 'ISO 8601', 'UTC') IS DISTINCT FROM day) AS iso,
	count(*) FILTER (WHERE nps_parse_time(to_char(day, 'FMDD/FMMM/YYYY'), 'DD/MM/YYYY', 'UTC') IS DISTINCT FROM day) AS dmy,
	count(*) FILTER (WHERE nps_parse_time(to_char(day, 'MM/DD/YYYY'), 'MM/DD/YYYY', 'UTC') IS DISTINCT FROM day) AS mdy,
	count(*) FILTER (WHERE nps_parse_time(extract(epoch FROM day)::bigint::text, 'epoch', 'UTC') IS DISTINCT FROM day) AS epoch
FROM generate_series('1900-01-01'::timestamptz, '2200-12-31', '1 day') AS day;
SELECT count(*) AS seconds, count(*) FILTER (WHERE nps_parse_time(to_char(at, 'FMMM/FMDD/YYYY FMHH12:MI:SS AM'), 'MM/DD/YYYY', 'UTC') IS DISTINCT FROM at) AS twelve,
	count(*) FILTER (WHERE nps_parse_time(to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS'), 'ISO 8601', 'UTC') IS DISTINCT FROM at) AS twenty_four
FROM generate_series('2024-02-29'::timestamptz, '2024-02-29 23:59:59', '1 second') AS at;
-- ... and no other day of a month
SELECT count(*) AS days, count(nps_parse_time(format('%s-%s-%s', lpad(y::text, 4, '0'), lpad(m::text, 2, '0'), lpad(d::text, 2, '0')), 'ISO 8601', 'UTC')) AS read
FROM generate_series(1890, 2210) AS y, generate_series(0, 13) AS m, generate_series(0, 32) AS d;
SELECT count(*) AS days_of_301_years FROM generate_series('1900-01-01'::timestamptz, '2200-12-31', '1 day');

-- Clocks that skip an hour or show it twice: read like nps_time does, unless the text says which one it is.
SELECT answered_at, nps_parse_time(answered_at, 'ISO 8601', 'Europe/Berlin') AS read,
	nps_parse_time(answered_at, 'ISO 8601', 'Europe/Berlin') = nps_time(answered_at::timestamp, 'Europe/Berlin') AS as_nps_time
FROM unnest('{2024-03-31 01:59:59,2024-03-31 02:00:00,2024-03-31 02:30:00,2024-03-31 03:00:00,2024-10-27 01:59:59,2024-10-27 02:00:00,2024-10-27 02:30:00,2024-10-27 03:00:00,1893-03-31 23:00:00}'::text[]) AS answered_at;
SELECT answered_at, nps_parse_time(answered_at, 'ISO 8601', zone) AS read
FROM (VALUES ('2024-10-27 02:30:00 CEST', 'Europe/Berlin'), ('2024-10-27 02:30:00 CET', 'Europe/Berlin'), ('2024-10-27 02:30:00 cet', 'Europe/Berlin'), ('2024-10-27 02:30:00 BST', 'Europe/Berlin'),
	('2024-07-05 12:00 EST', 'America/New_York'), ('2024-07-05 12:00 EDT', 'America/New_York'), ('2024-07-05 12:00 CST', 'America/Chicago'), ('2024-07-05 12:00 CST', 'Asia/Shanghai'),
	('2024-07-05 12:00 IST', 'Asia/Kolkata'), ('2024-07-05 12:00 IST', 'Europe/Dublin'), ('2024-07-05 12:00 IST', 'Asia/Jerusalem'), ('2024-07-05 12:00 IST', 'UTC'), ('2024-07-05 12:00 AMT', 'UTC')) AS v(answered_at, zone);

-- NULL: nothing to read.
SELECT nps_parse_time(NULL, 'ISO 8601', 'UTC') IS NULL AND nps_parse_time('2024-07-05', NULL, 'UTC') IS NULL
	AND nps_parse_time('2024-07-05', 'ISO 8601', NULL) IS NULL AS is_null;

-- A wrong format or zone is a mistake in the query, not in the data.
SELECT nps_parse_time('2024-07-05', 'YYYY', 'UTC');
SELECT nps_parse_time('2024-07-05', 'iso 8601', 'UTC');
SELECT nps_parse_time('no time', '', 'UTC');
SELECT nps_parse_time('2024-07-05', 'ISO 8601', 'Mars/Olympus');

-- Zones are read the same way here and everywhere else: names only.
CREATE FUNCTION told(zone text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text; detail text; hint text;
BEGIN
	PERFORM nps_parse_time('2024-07-05', 'ISO 8601', zone);
	RETURN 'taken as ' || nps_zone_name(zone);
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', message, nullif(detail, ''), hint);
END
$$;
\pset format unaligned
SELECT zone, told(zone)
FROM unnest(ARRAY['Europe/Berlin', 'europe/berlin', 'UTC', 'GMT', 'Etc/GMT-3', 'etc/gmt+12', 'Etc/GMT-14', 'Etc/UTC', 'America/Port-au-Prince',
	'UTC+3', 'utc-5', 'GMT+2', 'UTC+5:30', 'UTC+0', '+03:00', '-08', '+3', '+15:00', 'UTC+03:00', 'UTC-13',
	'EST', 'CET', 'cet', 'PST', 'CEST', 'IST', 'Etc/GMT-15', 'Etc/GMT-03', 'Etc/GMT+5:30', 'UTC3', 'MEZ-1MESZ', 'EST5EDT,M3.2.0,M11.1.0', '<+03>-3', 'Europe/Berlin-3', 'Etc/GMT+13',
	'', ' ', 'Berlin', 'Europe', '../Europe/Berlin', 'Europe/Berlin ']) AS zone;
SELECT length(told(repeat('x', 300))), length(told('UTC+' || repeat('3', 300)));
\pset format aligned
-- ... while the server would have accepted more, and been six hours off
SELECT '2024-07-05 12:00'::timestamp AT TIME ZONE 'UTC+3' AS with_rule, nps_parse_time('2024-07-05 12:00', 'ISO 8601', 'Etc/GMT-3') AS as_meant;
-- every name that the server lists is accepted, except abbreviations
SELECT string_agg(name, ' ' ORDER BY name COLLATE "C") AS refused FROM pg_timezone_names
WHERE told(name) NOT LIKE 'taken as %' AND name !~ '^(posix|right)/' AND name NOT IN ('EST', 'MST', 'HST', 'CET', 'EET', 'MET', 'WET');
SELECT nps_local_time('2024-07-05 12:00Z', 'UTC+3');
SELECT nps_time('2024-07-05 12:00'::timestamp, 'EST');
SELECT nps_period('2024-07-05 12:00Z', '+03:00', 'day');
SELECT nps_due('2024-07-05 12:00Z', 8, 'UTC+3', 'Mon Tue Wed Thu Fri', '09:00', '17:00', NULL);

-- Format and zone may come from the rows; and it can be used in an index.
CREATE TABLE response (answered_at text, format text, zone text,
	at timestamptz GENERATED ALWAYS AS (nps_parse_time(answered_at, format, zone)) STORED);
CREATE INDEX ON response (nps_parse_time(answered_at, 'DD/MM/YYYY', 'Europe/Berlin'));
INSERT INTO response SELECT answered_at, format, zone FROM spelling;
SELECT count(*) AS rows, count(at) AS times FROM response;

-- Any text at all: a time within those years, or NULL, in every format; and a time, written out, reads the same again.
CREATE FUNCTION contradiction(answered_at text, format text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	read timestamptz := nps_parse_time(answered_at, format, 'Asia/Kathmandu');
BEGIN
	IF read NOT BETWEEN '1899-12-30' AND '2201-01-02' THEN
		RETURN 'out of range';
	ELSIF read IS NOT NULL AND nps_parse_time(to_char(read AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'ISO 8601', 'Europe/Berlin') IS DISTINCT FROM read
		AND read BETWEEN '1900-01-01Z' AND '2200-12-31 23:59:59.999999Z' THEN
		RETURN 'reads otherwise';
	END IF;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE TABLE generated AS
SELECT DISTINCT format, overlay(base PLACING character FROM place FOR width) AS answered_at
FROM (SELECT chr(code) AS character FROM generate_series(1, 255) AS code UNION ALL SELECT chr(code) FROM unnest(ARRAY[x'202F'::int, x'2212'::int, x'FF11'::int, x'10FFFF'::int]) AS code) AS c,
	(VALUES ('ISO 8601', '2024-12-31T23:59:59.9Z'), ('MM/DD/YYYY', '1/2/2024, 1:15 pm'), ('DD.MM.YYYY', '1.2.2024 1.15'), ('epoch', '-172017.5')) AS b(format, base),
	generate_series(1, length(base) + 1) AS place,
	generate_series(0, 1) AS width;
SELECT count(*) > 30000 AS many, count(*) FILTER (WHERE nps_parse_time(answered_at, format, 'UTC') IS NOT NULL) > 500 AS times FROM generated;
SELECT format, quote_literal(answered_at) AS answered_at, contradiction FROM generated, contradiction(answered_at, format) WHERE contradiction IS NOT NULL LIMIT 10;
SELECT nps_parse_time(repeat(' ', 1000000) || '2024-07-05' || repeat(E'\n', 1000000), 'ISO 8601', 'UTC') AS in_blanks, nps_parse_time(repeat('2', 1000000), 'epoch', 'UTC') IS NULL AS digits,
	nps_parse_time('2024-07-05 10:15:30.' || repeat('9', 1000000), 'ISO 8601', 'UTC') AS nines;

SET client_min_messages = warning;
DROP SCHEMA nps_test_parse_time CASCADE;
