-- A tour of nps in one minute.  Run it in an empty database:
--
--     psql -X -q -v ON_ERROR_STOP=1 -f examples/demo.sql

\set ON_ERROR_STOP on
\encoding UTF8
\pset pager off
\pset border 2
\pset linestyle unicode
\pset null '·'
\pset footer off
-- Long texts are wrapped, so that each table fits into 110 columns.
\pset format wrapped
\pset columns 110

CREATE EXTENSION nps;
\ir sample_survey.sql

\echo
\echo '1. THE ANSWERS'
\echo
\echo 'An ordinary table, as a form tool exports it. The question was: how likely are you to recommend us,'
\echo 'from 0 (not at all) to 10 (extremely)? These are the newest rows; a dot is NULL.'
SELECT response_id, customer_id, company, answered_at::date AS answered, score,
       left(replace(comment, E'\n', ' '), 32) AS comment
FROM customer_survey
ORDER BY response_id DESC
LIMIT 8;

\echo
\echo 'Raw scores are text, and not all of them are scores. nps_parse_score reads what is one, and gives'
\echo 'NULL for what is none: it never guesses and never fails.'
SELECT quote_literal(score) AS raw_score, nps_parse_score(score) AS read_as, count(*) AS rows
FROM customer_survey
WHERE score IN (' 9 ', '07', '10 - Extremely likely', '8.5', '7/10', '11', '-1', '99', 'ten', 'N/A', '')
GROUP BY score
ORDER BY read_as, score;

\echo
\echo '2. ONE CALL'
\echo
\echo 'nps_attach is told which column means what, and makes a schema of views next to the table.'
\echo 'The table itself stays as it is.'
SELECT *
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
                owner => 'account_manager',
                loop_since => now() - interval '2 years');

\echo
\echo '3. WHERE WE STAND'
\echo
\echo 'The score is the percentage of promoters (9, 10) minus the percentage of detractors (0 to 6).'
\echo 'With 95 % confidence the true value lies between nps_low and nps_high.'
SELECT responses, detractors, passives, promoters,
       round(nps::numeric, 1) AS nps,
       round(nps_low::numeric, 1) AS nps_low,
       round(nps_high::numeric, 1) AS nps_high,
       round(mean_score::numeric, 2) AS mean_score
FROM customer_survey_nps.summary;

\echo
\echo 'What is not an answer does not count, but it is not swept under the carpet either. Shares go from 0 to 1.'
SELECT unanswered, rejected,
       round(response_rate::numeric, 3) AS response_rate,
       round(comment_share::numeric, 3) AS comment_share,
       first_answer, last_answer, warning
FROM customer_survey_nps.summary;

\echo
\echo 'How often each score was given.'
SELECT score, category, responses,
       round(100 * share::numeric, 1) AS percent,
       repeat('█', round(100 * share)::integer) AS picture
FROM customer_survey_nps.distribution
ORDER BY score;

\echo
\echo 'Why rows do not count.'
SELECT reason, count(*) AS rows, string_agg(DISTINCT quote_literal(raw_score), '  ') AS raw_scores
FROM customer_survey_nps.not_counted
GROUP BY reason
ORDER BY rows DESC;

\echo
\echo '4. WHOM TO CALL'
\echo
\echo 'followup lists the unhappy customers whom nobody has taken care of yet, the most urgent first.'
SELECT priority, due, next_step, to_char(next_due, 'DD Mon') AS by, respondent, account, score,
       left(replace(comment, E'\n', ' '), 40) AS comment
FROM customer_survey_nps.followup
LIMIT 8;

\echo
\echo 'The newest of them in full: what to do, by when, and what is at stake. The rules behind it are'
\echo 'rows of customer_survey_nps.playbook, and yours to edit.'
\x on
SELECT respondent, account, score, comment, verdict, responded_at::timestamp(0), priority_reason, next_step,
       next_due::timestamp(0), channel_advised, steps, save_by, revenue, responsible, status, guidance
FROM customer_survey_nps.followup
ORDER BY responded_at DESC
LIMIT 1;
\x off

