-- The story of a survey in two minutes.  Run it in an empty database:
--
--     psql -X -q -v ON_ERROR_STOP=1 -f examples/demo.sql

\set ON_ERROR_STOP on
\encoding UTF8
\pset pager off
\pset border 2
\pset linestyle unicode
\pset null '·'
\pset footer off
\pset format aligned

-- a probability
CREATE FUNCTION pg_temp.shown(p_value double precision) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p_value < 0.001 THEN '< 0.001' ELSE to_char(p_value, 'FM0.000') END;

CREATE EXTENSION nps;
\ir sample_survey.sql

-- a text, cut between two words
CREATE FUNCTION pg_temp.beginning(words text, length integer) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN substring(regexp_replace(words, '\s+', ' ', 'g') || ' ' FROM format('^(.{1,%s})\s', length));

\echo
\echo '1. THE ANSWERS'
\echo
\echo 'An ordinary table, as a form tool exports it. The question was: how likely are you to'
\echo 'recommend us, from 0 (not at all) to 10 (extremely)? The newest rows; a dot is NULL.'
SELECT customer_id, company, answered_at::date AS answered, quote_literal(score) AS score, pg_temp.beginning(comment, 36) AS comment
FROM customer_survey
ORDER BY response_id DESC
LIMIT 5;

\echo
\echo 'One call says what the columns mean, and makes a schema of views next to the table. The table'
\echo 'stays as it is. These views of the schema customer_survey_nps are the first to look at.'
SELECT split_part(object, '.', 2) AS view, split_part(purpose, ';', 1) AS purpose
FROM nps_attach('customer_survey', 'score',
                respondent => 'customer_id',
                account => 'company',
                responded_at => 'answered_at',
                comment => 'comment',
                segments => ARRAY['region', 'plan', 'channel'],
                revenue => 'revenue',
                renewal_at => 'renewal_at',
                churned_at => 'churned_at',
                contactable => 'allows_contact',
                owner => 'account_manager');

\echo
\echo '2. WHERE WE STAND'
\echo
\echo 'summary: promoters (9, 10) minus detractors (0 to 6), in percent. With 95 % confidence the true'
\echo 'value is between nps_low and nps_high. What is no score does not count, and is told.'
SELECT responses, detractors, promoters, round(nps) AS nps, round(nps_low) AS nps_low, round(nps_high) AS nps_high,
       unanswered, rejected
FROM customer_survey_nps.summary;

\echo
\echo 'trend: it was good, then something happened. p_value is the probability of so big a change by'
\echo 'chance alone, adjusted for looking at all quarters: one of them was no chance.'
SELECT period_start AS quarter, responses, round(nps) AS nps, round(change) AS change,
       pg_temp.shown(change_p_adjusted) AS p_value,
       nps_bar(nps_counts(detractors, passives, promoters), 40) AS "detractors, passives, promoters"
FROM customer_survey_nps.trend
WHERE grain = 'quarter' AND responses > 0
ORDER BY period_start;

CREATE TEMPORARY TABLE dip AS
    SELECT period_start, period_end, change FROM customer_survey_nps.trend
    WHERE grain = 'quarter' AND NOT is_partial ORDER BY change LIMIT 1;

\echo
\echo '3. WHY'
\echo
\echo 'segment_trend: where the score fell in that quarter. It fell almost everywhere, and in some'
\echo 'regions more.'
SELECT value AS region, responses, round(nps) AS nps, round(t.change) AS change, pg_temp.shown(change_p_adjusted) AS p_value
FROM customer_survey_nps.segment_trend t JOIN dip USING (period_start)
WHERE grain = 'quarter' AND segment = 'region'
ORDER BY t.change;

\echo
\echo 'cause_mention: what unhappy customers wrote, sorted by words. One cause stands out in that quarter.'
SELECT m.cause, count(DISTINCT m.respondent) FILTER (WHERE m.responded_at >= d.period_start AND m.responded_at < d.period_end + 1) AS in_that_quarter,
       round(count(DISTINCT m.respondent) FILTER (WHERE m.responded_at < d.period_start) / 4.0, 1) AS in_a_usual_one
