#!/usr/bin/env bash
# One survey on two servers: each counts its own answers, the near one adds up the counts.
# usage: examples/two_servers.sh NEAR FAR
# NEAR and FAR are connection strings (postgresql://... or "host=... dbname=..."), each of an
# empty database on a server that has nps; the near one also has postgres_fdw.  Whoever
# connects must be superuser of both, and the far server must let the near one in without a
# password: that is for trying it out, not for production.
set -euo pipefail

near=${1:?usage: two_servers.sh NEAR FAR}
far=${2:?usage: two_servers.sh NEAR FAR}

sql() {
    psql -X -q -v ON_ERROR_STOP=1 -P footer=off -d "$@"
}

# A survey as any other, on each server; both in one schema, with one time zone and the same
# segments.  The answers differ; :seed sees to that.
survey() {
    sql "$1" -v seed="$2" -v answers="$3" << 'SQL'
CREATE EXTENSION nps;
CREATE TABLE answer (
    id integer PRIMARY KEY, customer text, answered_at timestamptz NOT NULL, score integer, plan text
);
INSERT INTO answer
SELECT i, 'customer ' || i % 500, timestamptz '2025-01-01 00:00+01' + i * interval '1 hour',
       CASE WHEN i % 97 = 0 THEN 11 WHEN i % 10 > 0 THEN least(10, dice % 12 + dice % 5) END,
       (ARRAY['free', 'pro', 'team'])[1 + dice % 5 % 3]
FROM generate_series(0, :answers) AS i, LATERAL (SELECT hashint4(i + :seed) & 65535) AS throw(dice);

SELECT count(*) > 0 AS attached
FROM nps_attach('answer', 'score', schema_name => 'survey', respondent => 'customer',
                responded_at => 'answered_at', segments => ARRAY['plan'], time_zone => 'Europe/Berlin') \gset
CALL nps_materialize('survey');

-- the answers of a day as one row: all that ever goes over the network
CREATE VIEW answer_tally AS
SELECT nps_period(responded_at, 'Europe/Berlin', 'day') AS day, plan, nps_tally_agg(score) AS tally
FROM survey.response
GROUP BY 1, 2;
ANALYZE;
SQL
}
survey "$near" 0 4000
survey "$far" 100000 3000

# What psql found out about the far server is what postgres_fdw must be told.
read -r host port database user <<< "$(psql -X -A -t -d "$far" -c '\echo :HOST :PORT :DBNAME :USER')"

sql "$near" -v host="$host" -v port="$port" -v database="$database" -v user="$user" << 'SQL'
\echo '1. THE FAR SERVER, AS A SCHEMA'
CREATE EXTENSION postgres_fdw;
-- extensions: the functions and aggregates of nps may run over there
CREATE SERVER paris FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host :'host', port :'port', dbname :'database', extensions 'nps', async_capable 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER paris OPTIONS (user :'user');
CREATE SCHEMA paris;
IMPORT FOREIGN SCHEMA survey LIMIT TO (response, trend, segment_trend) FROM SERVER paris INTO paris;
IMPORT FOREIGN SCHEMA public LIMIT TO (answer_tally) FROM SERVER paris INTO paris;
SELECT foreign_table_schema, foreign_table_name FROM information_schema.foreign_tables ORDER BY 2;

\echo '2. EACH SERVER COUNTS, TALLIES ARE ADDED UP'
CREATE VIEW by_plan AS
SELECT plan, nps_tally_agg(tally) AS tally
FROM (SELECT plan, nps_tally_agg(score) AS tally FROM survey.response GROUP BY plan
      UNION ALL
      SELECT plan, nps_tally_agg(score) FROM paris.response GROUP BY plan) AS part
GROUP BY plan;
SELECT plan, m.responses, m.nps::numeric(5, 1), m.nps_low::numeric(5, 1), m.nps_high::numeric(5, 1), m.mean_score::numeric(4, 2)
FROM by_plan, nps_summary(tally) AS m
ORDER BY plan;
-- Remote SQL is what the far server is asked
EXPLAIN (VERBOSE, COSTS OFF) SELECT plan, nps_tally_agg(score) FROM paris.response GROUP BY plan;

\echo '3. BY PERIOD, TOO'
CREATE VIEW everywhere AS
SELECT 'berlin' AS server, day, plan, tally FROM answer_tally
UNION ALL
SELECT 'paris', day, plan, tally FROM paris.answer_tally;
SELECT nps_period(day, 'month') AS month, sum(nps_responses(tally)) AS responses, nps_score(nps_tally_agg(tally))::numeric(5, 1) AS nps
FROM everywhere
WHERE plan = 'pro' AND day < '2025-04-01'
GROUP BY month ORDER BY month;

\echo '4. OF REPORTS, WHICH ARE MADE OF ROLLUPS'
CREATE VIEW by_month_and_plan AS
SELECT period_start AS month, value AS plan, nps_tally_agg(nps_counts(detractors, passives, promoters)) AS tally
FROM (SELECT * FROM survey.segment_trend UNION ALL SELECT * FROM paris.segment_trend) AS part
WHERE grain = 'month' AND segment = 'plan'
GROUP BY period_start, value;
SELECT month, plan, nps_responses(tally) AS responses, nps_score(tally)::numeric(5, 1) AS nps
FROM by_month_and_plan
WHERE month < '2025-03-01'
ORDER BY month, plan;
SQL