\echo
\echo '5. YOUR OWN QUESTIONS'
\echo
\echo 'nps_score is an aggregate like avg: by region, and with FILTER by plan. Plan free in LATAM is weak.'
SELECT region,
       count(s) AS answers,
       round(nps_score(s)::numeric, 1) AS nps,
       round((nps_score(s) FILTER (WHERE plan = 'free'))::numeric, 1) AS free,
       round((nps_score(s) FILTER (WHERE plan = 'starter'))::numeric, 1) AS starter,
       round((nps_score(s) FILTER (WHERE plan = 'business'))::numeric, 1) AS business,
       round((nps_score(s) FILTER (WHERE plan = 'enterprise'))::numeric, 1) AS enterprise
FROM customer_survey, nps_parse_score(score) AS s
GROUP BY region
ORDER BY nps_score(s);

\echo
\echo 'So few answers: how sure can we be? nps_interval says between which values the true score lies.'
SELECT round(low::numeric, 1) AS low, round(high::numeric, 1) AS high
FROM nps_interval((SELECT nps_tally_agg(nps_parse_score(score))
                   FROM customer_survey
                   WHERE plan = 'free' AND region = 'LATAM'));

\echo
\echo 'A year ago deliveries went wrong for three months. Was the recovery since then more than chance?'
\echo 'nps_compare gives the change, its interval, and the probability of so big a change by chance alone.'
WITH quarters AS (
    SELECT nps_tally_agg(nps_parse_score(score))
               FILTER (WHERE answered_at >= now() - interval '12 months'
                         AND answered_at < now() - interval '9 months') AS trouble,
           nps_tally_agg(nps_parse_score(score))
               FILTER (WHERE answered_at >= now() - interval '3 months') AS latest
    FROM customer_survey
)
SELECT round(nps_score(trouble)::numeric, 1) AS trouble,
       round(nps_score(latest)::numeric, 1) AS latest,
       round(change::numeric, 1) AS change,
       round(low::numeric, 1) AS low,
       round(high::numeric, 1) AS high,
       round(z::numeric, 1) AS z,
       to_char(p_value, '9.9EEEE') AS p_value
FROM quarters, nps_compare(trouble, latest);

\echo
\echo '6. CLOSING THE LOOP'
\echo
\echo 'Take the first case with a comment, and work it. Everything is an UPDATE of followup, and a promise is a row.'
CREATE TEMPORARY TABLE picked AS
    SELECT case_id, respondent FROM customer_survey_nps.followup WHERE comment IS NOT NULL LIMIT 1;
SET nps.actor = 'ana';
SELECT respondent, status, due, next_step, cause_suggested, steps
FROM customer_survey_nps.followup WHERE case_id = (SELECT case_id FROM picked);

UPDATE customer_survey_nps.followup
SET status = 'contacted', channel = 'phone', cause = 'product or service quality', note = 'Upset, but glad that somebody called'
WHERE case_id = (SELECT case_id FROM picked);
INSERT INTO customer_survey_nps.concern (case_id, concern, promise, promised_for)
SELECT case_id, 'It fails again and again', 'A new one, by courier', current_date + 7 FROM picked;

\echo
\echo 'It stays on the list until the promise is kept and the customer knows.'
SELECT respondent, status, next_step, next_promise_due - current_date AS days_left, open_concerns, last_note
FROM customer_survey_nps.followup WHERE case_id = (SELECT case_id FROM picked);

UPDATE customer_survey_nps.concern SET delivered_at = now() WHERE case_id = (SELECT case_id FROM picked);
UPDATE customer_survey_nps.followup SET status = 'closed', informed_at = now(), note = 'It arrived, and it works'
WHERE case_id = (SELECT case_id FROM picked);

\echo
\echo 'Closed: it is off the list. What happened is on record, and nobody can change it.'
SELECT kind, score, left(replace(text, E'\n', ' '), 60) AS text, actor
FROM customer_survey_nps.timeline
WHERE respondent = (SELECT respondent FROM picked)
ORDER BY at, place;

\echo
\echo 'And the report on all cases of two years: who was reached, how late, and what it was good for.'
SELECT sum(cases) AS cases, sum(contacted) AS contacted, sum(closed) AS closed, sum(missed) AS missed, sum(expired) AS expired,
       sum(recovered_alone) AS recovered_alone,
       round((sum(recovered_alone) / nullif(sum(recovered_alone_known), 0)::numeric), 3) AS recovered_alone_rate, sum(churned) AS churned
FROM customer_survey_nps.closed_loop
WHERE grain = 'year' AND segment = 'all';
