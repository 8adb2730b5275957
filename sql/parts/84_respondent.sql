/* nps/sql/parts/84_respondent.sql */

CREATE FUNCTION @extschema@.nps_respondent_views(facts jsonb)
	RETURNS TABLE (name text, definition text)
	LANGUAGE plpgsql IMMUTABLE STRICT
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * The views about people: followup, respondent, account, transition.
 *
 * The newest answer of a respondent is the one with the latest time; of two at
 * the same time, that with the greater response_id.  An unknown respondent is
 * a respondent of its own for each answer, and merges with nobody.
 */
DECLARE
	named jsonb := facts || jsonb_build_object(
		'newest_first', 'responded_at DESC NULLS LAST, response_id DESC');
	newest text;				-- the newest answer of each respondent, as a subquery
BEGIN
	/*
	 * The answers in the order of respondent and time, for which an index can
	 * stand in; an unknown respondent needs no order.
	 */
	newest := @extschema@.nps_fill($view$(
			SELECT respondent, account, response_id, score, @extschema@.nps_category(score<<scale_argument>>) AS category,
				responded_at, revenue, churned_at, previous_score,
				@extschema@.nps_category(previous_score<<scale_argument>>) AS previous_category, previous_at,
				responses, first_answer
			FROM (
				SELECT respondent, account, response_id, <<score_column>>, responded_at, revenue, churned_at,
					row_number() OVER newest_first AS age,
					lead(<<score>>) OVER newest_first AS previous_score,
					lead(responded_at) OVER newest_first AS previous_at,
					count(*) OVER (PARTITION BY respondent) AS responses,
					min(responded_at) OVER (PARTITION BY respondent) AS first_answer
				FROM <<answer>>
				WHERE <<valid>> AND respondent IS NOT NULL
				WINDOW newest_first AS (PARTITION BY respondent ORDER BY <<newest_first>>)
			) known
			WHERE age = 1
			UNION ALL
			SELECT respondent, account, response_id, <<score_column>>, @extschema@.nps_category(score<<scale_argument>>),
				responded_at, revenue, churned_at, NULL, NULL, NULL, 1, responded_at
			FROM <<answer>>
			WHERE <<valid>> AND respondent IS NULL
		) newest$view$, named);

	/*
	 * A case is the unbroken run of answers that the playbook wants followed
	 * up, back from a respondent's newest one: it is named after the first of
	 * them, whose clock goes on, and shows the newest.  All windows have one
	 * order, so that one sort, or an index, serves them.
	 *
	 * A time that is no usable date starts no clock, and one in the future
	 * starts it now: no date in the source can push a deadline out of range.
	 */
	name := 'followup';
	definition := @extschema@.nps_fill($view$
		SELECT
			CASE WHEN d.personal THEN 1 WHEN d.overdue THEN 2 ELSE 3 END AS priority,
			d.overdue,
			CASE WHEN NOT d.has_comment AND coalesce(d.open_tickets, 0) < d.many_tickets
				THEN 'ask for the reason'
				ELSE split_part(d.steps, ' → ', 1) END AS next_step,
			d.next_due, d.respondent, d.account, d.score, d.comment, d.owner, 'new'::text AS status, d.case_id,
			CASE WHEN d.personal THEN 'personal contact is due'
				WHEN d.overdue THEN 'contact is late'
				ELSE 'open' END AS priority_reason,
			d.response_id, d.category, d.verdict, d.responded_at, d.previous_score, d.responses, d.channel, d.steps,
			CASE WHEN d.overdue THEN extract(epoch FROM now() - d.next_due)::double precision / 3600 END AS overdue_hours,
			d.save_by, d.revenue, d.guidance
		FROM (
			SELECT newest.*, p.verdict, p.severity, p.personal, p.channel, p.guidance, s.many_tickets,
				-- a promise that was broken is what compensation is for, and none is recorded yet
				array_to_string(array_remove(string_to_array(p.steps, ' → '), 'compensate'), ' → ') AS steps,
				newest.clock_start + make_interval(hours => p.contact_hours) AS next_due,
				coalesce(newest.clock_start + make_interval(hours => p.contact_hours) < now(), false) AS overdue,
				least(@extschema@.nps_local_time(newest.clock_now, <<zone>>)::date + s.follow_up_days, newest.renewal_at) AS save_by,
				coalesce(newest.mapped_owner, p.owner, s.fallback_owner) AS owner
			FROM (
				SELECT run.*,
					last_value(response_id) OVER oldest_last AS case_id,
					last_value(clock_now) OVER oldest_last AS clock_start
				FROM (
					SELECT response_id, respondent, account, a.<<score>> AS score,
						@extschema@.nps_category(a.score<<scale_argument>>) AS category,
						responded_at, comment, coalesce(<<has_comment>>, false) AS has_comment, revenue, renewal_at,
						churned_at, contactable, a.owner AS mapped_owner, open_tickets,
						CASE WHEN <<local_time>> IS NOT NULL THEN least(responded_at, now()) END AS clock_now,
						row_number() OVER newest_first AS age,
						count(*) FILTER (WHERE p.follow_up IS NOT TRUE) OVER newest_first AS better_since,
						lead(a.<<score>>) OVER newest_first AS previous_score,
						count(*) OVER (PARTITION BY respondent) AS responses
					FROM <<answer>> a
					LEFT JOIN <<playbook>> p ON a.<<score>> >= p.score_from AND floor(a.<<score>>) <= p.score_to
					WHERE <<valid>> AND respondent IS NOT NULL
					WINDOW newest_first AS (PARTITION BY respondent ORDER BY <<newest_first>>)
				) run
				WHERE better_since = 0
				WINDOW oldest_last AS (PARTITION BY respondent ORDER BY <<newest_first>>
					ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
			) newest
			JOIN <<playbook>> p ON newest.score >= p.score_from AND floor(newest.score) <= p.score_to
			CROSS JOIN <<survey>> s
			WHERE newest.age = 1 AND newest.contactable IS NOT FALSE AND newest.churned_at IS NULL
				AND (newest.responded_at IS NULL
					OR newest.responded_at > now() - make_interval(days => s.follow_up_days))
		) d
		ORDER BY priority, d.severity, d.next_due, d.revenue DESC NULLS LAST, d.case_id
		$view$, named);
	RETURN NEXT;

	name := 'respondent';
	definition := @extschema@.nps_fill($view$
		SELECT newest.respondent, newest.account, newest.responses, newest.first_answer, newest.responded_at AS last_answer,
			newest.score AS last_score, newest.category AS last_category,
			newest.previous_score, newest.previous_category,
			newest.score::double precision - newest.previous_score::double precision AS change,
			f.case_id IS NOT NULL AS open_followup, f.status AS followup_status,
			f.case_id IS NOT NULL OR newest.category = 'detractor' AS handle_with_care,
			newest.revenue, newest.churned_at
		FROM <<newest>>
		LEFT JOIN <<followup>> f ON f.respondent <<respondent_equals>> newest.respondent
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
			percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median_days
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
							THEN <<local_time>> - @extschema@.nps_local_time(previous_at, <<zone>>) END)::double precision / 86400 AS days
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
