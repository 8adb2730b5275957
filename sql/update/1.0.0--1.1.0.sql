/* nps/sql/nps--1.0.0--1.1.0.sql, put together from sql/update and sql/parts */

-- complain if the script is sourced in psql rather than by ALTER EXTENSION
\echo Use "ALTER EXTENSION nps UPDATE TO '1.1.0'" to load this file. \quit

-- functions that have other arguments or another result now; no view calls them
ALTER EXTENSION nps DROP FUNCTION @extschema@.nps_switch_reports(text, boolean);
DROP FUNCTION @extschema@.nps_switch_reports(text, boolean);
ALTER EXTENSION nps DROP FUNCTION @extschema@.nps_create_rollup(text);
DROP FUNCTION @extschema@.nps_create_rollup(text);
ALTER EXTENSION nps DROP FUNCTION @extschema@.nps_fill_rollup(text);
DROP FUNCTION @extschema@.nps_fill_rollup(text);
ALTER EXTENSION nps DROP FUNCTION @extschema@.nps_create_policies(text, regclass, jsonb);
DROP FUNCTION @extschema@.nps_create_policies(text, regclass, jsonb);

-- Every function from here on is one of the extension's already, or new.  Until
-- 1.1.0 is released they are those of these parts, so that they stand once; then
-- the script that make puts together takes the place of this one.
-- parts: 70_mapping 80_playbook 81_cause 82_report 83_followup_trigger 84_followup
-- parts: 85_closed_loop 85_respondent 86_survey 87_build 88_describe 89_policy 90_attach
-- parts: 92_check 94_work_queue 96_rollup
