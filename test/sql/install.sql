-- What CREATE EXTENSION makes, where it can be installed, and by whom.
SET search_path = public;
SET client_min_messages = warning;

-- Every object of the extension.
CREATE SCHEMA nps_test_install;
CREATE VIEW nps_test_install.member AS
SELECT d.classid, d.objid, d.classid::regclass::text AS catalog, pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'nps';
SELECT catalog, count(*) > 0 AS some FROM nps_test_install.member GROUP BY catalog ORDER BY catalog COLLATE "C";

-- each has a comment, which fits on a line (except array types, which the server
-- makes, and counts as members only in later versions); columns of row types, too
SELECT object AS without_comment FROM nps_test_install.member
WHERE coalesce(obj_description(objid, catalog::name), '') !~ '^[^\n]{3,200}$' AND object NOT LIKE '%[]' ORDER BY object COLLATE "C";
SELECT c.relname, a.attname AS without_comment
FROM nps_test_install.member m JOIN pg_type t ON m.catalog = 'pg_type' AND t.oid = m.objid
JOIN pg_class c ON c.oid = t.typrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE col_description(c.oid, a.attnum) IS NULL;
-- no tables, no views, no triggers, no event triggers
SELECT object FROM nps_test_install.member WHERE catalog NOT IN ('pg_proc', 'pg_type', 'pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_cast');
SELECT extname, extrelocatable, extconfig IS NULL AS no_configuration_tables, n.nspname AS schema
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'nps';

