/* nps/sql/survey/respondent.sql */

CREATE FUNCTION @extschema@.nps_respondent_views(named jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The views about people: respondent, account, transition.  An unknown
 * respondent is a respondent of its own for each answer, and merges with nobody.
 */
DECLARE
	newest text;				-- the newest answer of each respondent, as a subquery
BEGIN
	/*
	 * The answers in the order of respondent and time, for which an index can
	 * stand in; an unknown respondent needs no order.
	 */
	newest := @extschema@.nps_fill($view$(
			-- DISTINCT ON, and not the first of row numbers: so the planner knows how many respondents there are
			(SELECT DISTINCT ON (respondent)
				respondent, account, response_id, score, @extschema@.nps_category(score<<scale_argument>>) AS category,
				responded_at, revenue, churned_at, previous_score,
				@extschema@.nps_category(previous_score<<scale_argument>>) AS previous_category, previous_at,
				responses, first_answer
			FROM (
				SELECT respondent, account, response_id, <<score_column>>, responded_at, revenue, churned_at,
					lead(<<score>>) OVER newest_first AS previous_score,
					lead(responded_at) OVER newest_first AS previous_at,
					count(*) OVER (PARTITION BY respondent) AS responses,
					min(responded_at) OVER (PARTITION BY respondent) AS first_answer
				FROM <<answer>>
				WHERE <<valid>> AND respondent IS NOT NULL
				WINDOW newest_first AS (PARTITION BY respondent ORDER BY responded_at DESC NULLS LAST, response_id DESC)
			) known
			ORDER BY respondent, responded_at DESC NULLS LAST, response_id DESC)
			UNION ALL
			SELECT respondent, account, response_id, <<score_column>>, @extschema@.nps_category(score<<scale_argument>>),
				responded_at, revenue, churned_at, NULL, NULL, NULL, 1, responded_at
			FROM <<answer>>
			WHERE <<valid>> AND respondent IS NULL
		) newest$view$, named);

	name := 'respondent';
	definition := @extschema@.nps_fill($view$
		SELECT newest.respondent, newest.account, newest.responses, newest.first_answer, newest.responded_at AS last_answer,
			newest.score AS last_score, newest.category AS last_category,
			newest.previous_score, newest.previous_category,
			newest.score::double precision - newest.previous_score::double precision AS change,
			f.case_id IS NOT NULL AS open_followup,
			CASE WHEN f.case_id IS NOT NULL THEN coalesce(c.status, 'new') END AS followup_status,
			f.case_id IS NOT NULL OR newest.category = 'detractor' AS handle_with_care,
			newest.revenue, newest.churned_at, f.case_id, c.owner AS followup_owner,
			contact.at AS last_contact, noted.last_note
		FROM <<newest>>
		LEFT JOIN (<<open_cases>>) f ON f.respondent <<respondent_equals>> newest.respondent
		LEFT JOIN <<followup_case>> c ON c.case_id <<response_id_equals>> f.case_id AND c.recorded
		-- of any case, also of those that are closed
		LEFT JOIN LATERAL (SELECT max(o.contacted_at) AS at FROM <<followup_case>> o WHERE o.respondent <<respondent_equals>> newest.respondent) contact ON true
		LEFT JOIN LATERAL (SELECT o.last_note FROM <<followup_case>> o WHERE o.respondent <<respondent_equals>> newest.respondent AND o.last_note IS NOT NULL
			ORDER BY o.last_note_at DESC LIMIT 1) noted ON true
		$view$, named || jsonb_build_object('newest', newest));
	RETURN NEXT;

	name := 'account';
	definition := @extschema@.nps_fill($view$
		SELECT a.account, coalesce(t.respondents, 0) AS respondents,
			m.responses, m.detractors, m.passives, m.promoters,
			m.detractor_share, m.passive_share, m.promoter_share,
			m.nps, m.nps_low, m.nps_high, m.mean_score,
			a.revenue,
			CASE WHEN m.detractors > 0 AND NOT a.churned THEN a.revenue ELSE 0 END AS revenue_at_risk,
			a.unanswered > 0 AND a.answers = 0 AS silent
		FROM (
			SELECT account,
				-- revenue is the account's and stands on each of its rows: it counts once
				max(revenue) AS revenue,
				bool_and(churned_at IS NOT NULL) AS churned,
				count(score) AS answers,
				count(*) FILTER (WHERE score IS NULL AND rejection = 'no answer') AS unanswered
			FROM <<answer>>
			WHERE account IS NOT NULL
			GROUP BY account
		) a
		LEFT JOIN (
			SELECT account, count(*) AS respondents, @extschema@.nps_tally_agg(score<<scale_argument>>) AS tally
			FROM <<newest>>
			WHERE account IS NOT NULL
			GROUP BY account
		) t ON t.account <<account_equals>> a.account
		CROSS JOIN LATERAL @extschema@.nps_summary(coalesce(t.tally, '{}')) m
		$view$, named || jsonb_build_object('newest', newest));
	RETURN NEXT;

	/*
	 * Where a respondent stood before, and where now: the last two answers, or
	 * the last one and having left, or an only answer that has no next one yet.
	 */
	name := 'transition';
	definition := @extschema@.nps_fill($view$
		SELECT from_category, to_category, count(*) AS respondents,
			count(*) / sum(count(*)) OVER (PARTITION BY from_category)::double precision AS share,
			percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median_days,
			count(*) FILTER (WHERE followed_up) AS followed_up
		FROM (
			SELECT
				CASE WHEN churned_at IS NOT NULL OR previous_category IS NULL THEN category
					ELSE previous_category END AS from_category,
				CASE WHEN churned_at IS NOT NULL THEN 'churned'
					WHEN previous_category IS NULL THEN 'no answer yet'
					ELSE category END AS to_category,
				extract(epoch FROM
					CASE WHEN churned_at IS NOT NULL THEN @extschema@.nps_local_time(churned_at, <<zone>>) - <<local_time>>
						WHEN previous_category IS NOT NULL
							THEN <<local_time>> - @extschema@.nps_local_time(previous_at, <<zone>>) END)::double precision / 86400 AS days,
				-- somebody made contact between the two
				EXISTS (
					SELECT FROM <<followup_case>> c
					WHERE c.respondent <<respondent_equals>> newest.respondent
						AND c.contacted_at >= CASE WHEN churned_at IS NULL AND previous_category IS NOT NULL THEN previous_at ELSE newest.responded_at END
						AND c.contacted_at <= CASE WHEN churned_at IS NOT NULL THEN churned_at
							WHEN previous_category IS NOT NULL THEN newest.responded_at ELSE now() END) AS followed_up
			FROM <<newest>>
			-- who is unknown can never be seen to answer again
			WHERE respondent IS NOT NULL
		) t
		GROUP BY from_category, to_category
		$view$, named || jsonb_build_object('newest', newest));
	RETURN NEXT;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_respondent_views(jsonb) IS 'part of nps_attach(): the definitions of the views about people';