FROM customer_survey_nps.cause_mention m CROSS JOIN dip d
GROUP BY m.cause
ORDER BY 2 DESC, 1
LIMIT 5;
SELECT min(m.score) AS score, pg_temp.beginning(min(m.comment), 84) AS "what they say"
FROM customer_survey_nps.cause_mention m JOIN dip d ON m.responded_at >= d.period_start AND m.responded_at < d.period_end + 1
WHERE m.cause = 'delivery or a broken promise'
GROUP BY left(m.comment, 20)
ORDER BY count(*) DESC, 1, 2
LIMIT 4;

\echo
\echo '4. WHOM TO CALL TODAY'
\echo
\echo 'followup: the unhappy customers of whom nobody has taken care yet, the most urgent first.'
SELECT due, next_step, to_char(next_due, 'DD Mon') AS until, respondent, score, revenue,
       pg_temp.beginning(comment, 38) AS comment
FROM customer_survey_nps.followup
LIMIT 6;

CREATE TEMPORARY TABLE picked AS
    SELECT case_id, respondent FROM customer_survey_nps.followup WHERE comment IS NOT NULL LIMIT 1;

\echo
\echo '5. ONE CASE, FROM THE CALL TO THE END'
\echo
\echo 'Ana calls the first one who wrote something. Everything is an UPDATE of followup; a promise is'
\echo 'a row.'
SET nps.actor = 'ana';
UPDATE customer_survey_nps.followup
SET status = 'contacted', channel = 'phone', cause = 'product or service quality', note = 'Upset; glad of the call'
WHERE case_id = (SELECT case_id FROM picked);
INSERT INTO customer_survey_nps.concern (case_id, concern, promise, promised_for)
SELECT case_id, 'It fails again and again', 'A new one, by courier', current_date + 7 FROM picked;
SELECT respondent, status, next_step, next_promise_due - current_date AS days_left, last_note
FROM customer_survey_nps.followup WHERE case_id = (SELECT case_id FROM picked);

\echo
\echo 'The new one arrives, and the case is closed. Some time later the customer answers again.'
UPDATE customer_survey_nps.concern SET delivered_at = now() WHERE case_id = (SELECT case_id FROM picked);
UPDATE customer_survey_nps.followup SET status = 'closed', informed_at = now(), note = 'It arrived, and it works'
WHERE case_id = (SELECT case_id FROM picked);
INSERT INTO customer_survey (response_id, customer_id, channel, sent_at, answered_at, score, comment)
SELECT (SELECT max(response_id) + 1 FROM customer_survey), respondent, 'email', now(), clock_timestamp(), '9', 'They called, and they kept their word.' FROM picked;
SELECT kind, score, pg_temp.beginning(text, 60) AS text, actor
FROM customer_survey_nps.timeline
WHERE respondent = (SELECT respondent FROM picked) AND at > now() - interval '14 days'
ORDER BY at, place;

\echo
\echo '6. WHAT IT CHANGED'
\echo
\echo 'closed_loop: follow-up began today. One customer was contacted, went from the worst score to a'
\echo 'promoter''s, and is off the list; the others wait, and none of them is late yet.'
SELECT sum(cases) AS cases, sum(contacted) AS contacted, sum(closed) AS closed, sum(open) AS still_open, sum(late) AS late,
       sum(revenue_at_risk) AS revenue_at_risk
FROM customer_survey_nps.closed_loop
WHERE grain = 'year' AND segment = 'all';

\echo
\echo 'What to do next: the first three of the list, a name to each; then the cause that stands out.'
SELECT respondent, responsible, next_step, to_char(next_due, 'DD Mon HH24:MI') AS until, channel_advised AS by
FROM customer_survey_nps.followup
LIMIT 3;
\echo
\echo 'And with a table of your own:'
\echo
\echo '    CREATE EXTENSION nps;'
\echo '    SELECT * FROM nps_attach(''your_table'', ''your_score'', respondent => ..., responded_at => ...);'
\echo '    SELECT * FROM nps_check(''your_table_nps'');'
\echo
\echo 'README.md, "Your own data", has the arguments; doc/reading.md says how to read the reports.'