-- Functions, as they should be: those of a name that are alike, by the
-- number of arguments (0 for any), NULL where an attribute makes no sense for an aggregate.
CREATE TABLE nps_test_install.meant (name text, arguments int, kind "char", language text, volatility "char", strict boolean, parallel "char");
INSERT INTO nps_test_install.meant VALUES
	-- scalars
	('nps_scales', 0, 'f', 'c', 'i', true, 's'),
	('nps_category', 0, 'f', 'c', 'i', true, 's'),
	('nps_points', 1, 'f', 'sql', 'i', false, 's'),			-- not strict: otherwise they would not be inlined
	('nps_points', 2, 'f', 'c', 'i', true, 's'),
	('nps_is_detractor', 0, 'f', 'sql', 'i', false, 's'),
	('nps_is_passive', 0, 'f', 'sql', 'i', false, 's'),
	('nps_is_promoter', 0, 'f', 'sql', 'i', false, 's'),
	('nps_parse_score', 0, 'f', 'c', 'i', true, 's'), ('nps_parse_time', 0, 'f', 'c', 'i', true, 's'), ('nps_time_formats', 0, 'f', 'c', 'i', true, 's'), ('nps_is_unanswered', 0, 'f', 'c', 'i', true, 's'),
	('nps_valid_score', 0, 'f', 'c', 'i', true, 's'),
	('nps_rejection', 0, 'f', 'c', 'i', false, 's'),			-- NULL is 'no answer'
	-- the tally
	('nps_tally_in', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_out', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_recv', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_send', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_add', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_subtract', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_lt', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_le', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_eq', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_ne', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_ge', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_gt', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_cmp', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_hash', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_hash_extended', 0, 'f', 'c', 'i', true, 's'),
	('nps_tally_to_bigint_array', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_from_bigint_array', 0, 'f', 'c', 'i', true, 's'),
	('nps_counts', 0, 'f', 'c', 'i', true, 's'), ('nps_tally_scale', 0, 'f', 'c', 'i', true, 's'),
	('nps_responses', 0, 'f', 'c', 'i', true, 's'), ('nps_detractors', 0, 'f', 'c', 'i', true, 's'),
	('nps_passives', 0, 'f', 'c', 'i', true, 's'), ('nps_promoters', 0, 'f', 'c', 'i', true, 's'),
	('nps_histogram', 0, 'f', 'c', 'i', true, 's'), ('nps_mean_score', 0, 'f', 'c', 'i', true, 's'),
	('nps_score', 0, 'f', 'c', 'i', true, 's'), ('nps_low', 0, 'f', 'c', 'i', true, 's'), ('nps_high', 0, 'f', 'c', 'i', true, 's'),
	-- aggregates
	('nps_tally_accum', 2, 'f', 'c', 'i', true, 's'), ('nps_tally_remove', 2, 'f', 'c', 'i', true, 's'),
	('nps_tally_accum', 3, 'f', 'c', 'i', false, 's'),			-- a score without a scale must not be lost
	('nps_tally_remove', 3, 'f', 'c', 'i', false, 's'),
	('nps_score', 0, 'a', NULL, NULL, NULL, 's'), ('nps_tally_agg', 0, 'a', NULL, NULL, NULL, 's'),
	('nps_low', 0, 'a', NULL, NULL, NULL, 's'), ('nps_high', 0, 'a', NULL, NULL, NULL, 's'),
	('nps_weighted_accum', 0, 'f', 'c', 'i', false, 's'), ('nps_weighted_combine', 0, 'f', 'c', 'i', false, 's'),
	('nps_weighted_score_final', 0, 'f', 'c', 'i', true, 's'), ('nps_weighted_summary_final', 0, 'f', 'c', 'i', true, 's'),
	('nps_weighted_score', 0, 'a', NULL, NULL, NULL, 's'), ('nps_weighted_summary', 0, 'a', NULL, NULL, NULL, 's'),
	-- statistics; not strict: those with arguments that may be NULL
	('nps_standard_error', 0, 'f', 'c', 'i', true, 's'), ('nps_test', 0, 'f', 'c', 'i', true, 's'),
	('nps_compare', 0, 'f', 'c', 'i', true, 's'), ('nps_compare_pairs', 0, 'f', 'c', 'i', true, 's'), ('nps_share_interval', 0, 'f', 'c', 'i', true, 's'),
	('nps_interval', 0, 'f', 'c', 'i', false, 's'), ('nps_margin_of_error', 0, 'f', 'c', 'i', false, 's'),
	('nps_summary', 0, 'f', 'c', 'i', false, 's'), ('nps_sample_size', 0, 'f', 'c', 'i', false, 's'),
	('nps_compare_sample_size', 0, 'f', 'c', 'i', false, 's'),
	('nps_bar', 0, 'f', 'c', 's', true, 'r'),
	('nps_html', 0, 'f', 'c', 'i', true, 's'),
	('nps_holm', 0, 'w', 'c', 'i', false, 's'),				-- NULL is left out
	-- surveys
	('nps_mapping', 0, 'f', 'c', 's', true, 'u'), ('nps_mapping_cast', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_mapping_key', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_default_playbook', 0, 'f', 'sql', 'i', true, 'u'), ('nps_default_causes', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_mapping_source', 0, 'f', 'c', 's', true, 'u'), ('nps_mapping_can_be_key', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_survey_comments', 0, 'f', 'plpgsql', 'i', true, 'u'),
	('nps_fill', 0, 'f', 'sql', 'i', true, 'u'), ('nps_placeholders', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_fill_view', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_survey_views', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_survey_templates', 0, 'f', 'plpgsql', 'i', true, 'u'), ('nps_survey_path', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_execute', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_tables_with_keys', 0, 'f', 'sql', 'i', true, 'u'), ('nps_prove_views', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_answer_view', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_answer_facts', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_mapping_arguments', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_make_answer', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_is_answer', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_bound_to', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_prove_answer', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_complete_answer', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_add_to_answer', 0, 'f', 'c', 'v', true, 'u'),
	('nps_columns_of', 0, 'f', 'sql', 'i', true, 'u'), ('nps_columns_there', 0, 'f', 'sql', 's', false, 'u'), ('nps_columns_in_place', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_replace_view', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_drop_former_views', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_expect_made', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_edition', 0, 'f', 'sql', 'i', true, 'u'), ('nps_is_outdated', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_expect_current', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_made', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_remember', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_fingerprint', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_table_template', 0, 'f', 'sql', 'i', true, 'u'), ('nps_table_parts', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_table_made', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_fit_table', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_fit_column', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_fit_rows', 0, 'f', 'plpgsql', 'v', true, 'u'),
	('nps_make_tables', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_make_tables_of_settings', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_tables_of_settings', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_comments_there', 0, 'f', 'sql', 's', true, 'u'), ('nps_comments_made', 0, 'f', 'plpgsql', 'i', true, 'u'), ('nps_own_comments', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_create_table', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_build_views', 0, 'f', 'plpgsql', 'v', true, 'u'),
	('nps_describe_survey', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_attach', 0, 'f', 'c', 'v', false, 'u'), ('nps_attach_as_caller', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_refresh_views', 0, 'f', 'c', 'v', false, 'u'), ('nps_refresh_views_as_owner', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_detach', 0, 'f', 'c', 'v', false, 'u'), ('nps_detach_as_owner', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_surveys', 0, 'f', 'sql', 's', true, 'u'), ('nps_survey_settings', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_is_survey_table', 0, 'f', 'sql', 's', true, 'u'),
	('nps_survey_objects', 0, 'f', 'sql', 's', true, 'u'), ('nps_check', 0, 'f', 'c', 's', true, 'u'), ('nps_check_as_owner', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_check_index', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_attach_call', 0, 'f', 'sql', 's', true, 'u'),
	-- called by the views of a survey
	('nps_day_counts_accum', 0, 'f', 'c', 'i', false, 's'), ('nps_day_counts_combine', 0, 'f', 'c', 'i', false, 's'), ('nps_day_counts_agg', 0, 'a', NULL, NULL, NULL, 's'), ('nps_day_counts', 0, 'f', 'c', 'i', true, 's'),
	-- follow-up
	('nps_case_rules', 0, 'f', 'c', 'v', false, 'u'), ('nps_case_history', 0, 'f', 'c', 'v', false, 'u'),
	('nps_keep_case', 0, 'f', 'c', 'v', false, 'u'), ('nps_keep_history', 0, 'f', 'c', 'v', false, 'u'),
	('nps_concern_rules', 0, 'f', 'c', 'v', false, 'u'), ('nps_told_rules', 0, 'f', 'c', 'v', false, 'u'), ('nps_lock_case', 0, 'f', 'c', 'v', true, 'u'),
	('nps_record_told', 0, 'f', 'c', 'v', false, 'u'),
	('nps_followup_columns', 0, 'f', 'c', 'v', false, 'u'), ('nps_record_followup', 0, 'f', 'c', 'v', false, 'u'),
	('nps_tell', 0, 'f', 'c', 'v', false, 'u'),
	('nps_case_fold', 0, 'w', 'c', 's', false, 's'), ('nps_case_of_answer', 0, 'w', 'c', 's', false, 's'), ('nps_newest_answer', 0, 'w', 'c', 'i', false, 's'),
	('nps_rule_bits', 0, 'f', 'c', 's', false, 's'), ('nps_days_in_force', 0, 'f', 'c', 's', false, 's'), ('nps_deadline', 0, 'f', 'c', 's', false, 's'), ('nps_dismissal_holds', 0, 'f', 'c', 's', true, 's'), ('nps_case_comments', 0, 'f', 'c', 's', false, 's'), ('nps_causes_named', 0, 'f', 'c', 's', true, 's'), ('nps_mapping_is_day', 0, 'f', 'c', 's', true, 'u'),
	('nps_before_rules_change', 0, 'f', 'c', 'v', false, 'u'), ('nps_rule_history', 0, 'f', 'c', 'v', false, 'u'),
	('nps_record', 0, 'f', 'c', 'v', true, 'u'), ('nps_record_as_owner', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_gone_cases', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_moved_cases', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_record_if_possible', 0, 'f', 'plpgsql', 'v', true, 'u'),
	('nps_undo', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_most_answers', 0, 'f', 'c', 'i', true, 's'),
	('nps_window_start', 0, 'f', 'c', 's', true, 's'), ('nps_followed_scores', 0, 'f', 'c', 's', true, 's'), ('nps_is_crowd', 0, 'f', 'c', 's', true, 's'), ('nps_is_crowd_support', 0, 'f', 'c', 'v', true, 'u'),
	('nps_mixed_scales', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_time_fits', 0, 'f', 'sql', 'i', false, 'u'), ('nps_time_unread', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_arguments_now', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_lost_names', 0, 'f', 'sql', 's', true, 'u'), ('nps_mapping_lost_name', 0, 'f', 'c', 's', true, 'u'), ('nps_name_findings', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_mapping_reads', 0, 'f', 'sql', 's', true, 'u'), ('nps_mapping_written', 0, 'f', 'sql', 's', true, 'u'),
	('nps_check_fit', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_check_followup', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_index_findings', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_segment_findings', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_zero_findings', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_warn_of_fit', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_customer', 0, 'f', 'c', 's', false, 'u'), ('nps_customer_as_caller', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_trusted_owner', 0, 'f', 'sql', 's', true, 'u'),
	('nps_claim', 0, 'f', 'sql', 'v', false, 'u'), ('nps_claim_cases', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_notify', 0, 'f', 'c', 'v', false, 'u'), ('nps_notify_as_owner', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_grant', 0, 'f', 'c', 'v', false, 'u'), ('nps_grant_as_owner', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_default_assumptions', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_make_case_tables', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_fit_case_tables', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_drop_policies', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_create_policies', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_create_triggers', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_survey_triggers', 0, 'f', 'sql', 'i', true, 'u'), ('nps_refuse_followup', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_is_distributed', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_tell_no_more', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_mapping_operator', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_mapping_column', 0, 'f', 'c', 's', true, 'u'), ('nps_mapping_varies', 0, 'f', 'c', 's', true, 'u'), ('nps_mapping_failure', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_mapping_troubles', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_mapping_cure', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_try_mapping', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_argument_of_column', 0, 'f', 'sql', 'i', true, 'u'), ('nps_score_but_zero', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_time_sample', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_time_proposal', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_time_hint', 0, 'f', 'sql', 's', true, 'u'),
	('nps_answer_visibility', 0, 'f', 'c', 's', true, 'u'), ('nps_key_index', 0, 'f', 'c', 's', true, 'u'), ('nps_answer_keys', 0, 'f', 'c', 's', true, 'u'), ('nps_is_condition', 0, 'f', 'c', 's', true, 'u'),
	('nps_policies', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_policy_findings', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_survey_arguments', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_survey_source', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_has_comment', 0, 'f', 'c', 'i', true, 's'),
	-- the rollup
	('nps_keep_rollup', 0, 'f', 'c', 'v', false, 'u'), ('nps_rollup_accum', 0, 'f', 'c', 'i', true, 's'), ('nps_rollup_tally', 0, 'a', NULL, NULL, NULL, 's'), ('nps_rollup_net', 0, 'f', 'c', 'i', false, 's'),
	('nps_rollup_trouble', 0, 'f', 'c', 's', true, 'u'), ('nps_rollup_mapping', 0, 'f', 'c', 's', true, 'u'),
	('nps_rollup_zone', 0, 'f', 'c', 's', true, 'u'), ('nps_rollup_serves', 0, 'f', 'c', 's', true, 'r'),	-- it asks what the session does
	('nps_rollup_is_current', 0, 'f', 'c', 's', true, 'r'), ('nps_rollup_counts', 0, 'f', 'c', 's', true, 's'), ('nps_rollup_counts_support', 0, 'f', 'c', 'v', true, 'u'),
	('nps_rollup_unserved', 0, 'f', 'c', 's', true, 'u'), ('nps_rollup_leaves', 0, 'f', 'c', 's', true, 'u'), ('nps_rollup_findings', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_guard_rollup', 0, 'f', 'c', 'v', false, 'u'), ('nps_count_source', 0, 'f', 'c', 'v', true, 'u'), ('nps_count_leaf', 0, 'f', 'c', 'v', true, 'u'), ('nps_part_keepers', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_fold_rollup', 0, 'f', 'c', 'v', true, 'u'), ('nps_keep_identity', 0, 'f', 'c', 'v', true, 'u'), ('nps_keeper_name', 0, 'f', 'sql', 'i', true, 'u'),
	('nps_create_keeper', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_part_of_other', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_complete_part', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_complete_parts', 0, 'f', 'plpgsql', 'v', true, 'u'),
	('nps_drop_rest_of_rollup', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_is_hypertable', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_rollup_serves_support', 0, 'f', 'c', 'v', true, 'u'), ('nps_rollup_segments', 0, 'f', 'sql', 's', true, 'u'),
	('nps_reads_rollup', 0, 'f', 'sql', 's', true, 'u'), ('nps_rollup_source', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_create_rollup', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_drop_rollup', 0, 'f', 'plpgsql', 'v', true, 'u'),
	('nps_rollup_is_due', 0, 'f', 'plpgsql', 'v', false, 'u'), ('nps_rollup_is_lost', 0, 'f', 'sql', 's', true, 'u'), ('nps_hidden_rows', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_lock_survey', 0, 'f', 'c', 'v', true, 'u'), ('nps_lock_order', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_switch_reports', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_expect_rollup', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_expect_owner', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_act_as_owner', 0, 'f', 'c', 's', true, 'u'), ('nps_objects_of_others', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_untrusted_triggers', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_triggers_of_others', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_export', 0, 'f', 'c', 's', false, 'u'), ('nps_export_as_owner', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_export_tables', 0, 'f', 'c', 's', false, 'u'), ('nps_export_tables_as_owner', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_forget', 0, 'f', 'c', 'v', false, 'u'), ('nps_forget_as_owner', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_erase', 0, 'f', 'c', 'v', true, 'u'), ('nps_erase_as_owner', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_person_keys', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_person_ids', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_person_tables', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_find_person', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_remove_statistics', 0, 'f', 'c', 'v', true, 'u'), ('nps_renew_statistics', 0, 'f', 'plpgsql', 'v', true, 'u'),
	('nps_recorded_cases', 0, 'f', 'c', 's', false, 'u'), ('nps_recorded_cases_as_owner', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_expect_survey', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_objects', 0, 'f', 'c', 's', true, 'u'), ('nps_objects_as_caller', 0, 'f', 'plpgsql', 's', true, 'u'),
	('nps_expect_readable', 0, 'f', 'plpgsql', 's', true, 'u'), ('nps_attach_schema', 0, 'f', 'c', 'v', false, 'u'), ('nps_attach_schema_as_owner', 0, 'f', 'plpgsql', 'v', false, 'u'),
	('nps_compact_all', 0, 'p', 'c', 'v', false, 'u'), ('nps_refresh_all', 0, 'p', 'c', 'v', false, 'u'),
	('nps_fill_rollup', 0, 'f', 'plpgsql', 'v', true, 'u'),
	('nps_materialize', 0, 'p', 'c', 'v', false, 'u'), ('nps_dematerialize', 0, 'p', 'c', 'v', false, 'u'),
	('nps_compact', 0, 'f', 'c', 'v', true, 'u'), ('nps_compact_as_owner', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_verify', 0, 'f', 'c', 'v', true, 'u'), ('nps_verify_as_owner', 0, 'f', 'plpgsql', 'v', true, 'u'), ('nps_rollup_may_be_read', 0, 'f', 'c', 's', true, 's'),
	('nps_is_scale', 0, 'f', 'sql', 'i', true, 's'), ('nps_periods_between', 0, 'f', 'sql', 'i', true, 's'),
	('nps_is_partial', 0, 'f', 'sql', 'i', false, 's'),		-- not strict: otherwise it would not be inlined
	('nps_time', 0, 'f', 'c', 'i', true, 's'), ('nps_local_time', 0, 'f', 'c', 'i', true, 's'), ('nps_period', 0, 'f', 'c', 'i', true, 's'), ('nps_grains', 0, 'f', 'c', 'i', true, 's'), ('nps_zone_name', 0, 'f', 'c', 'i', true, 's'),
	('nps_due', 0, 'f', 'c', 'i', false, 's'), ('nps_hours_between', 0, 'f', 'c', 'i', false, 's'),	-- NULL: around the clock
	('nps_is_work_days', 0, 'f', 'c', 'i', true, 's'),
	-- the report
	('nps_report_chance', 0, 'f', 'sql', 'i', false, 'u'),
	('nps_report_axis', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_across', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_axis_head', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_grid', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_mark', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_bar', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_table', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_section', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_title', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_goal', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_effect', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_turns', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_apart', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_findings', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_causes', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_loop', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_initials', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_list', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_quotes', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_number', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_share', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_p', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_interval', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_points', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_counted', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_date', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_range', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_period', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_in', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_value', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_group', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_scores', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_foot', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_over', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_html', 0, 'f', 'c', 's', false, 'u'), ('nps_report_html_as_caller', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_report_text', 0, 'f', 'c', 's', false, 'u'), ('nps_report_text_as_caller', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_report_phrases', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_words', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_settings', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_report_trend_rows', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_report_period_row', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_report_days', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_report_views', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_report_segment_rows', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_report_loop_rows', 0, 'f', 'plpgsql', 's', false, 'u'), ('nps_report_data', 0, 'f', 'plpgsql', 's', false, 'u'),
	('nps_report_since', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_score', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_facts', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_distribution', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_hidden', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_hidden_segments', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_moved', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_segments', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_report_style', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_axis_name', 0, 'f', 'plpgsql', 'i', false, 'u'), ('nps_report_trend', 0, 'f', 'plpgsql', 'i', false, 'u'),
	('nps_contribution', 0, 'f', 'c', 'i', true, 's'), ('nps_impact', 0, 'f', 'c', 'i', true, 's'),
	('nps_effects', 0, 'f', 'c', 'i', true, 's');
SELECT coalesce(p.oid::regprocedure::text, m.name) COLLATE "C" AS function,
	CASE WHEN p.oid IS NULL THEN 'does not exist' WHEN m.name IS NULL THEN 'is not described in this test' ELSE 'is not as it is meant to be' END AS wrong
FROM nps_test_install.meant m
FULL JOIN (
	SELECT p.*, l.lanname FROM pg_proc p JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = p.oid JOIN pg_language l ON l.oid = p.prolang
) p ON p.proname = m.name AND p.prokind = m.kind AND m.arguments IN (0, p.pronargs)
WHERE p.oid IS NULL OR m.name IS NULL OR p.proparallel <> m.parallel
	OR p.prokind <> 'a' AND (p.lanname <> m.language OR p.provolatile <> m.volatility OR p.proisstrict <> m.strict)
ORDER BY 1;
-- nothing runs with the rights of its owner, none is leakproof
SELECT p.oid::regprocedure AS wrong FROM pg_proc p JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = p.oid
WHERE p.prosecdef OR p.proleakproof OR p.proacl IS NOT NULL;
-- the C functions are those of the one library, each named by its symbol
SELECT p.oid::regprocedure AS wrong FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = p.oid
WHERE l.lanname = 'c' AND (p.probin IS DISTINCT FROM '$libdir/nps' OR p.prosrc !~ '^nps_[a-z0-9_]+$');
-- nothing with a name like ours exists outside of the extension
SELECT p.oid::regprocedure AS stranger FROM pg_proc p
WHERE p.proname LIKE 'nps\_%' AND NOT EXISTS (SELECT FROM nps_test_install.member WHERE catalog = 'pg_proc' AND objid = p.oid);
-- a SET clause costs a lot in each row, and keeps a function from being inlined: only functions on surveys have one
SELECT p.oid::regprocedure AS wrong FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = p.oid
WHERE p.proconfig IS NOT NULL AND l.lanname <> 'plpgsql';
-- PL/pgSQL is safe from the caller's search path: it is fixed, or set by the function itself.  A procedure that
-- commits cannot have it fixed, so it is written in C.
SELECT p.oid::regprocedure AS procedure_with_names FROM pg_proc p JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = p.oid
JOIN pg_language l ON l.oid = p.prolang WHERE p.prokind = 'p' AND l.lanname <> 'c';
SELECT p.proname AS sets_its_own_path FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = p.oid
WHERE l.lanname = 'plpgsql' AND p.prokind = 'f' AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search\_path=pg\_catalog, %pg\_temp')
ORDER BY p.proname COLLATE "C";

-- Aggregates: all those over scores have the same state, so that the executor shares it.  One counts rows, one reads a rollup.
SELECT a.aggfnoid::regprocedure AS wrong
FROM pg_aggregate a JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = a.aggfnoid
JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_proc transition ON transition.oid = a.aggtransfn LEFT JOIN pg_proc inverse ON inverse.oid = a.aggminvtransfn
WHERE p.proname NOT LIKE 'nps\_weighted\_%' AND p.proname NOT IN ('nps_day_counts_agg', 'nps_rollup_tally') AND (
	(transition.proname, inverse.proname) NOT IN (('nps_tally_accum', 'nps_tally_remove'), ('nps_tally_add', 'nps_tally_subtract')) OR inverse.oid IS NULL
	OR transition.proargtypes::text <> concat_ws(' ', 'nps_tally'::regtype::oid, p.proargtypes::text) OR inverse.proargtypes <> transition.proargtypes
	OR a.aggmtransfn <> a.aggtransfn OR a.aggcombinefn <> 'nps_tally_add'::regproc OR a.aggfinalfn <> a.aggmfinalfn
	OR a.aggtranstype <> 'nps_tally'::regtype OR a.aggmtranstype <> 'nps_tally'::regtype OR a.agginitval <> '{}' OR a.aggminitval <> '{}'
	OR a.aggfinalmodify <> 'r' OR a.aggmfinalmodify <> 'r' OR a.aggkind <> 'n');
SELECT p.proname, f.proname AS ends_in, count(*) AS overloads
FROM pg_aggregate a JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = a.aggfnoid JOIN pg_proc p ON p.oid = a.aggfnoid
LEFT JOIN pg_proc f ON f.oid = a.aggfinalfn
WHERE p.proname NOT LIKE 'nps\_weighted\_%' AND p.proname NOT IN ('nps_day_counts_agg', 'nps_rollup_tally') GROUP BY p.proname, f.proname ORDER BY p.proname COLLATE "C";
-- weights cannot be subtracted exactly, so there is no moving form
SELECT a.aggfnoid::regprocedure AS wrong FROM pg_aggregate a JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = a.aggfnoid JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE p.proname LIKE 'nps\_weighted\_%' AND (a.aggmtransfn <> 0 OR a.aggcombinefn = 0 OR a.aggtransspace = 0);

-- Operators and operator classes are complete.
SELECT o.oid::regoperator AS wrong FROM pg_operator o JOIN nps_test_install.member ON catalog = 'pg_operator' AND objid = o.oid
WHERE o.oprname NOT IN ('+', '-') AND (o.oprcom = 0 OR o.oprnegate = 0 OR o.oprrest = 0 OR o.oprjoin = 0)
	OR o.oprname = '+' AND o.oprcom <> o.oid OR o.oprname = '=' AND NOT (o.oprcanmerge AND o.oprcanhash);
SELECT oprname, oprcom::regoperator AS commutator, oprnegate::regoperator AS negator, oprrest, oprjoin FROM pg_operator o
JOIN nps_test_install.member ON catalog = 'pg_operator' AND objid = o.oid ORDER BY oprname COLLATE "C";
SELECT amname, opcname, amvalidate(c.oid) AS valid, opcdefault FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
JOIN nps_test_install.member ON catalog = 'pg_opclass' AND objid = c.oid ORDER BY amname COLLATE "C";
SELECT t.typlen, t.typbyval, t.typalign, t.typstorage, t.typinput, t.typoutput, t.typreceive, t.typsend FROM pg_type t WHERE t.oid = 'nps_tally'::regtype;

-- With an empty search path everything works if it is called by its full name.
SET search_path = '';
SELECT public.nps_category(9) AS promoter, public.nps_is_promoter(9) AS yes, public.nps_points(3) AS minus_hundred,
	public.nps_parse_score('9 - likely') AS nine, public.nps_category(2, 'csat5') AS detractor;
SELECT public.nps_score(score) AS fifty, public.nps_tally_agg(score) AS tally, public.nps_low(score) < 50 AS low, public.nps_score(score, 'nps') AS fifty
FROM (VALUES (9), (10), (8), (7)) v(score);
SELECT public.nps_counts(1, 2, 3) OPERATOR(public.+) '{;1,1,1}' AS sum, public.nps_counts(1, 2, 3) OPERATOR(public.-) '{;1,2,2}' AS difference,
	public.nps_counts(1, 2, 3) OPERATOR(public.=) '{;1,2,3}'::public.nps_tally AS equal, public.nps_counts(1, 2, 3) OPERATOR(public.<) '{;2,0,0}' AS below,
	public.nps_counts(1, 2, 3)::bigint[] AS array;
SELECT i, public.nps_score(i::integer) OVER (ORDER BY i ROWS 1 PRECEDING) AS moving FROM generate_series(6, 10) i;
SELECT count(*) AS scales FROM public.nps_scales();
SELECT nps, promoters FROM public.nps_summary('{;1,1,2}');
SELECT public.nps_weighted_score(score, weight) AS fifty FROM (VALUES (9, 3), (0, 1)) v(score, weight);
CREATE TABLE nps_test_install.response (id integer PRIMARY KEY, customer text, score integer, at timestamptz, comment text);
INSERT INTO nps_test_install.response VALUES (1, 'a', 9, '2024-01-01', ''), (2, 'b', 0, now(), 'slow'), (3, 'c', 10, '2024-01-03', NULL), (4, 'd', 11, '2024-01-04', NULL);
SELECT count(*) > 0 AS attached FROM public.nps_attach('nps_test_install.response', 'score', schema_name => 'nps_test_install_a', respondent => 'customer',
	responded_at => 'at', comment => 'comment', time_zone => 'UTC', loop_since => '-infinity');
SELECT round(nps::numeric, 4) AS nps, responses, rejected FROM nps_test_install_a.summary;
SELECT respondent, score, status FROM nps_test_install_a.followup;
SELECT raw_score, reason FROM nps_test_install_a.not_counted;
DROP SCHEMA nps_test_install_a CASCADE;
RESET search_path;

-- DROP EXTENSION does not drop what depends on it.
CREATE VIEW nps_test_install.score AS SELECT nps_score(score) AS nps FROM nps_test_install.response WHERE score <= 10;
DROP EXTENSION nps;
DROP VIEW nps_test_install.score;
CREATE TABLE nps_test_install.kept (tally nps_tally);
DROP EXTENSION nps;
DROP TABLE nps_test_install.kept;
CREATE INDEX by_category ON nps_test_install.response (nps_category(score)) WHERE score <= 10;
DROP EXTENSION nps;
DROP INDEX nps_test_install.by_category;
-- the schema is the user's choice at installation, and stays
ALTER EXTENSION nps SET SCHEMA nps_test_install;
DROP EXTENSION nps;
SELECT count(*) AS left_behind FROM pg_proc WHERE proname LIKE 'nps\_%';
SELECT count(*) AS left_behind FROM pg_type WHERE typname ~ '^_?nps_(tally|weighted)';


-- Created in a schema in which somebody has put an operator for each pair of types
-- that the server has none for: if it comes first in the path, such an operator is
-- found before one that needs a cast.  Nothing of ours is bound to any of these.
CREATE SCHEMA nps_test_planted;
DO $$
DECLARE
	types CONSTANT regtype[] := '{integer,bigint,smallint,numeric,double precision,text,timestamptz,date,interval,jsonb,name,oid}';
	planted record;
BEGIN
	FOR planted IN
		SELECT l.type AS left_type, r.type AS right_type, array_agg(o.name) AS names
		FROM unnest(types) l(type), unnest(types) r(type), unnest('{=,<>,>=,<=,<,>,||,+,-,*,/,%}'::text[]) o(name)
		WHERE NOT EXISTS (SELECT FROM pg_operator p WHERE p.oprname = o.name AND p.oprleft = l.type AND p.oprright = r.type)
		GROUP BY 1, 2
	LOOP
		EXECUTE format('CREATE FUNCTION nps_test_planted.operate(%s, %s) RETURNS double precision LANGUAGE sql AS ''SELECT 1 / 0''', planted.left_type, planted.right_type);
		EXECUTE (SELECT string_agg(format('CREATE OPERATOR nps_test_planted.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = nps_test_planted.operate);', n, planted.left_type, planted.right_type), '')
			FROM unnest(planted.names) n);
	END LOOP;
END
$$;
CREATE EXTENSION nps SCHEMA nps_test_planted;
SELECT count(*) > 1000 AS many FROM pg_operator WHERE oprnamespace = 'nps_test_planted'::regnamespace;
SELECT DISTINCT pg_describe_object(m.classid, m.objid, 0) AS ours, pg_describe_object(d.refclassid, d.refobjid, 0) AS bound_to
FROM pg_depend m
JOIN pg_depend d ON d.classid = m.classid AND d.objid = m.objid AND d.deptype = 'n'
LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
LEFT JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
WHERE m.refclassid = 'pg_extension'::regclass AND m.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'nps') AND m.deptype = 'e'
	AND 'nps_test_planted'::regnamespace IN (o.oprnamespace, p.pronamespace)
	AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e' AND e.refobjid = m.refobjid);
SELECT count(*) > 0 AS attached FROM nps_test_planted.nps_attach('nps_test_install.response', 'score', schema_name => 'nps_test_planted_survey', respondent => 'customer', responded_at => 'at', loop_since => '-infinity');
SELECT assumption, round(low::numeric, 4) AS low FROM nps_test_planted_survey.assumption WHERE assumption LIKE 'unhappy%' ORDER BY 1;
SELECT nps_test_planted.nps_detach('nps_test_planted_survey');
DROP EXTENSION nps;
SET client_min_messages = error;
DROP SCHEMA nps_test_planted CASCADE;
RESET client_min_messages;

-- A schema that an attacker has filled with functions, operators, relations and
-- types with the names of those of the server and of ours.  Each of them fails when used.
CREATE SCHEMA nps_test_hostile;
CREATE FUNCTION nps_test_hostile.fail() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a hostile function was called'; END $$;
DO $$
DECLARE
	signature text;
	operator text;
	type text;
BEGIN
	FOREACH signature IN ARRAY ARRAY['format(text)', 'format(text, text)', 'format(text, text, text)', 'format(text, text, text, text)', 'set_config(text, text, boolean)',
		'current_setting(text)', 'now()', 'btrim(text)', 'rtrim(text, text)', 'left(text, integer)', 'lower(text)', 'floor(float8)', 'floor(integer)', 'replace(text, text, text)',
		'split_part(text, text, integer)', 'array_to_string(text[], text)', 'string_to_array(text, text)', 'octet_length(text)', 'jsonb_strip_nulls(jsonb)',
		'has_any_column_privilege(regclass, text)', 'make_interval(integer)', 'nps_category(integer)', 'nps_category(integer, text)', 'nps_points(integer)',
		'nps_is_promoter(integer)', 'nps_scales()', 'nps_valid_score(float8, text)', 'nps_rejection(float8, text)',
		'nps_mapping(regclass, text, text, text, boolean)', 'nps_mapping_key(regclass)', 'nps_default_playbook(text)', 'nps_survey_comments()'] LOOP
		EXECUTE 'CREATE FUNCTION nps_test_hostile.' || signature || ' RETURNS text LANGUAGE sql AS ''SELECT nps_test_hostile.fail()''';
	END LOOP;
	FOREACH type IN ARRAY '{text,integer,smallint,bigint,real,float8,numeric,oid,name,boolean,regtype,timestamptz,date}'::text[] LOOP
		EXECUTE format('CREATE FUNCTION nps_test_hostile.operate(%s, %1$s) RETURNS boolean LANGUAGE sql AS ''SELECT nps_test_hostile.fail() IS NULL''', type);
		FOREACH operator IN ARRAY '{=,<>,>=,<=,<,>,||,+,-}'::text[] LOOP
			EXECUTE format('CREATE OPERATOR nps_test_hostile.%s (LEFTARG = %s, RIGHTARG = %2$s, FUNCTION = nps_test_hostile.operate)', operator, type);
		END LOOP;
	END LOOP;
	-- catalog relations, empty
	FOREACH type IN ARRAY '{pg_class,pg_namespace,pg_index,pg_proc,pg_extension}'::text[] LOOP
		EXECUTE format('CREATE TABLE nps_test_hostile.%I (LIKE pg_catalog.%1$I)', type);
	END LOOP;
	CREATE TABLE nps_test_hostile.pg_attribute AS SELECT attrelid, attname, attnum FROM pg_catalog.pg_attribute WHERE false;
END
$$;
CREATE TABLE nps_test_hostile.survey (nothing integer);
CREATE TABLE nps_test_hostile.playbook (nothing integer);
-- it is hostile indeed
SET search_path = nps_test_hostile, pg_catalog;
\set SHOW_CONTEXT never
SELECT 1 + 1;
SELECT format('%s', 'x'::text);
SELECT nps_category(9);
SELECT count(*) FROM pg_class;

-- Installed into a schema of its own while that path is set; used under it.
CREATE SCHEMA nps_test_own;
CREATE EXTENSION nps SCHEMA nps_test_own;
SELECT nps_test_own.nps_category(9) AS promoter, nps_test_own.nps_is_promoter(9) AS yes, nps_test_own.nps_is_detractor(9.0) AS no,
	nps_test_own.nps_points(3) AS minus_hundred, nps_test_own.nps_points(3::real) AS minus_hundred, nps_test_own.nps_points(2, 'csat5') AS minus_hundred,
	nps_test_own.nps_parse_score('9 - likely') AS nine, nps_test_own.nps_category(2, 'csat5') AS detractor, nps_test_own.nps_rejection(9.5, 'nps') AS not_whole;
SELECT nps_test_own.nps_score(score) AS fifty, nps_test_own.nps_tally_agg(score) AS tally, nps_test_own.nps_score(score, 'nps') AS fifty,
	nps_test_own.nps_score(nps_test_own.nps_tally_agg(score)) AS fifty
FROM (VALUES (9), (10), (8), (7)) v(score);
SELECT i, nps_test_own.nps_score(i::integer) OVER (ORDER BY i ROWS 1 PRECEDING) AS moving FROM generate_series(6, 10) i;
SELECT nps_test_own.nps_counts(1, 2, 3) OPERATOR(nps_test_own.+) '{;1,1,1}' AS sum, nps_test_own.nps_counts(1, 2, 3)::bigint[] AS array;
SELECT nps, promoters FROM nps_test_own.nps_summary('{;1,1,2}');
SELECT scale, detractor FROM nps_test_own.nps_scales() LIMIT 1;
SELECT nps_test_own.nps_attach('nps_test_install.response', 'score', schema_name => 'nps_test_install_b', respondent => 'customer',
	responded_at => 'at', comment => 'comment', segments => ARRAY['id'], time_zone => 'UTC', loop_since => '-infinity') IS NOT NULL AS attached LIMIT 1;
SELECT pg_catalog.round(nps::numeric, 4) AS nps, responses, rejected FROM nps_test_install_b.summary;
SELECT respondent, score, status FROM nps_test_install_b.followup;
SELECT raw_score, reason FROM nps_test_install_b.not_counted;
SELECT score, responses FROM nps_test_install_b.distribution LIMIT 2;
SELECT verdict FROM nps_test_install_b.playbook LIMIT 1;
-- the caller's path is restored, after success and after an error
SHOW search_path;
SELECT nps_test_own.nps_attach('nps_test_install.response', 'no_column', schema_name => 'nps_test_install_c');
SHOW search_path;
-- and types with the names of the server's, in a new session, as functions are compiled once
CREATE DOMAIN nps_test_hostile.text AS pg_catalog.text CHECK (nps_test_hostile.fail() IS NOT NULL);
CREATE DOMAIN nps_test_hostile.int4 AS pg_catalog.int4 CHECK (nps_test_hostile.fail() IS NOT NULL);
CREATE DOMAIN nps_test_hostile.int2 AS pg_catalog.int2 CHECK (nps_test_hostile.fail() IS NOT NULL);
CREATE DOMAIN nps_test_hostile.float8 AS pg_catalog.float8 CHECK (nps_test_hostile.fail() IS NOT NULL);
CREATE DOMAIN nps_test_hostile.regtype AS pg_catalog.regtype CHECK (nps_test_hostile.fail() IS NOT NULL);
\c -
SET client_min_messages = warning;
SET search_path = nps_test_hostile, pg_catalog;
\set SHOW_CONTEXT never
SELECT 'x'::text;
SELECT nps_test_own.nps_category('9') AS promoter, nps_test_own.nps_points(3) AS minus_hundred, nps_test_own.nps_counts(1, 2, 3) AS tally;
SELECT nps_test_own.nps_attach('nps_test_install.response', 'score', schema_name => 'nps_test_install_d') IS NOT NULL AS attached LIMIT 1;
-- no path at all, in this schema, too
SET search_path = '';
SELECT nps_test_own.nps_category(9) AS promoter, nps_test_own.nps_is_promoter(9.0) AS yes, nps_test_own.nps_points(3) AS minus_hundred,
	nps_test_own.nps_score(score) AS fifty, nps_test_own.nps_tally_agg(score) OPERATOR(nps_test_own.+) '{}' AS tally,
	(SELECT count(*) FROM nps_test_own.nps_scales()) AS scales
FROM (VALUES (9), (10), (8), (7)) v(score);
SELECT nps_test_own.nps_attach('nps_test_install.response', 'score', schema_name => 'nps_test_install_e') IS NOT NULL AS attached LIMIT 1;
SELECT round(nps::numeric, 4) AS nps FROM nps_test_install_e.summary;
RESET search_path;
DROP SCHEMA IF EXISTS nps_test_install_b, nps_test_install_d, nps_test_install_e CASCADE;
DROP EXTENSION nps;

-- The schema of the extension belongs to the user who installs it, who may have put
-- other things into it.  None of that runs when another user calls a function of ours.
DROP SCHEMA nps_test_own CASCADE;
CREATE SCHEMA nps_test_own;
CREATE FUNCTION nps_test_own.format(text, text) RETURNS text LANGUAGE sql AS 'SELECT nps_test_hostile.fail()';
CREATE FUNCTION nps_test_own.format(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT nps_test_hostile.fail()';
CREATE FUNCTION nps_test_own.floor(integer) RETURNS float8 LANGUAGE sql AS 'SELECT nps_test_hostile.fail()::float8';
CREATE FUNCTION nps_test_own.operate(smallint, numeric) RETURNS boolean LANGUAGE sql AS 'SELECT nps_test_hostile.fail() IS NULL';
CREATE OPERATOR nps_test_own.>= (LEFTARG = smallint, RIGHTARG = numeric, FUNCTION = nps_test_own.operate);
CREATE EXTENSION nps SCHEMA nps_test_own;
SELECT nps_test_own.nps_category(9) AS promoter, nps_test_own.nps_is_promoter(9::smallint) AS yes, nps_test_own.nps_score(score) AS fifty,
	nps_test_own.nps_tally_agg(score) OPERATOR(nps_test_own.+) '{}' AS tally
FROM (VALUES (9), (10), (8), (7)) v(score);
SELECT nps_test_own.nps_attach('nps_test_install.response', 'score', schema_name => 'nps_test_install_f', respondent => 'customer', responded_at => 'at', loop_since => '-infinity') IS NOT NULL AS attached LIMIT 1;
SELECT respondent, score FROM nps_test_install_f.followup;
DROP SCHEMA IF EXISTS nps_test_install_f CASCADE;
DROP EXTENSION nps;
DROP SCHEMA nps_test_own, nps_test_hostile CASCADE;
\set SHOW_CONTEXT errors

-- In a schema whose name needs quotes.
CREATE SCHEMA "Nps Ext";
CREATE EXTENSION nps SCHEMA "Nps Ext";
SELECT "Nps Ext".nps_category(9) AS promoter, "Nps Ext".nps_is_promoter(9.0) AS yes, "Nps Ext".nps_score(score) AS zero,
	"Nps Ext".nps_tally_agg(score) OPERATOR("Nps Ext".+) '{}' AS tally FROM (VALUES (9), (0)) v(score) GROUP BY ();
SELECT count(*) > 0 AS attached FROM "Nps Ext".nps_attach('nps_test_install.response', 'score', schema_name => 'Nps Survey', respondent => 'customer', responded_at => 'at', loop_since => '-infinity');
SELECT round(nps::numeric, 4) AS nps FROM "Nps Survey".summary;
SELECT respondent, score FROM "Nps Survey".followup;
DROP SCHEMA "Nps Survey" CASCADE;
DROP SCHEMA "Nps Ext" CASCADE;
SELECT count(*) AS gone_with_its_schema FROM pg_extension WHERE extname = 'nps';
-- names that could break out of the script are refused by the server
CREATE SCHEMA "nps$$";
CREATE EXTENSION nps SCHEMA "nps$$";
DROP SCHEMA "nps$$";

-- By a user without special privileges, who may create in the database: it is trusted.
CREATE ROLE regress_nps_owner;
CREATE ROLE regress_nps_reader;
SET ROLE regress_nps_reader;
CREATE EXTENSION nps SCHEMA public;
RESET ROLE;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO regress_nps_owner;
SET ROLE regress_nps_owner;
CREATE SCHEMA nps_test_owned;
CREATE EXTENSION nps SCHEMA nps_test_owned;
SET search_path = nps_test_owned;
CREATE TABLE response (id integer PRIMARY KEY, customer text, score integer, at timestamptz DEFAULT now());
INSERT INTO response VALUES (1, 'a', 9), (2, 'b', 0), (3, 'c', 10), (4, 'd', 10);
SELECT nps_score(score) AS fifty, nps_category(max(score)) AS promoter FROM response;
SELECT count(*) > 0 AS attached FROM nps_attach('response', 'score', schema_name => 'nps_test_owned_survey', respondent => 'customer', responded_at => 'at', loop_since => '-infinity');
SELECT nps FROM nps_test_owned_survey.summary;
SELECT respondent FROM nps_test_owned_survey.followup;
GRANT USAGE ON SCHEMA nps_test_owned, nps_test_owned_survey TO regress_nps_reader;
GRANT SELECT ON response, nps_test_owned_survey.summary TO regress_nps_reader;
RESET ROLE;
-- the extension is theirs; the functions belong to a superuser, so that they cannot change them
SELECT extowner::regrole AS owner FROM pg_extension WHERE extname = 'nps';
SELECT DISTINCT r.rolsuper AS functions_of_superuser FROM pg_proc p JOIN nps_test_install.member ON catalog = 'pg_proc' AND objid = p.oid JOIN pg_roles r ON r.oid = p.proowner;
-- the whole survey is theirs, none of it belongs to the extension
SELECT DISTINCT c.relowner::regrole AS owner FROM pg_class c WHERE c.relnamespace = 'nps_test_owned_survey'::regnamespace;
SELECT count(*) AS members FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
WHERE c.relnamespace = 'nps_test_owned_survey'::regnamespace;
-- another user may call the functions, and no more
SET ROLE regress_nps_reader;
SELECT nps_score(score) AS fifty FROM response;
CREATE FUNCTION nps_test_owned.nps_category(boolean) RETURNS text LANGUAGE sql RETURN 'promoter';
DROP EXTENSION nps;
RESET ROLE;
SET ROLE regress_nps_owner;
ALTER FUNCTION nps_category(integer) STABLE;
DROP SCHEMA nps_test_owned_survey CASCADE;
DROP EXTENSION nps;
RESET ROLE;
RESET search_path;
DROP SCHEMA nps_test_owned CASCADE;
REVOKE CREATE ON DATABASE :"database" FROM regress_nps_owner;
DROP ROLE regress_nps_owner, regress_nps_reader;

-- and back to where it was
CREATE EXTENSION nps SCHEMA public;
SELECT nps_category(9) AS promoter, nps_score(score) AS hundred FROM (VALUES (9)) v(score) GROUP BY ();
DROP SCHEMA nps_test_install CASCADE;
